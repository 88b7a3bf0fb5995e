//! Bodies of what carriers say of a shipment. Events are DCSA's own JSON and are read by the corridor.

use serde::{Deserialize, Serialize};

/// `POST /v1/shipments/{id}`: the carrier plans a deal's shipment.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlanShipment {
    /// UN/LOCODE or the network's own id; where the deal's route begins, unless said.
    pub from: Option<String>,
    /// Where it ends; where the deal's route does, unless said.
    pub to: Option<String>,
    /// When the goods are ready: a moment.
    pub depart: String,
    /// `1xTEU`, `2xFEU:25.5t`.
    pub load: String,
    /// `fastest`, `cheapest`, `cleanest` or `surest`; fastest unless said.
    pub wish: Option<String>,
    /// Places it passes, in order: of the ways that pass them all, the one wished for.
    #[serde(default)]
    pub via: Vec<String>,
    /// Container numbers (ISO 6346).
    #[serde(default)]
    pub equipment: Vec<String>,
    /// Documents it travels under.
    #[serde(default)]
    pub documents: Vec<DocumentBody>,
    /// Whether a shipment that is known gets another way from where it is.
    #[serde(default)]
    pub replan: bool,
}

/// A document goods travel under.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DocumentBody {
    /// `SMGS`, `CIM`, `TIR`, `BL`.
    pub kind: String,
    /// Its number.
    pub number: String,
}

/// `POST /v1/shipments/{id}/position`: where it is between stops.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PositionBody {
    /// Degrees north, decimal.
    pub north: String,
    /// Degrees east, decimal.
    pub east: String,
    /// When it was there.
    pub at: String,
}

/// `POST /v1/shipments/{id}/delay`: why it is late.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DelayBody {
    /// `weather`, `ice`, `congestion`, `border_queue`, `customs`, `documents`, `breakdown`, `missed_connection`, `closure`,
    /// `screening`.
    pub reason: String,
    /// At which place of its way.
    pub place: String,
    /// When that was known.
    pub at: String,
    /// In words.
    #[serde(default)]
    pub words: String,
}
