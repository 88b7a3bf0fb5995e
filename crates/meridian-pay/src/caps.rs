//! Caps: what may be reserved and committed while a settlement window is open.

use borsh::{BorshDeserialize, BorshSerialize};
use meridian_terms::{Bic, Country, Currency, Money};

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
    /// Net debit: what a participant has sent and reserved to send in a currency, less what it has received.
    NetDebit(Bic, Currency),
}

impl CapKey {
    /// The participant whose own cap it is: it is told when the alarm threshold is reached.
    #[must_use]
    pub const fn owner(&self) -> Option<&Bic> {
        match self {
            Self::Participant(bic, _)
            | Self::Provider(bic, _)
            | Self::Bilateral(bic, ..)
            | Self::NetDebit(bic, _) => Some(bic),
            Self::Country(..) | Self::Pair(..) => None,
        }
    }
}

impl std::fmt::Display for CapKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Participant(bic, currency) => write!(f, "participant {bic} {currency}"),
            Self::Country(country, currency) => write!(f, "country {country} {currency}"),
            Self::Provider(bic, currency) => write!(f, "provider {bic} {currency}"),
            Self::Pair(from, to) => write!(f, "pair {from}/{to}"),
            Self::Bilateral(from, to, currency) => write!(f, "bilateral {from} to {to} {currency}"),
            Self::NetDebit(bic, currency) => write!(f, "net debit {bic} {currency}"),
        }
    }
}

/// A cap and how much of it is used.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Cap {
    /// The bound, minor units; `None`: counted but not bounded.
    pub most: Option<i128>,
    /// Reserved and committed since the window opened.
    pub used: i128,
    /// What was used already when the bound was set: a bound holds for what comes and never undoes what is there.
    pub used_when_set: i128,
    /// Per cent of the bound at which the operator is alarmed; 0 is never.
    pub alarm_percent: u8,
}

impl Cap {
    /// Whether `amount` more would pass the bound.
    #[must_use]
    pub fn would_exceed(&self, amount: i128) -> bool {
        self.most.is_some_and(|most| self.used.checked_add(amount).is_none_or(|sum| sum > most))
    }

    /// Whether the bound has been kept since it was set.
    #[must_use]
    pub fn is_kept(&self) -> bool {
        self.most.is_none_or(|most| self.used <= most.max(self.used_when_set))
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
        (CapKey::NetDebit(legs.debtor_agent.clone(), source.currency()), source.minor()),
        (
            CapKey::Bilateral(legs.debtor_agent.clone(), legs.creditor_agent.clone(), source.currency()),
            source.minor(),
        ),
    ];
    if let Some(agent) = state.participants.get(&legs.debtor_agent) {
        keys.push((CapKey::Country(agent.country, source.currency()), source.minor()));
    }
    if let Some(provider) = &legs.provider {
        keys.push((CapKey::NetDebit(provider.clone(), target.currency()), target.minor()));
        keys.push((CapKey::Provider(provider.clone(), target.currency()), target.minor()));
        keys.push((CapKey::Pair(source.currency(), target.currency()), source.minor()));
    }
    keys
}

/// Net debits that fall when a payment is committed: whoever receives owes less.
pub(crate) fn received(legs: &Legs) -> Vec<(CapKey, i128)> {
    let into =
        |leg: &crate::Leg| (CapKey::NetDebit(leg.to.clone(), leg.amount.currency()), leg.amount.minor());
    legs.legs.iter().map(into).collect()
}

/// Net debits that rise when a payment is returned: whoever gives back owes more, whoever gets back owes less.
pub(crate) fn given_back(legs: &Legs, source: Money, target: Money) -> Vec<(CapKey, i128)> {
    let mut keys = vec![(CapKey::NetDebit(legs.creditor_agent.clone(), target.currency()), target.minor())];
    if let Some(provider) = &legs.provider {
        keys.push((CapKey::NetDebit(provider.clone(), target.currency()), -target.minor()));
        keys.push((CapKey::NetDebit(provider.clone(), source.currency()), source.minor()));
    }
    keys.push((CapKey::NetDebit(legs.debtor_agent.clone(), source.currency()), -source.minor()));
    keys
}
