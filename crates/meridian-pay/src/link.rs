//! Links between countries: shut until two people open them on a cited instrument in force.

use borsh::{BorshDeserialize, BorshSerialize};
use meridian_terms::{Country, Day, Window};

/// A pair of countries, in alphabetical order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, BorshSerialize, BorshDeserialize)]
pub struct LinkKey(Country, Country);

impl LinkKey {
    /// The link between two countries; the order does not matter.
    #[must_use]
    pub fn between(a: Country, b: Country) -> Self {
        Self(a.min(b), a.max(b))
    }

    /// The two countries.
    #[must_use]
    pub const fn countries(&self) -> (Country, Country) {
        (self.0, self.1)
    }
}

impl std::fmt::Display for LinkKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}-{}", self.0, self.1)
    }
}

/// What becomes of payments in flight when a link is shut.
#[derive(Debug, Clone, Copy, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub enum InFlight {
    /// They finish as if nothing had happened.
    Finish,
    /// What is not decided yet is voided at once, both legs, AG01.
    Unwind,
}

/// What a link rests on and who opened it.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Link {
    /// The treaty, agreement or decision it rests on, as cited.
    pub instrument: String,
    /// The days on which that instrument is in force.
    pub in_force: Window<Day>,
    /// Who proposed to open it.
    pub proposed_by: String,
    /// Who else approved; nobody yet while it is only proposed.
    pub approved_by: Option<String>,
    /// Who shut it again, if somebody did.
    pub shut_by: Option<String>,
    /// What becomes of what was in flight then.
    pub in_flight: InFlight,
}

impl Link {
    /// Whether what is in flight is voided.
    #[must_use]
    pub fn unwinds(&self) -> bool {
        self.shut_by.is_some() && self.in_flight == InFlight::Unwind
    }

    /// Whether payments pass on this day.
    #[must_use]
    pub fn is_open(&self, day: Day) -> bool {
        self.approved_by.is_some() && self.shut_by.is_none() && self.in_force.contains(day)
    }
}
