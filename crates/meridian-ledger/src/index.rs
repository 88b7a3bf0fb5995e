//! An open-addressing index from 128-bit ids to slots. Looked up, never iterated: its order means nothing.

/// Ids are hashes or well-mixed already for accounts, but transfer ids are the caller's choice (often counting
/// up), so they are mixed before they choose a slot.
#[derive(Debug, Clone, Default)]
pub(crate) struct Index {
    /// `(id, slot + 1)`; slot 0 means empty. Length is a power of two.
    table: Vec<(u128, u32)>,
    used: usize,
}

impl Index {
    pub(crate) fn get(&self, id: u128) -> Option<u32> {
        if self.table.is_empty() {
            return None;
        }
        let mask = self.table.len() - 1;
        let mut at = mix(id) & mask;
        loop {
            let (key, slot) = self.table[at];
            if slot == 0 {
                return None;
            }
            if key == id {
                return Some(slot - 1);
            }
            at = (at + 1) & mask;
        }
    }

    /// Adds an id that is not there yet.
    pub(crate) fn insert(&mut self, id: u128, slot: u32) {
        if (self.used + 1) * 10 > self.table.len() * 7 {
            self.grow();
        }
        self.place(id, slot);
        self.used += 1;
    }

    fn place(&mut self, id: u128, slot: u32) {
        let mask = self.table.len() - 1;
        let mut at = mix(id) & mask;
        while self.table[at].1 != 0 {
            at = (at + 1) & mask;
        }
        self.table[at] = (id, slot + 1);
    }

    fn grow(&mut self) {
        let larger = (self.table.len() * 2).max(16);
        let old = std::mem::replace(&mut self.table, vec![(0, 0); larger]);
        for (id, slot) in old.into_iter().filter(|(_, slot)| *slot != 0) {
            self.place(id, slot - 1);
        }
    }
}

/// The finaliser of MurmurHash3 over both halves folded together.
fn mix(id: u128) -> usize {
    #[expect(clippy::cast_possible_truncation, reason = "both halves are folded, none is lost")]
    let mut h = (id >> 64) as u64 ^ (id as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    h ^= h >> 33;
    h = h.wrapping_mul(0xff51_afd7_ed55_8ccd);
    h ^= h >> 33;
    h = h.wrapping_mul(0xc4ce_b9fe_1a85_ec53);
    h ^= h >> 33;
    #[expect(clippy::cast_possible_truncation, reason = "only the low bits choose a slot")]
    {
        h as usize
    }
}
