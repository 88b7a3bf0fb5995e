//! What the ledger knows.

use std::collections::{BTreeMap, BTreeSet};

use borsh::{BorshDeserialize, BorshSerialize};
use meridian_terms::{Currency, Moment};

use crate::index::Index;
use crate::seen::Recent;
use crate::{Account, AccountId, Fate, Pages, Past, Seen, Transfer, TransferId};

/// A reservation.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Pending {
    /// The transfer as it was asked.
    pub transfer: Transfer,
    /// When it expires, if it does by itself.
    pub deadline: Option<Moment>,
    /// The number of its entry.
    pub entry: u64,
}

/// Accounts in the order they were opened, open reservations, and every transfer id with its fate.
///
/// Equal histories give equal states and equal bytes: what is hashed is written in an order of its own, never in
/// that of an index.
#[derive(Debug, Clone, Default)]
pub struct State {
    pub(crate) accounts: Pages<Account>,
    account_index: Index,
    recent: Recent,
    /// The highest id that has left the window.
    fence: Option<TransferId>,
    /// Open reservations; a place that is free is reused.
    pending: Pages<Option<Pending>>,
    free: Vec<u32>,
    pending_index: Index,
    pub(crate) deadlines: BTreeSet<(Moment, TransferId)>,
    entries: u64,
}

impl State {
    /// The account, if there is one.
    #[must_use]
    pub fn account(&self, id: AccountId) -> Option<&Account> {
        self.account_slot(id).map(|slot| &self.accounts[slot])
    }

    /// Every account, in the order they were opened.
    #[must_use]
    pub const fn accounts(&self) -> &Pages<Account> {
        &self.accounts
    }

    /// How many transfers have happened.
    #[must_use]
    pub const fn entries(&self) -> u64 {
        self.entries
    }

    /// The open reservation with this id.
    #[must_use]
    pub fn pending(&self, id: TransferId) -> Option<&Pending> {
        let row = self.pending_index.get(id.0, |row| self.pending_id(row) == id.0)?;
        self.pending.get(row as usize)?.as_ref()
    }

    /// Every open reservation, by id.
    pub fn all_pending(&self) -> impl Iterator<Item = &Pending> {
        in_order(&self.pending).into_iter()
    }

    /// What became of this id, as far as the window knows.
    #[must_use]
    pub fn fate(&self, id: TransferId) -> Option<Fate> {
        self.recent.find(id).map(|seen| seen.fate())
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

    /// The ids seen of late.
    #[must_use]
    pub const fn recent(&self) -> &Recent {
        &self.recent
    }

    /// The highest id that has left the window; an id above it that the window does not know is new.
    #[must_use]
    pub const fn fence(&self) -> Option<TransferId> {
        self.fence
    }

    /// Empties the window and hands over what it knew: from now on whoever asks for a transfer must be able to
    /// answer for these ids as a [`Past`]. Memory stays bounded however long history grows.
    pub fn forget(&mut self) -> Recent {
        let highest = self.recent.rows().iter().map(|seen| seen.id).max();
        self.fence = self.fence.max(highest);
        let room = self.recent.rows().len();
        std::mem::replace(&mut self.recent, Recent::with_room(room))
    }

    /// The state as it is now: costs a counter a page of rows, however large the ledger.
    #[must_use]
    pub fn frozen(&self) -> Frozen {
        Frozen {
            accounts: self.accounts.clone(),
            recent: self.recent.rows().clone(),
            fence: self.fence,
            entries: self.entries,
            pending: self.pending.clone(),
        }
    }

    /// The account's row: its place in the order of opening.
    #[must_use]
    pub fn account_row(&self, id: AccountId) -> Option<u32> {
        self.account_slot(id).map(row_number)
    }

    pub(crate) fn account_slot(&self, id: AccountId) -> Option<usize> {
        let is = |slot: u32| self.accounts[slot as usize].id == id;
        self.account_index.get(id.0, is).map(|slot| slot as usize)
    }

    pub(crate) fn account_mut(&mut self, slot: usize) -> &mut Account {
        self.accounts.get_mut(slot).unwrap_or_else(|| panic!("no account in row {slot}"))
    }

    pub(crate) fn seen(&self, past: &impl Past, id: TransferId) -> Option<Seen> {
        self.recent.find(id).or_else(|| if Some(id) <= self.fence { past.find(id) } else { None })
    }

    /// Fetches what a batch will look up, so that the misses of its transfers overlap.
    pub(crate) fn touch(&self, batch: &[Transfer]) {
        let touched = batch.iter().map(|transfer| {
            self.recent.touch(transfer.id)
                ^ self.account_index.touch(transfer.debit.0)
                ^ self.account_index.touch(transfer.credit.0)
        });
        std::hint::black_box(touched.fold(0, |all, row| all ^ row));
    }

    pub(crate) fn add_account(&mut self, account: Account) {
        let slot = row_number(self.accounts.len());
        let accounts = &self.accounts;
        self.account_index.insert(account.id.0, slot, |slot| accounts[slot as usize].id.0);
        self.accounts.push(account);
    }

    /// A new entry's id; its number is the next one.
    pub(crate) fn add_seen(&mut self, id: TransferId, fingerprint: u64, fate: Fate) -> u64 {
        let entry = self.entries;
        self.recent.add(Seen::new(id, fingerprint, entry, fate));
        self.entries += 1;
        entry
    }

    pub(crate) fn add_pending(&mut self, pending: Pending) {
        let id = pending.transfer.id;
        self.deadlines.extend(pending.deadline.map(|deadline| (deadline, id)));
        let row = match self.free.pop() {
            Some(row) => {
                let place = self.pending.get_mut(row as usize);
                *place.unwrap_or_else(|| panic!("no reservation has row {row}")) = Some(pending);
                row
            }
            None => {
                self.pending.push(Some(pending));
                row_number(self.pending.len() - 1)
            }
        };
        let pending = &self.pending;
        self.pending_index.insert(id.0, row, |row| id_in(pending, row));
    }

    /// Takes a reservation out and gives its id the fate it came to.
    pub(crate) fn take_pending(&mut self, id: TransferId, fate: Fate) -> Pending {
        let rows = &self.pending;
        let row = self.pending_index.remove(id.0, |row| id_in(rows, row));
        let taken = row.and_then(|row| {
            self.free.push(row);
            self.pending.get_mut(row as usize)?.take()
        });
        let taken = taken.unwrap_or_else(|| panic!("no pending transfer {:032x}", id.0));
        if let Some(deadline) = taken.deadline {
            self.deadlines.remove(&(deadline, id));
        }
        self.recent.put(Seen::new(id, taken.transfer.fingerprint(), taken.entry, fate));
        taken
    }

    fn pending_id(&self, row: u32) -> u128 {
        id_in(&self.pending, row)
    }
}

/// The id of the reservation in a row; zero, which is nobody's, for a free one.
fn id_in(pending: &Pages<Option<Pending>>, row: u32) -> u128 {
    pending[row as usize].as_ref().map_or(0, |pending| pending.transfer.id.0)
}

pub(crate) fn row_number(len: usize) -> u32 {
    u32::try_from(len).unwrap_or_else(|_| panic!("more than 4 billion rows in one ledger"))
}

/// The state as it was at one moment, without its indexes: to be written by another thread while the ledger goes on.
#[derive(Debug, Clone)]
pub struct Frozen {
    accounts: Pages<Account>,
    recent: Pages<Seen>,
    fence: Option<TransferId>,
    entries: u64,
    pending: Pages<Option<Pending>>,
}

impl Frozen {
    /// How many transfers had happened.
    #[must_use]
    pub const fn entries(&self) -> u64 {
        self.entries
    }

    /// Every account, in the order they were opened.
    #[must_use]
    pub const fn accounts(&self) -> &Pages<Account> {
        &self.accounts
    }
}

fn in_order(pending: &Pages<Option<Pending>>) -> Vec<&Pending> {
    let mut all: Vec<&Pending> = pending.iter().flatten().collect();
    all.sort_unstable_by_key(|pending| pending.transfer.id);
    all
}

impl BorshSerialize for Frozen {
    fn serialize<W: borsh::io::Write>(&self, writer: &mut W) -> borsh::io::Result<()> {
        self.accounts.serialize(writer)?;
        self.recent.serialize(writer)?;
        self.fence.serialize(writer)?;
        self.entries.serialize(writer)?;
        in_order(&self.pending).serialize(writer)
    }
}

impl BorshSerialize for State {
    fn serialize<W: borsh::io::Write>(&self, writer: &mut W) -> borsh::io::Result<()> {
        self.frozen().serialize(writer)
    }
}

impl BorshDeserialize for State {
    fn deserialize_reader<R: borsh::io::Read>(reader: &mut R) -> borsh::io::Result<Self> {
        let mut state = Self::default();
        for _ in 0..u32::deserialize_reader(reader)? {
            state.add_account(Account::deserialize_reader(reader)?);
        }
        for _ in 0..u32::deserialize_reader(reader)? {
            state.recent.add(Seen::deserialize_reader(reader)?);
        }
        state.fence = Option::deserialize_reader(reader)?;
        state.entries = u64::deserialize_reader(reader)?;
        for _ in 0..u32::deserialize_reader(reader)? {
            state.add_pending(Pending::deserialize_reader(reader)?);
        }
        Ok(state)
    }
}
