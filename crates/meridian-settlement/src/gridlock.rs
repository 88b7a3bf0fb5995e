//! Releasing a queue without search: first in, first out; then greedily.
//!
//! Queues in which nobody can pay first often settle when looked at together (Bech and Soramäki, Bank of Finland
//! discussion paper 9/2001): take everything in, and while a bank would end short, drop its last payment. What stands
//! is the largest set that keeps every bank's own order, whatever order the drops are made in.

use std::collections::BTreeSet;

use crate::{Class, Plan, Queue};

/// Release from the head of each bank's own line as funds allow, and nothing else: what a hub does whenever funds
/// arrive.
#[must_use]
pub fn heads(queue: &Queue) -> Plan {
    let mut release = Release::new(queue);
    release.heads();
    release.plan()
}

/// Release from the head of each bank's own line as funds allow, then FIFO gridlock resolution of what is left.
#[must_use]
pub fn fifo(queue: &Queue) -> Plan {
    let mut release = Release::new(queue);
    release.heads();
    release.resolve();
    release.plan()
}

/// What [`fifo`] releases; then everything else is taken in, and while a bank would end short, the shortest of all
/// (the first of equals) drops its smallest payment that covers the shortage alone, or its largest if none does,
/// normal before urgent. At last what was dropped is tried again, urgent before normal, oldest first, until nothing
/// more fits.
#[must_use]
pub fn greedy(queue: &Queue) -> Plan {
    let mut release = Release::new(queue);
    release.heads();
    release.resolve();
    release.remove();
    release.refill();
    release.plan()
}

/// A queue being released: which payments are in, and what each bank has after them.
struct Release<'a> {
    queue: &'a Queue,
    is_in: Vec<bool>,
    balances: Vec<i128>,
    /// Each bank's own line: places in the queue, urgent before normal, oldest first.
    lines: Vec<Vec<usize>>,
}

impl<'a> Release<'a> {
    fn new(queue: &'a Queue) -> Self {
        let mut lines = vec![Vec::new(); queue.liquidity().len()];
        for place in in_turn(queue) {
            lines[queue.payments()[place].from].push(place);
        }
        Self {
            queue,
            is_in: vec![false; queue.payments().len()],
            balances: queue.liquidity().to_vec(),
            lines,
        }
    }

    fn put(&mut self, place: usize, is_in: bool) {
        let payment = &self.queue.payments()[place];
        let amount = if is_in { payment.amount } else { -payment.amount };
        self.balances[payment.from] -= amount;
        self.balances[payment.to] += amount;
        self.is_in[place] = is_in;
    }

    /// As long as some bank has what the head of its line asks for, the head is released. The outcome does not depend
    /// on which bank is asked first, for a release only ever adds to what others have.
    fn heads(&mut self) {
        let mut heads = vec![0; self.lines.len()];
        let mut asked: Vec<usize> = (0..self.lines.len()).rev().collect();
        while let Some(bank) = asked.pop() {
            while let Some(&place) = self.lines[bank].get(heads[bank]) {
                let payment = &self.queue.payments()[place];
                if payment.amount > self.balances[bank] {
                    break;
                }
                heads[bank] += 1;
                self.put(place, true);
                asked.push(payment.to);
            }
        }
    }

    /// FIFO gridlock resolution: everything is taken in, then short banks drop from the end of their lines.
    fn resolve(&mut self) {
        let kept: Vec<usize> = self
            .lines
            .iter()
            .map(|line| line.iter().take_while(|place| self.is_in[**place]).count())
            .collect();
        self.take_all_in();
        let mut short: Vec<usize> = (0..self.lines.len()).rev().collect();
        let mut ends: Vec<usize> = self.lines.iter().map(Vec::len).collect();
        while let Some(bank) = short.pop() {
            while self.balances[bank] < 0 && ends[bank] > kept[bank] {
                ends[bank] -= 1;
                let place = self.lines[bank][ends[bank]];
                self.put(place, false);
                short.push(self.queue.payments()[place].to);
            }
        }
    }

    fn take_all_in(&mut self) {
        let out: Vec<usize> = (0..self.is_in.len()).filter(|place| !self.is_in[*place]).collect();
        out.into_iter().for_each(|place| self.put(place, true));
    }

    /// Out of order: what was not released is taken in again, and the shortest bank drops the payment that fits its
    /// shortage best, until no bank is short.
    fn remove(&mut self) {
        let mut droppable: Vec<[BTreeSet<(i128, usize)>; 2]> = vec![Default::default(); self.lines.len()];
        for (place, payment) in self.queue.payments().iter().enumerate() {
            if !self.is_in[place] {
                droppable[payment.from][turn(payment.class)].insert((payment.amount, place));
            }
        }
        self.take_all_in();
        while let Some((shortage, bank)) = self.shortest() {
            let [urgent, normal] = &mut droppable[bank];
            let from = if normal.is_empty() { urgent } else { normal };
            let fitting = from.range((shortage, 0)..).next().or_else(|| from.last());
            let Some(drop) = fitting.copied() else {
                unreachable!(
                    "without its droppable payments a bank has what FIFO left it, which is not below zero"
                )
            };
            from.remove(&drop);
            self.put(drop.1, false);
        }
    }

    fn shortest(&self) -> Option<(i128, usize)> {
        let short = self.balances.iter().enumerate().filter(|(_, balance)| **balance < 0);
        short.map(|(bank, balance)| (-balance, bank)).max_by_key(|(shortage, bank)| {
            (*shortage, std::cmp::Reverse(*bank)) // the first of equals
        })
    }

    fn refill(&mut self) {
        let order = in_turn(self.queue);
        loop {
            let mut has_added = false;
            for &place in &order {
                let payment = &self.queue.payments()[place];
                if !self.is_in[place] && payment.amount <= self.balances[payment.from] {
                    self.put(place, true);
                    has_added = true;
                }
            }
            if !has_added {
                return;
            }
        }
    }

    fn plan(&self) -> Plan {
        let settled = (0..self.is_in.len()).filter(|place| self.is_in[*place]).collect();
        Plan::of(self.queue, settled).unwrap_or_else(|refusal| panic!("a release is sound: {refusal}"))
    }
}

const fn turn(class: Class) -> usize {
    match class {
        Class::Urgent => 0,
        Class::Normal => 1,
    }
}

/// Places in the queue, urgent before normal, oldest first.
fn in_turn(queue: &Queue) -> Vec<usize> {
    let mut places: Vec<usize> = (0..queue.payments().len()).collect();
    places.sort_by_key(|place| queue.payments()[*place].class);
    places
}
