//! A ledger stored by an earlier version opens today and says what it said then.
//!
//! `MERIDIAN_ACCEPT=1` stores one of the present format under a new name; the old ones stay.

use std::fs;
use std::path::{Path, PathBuf};

use meridian_batch::{Ledger, Outcome};

use crate::world::{Slow, account, accounts, request, settings};

/// The format of the present version.
const PRESENT: &str = "0.1";
const REQUESTS: u64 = 6;

fn stored() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/past")
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let (path, name) = (entry.path(), entry.file_name());
        if path.is_dir() {
            copy(&path, &to.join(name));
        } else if name != "LOCK" && !name.to_string_lossy().ends_with(".new") {
            fs::copy(path, to.join(name)).unwrap();
        }
    }
}

#[test]
fn every_stored_ledger_opens_and_goes_on() {
    let mut settings = settings(50);
    (settings.snapshot_every, settings.segment_bytes) = (60, 32 * 1024);
    if std::env::var_os("MERIDIAN_ACCEPT").is_some() && !stored().join(PRESENT).exists() {
        let directory = tempfile::tempdir().unwrap();
        let ledger = Ledger::open(directory.path(), &settings).unwrap();
        ledger.open_accounts(accounts()).unwrap().unwrap();
        for number in 0..REQUESTS {
            ledger.transfer(&request(number, |n| u128::from(n) + 1)).unwrap();
        }
        ledger.close().unwrap();
        copy(directory.path(), &stored().join(PRESENT));
    }
    let mut opened = 0;
    for version in fs::read_dir(stored()).unwrap() {
        let directory = tempfile::tempdir().unwrap();
        copy(&version.unwrap().path(), directory.path());
        let ledger = Ledger::open(directory.path(), &settings).unwrap();
        let mut slow = Slow::new();
        for number in 0..REQUESTS {
            slow.ask(&request(number, |n| u128::from(n) + 1));
        }
        for number in 0..=REQUESTS {
            let transfers = request(number, |n| u128::from(n) + 1);
            let outcomes = ledger.transfer(&transfers).unwrap();
            let codes: Vec<_> =
                outcomes.iter().map(|outcome: &Outcome| outcome.code().map(str::to_owned)).collect();
            assert_eq!(codes, slow.ask(&transfers));
        }
        for number in 0..21 {
            let real = ledger.look(move |state| state.account(account(number)).cloned()).unwrap();
            assert_eq!(real.as_ref(), slow.0.account(account(number)));
        }
        assert!(!ledger.history(account(5), 10).unwrap().is_empty());
        opened += 1;
    }
    assert!(opened > 0, "no ledger is stored");
}
