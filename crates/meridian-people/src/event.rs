//! What people have done.

use borsh::{BorshDeserialize, BorshSerialize};
use meridian_terms::Moment;

use crate::{Act, Person, PersonId, Proposal, ProposalId, Visit};

/// A fact: what [`crate::apply`] applies and the journal keeps.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub enum Event {
    /// The first people.
    Founded(Vec<Person>, Moment),
    /// Admitted, or with other roles.
    Admitted(Person, Moment),
    /// Suspended (true) or restored.
    Suspended(PersonId, bool, Moment),
    /// Another credential.
    Rotated(PersonId, [u8; 32], Moment),
    /// A two-person act awaits its second person.
    Proposed(Proposal),
    /// The second person approved; the matter happens in this same record.
    Approved {
        /// Which.
        proposal: ProposalId,
        /// Who.
        by: PersonId,
        /// When.
        at: Moment,
    },
    /// Taken back.
    Withdrawn(ProposalId, Moment),
    /// A one-person act happens in this same record.
    Did {
        /// What kind of act.
        act: Act,
        /// What exactly, in words.
        words: String,
        /// Who.
        by: PersonId,
        /// When.
        at: Moment,
    },
    /// Proposals nobody approved in time; perhaps none.
    Expired(Vec<ProposalId>, Moment),
    /// Another person said no to a proposal.
    Declined {
        /// Which.
        proposal: ProposalId,
        /// Who.
        by: PersonId,
        /// When.
        at: Moment,
    },
    /// A person came to the door.
    Came {
        /// Who.
        by: PersonId,
        /// How it ended.
        visit: Visit,
        /// When.
        at: Moment,
    },
}
