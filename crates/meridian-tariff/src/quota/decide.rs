//! What would happen, or the first refusal in order of precedence. Changes nothing.

use meridian_terms::{Day, Moment, Refusal};

use super::allocation::allocate;
use super::state::State;
use super::{Command, Denial, Event, Quota, QuotaId, RequestId};

/// The largest quantity of one request or quota: products of two stay within 128 bits.
pub(crate) const MOST: i128 = 1_000_000_000_000_000_000;

/// Decides a command at a moment.
///
/// # Errors
/// The first [`Denial`] in order of precedence, as a [`Refusal`] with the actual values.
pub fn decide(state: &State, command: &Command, at: Moment) -> Result<Event, Refusal> {
    match command {
        Command::Observe(calendar) => Ok(Event::Observed(calendar.clone())),
        Command::Open(quota) => open(state, quota),
        Command::Request { id, quota, quantity, accepted } => request(state, id, quota, *quantity, *accepted),
        Command::Allocate(day) => allocate_day(state, *day, at),
        Command::Return { id, quantity } => give_back(state, id, *quantity),
        Command::Halt(quota, bar) => known(state, quota).map(|_| Event::Halted(quota.clone(), *bar)),
        Command::Resume(quota) => known(state, quota).map(|_| Event::Resumed(quota.clone())),
    }
}

fn known<'a>(state: &'a State, quota: &QuotaId) -> Result<&'a Quota, Refusal> {
    let held = state.quotas.get(quota);
    held.map(|held| &held.quota).ok_or_else(|| Denial::QuotaUnknown.refusal(quota.as_str()))
}

fn open(state: &State, quota: &Quota) -> Result<Event, Refusal> {
    if state.quotas.contains_key(&quota.id) {
        return Err(Denial::QuotaExists.refusal(quota.id.as_str()));
    }
    if quota.volume <= 0 || quota.volume > MOST {
        return Err(Denial::QuantityOutOfRange.refusal(&quota.volume.to_string()));
    }
    if let Some(link) = quota.linked.iter().find(|link| !state.quotas.contains_key(link)) {
        return Err(Denial::QuotaUnknown.refusal(link.as_str()));
    }
    Ok(Event::Opened(quota.clone()))
}

fn request(
    state: &State,
    id: &RequestId,
    quota: &QuotaId,
    quantity: i128,
    accepted: Day,
) -> Result<Event, Refusal> {
    let held = known(state, quota)?;
    if state.requests.contains_key(id) {
        return Err(Denial::RequestExists.refusal(id.as_str()));
    }
    if quantity <= 0 || quantity > MOST {
        return Err(Denial::QuantityOutOfRange.refusal(&quantity.to_string()));
    }
    if !held.period.contains(accepted) {
        let told = format!("{} does not cover {accepted}", quota.as_str());
        return Err(Denial::OutsidePeriod.refusal(&told));
    }
    let counts_on = state.calendar.counts_on(accepted);
    Ok(Event::Requested { id: id.clone(), quota: quota.clone(), quantity, counts_on })
}

fn allocate_day(state: &State, day: Day, at: Moment) -> Result<Event, Refusal> {
    let earliest = state.calendar.next_working(day);
    if at.day() < earliest {
        let told = format!("{day} is allocated from {earliest}, today is {}", at.day());
        return Err(Denial::TooEarly.refusal(&told));
    }
    let earlier =
        state.waiting.range(..day).map(|(earlier, _)| *earlier).find(|day| !state.due(*day).is_empty());
    if let Some(earlier) = earlier {
        return Err(Denial::EarlierDayWaits.refusal(&format!("{earlier} comes before {day}")));
    }
    let due = state.due(day);
    if due.is_empty() {
        return Err(Denial::NothingDue.refusal(&day.to_string()));
    }
    Ok(Event::Allocated { day, grants: allocate(state, &due) })
}

fn give_back(state: &State, id: &RequestId, quantity: i128) -> Result<Event, Refusal> {
    let Some(asked) = state.requests.get(id) else {
        return Err(Denial::RequestUnknown.refusal(id.as_str()));
    };
    if quantity <= 0 {
        return Err(Denial::QuantityOutOfRange.refusal(&quantity.to_string()));
    }
    let granted = asked.granted.unwrap_or(0);
    if quantity > granted {
        return Err(Denial::ReturnAboveGrant.refusal(&format!("{quantity} of {granted} granted")));
    }
    Ok(Event::Returned { id: id.clone(), quantity })
}
