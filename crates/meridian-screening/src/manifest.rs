//! The manifest: what a fetched list must be before it replaces the one in force.
//!
//! A refused list leaves the previous one in force, and that one ages: after [`Expected::oldest_hours`] nothing passes
//! any more. There is no switch that ignores an error, and zero rows are never a success.

use std::collections::BTreeMap;

use meridian_terms::{Micros, Moment, Refusal, Retry};

use crate::lexicon::Lexicon;
use crate::list::ListSet;
use crate::model::List;
use crate::policy::ALWAYS;

/// What is expected of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Expected {
    /// The fewest entries it may have.
    pub least_entries: usize,
    /// The most it may shrink against the one in force, in percent.
    pub most_shrink_percent: u8,
    /// Hours after which somebody is told that it was not refreshed.
    pub alarm_hours: i64,
    /// Hours after which nothing is released under it.
    pub oldest_hours: i64,
}

impl Default for Expected {
    /// One entry, a tenth less at most, an alarm after a day, an end after two.
    fn default() -> Self {
        Self { least_entries: 1, most_shrink_percent: 10, alarm_hours: 24, oldest_hours: 48 }
    }
}

/// The lists that must be there. The UN's always must.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Manifest {
    mandatory: BTreeMap<String, Expected>,
}

impl Default for Manifest {
    fn default() -> Self {
        Self { mandatory: BTreeMap::from([(ALWAYS.to_owned(), Expected::default())]) }
    }
}

fn refuse(code: &'static str, what: String, next: &'static str) -> Refusal {
    Refusal::new(code, what)
        .rule("a list is whole or it is not taken into force")
        .next(next)
        .retry(Retry::SameRequest)
}

/// How old the lists in force are, by the moment they were last fetched and found whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Freshness {
    /// Within their time.
    Fresh,
    /// To be refreshed; still in force.
    Alarm,
    /// Too old: everything is held.
    Expired,
}

impl Manifest {
    /// Adds or tightens what is expected of a list. It cannot be taken away again.
    pub fn require(&mut self, list: &str, expected: Expected) {
        self.mandatory.insert(list.to_owned(), expected);
    }

    /// What is expected of a list.
    #[must_use]
    pub fn expected(&self, list: &str) -> Expected {
        self.mandatory.get(list).copied().unwrap_or_default()
    }

    /// Takes fetched lists into force, or says why the ones before stay.
    ///
    /// # Errors
    /// `screening.list_missing`, `screening.list_empty`, `screening.list_short`, `screening.list_shrunken`.
    pub fn accept(
        &self,
        in_force: Option<&ListSet>,
        fetched: Vec<List>,
        lexicon: Option<Lexicon>,
    ) -> Result<ListSet, Refusal> {
        if let Some(missing) =
            self.mandatory.keys().find(|name| fetched.iter().all(|list| list.name != **name))
        {
            return Err(refuse("screening.list_missing", format!("{missing} was not fetched"), "fetch it"));
        }
        self.are_whole(in_force, &fetched)?;
        Ok(match lexicon {
            Some(lexicon) => ListSet::with_lexicon(fetched, lexicon),
            None => ListSet::of(fetched),
        })
    }

    /// Whether each fetched list is as full as it must be and has not shrunk against the one in force.
    ///
    /// # Errors
    /// `screening.list_empty`, `screening.list_short`, `screening.list_shrunken`.
    pub fn are_whole(&self, in_force: Option<&ListSet>, fetched: &[List]) -> Result<(), Refusal> {
        for list in fetched {
            let (expected, count) = (self.expected(&list.name), list.entries.len());
            if count == 0 {
                return Err(refuse(
                    "screening.list_empty",
                    format!("{} has no entry", list.name),
                    "fetch it again",
                ));
            }
            if count < expected.least_entries {
                let what =
                    format!("{} has {count} entries of at least {}", list.name, expected.least_entries);
                return Err(refuse(
                    "screening.list_short",
                    what,
                    "fetch it again, or lower the manifest's count",
                ));
            }
            let before =
                in_force.and_then(|lists| lists.list(&list.name)).map_or(0, |list| list.entries.len());
            let kept = 100 - usize::from(expected.most_shrink_percent.min(100));
            if count * 100 < before * kept {
                let what = format!("{} has {count} entries, {before} before", list.name);
                return Err(refuse(
                    "screening.list_shrunken",
                    what,
                    "fetch it again; if the publisher did remove them, raise most_shrink_percent for this once",
                ));
            }
        }
        Ok(())
    }

    /// How fresh a list fetched at `fetched` is.
    #[must_use]
    pub fn freshness(&self, list: &str, fetched: Moment, now: Moment) -> Freshness {
        let (expected, age) = (self.expected(list), now.since(fetched));
        if age > Micros::hours(expected.oldest_hours) {
            Freshness::Expired
        } else if age > Micros::hours(expected.alarm_hours) {
            Freshness::Alarm
        } else {
            Freshness::Fresh
        }
    }
}
