//! Quotes: a provider bound to two amounts for a while.

use borsh::{BorshDeserialize, BorshSerialize};
use meridian_terms::{Bic, Currency, Moment, Money, Ratio};

/// Names a quote.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, BorshSerialize, BorshDeserialize)]
pub struct QuoteId(pub u128);

impl std::fmt::Display for QuoteId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:032x}", self.0)
    }
}

/// Which side's amount is fixed; the other follows from the rate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub enum Fixed {
    /// The debtor sends exactly this much.
    Source,
    /// The creditor receives exactly this much.
    Target,
}

/// A binding offer.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Quote {
    /// Its name.
    pub id: QuoteId,
    /// Who is bound.
    pub provider: Bic,
    /// For which agent.
    pub agent: Bic,
    /// What the provider takes.
    pub source: Money,
    /// What it gives.
    pub target: Money,
    /// Major units of target for one of source, improvements included; over two hops, the product.
    pub rate: Ratio,
    /// The currency in between, when the conversion takes two hops.
    pub via: Option<Currency>,
    /// The first moment it no longer binds.
    pub expires: Moment,
    /// Whether a payment has used it.
    pub is_used: bool,
}
