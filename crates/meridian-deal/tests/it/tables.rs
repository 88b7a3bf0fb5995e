//! Refusals that no story of the other files meets, a row each; and that every code has been met somewhere.

use meridian_deal::{
    CODES, Charge, Command, CustomsWord, DealId, Evidence, EvidenceKind, Form, Kind, Mishap, Reviewed,
    Ruling, Screened, Side, Undertaking,
};
use meridian_pay::Verdict;
use meridian_terms::{Country, Currency, Decimal, Money};

use crate::world::{
    LIST, Terms, World, buyer_bank, carrier, contract, credit, customs, plan, rub, seller_bank,
};

fn deal() -> DealId {
    DealId("D".into())
}

/// The signing, changed.
fn signing(change: impl FnOnce(&mut meridian_deal::Contract, &mut Vec<Screened>)) -> Command {
    let Command::Sign(mut contract, mut screened) = World::new().signing(&Terms::default()) else { panic!() };
    change(&mut contract, &mut screened);
    Command::Sign(contract, screened)
}

fn issue(change: impl FnOnce(&mut Undertaking)) -> Command {
    let mut undertaking = credit(Form::DocumentaryCredit);
    change(&mut undertaking);
    Command::Issue { deal: deal(), undertaking: Box::new(undertaking), by: buyer_bank() }
}

fn undertake(change: impl FnOnce(&mut Vec<meridian_deal::Obligation>)) -> Command {
    let mut obligations = plan(&Terms::default());
    change(&mut obligations);
    Command::Undertake(deal(), obligations)
}

#[test]
fn refusals_by_row() {
    let new = World::new();
    let mut signed = World::new();
    signed.ask(&signed.signing(&Terms::default())).unwrap();
    let mut controlled = signed.clone();
    for side in [Side::Export, Side::Import] {
        controlled.control(side, Ruling::Satisfied).unwrap();
    }
    let mut issued = controlled.clone();
    issued.ask(&issue(|_| ())).unwrap();
    let agreed = World::agreed(&Terms::default());
    let mut loaded = agreed.clone();
    loaded.travel(EvidenceKind::Loaded);
    let mut accepted = loaded.clone();
    accepted.travel(EvidenceKind::DeclarationAccepted);
    let show =
        |kind, by| Command::Present(deal(), Evidence { kind, by, document: "d".into(), digest: [0; 32] });
    let says = |word, by| Command::Customs { deal: deal(), word, by };
    let charge = |kind, amount| Charge { kind, amount };
    let report = |mishap, by| Command::Report { deal: deal(), mishap, by };
    let short = |line, kg| Mishap::Short { line, delivered_kg: Decimal::whole(kg) };
    let elsewhere = Reviewed {
        side: Side::Export,
        country: Country::parse("IN").unwrap(),
        pack: "p".into(),
        ruling: Ruling::Satisfied,
        reasons: Vec::new(),
    };
    let u1 = meridian_deal::UndertakingId("U1".into());
    let rows: Vec<(&World, Command, &str)> = vec![
        (&signed, signing(|_, _| ()), "deal.exists"),
        (&new, Command::Tick, "idle"),
        (
            &new,
            Command::Lodge {
                deal: deal(),
                lodgement: meridian_deal::Lodgement {
                    reference: "R".into(),
                    digest: [0; 32],
                    before_arrival: false,
                    authorised_trader: false,
                },
                by: buyer_bank(),
            },
            "deal.unknown",
        ),
        (&signed, show(EvidenceKind::Signed, buyer_bank()), "deal.wrong_stage"),
        (&new, signing(|_, screened| screened[0].verdict = Verdict::Hit { case: 1 }), "deal.not_clear"),
        (&new, signing(|_, screened| screened[0].verdict = Verdict::Unavailable), "deal.not_clear"),
        (&new, signing(|_, screened| screened[0].list = [9; 32]), "deal.stale_list"),
        (&new, signing(|_, screened| drop(screened.remove(0))), "deal.not_screened"),
        (&new, signing(|contract, _| contract.conveyances.push("MV Other".into())), "deal.not_screened"),
        (&new, signing(|contract, _| contract.price = rub(1)), "deal.price"),
        (&controlled, undertake(|plan| plan[0].amount = rub(1)), "deal.goods_sum"),
        (&controlled, undertake(|plan| plan[1].name = "advance".into()), "deal.name_twice"),
        (&signed, Command::Control(deal(), elsewhere), "deal.not_controlled"),
        (&signed, undertake(|_| ()), "deal.not_controlled"),
        (&issued, issue(|_| ()), "deal.undertaking_exists"),
        (&controlled, undertake(|plan| plan[1].backed_by = Some(u1.clone())), "deal.undertaking_unknown"),
        (&controlled, issue(|one| one.limit = rub(0)), "deal.undertaking_limit"),
        (&controlled, issue(|one| one.expires = crate::world::start()), "deal.undertaking_limit"),
        (
            &issued,
            undertake(|plan| plan.iter_mut().for_each(|owed| owed.backed_by = Some(u1.clone()))),
            "deal.undertaking_limit",
        ),
        (&controlled, issue(|one| one.documents.clear()), "deal.undertaking_form"),
        (&controlled, issue(|one| one.issuer = seller_bank()), "deal.not_their_word"),
        (
            &issued,
            Command::Demand {
                deal: deal(),
                undertaking: u1.clone(),
                obligation: "x".into(),
                by: seller_bank(),
            },
            "deal.undertaking_form",
        ),
        (
            &issued,
            Command::Waive { deal: deal(), undertaking: u1.clone(), by: buyer_bank() },
            "deal.undertaking_standing",
        ),
        (&loaded, show(EvidenceKind::Loaded, carrier()), "deal.evidence_twice"),
        (&agreed, show(EvidenceKind::Arrived, carrier()), "deal.too_early"),
        (&agreed, show(EvidenceKind::Loaded, customs()), "deal.not_their_word"),
        (&agreed, show(EvidenceKind::CustomsReleased, customs()), "deal.customs_standing"),
        (&agreed, show(EvidenceKind::DutyAssessed, customs()), "deal.customs_standing"),
        (&agreed, says(CustomsWord::Hold("h".into()), customs()), "deal.customs_standing"),
        (&accepted, says(CustomsWord::Hold("h".into()), carrier()), "deal.not_their_word"),
        (
            &accepted,
            says(CustomsWord::Assess(vec![charge(Kind::Goods, rub(1))]), customs()),
            "deal.charge_currency",
        ),
        (
            &accepted,
            says(
                CustomsWord::Assess(vec![
                    charge(Kind::Duty, rub(1)),
                    charge(Kind::Vat, Money::new(1, Currency::INR)),
                ]),
                customs(),
            ),
            "deal.charge_currency",
        ),
        (&loaded, report(short(0, 1_000), carrier()), "deal.nothing_short"),
        (&loaded, report(short(7, 1), carrier()), "deal.nothing_short"),
        (&agreed, report(short(0, 1), carrier()), "deal.evidence_twice"),
        (&loaded, report(Mishap::Lost, buyer_bank()), "deal.not_their_word"),
        (&loaded, Command::Offer { deal: deal(), cut: rub(1), by: buyer_bank() }, "deal.no_dispute"),
        (&loaded, Command::Cancel { deal: deal(), reason: "r".into(), by: buyer_bank() }, "deal.wrong_stage"),
        (&agreed, Command::Cancel { deal: deal(), reason: "r".into(), by: carrier() }, "deal.not_their_word"),
    ];
    for (world, command, expected) in rows {
        let mut world = world.clone();
        match world.ask(&command) {
            Ok(_) => assert_eq!(expected, "idle", "{command:?}"),
            Err(refusal) => {
                assert_eq!(refusal.code, expected, "{command:?}");
                assert!(!refusal.next.is_empty() && !refusal.rule.is_empty());
            }
        }
    }
}

#[test]
fn a_payment_pays_exactly_what_it_cites() {
    let mut world = World::agreed(&Terms::default());
    world.show(EvidenceKind::Signed).unwrap();
    let right = world.instruction("advance");
    assert!(meridian_deal::allows(&world.deal, &right).is_ok());
    let say = |instruction: &meridian_pay::Instruction| {
        meridian_deal::allows(&world.deal, instruction).unwrap_err().code.into_owned()
    };
    let mut other = right.clone();
    other.document = Some("deal/D/nothing".into());
    assert_eq!(say(&other), "deal.citation_unknown");
    let mut other = right.clone();
    other.document = Some("deal/D/loaded".into());
    assert_eq!(say(&other), "deal.not_due");
    for change in [
        (|one| one.target = rub(199_999)) as fn(&mut meridian_pay::Instruction),
        |one| one.creditor_agent = crate::world::insurer_bank(),
        |one| one.debtor_agent = crate::world::insurer_bank(),
        |one| one.creditor_account = "elsewhere".into(),
    ] {
        let mut other = right.clone();
        change(&mut other);
        assert_eq!(say(&other), "deal.other_terms");
    }
    let mut other = right;
    other.document = Some("invoice 7".into());
    assert!(meridian_deal::allows(&world.deal, &other).is_ok(), "what cites no deal is none of ours");
}

/// Each code stands in a test of this crate: as a row above or in a story.
#[test]
fn every_code_is_met() {
    let here =
        concat!(include_str!("tables.rs"), include_str!("failures.rs"), include_str!("undertakings.rs"));
    for (code, ..) in CODES {
        assert!(here.contains(&format!("\"{code}\"")), "{code} is met by no test");
    }
    let contract = contract(&Terms::default());
    assert!(World::new().pay.list_in_force() == Some(LIST) && contract.price == rub(1_000_000));
}
