//! Laws over random histories, with the real money at a slow settlement agent beside the hub.

use std::collections::BTreeMap;

use meridian_ledger::{self as ledger, Kind};
use meridian_settlement::{
    AgentAnswer, Class, Command, Event, Model, Proposal, Side, State, Tier, Trade, apply, best,
};
use meridian_terms::{Bic, Currency, Micros, Money};
use proptest::prelude::*;

use crate::windows::{AGENT, BANKS, World, bic, moves, rub, window};

#[derive(Debug, Clone)]
enum Step {
    Pay(usize, usize, i128, bool),
    Trade(usize, usize, i128),
    Close,
    Settle(u64),
    Answer(u64, usize, bool),
    Release(u8),
    Plan,
    CommitPlan,
    Wait(i64),
}

fn step() -> impl Strategy<Value = Step> {
    let bank = 0..4_usize;
    prop_oneof![
        8 => (bank.clone(), 1..4_usize, 1..400_i128, any::<bool>()).prop_map(|(a, b, n, u)| Step::Pay(a, b, n, u)),
        1 => (bank, 1..4_usize, 1..300_i128).prop_map(|(a, b, n)| Step::Trade(a, b, n)),
        2 => Just(Step::Close),
        3 => (1..6_u64).prop_map(Step::Settle),
        6 => (1..6_u64, 0..4_usize, proptest::bool::weighted(0.8)).prop_map(|(w, i, yes)| Step::Answer(w, i, yes)),
        4 => (0..3_u8).prop_map(Step::Release),
        2 => Just(Step::Plan),
        2 => Just(Step::CommitPlan),
        2 => (1..400_i64).prop_map(Step::Wait),
    ]
}

/// The settlement agent's own books in roubles: the hub's account and each participant's.
struct Agent {
    hub: i128,
    accounts: BTreeMap<Bic, i128>,
    settled: Vec<u128>,
}

impl Agent {
    fn settle(&mut self, world: &World, event: &Event) {
        let Event::InstructionSettled { window, instruction, .. } = event else { return };
        let asked = world.state.window(*window).unwrap().instructions.iter();
        let one = asked.clone().find(|one| one.id == *instruction).unwrap();
        assert!(!self.settled.contains(instruction), "settled twice");
        self.settled.push(*instruction);
        for (side, amount) in [(&one.from, -one.amount.minor()), (&one.to, one.amount.minor())] {
            match side {
                Side::Hub => self.hub += amount,
                Side::Participant(bic) => *self.accounts.get_mut(bic).unwrap() += amount,
            }
        }
        assert!(self.hub >= 0, "the hub paid before it was paid");
    }
}

fn run(model: Model, steps: &[Step]) {
    const COVER: i128 = 500;
    let mut world = World::new(model, COVER);
    BANKS
        .iter()
        .enumerate()
        .filter(|(which, _)| which % 2 == 0)
        .for_each(|(_, bank)| world.wait_for(bank, 90));
    let mut agent = Agent {
        hub: 0,
        accounts: BANKS.iter().map(|bank| (bic(bank), COVER)).collect(),
        settled: Vec::new(),
    };
    let mut plan: Option<Proposal> = None;
    for (references, step) in (101_u128..).zip(steps) {
        let to = |from: &usize, step: &usize| BANKS[(from + step) % 4];
        let decided = match step {
            Step::Pay(from, by, amount, is_urgent) => world.ask(Command::Submit {
                id: references,
                class: if *is_urgent { Class::Urgent } else { Class::Normal },
                movements: vec![moves(BANKS[*from], to(from, by), rub(*amount))],
            }),
            Step::Trade(from, by, amount) => {
                let (gives, takes) = (rub(*amount), Money::new(*amount * 2, Currency::INR));
                let until = world.now.plus(Micros::minutes(50));
                let one = Trade {
                    id: references,
                    by: bic(BANKS[*from]),
                    with: bic(to(from, by)),
                    gives,
                    takes,
                    until,
                };
                let other =
                    Trade { by: one.with.clone(), with: one.by.clone(), gives: takes, takes: gives, ..one };
                world.ask(Command::StateTrade(other)).unwrap();
                world.ask(Command::StateTrade(one))
            }
            Step::Close => world.ask(Command::Close(Currency::RUB)),
            Step::Settle(number) => world.ask(Command::Settle(window(*number))),
            Step::Answer(number, which, is_settled) => {
                let asked =
                    world.state.window(window(*number)).and_then(|window| window.instructions.get(*which));
                let Some(instruction) = asked.map(|one| one.id) else { continue };
                let answer =
                    if *is_settled { AgentAnswer::Settled } else { AgentAnswer::Refused("AM04".into()) };
                world.ask(Command::AgentAnswer { by: bic(AGENT), instruction, answer })
            }
            Step::Release(tier) => {
                let tier = [Tier::Funds, Tier::Gridlock, Tier::Greedy][usize::from(*tier)];
                world.ask(Command::Release { currency: Currency::RUB, tier })
            }
            Step::Plan => {
                let snapshot = world.state.snapshot(&world.money, Currency::RUB).unwrap();
                let found = best(&snapshot.queue, 3_000, 1).plan;
                plan = Some(snapshot.proposal(Currency::RUB, found.settled()));
                continue;
            }
            Step::CommitPlan => {
                let Some(proposal) = plan.clone() else { continue };
                let decided = world.ask(Command::Commit(proposal.clone()));
                if let Ok(Event::Released { entries, .. }) = &decided {
                    // All of the plan, and never a second time.
                    assert_eq!(entries.len(), proposal.settled.len());
                    assert_eq!(world.code(Command::Commit(proposal)), "settlement.plan_stale");
                }
                decided
            }
            Step::Wait(minutes) => {
                world.now = world.now.plus(Micros::minutes(*minutes));
                while world.state.next_deadline().is_some_and(|due| due <= world.now) {
                    let event = world.ask(Command::Tick).unwrap();
                    agent.settle(&world, &event);
                }
                continue;
            }
        };
        if let Ok(event) = decided {
            agent.settle(&world, &event);
        }
        // What we say stands at the agent is what stands there, whatever was silent, late, refused or out of order.
        for (bic, stands) in &agent.accounts {
            assert_eq!(world.state.expected_at_agent(&world.money, bic, Currency::RUB), *stands);
            assert!(
                model != Model::MultilateralNet || *stands >= 0,
                "{bic} paid in more than it had: {stands}"
            );
            let spendable = world.state.spendable(&world.money, bic, Currency::RUB);
            assert!(spendable >= 0, "{bic} spent unsettled credit of a closed window: {spendable}");
        }
        let real: i128 = agent.hub + agent.accounts.values().sum::<i128>();
        assert_eq!(real, 4 * COVER);
    }
    // Replay gives the same state and the same money.
    let fresh = World::new(model, COVER);
    let (mut state, mut money): (State, ledger::State) = (fresh.state, fresh.money);
    world.history[fresh.history.len()..].iter().for_each(|event| apply(&mut state, &mut money, event));
    assert_eq!(state, world.state);
    assert_eq!(borsh::to_vec(&money).unwrap(), borsh::to_vec(&world.money).unwrap());
    let mut covers = money.accounts().iter().filter(|account| account.kind == Kind::Cover);
    assert!(covers.all(|account| account.balances.posted() >= 0));
    let restored: State = borsh::from_slice(&borsh::to_vec(&state).unwrap()).unwrap();
    assert_eq!(restored, state);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, ..ProptestConfig::default() })]

    #[test]
    fn multilateral_windows_never_move_money_wrongly(steps in proptest::collection::vec(step(), 1..90)) {
        run(Model::MultilateralNet, &steps);
    }

    #[test]
    fn bilateral_windows_never_move_money_wrongly(steps in proptest::collection::vec(step(), 1..90)) {
        run(Model::BilateralNet, &steps);
    }

    #[test]
    fn gross_windows_never_move_money_wrongly(steps in proptest::collection::vec(step(), 1..90)) {
        run(Model::Gross, &steps);
    }
}
