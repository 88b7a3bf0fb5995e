//! The binary itself, as its users run it.
#![allow(clippy::unwrap_used, reason = "tests say what they expect")]

mod bank;
mod cards;
mod kill;
mod refusals;
mod up;
