//! The question: is this name on a list?

use std::collections::BTreeMap;

use meridian_terms::Day;

use crate::list::ListSet;
use crate::name::{Name, deletions, likeness};

/// What an operator decides about screening. A policy may add lists, never take one away.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    /// The score from which a name is a hit, in thousandths.
    pub hit_from: u32,
    /// How many days old the oldest list may be.
    pub oldest_days: i32,
    /// How many entries a list has at least; a sharply shrunken list is not trusted.
    pub least_entries: usize,
}

impl Default for Policy {
    fn default() -> Self {
        Self { hit_from: 860, oldest_days: 3650, least_entries: 1 }
    }
}

/// The answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// On no list.
    Clear,
    /// On a list, or too like somebody on it; best first.
    Hit(Vec<Hit>),
    /// No answer, and why: treated as no.
    Unavailable(String),
}

/// Somebody on a list the name is like.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hit {
    /// Which list.
    pub list: String,
    /// The list's own id.
    pub id: String,
    /// The listed name it is like.
    pub matched: String,
    /// How like, in thousandths.
    pub score: u32,
    /// Why: which token stands for which.
    pub why: Vec<Pairing>,
}

/// A token of the name and the listed token it stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pairing {
    /// Of the name asked.
    pub asked: String,
    /// Of the listed name; empty when nothing stands for it.
    pub listed: String,
    /// How alike, in thousandths.
    pub likeness: u32,
}

/// Screens a name.
#[must_use]
pub fn screen(lists: &ListSet, text: &str, policy: &Policy, today: Day) -> Verdict {
    if lists.lists().is_empty() {
        return Verdict::Unavailable("no list is loaded".into());
    }
    for list in lists.lists() {
        if list.entries.len() < policy.least_entries.max(1) {
            return Verdict::Unavailable(format!(
                "the list {} has only {} entries",
                list.name,
                list.entries.len()
            ));
        }
        if today.number() - list.published.number() > policy.oldest_days {
            return Verdict::Unavailable(format!("the list {} is of {}", list.name, list.published));
        }
    }
    let name = Name::of(text);
    if name.tokens.is_empty() {
        return Verdict::Unavailable("the name has no letters that can be read".into());
    }
    let mut shared: BTreeMap<u32, u32> = BTreeMap::new();
    for token in &name.tokens {
        let mut seen: Vec<u32> =
            deletions(token).filter_map(|key| lists.by_token.get(&key)).flatten().copied().collect();
        seen.sort_unstable();
        seen.dedup();
        for position in seen {
            *shared.entry(position).or_default() += 1;
        }
    }
    let mut hits: Vec<Hit> = Vec::new();
    for position in shared.into_keys() {
        let (list, entry, number, listed) = &lists.names[position as usize];
        let (score, why) = align(&name, listed);
        if score >= policy.hit_from {
            let (list, entry) = (&lists.lists[*list], &lists.lists[*list].entries[*entry]);
            let matched = entry.names[*number].clone();
            hits.push(Hit { list: list.name.clone(), id: entry.id.clone(), matched, score, why });
        }
    }
    hits.sort_by(|a, b| b.score.cmp(&a.score).then_with(|| (&a.list, &a.id).cmp(&(&b.list, &b.id))));
    hits.dedup_by(|a, b| (&a.list, &a.id) == (&b.list, &b.id));
    if hits.is_empty() { Verdict::Clear } else { Verdict::Hit(hits) }
}

/// How alike two names are, in thousandths, and why.
#[must_use]
pub fn score(asked: &str, listed: &str) -> (u32, Vec<Pairing>) {
    align(&Name::of(asked), &Name::of(listed))
}

/// Pairs each token with the listed token most like it, each used once, and weighs by letters. Tokens left over on
/// either side count against it, those of the longer name half.
fn align(asked: &Name, listed: &Name) -> (u32, Vec<Pairing>) {
    let mut used = vec![false; listed.tokens.len()];
    let mut why = Vec::new();
    let (mut earned, mut weight) = (0, 0);
    for token in &asked.tokens {
        let best = listed
            .tokens
            .iter()
            .enumerate()
            .filter(|(number, _)| !used[*number])
            .map(|(number, other)| (likeness(token, other), number))
            .max_by_key(|(alike, number)| (*alike, std::cmp::Reverse(*number)));
        let letters = u32::try_from(token.len()).unwrap_or(1);
        weight += letters;
        match best.filter(|(alike, _)| *alike > 0) {
            Some((alike, number)) => {
                used[number] = true;
                earned += alike * letters;
                let listed = listed.tokens[number].clone();
                why.push(Pairing { asked: token.clone(), listed, likeness: alike });
            }
            None => why.push(Pairing { asked: token.clone(), listed: String::new(), likeness: 0 }),
        }
    }
    let left: usize =
        listed.tokens.iter().zip(&used).filter(|(_, used)| !**used).map(|(token, _)| token.len()).sum();
    weight += u32::try_from(left / 2).unwrap_or(0);
    (earned.checked_div(weight).unwrap_or(0), why)
}
