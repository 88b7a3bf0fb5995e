//! Every way for the goods: networks, Pareto routes, forecasts, maps.
//!
//! A [`Network`] is immutable once loaded; a what-if is an [`Overlay`], never an edit. [`plan`] finds every way that no
//! other way beats in time, cost, emissions and lateness risk at once, and explains each leg. [`forecast`] carries what
//! varies (dwell, waits, missed connections) through a route; what we do not know (estimated inputs) is counted apart and
//! never becomes an interval.
//!
//! **Invariant:** no answer ignores a restriction; a way that is shut, refused or out of season is not there.

#![forbid(unsafe_code)]

mod cargo;
mod chart;
mod compare;
mod distance;
mod forecast;
mod geojson;
mod gtfs;
mod map;
mod network;
mod search;
pub mod shipment;
mod table;

pub use cargo::{Box, Limits, Load, Refused};
pub use chart::{Bearable, ChartRow, Criterion, chart, chart_rows};
pub use compare::{Comparison, Difference, Wish, Yearly, compare, is_handling, wished};
pub use distance::{Distance, Edge, Lines, Measure, Place, geodesic, great_circle};
pub use forecast::{Forecast, Times, forecast, forecast_by, forecast_rest};
pub use geojson::geojson;
pub use gtfs::{GtfsTables, GtfsTerms, import_gtfs};
pub use map::{Drawing, draw, draw_routes};
pub use network::{
    Departures, Document, Dwell, Emission, Link, Mode, MonthDay, Months, Network, Node, Overlay, Procedure,
    ProcedureKind, Season, Service, Timetable, Train,
};
pub use search::{Excluded, Leg, LegKind, Plan, Planner, Question, Reliance, Route, plan};
pub use table::{Problem, Status};
