//! What has happened becomes state. Cannot fail: everything was decided before.

use meridian_ledger as ledger;
use meridian_terms::{Currency, Moment};

use crate::state::Due;
use crate::{Class, Entry, Event, Instruction, Progress, Stage, State, Window, WindowId};

/// Applies an event.
///
/// # Panics
/// When the event could not have been decided on this state: a broken invariant of our own.
pub fn apply(state: &mut State, money: &mut ledger::State, event: &Event) {
    match event {
        Event::CircuitOpened { circuit, at, due, opened } => {
            let currency = circuit.currency;
            opened.iter().for_each(|opened| ledger::apply(money, opened));
            state.circuits.insert(currency, (**circuit).clone());
            match state.open_window(currency) {
                // Nothing has fallen into it if its model changes.
                Some(open) => {
                    window_mut(state, open).model = circuit.model;
                    state.set_due(open, *due);
                }
                None => open_window(state, WindowId { currency, number: 1 }, *at, *due),
            }
        }
        Event::SubCapSet { participant, most } => {
            state.sub_caps.insert((participant.clone(), most.currency()), most.minor());
        }
        Event::KeptWith { holder, participant } => {
            state.kept_with.insert(holder.clone(), participant.clone());
        }
        Event::PolicySet { participant, class, policy } => {
            state.policies.insert((participant.clone(), *class), *policy);
        }
        Event::Closed { window, at, settle_at, next_due } => {
            let next = WindowId { number: window.number + 1, ..*window };
            let closed = window_mut(state, *window);
            (closed.stage, closed.closed_at) = (Stage::Closed, Some(*at));
            state.unsettled.insert(*window);
            state.set_due(*window, *settle_at);
            open_window(state, next, *at, *next_due);
        }
        Event::Postponed { window, until } => state.set_due(*window, Some(*until)),
        Event::SettlementAsked { window, instructions, .. } => ask(state, *window, instructions),
        Event::InstructionSettled { window, instruction, released_until, stage, .. } => {
            progress(state, *instruction, Progress::Accepted);
            if let Some(until) = released_until {
                let waiting = window_mut(state, *window)
                    .instructions
                    .iter()
                    .filter(|one| one.progress == Progress::Waiting)
                    .map(|one| one.id)
                    .collect::<Vec<_>>();
                waiting.into_iter().for_each(|id| progress(state, id, Progress::Sent { until: *until }));
            }
            set_stage(state, *window, stage);
        }
        Event::InstructionRefused { window, instruction, reason, stage } => {
            progress(state, *instruction, Progress::Refused { reason: reason.clone() });
            set_stage(state, *window, stage);
        }
        Event::Chased { instruction, until, .. } => {
            progress(state, *instruction, Progress::Sent { until: *until });
        }
        Event::Queued(entry) => join(state, entry),
        Event::Released { at, entries, posted, .. } => {
            ledger::apply(money, posted);
            for entry in entries {
                leave(state, entry.id);
                state.observe(&entry.movements, *at);
            }
        }
        Event::Expired { ids, .. } => ids.iter().for_each(|id| leave(state, *id)),
        Event::Withdrawn { id } => leave(state, *id),
        Event::TradeStated(trade) => {
            state.deadlines.insert((trade.until, Due::Trade(trade.id)));
            state.trades.insert(trade.id, trade.clone());
        }
        Event::TradeLapsed { id } => forget_trade(state, *id),
        Event::Reconciled { currency, day, breaks } => {
            state.breaks.insert(*currency, (*day, breaks.clone()));
        }
        Event::CorrectionProposed(correction) => {
            state.corrections.insert(correction.id, correction.clone());
        }
        Event::Corrected { id, posted, .. } => {
            ledger::apply(money, posted);
            state.corrections.remove(id);
        }
    }
}

fn open_window(state: &mut State, id: WindowId, at: Moment, due: Option<Moment>) {
    let model = state.circuits[&id.currency].model;
    state.windows.insert(id, Window::opened(model, at));
    state.open.insert(id.currency, id.number);
    state.set_due(id, due);
}

fn window_mut(state: &mut State, id: WindowId) -> &mut Window {
    state.windows.get_mut(&id).unwrap_or_else(|| panic!("no window {id:?}"))
}

fn ask(state: &mut State, id: WindowId, instructions: &[Instruction]) {
    state.set_due(id, None);
    let stage = if instructions.iter().all(|one| one.progress == Progress::Accepted) {
        Stage::Settled
    } else {
        Stage::PendingSettlement
    };
    window_mut(state, id).instructions = instructions.to_vec();
    for (number, instruction) in instructions.iter().enumerate() {
        state.instructions.insert(instruction.id, (id, number));
        if let Progress::Sent { until } = instruction.progress {
            state.deadlines.insert((until, Due::Instruction(instruction.id)));
        }
    }
    set_stage(state, id, &stage);
}

fn progress(state: &mut State, instruction: u128, to: Progress) {
    let (window, number) = state.instructions[&instruction];
    let one = &mut window_mut(state, window).instructions[number];
    let from = std::mem::replace(&mut one.progress, to.clone());
    if let Progress::Sent { until } = from {
        state.deadlines.remove(&(until, Due::Instruction(instruction)));
    }
    if let Progress::Sent { until } = to {
        state.deadlines.insert((until, Due::Instruction(instruction)));
    }
}

fn set_stage(state: &mut State, id: WindowId, stage: &Stage) {
    window_mut(state, id).stage = stage.clone();
    match stage {
        Stage::Settled => {
            state.unsettled.remove(&id);
        }
        // What was asked and not accepted is asked anew; until then nobody chases it.
        Stage::Aborted { .. } | Stage::Failed { .. } => {
            let open = window_mut(state, id)
                .instructions
                .iter()
                .filter_map(|one| match one.progress {
                    Progress::Sent { until } => Some((until, Due::Instruction(one.id))),
                    _ => None,
                })
                .collect::<Vec<_>>();
            for deadline in open {
                state.deadlines.remove(&deadline);
            }
        }
        _ => {}
    }
}

fn join(state: &mut State, entry: &Entry) {
    if state.trades.contains_key(&entry.id) {
        forget_trade(state, entry.id);
    }
    state.last_place = entry.place;
    state.places.insert(entry.id, entry.place);
    state.deadlines.insert((entry.until, Due::Entry(entry.place)));
    if entry.class == Class::Urgent {
        revise(state, entry);
    }
    state.queue.insert(entry.place, entry.clone());
}

/// A payment leaves the queue, if it was ever in it: what is covered on arrival never waits.
fn leave(state: &mut State, id: u128) {
    if state.trades.contains_key(&id) {
        forget_trade(state, id);
    }
    let Some(place) = state.places.remove(&id) else { return };
    let entry = state.queue.remove(&place).unwrap_or_else(|| panic!("nothing waits at {place}"));
    state.deadlines.remove(&(entry.until, Due::Entry(place)));
    revise(state, &entry);
}

fn revise(state: &mut State, entry: &Entry) {
    let mut currencies: Vec<Currency> =
        entry.movements.iter().map(|movement| movement.amount.currency()).collect();
    currencies.dedup();
    for currency in currencies {
        *state.revisions.entry(currency).or_default() += 1;
    }
}

fn forget_trade(state: &mut State, id: u128) {
    if let Some(trade) = state.trades.remove(&id) {
        state.deadlines.remove(&(trade.until, Due::Trade(id)));
    }
}
