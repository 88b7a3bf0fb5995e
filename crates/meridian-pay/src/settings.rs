//! The spans of time and bounds that a corridor's operator sets.

use std::collections::BTreeMap;

use borsh::{BorshDeserialize, BorshSerialize};
use meridian_terms::{Country, Currency, Micros};

/// What the rules of the corridor leave to its operator.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Settings {
    /// How long a quote binds its provider. Default 600 s, as in Nexus.
    pub quote_life: Micros,
    /// How long the creditor agent has to answer a HIGH payment. Default 20 s.
    pub high_deadline: Micros,
    /// How long until a NORM payment without an answer is chased with a pacs.028. Default 5 min.
    pub norm_chase: Micros,
    /// How often a NORM payment is chased before it counts as overdue and two operators may conclude it. The hub never
    /// rejects it by itself: its creditor agent may have paid out. Default 3.
    pub norm_chases: u8,
    /// How long a payment accepted but not credited (ACWP) may stay so before it is chased. Default 24 h.
    pub accepted_pending: Micros,
    /// How long the creditor agent has to answer a recall. Default 10 days.
    pub recall_deadline: Micros,
    /// How old the acceptance time of a pacs.008 may be on arrival. Default 60 s for HIGH; NORM has five times it.
    pub oldest_acceptance: Micros,
    /// How long final payments and refused identifiers are remembered for answering duplicates. Default 14 days.
    pub memory: Micros,
    /// How long an agent has to answer a question about an account. Default 10 s.
    pub resolution_deadline: Micros,
    /// How long the answer is remembered. Default 10 min.
    pub resolution_memory: Micros,
    /// Whether account holders' names are shown in full to whoever asks; masked by default.
    pub shows_names: bool,
    /// Currencies a two-hop conversion may pass through though foreign to both sides; none unless configured.
    pub pivots: Vec<Currency>,
    /// Countries' own currencies: one of them is foreign to neither side where it is the debtor's or the creditor's.
    pub national: BTreeMap<Country, Currency>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            quote_life: Micros::seconds(600),
            high_deadline: Micros::seconds(20),
            norm_chase: Micros::minutes(5),
            norm_chases: 3,
            accepted_pending: Micros::hours(24),
            recall_deadline: Micros::days(10),
            oldest_acceptance: Micros::seconds(60),
            memory: Micros::days(14),
            resolution_deadline: Micros::seconds(10),
            resolution_memory: Micros::minutes(10),
            shows_names: false,
            pivots: Vec::new(),
            national: BTreeMap::new(),
        }
    }
}
