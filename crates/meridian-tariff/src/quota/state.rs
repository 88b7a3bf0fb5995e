//! The quotas, their balances, and what is waiting.

use std::collections::{BTreeMap, BTreeSet};

use borsh::{BorshDeserialize, BorshSerialize};
use meridian_terms::{Day, Refusal, Weekday, Window};

use super::Bar;

/// A quota's order number: `05.0001`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, BorshSerialize, BorshDeserialize)]
pub struct QuotaId(String);

/// A request's id: the declaration and its line, `26IR000123/1`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, BorshSerialize, BorshDeserialize)]
pub struct RequestId(String);

fn identifier(text: &str) -> Result<String, Refusal> {
    let printable = text.chars().all(|c| !c.is_control() && !c.is_whitespace());
    if text.is_empty() || text.len() > 64 || !printable {
        return Err(Refusal::new("quota.id", format!("{text:?} is not an identifier"))
            .rule("1 to 64 printable characters without spaces")
            .next("use the order number or the declaration's reference"));
    }
    Ok(text.to_owned())
}

macro_rules! id {
    ($name:ident) => {
        impl $name {
            /// An id of 1 to 64 printable characters.
            ///
            /// # Errors
            /// `quota.id`.
            pub fn new(text: &str) -> Result<Self, Refusal> {
                identifier(text).map(Self)
            }

            /// The id as written.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }
    };
}

id!(QuotaId);
id!(RequestId);

/// A quota for one period.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Quota {
    /// Its order number.
    pub id: QuotaId,
    /// The unit its quantities count, for people: `kg`.
    pub unit: String,
    /// How much may be imported, in whole units.
    pub volume: i128,
    /// When it is open.
    pub period: Window<Day>,
    /// From which used share, in per cent, it is critical: security for the full duty is due. EU practice: 90.
    pub critical_percent: u8,
    /// Quotas whose balance its grants also take from.
    pub linked: BTreeSet<QuotaId>,
}

impl Quota {
    /// A quota with no links, critical from 90 % used.
    #[must_use]
    pub fn new(id: QuotaId, unit: &str, volume: i128, period: Window<Day>) -> Self {
        Self { id, unit: unit.to_owned(), volume, period, critical_percent: 90, linked: BTreeSet::new() }
    }
}

/// The days on which nothing is allocated: Saturdays, Sundays and these.
#[derive(Debug, Clone, Default, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Calendar {
    /// Public holidays.
    pub holidays: BTreeSet<Day>,
}

impl Calendar {
    /// Whether the administration works on this day.
    #[must_use]
    pub fn is_working(&self, day: Day) -> bool {
        !matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday) && !self.holidays.contains(&day)
    }

    /// The first working day after this one.
    #[must_use]
    pub fn next_working(&self, day: Day) -> Day {
        let mut next = day.plus(1);
        // A calendar of holidays is finite, so this ends; a year without one working day is no calendar.
        for _ in 0..400 {
            if self.is_working(next) {
                break;
            }
            next = next.plus(1);
        }
        next
    }

    /// The day a declaration accepted on this day counts on: the first three days of January are one, the
    /// third, or the next working day when the third is none.
    #[must_use]
    pub fn counts_on(&self, accepted: Day) -> Day {
        if accepted.month() != 1 || accepted.of_month() > 3 {
            return accepted;
        }
        let third = accepted.plus(3 - i32::from(accepted.of_month()));
        if self.is_working(third) { third } else { self.next_working(third) }
    }
}

/// How a quota stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, BorshSerialize, BorshDeserialize)]
pub enum Standing {
    /// Allocated from as asked.
    Open,
    /// Nearly used up: security for the full duty is due.
    Critical,
    /// Halted by the administration.
    Blocked,
    /// Halted by law.
    Suspended,
    /// Nothing left.
    Exhausted,
}

/// A request and what became of it.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub(crate) struct Asked {
    pub(crate) quota: QuotaId,
    pub(crate) quantity: i128,
    /// `None` while it waits for its day's allocation.
    pub(crate) granted: Option<i128>,
}

/// One quota in the book.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub(crate) struct Held {
    pub(crate) quota: Quota,
    pub(crate) balance: i128,
    pub(crate) bar: Option<Bar>,
}

/// The book's state. Changed by [`super::apply`] alone.
///
/// **Invariant:** no balance is below zero or above its volume.
#[derive(Debug, Clone, Default, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct State {
    pub(crate) calendar: Calendar,
    pub(crate) quotas: BTreeMap<QuotaId, Held>,
    pub(crate) requests: BTreeMap<RequestId, Asked>,
    /// Requests not yet allocated, by the day they count on.
    pub(crate) waiting: BTreeMap<Day, BTreeSet<RequestId>>,
}

impl State {
    /// What is left of a quota, if it is known.
    #[must_use]
    pub fn balance(&self, quota: &QuotaId) -> Option<i128> {
        self.quotas.get(quota).map(|held| held.balance)
    }

    /// What a request was granted; `None` while it waits or when it is unknown.
    #[must_use]
    pub fn granted(&self, request: &RequestId) -> Option<i128> {
        self.requests.get(request).and_then(|asked| asked.granted)
    }

    /// How a quota stands.
    #[must_use]
    pub fn standing(&self, quota: &QuotaId) -> Option<Standing> {
        let held = self.quotas.get(quota)?;
        let used = held.quota.volume - held.balance;
        Some(match held.bar {
            Some(Bar::Blocked) => Standing::Blocked,
            Some(Bar::Suspended) => Standing::Suspended,
            None if held.balance == 0 => Standing::Exhausted,
            None if used.saturating_mul(100)
                >= held.quota.volume.saturating_mul(i128::from(held.quota.critical_percent)) =>
            {
                Standing::Critical
            }
            None => Standing::Open,
        })
    }

    /// The quotas a grant from this one takes from: itself and its links, both ways.
    pub(crate) fn touched(&self, quota: &QuotaId) -> BTreeSet<QuotaId> {
        let mut touched = BTreeSet::from([quota.clone()]);
        for (id, held) in &self.quotas {
            let names_it = held.quota.linked.contains(quota);
            let named_by_it = self.quotas.get(quota).is_some_and(|own| own.quota.linked.contains(id));
            if names_it || named_by_it {
                touched.insert(id.clone());
            }
        }
        touched
    }

    /// Whether allocation from a quota, or from one it takes from, is halted.
    pub(crate) fn is_halted(&self, quota: &QuotaId) -> bool {
        self.touched(quota).iter().any(|id| self.quotas.get(id).is_some_and(|held| held.bar.is_some()))
    }

    /// The requests of a day whose quotas are not halted.
    pub(crate) fn due(&self, day: Day) -> Vec<(RequestId, Asked)> {
        let ids = self.waiting.get(&day).into_iter().flatten();
        ids.filter_map(|id| self.requests.get(id).map(|asked| (id.clone(), asked.clone())))
            .filter(|(_, asked)| !self.is_halted(&asked.quota))
            .collect()
    }
}
