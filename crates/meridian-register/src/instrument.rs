//! Instruments and memberships, as the register enters them.

use std::collections::BTreeSet;
use std::fmt;

use borsh::{BorshDeserialize, BorshSerialize};
use meridian_terms::{Country, Day, Window};

/// Names an instrument: what links, measures and rules cite. Never used for another one.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, BorshSerialize, BorshDeserialize)]
pub struct InstrumentId(pub String);

impl fmt::Display for InstrumentId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What kind of instrument it is. The Vienna Convention on the Law of Treaties (article 2) makes no difference in effect;
/// people do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, BorshSerialize, BorshDeserialize)]
pub enum Kind {
    /// A treaty.
    Treaty,
    /// An agreement.
    Agreement,
    /// A protocol to an agreement.
    Protocol,
    /// A decision of a body that may bind its members.
    Decision,
    /// A law of one country.
    Law,
    /// A contract between institutions: banks, card schemes.
    Contract,
}

impl Kind {
    const WORDS: [(&'static str, Self); 6] = [
        ("treaty", Self::Treaty),
        ("agreement", Self::Agreement),
        ("protocol", Self::Protocol),
        ("decision", Self::Decision),
        ("law", Self::Law),
        ("contract", Self::Contract),
    ];

    /// The kind of this word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::WORDS.iter().find(|(known, _)| *known == word).map(|(_, kind)| *kind)
    }

    /// Its word.
    #[must_use]
    pub fn word(self) -> &'static str {
        Self::WORDS.iter().find(|(_, kind)| *kind == self).map_or("?", |(word, _)| word)
    }
}

/// How far the entry can be relied on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, BorshSerialize, BorshDeserialize)]
pub enum Status {
    /// From the official text or notice.
    Official,
    /// Published by somebody reliable who is not the depositary.
    Published,
    /// Invented for an example.
    Illustrative,
}

impl Status {
    /// The status of this word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        match word {
            "official" => Some(Self::Official),
            "published" => Some(Self::Published),
            "illustrative" => Some(Self::Illustrative),
            _ => None,
        }
    }

    /// Its word.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Official => "official",
            Self::Published => "published",
            Self::Illustrative => "illustrative",
        }
    }
}

/// An instrument.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Instrument {
    /// Its name in the register.
    pub id: InstrumentId,
    /// Its title.
    pub title: String,
    /// What kind it is.
    pub kind: Kind,
    /// When it was signed or adopted, where known.
    pub signed: Option<Day>,
    /// On which days it is in force: none while ratifications are awaited.
    pub in_force: Option<Window<Day>>,
    /// Countries that are parties in their own name.
    pub parties: BTreeSet<Country>,
    /// Groupings whose members are bound through their membership: `EAEU`.
    pub groupings: BTreeSet<String>,
    /// Where that is published.
    pub source: String,
    /// How far the entry can be relied on.
    pub status: Status,
}

/// A country's membership of a grouping.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, BorshSerialize, BorshDeserialize)]
pub struct Membership {
    /// Of what: `EAEU`, `SCO`, `BRICS`.
    pub grouping: String,
    /// Who.
    pub country: Country,
    /// On which days.
    pub validity: Window<Day>,
    /// Where that is published.
    pub source: String,
    /// How far the entry can be relied on.
    pub status: Status,
}

/// How an instrument stands on a day. Unknown is an answer: nothing may rest on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// The register has no such entry.
    Unknown,
    /// Its first day has not come, or is not known.
    NotYet,
    /// In force.
    InForce,
    /// Its last day has passed.
    Lapsed,
}

impl Standing {
    /// The word for people.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Unknown => "not in the register",
            Self::NotYet => "not yet in force",
            Self::InForce => "in force",
            Self::Lapsed => "lapsed",
        }
    }
}
