//! The state of casework.

use std::collections::{BTreeMap, VecDeque};

use borsh::{BorshDeserialize, BorshSerialize};
use meridian_terms::{Moment, Refusal};

use super::event::{Chain, Event, Link};
use super::record::{Decision, Record};
use super::refusal::Denial;

/// The number of a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, BorshSerialize, BorshDeserialize)]
pub struct CaseId(pub u64);

/// What becomes of a held case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, BorshSerialize, BorshDeserialize)]
pub enum Outcome {
    /// It goes on.
    Release,
    /// It ends.
    Reject,
}

impl Outcome {
    /// The verb.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Release => "release",
            Self::Reject => "reject",
        }
    }
}

/// What somebody proposed.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Proposal {
    /// To release or to reject.
    pub outcome: Outcome,
    /// Why.
    pub why: String,
    /// Who.
    pub by: String,
}

/// Where a case stands.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub enum Standing {
    /// Waiting for somebody.
    Held,
    /// Waiting for a second person.
    Proposed(Proposal),
    /// Done: what, proposed and approved by whom.
    Done(Proposal, String),
    /// Screened again and no hit any more: the lists, or a good-guy entry, let it go.
    Cleared,
}

/// A line of a case's file.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Entry {
    /// When.
    pub at: Moment,
    /// Who; empty where screening itself.
    pub by: String,
    /// What, in words.
    pub words: String,
}

/// A held subject.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Case {
    /// The newest record.
    pub record: Record,
    /// Since when.
    pub since: Moment,
    /// Until when somebody should have decided it.
    pub due: Moment,
    /// On whose desk it is.
    pub owner: Option<String>,
    /// Where it stands.
    pub standing: Standing,
    /// Its file, oldest first.
    pub file: Vec<Entry>,
}

impl Case {
    /// Whether it waits for somebody.
    #[must_use]
    pub const fn is_open(&self) -> bool {
        matches!(self.standing, Standing::Held | Standing::Proposed(_))
    }

    /// Where it stands, in a word.
    #[must_use]
    pub const fn word(&self) -> &'static str {
        match &self.standing {
            Standing::Held => "held",
            Standing::Proposed(_) => "awaits a second person",
            Standing::Done(Proposal { outcome: Outcome::Release, .. }, _) => "released",
            Standing::Done(..) => "refused",
            Standing::Cleared => "no hit any more",
        }
    }
}

/// A party and an entry by both fingerprints: when either changes, this names another pair.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, BorshSerialize, BorshDeserialize)]
pub struct GoodGuyKey {
    /// [`crate::Question::fingerprint`].
    pub party: [u8; 32],
    /// Which list.
    pub list: String,
    /// The list's id.
    pub id: String,
    /// [`crate::Entry::fingerprint`].
    pub entry: [u8; 32],
}

/// A party that is not the listed one it is like.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct GoodGuy {
    /// When it ends.
    pub until: Moment,
    /// Why.
    pub why: String,
    /// Who proposed it.
    pub by: String,
    /// Who approved it; nothing before that.
    pub approved_by: Option<String>,
}

/// Cases, good-guy entries, the lists in force, the head of the chain.
#[derive(Debug, Clone, Default, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct State {
    pub(super) lists: Option<[u8; 32]>,
    pub(super) cases: BTreeMap<CaseId, Case>,
    /// The last number given, so that none is given twice.
    pub(super) last_case: u64,
    /// The open or last case of a subject.
    pub(super) by_subject: BTreeMap<String, CaseId>,
    /// Subjects cleared without a case, and the lists they were cleared under.
    pub(super) cleared: BTreeMap<String, [u8; 32]>,
    pub(super) good_guys: BTreeMap<GoodGuyKey, GoodGuy>,
    /// Cases that are done, the one done longest ago first.
    pub(super) done: VecDeque<CaseId>,
    pub(super) chain: Chain,
}

impl State {
    /// The lists in force.
    #[must_use]
    pub const fn lists(&self) -> Option<[u8; 32]> {
        self.lists
    }

    /// A case.
    #[must_use]
    pub fn case(&self, id: CaseId) -> Option<&Case> {
        self.cases.get(&id)
    }

    /// The last case of a subject.
    #[must_use]
    pub fn case_of(&self, subject: &str) -> Option<(CaseId, &Case)> {
        let id = *self.by_subject.get(subject)?;
        Some((id, self.cases.get(&id)?))
    }

    /// Every case that is still remembered, by number.
    pub fn cases(&self) -> impl DoubleEndedIterator<Item = (CaseId, &Case)> {
        self.cases.iter().map(|(id, case)| (*id, case))
    }

    /// The holds queue: cases that wait for somebody, the most pressing first.
    #[must_use]
    pub fn queue(&self) -> Vec<(CaseId, &Case)> {
        let mut open: Vec<_> = self.cases().filter(|(_, case)| case.is_open()).collect();
        open.sort_by_key(|(id, case)| (case.due, *id));
        open
    }

    /// Whether this very record was released by two people under the lists in force: the same names, the same hits.
    #[must_use]
    pub fn is_released(&self, record: &Record) -> bool {
        let Some((_, case)) = self.case_of(&record.subject) else { return false };
        let is_release =
            matches!(&case.standing, Standing::Done(proposal, _) if proposal.outcome == Outcome::Release);
        is_release
            && self.lists == Some(record.lists_digest)
            && (case.record.lists_digest, &case.record.fields) == (record.lists_digest, &record.fields)
    }

    /// The case that keeps a subject from going on: held, or refused.
    #[must_use]
    pub fn blocks(&self, subject: &str) -> Option<CaseId> {
        let (id, case) = self.case_of(subject)?;
        let is_refused =
            matches!(&case.standing, Standing::Done(proposal, _) if proposal.outcome == Outcome::Reject);
        (case.is_open() || is_refused).then_some(id)
    }

    /// Whether there is nobody and nothing to look up: most of the time.
    #[must_use]
    pub fn is_idle(&self) -> bool {
        self.by_subject.is_empty()
    }

    /// The links that events make, one after the other.
    #[must_use]
    pub fn links(&self, events: impl IntoIterator<Item = Event>) -> Vec<Link> {
        let mut chain = self.chain;
        events.into_iter().map(|event| chain.link(event)).collect()
    }

    /// Good-guy entries.
    pub fn good_guys(&self) -> impl Iterator<Item = (&GoodGuyKey, &GoodGuy)> {
        self.good_guys.iter()
    }

    /// The head of the audit chain, and how many links it has.
    #[must_use]
    pub const fn head(&self) -> (u64, [u8; 32]) {
        (self.chain.count, self.chain.head)
    }

    /// Subjects whose clearance or release was given under other lists than those in force: to be screened again.
    #[must_use]
    pub fn stale(&self) -> Vec<&str> {
        let is_old = |digest: &[u8; 32]| Some(*digest) != self.lists;
        let cleared =
            self.cleared.iter().filter(|(_, digest)| is_old(digest)).map(|(subject, _)| subject.as_str());
        let cases = self
            .by_subject
            .iter()
            .filter(|(subject, _)| !self.cleared.contains_key(*subject))
            .filter(|(_, id)| self.cases.get(id).is_some_and(|case| is_old(&case.record.lists_digest)))
            .map(|(subject, _)| subject.as_str());
        cleared.chain(cases).collect()
    }

    /// Whether a subject may settle now: cleared, or released by two people, under the lists in force. Asked in the
    /// same record that moves the money.
    ///
    /// # Errors
    /// `screening.not_screened`, `screening.lists_not_in_force`, `screening.held`, `screening.rejected`.
    pub fn may_settle(&self, subject: &str) -> Result<(), Refusal> {
        if self.lists.is_none() {
            return Err(Denial::NoLists.refusal(subject));
        }
        let digest = match (self.cleared.get(subject), self.case_of(subject)) {
            (Some(digest), _) => *digest,
            (None, None) => return Err(Denial::NotScreened.refusal(subject)),
            (None, Some((id, case))) => match &case.standing {
                Standing::Done(Proposal { outcome: Outcome::Release, .. }, _) => case.record.lists_digest,
                Standing::Done(..) => return Err(Denial::Rejected.refusal(&format!("case {}", id.0))),
                Standing::Cleared => case.record.lists_digest,
                _ => return Err(Denial::Held.refusal(&format!("case {}", id.0))),
            },
        };
        if Some(digest) == self.lists { Ok(()) } else { Err(Denial::ListsNotInForce.refusal(subject)) }
    }

    /// The hits of a record that no approved, unexpired good-guy entry explains. A number that is the same is never
    /// explained away, and neither is what could not be answered.
    pub(super) fn explained(&self, record: &Record, now: Moment) -> (bool, Vec<GoodGuyKey>) {
        let (mut used, mut is_clear) = (Vec::new(), record.decision() != Decision::Unavailable);
        for field in &record.fields {
            let party = field.asked.fingerprint();
            for hit in &field.hits {
                let key = GoodGuyKey { party, list: hit.list.clone(), id: hit.id.clone(), entry: hit.entry };
                let known = self.good_guys.get(&key);
                let holds = known.is_some_and(|entry| entry.approved_by.is_some() && now < entry.until);
                if holds && !hit.is_exact {
                    used.push(key);
                } else {
                    is_clear = false;
                }
            }
        }
        (is_clear, used)
    }
}
