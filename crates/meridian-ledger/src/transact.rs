//! Deciding and applying in one pass: for ledgers that take transfers by the thousand.
//!
//! [`crate::decide`] looks at a state that does not change and [`crate::apply`] looks everything up again; here a transfer
//! is judged on the state itself and entered at once, with the rows already found. A law keeps both ways equal. Nobody
//! may see the state before its entries are durable: whoever cannot write them must throw it away.

use meridian_terms::Moment;

use crate::apply::enter_in_rows;
use crate::decide::judge_chain;
use crate::judge::{Ruling, View, judge};
use crate::{Balances, Denial, Past, Pending, Seen, State, Transfer, TransferId};

/// A transfer that happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moved {
    /// The debit account's row: its place in the order of opening.
    pub debit: u32,
    /// The credit account's row.
    pub credit: u32,
    /// What moved, in minor units: less than asked for a balancing transfer.
    pub amount: i128,
}

impl From<Ruling> for Moved {
    fn from(ruling: Ruling) -> Self {
        let row = crate::state::row_number;
        Self { debit: row(ruling.debit), credit: row(ruling.credit), amount: ruling.amount }
    }
}

/// The state as it is.
struct Now<'a, P> {
    state: &'a State,
    past: &'a P,
}

impl<P: Past> View for Now<'_, P> {
    fn state(&self) -> &State {
        self.state
    }

    fn balances(&self, slot: usize) -> Balances {
        self.state.accounts[slot].balances
    }

    fn seen(&self, id: TransferId) -> Option<Seen> {
        self.state.seen(self.past, id)
    }

    fn pending(&self, id: TransferId) -> Option<&Pending> {
        self.state.pending(id)
    }
}

/// Decides and applies transfers one by one; `told` hears of each by position. `past` answers for ids that have left the
/// window.
pub fn transact(
    state: &mut State,
    past: &impl Past,
    batch: &[Transfer],
    at: Moment,
    mut told: impl FnMut(usize, Result<Moved, Denial>),
) {
    state.touch(batch);
    for (position, transfer) in batch.iter().enumerate() {
        let ruling = judge(&Now { state, past }, transfer, at);
        if let Ok(ruling) = ruling {
            enter_in_rows(state, transfer, (ruling.debit, ruling.credit), ruling.amount);
        }
        told(position, ruling.map(Moved::from));
    }
}

/// Decides and applies a chain of transfers, all or none.
///
/// # Errors
/// Position in the chain and the first [`Denial`] in order of precedence.
pub fn transact_chain(
    state: &mut State,
    past: &impl Past,
    chain: &[Transfer],
    at: Moment,
) -> Result<Vec<Moved>, (usize, Denial)> {
    let rulings = judge_chain(state, past, chain, at)?;
    for (transfer, ruling) in chain.iter().zip(&rulings) {
        enter_in_rows(state, transfer, (ruling.debit, ruling.credit), ruling.amount);
    }
    Ok(rulings.into_iter().map(Moved::from).collect())
}
