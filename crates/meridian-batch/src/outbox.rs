//! Between deciding and writing: what is decided while the log writes becomes one group.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use meridian_journal::{Batch, Journal, Lease, Position};
use meridian_ledger::{Frozen, Recent};
use meridian_terms::Moment;

use crate::keeper::Keep;

/// A group takes no more once it is this long: about what a disk writes in a millisecond.
pub(crate) const GROUP_BYTES: usize = 1024 * 1024;

/// What is released once a group is durable; `false` when it never will be.
pub(crate) type Release = Box<dyn FnOnce(bool) + Send>;

/// A window that left memory in the middle of a group.
pub(crate) struct Seal {
    /// How many entries had happened.
    pub(crate) after: u64,
    /// The window's number, from zero.
    pub(crate) number: u64,
    pub(crate) window: Arc<Recent>,
}

/// What was decided, and who waits for it.
#[derive(Default)]
pub(crate) struct Group {
    pub(crate) body: Vec<u8>,
    /// The number of the first entry in it.
    pub(crate) first_entry: u64,
    /// The moment of its last section.
    pub(crate) at: Moment,
    pub(crate) releases: Vec<Release>,
    pub(crate) seals: Vec<Seal>,
    /// The state behind this group; then nothing may join it any more.
    pub(crate) snapshot: Option<Frozen>,
}

impl Group {
    fn takes(&self, other: &Self) -> bool {
        self.snapshot.is_none() && self.body.len() + other.body.len() <= GROUP_BYTES
    }

    fn join(&mut self, mut other: Self) {
        self.body.append(&mut other.body);
        self.at = other.at;
        self.releases.append(&mut other.releases);
        self.seals.append(&mut other.seals);
        self.snapshot = other.snapshot;
    }
}

#[derive(Default)]
struct Inside {
    waiting: Option<Group>,
    archive_before: Option<Position>,
    is_closed: bool,
    failed: Option<String>,
}

/// One group waits here at most; while it waits it grows.
#[derive(Default)]
pub(crate) struct Outbox {
    inside: Mutex<Inside>,
    changed: Condvar,
}

impl Outbox {
    fn lock(&self) -> MutexGuard<'_, Inside> {
        self.inside.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Hands a group to the log; waits while the one before it is full and not taken.
    pub(crate) fn hand(&self, group: Group) -> Result<(), String> {
        let mut inside = self.lock();
        loop {
            if let Some(why) = &inside.failed {
                let why = why.clone();
                drop(inside);
                group.releases.into_iter().for_each(|release| release(false));
                return Err(why);
            }
            match &mut inside.waiting {
                None => {
                    inside.waiting = Some(group);
                    self.changed.notify_all();
                    return Ok(());
                }
                Some(waiting) if waiting.takes(&group) => {
                    waiting.join(group);
                    return Ok(());
                }
                Some(_) => inside = self.changed.wait(inside).unwrap_or_else(PoisonError::into_inner),
            }
        }
    }

    /// After what waits, nothing more comes.
    pub(crate) fn close(&self) {
        self.lock().is_closed = true;
        self.changed.notify_all();
    }

    /// Segments wholly before this position may be put out of the way.
    pub(crate) fn archive_before(&self, at: Position) {
        self.lock().archive_before = Some(at);
    }

    /// Why the log stopped, if it did.
    pub(crate) fn failure(&self) -> Option<String> {
        self.lock().failed.clone()
    }

    fn take(&self) -> Option<(Group, Option<Position>)> {
        let mut inside = self.lock();
        loop {
            if let Some(group) = inside.waiting.take() {
                self.changed.notify_all();
                return Some((group, inside.archive_before.take()));
            }
            if inside.is_closed {
                return None;
            }
            inside = self.changed.wait(inside).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Stops the ledger: nothing that waits will be durable.
    pub(crate) fn fail(&self, why: &str) {
        let mut inside = self.lock();
        inside.failed = Some(why.to_owned());
        let lost = inside.waiting.take();
        self.changed.notify_all();
        drop(inside);
        lost.into_iter().flat_map(|group| group.releases).for_each(|release| release(false));
    }
}

/// The log's thread: writes group after group and releases what waited for each. The first error is the last: whether the
/// bytes are there cannot be known.
pub(crate) fn write_log(
    outbox: &Outbox,
    mut journal: Box<dyn Journal>,
    lease: &Lease,
    mut position: Position,
    keep: &dyn Fn(Keep),
) -> Result<(), String> {
    while let Some((group, archive_before)) = outbox.take() {
        let Group { body, first_entry, at, releases, seals, snapshot } = group;
        let batch = Batch { at, body };
        if !batch.body.is_empty() {
            match journal.append(lease, position, std::slice::from_ref(&batch)) {
                Ok(next) => position = next,
                Err(error) => {
                    let why = format!("the journal cannot write, the ledger stops: {error}");
                    outbox.fail(&why);
                    releases.into_iter().for_each(|release| release(false));
                    return Err(why);
                }
            }
        }
        releases.into_iter().for_each(|release| release(true));
        let at = Position(position.0.saturating_sub(1));
        keep(Keep { position: at, first_entry, body: batch.body, seals, snapshot });
        if let Some(before) = archive_before {
            // Archiving only tidies: a failure is found again at the next one.
            drop(journal.archive_before(before));
        }
    }
    Ok(())
}
