//! The corridor's tests: laws over small random networks, tables of cases, the shipped pack, published figures.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on says so")]

mod distances;
mod feeds;
mod fuzz;
mod laws;
mod pack;
mod paper;
mod published;
mod rules;
mod shipments;
mod world;
