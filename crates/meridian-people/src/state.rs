//! Who there is, and what awaits another person.

use std::collections::BTreeMap;

use borsh::{BorshDeserialize, BorshSerialize};
use meridian_terms::{Micros, Moment};

use crate::{Act, Outcome, Person, PersonId, Proposal, ProposalId, Visit};

/// How long a proposal can be approved.
pub(crate) const PROPOSAL_LIFE: Micros = Micros::days(7);

/// The people and their proposals.
#[derive(Debug, Clone, Default, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct State {
    pub(crate) people: BTreeMap<PersonId, Person>,
    pub(crate) proposals: BTreeMap<ProposalId, Proposal>,
    pub(crate) acts: u64,
    pub(crate) alone: std::collections::VecDeque<Alone>,
    pub(crate) visits: std::collections::VecDeque<Visited>,
}

/// Somebody who came to the door.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Visited {
    /// Who.
    pub by: PersonId,
    /// How it ended.
    pub visit: Visit,
    /// When.
    pub at: Moment,
}

/// How many one-person acts, and how many visits, are remembered here; the journal keeps them all.
pub(crate) const REMEMBERED: usize = 1_000;

/// An act that one person did.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Alone {
    /// What kind of act.
    pub act: Act,
    /// What exactly, in words.
    pub words: String,
    /// Who.
    pub by: PersonId,
    /// When.
    pub at: Moment,
}

impl State {
    /// A person.
    #[must_use]
    pub fn person(&self, id: &PersonId) -> Option<&Person> {
        self.people.get(id)
    }

    /// Everybody, by name.
    pub fn people(&self) -> impl Iterator<Item = &Person> + Clone {
        self.people.values()
    }

    /// A proposal.
    #[must_use]
    pub fn proposal(&self, id: ProposalId) -> Option<&Proposal> {
        self.proposals.get(&id)
    }

    /// Every proposal, oldest first.
    pub fn proposals(&self) -> impl DoubleEndedIterator<Item = &Proposal> {
        self.proposals.values()
    }

    /// Those that await another person.
    pub fn open_proposals(&self) -> impl Iterator<Item = &Proposal> {
        self.proposals.values().filter(|proposal| proposal.outcome == Outcome::Open)
    }

    /// How many acts have been done.
    #[must_use]
    pub const fn acts(&self) -> u64 {
        self.acts
    }

    /// The newest acts that took one person, oldest first.
    pub fn done_alone(&self) -> impl Iterator<Item = &Alone> {
        self.alone.iter()
    }

    /// The newest visits to the door, oldest first.
    pub fn visits(&self) -> impl Iterator<Item = &Visited> {
        self.visits.iter()
    }

    /// When the first open proposal expires.
    #[must_use]
    pub fn next_deadline(&self) -> Option<Moment> {
        self.open_proposals().map(|proposal| proposal.expires).min()
    }
}
