//! Random days beside two switches that count for themselves.

use meridian_cards::*;
use meridian_terms::{Currency, Micros, Money};
use proptest::prelude::*;

use crate::world::{World, a, b, number};

/// What may happen next, to one of a few transactions.
#[derive(Debug, Clone)]
enum Step {
    Ask(u32),
    Answer(u32, bool),
    Reverse(u32),
    ReversePart(u32, u8),
    Complete(u32, u8),
    Acknowledge,
    Line(bool),
    Wait(u16),
}

fn step() -> impl Strategy<Value = Step> {
    let which = 1..6_u32;
    prop_oneof![
        4 => which.clone().prop_map(Step::Ask),
        4 => (which.clone(), prop::bool::weighted(0.8)).prop_map(|(stan, yes)| Step::Answer(stan, yes)),
        2 => which.clone().prop_map(Step::Reverse),
        2 => (which.clone(), 1..100_u8).prop_map(|(stan, percent)| Step::ReversePart(stan, percent)),
        2 => (which, 1..=100_u8).prop_map(|(stan, percent)| Step::Complete(stan, percent)),
        2 => Just(Step::Acknowledge),
        1 => any::<bool>().prop_map(Step::Line),
        1 => (1..20_u16).prop_map(Step::Wait),
    ]
}

/// Odd trace numbers are single-message purchases, even ones dual; 4 is a refund.
fn request(world: &World, stan: u32) -> Request {
    let flow = if stan.is_multiple_of(2) { Flow::Dual } else { Flow::Single };
    let kind = if stan == 3 { Kind::Refund } else { Kind::Purchase };
    Request { flow, kind, ..world.request(stan, i128::from(stan) * 77_777) }
}

fn part(stan: u32, percent: u8) -> Money {
    Money::new(i128::from(stan) * 77_777 * i128::from(percent) / 100, Currency::RUB)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    /// Money is neither made nor lost, nothing is held without a deadline, activities explain every position (checked
    /// after each event by the world); reversing again changes nothing; and once everything is acknowledged both ends'
    /// nets are what the positions' principal moved.
    #[test]
    fn every_interleaving_keeps_the_money_right(steps in prop::collection::vec(step(), 1..60)) {
        let mut world = World::new();
        for step in steps {
            match step {
                Step::Ask(stan) => {
                    let command = world.asking(&request(&world, stan), &number(1));
                    drop(world.ask(command));
                }
                Step::Answer(stan, yes) => {
                    let command = world.answering(&request(&world, stan), if yes { "00" } else { "05" });
                    drop(world.ask(command));
                }
                Step::Reverse(stan) => {
                    let original = request(&world, stan).key;
                    let command = Command::Reverse { from: a(), original, remaining: None };
                    drop(world.ask(command.clone()));
                    let accounts = |world: &World| world.money.accounts().iter().cloned().collect::<Vec<_>>();
                    let (state, money) = (world.state.clone(), accounts(&world));
                    drop(world.ask(command));
                    prop_assert_eq!(&world.state, &state);
                    prop_assert_eq!(accounts(&world), money);
                }
                Step::ReversePart(stan, percent) => {
                    let original = request(&world, stan).key;
                    drop(world.ask(Command::Reverse { from: a(), original, remaining: Some(part(stan, percent)) }));
                }
                Step::Complete(stan, percent) => {
                    let original = request(&world, stan);
                    let completion = Request { amount: part(stan, percent), ..world.request(stan + 100, 0) };
                    drop(world.ask(world.advise(&completion, Some(original.key))));
                }
                Step::Acknowledge => drop(world.drain("00")),
                Step::Line(is_up) => drop(world.ask(Command::SetSession { scheme: b(), is_up })),
                Step::Wait(seconds) => world.later(Micros::seconds(i64::from(seconds))),
            }
        }
        world.later(Micros::days(8));
        world.drain("00");
        prop_assert_eq!(world.money.all_pending().count(), 0);
        let net = |scheme: &SchemeId, role| -> i128 {
            world.state.all_totals().filter(|((of, as_role, _), _)| of == scheme && *as_role == role).map(|(_, totals)| totals.net()).sum()
        };
        let principal = |name: &str| -> i128 {
            world.state.activity().filter(|((whose, ..), _)| whose == name).map(|(_, activity)| activity.principal).sum()
        };
        prop_assert_eq!(net(&a(), Role::Acquirer), principal("ALPHA"));
        prop_assert_eq!(net(&b(), Role::Issuer), -principal("BETA"));
        // Replayed from its bytes the state is the same.
        let bytes = borsh::to_vec(&world.state).unwrap();
        prop_assert_eq!(borsh::from_slice::<State>(&bytes).unwrap(), world.state);
    }
}
