//! From journal to hub: recovery at start, and the verification anybody can run.

use meridian_journal::{Journal, Position, Stored};
use meridian_screening::casework::Chain;
use meridian_terms::Moment;

use crate::follow::Follower;
use crate::layout::contradiction;
use crate::{Hub, Record, StartError};

/// How much of the journal is read at once.
pub(crate) const CHUNK: usize = 8 * 1024 * 1024;

/// The hub as of the journal's end: the newest snapshot and what came after it.
pub(crate) fn recover(journal: &mut dyn Journal) -> Result<(Hub, Position), StartError> {
    let mut follower = Follower::start(journal)?;
    follower.catch_up(journal).map_err(|error| StartError::Journal(error.to_string()))?;
    Ok(follower.into_hub())
}

/// A batch's body: the records, and now and then a witness, the hash of the hub behind them.
pub(crate) fn encode(records: &[Record], witness: Option<[u8; 32]>) -> Result<Vec<u8>, String> {
    borsh::to_vec(&(records, witness)).map_err(|error| error.to_string())
}

/// What a batch holds.
pub(crate) fn decode(batch: &Stored) -> Result<(Vec<Record>, Option<[u8; 32]>), String> {
    borsh::from_slice(&batch.body).map_err(|error| error.to_string())
}

/// The records of a batch, for whoever reads the journal without a node: auditors, exports.
///
/// # Errors
/// In words, when this version cannot read it.
pub fn read_records(batch: &Stored) -> Result<Vec<Record>, String> {
    decode(batch).map(|(records, _)| records)
}

/// The first batch that ends at a moment or later: found by halving, since moments never run backwards.
///
/// # Errors
/// In words, when the journal cannot be read.
pub fn position_at(journal: &mut dyn Journal, at: Moment) -> Result<Position, String> {
    let (mut low, mut high) = (0, journal.tail().0.0);
    while low < high {
        let middle = low + (high - low) / 2;
        let read = journal.read_from(Position(middle), 1).map_err(|error| error.to_string())?;
        match read.first() {
            Some(batch) if batch.at < at => low = middle + 1,
            _ => high = middle,
        }
    }
    Ok(Position(low))
}

/// What [`verify`] found.
#[derive(Debug, Clone)]
pub struct Verified {
    /// Batches in the journal.
    pub batches: u64,
    /// Events in them.
    pub events: u64,
    /// Hash of the hub they make, as this version lays it out.
    pub state_hash: [u8; 32],
    /// Hash of every account's id and sums: the same under every version.
    pub money_hash: [u8; 32],
    /// The chain of the cases of screening: how many links, and its head.
    pub cases: Chain,
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
    let mut cases = Chain::default();
    let mut batches = 0;
    loop {
        let wrong = |hub: &Hub, why: String| VerifyError { batches, events: hub.events, why };
        let stored =
            journal.read_from(Position(batches), CHUNK).map_err(|error| wrong(&hub, error.to_string()))?;
        if stored.is_empty() {
            let (state_hash, money_hash) = (hub.hash(), money_hash(&hub));
            return Ok(Verified { batches, events: hub.events, state_hash, money_hash, cases });
        }
        for batch in stored {
            let wrong = |hub: &Hub, why: String| VerifyError { batches, events: hub.events, why };
            let (records, witness) = decode(&batch).map_err(|why| wrong(&hub, why))?;
            for record in &records {
                let mut links = record.event.case_links().into_iter();
                links
                    .try_for_each(|link| cases.follow(link))
                    .map_err(|refusal| wrong(&hub, format!("the cases of screening: {refusal}")))?;
                hub.apply(record);
                seen(record);
            }
            if witness.and_then(|theirs| contradiction(theirs, &hub)).is_some() {
                return Err(wrong(&hub, "the hub this journal makes is not the one its writer had".into()));
            }
            hub.check().map_err(|why| wrong(&hub, why))?;
            batches += 1;
        }
    }
}

fn money_hash(hub: &Hub) -> [u8; 32] {
    let mut hasher = blake3::Hasher::new();
    for account in hub.ledger.accounts().iter() {
        hasher.update(&account.id.0.to_le_bytes());
        let sums = account.balances;
        for sum in [sums.debits_pending, sums.debits_posted, sums.credits_pending, sums.credits_posted] {
            hasher.update(&sum.to_le_bytes());
        }
    }
    hasher.finalize().into()
}
