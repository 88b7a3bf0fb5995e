//! A route told leg by leg. Its sums are the sums of its legs, exactly.

use borsh::{BorshDeserialize, BorshSerialize};
use meridian_terms::{Currency, Money};

use crate::cargo::Load;
use crate::network::{Departures, Network};
use crate::search::front::{FIRST, Label, Search};
use crate::search::steps::{Basis, LegKind, Part, Step};
use crate::table::Status;

/// One leg of a route.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Leg {
    /// What happens.
    pub kind: LegKind,
    /// Where it begins, by position in the network.
    pub from: usize,
    /// Where it ends.
    pub to: usize,
    /// Link, service, procedure or document, by its id.
    pub id: String,
    /// Minutes after the departure of the whole at which it is planned to begin.
    pub begins: u32,
    /// Metres travelled.
    pub metres: u64,
    /// Planned minutes, with the wait for a departure.
    pub minutes: u32,
    /// Of them, the planned wait.
    pub wait: u32,
    /// When what it travels with leaves.
    pub departures: Departures,
    /// Standard deviation of the minutes, without that of the wait.
    pub deviation: u32,
    /// Cents, for the whole load.
    pub cents: i64,
    /// Grams of CO2 equivalent, for the whole load.
    pub grams: u64,
    /// What its figures rest on.
    pub reliance: Reliance,
    /// The carrier, where a service has one.
    pub operator: Option<String>,
    /// The source of its figures, and what the vehicle must fit.
    pub reason: String,
}

/// How far the figures of a leg can be relied on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Reliance {
    /// The length.
    pub distance: Status,
    /// The mean time.
    pub time: Status,
    /// The spread of the time.
    pub spread: Status,
    /// The cost.
    pub cost: Status,
    /// How often something leaves.
    pub departures: Status,
    /// The emission factor.
    pub emission: Status,
}

impl Reliance {
    const fn all(status: Status) -> Self {
        Self {
            distance: status,
            time: status,
            spread: status,
            cost: status,
            departures: status,
            emission: status,
        }
    }
}

/// A route.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Route {
    /// Its legs, in order.
    pub legs: Vec<Leg>,
    /// Sum of the legs, planned minutes.
    pub minutes: u32,
    /// Sum of the legs.
    pub metres: u64,
    /// Sum of the legs.
    pub cost: Money,
    /// Sum of the legs.
    pub grams: u64,
    /// Lateness risk: the sum of the variances of what varies, in square minutes.
    pub variance: u64,
    /// Borders crossed, as country pairs.
    pub borders: Vec<String>,
    /// How often the gauge changes.
    pub gauge_changes: u32,
    /// How often goods change conveyance.
    pub transfers: u32,
    /// Per cent of its time that rests on estimates.
    pub estimated_percent: u8,
    /// Per cent of its cost that rests on estimates.
    pub estimated_cost_percent: u8,
    /// Per cent of its length that rests on estimates.
    pub estimated_km_percent: u8,
    /// When the goods are ready, in minutes since 1970.
    pub start: i64,
}

impl Route {
    /// The nodes it passes, in order, by position in the network.
    #[must_use]
    pub fn nodes(&self) -> Vec<usize> {
        let mut nodes: Vec<usize> = self.legs.first().map(|leg| leg.from).into_iter().collect();
        for leg in &self.legs {
            if nodes.last() != Some(&leg.to) {
                nodes.push(leg.to);
            }
        }
        nodes
    }

    /// The sums of one box in the search's four criteria, for comparing with the slow model.
    pub(crate) fn order(&self) -> (u32, i128, u64, u32) {
        (self.minutes, self.cost.minor(), self.grams, self.transfers)
    }
}

/// Tells the way to a label at the goal.
pub(crate) fn told(search: &Search<'_>, load: &Load, goal: u32) -> Route {
    let mut way: Vec<(Label, Label)> = Vec::new();
    let mut at = search.labels[goal as usize];
    while at.before != FIRST {
        let before = search.labels[at.before as usize];
        way.push((before, at));
        at = before;
    }
    way.reverse();
    let mut legs = Vec::new();
    for (before, after) in way {
        tell(search, load, &before, &after, &mut legs);
    }
    summed(search, legs)
}

/// The legs of one step.
fn tell(search: &Search<'_>, load: &Load, before: &Label, after: &Label, legs: &mut Vec<Leg>) {
    let (network, graph, calendar) = (search.network, search.graph, search.calendar);
    let arc = graph.arc(after.arc);
    let link = &network.links[arc.link as usize];
    let node = graph.nodes[before.state as usize] as usize;
    let arrived = graph.arrived[before.state as usize];
    let step = Step { node, arrived, link, number: arc.link as usize, document: arc.document };
    let mut begins = before.sums[0];
    let season = |begins: u32, until: u32, id: &str, words: &str| Leg {
        kind: LegKind::Season,
        from: node,
        to: node,
        id: id.to_owned(),
        begins,
        metres: 0,
        minutes: until - begins,
        wait: until - begins,
        departures: Departures::AtOnce,
        deviation: 0,
        cents: 0,
        grams: 0,
        reliance: Reliance::all(link.statuses[1]),
        operator: None,
        reason: words.to_owned(),
    };
    if after.began > begins {
        legs.push(season(
            begins,
            after.began,
            &link.id,
            "another season makes the next stop shorter, surer or cheaper",
        ));
        begins = after.began;
    }
    let day = graph.regime(arc, calendar.day(after.began)).from;
    // The regime's first day stands for all its days, unless the year has none.
    let day = if graph.regimes(arc).len() == 1 { calendar.day(after.began) } else { day };
    step.parts(network, load, day, |part| {
        let mut wait = 0;
        if let LegKind::Travel(_) = part.kind {
            let leaves =
                if arc.is_gated { calendar.leaves(network, arc, begins).unwrap_or(begins) } else { begins };
            if leaves > begins
                && link.closed.is_some()
                && !matches!(link.departures, Departures::Timetable(_))
            {
                legs.push(season(begins, leaves, &link.id, "closed until then"));
                begins = leaves;
            }
            wait = (leaves - begins) + part.minutes.saturating_sub(link.minutes);
        }
        let leg = leg(network, load, &step, &part, begins, wait);
        begins = begins.saturating_add(leg.minutes);
        legs.push(leg);
    });
}

fn leg(network: &Network, load: &Load, step: &Step<'_>, part: &Part, begins: u32, wait: u32) -> Leg {
    let (link, node) = (step.link, step.node);
    let stop = Leg {
        kind: part.kind,
        from: node,
        to: node,
        id: String::new(),
        begins,
        metres: 0,
        minutes: part.minutes,
        wait: 0,
        departures: Departures::AtOnce,
        deviation: 0,
        cents: i64::from(part.cents) * i64::from(load.boxes),
        grams: u64::from(part.grams) * u64::from(load.boxes),
        reliance: Reliance::all(Status::Computed),
        operator: None,
        reason: String::new(),
    };
    match part.basis {
        Basis::Procedure(number) => {
            let procedure = &network.procedures[number];
            // The variance is the square of the deviation the part was made with.
            let deviation = u32::try_from(part.variance.isqrt()).unwrap_or(u32::MAX);
            let is_this =
                |dwell: &&crate::network::Dwell| dwell.mean == part.minutes && dwell.deviation == deviation;
            let dwells = [&procedure.usual]
                .into_iter()
                .chain(procedure.special.iter().map(crate::network::Special::dwell));
            let dwell = dwells.into_iter().find(is_this).unwrap_or(&procedure.usual);
            Leg {
                id: procedure.id.clone(),
                deviation,
                reliance: Reliance {
                    time: dwell.status,
                    spread: dwell.spread,
                    cost: procedure.cost_status,
                    ..Reliance::all(Status::Computed)
                },
                reason: dwell.source.clone(),
                ..stop
            }
        }
        Basis::Document(number) => {
            let document = &network.documents[number];
            Leg {
                id: document.id.clone(),
                reliance: Reliance {
                    time: document.status,
                    cost: document.status,
                    ..Reliance::all(Status::Computed)
                },
                reason: document.source.clone(),
                ..stop
            }
        }
        Basis::Storage => {
            let ladder = network.storage.get(&node).map_or(&[][..], Vec::as_slice);
            let status = ladder.iter().map(|step| step.status).max().unwrap_or(Status::Illustrative);
            Leg {
                id: format!("storage at {}", network.nodes[node].id),
                reliance: Reliance { cost: status, ..Reliance::all(Status::Computed) },
                reason: ladder.first().map(|step| step.source.clone()).unwrap_or_default(),
                ..stop
            }
        }
        Basis::Link => {
            let emission = network.emission(link);
            let mut reason = link.source.clone();
            if !link.limits.vehicle.is_empty() {
                reason = format!("{reason}; vessel or vehicle at most {}", link.limits.vehicle.join(", "));
            }
            let rate =
                link.rate.as_ref().and_then(|rate| network.rates.get(rate)).and_then(|steps| steps.first());
            if let Some(rate) = rate {
                reason = format!("{reason}; rate {}: {}", rate.rate, rate.source);
            }
            Leg {
                to: link.other(node),
                id: link.id.clone(),
                metres: link.metres,
                minutes: wait.saturating_add(link.minutes),
                wait,
                // A ship in a canal or strait waits for no departure.
                departures: if wait == 0
                    && part.minutes == link.minutes
                    && !matches!(link.departures, Departures::Timetable(_))
                {
                    Departures::AtOnce
                } else {
                    link.departures.clone()
                },
                deviation: link.deviation,
                reliance: Reliance {
                    distance: link.statuses[0],
                    time: link.statuses[1],
                    spread: link.statuses[1],
                    cost: rate.map_or(link.statuses[2], |rate| rate.status),
                    departures: link.statuses[3],
                    emission: emission.map_or(Status::Illustrative, |emission| emission.status),
                },
                operator: link.service.as_ref().map(|service| service.operator.clone()),
                reason,
                ..stop
            }
        }
    }
}

fn summed(search: &Search<'_>, legs: Vec<Leg>) -> Route {
    let nodes = &search.network.nodes;
    let mut borders = Vec::new();
    for leg in &legs {
        let (from, to) = (&nodes[leg.from].country, &nodes[leg.to].country);
        if from != to {
            borders.push(format!("{from}-{to}"));
        }
    }
    let minutes = legs.iter().map(|leg| leg.minutes).sum();
    let cents: i64 = legs.iter().map(|leg| leg.cents).sum();
    let metres = legs.iter().map(|leg| leg.metres).sum();
    let guessed = |share: &dyn Fn(&Leg) -> u64| legs.iter().map(share).sum::<u64>();
    let time = guessed(&|leg| {
        let moving = if leg.reliance.time.is_guess() { leg.minutes - leg.wait } else { 0 };
        u64::from(moving + if leg.reliance.departures.is_guess() { leg.wait } else { 0 })
    });
    let cost = guessed(&|leg| if leg.reliance.cost.is_guess() { leg.cents.unsigned_abs() } else { 0 });
    let distance = guessed(&|leg| if leg.reliance.distance.is_guess() { leg.metres } else { 0 });
    let count = |is: &dyn Fn(LegKind) -> bool| {
        u32::try_from(legs.iter().filter(|leg| is(leg.kind)).count()).unwrap_or(0)
    };
    Route {
        minutes,
        metres,
        cost: Money::new(i128::from(cents), Currency::USD),
        grams: legs.iter().map(|leg| leg.grams).sum(),
        variance: legs
            .iter()
            .map(|leg| {
                let wait = if leg.wait > 0 { leg.departures.variance() } else { 0 };
                u64::from(leg.deviation).pow(2) + wait
            })
            .sum(),
        gauge_changes: count(&|kind| matches!(kind, LegKind::GaugeChange | LegKind::BorderAndGauge)),
        transfers: count(&|kind| kind == LegKind::Transfer),
        estimated_percent: percent(time, u64::from(minutes)),
        estimated_cost_percent: percent(cost, cents.unsigned_abs()),
        estimated_km_percent: percent(distance, metres),
        borders,
        legs,
        start: search.calendar.start,
    }
}

fn percent(part: u64, whole: u64) -> u8 {
    u8::try_from((part * 100 + whole / 2).checked_div(whole).unwrap_or(0)).unwrap_or(100)
}
