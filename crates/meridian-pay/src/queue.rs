//! Payments that wait for cover: in the queue of settlement, which knows movements and policies but no payments.
//!
//! ```text
//!  short of cover, or not its turn --every payer waits--> WAITING --released--> SETTLED --ACCC--> COMMITTED
//!         |                                   |  (PDNG)            (ACSC: both legs posted)
//!         +--one does not--> REFUSED (AM04)   +--in vain--> REJECTED (AM04), taken back (DS02), now listed (RR04)
//! ```
//!
//! What is covered on arrival is reserved and asked of its creditor agent first. What has waited is posted with its
//! release, for a queue is released by setting payments against each other, and what one of them receives another has
//! already paid on: its creditor agent is told of settled money, and what it cannot credit it returns (pacs.004).

use meridian_ledger as ledger;
use meridian_settlement::{self as settlement, Class, Movement};
use meridian_terms::{Bic, Micros, Moment, Refusal, Uetr};

use crate::answers::unwinds;
use crate::refusal::{self as no, refuse};
use crate::{Event, Instruction, Legs, Priority, Stage, State};

/// Whose turn comes first: what must be answered within seconds.
pub(crate) const fn class(priority: Priority) -> Class {
    match priority {
        Priority::High => Class::Urgent,
        Priority::Norm => Class::Normal,
    }
}

impl Legs {
    /// What the legs move between participants' accounts at the settlement agents: a provider's side lies with its access
    /// agent where it has one, and what stays with one participant moves nothing.
    #[must_use]
    pub fn movements(&self) -> Vec<Movement> {
        let movement = |leg: &crate::Leg| {
            let lies_with = |whose: &Bic| {
                let at = leg.at.as_ref().filter(|_| self.provider.as_ref() == Some(whose));
                at.unwrap_or(whose).clone()
            };
            Movement { from: lies_with(&leg.from), to: lies_with(&leg.to), amount: leg.amount }
        };
        self.legs.iter().map(movement).filter(|movement| movement.from != movement.to).collect()
    }
}

/// Reserves the legs, where every payer may spend what it gives and overtakes nothing of its own that waits.
pub(crate) fn reserve(
    settlement: &settlement::State,
    money: &ledger::State,
    instruction: &Instruction,
    legs: &Legs,
    attempt: u8,
    at: Moment,
) -> Result<ledger::Event, Refusal> {
    settlement.covers(money, class(instruction.priority), &legs.movements())?;
    let chain = legs.reservations(instruction.uetr, attempt);
    ledger::decide(money, &ledger::Command::Transfer(chain), at)
}

/// The queue's event for a payment short of cover, where every payer's policy lets it wait: no longer than its quote
/// binds. Money kept with an access agent is an allotment, which nobody's policy adds to, and does not wait.
pub(crate) fn line_up(
    state: &State,
    settlement: &settlement::State,
    money: &ledger::State,
    instruction: &Instruction,
    legs: &Legs,
    at: Moment,
) -> Option<settlement::Event> {
    if legs.intermediaries().next().is_some() {
        return None;
    }
    let binds = instruction.quote.and_then(|id| state.quotes.get(&id)).map(|quote| quote.expires);
    let class = class(instruction.priority);
    settlement.waits_for_cover(money, instruction.uetr.bits(), class, &legs.movements(), binds, at)
}

/// Whether a refusal says that money may come in: the same payment may wait, or be tried again.
pub(crate) fn is_short(refusal: &Refusal) -> bool {
    refusal.iso.as_deref() == Some("AM04")
}

/// Whether all that this event of the queue would make final may be: clear under the list in force, over links that
/// stand or finish.
///
/// # Errors
/// `pay.screening_stale`; `pay.link_shut`.
pub fn may_happen(state: &State, event: &settlement::Event) -> Result<(), Refusal> {
    let settlement::Event::Released { entries, .. } = event else { return Ok(()) };
    for payment in entries.iter().filter_map(|entry| waiting(state, entry.id)) {
        if payment.cleared_under != state.list {
            return Err(refuse(no::SCREENING_STALE, payment.uetr().to_string()));
        }
        if unwinds(state, payment) {
            return Err(refuse(no::LINK_SHUT, payment.uetr().to_string()));
        }
    }
    Ok(())
}

/// What an event of the queue means for payments: they are settled, or ended in vain.
#[must_use]
pub fn follow(state: &State, event: &settlement::Event, at: Moment) -> Vec<Event> {
    let ended = |uetr: Uetr, reason: &str, is_expiry: bool| Event::Rejected {
        uetr,
        at,
        reason: reason.to_owned(),
        is_expiry,
        concluded: None,
        voided: None,
    };
    let uetrs = |ids: &mut dyn Iterator<Item = u128>| -> Vec<Uetr> {
        ids.filter_map(|id| waiting(state, id).map(crate::Payment::uetr)).collect()
    };
    match event {
        settlement::Event::Released { entries, .. } => uetrs(&mut entries.iter().map(|entry| entry.id))
            .into_iter()
            .map(|uetr| Event::Settled { uetr, at, deadline: at.plus(answered_within(state)) })
            .collect(),
        settlement::Event::Expired { ids, .. } => {
            uetrs(&mut ids.iter().copied()).into_iter().map(|uetr| ended(uetr, "AM04", true)).collect()
        }
        settlement::Event::Withdrawn { id } => {
            uetrs(&mut std::iter::once(*id)).into_iter().map(|uetr| ended(uetr, "DS02", false)).collect()
        }
        _ => Vec::new(),
    }
}

/// How long a creditor agent has to say that it has credited settled money before it is chased.
const fn answered_within(state: &State) -> Micros {
    state.settings.accepted_pending
}

/// The payment that waits under this id of the queue, if it is a payment's.
pub(crate) fn waiting(state: &State, id: u128) -> Option<&crate::Payment> {
    let payment = state.payments.get(&Uetr::from_bits(id))?;
    (payment.uetr().bits() == id && matches!(payment.stage, Stage::Waiting { .. })).then_some(payment)
}

/// Payments and the queue know each other: whatever waits here waits there.
///
/// # Errors
/// Which does not, in words.
pub fn check(state: &State, settlement: &settlement::State) -> Result<(), String> {
    if let Some(uetr) = state.waiting.iter().find(|uetr| settlement.waits(uetr.bits()).is_none()) {
        return Err(format!("{uetr} waits, and the queue does not know it"));
    }
    let known = settlement.waiting().filter(|entry| waiting(state, entry.id).is_some()).count();
    if known != state.waiting.len() {
        return Err(format!("{} payments wait, {known} of them in the queue", state.waiting.len()));
    }
    Ok(())
}
