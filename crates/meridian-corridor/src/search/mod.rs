//! Routes: every way that no other way beats in time, cost, emissions and lateness risk at once.

use std::collections::BTreeSet;
use std::fmt;

use meridian_terms::{Day, Moment};

use crate::cargo::{Load, Refused};
use crate::network::{Link, Mode, Network};

mod bounds;
mod front;
mod graph;
mod route;
mod steps;
mod tolerant;

use bounds::Bounds;
use front::{Calendar, Search};
use graph::Graph;
pub use route::{Leg, Reliance, Route};
pub use steps::LegKind;

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
    /// Carriers and vessels that screening refused, with the reason.
    pub refused: Refused,
    /// Days within which the goods must be there; ways that take longer are not looked for.
    pub within_days: u16,
    /// Parts in a million by which a way may be worse than one it stands for; zero is exact.
    pub epsilon_ppm: u32,
    /// The most labels the search may make before it says that it stopped.
    pub budget: usize,
}

impl<'a> Question<'a> {
    /// An exact question without restrictions: within 75 days, of at most two million labels.
    #[must_use]
    pub fn new(from: &'a str, to: &'a str, depart: Moment, load: Load) -> Self {
        Self {
            from,
            to,
            depart,
            load,
            avoid: &[],
            avoid_countries: &[],
            refused: Refused::new(),
            within_days: 75,
            epsilon_ppm: 0,
            budget: 2_000_000,
        }
    }

    const fn terms(&self) -> Terms<'_> {
        Terms {
            load: &self.load,
            avoid: self.avoid,
            avoid_countries: self.avoid_countries,
            refused: &self.refused,
        }
    }
}

/// What a graph of the network depends on: the load and its restrictions.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Terms<'a> {
    load: &'a Load,
    avoid: &'a [Mode],
    avoid_countries: &'a [&'a str],
    refused: &'a Refused,
}

impl Terms<'_> {
    /// Why a link is not there for this load, if it is not: the first reason that holds.
    fn excludes(&self, network: &Network, link: &Link) -> Option<Excluded> {
        let id = || link.id.clone();
        if let Some(service) = &link.service {
            let named = [Some(&service.operator), service.vessel.as_ref()];
            for name in named.into_iter().flatten() {
                let found = self.refused.iter().find(|(refused, _)| refused.eq_ignore_ascii_case(name));
                if let Some((_, reason)) = found {
                    return Some(Excluded::Refused {
                        link: id(),
                        name: name.clone(),
                        reason: reason.clone(),
                    });
                }
            }
            let teu = self.load.total_teu();
            if let Some(capacity) = service.capacity_teu.filter(|capacity| *capacity < teu) {
                return Some(Excluded::Limit {
                    link: id(),
                    what: format!("takes {capacity} TEU a departure; asked {teu}"),
                });
            }
        }
        if let Some(what) = link.limits.refuses(self.load) {
            return Some(Excluded::Limit { link: id(), what });
        }
        if self.avoid.contains(&link.mode) {
            return Some(Excluded::Avoided { link: id(), what: link.mode.word().to_owned() });
        }
        let countries = [link.from, link.to].map(|node| network.nodes[node].country.as_str());
        let avoided = countries.into_iter().find(|country| self.avoid_countries.contains(country))?;
        Some(Excluded::Avoided { link: id(), what: avoided.to_owned() })
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
    /// Labels the search made.
    pub labels: usize,
}

/// Something that was left out, with the reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Excluded {
    /// There is no such node.
    UnknownNode(String),
    /// From and to are one place.
    Nowhere(String),
    /// No way leads there under the restrictions.
    NoWay,
    /// Screening refused the carrier or vessel.
    Refused {
        /// Which link.
        link: String,
        /// Whom.
        name: String,
        /// Why, as screening put it.
        reason: String,
    },
    /// The link does not take this load.
    Limit {
        /// Which link.
        link: String,
        /// What it does not take.
        what: String,
    },
    /// A mode or country to be avoided.
    Avoided {
        /// Which link.
        link: String,
        /// Mode or country.
        what: String,
    },
    /// A closed season or an ended timetable, beyond the days in which the goods must be there.
    TooLate {
        /// Which link.
        link: String,
        /// How many days were allowed.
        within_days: u16,
    },
}

impl fmt::Display for Excluded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnknownNode(id) => {
                write!(f, "{id} is no node of this network; use a UN/LOCODE or id of nodes.csv")
            }
            Self::Nowhere(id) => write!(f, "the goods are at {id} already"),
            Self::NoWay => write!(f, "there is no way under these restrictions"),
            Self::Refused { link, name, reason } => {
                write!(f, "{link} is run by {name}, whom screening refused: {reason}")
            }
            Self::Limit { link, what } => write!(f, "{link} {what}"),
            Self::Avoided { link, what } => write!(f, "{link} was avoided as asked ({what})"),
            Self::TooLate { link, within_days } => {
                write!(
                    f,
                    "{link} is closed or has no departure in time for arriving within {within_days} days"
                )
            }
        }
    }
}

/// A network made ready for a load and its restrictions: ask it often.
#[derive(Debug)]
pub struct Planner<'a> {
    network: &'a Network,
    load: Load,
    graph: Graph,
}

impl<'a> Planner<'a> {
    /// Makes a network ready for a question's load, avoided modes and countries, and refused names.
    #[must_use]
    pub fn new(network: &'a Network, question: &Question<'_>) -> Self {
        Self { network, load: question.load.clone(), graph: Graph::build(network, &question.terms()) }
    }

    /// States of the graph: (node, mode, gauge, document).
    #[must_use]
    pub fn states(&self) -> usize {
        self.graph.states()
    }

    /// Answers a question; its load and restrictions are those the planner was made for.
    #[must_use]
    pub fn plan(&self, question: &Question<'_>) -> Plan {
        let ends = match self.ends(question) {
            Ok(ends) => ends,
            Err(excluded) => return nothing(excluded),
        };
        let bounds = Bounds::towards(&self.graph, ends.1);
        self.plan_within(question, ends, &bounds)
    }

    /// The best ways of every day from the question's departure on, for so many days: when should it ship?
    #[must_use]
    pub fn departures(&self, question: &Question<'_>, days: u16) -> Vec<(Day, Plan)> {
        let ends = match self.ends(question) {
            Ok(ends) => ends,
            Err(excluded) => return vec![(question.depart.day(), nothing(excluded))],
        };
        let bounds = Bounds::towards(&self.graph, ends.1);
        (0..i64::from(days))
            .map(|ahead| {
                let depart = question.depart.plus(meridian_terms::Micros::days(ahead));
                let plan = self.plan_within(&Question { depart, ..question.clone() }, ends, &bounds);
                (depart.day(), plan)
            })
            .collect()
    }

    /// The front as the slow model has it: sums (minutes, cents, grams, variance of a box) of every way of at most so many
    /// links that no other beats, found by trying them all, each step at once or after any of the next `waits` midnights. For
    /// small networks, and for those who distrust the search.
    #[must_use]
    pub fn exhaust(&self, question: &Question<'_>, most_links: usize, waits: u32) -> Vec<[u32; 4]> {
        let Ok(ends) = self.ends(question) else { return Vec::new() };
        let bounds = Bounds::towards(&self.graph, ends.1);
        let calendar = Calendar::new(question.depart, question.within_days, &self.graph.boundaries);
        Search::new(self.network, &self.graph, &bounds, &calendar, ends, 0, usize::MAX)
            .exhaust(most_links, waits)
    }

    fn ends(&self, question: &Question<'_>) -> Result<(usize, usize), Vec<Excluded>> {
        let unknown = |id: &str| Excluded::UnknownNode(id.to_owned());
        match (self.network.node(question.from), self.network.node(question.to)) {
            (Some(from), Some(to)) if from == to => Err(vec![Excluded::Nowhere(question.from.to_owned())]),
            (Some(from), Some(to)) => Ok((from, to)),
            (from, to) => {
                let ends = [(from, question.from), (to, question.to)];
                Err(ends.into_iter().filter(|(node, _)| node.is_none()).map(|(_, id)| unknown(id)).collect())
            }
        }
    }

    fn plan_within(&self, question: &Question<'_>, ends: (usize, usize), bounds: &Bounds) -> Plan {
        let calendar = Calendar::new(question.depart, question.within_days, &self.graph.boundaries);
        let mut search = Search::new(
            self.network,
            &self.graph,
            bounds,
            &calendar,
            ends,
            question.epsilon_ppm,
            question.budget,
        );
        let is_truncated = search.run();
        let mut routes: Vec<Route> =
            search.found().map(|label| route::told(&search, &self.load, label)).collect();
        routes.sort_by_key(Route::order);
        let mut excluded = Vec::new();
        if routes.is_empty() {
            excluded.push(Excluded::NoWay);
        }
        excluded.extend(self.graph.excluded.iter().cloned());
        let too_late: BTreeSet<&str> =
            search.too_late.iter().map(|link| self.network.links[*link as usize].id.as_str()).collect();
        excluded.extend(
            too_late
                .into_iter()
                .map(|link| Excluded::TooLate { link: link.to_owned(), within_days: question.within_days }),
        );
        Plan { routes, is_truncated, excluded, labels: search.labels.len() }
    }
}

fn nothing(excluded: Vec<Excluded>) -> Plan {
    Plan { routes: Vec::new(), is_truncated: false, excluded, labels: 0 }
}

/// Finds every Pareto-optimal route: label setting over (node, mode, gauge, document), exact unless the question allows a
/// tolerance or the budget ends it.
#[must_use]
pub fn plan(network: &Network, question: &Question<'_>) -> Plan {
    Planner::new(network, question).plan(question)
}
