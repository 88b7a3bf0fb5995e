//! What has happened becomes state. Cannot fail: everything was decided before.

use std::collections::btree_map::Entry;

use meridian_ledger as ledger;
use meridian_settlement as settlement;
use meridian_terms::{Bic, Moment, Money, Uetr};

use crate::account::{book, book_leg, forget_bookings, report};
use crate::caps::{counted, given_back, received};
use crate::{
    AnswerStatus, CapKey, Charge, Event, Instruction, Legs, Link, Notice, Payment, Queueing, Reservation,
    Resolution, ResolutionId, Stage, State,
};

/// Applies an event to payments and, with it, to settlement and the ledger.
///
/// # Panics
/// When the event could not have been decided on this state: a broken invariant of our own.
pub fn apply(
    state: &mut State,
    settlement: &mut settlement::State,
    money: &mut ledger::State,
    event: &Event,
) {
    match event {
        Event::Configured(settings) => state.settings = settings.clone(),
        Event::Admitted { participant, opened } => {
            ledger::apply(money, opened);
            state.mailboxes.entry(participant.bic.clone()).or_default();
            state.participants.insert(participant.bic.clone(), participant.clone());
        }
        Event::Suspended(bic, is_suspended) => {
            if let Some(participant) = state.participants.get_mut(bic) {
                participant.is_suspended = *is_suspended;
            }
        }
        Event::LinkProposed { key, instrument, in_force, by } => {
            let link = Link {
                instrument: instrument.clone(),
                in_force: *in_force,
                proposed_by: by.clone(),
                approved_by: None,
                shut_by: None,
                in_flight: crate::InFlight::Finish,
            };
            state.links.insert(*key, link);
        }
        Event::LinkOpened { key, by } => {
            if let Some(link) = state.links.get_mut(key) {
                link.approved_by = Some(by.clone());
            }
        }
        Event::LinkShut { key, by, at, in_flight } => shut(state, *key, by, *at, *in_flight),
        Event::ListInForce(digest) => state.list = Some(*digest),
        Event::PurposesPut(rules) => state.purposes.clone_from(rules),
        Event::FeeSet(country, currency, fee) => match fee {
            Some(fee) => drop(state.fees.insert((*country, *currency), *fee)),
            None => drop(state.fees.remove(&(*country, *currency))),
        },
        Event::CapSet { key, most, alarm_percent } => {
            let cap = state.caps.entry(key.clone()).or_default();
            (cap.most, cap.alarm_percent, cap.used_when_set) = (*most, *alarm_percent, cap.used);
        }
        Event::Funded { posted, at, reference, .. } => {
            ledger::apply(money, posted);
            book(state, money, posted, *at, None, &format!("{reference:032x}"));
        }
        Event::IntermediaryNamed { provider, currency, agent, opened } => {
            if let Some(opened) = opened {
                ledger::apply(money, opened);
            }
            state.intermediaries.insert((provider.clone(), *currency), agent.clone());
        }
        Event::ReversalAgreed(provider, agrees) => match agrees {
            true => drop(state.reversals.insert(provider.clone())),
            false => drop(state.reversals.remove(provider)),
        },
        Event::ProxyRegistered(key, proxy) => drop(state.proxies.insert(key.clone(), proxy.clone())),
        Event::ProxyWithdrawn(key) => drop(state.proxies.remove(key)),
        Event::Resolving { id, at, resolution } => {
            state.resolution_ends.insert((resolution.deadline, *id));
            tell_resolution(state, *id, *at, resolution);
            state.resolutions.insert(*id, (**resolution).clone());
        }
        Event::Resolved { id, outcome, until } => {
            if let Some(known) = state.resolutions.get_mut(id) {
                state.resolution_ends.remove(&(known.deadline, *id));
                (known.outcome, known.deadline) = (Some(outcome.clone()), *until);
                state.resolution_ends.insert((*until, *id));
                let known = known.clone();
                tell_resolution(state, *id, outcome.at, &known);
            }
        }
        Event::ResolutionTold { id, at } => {
            if let Some(known) = state.resolutions.get(id).cloned() {
                tell_resolution(state, *id, *at, &known);
            }
        }
        Event::RatePublished(key, card) => {
            state.rates.insert(key.clone(), card.clone());
        }
        Event::RateWithdrawn(key) => {
            state.rates.remove(key);
        }
        Event::Quoted { request, quotes } => {
            let key = (request.agent.clone(), request.id);
            if let Entry::Vacant(request_of) = state.quote_requests.entry(key) {
                let ids = quotes.iter().map(|quote| quote.id).collect();
                request_of.insert((request.clone(), ids));
                for quote in quotes {
                    state.quote_ends.insert((quote.expires.plus(state.settings.quote_life), quote.id));
                    state.quotes.insert(quote.id, quote.clone());
                }
            }
        }
        Event::Refused { instruction, at, refusal, attempt } => {
            let payment = Payment {
                instruction: (**instruction).clone(),
                legs: None,
                attempt: *attempt,
                earlier_messages: Vec::new(),
                fee: Money::zero(instruction.target.currency()),
                received_at: *at,
                cleared_under: None,
                stage: Stage::Refused(refusal.clone()),
                final_since: None,
                commit_number: None,
                accepted_late: None,
            };
            let uetr = remember(state, payment);
            move_to(state, uetr, *at, Stage::Refused(refusal.clone()));
            tell_status(state, uetr, *at, Side::Debtor);
        }
        Event::Reserved(reservation) => reserved(state, money, reservation),
        Event::Queued(queueing) => {
            settlement::apply(settlement, money, &queueing.queued);
            queued(state, queueing);
        }
        Event::Settled { uetr, at, deadline } => settled(state, *uetr, *at, *deadline),
        Event::Recleared { uetr, list } => {
            if let Some(payment) = state.payments.get_mut(uetr) {
                payment.cleared_under = Some(*list);
            }
        }
        Event::Resent { uetr, at } => {
            tell_status(state, *uetr, *at, Side::Debtor);
            if state.payments.get(uetr).is_some_and(|payment| payment.stage.is_reserved()) {
                ask_creditor_agent(state, *uetr, *at);
            }
        }
        Event::AcceptedPending { uetr, at, deadline, posted } => {
            commit(state, settlement, money, *uetr, *at, posted);
            move_to(state, *uetr, *at, Stage::AcceptedPending { at: *at, deadline: *deadline });
            tell_status(state, *uetr, *at, Side::Debtor);
            tell_status(state, *uetr, *at, Side::Creditor);
        }
        Event::Committed { uetr, at, is_blocked, posted, .. } => {
            let stage = if *is_blocked { Stage::Blocked { at: *at } } else { Stage::Committed { at: *at } };
            move_to(state, *uetr, *at, stage);
            tell_status(state, *uetr, *at, Side::Debtor);
            tell_status(state, *uetr, *at, Side::Creditor);
            if let Some(posted) = posted {
                commit(state, settlement, money, *uetr, *at, posted);
            }
        }
        Event::Rejected { uetr, at, reason, voided, .. } => {
            match voided {
                Some(voided) => ledger::apply(money, voided),
                // It leaves the queue, unless it was the queue that gave it up.
                None => {
                    settlement::apply(settlement, money, &settlement::Event::Withdrawn { id: uetr.bits() });
                }
            }
            use_caps(state, *uetr, *at, |state, legs| {
                counted(state, legs).into_iter().map(|(key, amount)| (key, -amount)).collect()
            });
            move_to(state, *uetr, *at, Stage::Rejected { at: *at, reason: reason.clone() });
            tell_status(state, *uetr, *at, Side::Debtor);
            // Of what waited nobody else has heard.
            if voided.is_some() {
                tell_status(state, *uetr, *at, Side::Creditor);
                tell_provider_it_is_free(state, *uetr, *at);
            }
        }
        Event::Chased { uetr, at, deadline } => chased(state, *uetr, *at, *deadline),
        Event::LateAnswer { uetr, at, status, .. } => late_answer(state, *uetr, *at, status),
        Event::Recalled { uetr, at, deadline, reason } => {
            let committed_at = match state.payments.get(uetr).map(|payment| &payment.stage) {
                Some(Stage::Committed { at }) => *at,
                _ => *at,
            };
            let stage = Stage::Recalled { committed_at, deadline: *deadline, reason: reason.clone() };
            move_to(state, *uetr, *at, stage);
            tell(state, *uetr, *at, Side::Creditor, Notice::Recall { uetr: *uetr, reason: reason.clone() });
        }
        Event::RecallRefused { uetr, at, reason } => {
            let committed_at = match state.payments.get(uetr).map(|payment| &payment.stage) {
                Some(Stage::Recalled { committed_at, .. }) => *committed_at,
                _ => *at,
            };
            move_to(state, *uetr, *at, Stage::Committed { at: committed_at });
            let notice = Notice::RecallRefused { uetr: *uetr, reason: reason.clone() };
            tell(state, *uetr, *at, Side::Debtor, notice);
        }
        Event::Returned { uetr, at, reason, source, target, quote, posted } => {
            ledger::apply(money, posted);
            if let Some(quote) = quote.and_then(|id| state.quotes.get_mut(&id)) {
                quote.is_used = true;
            }
            use_caps(state, *uetr, *at, |_, legs| given_back(legs, *source, *target));
            let legs = state.payments.get(uetr).and_then(|payment| payment.legs.as_ref());
            if let Some(legs) = legs {
                settlement.observe(&legs.way_back(*source, *target).movements(), *at);
            }
            move_to(state, *uetr, *at, Stage::Returned { at: *at, reason: reason.clone() });
            let notice = Notice::Returned { uetr: *uetr, amount: *source, reason: reason.clone() };
            tell(state, *uetr, *at, Side::Debtor, notice);
            let reference = end_to_end_id(state, *uetr);
            book(state, money, posted, *at, Some(*uetr), &reference);
        }
        Event::StatusTold { uetr, at, to } => {
            let side = match state.payments.get(uetr) {
                Some(payment) if payment.instruction.creditor_agent == *to => Side::Creditor,
                _ => Side::Debtor,
            };
            tell_status(state, *uetr, *at, side);
        }
        Event::ReportTold { to, at, holder, currency, day } => {
            let today = at.day();
            let (from, until) = match day {
                Some(day) => (day.start(), day.plus(1).start()),
                None => (today.start(), at.plus(meridian_terms::Micros(1))),
            };
            for page in report(state, money, holder, *currency, day.is_some(), (from, until)) {
                state.tell(to, *at, Notice::Report(Box::new(page)));
            }
        }
        Event::Acknowledged { by, upto } => {
            if let Some(mailbox) = state.mailboxes.get_mut(by) {
                mailbox.acknowledge(*upto);
            }
        }
        Event::Forgotten { before, payments, quotes, resolutions } => {
            forget_bookings(state, *before);
            state.statements.retain(|_, told| told.iter().any(|(_, report)| report.until >= *before));
            for (since, uetr) in payments {
                state.finals.remove(&(*since, *uetr));
                if let Some(payment) = state.payments.remove(uetr) {
                    let asked = payment.instruction;
                    for message in payment.earlier_messages.into_iter().chain([asked.message_id]) {
                        state.message_ids.remove(&(asked.debtor_agent.clone(), message));
                    }
                }
            }
            for (end, id) in quotes {
                state.quote_ends.remove(&(*end, *id));
                if let Some(quote) = state.quotes.remove(id) {
                    state.quote_requests.remove(&(quote.agent, quote.request));
                }
            }
            for (end, id) in resolutions {
                state.resolution_ends.remove(&(*end, *id));
                state.resolutions.remove(id);
            }
        }
        Event::Idle => {}
    }
}

/// Nothing new passes; what is in flight and has to unwind is due at once.
fn shut(state: &mut State, key: crate::LinkKey, by: &str, at: Moment, in_flight: crate::InFlight) {
    if let Some(link) = state.links.get_mut(&key) {
        (link.shut_by, link.in_flight) = (Some(by.to_owned()), in_flight);
    }
    let undecided: Vec<Uetr> = state.in_flight().map(Payment::uetr).collect();
    for uetr in undecided {
        let Some(payment) = state.payments.get(&uetr) else { continue };
        let due = match payment.stage {
            Stage::Sent { chases, .. } => Stage::Sent { deadline: at, chases },
            Stage::Waiting { until, .. } => Stage::Waiting { until, unwinds: Some(at) },
            _ => continue,
        };
        if crate::answers::unwinds(state, payment) {
            move_to(state, uetr, at, due);
        }
    }
}

fn reserved(state: &mut State, money: &mut ledger::State, reservation: &Reservation) {
    let Reservation { instruction, at, legs, deadline, list, attempt, fee, reserved } = reservation;
    ledger::apply(money, reserved);
    if let Some(quote) = instruction.quote.and_then(|id| state.quotes.get_mut(&id)) {
        quote.is_used = true;
    }
    let stage = Stage::Sent { deadline: *deadline, chases: 0 };
    let payment = Payment {
        instruction: instruction.clone(),
        legs: Some(legs.clone()),
        attempt: *attempt,
        earlier_messages: Vec::new(),
        fee: *fee,
        received_at: *at,
        cleared_under: Some(*list),
        stage: stage.clone(),
        final_since: None,
        commit_number: None,
        accepted_late: None,
    };
    let uetr = remember(state, payment);
    use_caps(state, uetr, *at, counted);
    move_to(state, uetr, *at, stage);
    ask_creditor_agent(state, uetr, *at);
}

/// In the queue: its quote is taken and its caps count, but nothing is reserved and only its debtor agent hears of it.
fn queued(state: &mut State, queueing: &Queueing) {
    let Queueing { instruction, at, legs, list, attempt, fee, queued } = queueing;
    let settlement::Event::Queued(entry) = queued else {
        panic!("{} was queued by {queued:?}", instruction.uetr)
    };
    if let Some(quote) = instruction.quote.and_then(|id| state.quotes.get_mut(&id)) {
        quote.is_used = true;
    }
    let stage = Stage::Waiting { until: entry.until, unwinds: None };
    let payment = Payment {
        instruction: instruction.clone(),
        legs: Some(legs.clone()),
        attempt: *attempt,
        earlier_messages: Vec::new(),
        fee: *fee,
        received_at: *at,
        cleared_under: Some(*list),
        stage: stage.clone(),
        final_since: None,
        commit_number: None,
        accepted_late: None,
    };
    let uetr = remember(state, payment);
    use_caps(state, uetr, *at, counted);
    move_to(state, uetr, *at, stage);
    tell_status(state, uetr, *at, Side::Debtor);
}

/// Released from the queue, whose own event has posted both legs and put them into their windows.
fn settled(state: &mut State, uetr: Uetr, at: Moment, deadline: Moment) {
    number_commitment(state, uetr, at);
    let Some(payment) = state.payments.get(&uetr) else { return };
    let legs = payment.legs.clone();
    let reference = end_to_end_id(state, uetr);
    for leg in legs.iter().flat_map(|legs| &legs.legs) {
        book_leg(state, leg, at, uetr, &reference);
    }
    move_to(state, uetr, at, Stage::Settled { at, deadline });
    tell_status(state, uetr, at, Side::Debtor);
    ask_creditor_agent(state, uetr, at);
    tell_status(state, uetr, at, Side::Creditor);
}

/// A payment under its UETR; what was refused under it before leaves its messages' ids behind.
fn remember(state: &mut State, mut payment: Payment) -> Uetr {
    let uetr = payment.uetr();
    if let Some(earlier) = state.payments.remove(&uetr) {
        if let Some(since) = earlier.final_since {
            state.finals.remove(&(since, uetr));
        }
        payment.earlier_messages = earlier.earlier_messages;
        payment.earlier_messages.push(earlier.instruction.message_id);
    }
    let asked = &payment.instruction;
    state.message_ids.insert((asked.debtor_agent.clone(), asked.message_id.clone()), uetr);
    state.payments.insert(uetr, payment);
    uetr
}

/// Where both legs of what was reserved become final: posted, in their settlement windows, numbered, booked and told.
fn commit(
    state: &mut State,
    settlement: &mut settlement::State,
    money: &mut ledger::State,
    uetr: Uetr,
    at: Moment,
    posted: &ledger::Event,
) {
    ledger::apply(money, posted);
    if let Some(legs) = state.payments.get(&uetr).and_then(|payment| payment.legs.as_ref()) {
        settlement.observe(&legs.movements(), at);
    }
    number_commitment(state, uetr, at);
    let reference = end_to_end_id(state, uetr);
    book(state, money, posted, at, Some(uetr), &reference);
}

/// A place in the order of all commitments; whoever receives owes less.
fn number_commitment(state: &mut State, uetr: Uetr, at: Moment) {
    state.commits += 1;
    let number = state.commits;
    if let Some(payment) = state.payments.get_mut(&uetr) {
        payment.commit_number = Some(number);
    }
    use_caps(state, uetr, at, |_, legs| {
        received(legs).into_iter().map(|(key, amount)| (key, -amount)).collect()
    });
}

/// A new stage, and the timer or the memory that goes with it.
fn move_to(state: &mut State, uetr: Uetr, at: Moment, stage: Stage) {
    let Some(payment) = state.payments.get_mut(&uetr) else { return };
    if let Some(old) = payment.stage.deadline() {
        state.deadlines.remove(&(old, uetr));
    }
    if let Some(since) = payment.final_since.take() {
        state.finals.remove(&(since, uetr));
    }
    if let Some(new) = stage.deadline() {
        state.deadlines.insert((new, uetr));
    }
    if matches!(stage, Stage::Waiting { .. }) {
        state.waiting.insert(uetr);
    } else {
        state.waiting.remove(&uetr);
    }
    if stage.is_final() {
        payment.final_since = Some(at);
        state.finals.insert((at, uetr));
    }
    payment.stage = stage;
}

/// Counts a payment's legs against caps; whoever reaches its alarm threshold by this is told.
fn use_caps(
    state: &mut State,
    uetr: Uetr,
    at: Moment,
    uses: impl FnOnce(&State, &Legs) -> Vec<(CapKey, i128)>,
) {
    let Some(legs) = state.payments.get(&uetr).and_then(|payment| payment.legs.as_ref()) else { return };
    for (key, amount) in uses(state, legs) {
        let cap = state.caps.entry(key.clone()).or_default();
        let was_alarming = cap.is_alarming();
        cap.used += amount;
        if cap.is_alarming() && !was_alarming {
            let (used, most) = (cap.used, cap.most.unwrap_or(0));
            if let Some(owner) = key.owner().cloned() {
                let facts = [
                    ("cap".to_owned(), key.to_string()),
                    ("used_minor".to_owned(), used.to_string()),
                    ("most_minor".to_owned(), most.to_string()),
                ];
                state.tell(&owner, at, Notice::Word { kind: "pay.cap_alarm".into(), facts: facts.into() });
            }
        }
    }
}

fn chased(state: &mut State, uetr: Uetr, at: Moment, deadline: Moment) {
    let stage = match state.payments.get(&uetr).map(|payment| &payment.stage) {
        Some(Stage::AcceptedPending { at, .. }) => Stage::AcceptedPending { at: *at, deadline },
        Some(Stage::Settled { at, .. }) => Stage::Settled { at: *at, deadline },
        Some(Stage::Sent { chases, .. }) => Stage::Sent { deadline, chases: chases.saturating_add(1) },
        _ => return,
    };
    move_to(state, uetr, at, stage);
    let Some(payment) = state.payments.get(&uetr) else { return };
    let asked = &payment.instruction;
    let notice = Notice::Chase {
        uetr,
        message_id: asked.message_id.clone(),
        end_to_end_id: asked.end_to_end_id.clone(),
    };
    tell(state, uetr, at, Side::Creditor, notice);
}

/// The money is decided; the late side is told how, and what is its own loss is written down.
fn late_answer(state: &mut State, uetr: Uetr, at: Moment, status: &AnswerStatus) {
    if let Some(payment) = state.payments.get_mut(&uetr)
        && matches!(payment.stage, Stage::Rejected { .. } | Stage::Sent { .. })
        && !matches!(status, AnswerStatus::Rejected(_))
    {
        payment.accepted_late.get_or_insert(at);
    }
    tell_status(state, uetr, at, Side::Creditor);
}

fn end_to_end_id(state: &State, uetr: Uetr) -> String {
    state.payments.get(&uetr).map(|payment| payment.instruction.end_to_end_id.clone()).unwrap_or_default()
}

/// pacs.008 to the creditor agent, with the agents in between and the fee it keeps.
fn ask_creditor_agent(state: &mut State, uetr: Uetr, at: Moment) {
    let Some(payment) = state.payments.get(&uetr) else { return };
    let asked = &payment.instruction;
    let mut charges = asked.charges.clone();
    if !charges.iter().any(|charge| charge.agent == asked.creditor_agent) && !payment.fee.is_zero() {
        charges.push(Charge { agent: asked.creditor_agent.clone(), amount: payment.fee });
    }
    let between = payment.legs.iter().flat_map(Legs::intermediaries).cloned().collect();
    let instruction = Instruction { charges, intermediaries: between, ..asked.clone() };
    let to = asked.creditor_agent.clone();
    state.tell(&to, at, Notice::Pay(Box::new(instruction)));
}

/// A question to the account's agent, or its answer to whoever asked.
fn tell_resolution(state: &mut State, id: ResolutionId, at: Moment, known: &Resolution) {
    let request = Box::new(known.request.clone());
    let (agent, account) = (known.agent.clone(), known.account.clone());
    match (&known.outcome, &agent) {
        (Some(outcome), _) => {
            let outcome = outcome.clone();
            let notice = Notice::Verified { request, agent, account, outcome };
            state.tell(&known.request.by, at, notice);
        }
        (None, Some(agent)) => state.tell(agent, at, Notice::Verify { id, request, account }),
        (None, None) => {}
    }
}

/// A provider whose reserved money is free again is told, without anybody's name.
fn tell_provider_it_is_free(state: &mut State, uetr: Uetr, at: Moment) {
    let Some(payment) = state.payments.get(&uetr) else { return };
    let provider: Option<Bic> = payment.legs.as_ref().and_then(|legs| legs.provider.clone());
    let (status, reason) = payment.stage.status();
    if let Some(provider) = provider {
        let notice = Notice::Status {
            uetr,
            message_id: "NOTPROVIDED".into(),
            end_to_end_id: "NOTPROVIDED".into(),
            status: status.to_owned(),
            reason: reason.map(str::to_owned),
            detail: None,
        };
        state.tell(&provider, at, notice);
    }
}

#[derive(Clone, Copy)]
enum Side {
    Debtor,
    Creditor,
}

fn tell(state: &mut State, uetr: Uetr, at: Moment, side: Side, notice: Notice) {
    let Some(payment) = state.payments.get(&uetr) else { return };
    let to = match side {
        Side::Debtor => payment.instruction.debtor_agent.clone(),
        Side::Creditor => payment.instruction.creditor_agent.clone(),
    };
    state.tell(&to, at, notice);
}

fn tell_status(state: &mut State, uetr: Uetr, at: Moment, side: Side) {
    let Some(payment) = state.payments.get(&uetr) else { return };
    let (status, reason) = payment.stage.status();
    let detail = match &payment.stage {
        Stage::Refused(refusal) => Some(format!("{}; {}", refusal.code, refusal.next)),
        Stage::Rejected { .. } if payment.accepted_late.is_some() && matches!(side, Side::Creditor) => Some(
            "LATE_ACCEPT; the payment was rejected before you accepted it; what you paid out is your own"
                .into(),
        ),
        _ => None,
    };
    let notice = Notice::Status {
        uetr,
        message_id: payment.instruction.message_id.clone(),
        end_to_end_id: payment.instruction.end_to_end_id.clone(),
        status: status.to_owned(),
        reason: reason.map(str::to_owned),
        detail,
    };
    tell(state, uetr, at, side, notice);
}
