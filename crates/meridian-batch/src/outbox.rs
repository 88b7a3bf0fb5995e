//! What waits for the log, and the log's thread.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use meridian_journal::{Batch, Group, Journal, Lease, Outbox, Position};
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
pub(crate) struct Decided {
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

impl Group for Decided {
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

    fn abandon(self) {
        self.releases.into_iter().for_each(|release| release(false));
    }
}

/// The log's thread: writes group after group and releases what waited for each. The first error is the last: whether the
/// bytes are there cannot be known.
pub(crate) fn write_log(
    outbox: &Outbox<Decided>,
    archive_before: &AtomicU64,
    mut journal: Box<dyn Journal>,
    lease: &Lease,
    mut position: Position,
    keep: &dyn Fn(Keep),
) -> Result<(), String> {
    while let Some(group) = outbox.take() {
        let Decided { body, first_entry, at, releases, seals, snapshot } = group;
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
        match archive_before.swap(0, Ordering::AcqRel) {
            0 => {}
            // Archiving only tidies: a failure is found again at the next one.
            before => drop(journal.archive_before(Position(before))),
        }
    }
    Ok(())
}
