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
        /// Until when somebody should have decided it; of a standing case it stays what it was.
        due: Moment,
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
    /// Somebody took the case.
    Taken {
        /// The case.
        case: CaseId,
        /// Who.
        by: String,
        /// When.
        at: Moment,
    },
    /// A note was written on its file.
    Noted {
        /// The case.
        case: CaseId,
        /// The note.
        text: String,
        /// Who.
        by: String,
        /// When.
        at: Moment,
    },
    /// It was refused by one person: done.
    Refused {
        /// The case.
        case: CaseId,
        /// Why.
        why: String,
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

/// Where a chain ends: how many links it has, and the hash over them all. Empty at first.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Chain {
    /// Links so far.
    pub count: u64,
    /// The hash up to here.
    pub head: [u8; 32],
}

impl Chain {
    /// The chain's next link.
    #[must_use]
    pub fn link(&mut self, event: Event) -> Link {
        self.count += 1;
        self.head = chained(&self.head, self.count, &event);
        Link { number: self.count, event, hash: self.head }
    }

    /// Checks that a link is the chain's next, and goes on to it.
    ///
    /// # Errors
    /// `screening.audit_broken` with the number of the link that does not fit.
    pub fn follow(&mut self, link: &Link) -> Result<(), Refusal> {
        let head = chained(&self.head, self.count + 1, &link.event);
        if link.number != self.count + 1 || link.hash != head {
            return Err(Refusal::new("screening.audit_broken", format!("link {}", self.count + 1))
                .rule("each link holds the hash of all before it")
                .next("compare with a copy: something was changed, left out or put in"));
        }
        (self.count, self.head) = (link.number, head);
        Ok(())
    }
}

/// The hash of a chain with one more event.
fn chained(previous: &[u8; 32], number: u64, event: &Event) -> [u8; 32] {
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
    let mut chain = Chain::default();
    links.iter().try_for_each(|link| chain.follow(link))?;
    Ok(chain.head)
}
