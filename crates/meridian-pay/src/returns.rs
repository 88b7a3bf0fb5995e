//! After the fact: recalls (camt.056, camt.029) and returns (pacs.004).

use meridian_ledger as ledger;
use meridian_terms::{Bic, Moment, Refusal, Uetr};

use crate::answers::{legs, reject};
use crate::caps::given_back;
use crate::decide::{find, within_caps};
use crate::refusal::{self as no, refuse};
use crate::{Event, Fault, RecallAnswer, Return, Stage, State};

/// What waits for cover is taken back at once; what is committed its creditor agent is asked for.
pub(crate) fn recall(
    state: &State,
    money: &ledger::State,
    uetr: Uetr,
    by: &Bic,
    reason: &str,
    at: Moment,
) -> Result<Event, Refusal> {
    let payment = find(state, uetr)?;
    if *by != payment.instruction.debtor_agent {
        return Err(refuse(no::NOT_YOURS, uetr.to_string()));
    }
    if matches!(payment.stage, Stage::Waiting { .. }) {
        return reject(money, payment, "DS02", false, None, at);
    }
    if !matches!(payment.stage, Stage::Committed { .. }) {
        return Err(refuse(no::WRONG_STAGE, payment.stage.word()));
    }
    let deadline = at.plus(state.settings.recall_deadline);
    Ok(Event::Recalled { uetr, at, deadline, reason: reason.to_owned() })
}

pub(crate) fn refuse_recall(state: &State, answer: &RecallAnswer, at: Moment) -> Result<Event, Refusal> {
    let payment = find(state, answer.uetr)?;
    if answer.by != payment.instruction.creditor_agent {
        return Err(refuse(no::NOT_YOURS, answer.uetr.to_string()));
    }
    if !matches!(payment.stage, Stage::Recalled { .. }) {
        return Err(refuse(no::WRONG_STAGE, payment.stage.word()));
    }
    Ok(Event::RecallRefused { uetr: answer.uetr, at, reason: answer.reason.clone() })
}

/// The side at fault bears the exchange risk: at the source's fault exactly the target amount goes back and the
/// source gets what that buys today; at the destination's fault exactly the source amount comes back and the
/// destination pays what that costs today. Without a quote it goes at the original rate, which the provider must have
/// agreed to take back.
pub(crate) fn give_back(
    state: &State,
    money: &ledger::State,
    way_back: &Return,
    at: Moment,
) -> Result<Event, Refusal> {
    let payment = find(state, way_back.uetr)?;
    let instruction = &payment.instruction;
    if way_back.by != instruction.creditor_agent {
        return Err(refuse(no::NOT_YOURS, way_back.uetr.to_string()));
    }
    if !matches!(
        payment.stage,
        Stage::Committed { .. }
            | Stage::Settled { .. }
            | Stage::AcceptedPending { .. }
            | Stage::Recalled { .. }
    ) {
        return Err(refuse(no::WRONG_STAGE, payment.stage.word()));
    }
    let (mut source, mut target) = (instruction.source, instruction.target);
    let provider = legs(payment).provider.as_ref();
    match (way_back.quote, provider) {
        (None, Some(provider)) if !state.reversals.contains(provider) => {
            return Err(refuse(no::REVERSAL_NOT_AGREED, provider.as_str()));
        }
        (None, _) => {}
        (Some(id), _) => {
            let quote = state.quotes.get(&id).ok_or_else(|| refuse(no::QUOTE_UNKNOWN, id.to_string()))?;
            if quote.is_used {
                return Err(refuse(no::QUOTE_USED, id.to_string()));
            }
            if quote.expires <= at {
                return Err(refuse(no::QUOTE_EXPIRED, quote.expires.to_string()));
            }
            let is_for_this = quote.agent == way_back.by
                && quote.source.currency() == target.currency()
                && quote.target.currency() == source.currency()
                && provider == Some(&quote.provider);
            let keeps_its_side = match way_back.fault {
                Fault::Source => quote.source == target,
                Fault::Destination => quote.target == source,
            };
            if !is_for_this || !keeps_its_side {
                return Err(refuse(no::QUOTE_MISMATCH, format!("{} for {}", quote.source, quote.target)));
            }
            (source, target) = (quote.target, quote.source);
        }
    }
    within_caps(state, &given_back(legs(payment), source, target))?;
    let chain = legs(payment).returned(way_back.uetr, source, target);
    let posted = ledger::decide(money, &ledger::Command::Transfer(chain), at)?;
    let (uetr, reason, quote) = (way_back.uetr, way_back.reason.clone(), way_back.quote);
    Ok(Event::Returned { uetr, at, reason, source, target, quote, posted })
}
