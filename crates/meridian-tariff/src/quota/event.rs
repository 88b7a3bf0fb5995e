//! What happened to the quotas.

use borsh::{BorshDeserialize, BorshSerialize};
use meridian_terms::Day;

use super::{Bar, Calendar, Quota, QuotaId, RequestId};

/// An event of the quota book, complete: replay needs nothing else.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub enum Event {
    /// The working calendar was set.
    Observed(Calendar),
    /// A quota was opened.
    Opened(Quota),
    /// A request was taken in.
    Requested {
        /// Its id.
        id: RequestId,
        /// Of which quota.
        quota: QuotaId,
        /// How much.
        quantity: i128,
        /// The day it counts on: the acceptance day, or 3 January for the first three of the year.
        counts_on: Day,
    },
    /// A day was allocated.
    Allocated {
        /// The day.
        day: Day,
        /// What each request of the day got, in the order of their ids.
        grants: Vec<Grant>,
    },
    /// Part of a grant came back.
    Returned {
        /// Whose grant.
        id: RequestId,
        /// How much of it.
        quantity: i128,
    },
    /// A quota was halted.
    Halted(QuotaId, Bar),
    /// A halted quota was resumed.
    Resumed(QuotaId),
}

/// What one request got; zero when nothing was left.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Grant {
    /// The request.
    pub id: RequestId,
    /// How much was granted.
    pub quantity: i128,
}
