//! What has happened becomes state. Cannot fail: everything was decided before.

use crate::decide::{Side, fates, shift};
use crate::state::Seen;
use crate::{Change, Entry, Event, Fate, Pending, Phase, State};

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
                Change::Limits(limits) => state.accounts[slot].limits = *limits,
                Change::Standing(standing) => state.accounts[slot].standing = *standing,
            }
        }
        Event::Transferred { entries, .. } => entries.iter().for_each(|entry| enter(state, entry)),
        Event::Expired { pending, .. } => {
            for id in pending {
                let expired = take_pending(state, *id);
                let voided = Phase::VoidPending(*id);
                let amount = expired.transfer.amount.minor();
                move_sums(state, &expired.transfer, voided, amount, Some(amount));
                state.set_fate(*id, Fate::Expired);
            }
        }
    }
}

fn enter(state: &mut State, entry: &Entry) {
    let transfer = &entry.transfer;
    let (own, other) = fates(transfer.phase);
    let reserved = other.map(|(of, fate)| {
        state.set_fate(of, fate);
        take_pending(state, of).transfer.amount.minor()
    });
    move_sums(state, transfer, transfer.phase, entry.amount.minor(), reserved);
    state.add_seen(Seen { id: transfer.id, fingerprint: transfer.fingerprint(), fate: own });
    if let Phase::Pend { deadline } = transfer.phase {
        state.pending.insert(transfer.id, Pending { transfer: transfer.clone(), deadline });
        state.deadlines.extend(deadline.map(|deadline| (deadline, transfer.id)));
    }
}

fn take_pending(state: &mut State, id: crate::TransferId) -> Pending {
    let pending = state.pending.remove(&id).unwrap_or_else(|| panic!("no pending transfer {:032x}", id.0));
    if let Some(deadline) = pending.deadline {
        state.deadlines.remove(&(deadline, id));
    }
    pending
}

fn move_sums(
    state: &mut State,
    transfer: &crate::Transfer,
    phase: Phase,
    amount: i128,
    reserved: Option<i128>,
) {
    for (id, side) in [(transfer.debit, Side::Debit), (transfer.credit, Side::Credit)] {
        let slot = state.account_slot(id).unwrap_or_else(|| panic!("no account {:032x}", id.0));
        shift(&mut state.accounts[slot].balances, side, phase, amount, reserved);
    }
}
