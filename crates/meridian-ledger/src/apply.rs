//! What has happened becomes state. Cannot fail: everything was decided before.

use crate::effect::{Side, fates, shift};
use crate::{Change, Entry, Event, Fate, Pending, Phase, State, Transfer};

/// Applies an event.
///
/// # Panics
/// When the event could not have been decided on this state: a broken invariant of our own.
pub fn apply(state: &mut State, event: &Event) {
    match event {
        Event::Opened(accounts) => accounts.iter().for_each(|account| state.add_account(account.clone())),
        Event::Changed(id, change) => {
            let slot = state.account_slot(*id).unwrap_or_else(|| panic!("no account {:032x}", id.0));
            match change {
                Change::Limits(limits) => state.account_mut(slot).limits = *limits,
                Change::Standing(standing) => state.account_mut(slot).standing = *standing,
            }
        }
        Event::Transferred { entries, .. } => entries.iter().for_each(|entry| enter(state, entry)),
        Event::Expired { pending, .. } => {
            for id in pending {
                let expired = state.take_pending(*id, Fate::Expired);
                let amount = expired.transfer.amount.minor();
                let rows = rows_of(state, &expired.transfer);
                move_sums(state, rows, Phase::VoidPending(*id), amount, Some(amount));
            }
        }
    }
}

fn enter(state: &mut State, entry: &Entry) {
    let rows = rows_of(state, &entry.transfer);
    enter_in_rows(state, &entry.transfer, rows, entry.amount.minor());
}

fn rows_of(state: &State, transfer: &Transfer) -> (usize, usize) {
    let row =
        |id: crate::AccountId| state.account_slot(id).unwrap_or_else(|| panic!("no account {:032x}", id.0));
    (row(transfer.debit), row(transfer.credit))
}

/// Enters a transfer whose accounts' rows are known: `(debit, credit)`.
pub(crate) fn enter_in_rows(state: &mut State, transfer: &Transfer, rows: (usize, usize), amount: i128) {
    let (own, other) = fates(transfer.phase);
    let reserved = other.map(|(of, fate)| state.take_pending(of, fate).transfer.amount.minor());
    move_sums(state, rows, transfer.phase, amount, reserved);
    let entry = state.add_seen(transfer.id, transfer.fingerprint(), own);
    if let Phase::Pend { deadline } = transfer.phase {
        state.add_pending(Pending { transfer: transfer.clone(), deadline, entry });
    }
}

fn move_sums(
    state: &mut State,
    (debit, credit): (usize, usize),
    phase: Phase,
    amount: i128,
    reserved: Option<i128>,
) {
    for (slot, side) in [(debit, Side::Debit), (credit, Side::Credit)] {
        shift(&mut state.account_mut(slot).balances, side, phase, amount, reserved);
    }
}
