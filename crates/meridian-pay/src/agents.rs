//! What settlement says to those who hold the real money, and to whoever it belongs to: instructions (pacs.009), questions
//! after silence (pacs.028), reports of closed and settled windows (camt.052, camt.053).

use meridian_ledger as ledger;
use meridian_settlement::{self as settlement, Instruction, Movement, Progress, Side, Stage, WindowId};
use meridian_terms::{Bic, Currency, Moment, Money, Uetr};

use crate::account::book_movement;
use crate::queue::waiting;
use crate::{Booking, Notice, Report, State};

/// The most movements in one report; a window has at most two for each participant unless it settles gross.
const PAGE: usize = 500;

/// Puts into mailboxes what an event of settlement says; `settlement` and `money` as they are after it.
pub fn tell(
    state: &mut State,
    settlement: &settlement::State,
    money: &ledger::State,
    event: &settlement::Event,
    at: Moment,
) {
    match event {
        settlement::Event::SettlementAsked { window, instructions, .. } => {
            let sent = instructions.iter().filter(|one| matches!(one.progress, Progress::Sent { .. }));
            instruct(state, settlement, *window, sent, at);
        }
        settlement::Event::InstructionSettled { window, released_until, stage, .. } => {
            if let (Some(until), Some(known)) = (released_until, settlement.window(*window)) {
                let released = known
                    .instructions
                    .iter()
                    .filter(|one| one.from == Side::Hub && one.progress == Progress::Sent { until: *until });
                instruct(state, settlement, *window, released, at);
            }
            if *stage == Stage::Settled {
                let told = statements(settlement, money, *window, at);
                for (to, report) in &told {
                    state.tell(to, at, Notice::Report(Box::new(report.clone())));
                }
                state.statements.insert(*window, told);
            }
        }
        settlement::Event::Chased { window, instruction, .. } => {
            if let (Some(circuit), Some((_, asked))) =
                (settlement.circuit(window.currency), settlement.instruction(*instruction))
            {
                let notice =
                    Notice::ChaseInstruction { window: *window, instruction: Box::new(asked.clone()) };
                state.tell(&circuit.agent.clone(), at, notice);
            }
        }
        settlement::Event::Released { entries, .. } => {
            for entry in entries {
                // Payments are told and booked by their own events.
                if waiting(state, entry.id).is_some() {
                    continue;
                }
                for movement in &entry.movements {
                    book_movement(state, movement, at, &format!("{:032x}", entry.id));
                }
                tell_parties(state, entry.id, &entry.movements, "settlement.settled", at);
            }
        }
        settlement::Event::TradeStated(trade) => {
            let facts = [
                ("id".to_owned(), format!("{:032x}", trade.id)),
                ("by".to_owned(), trade.by.to_string()),
                ("gives".to_owned(), trade.gives.to_string()),
                ("takes".to_owned(), trade.takes.to_string()),
                ("until".to_owned(), trade.until.to_string()),
            ];
            let notice = Notice::Word { kind: "settlement.trade_stated".into(), facts: facts.into() };
            state.tell(&trade.with, at, notice);
        }
        settlement::Event::Corrected { id, posted, .. } => {
            crate::account::book(state, money, posted, at, None, &format!("{id:032x}"));
        }
        settlement::Event::Closed { window, .. } => {
            for (to, report) in nets(settlement, money, *window, at) {
                state.tell(&to, at, Notice::Report(Box::new(report)));
            }
        }
        _ => {}
    }
}

/// What ended without moving anything is told to its parties before it is forgotten; `settlement` as it is before the event.
pub fn tell_ended(state: &mut State, settlement: &settlement::State, event: &settlement::Event, at: Moment) {
    match event {
        settlement::Event::Expired { ids, .. } => {
            for id in ids.iter().filter(|id| waiting(state, **id).is_none()).copied().collect::<Vec<_>>() {
                if let Some(entry) = settlement.waits(id) {
                    tell_parties(state, id, &entry.movements, "settlement.expired", at);
                }
            }
        }
        settlement::Event::TradeLapsed { id } => {
            if let Some(trade) = settlement.trade(*id) {
                tell_parties(state, *id, &trade.movements(), "settlement.trade_lapsed", at);
            }
        }
        _ => {}
    }
}

/// The payer of each movement hears, so that both sides of a trade do.
fn tell_parties(state: &mut State, id: u128, movements: &[Movement], kind: &str, at: Moment) {
    for movement in movements {
        let facts = [
            ("id".to_owned(), format!("{id:032x}")),
            ("to".to_owned(), movement.to.to_string()),
            ("amount".to_owned(), movement.amount.to_string()),
        ];
        state.tell(&movement.from, at, Notice::Word { kind: kind.to_owned(), facts: facts.into() });
    }
}

fn instruct<'a>(
    state: &mut State,
    settlement: &settlement::State,
    window: WindowId,
    instructions: impl Iterator<Item = &'a Instruction>,
    at: Moment,
) {
    let Some(circuit) = settlement.circuit(window.currency) else { return };
    for instruction in instructions {
        let notice = Notice::Instruct { window, instruction: Box::new(instruction.clone()) };
        state.tell(&circuit.agent, at, notice);
    }
}

/// `RUB-3`: a window, in references.
#[must_use]
pub fn reference(window: WindowId) -> String {
    format!("{}-{}", window.currency, window.number)
}

/// To every participant of a closed window: what it committed and received with each other one, and what its account at
/// the settlement agent will hold once the window is settled.
fn nets(
    settlement: &settlement::State,
    money: &ledger::State,
    id: WindowId,
    at: Moment,
) -> Vec<(Bic, Report)> {
    let Some(window) = settlement.window(id) else { return Vec::new() };
    let one = |(bic, net): (&Bic, &i128)| {
        let with = window.owed.iter().filter_map(|((from, to), owed)| match (from == bic, to == bic) {
            (true, false) => Some((to, -*owed)),
            (false, true) => Some((from, *owed)),
            _ => None,
        });
        let bookings = with
            .map(|(other, minor)| Booking {
                at,
                minor,
                uetr: None,
                reference: format!("{}-{other}", reference(id)),
            })
            .collect();
        let opening = settlement.expected_at_agent(money, bic, id.currency);
        let span = (window.opened_at, at);
        (bic.clone(), report(bic.as_str(), id.currency, false, span, (opening, opening + net), bookings))
    };
    window.nets.iter().map(one).collect()
}

/// The statements of a settled window: to each participant that paid or was paid, of its account at the settlement agent;
/// to the agent the same ones, and that of the hub's own account.
fn statements(
    settlement: &settlement::State,
    money: &ledger::State,
    id: WindowId,
    at: Moment,
) -> Vec<(Bic, Report)> {
    let (Some(window), Some(circuit)) = (settlement.window(id), settlement.circuit(id.currency)) else {
        return Vec::new();
    };
    let moved = |side: &Side| -> Vec<Booking> {
        let of = |one: &Instruction| match (one.from == *side, one.to == *side) {
            (true, false) => Some(-one.amount.minor()),
            (false, true) => Some(one.amount.minor()),
            _ => None,
        };
        let booking = |one: &Instruction| {
            let uetr = Some(Uetr::from_bits(one.id));
            of(one).map(|minor| Booking { at, minor, uetr, reference: reference(id) })
        };
        window.instructions.iter().filter_map(booking).collect()
    };
    let span = (window.opened_at, at);
    let mut told = Vec::new();
    for bic in window.nets.keys() {
        let bookings = moved(&Side::Participant(bic.clone()));
        if bookings.is_empty() {
            continue;
        }
        let closing = settlement.expected_at_agent(money, bic, id.currency);
        let opening = closing - bookings.iter().map(|one| one.minor).sum::<i128>();
        for page in paged(bic.as_str(), id.currency, span, opening, &bookings) {
            told.extend([(bic.clone(), page.clone()), (circuit.agent.clone(), page)]);
        }
    }
    let through_hub = moved(&Side::Hub);
    if !through_hub.is_empty() {
        for page in paged("HUB", id.currency, span, 0, &through_hub) {
            told.push((circuit.agent.clone(), page));
        }
    }
    told
}

fn paged(
    holder: &str,
    currency: Currency,
    span: (Moment, Moment),
    opening: i128,
    bookings: &[Booking],
) -> Vec<Report> {
    let closing = opening + bookings.iter().map(|one| one.minor).sum::<i128>();
    let pages = bookings.chunks(PAGE);
    let last = pages.len();
    pages
        .enumerate()
        .map(|(number, page)| Report {
            page: u32::try_from(number + 1).unwrap_or(u32::MAX),
            is_last: number + 1 == last,
            ..report(holder, currency, true, span, (opening, closing), page.to_vec())
        })
        .collect()
}

fn report(
    holder: &str,
    currency: Currency,
    is_statement: bool,
    (from, until): (Moment, Moment),
    (opening, closing): (i128, i128),
    bookings: Vec<Booking>,
) -> Report {
    Report {
        holder: holder.to_owned(),
        currency,
        is_statement,
        from,
        until,
        opening,
        closing,
        available: closing,
        page: 1,
        is_last: true,
        bookings,
    }
}

/// The amount of an instruction in words, for people.
#[must_use]
pub fn words(instruction: &Instruction) -> String {
    let side = |side: &Side| match side {
        Side::Participant(bic) => bic.to_string(),
        Side::Hub => "the hub's account".to_owned(),
    };
    let amount: Money = instruction.amount;
    format!("{amount} from {} to {}", side(&instruction.from), side(&instruction.to))
}
