//! Figures, each beside its physical limit or a rival in the same run, as a ratio.
//!
//! A figure alone says as much of the machine as of the program; a ratio of two figures of one run says what the program
//! adds. `meridian bench NAME` prints a bench; `cargo xtask bench` runs all of them and writes `docs/numbers.md`.
//! Rivals that are no Rust crates stand in `crates/meridian-bench-compare` and are run beside by `cargo xtask bench
//! --rivals`.
//!
//! **Invariant:** nothing here is asserted; a slow machine fails no test.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use serde_json::json;

mod cards;
mod corridor;
mod flood;
mod iso20022;
mod iso8583;
mod ledger;
mod pay;
mod postgres;
mod screening;
mod settle;
mod tariff;

/// One measured value.
#[derive(Debug, Clone, PartialEq)]
pub struct Figure {
    /// What was measured: `pacs.008 29 KB: parse, validate, tree`.
    pub what: String,
    /// The value.
    pub value: f64,
    /// Its unit: `us`, `/s`, `MB/s`, `bytes`.
    pub unit: &'static str,
    /// What it is measured against, in the same run.
    pub beside: Vec<Beside>,
}

/// A limit or rival of a figure, in the figure's unit.
#[derive(Debug, Clone, PartialEq)]
pub struct Beside {
    /// What it is: `quick-xml events alone`.
    pub what: String,
    /// Its value.
    pub value: f64,
    /// What the ratio does not say: what the other one does besides.
    pub note: &'static str,
}

impl Figure {
    /// A figure with nothing beside it yet.
    #[must_use]
    pub fn new(what: impl Into<String>, value: f64, unit: &'static str) -> Self {
        Self { what: what.into(), value, unit, beside: Vec::new() }
    }

    /// The figure with a limit or rival beside it.
    #[must_use]
    pub fn beside(self, what: impl Into<String>, value: f64) -> Self {
        self.noted(what, value, "")
    }

    /// As [`Figure::beside`], with what the ratio does not say.
    #[must_use]
    pub fn noted(mut self, what: impl Into<String>, value: f64, note: &'static str) -> Self {
        self.beside.push(Beside { what: what.into(), value, note });
        self
    }
}

/// A bench: its name, what it needs, and how it is run.
type Bench = (&'static str, fn(&Setting) -> Result<Vec<Figure>, String>);

const BENCHES: [Bench; 10] = [
    ("cards", cards::run),
    ("corridor", corridor::run),
    ("flood", flood::run),
    ("iso20022", iso20022::run),
    ("iso8583", iso8583::run),
    ("ledger", ledger::run),
    ("pay", pay::run),
    ("screening", screening::run),
    ("settle", settle::run),
    ("tariff", tariff::run),
];

/// Where a bench finds what it measures with.
#[derive(Debug, Clone, Default)]
pub struct Setting {
    /// The standards' samples and real tariffs (`MERIDIAN_TEST_DATA`); benches that need them say so without.
    pub data: Option<PathBuf>,
    /// A directory on the disk to be measured.
    pub scratch: PathBuf,
    /// How long a sustained bench runs, where it should not be its usual minute.
    pub seconds: Option<u64>,
}

/// The names of all benches.
pub fn names() -> impl Iterator<Item = &'static str> {
    BENCHES.iter().map(|(name, _)| *name)
}

/// Runs a bench.
///
/// # Errors
/// An unknown name, or what the bench lacks.
pub fn run(name: &str, setting: &Setting) -> Result<Vec<Figure>, String> {
    let bench = BENCHES.iter().find(|(known, _)| *known == name);
    let (_, bench) =
        bench.ok_or_else(|| format!("{name}: use one of {}", names().collect::<Vec<_>>().join(", ")))?;
    bench(setting)
}

/// The figures of a bench as one JSON document.
#[must_use]
pub fn document(name: &str, figures: &[Figure]) -> serde_json::Value {
    let one = |figure: &Figure| {
        let beside: Vec<_> = figure
            .beside
            .iter()
            .map(|beside| {
                let ratio = figure.value / beside.value;
                json!({"what": beside.what, "value": beside.value, "ratio": ratio, "note": beside.note})
            })
            .collect();
        json!({"what": figure.what, "value": figure.value, "unit": figure.unit, "beside": beside})
    };
    json!({"name": name, "figures": figures.iter().map(one).collect::<Vec<_>>()})
}

/// The figures of a bench for people.
#[must_use]
pub fn page(figures: &[Figure]) -> String {
    let mut page = String::new();
    for figure in figures {
        page.push_str(&format!("{}: {:.3} {}\n", figure.what, figure.value, figure.unit));
        for beside in &figure.beside {
            let ratio = figure.value / beside.value;
            page.push_str(&format!(
                "    {}: {:.3} {} (ratio {ratio:.2})\n",
                beside.what, beside.value, figure.unit
            ));
            if !beside.note.is_empty() {
                page.push_str(&format!("        {}\n", beside.note));
            }
        }
    }
    page
}

/// The best of several rounds of a job, in seconds for one execution: noise only ever adds.
fn best_of(rounds: u32, at_least: Duration, mut job: impl FnMut()) -> f64 {
    let mut best = f64::INFINITY;
    job();
    for _ in 0..rounds {
        // A short job is run many times between two looks at the clock, which costs as much as some of them.
        let (start, mut runs, mut chunk) = (Instant::now(), 0_u32, 1_u32);
        while start.elapsed() < at_least {
            (0..chunk).for_each(|_| job());
            runs += chunk;
            if start.elapsed() < at_least / 100 {
                chunk *= 2;
            }
        }
        best = best.min(start.elapsed().as_secs_f64() / f64::from(runs));
    }
    best
}

/// The middle of several measurements.
fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}
