//! Which entries touched an account: one file for every window of entries, written once and never changed.
//!
//! ```text
//!  page 0     magic "MPST", first entry u64, accounts u64, batches u64, crc of all that follows
//!  accounts   row u32, where its entries begin u32: ascending by row; one more row closes the table
//!  entries    number from the first entry u32: grouped by account, ascending
//!  batches    first entry u64, journal position u64: ascending
//! ```

use std::fs::File;
use std::io::{self, Write};
use std::os::unix::fs::FileExt;
use std::path::Path;

use meridian_journal::Position;

const HEAD: usize = 40;
const MAGIC: [u8; 4] = *b"MPST";

/// Postings of the entries since the last file, in memory.
#[derive(Debug, Default, Clone)]
pub(crate) struct Young {
    /// The first entry's number.
    pub(crate) first: u64,
    /// Account rows of each entry, debit and credit.
    pub(crate) rows: Vec<(u32, u32)>,
    /// First entry and position of each batch.
    pub(crate) batches: Vec<(u64, Position)>,
}

impl Young {
    /// The newest entries of an account before a number, descending.
    fn newest(&self, row: u32, most: usize) -> Vec<u64> {
        let touched =
            self.rows.iter().enumerate().rev().filter(|(_, (debit, credit))| *debit == row || *credit == row);
        touched.take(most).map(|(number, _)| self.first + number as u64).collect()
    }

    /// Writes them as a file and starts anew behind them.
    pub(crate) fn seal(&mut self, directory: &Path) -> io::Result<Option<Postings>> {
        if self.rows.is_empty() {
            return Ok(None);
        }
        let number = |at: usize| u32::try_from(at).map_err(io::Error::other);
        // Counted, then placed: a row is a small number, so nothing need be compared.
        let highest = self.rows.iter().map(|(debit, credit)| debit.max(credit)).max();
        let mut begins = vec![0_u32; highest.map_or(0, |row| *row as usize) + 2];
        for (debit, credit) in &self.rows {
            begins[*debit as usize + 1] += 1;
            begins[*credit as usize + 1] += 1;
        }
        let (mut accounts, mut count, mut begin) = (Vec::new(), 0_u64, 0_u32);
        for row in 0..begins.len() {
            let touched = begins.get(row + 1).copied().unwrap_or(0);
            begins[row] += if row == 0 { 0 } else { begins[row - 1] };
            if touched > 0 {
                accounts.extend(number(row)?.to_le_bytes());
                accounts.extend(begin.to_le_bytes());
                count += 1;
            }
            begin += touched;
        }
        let total = self.rows.len() * 2;
        let mut entries = vec![0; total * 4];
        for (at, (debit, credit)) in self.rows.iter().enumerate() {
            let at = number(at)?.to_le_bytes();
            for row in [*debit as usize, *credit as usize] {
                let place = begins[row] as usize * 4;
                entries[place..place + 4].copy_from_slice(&at);
                begins[row] += 1;
            }
        }
        accounts.extend(u32::MAX.to_le_bytes());
        accounts.extend(number(total)?.to_le_bytes());
        let mut body = accounts;
        body.append(&mut entries);
        for (first, position) in &self.batches {
            body.extend(first.to_le_bytes());
            body.extend(position.0.to_le_bytes());
        }
        let mut head = Vec::with_capacity(HEAD);
        head.extend(MAGIC);
        head.extend(crc32fast::hash(&body).to_le_bytes());
        head.extend(self.first.to_le_bytes());
        head.extend(count.to_le_bytes());
        head.extend((total as u64).to_le_bytes());
        head.extend((self.batches.len() as u64).to_le_bytes());
        let name = format!("postings-{:020}", self.first);
        let temporary = directory.join(format!("{name}.new"));
        let mut file = File::create(&temporary)?;
        file.write_all(&head)?;
        file.write_all(&body)?;
        file.sync_all()?;
        std::fs::rename(&temporary, directory.join(&name))?;
        File::open(directory)?.sync_all()?;
        let next = self.first + self.rows.len() as u64;
        *self = Self { first: next, ..Self::default() };
        Postings::open(directory, &name).map(Some)
    }
}

/// A file of postings.
#[derive(Debug)]
pub(crate) struct Postings {
    name: String,
    file: File,
    first: u64,
    accounts: u64,
    entries: u64,
    batches: u64,
}

impl Postings {
    pub(crate) fn open(directory: &Path, name: &str) -> io::Result<Self> {
        let file = File::open(directory.join(name))?;
        let mut head = [0; HEAD];
        file.read_exact_at(&mut head, 0)?;
        let u64_at = |at: usize| head[at..at + 8].try_into().map_or(0, u64::from_le_bytes);
        if head[..4] != MAGIC {
            return Err(io::Error::new(io::ErrorKind::InvalidData, format!("{name}: no file of postings")));
        }
        let (first, accounts, entries, batches) = (u64_at(8), u64_at(16), u64_at(24), u64_at(32));
        let length = HEAD as u64 + (accounts + 1) * 8 + entries * 4 + batches * 16;
        if file.metadata()?.len() != length {
            return Err(io::Error::new(io::ErrorKind::InvalidData, format!("{name}: it is cut short")));
        }
        Ok(Self { name: name.to_owned(), file, first, accounts, entries, batches })
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    fn pair(&self, number: u64) -> io::Result<(u32, u32)> {
        let mut bytes = [0; 8];
        self.file.read_exact_at(&mut bytes, HEAD as u64 + number * 8)?;
        let [a, b, c, d, e, f, g, h] = bytes;
        Ok((u32::from_le_bytes([a, b, c, d]), u32::from_le_bytes([e, f, g, h])))
    }

    /// The newest entries of an account, descending.
    fn newest(&self, row: u32, most: usize) -> io::Result<Vec<u64>> {
        let place = partition(self.accounts, |number| Ok(self.pair(number)?.0 < row))?;
        let (found, begin) = self.pair(place)?;
        if place == self.accounts || found != row {
            return Ok(Vec::new());
        }
        let (_, end) = self.pair(place + 1)?;
        let begin = begin.max(end.saturating_sub(u32::try_from(most).unwrap_or(u32::MAX)));
        let mut bytes = vec![0; (end - begin) as usize * 4];
        self.file.read_exact_at(&mut bytes, HEAD as u64 + (self.accounts + 1) * 8 + u64::from(begin) * 4)?;
        let numbers = bytes.chunks_exact(4).rev().map(|four| four.try_into().map_or(0, u32::from_le_bytes));
        Ok(numbers.map(|number| self.first + u64::from(number)).collect())
    }

    fn batch(&self, number: u64) -> io::Result<(u64, Position)> {
        let mut bytes = [0; 16];
        let start = HEAD as u64 + (self.accounts + 1) * 8 + self.entries * 4;
        self.file.read_exact_at(&mut bytes, start + number * 16)?;
        let (first, position) = bytes.split_at(8);
        let number = |bytes: &[u8]| bytes.try_into().map_or(0, u64::from_le_bytes);
        Ok((number(first), Position(number(position))))
    }
}

/// The first number below `count` for which `is_before` says no.
fn partition(count: u64, is_before: impl Fn(u64) -> io::Result<bool>) -> io::Result<u64> {
    let (mut low, mut high) = (0, count);
    while low < high {
        let middle = low + (high - low) / 2;
        if is_before(middle)? { low = middle + 1 } else { high = middle }
    }
    Ok(low)
}

/// All postings: files, and what is not in a file yet.
#[derive(Debug, Default)]
pub(crate) struct AllPostings {
    pub(crate) files: Vec<Postings>,
    pub(crate) young: Young,
}

impl AllPostings {
    /// The newest entries of the account in a row, descending.
    pub(crate) fn newest(&self, row: u32, most: usize) -> io::Result<Vec<u64>> {
        let mut found = self.young.newest(row, most);
        for file in self.files.iter().rev() {
            if found.len() >= most {
                break;
            }
            found.extend(file.newest(row, most - found.len())?);
        }
        Ok(found)
    }

    /// The batch that holds an entry: its first entry's number, and its position.
    pub(crate) fn batch_of(&self, entry: u64) -> io::Result<Option<(u64, Position)>> {
        if entry >= self.young.first
            && let Some(place) =
                self.young.batches.partition_point(|(first, _)| *first <= entry).checked_sub(1)
        {
            return Ok(Some(self.young.batches[place]));
        }
        let Some(place) = self.files.partition_point(|file| file.first <= entry).checked_sub(1) else {
            return Ok(None);
        };
        let file = &self.files[place];
        let batch = partition(file.batches, |number| Ok(file.batch(number)?.0 <= entry))?;
        match batch.checked_sub(1) {
            Some(batch) => file.batch(batch).map(Some),
            None => Ok(None),
        }
    }
}
