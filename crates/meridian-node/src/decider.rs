//! The writer's rule without its thread: time once, deadlines first, then what is asked, all of it one batch.
//!
//! The writer's thread drives it between its queue and its log; the simulator drives it by hand.

use meridian_journal::{Batch, Journal, Lease, Position};
use meridian_terms::{Micros, Moment, Refusal};

use crate::replay::{encode, recover};
use crate::writer::Done;
use crate::{Clock, Command, Event, Hub, NodeSettings, Record, StartError};

/// A hub and who decides on it. What it decides is part of its hub at once; nobody hears of it before the batch it goes
/// into is durable ([`crate::Log`]).
pub struct Decider {
    hub: Hub,
    clock: Clock,
    witness_every: u64,
    /// How many batches were made: every so many, one carries a witness.
    batches: u64,
    /// Applied, and not yet in a batch.
    records: Vec<Record>,
    /// How many events had made the hub when the queue was last looked at and nothing of it could go.
    looked_at: u64,
}

impl Decider {
    /// Begins a new term on a journal and recovers the hub from it.
    ///
    /// # Errors
    /// [`StartError`].
    pub fn start(
        journal: &mut dyn Journal,
        clock: Clock,
        settings: &NodeSettings,
    ) -> Result<(Self, Lease, Position), StartError> {
        let lease =
            journal.acquire(&settings.name).map_err(|error| StartError::Journal(error.to_string()))?;
        let (hub, position) = recover(journal)?;
        Ok((Self::on((hub, position), clock, settings), lease, position))
    }

    /// Decides on a hub that all batches before a position have made.
    #[must_use]
    pub fn on((hub, position): (Hub, Position), clock: Clock, settings: &NodeSettings) -> Self {
        Self {
            hub,
            clock,
            witness_every: settings.witness_every,
            batches: position.0,
            records: Vec::new(),
            looked_at: 0,
        }
    }

    /// The hub, with all that was decided and is not durable yet.
    #[must_use]
    pub const fn hub(&self) -> &Hub {
        &self.hub
    }

    /// Acts on every deadline that has come.
    pub fn tick(&mut self) {
        loop {
            let at = self.moment();
            let Some(event) = self.hub.tick(at) else { return };
            self.record("clock".into(), at, event);
        }
    }

    /// Decides a command now. The answer is told once the batch it is part of is durable.
    ///
    /// # Errors
    /// The refusal, which also depends on what is not durable yet.
    pub fn ask(&mut self, actor: String, command: &Command) -> Result<Done, Refusal> {
        let at = self.moment();
        self.hub.decide(command, at).map(|event| {
            self.record(actor, at, event.clone());
            Done { at, event_number: self.hub.events, event }
        })
    }

    /// Releases what waits for cover and can go after what was decided since the last batch.
    fn release(&mut self) {
        while self.looked_at != self.hub.events && self.hub.settlement.waiting().next().is_some() {
            let at = self.moment();
            match self.hub.release(at) {
                Some(event) => self.record("queue".into(), at, event),
                None => self.looked_at = self.hub.events,
            }
        }
    }

    /// What was decided since the last batch, and what of the queue can go by it, as the next one; nothing if nothing
    /// was.
    ///
    /// # Errors
    /// In words, when it cannot be encoded.
    pub fn batch(&mut self) -> Result<Option<Batch>, String> {
        self.release();
        if self.records.is_empty() {
            return Ok(None);
        }
        self.batches += 1;
        let every = self.witness_every;
        let witness =
            (every > 0 && self.batches.is_multiple_of(every)).then(|| crate::layout::witness(&self.hub));
        let body = encode(&self.records, witness)?;
        self.records.clear();
        Ok(Some(Batch { at: self.hub.last_at, body }))
    }

    /// Time is given here, once: the clock's, but always later than the last event's.
    fn moment(&self) -> Moment {
        self.clock.now().max(self.hub.last_at.plus(Micros(1)))
    }

    fn record(&mut self, actor: String, at: Moment, event: Event) {
        let record = Record { at, actor, event };
        self.hub.apply(&record);
        self.records.push(record);
    }
}
