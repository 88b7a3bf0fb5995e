//! What the ledger knows.

use std::collections::{BTreeMap, BTreeSet};

use borsh::{BorshDeserialize, BorshSerialize};
use meridian_terms::{Currency, Moment};

use crate::index::Index;
use crate::{Account, AccountId, Transfer, TransferId};

/// What became of a transfer id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, BorshSerialize, BorshDeserialize)]
pub enum Fate {
    /// It moved money at once, or it posted or voided another.
    Done,
    /// It is a reservation and still open.
    Pending,
    /// It is a reservation that was posted.
    Posted,
    /// It is a reservation that was voided.
    Voided,
    /// It is a reservation that reached its deadline.
    Expired,
}

/// A reservation.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Pending {
    /// The transfer as it was asked.
    pub transfer: Transfer,
    /// When it expires, if it does by itself.
    pub deadline: Option<Moment>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub(crate) struct Seen {
    pub(crate) id: TransferId,
    pub(crate) fingerprint: u64,
    pub(crate) fate: Fate,
}

/// Accounts in the order they were opened, open reservations, and every transfer id with its fate.
///
/// Equal histories give equal states and equal bytes: what is hashed is written in an order of its own, never in
/// that of an index.
#[derive(Debug, Clone, Default)]
pub struct State {
    pub(crate) accounts: Vec<Account>,
    account_index: Index,
    pub(crate) seen: Vec<Seen>,
    seen_index: Index,
    pub(crate) pending: BTreeMap<TransferId, Pending>,
    pub(crate) deadlines: BTreeSet<(Moment, TransferId)>,
}

impl State {
    /// The account, if there is one.
    #[must_use]
    pub fn account(&self, id: AccountId) -> Option<&Account> {
        self.account_slot(id).map(|slot| &self.accounts[slot])
    }

    /// Every account, in the order they were opened.
    #[must_use]
    pub fn accounts(&self) -> &[Account] {
        &self.accounts
    }

    /// The open reservation with this id.
    #[must_use]
    pub fn pending(&self, id: TransferId) -> Option<&Pending> {
        self.pending.get(&id)
    }

    /// Every open reservation, by id.
    pub fn all_pending(&self) -> impl Iterator<Item = &Pending> {
        self.pending.values()
    }

    /// What became of this id.
    #[must_use]
    pub fn fate(&self, id: TransferId) -> Option<Fate> {
        self.seen(id).map(|seen| seen.fate)
    }

    /// The earliest deadline of an open reservation.
    #[must_use]
    pub fn next_deadline(&self) -> Option<Moment> {
        self.deadlines.first().map(|(deadline, _)| *deadline)
    }

    /// Currencies whose debits and credits differ, with credits minus debits. Empty, always: anything else is a
    /// broken invariant.
    #[must_use]
    pub fn imbalance(&self) -> BTreeMap<Currency, i128> {
        let mut sums: BTreeMap<Currency, (i128, i128)> = BTreeMap::new();
        for account in &self.accounts {
            let sum = sums.entry(account.currency).or_default();
            sum.0 += account.balances.posted();
            sum.1 += account.balances.credits_pending - account.balances.debits_pending;
        }
        let broken = |(posted, pending): (i128, i128)| if posted != 0 { posted } else { pending };
        sums.into_iter().map(|(currency, sum)| (currency, broken(sum))).filter(|(_, sum)| *sum != 0).collect()
    }

    pub(crate) fn account_slot(&self, id: AccountId) -> Option<usize> {
        let is = |slot: u32| self.accounts[slot as usize].id == id;
        self.account_index.get(id.0, is).map(|slot| slot as usize)
    }

    pub(crate) fn seen(&self, id: TransferId) -> Option<&Seen> {
        self.seen_slot(id).map(|slot| &self.seen[slot])
    }

    fn seen_slot(&self, id: TransferId) -> Option<usize> {
        let is = |slot: u32| self.seen[slot as usize].id == id;
        self.seen_index.get(id.0, is).map(|slot| slot as usize)
    }

    /// Fetches what a batch will look up, so that the misses of its transfers overlap.
    pub(crate) fn touch(&self, batch: &[Transfer]) {
        let touched = batch.iter().map(|transfer| {
            self.seen_index.touch(transfer.id.0)
                ^ self.account_index.touch(transfer.debit.0)
                ^ self.account_index.touch(transfer.credit.0)
        });
        std::hint::black_box(touched.fold(0, |all, row| all ^ row));
    }

    pub(crate) fn add_account(&mut self, account: Account) {
        let slot = slot_number(self.accounts.len());
        let accounts = &self.accounts;
        self.account_index.insert(account.id.0, slot, |slot| accounts[slot as usize].id.0);
        self.accounts.push(account);
    }

    pub(crate) fn add_seen(&mut self, seen: Seen) {
        let slot = slot_number(self.seen.len());
        let known = &self.seen;
        self.seen_index.insert(seen.id.0, slot, |slot| known[slot as usize].id.0);
        self.seen.push(seen);
    }

    pub(crate) fn set_fate(&mut self, id: TransferId, fate: Fate) {
        if let Some(slot) = self.seen_slot(id) {
            self.seen[slot].fate = fate;
        }
    }
}

fn slot_number(len: usize) -> u32 {
    u32::try_from(len).unwrap_or_else(|_| panic!("more than 4 billion rows in one ledger"))
}

impl BorshSerialize for State {
    fn serialize<W: borsh::io::Write>(&self, writer: &mut W) -> borsh::io::Result<()> {
        self.accounts.serialize(writer)?;
        self.seen.serialize(writer)?;
        self.pending.serialize(writer)
    }
}

impl BorshDeserialize for State {
    fn deserialize_reader<R: borsh::io::Read>(reader: &mut R) -> borsh::io::Result<Self> {
        let mut state = Self::default();
        for account in Vec::<Account>::deserialize_reader(reader)? {
            state.add_account(account);
        }
        for seen in Vec::<Seen>::deserialize_reader(reader)? {
            state.add_seen(seen);
        }
        state.pending = BTreeMap::deserialize_reader(reader)?;
        state.deadlines =
            state.pending.iter().filter_map(|(id, pending)| Some((pending.deadline?, *id))).collect();
        Ok(state)
    }
}
