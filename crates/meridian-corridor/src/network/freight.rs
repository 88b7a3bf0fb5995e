//! What freight costs: rates by box, weight and kilometre, storage by the day, and what it emits.

use super::Mode;
use crate::cargo::{Box, Load};
use crate::table::{Problem, Row, Status};

/// A step of a freight rate: a box up to a weight pays so much.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RateStep {
    pub(crate) rate: String,
    per: Per,
    /// Gross kilograms up to which it holds; none above all.
    up_to: Option<u32>,
    /// Cents a thousand kilometres.
    cents_per_mm: u64,
    /// Cents at once.
    cents: u64,
    pub(crate) status: Status,
    pub(crate) source: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Per {
    Box(Box),
    Tonne,
}

impl RateStep {
    pub(super) fn read(row: &Row<'_>) -> Result<Self, Problem> {
        let per = match row.text("per") {
            "TEU" => Per::Box(Box::Teu),
            "FEU" => Per::Box(Box::Feu),
            "tonne" => Per::Tonne,
            other => return Err(row.problem("per", format!("{other:?}; use TEU, FEU or tonne"))),
        };
        let up_to = row.optional("up_to_tonnes").map(|_| row.amount("up_to_tonnes")).transpose()?;
        Ok(Self {
            rate: row.text("id").to_owned(),
            per,
            up_to: up_to.map(|kilograms| u32::try_from(kilograms).unwrap_or(u32::MAX)),
            cents_per_mm: row.amount("usd_per_km")? * 100,
            cents: row.optional("usd").map_or(Ok(0), |_| row.amount("usd"))? / 10,
            status: row.status("status")?,
            source: row.source()?,
        })
    }

    /// Cents for one box of a load over a distance; `None` where the step is for another box or weight.
    pub(crate) fn cents(&self, load: &Load, metres: u64) -> Option<u32> {
        if self.up_to.is_some_and(|most| load.gross_kg > most) {
            return None;
        }
        let freight = self.cents + self.cents_per_mm * metres / 1_000_000;
        let cents = match self.per {
            Per::Box(size) if size == load.size => freight,
            Per::Box(_) => return None,
            Per::Tonne => freight * u64::from(load.gross_kg) / 1000,
        };
        u32::try_from(cents).ok()
    }
}

/// A step of a storage ladder: from a day on, a TEU pays so much a day. The days before the first step are free.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct StorageStep {
    /// Full days after which it holds.
    pub(crate) after_days: u32,
    pub(crate) cents_per_teu_day: u32,
    pub(crate) status: Status,
    pub(crate) source: String,
}

impl StorageStep {
    pub(super) fn read(row: &Row<'_>) -> Result<Self, Problem> {
        let days = row.text("after_days");
        Ok(Self {
            after_days: days.parse().map_err(|_| row.problem("after_days", format!("{days:?}; write 10")))?,
            cents_per_teu_day: row.cents("usd_per_teu_day")?,
            status: row.status("status")?,
            source: row.source()?,
        })
    }
}

/// Storage of one TEU over so many minutes: every started day pays the step it falls into.
pub(crate) fn storage_cents(ladder: &[StorageStep], minutes: u32) -> u32 {
    let days = minutes.div_ceil(1440);
    let rate = |day: u32| {
        ladder.iter().rfind(|step| step.after_days <= day).map_or(0, |step| step.cents_per_teu_day)
    };
    // A step holds until the next begins, so a long wait is a few products.
    let mut cents = 0_u32;
    let mut day = ladder.first().map_or(days, |step| step.after_days);
    while day < days {
        let next =
            ladder.iter().map(|step| step.after_days).find(|after| *after > day).unwrap_or(days).min(days);
        cents = cents.saturating_add(rate(day).saturating_mul(next - day));
        day = next;
    }
    cents
}

/// What a mode emits, from a table that is replaced as a whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Emission {
    /// Of which mode.
    pub mode: Mode,
    /// Only where the line is electrified, or not; either where none is said.
    pub electrified: Option<bool>,
    /// Milligrams of CO2 equivalent for one TEU and a kilometre.
    pub milligrams_per_teu_km: u64,
    /// `WTW` (well to wheel) or `TTW`.
    pub scope: String,
    /// How far it can be relied on.
    pub status: Status,
    /// Where it is from.
    pub source: String,
}

impl Emission {
    pub(super) fn read(row: &Row<'_>) -> Result<Self, Problem> {
        let electrified = match row.text("traction") {
            "" | "any" => None,
            "electric" => Some(true),
            "diesel" => Some(false),
            other => return Err(row.problem("traction", format!("{other:?}; use electric, diesel or any"))),
        };
        Ok(Self {
            mode: Mode::parse(row.text("mode")).ok_or_else(|| row.problem("mode", "no such mode"))?,
            electrified,
            milligrams_per_teu_km: row.amount("grams_co2e_per_teu_km")?,
            scope: row.text("scope").to_owned(),
            status: row.status("status")?,
            source: row.source()?,
        })
    }
}
