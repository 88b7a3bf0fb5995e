//! Rows in pages that copies share until one of them writes.

use std::sync::Arc;

use borsh::{BorshDeserialize, BorshSerialize};

/// How many rows make a page.
const ROWS: usize = 256;

/// A growing list of rows. A clone costs one counter a page: what was cloned stays as it was, and the page that is
/// written next is copied first. So a snapshot of a large ledger never stops its writer.
#[derive(Debug, Clone)]
pub struct Pages<T> {
    full: Vec<Arc<[T]>>,
    open: Vec<T>,
}

impl<T> Default for Pages<T> {
    fn default() -> Self {
        Self { full: Vec::new(), open: Vec::new() }
    }
}

impl<T> Pages<T> {
    /// How many rows there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.full.len() * ROWS + self.open.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.full.is_empty() && self.open.is_empty()
    }

    /// A row by number.
    #[must_use]
    pub fn get(&self, row: usize) -> Option<&T> {
        match self.full.get(row / ROWS) {
            Some(page) => page.get(row % ROWS),
            None => self.open.get(row - self.full.len() * ROWS),
        }
    }

    /// Every row, in order.
    pub fn iter(&self) -> impl Iterator<Item = &T> {
        self.full.iter().flat_map(|page| page.iter()).chain(&self.open)
    }
}

impl<T: Clone> Pages<T> {
    pub(crate) fn push(&mut self, row: T) {
        self.open.push(row);
        if self.open.len() == ROWS {
            self.full.push(std::mem::replace(&mut self.open, Vec::with_capacity(ROWS)).into());
        }
    }

    /// A row to be changed; its page is copied first where a clone still reads it.
    pub(crate) fn get_mut(&mut self, row: usize) -> Option<&mut T> {
        let full = self.full.len();
        match self.full.get_mut(row / ROWS) {
            Some(page) => Arc::make_mut(page).get_mut(row % ROWS),
            None => self.open.get_mut(row - full * ROWS),
        }
    }
}

impl<T> std::ops::Index<usize> for Pages<T> {
    type Output = T;

    fn index(&self, row: usize) -> &T {
        match self.full.get(row / ROWS) {
            Some(page) => &page[row % ROWS],
            None => &self.open[row - self.full.len() * ROWS],
        }
    }
}

impl<'a, T> IntoIterator for &'a Pages<T> {
    type Item = &'a T;
    type IntoIter = Box<dyn Iterator<Item = &'a T> + 'a>;

    fn into_iter(self) -> Self::IntoIter {
        Box::new(self.iter())
    }
}

/// As a list of rows: pages are nobody's business.
impl<T: BorshSerialize> BorshSerialize for Pages<T> {
    fn serialize<W: borsh::io::Write>(&self, writer: &mut W) -> borsh::io::Result<()> {
        u32::try_from(self.len()).map_err(borsh::io::Error::other)?.serialize(writer)?;
        self.iter().try_for_each(|row| row.serialize(writer))
    }
}

impl<T: BorshDeserialize + Clone> BorshDeserialize for Pages<T> {
    fn deserialize_reader<R: borsh::io::Read>(reader: &mut R) -> borsh::io::Result<Self> {
        let count = u32::deserialize_reader(reader)?;
        let mut pages = Self::default();
        for _ in 0..count {
            pages.push(T::deserialize_reader(reader)?);
        }
        Ok(pages)
    }
}
