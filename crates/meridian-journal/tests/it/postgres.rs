//! The journal in a real PostgreSQL: the contract, unsafe settings, and kill -9 of the primary under load.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use meridian_journal::{
    Batch, Id, Journal, JournalError, Lease, Position, PostgresJournal, PostgresSettings,
};
use meridian_terms::Moment;
use meridian_testdata::postgres::{Postgres, binaries};

const SAFE: &str = "fsync = on\nfull_page_writes = on\nsynchronous_commit = on\nshared_buffers = 64MB\n\
wal_level = replica\nmax_wal_senders = 8\nhot_standby = on\n";
const SYNCHRONOUS: &str = "synchronous_standby_names = 'ANY 1 (*)'\n";

fn is_missing() -> bool {
    if binaries().is_none() {
        eprintln!("skipped: PostgreSQL is not installed");
    }
    binaries().is_none()
}

fn alone(server: &Postgres, ledger: &str) -> PostgresSettings {
    PostgresSettings { standbys: 0, ..PostgresSettings::new(server.url(), ledger) }
}

#[test]
fn the_contract_holds_in_postgresql_and_unsafe_settings_are_refused() {
    if is_missing() {
        return;
    }
    let directory = tempfile::tempdir().unwrap();
    let server = Postgres::primary(directory.path(), "one", SAFE).unwrap();
    crate::contract::lasts(&mut || Box::new(PostgresJournal::open(alone(&server, "contract")).unwrap()));

    // Without a synchronous standby it is refused unless somebody says that none is wanted.
    let refused = |settings: &PostgresSettings| match PostgresJournal::open(settings.clone()) {
        Err(JournalError::Io(why)) => why,
        other => panic!("{:?}", other.map(|journal| journal.tail())),
    };
    let replicated = PostgresSettings::new(server.url(), "unsafe");
    assert!(refused(&replicated).contains("synchronous_standby_names"));
    for (line, name) in [
        ("synchronous_commit = remote_write", "synchronous_commit"),
        ("synchronous_commit = off", "synchronous_commit"),
        ("full_page_writes = off", "full_page_writes"),
    ] {
        let (setting, value) = line.split_once(" = ").unwrap();
        server.sql(&format!("alter system set {setting} = {value}")).unwrap();
        server.sql("select pg_reload_conf()").unwrap();
        std::thread::sleep(Duration::from_millis(300));
        assert!(refused(&alone(&server, "unsafe")).contains(name), "{line}");
        server.sql(&format!("alter system reset {setting}")).unwrap();
        server.sql("select pg_reload_conf()").unwrap();
        std::thread::sleep(Duration::from_millis(300));
    }

    // Damage in the table is found by the chain.
    let mut journal = PostgresJournal::open(alone(&server, "damaged")).unwrap();
    let lease = journal.acquire("one").unwrap();
    let batch = |text: &str| Batch { at: Moment::EPOCH, body: text.as_bytes().to_vec() };
    let mut tail = Position(0);
    for text in ["a", "b", "c"] {
        tail = journal.append(&lease, tail, &[batch(text)]).unwrap();
    }
    server.sql("update meridian_journal set body = 'x' where ledger = 'damaged' and position = 1").unwrap();
    let error = journal.read_from(Position(0), 1000).unwrap_err();
    assert!(matches!(error, JournalError::Damaged { offset: 1, .. }), "{error}");
}

/// What a client was told is durable.
type Acknowledged = Arc<Mutex<Vec<(Position, Id)>>>;

/// Appends until told to stop or until it is shut out; the batch in flight when it ended, if there was one.
fn load(
    mut journal: PostgresJournal,
    lease: Lease,
    acknowledged: &Acknowledged,
    stop: &AtomicBool,
) -> (PostgresJournal, Option<Batch>) {
    let mut number = journal.tail().0.0;
    while !stop.load(Ordering::Acquire) {
        let size = 100 + usize::try_from(number * 7919 % 5000).unwrap();
        let batch = Batch { at: Moment::from_micros(number.cast_signed()), body: vec![7; size] };
        let (tail, _) = journal.tail();
        match journal.append(&lease, tail, std::slice::from_ref(&batch)) {
            Ok(_) => {
                let (tail, id) = journal.tail();
                acknowledged.lock().unwrap().push((Position(tail.0 - 1), id));
                number += 1;
            }
            Err(_) => return (journal, Some(batch)),
        }
    }
    (journal, None)
}

/// Every acknowledged batch is there once, as it was acknowledged; at most the one in flight is there beside.
fn check(journal: &mut PostgresJournal, acknowledged: &Acknowledged, round: u32) -> Position {
    let mut at = Position(0);
    let mut ids = Vec::new();
    loop {
        let part = journal.read_from(at, 1 << 20).unwrap();
        if part.is_empty() {
            break;
        }
        for stored in part {
            assert_eq!(stored.position, at, "round {round}");
            ids.push(stored.id);
            at.0 += 1;
        }
    }
    let acknowledged = acknowledged.lock().unwrap();
    for (position, id) in acknowledged.iter() {
        let there = ids.get(usize::try_from(position.0).unwrap());
        assert_eq!(there, Some(id), "round {round}: {position:?} was acknowledged and is lost");
    }
    let told: std::collections::BTreeSet<_> = acknowledged.iter().map(|(position, _)| *position).collect();
    assert_eq!(told.len(), acknowledged.len(), "round {round}: a position was acknowledged twice");
    at
}

/// Rounds of: load, kill -9 of the primary, promotion, a new standby. In even rounds the same node goes on over its
/// broken connection; in odd rounds it is gone, and another takes over and sends what was in flight again.
#[test]
fn kill_9_of_the_primary_under_load_loses_nothing_and_doubles_nothing() {
    if is_missing() {
        return;
    }
    let rounds: u32 =
        std::env::var("MERIDIAN_PG_ROUNDS").ok().and_then(|text| text.parse().ok()).unwrap_or(2);
    let directory = tempfile::tempdir().unwrap();
    let lines = format!("{SAFE}{SYNCHRONOUS}");
    let mut primary = Postgres::primary(directory.path(), "node0", SAFE).unwrap();
    let mut standby = primary.standby(directory.path(), "node1", &lines).unwrap();
    primary.sql("alter system set synchronous_standby_names = 'ANY 1 (*)'").unwrap();
    primary.sql("select pg_reload_conf()").unwrap();
    std::thread::sleep(Duration::from_millis(300));
    let acknowledged = Acknowledged::default();
    for round in 0..rounds {
        let both = format!(
            "host=127.0.0.1,127.0.0.1 port={},{} user=postgres dbname=postgres",
            primary.port(),
            standby.port()
        );
        let settings =
            PostgresSettings { patience: Duration::from_secs(60), ..PostgresSettings::new(both, "load") };
        let mut journal = PostgresJournal::open(settings.clone()).unwrap();
        assert_eq!(journal.durability().copies, 2);
        let lease = journal.acquire("first").unwrap();
        let before = journal.tail().0;
        let stop = Arc::new(AtomicBool::new(false));
        let goes_on = round % 2 == 0;
        if !goes_on {
            // A node without patience: it ends with its connection.
            journal =
                PostgresJournal::open(PostgresSettings { patience: Duration::ZERO, ..settings.clone() })
                    .unwrap();
            let again = journal.acquire("first").unwrap();
            assert!(again.epoch > lease.epoch);
        }
        let lease = if goes_on { lease } else { journal.acquire("first").unwrap() };
        let (told, stops) = (Arc::clone(&acknowledged), Arc::clone(&stop));
        let loading = std::thread::spawn(move || load(journal, lease, &told, &stops));
        std::thread::sleep(Duration::from_millis(400 + u64::from(round % 5) * 130));
        // A standby serves what it has, at a position of its own.
        let mut reader = PostgresJournal::open_reading(PostgresSettings::new(standby.url(), "load")).unwrap();
        assert!(!reader.read_from(Position(0), 1000).unwrap().is_empty());
        drop(reader);

        primary.kill();
        std::thread::sleep(Duration::from_millis(100));
        standby.promote().unwrap();
        let next = standby.standby(directory.path(), &format!("node{}", round + 2), &lines).unwrap();

        let (mut journal, unanswered) = if goes_on {
            // It finds the new primary, settles what was in flight, and acknowledges more.
            let so_far = acknowledged.lock().unwrap().len();
            for _ in 0..200 {
                if acknowledged.lock().unwrap().len() > so_far + 3 {
                    break;
                }
                std::thread::sleep(Duration::from_millis(100));
            }
            stop.store(true, Ordering::Release);
            loading.join().unwrap()
        } else {
            let (old, unanswered) = loading.join().unwrap();
            drop(old);
            let mut journal = PostgresJournal::open(settings).unwrap();
            journal.acquire("second").unwrap();
            (journal, unanswered)
        };
        let found = check(&mut journal, &acknowledged, round);
        assert!(found > before, "round {round}: no load");
        let told = acknowledged.lock().unwrap().last().map(|(position, _)| position.0 + 1).unwrap();
        match unanswered {
            None => assert_eq!(found.0, told, "round {round}: something is doubled"),
            Some(batch) => {
                assert!(
                    !goes_on,
                    "round {round}: the node did not go on: {:?}",
                    journal.append(&lease, found, std::slice::from_ref(&batch))
                );
                // The one in flight is there, or it is not; sent again it is there once.
                assert!(found.0 == told || found.0 == told + 1, "round {round}: {found:?} after {told}");
                let lease = journal.acquire("second").unwrap();
                if found.0 == told {
                    journal.append(&lease, found, std::slice::from_ref(&batch)).unwrap();
                }
                let (tail, id) = journal.tail();
                acknowledged.lock().unwrap().push((Position(tail.0 - 1), id));
                assert_eq!(tail.0, told + 1);
            }
        }
        eprintln!("round {round}: {} acknowledged, all there once", acknowledged.lock().unwrap().len());
        (primary, standby) = (standby, next);
    }
}
