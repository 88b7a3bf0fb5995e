//! One binary: the table of rights, the two-person rule as a law.
#![allow(clippy::unwrap_used, reason = "tests say what they expect")]

mod laws;
mod rights;
mod tables;
