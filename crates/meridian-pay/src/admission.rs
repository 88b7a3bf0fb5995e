//! Who takes part, with what money, over which links: what operators and settlement agents decide.

use meridian_ledger::{self as ledger, Account, AccountId, Kind, Transfer, TransferId};
use meridian_terms::{Bic, Currency, Moment, Money, Refusal};

use crate::account::holder;
use crate::decide::{active, known};
use crate::quote::provider;
use crate::refusal::{self as no, refuse};
use crate::{Command, Event, Participant, Role, State};

/// The name of the account that mirrors a currency's real money at its national settlement agent.
pub(crate) const MIRROR: &str = "SETTLEMENT-AGENT";

pub(crate) fn admit(
    state: &State,
    money: &ledger::State,
    participant: &Participant,
    currencies: &[Currency],
    at: Moment,
) -> Result<Event, Refusal> {
    if state.participants.contains_key(&participant.bic) {
        return Err(refuse(no::PARTICIPANT_EXISTS, participant.bic.as_str()));
    }
    let mut accounts = Vec::new();
    for currency in currencies {
        let mirror = Account::open(MIRROR, *currency, Kind::SettlementAgent);
        if money.account(mirror.id).is_none() {
            accounts.push(mirror);
        }
        accounts.push(Account::open(participant.bic.as_str(), *currency, Kind::Cover));
    }
    let opened = ledger::decide(money, &ledger::Command::Open(accounts), at)?;
    Ok(Event::Admitted { participant: participant.clone(), opened })
}

/// Links: proposed by one person, approved by another, shut by anybody who may.
pub(crate) fn link(state: &State, command: &Command, at: Moment) -> Result<Event, Refusal> {
    match command {
        Command::ProposeLink { key, instrument, in_force, by } => {
            if instrument.trim().is_empty() {
                return Err(refuse(no::LINK_INSTRUMENT, key.to_string()));
            }
            let (instrument, by) = (instrument.clone(), by.clone());
            Ok(Event::LinkProposed { key: *key, instrument, in_force: *in_force, by })
        }
        Command::ApproveLink { key, by } => {
            let link = state.links.get(key).ok_or_else(|| refuse(no::LINK_UNKNOWN, key.to_string()))?;
            if link.proposed_by == *by {
                return Err(refuse(no::LINK_SAME_PERSON, by.clone()));
            }
            if link.in_force.until().is_some_and(|end| end <= at.day()) {
                return Err(refuse(no::LINK_ENDED, link.instrument.clone()));
            }
            Ok(Event::LinkOpened { key: *key, by: by.clone() })
        }
        Command::ShutLink { key, by, in_flight } => {
            state.links.get(key).ok_or_else(|| refuse(no::LINK_UNKNOWN, key.to_string()))?;
            Ok(Event::LinkShut { key: *key, by: by.clone(), at, in_flight: *in_flight })
        }
        _ => unreachable!("only links come here"),
    }
}

/// The settlement agent's word that real money came in for a participant, or went out.
pub(crate) fn fund(
    state: &State,
    money: &ledger::State,
    participant: &Bic,
    amount: Money,
    reference: u128,
    comes_in: bool,
    at: Moment,
) -> Result<Event, Refusal> {
    known(state, participant)?;
    let mirror = AccountId::of(MIRROR, amount.currency(), Kind::SettlementAgent);
    let cover = AccountId::of(participant.as_str(), amount.currency(), Kind::Cover);
    let (debit, credit) = if comes_in { (mirror, cover) } else { (cover, mirror) };
    let transfer = Transfer::post(TransferId(reference), debit, credit, amount);
    let posted = ledger::decide(money, &ledger::Command::Transfer(vec![transfer]), at)?;
    Ok(Event::Funded { participant: participant.clone(), at, reference, posted })
}

/// A provider names the bank it keeps a currency with; its account there is opened.
pub(crate) fn name_intermediary(
    state: &State,
    money: &ledger::State,
    whose: &Bic,
    currency: Currency,
    agent: &Bic,
    at: Moment,
) -> Result<Event, Refusal> {
    provider(state, whose)?;
    active(state, agent, Role::Bank)?;
    let own = AccountId::of(agent.as_str(), currency, Kind::Cover);
    if money.account(own).is_none() {
        return Err(refuse(no::NO_ACCOUNT, format!("{agent} {currency}")));
    }
    let account = Account::open(&holder(whose, Some(agent)), currency, Kind::Cover);
    let opened = match money.account(account.id) {
        Some(_) => None,
        None => Some(ledger::decide(money, &ledger::Command::Open(vec![account]), at)?),
    };
    Ok(Event::IntermediaryNamed { provider: whose.clone(), currency, agent: agent.clone(), opened })
}

/// A settlement access agent moves part of its own cover to a provider's account with it, or back.
pub(crate) fn allot(
    state: &State,
    money: &ledger::State,
    (agent, whose): (&Bic, &Bic),
    amount: Money,
    reference: u128,
    comes_back: bool,
    at: Moment,
) -> Result<Event, Refusal> {
    if state.intermediary(whose, amount.currency()) != Some(agent) {
        return Err(refuse(no::INTERMEDIARY_OTHER, format!("{whose} {}", amount.currency())));
    }
    let own = AccountId::of(agent.as_str(), amount.currency(), Kind::Cover);
    let allotted = AccountId::of(&holder(whose, Some(agent)), amount.currency(), Kind::Cover);
    let (debit, credit) = if comes_back { (allotted, own) } else { (own, allotted) };
    let transfer = Transfer::post(TransferId(reference), debit, credit, amount);
    let posted = ledger::decide(money, &ledger::Command::Transfer(vec![transfer]), at)?;
    Ok(Event::Funded { participant: whose.clone(), at, reference, posted })
}
