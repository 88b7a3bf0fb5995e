//! What the register can be asked.

use borsh::{BorshDeserialize, BorshSerialize};
use meridian_terms::{Day, Window};

use crate::{Instrument, InstrumentId, Membership, Reliance};

/// A question to [`crate::decide`].
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub enum Command {
    /// Enter an instrument.
    Enter(Instrument),
    /// Its dates in force are now known, or others: entry into force, denunciation, prolongation.
    Amend {
        /// Which.
        instrument: InstrumentId,
        /// On which days it is in force from now on; none takes it out of force from its start.
        in_force: Option<Window<Day>>,
        /// Where that is published.
        source: String,
    },
    /// Enter a membership.
    Join(Membership),
    /// A membership ends.
    Leave {
        /// Of what, and whose, since which day: the membership's own key.
        membership: Membership,
        /// The first day on which it is no member.
        until: Day,
    },
    /// Something rests on an instrument.
    Rest(Reliance),
}
