//! Crashes by the thousand: what was acknowledged is there, what was not is there whole or not at all.

use meridian_journal::{Faults, Journal, LogJournal, LogSettings, Position, SimMedia};

use crate::contract::batch;

const SMALL: LogSettings = LogSettings { segment_bytes: 24 * 1024 };

/// Appends until the medium crashes or fails; then reopens and compares. Returns how many batches were lost.
fn lost_in(seed: u64, faults: Faults) -> u64 {
    let mut media = SimMedia::new(seed, faults);
    let mut acknowledged = 0_u64;
    let mut number = 0;
    for life in 0..4 {
        let Ok(mut journal) = LogJournal::on(media.clone(), SMALL) else {
            // The machine stopped again while opening: nothing was acknowledged meanwhile.
            media.restart(Faults::default());
            continue;
        };
        let lease = journal.acquire("sim").unwrap();
        let (mut tail, _) = journal.tail();
        if tail.0 < acknowledged {
            return acknowledged - tail.0;
        }
        acknowledged = tail.0;
        for _ in 0..60 {
            let group: Vec<_> = (0..seed % 3 + 1)
                .map(|part| batch(number + part, 700 + usize::try_from(seed % 5000).unwrap()))
                .collect();
            match journal.append(&lease, tail, &group) {
                Ok(next) => {
                    number += group.len() as u64;
                    (tail, acknowledged) = (next, next.0);
                }
                Err(_) => break,
            }
        }
        media = journal.into_media();
        media.restart(if life == 3 { Faults::default() } else { faults });
    }
    let mut journal = match LogJournal::on(media, SMALL) {
        Ok(journal) => journal,
        Err(error) => {
            assert!(faults.lies, "seed {seed}: {error}");
            return acknowledged;
        }
    };
    let (tail, _) = journal.tail();
    let mut at = Position(0);
    while at < tail {
        for stored in journal.read_from(at, 1 << 20).unwrap() {
            assert_eq!(stored.position, at, "seed {seed}");
            at.0 += 1;
        }
    }
    acknowledged.saturating_sub(tail.0)
}

#[test]
fn nothing_acknowledged_is_lost_over_torn_and_failed_writes_and_a_full_medium() {
    for seed in 0..1_500 {
        let faults = Faults { torn: 20, failed: 10, short: 10, full: 5, lies: false };
        assert_eq!(lost_in(seed, faults), 0, "seed {seed}");
    }
}

#[test]
fn a_medium_that_lies_is_seen_to_lose() {
    let lies = Faults { torn: 30, lies: true, ..Faults::default() };
    assert!((0..200).any(|seed| lost_in(seed, lies) > 0), "this test could not fail");
}
