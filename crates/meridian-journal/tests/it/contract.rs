//! The contract of [`Journal`], run against every engine.

use meridian_journal::{
    Batch, Faults, FileJournal, Journal, JournalError, LogJournal, LogSettings, MemoryJournal, Position,
    SimMedia,
};
use meridian_terms::Moment;

const SMALL: LogSettings = LogSettings { segment_bytes: 32 * 1024 };

pub(crate) fn batch(number: u64, bytes: usize) -> Batch {
    let fill = u8::try_from(number % 251).unwrap();
    Batch { at: Moment::from_micros(i64::try_from(number).unwrap()), body: vec![fill; bytes] }
}

fn holds(journal: &mut dyn Journal) {
    let lease = journal.acquire("one").unwrap();
    assert!(journal.read_from(Position(0), 1000).unwrap().is_empty());
    let mut tail = Position(0);
    for number in 0..40_u64 {
        let group: Vec<Batch> = (0..=number % 4).map(|part| batch(number * 10 + part, 900)).collect();
        tail = journal.append(&lease, tail, &group).unwrap();
        assert_eq!(journal.tail().0, tail);
    }
    // Read in pieces: gap-free, in order, each once.
    let mut at = Position(0);
    let mut seen = 0;
    while at < tail {
        let part = journal.read_from(at, 5_000).unwrap();
        assert!(!part.is_empty());
        for stored in part {
            assert_eq!(stored.position, Position(seen));
            assert_eq!(stored.body.len(), 900);
            seen += 1;
            at = Position(seen);
        }
    }
    assert_eq!(Position(seen), tail);
    let middle = journal.read_from(Position(7), 1).unwrap();
    assert_eq!(middle.first().map(|stored| stored.position), Some(Position(7)));
    // A wrong idea of the end changes nothing.
    let conflict = journal.append(&lease, Position(3), &[batch(1, 10)]).unwrap_err();
    assert_eq!(conflict, JournalError::Conflict { tail, expected: Position(3) });
    // Snapshots: the newest counts.
    journal.save_snapshot(Position(5), b"five").unwrap();
    journal.save_snapshot(Position(9), b"nine").unwrap();
    journal.save_snapshot(Position(11), b"eleven").unwrap();
    assert_eq!(journal.latest_snapshot().unwrap(), Some((Position(11), b"eleven".to_vec())));
    // Archived history is still history.
    journal.archive_before(Position(50)).unwrap();
    assert_eq!(journal.read_from(Position(0), 1).unwrap()[0].position, Position(0));
    // A later term shuts out an earlier lease.
    let later = journal.acquire("two").unwrap();
    assert!(matches!(journal.append(&lease, tail, &[batch(1, 10)]), Err(JournalError::Fenced(_))));
    journal.append(&later, tail, &[batch(1, 10)]).unwrap();
}

#[test]
fn the_contract_holds_in_memory() {
    holds(&mut MemoryJournal::default());
}

#[test]
fn the_contract_holds_on_a_simulated_medium() {
    holds(&mut LogJournal::on(SimMedia::new(1, Faults::default()), SMALL).unwrap());
}

#[test]
fn the_contract_holds_on_files_and_over_a_restart() {
    let directory = tempfile::tempdir().unwrap();
    let mut journal = FileJournal::open(directory.path(), SMALL).unwrap();
    holds(&mut journal);
    let (tail, id) = journal.tail();
    drop(journal);
    let mut again = FileJournal::open(directory.path(), SMALL).unwrap();
    assert_eq!(again.tail(), (tail, id));
    assert_eq!(again.latest_snapshot().unwrap(), Some((Position(11), b"eleven".to_vec())));
    let lease = again.acquire("three").unwrap();
    again.append(&lease, tail, &[batch(2, 100_000)]).unwrap();
}

#[test]
fn a_second_holder_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    let _first = FileJournal::open(directory.path(), SMALL).unwrap();
    assert!(matches!(FileJournal::open(directory.path(), SMALL), Err(JournalError::Held(_))));
}
