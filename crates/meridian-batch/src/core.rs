//! The thread that decides: requests in the order they came, time given once.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::Duration;

use meridian_ledger::{
    Account, Command, Event, State, Transfer, apply, decide, transact, transact_chain, write_entry,
};
use meridian_terms::{Micros, Moment, Refusal};

use crate::keeper::Sealed;
use crate::outbox::{GROUP_BYTES, Group, Outbox, Release, Seal};
use crate::section::{self, Section};
use crate::wire::{Currencies, LINKED, Outcome, Reply, TRANSFER_BYTES, read_transfer};

/// A deadline is noticed at most so late when nothing else happens.
const LONGEST_SLEEP: Duration = Duration::from_millis(20);

/// Looks at the state; what it gives is released once everything it may have seen is durable.
pub(crate) type Look = Box<dyn FnOnce(&State) -> Release + Send>;
/// Takes the answer; `None` when there will be none.
pub(crate) type Answer<T> = Box<dyn FnOnce(Option<T>) + Send>;

/// What the deciding thread is asked.
pub(crate) enum Job {
    /// Transfers as on the wire.
    Transfers(Vec<u8>, Answer<Reply>),
    /// Accounts to be opened, all or none.
    Open(Vec<Account>, Answer<Result<(), Refusal>>),
    /// A look at the state.
    Look(Look),
    /// Nothing more will come.
    Stop,
}

pub(crate) struct Core {
    pub(crate) state: State,
    pub(crate) past: Sealed,
    pub(crate) clock: Arc<dyn Fn() -> Moment + Send + Sync>,
    pub(crate) last_at: Moment,
    /// How many rows the window takes before it leaves memory.
    pub(crate) window: usize,
    /// How many windows have left memory.
    pub(crate) windows: u64,
    /// After how many entries a snapshot is kept; 0 is never.
    pub(crate) snapshot_every: u64,
    pub(crate) snapshot_at: u64,
    group: Group,
    currencies: Currencies,
    scratch: Vec<Transfer>,
    flags: Vec<u8>,
}

impl Core {
    pub(crate) fn new(
        state: State,
        past: Sealed,
        clock: Arc<dyn Fn() -> Moment + Send + Sync>,
        window: usize,
    ) -> Self {
        Self {
            state,
            past,
            clock,
            last_at: Moment::EPOCH,
            window,
            windows: 0,
            snapshot_every: 0,
            snapshot_at: 0,
            group: Group::default(),
            currencies: Currencies::new(),
            scratch: Vec::new(),
            flags: Vec::new(),
        }
    }

    /// Until [`Job::Stop`], or until the log cannot write.
    pub(crate) fn run(mut self, jobs: &Receiver<Job>, outbox: &Outbox) -> Result<State, String> {
        self.group.first_entry = self.state.entries();
        loop {
            let first = match jobs.recv_timeout(LONGEST_SLEEP) {
                Ok(job) => Some(job),
                Err(RecvTimeoutError::Timeout) => None,
                Err(RecvTimeoutError::Disconnected) => Some(Job::Stop),
            };
            self.past.refresh();
            let mut stops = false;
            for job in first.into_iter().chain(std::iter::from_fn(|| jobs.try_recv().ok())) {
                self.expire();
                match job {
                    Job::Transfers(body, answer) => self.transfers(&body, answer),
                    Job::Open(accounts, answer) => self.open(accounts, answer),
                    Job::Look(look) => self.group.releases.push(look(&self.state)),
                    Job::Stop => stops = true,
                }
                if stops || self.group.body.len() >= GROUP_BYTES / 2 || self.group.snapshot.is_some() {
                    break;
                }
            }
            self.expire();
            self.hand(outbox)?;
            if stops {
                return Ok(self.state);
            }
        }
    }

    fn hand(&mut self, outbox: &Outbox) -> Result<(), String> {
        if self.group.body.is_empty() && self.group.releases.is_empty() {
            return Ok(());
        }
        self.group.at = self.last_at;
        let next = Group { first_entry: self.state.entries(), ..Group::default() };
        outbox.hand(std::mem::replace(&mut self.group, next))
    }

    /// Time is given here, once: the clock's, but always later than the last.
    fn moment(&mut self) -> Moment {
        self.last_at = (self.clock)().max(self.last_at.plus(Micros(1)));
        self.last_at
    }

    fn expire(&mut self) {
        let Some(deadline) = self.state.next_deadline() else { return };
        if deadline <= (self.clock)() {
            let at = self.moment();
            if let Ok(event @ Event::Expired { .. }) = decide(&self.state, &Command::Expire, at) {
                self.happened(&event, at);
            }
        }
    }

    fn happened(&mut self, event: &Event, at: Moment) {
        apply(&mut self.state, event);
        section::write_event(event, at, &mut self.group.body);
        self.seal_if_full();
    }

    fn open(&mut self, accounts: Vec<Account>, answer: Answer<Result<(), Refusal>>) {
        let at = self.moment();
        let decided =
            decide(&self.state, &Command::Open(accounts), at).map(|event| self.happened(&event, at));
        self.group.releases.push(Box::new(move |is_durable| answer(is_durable.then_some(decided))));
    }

    fn transfers(&mut self, body: &[u8], answer: Answer<Reply>) {
        let at = self.moment();
        let outcomes = self.decide_transfers(body, at);
        self.seal_if_full();
        let reply = Reply { at, outcomes };
        self.group.releases.push(Box::new(move |is_durable| answer(is_durable.then_some(reply))));
    }

    fn decide_transfers(&mut self, body: &[u8], at: Moment) -> Vec<Outcome> {
        self.scratch.clear();
        self.flags.clear();
        let mut readable = true;
        for bytes in body.chunks_exact(TRANSFER_BYTES) {
            if let Some((transfer, flags)) = read_transfer(bytes, &self.currencies) {
                self.scratch.push(transfer);
                self.flags.push(flags);
            } else {
                readable = false;
                break;
            }
        }
        if !readable || !body.len().is_multiple_of(TRANSFER_BYTES) {
            return vec![Outcome::UNREADABLE; body.len().div_ceil(TRANSFER_BYTES)];
        }
        let mut outcomes = Vec::with_capacity(self.scratch.len());
        let out = &mut self.group.body;
        let section = section::begin_entries(at, out);
        let mut from = 0;
        while from < self.scratch.len() {
            let alone = self.flags[from..].iter().take_while(|flags| *flags & LINKED == 0).count();
            let batch = &self.scratch[from..from + alone];
            transact(&mut self.state, &self.past, batch, at, |place, told| match told {
                Ok(moved) => {
                    write_entry(&batch[place], &moved, out);
                    outcomes.push(Outcome::DONE);
                }
                Err(denial) => outcomes.push(Outcome::refused(denial)),
            });
            from += alone;
            let linked = self.flags[from..].iter().take_while(|flags| *flags & LINKED != 0).count();
            if linked == 0 {
                continue;
            }
            let Some(chain) = self.scratch.get(from..=from + linked) else {
                outcomes.resize(outcomes.len() + linked, Outcome::CHAIN_OPEN);
                break;
            };
            match transact_chain(&mut self.state, &self.past, chain, at) {
                Ok(moved) => {
                    for (transfer, moved) in chain.iter().zip(&moved) {
                        write_entry(transfer, moved, out);
                    }
                    outcomes.resize(outcomes.len() + chain.len(), Outcome::DONE);
                }
                Err((failed, denial)) => {
                    let first = outcomes.len();
                    outcomes.resize(first + chain.len(), Outcome::CHAIN_FAILED);
                    outcomes[first + failed] = Outcome::refused(denial);
                }
            }
            from += chain.len();
        }
        section::finish(section, out);
        outcomes
    }

    /// The rule every replay repeats: after a section that fills the window, the window leaves memory.
    fn seal_if_full(&mut self) {
        if self.state.recent().rows().len() >= self.window {
            let seal = self.seal();
            self.group.seals.push(seal);
        }
        if self.snapshot_every > 0 && self.state.entries() >= self.snapshot_at {
            self.snapshot_at = self.state.entries() + self.snapshot_every;
            self.group.snapshot = Some(self.state.frozen());
        }
    }

    fn seal(&mut self) -> Seal {
        let window = Arc::new(self.state.forget());
        let number = self.windows;
        self.windows += 1;
        self.past.add(number, Arc::clone(&window));
        Seal { after: self.state.entries(), number, window }
    }

    /// Replays a section; what it sealed is for the keeper.
    pub(crate) fn replay(&mut self, section: &Section<'_>) -> Result<Option<Seal>, String> {
        if let Some(window) = section.window() {
            self.window = window as usize;
        }
        section.replay(&mut self.state)?;
        self.last_at = section.at;
        self.past.refresh();
        Ok((self.state.recent().rows().len() >= self.window).then(|| self.seal()))
    }
}
