//! The screening desk: verdicts on the shell's threads, remembered by party and by list.
//!
//! A verdict depends on the text and on the list alone, so the same party is screened once under a list and day. The
//! cache holds fingerprints, never names. A new list empties it, and so does a new day, on which a list may be too old.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use meridian_pay::{Clearance, Instruction, Verdict};
use meridian_screening::{ListSet, Policy, screen, screen_text};
use meridian_terms::Day;

/// The most verdicts kept; then the cache starts anew.
const MOST: usize = 2_000_000;

/// Screens payments under the lists in force.
pub struct Desk {
    lists: RwLock<Arc<ListSet>>,
    policy: Policy,
    cache: Mutex<Cache>,
}

#[derive(Default)]
struct Cache {
    list: [u8; 32],
    day: Option<Day>,
    verdicts: HashMap<[u8; 16], Verdict>,
    seen: Seen,
}

/// How a text is screened.
#[derive(Clone, Copy)]
enum What {
    /// As somebody's name.
    Name,
    /// As words in which names, vessels and ports may stand.
    Text,
}

/// What the cache has seen since it was made.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Seen {
    /// Distinct texts screened: parties and remittance lines.
    pub distinct: u64,
    /// Questions answered without screening.
    pub hits: u64,
}

impl Desk {
    /// A desk under these lists.
    #[must_use]
    pub fn new(lists: Arc<ListSet>, policy: Policy) -> Self {
        Self { lists: RwLock::new(lists), policy, cache: Mutex::default() }
    }

    /// The lists it screens under.
    #[must_use]
    pub fn lists(&self) -> Arc<ListSet> {
        self.lists.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Other lists from now on. The hub is told their digest; what was screened under the old ones no longer passes.
    pub fn put(&self, lists: Arc<ListSet>) {
        *self.lists.write().unwrap_or_else(PoisonError::into_inner) = lists;
    }

    /// What the cache has seen.
    #[must_use]
    pub fn seen(&self) -> Seen {
        self.cache.lock().unwrap_or_else(PoisonError::into_inner).seen
    }

    /// Everybody and everything in a payment.
    #[must_use]
    pub fn clear(&self, instruction: &Instruction, today: Day) -> Clearance {
        let asked = [
            (What::Name, instruction.debtor.name.as_str()),
            (What::Name, instruction.creditor.name.as_str()),
            (What::Text, instruction.remittance.as_str()),
        ];
        let lists = self.lists();
        let said = asked.into_iter().filter(|(_, text)| !text.is_empty());
        let mut said = said.map(|(what, text)| self.one(&lists, what, text, today));
        let verdict = said.find(|verdict| *verdict != Verdict::Clear).unwrap_or(Verdict::Clear);
        Clearance { list: lists.digest(), verdict }
    }

    fn one(&self, lists: &ListSet, what: What, text: &str, today: Day) -> Verdict {
        let digest = blake3::Hasher::new().update(&[what as u8]).update(text.as_bytes()).finalize();
        let mut fingerprint = [0; 16];
        fingerprint.copy_from_slice(&digest.as_bytes()[..16]);
        {
            let mut cache = self.cache.lock().unwrap_or_else(PoisonError::into_inner);
            if cache.list != lists.digest() || cache.day != Some(today) || cache.verdicts.len() >= MOST {
                (cache.list, cache.day) = (lists.digest(), Some(today));
                cache.verdicts.clear();
            }
            if let Some(known) = cache.verdicts.get(&fingerprint).cloned() {
                cache.seen.hits += 1;
                return known;
            }
        }
        // Screened outside the lock: two threads may do the same work, none waits for another's.
        let said = match what {
            What::Name => screen(lists, text, &self.policy, today),
            What::Text => screen_text(lists, text, &self.policy, today),
        };
        let verdict = match said {
            meridian_screening::Verdict::Clear => Verdict::Clear,
            meridian_screening::Verdict::Hit(_) => Verdict::Hit { case: 0 },
            meridian_screening::Verdict::Unavailable(_) => return Verdict::Unavailable,
        };
        let mut cache = self.cache.lock().unwrap_or_else(PoisonError::into_inner);
        if cache.list == lists.digest() && cache.day == Some(today) {
            cache.seen.distinct += 1;
            cache.verdicts.insert(fingerprint, verdict.clone());
        }
        verdict
    }
}
