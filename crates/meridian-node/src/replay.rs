//! From journal to hub: recovery at start, and the verification anybody can run.

use meridian_journal::{Journal, Position, Stored};

use crate::{Hub, Record, StartError};

/// How much of the journal is read at once.
const CHUNK: usize = 8 * 1024 * 1024;

/// The hub as of the journal's end: the newest snapshot and what came after it.
pub(crate) fn recover(journal: &mut dyn Journal) -> Result<(Hub, Position), StartError> {
    let snapshot = journal.latest_snapshot().map_err(|error| StartError::Journal(error.to_string()))?;
    let (mut hub, from) = match snapshot {
        None => (Hub::default(), Position(0)),
        Some((position, state)) => {
            let why = |error: borsh::io::Error| StartError::Unreadable {
                position: position.0,
                why: error.to_string(),
            };
            (borsh::from_slice(&state).map_err(why)?, position)
        }
    };
    let mut at = from;
    loop {
        let stored = journal.read_from(at, CHUNK).map_err(|error| StartError::Journal(error.to_string()))?;
        if stored.is_empty() {
            return Ok((hub, at));
        }
        for batch in stored {
            let records =
                decode(&batch).map_err(|why| StartError::Unreadable { position: batch.position.0, why })?;
            records.iter().for_each(|record| hub.apply(record));
            at = Position(batch.position.0 + 1);
        }
    }
}

fn decode(batch: &Stored) -> Result<Vec<Record>, String> {
    borsh::from_slice(&batch.body).map_err(|error| error.to_string())
}

/// What [`verify`] found.
#[derive(Debug, Clone)]
pub struct Verified {
    /// Batches in the journal.
    pub batches: u64,
    /// Events in them.
    pub events: u64,
    /// Hash of the hub they make.
    pub state_hash: [u8; 32],
}

/// Why a journal does not verify, and how far it did.
#[derive(Debug, Clone, thiserror::Error)]
#[error("after {batches} batches and {events} events: {why}")]
pub struct VerifyError {
    /// Sound batches.
    pub batches: u64,
    /// Sound events.
    pub events: u64,
    /// What is wrong.
    pub why: String,
}

/// Replays a journal from its first batch, checks every law after every batch, and hashes the hub it makes.
/// Snapshots are not trusted.
///
/// # Errors
/// [`VerifyError`]: a broken chain, an unreadable batch, a broken law.
pub fn verify(journal: &mut dyn Journal, mut seen: impl FnMut(&Record)) -> Result<Verified, VerifyError> {
    let mut hub = Hub::default();
    let mut batches = 0;
    loop {
        let wrong = |hub: &Hub, why: String| VerifyError { batches, events: hub.events, why };
        let stored =
            journal.read_from(Position(batches), CHUNK).map_err(|error| wrong(&hub, error.to_string()))?;
        if stored.is_empty() {
            return Ok(Verified { batches, events: hub.events, state_hash: hub.hash() });
        }
        for batch in stored {
            let wrong = |hub: &Hub, why: String| VerifyError { batches, events: hub.events, why };
            let records = decode(&batch).map_err(|why| wrong(&hub, why))?;
            for record in &records {
                hub.apply(record);
                seen(record);
            }
            hub.check().map_err(|why| wrong(&hub, why))?;
            batches += 1;
        }
    }
}
