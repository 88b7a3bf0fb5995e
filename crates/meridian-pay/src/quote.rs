//! Quotes: a provider bound to two amounts for a while.

use borsh::{BorshDeserialize, BorshSerialize};
use meridian_terms::{Bic, Country, Currency, Moment, Money, Ratio, Refusal};

use crate::decide::{active, known};
use crate::fee::amounts;
use crate::rate::{arbitrage, source_for};
use crate::refusal::{self as no, refuse};
use crate::{Event, Fee, Participant, QuoteRequest, RateCard, RateKey, Role, State};

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
    /// The request it answers.
    pub request: u128,
    /// What the provider takes.
    pub source: Money,
    /// What it gives.
    pub target: Money,
    /// What of that the creditor agent keeps; nothing when the request named no creditor agent.
    pub fee: Money,
    /// What the creditor is credited.
    pub credited: Money,
    /// Major units of target for one of source, improvements included; over two hops, the product.
    pub rate: Ratio,
    /// The currency in between, when the conversion takes two hops.
    pub via: Option<Currency>,
    /// The first moment it no longer binds.
    pub expires: Moment,
    /// Whether a payment has used it.
    pub is_used: bool,
}

/// A participant that is a provider.
pub(crate) fn provider<'a>(state: &'a State, bic: &Bic) -> Result<&'a Participant, Refusal> {
    let participant = known(state, bic)?;
    if participant.role == Role::FxProvider {
        Ok(participant)
    } else {
        Err(refuse(no::WRONG_ROLE, bic.as_str()))
    }
}

pub(crate) fn publish(state: &State, key: &RateKey, card: &RateCard) -> Result<Event, Refusal> {
    provider(state, &key.provider)?;
    if card.base <= Ratio::ZERO {
        return Err(refuse(no::RATE_NOT_POSITIVE, format!("{}", card.base)));
    }
    if let Some(circle) = arbitrage(&state.rates, key, card) {
        return Err(refuse(no::RATE_ARBITRAGE, circle));
    }
    Ok(Event::RatePublished(key.clone(), card.clone()))
}

/// Every provider's offer, best for the debtor first; ties by provider. The same request again gets the same quotes.
pub(crate) fn quote(state: &State, request: &QuoteRequest, at: Moment) -> Result<Event, Refusal> {
    active(state, &request.agent, Role::Bank)?;
    if let Some((known, ids)) = state.quote_requests.get(&(request.agent.clone(), request.id)) {
        if known != request {
            return Err(refuse(no::REQUEST_REUSED, format!("{:032x}", request.id)));
        }
        let quotes = ids.iter().filter_map(|id| state.quotes.get(id)).cloned().collect();
        return Ok(Event::Quoted { request: request.clone(), quotes });
    }
    if request.amount.minor() <= 0 {
        return Err(refuse(no::AMOUNT_NOT_POSITIVE, request.amount.to_string()));
    }
    let from = known(state, &request.agent)?.country;
    let to = match &request.creditor_agent {
        Some(agent) => Some(known(state, agent)?.country),
        None => None,
    };
    let pivots = pivots(state, request, from, to);
    let providers = state.participants.values().filter(|p| p.role == Role::FxProvider && !p.is_suspended);
    let mut offers: Vec<Quote> = Vec::new();
    let better = |a: &Quote, b: &Quote| match request.fixed {
        Fixed::Source => {
            b.credited.minor().cmp(&a.credited.minor()).then(a.source.minor().cmp(&b.source.minor()))
        }
        Fixed::Target => a.source.minor().cmp(&b.source.minor()),
    };
    for provider in providers {
        let direct = offer(state, request, &provider.bic, None, to, at);
        let routes = pivots.iter().filter_map(|via| offer(state, request, &provider.bic, Some(*via), to, at));
        offers.extend(direct.into_iter().chain(routes).min_by(better));
    }
    offers.sort_by(|a, b| better(a, b).then(a.provider.cmp(&b.provider)));
    if offers.is_empty() {
        return Err(refuse(no::NO_RATE, format!("{} to {}, {}", request.from, request.to, request.amount)));
    }
    Ok(Event::Quoted { request: request.clone(), quotes: offers })
}

/// Through which currencies a conversion may go: those configured, and the two countries' own.
fn pivots(state: &State, request: &QuoteRequest, from: Country, to: Option<Country>) -> Vec<Currency> {
    let settings = &state.settings;
    let own = [Some(from), to].into_iter().flatten().filter_map(|country| settings.national.get(&country));
    let mut pivots: Vec<Currency> = settings.pivots.iter().chain(own).copied().collect();
    pivots.sort_by_key(|currency| currency.code());
    pivots.dedup();
    pivots.retain(|via| *via != request.from && *via != request.to);
    pivots
}

fn offer(
    state: &State,
    request: &QuoteRequest,
    provider: &Bic,
    via: Option<Currency>,
    to: Option<Country>,
    at: Moment,
) -> Option<Quote> {
    let card = |from, to| {
        let key = RateKey { provider: provider.clone(), from, to };
        state.rates.get(&key).filter(|card| card.valid.contains(at))
    };
    let hops = match via {
        None => vec![(request.from, card(request.from, request.to)?)],
        Some(via) => vec![(request.from, card(request.from, via)?), (via, card(via, request.to)?)],
    };
    let base = hops.iter().try_fold(Ratio::ONE, |product, (_, card)| product.checked_mul(&card.base))?;
    // Tiers are by source amount; with the target fixed, the base rate says about how much that is.
    let mut about = match request.fixed {
        Fixed::Source => request.amount,
        Fixed::Target => source_for(request.amount, &base, request.from).ok()?,
    };
    let mut rate = Ratio::ONE;
    for (position, (_, card)) in hops.iter().enumerate() {
        let improved = card.rate_for(about.minor(), &request.agent)?;
        let next = hops.get(position + 1).map_or(request.to, |(currency, _)| *currency);
        about = about.convert(&improved, next, meridian_terms::Rounding::Floor).ok()?;
        rate = rate.checked_mul(&improved)?;
    }
    let fee = to.map_or(Fee::NONE, |country| state.fee(country, request.to));
    let currencies = (request.from, request.to);
    let amounts =
        amounts(request.fixed, request.amount, request.bearer, request.own_charge, &rate, currencies, &fee)
            .ok()?;
    if amounts.source.minor() <= 0 || amounts.credited.minor() <= 0 || amounts.source.minor() > hops[0].1.most
    {
        return None;
    }
    let mut hasher = blake3::Hasher::new();
    hasher.update(&request.id.to_be_bytes());
    hasher.update(request.agent.as_str().as_bytes());
    hasher.update(provider.as_str().as_bytes());
    hasher.update(via.map_or("", Currency::code).as_bytes());
    let mut id = [0; 16];
    id.copy_from_slice(&hasher.finalize().as_bytes()[..16]);
    Some(Quote {
        id: QuoteId(u128::from_be_bytes(id)),
        provider: provider.clone(),
        agent: request.agent.clone(),
        request: request.id,
        source: amounts.source,
        target: amounts.target,
        fee: amounts.fee,
        credited: amounts.credited,
        rate,
        via,
        expires: at.plus(state.settings.quote_life),
        is_used: false,
    })
}
