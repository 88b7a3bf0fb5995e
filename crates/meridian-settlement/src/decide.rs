//! What would happen: one event, or the first refusal in order of precedence. Changes nothing.

use std::collections::BTreeMap;

use meridian_ledger::{self as ledger, Account, Kind, Transfer, TransferId};
use meridian_terms::{Bic, Currency, Day, Moment, Money, Refusal};

use crate::refusal::{self as no, refuse};
use crate::state::Due;
use crate::waiting::{CLEARING, all_at_once, clearing, cover, first_transfer, one_by_one};
use crate::window::instructions;
use crate::{
    AgentAnswer, Break, Circuit, Class, Command, Correction, Entry, Event, Instruction, Model, Movement,
    Plan, Policy, Progress, Proposal, Side, Snapshot, Stage, State, Tier, Trade, WindowId, fifo, greedy,
    heads,
};

/// How many waiting payments one tick refuses.
const EXPIRED_AT_ONCE: usize = 1_000;

/// Decides a command at a moment.
///
/// # Errors
/// The first refusal in order of precedence.
pub fn decide(state: &State, money: &ledger::State, command: &Command, at: Moment) -> Result<Event, Refusal> {
    match command {
        Command::OpenCircuit(circuit) => open_circuit(state, money, circuit, at),
        Command::SetSubCap { participant, most } => {
            Ok(Event::SubCapSet { participant: participant.clone(), most: *most })
        }
        Command::KeepWith { holder, participant } => {
            Ok(Event::KeptWith { holder: holder.clone(), participant: participant.clone() })
        }
        Command::SetPolicy { participant, class, policy } => {
            Ok(Event::PolicySet { participant: participant.clone(), class: *class, policy: *policy })
        }
        Command::Close(currency) => close(state, *currency, at),
        Command::Settle(window) => settle(state, *window, at),
        Command::AgentAnswer { by, instruction, answer } => take_answer(state, by, *instruction, answer, at),
        Command::Submit { id, class, movements } => submit(state, money, *id, *class, movements, at),
        Command::Withdraw { id, by } => withdraw(state, *id, by),
        Command::Release { currency, tier } => release(state, money, *currency, *tier, at),
        Command::Commit(proposal) => commit(state, money, proposal, at),
        Command::StateTrade(trade) => state_trade(state, money, trade, at),
        Command::Reconcile { by, currency, day, balances } => {
            reconcile(state, money, by, *currency, *day, balances)
        }
        Command::ProposeCorrection(correction) => propose(state, correction),
        Command::ApproveCorrection { id, by } => approve(state, money, *id, by, at),
        Command::Tick => tick(state, at),
    }
}

// ---- windows

fn open_circuit(
    state: &State,
    money: &ledger::State,
    circuit: &Circuit,
    at: Moment,
) -> Result<Event, Refusal> {
    let open = state.open_window(circuit.currency).map(|id| &state.windows[&id]);
    if let (Some(window), Some(known)) = (open, state.circuits.get(&circuit.currency))
        && window.commitments > 0
        && known.model != circuit.model
    {
        return Err(refuse(no::WINDOW_IN_USE, circuit.currency.code()));
    }
    let account = Account::open(CLEARING, circuit.currency, Kind::Suspense);
    let opened = match money.account(account.id) {
        Some(_) => None,
        None => Some(ledger::decide(money, &ledger::Command::Open(vec![account]), at)?),
    };
    Ok(Event::CircuitOpened { due: closes_at(circuit, at), circuit: Box::new(circuit.clone()), at, opened })
}

/// When a window that opens now closes by itself: at the cut-off; gross windows close when something falls into them.
fn closes_at(circuit: &Circuit, at: Moment) -> Option<Moment> {
    match circuit.model {
        Model::Gross => None,
        Model::BilateralNet | Model::MultilateralNet => circuit.calendar.next_cut_off(at).ok(),
    }
}

fn circuit_of(state: &State, currency: Currency) -> Result<&Circuit, Refusal> {
    state.circuits.get(&currency).ok_or_else(|| refuse(no::CIRCUIT_UNKNOWN, currency.code()))
}

fn close(state: &State, currency: Currency, at: Moment) -> Result<Event, Refusal> {
    let circuit = circuit_of(state, currency)?;
    let window = state.open_window(currency).ok_or_else(|| refuse(no::CIRCUIT_UNKNOWN, currency.code()))?;
    let settle_at = circuit.calendar.next_opening(at).ok();
    Ok(Event::Closed { window, at, settle_at, next_due: closes_at(circuit, at) })
}

fn settle(state: &State, id: WindowId, at: Moment) -> Result<Event, Refusal> {
    let circuit = circuit_of(state, id.currency)?;
    let named = format!("{} {}", id.currency, id.number);
    let window = state.windows.get(&id).ok_or_else(|| refuse(no::WINDOW_UNKNOWN, named.clone()))?;
    match window.stage {
        Stage::Closed | Stage::Aborted { .. } | Stage::Failed { .. } => {}
        Stage::Open => return Err(refuse(no::WINDOW_OPEN, named)),
        Stage::PendingSettlement | Stage::Settled => {
            return Err(refuse(no::WINDOW_ASKED, format!("{named} is {}", window.stage.word())));
        }
    }
    // Gross windows hold payments that rest on nothing before them: one the agent is silent about delays no other.
    if window.model != Model::Gross
        && let Some(oldest) = state.oldest_unsettled(id.currency)
        && oldest != id
    {
        return Err(refuse(no::WINDOW_ORDER, format!("{named} before {}", oldest.number)));
    }
    let asked = |instructions: Vec<Instruction>| {
        let netted = instructions.is_empty().then(|| (window.gross(), window.funding(window.model)));
        Event::SettlementAsked { window: id, instructions, netted }
    };
    let nothing = || instructions(id, window, at.day(), at).is_empty();
    if window.instructions.is_empty() && nothing() {
        return Ok(asked(Vec::new()));
    }
    if !circuit.calendar.is_open(at) {
        return Err(refuse(no::RTGS_CLOSED, format!("{} at {at}", circuit.agent)));
    }
    let value_date = circuit.calendar.value_date(at)?;
    let until = at.plus(circuit.patience);
    let fresh = instructions(id, window, value_date, until);
    Ok(asked(if window.instructions.is_empty() { fresh } else { again(&window.instructions, &fresh) }))
}

/// What was accepted stays; the rest is asked as if for the first time, under the same ids.
fn again(asked: &[Instruction], fresh: &[Instruction]) -> Vec<Instruction> {
    let merged: Vec<Instruction> = asked
        .iter()
        .zip(fresh)
        .map(|(asked, fresh)| if asked.progress == Progress::Accepted { asked } else { fresh }.clone())
        .collect();
    let is_paid_in = merged.iter().all(|one| one.from == Side::Hub || one.progress == Progress::Accepted);
    let sent =
        fresh.iter().map(|one| &one.progress).find(|progress| matches!(progress, Progress::Sent { .. }));
    merged
        .into_iter()
        .map(|one| match (&one.progress, sent) {
            (Progress::Waiting, Some(sent)) if is_paid_in => Instruction { progress: sent.clone(), ..one },
            _ => one,
        })
        .collect()
}

fn take_answer(
    state: &State,
    by: &Bic,
    instruction: u128,
    answer: &AgentAnswer,
    at: Moment,
) -> Result<Event, Refusal> {
    let named = || format!("{instruction:032x}");
    let (id, number) =
        *state.instructions.get(&instruction).ok_or_else(|| refuse(no::INSTRUCTION_UNKNOWN, named()))?;
    let circuit = circuit_of(state, id.currency)?;
    if circuit.agent != *by {
        return Err(refuse(no::NOT_THE_AGENT, format!("{by}, not {}", circuit.agent)));
    }
    let window = &state.windows[&id];
    let Progress::Sent { .. } = window.instructions[number].progress else {
        return Err(refuse(no::ANSWERED, format!("{:?}", window.instructions[number].progress)));
    };
    let others = || window.instructions.iter().filter(|one| one.id != instruction);
    match answer {
        AgentAnswer::Settled => {
            let is_paid_in = others().all(|one| one.from == Side::Hub || one.progress == Progress::Accepted);
            let waits = others().any(|one| one.progress == Progress::Waiting);
            let is_whole = others().all(|one| one.progress == Progress::Accepted);
            // An answer that comes after another instruction was refused is kept, and the window then stands failed.
            let stage = match (&window.stage, is_whole) {
                (_, true) => Stage::Settled,
                (Stage::Aborted { reason } | Stage::Failed { reason }, _) => {
                    Stage::Failed { reason: reason.clone() }
                }
                (stage, _) => stage.clone(),
            };
            let is_pending = stage == Stage::PendingSettlement;
            let released_until = (is_pending && is_paid_in && waits).then(|| at.plus(circuit.patience));
            let netted = (stage == Stage::Settled).then(|| (window.gross(), window.funding(window.model)));
            Ok(Event::InstructionSettled { window: id, instruction, released_until, stage, netted })
        }
        AgentAnswer::Refused(reason) => {
            let reason = reason.clone();
            let is_partly_paid = others().any(|one| one.progress == Progress::Accepted);
            let stage = if is_partly_paid {
                Stage::Failed { reason: reason.clone() }
            } else {
                Stage::Aborted { reason: reason.clone() }
            };
            Ok(Event::InstructionRefused { window: id, instruction, reason, stage })
        }
    }
}

// ---- the queue

fn submit(
    state: &State,
    money: &ledger::State,
    id: u128,
    class: Class,
    movements: &[Movement],
    at: Moment,
) -> Result<Event, Refusal> {
    if state.places.contains_key(&id) || state.trades.contains_key(&id) {
        return Err(refuse(no::WAITS_ALREADY, format!("{id:032x}")));
    }
    sound(money, id, movements)?;
    let entry =
        Entry { id, place: state.last_place + 1, class, movements: movements.to_vec(), since: at, until: at };
    admit(state, money, entry, at, |payer| match state.policy(payer, class) {
        Policy::Refuse => None,
        Policy::Wait(most) => Some(at.plus(most)),
    })
}

/// What could never settle does not wait.
fn sound(money: &ledger::State, id: u128, movements: &[Movement]) -> Result<(), Refusal> {
    if movements.is_empty() {
        return Err(refuse(no::MOVES_NOTHING, "no movement"));
    }
    for Movement { from, to, amount } in movements {
        if amount.minor() <= 0 || from == to {
            return Err(refuse(no::MOVES_NOTHING, format!("{amount} from {from} to {to}")));
        }
        let is_without = |bic: &&Bic| money.account(cover(bic, amount.currency())).is_none();
        if let Some(bic) = [from, to].into_iter().find(is_without) {
            return Err(refuse(no::NO_COVER_ACCOUNT, format!("{bic} {}", amount.currency())));
        }
    }
    if money.fate(first_transfer(id)).is_some() {
        return Err(refuse(no::FINAL_ALREADY, format!("{id:032x}")));
    }
    Ok(())
}

/// Final at once where cover suffices and nobody's turn comes first; else it waits as long as each payer says, and is
/// refused where one will not wait. What no cover could help is refused by the ledger's reason.
fn admit(
    state: &State,
    money: &ledger::State,
    entry: Entry,
    at: Moment,
    waits_until: impl Fn(&Bic) -> Option<Moment>,
) -> Result<Event, Refusal> {
    let short = match posted(state, money, std::slice::from_ref(&entry), at) {
        Ok(posted) if state.has_turn(entry.class, &entry.movements) => {
            return Ok(Event::Released { at, tier: Tier::Funds, entries: vec![entry], posted });
        }
        Ok(_) => refuse(no::NOT_ITS_TURN, format!("{:032x}", entry.id)),
        Err(refusal) if is_short(&refusal) => refusal,
        Err(refusal) => return Err(refusal),
    };
    lined_up(entry, at, waits_until).ok_or(short)
}

/// In the queue, until the first of its payers waits no longer.
fn lined_up(entry: Entry, at: Moment, waits_until: impl Fn(&Bic) -> Option<Moment>) -> Option<Event> {
    let mut until: Option<Moment> = None;
    for movement in &entry.movements {
        let most = waits_until(&movement.from)?;
        until = Some(until.map_or(most, |known| known.min(most)));
    }
    until.filter(|until| *until > at).map(|until| Event::Queued(Entry { until, ..entry }))
}

fn is_short(refusal: &Refusal) -> bool {
    refusal.iso.as_deref() == Some("AM04")
}

impl State {
    /// Whether movements of this class overtake nothing that waits: urgent before normal, first in first out within a
    /// class, payer by payer and currency by currency.
    #[must_use]
    pub fn has_turn(&self, class: Class, movements: &[Movement]) -> bool {
        let is_before = |earlier: &Movement| {
            movements.iter().any(|movement| {
                movement.from == earlier.from && movement.amount.currency() == earlier.amount.currency()
            })
        };
        !self.queue.values().any(|waiting| waiting.class <= class && waiting.movements.iter().any(is_before))
    }

    /// Whether these movements may be reserved now by a book above: each payer may spend what it gives, and it is their
    /// turn. What the ledger knows of (balances, limits) the book asks the ledger when it reserves.
    ///
    /// # Errors
    /// `settlement.short_of_cover`, `settlement.not_its_turn`.
    pub fn covers(&self, money: &ledger::State, class: Class, movements: &[Movement]) -> Result<(), Refusal> {
        for Movement { from, amount, .. } in movements {
            if self.locked(from, amount.currency()) > 0 {
                enough(self.spendable_together(money, from, amount.currency()), from, *amount)?;
            }
        }
        if !self.has_turn(class, movements) {
            let payers: Vec<&str> = movements.iter().map(|movement| movement.from.as_str()).collect();
            return Err(refuse(no::NOT_ITS_TURN, payers.join(", ")));
        }
        Ok(())
    }

    /// Whether a participant may take this much of its cover out: real money, so nothing of what it is still to receive, in
    /// the open window too, until that is settled.
    ///
    /// # Errors
    /// `settlement.short_of_cover`.
    pub fn covers_withdrawal(&self, money: &ledger::State, bic: &Bic, amount: Money) -> Result<(), Refusal> {
        match self.to_receive(bic, amount.currency()) {
            0 => Ok(()),
            credit => enough(self.available_together(money, bic, amount.currency()) - credit, bic, amount),
        }
    }

    /// The event by which movements short of cover wait, where every payer lets them, at most until `latest`; nothing
    /// where one will not wait or they could never settle from these accounts.
    #[must_use]
    pub fn waits_for_cover(
        &self,
        money: &ledger::State,
        id: u128,
        class: Class,
        movements: &[Movement],
        latest: Option<Moment>,
        at: Moment,
    ) -> Option<Event> {
        if self.places.contains_key(&id) || sound(money, id, movements).is_err() {
            return None;
        }
        let place = self.last_place + 1;
        let entry = Entry { id, place, class, movements: movements.to_vec(), since: at, until: at };
        lined_up(entry, at, |payer| match self.policy(payer, class) {
            Policy::Refuse => None,
            Policy::Wait(most) => Some(latest.map_or(at.plus(most), |latest| latest.min(at.plus(most)))),
        })
    }
}

fn enough(spendable: i128, bic: &Bic, amount: Money) -> Result<(), Refusal> {
    if spendable < amount.minor() {
        let has = Money::new(spendable, amount.currency());
        return Err(refuse(no::SHORT_OF_COVER, format!("{bic} may spend {has} and needs {amount}")));
    }
    Ok(())
}

/// The postings that make all these entries final together: one after the other if cover allows, else all at once.
///
/// Nobody ends below what it may spend. [`State::spendable`] leaves out credit of closed windows that the ledger knows
/// nothing of, so it is asked here and not only by plans.
fn posted(
    state: &State,
    money: &ledger::State,
    entries: &[Entry],
    at: Moment,
) -> Result<ledger::Event, Refusal> {
    let mut changes: BTreeMap<(&Bic, Currency), i128> = BTreeMap::new();
    for Movement { from, to, amount } in entries.iter().flat_map(|entry| &entry.movements) {
        *changes.entry((from, amount.currency())).or_default() -= amount.minor();
        *changes.entry((to, amount.currency())).or_default() += amount.minor();
    }
    for ((bic, currency), change) in changes.into_iter().filter(|(_, change)| *change < 0) {
        enough(state.spendable(money, bic, currency), bic, Money::new(-change, currency))?;
    }
    ledger::decide(money, &ledger::Command::Transfer(one_by_one(entries)), at)
        .or_else(|_| ledger::decide(money, &ledger::Command::Transfer(all_at_once(entries)), at))
}

fn withdraw(state: &State, id: u128, by: &Bic) -> Result<Event, Refusal> {
    let entry = state.waits(id).ok_or_else(|| refuse(no::WAITS_NOT, format!("{id:032x}")))?;
    match entry.movements.as_slice() {
        [movement] if movement.from == *by => Ok(Event::Withdrawn { id }),
        _ => Err(refuse(no::NOT_ITS_PAYER, by.as_str())),
    }
}

fn release(
    state: &State,
    money: &ledger::State,
    currency: Currency,
    tier: Tier,
    at: Moment,
) -> Result<Event, Refusal> {
    let snapshot = state.snapshot(money, currency)?;
    let plan = match tier {
        Tier::Funds => heads(&snapshot.queue),
        Tier::Gridlock => fifo(&snapshot.queue),
        Tier::Greedy => greedy(&snapshot.queue),
        Tier::Optimised => return Err(refuse(no::PLAN_MISSING, currency.code())),
    };
    if !plan.settled().is_empty() {
        return released(state, money, &snapshot, &plan, tier, at);
    }
    // Trades and other entries of several movements, each on its own, urgent before normal, oldest first.
    let mut linked: Vec<&Entry> = state.queue.values().filter(|entry| entry.movements.len() > 1).collect();
    linked.sort_by_key(|entry| (entry.class, entry.place));
    for entry in linked {
        if entry.movements.iter().any(|movement| movement.amount.currency() == currency)
            && let Ok(posted) = posted(state, money, std::slice::from_ref(entry), at)
        {
            return Ok(Event::Released { at, tier, entries: vec![entry.clone()], posted });
        }
    }
    Err(refuse(no::NOTHING_TO_RELEASE, currency.code()))
}

/// A plan made beside the hub: refused whole if a payment has left the queue since, an urgent one has joined it, or a
/// bank has less than the plan rests on.
fn commit(state: &State, money: &ledger::State, proposal: &Proposal, at: Moment) -> Result<Event, Refusal> {
    let currency = proposal.currency;
    let snapshot = state.snapshot(money, currency)?;
    if proposal.basis.revision != snapshot.basis.revision {
        let (then, now) = (proposal.basis.revision, snapshot.basis.revision);
        return Err(refuse(
            no::PLAN_STALE,
            format!("{currency} queue is at revision {now}, the plan at {then}"),
        ));
    }
    for (bic, then) in &proposal.basis.spendable {
        let now = state.spendable(money, bic, currency);
        if now < *then {
            return Err(refuse(
                no::PLAN_STALE,
                format!("{bic} may spend {now} {currency}, in the plan {then}"),
            ));
        }
    }
    if proposal.settled.is_empty() {
        return Err(refuse(no::NOTHING_TO_RELEASE, currency.code()));
    }
    let places: BTreeMap<u128, usize> = snapshot.ids.iter().copied().zip(0..).collect();
    let settled = proposal
        .settled
        .iter()
        .map(|id| places.get(id).copied().ok_or_else(|| refuse(no::WAITS_NOT, format!("{id:032x}"))))
        .collect::<Result<Vec<_>, _>>()?;
    let plan = Plan::of(&snapshot.queue, settled)?;
    released(state, money, &snapshot, &plan, Tier::Optimised, at)
}

fn released(
    state: &State,
    money: &ledger::State,
    snapshot: &Snapshot,
    plan: &Plan,
    tier: Tier,
    at: Moment,
) -> Result<Event, Refusal> {
    let entry = |place: &usize| state.waits(snapshot.ids[*place]).cloned();
    let mut entries: Vec<Entry> = plan.settled().iter().filter_map(entry).collect();
    entries.sort_by_key(|entry| (entry.class, entry.place));
    let posted = posted(state, money, &entries, at)?;
    Ok(Event::Released { at, tier, entries, posted })
}

// ---- payment versus payment

fn state_trade(state: &State, money: &ledger::State, trade: &Trade, at: Moment) -> Result<Event, Refusal> {
    let named = format!("{:032x}", trade.id);
    if state.places.contains_key(&trade.id) {
        return Err(refuse(no::WAITS_ALREADY, named));
    }
    sound(money, trade.id, &trade.movements())?;
    if trade.gives.currency() == trade.takes.currency() {
        return Err(refuse(no::TRADE_ONE_CURRENCY, named));
    }
    if trade.until <= at {
        return Err(refuse(no::TRADE_LATE, named));
    }
    let Some(stated) = state.trades.get(&trade.id) else {
        return Ok(Event::TradeStated(trade.clone()));
    };
    if !trade.mirrors(stated) {
        return Err(refuse(no::TRADE_MISMATCH, named));
    }
    let until = trade.until.min(stated.until);
    let entry = Entry {
        id: trade.id,
        place: state.last_place + 1,
        class: Class::Normal,
        movements: stated.movements(),
        since: at,
        until,
    };
    admit(state, money, entry, at, |_| Some(until))
}

// ---- the settlement agent's books and ours

fn reconcile(
    state: &State,
    money: &ledger::State,
    by: &Bic,
    currency: Currency,
    day: Day,
    balances: &BTreeMap<Bic, i128>,
) -> Result<Event, Refusal> {
    let circuit = circuit_of(state, currency)?;
    if circuit.agent != *by {
        return Err(refuse(no::NOT_THE_AGENT, format!("{by}, not {}", circuit.agent)));
    }
    let covers =
        money.accounts().iter().filter(|account| account.kind == Kind::Cover && account.currency == currency);
    let ours = covers.filter_map(|account| Bic::parse(&account.participant).ok());
    let all: std::collections::BTreeSet<Bic> = ours.chain(balances.keys().cloned()).collect();
    let compared = all.into_iter().map(|bic| {
        let expected = state.expected_at_agent(money, &bic, currency);
        let reported = balances.get(&bic).copied();
        (bic, Break { expected, reported })
    });
    let breaks = compared.filter(|(_, found)| found.reported != Some(found.expected)).collect();
    Ok(Event::Reconciled { currency, day, breaks })
}

fn propose(state: &State, correction: &Correction) -> Result<Event, Refusal> {
    if state.corrections.contains_key(&correction.id) {
        return Err(refuse(no::CORRECTION_KNOWN, format!("{:032x}", correction.id)));
    }
    if correction.reason.trim().is_empty() || correction.amount.minor() <= 0 {
        return Err(refuse(no::CORRECTION_EMPTY, format!("{:032x}", correction.id)));
    }
    Ok(Event::CorrectionProposed(correction.clone()))
}

fn approve(state: &State, money: &ledger::State, id: u128, by: &str, at: Moment) -> Result<Event, Refusal> {
    let named = format!("{id:032x}");
    let correction = state.corrections.get(&id).ok_or_else(|| refuse(no::CORRECTION_UNKNOWN, named))?;
    if correction.by == by {
        return Err(refuse(no::CORRECTION_SAME_PERSON, by));
    }
    let Correction { debit, credit, amount, .. } = correction;
    let post = Transfer::post(TransferId(id), *debit, *credit, *amount).about(id);
    let posted = ledger::decide(money, &ledger::Command::Transfer(vec![post]), at)?;
    Ok(Event::Corrected { id, by: by.to_owned(), posted })
}

// ---- time

fn tick(state: &State, at: Moment) -> Result<Event, Refusal> {
    let due = state.deadlines.first().filter(|(due, _)| *due <= at);
    let (_, due) = due.ok_or_else(|| refuse(no::NOTHING_DUE, at.to_string()))?;
    match due {
        Due::Window(id) if state.windows[id].stage == Stage::Open => close(state, id.currency, at),
        // Settled later: when the window before it is, or when the agent works again.
        Due::Window(id) => settle(state, *id, at).or_else(|_| {
            let until = at.plus(circuit_of(state, id.currency)?.patience);
            Ok(Event::Postponed { window: *id, until })
        }),
        Due::Instruction(instruction) => {
            let (window, _) = state.instructions[instruction];
            let until = at.plus(circuit_of(state, window.currency)?.patience);
            Ok(Event::Chased { window, instruction: *instruction, until })
        }
        Due::Entry(_) => {
            let expired = state.deadlines.iter().take_while(|(due, _)| *due <= at);
            let ids = expired.filter_map(|(_, due)| match due {
                Due::Entry(place) => Some(state.queue[place].id),
                _ => None,
            });
            Ok(Event::Expired { at, ids: ids.take(EXPIRED_AT_ONCE).collect() })
        }
        Due::Trade(id) => Ok(Event::TradeLapsed { id: *id }),
    }
}

/// The book's own clearing account of a currency, for statements.
#[must_use]
pub fn clearing_account(currency: Currency) -> meridian_ledger::AccountId {
    clearing(currency)
}
