//! The thirteen faults a cross-currency payment must survive, one test each.

use meridian_pay::*;
use meridian_terms::*;

use crate::world::*;

/// F1: nothing is left reserved, nothing posted; AM04.
#[test]
fn a_debtor_agent_without_money_reserves_nothing_on_either_side() {
    let mut world = World::new();
    let before = (world.cover(MUMBAI, Currency::INR), world.cover(EXCHANGE, Currency::RUB));
    world.does(Command::Withdraw {
        participant: bic(MUMBAI),
        amount: inr("999999.00"),
        reference: 9_000_001,
    });
    let payment = world.across("1000.00");
    let refusal = world.is_refused(&payment);
    assert_eq!((refusal.code.as_ref(), refusal.iso.as_deref()), ("ledger.insufficient_funds", Some("AM04")));
    assert_eq!(world.money.all_pending().count(), 0);
    assert_eq!(world.cover(EXCHANGE, Currency::RUB), before.1);
    assert_eq!(world.letters(VOLGA), ["camt.054 RUB 1000000.00"]);
    assert_eq!(world.letters(MUMBAI).last().unwrap(), "pacs.002 RJCT AM04");
}

/// F2: a quote that ran out between approval and arrival; AB04, no reservation.
#[test]
fn an_expired_quote_is_refused_before_any_reservation() {
    let mut world = World::new();
    let payment = world.across("1000.00");
    world.pass(Micros::seconds(600));
    let late = Instruction { accepted_at: world.now, ..payment };
    let refusal = world.is_refused(&late);
    assert_eq!((refusal.code.as_ref(), refusal.iso.as_deref()), ("pay.quote_expired", Some("AB04")));
    assert!(refusal.what.starts_with("QUOTE_EXPIRED"), "{refusal}");
    assert_eq!(world.money.all_pending().count(), 0);
    // A moment earlier it binds, though the provider has withdrawn the rate.
    let mut world = World::new();
    let payment = world.across("1000.00");
    let key = RateKey { provider: bic(EXCHANGE), from: Currency::INR, to: Currency::RUB };
    world.does(Command::WithdrawRate(key));
    world.pass(Micros(Micros::seconds(600).0 - 1));
    world.sends(&Instruction { accepted_at: world.now, ..payment });
}

/// F3: the provider falls away after the quote; another may be tried under the same UETR, with legs of its own.
#[test]
fn a_provider_that_falls_away_is_replaced_under_the_same_uetr() {
    let mut world = World::new();
    let payment = world.across("1000.00");
    world.does(Command::Suspend(bic(EXCHANGE), true));
    assert_eq!(world.is_refused(&payment).iso.as_deref(), Some("AG11"));
    assert_eq!(world.money.all_pending().count(), 0);
    let other = world.quote(rub("1000.00"));
    assert_eq!(other.provider, bic(RIVAL));
    let again = Instruction {
        message_id: "M-again".into(),
        source: other.source,
        quote: Some(other.id),
        ..payment.clone()
    };
    world.sends(&again);
    assert_eq!(world.state.payment(payment.uetr).unwrap().attempt, 1);
    world.answers(payment.uetr, VOLGA, AnswerStatus::Accepted);
    assert_eq!(world.stage(payment.uetr), "committed");
}

/// F4: the provider is short in the target currency: the source is free again at once.
#[test]
fn a_provider_without_target_money_leaves_the_source_free() {
    let mut world = World::new();
    let payment = world.across("900000.00");
    world.does(Command::Withdraw {
        participant: bic(EXCHANGE),
        amount: rub("500000.00"),
        reference: 9_000_002,
    });
    let before = world.cover(MUMBAI, Currency::INR);
    let refusal = world.is_refused(&payment);
    assert_eq!(refusal.iso.as_deref(), Some("AM04"));
    assert!(refusal.what.contains(EXCHANGE), "{refusal}");
    assert_eq!(world.cover(MUMBAI, Currency::INR), before);
}

/// F5: the creditor agent says no: both legs are void in one record, the provider is told.
#[test]
fn a_rejection_voids_both_legs_and_tells_the_provider() {
    let mut world = World::new();
    let before = (world.cover(MUMBAI, Currency::INR), world.cover(EXCHANGE, Currency::RUB));
    let payment = world.across("1000.00");
    let uetr = world.sends(&payment);
    for name in [MUMBAI, VOLGA, EXCHANGE] {
        world.letters(name);
    }
    let event = world.answers(uetr, VOLGA, AnswerStatus::Rejected("AC04".into()));
    let Event::Rejected { voided: Some(meridian_ledger::Event::Transferred { entries, .. }), .. } = event
    else {
        panic!("{event:?}")
    };
    assert_eq!(entries.len(), 2);
    assert_eq!((world.cover(MUMBAI, Currency::INR), world.cover(EXCHANGE, Currency::RUB)), before);
    assert_eq!(world.letters(MUMBAI), ["pacs.002 RJCT AC04"]);
    assert_eq!(world.letters(VOLGA), ["pacs.002 RJCT AC04"]);
    assert_eq!(world.letters(EXCHANGE), ["pacs.002 RJCT AC04"]);
    let told = world.last_xml(EXCHANGE);
    assert!(!told.contains("Malabar") && !told.contains("Volga Machines"), "{told}");
}

/// F6: no answer. HIGH: the hub says no to both sides. NORM: it stays, is chased, and becomes overdue.
#[test]
fn silence_ends_a_high_payment_and_chases_a_norm_one() {
    let mut world = World::new();
    let high = world.across("1000.00");
    let high = world.sends(&high);
    let norm = Instruction { priority: Priority::Norm, ..world.across("1000.00") };
    let norm = world.sends(&norm);
    world.letters(MUMBAI);
    world.letters(VOLGA);
    let at = world.now;
    let events = world.pass(Micros::seconds(60));
    assert!(matches!(&events[..], [Event::Rejected { is_expiry: true, .. }]), "{events:?}");
    let Stage::Rejected { at: ended, .. } = world.state.payment(high).unwrap().stage else { panic!() };
    assert_eq!(ended, at.plus(Micros::seconds(20)), "at its deadline, not at some later scan");
    assert_eq!(world.letters(MUMBAI), ["pacs.002 RJCT AB05"]);
    assert_eq!(world.letters(VOLGA), ["pacs.002 RJCT AB05"]);
    world.pass(Micros::hours(1));
    assert_eq!(world.stage(norm), "sent");
    assert!(world.letters(VOLGA).iter().all(|letter| letter == "pacs.028"));
    assert_eq!(world.state.overdue().map(Payment::uetr).collect::<Vec<_>>(), [norm]);
    world.answers(norm, VOLGA, AnswerStatus::Accepted);
    assert_eq!(world.stage(norm), "committed");
}

/// F7: a late yes changes no money, is answered with the same no, and is the creditor agent's own loss.
#[test]
fn a_late_yes_after_the_hubs_no_changes_nothing_and_is_written_down() {
    let mut world = World::new();
    let payment = world.across("1000.00");
    let uetr = world.sends(&payment);
    world.pass(Micros::seconds(20));
    let before = (world.cover(MUMBAI, Currency::INR), world.cover(VOLGA, Currency::RUB));
    world.letters(VOLGA);
    assert!(matches!(world.answers(uetr, VOLGA, AnswerStatus::Accepted), Event::LateAnswer { .. }));
    assert_eq!(world.letters(VOLGA), ["pacs.002 RJCT AB05"]);
    assert!(world.last_xml(VOLGA).contains("LATE_ACCEPT"));
    assert_eq!(world.state.payment(uetr).unwrap().accepted_late, Some(world.now));
    assert_eq!((world.cover(MUMBAI, Currency::INR), world.cover(VOLGA, Currency::RUB)), before);
    // At the very deadline it is late already, whether or not the timer has run.
    let payment = world.across("1000.00");
    let uetr = world.sends(&payment);
    world.now = world.now.plus(Micros::seconds(20));
    assert!(matches!(world.answers(uetr, VOLGA, AnswerStatus::Accepted), Event::LateAnswer { .. }));
    world.pass(Micros(1));
    assert_eq!(world.stage(uetr), "rejected");
}

/// F8: a late no after the commitment unwinds nothing; it has to come as a pacs.004.
#[test]
fn a_late_no_after_the_commitment_comes_back_as_a_return() {
    let mut world = World::new();
    let payment = world.across("1000.00");
    let uetr = world.commits(&payment);
    let before = world.cover(VOLGA, Currency::RUB);
    let event = world.answers(uetr, VOLGA, AnswerStatus::Rejected("AC04".into()));
    assert!(matches!(event, Event::LateAnswer { .. }));
    assert_eq!((world.stage(uetr), world.cover(VOLGA, Currency::RUB)), ("committed", before));
    world.does(Command::AgreeReversal(bic(EXCHANGE), true));
    let way_back =
        Return { uetr, by: bic(VOLGA), fault: Fault::Destination, quote: None, reason: "AC04".into() };
    world.does(Command::Return(way_back));
    assert_eq!(world.stage(uetr), "returned");
    assert_eq!(world.cover(MUMBAI, Currency::INR).0, inr("1000000.00").minor());
}

/// F9: the same pacs.008 while it is in flight: its status again, never a second reservation.
#[test]
fn a_duplicate_in_flight_gets_its_status_and_no_second_reservation() {
    let mut world = World::new();
    let payment = world.across("1000.00");
    let uetr = world.sends(&payment);
    let before = (world.money.clone(), world.cover(MUMBAI, Currency::INR));
    world.letters(MUMBAI);
    assert!(matches!(world.submit(&payment).unwrap(), Event::Resent { .. }));
    assert_eq!(world.cover(MUMBAI, Currency::INR), before.1);
    assert_eq!(borsh::to_vec(&world.money).unwrap(), borsh::to_vec(&before.0).unwrap());
    assert_eq!(world.letters(MUMBAI), ["pacs.002 PDNG"]);
    assert_eq!(world.stage(uetr), "sent");
}

/// F10: the same identifiers with other content: the first stands.
#[test]
fn the_same_ids_with_other_content_keep_the_first() {
    let mut world = World::new();
    let payment = world.within("10.00");
    world.sends(&payment);
    let other = Instruction { source: rub("11.00"), target: rub("11.00"), ..payment.clone() };
    let rows = [
        (other.clone(), "pay.message_id_reused", "DU01"),
        (Instruction { message_id: "M-x".into(), ..other.clone() }, "pay.other_content", "DU03"),
        (Instruction { message_id: "M-x".into(), ..payment.clone() }, "pay.known", "DU03"),
        (Instruction { uetr: Uetr::from_bits(77), ..other }, "pay.message_id_reused", "DU01"),
    ];
    for (instruction, code, iso) in rows {
        let refusal = world.submit(&instruction).unwrap_err();
        assert_eq!((refusal.code.as_ref(), refusal.iso.as_deref()), (code, Some(iso)));
    }
    assert_eq!(world.state.payment(payment.uetr).unwrap().instruction, payment);
}

/// F11: stopped anywhere, the state that comes back decides what the one that went would have decided.
#[test]
fn a_restart_anywhere_changes_no_decision() {
    let mut straight = World::new();
    let mut stopping = straight.clone();
    let steps = |world: &mut World, stops: bool| {
        let stop = |world: &mut World| {
            if stops {
                world.restart();
            }
        };
        let payment = world.across("1000.00");
        stop(world);
        let one = world.sends(&payment);
        stop(world);
        let other = world.across("500.00");
        let other = world.sends(&other);
        world.answers(one, VOLGA, AnswerStatus::Accepted);
        stop(world);
        world.pass(Micros::seconds(20));
        stop(world);
        assert!(matches!(world.submit(&payment).unwrap(), Event::Resent { .. }));
        (world.stage(one), world.stage(other))
    };
    assert_eq!(steps(&mut straight, false), ("committed", "rejected"));
    assert_eq!(steps(&mut stopping, true), ("committed", "rejected"));
    assert_eq!(borsh::to_vec(&straight.state).unwrap(), borsh::to_vec(&stopping.state).unwrap());
    assert_eq!(borsh::to_vec(&straight.money).unwrap(), borsh::to_vec(&stopping.money).unwrap());
}

/// F12: what decides which settlement window a payment belongs to is when it was committed, not when it was reserved.
#[test]
fn commitments_are_numbered_in_the_order_they_happen() {
    let mut world = World::new();
    let early = Instruction { priority: Priority::Norm, ..world.within("10.00") };
    let early = world.sends(&early);
    let late = world.within("20.00");
    let late = world.sends(&late);
    world.answers(late, VOLGA, AnswerStatus::Accepted);
    let cut = world.state.payment(late).unwrap().commit_number;
    world.answers(early, VOLGA, AnswerStatus::Accepted);
    assert_eq!((cut, world.state.payment(early).unwrap().commit_number), (Some(1), Some(2)));
}

/// F13: a lost notification: kept until acknowledged; a re-sent payment is told again, an undecided one asked again, an
/// unknown one that is too old refused.
#[test]
fn nothing_is_lost_with_a_message() {
    let mut world = World::new();
    let payment = world.within("10.00");
    let uetr = world.sends(&payment);
    let count = |world: &World, name: &str| world.state.mailbox(&bic(name)).unwrap().waiting.len();
    let (waiting, last) = (count(&world, VOLGA), world.state.mailbox(&bic(VOLGA)).unwrap().last);
    world.does(Command::Acknowledge { by: bic(VOLGA), upto: last - 1 });
    assert_eq!((waiting > 1, count(&world, VOLGA)), (true, 1));
    world.letters(VOLGA);
    world.submit(&payment).unwrap();
    assert_eq!(world.letters(VOLGA), ["pacs.008"]);
    world.answers(uetr, VOLGA, AnswerStatus::Accepted);
    world.letters(MOSCOW);
    world.letters(VOLGA);
    world.submit(&payment).unwrap();
    assert_eq!(world.letters(MOSCOW), ["pacs.002 ACCC"]);
    assert!(world.letters(VOLGA).is_empty());
    let old = Instruction { accepted_at: world.now.minus(Micros::seconds(61)), ..world.within("10.00") };
    assert_eq!(world.is_refused(&old).iso.as_deref(), Some("TM01"));
}
