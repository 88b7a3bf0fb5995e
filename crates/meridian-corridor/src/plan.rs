//! Routes: every way that no other way beats in time, cost and emissions at once.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use meridian_terms::{Currency, Micros, Moment, Money};

use crate::network::{Link, Mode, Network, Procedure};

/// What is carried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Load {
    /// How many twenty-foot equivalents.
    pub teu: u32,
}

/// What is asked.
#[derive(Debug, Clone)]
pub struct Question<'a> {
    /// From which node.
    pub from: &'a str,
    /// To which.
    pub to: &'a str,
    /// When the goods are ready.
    pub depart: Moment,
    /// What is carried.
    pub load: Load,
    /// Modes not to be used.
    pub avoid: &'a [Mode],
    /// Countries not to be passed.
    pub avoid_countries: &'a [&'a str],
    /// The most labels the search may make before it says that it stopped.
    pub budget: usize,
}

/// One leg of a route.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Leg {
    /// What happens.
    pub kind: LegKind,
    /// Where it begins, by position in the network.
    pub from: usize,
    /// Where it ends.
    pub to: usize,
    /// Metres travelled.
    pub metres: u64,
    /// Mean minutes.
    pub minutes: u32,
    /// Standard deviation of the minutes; zero for what does not vary here.
    pub deviation: u32,
    /// Up to so many minutes waited for a departure, evenly.
    pub headway: u32,
    /// Cents, for the whole load.
    pub cents: i64,
    /// Grams of CO2 equivalent, for the whole load.
    pub grams: u64,
    /// Whether its time rests on an estimate.
    pub is_estimate: bool,
    /// Link or procedure, and its source.
    pub reason: String,
}

/// What a leg is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LegKind {
    /// Along a link.
    Travel(Mode),
    /// At a border.
    Border,
    /// From one conveyance to another.
    Transfer,
    /// From one railway gauge to another.
    GaugeChange,
    /// A stop every train makes.
    Station,
    /// A convoy through ice.
    Ice,
}

/// A route.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Route {
    /// Its legs, in order.
    pub legs: Vec<Leg>,
    /// Sum of the legs, mean minutes.
    pub minutes: u32,
    /// Sum of the legs.
    pub metres: u64,
    /// Sum of the legs.
    pub cost: Money,
    /// Sum of the legs.
    pub grams: u64,
    /// Borders crossed, as country pairs.
    pub borders: Vec<String>,
    /// How often the gauge changes.
    pub gauge_changes: u32,
    /// Per cent of its time that rests on estimates.
    pub estimated_percent: u8,
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
}

/// What was found.
#[derive(Debug, Clone)]
pub struct Plan {
    /// The Pareto front, fastest first.
    pub routes: Vec<Route>,
    /// Whether the budget ended the search before it was exact.
    pub is_truncated: bool,
    /// Why there is no way, or what was left out.
    pub excluded: Vec<Excluded>,
}

/// Something that was left out, with the reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Excluded {
    /// There is no such node.
    UnknownNode(String),
    /// No way leads there under the restrictions.
    NoWay,
    /// So many links are out of season when the goods would be there.
    OutOfSeason(usize),
    /// So many links use a mode or a country to be avoided.
    Avoided(usize),
}

/// Mean time and cost where the network names no procedure: marked estimated in every answer.
const DEFAULT_TRANSFER: (u32, u32, i64) = (48 * 60, 36 * 60, 18_000);
const DEFAULT_BORDER: (u32, u32, i64) = (24 * 60, 18 * 60, 21_000);
const DEFAULT_GAUGE: (u32, u32, i64) = (24 * 60, 18 * 60, 15_000);

/// A way to a node: its sums, and the way before it.
#[derive(Debug, Clone)]
struct Label {
    node: usize,
    /// How the goods arrived: mode and gauge; none at the start.
    arrived: Option<(Mode, Option<u16>)>,
    minutes: u32,
    cents: i64,
    grams: u64,
    before: Option<(usize, usize)>,
    is_dominated: bool,
}

impl Label {
    const fn is_as_good_as(&self, other: &Self) -> bool {
        self.minutes <= other.minutes && self.cents <= other.cents && self.grams <= other.grams
    }
}

/// Finds every Pareto-optimal route: exact label setting over (node, mode, gauge), bounded by `budget`.
#[must_use]
pub fn plan(network: &Network, question: &Question<'_>) -> Plan {
    let mut excluded = Vec::new();
    let (Some(from), Some(to)) = (network.node(question.from), network.node(question.to)) else {
        for id in [question.from, question.to] {
            if network.node(id).is_none() {
                excluded.push(Excluded::UnknownNode(id.to_owned()));
            }
        }
        return Plan { routes: Vec::new(), is_truncated: false, excluded };
    };
    let mut search = Search {
        network,
        question,
        labels: vec![Label {
            node: from,
            arrived: None,
            minutes: 0,
            cents: 0,
            grams: 0,
            before: None,
            is_dominated: false,
        }],
        fronts: vec![Vec::new(); network.nodes.len()],
        bounds: bounds(network, question, to),
        goal: to,
        goals: Vec::new(),
        out_of_season: 0,
        avoided: 0,
    };
    let is_truncated = search.run();
    let mut routes: Vec<Route> = search.goals.iter().map(|label| search.route(*label)).collect();
    routes.sort_by_key(|route| (route.minutes, route.cost.minor()));
    if routes.is_empty() {
        excluded.push(Excluded::NoWay);
    }
    if search.out_of_season > 0 {
        excluded.push(Excluded::OutOfSeason(search.out_of_season));
    }
    if search.avoided > 0 {
        excluded.push(Excluded::Avoided(search.avoided));
    }
    Plan { routes, is_truncated, excluded }
}

struct Search<'a> {
    network: &'a Network,
    question: &'a Question<'a>,
    labels: Vec<Label>,
    fronts: Vec<Vec<usize>>,
    /// The least a way from each node still needs, in each criterion.
    bounds: Vec<Option<[u64; 3]>>,
    goal: usize,
    goals: Vec<usize>,
    out_of_season: usize,
    avoided: usize,
}

impl Search<'_> {
    /// True when the budget ended it.
    fn run(&mut self) -> bool {
        let mut queue = BinaryHeap::from([Reverse((0_u64, 0_u64, 0_usize))]);
        while let Some(Reverse((_, _, number))) = queue.pop() {
            let label = self.labels[number].clone();
            if label.is_dominated {
                continue;
            }
            if label.node == self.goal {
                continue;
            }
            for step in 0..self.network.at[label.node].len() {
                let link = self.network.at[label.node][step];
                let Some(next) = self.extend(number, link) else { continue };
                let Some(bound) = self.bounds[next.node] else { continue };
                if self.is_beaten(&next, bound) {
                    continue;
                }
                if self.labels.len() >= self.question.budget {
                    return true;
                }
                let key = u64::from(next.minutes) + bound[0];
                let cost = u64::try_from(next.cents).unwrap_or(0) + bound[1];
                queue.push(Reverse((key, cost, self.labels.len())));
                self.enter(next);
            }
        }
        false
    }

    fn extend(&mut self, number: usize, link_number: usize) -> Option<Label> {
        let label = &self.labels[number];
        let link = &self.network.links[link_number];
        let to = if link.from == label.node { link.to } else { link.from };
        // A way that comes back to where it was is never better: times and costs are positive.
        if label.before.is_some_and(|(before, _)| self.labels[before].node == to) {
            return None;
        }
        let country = self.network.nodes[to].country.as_str();
        if self.question.avoid.contains(&link.mode) || self.question.avoid_countries.contains(&country) {
            self.avoided += 1;
            return None;
        }
        let there = self.question.depart.plus(Micros::minutes(i64::from(label.minutes)));
        if !link.is_open(there.day()) {
            self.out_of_season += 1;
            return None;
        }
        let teu = self.question.load.teu;
        let mut next = Label {
            node: to,
            arrived: Some((link.mode, link.gauge.or_else(|| label.arrived.and_then(|(_, gauge)| gauge)))),
            minutes: label.minutes,
            cents: label.cents,
            grams: label.grams,
            before: Some((number, link_number)),
            is_dominated: false,
        };
        for leg in self.network.legs(label.node, label.arrived, link, there, teu) {
            next.minutes = next.minutes.saturating_add(leg.minutes);
            next.cents = next.cents.saturating_add(leg.cents);
            next.grams = next.grams.saturating_add(leg.grams);
        }
        Some(next)
    }

    /// Beaten at its node by a way that arrived the same way, or at the goal by a way that is there already.
    fn is_beaten(&self, next: &Label, bound: [u64; 3]) -> bool {
        let alike = self.fronts[next.node].iter().map(|other| &self.labels[*other]);
        if alike.clone().any(|other| other.arrived == next.arrived && other.is_as_good_as(next)) {
            return true;
        }
        self.goals.iter().map(|goal| &self.labels[*goal]).any(|goal| {
            u64::from(goal.minutes) <= u64::from(next.minutes) + bound[0]
                && u64::try_from(goal.cents).unwrap_or(0) <= u64::try_from(next.cents).unwrap_or(0) + bound[1]
                && goal.grams <= next.grams + bound[2]
        })
    }

    fn enter(&mut self, next: Label) {
        let number = self.labels.len();
        let node = next.node;
        let is_goal = node == self.goal;
        let labels = &mut self.labels;
        self.fronts[node].retain(|other| {
            let beaten =
                (is_goal || labels[*other].arrived == next.arrived) && next.is_as_good_as(&labels[*other]);
            labels[*other].is_dominated |= beaten;
            !beaten
        });
        self.fronts[node].push(number);
        self.labels.push(next);
        if is_goal {
            self.goals = self.fronts[node].clone();
        }
    }

    fn route(&self, goal: usize) -> Route {
        let mut steps = Vec::new();
        let mut at = goal;
        while let Some((before, link)) = self.labels[at].before {
            steps.push((before, link));
            at = before;
        }
        let mut legs = Vec::new();
        for (before, link) in steps.into_iter().rev() {
            let label = &self.labels[before];
            let there = self.question.depart.plus(Micros::minutes(i64::from(label.minutes)));
            let link = &self.network.links[link];
            legs.extend(self.network.legs(label.node, label.arrived, link, there, self.question.load.teu));
        }
        summed(self.network, legs)
    }
}

fn summed(network: &Network, legs: Vec<Leg>) -> Route {
    let mut borders = Vec::new();
    for leg in &legs {
        let (from, to) = (&network.nodes[leg.from].country, &network.nodes[leg.to].country);
        if from != to && matches!(leg.kind, LegKind::Travel(_)) {
            borders.push(format!("{from}-{to}"));
        }
    }
    let minutes: u32 = legs.iter().map(|leg| leg.minutes).sum();
    let estimated: u64 = legs.iter().filter(|leg| leg.is_estimate).map(|leg| u64::from(leg.minutes)).sum();
    let percent = (estimated * 100).checked_div(u64::from(minutes)).unwrap_or(0);
    Route {
        minutes,
        metres: legs.iter().map(|leg| leg.metres).sum(),
        cost: Money::new(legs.iter().map(|leg| i128::from(leg.cents)).sum(), Currency::USD),
        grams: legs.iter().map(|leg| leg.grams).sum(),
        borders,
        gauge_changes: legs
            .iter()
            .map(|leg| u32::from(leg.kind == LegKind::GaugeChange || leg.reason.contains("gauge")))
            .sum(),
        estimated_percent: u8::try_from(percent).unwrap_or(100),
        legs,
    }
}

impl Network {
    /// Everything that happens when goods that arrived in some way at a node go on along a link.
    fn legs(
        &self,
        node: usize,
        arrived: Option<(Mode, Option<u16>)>,
        link: &Link,
        there: Moment,
        teu: u32,
    ) -> Vec<Leg> {
        let to = if link.from == node { link.to } else { link.from };
        let mut legs = Vec::new();
        let border = self.borders.get(&(node.min(to), node.max(to), link.mode));
        if let Some((mode, gauge)) = arrived {
            if !mode.is_same_conveyance(link.mode) {
                let known = self.transfers.get(&(node, mode, link.mode));
                let what = format!("{} to {}", mode.word(), link.mode.word());
                legs.push(stop(LegKind::Transfer, node, known, DEFAULT_TRANSFER, teu, &what));
            } else if let (Some(before), Some(after)) = (gauge, link.gauge)
                && before != after
                && !border.is_some_and(|border| border.changes_gauge)
            {
                let what = format!("gauge {before} to {after} mm");
                legs.push(stop(LegKind::GaugeChange, node, None, DEFAULT_GAUGE, teu, &what));
            }
            if let Some(station) = self.stations.get(&(node, link.mode)) {
                legs.push(stop(LegKind::Station, node, Some(station), DEFAULT_BORDER, teu, "station"));
            }
        }
        let crosses = self.nodes[node].country != self.nodes[to].country;
        if crosses && matches!(link.mode, Mode::Rail | Mode::Road) {
            let what = format!("border {}-{}", self.nodes[node].country, self.nodes[to].country);
            let what = if border.is_some_and(|border| border.changes_gauge) {
                format!("{what} and gauge")
            } else {
                what
            };
            legs.push(stop(LegKind::Border, node, border, DEFAULT_BORDER, teu, &what));
        }
        let is_ice_season = {
            let day = (there.day().month(), there.day().of_month());
            !((3, 15)..(12, 10)).contains(&day)
        };
        if link.has_ice
            && is_ice_season
            && let Some(ice) = self.ice.get(&to).or_else(|| self.ice.get(&node))
        {
            legs.push(stop(LegKind::Ice, node, Some(ice), DEFAULT_BORDER, teu, "ice convoy"));
        }
        let headway = link.departures_a_year.map_or(0, |departures| 525_600 / departures.max(1));
        let kilometres = link.metres / 1000;
        legs.push(Leg {
            kind: LegKind::Travel(link.mode),
            from: node,
            to,
            metres: link.metres,
            minutes: link.minutes + headway / 2,
            deviation: 0,
            headway,
            cents: link.cents_per_teu * i64::from(teu),
            grams: self.emissions.get(&link.mode).copied().unwrap_or(0) * kilometres * u64::from(teu),
            is_estimate: link.statuses[1].is_guess(),
            reason: format!("{} {}", link.id, link.source),
        });
        legs
    }
}

fn stop(
    kind: LegKind,
    node: usize,
    known: Option<&Procedure>,
    or: (u32, u32, i64),
    teu: u32,
    what: &str,
) -> Leg {
    let (minutes, deviation, cents) =
        known.map_or(or, |known| (known.mean, known.deviation, known.cents_per_teu));
    Leg {
        kind,
        from: node,
        to: node,
        metres: 0,
        minutes,
        deviation,
        headway: 0,
        cents: cents * i64::from(teu),
        grams: 0,
        is_estimate: known.is_none_or(|known| known.status.is_guess()),
        reason: match known {
            Some(known) => format!("{} {what}: {}", known.id, known.source),
            None => format!("{what}: a usual time, the network names none"),
        },
    }
}

/// The least time, cost and emissions from every node to the goal, by links alone: admissible, since stops only add.
fn bounds(network: &Network, question: &Question<'_>, goal: usize) -> Vec<Option<[u64; 3]>> {
    let teu = u64::from(question.load.teu);
    let time = |link: &Link| {
        u64::from(link.minutes)
            + link.departures_a_year.map_or(0, |year| u64::from(525_600 / year.max(1) / 2))
    };
    let cost = |link: &Link| u64::try_from(link.cents_per_teu).unwrap_or(0) * teu;
    let grams =
        |link: &Link| network.emissions.get(&link.mode).copied().unwrap_or(0) * (link.metres / 1000) * teu;
    let least =
        [shortest(network, goal, &time), shortest(network, goal, &cost), shortest(network, goal, &grams)];
    let reached = |node: usize| least[0][node] != u64::MAX;
    (0..network.nodes.len())
        .map(|node| reached(node).then(|| [least[0][node], least[1][node], least[2][node]]))
        .collect()
}

fn shortest(network: &Network, goal: usize, weight: &dyn Fn(&Link) -> u64) -> Vec<u64> {
    let mut least = vec![u64::MAX; network.nodes.len()];
    least[goal] = 0;
    let mut queue = BinaryHeap::from([Reverse((0_u64, goal))]);
    while let Some(Reverse((sum, node))) = queue.pop() {
        if sum > least[node] {
            continue;
        }
        for number in &network.at[node] {
            let link = &network.links[*number];
            let other = if link.from == node { link.to } else { link.from };
            let next = sum + weight(link);
            if next < least[other] {
                least[other] = next;
                queue.push(Reverse((next, other)));
            }
        }
    }
    least
}
