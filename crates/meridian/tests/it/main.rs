//! The binary itself, as its users run it.
#![allow(clippy::unwrap_used, reason = "tests say what they expect")]

mod bank;
mod card;
mod cards;
mod casework;
mod deal;
mod guide;
mod kill;
mod lists;
mod office;
mod operations;
mod past;
mod people;
mod refusals;
mod sessions;
mod settle;
mod up;
mod year;
