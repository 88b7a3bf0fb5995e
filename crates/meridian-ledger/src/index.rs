//! An open-addressing index from 128-bit ids to rows. Looked up, never iterated: its order means nothing.

/// Eight bytes a place: the id's mixed upper half as a tag, and the row. The row itself holds the id, so a tag that
/// agrees is only a hint; the caller says whether the row is the one.
#[derive(Debug, Clone, Default)]
pub(crate) struct Index {
    /// `(tag, row + 1)`; row 0 means empty. Length is a power of two.
    table: Vec<(u32, u32)>,
    used: usize,
}

impl Index {
    pub(crate) const fn new() -> Self {
        Self { table: Vec::new(), used: 0 }
    }

    /// An empty index that takes so many rows without growing.
    pub(crate) fn with_room(rows: usize) -> Self {
        let length = (rows * 10 / 6 + 2).next_power_of_two();
        Self { table: vec![(0, 0); length], used: 0 }
    }

    /// The row of an id, of those for which `is` says yes.
    pub(crate) fn get(&self, id: u128, is: impl Fn(u32) -> bool) -> Option<u32> {
        self.find(id, is).map(|(_, row)| row)
    }

    fn find(&self, id: u128, is: impl Fn(u32) -> bool) -> Option<(usize, u32)> {
        if self.table.is_empty() {
            return None;
        }
        let mask = self.table.len() - 1;
        let (mut at, tag) = place(id, mask);
        loop {
            let (known, row) = self.table[at];
            if row == 0 {
                return None;
            }
            if known == tag && is(row - 1) {
                return Some((at, row - 1));
            }
            at = (at + 1) & mask;
        }
    }

    /// Reads the place of an id without using it: a batch asks for all its places first, and the processor fetches many
    /// of them at once instead of one after the other.
    pub(crate) fn touch(&self, id: u128) -> u32 {
        if self.table.is_empty() { 0 } else { self.table[place(id, self.table.len() - 1).0].1 }
    }

    /// Adds an id that is not there yet; `id_of` names the id of a row when the table grows.
    pub(crate) fn insert(&mut self, id: u128, row: u32, id_of: impl Fn(u32) -> u128) {
        if (self.used + 1) * 10 > self.table.len() * 6 {
            let larger = (self.table.len() * 2).max(16);
            let old = std::mem::replace(&mut self.table, vec![(0, 0); larger]);
            for (_, row) in old.into_iter().filter(|(_, row)| *row != 0) {
                self.set(id_of(row - 1), row - 1);
            }
        }
        self.set(id, row);
        self.used += 1;
    }

    fn set(&mut self, id: u128, row: u32) {
        let mask = self.table.len() - 1;
        let (mut at, tag) = place(id, mask);
        while self.table[at].1 != 0 {
            at = (at + 1) & mask;
        }
        self.table[at] = (tag, row + 1);
    }

    /// Takes an id out and says its row. Rows behind the hole that belong at or before it move up, so that no search
    /// stops too early; `id_of` must still name the removed row.
    pub(crate) fn remove(&mut self, id: u128, id_of: impl Fn(u32) -> u128) -> Option<u32> {
        let (mut hole, row) = self.find(id, |row| id_of(row) == id)?;
        let mask = self.table.len() - 1;
        let mut at = (hole + 1) & mask;
        while self.table[at].1 != 0 {
            let (home, _) = place(id_of(self.table[at].1 - 1), mask);
            if (at.wrapping_sub(home) & mask) >= (at.wrapping_sub(hole) & mask) {
                self.table[hole] = self.table[at];
                hole = at;
            }
            at = (at + 1) & mask;
        }
        self.table[hole] = (0, 0);
        self.used -= 1;
        Some(row)
    }
}

/// Where an id belongs, and its tag. Ids are the caller's choice, often counting up, so they are mixed first.
fn place(id: u128, mask: usize) -> (usize, u32) {
    let mixed = mix(fold(id));
    #[expect(
        clippy::cast_possible_truncation,
        reason = "the low bits choose a place, the high bits are the tag"
    )]
    (mixed as usize & mask, (mixed >> 32) as u32)
}

#[expect(clippy::cast_possible_truncation, reason = "both halves are folded, none is lost")]
pub(crate) const fn fold(id: u128) -> u64 {
    (id >> 64) as u64 ^ (id as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

/// The finaliser of MurmurHash3.
pub(crate) const fn mix(mut h: u64) -> u64 {
    h ^= h >> 33;
    h = h.wrapping_mul(0xff51_afd7_ed55_8ccd);
    h ^= h >> 33;
    h = h.wrapping_mul(0xc4ce_b9fe_1a85_ec53);
    h ^ (h >> 33)
}
