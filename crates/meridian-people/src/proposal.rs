//! Proposals: two-person acts that await the second person.

use std::fmt;

use borsh::{BorshDeserialize, BorshSerialize};
use meridian_terms::Moment;

use crate::{Act, PersonId};

/// Numbers a proposal: 1, 2, 3 in the order of the journal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, BorshSerialize, BorshDeserialize)]
pub struct ProposalId(pub u64);

impl fmt::Display for ProposalId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

/// A proposal.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Proposal {
    /// Its number.
    pub id: ProposalId,
    /// What kind of act.
    pub act: Act,
    /// What exactly, in words for whoever approves.
    pub words: String,
    /// What exactly, in bytes: what happens when it is approved.
    pub matter: Vec<u8>,
    /// Who proposes.
    pub by: PersonId,
    /// When.
    pub at: Moment,
    /// Until when it can be approved.
    pub expires: Moment,
    /// What became of it.
    pub outcome: Outcome,
}

impl Proposal {
    /// BLAKE3 of the matter: what the second person approves.
    #[must_use]
    pub fn digest(&self) -> [u8; 32] {
        blake3::hash(&self.matter).into()
    }
}

/// What became of a proposal.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub enum Outcome {
    /// It awaits another person.
    Open,
    /// Approved, and done in the same record.
    Done {
        /// By whom.
        by: PersonId,
        /// When.
        at: Moment,
    },
    /// Taken back.
    Withdrawn(Moment),
    /// Nobody approved in time.
    Expired(Moment),
    /// Another person said no.
    Declined {
        /// Who.
        by: PersonId,
        /// When.
        at: Moment,
    },
}

impl Outcome {
    /// The word for people.
    #[must_use]
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Open => "awaits another person",
            Self::Done { .. } => "done",
            Self::Withdrawn(_) => "withdrawn",
            Self::Expired(_) => "expired",
            Self::Declined { .. } => "declined",
        }
    }
}
