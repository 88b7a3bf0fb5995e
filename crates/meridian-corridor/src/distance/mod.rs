//! Distances: over the earth, over the sea, over imported lines.

mod geodesy;

pub use geodesy::{Place, geodesic, great_circle};
