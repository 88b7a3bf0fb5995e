//! What would happen: one event, or the first refusal in order of precedence. Changes nothing.

use meridian_ledger::{self as ledger, Account, AccountId, Change, Kind as AccountKind, Limits, Transfer};
use meridian_terms::{Currency, Moment, Ratio, Refusal};

use crate::bill::{HUB, position_account};
use crate::refusal::{self as no, refuse};
use crate::state::Due;
use crate::transaction::first_128_bits;
use crate::{Command, DisputeStage, Event, Link, Role, SchemeId, Stage, State, TransactionId};

/// The name of the account that mirrors a currency's real money at its national settlement agent, shared with payments.
const MIRROR: &str = "SETTLEMENT-AGENT";

/// How many ended transactions one tick lets go.
const FORGET_AT_ONCE: usize = 1_000;

/// Decides a command at a moment.
///
/// # Errors
/// The first refusal in order of precedence. A request declined on its merits is an event instead
/// ([`Event::Declined`]), so that its repeat after a restart gets the same answer.
pub fn decide(state: &State, money: &ledger::State, command: &Command, at: Moment) -> Result<Event, Refusal> {
    match command {
        Command::Configure(settings) => Ok(Event::Configured(*settings)),
        Command::Admit { scheme, most } => {
            let accounts = open_position(money, scheme.id.as_str(), scheme.currency, *most, at)?;
            Ok(Event::Admitted(scheme.clone(), accounts))
        }
        Command::AdmitProvider { provider, currencies } => {
            let mut accounts = Vec::new();
            for (currency, most) in currencies {
                accounts.extend(open_position(money, provider, *currency, *most, at)?);
            }
            Ok(Event::ProviderAdmitted(provider.clone(), accounts))
        }
        Command::Fund { scheme: id, amount, reference } => {
            scheme(state, id)?;
            let mirror = AccountId::of(MIRROR, amount.currency(), AccountKind::SettlementAgent);
            let cover = AccountId::of(id.as_str(), amount.currency(), AccountKind::Cover);
            let transfer = Transfer::post(ledger::TransferId(*reference), mirror, cover, *amount);
            let posted = ledger::decide(money, &ledger::Command::Transfer(vec![transfer]), at)?;
            Ok(Event::Funded(id.clone(), posted))
        }
        Command::ProposeLink { key, instrument, in_force, services, by } => {
            if instrument.trim().is_empty() {
                return Err(refuse(no::LINK_INSTRUMENT, key.to_string()));
            }
            scheme(state, &key.acquirer)?;
            scheme(state, &key.issuer)?;
            let link = Link {
                instrument: instrument.clone(),
                in_force: *in_force,
                services: services.clone(),
                proposed_by: by.clone(),
                approved_by: None,
                shut_by: None,
            };
            Ok(Event::LinkProposed(key.clone(), link))
        }
        Command::ApproveLink { key, by } => {
            let link = state.links.get(key).ok_or_else(|| refuse(no::LINK_UNKNOWN, key.to_string()))?;
            if link.proposed_by == *by {
                return Err(refuse(no::LINK_SAME_PERSON, by.clone()));
            }
            Ok(Event::LinkOpened(key.clone(), by.clone()))
        }
        Command::ShutLink { key, by } => {
            state.links.get(key).ok_or_else(|| refuse(no::LINK_UNKNOWN, key.to_string()))?;
            Ok(Event::LinkShut(key.clone(), by.clone()))
        }
        Command::PutTable(table) => {
            table.ranges().try_for_each(|range| scheme(state, &range.scheme).map(|_| ()))?;
            Ok(Event::TableInForce(table.clone()))
        }
        Command::PublishRate(key, rate) => {
            if rate.rate <= Ratio::ZERO {
                return Err(refuse(no::RATE_NOT_POSITIVE, rate.rate.to_string()));
            }
            if !state.providers.contains(&rate.provider) {
                return Err(refuse(no::UNKNOWN_PROVIDER, rate.provider.clone()));
            }
            Ok(Event::RatePublished(*key, rate.clone()))
        }
        Command::SetFees(key, rule) => Ok(Event::FeesSet(key.clone(), *rule)),
        Command::SetStop(stop, is_stopped) => Ok(Event::StopSet(stop.clone(), *is_stopped)),
        Command::SetSession { scheme: id, is_up } => {
            scheme(state, id)?;
            if state.is_up(id) == *is_up {
                return Err(refuse(no::SAME_SESSION, id.as_str()));
            }
            Ok(Event::SessionSet(id.clone(), *is_up))
        }
        Command::Ask { from, request, route, table } => {
            crate::authorise::ask(state, money, from, request, route, *table, at)
        }
        Command::Answer { from, id, response, approval } => {
            crate::authorise::answer(state, money, from, *id, *response, approval, at)
        }
        Command::Undelivered(id) => crate::authorise::undelivered(state, money, *id, at),
        Command::Advise { from, request, original, approval, route, table } => {
            let advice = crate::complete::Advised { from, request, original: original.as_ref(), approval };
            crate::complete::advise(state, money, &advice, route, *table, at)
        }
        Command::Reverse { from, original, remaining } => {
            crate::complete::reverse(state, money, from, original, *remaining, at)
        }
        Command::AcknowledgeAdvice { by, number, response } => {
            let waiting = state.queues.get(by).is_some_and(|queue| queue.waiting.contains_key(number));
            if !waiting {
                return Err(refuse(no::NO_ADVICE, format!("{by}, {number}")));
            }
            Ok(Event::AdviceAcknowledged { by: by.clone(), number: *number, response: *response, at })
        }
        Command::Present { from, file, line, presentment } => {
            crate::complete::present(state, money, from, (file.clone(), *line), presentment, at)
        }
        Command::Reconcile { scheme: id, role, day, theirs } => {
            scheme(state, id)?;
            if let Some(why) = under_way(state, id, *role, *day) {
                return Err(refuse(no::DAY_OPEN, why));
            }
            let ours = Box::new(state.totals(id, *role, *day));
            Ok(Event::Reconciled {
                scheme: id.clone(),
                role: *role,
                day: *day,
                at,
                ours,
                theirs: theirs.clone(),
            })
        }
        Command::Settle { window } => settle(state, money, *window, at),
        Command::Dispute { by, transaction, step } => {
            crate::contest::step(state, money, by, *transaction, step, at)
        }
        Command::Tick => tick(state, money, at),
    }
}

pub(crate) fn scheme<'a>(state: &'a State, id: &SchemeId) -> Result<&'a crate::Scheme, Refusal> {
    state.schemes.get(id).ok_or_else(|| refuse(no::UNKNOWN_SCHEME, id.as_str()))
}

/// Opens the position, cover and fee accounts that are not there yet, and sets the position's net debit cap.
fn open_position(
    money: &ledger::State,
    name: &str,
    currency: Currency,
    most: i128,
    at: Moment,
) -> Result<Vec<ledger::Event>, Refusal> {
    let mut position = Account::open(name, currency, AccountKind::CardScheme);
    position.limits = Limits { credit_line: Some(most), credit_cap: None };
    let mut events = Vec::new();
    if let Some(known) = money.account(position.id) {
        let b = known.balances;
        if b.debits_posted + b.debits_pending > b.credits_posted + most {
            return Err(refuse(no::CAP_BELOW_USE, format!("{name} {currency}: {most}")));
        }
        let change = ledger::Command::Change(position.id, Change::Limits(position.limits));
        events.push(ledger::decide(money, &change, at)?);
    }
    let wanted = [
        position,
        Account::open(name, currency, AccountKind::Cover),
        Account::open(HUB, currency, AccountKind::Fees),
        Account::open(MIRROR, currency, AccountKind::SettlementAgent),
    ];
    let missing: Vec<Account> =
        wanted.into_iter().filter(|account| money.account(account.id).is_none()).collect();
    if !missing.is_empty() {
        events.push(ledger::decide(money, &ledger::Command::Open(missing), at)?);
    }
    Ok(events)
}

/// Asks the ledger for a chain; nothing where there is nothing to move.
pub(crate) fn chain(
    money: &ledger::State,
    transfers: Vec<Transfer>,
    at: Moment,
) -> Result<Option<ledger::Event>, Refusal> {
    if transfers.is_empty() {
        return Ok(None);
    }
    ledger::decide(money, &ledger::Command::Transfer(transfers), at).map(Some)
}

/// What of a day is still under way between the hub and a scheme in a role.
fn under_way(state: &State, id: &SchemeId, role: Role, day: meridian_terms::Day) -> Option<String> {
    let asked = state.deadlines.iter().filter_map(|(_, due)| match due {
        Due::Transaction(id) => state.transactions.get(id),
        Due::Dispute(_) => None,
    });
    let asked = asked.filter(|transaction| {
        let opening = transaction.opening.as_ref();
        let of_scheme = match role {
            Role::Acquirer => transaction.acquirer == *id,
            Role::Issuer => opening.is_some_and(|opening| opening.parties.issuer == *id),
        };
        matches!(transaction.stage, Stage::Asked { .. })
            && of_scheme
            && opening.is_some_and(|opening| opening.day == day)
    });
    let asked = asked.count();
    if asked > 0 {
        return Some(format!("{asked} requests await answers"));
    }
    let waiting = state.queues.get(id).map_or(0, |queue| {
        queue.waiting.values().filter(|advice| role == Role::Issuer && advice.day == day).count()
    });
    (waiting > 0).then(|| format!("{waiting} advices await acknowledgement"))
}

/// Positions into cover, all in one chain: what is owed comes out of cover, what is due goes in, less what other holds
/// still need. Refused as a whole where somebody's cover does not suffice.
fn settle(state: &State, money: &ledger::State, window: u64, at: Moment) -> Result<Event, Refusal> {
    if state.windows.contains(&window) {
        return Err(refuse(no::SETTLED_BEFORE, window.to_string()));
    }
    let mut moved = Vec::new();
    let mut transfers = Vec::new();
    for (name, currency, balance) in state.positions(money) {
        let position = position_account(name, currency);
        let cover = AccountId::of(name, currency, AccountKind::Cover);
        let available = money.account(position).map_or(0, |account| account.available().minor());
        let minor = balance.min(available.max(0));
        if minor == 0 {
            continue;
        }
        let (debit, credit) = if minor > 0 { (position, cover) } else { (cover, position) };
        let mut hasher = blake3::Hasher::new();
        hasher.update(b"window");
        hasher.update(&window.to_be_bytes());
        hasher.update(&position.0.to_be_bytes());
        let id = ledger::TransferId(first_128_bits(&hasher));
        let amount = meridian_terms::Money::new(minor.abs(), currency);
        transfers.push(Transfer::post(id, debit, credit, amount).about(u128::from(window)));
        moved.push((name.to_owned(), currency, -minor));
    }
    let posted = chain(money, transfers, at)?;
    Ok(Event::Settled { window, at, moved, posted })
}

/// Acts on the earliest deadline that has come, one a tick; with none due, lets go what need not be remembered.
fn tick(state: &State, money: &ledger::State, at: Moment) -> Result<Event, Refusal> {
    match state.deadlines.first().filter(|(deadline, _)| *deadline <= at) {
        Some((_, Due::Transaction(id))) => crate::authorise::expire(state, money, *id, at),
        Some((_, Due::Dispute(id))) => Ok(close_dispute(state, *id, at)),
        None => {
            let oldest = at.minus(state.settings.memory);
            let gone = state.ends.iter().take_while(|(since, _)| *since <= oldest).take(FORGET_AT_ONCE);
            let gone: Vec<_> = gone.copied().collect();
            Ok(if gone.is_empty() { Event::Idle } else { Event::Forgotten(gone) })
        }
    }
}

fn close_dispute(state: &State, id: TransactionId, at: Moment) -> Event {
    let Some(dispute) = state.disputes.get(&id) else { return Event::Idle };
    let Some((_, winner)) = dispute.stage.deadline() else { return Event::Idle };
    let dispute = crate::Dispute { stage: DisputeStage::Closed { winner }, ..dispute.clone() };
    Event::Disputed { dispute: Box::new(dispute), at, moved: (0, 0), posted: None }
}
