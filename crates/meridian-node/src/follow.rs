//! A node that follows: it replays the journal, compares its hub with the writer's, and takes over when told.
//!
//! ```text
//!  following --catch_up--> following            (journal position moves)
//!      |  witness differs: Diverged, for ever   (it must not lead, nor serve)
//!      +--take_over: acquire, then catch up to the end, then lead
//! ```
//!
//! The order in `take_over` is the whole of its safety: the new term is durable first, so no earlier writer appends any
//! more; what is read after that is all there will ever be of its term, every acknowledged batch among it.

use std::thread::JoinHandle;
use std::time::Duration;

use meridian_journal::{Id, Journal, JournalError, Lease, Position};

use crate::layout::{contradiction, of_snapshot};
use crate::replay::{CHUNK, decode};
use crate::{Clock, Decider, Hub, Node, NodeSettings, StartError};

/// Why a follower stops following.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FollowError {
    /// The journal cannot be read.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// The journal holds something this version cannot read.
    #[error("journal position {position}: {why}")]
    Unreadable {
        /// Where.
        position: u64,
        /// Why.
        why: String,
    },
    /// The same journal has made another hub here than at its writer: one of the two machines, or the two versions, differ.
    /// It must not serve and must not lead.
    #[error(
        "after batch {position} this hub is {ours} and the writer's is {theirs}; stop this node and compare versions"
    )]
    Diverged {
        /// The batch with the writer's witness.
        position: u64,
        /// Hash of the hub here.
        ours: String,
        /// Hash of the writer's.
        theirs: String,
    },
}

/// A hub that follows a journal.
#[derive(Debug, Clone)]
pub struct Follower {
    hub: Hub,
    position: Position,
    /// The identity of the last batch replayed here.
    last: Option<Id>,
    halted: Option<FollowError>,
}

impl Follower {
    /// Begins with the newest snapshot, or with nothing where there is none or another version laid it out.
    ///
    /// # Errors
    /// [`StartError`].
    pub fn start(journal: &mut dyn Journal) -> Result<Self, StartError> {
        let snapshot = journal.latest_snapshot().map_err(|error| StartError::Journal(error.to_string()))?;
        let Some((position, state)) = snapshot else { return Ok(Self::at(Hub::default(), Position(0))) };
        let hub = of_snapshot(&state).map_err(|why| StartError::Unreadable { position: position.0, why })?;
        Ok(hub.map_or_else(|| Self::at(Hub::default(), Position(0)), |hub| Self::at(hub, position)))
    }

    /// A follower of a hub that all batches before `position` have made.
    #[must_use]
    pub const fn at(hub: Hub, position: Position) -> Self {
        Self { hub, position, last: None, halted: None }
    }

    /// The hub, as of [`Follower::position`].
    #[must_use]
    pub const fn hub(&self) -> &Hub {
        &self.hub
    }

    /// How far it has followed: reads from it are true as of this position.
    #[must_use]
    pub const fn position(&self) -> Position {
        self.position
    }

    pub(crate) fn into_hub(self) -> (Hub, Position) {
        (self.hub, self.position)
    }

    /// Replays what came since; says how far that is.
    ///
    /// # Errors
    /// [`FollowError`]; after [`FollowError::Diverged`] it says so for ever.
    pub fn catch_up(&mut self, journal: &mut dyn Journal) -> Result<Position, FollowError> {
        self.catch_up_to(journal, Position(u64::MAX))
    }

    /// As [`Follower::catch_up`], but not beyond a position: a reader beside the writer may see what is not durable yet.
    ///
    /// # Errors
    /// As [`Follower::catch_up`].
    pub fn catch_up_to(&mut self, journal: &mut dyn Journal, end: Position) -> Result<Position, FollowError> {
        if let Some(error) = &self.halted {
            return Err(error.clone());
        }
        while self.position < end {
            let stored = journal.read_from(self.position, CHUNK)?;
            if stored.is_empty() {
                break;
            }
            for batch in stored.iter().take_while(|batch| batch.position < end) {
                let position = batch.position.0;
                let (records, witness) =
                    decode(batch).map_err(|why| FollowError::Unreadable { position, why })?;
                records.iter().for_each(|record| self.hub.apply(record));
                (self.position, self.last) = (Position(position + 1), Some(batch.id));
                if let Some(theirs) = witness {
                    self.compare(position, theirs)?;
                }
            }
        }
        Ok(self.position)
    }

    fn compare(&mut self, position: u64, theirs: [u8; 32]) -> Result<(), FollowError> {
        let Some(ours) = contradiction(theirs, &self.hub) else { return Ok(()) };
        let hex = |hash| blake3::Hash::from_bytes(hash).to_hex().to_string();
        let error = FollowError::Diverged { position, ours: hex(ours), theirs: hex(theirs) };
        self.halted = Some(error.clone());
        Err(error)
    }

    /// Follows until `may_lead` gives a journal to lead on: the lock of a directory that its holder has let go, the
    /// lease of a database that was promoted, or an operator's word.
    ///
    /// # Errors
    /// [`FollowError`].
    pub fn follow_until(
        &mut self,
        journal: &mut dyn Journal,
        every: Duration,
        mut may_lead: impl FnMut() -> Option<Box<dyn Journal>>,
    ) -> Result<Box<dyn Journal>, FollowError> {
        loop {
            self.catch_up(journal)?;
            if let Some(journal) = may_lead() {
                return Ok(journal);
            }
            std::thread::sleep(every);
        }
    }

    /// Takes over: begins a new term on a journal, reads it to its end, and leads.
    ///
    /// # Errors
    /// [`StartError`]; a follower that has diverged does not lead.
    pub fn take_over(
        self,
        mut journal: Box<dyn Journal>,
        clock: Clock,
        settings: NodeSettings,
    ) -> Result<(Node, JoinHandle<Result<(), String>>), StartError> {
        let (decider, lease, position) = self.take_term(journal.as_mut(), clock.clone(), &settings)?;
        Node::lead(journal, lease, (decider, position), clock, settings)
    }

    /// As [`Follower::take_over`], without threads: for whoever drives the node step by step.
    ///
    /// # Errors
    /// As [`Follower::take_over`].
    pub fn take_term(
        mut self,
        journal: &mut dyn Journal,
        clock: Clock,
        settings: &NodeSettings,
    ) -> Result<(Decider, Lease, Position), StartError> {
        let told = |error: FollowError| StartError::Journal(error.to_string());
        if let Some(error) = self.halted.take() {
            return Err(told(error));
        }
        let lease =
            journal.acquire(&settings.name).map_err(|error| StartError::Journal(error.to_string()))?;
        if let Some(last) = self.last {
            // What was read from a primary may not have reached the standby that was promoted.
            let there = journal.read_from(Position(self.position.0 - 1), 1);
            let there = there.map_err(|error| StartError::Journal(error.to_string()))?;
            if there.first().map(|batch| batch.id) != Some(last) {
                let why =
                    "this follower has seen a batch that the journal does not have; start it anew".to_owned();
                return Err(StartError::Journal(why));
            }
        }
        self.catch_up(journal).map_err(told)?;
        let (hub, position) = self.into_hub();
        Ok((Decider::on((hub, position), clock, settings), lease, position))
    }
}
