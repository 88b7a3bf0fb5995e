//! The state graph: every (node, mode, gauge, document) goods can be in, and the steps between.

use crate::network::{Link, MonthDay, Network};
use crate::search::steps::{Arrived, Step};
use crate::search::{Excluded, Terms};

/// Sums of a way in the four criteria: minutes, cents, grams, variance in square minutes; for one box.
pub(crate) type Sums = [u32; 4];

/// A step between states.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Arc {
    pub(crate) to: u32,
    pub(crate) link: u32,
    pub(crate) document: u8,
    /// Whether its departure can have to wait: a timetable or a season.
    pub(crate) is_gated: bool,
    regimes: u8,
    first_regime: u32,
}

/// What an arc takes when it is begun on or after a day of the year, until the next regime.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Regime {
    pub(crate) from: MonthDay,
    /// Minutes before the departure.
    pub(crate) before: u32,
    /// Minutes from the departure on.
    pub(crate) after: u32,
    pub(crate) cents: u32,
    pub(crate) grams: u32,
    pub(crate) variance: u32,
}

impl Regime {
    /// The least it takes.
    pub(crate) const fn sums(&self) -> Sums {
        [self.before.saturating_add(self.after), self.cents, self.grams, self.variance]
    }
}

/// States and arcs for a load and its restrictions.
#[derive(Debug)]
pub(crate) struct Graph {
    pub(crate) nodes: Vec<u32>,
    pub(crate) arrived: Vec<Option<Arrived>>,
    /// Arcs of a state: `arcs[first[state]..first[state + 1]]`.
    first: Vec<u32>,
    arcs: Vec<Arc>,
    regimes: Vec<Regime>,
    /// Arcs into a state: their states and numbers.
    first_into: Vec<u32>,
    into: Vec<(u32, u32)>,
    /// Whether no season and no timetable lies ahead of a state, whichever way is taken from it.
    pub(crate) is_steady: Vec<bool>,
    pub(crate) excluded: Vec<Excluded>,
    /// Days at which any regime begins.
    pub(crate) boundaries: Vec<MonthDay>,
}

fn narrow(number: usize) -> u32 {
    u32::try_from(number).unwrap_or_else(|_| panic!("a network of more than 4 billion states"))
}

impl Graph {
    /// Builds the graph. The first states are the nodes themselves, where goods stand before they leave.
    pub(crate) fn build(network: &Network, terms: &Terms<'_>) -> Self {
        let count = network.nodes.len();
        let mut graph = Self {
            nodes: (0..count).map(narrow).collect(),
            arrived: vec![None; count],
            first: vec![0],
            arcs: Vec::new(),
            regimes: Vec::new(),
            first_into: Vec::new(),
            into: Vec::new(),
            is_steady: Vec::new(),
            excluded: Vec::new(),
            boundaries: Vec::new(),
        };
        let is_open: Vec<bool> = network
            .links
            .iter()
            .map(|link| {
                let excluded = terms.excludes(network, link);
                let is_open = excluded.is_none();
                graph.excluded.extend(excluded);
                is_open
            })
            .collect();
        let mut known: Vec<Vec<(Arrived, u32)>> = vec![Vec::new(); count];
        let mut state = 0;
        while state < graph.nodes.len() {
            let (node, arrived) = (graph.nodes[state] as usize, graph.arrived[state]);
            for number in network.at[node].iter().copied().filter(|number| is_open[*number]) {
                let link = &network.links[number];
                let step = Step { node, arrived, link, number, document: 0 };
                step.each_document(network, terms.load, |document| {
                    graph.add(network, terms, &Step { document, ..step }, &mut known);
                });
            }
            graph.first.push(narrow(graph.arcs.len()));
            state += 1;
        }
        graph.turn();
        graph.steady();
        graph.boundaries.sort_unstable();
        graph.boundaries.dedup();
        graph
    }

    fn add(
        &mut self,
        network: &Network,
        terms: &Terms<'_>,
        step: &Step<'_>,
        known: &mut [Vec<(Arrived, u32)>],
    ) {
        let arrives = step.arrives(network);
        let there = step.link.other(step.node);
        let to = match known[there].iter().find(|(state, _)| *state == arrives) {
            Some((_, to)) => *to,
            None => {
                let to = narrow(self.nodes.len());
                self.nodes.push(narrow(there));
                self.arrived.push(Some(arrives));
                known[there].push((arrives, to));
                to
            }
        };
        let first_regime = self.regimes.len();
        let boundaries = step.boundaries(network);
        if boundaries.is_empty() {
            self.regimes.push(regime(network, terms, step, MonthDay::first_of(1)));
        }
        for day in &boundaries {
            let next = regime(network, terms, step, *day);
            let is_new = self.regimes.len() == first_regime
                || self.regimes.last().is_none_or(|last| Regime { from: next.from, ..*last } != next);
            if is_new {
                self.regimes.push(next);
            }
        }
        let own = &self.regimes[first_regime..];
        if own.len() > 1 {
            self.boundaries.extend(own.iter().map(|regime| regime.from));
        }
        self.arcs.push(Arc {
            to,
            link: narrow(step.number),
            document: step.document,
            is_gated: is_gated(step.link),
            regimes: u8::try_from(own.len()).unwrap_or(u8::MAX),
            first_regime: narrow(first_regime),
        });
    }

    /// Lists the arcs by where they lead.
    fn turn(&mut self) {
        let states = self.nodes.len();
        let mut counts = vec![0_u32; states + 1];
        for arc in &self.arcs {
            counts[arc.to as usize + 1] += 1;
        }
        for state in 0..states {
            counts[state + 1] += counts[state];
        }
        self.first_into.clone_from(&counts);
        self.into = vec![(0, 0); self.arcs.len()];
        for state in 0..states {
            for number in self.first[state]..self.first[state + 1] {
                let place = &mut counts[self.arcs[number as usize].to as usize];
                self.into[*place as usize] = (narrow(state), number);
                *place += 1;
            }
        }
    }

    /// Goes back from every arc that takes more or less by the day.
    fn steady(&mut self) {
        self.is_steady = vec![true; self.nodes.len()];
        let varies = |arc: &Arc| arc.is_gated || arc.regimes > 1;
        let mut reached: Vec<usize> = (0..self.nodes.len())
            .filter(|state| self.leaving(narrow(*state)).any(|number| varies(self.arc(number))))
            .collect();
        while let Some(state) = reached.pop() {
            if std::mem::replace(&mut self.is_steady[state], false) {
                reached.extend(Self::into(self, state).iter().map(|(before, _)| *before as usize));
            }
        }
    }

    pub(crate) fn states(&self) -> usize {
        self.nodes.len()
    }

    /// Numbers of the arcs that leave a state.
    pub(crate) fn leaving(&self, state: u32) -> std::ops::Range<u32> {
        self.first[state as usize]..self.first[state as usize + 1]
    }

    /// States and arcs that lead into a state.
    pub(crate) fn into(&self, state: usize) -> &[(u32, u32)] {
        &self.into[self.first_into[state] as usize..self.first_into[state + 1] as usize]
    }

    pub(crate) fn arc(&self, number: u32) -> &Arc {
        &self.arcs[number as usize]
    }

    pub(crate) fn regimes(&self, arc: &Arc) -> &[Regime] {
        &self.regimes[arc.first_regime as usize..][..usize::from(arc.regimes)]
    }

    /// The least an arc takes in a criterion, whatever the day.
    pub(crate) fn least(&self, arc: u32, criterion: usize) -> u32 {
        let regimes = self.regimes(self.arc(arc)).iter();
        regimes.map(|regime| regime.sums()[criterion]).min().unwrap_or(0)
    }

    /// The regime in force on a day.
    pub(crate) fn regime(&self, arc: &Arc, day: MonthDay) -> &Regime {
        let regimes = self.regimes(arc);
        if regimes.len() == 1 {
            return &regimes[0];
        }
        // Before the first begins, the last of the year before is still in force.
        regimes.iter().rfind(|regime| regime.from <= day).unwrap_or(&regimes[regimes.len() - 1])
    }
}

const fn is_gated(link: &Link) -> bool {
    link.closed.is_some() || matches!(link.departures, crate::network::Departures::Timetable(_))
}

fn regime(network: &Network, terms: &Terms<'_>, step: &Step<'_>, from: MonthDay) -> Regime {
    let mut regime = Regime { from, before: 0, after: 0, cents: 0, grams: 0, variance: 0 };
    step.parts(network, terms.load, from, |part| {
        let minutes = if part.is_before { &mut regime.before } else { &mut regime.after };
        *minutes = minutes.saturating_add(part.minutes);
        regime.cents = regime.cents.saturating_add(part.cents);
        regime.grams = regime.grams.saturating_add(part.grams);
        regime.variance = regime.variance.saturating_add(u32::try_from(part.variance).unwrap_or(u32::MAX));
    });
    regime
}
