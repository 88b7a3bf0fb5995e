//! Every way for the goods: networks, Pareto routes, forecasts, maps.
//!
//! A [`Network`] is immutable once loaded; a what-if is an [`Overlay`], never an edit. [`plan`] finds every way that no
//! other way beats in time, cost and emissions at once, and explains each leg. [`forecast`] carries what varies
//! (dwell, waits) through a route; what we do not know (estimated inputs) is counted apart and never becomes an
//! interval.
//!
//! **Invariant:** no answer ignores a restriction; a way that is shut, refused or out of season is not there.

#![forbid(unsafe_code)]

mod forecast;
mod map;
mod network;
mod plan;

pub use forecast::{Forecast, forecast};
pub use map::draw;
pub use network::{Link, Mode, Network, Node, Overlay, Problem, Procedure, ProcedureKind, Status};
pub use plan::{Excluded, Leg, LegKind, Load, Plan, Question, Route, plan};
