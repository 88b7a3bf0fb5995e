//! What an operator decides about screening. A policy may add lists, never take one away.

use std::collections::{BTreeMap, BTreeSet};

use meridian_terms::{Bic, Day};

use crate::list::ListSet;

/// The list that applies to everybody: Security Council resolutions bind all members (UN Charter, article 25).
pub const ALWAYS: &str = "UN";

/// Under which lists and from which score a question is decided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    /// The score from which a name is a hit, in thousandths.
    pub hit_from: u32,
    /// How many days old the oldest list may be.
    pub oldest_days: i32,
    /// How many entries a list has at least.
    pub least_entries: usize,
    /// The lists that apply; all that are loaded when empty.
    pub(crate) only: BTreeSet<String>,
}

impl Default for Policy {
    /// Every loaded list, none older than two days, and the line at [`HIT_FROM`].
    fn default() -> Self {
        Self { hit_from: HIT_FROM, oldest_days: 2, least_entries: 1, only: BTreeSet::new() }
    }
}

/// The decision line, in thousandths: fixed once over all labelled sets; moved only with a back-test over them.
pub const HIT_FROM: u32 = 800;

impl Policy {
    /// The same with another greatest age of a list, in days.
    #[must_use]
    pub fn oldest(self, days: i32) -> Self {
        Self { oldest_days: days, ..self }
    }

    /// Whether a list applies.
    #[must_use]
    pub fn applies(&self, list: &str) -> bool {
        self.only.is_empty() || self.only.contains(list)
    }

    /// The same policy over a part of the lists: those that apply and are there.
    pub(crate) fn over_loaded(&self, lists: &ListSet) -> Self {
        let only =
            self.only.iter().filter(|name| lists.list(name).is_some()).cloned().collect::<BTreeSet<_>>();
        // An empty set would mean all of them; a name no list has means none.
        let none = || BTreeSet::from([String::new()]);
        let only = if only.is_empty() && !self.only.is_empty() { none() } else { only };
        Self { only, least_entries: 1, ..self.clone() }
    }

    /// Whether the lists may be asked at all: each one that applies is there, is not empty, and is not too old.
    ///
    /// # Errors
    /// Why they may not.
    pub fn readiness(&self, lists: &ListSet, today: Day) -> Result<(), String> {
        if lists.lists().is_empty() {
            return Err("no list is loaded".into());
        }
        if let Some(missing) = self.only.iter().find(|name| lists.list(name).is_none()) {
            return Err(format!("the list {missing} applies and is not loaded"));
        }
        for list in lists.lists().iter().filter(|list| self.applies(&list.name)) {
            if list.entries.len() < self.least_entries.max(1) {
                return Err(format!("the list {} has only {} entries", list.name, list.entries.len()));
            }
            if today.number() - list.published.number() > self.oldest_days {
                return Err(format!("the list {} is of {}", list.name, list.published));
            }
        }
        Ok(())
    }
}

/// Which lists apply to whom: to everybody, to a participant, to a leg in a country. Sets only grow: there is no way
/// to take a list away, and [`ALWAYS`] is in every one.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sets {
    everybody: BTreeSet<String>,
    participants: BTreeMap<Bic, BTreeSet<String>>,
    legs: BTreeMap<String, BTreeSet<String>>,
}

impl Sets {
    /// Adds a list for everybody.
    pub fn add(&mut self, list: &str) {
        self.everybody.insert(list.to_owned());
    }

    /// Adds a list for a participant.
    pub fn add_for_participant(&mut self, participant: &Bic, list: &str) {
        self.participants.entry(participant.clone()).or_default().insert(list.to_owned());
    }

    /// Adds a list for every leg in a jurisdiction (`IN`, `RU`, `EU`).
    pub fn add_for_leg(&mut self, jurisdiction: &str, list: &str) {
        self.legs.entry(jurisdiction.to_owned()).or_default().insert(list.to_owned());
    }

    /// The lists that apply to one leg of a payment between these participants.
    #[must_use]
    pub fn of(&self, participants: &[&Bic], jurisdiction: &str) -> BTreeSet<String> {
        let mut all = self.everybody.clone();
        all.insert(ALWAYS.to_owned());
        for participant in participants {
            all.extend(self.participants.get(participant).into_iter().flatten().cloned());
        }
        all.extend(self.legs.get(jurisdiction).into_iter().flatten().cloned());
        all
    }

    /// The policy for a whole payment: the union over its legs, since it passes only where every leg passes.
    #[must_use]
    pub fn policy(&self, base: &Policy, participants: &[&Bic], jurisdictions: &[&str]) -> Policy {
        let mut only = self.of(participants, "");
        for jurisdiction in jurisdictions {
            only.extend(self.of(participants, jurisdiction));
        }
        // A narrower base has already said what must apply; it stays.
        only.extend(base.only.iter().cloned());
        Policy { only, ..base.clone() }
    }
}
