//! The creditor agent's answer, and what takes its place: a new screening, two operators, the hub's own no.

use meridian_ledger as ledger;
use meridian_terms::{Moment, Refusal, Uetr};

use crate::decide::{cleared, find};
use crate::refusal::{self as no, refuse};
use crate::{
    Answer, AnswerStatus, Clearance, Conclusion, Event, Legs, LinkKey, Payment, Priority, Stage, State,
};

/// A payment in flight was screened again under the list now in force.
pub(crate) fn rescreen(
    state: &State,
    money: &ledger::State,
    uetr: Uetr,
    clearance: &Clearance,
    at: Moment,
) -> Result<Event, Refusal> {
    let payment = find(state, uetr)?;
    if !payment.stage.is_undecided() {
        return Err(refuse(no::WRONG_STAGE, payment.stage.word()));
    }
    match cleared(state, clearance) {
        Ok(()) => Ok(Event::Recleared { uetr, list: clearance.list }),
        Err(refusal) if refusal.code == no::NOT_PROCESSED.0 => {
            reject(money, payment, "MS03", false, None, at)
        }
        Err(refusal) => Err(refusal),
    }
}

/// The commit point: a positive answer that came before the deadline becomes one record that posts both legs.
pub(crate) fn take_answer(
    state: &State,
    money: &ledger::State,
    answer: &Answer,
    at: Moment,
) -> Result<Event, Refusal> {
    let payment = find(state, answer.uetr)?;
    let instruction = &payment.instruction;
    if answer.by != instruction.creditor_agent {
        return Err(refuse(no::NOT_YOURS, answer.uetr.to_string()));
    }
    // A deadline that has come counts at once, whether or not the timer has noticed it yet.
    let is_past = payment.stage.deadline().is_some_and(|deadline| deadline <= at);
    let is_late = payment.stage.is_reserved()
        && is_past
        && (instruction.priority == Priority::High || unwinds(state, payment));
    match (&payment.stage, &answer.status) {
        (Stage::Sent { .. }, _) if is_late => Ok(late(answer, at)),
        (Stage::Sent { .. }, AnswerStatus::Rejected(reason)) => {
            reject(money, payment, reason, false, None, at)
        }
        (Stage::Sent { .. }, AnswerStatus::AcceptedPending) if instruction.priority == Priority::High => {
            Err(refuse(no::HIGH_FORBIDS_ACWP, answer.uetr.to_string()))
        }
        (Stage::Sent { .. }, status) => {
            if payment.cleared_under != state.list {
                return Err(refuse(no::SCREENING_STALE, answer.uetr.to_string()));
            }
            // An account frozen in the meantime: neither leg may be posted, so both are voided.
            let Ok(posted) = post(money, payment, at) else {
                return reject(money, payment, "AC06", false, None, at);
            };
            let uetr = answer.uetr;
            Ok(match status {
                AnswerStatus::AcceptedPending => {
                    let deadline = at.plus(state.settings.accepted_pending);
                    Event::AcceptedPending { uetr, at, deadline, posted }
                }
                _ => {
                    let is_blocked = *status == AnswerStatus::Blocked;
                    Event::Committed { uetr, at, is_blocked, posted: Some(posted), concluded: None }
                }
            })
        }
        (
            Stage::AcceptedPending { .. } | Stage::Settled { .. },
            AnswerStatus::Accepted | AnswerStatus::Blocked,
        ) => {
            let is_blocked = answer.status == AnswerStatus::Blocked;
            Ok(Event::Committed { uetr: answer.uetr, at, is_blocked, posted: None, concluded: None })
        }
        // Everything else changes no money: a positive after the hub's no is the agent's own loss, a negative after
        // the commitment has to come as a pacs.004.
        _ => Ok(late(answer, at)),
    }
}

fn late(answer: &Answer, at: Moment) -> Event {
    let (uetr, by, status) = (answer.uetr, answer.by.clone(), answer.status.clone());
    Event::LateAnswer { uetr, at, by, status }
}

/// Two operators decide what every chase has left undecided, on evidence: the hub never does by itself, because in
/// NORM the creditor agent may have paid out before it is confirmed.
pub(crate) fn conclude(
    state: &State,
    money: &ledger::State,
    uetr: Uetr,
    by: &[String; 2],
    is_accepted: bool,
    evidence: &str,
    at: Moment,
) -> Result<Event, Refusal> {
    let payment = find(state, uetr)?;
    if by[0] == by[1] || by.iter().any(|name| name.trim().is_empty()) || evidence.trim().is_empty() {
        return Err(refuse(no::TWO_PEOPLE, uetr.to_string()));
    }
    let concluded = Some(Conclusion { by: by.clone(), evidence: evidence.to_owned() });
    match &payment.stage {
        Stage::Sent { chases, .. }
            if payment.instruction.priority == Priority::Norm && *chases >= state.settings.norm_chases =>
        {
            if !is_accepted {
                return reject(money, payment, "AB05", true, concluded, at);
            }
            if payment.cleared_under != state.list {
                return Err(refuse(no::SCREENING_STALE, uetr.to_string()));
            }
            let posted = Some(post(money, payment, at)?);
            Ok(Event::Committed { uetr, at, is_blocked: false, posted, concluded })
        }
        Stage::Sent { .. } => Err(refuse(no::NOT_OVERDUE, uetr.to_string())),
        stage => Err(refuse(no::WRONG_STAGE, stage.word())),
    }
}

fn post(money: &ledger::State, payment: &Payment, at: Moment) -> Result<ledger::Event, Refusal> {
    let chain = legs(payment).postings(payment.uetr(), payment.attempt);
    ledger::decide(money, &ledger::Command::Transfer(chain), at)
}

/// Both legs voided, which the ledger always lets go; or, of what waits, never posted.
pub(crate) fn reject(
    money: &ledger::State,
    payment: &Payment,
    reason: &str,
    is_expiry: bool,
    concluded: Option<Conclusion>,
    at: Moment,
) -> Result<Event, Refusal> {
    let void = || {
        let chain = legs(payment).voids(payment.uetr(), payment.attempt);
        ledger::decide(money, &ledger::Command::Transfer(chain), at)
    };
    let voided = payment.stage.is_reserved().then(void).transpose()?;
    Ok(Event::Rejected { uetr: payment.uetr(), at, reason: reason.to_owned(), is_expiry, concluded, voided })
}

pub(crate) fn legs(payment: &Payment) -> &Legs {
    payment.legs.as_ref().unwrap_or_else(|| panic!("{} is reserved without legs", payment.uetr()))
}

/// Whether the payment's link was shut in such a way that what is in flight is voided.
pub(crate) fn unwinds(state: &State, payment: &Payment) -> bool {
    let country = |bic| state.participants.get(bic).map(|participant| participant.country);
    let instruction = &payment.instruction;
    match (country(&instruction.debtor_agent), country(&instruction.creditor_agent)) {
        (Some(from), Some(to)) => {
            state.links.get(&LinkKey::between(from, to)).is_some_and(crate::Link::unwinds)
        }
        _ => false,
    }
}
