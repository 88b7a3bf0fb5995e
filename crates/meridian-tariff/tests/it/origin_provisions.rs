//! The general provisions: tolerance shared between conditions, cumulation, transport, operations, drawback.

use std::collections::BTreeSet;

use meridian_tariff::origin::{
    Agreement, Base, Bill, Cumulation, Material, Outcome, Protocols, Rule, Share, Standing, Tolerance,
    Transport, TransportRule, Verdict, judge,
};
use meridian_terms::{Country, Decimal, HsCode};

fn country(code: &str) -> Country {
    Country::parse(code).unwrap()
}

fn line(name: &str, standing: Standing, code: &str, value: i128) -> Material {
    let mut material = Material::new(name, standing);
    material.code = Some(HsCode::parse(code).unwrap());
    material.value = Some(Decimal::whole(value));
    material
}

/// A pump of Iran, 1000 ex works, with a foreign motor of 300.
fn pump() -> Bill {
    let mut bill = Bill::new(HsCode::parse("841370").unwrap(), country("IR"));
    bill.measures.insert(Base::ExWorks, Decimal::whole(1000));
    bill.materials.push(line("motor", Standing::NonOriginating, "850152", 300));
    bill
}

fn outcome(rule: &str, bill: &Bill, agreement: &Agreement) -> Outcome {
    match judge(&Rule::parse(rule).unwrap(), bill, agreement).verdict {
        Verdict::Qualifies => Outcome::Met,
        Verdict::Fails(_) => Outcome::NotMet,
        Verdict::Unknown(_) => Outcome::Unknown,
    }
}

#[test]
fn two_conditions_do_not_each_use_the_whole_tolerance() {
    let share = Share { percent: Decimal::whole(10), of: Base::ExWorks };
    let agreement = Agreement {
        tolerances: vec![Tolerance { chapters: (1, 97), at_most: share }],
        ..Agreement::default()
    };
    let mut bill = pump();
    bill.materials = vec![
        line("housing", Standing::NonOriginating, "841391", 80),
        line("seal", Standing::NonOriginating, "4016", 80),
    ];
    assert_eq!(outcome("CTH", &bill, &agreement), Outcome::Met, "80 of 1000 is tolerated");
    assert_eq!(outcome("WO(40)", &bill, &agreement), Outcome::Met, "80 of 1000 is tolerated");
    assert_eq!(outcome("CTH and WO(40)", &bill, &agreement), Outcome::NotMet, "160 of 1000 is not");
}

#[test]
fn a_tolerance_of_nought_for_some_chapters_is_none() {
    let share = |percent| Share { percent: Decimal::whole(percent), of: Base::ExWorks };
    let agreement = Agreement {
        tolerances: vec![
            Tolerance { chapters: (50, 63), at_most: share(0) },
            Tolerance { chapters: (1, 97), at_most: share(10) },
        ],
        ..Agreement::default()
    };
    let mut shirt = Bill::new(HsCode::parse("620520").unwrap(), country("IR"));
    shirt.measures.insert(Base::ExWorks, Decimal::whole(100));
    shirt.materials.push(line("collar", Standing::NonOriginating, "6217", 5));
    assert_eq!(outcome("CC", &shirt, &agreement), Outcome::NotMet);
}

#[test]
fn full_cumulation_counts_the_work_and_looks_into_the_parts() {
    let mut bill = pump();
    let mut motor = line("motor", Standing::NonOriginating, "850152", 700);
    motor.country = Some(country("AM"));
    motor.inputs = vec![line("copper wire", Standing::NonOriginating, "7408", 250)];
    bill.materials = vec![motor];
    let none = Agreement::default();
    let full =
        Agreement { cumulation: Cumulation::Full(BTreeSet::from([country("AM")])), ..Agreement::default() };
    assert_eq!(outcome("VALUE(all) <= 40% EXW", &bill, &none), Outcome::NotMet, "700 of 1000");
    assert_eq!(
        outcome("VALUE(all) <= 40% EXW", &bill, &full),
        Outcome::Met,
        "250 of 1000; 450 is work in Armenia"
    );
    let judged = judge(&Rule::parse("ANY except 7408").unwrap(), &bill, &full);
    let Verdict::Fails(why) = judged.verdict else { panic!("{judged:#?}") };
    assert_eq!(why[0].have, "not met by line 1.1 (copper wire)");
}

#[test]
fn bilateral_cumulation_takes_the_other_party_only() {
    let bilateral = Agreement {
        parties: BTreeSet::from([country("IR"), country("RU")]),
        cumulation: Cumulation::Bilateral,
        ..Agreement::default()
    };
    for (from, expected) in [("RU", Outcome::Met), ("TR", Outcome::NotMet), ("IR", Outcome::Met)] {
        let mut bill = pump();
        let mut motor = line("motor", Standing::Originating, "850152", 500);
        motor.country = Some(country(from));
        bill.materials = vec![motor];
        assert_eq!(outcome("VALUE(all) <= 40% EXW", &bill, &bilateral), expected, "{from}");
    }
}

#[test]
fn goods_go_directly_or_only_pass_through() {
    let rule = TransportRule {
        through: BTreeSet::from([country("AZ"), country("TM")]),
        evidence: BTreeSet::from(["through bill of lading".to_owned(), "customs certificate".to_owned()]),
    };
    let agreement = Agreement { transport: Some(rule), ..Agreement::default() };
    let travel = |through: &[&str], control, altered, evidence: &[&str]| {
        Some(Transport {
            through: through.iter().map(|code| country(code)).collect(),
            under_customs_control: control,
            altered,
            evidence: evidence.iter().map(|&paper| paper.to_owned()).collect(),
        })
    };
    let rows = [
        (None, Outcome::Unknown),
        (travel(&[], None, None, &[]), Outcome::Met),
        (travel(&["AZ"], Some(true), Some(false), &["customs certificate"]), Outcome::Met),
        (travel(&["AZ"], Some(true), Some(false), &["invoice"]), Outcome::Unknown),
        (travel(&["AZ"], None, Some(false), &["customs certificate"]), Outcome::Unknown),
        (travel(&["AZ"], Some(false), Some(false), &["customs certificate"]), Outcome::NotMet),
        (travel(&["AZ"], Some(true), Some(true), &["customs certificate"]), Outcome::NotMet),
        (travel(&["TR"], Some(true), Some(false), &["customs certificate"]), Outcome::NotMet),
    ];
    for (transport, expected) in rows {
        let bill = Bill { transport, ..pump() };
        assert_eq!(outcome("VALUE(all) <= 40% EXW", &bill, &agreement), expected, "{:?}", bill.transport);
    }
}

#[test]
fn packing_alone_confers_no_origin() {
    let insufficient = BTreeSet::from(["packing".to_owned(), "sorting".to_owned()]);
    let agreement = Agreement { insufficient, ..Agreement::default() };
    let rows: [(&[&str], bool, Outcome); 4] = [
        (&["packing"], true, Outcome::NotMet),
        (&["packing"], false, Outcome::Unknown),
        (&["packing", "machining"], false, Outcome::Met),
        (&[], true, Outcome::NotMet),
    ];
    for (done, complete, expected) in rows {
        let mut bill = pump();
        bill.operations.done = done.iter().map(|&operation| operation.to_owned()).collect();
        bill.operations.complete = complete;
        assert_eq!(outcome("CTH", &bill, &agreement), expected, "{done:?} {complete}");
    }
}

#[test]
fn an_empty_bill_proves_nothing() {
    let mut bill = pump();
    bill.materials.clear();
    assert_eq!(outcome("CTH", &bill, &Agreement::default()), Outcome::Unknown);
    bill.wholly_obtained = Some(true);
    assert_eq!(outcome("CTH", &bill, &Agreement::default()), Outcome::Met);
}

#[test]
fn drawback_forfeits_origin_where_it_is_banned() {
    let agreement = Agreement { drawback_banned: true, ..Agreement::default() };
    for (drawback, expected) in
        [(Some(false), Outcome::Met), (Some(true), Outcome::NotMet), (None, Outcome::Unknown)]
    {
        assert_eq!(outcome("CTH", &Bill { drawback, ..pump() }, &agreement), expected);
    }
}

#[test]
fn several_products_under_one_code_need_a_choice_only_when_they_differ() {
    let agreements = "agreement,title,parties,tolerance,cumulation,zone,cumulation_needs_proof,insufficient,transport,\
        drawback_banned,standard_value_content,source,status\nx,,IR,,none,,no,,,no,,,official\n";
    let origin = "agreement,codes,product,rule,text,source,status\n\
        x,8413,hand pumps,VALUE(all) <= 20% EXW,,,official\nx,8413,other pumps,VALUE(all) <= 50% EXW,,,official\n\
        x,8413,other pumps,WO,,,official\n";
    let protocols = Protocols::load(agreements.as_bytes(), origin.as_bytes()).unwrap();
    let judged = |price: i128, product: Option<&str>| {
        let mut bill = pump();
        bill.measures.insert(Base::ExWorks, Decimal::whole(price));
        protocols.judge("x", &bill, product).unwrap().verdict
    };
    assert_eq!(judged(2000, None), Verdict::Qualifies, "300 of 2000 meets both");
    assert!(matches!(judged(400, None), Verdict::Fails(_)), "300 of 400 meets neither");
    let Verdict::Unknown(facts) = judged(1000, None) else { panic!("30 % meets one of them") };
    assert!(facts.contains("which product it is: hand pumps | other pumps"), "{facts:?}");
    assert_eq!(judged(1000, Some("other pumps")), Verdict::Qualifies);
    assert!(matches!(judged(1000, Some("hand pumps")), Verdict::Fails(_)));
    let refusal = |agreement, product| protocols.judge(agreement, &pump(), product).unwrap_err().code;
    assert_eq!(refusal("y", None), "origin.agreement_unknown");
    assert_eq!(refusal("x", Some("garden pumps")), "origin.product_unknown");
    let dates = Bill::new(HsCode::parse("0804").unwrap(), country("IR"));
    assert_eq!(protocols.judge("x", &dates, None).unwrap_err().code, "origin.no_rule");
}
