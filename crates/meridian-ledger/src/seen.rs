//! Which transfer ids are known, and what became of them.

use borsh::{BorshDeserialize, BorshSerialize};

use crate::index::Index;
use crate::{Pages, TransferId};

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

impl Fate {
    const ALL: [Self; 5] = [Self::Done, Self::Pending, Self::Posted, Self::Voided, Self::Expired];

    /// As a digit.
    #[must_use]
    pub const fn number(self) -> u8 {
        self as u8
    }

    /// The fate with this digit.
    #[must_use]
    pub fn from_number(number: u8) -> Option<Self> {
        Self::ALL.get(usize::from(number)).copied()
    }
}

/// A known id: 32 bytes, of which there is one for every transfer that ever happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seen {
    /// The id.
    pub id: TransferId,
    /// 64 bits over what was asked: a retry has the same.
    pub fingerprint: u64,
    /// The entry's number in the low 56 bits, its fate above.
    entry_and_fate: u64,
}

const ENTRY_BITS: u32 = 56;

impl Seen {
    /// A known id.
    #[must_use]
    pub const fn new(id: TransferId, fingerprint: u64, entry: u64, fate: Fate) -> Self {
        let entry = entry & ((1 << ENTRY_BITS) - 1);
        Self { id, fingerprint, entry_and_fate: (fate as u64) << ENTRY_BITS | entry }
    }

    /// What became of it.
    #[must_use]
    pub fn fate(&self) -> Fate {
        u8::try_from(self.entry_and_fate >> ENTRY_BITS).ok().and_then(Fate::from_number).unwrap_or(Fate::Done)
    }

    /// The number of its entry: how many transfers happened before it.
    #[must_use]
    pub const fn entry(&self) -> u64 {
        self.entry_and_fate & ((1 << ENTRY_BITS) - 1)
    }
}

impl BorshSerialize for Seen {
    fn serialize<W: borsh::io::Write>(&self, writer: &mut W) -> borsh::io::Result<()> {
        self.id.serialize(writer)?;
        self.fingerprint.serialize(writer)?;
        self.entry_and_fate.serialize(writer)
    }
}

impl BorshDeserialize for Seen {
    fn deserialize_reader<R: borsh::io::Read>(reader: &mut R) -> borsh::io::Result<Self> {
        let (id, fingerprint, entry_and_fate) = BorshDeserialize::deserialize_reader(reader)?;
        Ok(Self { id, fingerprint, entry_and_fate })
    }
}

/// The ids seen of late, in the order they came. An id may stand in an older window too: the newest row counts.
#[derive(Debug, Clone, Default)]
pub struct Recent {
    rows: Pages<Seen>,
    index: Index,
}

impl Recent {
    /// An empty window with room for so many.
    pub(crate) fn with_room(rows: usize) -> Self {
        Self { rows: Pages::default(), index: Index::with_room(rows) }
    }

    /// The row of an id.
    #[must_use]
    pub fn find(&self, id: TransferId) -> Option<Seen> {
        self.row(id).map(|row| self.rows[row])
    }

    /// Every row, in the order they came.
    #[must_use]
    pub const fn rows(&self) -> &Pages<Seen> {
        &self.rows
    }

    fn row(&self, id: TransferId) -> Option<usize> {
        self.index.get(id.0, |row| self.rows[row as usize].id == id).map(|row| row as usize)
    }

    pub(crate) fn touch(&self, id: TransferId) -> u32 {
        self.index.touch(id.0)
    }

    /// Adds an id that is not there.
    pub(crate) fn add(&mut self, seen: Seen) {
        let row = crate::state::row_number(self.rows.len());
        let rows = &self.rows;
        self.index.insert(seen.id.0, row, |row| rows[row as usize].id.0);
        self.rows.push(seen);
    }

    /// Adds an id, or gives it another fate.
    pub(crate) fn put(&mut self, seen: Seen) {
        match self.row(seen.id).and_then(|row| self.rows.get_mut(row)) {
            Some(known) => *known = seen,
            None => self.add(seen),
        }
    }
}

/// What is known of ids that have left the window. It is asked only for ids at or below [`crate::State::fence`]: an id
/// above every forgotten one is new, so ids that follow time never ask.
pub trait Past {
    /// The newest row of an id.
    fn find(&self, id: TransferId) -> Option<Seen>;
}

/// The past of a ledger whose window was never emptied.
#[derive(Debug, Clone, Copy)]
pub struct NoPast;

impl Past for NoPast {
    fn find(&self, id: TransferId) -> Option<Seen> {
        panic!("transfer {:032x} may have left the window, and nobody knows the past", id.0)
    }
}
