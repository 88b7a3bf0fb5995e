//! Why the book of shipments refuses, in order of precedence.

use meridian_terms::{Refusal, Retry};

/// The reasons, in the order in which [`super::decide`] looks for them: the first that holds is the answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Denial {
    /// A shipment of that name is known.
    Exists,
    /// No shipment of that name is known.
    Unknown,
    /// The way has no leg.
    NoWay,
    /// It has ended.
    Delivered,
    /// The same was recorded before.
    AlreadyRecorded,
    /// The box is not one of the shipment's.
    EquipmentUnknown,
    /// An actual event lies in the future.
    FromTheFuture,
    /// The place of a delay or the start of a new way is not on the way.
    NotOnWay,
}

/// Codes and what to do, in order of precedence.
pub const CODES: [(Denial, &str, &str, &str); 8] = [
    (Denial::Exists, "shipment.exists", "a name names one shipment", "choose another name"),
    (Denial::Unknown, "shipment.unknown", "only planned shipments are tracked", "plan it first"),
    (Denial::NoWay, "shipment.no_way", "a shipment goes somewhere", "give a route with legs"),
    (Denial::Delivered, "shipment.delivered", "a delivered shipment moves no more", "plan another shipment"),
    (
        Denial::AlreadyRecorded,
        "shipment.already_recorded",
        "one fact is recorded once",
        "nothing; it is known",
    ),
    (
        Denial::EquipmentUnknown,
        "shipment.equipment_unknown",
        "an event is of the shipment's own boxes",
        "name one of its boxes, or none for all",
    ),
    (
        Denial::FromTheFuture,
        "shipment.from_the_future",
        "DCSA ACT: it has happened",
        "send it as EST, or correct its time",
    ),
    (
        Denial::NotOnWay,
        "shipment.not_on_way",
        "a new way begins where the goods are",
        "begin it at a place of the old one",
    ),
];

impl Denial {
    /// Its stable code.
    #[must_use]
    pub fn code(self) -> &'static str {
        CODES.iter().find(|(denial, ..)| *denial == self).map_or("shipment.unknown", |(_, code, ..)| code)
    }

    /// The refusal, with the actual values.
    #[must_use]
    pub fn refusal(self, what: &str) -> Refusal {
        let row = CODES.iter().find(|(denial, ..)| *denial == self);
        let (rule, next) = row.map_or(("", ""), |(_, _, rule, next)| (*rule, *next));
        let retry = if self == Self::FromTheFuture { Retry::AfterAMoment } else { Retry::Never };
        Refusal::new(self.code(), what).rule(rule).next(next).retry(retry)
    }
}
