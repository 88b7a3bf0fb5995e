//! What every way still needs at least, criterion by criterion: the arcs' least, whatever the day, without any wait for
//! a timetable or a season. Never more than the truth, so a way cut off by it was beaten.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use crate::search::graph::{Graph, Sums};

/// No way leads from here.
pub(crate) const NEVER: u32 = u32::MAX;

/// Bounds from every state to a node.
#[derive(Debug)]
pub(crate) struct Bounds {
    /// By criterion, then state.
    least: [Vec<u32>; 4],
    /// The arc that attains it, by criterion, then state.
    next: [Vec<u32>; 4],
}

impl Bounds {
    pub(crate) fn towards(graph: &Graph, goal: usize) -> Self {
        let mut bounds = Self { least: Default::default(), next: Default::default() };
        for criterion in 0..4 {
            (bounds.least[criterion], bounds.next[criterion]) = shortest(graph, goal, criterion);
        }
        bounds
    }

    pub(crate) fn of(&self, state: u32) -> Sums {
        let state = state as usize;
        [self.least[0][state], self.least[1][state], self.least[2][state], self.least[3][state]]
    }

    /// The arc to follow from a state for the least of one criterion.
    pub(crate) fn next(&self, criterion: usize, state: u32) -> Option<u32> {
        Some(self.next[criterion][state as usize]).filter(|arc| *arc != NEVER)
    }
}

fn shortest(graph: &Graph, goal: usize, criterion: usize) -> (Vec<u32>, Vec<u32>) {
    let mut least = vec![NEVER; graph.states()];
    let mut next = vec![NEVER; graph.states()];
    let mut queue = BinaryHeap::new();
    for state in (0..graph.states()).filter(|state| graph.nodes[*state] as usize == goal) {
        least[state] = 0;
        queue.push(Reverse((0_u32, state)));
    }
    while let Some(Reverse((sum, state))) = queue.pop() {
        if sum > least[state] {
            continue;
        }
        for (before, arc) in graph.into(state) {
            let before = *before as usize;
            let through = sum.saturating_add(graph.least(*arc, criterion));
            if through < least[before] {
                least[before] = through;
                next[before] = *arc;
                queue.push(Reverse((through, before)));
            }
        }
    }
    (least, next)
}
