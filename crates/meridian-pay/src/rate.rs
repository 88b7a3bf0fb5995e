//! Providers' exchange rates: dated, tiered, improved per agent.

use std::collections::BTreeMap;

use borsh::{BorshDeserialize, BorshSerialize};
use meridian_terms::{Bic, Currency, Moment, Money, Ratio, Refusal, Rounding, Window};

/// Whose rate, from which currency to which.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, BorshSerialize, BorshDeserialize)]
pub struct RateKey {
    /// The provider.
    pub provider: Bic,
    /// Source currency: what the provider takes.
    pub from: Currency,
    /// Target currency: what it gives.
    pub to: Currency,
}

/// A better rate from some amount on, or for some agent, in hundredths of a per cent of the base rate.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Improvement {
    /// From this source amount on (minor units).
    pub from_minor: i128,
    /// Basis points added to the base rate.
    pub basis_points: i32,
}

/// A provider's published rate for a pair of currencies.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct RateCard {
    /// Major units of `to` for one major unit of `from`.
    pub base: Ratio,
    /// When it may be quoted.
    pub valid: Window<Moment>,
    /// Improvements by amount, ascending; the last that applies counts.
    pub tiers: Vec<Improvement>,
    /// Improvements by debtor agent, in basis points; added to the tier's, not compounded (as in Nexus).
    pub agents: BTreeMap<Bic, i32>,
    /// The largest source amount it is good for (minor units).
    pub most: i128,
}

impl RateCard {
    /// The rate for a source amount and an agent, or `None` when the card does not reach that far.
    #[must_use]
    pub fn rate_for(&self, source_minor: i128, agent: &Bic) -> Option<Ratio> {
        if source_minor > self.most {
            return None;
        }
        let tier = self.tiers.iter().rev().find(|tier| tier.from_minor <= source_minor);
        let points = tier.map_or(0, |tier| tier.basis_points) + self.agents.get(agent).copied().unwrap_or(0);
        let factor = Ratio::new(10_000 + i128::from(points), 10_000).ok()?;
        self.base.checked_mul(&factor)
    }
}

impl RateCard {
    /// The best rate anybody gets: every improvement counted in.
    fn best(&self) -> Option<Ratio> {
        let tier = self.tiers.iter().map(|tier| tier.basis_points).max().unwrap_or(0).max(0);
        let agent = self.agents.values().copied().max().unwrap_or(0).max(0);
        let factor = Ratio::new(10_000 + i128::from(tier) + i128::from(agent), 10_000).ok()?;
        self.base.checked_mul(&factor)
    }
}

/// What a target amount costs in the source currency, rounded up: the provider is never short.
pub(crate) fn source_for(target: Money, rate: &Ratio, from: Currency) -> Result<Money, Refusal> {
    target.convert(&rate.inverse()?, from, Rounding::Ceiling)
}

/// What a source amount buys in the target currency, rounded down: the provider is never short.
pub(crate) fn target_for(source: Money, rate: &Ratio, to: Currency) -> Result<Money, Refusal> {
    source.convert(rate, to, Rounding::Floor)
}

/// Whether a provider's cards, with this one among them, would let somebody end with more than they began with:
/// there and back over two currencies, or round a triangle, improvements counted in. Names the loop.
pub(crate) fn arbitrage(
    cards: &BTreeMap<RateKey, RateCard>,
    key: &RateKey,
    card: &RateCard,
) -> Option<String> {
    let leg = |from: Currency, to: Currency| {
        let sought = RateKey { provider: key.provider.clone(), from, to };
        cards.get(&sought).and_then(RateCard::best)
    };
    // A rate beyond exact arithmetic is consistent with nothing.
    let Some(best) = card.best() else { return Some(format!("{} to {}", key.from, key.to)) };
    if let Some(back) = leg(key.to, key.from)
        && best.checked_mul(&back).is_none_or(|round| round > Ratio::ONE)
    {
        return Some(format!("{} to {} and back", key.from, key.to));
    }
    let others = cards.keys().filter(|known| known.provider == key.provider && known.from == key.to);
    for via in others.map(|known| known.to).filter(|via| *via != key.from) {
        if let (Some(second), Some(third)) = (leg(key.to, via), leg(via, key.from)) {
            let round = best.checked_mul(&second).and_then(|two| two.checked_mul(&third));
            if round.is_none_or(|round| round > Ratio::ONE) {
                return Some(format!("{} to {} to {via} and back", key.from, key.to));
            }
        }
    }
    None
}
