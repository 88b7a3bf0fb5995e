//! One binary: the writer's pipeline, followers, takeover and its model.
#![allow(clippy::unwrap_used, clippy::cast_possible_truncation, reason = "tests say what they expect")]

mod cases;
mod corridor;
mod deals;
mod follow;
mod model;
mod planner;
mod settling;
mod world;
