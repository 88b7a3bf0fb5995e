//! Requests that happen once: the same idempotency key again gets the same answer, refusals included, after a restart
//! too, because what became of it is part of the hub's state.

use std::collections::{BTreeMap, BTreeSet};

use borsh::{BorshDeserialize, BorshSerialize};
use meridian_terms::{Micros, Moment, Refusal};

/// How long a key is remembered.
const MEMORY: Micros = Micros::hours(24);

/// How many keys one event lets go at most.
const FORGET_AT_ONCE: usize = 8;

/// Who asked under which key, and a digest of what was asked.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Key {
    /// Who.
    pub by: String,
    /// The `Idempotency-Key`.
    pub key: String,
    /// BLAKE3 over method, target and body.
    pub request: [u8; 32],
}

/// What became of a request.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub enum Outcome {
    /// It was done by this event.
    Done {
        /// How many events had made the hub then.
        event_number: u64,
    },
    /// It was refused.
    Refused(Refusal),
}

/// Every key still remembered.
#[derive(Debug, Clone, Default, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Requests {
    kept: BTreeMap<(String, String), ([u8; 32], Outcome)>,
    since: BTreeSet<(Moment, String, String)>,
}

impl Requests {
    /// What became of it, if it came before.
    ///
    /// # Errors
    /// What it was refused with before; `node.key_reused` when something else came under this key.
    pub fn answer(&self, key: &Key) -> Result<Option<u64>, Refusal> {
        match self.kept.get(&(key.by.clone(), key.key.clone())) {
            None => Ok(None),
            Some((request, _)) if *request != key.request => Err(Refusal::new(
                "node.key_reused",
                format!("another request came under the key {:?}", key.key),
            )
            .rule("an idempotency key names one request for 24 hours")
            .next("use a new key for a new request")
            .iso("DU01")),
            Some((_, Outcome::Refused(refusal))) => Err(refusal.clone()),
            Some((_, Outcome::Done { event_number })) => Ok(Some(*event_number)),
        }
    }

    pub(crate) fn keep(&mut self, key: &Key, at: Moment, outcome: Outcome) {
        self.since.insert((at, key.by.clone(), key.key.clone()));
        self.kept.insert((key.by.clone(), key.key.clone()), (key.request, outcome));
    }

    pub(crate) fn forget(&mut self, now: Moment) {
        let oldest = now.minus(MEMORY);
        for _ in 0..FORGET_AT_ONCE {
            if self.since.first().is_none_or(|(since, ..)| *since >= oldest) {
                return;
            }
            if let Some((_, by, key)) = self.since.pop_first() {
                self.kept.remove(&(by, key));
            }
        }
    }
}
