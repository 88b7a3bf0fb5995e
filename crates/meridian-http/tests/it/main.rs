//! The hub's way in: signatures, certificates, the API's description, requests that happen once, messages in order.
#![allow(clippy::unwrap_used, reason = "tests say what they expect")]

mod contract;
mod flood;
mod fuzz;
mod hub;
mod once;
mod pages;
mod push;
mod shipments;
mod signature;
mod standby;
mod tls;
mod windows;
