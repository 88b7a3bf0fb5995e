//! Customs as a participant: what it has said of a deal's declaration.
//!
//! ```text
//!  NOT LODGED --lodge (before or after arrival)--> LODGED --accept--> ACCEPTED --assess--> ASSESSED
//!                                                    ACCEPTED, ASSESSED --hold--> HELD --lift--> back
//!   ASSESSED and (paid, or secured by a guarantee), documents and certificates there --> RELEASED
//!   LODGED .. HELD --refuse--> REFUSED
//! ```
//!
//! Acceptance and release are evidence like the carrier's ([`crate::EvidenceKind`]); the rest is a [`CustomsWord`]. All of
//! them are its own signed messages. What it assesses is what is owed, whatever was forecast.

use borsh::{BorshDeserialize, BorshSerialize};
use meridian_terms::Money;

use crate::Kind;

/// Where the declaration stands.
#[derive(Debug, Clone, Default, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub enum Customs {
    /// Nobody has lodged it.
    #[default]
    NotLodged,
    /// Lodged, not accepted yet.
    Lodged(Lodgement),
    /// Accepted.
    Accepted(Lodgement),
    /// Duties and taxes are assessed.
    Assessed(Lodgement),
    /// Held: why, and whether it was assessed before.
    Held {
        /// What was lodged.
        lodgement: Lodgement,
        /// Why.
        reason: String,
        /// Whether it was assessed before.
        assessed: bool,
    },
    /// The goods are released: final.
    Released,
    /// The goods may not come in: final.
    Refused(String),
}

impl Customs {
    /// The word for people.
    #[must_use]
    pub const fn word(&self) -> &'static str {
        match self {
            Self::NotLodged => "not lodged",
            Self::Lodged(_) => "lodged",
            Self::Accepted(_) => "accepted",
            Self::Assessed(_) => "assessed",
            Self::Held { .. } => "held",
            Self::Released => "released",
            Self::Refused(_) => "refused",
        }
    }
}

/// A declaration as lodged.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Lodgement {
    /// The declarant's reference.
    pub reference: String,
    /// BLAKE3 of the declaration.
    pub digest: [u8; 32],
    /// Whether it came before the goods did (WCO Revised Kyoto Convention, standard 3.25).
    pub before_arrival: bool,
    /// Whether the declarant is an authorised trader, who pays later against a guarantee.
    pub authorised_trader: bool,
}

/// What customs says.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub enum CustomsWord {
    /// This is owed.
    Assess(Vec<Charge>),
    /// The goods stay: a certificate is missing, an inspection is due.
    Hold(String),
    /// What held them is resolved.
    Lift(String),
    /// They were inspected; the finding in words.
    Inspect(String),
    /// They may not come in.
    Refuse(String),
}

impl CustomsWord {
    /// The word for people.
    #[must_use]
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Assess(_) => "assesses",
            Self::Hold(_) => "holds the goods",
            Self::Lift(_) => "lifts the hold",
            Self::Inspect(_) => "has inspected",
            Self::Refuse(_) => "refuses the goods",
        }
    }
}

/// A sum customs assesses, to be paid into its treasury's account.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Charge {
    /// What for.
    pub kind: Kind,
    /// How much, in the country's currency.
    pub amount: Money,
}
