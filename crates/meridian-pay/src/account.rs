//! Whose account a leg touches: a participant's own cover, or a provider's with a settlement access agent.
//!
//! A provider that is no member in a currency keeps its money with a bank that is (Nexus: S-SAP, D-SAP). That bank
//! allots part of its cover to the provider; the allotment is an account of its own, named `PROVIDER@BANK`, so that a
//! provider short of money at its access agent is refused like any other (AM04) and both can see what moved.

use borsh::{BorshDeserialize, BorshSerialize};
use meridian_ledger as ledger;
use meridian_settlement::Movement;
use meridian_terms::{Bic, Currency, Moment, Money, Uetr};

use crate::{Notice, State};

/// The name of an account's holder in the ledger.
#[must_use]
pub fn holder(whose: &Bic, at: Option<&Bic>) -> String {
    match at {
        None => whose.as_str().to_owned(),
        Some(agent) => format!("{whose}@{agent}"),
    }
}

/// Who is told of what happens on the account of this holder.
fn told(holder: &str) -> Vec<Bic> {
    holder.split('@').filter_map(|bic| Bic::parse(bic).ok()).collect()
}

/// A movement on a participant's account, as its statement shows it.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Booking {
    /// When it was posted.
    pub at: Moment,
    /// Positive came in, negative went out; minor units.
    pub minor: i128,
    /// Which payment; none for cover that came in or went out.
    pub uetr: Option<Uetr>,
    /// The debtor's reference, or the settlement agent's notice.
    pub reference: String,
}

/// Writes down what the ledger has posted, and tells whose accounts moved (camt.054).
pub(crate) fn book(
    state: &mut State,
    money: &ledger::State,
    posted: &ledger::Event,
    at: Moment,
    uetr: Option<Uetr>,
    reference: &str,
) {
    let ledger::Event::Transferred { entries, .. } = posted else { return };
    for entry in entries {
        let sides =
            [(entry.transfer.debit, -entry.amount.minor()), (entry.transfer.credit, entry.amount.minor())];
        for (account, minor) in sides {
            let Some(account) = money.account(account).filter(|account| account.kind == ledger::Kind::Cover)
            else {
                continue;
            };
            let amount = Money::new(minor, account.currency);
            note(state, account.participant.clone(), amount, at, uetr, reference);
        }
    }
}

/// As [`book`], for a movement of the queue that is no payment's.
pub(crate) fn book_movement(state: &mut State, movement: &Movement, at: Moment, reference: &str) {
    let Movement { from, to, amount } = movement;
    note(state, from.to_string(), Money::new(-amount.minor(), amount.currency()), at, None, reference);
    note(state, to.to_string(), *amount, at, None, reference);
}

/// As [`book`], for a leg that the queue has posted.
pub(crate) fn book_leg(state: &mut State, leg: &crate::Leg, at: Moment, uetr: Uetr, reference: &str) {
    let out = Money::new(-leg.amount.minor(), leg.amount.currency());
    note(state, leg.from.to_string(), out, at, Some(uetr), reference);
    note(state, leg.to.to_string(), leg.amount, at, Some(uetr), reference);
}

fn note(state: &mut State, holder: String, amount: Money, at: Moment, uetr: Option<Uetr>, reference: &str) {
    let booking = Booking { at, minor: amount.minor(), uetr, reference: reference.to_owned() };
    state.bookings.entry((holder.clone(), amount.currency())).or_default().push_back(booking);
    for whose in told(&holder) {
        let (holder, reference) = (holder.clone(), reference.to_owned());
        state.tell(&whose, at, Notice::Booked { holder, uetr, amount, reference });
    }
}

/// Lets go of bookings older than the memory.
pub(crate) fn forget_bookings(state: &mut State, before: Moment) {
    for bookings in state.bookings.values_mut() {
        while bookings.front().is_some_and(|booking| booking.at < before) {
            bookings.pop_front();
        }
    }
}

/// What is reported of an account (camt.052, camt.053).
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Report {
    /// Whose account.
    pub holder: String,
    /// In which currency.
    pub currency: Currency,
    /// A day that is over (camt.053), or the day so far (camt.052).
    pub is_statement: bool,
    /// From when.
    pub from: Moment,
    /// Until when.
    pub until: Moment,
    /// Posted balance before the first of it, minor units.
    pub opening: i128,
    /// Posted balance after the last of it, minor units.
    pub closing: i128,
    /// What could be paid out now, minor units.
    pub available: i128,
    /// Which page this is, from 1.
    pub page: u32,
    /// Whether it is the last.
    pub is_last: bool,
    /// The movements of this page.
    pub bookings: Vec<Booking>,
}

/// The most movements on one page.
const PAGE: usize = 500;

/// The pages of a report: opening plus movements is closing.
pub(crate) fn report(
    state: &State,
    money: &ledger::State,
    holder: &str,
    currency: Currency,
    is_statement: bool,
    (from, until): (Moment, Moment),
) -> Vec<Report> {
    let id = ledger::AccountId::of(holder, currency, ledger::Kind::Cover);
    let Some(account) = money.account(id) else { return Vec::new() };
    let empty = std::collections::VecDeque::new();
    let all = state.bookings.get(&(holder.to_owned(), currency)).unwrap_or(&empty);
    let (first, end) =
        (all.partition_point(|booking| booking.at < from), all.partition_point(|booking| booking.at < until));
    let sum = |range: std::ops::Range<usize>| all.range(range).map(|booking| booking.minor).sum::<i128>();
    let closing = account.balance().minor() - sum(end..all.len());
    let opening = closing - sum(first..end);
    let within: Vec<&Booking> = all.range(first..end).collect();
    let count = within.len().div_ceil(PAGE).max(1);
    let page = |number: usize| Report {
        holder: holder.to_owned(),
        currency,
        is_statement,
        from,
        until,
        opening,
        closing,
        available: account.available().minor(),
        page: u32::try_from(number + 1).unwrap_or(u32::MAX),
        is_last: number + 1 == count,
        bookings: within.iter().skip(number * PAGE).take(PAGE).map(|booking| (*booking).clone()).collect(),
    };
    (0..count).map(page).collect()
}
