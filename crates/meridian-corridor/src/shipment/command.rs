//! What the book of shipments can be asked.

use borsh::{BorshDeserialize, BorshSerialize};
use meridian_terms::Moment;

use super::{DelayReason, Document, Itinerary, Observation, Position, ShipmentId};

/// A question to [`super::decide`].
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub enum Command {
    /// Plan a shipment.
    Plan {
        /// Its name.
        id: ShipmentId,
        /// Its way.
        itinerary: Itinerary,
        /// Container numbers (ISO 6346).
        equipment: Vec<String>,
        /// Documents it travels under.
        documents: Vec<Document>,
    },
    /// Record what was seen, planned or estimated.
    Record(ShipmentId, Observation),
    /// Record where it is between stops.
    Locate(ShipmentId, Position),
    /// Say why it is late.
    Explain {
        /// Which shipment.
        id: ShipmentId,
        /// Why.
        reason: DelayReason,
        /// At which place, by id.
        place: String,
        /// When that was known.
        at: Moment,
        /// In words.
        words: String,
    },
    /// Give it another way from where it is.
    Replan(ShipmentId, Itinerary),
}
