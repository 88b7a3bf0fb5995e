//! Screening under test.
#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "tests open files and say what they expect"
)]

mod delta;
mod fuzz;
mod lists;
mod names;
mod ownership;
mod quality;
mod rules;

use meridian_screening::{Entry, Kind, List, ListSet, Strength};
use meridian_terms::Day;

/// The day the made-up lists are of.
fn today() -> Day {
    Day::parse("2026-03-20").unwrap()
}

/// An entry with one name.
fn entry(id: &str, kind: Kind, name: &str) -> Entry {
    let mut entry = Entry::new(id, kind);
    entry.name(name, Strength::Primary);
    entry
}

/// A list of today with these entries.
fn list(name: &str, entries: Vec<Entry>) -> List {
    let text = format!("{name} {entries:?}");
    let digest = *blake3::hash(text.as_bytes()).as_bytes();
    List { name: name.to_owned(), published: today(), entries, digest, is_test: false }
}

/// The UN's list alone, with these entries.
fn un(entries: Vec<Entry>) -> ListSet {
    ListSet::of(vec![list("UN", entries)])
}
