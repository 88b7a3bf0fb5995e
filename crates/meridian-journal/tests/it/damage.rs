//! Damage before the tail is refused with its place; only the never-acknowledged tail is cut.

use meridian_journal::{Faults, Journal, JournalError, LogJournal, LogSettings, SimMedia};

use crate::contract::batch;

const SMALL: LogSettings = LogSettings { segment_bytes: 64 * 1024 };

fn written(groups: u64) -> SimMedia {
    let mut journal = LogJournal::on(SimMedia::new(3, Faults::default()), SMALL).unwrap();
    let lease = journal.acquire("one").unwrap();
    for number in 0..groups {
        let (tail, _) = journal.tail();
        journal.append(&lease, tail, &[batch(number, 500), batch(number, 500)]).unwrap();
    }
    journal.into_media()
}

#[test]
fn a_flipped_bit_before_the_last_group_is_refused_with_segment_and_offset() {
    let groups = 30;
    for group in 0..groups - 1 {
        for byte in [0_usize, 5, 20, 45, 73, 90, 600, 700] {
            let mut media = written(groups);
            let per_segment = 15;
            let (name, _) = media.files()[usize::try_from(group / per_segment).unwrap()].clone();
            let offset = 4096 * (1 + usize::try_from(group % per_segment).unwrap());
            assert!(media.rot(&name, offset + byte, 3));
            match LogJournal::on(media, SMALL) {
                Err(JournalError::Damaged { segment, offset: place, .. }) => {
                    assert_eq!(segment, name);
                    let page = u64::try_from(offset).unwrap();
                    assert!(
                        (page..page + 4096).contains(&place),
                        "{place} is not in the damaged group at {page}"
                    );
                }
                other => panic!("group {group} byte {byte}: {:?}", other.map(|journal| journal.tail())),
            }
        }
    }
}

#[test]
fn a_damaged_segment_header_is_refused() {
    let mut media = written(30);
    let (name, _) = media.files()[0].clone();
    media.rot(&name, 9, 1);
    assert!(matches!(LogJournal::on(media, SMALL), Err(JournalError::Damaged { offset: 0, .. })));
}

#[test]
fn a_group_that_is_missing_or_stands_elsewhere_is_refused() {
    let groups = 12;
    for group in 0..groups {
        // Nothing was written where it belongs, or it was written to a place of its own behind all others.
        let (from, behind) = (4096 * (1 + group), 4096 * 15);
        for is_misdirected in [false, true] {
            let mut media = written(u64::try_from(groups).unwrap());
            let (name, _) = media.files()[0].clone();
            assert!(media.misdirect(&name, from, behind, 4096));
            if !is_misdirected {
                assert!(media.misdirect(&name, behind - 4096, behind, 4096), "wiped again");
            }
            let opened = LogJournal::on(media, SMALL).map(|journal| journal.tail().0);
            match opened {
                Err(JournalError::Damaged { offset, .. }) => {
                    assert_eq!(offset, u64::try_from(from).unwrap());
                }
                // The very last group, gone without a trace, is as if it had never been.
                Ok(tail) => assert!(group == groups - 1 && !is_misdirected, "group {group}: {tail:?}"),
                Err(other) => panic!("group {group}: {other}"),
            }
        }
    }
}

#[test]
fn an_unsound_snapshot_is_passed_over() {
    let mut journal = LogJournal::on(written(3), SMALL).unwrap();
    let (tail, _) = journal.tail();
    journal.save_snapshot(tail, b"older").unwrap();
    let lease = journal.acquire("two").unwrap();
    let later = journal.append(&lease, tail, &[batch(1, 1)]).unwrap();
    journal.save_snapshot(later, b"newer").unwrap();
    let mut media = journal.into_media();
    let (name, length) = media.files().last().cloned().unwrap();
    media.rot(&name, length - 1, 0);
    let mut journal = LogJournal::on(media, SMALL).unwrap();
    assert_eq!(journal.latest_snapshot().unwrap(), Some((tail, b"older".to_vec())));
}
