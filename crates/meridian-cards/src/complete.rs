//! What comes after an approval: completion, reversal, clearing.

use meridian_ledger as ledger;
use meridian_terms::{Moment, Money, Refusal};

use crate::authorise::{find, known, open, take};
use crate::bill::Numbering;
use crate::clearing::Presentment;
use crate::decide::{chain, scheme};
use crate::refusal::{self as no, refuse, response_to};
use crate::{
    DecidedBy, Event, Key, Outcome, RangeKey, Request, Response, SchemeId, Stage, State, Transaction,
    TransactionId, Unroutable,
};

/// An acquirer's advice.
pub(crate) struct Advised<'a> {
    pub(crate) from: &'a SchemeId,
    pub(crate) request: &'a Request,
    pub(crate) original: Option<&'a Key>,
    pub(crate) approval: &'a str,
}

/// An advice tells what has happened already: it completes what was held, or stands alone (approved by the acquirer's
/// own stand-in or by the chip offline) and is taken if the hub would have carried it.
pub(crate) fn advise(
    state: &State,
    money: &ledger::State,
    advice: &Advised<'_>,
    route: &Result<(SchemeId, RangeKey), Unroutable>,
    table: u64,
    at: Moment,
) -> Result<Event, Refusal> {
    let Advised { from, request, original, approval } = advice;
    if let Some(original) = original {
        return complete(state, money, from, original.id(), request.amount, at);
    }
    if let Some(earlier) = state.transactions.get(&request.key.id()) {
        return Err(known(earlier, from, request));
    }
    if table != state.table_version {
        return Err(refuse(no::TABLE_STALE, format!("{table}, not {}", state.table_version)));
    }
    let decline = |refusal: Refusal, response: Response| Event::Declined {
        from: (*from).clone(),
        request: Box::new((*request).clone()),
        at,
        response,
        refusal,
    };
    let opening = match open(state, from, request, route, at) {
        Ok((opening, _)) => opening,
        Err(refusal) => {
            let response = response_to(&refusal);
            return Ok(decline(refusal, response));
        }
    };
    let outcome =
        Outcome { response: Response::APPROVED, approval: (*approval).to_owned(), by: DecidedBy::Acquirer };
    take(state, money, request, opening, outcome, at)
        .or_else(|refusal| Ok(decline(refuse(no::MONEY, refusal.to_string()), Response::INOPERATIVE)))
}

fn complete(
    state: &State,
    money: &ledger::State,
    from: &SchemeId,
    id: TransactionId,
    amount: Money,
    at: Moment,
) -> Result<Event, Refusal> {
    let transaction = of_acquirer(state, from, id)?;
    let Some(bill) = &transaction.bill else {
        return Err(refuse(no::NOT_HELD, transaction.stage.word()));
    };
    match transaction.stage {
        Stage::Held { .. } => {}
        Stage::Asked { .. } => return Err(refuse(no::IN_PROGRESS, "")),
        Stage::Posted if bill.amounts.transaction == amount => {
            return Err(refuse(no::KNOWN, transaction.stage.word()));
        }
        _ => return Err(refuse(no::NOT_HELD, transaction.stage.word())),
    }
    let held = bill.amounts.transaction;
    if amount.currency() != held.currency() || amount.minor() <= 0 {
        return Err(refuse(no::INVALID_AMOUNT, amount.to_string()));
    }
    if amount.minor() > held.minor() {
        return Err(refuse(no::OVER_AMOUNT, format!("{amount} of {held}")));
    }
    let due = bill.scaled(amount);
    let posted = post(money, id, transaction, &due, at)?;
    Ok(Event::Completed { id, at, bill: Box::new(due), posted })
}

/// Posts what a held transaction reserved, as far as it is due.
fn post(
    money: &ledger::State,
    id: TransactionId,
    transaction: &Transaction,
    due: &crate::Bill,
    at: Moment,
) -> Result<Option<ledger::Event>, Refusal> {
    let due = legs_of(transaction, due);
    chain(money, Numbering { id, round: transaction.round }.post_hold(&transaction.legs(), &due), at)
}

fn legs_of(transaction: &Transaction, bill: &crate::Bill) -> Vec<crate::Leg> {
    let with = Transaction { bill: Some(*bill), ..transaction.clone() };
    with.legs()
}

/// Backs out a transaction, all of it or down to what still stands. The issuer is told by an advice; the acquirer has
/// its answer at once.
pub(crate) fn reverse(
    state: &State,
    money: &ledger::State,
    from: &SchemeId,
    original: &Key,
    remaining: Option<Money>,
    at: Moment,
) -> Result<Event, Refusal> {
    scheme(state, from)?;
    let id = original.id();
    let Some(transaction) = state.transactions.get(&id) else {
        return Ok(Event::ReversedUnseen { from: from.clone(), key: original.clone(), at });
    };
    if transaction.acquirer != *from {
        return Err(refuse(no::NOT_YOURS, from.as_str()));
    }
    let Some(bill) = transaction.bill.as_ref().filter(|_| transaction.opening.is_some()) else {
        let row =
            if transaction.request.is_none() { no::UNKNOWN_TRANSACTION } else { no::NOTHING_TO_REVERSE };
        return Err(refuse(row, transaction.stage.word()));
    };
    match transaction.stage {
        Stage::Reversed => return Err(refuse(no::ALREADY_REVERSED, "")),
        Stage::Declined | Stage::TimedOut | Stage::Lapsed => {
            return Err(refuse(no::NOTHING_TO_REVERSE, transaction.stage.word()));
        }
        Stage::Posted if transaction.is_disputed => {
            return Err(refuse(no::NOTHING_TO_REVERSE, "it is disputed"));
        }
        Stage::Asked { .. } | Stage::Held { .. } | Stage::Posted => {}
    }
    let stands = bill.amounts.transaction;
    let due = match remaining.filter(|remaining| !remaining.is_zero()) {
        None => None,
        Some(remaining) if remaining == stands => return Err(refuse(no::ALREADY_REVERSED, "")),
        Some(remaining)
            if remaining.currency() != stands.currency()
                || remaining.is_negative()
                || remaining.minor() > stands.minor() =>
        {
            return Err(refuse(no::INVALID_AMOUNT, format!("{remaining} of {stands}")));
        }
        Some(_) if matches!(transaction.stage, Stage::Asked { .. }) => {
            return Err(refuse(no::IN_PROGRESS, ""));
        }
        Some(remaining) => Some(bill.scaled(remaining)),
    };
    let now = transaction.legs();
    let (held, next) = (
        Numbering { id, round: transaction.round },
        Numbering { id, round: transaction.round.saturating_add(1) },
    );
    let then = due.as_ref().map(|due| legs_of(transaction, due));
    let transfers = match (&transaction.stage, &then) {
        (Stage::Posted, then) => {
            let zero = legs_of(transaction, &bill.scaled(Money::zero(stands.currency())));
            next.give_back(&now, then.as_ref().unwrap_or(&zero))
        }
        (_, None) => held.void(&now),
        (_, Some(then)) => {
            let mut anew = held.void(&now);
            anew.extend(next.hold(then));
            anew
        }
    };
    let money = chain(money, transfers, at)?.into_iter().collect();
    Ok(Event::Reversed { id, at, remaining: due.map(Box::new), money })
}

/// Matches a clearing record to its authorisation. What does not match is kept for a person to look at.
pub(crate) fn present(
    state: &State,
    money: &ledger::State,
    from: &SchemeId,
    record: (String, u32),
    presentment: &Presentment,
    at: Moment,
) -> Result<Event, Refusal> {
    scheme(state, from)?;
    let id = presentment.key.id();
    let keep = |refusal: Refusal| Event::PresentmentKept {
        from: from.clone(),
        record: record.clone(),
        at,
        id,
        refusal,
    };
    let transaction = match of_acquirer(state, from, id) {
        Ok(transaction) => transaction,
        Err(refusal) => return Ok(keep(refusal)),
    };
    if transaction.cleared_in.as_ref() == Some(&record) {
        return Err(refuse(no::PRESENTED_BEFORE, format!("{} line {}", record.0, record.1)));
    }
    match matched(transaction, presentment) {
        Err(refusal) => Ok(keep(refusal)),
        Ok(None) => Ok(Event::Presented { id, record, at, bill: None, posted: None }),
        Ok(Some(due)) => match post(money, id, transaction, &due, at) {
            Ok(posted) => Ok(Event::Presented { id, record, at, bill: Some(Box::new(due)), posted }),
            Err(refusal) => Ok(keep(refuse(no::MONEY, refusal.to_string()))),
        },
    }
}

/// What is to be posted for a record; nothing where an online message has posted the same already.
fn matched(transaction: &Transaction, record: &Presentment) -> Result<Option<crate::Bill>, Refusal> {
    let (Some(bill), Some(request)) = (&transaction.bill, &transaction.request) else {
        return Err(refuse(no::NOT_HELD, transaction.stage.word()));
    };
    if let Some((file, line)) = &transaction.cleared_in {
        return Err(refuse(no::PRESENTED_BEFORE, format!("in {file} line {line}")));
    }
    let approval = transaction.outcome.as_ref().map_or("", |outcome| outcome.approval.as_str());
    let is_same = request.card.last_four == record.last_four && request.kind == record.kind;
    if approval != record.approval || !is_same {
        return Err(refuse(no::APPROVAL_DIFFERS, record.approval.clone()));
    }
    let stands = bill.amounts.transaction;
    if record.amount.currency() != stands.currency() || record.amount.minor() <= 0 {
        return Err(refuse(no::INVALID_AMOUNT, format!("{}, not {stands}", record.amount)));
    }
    match transaction.stage {
        Stage::Held { .. } if record.amount.minor() > stands.minor() => {
            Err(refuse(no::OVER_AMOUNT, format!("{} of {stands}", record.amount)))
        }
        Stage::Held { .. } => Ok(Some(bill.scaled(record.amount))),
        Stage::Posted if record.amount == stands => Ok(None),
        Stage::Posted => Err(refuse(no::INVALID_AMOUNT, format!("{}, not {stands}", record.amount))),
        _ => Err(refuse(no::NOT_HELD, transaction.stage.word())),
    }
}

fn of_acquirer<'a>(state: &'a State, from: &SchemeId, id: TransactionId) -> Result<&'a Transaction, Refusal> {
    let transaction = find(state, id)?;
    if transaction.acquirer != *from {
        return Err(refuse(no::NOT_YOURS, from.as_str()));
    }
    Ok(transaction)
}
