//! The switch over real sockets, between two national switches that count for themselves.
#![allow(clippy::unwrap_used, reason = "tests say what they expect")]

mod faults;
mod keys;
mod lines;
mod rig;
mod sales;
