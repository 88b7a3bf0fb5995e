//! Caps: what may be reserved and committed while a settlement window is open.

use borsh::{BorshDeserialize, BorshSerialize};
use meridian_terms::{Bic, Country, Currency};

use crate::{Legs, State};

/// What a cap bounds. Each is counted in one currency, on what leaves: debtor agent and country in the source
/// currency, provider in the target currency, pair and bilateral in the source currency.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, BorshSerialize, BorshDeserialize)]
pub enum CapKey {
    /// All a debtor agent sends in a currency.
    Participant(Bic, Currency),
    /// All that leaves a country in a currency.
    Country(Country, Currency),
    /// All a provider gives out in a currency.
    Provider(Bic, Currency),
    /// All that is converted from one currency to another.
    Pair(Currency, Currency),
    /// All one agent sends another in a currency.
    Bilateral(Bic, Bic, Currency),
}

/// A cap and how much of it is used.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Cap {
    /// The bound, minor units; `None`: counted but not bounded.
    pub most: Option<i128>,
    /// Reserved and committed since the window opened.
    pub used: i128,
    /// Per cent of the bound at which the operator is alarmed; 0 is never.
    pub alarm_percent: u8,
}

impl Cap {
    /// Whether `amount` more would pass the bound.
    #[must_use]
    pub fn would_exceed(&self, amount: i128) -> bool {
        self.most.is_some_and(|most| self.used.checked_add(amount).is_none_or(|sum| sum > most))
    }

    /// Whether what is used has reached the alarm threshold.
    #[must_use]
    pub fn is_alarming(&self) -> bool {
        let Some(most) = self.most else { return false };
        self.alarm_percent > 0
            && self.used.saturating_mul(100) >= most.saturating_mul(i128::from(self.alarm_percent))
    }
}

/// Every cap a payment's legs count against, with the amount.
pub(crate) fn counted(state: &State, legs: &Legs) -> Vec<(CapKey, i128)> {
    let (source, target) = (legs.source(), legs.target());
    let mut keys = vec![
        (CapKey::Participant(legs.debtor_agent.clone(), source.currency()), source.minor()),
        (
            CapKey::Bilateral(legs.debtor_agent.clone(), legs.creditor_agent.clone(), source.currency()),
            source.minor(),
        ),
    ];
    if let Some(agent) = state.participants.get(&legs.debtor_agent) {
        keys.push((CapKey::Country(agent.country, source.currency()), source.minor()));
    }
    if let Some(provider) = &legs.provider {
        keys.push((CapKey::Provider(provider.clone(), target.currency()), target.minor()));
        keys.push((CapKey::Pair(source.currency(), target.currency()), source.minor()));
    }
    keys
}
