//! Laws over random histories, with a slow and obvious ledger beside the real one.

use std::collections::BTreeMap;

use meridian_ledger::{
    Account, Command, Event, Fate, Kind, Phase, State, Transfer, TransferId, apply, decide,
};
use meridian_terms::{Currency, Micros, Moment, Money};
use proptest::prelude::*;

#[derive(Debug, Clone)]
enum Step {
    Post(u8, u8, u8, i64),
    Pend(u8, u8, u8, i64, Option<u8>),
    Take(u8, u8, i64),
    Void(u8, u8),
    Chain(Vec<(u8, u8, u8, i64)>),
    Wait(u8),
}

fn step() -> impl Strategy<Value = Step> {
    let id = 1..60_u8;
    let who = 0..4_u8;
    let amount = 1..120_i64;
    prop_oneof![
        3 => (id.clone(), who.clone(), who.clone(), amount.clone()).prop_map(|(i, a, b, n)| Step::Post(i, a, b, n)),
        3 => (id.clone(), who.clone(), who.clone(), amount.clone(), proptest::option::of(1..20_u8))
            .prop_map(|(i, a, b, n, d)| Step::Pend(i, a, b, n, d)),
        3 => (id.clone(), id.clone(), amount.clone()).prop_map(|(i, p, n)| Step::Take(i, p, n)),
        2 => (id.clone(), id.clone()).prop_map(|(i, p)| Step::Void(i, p)),
        1 => proptest::collection::vec((id, who.clone(), who, amount), 1..4).prop_map(Step::Chain),
        2 => (1..10_u8).prop_map(Step::Wait),
    ]
}

/// The slow ledger: every posted movement and open reservation in plain lists; balances are sums.
#[derive(Default, Clone)]
struct Slow {
    posted: Vec<(u8, u8, i64)>,
    pending: BTreeMap<u128, (u8, u8, i64)>,
}

impl Slow {
    fn available(&self, who: u8) -> i64 {
        let came: i64 = self.posted.iter().filter(|m| m.1 == who).map(|m| m.2).sum();
        let went: i64 = self.posted.iter().filter(|m| m.0 == who).map(|m| m.2).sum();
        let held: i64 = self.pending.values().filter(|m| m.0 == who).map(|m| m.2).sum();
        came - went - held
    }
}

const NAMES: [&str; 4] = ["AGENT", "ONE", "TWO", "THREE"];

fn account(who: u8) -> Account {
    let kind = if who == 0 { Kind::SettlementAgent } else { Kind::Cover };
    Account::open(NAMES[usize::from(who)], Currency::RUB, kind)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn the_ledger_agrees_with_a_slow_one_and_keeps_its_laws(steps in proptest::collection::vec(step(), 1..80)) {
        let mut state = State::default();
        let mut slow = Slow::default();
        let mut history = Vec::new();
        let mut now = Moment::EPOCH;
        let opening = Command::Open((0..4).map(account).collect());
        let opened = decide(&state, &opening, now).unwrap();
        apply(&mut state, &opened);
        history.push(opened);
        let mut pended: BTreeMap<u128, Transfer> = BTreeMap::new();
        for step in steps {
            let money = |minor: i64| Money::new(i128::from(minor), Currency::RUB);
            let post = |i: u8, a: u8, b: u8, n: i64| {
                Transfer::post(TransferId(i.into()), account(a).id, account(b).id, money(n))
            };
            let ghost = |p: u8| Transfer::pend(TransferId(p.into()), account(1).id, account(2).id, money(1), None);
            let made = |p: u8| pended.get(&u128::from(p)).cloned().unwrap_or_else(|| ghost(p));
            let chain = match &step {
                Step::Post(i, a, b, n) => vec![post(*i, *a, *b, *n)],
                Step::Pend(i, a, b, n, d) => {
                    let deadline = d.map(|seconds| now.plus(Micros::seconds(seconds.into())));
                    vec![Transfer::pend(TransferId((*i).into()), account(*a).id, account(*b).id, money(*n), deadline)]
                }
                Step::Take(i, p, n) => vec![Transfer::post_pending(TransferId((*i).into()), &made(*p), money(*n))],
                Step::Void(i, p) => vec![Transfer::void_pending(TransferId((*i).into()), &made(*p))],
                Step::Chain(parts) => parts.iter().map(|(i, a, b, n)| post(*i, *a, *b, *n)).collect(),
                Step::Wait(seconds) => {
                    now = now.plus(Micros::seconds((*seconds).into()));
                    let expired = decide(&state, &Command::Expire, now).unwrap();
                    if let Event::Expired { pending, .. } = &expired {
                        for id in pending {
                            slow.pending.remove(&id.0);
                        }
                    }
                    apply(&mut state, &expired);
                    history.push(expired);
                    continue;
                }
            };
            if let Ok(event) = decide(&state, &Command::Transfer(chain.clone()), now) {
                for transfer in &chain {
                    let who = |id| (0..4).find(|who| account(*who).id == id).unwrap();
                    let n = i64::try_from(transfer.amount.minor()).unwrap();
                    let moved = (who(transfer.debit), who(transfer.credit), n);
                    match transfer.phase {
                        Phase::Pend { .. } => {
                            slow.pending.insert(transfer.id.0, moved);
                            pended.insert(transfer.id.0, transfer.clone());
                        }
                        Phase::PostPending(of) => {
                            prop_assert!(slow.pending.remove(&of.0).is_some());
                            slow.posted.push(moved);
                        }
                        Phase::VoidPending(of) => prop_assert!(slow.pending.remove(&of.0).is_some()),
                        _ => slow.posted.push(moved),
                    }
                }
                apply(&mut state, &event);
                history.push(event);
            } else if let Step::Post(i, a, b, n) = step {
                // A refusal has a reason the slow ledger sees too.
                let known = state.fate(TransferId(i.into())).is_some();
                prop_assert!(known || a == b || (a != 0 && slow.available(a) < n));
            }
            for who in 1..4 {
                let real = state.account(account(who).id).unwrap();
                prop_assert_eq!(real.available().minor(), i128::from(slow.available(who)));
                prop_assert!(slow.available(who) >= 0);
            }
            prop_assert!(state.imbalance().is_empty());
            let open = state.all_pending().count();
            prop_assert_eq!(open, slow.pending.len());
            prop_assert!(slow.pending.keys().all(|id| state.fate(TransferId(*id)) == Some(Fate::Pending)));
        }
        // Replay gives the same bytes, and bytes give the same ledger.
        let mut replayed = State::default();
        history.iter().for_each(|event| apply(&mut replayed, event));
        let bytes = borsh::to_vec(&state).unwrap();
        prop_assert_eq!(&borsh::to_vec(&replayed).unwrap(), &bytes);
        let restored: State = borsh::from_slice(&bytes).unwrap();
        prop_assert_eq!(borsh::to_vec(&restored).unwrap(), bytes);
        prop_assert_eq!(restored.next_deadline(), state.next_deadline());
    }
}
