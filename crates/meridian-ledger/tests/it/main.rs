//! One binary: tables of transfers, laws, statements.
#![allow(clippy::unwrap_used, clippy::cast_possible_truncation, reason = "tests say what they expect")]

mod fast;
mod laws;
mod statements;
mod tables;
