//! The embedded ledger: a directory, three threads, and answers only once they are durable.

use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicU64;
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use meridian_journal::{Batch, FileJournal, Journal, JournalError, LogSettings, Outbox, Position, Stored};
use meridian_ledger::{Account, AccountId, ENTRY_BYTES, Entry, Frozen, State, Transfer, read_entry};
use meridian_terms::{Moment, Refusal};

use crate::core::{Answer, Core, Job};
use crate::keeper::{Keep, Keeper, Kept, Manifest, Sealed};
use crate::outbox::{Decided, Seal, write_log};
use crate::runs::index_directory;
use crate::section::{sections, write_settings};
use crate::wire::{Outcome, Reply, TRANSFER_BYTES, write_transfer};

/// How much of the journal is read at once.
const CHUNK: usize = 8 * 1024 * 1024;
/// How many batches may wait to be indexed; then the log waits.
const TO_INDEX: usize = 64;

/// What an operator may set.
#[derive(Clone)]
pub struct Settings {
    /// How many ids stay in memory before they leave for the disk. Fixed when a ledger is made; ignored later.
    pub window: u32,
    /// After how many transfers a snapshot is kept; 0 is never.
    pub snapshot_every: u64,
    /// How many requests may wait.
    pub queue: usize,
    /// Bytes of a segment of the log.
    pub segment_bytes: u64,
    /// Where time comes from.
    pub clock: Arc<dyn Fn() -> Moment + Send + Sync>,
}

impl Settings {
    /// The usual ones, with this clock.
    pub fn new(clock: impl Fn() -> Moment + Send + Sync + 'static) -> Self {
        Self {
            window: 512 * 1024,
            snapshot_every: 4_000_000,
            queue: 1_024,
            segment_bytes: LogSettings::default().segment_bytes,
            clock: Arc::new(clock),
        }
    }
}

/// Why a ledger did not open, or why it stopped.
#[derive(Debug, thiserror::Error)]
pub enum LedgerError {
    /// The journal refuses.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// A batch, or the index, cannot be read or written.
    #[error("{0}")]
    Unreadable(String),
    /// More requests are waiting than the ledger takes.
    #[error("more requests are waiting than the ledger takes; send it again after a moment")]
    Busy,
    /// The ledger has stopped; what was acknowledged is safe, this request was not.
    #[error("the ledger has stopped{0}")]
    Stopped(String),
}

/// A ledger at work. Dropping it ends it after what is waiting.
pub struct Ledger {
    jobs: SyncSender<Job>,
    kept: Arc<Kept>,
    outbox: Arc<Outbox<Decided>>,
    reading: Option<Mutex<Box<dyn Journal>>>,
    threads: Vec<JoinHandle<Result<(), String>>>,
}

impl Ledger {
    /// Opens the ledger of a directory, making it where it is not there; recovers from the newest snapshot and the log
    /// behind it.
    ///
    /// # Errors
    /// [`LedgerError::Journal`], [`LedgerError::Unreadable`].
    pub fn open(directory: &Path, settings: &Settings) -> Result<Self, LedgerError> {
        let log = LogSettings { segment_bytes: settings.segment_bytes };
        let journal = FileJournal::open_trusting(directory, log)?;
        Self::on(Box::new(journal), index_directory(directory), settings)
    }

    /// As [`Ledger::open`], on any journal, with its index in a directory.
    ///
    /// # Errors
    /// As [`Ledger::open`].
    pub fn on(
        mut journal: Box<dyn Journal>,
        index: PathBuf,
        settings: &Settings,
    ) -> Result<Self, LedgerError> {
        let lease = journal.acquire("ledger")?;
        let (outbox, kept) = (Arc::new(Outbox::default()), Arc::new(Kept::default()));
        let archive_before = Arc::new(AtomicU64::new(0));
        let snapshot = match journal.latest_snapshot()? {
            None => None,
            Some((position, bytes)) => {
                read_snapshot(&bytes, &index).map(|(manifest, state)| (position, manifest, state))
            }
        };
        let (from, manifest, state) = snapshot.unwrap_or_default();
        let fence = state.fence();
        let (windows, last_at) = (manifest.windows, manifest.at);
        let window = if manifest.window == 0 { settings.window } else { manifest.window };
        let (young, mut position) = (manifest.young, from);
        let keeper_manifest = Manifest { window, ..manifest };
        let beside = journal.beside()?;
        let unreadable = |error: std::io::Error| LedgerError::Unreadable(format!("index: {error}"));
        let keeper = Keeper::new(
            index,
            beside,
            (Arc::clone(&outbox), Arc::clone(&archive_before)),
            Arc::clone(&kept),
            keeper_manifest,
            fence,
        )
        .map_err(unreadable)?;
        let (to_keep, keeping) = sync_channel(TO_INDEX);
        let mut threads = vec![spawn("keeper", move || keep_all(keeper, &keeping))?];

        let past = Sealed::new(Arc::clone(&kept));
        let mut core = Core::new(state, past, Arc::clone(&settings.clock), window as usize);
        (core.windows, core.last_at) = (windows, last_at);
        let mut first_entry = young.1;
        let mut at = Position(if from.0 == 0 { 0 } else { young.2 });
        let mut reading = journal.beside()?;
        read_ahead((journal.as_mut(), reading.as_deref_mut()), at, &mut |batch| {
            let before = core.state.entries();
            let (entries, seals) = if batch.position < from {
                (count(&batch.body)?, Vec::new())
            } else {
                (0, replay(&mut core, &batch.body, batch.position)?)
            };
            let entries = entries + core.state.entries() - before;
            at = Position(batch.position.0 + 1);
            let keep =
                Keep { position: batch.position, first_entry, body: batch.body, seals, snapshot: None };
            first_entry += entries;
            to_keep.send(keep).map_err(|_| LedgerError::Unreadable("the index cannot be written".into()))
        })?;
        position = position.max(at);
        if position == Position(0) {
            let (mut body, at) = (Vec::new(), (settings.clock)());
            write_settings(window, at, &mut body);
            position = journal.append(&lease, position, &[Batch { at, body }])?;
        }
        core.snapshot_every = settings.snapshot_every;
        core.snapshot_at = core.state.entries() + settings.snapshot_every;
        let reading = reading.map(Mutex::new);
        let log_box = Arc::clone(&outbox);
        threads.push(spawn("log", move || {
            let keep = |keep: Keep| drop(to_keep.send(keep));
            write_log(&log_box, &archive_before, journal, &lease, position, &keep)
        })?);
        let (jobs, queue) = sync_channel(settings.queue);
        let core_box = Arc::clone(&outbox);
        threads.push(spawn("ledger", move || {
            let ended = core.run(&queue, &core_box).map(drop);
            core_box.close();
            ended
        })?);
        Ok(Self { jobs, kept, outbox, reading, threads })
    }

    /// Puts transfers as on the wire (128 bytes each) in the queue; `answer` hears once they are durable, `None` when they
    /// never will be. It is called on the log's thread and must not wait.
    ///
    /// # Errors
    /// [`LedgerError::Busy`], [`LedgerError::Stopped`].
    pub fn submit(
        &self,
        body: Vec<u8>,
        answer: impl FnOnce(Option<Reply>) + Send + 'static,
    ) -> Result<(), LedgerError> {
        self.jobs.try_send(Job::Transfers(body, Box::new(answer))).map_err(|error| match error {
            TrySendError::Full(_) => LedgerError::Busy,
            TrySendError::Disconnected(_) => self.stopped(),
        })
    }

    /// As [`Ledger::submit`], but waits for room in the queue.
    pub(crate) fn submit_waiting(&self, body: Vec<u8>, answer: Answer<Reply>) -> Result<(), LedgerError> {
        self.jobs.send(Job::Transfers(body, answer)).map_err(|_| self.stopped())
    }

    /// Decides transfers one by one and waits until they are durable.
    ///
    /// # Errors
    /// [`LedgerError::Stopped`].
    pub fn transfer(&self, transfers: &[Transfer]) -> Result<Vec<Outcome>, LedgerError> {
        let mut body = Vec::with_capacity(transfers.len() * TRANSFER_BYTES);
        transfers.iter().for_each(|transfer| write_transfer(transfer, 0, &mut body));
        self.wait(|answer| self.submit_waiting(body, answer)).map(|reply| reply.outcomes)
    }

    /// Decides a chain of transfers, all or none, and waits until it is durable.
    ///
    /// # Errors
    /// [`LedgerError::Stopped`].
    pub fn transfer_chain(&self, chain: &[Transfer]) -> Result<Vec<Outcome>, LedgerError> {
        let mut body = Vec::with_capacity(chain.len() * TRANSFER_BYTES);
        for (place, transfer) in chain.iter().enumerate() {
            let flags = if place + 1 < chain.len() { crate::wire::LINKED } else { 0 };
            write_transfer(transfer, flags, &mut body);
        }
        self.wait(|answer| self.submit_waiting(body, answer)).map(|reply| reply.outcomes)
    }

    /// Opens accounts, all or none, and waits until they are durable.
    ///
    /// # Errors
    /// [`LedgerError::Stopped`]; inside, the refusal.
    pub fn open_accounts(&self, accounts: Vec<Account>) -> Result<Result<(), Refusal>, LedgerError> {
        self.wait(|answer| self.jobs.send(Job::Open(accounts, answer)).map_err(|_| self.stopped()))
    }

    /// Looks at the state; the answer comes once everything it may have seen is durable.
    ///
    /// # Errors
    /// [`LedgerError::Stopped`].
    pub fn look<R: Send + 'static>(
        &self,
        look: impl FnOnce(&State) -> R + Send + 'static,
    ) -> Result<R, LedgerError> {
        self.wait(|answer: Answer<R>| {
            let job = Job::Look(Box::new(move |state| {
                let seen = look(state);
                Box::new(move |is_durable| answer(is_durable.then_some(seen)))
            }));
            self.jobs.send(job).map_err(|_| self.stopped())
        })
    }

    /// The newest entries that touched an account, newest first: from the postings and the log itself. Entries of the
    /// last moments may not be indexed yet.
    ///
    /// # Errors
    /// [`LedgerError::Stopped`]; [`LedgerError::Unreadable`] when the index or the log cannot be read.
    pub fn history(&self, account: AccountId, most: usize) -> Result<Vec<(Moment, Entry)>, LedgerError> {
        let (row, frozen) = self.look(move |state| (state.account_row(account), state.frozen()))?;
        let (Some(row), Some(reading)) = (row, &self.reading) else { return Ok(Vec::new()) };
        let unreadable = |error: std::io::Error| LedgerError::Unreadable(format!("index: {error}"));
        let places = {
            let postings = self.kept.postings();
            let entries = postings.newest(row, most).map_err(unreadable)?;
            let place = |entry: u64| Ok((entry, postings.batch_of(entry)?));
            entries.into_iter().map(place).collect::<std::io::Result<Vec<_>>>().map_err(unreadable)?
        };
        let mut journal = reading.lock().unwrap_or_else(PoisonError::into_inner);
        let mut open: Option<(Position, Vec<u8>)> = None;
        let mut found = Vec::with_capacity(places.len());
        for (entry, place) in places {
            let Some((first, position)) = place else { continue };
            if open.as_ref().is_none_or(|(known, _)| *known != position) {
                let stored = journal.read_from(position, 1)?.into_iter().next();
                open = stored.map(|stored| (position, stored.body));
            }
            let Some((_, body)) = &open else { continue };
            if let Some((at, bytes)) = nth_entry(body, entry - first)? {
                found.push((at, read(&frozen, &bytes)?));
            }
        }
        Ok(found)
    }

    fn wait<T: Send + 'static>(
        &self,
        ask: impl FnOnce(Answer<T>) -> Result<(), LedgerError>,
    ) -> Result<T, LedgerError> {
        let (told, waiting) = sync_channel(1);
        ask(Box::new(move |answer| drop(told.send(answer))))?;
        waiting.recv().ok().flatten().ok_or_else(|| self.stopped())
    }

    fn stopped(&self) -> LedgerError {
        LedgerError::Stopped(self.outbox.failure().map(|why| format!(": {why}")).unwrap_or_default())
    }

    /// Ends after what is waiting; says why it had stopped before, if it had.
    ///
    /// # Errors
    /// [`LedgerError::Stopped`].
    pub fn close(mut self) -> Result<(), LedgerError> {
        self.end()
    }

    fn end(&mut self) -> Result<(), LedgerError> {
        drop(self.jobs.send(Job::Stop));
        let mut why = None;
        // The ledger first, then the log, then the index: each ends when the one before it has.
        for thread in self.threads.drain(..).rev() {
            match thread.join() {
                Ok(Ok(())) => {}
                Ok(Err(told)) => why = why.or(Some(told)),
                Err(_) => why = why.or(Some("a thread has panicked".into())),
            }
        }
        why.map_or(Ok(()), |why| Err(LedgerError::Stopped(format!(": {why}"))))
    }
}

impl Drop for Ledger {
    fn drop(&mut self) {
        if !self.threads.is_empty() {
            drop(self.end());
        }
    }
}

fn spawn(
    name: &str,
    job: impl FnOnce() -> Result<(), String> + Send + 'static,
) -> Result<JoinHandle<Result<(), String>>, LedgerError> {
    let thread = std::thread::Builder::new().name(name.into());
    thread.spawn(job).map_err(|error| LedgerError::Unreadable(error.to_string()))
}

/// Gives every batch from a place on to `take`, in order. Where the journal can be read beside itself, a thread of its own
/// reads and checks the next batches while these are taken.
fn read_ahead(
    (journal, beside): (&mut dyn Journal, Option<&mut (dyn Journal + 'static)>),
    at: Position,
    take: &mut dyn FnMut(Stored) -> Result<(), LedgerError>,
) -> Result<(), LedgerError> {
    let Some(beside) = beside else {
        return read_all(journal, at, &mut |stored| stored.into_iter().try_for_each(&mut *take));
    };
    std::thread::scope(|scope| {
        let (ahead, chunks) = sync_channel::<Vec<Stored>>(1);
        let stopped = |_| LedgerError::Stopped(String::new());
        let reader =
            scope.spawn(move || read_all(beside, at, &mut |stored| ahead.send(stored).map_err(stopped)));
        // Where this fails the chunks are dropped, which ends the reader.
        chunks.into_iter().flatten().try_for_each(take)?;
        reader.join().unwrap_or_else(|_| Err(LedgerError::Stopped(": its reader has panicked".into())))
    })
}

fn read_all(
    journal: &mut dyn Journal,
    mut at: Position,
    take: &mut dyn FnMut(Vec<Stored>) -> Result<(), LedgerError>,
) -> Result<(), LedgerError> {
    loop {
        let stored = journal.read_from(at, CHUNK)?;
        let Some(last) = stored.last() else { return Ok(()) };
        at = Position(last.position.0 + 1);
        take(stored)?;
    }
}

fn keep_all(mut keeper: Keeper, keeping: &Receiver<Keep>) -> Result<(), String> {
    let ended = keeping.iter().try_for_each(|keep| keeper.keep(keep));
    // Without its index the ledger's memory would grow without bound.
    ended.inspect_err(|why| keeper.stop_ledger(why))
}

/// A snapshot whose index files are all there; else the log is read from its beginning.
fn read_snapshot(bytes: &[u8], index: &Path) -> Option<(Manifest, State)> {
    let (manifest, state): (Manifest, State) = borsh::from_slice(bytes).ok()?;
    let is_whole = manifest.runs.iter().chain(&manifest.postings).all(|name| index.join(name).exists());
    is_whole.then_some((manifest, state))
}

fn count(body: &[u8]) -> Result<u64, LedgerError> {
    sections(body).try_fold(0, |sum, section| {
        let section = section.map_err(LedgerError::Unreadable)?;
        Ok(sum + section.entries().len() as u64)
    })
}

fn replay(core: &mut Core, body: &[u8], position: Position) -> Result<Vec<Seal>, LedgerError> {
    let mut seals = Vec::new();
    for section in sections(body) {
        let sealed = section.and_then(|section| core.replay(&section));
        seals.extend(sealed.map_err(|why| LedgerError::Unreadable(format!("batch {}: {why}", position.0)))?);
    }
    Ok(seals)
}

fn nth_entry(body: &[u8], mut number: u64) -> Result<Option<(Moment, [u8; ENTRY_BYTES])>, LedgerError> {
    for section in sections(body) {
        let section = section.map_err(LedgerError::Unreadable)?;
        let entries = section.entries();
        if let Some(entry) = usize::try_from(number).ok().and_then(|number| entries.get(number)) {
            return Ok(Some((section.at, *entry)));
        }
        number -= entries.len() as u64;
    }
    Ok(None)
}

fn read(frozen: &Frozen, bytes: &[u8; ENTRY_BYTES]) -> Result<Entry, LedgerError> {
    read_entry(frozen.accounts(), bytes).map_err(LedgerError::Unreadable)
}
