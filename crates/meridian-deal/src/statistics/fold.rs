//! From events to sums, one event at a time.

use std::collections::BTreeMap;

use borsh::{BorshDeserialize, BorshSerialize};
use meridian_pay as pay;
use meridian_terms::{Bic, Country, Currency, Moment, Money, Uetr};

use super::{Cell, Figure, Flow, Journeys, Month, Sums};
use crate::{DealId, Event, EvidenceKind, Kind};

/// A payment whose legs are reserved and that may be committed.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
struct InFlight {
    flow: Flow,
    source: i128,
    target: i128,
    /// The deal whose goods it pays for, and the obligation's name.
    deal: Option<(DealId, String)>,
    /// Values of those goods by chapter.
    chapters: Vec<(u8, i128)>,
}

/// What is kept of a deal until its goods have arrived and are paid.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
struct Known {
    seller: Country,
    buyer: Country,
    /// Values of the goods by chapter.
    chapters: Vec<(u8, i128)>,
    /// The obligations for goods, by name, and whether each is paid.
    goods: Vec<(String, bool)>,
    /// Minutes planned: half of journeys, nine in ten.
    plan: Option<(u32, u32)>,
    loaded: Option<Moment>,
    arrived: bool,
}

/// Counts and sums, folded from events in order.
#[derive(Debug, Clone, Default, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Statistics {
    countries: BTreeMap<Bic, Country>,
    pub(super) settings: BTreeMap<Country, Currency>,
    in_flight: BTreeMap<Uetr, InFlight>,
    deals: BTreeMap<DealId, Known>,
    pub(super) cells: BTreeMap<Cell, Sums>,
    /// Committed payments, each once: how many, source minor units, target minor units.
    pub committed: BTreeMap<Flow, (u64, i128, i128)>,
    pub(super) by_month: BTreeMap<(Month, Flow), Sums>,
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

/// An obligation: its deal and its name.
type Obliged = (DealId, String);
/// A contract's value by HS chapter, in minor units of its currency.
type Chapters = Vec<(u8, i128)>;
/// From which country to which, the minutes planned for half and for nine in ten, and the minutes taken.
type Journey = ((Country, Country), (u32, u32), u64);

impl Statistics {
    /// Takes the next payment event into account; `number` counts events.
    pub fn observe(&mut self, event: &pay::Event, number: u64) {
        match event {
            pay::Event::Configured(settings) => self.settings.clone_from(&settings.national),
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
                    let cited = asked.document.as_deref().and_then(|document| self.goods_cited(document));
                    let (deal, chapters) = cited.unzip();
                    let chapters = chapters.unwrap_or_default();
                    self.in_flight.insert(asked.uetr, InFlight { flow, source, target, deal, chapters });
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

    /// Takes the next event of a deal into account.
    pub fn observe_deal(&mut self, event: &Event) {
        match event {
            Event::Signed { contract, .. } => {
                let mut values: BTreeMap<u8, i128> = BTreeMap::new();
                for line in &contract.goods {
                    *values.entry(line.hs.chapter().parse().unwrap_or(0)).or_default() += line.value.minor();
                }
                let known = Known {
                    seller: contract.seller.country,
                    buyer: contract.buyer.country,
                    chapters: values.into_iter().collect(),
                    goods: Vec::new(),
                    plan: None,
                    loaded: None,
                    arrived: false,
                };
                self.deals.insert(contract.id.clone(), known);
            }
            Event::RouteChosen(id, route, _) => {
                if let Some(known) = self.deals.get_mut(id) {
                    known.plan = Some((route.minutes_p50, route.minutes_p90));
                }
            }
            Event::Undertaken(id, obligations, _) => {
                if let Some(known) = self.deals.get_mut(id) {
                    let goods = obligations.iter().filter(|owed| owed.kind == Kind::Goods);
                    known.goods = goods.map(|owed| (owed.name.clone(), false)).collect();
                }
            }
            Event::Assessed { .. } => {
                if let Some((country, basis)) = self.assessed(event) {
                    *self.bases.entry((country, basis)).or_default() += 1;
                }
            }
            Event::Presented { deal, evidence, at, .. } if evidence.kind == EvidenceKind::Loaded => {
                if let Some(known) = self.deals.get_mut(deal) {
                    known.loaded = Some(*at);
                }
            }
            Event::Presented { deal, evidence, at, .. } if evidence.kind == EvidenceKind::Arrived => {
                if let Some((pair, (half, most), taken)) = self.journey(deal, *at) {
                    let journeys = self.journeys.entry(pair).or_default();
                    journeys.arrived += 1;
                    journeys.within_p90 += u64::from(taken <= u64::from(most));
                    journeys.planned += u64::from(half);
                    journeys.taken += taken;
                }
                if let Some(known) = self.deals.get_mut(deal) {
                    known.arrived = true;
                }
                self.let_go(deal);
            }
            Event::Cancelled { deal, .. } => drop(self.deals.remove(deal)),
            _ => {}
        }
    }

    /// A settlement window has settled: what would have moved gross, and what did.
    pub fn observe_window(&mut self, currency: Currency, gross: i128, net: i128) {
        let sums = self.netted.entry(currency).or_default();
        *sums = (sums.0 + gross, sums.1 + net);
    }

    /// The figures that a payment event moves, asked before it is taken into account.
    #[must_use]
    pub fn moved_by(&self, event: &pay::Event) -> Vec<Figure> {
        match event {
            pay::Event::Committed { uetr, at, .. } => {
                let payment = self.in_flight.get(uetr);
                let parts = payment.map(|payment| payment.parts(Month::of(*at))).unwrap_or_default();
                parts.into_iter().map(|(cell, ..)| Figure::Cell(cell)).collect()
            }
            pay::Event::Rejected { reason, .. } => vec![Figure::Rejected(reason.clone())],
            pay::Event::Refused { refusal, .. } => vec![Figure::Refused(refusal.code.to_string())],
            _ => Vec::new(),
        }
    }

    /// The figure that a deal's event moves, asked before it is taken into account.
    #[must_use]
    pub fn moved_by_deal(&self, event: &Event) -> Option<Figure> {
        match event {
            Event::Assessed { .. } => {
                self.assessed(event).map(|(country, basis)| Figure::Basis(country, basis))
            }
            Event::Presented { deal, evidence, at, .. } if evidence.kind == EvidenceKind::Arrived => {
                self.journey(deal, *at).map(|((from, to), ..)| Figure::Journey(from, to))
            }
            _ => None,
        }
    }

    /// The deal whose goods a document cites (`deal/<id>/<name>`), and their values by chapter.
    fn goods_cited(&self, document: &str) -> Option<(Obliged, Chapters)> {
        let (id, name) = document.strip_prefix("deal/")?.rsplit_once('/')?;
        let id = DealId(id.to_owned());
        let known = self.deals.get(&id)?;
        known
            .goods
            .iter()
            .any(|(known, _)| known == name)
            .then(|| ((id, name.to_owned()), known.chapters.clone()))
    }

    fn commit(&mut self, payment: &InFlight, month: Month, number: u64) {
        let InFlight { flow, source, target, .. } = payment;
        let sums = self.committed.entry(*flow).or_default();
        *sums = (sums.0 + 1, sums.1 + source, sums.2 + target);
        self.by_month.entry((month, *flow)).or_default().add(*source, *target, number);
        for (cell, source, target) in payment.parts(month) {
            self.cells.entry(cell).or_default().add(source, target, number);
        }
        if let Some((deal, name)) = &payment.deal {
            if let Some(known) = self.deals.get_mut(deal) {
                known.goods.iter_mut().filter(|(of, _)| of == name).for_each(|(_, is_paid)| *is_paid = true);
            }
            self.let_go(deal);
        }
    }

    /// What an assessment rests on: the importing country, and the basis its rows name.
    fn assessed(&self, event: &Event) -> Option<(Country, String)> {
        let Event::Assessed { deal, rows, .. } = event else { return None };
        let known = self.deals.get(deal)?;
        let basis = rows.iter().find_map(|row| row.reference.split("basis: ").nth(1));
        Some((known.buyer, basis.unwrap_or("not stated").to_owned()))
    }

    /// A journey that ends now: from where to where, the minutes planned, the minutes taken.
    fn journey(&self, deal: &DealId, at: Moment) -> Option<Journey> {
        let known = self.deals.get(deal)?;
        let taken = u64::try_from(at.since(known.loaded?).0 / 60_000_000).unwrap_or(0);
        Some(((known.seller, known.buyer), known.plan?, taken))
    }

    /// Forgets a deal whose goods have arrived and are paid.
    fn let_go(&mut self, id: &DealId) {
        if self
            .deals
            .get(id)
            .is_some_and(|known| known.arrived && known.goods.iter().all(|(_, is_paid)| *is_paid))
        {
            self.deals.remove(id);
        }
    }
}

impl InFlight {
    /// What it adds to which cells: split over the chapters of the goods by their value.
    fn parts(&self, month: Month) -> Vec<(Cell, i128, i128)> {
        let Self { flow, source, target, chapters, .. } = self;
        let weights: Vec<i128> = chapters.iter().map(|(_, value)| *value).collect();
        let part = |minor: i128, currency| Money::new(minor, currency).split(&weights).ok();
        match (part(*source, flow.source), part(*target, flow.target)) {
            (Some(sources), Some(targets)) if !chapters.is_empty() => chapters
                .iter()
                .zip(sources.iter().zip(&targets))
                .map(|((chapter, _), (source, target))| {
                    let cell = Cell { month, flow: *flow, chapter: Some(*chapter) };
                    (cell, source.minor(), target.minor())
                })
                .collect(),
            _ => vec![(Cell { month, flow: *flow, chapter: None }, *source, *target)],
        }
    }
}
