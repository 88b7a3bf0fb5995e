//! OFAC FAQ 401, "How does OFAC interpret indirect ownership as it relates to certain complex ownership structures?":
//! its examples, and what a register does not say.

use std::collections::BTreeSet;

use meridian_screening::{Owned, Ownership};

/// Stakes as `owner percent owned`, parted by semicolons; a question mark where the share is not known.
fn graph(text: &str) -> Ownership {
    let mut graph = Ownership::default();
    for stake in text.split(';').map(str::trim).filter(|stake| !stake.is_empty()) {
        let parts: Vec<&str> = stake.split(' ').collect();
        let share = parts[1].parse::<u32>().ok().map(|percent| percent * 100);
        graph.add(parts[0], parts[2], share).unwrap();
    }
    graph
}

#[test]
fn the_examples_of_faq_401_and_beyond() {
    let listed: BTreeSet<String> = ["X", "Y"].map(str::to_owned).into();
    // (stakes, entity, expected) where X and Y are blocked persons.
    let cases = [
        // X owns half of A, A half of B: B is blocked.
        ("X 50 A; A 50 B", "B", "blocked"),
        // X owns half of A and of B, each a quarter of C: C is blocked.
        ("X 50 A; X 50 B; A 25 C; B 25 C", "C", "blocked"),
        // X owns half of A and 10 of B; A 40 of B: B is blocked, X's own and A's together.
        ("X 50 A; X 10 B; A 40 B", "B", "blocked"),
        // X owns half of A, a quarter of B; A and B each a quarter of C: only A's counts, C is not blocked.
        ("X 50 A; X 25 B; A 25 C; B 25 C", "C", "not blocked"),
        // X owns a quarter of A and of B; A and B each half of C: neither counts, C is not blocked.
        ("X 25 A; X 25 B; A 50 C; B 50 C", "C", "not blocked"),
        // Two blocked persons in the aggregate.
        ("X 25 A; Y 25 A", "A", "blocked"),
        ("X 25 A; Y 24 A; Z 51 A", "A", "not blocked"),
        // Entities that own each other end, and do not lift themselves.
        ("A 60 B; B 60 A; X 40 A", "A", "not blocked"),
        ("A 60 B; B 10 A; X 50 A", "B", "blocked"),
        ("A 100 A", "A", "not blocked"),
        // What is not known is not clear.
        ("X ? A; Z 40 A", "A", "unknown"),
        ("X ? A; Z 51 A", "A", "not blocked"),
        ("X ? A; A 50 B", "B", "unknown"),
        ("Z 10 A", "B", "unknown"),
    ];
    for (stakes, entity, expected) in cases {
        let told = match graph(stakes).of(entity, &listed) {
            Owned::Blocked { by, total } => {
                assert!(total >= 5_000 && !by.is_empty());
                "blocked"
            }
            Owned::NotBlocked { .. } => "not blocked",
            Owned::Unknown { .. } => "unknown",
        };
        assert_eq!(told, expected, "{stakes}: {entity}");
    }
}

#[test]
fn nobody_owns_more_than_the_whole() {
    let mut graph = graph("X 60 A");
    assert_eq!(graph.add("Y", "A", Some(4_001)).unwrap_err().code, "screening.stake_impossible");
    assert!(graph.add("X", "A", Some(10_000)).is_ok(), "a stake is replaced, not added up");
}
