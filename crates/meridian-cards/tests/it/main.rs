//! Cards through the public interface.
#![allow(clippy::unwrap_used, clippy::disallowed_methods)]

mod clearing;
mod disputes;
mod laws;
mod life;
mod routing;
mod world;
