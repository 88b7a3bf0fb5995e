//! What rests on an instrument.

use std::fmt;

use borsh::{BorshDeserialize, BorshSerialize};
use meridian_terms::Country;

use crate::InstrumentId;

/// Something that has effect only while an instrument is in force.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, BorshSerialize, BorshDeserialize)]
pub enum Subject {
    /// Payments between two countries, in alphabetical order.
    Link(Country, Country),
    /// Two card schemes accept each other, in alphabetical order.
    Schemes(String, String),
    /// A tariff preference of a country's pack, by the agreement's name there.
    Preference(Country, String),
    /// A schedule of reductions of a country's pack.
    Schedule(Country, String),
    /// Rules of origin of a country's pack.
    OriginRules(Country, String),
    /// A non-tariff measure of a country's pack.
    Measure(Country, String),
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Link(a, b) => write!(f, "payments between {a} and {b}"),
            Self::Schemes(a, b) => write!(f, "cards of {a} and {b}"),
            Self::Preference(country, name) => write!(f, "preference {name} in {country}"),
            Self::Schedule(country, name) => write!(f, "schedule {name} in {country}"),
            Self::OriginRules(country, name) => write!(f, "rules of origin {name} in {country}"),
            Self::Measure(country, name) => write!(f, "measure {name} in {country}"),
        }
    }
}

/// A subject and the instrument it rests on.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, BorshSerialize, BorshDeserialize)]
pub struct Reliance {
    /// What rests.
    pub subject: Subject,
    /// On what.
    pub instrument: InstrumentId,
    /// Article or paragraph, where it is known.
    pub clause: String,
}
