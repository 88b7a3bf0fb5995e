//! What changed between two versions of the lists, and who in flight it concerns.

use std::collections::BTreeMap;

use meridian_terms::Day;

use crate::list::ListSet;
use crate::model::{Entry, List};
use crate::policy::Policy;
use crate::screen::{Question, Verdict, screen};

/// Entries that came, changed or went, by list and id.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Delta {
    /// New entries.
    pub added: Vec<(String, String)>,
    /// Entries of which anything changed: a name, a birth, a number.
    pub changed: Vec<(String, String)>,
    /// Entries that are gone.
    pub removed: Vec<(String, String)>,
}

impl Delta {
    /// Compares two versions.
    #[must_use]
    pub fn between(before: &ListSet, after: &ListSet) -> Self {
        let (old, new) = (fingerprints(before), fingerprints(after));
        let mut delta = Self::default();
        for (place, print) in &new {
            match old.get(place) {
                None => delta.added.push(place.clone()),
                Some(known) if known != print => delta.changed.push(place.clone()),
                Some(_) => {}
            }
        }
        delta.removed = old.into_keys().filter(|place| !new.contains_key(place)).collect();
        delta
    }

    /// Whether nothing changed.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.added.is_empty() && self.changed.is_empty() && self.removed.is_empty()
    }

    /// The new and changed entries alone, as lists: small enough to ask everybody in flight against at once.
    #[must_use]
    pub fn lists(&self, after: &ListSet) -> Vec<List> {
        let touched: std::collections::BTreeSet<&(String, String)> =
            self.added.iter().chain(&self.changed).collect();
        let entry_is_touched =
            |list: &List, entry: &Entry| touched.contains(&(list.name.clone(), entry.id.clone()));
        after
            .lists()
            .iter()
            .map(|list| List {
                entries: list.entries.iter().filter(|entry| entry_is_touched(list, entry)).cloned().collect(),
                ..list.clone()
            })
            .filter(|list| !list.entries.is_empty())
            .collect()
    }
}

fn fingerprints(lists: &ListSet) -> BTreeMap<(String, String), [u8; 32]> {
    let entries = lists.lists().iter().flat_map(|list| list.entries.iter().map(move |entry| (list, entry)));
    entries.map(|(list, entry)| ((list.name.clone(), entry.id.clone()), entry.fingerprint())).collect()
}

/// A party in flight: held, reserved, in a deal not yet settled, on a ship at sea.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InFlight {
    /// The fingerprint it is known by: that of [`Question::fingerprint`].
    pub party: [u8; 32],
    /// What is asked of it again.
    pub question: Question,
}

/// A party in flight that is no longer clear.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rescreened {
    /// Whose.
    pub party: [u8; 32],
    /// The verdict under the new lists; never [`Verdict::Clear`].
    pub verdict: Verdict,
}

/// Screens everybody in flight again after a swap: first against what came or changed, then, if that names anybody,
/// against the whole, so that the verdict names every hit. Where the lists as a whole may not be asked, everybody is
/// told unavailable.
#[must_use]
pub fn rescreen(
    delta: &Delta,
    after: &ListSet,
    in_flight: &[InFlight],
    policy: &Policy,
    today: Day,
) -> Vec<Rescreened> {
    if let Err(why) = policy.readiness(after, today) {
        let unavailable = || Verdict::Unavailable(why.clone());
        return in_flight
            .iter()
            .map(|party| Rescreened { party: party.party, verdict: unavailable() })
            .collect();
    }
    let touched = delta.lists(after);
    if touched.is_empty() {
        return Vec::new();
    }
    let small = match &after.lexicon {
        Some(lexicon) => ListSet::with_lexicon(touched, lexicon.clone()),
        None => ListSet::of(touched),
    };
    // The small set holds only lists that changed: it is asked without the demand that each list be there.
    let narrow = policy.over_loaded(&small);
    in_flight
        .iter()
        .filter(|party| screen(&small, party.question.clone(), &narrow, today) != Verdict::Clear)
        .map(|party| Rescreened {
            party: party.party,
            verdict: screen(after, party.question.clone(), policy, today),
        })
        .filter(|found| found.verdict != Verdict::Clear)
        .collect()
}
