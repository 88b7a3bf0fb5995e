//! A small world exhaustively: three payments, two providers, one cap, one timeout, in every order in which they can
//! happen. Payments compete for a cap that two of them fill and for a provider's money that is enough for two.

use meridian_pay::*;
use meridian_terms::*;

use crate::world::*;

/// What can still happen: each payment is submitted, then answered once; time runs out once.
#[derive(Clone)]
struct Open {
    payments: Vec<(Instruction, Next)>,
    timeout: bool,
    restart: bool,
    resend: bool,
}

#[derive(Clone, Copy, PartialEq)]
enum Next {
    Submit,
    Answer,
    Done,
}

#[test]
fn every_interleaving_of_three_payments_two_providers_one_cap_and_one_timeout() {
    let mut world = World::new();
    world.writes = false;
    // Exchange has money for two payments of 100, its rival for all; the cap of the pair holds two.
    world.does(Command::Withdraw {
        participant: bic(EXCHANGE),
        amount: rub("999800.00"),
        reference: 9_000_003,
    });
    let one = world.across("100.00");
    let two = Instruction { priority: Priority::Norm, ..world.across("100.00") };
    let rival = world.quotes(Fixed::Target, rub("100.00"))[1].clone();
    assert_eq!(rival.provider, bic(RIVAL));
    let base = world.across("100.00");
    let three = Instruction { source: rival.source, quote: Some(rival.id), ..base };
    let most = Some(one.source.minor() + rival.source.minor());
    world.does(Command::SetCap { key: CapKey::Pair(Currency::INR, Currency::RUB), most, alarm_percent: 0 });
    let payments = [one, two, three].into_iter().map(|payment| (payment, Next::Submit)).collect();
    let (mut ends, mut full) = (0, 0);
    explore(&world, &Open { payments, timeout: true, restart: true, resend: true }, &mut ends, &mut full);
    assert!(ends > 20_000 && full > 1_000, "{ends} orders, in {full} of them the cap refused somebody");
}

fn explore(world: &World, open: &Open, ends: &mut usize, full: &mut usize) {
    let mut is_over = true;
    for (position, (payment, next)) in open.payments.iter().enumerate() {
        let answers: &[Option<AnswerStatus>] = match next {
            Next::Done => continue,
            Next::Submit => &[None],
            Next::Answer => &[Some(AnswerStatus::Accepted), Some(AnswerStatus::Rejected(String::new()))],
        };
        is_over = false;
        for answer in answers {
            let (mut world, mut open) = (world.clone(), open.clone());
            open.payments[position].1 = match answer {
                None => match world.submit(payment).unwrap() {
                    Event::Reserved(_) => Next::Answer,
                    _ => Next::Done,
                },
                Some(status) => {
                    let status = match status {
                        AnswerStatus::Rejected(_) => AnswerStatus::Rejected("AC04".into()),
                        other => other.clone(),
                    };
                    world.answers(payment.uetr, VOLGA, status);
                    Next::Done
                }
            };
            explore(&world, &open, ends, full);
        }
    }
    if open.timeout {
        is_over = false;
        let (mut world, mut open) = (world.clone(), open.clone());
        world.pass(Micros::seconds(20));
        open.timeout = false;
        explore(&world, &open, ends, full);
    }
    if open.restart && open.payments.iter().all(|(_, next)| *next == Next::Answer) {
        let (mut world, mut open) = (world.clone(), open.clone());
        world.restart();
        open.restart = false;
        explore(&world, &open, ends, full);
    }
    // The first payment may come twice, at any time after it came once.
    let (first, next) = &open.payments[0];
    if open.resend && *next != Next::Submit {
        let (mut world, mut open) = (world.clone(), open.clone());
        assert!(matches!(world.submit(first).unwrap(), Event::Resent { .. }));
        open.resend = false;
        explore(&world, &open, ends, full);
    }
    if is_over {
        *ends += 1;
        let mut world = world.clone();
        world.pass(Micros::minutes(5));
        let mut gone = 0;
        for (payment, _) in &open.payments {
            let known = world.state.payment(payment.uetr).unwrap();
            match &known.stage {
                Stage::Committed { .. } => gone += payment.target.minor(),
                Stage::Refused(refusal) if refusal.code == "pay.cap_exceeded" => *full += 1,
                Stage::Refused(refusal) => assert_eq!(refusal.code, "ledger.insufficient_funds"),
                Stage::Rejected { .. } => {}
                stage => panic!("not final: {stage:?}"),
            }
        }
        let arrived = world.cover(VOLGA, Currency::RUB).0 - rub("1000000.00").minor();
        assert_eq!(arrived, gone, "what arrived is what was committed");
        assert_eq!(world.money.all_pending().count(), 0);
    }
}
