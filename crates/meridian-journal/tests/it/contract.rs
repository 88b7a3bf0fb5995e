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

/// What every engine must do, on an empty journal.
pub(crate) fn holds(journal: &mut dyn Journal) {
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

/// What every engine that lasts must do: closed and opened again, it is the same journal. `open` gives the same one.
pub(crate) fn lasts(open: &mut dyn FnMut() -> Box<dyn Journal>) {
    let mut journal = open();
    holds(journal.as_mut());
    let (tail, id) = journal.tail();
    let whole = journal.read_from(Position(0), usize::MAX / 4).unwrap();
    drop(journal);
    let mut again = open();
    assert_eq!(again.tail(), (tail, id));
    assert_eq!(again.read_from(Position(0), usize::MAX / 4).unwrap(), whole);
    assert_eq!(again.latest_snapshot().unwrap(), Some((Position(11), b"eleven".to_vec())));
    let lease = again.acquire("three").unwrap();
    let large = batch(2, 100_000);
    let next = again.append(&lease, tail, std::slice::from_ref(&large)).unwrap();
    // A reader beside the writer sees what is durable, and goes on where it stopped.
    let Some(mut reader) = again.beside().unwrap() else { return };
    assert_eq!(reader.read_from(tail, 1).unwrap()[0].body, large.body);
    assert!(reader.read_from(next, 1).unwrap().is_empty());
    assert!(reader.acquire("four").is_err() || again.append(&lease, next, &[batch(3, 1)]).is_err());
    let lease = again.acquire("five").unwrap();
    let mut end = next;
    for number in 0..30 {
        end = again.append(&lease, end, &[batch(number, 3_000), batch(number, 10)]).unwrap();
    }
    let mut seen = next;
    while seen < end {
        for stored in reader.read_from(seen, 10_000).unwrap() {
            assert_eq!(stored.position, seen);
            seen.0 += 1;
        }
    }
    reader.save_snapshot(end, &vec![7; 70_000]).unwrap();
    assert_eq!(again.latest_snapshot().unwrap(), Some((end, vec![7; 70_000])));
    // What is archived is not walked at the next start, and still there.
    again.archive_before(end).unwrap();
    assert_eq!(reader.read_from(Position(3), 1).unwrap()[0].position, Position(3));
    drop((again, reader));
    let mut last = open();
    assert_eq!(last.tail().0, end);
    assert_eq!(last.read_from(Position(0), 1 << 30).unwrap().len() as u64, end.0);
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
fn the_contract_holds_on_files_and_over_restarts() {
    let directory = tempfile::tempdir().unwrap();
    lasts(&mut || Box::new(FileJournal::open(directory.path(), SMALL).unwrap()));
}

#[test]
fn a_second_holder_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    let _first = FileJournal::open(directory.path(), SMALL).unwrap();
    assert!(matches!(FileJournal::open(directory.path(), SMALL), Err(JournalError::Held(_))));
}

#[test]
fn a_full_medium_takes_nothing_and_goes_on_once_there_is_room() {
    let full = Faults { full: 1000, ..Faults::default() };
    let mut journal = LogJournal::on(SimMedia::new(5, full), SMALL).unwrap();
    let lease = journal.acquire("one").unwrap();
    assert!(matches!(journal.append(&lease, Position(0), &[batch(1, 10)]), Err(JournalError::Full(_))));
    let mut media = journal.into_media();
    media.restart(Faults::default());
    let mut journal = LogJournal::on(media, SMALL).unwrap();
    let lease = journal.acquire("one").unwrap();
    assert_eq!(journal.append(&lease, Position(0), &[batch(1, 10)]), Ok(Position(1)));
}

#[test]
fn an_error_of_the_medium_is_final() {
    let fails = Faults { failed: 1000, ..Faults::default() };
    let mut journal = LogJournal::on(SimMedia::new(5, fails), SMALL).unwrap();
    let lease = journal.acquire("one").unwrap();
    for _ in 0..2 {
        let error = journal.append(&lease, Position(0), &[batch(1, 10)]).unwrap_err();
        assert!(matches!(error, JournalError::Io(_)), "{error}");
    }
}
