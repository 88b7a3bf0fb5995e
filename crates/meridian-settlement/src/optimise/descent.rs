//! From a divisible settlement to whole payments, again and again.
//!
//! A dive frees some pairs of banks, solves what could flow between them, and makes it whole: the pair whose payments
//! come least close to its flow is fixed on one of its two nearest sums, the rest is solved again, and so on until all
//! are whole. Where neither sum leaves a solution, a neighbour that was fixed is let loose again. A dive that cannot
//! come near the plan at hand is given up. At first it may end a little below it; that licence shrinks to nothing.

use std::collections::BTreeMap;

use super::network::{Between, Network, UNIT};
use super::pair::{Choice, Pair};

/// How often one dive lets a fixed pair loose.
const LOOSENINGS: u32 = 20;
/// Up to how many banks' pairs a dive frees.
const BANKS_FREED: usize = 12;
/// What part of the bound a dive may lose at first.
const LICENCE: i64 = 1_000;

/// Reproducible numbers: xorshift64* (Vigna 2016). The same seed gives the same plan on every machine.
struct Dice(u64);

impl Dice {
    const fn roll(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    /// A number below `bound`, which is above zero.
    fn below(&mut self, bound: i64) -> i64 {
        let product = u128::from(self.roll()) * u128::from(bound.unsigned_abs());
        i64::try_from(product >> 64).unwrap_or(0)
    }

    fn pick(&mut self, count: usize) -> usize {
        let bound = i64::try_from(count).unwrap_or(i64::MAX);
        usize::try_from(self.below(bound)).unwrap_or(0)
    }
}

/// What each pair settles, and what that leaves each bank.
#[derive(Clone)]
struct Standing {
    choices: Vec<Choice>,
    left: Vec<i64>,
    value: i64,
}

/// A search for the most that can settle.
pub(super) struct Descent {
    pairs: Vec<Pair>,
    now: Standing,
    best: Standing,
    /// What would settle if payments could be split.
    bound: i64,
    /// Whether more cover would help this bank.
    is_wanting: Vec<bool>,
    dice: Dice,
    steps: u64,
    most_steps: u64,
}

impl Descent {
    /// `payments` are place in the queue, from, to and amount; `left` is what each bank has.
    pub(super) fn new(
        left: Vec<i64>,
        payments: impl Iterator<Item = (usize, usize, usize, i64)>,
        most_steps: u64,
        seed: u64,
    ) -> Self {
        let mut between: BTreeMap<(usize, usize), Vec<(usize, i64)>> = BTreeMap::new();
        for (place, from, to, amount) in payments {
            between.entry((from, to)).or_default().push((place, amount));
        }
        let pairs: Vec<Pair> =
            between.into_iter().map(|((from, to), payments)| Pair::new(from, to, payments)).collect();
        let whole = pairs.iter().map(|pair| arc(pair, -UNIT));
        let relaxed = Network::solved(&left, whole);
        let now = Standing { choices: vec![Choice::default(); pairs.len()], left, value: 0 };
        Self {
            best: now.clone(),
            now,
            bound: relaxed.value(),
            is_wanting: relaxed.prices().iter().map(|price| *price > 0).collect(),
            // Odd, so never zero, and another one for each seed.
            dice: Dice(seed.wrapping_mul(2).wrapping_add(1) ^ 0x9e37_79b9_7f4a_7c14),
            steps: relaxed.pivots(),
            most_steps,
            pairs,
        }
    }

    pub(super) const fn bound(&self) -> i64 {
        self.bound
    }

    pub(super) const fn steps(&self) -> u64 {
        self.steps
    }

    pub(super) const fn limit(&mut self, most_steps: u64) {
        self.most_steps = most_steps;
    }

    pub(super) const fn is_done(&self) -> bool {
        self.best.value >= self.bound || self.steps >= self.most_steps
    }

    /// The places in the queue of the best found so far.
    pub(super) fn settled(&self) -> Vec<usize> {
        let mut settled = Vec::new();
        for (pair, choice) in self.pairs.iter().zip(&self.best.choices) {
            pair.chosen(choice, |place| settled.push(place));
        }
        settled
    }

    /// One dive.
    pub(super) fn step(&mut self) {
        self.steps += 1;
        let licence = self.licence();
        let free = self.neighbourhood();
        if free.is_empty() {
            return;
        }
        if let Some(choices) = self.dive(&free, licence) {
            for (pair, choice) in free.iter().zip(choices) {
                self.choose(*pair, choice);
            }
            self.fill_up();
            if self.now.value > self.best.value {
                self.best = self.now.clone();
                return;
            }
        }
        if self.now.value < self.best.value - 3 * licence && self.dice.pick(20) == 0 {
            self.now = self.best.clone();
        }
    }

    fn licence(&self) -> i64 {
        let left = self.most_steps.saturating_sub(self.steps);
        let part = u128::from((self.bound / LICENCE).unsigned_abs()) * u128::from(left)
            / u128::from(self.most_steps.max(1));
        i64::try_from(part).unwrap_or(0)
    }

    /// The pairs to free: any of them, or those of a few banks, or from a few banks, chance or lack of cover choosing.
    fn neighbourhood(&mut self) -> Vec<usize> {
        let banks = self.now.left.len();
        let mut is_picked = vec![false; banks];
        for _ in 0..2 + self.dice.pick(BANKS_FREED) {
            is_picked[self.dice.pick(banks)] = true;
        }
        let kind = self.dice.pick(4);
        if kind == 0 {
            let share = self.dice.below(8);
            return (0..self.pairs.len()).filter(|_| self.dice.below(8) <= share).collect();
        }
        if kind == 3
            && let Some(bank) = self.idle_bank()
        {
            is_picked[bank] = true;
        }
        let is_of = |pair: &Pair| is_picked[pair.from] || (kind != 2 && is_picked[pair.to]);
        (0..self.pairs.len()).filter(|place| is_of(&self.pairs[*place])).collect()
    }

    /// A bank with cover left over that could have been used, the more the likelier.
    fn idle_bank(&mut self) -> Option<usize> {
        let idle = |bank: usize| if self.is_wanting[bank] { self.now.left[bank] } else { 0 };
        let all: i64 = (0..self.now.left.len()).map(idle).sum();
        let mut at = if all > 0 { self.dice.below(all) } else { return None };
        (0..self.now.left.len()).find(|bank| {
            at -= if self.is_wanting[*bank] { self.now.left[*bank] } else { 0 };
            at < 0
        })
    }

    /// Whole payments for the free pairs, if they come to no less than what is there now but for the licence.
    fn dive(&mut self, free: &[usize], licence: i64) -> Option<Vec<Choice>> {
        let mut left = self.now.left.clone();
        let mut others = self.now.value;
        for place in free {
            let (pair, sum) = (&self.pairs[*place], self.now.choices[*place].sum);
            left[pair.from] += sum;
            left[pair.to] -= sum;
            others -= sum;
        }
        let least = self.now.value - licence - others;
        let costs: Vec<i64> = free.iter().map(|_| self.dice.below(1024) - UNIT).collect();
        let arcs = free.iter().zip(costs).map(|(place, cost)| arc(&self.pairs[*place], cost));
        let mut network = Network::solved(&left, arcs);
        let whole = self.make_whole(free, &mut network, least);
        self.steps += network.pivots();
        whole.filter(|choices| choices.iter().map(|choice| choice.sum).sum::<i64>() >= least)
    }

    fn make_whole(&mut self, free: &[usize], network: &mut Network, least: i64) -> Option<Vec<Choice>> {
        let mut fixed: Vec<Option<Choice>> = vec![None; free.len()];
        let mut loosenings = 0;
        while let Some((arc, low, high)) = self.least_whole(free, network, &fixed) {
            let flow = network.flow(arc);
            let goes_up = self.dice.below(high.sum - low.sum) < flow - low.sum;
            let order = if goes_up { [high, low] } else { [low, high] };
            for choice in order {
                network.bound(arc, choice.sum, choice.sum);
                self.steps += 1;
                if !network.resolve() {
                    return None;
                }
                if !network.is_short() && network.value() >= least {
                    fixed[arc] = Some(choice);
                    break;
                }
            }
            if fixed[arc].is_some() {
                continue;
            }
            if loosenings == LOOSENINGS || network.value() < least {
                return None;
            }
            loosenings += 1;
            let neighbour = self.fixed_neighbour(free, arc, &fixed)?;
            fixed[neighbour] = None;
            for loose in [arc, neighbour] {
                network.bound(loose, 0, self.pairs[free[loose]].most);
            }
            self.steps += 1;
            if !network.resolve() || network.is_short() {
                return None;
            }
        }
        let whole = |(arc, place): (usize, &usize)| {
            fixed[arc].unwrap_or_else(|| self.pairs[*place].near(network.flow(arc)).0)
        };
        Some(free.iter().enumerate().map(whole).collect())
    }

    /// The free pair whose payments come least close to its flow, give or take, with its two nearest sums.
    fn least_whole(
        &mut self,
        free: &[usize],
        network: &Network,
        fixed: &[Option<Choice>],
    ) -> Option<(usize, Choice, Choice)> {
        let (mut worst, mut found) = (0, None);
        for (arc, place) in free.iter().enumerate() {
            if fixed[arc].is_some() || !network.is_between(arc) {
                continue;
            }
            let flow = network.flow(arc);
            let (low, high) = self.pairs[*place].near(flow);
            let distance = (flow - low.sum).min(high.sum - flow);
            if distance > 0 {
                let weight = i128::from(distance) * i128::from(256 + self.dice.below(256));
                if weight > worst {
                    (worst, found) = (weight, Some((arc, low, high)));
                }
            }
        }
        found
    }

    /// A fixed pair that pays the payer of this one, or is paid by its payee.
    fn fixed_neighbour(&mut self, free: &[usize], arc: usize, fixed: &[Option<Choice>]) -> Option<usize> {
        let this = &self.pairs[free[arc]];
        let (mut count, mut found) = (0, None);
        for other in (0..free.len()).filter(|other| fixed[*other].is_some()) {
            let pair = &self.pairs[free[other]];
            if pair.from == this.to || pair.to == this.from {
                count += 1;
                if self.dice.pick(count) == 0 {
                    found = Some(other);
                }
            }
        }
        found
    }

    /// Uses cover that is left over.
    fn fill_up(&mut self) {
        for place in 0..self.pairs.len() {
            let (pair, now) = (&self.pairs[place], self.now.choices[place].sum);
            let room = self.now.left[pair.from];
            if room > 0 && now < pair.most {
                let (low, _) = pair.near(now + room);
                if low.sum > now {
                    self.choose(place, low);
                }
            }
        }
    }

    fn choose(&mut self, place: usize, choice: Choice) {
        let pair = &self.pairs[place];
        let change = choice.sum - self.now.choices[place].sum;
        self.now.left[pair.from] -= change;
        self.now.left[pair.to] += change;
        self.now.value += change;
        self.now.choices[place] = choice;
    }
}

const fn arc(pair: &Pair, cost: i64) -> Between {
    Between { from: pair.from, to: pair.to, most: pair.most, cost }
}
