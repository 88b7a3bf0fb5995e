//! Payments through their public interface: command in, event out, messages in mailboxes.
#![allow(clippy::unwrap_used, reason = "tests say what they expect")]

mod accounts;
mod codes;
mod faults;
mod incoming;
mod laws;
mod money;
mod small_world;
mod stages;
mod world;
