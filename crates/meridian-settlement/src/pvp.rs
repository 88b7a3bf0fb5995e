//! Payment versus payment: both sides of an FX trade are final together or not at all.
//!
//! Each party states the trade as it knows it. Two statements that mirror each other become one entry of the queue with
//! two movements; its ledger transfers are one chain of one event. A statement without its mirror moves nothing.

use borsh::{BorshDeserialize, BorshSerialize};
use meridian_terms::{Bic, Moment, Money};

use crate::Movement;

/// A trade as one of its parties states it.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Trade {
    /// The reference both parties use.
    pub id: u128,
    /// Who states it.
    pub by: Bic,
    /// With whom.
    pub with: Bic,
    /// What it gives, above zero.
    pub gives: Money,
    /// What it takes for it, above zero, in another currency.
    pub takes: Money,
    /// Until when it waits for its mirror and for cover.
    pub until: Moment,
}

impl Trade {
    /// Whether the other party states the same trade.
    #[must_use]
    pub fn mirrors(&self, other: &Self) -> bool {
        self.id == other.id
            && self.by == other.with
            && self.with == other.by
            && self.gives == other.takes
            && self.takes == other.gives
    }

    /// Its two movements.
    #[must_use]
    pub fn movements(&self) -> Vec<Movement> {
        vec![
            Movement { from: self.by.clone(), to: self.with.clone(), amount: self.gives },
            Movement { from: self.with.clone(), to: self.by.clone(), amount: self.takes },
        ]
    }
}
