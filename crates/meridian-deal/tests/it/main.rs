//! One binary: every refusal a row, every failure case to its end, the laws over random histories.
#![allow(clippy::unwrap_used, reason = "tests say what they expect")]

mod failures;
mod laws;
mod statistics;
mod tables;
mod undertakings;
mod world;
