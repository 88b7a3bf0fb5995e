//! What has happened to the register.

use borsh::{BorshDeserialize, BorshSerialize};
use meridian_terms::{Day, Moment, Window};

use crate::{Instrument, InstrumentId, Membership, Reliance};

/// A fact: what [`crate::apply`] applies and the journal keeps.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub enum Event {
    /// Entered.
    Entered(Instrument, Moment),
    /// Other dates.
    Amended {
        /// Which.
        instrument: InstrumentId,
        /// On which days it is in force from now on.
        in_force: Option<Window<Day>>,
        /// Where that is published.
        source: String,
        /// When the register learned it.
        at: Moment,
    },
    /// A membership was entered.
    Joined(Membership, Moment),
    /// A membership has an end.
    Left(Membership, Day, Moment),
    /// Something rests on an instrument.
    Rested(Reliance, Moment),
}
