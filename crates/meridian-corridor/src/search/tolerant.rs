//! The search within a tolerance: ways that are nearly alike travel as one.
//!
//! A [`Bundle`] is a way that is travelled, and an apex: the least, criterion by criterion, of all the ways it stands for
//! (Zhang, Salzman, Felner, Kumar, Ulloa and Koenig, "A*pex: Efficient Approximate Multi-Objective Search on Graphs",
//! ICAPS 2022). Two bundles at a state become one as long as the travelled way, with the least that is still to come,
//! stays within the tolerance of the apex with the same. What is still to come adds as much to both, so the way that
//! arrives is within the tolerance of every way it stood for, however often they were bundled: nothing compounds.
//!
//! That argument needs steps that take the same for both. A season or a timetable on the way ahead may cost the later of
//! two ways more, so there the bundle travels by its earliest way, which can do whatever the others can.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::bounds::NEVER;
use super::front::{Front, Label, Search, Start, plus, within};
use super::graph::Sums;

/// Ways to a state that travel as one.
#[derive(Debug, Clone, Copy)]
struct Bundle {
    state: u32,
    /// The least of all ways it stands for, criterion by criterion.
    apex: Sums,
    /// The way that is travelled.
    label: u32,
    /// Its place in the queue; entries with another are old.
    key: u64,
}

/// Bundles by state, and the queue.
struct Bundles {
    all: Vec<Bundle>,
    /// Those of each state that have not gone on yet.
    open: Vec<Vec<u32>>,
    /// The apexes of those that have.
    gone: Vec<Front>,
    queue: BinaryHeap<Reverse<(u64, u32)>>,
}

impl Search<'_> {
    /// Runs to the end, or until the budget is spent: then it says true.
    pub(super) fn run_within_tolerance(&mut self) -> bool {
        let (labels, goals) = (self.labels.len(), self.goals.clone());
        if let Some(is_truncated) = self.bundled(true) {
            return is_truncated;
        }
        // A bundle missed the last day that a way it stood for may have reached: once more, by the earliest ways.
        self.labels.truncate(labels);
        self.goals = goals;
        self.bundled(false).unwrap_or(true)
    }

    /// One search; nothing when a bundle that stands for an earlier way came too late.
    fn bundled(&mut self, may_be_late: bool) -> Option<bool> {
        let (graph, bounds) = (self.graph, self.bounds);
        let mut bundles = Bundles {
            all: Vec::new(),
            open: vec![Vec::new(); graph.states()],
            gone: std::iter::repeat_with(Front::default).take(graph.states()).collect(),
            queue: BinaryHeap::new(),
        };
        let first = self.labels[0];
        bundles.put(first.state, first.sums, 0, &bounds.of(first.state));
        let mut is_lost = false;
        while let Some(Reverse((key, number))) = bundles.queue.pop() {
            let bundle = bundles.all[number as usize];
            if bundle.key != key {
                continue;
            }
            let open = &mut bundles.open[bundle.state as usize];
            let Some(place) = open.iter().position(|known| *known == number) else { continue };
            open.swap_remove(place);
            let is_beaten = self.is_beaten_at_goal(&plus(&bundle.apex, &bounds.of(bundle.state)))
                || bundles.gone[bundle.state as usize].beats(&bundle.apex);
            if is_beaten {
                continue;
            }
            bundles.gone[bundle.state as usize].enter(bundle.apex, number, |_| {});
            let label = self.labels[bundle.label as usize];
            for arc_number in graph.leaving(bundle.state) {
                let arc = graph.arc(arc_number);
                let bound = bounds.of(arc.to);
                if bound[0] == NEVER {
                    continue;
                }
                let is_goal = graph.nodes[arc.to as usize] as usize == self.goal;
                self.each_start(arc, label.sums[0], |search, start| {
                    let sums = search.arrives(arc, &label.sums, &start);
                    let apex = search.apex_there(&bundle, &label, &start, sums.as_ref());
                    let Some(sums) = sums else {
                        is_lost |= apex[0] <= search.calendar.horizon;
                        return;
                    };
                    if search.is_beaten_at_goal(&plus(&apex, &bound)) {
                        return;
                    }
                    let way = Label::new(arc.to, sums, bundle.label, arc_number, start.minute);
                    if is_goal {
                        search.enter(way);
                        return;
                    }
                    if bundles.gone[arc.to as usize].beats(&apex) {
                        return;
                    }
                    let may_be_late = may_be_late && graph.is_steady[arc.to as usize];
                    search.bundle(&mut bundles, way, apex, &bound, may_be_late);
                });
                if is_lost {
                    return None;
                }
                if self.labels.len() > self.budget {
                    return Some(true);
                }
            }
        }
        Some(false)
    }

    /// The apex at the end of an arc: what the travelled way adds is added to it. A way that comes too late has no sums;
    /// then only the time is told.
    fn apex_there(&self, bundle: &Bundle, label: &Label, start: &Start<'_>, sums: Option<&Sums>) -> Sums {
        let early = label.sums[0] - bundle.apex[0];
        match sums {
            Some(sums) => {
                let mut apex = bundle.apex;
                for criterion in 1..4 {
                    apex[criterion] = apex[criterion].saturating_add(sums[criterion] - label.sums[criterion]);
                }
                apex[0] = sums[0] - early;
                apex
            }
            // Without a delay the whole bundle is too late.
            None if early == 0 => [NEVER; 4],
            None => {
                let arrival = start.minute.saturating_add(start.regime.sums()[0]);
                [arrival.saturating_sub(early), 0, 0, 0]
            }
        }
    }

    /// Puts a way into a bundle that is still at its state, or makes a new one of it.
    fn bundle(&mut self, bundles: &mut Bundles, way: Label, apex: Sums, bound: &Sums, may_be_late: bool) {
        let state = way.state as usize;
        for at in 0..bundles.open[state].len() {
            let number = bundles.open[state][at];
            let known = bundles.all[number as usize];
            let travelled = self.labels[known.label as usize].sums;
            let both = std::array::from_fn(|criterion| apex[criterion].min(known.apex[criterion]));
            let most = within(&plus(&both, bound), self.tolerance);
            let stands = |sums: &Sums| {
                let total = plus(sums, bound);
                (0..4).all(|criterion| total[criterion] <= most[criterion])
                    && (may_be_late || sums[0] == both[0])
            };
            let label = if stands(&travelled) {
                known.label
            } else if stands(&way.sums) {
                self.keep(way)
            } else {
                continue;
            };
            if both != known.apex || label != known.label {
                bundles.renew(number, both, label, bound);
            }
            return;
        }
        let label = self.keep(way);
        bundles.put(way.state, apex, label, bound);
    }

    fn keep(&mut self, way: Label) -> u32 {
        let number = u32::try_from(self.labels.len()).unwrap_or(NEVER);
        self.labels.push(way);
        number
    }
}

impl Bundles {
    fn put(&mut self, state: u32, apex: Sums, label: u32, bound: &Sums) {
        let number = u32::try_from(self.all.len()).unwrap_or(NEVER);
        let key = key(&apex, bound);
        self.all.push(Bundle { state, apex, label, key });
        self.open[state as usize].push(number);
        self.queue.push(Reverse((key, number)));
    }

    fn renew(&mut self, number: u32, apex: Sums, label: u32, bound: &Sums) {
        let bundle = &mut self.all[number as usize];
        let key = key(&apex, bound);
        let is_moved = key != bundle.key;
        (bundle.apex, bundle.label, bundle.key) = (apex, label, key);
        if is_moved {
            self.queue.push(Reverse((key, number)));
        }
    }
}

/// The earliest apexes first, then the cheapest.
fn key(apex: &Sums, bound: &Sums) -> u64 {
    let total = plus(apex, bound);
    u64::from(total[0]) << 32 | u64::from(total[1])
}
