//! What could settle if payments could be split, as the flow of money through a network.
//!
//! Money moves from bank to bank along one arc for each pair, at most the pair's payments. A bank draws on its cover
//! along an arc from a root, and gives back without limit; more than its cover it draws along a second arc so dear that
//! nobody does who need not. The flow along the pairs is to be largest. So the linear relaxation of a queue needs no
//! general solver and no floating point: network simplex solves it in whole minor units, from scratch by the primal
//! method, with trees kept strongly feasible (Cunningham 1976) so that it cannot cycle, and after a bound has changed by
//! the dual method, in about ten pivots.

/// What a unit that moves is worth. The rest of 64 bits is for costs that differ by less, which break ties.
pub(super) const UNIT: i64 = 1 << 20;

/// More than any queue moves.
const UNLIMITED: i64 = 1 << 54;

struct Arc {
    tail: usize,
    head: usize,
    least: i64,
    most: i64,
    cost: i64,
    flow: i64,
    is_basic: bool,
}

/// What may flow between two banks, and what a unit of it costs: about `-UNIT`.
pub(super) struct Between {
    pub(super) from: usize,
    pub(super) to: usize,
    pub(super) most: i64,
    pub(super) cost: i64,
}

pub(super) struct Network {
    /// Draws on cover, draws beyond it, then the pairs in the order given.
    arcs: Vec<Arc>,
    banks: usize,
    /// The tree: for each bank the node above it, the arc between them, and the nodes below it. The root is the last
    /// node.
    above: Vec<usize>,
    link: Vec<usize>,
    below: Vec<Vec<usize>>,
    depth: Vec<usize>,
    price: Vec<i64>,
    /// Where pricing looks next.
    next: usize,
    /// Scratch: the part of the tree below a cut.
    is_inside: Vec<bool>,
    pivots: u64,
}

impl Network {
    /// The network of what each bank has (less than zero where it must first receive), solved.
    pub(super) fn solved(cover: &[i64], pairs: impl Iterator<Item = Between>) -> Self {
        let mut network = Self::new(cover, pairs);
        while let Some(entering) = network.entering() {
            network.pivot(entering);
        }
        network
    }

    fn new(cover: &[i64], pairs: impl Iterator<Item = Between>) -> Self {
        let root = cover.len();
        let dear = i64::try_from(root + 2).unwrap_or(i64::MAX >> 21).saturating_mul(2 * UNIT);
        let draw = |(bank, has): (usize, &i64)| Arc {
            tail: root,
            head: bank,
            least: -UNLIMITED,
            most: *has,
            cost: 0,
            flow: (*has).min(0),
            is_basic: *has >= 0,
        };
        let overdraw = |(bank, has): (usize, &i64)| Arc {
            tail: root,
            head: bank,
            least: 0,
            most: UNLIMITED,
            cost: dear,
            flow: -(*has).min(0),
            is_basic: *has < 0,
        };
        let pair = |Between { from: tail, to: head, most, cost }: Between| Arc {
            tail,
            head,
            least: 0,
            most,
            cost,
            flow: 0,
            is_basic: false,
        };
        let banks = || cover.iter().enumerate();
        let mut below = vec![Vec::new(); root + 1];
        below[root] = (0..root).collect();
        Self {
            arcs: banks().map(draw).chain(banks().map(overdraw)).chain(pairs.map(pair)).collect(),
            banks: root,
            above: vec![root; root + 1],
            link: banks()
                .map(|(bank, has)| if *has < 0 { root + bank } else { bank })
                .chain([root])
                .collect(),
            below,
            depth: banks().map(|_| 1).chain([0]).collect(),
            price: banks().map(|(_, has)| if *has < 0 { dear } else { 0 }).chain([0]).collect(),
            next: 0,
            is_inside: vec![false; root + 1],
            pivots: 0,
        }
    }

    /// Whether some bank has to draw more than its cover.
    pub(super) fn is_short(&self) -> bool {
        self.arcs[self.banks..2 * self.banks].iter().any(|arc| arc.flow > 0)
    }

    /// All that flows between banks.
    pub(super) fn value(&self) -> i64 {
        self.arcs[2 * self.banks..].iter().map(|arc| arc.flow).sum()
    }

    /// What flows between the banks of this pair.
    pub(super) fn flow(&self, pair: usize) -> i64 {
        self.arcs[2 * self.banks + pair].flow
    }

    /// Whether this pair's flow may lie strictly between nothing and all: others lie at an end.
    pub(super) fn is_between(&self, pair: usize) -> bool {
        let arc = &self.arcs[2 * self.banks + pair];
        arc.is_basic && arc.flow > arc.least && arc.flow < arc.most
    }

    /// For each bank, what a further unit of cover would let settle, in [`UNIT`]s.
    pub(super) fn prices(&self) -> &[i64] {
        &self.price[..self.banks]
    }

    /// How many pivots it has taken so far.
    pub(super) const fn pivots(&self) -> u64 {
        self.pivots
    }

    /// Bounds a pair's flow anew. [`Self::resolve`] must follow.
    pub(super) fn bound(&mut self, pair: usize, least: i64, most: i64) {
        let place = 2 * self.banks + pair;
        let arc = &mut self.arcs[place];
        (arc.least, arc.most) = (least, most);
        let change = arc.flow.clamp(least, most) - arc.flow;
        if !arc.is_basic && change != 0 {
            self.push_round(place, change);
        }
    }

    /// Solves it again after bounds have changed, by the dual method. False when there is no solution or it was not
    /// found in reasonable time.
    pub(super) fn resolve(&mut self) -> bool {
        for _ in 0..20 * self.banks + 100 {
            let Some((cut, excess)) = self.worst_violation() else { return true };
            if !self.pivot_dual(cut, excess) {
                return false;
            }
        }
        false
    }

    // ---- primal

    /// The arc that gains most among a block of those not looked at lately; none when no arc gains.
    fn entering(&mut self) -> Option<usize> {
        let count = self.arcs.len();
        let block = count.isqrt().max(20);
        let (mut best, mut entering) = (0, None);
        for looked in 1..=count {
            let gain = self.gain(self.next);
            if gain > best {
                (best, entering) = (gain, Some(self.next));
            }
            self.next = if self.next + 1 == count { 0 } else { self.next + 1 };
            if looked % block == 0 && entering.is_some() {
                break;
            }
        }
        entering
    }

    fn reduced_cost(&self, arc: &Arc) -> i64 {
        arc.cost + self.price[arc.tail] - self.price[arc.head]
    }

    /// What a unit more along this arc, or less where it is full, would gain.
    fn gain(&self, arc: usize) -> i64 {
        let arc = &self.arcs[arc];
        if arc.is_basic {
            return 0;
        }
        match self.reduced_cost(arc) {
            cost if cost < 0 && arc.flow < arc.most => -cost,
            cost if cost > 0 && arc.flow > arc.least => cost,
            _ => 0,
        }
    }

    /// Pushes as much round the entering arc's cycle as it takes; the last arc that blocks it leaves the tree.
    fn pivot(&mut self, entering: usize) {
        self.pivots += 1;
        let arc = &self.arcs[entering];
        let grows = arc.flow == arc.least;
        let (first, last) = if grows { (arc.tail, arc.head) } else { (arc.head, arc.tail) };
        let apex = self.meeting(first, last);
        let mut amount = arc.most - arc.least;
        let mut leaving = None;
        let mut node = first;
        while node != apex {
            let room = self.room(node, false);
            if room < amount {
                (amount, leaving) = (room, Some((node, first, last)));
            }
            node = self.above[node];
        }
        node = last;
        while node != apex {
            let room = self.room(node, true);
            if room <= amount {
                (amount, leaving) = (room, Some((node, last, first)));
            }
            node = self.above[node];
        }
        self.push_round(entering, if grows { amount } else { -amount });
        if let Some((cut, inside, outside)) = leaving {
            self.exchange(cut, entering, inside, outside);
        }
    }

    /// How much more can flow between a node and the one above it, towards it or from it.
    fn room(&self, node: usize, is_upward: bool) -> i64 {
        let arc = &self.arcs[self.link[node]];
        if (arc.tail == node) == is_upward { arc.most - arc.flow } else { arc.flow - arc.least }
    }

    // ---- dual

    /// The node whose link lies furthest outside its bounds, and by how much.
    fn worst_violation(&self) -> Option<(usize, i64)> {
        let mut worst = None;
        for node in 0..self.banks {
            let arc = &self.arcs[self.link[node]];
            let excess = (arc.flow - arc.most).max(arc.least - arc.flow);
            if excess > worst.map_or(0, |(_, excess)| excess) {
                worst = Some((node, excess));
            }
        }
        worst
    }

    /// Brings a link back to its bound by the cheapest arc that crosses the cut the same way.
    fn pivot_dual(&mut self, cut: usize, excess: i64) -> bool {
        self.pivots += 1;
        self.mark_inside(cut);
        let leaving = &self.arcs[self.link[cut]];
        // Whether more has to leave the part below the cut by another way, or to enter it.
        let is_outward = (leaving.flow > leaving.most) == (leaving.tail == cut);
        let (mut best, mut entering) = (i64::MAX, None);
        for (place, arc) in self.arcs.iter().enumerate() {
            let leads_out = self.is_inside[arc.tail];
            if leads_out == self.is_inside[arc.head] || arc.is_basic {
                continue;
            }
            let can = if leads_out == is_outward { arc.flow < arc.most } else { arc.flow > arc.least };
            if can {
                let cost = self.reduced_cost(arc).abs();
                if cost < best {
                    (best, entering) = (cost, Some((place, leads_out)));
                }
            }
        }
        let Some((entering, leads_out)) = entering else { return false };
        let Arc { tail, head, .. } = self.arcs[entering];
        let (inside, outside) = if leads_out { (tail, head) } else { (head, tail) };
        self.push_round(entering, if leads_out == is_outward { excess } else { -excess });
        self.exchange(cut, entering, inside, outside);
        true
    }

    fn mark_inside(&mut self, cut: usize) {
        self.is_inside.fill(false);
        let mut open = vec![cut];
        while let Some(node) = open.pop() {
            self.is_inside[node] = true;
            open.extend(&self.below[node]);
        }
    }

    // ---- the tree

    fn meeting(&self, mut one: usize, mut other: usize) -> usize {
        while one != other {
            if self.depth[one] >= self.depth[other] {
                one = self.above[one];
            } else {
                other = self.above[other];
            }
        }
        one
    }

    /// Changes the flow of an arc outside the tree, and of the way back through the tree.
    fn push_round(&mut self, place: usize, change: i64) {
        let Arc { tail, head, .. } = self.arcs[place];
        self.arcs[place].flow += change;
        let apex = self.meeting(tail, head);
        for (end, is_upward) in [(tail, false), (head, true)] {
            let mut node = end;
            while node != apex {
                let arc = &mut self.arcs[self.link[node]];
                arc.flow += if (arc.tail == node) == is_upward { change } else { -change };
                node = self.above[node];
            }
        }
    }

    /// Takes the link of `cut` out of the tree, hangs what was below it under `outside` by the entering arc at
    /// `inside`, and prices it anew.
    fn exchange(&mut self, cut: usize, entering: usize, inside: usize, outside: usize) {
        self.arcs[self.link[cut]].is_basic = false;
        self.arcs[entering].is_basic = true;
        let (mut node, mut new_above, mut new_link) = (inside, outside, entering);
        loop {
            let (old_above, old_link) = (self.above[node], self.link[node]);
            self.below[old_above].retain(|child| *child != node);
            self.below[new_above].push(node);
            (self.above[node], self.link[node]) = (new_above, new_link);
            if node == cut {
                break;
            }
            (new_above, new_link, node) = (node, old_link, old_above);
        }
        let mut open = vec![inside];
        while let Some(node) = open.pop() {
            let (above, arc) = (self.above[node], &self.arcs[self.link[node]]);
            self.depth[node] = self.depth[above] + 1;
            self.price[node] = self.price[above] + if arc.tail == above { arc.cost } else { -arc.cost };
            open.extend(&self.below[node]);
        }
    }
}
