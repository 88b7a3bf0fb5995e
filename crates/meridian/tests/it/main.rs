//! The binary itself, as its users run it.
#![allow(clippy::unwrap_used, reason = "tests say what they expect")]

mod bank;
mod card;
mod cards;
mod guide;
mod kill;
mod operations;
mod refusals;
mod sessions;
mod settle;
mod up;
