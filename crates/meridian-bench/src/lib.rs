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

mod iso20022;
mod ledger;
mod postgres;
