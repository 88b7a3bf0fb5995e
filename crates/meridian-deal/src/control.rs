//! Control of the goods themselves: embargo, dual use, sanitary certificates, on the side they leave and the side they
//! enter.
//!
//! The controls are asked outside (`meridian-tariff`, per country pack); the deal keeps what they said, under which pack,
//! and lets nothing move that was not asked about. No answer is not clear.

use borsh::{BorshDeserialize, BorshSerialize};
use meridian_terms::Country;

/// Which border.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, BorshSerialize, BorshDeserialize)]
pub enum Side {
    /// Where the goods leave.
    Export,
    /// Where they enter.
    Import,
}

impl Side {
    /// The word for people.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Export => "export",
            Self::Import => "import",
        }
    }
}

/// What the controls of one side said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, BorshSerialize, BorshDeserialize)]
pub enum Ruling {
    /// Nothing stands against it.
    Satisfied,
    /// A licence, certificate or fact is missing.
    Needed,
    /// The goods may not cross.
    Refused,
}

impl Ruling {
    /// The word for people.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Satisfied => "satisfied",
            Self::Needed => "needs documents",
            Self::Refused => "refused",
        }
    }
}

/// What the controls of one side said, and why.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Reviewed {
    /// Which border.
    pub side: Side,
    /// Whose controls.
    pub country: Country,
    /// Under which pack, by name and digest.
    pub pack: String,
    /// What they said.
    pub ruling: Ruling,
    /// Each control that touches the goods, in words.
    pub reasons: Vec<String>,
}
