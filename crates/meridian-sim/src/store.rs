//! The store: the real log over a simulated medium, behind a fence and a line, as a database keeps it for a leader and
//! those who would be one.
//!
//! ```text
//!  leader ---line---> fence (term) ---> LogJournal ---> SimMedia
//!         lost, late,                   the real one    torn, short, failed, full
//!         unanswered
//! ```
//!
//! The fence is a row of its own and durable, as the `fence` table of the PostgreSQL journal is. An append that does not
//! come back may have been lost, may be durable, or may still arrive, after others have taken over.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use meridian_journal::{
    Batch, Durability, Epoch, Faults, Id, Journal, JournalError, Lease, LogJournal, LogSettings, Position,
    SimMedia, Stored,
};

use crate::chance::Chance;
use crate::damage;

/// Small segments, so that a short life sees several.
pub(crate) const SEGMENTS: LogSettings = LogSettings { segment_bytes: 48 * 1024 };

/// What the line to the store does to an append, in thousandths.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct LineFaults {
    /// It never arrives.
    pub(crate) lost: u32,
    /// It is done, and the answer never comes back.
    pub(crate) unanswered: u32,
    /// It arrives some other time.
    pub(crate) late: u32,
}

/// What is known to be durable: the identity of every batch, and where the last acknowledged group begins.
#[derive(Debug, Clone, Default)]
pub(crate) struct Durable {
    pub(crate) ids: BTreeMap<u64, Id>,
    pub(crate) last_group: u64,
}

impl Durable {
    fn end(&self) -> u64 {
        self.ids.len() as u64
    }
}

pub(crate) struct Store {
    /// `None` only while it is being opened.
    log: Option<LogJournal<SimMedia>>,
    pub(crate) faults: Faults,
    pub(crate) line: LineFaults,
    keeps_fence: bool,
    chance: Chance,
    /// The newest term; its lease of the log.
    fence: Epoch,
    lease: Lease,
    /// A line of an earlier life is broken.
    life: u64,
    is_down: bool,
    late: Vec<(Lease, Position, Vec<Batch>)>,
    durable: Durable,
}

fn broken() -> JournalError {
    JournalError::Unknown("the line to the store is broken".into())
}

impl Store {
    pub(crate) fn new(seed: u64, faults: Faults, keeps_fence: bool) -> Result<Self, String> {
        let media = SimMedia::new(seed, faults);
        let mut log = LogJournal::on(media, SEGMENTS).map_err(|error| error.to_string())?;
        let lease = log.acquire("store").map_err(|error| error.to_string())?;
        Ok(Self {
            log: Some(log),
            faults,
            line: LineFaults::default(),
            keeps_fence,
            chance: Chance::new(seed ^ 0x57a7),
            fence: lease.epoch,
            lease,
            life: 0,
            is_down: false,
            late: Vec::new(),
            durable: Durable::default(),
        })
    }

    pub(crate) const fn is_down(&self) -> bool {
        self.is_down
    }

    pub(crate) const fn fence(&self) -> Epoch {
        self.fence
    }

    fn log(&mut self) -> Result<&mut LogJournal<SimMedia>, JournalError> {
        self.log.as_mut().ok_or_else(broken)
    }

    /// Power goes and comes back: lines are broken, terms are over, what was on its way is lost, the log is opened again.
    /// Says what law that broke.
    pub(crate) fn cycle(&mut self) -> Result<(), String> {
        self.life += 1;
        self.late.clear();
        let Some(log) = self.log.take() else { return Err("the store was not opened again".into()) };
        let mut media = log.into_media();
        media.restart(self.faults);
        let left = media.clone();
        let opened = match LogJournal::on(media.clone(), SEGMENTS) {
            // Power went again while the log was being opened.
            Err(JournalError::Io(_) | JournalError::Full(_)) => {
                media.restart(Faults { lies: self.faults.lies, ..Faults::default() });
                LogJournal::on(media, SEGMENTS)
            }
            other => other,
        };
        let mut log = opened.map_err(|error| format!("a log that nobody damaged is refused: {error}"))?;
        let whole = log.read_from(Position(0), usize::MAX).map_err(|error| error.to_string())?;
        let ids: BTreeMap<u64, Id> = whole.iter().map(|batch| (batch.position.0, batch.id)).collect();
        for (position, id) in &self.durable.ids {
            match ids.get(position) {
                Some(found) if found == id => {}
                Some(_) => return Err(format!("batch {position} is another than was acknowledged")),
                None => {
                    return Err(format!("batch {position} was acknowledged, the log ends at {}", ids.len()));
                }
            }
        }
        damage::trial(&left, &mut self.chance, &self.durable)?;
        if ids.len() as u64 > self.durable.end() {
            // Written, never acknowledged, and there all the same.
            self.durable.last_group = self.durable.end();
        }
        self.durable.ids = ids;
        self.lease = term(&mut log, Epoch(self.fence.0 + 1))?;
        self.fence = self.lease.epoch;
        self.log = Some(log);
        self.is_down = false;
        Ok(())
    }

    fn acquire(&mut self) -> Result<Lease, JournalError> {
        if self.is_down {
            return Err(broken());
        }
        let next = Epoch(self.fence.0 + 1);
        self.lease = term(self.log()?, next).map_err(JournalError::Io)?;
        self.fence = self.lease.epoch;
        Ok(self.lease)
    }

    fn append(
        &mut self,
        life: u64,
        lease: &Lease,
        expected: Position,
        batches: &[Batch],
    ) -> Result<Position, JournalError> {
        if self.is_down || life != self.life {
            return Err(broken());
        }
        let LineFaults { lost, unanswered, late } = self.line;
        if self.chance.happens(lost) {
            return Err(JournalError::Unknown("no answer".into()));
        }
        if self.chance.happens(late) {
            self.late.push((*lease, expected, batches.to_vec()));
            return Err(JournalError::Unknown("no answer".into()));
        }
        let end = self.arrives(lease, expected, batches)?;
        if self.chance.happens(unanswered) {
            return Err(JournalError::Unknown("no answer".into()));
        }
        Ok(end)
    }

    /// An append that was on its way arrives. Nobody hears of it.
    pub(crate) fn late_arrives(&mut self) -> Option<Result<Position, JournalError>> {
        if self.late.is_empty() || self.is_down {
            return None;
        }
        let (lease, expected, batches) = self.late.remove(0);
        Some(self.arrives(&lease, expected, &batches))
    }

    fn arrives(
        &mut self,
        lease: &Lease,
        expected: Position,
        batches: &[Batch],
    ) -> Result<Position, JournalError> {
        let lease = if self.keeps_fence { *lease } else { self.lease };
        match self.log()?.append(&lease, expected, batches) {
            Ok(end) => {
                let from = self.durable.end();
                let stored = self.log()?.read_from(Position(from), usize::MAX)?;
                self.durable.ids.extend(stored.iter().map(|batch| (batch.position.0, batch.id)));
                self.durable.last_group = from;
                Ok(end)
            }
            Err(error) => {
                let is_as_before = matches!(
                    error,
                    JournalError::Fenced(_) | JournalError::Conflict { .. } | JournalError::Full(_)
                );
                self.is_down |= !is_as_before;
                Err(error)
            }
        }
    }

    /// What the log says, unless power has gone meanwhile.
    fn ask<R>(
        &mut self,
        question: impl FnOnce(&mut LogJournal<SimMedia>) -> Result<R, JournalError>,
    ) -> Result<R, JournalError> {
        if self.is_down {
            return Err(broken());
        }
        let told = question(self.log()?);
        if matches!(told, Err(JournalError::Io(_))) {
            self.is_down = true;
        }
        told
    }
}

/// The log's lease of a term.
fn term(log: &mut LogJournal<SimMedia>, wanted: Epoch) -> Result<Lease, String> {
    loop {
        let lease = log.acquire("store").map_err(|error| error.to_string())?;
        if lease.epoch >= wanted {
            return Ok(lease);
        }
    }
}

/// A node's line to the store: the journal as a node sees it.
pub(crate) struct Line {
    store: Arc<Mutex<Store>>,
    life: u64,
}

pub(crate) fn lock(store: &Arc<Mutex<Store>>) -> MutexGuard<'_, Store> {
    store.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Line {
    pub(crate) fn to(store: &Arc<Mutex<Store>>) -> Self {
        let life = lock(store).life;
        Self { store: Arc::clone(store), life }
    }
}

impl Journal for Line {
    fn acquire(&mut self, _owner: &str) -> Result<Lease, JournalError> {
        lock(&self.store).acquire()
    }

    fn append(
        &mut self,
        lease: &Lease,
        expected: Position,
        batches: &[Batch],
    ) -> Result<Position, JournalError> {
        lock(&self.store).append(self.life, lease, expected, batches)
    }

    fn read_from(&mut self, from: Position, max_bytes: usize) -> Result<Vec<Stored>, JournalError> {
        lock(&self.store).ask(|log| log.read_from(from, max_bytes))
    }

    fn tail(&self) -> (Position, Id) {
        lock(&self.store).log.as_ref().map(Journal::tail).unwrap_or_default()
    }

    fn save_snapshot(&mut self, at: Position, state: &[u8]) -> Result<(), JournalError> {
        lock(&self.store).ask(|log| log.save_snapshot(at, state))
    }

    fn latest_snapshot(&mut self) -> Result<Option<(Position, Vec<u8>)>, JournalError> {
        lock(&self.store).ask(|log| log.latest_snapshot())
    }

    fn archive_before(&mut self, at: Position) -> Result<(), JournalError> {
        lock(&self.store).ask(|log| log.archive_before(at))
    }

    fn durability(&self) -> Durability {
        Durability { copies: 1, is_flushed: true }
    }
}
