//! One binary: queues beside slow models, the windows' life as tables, laws over random histories, calendars.
#![allow(clippy::unwrap_used, clippy::cast_possible_truncation, reason = "tests say what they expect")]

mod calendars;
mod laws;
mod nets;
mod queues;
mod windows;
