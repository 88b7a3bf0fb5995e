//! What may be asked of the quota book.

use borsh::{BorshDeserialize, BorshSerialize};
use meridian_terms::Day;

use super::{Calendar, Quota, QuotaId, RequestId};

/// A command. Quantities are whole numbers of the quota's smallest unit.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub enum Command {
    /// Sets the days on which nothing is allocated.
    Observe(Calendar),
    /// Opens a quota for a period.
    Open(Quota),
    /// A declaration asks for a quantity.
    Request {
        /// The request's own id: the declaration and its line.
        id: RequestId,
        /// Of which quota.
        quota: QuotaId,
        /// How much.
        quantity: i128,
        /// The day the declaration was accepted.
        accepted: Day,
    },
    /// Allocates everything asked for on one day.
    Allocate(Day),
    /// Gives back some of a grant: goods not released, or declared in error.
    Return {
        /// Whose grant.
        id: RequestId,
        /// How much of it.
        quantity: i128,
    },
    /// Stops allocation from a quota.
    Halt(QuotaId, Bar),
    /// Lets a halted quota be allocated again.
    Resume(QuotaId),
}

/// Why a quota is not allocated from for a while.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, BorshSerialize, BorshDeserialize)]
pub enum Bar {
    /// Blocked by the administration while figures are settled.
    Blocked,
    /// Suspended by law.
    Suspended,
}
