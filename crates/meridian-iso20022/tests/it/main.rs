//! One binary: agreement with libxml2, round trips, hostile input.
#![allow(clippy::unwrap_used, reason = "tests say what they expect")]

mod conformance;
mod hostile;
