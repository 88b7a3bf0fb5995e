//! What both ends of a link count in a day, as reconciliation messages carry it (0500, 0520; fields 74 to 89, 97).
//!
//! Both ends must count the same, whatever was lost on the way. So each counts what it can know the other has counted:
//!
//! | | acquirer's link | issuer's link |
//! |---|---|---|
//! | request approved in time | when approved | when approved |
//! | advice | when accepted | when acknowledged |
//! | reversal, original found (00) | with its original, each once | with its original, when acknowledged |
//! | reversal, nothing to reverse (21, 25) | neither | neither |

use borsh::{BorshDeserialize, BorshSerialize};

/// A number of transactions and the sum of their amounts in minor units of the scheme's currency.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Tally {
    /// How many.
    pub count: u64,
    /// Their sum, never below zero.
    pub amount: i128,
}

impl Tally {
    /// One more.
    pub fn add(&mut self, amount: i128) {
        self.count += 1;
        self.amount += amount;
    }
}

/// A day's totals of a link in one role.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Totals {
    /// Fields 74 and 86: refunds.
    pub credits: Tally,
    /// Fields 75 and 87.
    pub credit_reversals: Tally,
    /// Fields 76 and 88: purchases and cash.
    pub debits: Tally,
    /// Fields 77 and 89.
    pub debit_reversals: Tally,
    /// Field 80.
    pub inquiries: u64,
    /// Field 81: approved requests whose money moves later.
    pub authorisations: u64,
}

impl Totals {
    /// Field 97, in minor units: what the acquirer is to get, and the issuer to pay; below zero the other way.
    #[must_use]
    pub const fn net(&self) -> i128 {
        self.debits.amount - self.debit_reversals.amount - self.credits.amount + self.credit_reversals.amount
    }
}

/// Which end of transactions a scheme is on a link.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, BorshSerialize, BorshDeserialize)]
pub enum Role {
    /// Its terminals.
    Acquirer,
    /// Its cards.
    Issuer,
}

impl Role {
    /// The word for people.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Acquirer => "acquirer",
            Self::Issuer => "issuer",
        }
    }
}

/// What moved a scheme's position on a day, in minor units of its currency; what it gets counts above zero.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Activity {
    /// Amounts of transactions, online and cleared.
    pub principal: i128,
    /// Interchange.
    pub interchange: i128,
    /// The hub's fees.
    pub scheme_fees: i128,
    /// Disputes and their fees.
    pub disputes: i128,
    /// Moved to or from cover in the window.
    pub settled: i128,
}

impl Activity {
    /// What the position changed by.
    #[must_use]
    pub const fn net(&self) -> i128 {
        self.principal + self.interchange + self.scheme_fees + self.disputes + self.settled
    }
}
