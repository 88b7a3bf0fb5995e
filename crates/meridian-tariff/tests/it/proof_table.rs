//! Proofs of origin, one row each: what is wrong with the paper, and what is said.

use std::collections::BTreeSet;

use meridian_tariff::proof::{Claim, Objection, Proof, ProofKind, ProofRules, check, proof_rules};
use meridian_terms::{Country, Currency, Day, HsCode, Money};

fn day(text: &str) -> Day {
    Day::parse(text).unwrap()
}

fn rules() -> Vec<ProofRules> {
    let rule = |kind, up_to| ProofRules {
        kind,
        issuers: if kind == ProofKind::Ct3 {
            BTreeSet::from(["Chamber".to_owned()])
        } else {
            BTreeSet::new()
        },
        valid_days: 300,
        retrospective: kind != ProofKind::Eur1,
        up_to,
        rule: "an article".to_owned(),
    };
    let limit = Money::parse("6000.00", Currency::EUR).unwrap();
    vec![rule(ProofKind::Ct3, None), rule(ProofKind::Eur1, None), rule(ProofKind::Declaration, Some(limit))]
}

fn proof(kind: ProofKind) -> Proof {
    Proof {
        kind,
        number: Some("77".to_owned()),
        issuer: Some("Chamber".to_owned()),
        origin: Country::parse("IR").unwrap(),
        issued: day("2026-03-18"),
        is_retrospective: false,
        covers: vec![HsCode::parse("0802").unwrap(), HsCode::parse("0804").unwrap()],
        exporter: "Kerman Pistachio Co".to_owned(),
    }
}

fn claim() -> Claim {
    Claim {
        code: HsCode::parse("0802510000").unwrap(),
        origin: Country::parse("IR").unwrap(),
        exported: Some(day("2026-03-20")),
        presented: day("2026-04-02"),
        value: Some(Money::parse("5999.00", Currency::EUR).unwrap()),
    }
}

#[test]
fn every_objection_has_its_case() {
    type Spoil = fn(&mut Proof, &mut Claim);
    let limit = Money::parse("6000.00", Currency::EUR).unwrap();
    let rows: [(ProofKind, Spoil, Vec<Objection>); 15] = [
        (ProofKind::Ct3, |_, _| {}, vec![]),
        (ProofKind::FormA, |_, _| {}, vec![Objection::KindNotAccepted]),
        (
            ProofKind::Ct3,
            |proof, _| proof.origin = Country::parse("TR").unwrap(),
            vec![Objection::OtherOrigin],
        ),
        (ProofKind::Ct3, |proof, _| proof.number = None, vec![Objection::Incomplete("its number")]),
        (
            ProofKind::Ct3,
            |proof, _| proof.issuer = Some(String::new()),
            vec![Objection::Incomplete("its issuer")],
        ),
        (
            ProofKind::Ct3,
            |proof, _| proof.issuer = Some("X".to_owned()),
            vec![Objection::IssuerNotEntitled("X".to_owned())],
        ),
        (ProofKind::Ct3, |_, claim| claim.presented = day("2026-03-17"), vec![Objection::NotYetIssued]),
        (
            ProofKind::Ct3,
            |_, claim| claim.presented = day("2027-01-13"),
            vec![Objection::Expired(day("2027-01-12"))],
        ),
        (ProofKind::Ct3, |_, claim| claim.exported = Some(day("2026-03-17")), vec![Objection::IssuedLate]),
        (
            ProofKind::Ct3,
            |proof, claim| {
                proof.is_retrospective = true;
                claim.exported = Some(day("2026-03-17"));
            },
            vec![],
        ),
        (
            ProofKind::Eur1,
            |proof, claim| {
                proof.is_retrospective = true;
                claim.exported = Some(day("2026-03-17"));
            },
            vec![Objection::IssuedLate],
        ),
        (
            ProofKind::Ct3,
            |_, claim| claim.exported = None,
            vec![Objection::Needs("the day the goods were exported")],
        ),
        (
            ProofKind::Ct3,
            |_, claim| claim.code = HsCode::parse("0801").unwrap(),
            vec![Objection::GoodsNotCovered],
        ),
        (
            ProofKind::Declaration,
            |_, claim| claim.value = Some(Money::parse("6000.01", Currency::EUR).unwrap()),
            vec![Objection::ValueAboveLimit(limit)],
        ),
        (
            ProofKind::Declaration,
            |_, claim| claim.value = Some(Money::parse("1.00", Currency::RUB).unwrap()),
            vec![Objection::Needs("the consignment's value in the limit's currency")],
        ),
    ];
    for (kind, spoil, expected) in rows {
        let (mut proof, mut claim) = (proof(kind), claim());
        spoil(&mut proof, &mut claim);
        assert_eq!(check(&proof, &claim, &rules()), expected, "{proof:?} {claim:?}");
    }
}

#[test]
fn a_table_of_proofs_says_where_it_is_wrong() {
    let table = "agreement,kind,issuers,valid_days,retrospective,up_to,rule,status\n\
        x,CT-3,A;B,365,yes,,article 1,official\nx,CT-4,,long,maybe,6000,,official\n";
    let faults = proof_rules(table.as_bytes()).unwrap_err();
    let told: Vec<String> = faults.iter().map(|fault| format!("{}:{}", fault.row, fault.column)).collect();
    assert_eq!(told, ["3:kind", "3:valid_days", "3:retrospective", "3:up_to", "3:rule"]);
}
