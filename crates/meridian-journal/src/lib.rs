//! The append-only, hash-chained journal and its engines.
//!
//! A batch is what one writer decided together; its number is its [`Position`], gap-free from zero. A batch's
//! identity is a hash over its content and its predecessor's identity, so one hash vouches for all history.
//!
//! ```text
//!  segment file, prewritten with zeros            frame
//!  +----------------------------------+           +--------------------------------------------+
//!  | 0      header: magic, first      |           |  0 magic "MJF1"     4 length of body       |
//!  |        position, previous id     |           |  8 position        16 group: position of   |
//!  | 4096   group of frames, padded   |           |                       its first frame      |
//!  | ...    with zeros to 4096        |           | 24 epoch           32 moment (us)          |
//!  | ...    next group                |           | 40 id (32 bytes)   72 crc32 of 0..72, body |
//!  |        zeros: not yet written    |           | 76 zero            80 body                 |
//!  +----------------------------------+           +--------------------------------------------+
//! ```
//!
//! A group is one synchronous write. When the machine stops in the middle of one, its frames may be there in part:
//! that tail was never acknowledged and is cut at the next start. A damaged frame *before* a sound later group is no
//! torn tail: the journal refuses to open and names segment and offset. An error of a write or sync is final: whether
//! the bytes are there cannot be known any more, so the node stops.
//!
//! What is assumed of the medium: (1) a synchronous write that returned survives power loss; (2) an interrupted one
//! leaves each 4 KiB page old, new or garbage; (3) bytes may rot, and then the checksum tells.

#![deny(unsafe_code)]

mod backup;
mod engine;
mod frame;
mod media;
mod memory;
mod outbox;
#[cfg(feature = "postgres")]
mod postgres;
mod sim;

pub use backup::copy_journal;
pub use engine::{FileJournal, LogJournal, LogSettings};
pub use media::{FileMedia, Media};
pub use memory::MemoryJournal;
pub use outbox::{Group, Outbox};
#[cfg(feature = "postgres")]
pub use postgres::{PostgresJournal, PostgresSettings};
pub use sim::{Faults, SimMedia};

use meridian_terms::Moment;

/// The number of a batch: how many lie before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Position(pub u64);

/// A writer's term; a later one shuts out all earlier ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Epoch(pub u64);

/// BLAKE3 over a batch and the identity of the one before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Id(pub [u8; 32]);

/// What is appended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Batch {
    /// The moment of its last event.
    pub at: Moment,
    /// Encoded events; the journal does not look inside.
    pub body: Vec<u8>,
}

/// What is read back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored {
    /// Its number.
    pub position: Position,
    /// In whose term it was written.
    pub epoch: Epoch,
    /// Its identity.
    pub id: Id,
    /// The moment of its last event.
    pub at: Moment,
    /// Encoded events.
    pub body: Vec<u8>,
}

/// The right to append.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lease {
    /// In which term.
    pub epoch: Epoch,
}

/// What an acknowledged append promises.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Durability {
    /// How many copies hold it.
    pub copies: u8,
    /// Whether each of them has it on its medium.
    pub is_flushed: bool,
}

/// What goes wrong with a journal.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum JournalError {
    /// Another process holds it.
    #[error("another process holds the journal in {0}; stop it first, or name another directory")]
    Held(String),
    /// A frame before a sound one is damaged: history would be lost by going on.
    #[error("{segment} is damaged at byte {offset}: {why}; restore this segment from a backup or a replica")]
    Damaged {
        /// The segment file.
        segment: String,
        /// Where in it.
        offset: u64,
        /// What is wrong there.
        why: String,
    },
    /// A later term has begun, or somebody else has appended.
    #[error("a later writer has taken over at epoch {0:?}")]
    Fenced(Epoch),
    /// The caller's idea of the end is not the journal's.
    #[error("the journal ends at {tail:?}, the append expected {expected:?}")]
    Conflict {
        /// Where it ends.
        tail: Position,
        /// What was expected.
        expected: Position,
    },
    /// The medium is full; nothing was written, and the journal goes on once there is room.
    #[error("the medium is full: {0}; make room, then start again")]
    Full(String),
    /// Whether the append is durable cannot be known.
    #[error("whether the append is durable is unknown: {0}")]
    Unknown(String),
    /// The medium failed.
    #[error("{0}")]
    Io(String),
}

/// An append-only log of batches with a single writer.
///
/// Contract, tested for every engine: an append that returned `Ok` is read back after any stop; positions are
/// gap-free; a batch is there whole or not at all; a lease of an earlier epoch never appends again.
pub trait Journal: Send {
    /// Begins a new term for `owner`; every earlier lease is void from now on.
    ///
    /// # Errors
    /// [`JournalError`].
    fn acquire(&mut self, owner: &str) -> Result<Lease, JournalError>;

    /// Appends batches as one group; `Ok` means all of them are durable. `expected` is where the caller believes the
    /// journal ends. After an error other than `Fenced`, `Conflict` and `Full` the journal takes no more appends.
    ///
    /// # Errors
    /// [`JournalError`].
    fn append(
        &mut self,
        lease: &Lease,
        expected: Position,
        batches: &[Batch],
    ) -> Result<Position, JournalError>;

    /// Batches from a position on, at least one if there is one, until about `max_bytes`.
    ///
    /// # Errors
    /// [`JournalError`].
    fn read_from(&mut self, from: Position, max_bytes: usize) -> Result<Vec<Stored>, JournalError>;

    /// Where the next batch will go, and the identity of the last one.
    fn tail(&self) -> (Position, Id);

    /// Keeps a state that all batches before `at` lead to. The two newest are kept.
    ///
    /// # Errors
    /// [`JournalError`].
    fn save_snapshot(&mut self, at: Position, state: &[u8]) -> Result<(), JournalError>;

    /// The newest sound snapshot.
    ///
    /// # Errors
    /// [`JournalError`].
    fn latest_snapshot(&mut self) -> Result<Option<(Position, Vec<u8>)>, JournalError>;

    /// Keeps a view: something small that all batches before `at` lead to, under a name of its own. The two newest of a name
    /// are kept. An engine that keeps none does nothing.
    ///
    /// # Errors
    /// [`JournalError`].
    fn save_view(&mut self, name: &str, at: Position, view: &[u8]) -> Result<(), JournalError> {
        let _ = (name, at, view);
        Ok(())
    }

    /// The newest sound view of a name.
    ///
    /// # Errors
    /// [`JournalError`].
    fn latest_view(&mut self, name: &str) -> Result<Option<(Position, Vec<u8>)>, JournalError> {
        let _ = name;
        Ok(None)
    }

    /// Moves what lies wholly before a position out of the way; it stays readable. History is never lost.
    ///
    /// # Errors
    /// [`JournalError`].
    fn archive_before(&mut self, at: Position) -> Result<(), JournalError>;

    /// A second way into the same journal for whoever must not stand in the writer's way: it reads what is durable and
    /// keeps snapshots, and appends nothing. `None` where the engine has only one way in.
    ///
    /// # Errors
    /// [`JournalError`].
    fn beside(&mut self) -> Result<Option<Box<dyn Journal>>, JournalError> {
        Ok(None)
    }

    /// What an acknowledged append promises.
    fn durability(&self) -> Durability;
}
