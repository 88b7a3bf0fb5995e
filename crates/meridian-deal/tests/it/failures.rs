//! Every way a deal can end: who keeps how much is what the contract says.

use meridian_deal::{
    Command, CustomsWord, DealId, EvidenceKind, Form, Incoterm, Mishap, Remedies, Ruling, Side, Stage,
};
use meridian_pay::AnswerStatus;
use meridian_terms::{Decimal, Micros};

use crate::world::{PRICE, Terms, World, buyer_bank, carrier, credit, rub, seller_bank, start};

fn deal() -> DealId {
    DealId("D".into())
}

#[test]
fn all_goes_well_and_everything_is_paid_once() {
    let mut world = World::agreed(&Terms::default());
    assert!(world.send("advance").is_err(), "nothing is paid before its evidence");
    world.travel(EvidenceKind::Arrived);
    assert_eq!(world.deal().stage, Stage::Settled);
    assert_eq!(world.kept_by_seller(), PRICE);
    assert_eq!(world.send("advance").unwrap_err().code, "deal.not_due");
    assert_eq!(world.deal().forecast, world.deal().paid());
}

#[test]
fn what_customs_assesses_is_what_is_owed() {
    let mut world = World::agreed(&Terms::default());
    world.travel(EvidenceKind::DeclarationAccepted);
    world.assess(61_000).unwrap();
    assert_eq!((world.standing("duty"), world.amount("duty")), ("due", 61_000));
    assert_eq!(world.show(EvidenceKind::CustomsReleased).unwrap_err().code, "deal.duty_unpaid");
    world.pay_all();
    assert_eq!(world.show(EvidenceKind::CustomsReleased).unwrap_err().code, "deal.document_missing");
    world.file("certificate");
    world.customs_says(CustomsWord::Hold("the certificate is examined".into())).unwrap();
    assert_eq!(world.show(EvidenceKind::CustomsReleased).unwrap_err().code, "deal.customs_standing");
    world.customs_says(CustomsWord::Lift("in order".into())).unwrap();
    world.show(EvidenceKind::CustomsReleased).unwrap();
    let (forecast, paid) = (world.deal().forecast.clone(), world.deal().paid());
    let duty = meridian_deal::Kind::Duty;
    assert_eq!((forecast[&duty], paid[&duty]), (rub(50_000), rub(61_000)));
}

#[test]
fn a_guarantee_secures_duty_and_the_goods_are_released_before_it_is_paid() {
    let mut world = World::new();
    world.ask(&world.signing(&Terms::default())).unwrap();
    for side in [Side::Export, Side::Import] {
        world.control(side, Ruling::Satisfied).unwrap();
    }
    let guarantee = meridian_deal::Undertaking {
        beneficiary: crate::world::customs(),
        limit: rub(50_000),
        ..credit(Form::Guarantee)
    };
    let by = buyer_bank();
    world.ask(&Command::Issue { deal: deal(), undertaking: Box::new(guarantee), by }).unwrap();
    world.ask(&Command::Undertake(deal(), crate::world::plan(&Terms::default()))).unwrap();
    world.travel(EvidenceKind::DeclarationAccepted);
    world.assess(50_000).unwrap();
    world.file("certificate");
    world.show(EvidenceKind::CustomsReleased).unwrap();
    assert_eq!(world.standing("duty"), "due");
    world.pay_all();
    world.travel(EvidenceKind::Arrived);
    assert_eq!(world.deal().stage, Stage::Settled);
}

#[test]
fn late_goods_cost_the_seller_what_was_agreed_and_not_more() {
    for (days_late, expected) in [(0, 0), (1, 5_000), (3, 15_000), (90, 50_000)] {
        let latest = start().plus(Micros::days(30));
        let remedies = Remedies {
            late_per_mille_a_day: 5,
            late_per_mille_most: 50,
            latest_arrival: Some(latest),
            advance_is_forfeit: false,
        };
        let mut world = World::agreed(&Terms { remedies, ..Terms::default() });
        world.travel(EvidenceKind::CustomsReleased);
        world.at = latest.plus(Micros::days(days_late)).minus(Micros(10));
        // The last milestone would expire after 60 days; damages are counted all the same.
        if days_late < 30 {
            world.show(EvidenceKind::Arrived).unwrap();
            world.pay_all();
            assert_eq!(world.kept_by_seller(), PRICE - expected, "{days_late} days late");
        } else {
            world.wait(Micros(0));
            assert_eq!(world.standing("arrived"), "lapsed");
            world.deal().obligations.iter().for_each(|owed| assert_ne!(owed.standing.word(), "due"));
        }
    }
}

#[test]
fn a_short_delivery_cuts_the_price_by_its_share() {
    let mut world = World::agreed(&Terms::default());
    world.travel(EvidenceKind::Loaded);
    let mishap = Mishap::Short { line: 0, delivered_kg: Decimal::whole(600) };
    world.ask(&Command::Report { deal: deal(), mishap, by: carrier() }).unwrap();
    // 400,000 off: 300,000 not yet paid lapses, 100,000 comes back.
    assert_eq!(world.standing("arrived"), "lapsed");
    world.pay_all();
    assert_eq!(world.kept_by_seller(), 600_000);
    let again = Mishap::Short { line: 0, delivered_kg: Decimal::whole(500) };
    let refusal = world.ask(&Command::Report { deal: deal(), mishap: again, by: carrier() }).unwrap_err();
    assert_eq!(refusal.code, "deal.evidence_twice");
}

#[test]
fn lost_goods_are_paid_for_by_whoever_bore_the_risk_and_the_insurer_pays_them() {
    // FCA: the risk passed on loading, so the price stays owed and the buyer is paid the sum insured.
    let mut world = World::agreed(&Terms { insured: true, ..Terms::default() });
    world.travel(EvidenceKind::Loaded);
    world.ask(&Command::Report { deal: deal(), mishap: Mishap::Lost, by: carrier() }).unwrap();
    assert_eq!(world.standing("arrived"), "due");
    assert_eq!(world.standing("duty"), "lapsed");
    let claim = world.deal().obligations.iter().find(|owed| owed.name == "insurance-claim").unwrap().clone();
    assert_eq!((claim.payee_agent, claim.amount), (buyer_bank(), rub(1_100_000)));
    world.pay_all();
    assert_eq!(world.kept_by_seller(), PRICE);
    assert_eq!(world.deal().stage, Stage::Settled);

    let mut world = World::agreed(&Terms::default());
    world.travel(EvidenceKind::Loaded);
    world.ask(&Command::Report { deal: deal(), mishap: Mishap::Lost, by: carrier() }).unwrap();
    assert_eq!(world.show(EvidenceKind::BorderCrossed).unwrap_err().code, "deal.lost");

    // DAP: the risk passes on arrival, so what was paid comes back and the seller is paid the sum insured.
    let mut world = World::agreed(&Terms { incoterm: Incoterm::Dap, insured: true, ..Terms::default() });
    world.travel(EvidenceKind::Loaded);
    world.ask(&Command::Report { deal: deal(), mishap: Mishap::Lost, by: carrier() }).unwrap();
    let claim = world.deal().obligations.iter().find(|owed| owed.name == "insurance-claim").unwrap().clone();
    assert_eq!(claim.payee_agent, seller_bank());
    world.pay_all();
    assert_eq!(world.kept_by_seller(), 0);
    assert_eq!(world.deal().stage, Stage::Settled);
}

#[test]
fn nothing_is_paid_for_goods_in_dispute_until_both_sides_agree() {
    let mut world = World::agreed(&Terms::default());
    world.travel(EvidenceKind::CustomsReleased);
    let dispute = Mishap::Disputed("mould".into());
    world.ask(&Command::Report { deal: deal(), mishap: dispute, by: buyer_bank() }).unwrap();
    world.show(EvidenceKind::Arrived).unwrap();
    assert_eq!(world.send("arrived").unwrap_err().code, "deal.disputed");
    let offer = |by, minor| Command::Offer { deal: deal(), cut: rub(minor), by };
    let agree = |by| Command::Agree { deal: deal(), by };
    assert_eq!(world.ask(&agree(seller_bank())).unwrap_err().code, "deal.no_dispute");
    world.ask(&offer(buyer_bank(), 120_000)).unwrap();
    assert_eq!(world.ask(&agree(buyer_bank())).unwrap_err().code, "deal.not_their_word");
    world.ask(&offer(seller_bank(), 80_000)).unwrap();
    world.ask(&agree(buyer_bank())).unwrap();
    world.pay_all();
    assert_eq!(world.kept_by_seller(), PRICE - 80_000);
    assert_eq!(world.deal().stage, Stage::Settled);
}

#[test]
fn a_deal_called_off_gives_the_advance_back_unless_it_is_forfeit() {
    let forfeit = Remedies { advance_is_forfeit: true, ..Remedies::default() };
    for (remedies, by, kept) in [
        (Remedies::default(), buyer_bank(), 0),
        (Remedies::default(), seller_bank(), 0),
        (forfeit.clone(), buyer_bank(), 200_000),
        (forfeit, seller_bank(), 0),
    ] {
        let mut world = World::agreed(&Terms { remedies, ..Terms::default() });
        world.travel(EvidenceKind::Signed);
        world.ask(&Command::Cancel { deal: deal(), reason: "r".into(), by: by.clone() }).unwrap();
        world.pay_all();
        assert_eq!(world.kept_by_seller(), kept, "called off by {by}");
        assert!(world.show(EvidenceKind::Loaded).is_err());
    }
}

#[test]
fn goods_that_may_not_come_in_owe_no_duty() {
    let mut world = World::agreed(&Terms::default());
    world.travel(EvidenceKind::DeclarationAccepted);
    world.assess(50_000).unwrap();
    world.customs_says(CustomsWord::Refuse("pests".into())).unwrap();
    assert_eq!(world.standing("duty"), "lapsed");
    assert_eq!(world.show(EvidenceKind::CustomsReleased).unwrap_err().code, "deal.customs_standing");
}

#[test]
fn a_rejected_payout_is_due_again_and_a_payment_in_flight_blocks_what_counts_money() {
    let mut world = World::agreed(&Terms::default());
    world.show(EvidenceKind::Signed).unwrap();
    world.pay("advance", AnswerStatus::Rejected("AC04".into())).unwrap();
    assert_eq!(world.standing("advance"), "due");
    world.send("advance").unwrap();
    assert_eq!(world.send("advance").unwrap_err().code, "deal.not_due");
    let cancel = Command::Cancel { deal: deal(), reason: "r".into(), by: buyer_bank() };
    assert_eq!(world.ask(&cancel).unwrap_err().code, "deal.in_flight");
}

#[test]
fn nothing_moves_that_the_controls_were_not_asked_about() {
    let mut world = World::new();
    world.ask(&world.signing(&Terms::default())).unwrap();
    let undertake = Command::Undertake(deal(), crate::world::plan(&Terms::default()));
    assert_eq!(world.ask(&undertake).unwrap_err().code, "deal.not_controlled");
    world.control(Side::Export, Ruling::Needed).unwrap();
    world.control(Side::Import, Ruling::Refused).unwrap();
    assert_eq!(world.ask(&undertake).unwrap_err().code, "deal.not_controlled");
    world.control(Side::Import, Ruling::Satisfied).unwrap();
    world.ask(&undertake).unwrap();
    world.show(EvidenceKind::Signed).unwrap();
    assert_eq!(world.show(EvidenceKind::Loaded).unwrap_err().code, "deal.not_controlled");
    world.control(Side::Export, Ruling::Satisfied).unwrap();
    world.show(EvidenceKind::Loaded).unwrap();
}
