//! One binary: the contract for every engine, crashes by the thousand, damage, PostgreSQL killed under load.
#![allow(clippy::unwrap_used, clippy::cast_possible_truncation, reason = "tests say what they expect")]

mod contract;
mod crashes;
mod damage;
mod fuzz;
mod postgres;
