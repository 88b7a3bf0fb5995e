//! What has happened becomes state. Cannot fail: everything was decided before.

use meridian_ledger as ledger;
use meridian_terms::{Currency, Day, Moment, Money};

use crate::state::{Due, Exception, Reconciliation};
use crate::{
    Activity, AdviceKind, Bill, DecidedBy, Event, Flow, Kind, Opening, Outcome, Parties, Request, Response,
    Role, SchemeId, Stage, State, Totals, Transaction, TransactionId,
};

/// Applies an event to cards and, with it, to the ledger.
///
/// # Panics
/// When the event could not have been decided on this state: a broken invariant of our own.
pub fn apply(state: &mut State, money: &mut ledger::State, event: &Event) {
    match event {
        Event::Configured(settings) => state.settings = *settings,
        Event::Admitted(scheme, accounts) => {
            accounts.iter().for_each(|event| ledger::apply(money, event));
            state.queues.entry(scheme.id.clone()).or_default();
            state.schemes.insert(scheme.id.clone(), (**scheme).clone());
        }
        Event::ProviderAdmitted(provider, accounts) => {
            accounts.iter().for_each(|event| ledger::apply(money, event));
            state.providers.insert(provider.clone());
        }
        Event::Funded(_, posted) => ledger::apply(money, posted),
        Event::LinkProposed(key, link) => {
            state.links.insert(key.clone(), link.clone());
        }
        Event::LinkOpened(key, by) => {
            if let Some(link) = state.links.get_mut(key) {
                link.approved_by = Some(by.clone());
            }
        }
        Event::LinkShut(key, by) => {
            if let Some(link) = state.links.get_mut(key) {
                link.shut_by = Some(by.clone());
            }
        }
        Event::TableInForce(table) => {
            state.table = (**table).clone();
            state.table_version += 1;
        }
        Event::RatePublished(key, rate) => state.rates.entry(*key).or_default().push(rate.clone()),
        Event::FeesSet(key, rule) => {
            state.fees.insert(key.clone(), *rule);
        }
        Event::StopSet(stop, true) => {
            state.stops.insert(stop.clone());
        }
        Event::StopSet(stop, false) => {
            state.stops.remove(stop);
        }
        Event::SessionSet(scheme, true) => {
            state.sessions.insert(scheme.clone());
        }
        Event::SessionSet(scheme, false) => {
            state.sessions.remove(scheme);
        }
        Event::Asked { request, opening, deadline, held } => {
            carry(money, held.as_ref());
            opened(state, request, opening, None, Stage::Asked { deadline: *deadline });
        }
        Event::Declined { from, request, at, response, .. } => {
            let outcome = Outcome { response: *response, approval: String::new(), by: DecidedBy::Hub };
            let transaction = Transaction {
                acquirer: from.clone(),
                request: Some((**request).clone()),
                outcome: Some(outcome),
                ..unopened(from, *at, Stage::Declined)
            };
            state.ends.insert((*at, request.key.id()));
            state.transactions.insert(request.key.id(), transaction);
        }
        Event::Taken { request, opening, outcome, deadline, money: moved } => {
            carry(money, moved.as_ref());
            taken(state, request, opening, outcome, *deadline);
        }
        Event::Approved { id, at, response, approval, deadline, posted } => {
            carry(money, posted.as_ref());
            let outcome = Outcome { response: *response, approval: approval.clone(), by: DecidedBy::Issuer };
            let Some((request, opening)) = carried(state, *id) else { return };
            for role in [Role::Acquirer, Role::Issuer] {
                count(state, role, &opening.parties, opening.day, &request, &opening.bill);
            }
            match deadline {
                Some(deadline) => move_to(state, *id, *at, Stage::Held { deadline: *deadline }),
                None => {
                    act(state, &opening.parties, request.kind, at.day(), &opening.bill, 1);
                    move_to(state, *id, *at, Stage::Posted);
                }
            }
            answer(state, *id, outcome);
        }
        Event::Unapproved { id, at, response, is_reversed, by, voided } => {
            carry(money, voided.as_ref());
            if *is_reversed {
                queue_reversal(state, *id, *at, None, true);
            }
            move_to(state, *id, *at, Stage::Declined);
            answer(state, *id, Outcome { response: *response, approval: String::new(), by: *by });
        }
        Event::TimedOut { id, at, voided } => {
            carry(money, voided.as_ref());
            queue_reversal(state, *id, *at, None, true);
            move_to(state, *id, *at, Stage::TimedOut);
            let outcome =
                Outcome { response: Response::INOPERATIVE, approval: String::new(), by: DecidedBy::Hub };
            answer(state, *id, outcome);
        }
        // Its reversal is on the way, or it was declined; the answer changes nothing.
        Event::AnsweredLate { .. } => {}
        Event::Reversed { id, at, remaining, money: moved } => {
            moved.iter().for_each(|event| ledger::apply(money, event));
            reversed(state, *id, *at, remaining.as_deref());
        }
        Event::ReversedUnseen { from, key, at } => {
            state.ends.insert((*at, key.id()));
            state.transactions.insert(key.id(), unopened(from, *at, Stage::Reversed));
        }
        Event::Completed { id, at, bill, posted } => {
            carry(money, posted.as_ref());
            completed(state, *id, *at, bill);
            let Some((request, opening)) = carried(state, *id) else { return };
            count_money(state, Role::Acquirer, &opening.parties, at.day(), request.kind, bill, false);
            let issuer = opening.parties.issuer;
            state.queues.entry(issuer).or_default().put(*id, AdviceKind::Completed, **bill, *at);
        }
        Event::Lapsed { id, at, voided } => {
            carry(money, voided.as_ref());
            move_to(state, *id, *at, Stage::Lapsed);
        }
        Event::AdviceAcknowledged { by, number, response, at } => {
            acknowledged(state, by, *number, *response, *at);
        }
        Event::Presented { id, record, at, bill, posted } => {
            carry(money, posted.as_ref());
            if let Some(bill) = bill {
                completed(state, *id, *at, bill);
            }
            if let Some(transaction) = state.transactions.get_mut(id) {
                transaction.cleared_in = Some(record.clone());
            }
        }
        Event::PresentmentKept { from, record, at, id, refusal } => {
            let what = format!("{} line {}: {refusal}", record.0, record.1);
            let exception = Exception { at: *at, scheme: from.clone(), transaction: *id, what };
            state.exceptions.push(exception);
        }
        Event::Reconciled { scheme, role, day, at, ours, theirs } => {
            let reconciliation = Reconciliation { at: *at, ours: **ours, theirs: **theirs };
            state.reconciliations.insert((scheme.clone(), *role, *day), reconciliation);
        }
        Event::Settled { window, at, moved, posted } => {
            carry(money, posted.as_ref());
            state.windows.insert(*window);
            for (name, currency, minor) in moved {
                activity(state, name, *currency, at.day()).settled += minor;
            }
        }
        Event::Disputed { dispute, at, moved, posted } => {
            carry(money, posted.as_ref());
            disputed(state, dispute, *at, *moved);
        }
        Event::Forgotten(gone) => {
            for (since, id) in gone {
                state.ends.remove(&(*since, *id));
                state.transactions.remove(id);
                state.disputes.remove(id);
                state.stood_in = state.stood_in.split_off(&(since.day(), lowest_card()));
            }
        }
        Event::Idle => {}
    }
}

const fn lowest_card() -> crate::Card {
    crate::Card { token: [0; 16], last_four: [0; 4] }
}

fn carry(money: &mut ledger::State, event: Option<&ledger::Event>) {
    if let Some(event) = event {
        ledger::apply(money, event);
    }
}

fn unopened(from: &SchemeId, at: Moment, stage: Stage) -> Transaction {
    Transaction {
        acquirer: from.clone(),
        request: None,
        opening: None,
        stage,
        outcome: None,
        bill: None,
        round: 0,
        posted_on: None,
        at,
        cleared_in: None,
        is_disputed: false,
    }
}

fn opened(state: &mut State, request: &Request, opening: &Opening, outcome: Option<Outcome>, stage: Stage) {
    let id = request.key.id();
    let transaction = Transaction {
        request: Some(request.clone()),
        bill: Some(opening.bill),
        opening: Some(opening.clone()),
        outcome,
        ..unopened(&opening.parties.acquirer, opening.at, stage)
    };
    state.transactions.insert(id, transaction);
    match stage.deadline() {
        Some(deadline) => drop(state.deadlines.insert((deadline, Due::Transaction(id)))),
        None => drop(state.ends.insert((opening.at, id))),
    }
}

fn taken(
    state: &mut State,
    request: &Request,
    opening: &Opening,
    outcome: &Outcome,
    deadline: Option<Moment>,
) {
    let stage = deadline.map_or(Stage::Posted, |deadline| Stage::Held { deadline });
    opened(state, request, opening, Some(outcome.clone()), stage);
    let id = request.key.id();
    count(state, Role::Acquirer, &opening.parties, opening.day, request, &opening.bill);
    if deadline.is_none() {
        act(state, &opening.parties, request.kind, opening.at.day(), &opening.bill, 1);
        if let Some(transaction) = state.transactions.get_mut(&id) {
            transaction.posted_on = Some(opening.at.day());
        }
    }
    if outcome.by == DecidedBy::StandIn {
        let used = state.stood_in.entry((opening.day, request.card)).or_default();
        used.count += 1;
        used.amount += opening.bill.amounts.billing.minor();
    }
    let issuer = opening.parties.issuer.clone();
    state.queues.entry(issuer).or_default().put(id, AdviceKind::Approved, opening.bill, opening.at);
}

fn carried(state: &State, id: TransactionId) -> Option<(Request, Opening)> {
    let transaction = state.transactions.get(&id)?;
    Some((transaction.request.clone()?, transaction.opening.clone()?))
}

fn answer(state: &mut State, id: TransactionId, outcome: Outcome) {
    if let Some(transaction) = state.transactions.get_mut(&id) {
        transaction.outcome = Some(outcome);
    }
}

/// A new stage, the timer that goes with it, and from when an ended transaction is remembered.
fn move_to(state: &mut State, id: TransactionId, at: Moment, stage: Stage) {
    let Some(transaction) = state.transactions.get_mut(&id) else { return };
    match transaction.stage.deadline() {
        Some(old) => drop(state.deadlines.remove(&(old, Due::Transaction(id)))),
        None => drop(state.ends.remove(&(transaction.at, id))),
    }
    match stage.deadline() {
        Some(new) => drop(state.deadlines.insert((new, Due::Transaction(id)))),
        None => drop(state.ends.insert((at, id))),
    }
    if stage == Stage::Posted && transaction.posted_on.is_none() {
        transaction.posted_on = Some(at.day());
    }
    (transaction.stage, transaction.at) = (stage, at);
}

fn completed(state: &mut State, id: TransactionId, at: Moment, bill: &Bill) {
    let Some((request, opening)) = carried(state, id) else { return };
    act(state, &opening.parties, request.kind, at.day(), bill, 1);
    if let Some(transaction) = state.transactions.get_mut(&id) {
        transaction.bill = Some(*bill);
    }
    move_to(state, id, at, Stage::Posted);
}

fn reversed(state: &mut State, id: TransactionId, at: Moment, remaining: Option<&Bill>) {
    let Some((request, opening)) = carried(state, id) else { return };
    let Some(transaction) = state.transactions.get(&id) else { return };
    let (stage, before) = (transaction.stage, transaction.bill.unwrap_or(opening.bill));
    let is_unanswered = matches!(stage, Stage::Asked { .. });
    if is_unanswered {
        // Answered 00, so that the acquirer counts the original and its reversal.
        count(state, Role::Acquirer, &opening.parties, opening.day, &request, &before);
    }
    let back = difference(&before, remaining);
    let was_posted = stage == Stage::Posted || (is_unanswered && request.flow == Flow::Single);
    if was_posted {
        count_money(state, Role::Acquirer, &opening.parties, at.day(), request.kind, &back, true);
    }
    queue_reversal(state, id, at, remaining.copied(), is_unanswered);
    if stage == Stage::Posted {
        act(state, &opening.parties, request.kind, at.day(), &back, -1);
    }
    if let Some(transaction) = state.transactions.get_mut(&id) {
        transaction.round = transaction.round.saturating_add(1);
        if let Some(remaining) = remaining {
            transaction.bill = Some(*remaining);
        }
    }
    if remaining.is_none() {
        move_to(state, id, at, Stage::Reversed);
    }
}

/// What is given back when only `remaining` still stands.
fn difference(before: &Bill, remaining: Option<&Bill>) -> Bill {
    let Some(remaining) = remaining else { return *before };
    let less = |of: Money, by: Money| Money::new(of.minor() - by.minor(), of.currency());
    let mut back = *before;
    let (amounts, kept) = (&mut back.amounts, &remaining.amounts);
    amounts.transaction = less(amounts.transaction, kept.transaction);
    amounts.acquirer = less(amounts.acquirer, kept.acquirer);
    amounts.issuer = less(amounts.issuer, kept.issuer);
    amounts.billing = less(amounts.billing, kept.billing);
    let (fees, kept) = (&mut back.fees, &remaining.fees);
    fees.interchange = less(fees.interchange, kept.interchange);
    fees.interchange_issuer = less(fees.interchange_issuer, kept.interchange_issuer);
    fees.acquirer = less(fees.acquirer, kept.acquirer);
    fees.issuer = less(fees.issuer, kept.issuer);
    back
}

fn queue_reversal(
    state: &mut State,
    id: TransactionId,
    at: Moment,
    remaining: Option<Bill>,
    is_unanswered: bool,
) {
    let Some((request, opening)) = carried(state, id) else { return };
    let Some(transaction) = state.transactions.get(&id) else { return };
    let back = difference(&transaction.bill.unwrap_or(opening.bill), remaining.as_ref());
    let was_posted = transaction.stage == Stage::Posted || (is_unanswered && request.flow == Flow::Single);
    let remaining = remaining.map(Box::new);
    let kind = AdviceKind::Reversal { remaining, is_unanswered, was_posted };
    state.queues.entry(opening.parties.issuer).or_default().put(id, kind, back, at);
}

fn acknowledged(state: &mut State, by: &SchemeId, number: u64, response: Response, at: Moment) {
    let taken = state.queues.get_mut(by).and_then(|queue| queue.waiting.remove(&number));
    let Some(advice) = taken else { return };
    let id = advice.transaction;
    let Some((request, opening)) = carried(state, id) else { return };
    let parties = &opening.parties;
    let is_taken = response.is_approval();
    match &advice.kind {
        AdviceKind::Approved => count(state, Role::Issuer, parties, opening.day, &request, &advice.bill),
        AdviceKind::Completed => {
            count_money(state, Role::Issuer, parties, advice.day, request.kind, &advice.bill, false);
        }
        AdviceKind::Reversal { is_unanswered, was_posted, .. } if is_taken => {
            if *is_unanswered {
                count(state, Role::Issuer, parties, opening.day, &request, &opening.bill);
            }
            if *was_posted {
                count_money(state, Role::Issuer, parties, advice.day, request.kind, &advice.bill, true);
            }
        }
        // What the issuer never saw it need not back out.
        AdviceKind::Reversal { is_unanswered: true, .. } => return,
        AdviceKind::Reversal { .. } => {}
    }
    if !is_taken {
        let what = format!("advice {number} was answered {response}");
        state.exceptions.push(Exception { at, scheme: by.clone(), transaction: id, what });
    }
}

fn disputed(state: &mut State, dispute: &crate::Dispute, at: Moment, moved: (i128, i128)) {
    let id = dispute.transaction;
    let Some((_, opening)) = carried(state, id) else { return };
    let (a, b) = (opening.bill.amounts.acquirer.currency(), opening.bill.amounts.issuer.currency());
    activity(state, opening.parties.acquirer.as_str(), a, at.day()).disputes += moved.0;
    activity(state, opening.parties.issuer.as_str(), b, at.day()).disputes += moved.1;
    let amounts = &dispute.bill.amounts;
    if let Some(provider) = &opening.parties.provider {
        // The provider's two sides mirror the amounts; fees do not pass through it.
        let sign = match moved {
            (acquirer, issuer) if acquirer >= amounts.acquirer.minor() && issuer < 0 => 1,
            (acquirer, issuer) if acquirer < 0 && issuer >= amounts.issuer.minor() => -1,
            _ => 0,
        };
        activity(state, provider, a, at.day()).disputes -= sign * amounts.acquirer.minor();
        activity(state, provider, b, at.day()).disputes += sign * amounts.issuer.minor();
    }
    if let Some(old) = state.disputes.get(&id).and_then(|old| old.stage.deadline()) {
        state.deadlines.remove(&(old.0, Due::Dispute(id)));
    }
    if let Some((deadline, _)) = dispute.stage.deadline() {
        state.deadlines.insert((deadline, Due::Dispute(id)));
    }
    if let Some(transaction) = state.transactions.get_mut(&id) {
        transaction.is_disputed = true;
    }
    state.disputes.insert(id, dispute.clone());
}

/// An approved request, counted for what it is.
fn count(state: &mut State, role: Role, parties: &Parties, day: Day, request: &Request, bill: &Bill) {
    match (request.kind, request.flow) {
        (Kind::Inquiry, _) => totals(state, role, parties, day).inquiries += 1,
        (_, Flow::Dual) => totals(state, role, parties, day).authorisations += 1,
        (kind, Flow::Single) => count_money(state, role, parties, day, kind, bill, false),
    }
}

fn count_money(
    state: &mut State,
    role: Role,
    parties: &Parties,
    day: Day,
    kind: Kind,
    bill: &Bill,
    is_reversal: bool,
) {
    let amount = match role {
        Role::Acquirer => bill.amounts.acquirer,
        Role::Issuer => bill.amounts.issuer,
    };
    let totals = totals(state, role, parties, day);
    let tally = match (kind, is_reversal) {
        // An inquiry moves no money, reversed or not.
        (Kind::Inquiry, _) => return,
        (Kind::Refund, false) => &mut totals.credits,
        (Kind::Refund, true) => &mut totals.credit_reversals,
        (_, false) => &mut totals.debits,
        (_, true) => &mut totals.debit_reversals,
    };
    tally.add(amount.minor());
}

fn totals<'a>(state: &'a mut State, role: Role, parties: &Parties, day: Day) -> &'a mut Totals {
    let scheme = match role {
        Role::Acquirer => &parties.acquirer,
        Role::Issuer => &parties.issuer,
    };
    state.totals.entry((scheme.clone(), role, day)).or_default()
}

fn activity<'a>(state: &'a mut State, name: &str, currency: Currency, day: Day) -> &'a mut Activity {
    state.activity.entry((name.to_owned(), currency, day)).or_default()
}

/// What a bill's posting (`factor` 1) or its giving back (-1) did to the positions of all three.
fn act(state: &mut State, parties: &Parties, kind: Kind, day: Day, bill: &Bill, factor: i128) {
    let (amounts, fees) = (&bill.amounts, &bill.fees);
    let (a, b) = (amounts.acquirer.currency(), amounts.issuer.currency());
    let principal = if kind.is_credit() { -factor } else { factor };
    let interchange = if fees.to_acquirer { factor } else { -factor };
    let acquirer = activity(state, parties.acquirer.as_str(), a, day);
    acquirer.principal += principal * amounts.acquirer.minor();
    acquirer.interchange += interchange * fees.interchange.minor();
    acquirer.scheme_fees -= factor * fees.acquirer.minor();
    let issuer = activity(state, parties.issuer.as_str(), b, day);
    issuer.principal -= principal * amounts.issuer.minor();
    issuer.interchange -= interchange * fees.interchange_issuer.minor();
    issuer.scheme_fees -= factor * fees.issuer.minor();
    if let Some(provider) = &parties.provider {
        let at_acquirer = activity(state, provider, a, day);
        at_acquirer.principal -= principal * amounts.acquirer.minor();
        at_acquirer.interchange -= interchange * fees.interchange.minor();
        let at_issuer = activity(state, provider, b, day);
        at_issuer.principal += principal * amounts.issuer.minor();
        at_issuer.interchange += interchange * fees.interchange_issuer.minor();
    }
}
