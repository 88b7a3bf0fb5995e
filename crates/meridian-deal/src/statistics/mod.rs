//! Statistics from the journal alone: what has been committed, in which currencies, between whom, for which goods; how
//! long journeys took against plan; what preferences were used; what was refused.
//!
//! A figure is a sum over *cells*: one month, one flow, one chapter of the Harmonised System. Each cell keeps the numbers of
//! the first and last event in it, and [`Statistics::moved_by`] says which figures an event moves, so that every figure
//! opens the events it is made of. The fold needs nothing but the events: whoever has the journal can make it again.
//!
//! **Invariant:** only committed payments count, each once; a payment for several lines of goods is split over their
//! chapters by value, and the parts sum to the payment.

mod ask;
mod fold;

use borsh::{BorshDeserialize, BorshSerialize};
use meridian_terms::{Country, Currency, Moment};

pub use ask::Share;
pub use fold::Statistics;

/// A flow of committed payments, from one country and currency to another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, BorshSerialize, BorshDeserialize)]
pub struct Flow {
    /// The debtor agent's country.
    pub from: Country,
    /// The creditor agent's country.
    pub to: Country,
    /// What left.
    pub source: Currency,
    /// What arrived.
    pub target: Currency,
}

impl Flow {
    /// Whether it crosses a border.
    #[must_use]
    pub fn crosses(&self) -> bool {
        self.from != self.to
    }

    /// Whether both sides settled in their own currency; `national` tells a country's.
    #[must_use]
    pub fn is_national(&self, national: impl Fn(Country) -> Option<Currency>) -> bool {
        national(self.from) == Some(self.source) && national(self.to) == Some(self.target)
    }
}

/// A month, counted from year 0: `year * 12 + month - 1`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, BorshSerialize, BorshDeserialize)]
pub struct Month(pub u32);

impl Month {
    /// The month of a moment, UTC.
    #[must_use]
    pub fn of(at: Moment) -> Self {
        let day = at.day();
        Self(u32::from(day.year().unsigned_abs()) * 12 + u32::from(day.month()) - 1)
    }

    /// Its year.
    #[must_use]
    pub const fn year(self) -> u32 {
        self.0 / 12
    }
}

impl std::fmt::Display for Month {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:04}-{:02}", self.0 / 12, self.0 % 12 + 1)
    }
}

/// What a figure is summed over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, BorshSerialize, BorshDeserialize)]
pub struct Cell {
    /// When the payments were committed.
    pub month: Month,
    /// Between whom.
    pub flow: Flow,
    /// For goods of which chapter, where the payment cites a deal's goods.
    pub chapter: Option<u8>,
}

/// The sums of a cell.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Sums {
    /// How many payments; one for several chapters counts in each.
    pub payments: u64,
    /// What left, in minor units of the flow's source currency.
    pub source: i128,
    /// What arrived, in minor units of its target currency.
    pub target: i128,
    /// The number of the first event in it.
    pub first_event: u64,
    /// The number of the last.
    pub last_event: u64,
}

impl Sums {
    fn add(&mut self, source: i128, target: i128, event: u64) {
        if self.payments == 0 {
            self.first_event = event;
        }
        self.payments += 1;
        self.source += source;
        self.target += target;
        self.last_event = event;
    }
}

/// Journeys that ended, against their plan.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Journeys {
    /// How many.
    pub arrived: u64,
    /// How many within the time that nine of ten were to take.
    pub within_p90: u64,
    /// Minutes planned (P50), summed.
    pub planned: u64,
    /// Minutes taken, summed.
    pub taken: u64,
}

/// A figure that events move: what it is opened by.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Figure {
    /// Payments committed in a cell; without a chapter where the payment cites no goods.
    Cell(Cell),
    /// Payments refused on arrival, by code.
    Refused(String),
    /// Payments rejected after reservation, by ISO reason.
    Rejected(String),
    /// Journeys that ended, by country of loading and of delivery.
    Journey(Country, Country),
    /// Assessments, by importing country and basis.
    Basis(Country, String),
}

/// A country's own currency where the corridor's settings do not name it: who pays in it settles nationally. Source: ISO
/// 4217:2015, list one, for the countries between the Baltic, the Gulf and the Bay of Bengal.
const NATIONAL: [(&str, &str); 15] = [
    ("AE", "AED"),
    ("AM", "AMD"),
    ("AZ", "AZN"),
    ("BY", "BYN"),
    ("CN", "CNY"),
    ("GE", "GEL"),
    ("IN", "INR"),
    ("IR", "IRR"),
    ("KG", "KGS"),
    ("KZ", "KZT"),
    ("PK", "PKR"),
    ("RU", "RUB"),
    ("TM", "TMT"),
    ("TR", "TRY"),
    ("UZ", "UZS"),
];

/// A country's own currency by the table; none where the table does not say.
#[must_use]
pub fn national_currency(country: Country) -> Option<Currency> {
    let (_, code) = NATIONAL.iter().find(|(known, _)| *known == country.as_str())?;
    Currency::parse(code).ok()
}
