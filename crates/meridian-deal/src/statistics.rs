//! Statistics from the journal alone: what has been committed, in which currencies, between whom, for which goods; how
//! long journeys took against plan; what preferences were used; what was refused.
//!
//! A figure is a sum over *cells*: one month, one flow, one chapter of the Harmonised System. Each cell keeps the numbers of
//! the first and last event in it, so that every figure opens the events it is made of.
//!
//! **Invariant:** only committed payments count, each once; a payment for several lines of goods is split over their
//! chapters by value, and the parts sum to the payment.

use std::collections::BTreeMap;

use borsh::{BorshDeserialize, BorshSerialize};
use meridian_pay as pay;
use meridian_terms::{Bic, Country, Currency, Moment, Money, Ratio, Rounding, Uetr};

use crate::{Event, EvidenceKind, Kind, State};

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

/// A payment whose legs are reserved and that may be committed.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
struct InFlight {
    flow: Flow,
    source: i128,
    target: i128,
    /// Values of the goods by chapter, where a deal's goods are cited.
    chapters: Vec<(u8, i128)>,
}

/// Counts and sums, folded from events in order.
#[derive(Debug, Clone, Default, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Statistics {
    countries: BTreeMap<Bic, Country>,
    in_flight: BTreeMap<Uetr, InFlight>,
    cells: BTreeMap<Cell, Sums>,
    /// Committed payments, each once: how many, source minor units, target minor units.
    pub committed: BTreeMap<Flow, (u64, i128, i128)>,
    by_month: BTreeMap<(Month, Flow), Sums>,
    /// Refused on arrival, by code.
    pub refused: BTreeMap<String, u64>,
    /// Rejected after reservation, by ISO reason.
    pub rejected: BTreeMap<String, u64>,
    /// Journeys by country of loading and of delivery.
    pub journeys: BTreeMap<(Country, Country), Journeys>,
    /// Assessments by importing country and basis (`ordinary`, `preference ...`).
    pub bases: BTreeMap<(Country, String), u64>,
    /// What settlement windows netted, by currency: minor units gross, and net.
    pub netted: BTreeMap<Currency, (i128, i128)>,
}

impl Statistics {
    /// Takes the next payment event into account; `deals` as they were before it, `number` counts events.
    pub fn observe(&mut self, deals: &State, event: &pay::Event, number: u64) {
        match event {
            pay::Event::Admitted { participant, .. } => {
                self.countries.insert(participant.bic.clone(), participant.country);
            }
            pay::Event::Reserved(_) | pay::Event::Queued(_) => {
                let Some(asked) = event.started() else { return };
                let country = |bic| self.countries.get(bic).copied();
                if let (Some(from), Some(to)) = (country(&asked.debtor_agent), country(&asked.creditor_agent))
                {
                    let flow =
                        Flow { from, to, source: asked.source.currency(), target: asked.target.currency() };
                    let (source, target) = (asked.source.minor(), asked.target.minor());
                    let chapters = chapters(deals, asked.document.as_deref());
                    self.in_flight.insert(asked.uetr, InFlight { flow, source, target, chapters });
                }
            }
            pay::Event::Committed { uetr, at, .. } => {
                if let Some(payment) = self.in_flight.remove(uetr) {
                    self.commit(&payment, Month::of(*at), number);
                }
            }
            pay::Event::Rejected { uetr, reason, .. } => {
                self.in_flight.remove(uetr);
                *self.rejected.entry(reason.clone()).or_default() += 1;
            }
            pay::Event::Refused { refusal, .. } => {
                *self.refused.entry(refusal.code.to_string()).or_default() += 1;
            }
            _ => {}
        }
    }

    /// Takes the next event of a deal into account; `deals` as they were before it.
    pub fn observe_deal(&mut self, deals: &State, event: &Event) {
        match event {
            Event::Presented { deal, evidence, at, .. } if evidence.kind == EvidenceKind::Arrived => {
                let Some(deal) = deals.deal(deal) else { return };
                let loaded = deal.evidence.iter().find(|(_, one)| one.kind == EvidenceKind::Loaded);
                let (Some((loaded, _)), Some(route)) = (loaded, &deal.route) else { return };
                let taken = u64::try_from(at.since(*loaded).0 / 60_000_000).unwrap_or(0);
                let pair = (deal.contract.seller.country, deal.contract.buyer.country);
                let journeys = self.journeys.entry(pair).or_default();
                journeys.arrived += 1;
                journeys.within_p90 += u64::from(taken <= u64::from(route.minutes_p90));
                journeys.planned += u64::from(route.minutes_p50);
                journeys.taken += taken;
            }
            Event::Assessed { deal, rows, .. } => {
                let Some(deal) = deals.deal(deal) else { return };
                let basis = rows.iter().find_map(|row| row.reference.split("basis: ").nth(1));
                let basis = basis.unwrap_or("not stated").to_owned();
                *self.bases.entry((deal.contract.buyer.country, basis)).or_default() += 1;
            }
            _ => {}
        }
    }

    /// A settlement window has settled: what would have moved gross, and what did.
    pub fn observe_window(&mut self, currency: Currency, gross: i128, net: i128) {
        let sums = self.netted.entry(currency).or_default();
        *sums = (sums.0 + gross, sums.1 + net);
    }

    fn commit(&mut self, payment: &InFlight, month: Month, number: u64) {
        let InFlight { flow, source, target, chapters } = payment;
        let sums = self.committed.entry(*flow).or_default();
        *sums = (sums.0 + 1, sums.1 + source, sums.2 + target);
        self.by_month.entry((month, *flow)).or_default().add(*source, *target, number);
        let weights: Vec<i128> = chapters.iter().map(|(_, value)| *value).collect();
        let part = |minor: i128, currency| Money::new(minor, currency).split(&weights).ok();
        match (part(*source, flow.source), part(*target, flow.target)) {
            (Some(sources), Some(targets)) if !chapters.is_empty() => {
                for ((chapter, _), (source, target)) in chapters.iter().zip(sources.iter().zip(&targets)) {
                    let cell = Cell { month, flow: *flow, chapter: Some(*chapter) };
                    self.cells.entry(cell).or_default().add(source.minor(), target.minor(), number);
                }
            }
            _ => {
                let cell = Cell { month, flow: *flow, chapter: None };
                self.cells.entry(cell).or_default().add(*source, *target, number);
            }
        }
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

/// The chapters of the goods that a payment's document cites, with their values.
fn chapters(deals: &State, document: Option<&str>) -> Vec<(u8, i128)> {
    let Some((deal, position)) = document.and_then(|document| deals.cited(document)) else {
        return Vec::new();
    };
    if deal.obligations[position].kind != Kind::Goods {
        return Vec::new();
    }
    let mut values: BTreeMap<u8, i128> = BTreeMap::new();
    for line in &deal.contract.goods {
        *values.entry(line.hs.chapter().parse().unwrap_or(0)).or_default() += line.value.minor();
    }
    values.into_iter().collect()
}
