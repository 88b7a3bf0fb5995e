//! What time does by itself: one event for one deadline that has come.

use meridian_ledger as ledger;
use meridian_terms::{Moment, Refusal, Uetr};

use crate::answers::{reject, unwinds};
use crate::{Event, Priority, QuoteId, ResolutionId, Stage, State, resolution};

/// How many final payments or expired quotes one tick lets go.
const FORGET_AT_ONCE: usize = 1_000;

/// Acts on the earliest deadline that has come; with none due, lets go what need not be remembered.
pub(crate) fn tick(state: &State, money: &ledger::State, at: Moment) -> Result<Event, Refusal> {
    if let Some((end, id)) = state.resolution_ends.first()
        && *end <= at
        && state.resolutions.get(id).is_some_and(|known| known.outcome.is_none())
    {
        return Ok(resolution::expire(state, *id, at));
    }
    let due = state.deadlines.first().filter(|(deadline, _)| *deadline <= at);
    let Some(payment) = due.and_then(|(_, uetr)| state.payments.get(uetr)) else {
        return Ok(forget(state, at));
    };
    let uetr = payment.uetr();
    match &payment.stage {
        Stage::Sent { .. } if unwinds(state, payment) => reject(money, payment, "AG01", true, None, at),
        // The hub may not time a NORM payment out by itself: it is chased, and becomes overdue for the operators.
        Stage::Sent { .. } if payment.instruction.priority == Priority::Norm => {
            Ok(Event::Chased { uetr, at, deadline: at.plus(state.settings.norm_chase) })
        }
        Stage::Waiting { .. } => reject(money, payment, "AG01", true, None, at),
        Stage::Settled { .. } | Stage::AcceptedPending { .. } => {
            Ok(Event::Chased { uetr, at, deadline: at.plus(state.settings.accepted_pending) })
        }
        Stage::Recalled { .. } => Ok(Event::RecallRefused { uetr, at, reason: "NOAS".into() }),
        _ => reject(money, payment, "AB05", true, None, at),
    }
}

fn forget(state: &State, at: Moment) -> Event {
    let before = at.minus(state.settings.memory);
    let finals = state.finals.iter().take_while(|(since, _)| *since <= before);
    let payments: Vec<(Moment, Uetr)> = finals.take(FORGET_AT_ONCE).copied().collect();
    let ends = state.quote_ends.iter().take_while(|(end, _)| *end <= at);
    let quotes: Vec<(Moment, QuoteId)> = ends.take(FORGET_AT_ONCE).copied().collect();
    let ends = state.resolution_ends.iter().take_while(|(end, _)| *end <= at);
    let resolutions: Vec<(Moment, ResolutionId)> = ends.take(FORGET_AT_ONCE).copied().collect();
    if payments.is_empty() && quotes.is_empty() && resolutions.is_empty() {
        Event::Idle
    } else {
        Event::Forgotten { before, payments, quotes, resolutions }
    }
}
