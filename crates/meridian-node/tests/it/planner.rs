//! The planner on a running node: what no order of lines releases goes by a plan, once, and by one event.

use meridian_journal::{FileJournal, Journal, LogSettings, Position};
use meridian_node::{Event, Node, NodeSettings, Planner, plan, verify};
use meridian_pay::Priority;
use meridian_settlement::{self as settlement, Model, Tier};
use meridian_terms::{Currency, Uetr};

use crate::corridor::{BANKS, Corridor, rub};

/// Three banks owe the fourth more than they have, and each other a circle behind it; all of it waits.
fn gridlock() -> (Corridor, Vec<Uetr>) {
    let mut world = Corridor::new(Model::MultilateralNet, 0);
    let [a, b, c, d] = BANKS;
    [a, b, c].iter().for_each(|bank| world.lets_wait(bank, 600));
    let heads = [a, b, c].map(|bank| world.sends(bank, d, 10_000, Priority::Norm).1);
    let circle = [(a, b, 100), (b, c, 95), (c, a, 100)];
    let circle = circle.map(|(from, to, minor)| world.sends(from, to, minor, Priority::Norm));
    assert!(heads.iter().chain(circle.iter().map(|(_, stage)| stage)).all(|stage| stage == "waiting"));
    world.fund(c, rub(5));
    assert_eq!(world.stage(circle[0].0), "waiting", "in order of the lines nothing can go");
    (world, circle.map(|(uetr, _)| uetr).to_vec())
}

fn node(
    world: &Corridor,
    directory: &std::path::Path,
) -> (Node, std::thread::JoinHandle<Result<(), String>>) {
    let settings = LogSettings { segment_bytes: 1024 * 1024 };
    let mut journal = FileJournal::open(directory, settings).unwrap();
    let lease = journal.acquire("before").unwrap();
    journal.append(&lease, Position(0), &world.batches).unwrap();
    Node::start(Box::new(journal), world.clock.clone(), NodeSettings::default()).unwrap()
}

fn settled(node: &Node, circle: &[Uetr]) -> bool {
    let circle = circle.to_vec();
    node.read_blocking(move |hub| {
        circle.iter().all(|uetr| hub.pay.payment(*uetr).is_some_and(|one| one.stage.word() == "settled"))
    })
    .unwrap()
}

#[test]
fn a_plan_releases_what_no_order_of_lines_does() {
    let (world, circle) = gridlock();
    let directory = tempfile::tempdir().unwrap();
    let (node, writer) = node(&world, directory.path());
    let done = plan(&node, Currency::RUB).unwrap().expect("something can go");
    let Event::Settle(settlement::Event::Released { tier, entries, .. }, payments) = done.event else {
        panic!("{done:?}")
    };
    assert_eq!((tier, entries.len(), payments.len()), (Tier::Optimised, 3, 3));
    assert!(settled(&node, &circle));
    assert!(plan(&node, Currency::RUB).unwrap().is_none(), "what is left has no cover in any order");
    node.stop();
    writer.join().unwrap().unwrap();
    let mut journal = FileJournal::open_reading(directory.path()).unwrap();
    verify(&mut journal, |_| {}).unwrap();
}

#[test]
fn a_planner_plans_by_itself_and_ends_when_it_is_let_go() {
    let (world, circle) = gridlock();
    let directory = tempfile::tempdir().unwrap();
    let (node, writer) = node(&world, directory.path());
    let planner = Planner::start(node.clone(), std::time::Duration::from_millis(5)).unwrap();
    // A search takes a second or two on a slow machine; this many looks are minutes.
    let is_settled = (0..20_000).any(|_| {
        std::thread::sleep(std::time::Duration::from_millis(5));
        settled(&node, &circle)
    });
    assert!(is_settled);
    drop(planner);
    node.stop();
    writer.join().unwrap().unwrap();
}
