//! The end of the journal, its thread, and the keeper of snapshots beside it.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{RecvTimeoutError, SyncSender, sync_channel};
use std::thread::JoinHandle;
use std::time::Duration;

use meridian_journal::{Batch, Group, Journal, JournalError, Lease, Outbox, Position};

use crate::follow::Follower;
use crate::tally::{self, Tally};

/// How many bytes and batches one write takes at most.
const GROUP: (usize, usize) = (1024 * 1024, 256);
/// How often the keeper looks for what came.
const LOOK_EVERY: Duration = Duration::from_millis(250);

/// What is told once everything it depends on is durable.
pub type Release = Box<dyn FnOnce() + Send>;

/// Batches that wait for the log, and who waits for them.
#[derive(Default)]
pub struct Waiting {
    /// In the order they were decided.
    pub batches: Vec<Batch>,
    /// Told once all of them are durable.
    pub releases: Vec<Release>,
}

impl Waiting {
    fn bytes(&self) -> usize {
        self.batches.iter().map(|batch| batch.body.len()).sum()
    }
}

impl Group for Waiting {
    fn takes(&self, other: &Self) -> bool {
        let (bytes, batches) = GROUP;
        self.bytes() + other.bytes() <= bytes && self.batches.len() + other.batches.len() <= batches
    }

    fn join(&mut self, mut other: Self) {
        self.batches.append(&mut other.batches);
        self.releases.append(&mut other.releases);
    }

    fn abandon(self) {
        // Dropped unreleased: whoever waits hears that the node has stopped.
    }
}

/// The end of a journal in one term: what is durable is told, what is not is dropped untold.
pub struct Log {
    journal: Box<dyn Journal>,
    lease: Lease,
    /// Where the journal ends: read by whoever must not see beyond.
    durable: Arc<AtomicU64>,
}

impl Log {
    /// Writes on from a position, in the term of a lease.
    #[must_use]
    pub fn new(journal: Box<dyn Journal>, lease: Lease, end: Position) -> Self {
        Self::sharing(journal, lease, Arc::new(AtomicU64::new(end.0)))
    }

    pub(crate) fn sharing(journal: Box<dyn Journal>, lease: Lease, durable: Arc<AtomicU64>) -> Self {
        Self { journal, lease, durable }
    }

    /// Where the journal ends.
    #[must_use]
    pub fn end(&self) -> Position {
        Position(self.durable.load(Ordering::Acquire))
    }

    /// Appends a group; once it is durable, everybody who waits for it is told.
    ///
    /// # Errors
    /// [`JournalError`]: nobody is told, and this log must not be written any more.
    pub fn write(&mut self, group: Waiting) -> Result<(), JournalError> {
        if !group.batches.is_empty() {
            let next = self.journal.append(&self.lease, self.end(), &group.batches)?;
            self.durable.store(next.0, Ordering::Release);
        }
        group.releases.into_iter().for_each(|release| release());
        Ok(())
    }
}

/// Writes group after group; the first error is the last.
pub(crate) fn write_log(outbox: &Outbox<Waiting>, mut log: Log) -> Result<(), String> {
    while let Some(group) = outbox.take() {
        if let Err(error) = log.write(group) {
            let why = format!("the journal cannot write, the node stops: {error}");
            outbox.fail(&why);
            return Err(why);
        }
    }
    outbox.failure().map_or(Ok(()), Err)
}

/// Keeps snapshots from a hub of its own that follows the journal, so that the writer never stops for one. It sees with
/// every witness whether both hubs are the same; a node that differs from its own journal stops.
pub(crate) struct Keeper {
    stop: Option<SyncSender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Keeper {
    pub(crate) fn start(
        mut journal: Box<dyn Journal>,
        mut follower: Follower,
        (every, statistics_every): (u64, u64),
        (outbox, durable): (Arc<Outbox<Waiting>>, Arc<AtomicU64>),
    ) -> std::io::Result<Self> {
        let (stop, stopping) = sync_channel(1);
        let thread = std::thread::Builder::new().name("snapshots".into()).spawn(move || {
            let mut kept = follower.hub().events;
            let mut tallied = Tally::start(journal.as_mut()).map_or(0, |tally| tally.events());
            let mut older = None;
            while stopping.recv_timeout(LOOK_EVERY) == Err(RecvTimeoutError::Timeout) {
                // Never beyond what is durable: a snapshot of a batch that a crash takes back would be believed.
                let end = Position(durable.load(Ordering::Acquire));
                let followed = follower.catch_up_to(journal.as_mut(), end).map_err(|error| error.to_string());
                let kept_one = followed.and_then(|at| {
                    let hub = follower.hub();
                    if hub.events >= tallied + statistics_every {
                        let saved = tally::save(journal.as_mut(), at, (hub.events, &hub.statistics));
                        saved.map_err(|error| error.to_string())?;
                        tallied = hub.events;
                    }
                    if follower.hub().events < kept + every {
                        return Ok(());
                    }
                    let state = crate::snapshot(follower.hub())?;
                    journal.save_snapshot(at, &state).map_err(|error| error.to_string())?;
                    kept = follower.hub().events;
                    match older.replace(at) {
                        Some(before) => journal.archive_before(before).map_err(|error| error.to_string()),
                        None => Ok(()),
                    }
                });
                if let Err(why) = kept_one {
                    outbox.fail(&format!("the node's own follower: {why}"));
                    return;
                }
            }
        })?;
        Ok(Self { stop: Some(stop), thread: Some(thread) })
    }
}

impl Drop for Keeper {
    fn drop(&mut self) {
        self.stop = None;
        if let Some(thread) = self.thread.take() {
            drop(thread.join());
        }
    }
}
