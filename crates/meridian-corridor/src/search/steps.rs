//! A step: everything between arriving at a node and arriving at the next. The one place where time, cost and emissions
//! of a way are made; the search adds them up and the answer tells them one by one.

use crate::cargo::Load;
use crate::network::{Link, Mode, MonthDay, Network, storage_cents};
use borsh::{BorshDeserialize, BorshSerialize};

/// How goods arrived at a node.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Arrived {
    pub(crate) mode: Mode,
    /// Of the wagons they are on.
    pub(crate) gauge: Option<u16>,
    /// Whether a service ended here, so that nothing goes on in the same train or ship.
    pub(crate) is_ended: bool,
    /// The through document, counted from one; zero is none.
    pub(crate) document: u8,
}

/// A step along a link.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Step<'a> {
    pub(crate) node: usize,
    pub(crate) arrived: Option<Arrived>,
    pub(crate) link: &'a Link,
    /// The link's place in the network.
    pub(crate) number: usize,
    /// The document it runs under.
    pub(crate) document: u8,
}

/// What a leg is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, BorshSerialize, BorshDeserialize)]
pub enum LegKind {
    /// Along a link.
    Travel(Mode),
    /// At a border.
    Border,
    /// At a border, with a change of railway gauge.
    BorderAndGauge,
    /// A national transit declaration that a through document would have saved.
    National,
    /// A through document is issued.
    Document,
    /// From one conveyance to another.
    Transfer,
    /// Storage beyond the free days of a transfer.
    Storage,
    /// From one railway gauge to another.
    GaugeChange,
    /// A stop every train makes.
    Station,
    /// A convoy through ice.
    Ice,
    /// Waiting for a season to open or for better months.
    Season,
}

impl LegKind {
    /// The word for files and people.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Travel(mode) => mode.word(),
            Self::Border => "border",
            Self::BorderAndGauge => "border and gauge change",
            Self::National => "national transit",
            Self::Document => "document",
            Self::Transfer => "transfer",
            Self::Storage => "storage",
            Self::GaugeChange => "gauge change",
            Self::Station => "station",
            Self::Ice => "ice convoy",
            Self::Season => "waits for the season",
        }
    }
}

/// What a part of a step rests on, by position in the network.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Basis {
    Link,
    Procedure(usize),
    Document(usize),
    Storage,
}

/// A part of a step, for one box.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Part {
    pub(crate) kind: LegKind,
    /// Whether it lies before the departure, so that the departure waits for it.
    pub(crate) is_before: bool,
    /// Mean minutes, with the mean wait for a departure that does not depend on the hour.
    pub(crate) minutes: u32,
    pub(crate) variance: u64,
    pub(crate) cents: u32,
    pub(crate) grams: u32,
    pub(crate) basis: Basis,
}

impl Step<'_> {
    const fn to(&self) -> usize {
        self.link.other(self.node)
    }

    /// Whether goods stay in their train, truck or ship.
    fn stays(&self) -> bool {
        self.arrived.is_some_and(|arrived| {
            arrived.mode.is_same_conveyance(self.link.mode) && !arrived.is_ended && !self.link.is_service()
        })
    }

    /// How goods are there after it. Gauge and document matter only to those who go on in the same conveyance.
    pub(crate) fn arrives(&self, network: &Network) -> Arrived {
        let before =
            self.arrived.and_then(|arrived| arrived.gauge).filter(|_| self.link.mode == Mode::FerryRail);
        let [border, _] = network.borders[self.number];
        let far = border.and_then(|number| network.procedures[number].gauge_at(self.to()));
        let is_covered = self.covers(network, self.to());
        Arrived {
            mode: self.link.mode,
            gauge: far.or(self.link.gauge).or(before),
            is_ended: self.link.is_service(),
            document: if is_covered { self.document } else { 0 },
        }
    }

    /// Whether the step's document is taken in the country of a node.
    fn covers(&self, network: &Network, node: usize) -> bool {
        self.document > 0 && network.taken[node] >> (self.document - 1) & 1 == 1
    }

    /// Tells the documents it may run under: the one they came with if goods stay in their conveyance, else any that the
    /// load can have, that is for this mode and that this country issues; and always none.
    pub(crate) fn each_document(&self, network: &Network, load: &Load, mut tell: impl FnMut(u8)) {
        if let Some(arrived) = self.arrived.filter(|_| self.stays()) {
            return tell(arrived.document);
        }
        tell(0);
        for (document, number) in network.documents.iter().zip(1_u8..) {
            let is_taken = network.taken[self.node] >> (number - 1) & 1 == 1;
            if is_taken
                && document.modes.contains(&self.link.mode)
                && !load.without_documents.contains(&document.id)
            {
                tell(number);
            }
        }
    }

    /// Tells every part of the step when it begins on this day, in order.
    pub(crate) fn parts(&self, network: &Network, load: &Load, day: MonthDay, mut tell: impl FnMut(Part)) {
        let (rules, link, teu) = (&network.rules, self.link, load.size.teu());
        let mut stop = |kind: LegKind, number: usize| {
            let procedure = &network.procedures[number];
            if procedure.season.is_some_and(|season| !season.holds(day)) {
                return 0;
            }
            let dwell = procedure.dwell(load.train, day.month);
            tell(Part {
                kind,
                is_before: true,
                minutes: dwell.mean,
                variance: u64::from(dwell.deviation).pow(2),
                cents: procedure.cents_per_teu.saturating_mul(teu),
                grams: 0,
                basis: Basis::Procedure(number),
            });
            dwell.mean
        };
        let stays = self.stays();
        let [mut border, plain] = network.borders[self.number];
        // The wagons goods are on: those they came with, or those they are loaded on here.
        let wagons = self.arrived.filter(|_| stays).and_then(|arrived| arrived.gauge).or(link.gauge);
        let far = border.and_then(|number| network.procedures[number].gauge_at(self.to()));
        let changes_gauge_at_border = far.is_some() && wagons != far;
        if far.is_some() && !changes_gauge_at_border {
            border = plain;
        }
        let mut stored = None;
        if let Some(arrived) = self.arrived {
            let changes_gauge = arrived.gauge.is_some()
                && arrived.mode.is_same_conveyance(link.mode)
                && link.gauge.is_some()
                && arrived.gauge != link.gauge;
            if changes_gauge && !changes_gauge_at_border {
                if let Some(number) = rules.gauge(self.node) {
                    stop(LegKind::GaugeChange, number);
                }
            } else if !stays && let Some(number) = rules.transfer(self.node, arrived.mode, link.mode) {
                stored = Some(stop(LegKind::Transfer, number));
            }
            if stays && let Some(number) = rules.station(self.node, link.mode) {
                stop(LegKind::Station, number);
            }
        }
        if let Some(number) = border {
            let kind = if changes_gauge_at_border { LegKind::BorderAndGauge } else { LegKind::Border };
            stop(kind, number);
            if !(self.covers(network, self.node) && self.covers(network, self.to()))
                && let Some(number) = rules.national(link.mode)
            {
                stop(LegKind::National, number);
            }
        }
        if link.has_ice
            && let Some(number) = rules.ice(self.node, self.to())
        {
            stop(LegKind::Ice, number);
        }
        if !stays && let Some(number) = usize::from(self.document).checked_sub(1) {
            let document = &network.documents[number];
            tell(Part {
                kind: LegKind::Document,
                is_before: true,
                minutes: document.minutes,
                variance: 0,
                cents: document.cents,
                grams: 0,
                basis: Basis::Document(number),
            });
        }
        // A ship in a canal or strait waits for no departure.
        let waits = !(stays && network.nodes[self.node].kind == "waypoint");
        let mean_wait = if waits { link.departures.mean_wait() } else { 0 };
        if let (Some(dwell), Some(ladder)) = (stored, network.storage.get(&self.node)) {
            let cents = storage_cents(ladder, dwell.saturating_add(mean_wait)).saturating_mul(teu);
            if cents > 0 {
                let (kind, basis) = (LegKind::Storage, Basis::Storage);
                tell(Part { kind, is_before: true, minutes: 0, variance: 0, cents, grams: 0, basis });
            }
        }
        let milligrams = network.emission(link).map_or(0, |emission| emission.milligrams_per_teu_km);
        let grams = milligrams * u64::from(teu) * link.metres / 1_000_000;
        tell(Part {
            kind: LegKind::Travel(link.mode),
            is_before: false,
            minutes: mean_wait.saturating_add(link.minutes),
            variance: u64::from(link.deviation).pow(2) + if waits { link.departures.variance() } else { 0 },
            cents: freight(network, link, load),
            grams: u32::try_from(grams).unwrap_or(u32::MAX),
            basis: Basis::Link,
        });
    }

    /// Whether anything of it changes within the year.
    pub(crate) fn boundaries(&self, network: &Network) -> Vec<MonthDay> {
        let (rules, [border, plain]) = (&network.rules, network.borders[self.number]);
        let arrived = self.arrived.map(|arrived| arrived.mode);
        let involved = [
            border,
            plain,
            arrived.and_then(|mode| rules.transfer(self.node, mode, self.link.mode)),
            rules.gauge(self.node).filter(|_| arrived.is_some()),
            rules.station(self.node, self.link.mode).filter(|_| arrived.is_some()),
            rules.national(self.link.mode),
            rules.ice(self.node, self.to()).filter(|_| self.link.has_ice),
        ];
        let mut boundaries = Vec::new();
        for procedure in involved.into_iter().flatten().map(|number| &network.procedures[number]) {
            if procedure.is_seasonal() {
                boundaries.extend((1..=12).map(MonthDay::first_of));
                boundaries
                    .extend(procedure.season.into_iter().flat_map(|season| [season.from, season.until]));
            }
        }
        boundaries.sort_unstable();
        boundaries.dedup();
        boundaries
    }
}

/// Freight of one box on a link: the first step of its rate that fits, or its price for a TEU by the box.
fn freight(network: &Network, link: &Link, load: &Load) -> u32 {
    let steps = link.rate.as_ref().and_then(|rate| network.rates.get(rate));
    let by_rate = steps.and_then(|steps| steps.iter().find_map(|step| step.cents(load, link.metres)));
    let cents = by_rate.unwrap_or_else(|| link.cents_per_teu.saturating_mul(load.size.teu()));
    u32::try_from(u64::from(cents) * u64::from(link.cost_per_mille) / 1000).unwrap_or(u32::MAX)
}
