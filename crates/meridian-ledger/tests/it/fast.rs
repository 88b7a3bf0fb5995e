//! The way in one pass, the compact log and a window that forgets say what `decide` and `apply` say.

use meridian_ledger::{
    Account, AccountId, Balancing, Command, Denial, ENTRY_BYTES, Event, Kind, Past, Phase, Recent, Seen,
    State, Transfer, TransferId, apply, decide, decide_chain, replay_entry, transact, transact_chain,
    write_entry,
};
use meridian_terms::{Currency, Micros, Moment, Money};
use proptest::prelude::*;

const WHO: [(&str, Kind); 4] =
    [("AGENT", Kind::SettlementAgent), ("ONE", Kind::Cover), ("TWO", Kind::Cover), ("THREE", Kind::Suspense)];

fn account(who: usize) -> Account {
    let mut account = Account::open(WHO[who].0, Currency::INR, WHO[who].1);
    if who == 2 {
        account.limits.credit_cap = Some(500);
    }
    account
}

fn account_id(who: usize) -> AccountId {
    account(who).id
}

fn transfer() -> impl Strategy<Value = Transfer> {
    let phase = prop_oneof![
        4 => Just(Phase::Post),
        1 => Just(Phase::PostUpTo(Balancing::Debit)),
        1 => Just(Phase::PostUpTo(Balancing::Credit)),
        3 => proptest::option::of(1..40_i64)
            .prop_map(|seconds| Phase::Pend { deadline: seconds.map(|s| Moment::EPOCH.plus(Micros::seconds(s))) }),
        4 => (0..40_u128).prop_map(|of| Phase::PostPending(TransferId(of))),
        2 => (0..40_u128).prop_map(|of| Phase::VoidPending(TransferId(of))),
    ];
    (0..40_u128, 0..4_usize, 0..4_usize, 1..200_i128, phase).prop_map(|(id, debit, credit, amount, phase)| {
        let (debit, credit) = (account_id(debit), account_id(credit));
        let amount = Money::new(amount, Currency::INR);
        Transfer { id: TransferId(id), debit, credit, amount, phase, reference: id }
    })
}

/// A step: a chain of transfers, or with one of them a transfer alone. What posts or voids names its reservation's sides.
fn steps() -> impl Strategy<Value = Vec<Vec<Transfer>>> {
    proptest::collection::vec(proptest::collection::vec(transfer(), 1..4), 1..60)
}

/// Windows that were emptied, oldest first.
#[derive(Default)]
struct Windows(Vec<Recent>);

impl Past for Windows {
    fn find(&self, id: TransferId) -> Option<Seen> {
        self.0.iter().rev().find_map(|window| window.find(id))
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn one_pass_is_deciding_and_applying(steps in steps(), forget_every in 1..9_usize) {
        let opened = decide(&State::default(), &Command::Open((0..4).map(account).collect()), Moment::EPOCH).unwrap();
        let mut slow = State::default();
        apply(&mut slow, &opened);
        let (mut fast, mut replayed, mut forgetful) = (slow.clone(), slow.clone(), slow.clone());
        let mut past = Windows::default();
        for (number, mut chain) in steps.into_iter().enumerate() {
            let now = Moment::EPOCH.plus(Micros::seconds(i64::try_from(number).unwrap()));
            for transfer in &mut chain {
                if let Phase::PostPending(of) | Phase::VoidPending(of) = transfer.phase
                    && let Some(pending) = slow.pending(of)
                {
                    (transfer.debit, transfer.credit) = (pending.transfer.debit, pending.transfer.credit);
                    if matches!(transfer.phase, Phase::VoidPending(_)) {
                        transfer.amount = pending.transfer.amount;
                    }
                }
            }
            let expired = decide(&slow, &Command::Expire, now).unwrap();
            for state in [&mut slow, &mut fast, &mut replayed, &mut forgetful] {
                apply(state, &expired);
            }
            let decided = decide_chain(&slow, &chain, now);
            let (quick, forgot);
            if chain.len() == 1 {
                let alone = |state: &mut State, past: &Windows| {
                    let mut answer = Err((0, Denial::EmptyChain));
                    transact(state, past, &chain, now, |at, outcome| {
                        answer = outcome.map(|moved| vec![moved]).map_err(|denial| (at, denial));
                    });
                    answer
                };
                (quick, forgot) = (alone(&mut fast, &Windows::default()), alone(&mut forgetful, &past));
            } else {
                quick = transact_chain(&mut fast, &Windows::default(), &chain, now);
                forgot = transact_chain(&mut forgetful, &past, &chain, now);
            }
            prop_assert_eq!(&forgot, &quick);
            prop_assert_eq!(decided.as_ref().err(), quick.as_ref().err());
            if let (Ok(entries), Ok(moved)) = (decided, quick) {
                let mut log = Vec::new();
                for ((entry, moved), transfer) in entries.iter().zip(&moved).zip(&chain) {
                    prop_assert_eq!(entry.amount.minor(), moved.amount);
                    write_entry(transfer, moved, &mut log);
                }
                for bytes in log.chunks(ENTRY_BYTES) {
                    replay_entry(&mut replayed, bytes.try_into().unwrap()).unwrap();
                }
                apply(&mut slow, &Event::Transferred { at: now, entries });
            }
            if number % forget_every == 0 {
                past.0.push(forgetful.forget());
            }
            let bytes = borsh::to_vec(&slow).unwrap();
            prop_assert_eq!(&borsh::to_vec(&fast).unwrap(), &bytes);
            prop_assert_eq!(&borsh::to_vec(&replayed).unwrap(), &bytes);
            prop_assert!(forgetful.accounts().iter().eq(slow.accounts().iter()));
            prop_assert!(forgetful.all_pending().eq(slow.all_pending()));
        }
    }
}

#[test]
fn a_clone_stays_as_it_was() {
    let mut state = State::default();
    let opened = decide(&state, &Command::Open((0..4).map(account).collect()), Moment::EPOCH).unwrap();
    apply(&mut state, &opened);
    let (before, copy) = (borsh::to_vec(&state).unwrap(), state.clone());
    for number in 1..2_000_u128 {
        let amount = Money::new(1, Currency::INR);
        let transfer = Transfer::post(TransferId(number), account_id(0), account_id(1), amount);
        transact(&mut state, &meridian_ledger::NoPast, &[transfer], Moment::EPOCH, |_, told| {
            assert!(told.is_ok())
        });
    }
    assert_eq!(borsh::to_vec(&copy).unwrap(), before);
    assert_eq!(state.entries(), 1_999);
    assert_eq!(state.account(account_id(1)).unwrap().balance().minor(), 1_999);
}

#[test]
fn damaged_entries_are_refused_in_words() {
    let mut state = State::default();
    let opened = decide(&state, &Command::Open((0..4).map(account).collect()), Moment::EPOCH).unwrap();
    apply(&mut state, &opened);
    let mut bytes = [0; ENTRY_BYTES];
    bytes[72] = 9;
    assert_eq!(replay_entry(&mut state, &bytes), Err("no phase has number 9".into()));
    bytes[72] = 5;
    assert!(replay_entry(&mut state, &bytes).unwrap_err().contains("names no open reservation"));
    bytes[64] = 200;
    assert_eq!(replay_entry(&mut state, &bytes), Err("no account in row 200".into()));
}
