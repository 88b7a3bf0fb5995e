//! What would happen: an event, or the first refusal in order of precedence. Changes nothing.

use meridian_terms::{Moment, Money, Refusal};

use crate::ahead::Ahead;
use crate::judge::{Ruling, judge};
use crate::{Account, AccountId, Balances, Command, Denial, Entry, Event, NoPast, Past, State, Transfer};

/// Decides a command at a moment.
///
/// # Errors
/// The first [`Denial`] in order of precedence, as a [`Refusal`] with the actual values.
pub fn decide(state: &State, command: &Command, at: Moment) -> Result<Event, Refusal> {
    match command {
        Command::Open(accounts) => open(state, accounts),
        Command::Change(id, change) => match state.account(*id) {
            Some(_) => Ok(Event::Changed(*id, *change)),
            None => Err(Denial::AccountUnknown.refusal(&format!("{:032x}", id.0))),
        },
        Command::Transfer(chain) => decide_chain(state, chain, at)
            .map(|entries| Event::Transferred { at, entries })
            .map_err(|(position, denial)| explain(state, chain, position, denial)),
        Command::Expire => Ok(Event::Expired {
            at,
            pending: state
                .deadlines
                .iter()
                .take_while(|(deadline, _)| *deadline <= at)
                .map(|(_, id)| *id)
                .collect(),
        }),
    }
}

fn open(state: &State, accounts: &[Account]) -> Result<Event, Refusal> {
    for (position, account) in accounts.iter().enumerate() {
        let twice = accounts[..position].iter().any(|earlier| earlier.id == account.id);
        if twice || state.account(account.id).is_some() {
            let whose = format!("{} {} {}", account.participant, account.currency, account.kind.word());
            return Err(Denial::AccountExists.refusal(&whose));
        }
    }
    Ok(Event::Opened(
        accounts.iter().map(|account| Account { balances: Balances::default(), ..account.clone() }).collect(),
    ))
}

/// Decides a chain of transfers: all of its entries, or the position of the one that fails and why. Later
/// transfers see what earlier ones would do.
///
/// # Errors
/// Position in the chain and the first [`Denial`] in order of precedence.
pub fn decide_chain(state: &State, chain: &[Transfer], at: Moment) -> Result<Vec<Entry>, (usize, Denial)> {
    let rulings = judge_chain(state, &NoPast, chain, at)?;
    Ok(chain.iter().zip(rulings).map(|(transfer, ruling)| entry(transfer, ruling)).collect())
}

/// As [`decide_chain`], with the rows of the accounts.
pub(crate) fn judge_chain(
    state: &State,
    past: &impl Past,
    chain: &[Transfer],
    at: Moment,
) -> Result<Vec<Ruling>, (usize, Denial)> {
    if chain.is_empty() {
        return Err((0, Denial::EmptyChain));
    }
    let mut ahead = Ahead::new(state, past);
    let mut rulings = Vec::with_capacity(chain.len());
    for (position, transfer) in chain.iter().enumerate() {
        let ruling = judge(&ahead, transfer, at).map_err(|denial| (position, denial))?;
        ahead.note(transfer, &ruling);
        rulings.push(ruling);
    }
    Ok(rulings)
}

fn entry(transfer: &Transfer, ruling: Ruling) -> Entry {
    Entry { transfer: transfer.clone(), amount: Money::new(ruling.amount, transfer.amount.currency()) }
}

/// Decides transfers one by one, each on the effect of those before it: what happens, and which ones do not and why, by
/// position. A chain is [`decide_chain`]; to decide and apply in one pass, [`crate::transact`].
#[must_use]
pub fn decide_batch(state: &State, batch: &[Transfer], at: Moment) -> (Vec<Entry>, Vec<(usize, Denial)>) {
    state.touch(batch);
    let mut ahead = Ahead::new(state, &NoPast);
    let (mut entries, mut refused) = (Vec::with_capacity(batch.len()), Vec::new());
    for (position, transfer) in batch.iter().enumerate() {
        match judge(&ahead, transfer, at) {
            Ok(ruling) => {
                ahead.note(transfer, &ruling);
                entries.push(entry(transfer, ruling));
            }
            Err(denial) => refused.push((position, denial)),
        }
    }
    (entries, refused)
}

fn explain(state: &State, chain: &[Transfer], position: usize, denial: Denial) -> Refusal {
    let Some(transfer) = chain.get(position) else {
        return denial.refusal("");
    };
    let whose = |id: AccountId| match state.account(id) {
        Some(account) => format!("{} {}", account.participant, account.kind.word()),
        None => format!("account {:032x}", id.0),
    };
    let mut detail = format!(
        "transfer {} of {}: {} from {} to {}",
        position + 1,
        chain.len(),
        transfer.amount,
        whose(transfer.debit),
        whose(transfer.credit)
    );
    if let (Denial::InsufficientFunds, Some(account)) = (denial, state.account(transfer.debit)) {
        detail.push_str(&format!(", available {}", account.available()));
    }
    denial.refusal(&detail)
}
