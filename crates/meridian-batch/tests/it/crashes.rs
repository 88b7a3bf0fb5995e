//! The whole ledger over a medium that tears writes, fails and stops: what was answered is there, whole, once.

use std::sync::{Arc, Mutex};

use meridian_batch::Ledger;
use meridian_journal::{
    Batch, Durability, Faults, Id, Journal, JournalError, Lease, LogJournal, LogSettings, Position, SimMedia,
    Stored,
};

use crate::world::{Slow, accounts, request, settings};

/// A journal whose medium can be taken back after the ledger has stopped.
struct Shared(Arc<Mutex<LogJournal<SimMedia>>>);

impl Journal for Shared {
    fn acquire(&mut self, owner: &str) -> Result<Lease, JournalError> {
        self.0.lock().unwrap().acquire(owner)
    }

    fn append(
        &mut self,
        lease: &Lease,
        expected: Position,
        batches: &[Batch],
    ) -> Result<Position, JournalError> {
        self.0.lock().unwrap().append(lease, expected, batches)
    }

    fn read_from(&mut self, from: Position, max_bytes: usize) -> Result<Vec<Stored>, JournalError> {
        self.0.lock().unwrap().read_from(from, max_bytes)
    }

    fn tail(&self) -> (Position, Id) {
        self.0.lock().unwrap().tail()
    }

    fn save_snapshot(&mut self, at: Position, state: &[u8]) -> Result<(), JournalError> {
        self.0.lock().unwrap().save_snapshot(at, state)
    }

    fn latest_snapshot(&mut self) -> Result<Option<(Position, Vec<u8>)>, JournalError> {
        self.0.lock().unwrap().latest_snapshot()
    }

    fn archive_before(&mut self, at: Position) -> Result<(), JournalError> {
        self.0.lock().unwrap().archive_before(at)
    }

    fn durability(&self) -> Durability {
        self.0.lock().unwrap().durability()
    }
}

const SMALL: LogSettings = LogSettings { segment_bytes: 64 * 1024 };

#[test]
fn what_was_answered_survives_torn_and_failed_writes() {
    let settings = settings(120);
    let mut crashes = 0;
    for seed in 0..12 {
        let mut media = SimMedia::new(seed, Faults::default());
        let index = tempfile::tempdir().unwrap();
        let mut slow = Slow::new();
        let mut next = 0;
        let mut is_open = false;
        for life in 0..3 {
            let journal = Arc::new(Mutex::new(LogJournal::on(media, SMALL).unwrap()));
            let shared = Box::new(Shared(Arc::clone(&journal)));
            let ledger = Ledger::on(shared, index.path().join("index"), &settings).unwrap();
            if !is_open {
                ledger.open_accounts(accounts()).unwrap().unwrap();
                is_open = true;
            }
            // What was answered in earlier lives is known.
            for number in 0..next {
                let again = ledger.transfer(&request(number, |n| u128::from(n) + 1)).unwrap();
                let codes: Vec<_> = again.iter().map(|outcome| outcome.code().map(str::to_owned)).collect();
                assert_eq!(
                    codes,
                    slow.ask(&request(number, |n| u128::from(n) + 1)),
                    "seed {seed}, life {life}"
                );
            }
            ledger.close().unwrap();
            media = Arc::into_inner(journal).unwrap().into_inner().unwrap().into_media();
            media.restart(Faults { torn: 80, failed: 50, ..Faults::default() });
            let Ok(faulty) = LogJournal::on(media.clone(), SMALL) else {
                media.restart(Faults::default());
                continue;
            };
            let journal = Arc::new(Mutex::new(faulty));
            let shared = Box::new(Shared(Arc::clone(&journal)));
            let ledger = Ledger::on(shared, index.path().join("index"), &settings).unwrap();
            for _ in 0..12 {
                let transfers = request(next, |n| u128::from(n) + 1);
                let Ok(outcomes) = ledger.transfer(&transfers) else {
                    crashes += 1;
                    break;
                };
                let codes: Vec<_> =
                    outcomes.iter().map(|outcome| outcome.code().map(str::to_owned)).collect();
                assert_eq!(codes, slow.ask(&transfers), "seed {seed}, life {life}");
                next += 1;
            }
            drop(ledger);
            media = Arc::into_inner(journal).unwrap().into_inner().unwrap().into_media();
            media.restart(Faults::default());
            // What was in flight is there whole or not at all: asked again it is done once, as the slow ledger does it.
            let journal = Arc::new(Mutex::new(LogJournal::on(media, SMALL).unwrap()));
            let shared = Box::new(Shared(Arc::clone(&journal)));
            let ledger = Ledger::on(shared, index.path().join("index"), &settings).unwrap();
            let transfers = request(next, |n| u128::from(n) + 1);
            let outcomes = ledger.transfer(&transfers).unwrap();
            if outcomes[0].code() == Some("ledger.exists") {
                slow.ask(&transfers);
            }
            let codes: Vec<_> = outcomes.iter().map(|outcome| outcome.code().map(str::to_owned)).collect();
            assert_eq!(codes, slow.ask(&transfers), "seed {seed}, life {life}");
            next += 1;
            let real = ledger.look(|state| state.accounts().iter().cloned().collect::<Vec<_>>()).unwrap();
            assert!(real.iter().eq(slow.0.accounts().iter()), "seed {seed}, life {life}");
            ledger.close().unwrap();
            media = Arc::into_inner(journal).unwrap().into_inner().unwrap().into_media();
        }
    }
    assert!(crashes > 5, "this test saw only {crashes} crashes");
}
