//! What statistics are asked: turnover, growth, shares, what netting saved.

use std::collections::BTreeMap;

use meridian_terms::{Country, Currency, Ratio, Rounding};

use super::{Cell, Flow, Month, Statistics, Sums, national_currency};

impl Statistics {
    /// A country's own currency: what the corridor's settings say, otherwise the table of ISO 4217.
    #[must_use]
    pub fn national(&self, country: Country) -> Option<Currency> {
        self.settings.get(&country).copied().or_else(|| national_currency(country))
    }

    /// Every cell, by month, flow and chapter.
    pub fn cells(&self) -> impl Iterator<Item = (&Cell, &Sums)> {
        self.cells.iter()
    }

    /// Every month's flows, each payment once.
    pub fn months(&self) -> impl Iterator<Item = (Month, &Flow, &Sums)> {
        self.by_month.iter().map(|((month, flow), sums)| (*month, flow, sums))
    }

    /// What a country's banks paid out and took in across borders in a year, by currency: `(out, in)` in minor units.
    #[must_use]
    pub fn turnover(&self, country: Country, year: u32) -> BTreeMap<Currency, (i128, i128)> {
        let mut turnover: BTreeMap<Currency, (i128, i128)> = BTreeMap::new();
        for (month, flow, sums) in self.months().filter(|(_, flow, _)| flow.crosses()) {
            if month.year() != year {
                continue;
            }
            if flow.from == country {
                turnover.entry(flow.source).or_default().0 += sums.source;
            }
            if flow.to == country {
                turnover.entry(flow.target).or_default().1 += sums.target;
            }
        }
        turnover
    }

    /// Growth of what left in a flow from one year to the next, as a ratio (11/10 is a tenth more); none where the
    /// earlier year had nothing.
    #[must_use]
    pub fn growth(&self, flow: &Flow, year: u32) -> Option<Ratio> {
        let of = |year| -> i128 {
            let of_year = |(month, one, _): &(Month, &Flow, &Sums)| month.year() == year && *one == flow;
            self.months().filter(of_year).map(|(_, _, sums)| sums.source).sum()
        };
        let (before, now) = (of(year.checked_sub(1)?), of(year));
        (before > 0).then(|| Ratio::new(now, before).ok()).flatten()
    }

    /// Of the payments that crossed a border: how many settled in the national currencies of both sides, and how
    /// many there were. `national` tells a country's own currency.
    #[must_use]
    pub fn national_currency(&self, national: impl Fn(Country) -> Option<Currency>) -> (u64, u64) {
        let across = self.committed.iter().filter(|(flow, _)| flow.crosses());
        across.fold((0, 0), |(both, all), (flow, (count, ..))| {
            (both + if flow.is_national(&national) { *count } else { 0 }, all + count)
        })
    }

    /// The same by pair of countries, in alphabetical order, by count and by value: `(national, all)` each. Values are in
    /// hundredths of `worth`'s unit, rounded half up flow by flow; `worth` gives a currency's worth of one major unit.
    #[must_use]
    pub fn national_share(
        &self,
        national: impl Fn(Country) -> Option<Currency>,
        worth: impl Fn(Currency) -> Option<Ratio>,
    ) -> BTreeMap<(Country, Country), Share> {
        let mut shares: BTreeMap<(Country, Country), Share> = BTreeMap::new();
        for (flow, (count, source, _)) in self.committed.iter().filter(|(flow, _)| flow.crosses()) {
            let pair = (flow.from.min(flow.to), flow.from.max(flow.to));
            let share = shares.entry(pair).or_default();
            let is_national = flow.is_national(&national);
            share.payments.1 += count;
            share.payments.0 += if is_national { *count } else { 0 };
            match worth(flow.source).and_then(|worth| hundredths(*source, flow.source, &worth)) {
                Some(value) => {
                    share.value.1 += value;
                    share.value.0 += if is_national { value } else { 0 };
                }
                None => share.without_worth += count,
            }
        }
        shares
    }

    /// The flows of a month, and of the same month a year before: `(before, now)` in minor units of what left.
    #[must_use]
    pub fn year_on_year(&self, month: Month) -> BTreeMap<Flow, (i128, i128)> {
        let mut pairs: BTreeMap<Flow, (i128, i128)> = BTreeMap::new();
        for (of, flow, sums) in self.months() {
            if of == month {
                pairs.entry(*flow).or_default().1 += sums.source;
            } else if of.0 + 12 == month.0 {
                pairs.entry(*flow).or_default().0 += sums.source;
            }
        }
        pairs
    }

    /// What netting saved of the gross, by currency, as a ratio of the gross; none where nothing settled.
    #[must_use]
    pub fn saved(&self) -> BTreeMap<Currency, Ratio> {
        let saved = |(gross, net): &(i128, i128)| Ratio::new(gross - net, *gross).ok();
        self.netted.iter().filter_map(|(currency, sums)| Some((*currency, saved(sums)?))).collect()
    }
}

/// How much of a pair's payments settled in both national currencies.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Share {
    /// Payments: national, all.
    pub payments: (u64, u64),
    /// Value in hundredths of the unit of comparison: national, all.
    pub value: (i128, i128),
    /// Payments in a currency whose worth nobody gave; not in `value`.
    pub without_worth: u64,
}

fn hundredths(minor: i128, currency: Currency, worth: &Ratio) -> Option<i128> {
    let minor_units = Ratio::whole(10_i128.pow(u32::from(currency.exponent())));
    worth.checked_mul(&Ratio::whole(100))?.checked_div(&minor_units)?.times(minor, Rounding::HalfUp)
}
