//! Followers replay, compare, halt and take over.

use std::time::Duration;

use meridian_journal::{Batch, FileJournal, Journal, LogSettings, MemoryJournal, Position};
use meridian_node::{AskError, FollowError, Follower, LAYOUT, Node, verify};

use crate::world::{admit, balance, clock, fund, settings};

const SMALL: LogSettings = LogSettings { segment_bytes: 64 * 1024 };

#[test]
fn many_ask_at_once_and_everything_answered_is_there_after_a_restart() {
    let directory = tempfile::tempdir().unwrap();
    let journal = FileJournal::open(directory.path(), SMALL).unwrap();
    let (node, writer) = Node::start(Box::new(journal), clock(), settings()).unwrap();
    node.ask_blocking("operator", admit()).unwrap();
    std::thread::scope(|scope| {
        for asker in 0..8_u128 {
            let node = node.clone();
            scope.spawn(move || {
                for number in 0..40 {
                    let before = node.ask_blocking("operator", fund(asker * 1000 + number + 1)).unwrap();
                    // What was answered is in every later read.
                    assert!(node.read_blocking(move |hub| hub.events >= before.event_number).unwrap());
                }
            });
        }
    });
    assert_eq!(balance(&node), 8 * 40 * 100);
    std::thread::sleep(Duration::from_millis(600));
    node.stop();
    writer.join().unwrap().unwrap();
    assert!(matches!(node.ask_blocking("operator", fund(9_999)), Err(AskError::Stopped)));
    let mut journal = FileJournal::open(directory.path(), SMALL).unwrap();
    let whole = verify(&mut journal, |_| {}).unwrap();
    assert_eq!(whole.events, 321);
    let (snapshot, _) = journal.latest_snapshot().unwrap().expect("a snapshot was kept beside the writer");
    assert!(snapshot <= journal.tail().0);
    let (node, writer) = Node::start(Box::new(journal), clock(), settings()).unwrap();
    assert_eq!(node.read_blocking(|hub| hub.hash()).unwrap(), whole.state_hash);
    node.stop();
    writer.join().unwrap().unwrap();
}

#[test]
fn a_follower_takes_over_when_the_leader_lets_go_of_the_lock() {
    let directory = tempfile::tempdir().unwrap();
    let open = || FileJournal::open(directory.path(), SMALL);
    let (leader, writer) = Node::start(Box::new(open().unwrap()), clock(), settings()).unwrap();
    leader.ask_blocking("operator", admit()).unwrap();
    for number in 1..=30 {
        leader.ask_blocking("operator", fund(number)).unwrap();
    }
    let mut reading = FileJournal::open_reading(directory.path()).unwrap();
    let mut follower = Follower::start(&mut reading).unwrap();
    let at = follower.catch_up(&mut reading).unwrap();
    let (events, hash) = leader.read_blocking(|hub| (hub.events, hub.hash())).unwrap();
    assert_eq!((follower.hub().events, follower.hub().hash()), (events, hash));
    assert_eq!(follower.position(), at);
    // While the leader holds the lock nobody takes over.
    assert!(open().is_err());
    for number in 31..=40 {
        leader.ask_blocking("operator", fund(number)).unwrap();
    }
    leader.stop();
    writer.join().unwrap().unwrap();
    let may_lead = || open().ok().map(|journal| Box::new(journal) as Box<dyn Journal>);
    let journal = follower.follow_until(&mut reading, Duration::from_millis(5), may_lead).unwrap();
    let (next, writer) = follower.take_over(journal, clock(), settings()).unwrap();
    assert_eq!(balance(&next), 4_000);
    // A client that did not hear an answer asks again and gets the same effect once.
    drop(next.ask_blocking("operator", fund(40)));
    next.ask_blocking("operator", fund(41)).unwrap();
    assert_eq!(balance(&next), 4_100);
    next.stop();
    writer.join().unwrap().unwrap();
}

#[test]
fn a_standby_is_read_decides_nothing_and_leads_under_the_same_handle() {
    let directory = tempfile::tempdir().unwrap();
    let place = directory.path().to_owned();
    let open =
        move || FileJournal::open(&place, SMALL).ok().map(|journal| Box::new(journal) as Box<dyn Journal>);
    let (leader, writer) = Node::start(open().unwrap(), clock(), settings()).unwrap();
    leader.ask_blocking("operator", admit()).unwrap();
    let reading = Box::new(FileJournal::open_reading(directory.path()).unwrap());
    let (standby, following) =
        Node::follow(reading, open, Duration::from_millis(5), clock(), settings()).unwrap();
    for number in 1..=20 {
        leader.ask_blocking("operator", fund(number)).unwrap();
    }
    while standby.position() < leader.position() {
        std::thread::sleep(Duration::from_millis(2));
    }
    assert_eq!(
        standby.read_blocking(|hub| hub.hash()).unwrap(),
        leader.read_blocking(|hub| hub.hash()).unwrap()
    );
    match standby.ask_blocking("operator", fund(21)) {
        Err(AskError::Refused(refusal)) => assert_eq!(refusal.code, "node.standby"),
        other => panic!("{other:?}"),
    }
    assert!(leader.standing().leads && !standby.standing().leads);
    leader.stop();
    writer.join().unwrap().unwrap();
    while !standby.standing().leads {
        std::thread::sleep(Duration::from_millis(2));
    }
    standby.ask_blocking("operator", fund(21)).unwrap();
    assert_eq!(balance(&standby), 2_100);
    standby.stop();
    following.join().unwrap().unwrap();
    assert!(matches!(standby.read_blocking(|_| ()), Err(AskError::Stopped)));
}

/// A journal with one batch whose witness is of another hub, laid out so.
fn diverging(layout: u32) -> MemoryJournal {
    let mut journal = MemoryJournal::default();
    let lease = journal.acquire("one").unwrap();
    let mut witness = [9_u8; 32];
    witness[..4].copy_from_slice(&layout.to_le_bytes());
    let body = borsh::to_vec(&(Vec::<meridian_node::Record>::new(), Some(witness))).unwrap();
    let at = meridian_terms::Moment::EPOCH;
    journal.append(&lease, Position(0), &[Batch { at, body }]).unwrap();
    journal
}

#[test]
fn a_follower_whose_hub_differs_halts_and_never_leads() {
    let mut journal = diverging(LAYOUT);
    let mut follower = Follower::start(&mut journal).unwrap();
    for _ in 0..2 {
        assert!(matches!(follower.catch_up(&mut journal), Err(FollowError::Diverged { position: 0, .. })));
    }
    let told = follower.take_over(Box::new(journal.clone()), clock(), settings()).err().unwrap().to_string();
    assert!(told.contains("compare versions"), "{told}");
    assert!(verify(&mut journal, |_| {}).unwrap_err().why.contains("not the one its writer had"));
}

#[test]
fn what_another_version_laid_out_otherwise_is_passed_over() {
    let mut journal = diverging(LAYOUT + 1);
    let (end, _) = journal.tail();
    journal
        .save_snapshot(end, &[(LAYOUT + 1).to_le_bytes().as_slice(), b"laid out otherwise"].concat())
        .unwrap();
    let mut follower = Follower::start(&mut journal).unwrap();
    assert_eq!(follower.position(), Position(0), "its snapshot is no use here");
    assert_eq!(follower.catch_up(&mut journal).unwrap(), end);
    assert!(verify(&mut journal, |_| {}).is_ok());
}

#[test]
fn a_follower_ahead_of_the_promoted_journal_does_not_lead() {
    let directory = tempfile::tempdir().unwrap();
    let journal = FileJournal::open(directory.path(), SMALL).unwrap();
    let (leader, writer) = Node::start(Box::new(journal), clock(), settings()).unwrap();
    leader.ask_blocking("operator", admit()).unwrap();
    leader.stop();
    writer.join().unwrap().unwrap();
    let mut reading = FileJournal::open_reading(directory.path()).unwrap();
    let mut follower = Follower::start(&mut reading).unwrap();
    follower.catch_up(&mut reading).unwrap();
    let other = Box::new(MemoryJournal::default());
    let told = follower.take_over(other, clock(), settings()).err().unwrap().to_string();
    assert!(told.contains("does not have"), "{told}");
}
