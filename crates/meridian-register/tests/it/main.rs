//! One binary: the register's tables and laws.
#![allow(clippy::unwrap_used, reason = "tests say what they expect")]

mod laws;
mod tables;
