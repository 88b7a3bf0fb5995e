//! Known ids on disk: sorted runs, each written once and never changed.
//!
//! ```text
//!  page 0     magic "MRUN", rows, is ordered, blocks, filter words, crc of the tables
//!  block      127 rows of 32 bytes: id, fingerprint, entry and fate; crc32; zeros to 4096
//!  tables     first id of every block; last id; filter
//! ```
//!
//! A run that came in order of id has no filter: a new id lies above it. Others have a filter of ten bits a row, so that
//! a new id costs one look into memory and about one read of the disk in a hundred. Overlapping runs of like size are
//! merged four at a time, the newer row of an id winning.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use meridian_ledger::{Fate, Seen, TransferId};

const BLOCK: usize = 4096;
const ROW: usize = 32;
const ROWS_IN_BLOCK: usize = 127;
const MAGIC: [u8; 4] = *b"MRUN";

/// A run: its tables in memory, its rows on disk.
#[derive(Debug)]
pub(crate) struct Run {
    name: String,
    file: File,
    rows: u64,
    first_of_block: Vec<u128>,
    last: u128,
    filter: Filter,
    /// The block read last: late ids and retries tend to be neighbours.
    cached: Mutex<(usize, Vec<Seen>)>,
}

impl Run {
    /// Writes a run; rows are sorted by id, each id once. `is_ordered` says they came in that order and lie above every
    /// earlier run.
    pub(crate) fn write(
        directory: &Path,
        name: &str,
        rows: impl Iterator<Item = io::Result<Seen>>,
        expected: u64,
        is_ordered: bool,
    ) -> io::Result<Self> {
        let temporary = directory.join(format!("{name}.new"));
        let mut out = BufWriter::with_capacity(1 << 18, File::create(&temporary)?);
        out.write_all(&[0; BLOCK])?;
        let mut filter = Filter::for_rows(if is_ordered { 0 } else { expected });
        let (mut first_of_block, mut last, mut count) = (Vec::new(), 0, 0_u64);
        let mut block = Vec::with_capacity(BLOCK);
        for row in rows {
            let row = row?;
            if block.is_empty() {
                first_of_block.push(row.id.0);
            }
            filter.add(row.id.0);
            write_row(&row, &mut block);
            (last, count) = (row.id.0, count + 1);
            if block.len() == ROW * ROWS_IN_BLOCK {
                finish_block(&mut block, &mut out)?;
            }
        }
        if !block.is_empty() {
            finish_block(&mut block, &mut out)?;
        }
        let mut tables = Vec::with_capacity(first_of_block.len() * 16 + 16 + filter.words.len() * 8);
        first_of_block.iter().for_each(|id| tables.extend(id.to_le_bytes()));
        tables.extend(u128::to_le_bytes(last));
        filter.words.iter().for_each(|word| tables.extend(word.to_le_bytes()));
        out.write_all(&tables)?;
        let file = out.into_inner().map_err(io::IntoInnerError::into_error)?;
        let mut head = Vec::new();
        head.extend(MAGIC);
        head.extend(u32::from(is_ordered).to_le_bytes());
        head.extend(count.to_le_bytes());
        head.extend((first_of_block.len() as u64).to_le_bytes());
        head.extend((filter.words.len() as u64).to_le_bytes());
        head.extend(crc32fast::hash(&tables).to_le_bytes());
        let crc = crc32fast::hash(&head);
        head.extend(crc.to_le_bytes());
        file.write_all_at(&head, 0)?;
        file.sync_all()?;
        std::fs::rename(&temporary, directory.join(name))?;
        File::open(directory)?.sync_all()?;
        Self::open(directory, name)
    }

    /// Opens a run and loads its tables.
    pub(crate) fn open(directory: &Path, name: &str) -> io::Result<Self> {
        let wrong = |what: &str| io::Error::new(io::ErrorKind::InvalidData, format!("{name}: {what}"));
        let file = File::open(directory.join(name))?;
        let mut head = [0; 40];
        file.read_exact_at(&mut head, 0)?;
        let u64_at = |at: usize| head[at..at + 8].try_into().map_or(0, u64::from_le_bytes);
        let u32_at = |at: usize| head[at..at + 4].try_into().map_or(0, u32::from_le_bytes);
        if head[..4] != MAGIC || crc32fast::hash(&head[..36]) != u32_at(36) {
            return Err(wrong("its header is not sound"));
        }
        let size = |at: usize| usize::try_from(u64_at(at)).map_err(io::Error::other);
        let (blocks, words) = (size(16)?, size(24)?);
        let mut tables = vec![0; blocks * 16 + 16 + words * 8];
        file.read_exact_at(&mut tables, ((blocks + 1) * BLOCK) as u64)?;
        if crc32fast::hash(&tables) != u32_at(32) {
            return Err(wrong("its tables are not sound"));
        }
        let id = |bytes: &[u8]| bytes.try_into().map_or(0, u128::from_le_bytes);
        let first_of_block: Vec<u128> = tables[..blocks * 16].chunks_exact(16).map(id).collect();
        let last = id(&tables[blocks * 16..blocks * 16 + 16]);
        let words = tables[blocks * 16 + 16..].chunks_exact(8);
        let filter = Filter { words: words.map(|w| w.try_into().map_or(0, u64::from_le_bytes)).collect() };
        let cached = Mutex::new((usize::MAX, Vec::new()));
        Ok(Self { name: name.to_owned(), file, rows: u64_at(8), first_of_block, last, filter, cached })
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    pub(crate) const fn rows(&self) -> u64 {
        self.rows
    }

    /// Whether it came in order of id, above everything before it: it is never merged.
    pub(crate) fn is_ordered(&self) -> bool {
        self.filter.words.is_empty()
    }

    /// The row of an id.
    ///
    /// # Panics
    /// When the disk fails or a block is damaged: then nobody knows whether the id is new.
    pub(crate) fn find(&self, id: TransferId) -> Option<Seen> {
        if id.0 > self.last || !self.filter.may_have(id.0) {
            return None;
        }
        let block = self.first_of_block.partition_point(|first| *first <= id.0).checked_sub(1)?;
        let mut cached = self.cached.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if cached.0 != block {
            let rows = self.block(block).unwrap_or_else(|error| panic!("{}: {error}", self.name));
            *cached = (block, rows);
        }
        let row = cached.1.binary_search_by_key(&id, |row| row.id).ok()?;
        Some(cached.1[row])
    }

    fn block(&self, number: usize) -> io::Result<Vec<Seen>> {
        let mut bytes = [0; BLOCK];
        self.file.read_exact_at(&mut bytes, ((number + 1) * BLOCK) as u64)?;
        let (rows, rest) = bytes.split_at(ROW * ROWS_IN_BLOCK);
        if crc32fast::hash(rows).to_le_bytes() != rest[..4] {
            let why = format!("block {number} is damaged; delete the run, it is made again from the log");
            return Err(io::Error::new(io::ErrorKind::InvalidData, why));
        }
        let before = number as u64 * ROWS_IN_BLOCK as u64;
        let count = usize::try_from(self.rows - before).unwrap_or(usize::MAX).min(ROWS_IN_BLOCK);
        Ok(rows.chunks_exact(ROW).take(count).map(read_row).collect())
    }

    /// Every row, in order of id.
    fn walk(&self) -> impl Iterator<Item = io::Result<Seen>> + '_ {
        (0..self.first_of_block.len()).flat_map(|number| match self.block(number) {
            Ok(rows) => rows.into_iter().map(Ok).collect::<Vec<_>>(),
            Err(error) => vec![Err(error)],
        })
    }
}

/// Merges runs, newest first, into one.
pub(crate) fn merge(directory: &Path, name: &str, newest_first: &[&Run]) -> io::Result<Run> {
    let rows = newest_first.iter().map(|run| run.rows).sum();
    let mut heads: Vec<_> = newest_first.iter().map(|run| run.walk().peekable()).collect();
    let merged = std::iter::from_fn(move || {
        let mut lowest: Option<TransferId> = None;
        for head in &mut heads {
            match head.peek() {
                Some(Ok(row)) => lowest = Some(lowest.map_or(row.id, |id| id.min(row.id))),
                Some(Err(_)) => return head.next(),
                None => {}
            }
        }
        let lowest = lowest?;
        let mut newest = None;
        for head in &mut heads {
            if matches!(head.peek(), Some(Ok(row)) if row.id == lowest) {
                let row = head.next();
                newest = newest.or(row);
            }
        }
        newest
    });
    Run::write(directory, name, merged, rows, false)
}

fn write_row(row: &Seen, out: &mut Vec<u8>) {
    out.extend(row.id.0.to_le_bytes());
    out.extend(row.fingerprint.to_le_bytes());
    out.extend((row.entry() | u64::from(row.fate().number()) << 56).to_le_bytes());
}

fn read_row(bytes: &[u8]) -> Seen {
    let u64_at = |at: usize| bytes[at..at + 8].try_into().map_or(0, u64::from_le_bytes);
    let id = TransferId(bytes[..16].try_into().map_or(0, u128::from_le_bytes));
    let fate = u8::try_from(u64_at(24) >> 56).ok().and_then(Fate::from_number).unwrap_or(Fate::Done);
    Seen::new(id, u64_at(16), u64_at(24) & ((1 << 56) - 1), fate)
}

fn finish_block(block: &mut Vec<u8>, out: &mut impl Write) -> io::Result<()> {
    block.resize(ROW * ROWS_IN_BLOCK, 0);
    let crc = crc32fast::hash(block);
    block.extend(crc.to_le_bytes());
    block.resize(BLOCK, 0);
    out.write_all(block)?;
    block.clear();
    Ok(())
}

/// A Bloom filter in blocks of one cache line: six of 512 bits for an id, ten bits a row.
#[derive(Debug)]
struct Filter {
    words: Vec<u64>,
}

impl Filter {
    fn for_rows(rows: u64) -> Self {
        let lines = usize::try_from((rows * 10).div_ceil(512)).unwrap_or(usize::MAX);
        Self { words: vec![0; lines * 8] }
    }

    fn bits(&self, id: u128) -> impl Iterator<Item = (usize, u64)> + use<> {
        #[expect(clippy::cast_possible_truncation, reason = "both halves are mixed, none is lost")]
        let mut mixed = ((id >> 64) as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ (id as u64);
        mixed = (mixed ^ (mixed >> 32)).wrapping_mul(0xd6e8_feb8_6659_fd93);
        mixed = (mixed ^ (mixed >> 32)).wrapping_mul(0xd6e8_feb8_6659_fd93);
        mixed ^= mixed >> 32;
        let lines = (self.words.len() / 8).max(1) as u128;
        let line = usize::try_from((u128::from(mixed) * lines) >> 64).unwrap_or(0) * 8;
        let seed = mixed.wrapping_mul(0xff51_afd7_ed55_8ccd);
        (0..6).map(move |turn| {
            let bit = (seed >> (turn * 9)) & 511;
            (line + usize::try_from(bit / 64).unwrap_or(0), 1 << (bit % 64))
        })
    }

    fn add(&mut self, id: u128) {
        if self.words.is_empty() {
            return;
        }
        for (word, bit) in self.bits(id) {
            self.words[word] |= bit;
        }
    }

    fn may_have(&self, id: u128) -> bool {
        self.words.is_empty() || self.bits(id).all(|(word, bit)| self.words[word] & bit != 0)
    }
}

/// Where runs and postings lie in a ledger's directory.
pub(crate) fn index_directory(directory: &Path) -> PathBuf {
    directory.join("index")
}
