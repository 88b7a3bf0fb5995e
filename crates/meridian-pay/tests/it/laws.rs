//! Random corridors: payments, quotes, answers, time, caps, links, lists and restarts in any order. After every event the
//! laws hold (`World::check`); in the end every acknowledged payment is final and has been told.

use meridian_pay::*;
use meridian_terms::*;

use crate::world::*;

/// Steps over all seeds; `MERIDIAN_STEPS` asks for more.
const STEPS: usize = 100_000;
const STEPS_PER_SEED: usize = 500;

#[test]
fn no_order_of_events_breaks_the_laws() {
    let steps = option_env!("MERIDIAN_STEPS").and_then(|text| text.parse().ok()).unwrap_or(STEPS);
    let mut reached = std::collections::BTreeMap::<&'static str, usize>::new();
    let (mut done, mut seed) = (0, 0);
    while done < steps {
        seed += 1;
        done += history(seed, &mut reached);
    }
    // A test that never gets anywhere proves nothing.
    for stage in ["refused", "committed", "blocked", "rejected", "returned"] {
        assert!(
            reached.get(stage).is_some_and(|count| *count > 200),
            "{stage}: {reached:?} over {seed} seeds"
        );
    }
}

struct Random(u64);

impl Random {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % bound
    }

    fn of<'a, T>(&mut self, choice: &'a [T]) -> &'a T {
        &choice[usize::try_from(self.below(choice.len() as u64)).unwrap()]
    }
}

fn history(seed: u64, reached: &mut std::collections::BTreeMap<&'static str, usize>) -> usize {
    let mut random = Random(seed);
    let mut world = World::new();
    world.writes = seed % 16 == 0;
    let mut sent: Vec<Instruction> = Vec::new();
    for _ in 0..STEPS_PER_SEED {
        step(&mut world, &mut random, &mut sent);
    }
    // The day ends: links reopen for nothing new, everybody answers what is open, time runs out for the rest.
    for payment in &sent {
        let Some(known) = world.state.payment(payment.uetr) else { continue };
        if !known.stage.is_final() {
            let status = random.of(&[AnswerStatus::Accepted, AnswerStatus::Rejected("AC04".into())]).clone();
            let list = world.state.list_in_force().unwrap();
            drop(world.ask(Command::Rescreen(payment.uetr, Clearance { list, verdict: Verdict::Clear })));
            drop(world.ask(Command::Answer(Answer {
                uetr: payment.uetr,
                by: payment.creditor_agent.clone(),
                status,
            })));
            // A yes that waits to be credited is credited.
            let status = AnswerStatus::Accepted;
            drop(world.ask(Command::Answer(Answer {
                uetr: payment.uetr,
                by: payment.creditor_agent.clone(),
                status,
            })));
        }
    }
    world.pass(Micros::days(11));
    for payment in &sent {
        let known = world
            .state
            .payment(payment.uetr)
            .unwrap_or_else(|| panic!("seed {seed}: {} is gone", payment.uetr));
        assert!(known.stage.is_final(), "seed {seed}: {:?}", known.stage);
        *reached.entry(known.stage.word()).or_default() += 1;
    }
    assert_eq!(world.money.all_pending().count(), 0, "seed {seed}");
    STEPS_PER_SEED
}

fn step(world: &mut World, random: &mut Random, sent: &mut Vec<Instruction>) {
    let known =
        |random: &mut Random, sent: &[Instruction]| (!sent.is_empty()).then(|| random.of(sent).clone());
    let clearance =
        |world: &World| Clearance { list: world.state.list_in_force().unwrap(), verdict: Verdict::Clear };
    let recent = |random: &mut Random, sent: &[Instruction]| {
        let from = sent.len().saturating_sub(12);
        known(random, &sent[from..])
    };
    match random.below(100) {
        0..=29 => {
            let amount = format!("{}.{:02}", random.below(40_000), random.below(100));
            let amount = rub(&amount);
            if amount.is_zero() {
                return;
            }
            let mut payment = if random.below(3) == 0 {
                world.within(&amount.amount().to_string())
            } else {
                match world.state.participant(&bic(EXCHANGE)).is_some_and(|exchange| exchange.is_suspended) {
                    true => return,
                    false => world.across(&amount.amount().to_string()),
                }
            };
            payment.priority = *random.of(&[Priority::High, Priority::High, Priority::Norm]);
            if random.below(30) == 0 {
                payment.source = Money::new(payment.source.minor() + 1, payment.source.currency());
            }
            let asked = Command::Submit(Box::new(payment.clone()), clearance(world));
            if world.ask(asked).is_ok() {
                sent.push(payment);
            }
        }
        30..=54 => {
            let Some(payment) = recent(random, sent) else { return };
            let status = random
                .of(&[
                    AnswerStatus::Accepted,
                    AnswerStatus::Accepted,
                    AnswerStatus::Accepted,
                    AnswerStatus::AcceptedPending,
                    AnswerStatus::Blocked,
                    AnswerStatus::Rejected("AC04".into()),
                ])
                .clone();
            let agent = payment.creditor_agent.as_str();
            let by = bic(random.of::<&str>(&[agent, agent, DELHI]));
            drop(world.ask(Command::Answer(Answer { uetr: payment.uetr, by, status })));
        }
        55..=60 => drop(world.pass(Micros::seconds(i64::try_from(random.below(30)).unwrap()))),
        61 => drop(world.pass(Micros::minutes(i64::try_from(random.below(12)).unwrap()))),
        62..=65 => {
            let Some(payment) = known(random, sent) else { return };
            drop(world.ask(Command::Submit(Box::new(payment), clearance(world))));
        }
        66..=69 => {
            let Some(payment) = known(random, sent) else { return };
            let uetr = payment.uetr;
            let (by, reason) = (payment.debtor_agent.clone(), "DUPL".to_owned());
            drop(world.ask(Command::Recall { uetr, by, reason }));
        }
        70..=71 => {
            let Some(payment) = known(random, sent) else { return };
            let (uetr, by) = (payment.uetr, payment.creditor_agent.clone());
            drop(world.ask(Command::AnswerRecall(RecallAnswer { uetr, by, reason: "LEGL".into() })));
        }
        72..=77 => {
            let Some(payment) = known(random, sent) else { return };
            let fault = *random.of(&[Fault::Source, Fault::Destination]);
            let mut quote = None;
            if payment.quote.is_some() && random.below(2) == 0 {
                let (fixed, amount) = match fault {
                    Fault::Source => (Fixed::Source, payment.target),
                    Fault::Destination => (Fixed::Target, payment.source),
                };
                let request = world.request(VOLGA, Currency::RUB, Currency::INR, fixed, amount);
                if let Ok(Event::Quoted { quotes, .. }) = world.ask(Command::AskQuotes(request)) {
                    quote = quotes.first().map(|quote| quote.id);
                }
            }
            let (uetr, by) = (payment.uetr, payment.creditor_agent.clone());
            drop(world.ask(Command::Return(Return { uetr, by, fault, quote, reason: "CUST".into() })));
        }
        78..=82 => {
            let key = random
                .of(&[
                    CapKey::Participant(bic(MUMBAI), Currency::INR),
                    CapKey::Participant(bic(MOSCOW), Currency::RUB),
                    CapKey::Country(country("IN"), Currency::INR),
                    CapKey::Provider(bic(EXCHANGE), Currency::RUB),
                    CapKey::Pair(Currency::INR, Currency::RUB),
                    CapKey::Bilateral(bic(MUMBAI), bic(VOLGA), Currency::INR),
                    CapKey::NetDebit(bic(MOSCOW), Currency::RUB),
                    CapKey::NetDebit(bic(EXCHANGE), Currency::RUB),
                ])
                .clone();
            let most = (random.below(4) > 0).then(|| i128::from(random.below(2_000_000_000)));
            world.does(Command::SetCap { key, most, alarm_percent: 80 });
        }
        83..=86 => {
            let participant = bic(random.of::<&str>(&[MUMBAI, MOSCOW, VOLGA, EXCHANGE]));
            let currency = *random.of(&[Currency::INR, Currency::RUB]);
            let (amount, reference) =
                (Money::new(i128::from(random.below(90_000_000) + 1), currency), world.next());
            drop(world.ask(match random.below(3) {
                0 => Command::Withdraw { participant, amount, reference },
                _ => Command::Fund { participant, amount, reference },
            }));
        }
        87 => {
            let key = LinkKey::between(country("IN"), country("RU"));
            let in_flight = *random.of(&[InFlight::Finish, InFlight::Unwind]);
            world.does(Command::ShutLink { key, by: "Amina".into(), in_flight });
        }
        88..=90 => world.open_link(),
        91 => {
            let is_suspended = random.below(3) == 0;
            world.does(Command::Suspend(bic(EXCHANGE), is_suspended));
        }
        92 => drop(world.does(Command::PutListInForce([u8::try_from(random.below(3)).unwrap(); 32]))),
        93..=94 => {
            let waiting: Vec<Uetr> = world
                .state
                .payments()
                .filter(|payment| payment.stage.is_reserved())
                .map(Payment::uetr)
                .collect();
            let verdict = random.of(&[Verdict::Clear, Verdict::Clear, Verdict::Hit { case: 1 }]).clone();
            for uetr in waiting {
                let list = world.state.list_in_force().unwrap();
                world.does(Command::Rescreen(uetr, Clearance { list, verdict: verdict.clone() }));
            }
        }
        95 => {
            let agrees = random.below(2) == 0;
            world.does(Command::AgreeReversal(bic(EXCHANGE), agrees));
        }
        96 => {
            let overdue: Vec<Uetr> = world.state.overdue().map(Payment::uetr).collect();
            for uetr in overdue {
                let (by, is_accepted) = (["Amina".to_owned(), "Boris".to_owned()], random.below(2) == 0);
                drop(world.ask(Command::Conclude { uetr, by, is_accepted, evidence: "letter".into() }));
            }
        }
        97 => world.restart(),
        98 => {
            for name in [MUMBAI, MOSCOW, VOLGA, EXCHANGE] {
                let upto = world.state.mailbox(&bic(name)).unwrap().last;
                world.does(Command::Acknowledge { by: bic(name), upto });
            }
        }
        _ => {
            let (by, currency) = *random.of(&[(VOLGA, Currency::RUB), (MUMBAI, Currency::INR)]);
            world.does(Command::AskReport { by: bic(by), currency, day: None });
        }
    }
}
