//! Chargeback, representment, arbitration: each a movement, each with a deadline.

use meridian_cards::*;
use meridian_terms::{Currency, Micros, Money};

use crate::world::{World, a, b, number};

fn posted() -> (World, TransactionId) {
    let mut world = World::new();
    let request = world.request(1, 150_000);
    world.does(world.asking(&request, &number(1)));
    world.does(world.answering(&request, "00"));
    (world, request.key.id())
}

fn step(by: Option<SchemeId>, transaction: TransactionId, step: DisputeStep) -> Command {
    Command::Dispute { by: by.map_or(Disputant::Arbiter, Disputant::Scheme), transaction, step }
}

fn charge_back(minor: i128) -> DisputeStep {
    DisputeStep::ChargeBack { amount: Money::new(minor, Currency::RUB), reason: "4853".into() }
}

#[test]
fn the_money_follows_the_dispute_and_the_loser_pays_for_the_ruling() {
    let (mut world, id) = posted();
    let before = (world.position("ALPHA", Currency::RUB), world.position("BETA", Currency::IRR));
    let now = |world: &World| {
        let (alpha, beta) = (world.position("ALPHA", Currency::RUB), world.position("BETA", Currency::IRR));
        (alpha - before.0, beta - before.1)
    };
    assert_eq!(world.ask(step(Some(a()), id, charge_back(1))).unwrap_err().code, "cards.dispute_step");
    assert_eq!(
        world.ask(step(Some(b()), id, charge_back(150_001))).unwrap_err().code,
        "cards.invalid_amount"
    );
    world.does(step(Some(b()), id, charge_back(100_000)));
    assert_eq!(now(&world), (-100_000, 512_345_700));
    assert_eq!(world.ask(step(Some(b()), id, charge_back(1))).unwrap_err().code, "cards.dispute_step");
    // What is disputed is not reversed besides.
    let original = world.request(1, 1).key;
    let reversed = world.ask(Command::Reverse { from: a(), original, remaining: None }).unwrap_err();
    assert_eq!(reversed.code, "cards.nothing_to_reverse");
    world.does(step(Some(a()), id, DisputeStep::Represent));
    assert_eq!(now(&world), (0, 0));
    world.does(step(Some(b()), id, DisputeStep::Arbitrate));
    let fee = Money::new(50_000, Currency::RUB);
    world.does(step(None, id, DisputeStep::Rule { winner: Role::Issuer, fee }));
    assert_eq!(now(&world), (-150_000, 512_345_700));
    assert_eq!(world.state.dispute(id).unwrap().stage, DisputeStage::Closed { winner: Role::Issuer });
}

#[test]
fn whoever_holds_the_money_at_the_deadline_keeps_it() {
    // steps | winner
    let rows: [(&[DisputeStep], Role); 2] =
        [(&[], Role::Issuer), (&[DisputeStep::Represent], Role::Acquirer)];
    for (steps, winner) in rows {
        let (mut world, id) = posted();
        world.does(step(Some(b()), id, charge_back(150_000)));
        for next in steps {
            world.does(step(Some(a()), id, next.clone()));
        }
        world.later(Micros::days(46));
        assert_eq!(world.state.dispute(id).unwrap().stage, DisputeStage::Closed { winner });
    }
}
