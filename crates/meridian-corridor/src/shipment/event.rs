//! What has happened to shipments, in the words of the DCSA event domain 3.2.0.

use borsh::{BorshDeserialize, BorshSerialize};
use meridian_terms::Moment;

use super::{Delay, Document, Itinerary, Position, Progress, ShipmentId};

/// A fact: what [`super::apply`] applies and the journal keeps.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub enum Event {
    /// A shipment was planned.
    Planned {
        /// Its name.
        id: ShipmentId,
        /// Its way.
        itinerary: Itinerary,
        /// Container numbers.
        equipment: Vec<String>,
        /// Documents it travels under.
        documents: Vec<Document>,
        /// When.
        at: Moment,
    },
    /// Something was observed.
    Observed {
        /// Of which shipment.
        id: ShipmentId,
        /// What.
        observation: Observation,
        /// How far it is by that; nothing where it is off its way, or told what is only planned or estimated.
        progress: Option<Progress>,
        /// Whether that was the end.
        is_delivery: bool,
        /// When it was recorded.
        at: Moment,
    },
    /// It was located.
    Located(ShipmentId, Position),
    /// A delay was explained.
    Delayed(ShipmentId, Delay),
    /// It has another way.
    Replanned {
        /// Which shipment.
        id: ShipmentId,
        /// Its way from here.
        itinerary: Itinerary,
        /// When.
        at: Moment,
    },
}

/// How sure an event is: DCSA `eventClassifierCode`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, BorshSerialize, BorshDeserialize)]
pub enum Classifier {
    /// `PLN`.
    Planned,
    /// `EST`.
    Estimated,
    /// `ACT`.
    Actual,
}

/// What happened: DCSA equipment and transport event types, and one of our own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, BorshSerialize, BorshDeserialize)]
pub enum Happening {
    /// `ARRI`: a conveyance arrived.
    Arrived,
    /// `DEPA`: it departed.
    Departed,
    /// `LOAD`: a box was loaded onto it.
    Loaded,
    /// `DISC`: a box was discharged.
    Discharged,
    /// `GTIN`: through the gate of a terminal, inwards.
    GateIn,
    /// `GTOT`: outwards.
    GateOut,
    /// `STUF`: goods were packed.
    Stuffed,
    /// `STRP`: goods were unpacked.
    Stripped,
    /// `CUSS`: selected by customs for a scan.
    CustomsScan,
    /// `CUSI`: selected by customs for inspection.
    CustomsInspection,
    /// `CUSR`: released by customs.
    CustomsReleased,
    /// `CROS`: crossed a border.
    Crossed,
    /// A gauge change: DCSA has no code, so it is written as `DISC` and `LOAD` at a ramp, with an extension.
    GaugeChanged,
}

/// What kind of place it was: DCSA `facilityTypeCode`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, BorshSerialize, BorshDeserialize)]
pub enum Facility {
    /// `BOCR`: border crossing.
    Border,
    /// `CLOC`: the customer's own place.
    Customer,
    /// `INTE`: inland terminal.
    InlandTerminal,
    /// `POTE`: port terminal.
    PortTerminal,
    /// `RAMP`: rail ramp.
    Ramp,
    /// `WAYP`: waypoint.
    Waypoint,
}

/// Something observed, planned or estimated of a shipment.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Observation {
    /// How sure it is.
    pub classifier: Classifier,
    /// What.
    pub happening: Happening,
    /// When it happened or will.
    pub at: Moment,
    /// Where, by UN/LOCODE or the network's own id.
    pub place: String,
    /// What kind of place.
    pub facility: Facility,
    /// Which box; all of them where none is named.
    pub equipment: Option<String>,
}

/// Why a shipment is late.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, BorshSerialize, BorshDeserialize)]
pub enum DelayReason {
    /// Wind, storm, fog.
    Weather,
    /// Ice, a convoy awaited.
    Ice,
    /// A full port, terminal or line.
    Congestion,
    /// A queue at a border.
    BorderQueue,
    /// Customs looks closer.
    Customs,
    /// A paper is missing or wrong.
    Documents,
    /// A vehicle, vessel or crane broke.
    Breakdown,
    /// A departure was missed.
    MissedConnection,
    /// A line, border or lock is closed.
    Closure,
    /// Screening holds a party, carrier or vessel.
    Screening,
}

impl DelayReason {
    /// All of them, with the word for files and people.
    pub const WORDS: [(&'static str, Self); 10] = [
        ("weather", Self::Weather),
        ("ice", Self::Ice),
        ("congestion", Self::Congestion),
        ("border_queue", Self::BorderQueue),
        ("customs", Self::Customs),
        ("documents", Self::Documents),
        ("breakdown", Self::Breakdown),
        ("missed_connection", Self::MissedConnection),
        ("closure", Self::Closure),
        ("screening", Self::Screening),
    ];

    /// The word for files and people.
    #[must_use]
    pub fn word(self) -> &'static str {
        Self::WORDS.iter().find(|(_, reason)| *reason == self).map_or("?", |(word, _)| word)
    }
}

/// What a deal listens to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, BorshSerialize, BorshDeserialize)]
pub enum MilestoneKind {
    /// Loaded at the first place.
    Loaded,
    /// Over a border.
    BorderCrossed,
    /// Released by customs.
    CustomsReleased,
    /// At the last place.
    Arrived,
    /// Handed over or unpacked at the last place.
    Delivered,
}

/// A milestone of a shipment: an actual event that money may wait for.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Milestone {
    /// Of which shipment.
    pub shipment: ShipmentId,
    /// Which.
    pub kind: MilestoneKind,
    /// Where.
    pub place: String,
    /// When it happened.
    pub at: Moment,
}

/// The milestones an event reaches, given the shipment's way. Only actual events reach any.
#[must_use]
pub fn milestones(itinerary: &Itinerary, event: &Event) -> Vec<Milestone> {
    let Event::Observed { id, observation, is_delivery, .. } = event else { return Vec::new() };
    if observation.classifier != Classifier::Actual {
        return Vec::new();
    }
    let place = itinerary.stop(&observation.place);
    let (is_first, is_last) = (place == Some(0), place.is_some() && place == itinerary.end());
    let mut kinds = Vec::new();
    match observation.happening {
        Happening::Loaded if is_first => kinds.push(MilestoneKind::Loaded),
        Happening::Crossed => kinds.push(MilestoneKind::BorderCrossed),
        Happening::CustomsReleased => kinds.push(MilestoneKind::CustomsReleased),
        Happening::Arrived if is_last => kinds.push(MilestoneKind::Arrived),
        _ => {}
    }
    if *is_delivery {
        kinds.push(MilestoneKind::Delivered);
    }
    let milestone =
        |kind| Milestone { shipment: id.clone(), kind, place: observation.place.clone(), at: observation.at };
    kinds.into_iter().map(milestone).collect()
}
