//! What has happened in the ledger.

use borsh::{BorshDeserialize, BorshSerialize};
use meridian_terms::{Moment, Money};

use crate::{Account, AccountId, Change, Transfer, TransferId};

/// A fact: what [`crate::apply`] applies and the journal keeps.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub enum Event {
    /// Accounts were opened.
    Opened(Vec<Account>),
    /// An account was changed.
    Changed(AccountId, Change),
    /// A chain of transfers happened, all of it.
    Transferred {
        /// When.
        at: Moment,
        /// In order.
        entries: Vec<Entry>,
    },
    /// Pending transfers reached their deadline.
    Expired {
        /// When it was noticed; deadlines lie at or before it.
        at: Moment,
        /// In order of deadline.
        pending: Vec<TransferId>,
    },
}

/// One transfer that happened, with the amount that moved: for a balancing transfer it may be less than asked.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Entry {
    /// What was asked.
    pub transfer: Transfer,
    /// What moved, was reserved or was released.
    pub amount: Money,
}
