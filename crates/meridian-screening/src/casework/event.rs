//! What has happened, and the chain that keeps it from being changed afterwards.

use borsh::{BorshDeserialize, BorshSerialize};
use meridian_terms::{Moment, Refusal};

use super::record::Record;
use super::state::{CaseId, GoodGuyKey, Outcome};

/// An event: the answer to a command, and all that the journal keeps.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub enum Event {
    /// Other lists are in force.
    ListsInForce {
        /// Their digest.
        digest: [u8; 32],
        /// When.
        at: Moment,
    },
    /// Screened and clear, or clear but for hits that approved entries explain.
    Cleared {
        /// The record.
        record: Box<Record>,
        /// The entries that explained hits.
        good_guys: Vec<GoodGuyKey>,
        /// When.
        at: Moment,
    },
    /// Held: a new case, or the standing one under a new record.
    Held {
        /// The case.
        case: CaseId,
        /// The record.
        record: Box<Record>,
        /// When.
        at: Moment,
    },
    /// Somebody proposed what to do.
    Proposed {
        /// The case.
        case: CaseId,
        /// What.
        outcome: Outcome,
        /// Why.
        why: String,
        /// Who.
        by: String,
        /// When.
        at: Moment,
    },
    /// Somebody else approved it: done.
    Approved {
        /// The case.
        case: CaseId,
        /// Who.
        by: String,
        /// When.
        at: Moment,
    },
    /// The proposal was taken back or declined; the case is held as before.
    Declined {
        /// The case.
        case: CaseId,
        /// Who.
        by: String,
        /// When.
        at: Moment,
    },
    /// A good-guy entry was proposed.
    GoodGuyProposed {
        /// Which.
        key: GoodGuyKey,
        /// Until when.
        until: Moment,
        /// Why.
        why: String,
        /// Who.
        by: String,
        /// When.
        at: Moment,
    },
    /// It was approved by somebody else.
    GoodGuyApproved {
        /// Which.
        key: GoodGuyKey,
        /// Who.
        by: String,
        /// When.
        at: Moment,
    },
    /// It was ended.
    GoodGuyRevoked {
        /// Which.
        key: GoodGuyKey,
        /// Who.
        by: String,
        /// When.
        at: Moment,
    },
}

/// An event in the chain: `hash = BLAKE3(previous hash, number, event)`.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Link {
    /// Its number, from 1.
    pub number: u64,
    /// The event.
    pub event: Event,
    /// The hash up to here.
    pub hash: [u8; 32],
}

/// The hash of a chain with one more event.
pub(super) fn chained(previous: &[u8; 32], number: u64, event: &Event) -> [u8; 32] {
    let mut hasher = blake3::Hasher::new();
    hasher.update(previous).update(&number.to_le_bytes());
    hasher.update(&borsh::to_vec(event).unwrap_or_default());
    hasher.finalize().into()
}

/// Checks a chain from its first link; its last hash is the state's [`super::State::head`].
///
/// # Errors
/// `screening.audit_broken` with the number of the first link that does not fit.
pub fn verify(links: &[Link]) -> Result<[u8; 32], Refusal> {
    let mut head = [0; 32];
    for (number, link) in (1_u64..).zip(links) {
        head = chained(&head, number, &link.event);
        if link.number != number || link.hash != head {
            return Err(Refusal::new("screening.audit_broken", format!("link {number}"))
                .rule("each link holds the hash of all before it")
                .next("compare with a copy: something was changed, left out or put in"));
        }
    }
    Ok(head)
}
