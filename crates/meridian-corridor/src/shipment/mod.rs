//! Shipments: a book of goods under way.
//!
//! ```text
//!  Plan --> PLANNED --first actual event--> UNDER WAY --at the last stop--> DELIVERED
//!              ^                                |
//!              +------------ Replan ------------+
//! ```
//!
//! A [`Command`] is judged by [`decide`], which answers with an [`Event`] or a [`Refusal`](meridian_terms::Refusal); [`apply`]
//! changes the [`State`] and cannot fail. [`eta`] renews the arrival from the last actual event through the same
//! distributions the plan was forecast with; [`milestones`] are the facts a deal listens to. [`dcsa`] and [`epcis`] write
//! a shipment's events as others read them.
//!
//! **Invariant:** an actual event lies in the past; progress never goes back; a delivered shipment moves no more.

mod apply;
mod command;
pub mod dcsa;
mod decide;
pub mod epcis;
mod eta;
mod event;
mod itinerary;
mod refusal;
mod state;

pub use apply::apply;
pub use command::Command;
pub use decide::decide;
pub use eta::{Eta, eta};
pub use event::{
    Classifier, DelayReason, Event, Facility, Happening, Milestone, MilestoneKind, Observation, milestones,
};
pub use itinerary::{Itinerary, Stop};
pub use refusal::{CODES, Denial};
pub use state::{Delay, Document, Position, Progress, Recorded, Shipment, ShipmentId, Standing, State};
