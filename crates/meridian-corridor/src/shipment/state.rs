//! Every shipment, and how far it is.

use std::collections::BTreeMap;

use borsh::{BorshDeserialize, BorshSerialize};
use meridian_terms::{Micros, Moment};

use super::{Classifier, DelayReason, Itinerary, Observation};

/// A shipment's name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, BorshSerialize, BorshDeserialize)]
pub struct ShipmentId(pub String);

/// A document goods travel under.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Document {
    /// `SMGS`, `CIM`, `TIR`, `BL`.
    pub kind: String,
    /// Its number.
    pub number: String,
}

/// Where a shipment is between stops.
#[derive(Debug, Clone, Copy, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Position {
    /// Hundredths of a degree north.
    pub north: i32,
    /// Hundredths of a degree east.
    pub east: i32,
    /// When it was there.
    pub at: Moment,
}

/// How far a shipment is: the leg it is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Progress {
    /// The leg, counted from nothing; past the last one at the end.
    pub leg: u32,
    /// When that leg began.
    pub begun: Moment,
    /// Whether its departure has been: what is left of it is travel alone.
    pub has_left: bool,
}

/// An observation as it was recorded.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Recorded {
    /// What.
    pub observation: Observation,
    /// When it was recorded.
    pub at: Moment,
    /// Whether the place is on the way.
    pub is_on_way: bool,
}

/// A delay with its reason.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Delay {
    /// Why.
    pub reason: DelayReason,
    /// Where, by id.
    pub place: String,
    /// When it was known.
    pub at: Moment,
    /// In words.
    pub words: String,
}

/// Whether a shipment has begun or ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub enum Standing {
    /// Nothing actual is known of it yet.
    Planned,
    /// On its way.
    UnderWay,
    /// At the end.
    Delivered,
}

/// A shipment.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Shipment {
    /// Its way, as it was last planned.
    pub itinerary: Itinerary,
    /// Container numbers.
    pub equipment: Vec<String>,
    /// Documents it travels under.
    pub documents: Vec<Document>,
    /// Everything observed, in order of recording.
    pub observed: Vec<Recorded>,
    /// How far it is.
    pub progress: Progress,
    /// Where it was last located.
    pub position: Option<Position>,
    /// Its delays, in order of recording.
    pub delays: Vec<Delay>,
    /// Whether it has begun or ended.
    pub standing: Standing,
}

impl Shipment {
    /// How much later (or earlier, below zero) the last progress was than planned.
    #[must_use]
    pub fn lateness(&self) -> Micros {
        let legs = &self.itinerary.route.legs;
        let leg = legs.get(self.progress.leg as usize);
        let planned = match leg {
            Some(leg) if self.progress.has_left => leg.begins + leg.wait,
            Some(leg) => leg.begins,
            None => self.itinerary.route.minutes,
        };
        self.progress.begun.since(self.itinerary.start().plus(Micros::minutes(i64::from(planned))))
    }

    /// Whether the last thing that actually happened lies off the planned way: plan it anew.
    #[must_use]
    pub fn is_off_way(&self) -> bool {
        let actual = self.observed.iter().rfind(|known| known.observation.classifier == Classifier::Actual);
        actual.is_some_and(|known| !known.is_on_way)
    }
}

/// All shipments.
#[derive(Debug, Clone, Default, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct State {
    pub(super) shipments: BTreeMap<ShipmentId, Shipment>,
}

impl State {
    /// A shipment.
    #[must_use]
    pub fn shipment(&self, id: &ShipmentId) -> Option<&Shipment> {
        self.shipments.get(id)
    }

    /// Those whose names begin so, by name.
    pub fn beginning<'a>(&'a self, with: &'a str) -> impl Iterator<Item = (&'a ShipmentId, &'a Shipment)> {
        let from = self.shipments.range(ShipmentId(with.to_owned())..);
        from.take_while(move |(id, _)| id.0.starts_with(with))
    }

    /// All of them, by name.
    pub fn shipments(&self) -> impl Iterator<Item = (&ShipmentId, &Shipment)> {
        self.shipments.iter()
    }
}
