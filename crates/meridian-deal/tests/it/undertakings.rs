//! Documentary credit, standby, guarantee, promise: when a bank's word makes it pay.

use meridian_deal::{Command, DealId, EvidenceKind, Form, UndertakingId};
use meridian_pay::AnswerStatus;
use meridian_terms::Micros;

use crate::world::{Terms, World, bic, buyer_bank, seller_bank};

fn under(world: &mut World, command: impl FnOnce(DealId, UndertakingId) -> Command) -> Result<(), String> {
    let command = command(DealId("D".into()), UndertakingId("U1".into()));
    world.ask(&command).map(|_| ()).map_err(|refusal| refusal.code.into_owned())
}

fn present(world: &mut World) -> Result<(), String> {
    under(world, |deal, undertaking| Command::PresentUnder { deal, undertaking, by: seller_bank() })
}

fn examine(world: &mut World, found: &[&str]) -> Result<(), String> {
    let found = found.iter().map(|what| (*what).to_owned()).collect();
    under(world, |deal, undertaking| Command::Examine { deal, undertaking, found, by: buyer_bank() })
}

fn waive(world: &mut World) -> Result<(), String> {
    under(world, |deal, undertaking| Command::Waive { deal, undertaking, by: buyer_bank() })
}

fn give_back(world: &mut World) -> Result<(), String> {
    under(world, |deal, undertaking| Command::GiveBack { deal, undertaking, by: buyer_bank() })
}

fn backed(form: Form) -> World {
    let mut world = World::agreed(&Terms { backing: Some(form), ..Terms::default() });
    world.travel(EvidenceKind::Signed);
    world.show(EvidenceKind::Loaded).unwrap();
    world
}

fn standing(world: &World) -> &'static str {
    world.deal().undertakings[&UndertakingId("U1".into())].backing.word()
}

#[test]
fn a_credit_is_paid_on_a_complying_presentation_and_not_before() {
    let mut world = backed(Form::DocumentaryCredit);
    assert_eq!(world.standing("loaded"), "planned", "loading alone does not draw a credit");
    assert_eq!(world.standing("freight"), "due");
    world.file("bill of lading");
    present(&mut world).unwrap();
    assert_eq!(world.standing("loaded"), "planned");
    examine(&mut world, &[]).unwrap();
    assert_eq!((standing(&world), world.standing("loaded")), ("honoured", "due"));
    world.pay("loaded", AnswerStatus::Accepted).unwrap();
}

#[test]
fn silence_past_the_time_for_examination_is_consent() {
    let mut world = backed(Form::DocumentaryCredit);
    world.file("bill of lading");
    present(&mut world).unwrap();
    world.wait(Micros::days(7));
    assert_eq!((standing(&world), world.standing("loaded")), ("honoured", "due"));
}

#[test]
fn discrepancies_are_waived_or_the_documents_given_back_and_presented_again() {
    let mut world = backed(Form::DocumentaryCredit);
    present(&mut world).unwrap();
    assert_eq!(standing(&world), "discrepant");
    assert_eq!(world.standing("loaded"), "planned");
    give_back(&mut world).unwrap();
    assert_eq!(waive(&mut world).unwrap_err(), "deal.undertaking_standing");
    world.file("bill of lading");
    present(&mut world).unwrap();
    examine(&mut world, &["the consignee's name differs"]).unwrap();
    assert_eq!(standing(&world), "discrepant");
    waive(&mut world).unwrap();
    assert_eq!(world.standing("loaded"), "due");
}

#[test]
fn documents_more_than_21_days_after_shipment_are_late() {
    let mut world = backed(Form::DocumentaryCredit);
    world.file("bill of lading");
    world.wait(Micros::days(22));
    present(&mut world).unwrap();
    assert_eq!(standing(&world), "discrepant");
}

#[test]
fn an_expired_credit_pays_nothing() {
    let mut world = backed(Form::DocumentaryCredit);
    world.file("bill of lading");
    world.wait(Micros::days(61));
    assert_eq!(standing(&world), "expired");
    assert_eq!(world.standing("loaded"), "lapsed");
    assert_eq!(present(&mut world).unwrap_err(), "deal.undertaking_standing");
}

#[test]
fn a_standby_is_called_when_an_obligation_is_due_and_unpaid() {
    let mut world = backed(Form::Standby);
    assert_eq!(world.standing("loaded"), "due");
    let demand = |world: &mut World, by| {
        let obligation = "loaded".to_owned();
        under(world, |deal, undertaking| Command::Demand { deal, undertaking, obligation, by })
    };
    assert_eq!(demand(&mut world, seller_bank()).unwrap_err(), "deal.not_demandable");
    world.wait(Micros::days(4));
    assert_eq!(demand(&mut world, bic("XOTHRUMM")).unwrap_err(), "deal.not_their_word");
    demand(&mut world, seller_bank()).unwrap();
    assert_eq!(standing(&world), "honoured");
    world.pay("loaded", AnswerStatus::Accepted).unwrap();
    assert_eq!(demand(&mut world, seller_bank()).unwrap_err(), "deal.undertaking_standing");
}

#[test]
fn a_promise_is_paid_on_the_evidence() {
    let world = backed(Form::Promise);
    assert_eq!(world.standing("loaded"), "due");
}
