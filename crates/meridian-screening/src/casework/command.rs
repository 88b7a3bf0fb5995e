//! What casework can be asked.

use borsh::{BorshDeserialize, BorshSerialize};
use meridian_terms::Moment;

use super::record::Record;
use super::state::{CaseId, GoodGuyKey, Outcome};

/// A question to [`super::decide`]. `by` is a person, as the rim has identified them.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub enum Command {
    /// Put another version of the lists in force. Whatever was cleared under the one before must be screened again.
    PutListsInForce {
        /// Their digest.
        digest: [u8; 32],
    },
    /// Enter the record of a screening, the first one of its subject or a later one.
    Screened(Box<Record>),
    /// Propose what to do with a held case.
    Propose {
        /// Which case.
        case: CaseId,
        /// To release or to reject it.
        outcome: Outcome,
        /// Why, for the file.
        why: String,
        /// Who.
        by: String,
    },
    /// Approve what somebody else proposed.
    Approve {
        /// Which case.
        case: CaseId,
        /// Who.
        by: String,
    },
    /// Take an open case: it is on this person's desk now.
    Take {
        /// Which case.
        case: CaseId,
        /// Who.
        by: String,
    },
    /// Write a note on a case's file: what was asked of whom, what was found.
    Note {
        /// Which case.
        case: CaseId,
        /// The note.
        text: String,
        /// Who.
        by: String,
    },
    /// Refuse what is held, at once and by one: stopping is quick.
    Refuse {
        /// Which case.
        case: CaseId,
        /// Why, for the file.
        why: String,
        /// Who.
        by: String,
    },
    /// Take a proposal back, or decline it.
    Decline {
        /// Which case.
        case: CaseId,
        /// Who.
        by: String,
    },
    /// Propose that a party is not the listed one it is like.
    ProposeGoodGuy {
        /// The party and the entry, by both fingerprints.
        key: GoodGuyKey,
        /// When it ends; at most a year from now.
        until: Moment,
        /// Why.
        why: String,
        /// Who.
        by: String,
    },
    /// Approve it.
    ApproveGoodGuy {
        /// Which.
        key: GoodGuyKey,
        /// Who.
        by: String,
    },
    /// End it before its time.
    RevokeGoodGuy {
        /// Which.
        key: GoodGuyKey,
        /// Who.
        by: String,
    },
}
