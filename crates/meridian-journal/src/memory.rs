//! A journal in memory: for tests of what stands on a journal. It promises nothing.

use crate::frame::identity;
use crate::{Batch, Durability, Epoch, Id, Journal, JournalError, Lease, Position, Stored};

/// Batches in memory.
#[derive(Debug, Default, Clone)]
pub struct MemoryJournal {
    stored: Vec<Stored>,
    snapshots: Vec<(Position, Vec<u8>)>,
    epoch: Epoch,
}

impl Journal for MemoryJournal {
    fn acquire(&mut self, _owner: &str) -> Result<Lease, JournalError> {
        self.epoch.0 += 1;
        Ok(Lease { epoch: self.epoch })
    }

    fn append(
        &mut self,
        lease: &Lease,
        expected: Position,
        batches: &[Batch],
    ) -> Result<Position, JournalError> {
        if lease.epoch != self.epoch {
            return Err(JournalError::Fenced(self.epoch));
        }
        let (tail, _) = self.tail();
        if tail != expected {
            return Err(JournalError::Conflict { tail, expected });
        }
        for batch in batches {
            let (position, before) = self.tail();
            let id = identity(before, position, lease.epoch, batch.at, &batch.body);
            let body = batch.body.clone();
            self.stored.push(Stored { position, epoch: lease.epoch, id, at: batch.at, body });
        }
        Ok(self.tail().0)
    }

    fn read_from(&mut self, from: Position, max_bytes: usize) -> Result<Vec<Stored>, JournalError> {
        let mut bytes = 0;
        let rest = self.stored.iter().skip_while(|stored| stored.position < from);
        let fits = |stored: &&Stored| {
            let is_first = bytes == 0;
            bytes += stored.body.len() + 1;
            is_first || bytes <= max_bytes
        };
        Ok(rest.take_while(fits).cloned().collect())
    }

    fn tail(&self) -> (Position, Id) {
        let last = self.stored.last().map(|stored| stored.id).unwrap_or_default();
        (Position(self.stored.len() as u64), last)
    }

    fn save_snapshot(&mut self, at: Position, state: &[u8]) -> Result<(), JournalError> {
        self.snapshots.push((at, state.to_vec()));
        Ok(())
    }

    fn latest_snapshot(&mut self) -> Result<Option<(Position, Vec<u8>)>, JournalError> {
        Ok(self.snapshots.last().cloned())
    }

    fn archive_before(&mut self, _at: Position) -> Result<(), JournalError> {
        Ok(())
    }

    fn durability(&self) -> Durability {
        Durability { copies: 1, is_flushed: false }
    }
}
