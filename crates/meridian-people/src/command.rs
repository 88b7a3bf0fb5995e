//! What the book of people can be asked.

use borsh::{BorshDeserialize, BorshSerialize};

use crate::{Act, Person, PersonId, ProposalId, Visit};

/// A question to [`crate::decide`].
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub enum Command {
    /// The first people of a new hub, named by its signed configuration: at least two, and between them whoever admits
    /// others. Only while there is nobody.
    Found(Vec<Person>),
    /// A person is admitted, or gets other roles, name or credential: what an approved [`Act::AdmitPerson`] does.
    Admit(Person),
    /// A person is suspended, or restored.
    Suspend(PersonId, bool),
    /// Another credential for a person.
    Rotate(PersonId, [u8; 32]),
    /// One person proposes a two-person act.
    Propose {
        /// What kind of act.
        act: Act,
        /// What exactly, in words.
        words: String,
        /// What exactly, in bytes.
        matter: Vec<u8>,
        /// Who.
        by: PersonId,
    },
    /// Another person approves it.
    Approve {
        /// Which.
        proposal: ProposalId,
        /// The digest of the matter they saw.
        digest: [u8; 32],
        /// Who.
        by: PersonId,
    },
    /// Whoever proposed it takes it back.
    Withdraw {
        /// Which.
        proposal: ProposalId,
        /// Who.
        by: PersonId,
    },
    /// Another person who could approve it says no.
    Decline {
        /// Which.
        proposal: ProposalId,
        /// Who.
        by: PersonId,
    },
    /// A person came to the door: what the door saw, for the audit.
    Came {
        /// Who.
        by: PersonId,
        /// How it ended.
        visit: Visit,
    },
    /// One person does a one-person act.
    Do {
        /// What kind of act.
        act: Act,
        /// What exactly, in words.
        words: String,
        /// Who.
        by: PersonId,
    },
    /// Time has passed: proposals expire.
    Tick,
}
