//! The append-only, hash-chained journal and its engines.

use meridian_terms::Moment;

/// How many batches lie before one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Position(pub u64);
/// A leader's term.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Epoch(pub u64);
/// What is appended.
#[derive(Debug, Clone)]
pub struct Batch {
    /// When.
    pub at: Moment,
    /// Encoded events.
    pub body: Vec<u8>,
}
/// What is read back.
#[derive(Debug, Clone)]
pub struct Stored {
    /// Where.
    pub position: Position,
    /// When.
    pub at: Moment,
    /// Encoded events.
    pub body: Vec<u8>,
}
/// The right to append.
#[derive(Debug, Clone)]
pub struct Lease {
    /// Of which term.
    pub epoch: Epoch,
}
/// A journal.
pub trait Journal: Send {
    /// Become the one who appends.
    fn acquire(&mut self, owner: &str) -> Result<Lease, String>;
    /// Append a group.
    fn append(&mut self, lease: &Lease, expected: Position, batches: &[Batch]) -> Result<Position, String>;
    /// Read.
    fn read_from(&mut self, from: Position, max_bytes: usize) -> Result<Vec<Stored>, String>;
    /// The next position.
    fn tail(&self) -> Position;
    /// Newest snapshot.
    fn latest_snapshot(&mut self) -> Result<Option<(Position, Vec<u8>)>, String>;
    /// Keep a snapshot.
    fn save_snapshot(&mut self, at: Position, state: &[u8]) -> Result<(), String>;
}
/// In memory.
#[derive(Debug, Default)]
pub struct MemoryJournal {
    stored: Vec<Stored>,
}
impl Journal for MemoryJournal {
    fn acquire(&mut self, _: &str) -> Result<Lease, String> { Ok(Lease { epoch: Epoch(1) }) }
    fn append(&mut self, _: &Lease, expected: Position, batches: &[Batch]) -> Result<Position, String> {
        assert_eq!(expected, self.tail());
        for batch in batches {
            let position = self.tail();
            self.stored.push(Stored { position, at: batch.at, body: batch.body.clone() });
        }
        Ok(self.tail())
    }
    fn read_from(&mut self, from: Position, _: usize) -> Result<Vec<Stored>, String> {
        Ok(self.stored[usize::try_from(from.0).unwrap_or(0)..].to_vec())
    }
    fn tail(&self) -> Position { Position(self.stored.len() as u64) }
    fn latest_snapshot(&mut self) -> Result<Option<(Position, Vec<u8>)>, String> { Ok(None) }
    fn save_snapshot(&mut self, _: Position, _: &[u8]) -> Result<(), String> { Ok(()) }
}
