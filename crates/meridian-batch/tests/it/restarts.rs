//! The same answers as the pure ledger, over windows, restarts, lost indexes and merged runs.

use meridian_batch::{Ledger, Outcome};
use meridian_ledger::TransferId;

use crate::world::{Slow, account, accounts, request, scattered, settings};

fn codes(outcomes: &[Outcome]) -> Vec<Option<String>> {
    outcomes.iter().map(|outcome| outcome.code().map(str::to_owned)).collect()
}

fn agrees_over_restarts(ids: fn(u64) -> u128, between: impl Fn(u64, &std::path::Path)) {
    let directory = tempfile::tempdir().unwrap();
    let mut settings = settings(300);
    settings.snapshot_every = 900;
    let mut slow = Slow::new();
    let mut ledger = Ledger::open(directory.path(), &settings).unwrap();
    ledger.open_accounts(accounts()).unwrap().unwrap();
    for number in 0..220_u64 {
        // Every now and then an old request comes again: it is known, whatever was forgotten.
        let number = if number % 11 == 10 { scattered(number) % number } else { number };
        let transfers = request(number, ids);
        assert_eq!(codes(&ledger.transfer(&transfers).unwrap()), slow.ask(&transfers), "request {number}");
        if number % 40 == 39 {
            ledger.close().unwrap();
            between(number, directory.path());
            ledger = Ledger::open(directory.path(), &settings).unwrap();
        }
    }
    for number in 0..21 {
        let real = ledger.look(move |state| state.account(account(number)).cloned()).unwrap();
        assert_eq!(real.as_ref(), slow.0.account(account(number)));
    }
    assert!(ledger.look(|state| state.imbalance().is_empty()).unwrap());
    let pending =
        ledger.look(|state| state.all_pending().map(|p| p.transfer.id).collect::<Vec<_>>()).unwrap();
    assert_eq!(pending, slow.0.all_pending().map(|p| p.transfer.id).collect::<Vec<_>>());
}

#[test]
fn ids_in_order_get_the_answers_of_the_pure_ledger() {
    agrees_over_restarts(|n| u128::from(n) + 1, |_, _| {});
}

#[test]
fn scattered_ids_get_the_answers_of_the_pure_ledger() {
    agrees_over_restarts(|n| u128::from(scattered(n)) << 64 | u128::from(n) | 1, |_, _| {});
}

#[test]
fn a_lost_index_is_made_again_from_the_log() {
    agrees_over_restarts(
        |n| u128::from(scattered(n)) << 64 | 1,
        |number, directory| {
            if number > 100 {
                std::fs::remove_dir_all(directory.join("index")).unwrap();
            }
        },
    );
}

#[test]
fn history_is_read_from_the_log_newest_first_across_windows_and_restarts() {
    let directory = tempfile::tempdir().unwrap();
    let mut settings = settings(250);
    settings.snapshot_every = 700;
    let mut slow = Slow::new();
    let mut expected: Vec<TransferId> = Vec::new();
    let mut ledger = Ledger::open(directory.path(), &settings).unwrap();
    ledger.open_accounts(accounts()).unwrap().unwrap();
    for number in 0..60_u64 {
        let transfers = request(number, |n| u128::from(n) + 1);
        let outcomes = ledger.transfer(&transfers).unwrap();
        slow.ask(&transfers);
        for (transfer, outcome) in transfers.iter().zip(&outcomes) {
            if *outcome == Outcome::DONE && [transfer.debit, transfer.credit].contains(&account(5)) {
                expected.push(transfer.id);
            }
        }
        if number == 30 {
            ledger.close().unwrap();
            ledger = Ledger::open(directory.path(), &settings).unwrap();
        }
    }
    ledger.close().unwrap();
    let ledger = Ledger::open(directory.path(), &settings).unwrap();
    expected.reverse();
    assert!(expected.len() > 50, "a test that sees too little");
    let wait_until = std::time::Instant::now() + std::time::Duration::from_secs(20);
    loop {
        // The index follows the log by a moment.
        let found = ledger.history(account(5), 10_000).unwrap();
        let ids: Vec<TransferId> = found.iter().map(|(_, entry)| entry.transfer.id).collect();
        if ids == expected || std::time::Instant::now() > wait_until {
            assert_eq!(ids, expected);
            break;
        }
    }
    assert_eq!(ledger.history(account(5), 3).unwrap().len(), 3);
}

#[test]
fn linked_transfers_happen_together_or_not_at_all() {
    let directory = tempfile::tempdir().unwrap();
    let ledger = Ledger::open(directory.path(), &settings(1000)).unwrap();
    ledger.open_accounts(accounts()).unwrap().unwrap();
    let amount = |n| meridian_terms::Money::new(n, meridian_terms::Currency::RUB);
    let post =
        |id, a, b, n| meridian_ledger::Transfer::post(TransferId(id), account(a), account(b), amount(n));
    let good = ledger.transfer_chain(&[post(1, 0, 1, 100), post(2, 1, 2, 60)]).unwrap();
    assert_eq!(good, [Outcome::DONE, Outcome::DONE]);
    let bad = ledger.transfer_chain(&[post(3, 1, 2, 40), post(4, 1, 2, 1)]).unwrap();
    assert_eq!(bad[0], Outcome::CHAIN_FAILED);
    assert_eq!(bad[1].code(), Some("ledger.insufficient_funds"));
    let left = ledger.look(|state| state.account(account(1)).map(|a| a.balance().minor())).unwrap();
    assert_eq!(left, Some(40));
    let mut body = Vec::new();
    meridian_batch::write_transfer(&post(5, 1, 2, 1), meridian_batch::LINKED, &mut body);
    let (told, heard) = std::sync::mpsc::channel();
    ledger.submit(body, move |reply| told.send(reply).unwrap()).unwrap();
    assert_eq!(heard.recv().unwrap().unwrap().outcomes, [Outcome::CHAIN_OPEN]);
}
