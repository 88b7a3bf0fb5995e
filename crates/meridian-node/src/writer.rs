//! The one thread that gives time and decides.

use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TrySendError, sync_channel};
use std::task::Poll;
use std::thread::JoinHandle;
use std::time::Duration;

use meridian_journal::{Durability, Journal, Lease, Outbox, Position};
use meridian_terms::{Moment, Refusal, Retry};
use tokio::sync::{oneshot, watch};

use crate::follow::Follower;
use crate::log::{Keeper, Log, Release, Waiting, write_log};
use crate::{Clock, Command, Decider, Event, Hub, Key};

/// The longest the writer sleeps before it looks at the clock again: a deadline is noticed at most so late.
const LONGEST_SLEEP: Duration = Duration::from_millis(20);

/// What an operator may set.
#[derive(Debug, Clone)]
pub struct NodeSettings {
    /// The name under which the journal is held.
    pub name: String,
    /// How many commands may wait before new ones are turned away.
    pub queue: usize,
    /// How many commands make one group at most.
    pub group: usize,
    /// After how many events a snapshot is kept; 0 is never. It is made beside the writer, on a second hub that follows
    /// the journal: twice the memory, and never a stop.
    pub snapshot_every: u64,
    /// After how many events the statistics are kept as a view beside the journal, by the same second hub.
    pub statistics_every: u64,
    /// Every how many batches the writer's hub is hashed into the journal, for followers to compare; 0 is never.
    pub witness_every: u64,
}

impl Default for NodeSettings {
    fn default() -> Self {
        Self {
            name: "meridian".into(),
            queue: 8_192,
            group: 1_024,
            snapshot_every: 2_000_000,
            statistics_every: 100_000,
            witness_every: 10_000,
        }
    }
}

/// Why a node did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The journal cannot be read or held.
    #[error("journal: {0}")]
    Journal(String),
    /// The journal holds something this version cannot read.
    #[error("journal position {position}: {why}")]
    Unreadable {
        /// Where.
        position: u64,
        /// Why.
        why: String,
    },
}

/// Why a question got no answer.
#[derive(Debug, thiserror::Error)]
pub enum AskError {
    /// It was decided: no.
    #[error("{0}")]
    Refused(Refusal),
    /// The node has stopped; what was acknowledged is safe, this question was not.
    #[error("the node has stopped")]
    Stopped,
}

/// A command that was done: durable, and part of the hub.
#[derive(Debug, Clone)]
pub struct Done {
    /// When the writer decided it.
    pub at: Moment,
    /// The number of the event: how many made the hub.
    pub event_number: u64,
    /// What happened.
    pub event: Event,
}

/// What became of a request that carried an idempotency key.
#[expect(clippy::large_enum_variant, reason = "an answer is moved once, to whoever asked")]
#[derive(Debug, Clone)]
pub enum Asked {
    /// It was done now.
    First(Done),
    /// It had been done before, by the event of this number.
    Again(u64),
}

pub(crate) type Answer = Result<Done, Refusal>;
pub(crate) type Read = Box<dyn FnOnce(&Hub) -> Release + Send>;

pub(crate) enum Request {
    Ask { actor: String, command: Box<Command>, answer: oneshot::Sender<Answer> },
    Read(Read),
    Stop,
}

/// A running node. Clones share it; [`Node::stop`] ends it.
#[derive(Clone)]
pub struct Node {
    requests: SyncSender<Request>,
    clock: Clock,
    changes: watch::Receiver<u64>,
    waiting: Arc<AtomicUsize>,
    position: Arc<AtomicU64>,
    standing: watch::Receiver<Standing>,
}

/// Whether a node leads, and what its answers promise.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// Whether it decides; one that does not follows the journal and answers reads.
    pub leads: bool,
    /// What an acknowledged answer promises: copies, and whether each is on its medium.
    pub durability: Durability,
}

/// What a node's thread holds of it.
pub(crate) struct Ends {
    pub(crate) queue: Receiver<Request>,
    /// Tells whoever waits for news that there is durable news.
    pub(crate) changed: Arc<watch::Sender<u64>>,
    pub(crate) waiting: Arc<AtomicUsize>,
    pub(crate) position: Arc<AtomicU64>,
    pub(crate) standing: watch::Sender<Standing>,
}

impl Node {
    /// Recovers the hub from the journal and starts the writer. The handle is joined to wait for its end: its
    /// value is why it stopped.
    ///
    /// # Errors
    /// [`StartError`].
    pub fn start(
        mut journal: Box<dyn Journal>,
        clock: Clock,
        settings: NodeSettings,
    ) -> Result<(Self, JoinHandle<Result<(), String>>), StartError> {
        let (decider, lease, position) = Decider::start(journal.as_mut(), clock.clone(), &settings)?;
        Self::lead(journal, lease, (decider, position), clock, settings)
    }

    /// A node without a thread yet, and what its thread will hold.
    pub(crate) fn new(clock: Clock, settings: &NodeSettings, standing: Standing) -> (Self, Ends) {
        let (requests, queue) = sync_channel(settings.queue);
        let (changed, changes) = watch::channel(0);
        let (tell, standing) = watch::channel(standing);
        let (waiting, position) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicU64::new(0)));
        let ends = Ends {
            queue,
            changed: Arc::new(changed),
            waiting: waiting.clone(),
            position: position.clone(),
            standing: tell,
        };
        (Self { requests, clock, changes, waiting, position, standing }, ends)
    }

    /// Starts the writer with a hub that is up to date with a journal already acquired.
    pub(crate) fn lead(
        journal: Box<dyn Journal>,
        lease: Lease,
        decided: (Decider, Position),
        clock: Clock,
        settings: NodeSettings,
    ) -> Result<(Self, JoinHandle<Result<(), String>>), StartError> {
        let standing = Standing { leads: true, durability: journal.durability() };
        let (node, ends) = Self::new(clock.clone(), &settings, standing);
        let handle = write(ends, (journal, lease), decided, clock, &settings)?;
        Ok((node, handle))
    }

    /// The clock this node lives by.
    #[must_use]
    pub const fn clock(&self) -> &Clock {
        &self.clock
    }

    /// Asks, and waits until the answer is durable.
    ///
    /// # Errors
    /// [`AskError::Refused`], also with `node.busy` when the queue is full; [`AskError::Stopped`].
    pub async fn ask(&self, actor: &str, command: Command) -> Result<Done, AskError> {
        let (answer, waiting) = oneshot::channel();
        self.send(Request::Ask { actor: actor.to_owned(), command: Box::new(command), answer })?;
        waiting.await.map_err(|_| AskError::Stopped)?.map_err(AskError::Refused)
    }

    /// As [`Node::ask`], once: the same key again gets the same answer.
    ///
    /// # Errors
    /// As [`Node::ask`]; `node.key_reused` when another request came under this key.
    pub async fn ask_once(&self, actor: &str, key: Option<Key>, command: Command) -> Result<Asked, AskError> {
        let Some(key) = key else { return self.ask(actor, command).await.map(Asked::First) };
        let again = key.clone();
        let done = self.ask(actor, Command::Once(key, Box::new(command))).await?;
        match done.event {
            Event::Once(_, event) => Ok(Asked::First(Done { event: *event, ..done })),
            Event::Refused(_, refusal) => Err(AskError::Refused(refusal)),
            // What it did is in the state; a refusal was an error already.
            _ => {
                let number = self.read(move |hub| hub.requests.answer(&again)).await?;
                match number {
                    Ok(number) => Ok(Asked::Again(number.unwrap_or(done.event_number))),
                    Err(refusal) => Err(AskError::Refused(refusal)),
                }
            }
        }
    }

    /// As [`Node::ask_once`], and looks at the hub as of the answer or later, in one turn of the writer.
    ///
    /// # Errors
    /// As [`Node::ask_once`].
    pub async fn ask_once_and_read<R: Send + 'static>(
        &self,
        actor: &str,
        key: Option<Key>,
        command: Command,
        look: impl FnOnce(&Hub) -> R + Send + 'static,
    ) -> Result<(Asked, R), AskError> {
        let asked = self.ask_once(actor, key, command);
        tokio::pin!(asked);
        // The question is in the queue once it has been polled; what is read comes behind it.
        let early = std::future::poll_fn(|context| Poll::Ready(asked.as_mut().poll(context))).await;
        let read = self.read(look).await?;
        let asked = match early {
            Poll::Ready(asked) => asked,
            Poll::Pending => asked.await,
        };
        Ok((asked?, read))
    }

    /// Changes to the hub as they become durable: how many events have made it.
    #[must_use]
    pub fn changes(&self) -> watch::Receiver<u64> {
        self.changes.clone()
    }

    /// How many requests wait for the writer now, about.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.waiting.load(Ordering::Relaxed)
    }

    /// Whether it leads, and what an acknowledged answer promises.
    #[must_use]
    pub fn standing(&self) -> Standing {
        *self.standing.borrow()
    }

    /// Waits until it leads; no longer when it has stopped. Says whether it leads.
    pub async fn leads(&self) -> bool {
        self.standing.clone().wait_for(|standing| standing.leads).await.is_ok()
    }

    /// Where the journal ends for this node: what it has made durable, or how far it has followed. What is read after is
    /// true as of this position or a later one.
    #[must_use]
    pub fn position(&self) -> Position {
        Position(self.position.load(Ordering::Acquire))
    }

    /// As [`Node::ask`], from a thread that may block.
    ///
    /// # Errors
    /// As [`Node::ask`].
    pub fn ask_blocking(&self, actor: &str, command: Command) -> Result<Done, AskError> {
        let (answer, waiting) = oneshot::channel();
        self.send(Request::Ask { actor: actor.to_owned(), command: Box::new(command), answer })?;
        waiting.blocking_recv().map_err(|_| AskError::Stopped)?.map_err(AskError::Refused)
    }

    /// Reads the hub as of the last durable event.
    ///
    /// # Errors
    /// [`AskError::Stopped`]; `node.busy` when the queue is full.
    pub async fn read<R: Send + 'static>(
        &self,
        look: impl FnOnce(&Hub) -> R + Send + 'static,
    ) -> Result<R, AskError> {
        let (answer, waiting) = oneshot::channel();
        self.send(read(look, answer))?;
        waiting.await.map_err(|_| AskError::Stopped)
    }

    /// As [`Node::read`], from a thread that may block.
    ///
    /// # Errors
    /// As [`Node::read`].
    pub fn read_blocking<R: Send + 'static>(
        &self,
        look: impl FnOnce(&Hub) -> R + Send + 'static,
    ) -> Result<R, AskError> {
        let (answer, waiting) = oneshot::channel();
        self.send(read(look, answer))?;
        waiting.blocking_recv().map_err(|_| AskError::Stopped)
    }

    /// Ends the writer after what is waiting.
    pub fn stop(&self) {
        self.waiting.fetch_add(1, Ordering::Relaxed);
        drop(self.requests.send(Request::Stop));
    }

    fn send(&self, request: Request) -> Result<(), AskError> {
        self.waiting.fetch_add(1, Ordering::Relaxed);
        self.requests
            .try_send(request)
            .inspect_err(|_| {
                self.waiting.fetch_sub(1, Ordering::Relaxed);
            })
            .map_err(|error| match error {
                TrySendError::Full(_) => AskError::Refused(
                    Refusal::new("node.busy", "more commands are waiting than the node takes")
                        .rule("settings: queue")
                        .next("send it again after a moment")
                        .iso("ED06")
                        .retry(Retry::AfterAMoment),
                ),
                TrySendError::Disconnected(_) => AskError::Stopped,
            })
    }
}

/// Starts the threads of a node that leads: the writer, the log, the keeper of snapshots.
pub(crate) fn write(
    ends: Ends,
    (mut journal, lease): (Box<dyn Journal>, Lease),
    (decider, position): (Decider, Position),
    clock: Clock,
    settings: &NodeSettings,
) -> Result<JoinHandle<Result<(), String>>, StartError> {
    let told = |error: std::io::Error| StartError::Journal(error.to_string());
    let Ends { queue, changed, waiting, position: durable, standing } = ends;
    durable.store(position.0, Ordering::Release);
    changed.send_replace(decider.hub().events);
    standing.send_replace(Standing { leads: true, durability: journal.durability() });
    let outbox = Arc::new(Outbox::default());
    let beside = journal.beside().map_err(|error| StartError::Journal(error.to_string()))?;
    let keeping = beside.filter(|_| settings.snapshot_every > 0).map(|beside| {
        let follower = Follower::at(decider.hub().clone(), position);
        let every = (settings.snapshot_every, settings.statistics_every);
        Keeper::start(beside, follower, every, (Arc::clone(&outbox), Arc::clone(&durable)))
    });
    let keeping = keeping.transpose().map_err(told)?;
    let (to_log, end) = (Arc::clone(&outbox), Log::sharing(journal, lease, durable));
    let log = std::thread::Builder::new().name("log".into());
    let log = log.spawn(move || write_log(&to_log, end)).map_err(told)?;
    let writer = Writer { decider, outbox, clock, most: settings.group, changed, waiting };
    let thread = std::thread::Builder::new().name("writer".into());
    thread
        .spawn(move || {
            // Whoever asks whether it leads hears the end of it too.
            let _standing = standing;
            let ended = writer.run(&queue);
            let logged = log.join().unwrap_or_else(|_| Err("the log's thread has panicked".into()));
            drop(keeping);
            logged.and(ended)
        })
        .map_err(told)
}

/// Looks now; tells once what was seen is durable.
fn read<R: Send + 'static>(
    look: impl FnOnce(&Hub) -> R + Send + 'static,
    answer: oneshot::Sender<R>,
) -> Request {
    Request::Read(Box::new(move |hub| {
        let seen = look(hub);
        // Whoever asked may have gone.
        Box::new(move || drop(answer.send(seen)))
    }))
}

struct Writer {
    decider: Decider,
    outbox: Arc<Outbox<Waiting>>,
    clock: Clock,
    /// How many commands make one group.
    most: usize,
    /// Tells whoever waits for news that there is durable news.
    changed: Arc<watch::Sender<u64>>,
    waiting: Arc<AtomicUsize>,
}

/// However the writer ends, a broken invariant of its own among it, the log ends after it.
impl Drop for Writer {
    fn drop(&mut self) {
        self.outbox.close();
    }
}

impl Writer {
    fn run(mut self, queue: &Receiver<Request>) -> Result<(), String> {
        loop {
            let first = match queue.recv_timeout(self.sleep()) {
                Ok(request) => Some(request),
                Err(RecvTimeoutError::Timeout) => None,
                Err(RecvTimeoutError::Disconnected) => return Ok(()),
            };
            if let Some(why) = self.outbox.failure() {
                return Err(why);
            }
            let mut group = Waiting::default();
            let mut stops = false;
            self.decider.tick();
            for request in first.into_iter().chain(queue.try_iter().take(self.most)) {
                self.waiting.fetch_sub(1, Ordering::Relaxed);
                match request {
                    Request::Ask { actor, command, answer } => {
                        let decided = self.decider.ask(actor, &command);
                        // Whoever asked may have gone; what was decided stands.
                        group.releases.push(Box::new(move || drop(answer.send(decided))));
                    }
                    Request::Read(read) => group.releases.push(read(self.decider.hub())),
                    Request::Stop => stops = true,
                }
            }
            // Handed to the log, which writes it while the writer goes on deciding.
            if let Some(batch) = self.decider.batch()? {
                group.batches.push(batch);
                let (changed, events) = (Arc::clone(&self.changed), self.decider.hub().events);
                group.releases.push(Box::new(move || {
                    changed.send_replace(events);
                }));
            }
            if !group.batches.is_empty() || !group.releases.is_empty() {
                self.outbox.hand(group)?;
            }
            if stops {
                return Ok(());
            }
        }
    }

    fn sleep(&self) -> Duration {
        let deadline = self.decider.hub().next_deadline();
        let until = deadline.map(|deadline| deadline.since(self.clock.now()).0.max(0));
        let micros = until.and_then(|micros| u64::try_from(micros).ok()).unwrap_or(u64::MAX);
        Duration::from_micros(micros).min(LONGEST_SLEEP)
    }
}
