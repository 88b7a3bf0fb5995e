//! Distances: over the earth, over the sea, over imported lines.

mod geodesy;
mod lines;
mod measure;

pub use geodesy::{Place, geodesic, great_circle};
pub use lines::{Edge, Lines};
pub use measure::{Distance, Measure};
