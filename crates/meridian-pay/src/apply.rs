//! What has happened becomes state. Cannot fail: everything was decided before.

use meridian_ledger as ledger;
use meridian_terms::{Moment, Money, Uetr};

use crate::caps::counted;
use crate::{Event, Legs, Link, Notice, Payment, Reservation, Stage, State};

/// Applies an event to payments and, with it, to the ledger.
///
/// # Panics
/// When the event could not have been decided on this state: a broken invariant of our own.
pub fn apply(state: &mut State, money: &mut ledger::State, event: &Event) {
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
            let (instrument, proposed_by) = (instrument.clone(), by.clone());
            let link =
                Link { instrument, in_force: *in_force, proposed_by, approved_by: None, shut_by: None };
            state.links.insert(*key, link);
        }
        Event::LinkOpened { key, by } => {
            if let Some(link) = state.links.get_mut(key) {
                link.approved_by = Some(by.clone());
            }
        }
        Event::LinkShut { key, by } => {
            if let Some(link) = state.links.get_mut(key) {
                link.shut_by = Some(by.clone());
            }
        }
        Event::ListInForce(digest) => state.list = Some(*digest),
        Event::CapSet { key, most, alarm_percent } => {
            let cap = state.caps.entry(key.clone()).or_default();
            (cap.most, cap.alarm_percent) = (*most, *alarm_percent);
        }
        Event::Funded { posted, .. } => ledger::apply(money, posted),
        Event::RatePublished(key, card) => {
            state.rates.insert(key.clone(), card.clone());
        }
        Event::RateWithdrawn(key) => {
            state.rates.remove(key);
        }
        Event::Quoted(quotes) => {
            for quote in quotes {
                state.quote_ends.insert((quote.expires.plus(state.settings.quote_life), quote.id));
                state.quotes.insert(quote.id, quote.clone());
            }
        }
        Event::Refused { instruction, at, refusal } => {
            let stage = Stage::Refused(refusal.clone());
            let payment = Payment {
                instruction: (**instruction).clone(),
                legs: None,
                received_at: *at,
                cleared_under: None,
                stage: stage.clone(),
            };
            remember(state, payment);
            settle_stage(state, instruction.uetr, *at, stage);
            tell_status(state, instruction.uetr, *at, Side::Debtor);
        }
        Event::Reserved(reservation) => reserved(state, money, reservation),
        Event::Recleared { uetr, list } => {
            if let Some(payment) = state.payments.get_mut(uetr) {
                payment.cleared_under = Some(*list);
            }
        }
        Event::AcceptedPending { uetr, deadline } => {
            move_to(state, *uetr, Stage::AcceptedPending { deadline: *deadline });
        }
        Event::Committed { uetr, at, is_blocked, posted } => {
            ledger::apply(money, posted);
            let stage = if *is_blocked { Stage::Blocked { at: *at } } else { Stage::Committed { at: *at } };
            settle_stage(state, *uetr, *at, stage);
            tell_status(state, *uetr, *at, Side::Debtor);
            tell_status(state, *uetr, *at, Side::Creditor);
            tell_booked(state, *uetr, *at);
        }
        Event::Rejected { uetr, at, reason, voided, .. } => {
            ledger::apply(money, voided);
            release_caps(state, *uetr);
            settle_stage(state, *uetr, *at, Stage::Rejected { at: *at, reason: reason.clone() });
            tell_status(state, *uetr, *at, Side::Debtor);
            tell_status(state, *uetr, *at, Side::Creditor);
        }
        Event::Chased { uetr, at, deadline } => {
            let chases = match state.payments.get(uetr).map(|payment| &payment.stage) {
                Some(Stage::Sent { chases, .. }) => chases + 1,
                _ => 1,
            };
            move_to(state, *uetr, Stage::Sent { deadline: *deadline, chases });
            if let Some(payment) = state.payments.get(uetr) {
                let asked = &payment.instruction;
                let (to, message_id) = (asked.creditor_agent.clone(), asked.message_id.clone());
                let end_to_end_id = asked.end_to_end_id.clone();
                state.tell(&to, *at, Notice::Chase { uetr: *uetr, message_id, end_to_end_id });
            }
        }
        // The money is decided; the late side is told how.
        Event::LateAnswer { uetr, at, .. } => tell_status(state, *uetr, *at, Side::Creditor),
        Event::Recalled { uetr, at, deadline, reason } => {
            let committed_at = match state.payments.get(uetr).map(|payment| &payment.stage) {
                Some(Stage::Committed { at }) => *at,
                _ => *at,
            };
            // While somebody asks for it back it is not final, and not forgotten: its timer would outlive it.
            state.finals.remove(&(committed_at, *uetr));
            move_to(
                state,
                *uetr,
                Stage::Recalled { committed_at, deadline: *deadline, reason: reason.clone() },
            );
            tell(state, *uetr, *at, Side::Creditor, Notice::Recall { uetr: *uetr, reason: reason.clone() });
        }
        Event::RecallRefused { uetr, at, reason } => {
            let committed_at = match state.payments.get(uetr).map(|payment| &payment.stage) {
                Some(Stage::Recalled { committed_at, .. }) => *committed_at,
                _ => *at,
            };
            settle_stage(state, *uetr, committed_at, Stage::Committed { at: committed_at });
            tell(
                state,
                *uetr,
                *at,
                Side::Debtor,
                Notice::RecallRefused { uetr: *uetr, reason: reason.clone() },
            );
        }
        Event::Returned { uetr, at, reason, source, posted } => {
            ledger::apply(money, posted);
            settle_stage(state, *uetr, *at, Stage::Returned { at: *at, reason: reason.clone() });
            let notice = Notice::Returned { uetr: *uetr, amount: *source, reason: reason.clone() };
            tell(state, *uetr, *at, Side::Debtor, notice);
        }
        Event::StatusTold { uetr, at, to } => {
            let side = match state.payments.get(uetr) {
                Some(payment) if payment.instruction.creditor_agent == *to => Side::Creditor,
                _ => Side::Debtor,
            };
            tell_status(state, *uetr, *at, side);
        }
        Event::Acknowledged { by, upto } => {
            if let Some(mailbox) = state.mailboxes.get_mut(by) {
                mailbox.acknowledge(*upto);
            }
        }
        Event::Forgotten { payments, quotes } => {
            for (since, uetr) in payments {
                state.finals.remove(&(*since, *uetr));
                if let Some(payment) = state.payments.remove(uetr) {
                    let asked = payment.instruction;
                    state.message_ids.remove(&(asked.debtor_agent, asked.message_id));
                }
            }
            for (end, id) in quotes {
                state.quote_ends.remove(&(*end, *id));
                state.quotes.remove(id);
            }
        }
        Event::Idle => {}
    }
}

fn reserved(state: &mut State, money: &mut ledger::State, reservation: &Reservation) {
    let Reservation { instruction, at, legs, deadline, list, reserved } = reservation;
    ledger::apply(money, reserved);
    for (key, amount) in counted(state, legs) {
        state.caps.entry(key).or_default().used += amount;
    }
    if let Some(quote) = instruction.quote.and_then(|id| state.quotes.get_mut(&id)) {
        quote.is_used = true;
    }
    let payment = Payment {
        instruction: instruction.clone(),
        legs: Some(legs.clone()),
        received_at: *at,
        cleared_under: Some(*list),
        stage: Stage::Sent { deadline: *deadline, chases: 0 },
    };
    let uetr = payment.uetr();
    remember(state, payment);
    state.deadlines.insert((*deadline, uetr));
    state.tell(&instruction.creditor_agent, *at, Notice::Pay(Box::new(instruction.clone())));
}

fn remember(state: &mut State, payment: Payment) {
    let asked = &payment.instruction;
    state.message_ids.insert((asked.debtor_agent.clone(), asked.message_id.clone()), asked.uetr);
    state.payments.insert(asked.uetr, payment);
}

/// A new stage, and the timer that goes with it.
fn move_to(state: &mut State, uetr: Uetr, stage: Stage) {
    let Some(payment) = state.payments.get_mut(&uetr) else { return };
    if let Some(old) = payment.stage.deadline() {
        state.deadlines.remove(&(old, uetr));
    }
    if let Some(new) = stage.deadline() {
        state.deadlines.insert((new, uetr));
    }
    payment.stage = stage;
}

/// A final stage: nothing is due any more; the payment is remembered for a while from now.
fn settle_stage(state: &mut State, uetr: Uetr, at: Moment, stage: Stage) {
    // A committed payment that is returned was final before.
    if let Some(Stage::Committed { at: earlier }) = state.payments.get(&uetr).map(|payment| &payment.stage) {
        state.finals.remove(&(*earlier, uetr));
    }
    move_to(state, uetr, stage);
    state.finals.insert((at, uetr));
}

fn release_caps(state: &mut State, uetr: Uetr) {
    let legs: Option<Legs> = state.payments.get(&uetr).and_then(|payment| payment.legs.clone());
    for (key, amount) in legs.iter().flat_map(|legs| counted(state, legs)).collect::<Vec<_>>() {
        state.caps.entry(key).or_default().used -= amount;
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

/// camt.054 to everybody whose account moved: both agents, and the provider once for each currency.
fn tell_booked(state: &mut State, uetr: Uetr, at: Moment) {
    let Some(payment) = state.payments.get(&uetr) else { return };
    let end_to_end_id = payment.instruction.end_to_end_id.clone();
    let legs = payment.legs.iter().flat_map(|legs| legs.legs.clone()).collect::<Vec<_>>();
    for leg in legs {
        let out = Money::new(-leg.amount.minor(), leg.amount.currency());
        for (whose, amount) in [(leg.from, out), (leg.to, leg.amount)] {
            state.tell(&whose, at, Notice::Booked { uetr, amount, end_to_end_id: end_to_end_id.clone() });
        }
    }
}
