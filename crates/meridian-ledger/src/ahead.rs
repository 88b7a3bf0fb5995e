//! The state as it would be after the first part of a chain.

use crate::effect::{Side, fates, shift};
use crate::index::Index;
use crate::judge::{Ruling, View};
use crate::{Balances, Fate, Past, Pending, Phase, Seen, State, Transfer, TransferId};

/// The state as it would be after the first part of a chain or batch: what differs.
pub(crate) struct Ahead<'a, P> {
    state: &'a State,
    past: &'a P,
    balances: Overlay<Balances>,
    seen: Overlay<Seen>,
    pending: Overlay<Pending>,
}

/// What differs, by key: looked through one by one while it is short, by index when it is long.
struct Overlay<T> {
    rows: Vec<(u128, T)>,
    index: Index,
}

impl<T> Overlay<T> {
    const SHORT: usize = 12;

    const fn new() -> Self {
        Self { rows: Vec::new(), index: Index::new() }
    }

    fn place(&self, key: u128) -> Option<usize> {
        if self.rows.len() <= Self::SHORT {
            self.rows.iter().position(|(known, _)| *known == key)
        } else {
            self.index.get(key, |place| self.rows[place as usize].0 == key).map(|place| place as usize)
        }
    }

    fn get(&self, key: u128) -> Option<&T> {
        self.place(key).map(|place| &self.rows[place].1)
    }

    fn put(&mut self, key: u128, value: T) {
        if let Some(place) = self.place(key) {
            self.rows[place].1 = value;
            return;
        }
        self.rows.push((key, value));
        let count = self.rows.len();
        if count > Self::SHORT {
            let rows = &self.rows;
            let unindexed = if count == Self::SHORT + 1 { 0..count } else { count - 1..count };
            for place in unindexed {
                self.index.insert(rows[place].0, row(place), |place| rows[place as usize].0);
            }
        }
    }
}

fn row(place: usize) -> u32 {
    u32::try_from(place).unwrap_or_else(|_| panic!("a batch of more than 4 billion transfers"))
}

impl<'a, P: Past> Ahead<'a, P> {
    pub(crate) const fn new(state: &'a State, past: &'a P) -> Self {
        Self { state, past, balances: Overlay::new(), seen: Overlay::new(), pending: Overlay::new() }
    }

    /// Takes note of what a transfer that may happen would do.
    pub(crate) fn note(&mut self, transfer: &Transfer, ruling: &Ruling) {
        let reserved = match transfer.phase {
            Phase::PostPending(of) | Phase::VoidPending(of) => {
                self.pending(of).map(|pending| pending.transfer.amount.minor())
            }
            _ => None,
        };
        for (slot, side) in [(ruling.debit, Side::Debit), (ruling.credit, Side::Credit)] {
            let mut balances = self.balances(slot);
            shift(&mut balances, side, transfer.phase, ruling.amount, reserved);
            self.balances.put(slot as u128, balances);
        }
        let (own, other) = fates(transfer.phase);
        self.seen.put(transfer.id.0, Seen::new(transfer.id, transfer.fingerprint(), 0, own));
        if let Phase::Pend { deadline } = transfer.phase {
            self.pending.put(transfer.id.0, Pending { transfer: transfer.clone(), deadline, entry: 0 });
        }
        if let Some((of, fate)) = other {
            let fingerprint = self.seen(of).map_or(0, |seen| seen.fingerprint);
            self.seen.put(of.0, Seen::new(of, fingerprint, 0, fate));
        }
    }
}

impl<P: Past> View for Ahead<'_, P> {
    fn state(&self) -> &State {
        self.state
    }

    fn balances(&self, slot: usize) -> Balances {
        self.balances.get(slot as u128).copied().unwrap_or(self.state.accounts[slot].balances)
    }

    fn seen(&self, id: TransferId) -> Option<Seen> {
        self.seen.get(id.0).copied().or_else(|| self.state.seen(self.past, id))
    }

    fn pending(&self, id: TransferId) -> Option<&Pending> {
        // An id whose fate this chain has settled is no open reservation any more.
        if self.seen.get(id.0).is_some_and(|seen| seen.fate() != Fate::Pending) {
            return None;
        }
        self.pending.get(id.0).or_else(|| self.state.pending(id))
    }
}
