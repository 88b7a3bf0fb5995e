//! Ownership: who counts as blocked because blocked persons own half of it.
//!
//! Property of an entity owned 50 percent or more, directly or indirectly and in the aggregate, by blocked persons is
//! blocked (OFAC, revised guidance of 2014-08-13; FAQ 399 and 401). Ownership counts, not control (FAQ 398). An entity
//! that reaches 50 percent counts as a whole: what it owns itself is summed as a blocked person's. An indirect stake
//! is therefore never multiplied through: it counts in full where the intermediate is blocked, and not at all where
//! it is not.

use std::collections::{BTreeMap, BTreeSet};

use meridian_terms::Refusal;

/// Half, in basis points.
const HALF: u32 = 5_000;

/// Who owns how much of whom.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Ownership {
    /// Owned, owner, basis points; `None` where the share is not known.
    stakes: BTreeMap<String, BTreeMap<String, Option<u32>>>,
}

/// What ownership says of an entity.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Owned {
    /// Blocked persons own at least half: which, with how many basis points, in all.
    Blocked {
        /// The owners that count, direct ones, with their shares.
        by: Vec<(String, u32)>,
        /// Their sum in basis points.
        total: u32,
    },
    /// Blocked persons own less, and what is not known could not bring it to half.
    NotBlocked {
        /// The blocked share in basis points.
        total: u32,
    },
    /// It cannot be said: a stake of a blocked person, or of somebody unknown, has no figure. Never clear.
    Unknown {
        /// Whose share is missing.
        missing: Vec<String>,
        /// What is known of the blocked share.
        total: u32,
    },
}

impl Ownership {
    /// Adds a stake in basis points (5,000 is half); `None` where it is known to exist but not how large.
    ///
    /// # Errors
    /// `screening.stake_impossible` when more than the whole would be owned.
    pub fn add(&mut self, owner: &str, owned: &str, basis_points: Option<u32>) -> Result<(), Refusal> {
        let owners = self.stakes.entry(owned.to_owned()).or_default();
        let others: u32 =
            owners.iter().filter(|(known, _)| *known != owner).filter_map(|(_, share)| *share).sum();
        let share = basis_points.unwrap_or(0);
        if share > 10_000 || others + share > 10_000 {
            let what =
                format!("{owner} would own {share} of {owned}, others {others}, of 10000 basis points");
            return Err(Refusal::new("screening.stake_impossible", what)
                .rule("shares add up to the whole at most")
                .next("correct the register"));
        }
        owners.insert(owner.to_owned(), basis_points);
        Ok(())
    }

    /// What ownership says of an entity, given the listed persons. Cycles end: an entity is blocked by others first.
    #[must_use]
    pub fn of(&self, entity: &str, listed: &BTreeSet<String>) -> Owned {
        let (blocked, possible) = (self.closure(listed, false), self.closure(listed, true));
        let Some(owners) = self.stakes.get(entity) else {
            return Owned::Unknown { missing: vec![], total: 0 };
        };
        let by: Vec<(String, u32)> = owners
            .iter()
            .filter(|(owner, _)| blocked.contains(*owner))
            .filter_map(|(owner, share)| share.map(|share| (owner.clone(), share)))
            .collect();
        let total = by.iter().map(|(_, share)| share).sum();
        if total >= HALF {
            return Owned::Blocked { by, total };
        }
        let known: u32 = owners.values().filter_map(|share| *share).sum();
        // What somebody owns whose share, or whose own owners, are not known.
        let open: u32 = owners
            .iter()
            .filter(|(owner, share)| {
                share.is_some() && possible.contains(*owner) && !blocked.contains(*owner)
            })
            .filter_map(|(_, share)| *share)
            .sum();
        let unsized_stakes: Vec<String> = owners
            .iter()
            .filter(|(owner, share)| share.is_none() && possible.contains(*owner))
            .map(|(owner, _)| owner.clone())
            .collect();
        let room = if unsized_stakes.is_empty() { 0 } else { 10_000 - known.min(10_000) };
        if total + open + room >= HALF {
            let doubtful =
                owners.keys().filter(|owner| possible.contains(*owner) && !blocked.contains(*owner));
            let mut missing: Vec<String> = unsized_stakes.into_iter().chain(doubtful.cloned()).collect();
            missing.sort();
            missing.dedup();
            return Owned::Unknown { missing, total };
        }
        Owned::NotBlocked { total }
    }

    /// Everybody who counts as blocked: the listed, and step by step whoever they own half of. With `generous`, a stake
    /// without a figure counts as all that is left, so that what could be blocked is known too.
    fn closure(&self, listed: &BTreeSet<String>, generous: bool) -> BTreeSet<String> {
        let mut blocked = listed.clone();
        loop {
            let more: Vec<String> = self
                .stakes
                .iter()
                .filter(|(owned, _)| !blocked.contains(*owned))
                .filter(|(_, owners)| {
                    let known: u32 = owners.values().filter_map(|share| *share).sum();
                    let ours = owners.iter().filter(|(owner, _)| blocked.contains(*owner));
                    let (mut sum, mut is_open) = (0, false);
                    for (_, share) in ours {
                        sum += share.unwrap_or(0);
                        is_open |= share.is_none();
                    }
                    sum + if generous && is_open { 10_000 - known.min(10_000) } else { 0 } >= HALF
                })
                .map(|(owned, _)| owned.clone())
                .collect();
            if more.is_empty() {
                return blocked;
            }
            blocked.extend(more);
        }
    }
}
