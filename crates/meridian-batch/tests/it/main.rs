//! One binary: the ledger over restarts, crashes and windows; the protocol and its abuse.
#![allow(clippy::unwrap_used, clippy::cast_possible_truncation, reason = "tests say what they expect")]

mod abuse;
mod backup;
mod crashes;
mod fuzz;
mod past;
mod restarts;
mod world;
