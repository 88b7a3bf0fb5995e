//! Requests and their answers: the questions a card transaction is asked, in order, before money is held.

use meridian_ledger as ledger;
use meridian_terms::{Currency, Moment, Refusal};

use crate::bill::{Conversion, Numbering};
use crate::decide::{chain, scheme};
use crate::refusal::{self as no, refuse, response_to};
use crate::transaction::first_128_bits;
use crate::{
    Bill, DecidedBy, Event, FeeKey, Flow, Kind, LinkKey, Opening, Outcome, Parties, Range, RangeKey, Rate,
    RateKey, Request, Response, Scheme, SchemeId, Stage, State, Stop, Transaction, TransactionId, Unroutable,
};

/// The order of questions: known -> table -> acquirer -> stops -> route -> link -> amount -> rates -> issuer -> money.
/// What is known and what a moment mends leaves no trace; everything else declined is an event.
pub(crate) fn ask(
    state: &State,
    money: &ledger::State,
    from: &SchemeId,
    request: &Request,
    route: &Result<(SchemeId, RangeKey), Unroutable>,
    table: u64,
    at: Moment,
) -> Result<Event, Refusal> {
    let id = request.key.id();
    if let Some(earlier) = state.transactions.get(&id) {
        return Err(known(earlier, from, request));
    }
    if table != state.table_version {
        return Err(refuse(no::TABLE_STALE, format!("{table}, not {}", state.table_version)));
    }
    let decline = |refusal: Refusal, response: Response| Event::Declined {
        from: from.clone(),
        request: Box::new(request.clone()),
        at,
        response,
        refusal,
    };
    let (opening, range) = match open(state, from, request, route, at) {
        Ok(opened) => opened,
        Err(refusal) => {
            let response = response_to(&refusal);
            return Ok(decline(refusal, response));
        }
    };
    if !state.is_up(&opening.parties.issuer) {
        return Ok(match stand_in(state, money, request, opening, range, at) {
            Ok(event) => event,
            Err((refusal, response)) => decline(refusal, response),
        });
    }
    let legs = opening.bill.legs(&opening.parties, request.kind);
    match chain(money, Numbering { id, round: 0 }.hold(&legs), at) {
        Err(refusal) => Ok(decline(refuse(no::MONEY, refusal.to_string()), Response::INOPERATIVE)),
        Ok(held) => Ok(Event::Asked {
            request: Box::new(request.clone()),
            opening: Box::new(opening),
            deadline: at.plus(state.settings.answer),
            held,
        }),
    }
}

/// A request that came before: the same, still under way, something else under the same name, or reversed unseen.
pub(crate) fn known(earlier: &Transaction, from: &SchemeId, request: &Request) -> Refusal {
    match &earlier.request {
        _ if earlier.acquirer != *from => refuse(no::OTHER_CONTENT, ""),
        None => refuse(no::REVERSED_BEFORE, ""),
        Some(same) if same != request => refuse(no::OTHER_CONTENT, ""),
        Some(_) if matches!(earlier.stage, Stage::Asked { .. }) => refuse(no::IN_PROGRESS, ""),
        Some(_) => refuse(no::KNOWN, earlier.stage.word()),
    }
}

/// Everything up to the money: who, whether they may, and how much in each currency.
pub(crate) fn open<'a>(
    state: &'a State,
    from: &SchemeId,
    request: &Request,
    route: &Result<(SchemeId, RangeKey), Unroutable>,
    at: Moment,
) -> Result<(Opening, &'a Range), Refusal> {
    let acquirer = scheme(state, from)?;
    let key = &request.key;
    if !acquirer.institutions.is_empty() && !acquirer.institutions.contains(&key.institution) {
        return Err(refuse(no::WRONG_INSTITUTION, format!("{}: {}", acquirer.id, key.institution)));
    }
    if acquirer.is_suspended {
        return Err(refuse(no::SUSPENDED, acquirer.id.as_str()));
    }
    let (issuer, range) = routed(state, route)?;
    let stops = [
        Stop::Card(request.card),
        Stop::Institution(key.institution.clone()),
        Stop::Institution(range.institution.clone()),
        Stop::Acceptor(key.institution.clone(), request.acceptor.clone()),
    ];
    // Which of them is not told: outside text never carries inside detail.
    if stops.iter().any(|stop| state.stops.contains(stop)) {
        return Err(refuse(no::STOPPED, ""));
    }
    if issuer.is_suspended {
        return Err(refuse(no::SUSPENDED, issuer.id.as_str()));
    }
    if issuer.id == *from {
        return Err(refuse(no::ON_US, from.as_str()));
    }
    let link = LinkKey { acquirer: from.clone(), issuer: issuer.id.clone() };
    if !state.links.get(&link).is_some_and(|open| open.is_open(request.service, at.day())) {
        return Err(refuse(no::LINK_SHUT, format!("{link}, {:?}", request.service)));
    }
    let fits = match request.kind {
        Kind::Inquiry => request.amount.is_zero(),
        _ => request.amount.minor() > 0,
    };
    if !fits {
        return Err(refuse(no::INVALID_AMOUNT, request.amount.to_string()));
    }
    let (bill, provider) = bill(state, acquirer, issuer, range, request, link, at)?;
    let parties = Parties { acquirer: from.clone(), issuer: issuer.id.clone(), provider };
    let opening = Opening {
        at,
        day: at.day(),
        parties,
        range: range.key(),
        institution: range.institution.clone(),
        bill,
    };
    Ok((opening, range))
}

fn routed<'a>(
    state: &'a State,
    route: &Result<(SchemeId, RangeKey), Unroutable>,
) -> Result<(&'a Scheme, &'a Range), Refusal> {
    let (issuer, key) = match route {
        Ok(found) => found,
        Err(why) => {
            let row = match why {
                Unroutable::Unknown => no::UNKNOWN_CARD,
                Unroutable::Ambiguous => no::AMBIGUOUS_CARD,
                Unroutable::Expired => no::EXPIRED_RANGE,
                Unroutable::Length | Unroutable::CheckDigit => no::INVALID_CARD,
            };
            return Err(refuse(row, why.to_string()));
        }
    };
    let range = state.table.range(key, issuer).ok_or_else(|| refuse(no::UNKNOWN_CARD, key.prefix.clone()))?;
    Ok((scheme(state, issuer)?, range))
}

/// The bill, and who converts between the two settlement currencies.
fn bill(
    state: &State,
    acquirer: &Scheme,
    issuer: &Scheme,
    range: &Range,
    request: &Request,
    link: LinkKey,
    at: Moment,
) -> Result<(Bill, Option<String>), Refusal> {
    let currencies = [acquirer.currency, issuer.currency, range.billing];
    let rate = |to| rate(state, request.amount.currency(), to, at);
    let conversion = Conversion {
        acquirer: rate(currencies[0])?,
        issuer: rate(currencies[1])?,
        billing: rate(currencies[2])?,
        currencies,
    };
    let provider = if acquirer.currency == issuer.currency {
        None
    } else {
        // Where both sides convert, the issuer's provider takes its currency and pays the acquirer's.
        conversion.issuer.or(conversion.acquirer).map(|rate| rate.provider.clone())
    };
    let fees = FeeKey { link, service: request.service, kind: request.kind };
    let rule = state.fees.get(&fees).copied().unwrap_or_default();
    Ok((Bill::of(request.amount, &conversion, &rule)?, provider))
}

fn rate(state: &State, from: Currency, to: Currency, at: Moment) -> Result<Option<&Rate>, Refusal> {
    if from == to {
        return Ok(None);
    }
    let published = state.rates.get(&RateKey { from, to });
    let in_force = published.and_then(|rates| rates.iter().rev().find(|rate| rate.valid.contains(at)));
    in_force.map(Some).ok_or_else(|| refuse(no::NO_RATE, format!("{from} to {to}")))
}

/// Approves in the issuer's place, by its rules.
fn stand_in(
    state: &State,
    money: &ledger::State,
    request: &Request,
    opening: Opening,
    range: &Range,
    at: Moment,
) -> Result<Event, (Refusal, Response)> {
    let issuer = opening.parties.issuer.clone();
    let Some(rules) = &range.stand_in else {
        return Err((refuse(no::ISSUER_DOWN, issuer.as_str()), Response::INOPERATIVE));
    };
    let used = state.stood_in.get(&(at.day(), request.card)).copied().unwrap_or_default();
    rules.allows(request, opening.bill.amounts.billing, used).map_err(|response| {
        let row = if response == Response::INOPERATIVE { no::ISSUER_DOWN } else { no::STAND_IN_LIMIT };
        (refuse(row, issuer.as_str()), response)
    })?;
    let outcome = Outcome {
        response: Response::APPROVED,
        approval: approval_code(request.key.id()),
        by: DecidedBy::StandIn,
    };
    take(state, money, request, opening, outcome, at)
        .map_err(|refusal| (refuse(no::MONEY, refusal.to_string()), Response::INOPERATIVE))
}

/// Takes as approved without asking the issuer: posted in a single-message flow, held in a dual one.
pub(crate) fn take(
    state: &State,
    money: &ledger::State,
    request: &Request,
    opening: Opening,
    outcome: Outcome,
    at: Moment,
) -> Result<Event, Refusal> {
    let legs = opening.bill.legs(&opening.parties, request.kind);
    let numbering = Numbering { id: request.key.id(), round: 0 };
    let (transfers, deadline) = match request.flow {
        Flow::Single => (numbering.post(&legs), None),
        Flow::Dual => (numbering.hold(&legs), Some(at.plus(state.settings.hold))),
    };
    let money = chain(money, transfers, at)?;
    let (request, opening) = (Box::new(request.clone()), Box::new(opening));
    Ok(Event::Taken { request, opening, outcome, deadline, money })
}

/// Six characters that only look random: a repeat gets the same.
fn approval_code(id: TransactionId) -> String {
    let mut hasher = blake3::Hasher::new();
    hasher.update(b"approval");
    hasher.update(&id.0.to_be_bytes());
    format!("{:06}", first_128_bits(&hasher) % 1_000_000)
}

/// The issuer's answer. One that comes after the end is noted and changes nothing: its reversal is on the way.
pub(crate) fn answer(
    state: &State,
    money: &ledger::State,
    from: &SchemeId,
    id: TransactionId,
    response: Response,
    approval: &str,
    at: Moment,
) -> Result<Event, Refusal> {
    let transaction = find(state, id)?;
    let opening = transaction.opening.as_ref().filter(|opening| opening.parties.issuer == *from);
    let (Some(opening), Some(request)) = (opening, &transaction.request) else {
        return Err(refuse(no::NOT_YOURS, from.as_str()));
    };
    if !matches!(transaction.stage, Stage::Asked { .. }) {
        let by_issuer = transaction.outcome.as_ref().is_some_and(|outcome| outcome.by == DecidedBy::Issuer);
        return if by_issuer {
            Err(refuse(no::ALREADY_ANSWERED, transaction.stage.word()))
        } else {
            Ok(Event::AnsweredLate { id, response })
        };
    }
    let legs = transaction.legs();
    let numbering = Numbering { id, round: transaction.round };
    if !response.is_approval() {
        let voided = chain(money, numbering.void(&legs), at)?;
        return Ok(Event::Unapproved { id, at, response, is_reversed: false, by: DecidedBy::Issuer, voided });
    }
    let approval = approval.to_owned();
    if request.flow == Flow::Dual && !opening.bill.is_nothing() {
        let deadline = Some(at.plus(state.settings.hold));
        return Ok(Event::Approved { id, at, response, approval, deadline, posted: None });
    }
    match chain(money, numbering.post_hold(&legs, &legs), at) {
        Ok(posted) => Ok(Event::Approved { id, at, response, approval, deadline: None, posted }),
        // An account was frozen meanwhile. The issuer's approval does not stand, and it is told so.
        Err(_) => {
            let voided = chain(money, numbering.void(&legs), at)?;
            let (response, by) = (Response::MALFUNCTION, DecidedBy::Hub);
            Ok(Event::Unapproved { id, at, response, is_reversed: true, by, voided })
        }
    }
}

/// The request never left the hub, so there is nothing to reverse at the issuer.
pub(crate) fn undelivered(
    state: &State,
    money: &ledger::State,
    id: TransactionId,
    at: Moment,
) -> Result<Event, Refusal> {
    let transaction = find(state, id)?;
    if !matches!(transaction.stage, Stage::Asked { .. }) {
        return Err(refuse(no::ALREADY_ANSWERED, transaction.stage.word()));
    }
    let voided = chain(money, Numbering { id, round: transaction.round }.void(&transaction.legs()), at)?;
    let (response, by) = (Response::INOPERATIVE, DecidedBy::Hub);
    Ok(Event::Unapproved { id, at, response, is_reversed: false, by, voided })
}

/// A deadline has come: no answer, or no completion.
pub(crate) fn expire(
    state: &State,
    money: &ledger::State,
    id: TransactionId,
    at: Moment,
) -> Result<Event, Refusal> {
    let transaction = find(state, id)?;
    let voided = chain(money, Numbering { id, round: transaction.round }.void(&transaction.legs()), at)?;
    Ok(match transaction.stage {
        Stage::Asked { .. } => Event::TimedOut { id, at, voided },
        _ => Event::Lapsed { id, at, voided },
    })
}

pub(crate) fn find(state: &State, id: TransactionId) -> Result<&Transaction, Refusal> {
    state.transactions.get(&id).ok_or_else(|| refuse(no::UNKNOWN_TRANSACTION, format!("{:032x}", id.0)))
}
