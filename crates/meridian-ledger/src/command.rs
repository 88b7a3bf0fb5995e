//! What the ledger can be asked.

use borsh::{BorshDeserialize, BorshSerialize};

use crate::{Account, AccountId, Limits, Standing, Transfer};

/// A question to [`crate::decide`].
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub enum Command {
    /// Open accounts, all or none.
    Open(Vec<Account>),
    /// Change what an account may do.
    Change(AccountId, Change),
    /// A chain of transfers that all succeed or all fail; later ones see the effect of earlier ones.
    Transfer(Vec<Transfer>),
    /// Let every pending transfer whose deadline has come expire, oldest deadline first.
    Expire,
}

/// A change to an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub enum Change {
    /// New limits. They hold for what comes; they never undo what is there.
    Limits(Limits),
    /// A new standing.
    Standing(Standing),
}
