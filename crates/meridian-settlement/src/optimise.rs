//! The most that can settle at once.
//!
//! Settling a queue by the value of whole payments is a knapsack with a row for each bank, hard in theory and, with
//! little cover, in practice. Two facts make it tractable. Split payments are a flow, so the relaxation is solved in
//! whole units within a millisecond (`network`). And of the payments from one bank to another only the sum matters, so
//! a plan is one number for each pair (`pair`). The search (`descent`) makes flows whole and improves on them.
//!
//! Work is counted in steps, never in seconds: the same queue, steps and seed give the same plan on every machine.

mod descent;
mod network;
mod pair;

use std::collections::BTreeMap;

use crate::{Class, Plan, Queue, Waiting, greedy};
use descent::Descent;

/// What a search has found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Optimum {
    /// The plan of largest value found, never below the greedy one.
    pub plan: Plan,
    /// What would settle if payments could be split: no plan of this queue settles more.
    pub bound: i128,
    /// How much work it took.
    pub steps: u64,
}

/// The plan of largest value found in so many steps. Where urgent payments wait, the most urgent value goes first and the
/// most of all next: the most of the urgent alone is filled up with the rest, and the most of all together is found
/// beside it, for normal payments may be what urgent ones are paid from; the better of the two is the answer.
#[must_use]
pub fn best(queue: &Queue, steps: u64, seed: u64) -> Optimum {
    let mut search = Search::new(queue, steps, seed);
    while search.advance() {}
    search.optimum()
}

/// Enough steps for nearly all there is to find: half a second of 2026 for 2,000 payments.
#[must_use]
pub fn usual_steps(queue: &Queue) -> u64 {
    let payments = u64::try_from(queue.payments().len()).unwrap_or(u64::MAX);
    payments.saturating_mul(300).clamp(600_000, 1_500_000)
}

/// A search that can be looked at and stopped between steps.
pub struct Search<'a> {
    queue: &'a Queue,
    steps: u64,
    seed: u64,
    bound: i128,
    phase: Phase,
    /// What the phase before has settled for this one to fill up.
    settled: Vec<usize>,
    descent: Descent,
    /// The best of the phases before, and of the greedy plan.
    known: Plan,
    spent: u64,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Phase {
    /// Urgent payments alone.
    Urgent,
    /// The rest, with those in it.
    Rest,
    /// All together.
    All,
}

impl Phase {
    /// The step of so many at which it ends.
    const fn upto(self, steps: u64) -> u64 {
        match self {
            Self::Urgent => steps / 4,
            Self::Rest => steps / 2,
            Self::All => steps,
        }
    }
}

impl<'a> Search<'a> {
    /// Starts a search of at most so many steps.
    #[must_use]
    pub fn new(queue: &'a Queue, steps: u64, seed: u64) -> Self {
        let is_mixed = [Class::Urgent, Class::Normal]
            .iter()
            .all(|class| queue.payments().iter().any(|payment| payment.class == *class));
        let cover = || narrow(queue.liquidity());
        let bound = Descent::new(cover(), payments(queue, &[], Class::Normal), 0, 0).bound();
        let (phase, class, most) = if is_mixed {
            (Phase::Urgent, Class::Urgent, steps / 4)
        } else {
            (Phase::All, Class::Normal, steps)
        };
        Self {
            descent: Descent::new(cover(), payments(queue, &[], class), most, seed),
            queue,
            steps,
            seed,
            bound: i128::from(bound),
            phase,
            settled: Vec::new(),
            known: greedy(queue),
            spent: 0,
        }
    }

    /// What would settle if payments could be split.
    #[must_use]
    pub const fn bound(&self) -> i128 {
        self.bound
    }

    /// Goes on for a step of the search, which is many steps of work; false when there is nothing more to do.
    pub fn advance(&mut self) -> bool {
        if !self.descent.is_done() {
            self.descent.step();
            return true;
        }
        if self.phase == Phase::All {
            return false;
        }
        self.known = self.better();
        self.spent += self.descent.steps();
        let phase = if self.phase == Phase::Urgent { Phase::Rest } else { Phase::All };
        let settled = if phase == Phase::Rest { self.descent.settled() } else { Vec::new() };
        let plan = self.plan_of(settled);
        let rest = payments(self.queue, plan.settled(), Class::Normal);
        let most = phase.upto(self.steps).saturating_sub(self.spent);
        self.descent = Descent::new(narrow(plan.balances()), rest, most, self.seed);
        self.phase = phase;
        self.settled = plan.settled().to_vec();
        true
    }

    /// How much work it has taken so far.
    #[must_use]
    pub const fn steps(&self) -> u64 {
        self.spent + self.descent.steps()
    }

    /// Changes how many steps it takes in all, for callers that have a clock: the search settles down towards its last
    /// step, so one that will be stopped early should know.
    pub const fn limit(&mut self, steps: u64) {
        self.steps = steps;
        self.descent.limit(self.phase.upto(steps).saturating_sub(self.spent));
    }

    /// The best plan so far.
    #[must_use]
    pub fn optimum(&self) -> Optimum {
        Optimum { plan: self.better(), bound: self.bound, steps: self.steps() }
    }

    /// What is known or what was just found, by urgent value and then by all value.
    fn better(&self) -> Plan {
        let mut settled = self.settled.clone();
        settled.extend(self.descent.settled());
        let found = self.plan_of(oldest_of_equals(self.queue, &settled));
        let urgent = |plan: &Plan| -> i128 {
            let settled = plan.settled().iter().map(|place| &self.queue.payments()[*place]);
            settled.filter(|payment| payment.class == Class::Urgent).map(|payment| payment.amount).sum()
        };
        let worth = |plan: &Plan| (urgent(plan), plan.value());
        if worth(&found) > worth(&self.known) { found } else { self.known.clone() }
    }

    fn plan_of(&self, settled: Vec<usize>) -> Plan {
        Plan::of(self.queue, settled)
            .unwrap_or_else(|refusal| panic!("a search keeps every bank covered: {refusal}"))
    }
}

/// Payments of this class or before, but for those settled (in rising order): place, from, to and amount.
fn payments<'a>(
    queue: &'a Queue,
    settled: &'a [usize],
    upto: Class,
) -> impl Iterator<Item = (usize, usize, usize, i64)> + 'a {
    let waits = move |(place, payment): &(usize, &Waiting)| {
        payment.class <= upto && settled.binary_search(place).is_err()
    };
    let row = |(place, payment): (usize, &Waiting)| (place, payment.from, payment.to, to_64(payment.amount));
    queue.payments().iter().enumerate().filter(waits).map(row)
}

/// Of payments that are alike but for their age, the oldest.
fn oldest_of_equals(queue: &Queue, settled: &[usize]) -> Vec<usize> {
    let kind = |payment: &Waiting| (payment.from, payment.to, payment.amount, payment.class);
    let mut counts: BTreeMap<_, usize> = BTreeMap::new();
    for place in settled {
        *counts.entry(kind(&queue.payments()[*place])).or_default() += 1;
    }
    let mut oldest = Vec::with_capacity(settled.len());
    for (place, payment) in queue.payments().iter().enumerate() {
        if let Some(count) = counts.get_mut(&kind(payment)).filter(|count| **count > 0) {
            *count -= 1;
            oldest.push(place);
        }
    }
    oldest
}

/// Cover beyond what any queue can use counts as that much.
fn narrow(balances: &[i128]) -> Vec<i64> {
    balances.iter().map(|balance| to_64((*balance).min(1 << 53))).collect()
}

fn to_64(amount: i128) -> i64 {
    i64::try_from(amount).unwrap_or_else(|_| panic!("a queue's payments sum to less than 2^52: {amount}"))
}
