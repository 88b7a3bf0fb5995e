//! Payments that wait for cover: each participant's policy, and the queue of the hub.

use std::collections::{BTreeMap, BTreeSet};

use borsh::{BorshDeserialize, BorshSerialize};
use meridian_ledger::{self as ledger, AccountId, Kind, Transfer, TransferId};
use meridian_terms::{Bic, Currency, Micros, Moment, Money};

use crate::{Class, Queue, State, Waiting};

/// What a participant wants done with its payments that are short of cover.
#[derive(Debug, Clone, Copy, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub enum Policy {
    /// Refuse at once (AM04).
    Refuse,
    /// Wait (PDNG) for at most so long, then refuse (AM04).
    Wait(Micros),
}

/// Money from one participant's cover to another's.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Movement {
    /// Whose cover is debited.
    pub from: Bic,
    /// Whose is credited.
    pub to: Bic,
    /// How much, above zero.
    pub amount: Money,
}

/// What waits: one movement, or several that are final together or not at all (an FX trade's two, payment versus
/// payment).
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Entry {
    /// Names it: a UETR's bits or a trade's reference. Its ledger transfers derive from it.
    pub id: u128,
    /// Its place: the oldest has the lowest.
    pub place: u64,
    /// Whose turn comes first.
    pub class: Class,
    /// What it moves.
    pub movements: Vec<Movement>,
    /// Since when it waits.
    pub since: Moment,
    /// When it is refused.
    pub until: Moment,
}

/// How a release came about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, BorshSerialize, BorshDeserialize)]
pub enum Tier {
    /// Covered on arrival, or from the head of a line as funds arrived.
    Funds,
    /// FIFO gridlock resolution.
    Gridlock,
    /// Out of order, greedily.
    Greedy,
    /// By a plan computed beside the hub.
    Optimised,
}

/// A currency's queue and covers at one moment, to plan on beside the hub.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Snapshot {
    /// The question.
    pub queue: Queue,
    /// The banks, by their place in the question.
    pub banks: Vec<Bic>,
    /// The payments' ids, by their place in the question.
    pub ids: Vec<u128>,
    /// What the answer rests on.
    pub basis: Basis,
}

/// What a plan rests on.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Basis {
    /// Rises whenever a payment leaves the currency's queue, or an urgent one joins it.
    pub revision: u64,
    /// What each bank could spend.
    pub spendable: BTreeMap<Bic, i128>,
}

/// A plan for a currency's queue, to be committed as one event if nothing it rests on has gone.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Proposal {
    /// Which queue.
    pub currency: Currency,
    /// What it rests on.
    pub basis: Basis,
    /// What settles.
    pub settled: Vec<u128>,
}

impl Snapshot {
    /// The proposal to settle these places of the question.
    #[must_use]
    pub fn proposal(&self, currency: Currency, settled: &[usize]) -> Proposal {
        let settled = settled.iter().map(|place| self.ids[*place]).collect();
        Proposal { currency, basis: self.basis.clone(), settled }
    }
}

impl State {
    /// A currency's queue as it stands. Entries of several movements are not in it: they are tried one by one.
    ///
    /// # Errors
    /// `settlement.queue_too_large`.
    pub fn snapshot(
        &self,
        money: &ledger::State,
        currency: Currency,
    ) -> Result<Snapshot, meridian_terms::Refusal> {
        let entries: Vec<(&Entry, &Movement)> = self
            .queue
            .values()
            .filter_map(|entry| match entry.movements.as_slice() {
                [movement] if movement.amount.currency() == currency => Some((entry, movement)),
                _ => None,
            })
            .collect();
        let parties: BTreeSet<&Bic> =
            entries.iter().flat_map(|(_, movement)| [&movement.from, &movement.to]).collect();
        let banks: Vec<Bic> = parties.iter().map(|bic| (*bic).clone()).collect();
        let place: BTreeMap<&Bic, usize> = banks.iter().zip(0..).collect();
        let waiting = |(entry, movement): &(&Entry, &Movement)| Waiting {
            from: place[&movement.from],
            to: place[&movement.to],
            amount: movement.amount.minor(),
            class: entry.class,
        };
        let spendable: BTreeMap<Bic, i128> =
            banks.iter().map(|bic| (bic.clone(), self.spendable(money, bic, currency))).collect();
        let liquidity = banks.iter().map(|bic| spendable[bic].max(0)).collect();
        Ok(Snapshot {
            queue: Queue::new(liquidity, entries.iter().map(waiting).collect())?,
            ids: entries.iter().map(|(entry, _)| entry.id).collect(),
            banks,
            basis: Basis { revision: self.revision(currency), spendable },
        })
    }
}

/// The account through which payments settle that only settle together. It has no limits, and stands at zero after
/// every event.
pub(crate) fn clearing(currency: Currency) -> AccountId {
    AccountId::of(CLEARING, currency, Kind::Suspense)
}

/// Whose the clearing accounts are.
pub(crate) const CLEARING: &str = "SETTLEMENT-CLEARING";

pub(crate) fn cover(bic: &Bic, currency: Currency) -> AccountId {
    AccountId::of(bic.as_str(), currency, Kind::Cover)
}

/// The entries' movements one after the other, as one chain.
pub(crate) fn one_by_one(entries: &[Entry]) -> Vec<Transfer> {
    chain(entries, |id, movement, post| {
        let currency = movement.amount.currency();
        post(id(0), cover(&movement.from, currency), cover(&movement.to, currency));
    })
}

/// The entries' movements all at once, as one chain: every credit comes from the clearing account first, every debit
/// goes into it next, so that a bank is held to what it has after all of them.
pub(crate) fn all_at_once(entries: &[Entry]) -> Vec<Transfer> {
    let mut credits = chain(entries, |id, movement, post| {
        let currency = movement.amount.currency();
        post(id(1), clearing(currency), cover(&movement.to, currency));
    });
    credits.extend(chain(entries, |id, movement, post| {
        let currency = movement.amount.currency();
        post(id(2), cover(&movement.from, currency), clearing(currency));
    }));
    credits
}

type Post<'a> = &'a mut dyn FnMut(TransferId, AccountId, AccountId);

fn chain(entries: &[Entry], moves: impl Fn(&dyn Fn(u8) -> TransferId, &Movement, Post<'_>)) -> Vec<Transfer> {
    let mut transfers = Vec::new();
    for entry in entries {
        for (number, movement) in entry.movements.iter().enumerate() {
            let id = |step: u8| transfer_id(entry.id, number, step);
            moves(&id, movement, &mut |id, debit, credit| {
                transfers.push(Transfer::post(id, debit, credit, movement.amount).about(entry.id));
            });
        }
    }
    transfers
}

/// Derived, so that an entry's transfers can be found from its id by anyone who reads the journal.
fn transfer_id(entry: u128, movement: usize, step: u8) -> TransferId {
    let mut hasher = blake3::Hasher::new();
    hasher.update(b"settlement").update(&entry.to_be_bytes());
    hasher.update(&[u8::try_from(movement).unwrap_or(u8::MAX), step]);
    let mut first = [0; 16];
    first.copy_from_slice(&hasher.finalize().as_bytes()[..16]);
    TransferId(u128::from_be_bytes(first))
}
