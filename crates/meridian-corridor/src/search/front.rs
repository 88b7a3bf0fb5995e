//! The search: label setting over the state graph, cut by bounds and by what has reached the goal.

use std::cmp::Reverse;
use std::collections::{BTreeSet, BinaryHeap};

use meridian_terms::{Micros, Moment};

use crate::network::{Departures, MonthDay, Network};
use crate::search::bounds::{Bounds, NEVER};
use crate::search::graph::{Arc, Graph, Regime, Sums};

const DAY: u32 = 1440;

/// The days of a journey: from the minute goods are ready to the last minute they may arrive.
#[derive(Debug)]
pub(crate) struct Calendar {
    /// Minutes since 1970 when goods are ready.
    pub(crate) start: i64,
    /// Minutes into the first day.
    offset: u32,
    /// Minutes after the start by which they must be there.
    pub(crate) horizon: u32,
    days: Vec<MonthDay>,
    /// For each day, the next one at which some regime begins; past the end if none.
    next_boundary: Vec<u32>,
}

impl Calendar {
    pub(crate) fn new(depart: Moment, within_days: u16, boundaries: &[MonthDay]) -> Self {
        let start = depart.micros().div_euclid(Micros::minutes(1).0);
        let first = depart.day();
        let count = u32::from(within_days) + 2;
        let days: Vec<MonthDay> =
            (0..i32::from(within_days) + 2).map(|ahead| MonthDay::of(first.plus(ahead))).collect();
        let mut next_boundary = vec![count; days.len()];
        for day in (0..days.len().saturating_sub(1)).rev() {
            let begins = boundaries.binary_search(&days[day + 1]).is_ok();
            next_boundary[day] =
                if begins { u32::try_from(day + 1).unwrap_or(count) } else { next_boundary[day + 1] };
        }
        let offset = u32::try_from(start.rem_euclid(i64::from(DAY))).unwrap_or(0);
        Self { start, offset, horizon: u32::from(within_days) * DAY, days, next_boundary }
    }

    const fn day_number(&self, minute: u32) -> u32 {
        (self.offset + minute) / DAY
    }

    /// The day of a minute of the journey; the last known one beyond it.
    pub(crate) fn day(&self, minute: u32) -> MonthDay {
        let last = self.days.len() - 1;
        self.days[(self.day_number(minute) as usize).min(last)]
    }

    /// The first minute of a day of the journey.
    const fn minute(&self, day: u32) -> u32 {
        (day * DAY).saturating_sub(self.offset)
    }

    /// When what is ready at a minute leaves on a link: after a closed season, with the timetable's next departure.
    pub(crate) fn leaves(&self, network: &Network, arc: &Arc, ready: u32) -> Option<u32> {
        let link = &network.links[arc.link as usize];
        let mut minute = ready;
        loop {
            let earlier = minute;
            if let Some(season) = link.closed {
                while season.holds(self.day(minute)) {
                    minute = self.minute(self.day_number(minute) + 1);
                    if minute > self.horizon {
                        return None;
                    }
                }
            }
            if let Departures::Timetable(timetable) = &link.departures {
                // The cut-off holds for goods that become ready, not for those that wait for a season.
                let at = self.start + i64::from(minute);
                let at = if minute == ready { at } else { at - i64::from(timetable.cut_off) };
                let leaves = timetable.next(at)?;
                minute = u32::try_from(leaves - self.start).ok()?;
            }
            if minute > self.horizon {
                return None;
            }
            if minute == earlier {
                return Some(minute);
            }
            if link.closed.is_none() {
                return Some(minute);
            }
        }
    }
}

/// A way to begin an arc.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Start<'a> {
    /// At which minute of the journey; after the arrival where goods wait for another regime.
    pub(crate) minute: u32,
    pub(crate) regime: &'a Regime,
}

/// A way to a state.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Label {
    pub(crate) state: u32,
    pub(crate) sums: Sums,
    /// The label before, and the arc from it.
    pub(crate) before: u32,
    pub(crate) arc: u32,
    /// The minute at which the arc was begun.
    pub(crate) began: u32,
    is_beaten: bool,
}

pub(crate) const FIRST: u32 = u32::MAX;

impl Label {
    pub(super) const fn new(state: u32, sums: Sums, before: u32, arc: u32, began: u32) -> Self {
        Self { state, sums, before, arc, began, is_beaten: false }
    }
}

/// One search from a node to a node.
pub(crate) struct Search<'a> {
    pub(crate) network: &'a Network,
    pub(crate) graph: &'a Graph,
    pub(crate) bounds: &'a Bounds,
    pub(crate) calendar: &'a Calendar,
    pub(crate) goal: usize,
    /// Parts in a million by which a way at the goal beats what cannot be that much better.
    pub(super) tolerance: u64,
    pub(super) budget: usize,
    pub(crate) labels: Vec<Label>,
    fronts: Vec<Front>,
    pub(super) goals: Front,
    /// Links that came too late: out of season or after the last departure within the horizon.
    pub(crate) too_late: BTreeSet<u32>,
}

/// Without short circuits: four comparisons at once are cheaper than one that is foretold wrongly.
#[inline]
const fn is_as_good(one: &Sums, other: &Sums) -> bool {
    (one[0] <= other[0]) & (one[1] <= other[1]) & (one[2] <= other[2]) & (one[3] <= other[3])
}

/// Ways that no other of them beats, fastest first.
#[derive(Debug, Default, Clone)]
pub(super) struct Front(Vec<(Sums, u32)>);

impl Front {
    /// Whether one of them is as good as these sums: only the ways that are as fast can be.
    pub(super) fn beats(&self, sums: &Sums) -> bool {
        let as_fast = self.0.partition_point(|(way, _)| way[0] <= sums[0]);
        self.0[..as_fast].iter().any(|(way, _)| is_as_good(way, sums))
    }

    /// Enters a way that none of them beats; tells those it beats.
    pub(super) fn enter(&mut self, sums: Sums, number: u32, mut beaten: impl FnMut(u32)) {
        let place = self.0.partition_point(|(way, _)| way[0] < sums[0]);
        let mut kept = place;
        for at in place..self.0.len() {
            if is_as_good(&sums, &self.0[at].0) {
                beaten(self.0[at].1);
            } else {
                self.0[kept] = self.0[at];
                kept += 1;
            }
        }
        self.0.truncate(kept);
        self.0.insert(place, (sums, number));
    }
}

pub(super) const fn plus(one: &Sums, other: &Sums) -> Sums {
    [
        one[0].saturating_add(other[0]),
        one[1].saturating_add(other[1]),
        one[2].saturating_add(other[2]),
        one[3].saturating_add(other[3]),
    ]
}

/// Sums raised by so many parts in a million.
pub(super) fn within(sums: &Sums, tolerance: u64) -> Sums {
    sums.map(|sum| u32::try_from(u64::from(sum) * (1_000_000 + tolerance) / 1_000_000).unwrap_or(u32::MAX))
}

impl<'a> Search<'a> {
    pub(crate) fn new(
        network: &'a Network,
        graph: &'a Graph,
        bounds: &'a Bounds,
        calendar: &'a Calendar,
        (from, goal): (usize, usize),
        epsilon_ppm: u32,
        budget: usize,
    ) -> Self {
        let state = u32::try_from(from).unwrap_or(NEVER);
        let first = Label { state, sums: [0; 4], before: FIRST, arc: 0, began: 0, is_beaten: false };
        Self {
            network,
            graph,
            bounds,
            calendar,
            goal,
            tolerance: u64::from(epsilon_ppm),
            budget,
            labels: vec![first],
            fronts: std::iter::repeat_with(Front::default).take(graph.states()).collect(),
            goals: Front::default(),
            too_late: BTreeSet::new(),
        }
    }

    /// Runs to the end, or until the budget is spent: then it says true.
    pub(crate) fn run(&mut self) -> bool {
        let start = self.labels[0].state;
        if self.bounds.of(start)[0] == NEVER {
            return false;
        }
        for criterion in 0..4 {
            self.seed(criterion);
        }
        if self.tolerance > 0 {
            return self.run_within_tolerance();
        }
        let mut queue = BinaryHeap::from([Reverse((0_u64, 0_u32))]);
        let (graph, bounds) = (self.graph, self.bounds);
        while let Some(Reverse((_, number))) = queue.pop() {
            let label = self.labels[number as usize];
            if label.is_beaten || self.is_beaten_at_goal(&plus(&label.sums, &bounds.of(label.state))) {
                continue;
            }
            for arc_number in graph.leaving(label.state) {
                let arc = graph.arc(arc_number);
                let bound = bounds.of(arc.to);
                if bound[0] == NEVER {
                    continue;
                }
                let mut starts: [Option<Sums>; 8] = [None; 8];
                let mut begun = 0;
                self.each_start(arc, label.sums[0], |search, start| {
                    let Some(sums) = search.arrives(arc, &label.sums, &start) else { return };
                    // Waiting longer for nothing better is no way of its own.
                    if starts.iter().flatten().any(|earlier| is_as_good(earlier, &sums)) {
                        return;
                    }
                    if begun < starts.len() {
                        starts[begun] = Some(sums);
                        begun += 1;
                    }
                    let total = plus(&sums, &bound);
                    if search.is_beaten_at_goal(&total) || search.fronts[arc.to as usize].beats(&sums) {
                        return;
                    }
                    let entered = search.enter(Label::new(arc.to, sums, number, arc_number, start.minute));
                    if graph.nodes[arc.to as usize] as usize != search.goal {
                        queue.push(Reverse((u64::from(total[0]) << 32 | u64::from(total[1]), entered)));
                    }
                });
                if self.labels.len() > self.budget {
                    return true;
                }
            }
        }
        false
    }

    /// Tells every way to begin an arc at or after a minute: at once, and at the start of every later regime.
    pub(crate) fn each_start(&mut self, arc: &Arc, minute: u32, mut tell: impl FnMut(&mut Self, Start<'a>)) {
        let (graph, calendar) = (self.graph, self.calendar);
        let mut regime = graph.regime(arc, calendar.day(minute));
        tell(self, Start { minute, regime });
        if graph.regimes(arc).len() == 1 {
            return;
        }
        let mut day = calendar.day_number(minute);
        while let Some(next) = calendar.next_boundary.get(day as usize).copied() {
            let begins = calendar.minute(next);
            if begins > calendar.horizon {
                return;
            }
            let there = graph.regime(arc, calendar.day(begins));
            if there != regime {
                tell(self, Start { minute: begins, regime: there });
                regime = there;
            }
            day = next;
        }
    }

    /// The sums at the end of an arc begun so.
    pub(crate) fn arrives(&mut self, arc: &Arc, sums: &Sums, start: &Start<'_>) -> Option<Sums> {
        let regime = start.regime;
        let ready = start.minute.saturating_add(regime.before);
        let leaves = if arc.is_gated { self.calendar.leaves(self.network, arc, ready) } else { Some(ready) };
        let arrival = leaves.map(|leaves| leaves.saturating_add(regime.after));
        match arrival.filter(|arrival| *arrival <= self.calendar.horizon) {
            Some(arrival) => {
                let steps = regime.sums();
                Some([
                    arrival,
                    sums[1].saturating_add(steps[1]),
                    sums[2].saturating_add(steps[2]),
                    sums[3].saturating_add(steps[3]),
                ])
            }
            None => {
                if arc.is_gated {
                    self.too_late.insert(arc.link);
                }
                None
            }
        }
    }

    /// Whether a way at the goal is as good as this total, but for the tolerance. What is cut off so could have ended no
    /// better than its bound, so the way that cut it off stands for it.
    pub(super) fn is_beaten_at_goal(&self, total: &Sums) -> bool {
        if self.tolerance == 0 {
            return self.goals.beats(total);
        }
        self.goals.beats(&within(total, self.tolerance))
    }

    pub(super) fn enter(&mut self, label: Label) -> u32 {
        let number = u32::try_from(self.labels.len()).unwrap_or(FIRST);
        let is_goal = self.graph.nodes[label.state as usize] as usize == self.goal;
        let front = if is_goal { &mut self.goals } else { &mut self.fronts[label.state as usize] };
        let labels = &mut self.labels;
        front.enter(label.sums, number, |beaten| labels[beaten as usize].is_beaten = true);
        self.labels.push(label);
        number
    }

    /// Follows the least of one criterion to the goal, so that there is something to beat from the beginning.
    fn seed(&mut self, criterion: usize) {
        let graph = self.graph;
        let mut steps: Vec<Label> = Vec::new();
        loop {
            let label = steps.last().copied().unwrap_or(self.labels[0]);
            if graph.nodes[label.state as usize] as usize == self.goal {
                break;
            }
            let Some(arc_number) = self.bounds.next(criterion, label.state) else { return };
            let arc = graph.arc(arc_number);
            let mut best: Option<(Sums, u32)> = None;
            self.each_start(arc, label.sums[0], |search, start| {
                if let Some(sums) = search.arrives(arc, &label.sums, &start)
                    && best.is_none_or(|(known, _)| sums[criterion] < known[criterion])
                {
                    best = Some((sums, start.minute));
                }
            });
            let Some((sums, began)) = best else { return };
            steps.push(Label { state: arc.to, sums, before: 0, arc: arc_number, began, is_beaten: true });
        }
        let Some(last) = steps.last() else { return };
        if self.goals.beats(&last.sums) {
            return;
        }
        let mut before = 0;
        let count = steps.len();
        for (place, step) in steps.into_iter().enumerate() {
            let label = Label { before, is_beaten: false, ..step };
            if place + 1 == count {
                self.enter(label);
            } else {
                // A seed's way is told, not extended: the search finds it again, or something better.
                before = u32::try_from(self.labels.len()).unwrap_or(FIRST);
                self.labels.push(label);
            }
        }
    }

    /// The labels at the goal.
    pub(crate) fn found(&self) -> impl Iterator<Item = u32> {
        self.goals.0.iter().map(|(_, number)| *number)
    }
}

impl Search<'_> {
    /// Every way of at most so many links, cut by nothing: the slow model of the search. Goods may also wait for any of
    /// the next `waits` midnights before each step.
    pub(crate) fn exhaust(&mut self, most_links: usize, waits: u32) -> Vec<Sums> {
        let mut front: Vec<Sums> = Vec::new();
        let first = self.labels[0];
        self.extend_all(first.state, first.sums, most_links, waits, &mut front);
        front.sort_unstable();
        front
    }

    fn extend_all(&mut self, state: u32, sums: Sums, links: usize, waits: u32, front: &mut Vec<Sums>) {
        if self.graph.nodes[state as usize] as usize == self.goal {
            if !front.iter().any(|other| is_as_good(other, &sums)) {
                front.retain(|other| !is_as_good(&sums, other));
                front.push(sums);
            }
            return;
        }
        if links == 0 {
            return;
        }
        let graph = self.graph;
        for arc in graph.leaving(state).map(|number| graph.arc(number)) {
            for day in 0..=waits {
                let today = self.calendar.day_number(sums[0]);
                let minute = if day == 0 { sums[0] } else { self.calendar.minute(today + day) };
                let regime = graph.regime(arc, self.calendar.day(minute));
                if let Some(there) = self.arrives(arc, &sums, &Start { minute, regime }) {
                    self.extend_all(arc.to, there, links - 1, waits, front);
                }
            }
        }
    }
}
