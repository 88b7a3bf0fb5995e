//! One binary: agreement with libxml2, round trips, hostile input.
#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "tests read data and say what they expect"
)]

mod canonical;
mod conformance;
mod hostile;
mod usage;
