//! Nets: what is left of many obligations when they are set against each other.

use std::collections::BTreeMap;

use meridian_terms::{Bic, Currency, Money, Ratio, Refusal, Rounding};

use crate::refusal::{self as no, refuse};

/// What one participant owes another.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, borsh::BorshSerialize, borsh::BorshDeserialize)]
pub struct Obligation {
    /// Who owes.
    pub from: Bic,
    /// To whom.
    pub to: Bic,
    /// How much, zero or above.
    pub amount: i128,
    /// In which currency.
    pub currency: Currency,
}

/// Net positions of each currency: positive is to receive, negative is to pay, minor units. Participants that come
/// out even are in it with zero, so that everybody who took part gets a report.
pub type Nets = BTreeMap<Currency, BTreeMap<Bic, i128>>;

/// Each participant's one position towards all others, by currency. The positions of a currency sum to zero.
///
/// ```
/// use meridian_settlement::{Obligation, multilateral};
/// use meridian_terms::{Bic, Currency};
/// let owe = |from, to, amount| Ok::<_, meridian_terms::Refusal>(Obligation {
///     from: Bic::parse(from)?, to: Bic::parse(to)?, amount, currency: Currency::RUB });
/// let nets = multilateral(&[owe("ALFARUMM", "BETARUMM", 70)?, owe("BETARUMM", "ALFARUMM", 100)?])?;
/// assert_eq!(nets[&Currency::RUB][&Bic::parse("ALFARUMM")?], 30);
/// # Ok::<(), meridian_terms::Refusal>(())
/// ```
///
/// # Errors
/// `settlement.net_range` when a position does not fit 128 bits.
pub fn multilateral(obligations: &[Obligation]) -> Result<Nets, Refusal> {
    let mut nets = Nets::new();
    for obligation in obligations {
        let positions = nets.entry(obligation.currency).or_default();
        for (who, amount) in [(&obligation.from, -obligation.amount), (&obligation.to, obligation.amount)] {
            let position = positions.entry(who.clone()).or_default();
            *position = position.checked_add(amount).ok_or_else(|| out_of_range(obligation))?;
        }
    }
    Ok(nets)
}

/// What is left between each two participants: one obligation or, where they come out even, none. In order of
/// currency and participants.
///
/// # Errors
/// `settlement.net_range` when a position does not fit 128 bits.
pub fn bilateral(obligations: &[Obligation]) -> Result<Vec<Obligation>, Refusal> {
    let mut between: BTreeMap<(Currency, &Bic, &Bic), i128> = BTreeMap::new();
    for obligation in obligations {
        let Obligation { from, to, amount, currency } = obligation;
        let (key, owed) =
            if from <= to { ((*currency, from, to), *amount) } else { ((*currency, to, from), -*amount) };
        let net = between.entry(key).or_default();
        *net = net.checked_add(owed).ok_or_else(|| out_of_range(obligation))?;
    }
    let left = between.into_iter().filter(|((_, one, other), net)| *net != 0 && one != other);
    Ok(left
        .map(|((currency, one, other), net)| {
            let (from, to) = if net > 0 { (one, other) } else { (other, one) };
            Obligation { from: from.clone(), to: to.clone(), amount: net.abs(), currency }
        })
        .collect())
}

/// What must be funded of these obligations, by currency: the sum of what each pays before it receives anything.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, borsh::BorshSerialize, borsh::BorshDeserialize)]
pub struct Funding {
    /// Each obligation on its own.
    pub gross: i128,
    /// What is left between each two.
    pub bilateral: i128,
    /// What is left of each towards all.
    pub multilateral: i128,
}

/// What settling gross, bilaterally and multilaterally would take, by currency.
///
/// # Errors
/// `settlement.net_range`.
pub fn funding(obligations: &[Obligation]) -> Result<BTreeMap<Currency, Funding>, Refusal> {
    let mut needs: BTreeMap<Currency, Funding> = BTreeMap::new();
    for obligation in obligations {
        let gross = &mut needs.entry(obligation.currency).or_default().gross;
        *gross = gross.checked_add(obligation.amount).ok_or_else(|| out_of_range(obligation))?;
    }
    for left in bilateral(obligations)? {
        needs.entry(left.currency).or_default().bilateral += left.amount;
    }
    for (currency, positions) in multilateral(obligations)? {
        needs.entry(currency).or_default().multilateral = positions.values().filter(|net| **net > 0).sum();
    }
    Ok(needs)
}

/// What one participant swaps across two currencies, so that both of its positions shrink.
#[derive(Debug, Clone, PartialEq, Eq, borsh::BorshSerialize, borsh::BorshDeserialize)]
pub struct Offset {
    /// Who would have to pay `gives` more of the one and receive the other.
    pub one: Bic,
    /// Who stands the other way round.
    pub other: Bic,
    /// `one` is long of this and gives it to `other`, who is short of it.
    pub gives: Money,
    /// `other` is long of this and gives it to `one`, who is short of it.
    pub takes: Money,
}

/// Foreign-exchange offset before funding: where one participant is long of `base` and short of `quoted` and another
/// stands the other way round, the two swap at `rate` (major units of `quoted` for one of `base`) and both fund less.
/// Largest first, in order of participant among equals; amounts are what both can give, rounded down, so that no
/// position changes its sign.
///
/// # Errors
/// `settlement.net_range`; `money.range`.
pub fn offset(
    nets: &Nets,
    base: Currency,
    quoted: Currency,
    rate: &Ratio,
) -> Result<(Vec<Offset>, Nets), Refusal> {
    let mut left = nets.clone();
    let mut swaps = Vec::new();
    let inverse = rate.inverse()?;
    loop {
        let standing = |long: Currency, short: Currency| {
            let positions = left.get(&long).into_iter().flatten();
            positions
                .filter_map(|(bic, long_by)| {
                    let short_by = -left.get(&short)?.get(bic)?;
                    (*long_by > 0 && short_by > 0).then(|| (bic.clone(), *long_by, short_by))
                })
                .collect::<Vec<_>>()
        };
        let mut widest: Option<Offset> = None;
        for (one, base_long, quoted_short) in &standing(base, quoted) {
            for (other, quoted_long, base_short) in &standing(quoted, base) {
                let most_quoted = Money::new(*quoted_long.min(quoted_short), quoted);
                let as_base = most_quoted.convert(&inverse, base, Rounding::TowardZero)?.minor();
                let gives = Money::new(as_base.min(*base_long).min(*base_short), base);
                let exact = gives.convert(rate, quoted, Rounding::TowardZero)?;
                let takes = Money::new(exact.minor().min(most_quoted.minor()), quoted);
                let is_wider = widest.as_ref().is_none_or(|known| gives.minor() > known.gives.minor());
                if gives.minor() > 0 && takes.minor() > 0 && is_wider {
                    widest = Some(Offset { one: one.clone(), other: other.clone(), gives, takes });
                }
            }
        }
        let Some(swap) = widest else { return Ok((swaps, left)) };
        for (currency, amount, from, to) in [
            (base, swap.gives.minor(), &swap.one, &swap.other),
            (quoted, swap.takes.minor(), &swap.other, &swap.one),
        ] {
            let positions = left.entry(currency).or_default();
            *positions.entry(from.clone()).or_default() -= amount;
            *positions.entry(to.clone()).or_default() += amount;
        }
        swaps.push(swap);
    }
}

fn out_of_range(obligation: &Obligation) -> Refusal {
    let Obligation { from, to, amount, currency } = obligation;
    refuse(no::NET_RANGE, format!("{currency} {amount} from {from} to {to}"))
}
