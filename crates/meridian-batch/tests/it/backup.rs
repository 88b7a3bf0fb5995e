//! A backup taken under load holds everything acknowledged before it began, and is sound.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use meridian_batch::{Ledger, Outcome};
use meridian_journal::copy_journal;

use crate::world::{accounts, request, settings};

#[test]
fn a_backup_under_load_restores_to_what_was_acknowledged() {
    let directory = tempfile::tempdir().unwrap();
    let mut settings = settings(400);
    (settings.snapshot_every, settings.segment_bytes) = (1_000, 64 * 1024);
    let ledger = Arc::new(Ledger::open(directory.path(), &settings).unwrap());
    ledger.open_accounts(accounts()).unwrap().unwrap();
    let (done, stop) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicBool::new(false)));
    let (loaded, counted, stopped) = (Arc::clone(&ledger), Arc::clone(&done), Arc::clone(&stop));
    let load = std::thread::spawn(move || {
        let mut number = 0;
        while !stopped.load(Ordering::Acquire) {
            loaded.transfer(&request(number, |n| u128::from(n) + 1)).unwrap();
            number += 1;
            counted.store(number, Ordering::Release);
        }
    });
    for round in 0..8 {
        while done.load(Ordering::Acquire) < 20 * (round + 1) {
            std::thread::yield_now();
        }
        let acknowledged = done.load(Ordering::Acquire);
        let backup = tempfile::tempdir().unwrap();
        let (end, _) = copy_journal(directory.path(), backup.path()).unwrap();
        assert!(end.0 > 0);
        assert!(copy_journal(directory.path(), backup.path()).is_err(), "a backup is never overwritten");
        let restored = Ledger::open(backup.path(), &settings).unwrap();
        assert!(restored.look(|state| state.imbalance().is_empty()).unwrap());
        for number in 0..acknowledged {
            // Whatever was done is known; what was refused may be decided anew.
            let again = restored.transfer(&request(number, |n| u128::from(n) + 1)).unwrap();
            let first = again.first().copied().unwrap();
            assert_eq!(first.code(), Some("ledger.exists"), "request {number} of {acknowledged}");
            assert_ne!(first, Outcome::DONE);
        }
    }
    stop.store(true, Ordering::Release);
    load.join().unwrap();
}
