//! Store and forward: what an issuer must be told, kept until it says that it knows.

use std::collections::BTreeMap;

use borsh::{BorshDeserialize, BorshSerialize};
use meridian_terms::{Day, Moment};

use crate::{Bill, TransactionId};

/// What an advice says.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub enum AdviceKind {
    /// 0420: what you may have approved does not stand, or only in part.
    Reversal {
        /// What still stands; nothing for a full reversal.
        remaining: Option<Box<Bill>>,
        /// Whether the issuer's approval never reached the hub, so that both ends count it only now.
        is_unanswered: bool,
        /// Whether money had moved at the issuer, not only been held.
        was_posted: bool,
    },
    /// 0120 or 0220: approved in your place, or by the acquirer.
    Approved,
    /// 0220: what you approved is completed for this much.
    Completed,
}

/// An advice on its way.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Advice {
    /// Its number in the queue.
    pub number: u64,
    /// About which transaction.
    pub transaction: TransactionId,
    /// What it says.
    pub kind: AdviceKind,
    /// How much it is about.
    pub bill: Bill,
    /// The business day it counts for, field 15.
    pub day: Day,
    /// Since when it waits.
    pub since: Moment,
}

/// A scheme's queue. It is part of the hub's state, so it survives restarts; whoever sends repeats until acknowledged.
#[derive(Debug, Clone, Default, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Queue {
    /// The number of the last advice put in.
    pub last: u64,
    /// What waits, in order.
    pub waiting: BTreeMap<u64, Advice>,
}

impl Queue {
    pub(crate) fn put(&mut self, transaction: TransactionId, kind: AdviceKind, bill: Bill, at: Moment) {
        self.last += 1;
        let advice = Advice { number: self.last, transaction, kind, bill, day: at.day(), since: at };
        self.waiting.insert(self.last, advice);
    }
}
