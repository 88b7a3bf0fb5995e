//! What a list says: who is on it, under which names, with which numbers, as of when.

use borsh::{BorshDeserialize, BorshSerialize};
use meridian_terms::{Country, Day};

/// What kind of thing an entry is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, BorshSerialize, BorshDeserialize)]
pub enum Kind {
    /// A person.
    Person,
    /// A company or other organisation.
    Organisation,
    /// A ship.
    Vessel,
    /// An aircraft.
    Aircraft,
    /// Not said.
    Unknown,
}

impl Kind {
    /// The kind with this word; what is not known is [`Kind::Unknown`].
    #[must_use]
    pub fn parse(word: &str) -> Self {
        match word.trim().to_ascii_lowercase().as_str() {
            "person" | "individual" | "p" => Self::Person,
            "organisation" | "organization" | "entity" | "company" | "legalentity" | "e" | "publicbody" => {
                Self::Organisation
            }
            "vessel" | "ship" => Self::Vessel,
            "aircraft" | "airplane" => Self::Aircraft,
            _ => Self::Unknown,
        }
    }

    /// Its word.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Person => "person",
            Self::Organisation => "organisation",
            Self::Vessel => "vessel",
            Self::Aircraft => "aircraft",
            Self::Unknown => "unknown",
        }
    }

    /// Whether two kinds contradict each other.
    #[must_use]
    pub fn contradicts(self, other: Self) -> bool {
        self != other && self != Self::Unknown && other != Self::Unknown
    }
}

/// How well a name identifies its bearer, as the list's maker says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, BorshSerialize, BorshDeserialize)]
pub enum Strength {
    /// The name the entry is listed under.
    Primary,
    /// An alias good enough to search by.
    Strong,
    /// An alias too broad to search by alone: OFAC's weak a.k.a., the UN's quality "Low".
    Weak,
}

/// A name of an entry.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, BorshSerialize, BorshDeserialize)]
pub struct ListedName {
    /// As published, in any script.
    pub text: String,
    /// How well it identifies.
    pub strength: Strength,
}

/// When somebody was born, or an organisation founded: within these days, both included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, BorshSerialize, BorshDeserialize)]
pub struct Birth {
    /// The earliest day it may have been.
    pub first: Day,
    /// The latest.
    pub last: Day,
}

/// A person's gender as a list says it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, BorshSerialize, BorshDeserialize)]
pub enum Gender {
    /// Female.
    Female,
    /// Male.
    Male,
}

impl Gender {
    /// The gender with this word or letter.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        match word.trim().to_ascii_lowercase().as_str() {
            "f" | "female" | "woman" => Some(Self::Female),
            "m" | "male" | "man" => Some(Self::Male),
            _ => None,
        }
    }
}

/// Somebody or something on a list.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Entry {
    /// The list's own id.
    pub id: String,
    /// What it is.
    pub kind: Kind,
    /// Its names, the primary one first.
    pub names: Vec<ListedName>,
    /// Possible births.
    pub births: Vec<Birth>,
    /// Nationality, citizenship, flag or place of registration.
    pub countries: Vec<Country>,
    /// Gender, where the list says.
    pub gender: Option<Gender>,
    /// Numbers that identify it.
    pub identifiers: Vec<crate::Identifier>,
    /// Programmes it is listed under: `SDGT`, `RUSSIA-EO14024`, `DRC`.
    pub programmes: Vec<String>,
}

impl Entry {
    /// An entry with nothing but an id and a kind.
    #[must_use]
    pub fn new(id: impl Into<String>, kind: Kind) -> Self {
        Self {
            id: id.into(),
            kind,
            names: Vec::new(),
            births: Vec::new(),
            countries: Vec::new(),
            gender: None,
            identifiers: Vec::new(),
            programmes: Vec::new(),
        }
    }

    /// Adds a name unless it is empty or known.
    pub fn name(&mut self, text: &str, strength: Strength) {
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        if !text.is_empty() && self.names.iter().all(|known| known.text != text) {
            self.names.push(ListedName { text, strength });
        }
    }

    /// The primary name.
    #[must_use]
    pub fn primary(&self) -> &str {
        self.names.first().map_or("", |name| name.text.as_str())
    }

    /// All that the entry says beside its primary name, for whoever decides whether it is the same: what, and what is said.
    #[must_use]
    pub fn facts(&self) -> Vec<(&'static str, String)> {
        let joined = |rows: Vec<String>| rows.join("; ");
        let names = self.names.iter().skip(1).map(|name| match name.strength {
            Strength::Weak => format!("{} (weak)", name.text),
            _ => name.text.clone(),
        });
        let births = self.births.iter().map(|birth| match birth.first == birth.last {
            true => birth.first.to_string(),
            false => format!("{} to {}", birth.first, birth.last),
        });
        let numbers = self.identifiers.iter().map(|number| format!("{:?} {}", number.kind, number.value));
        let rows = [
            ("What", self.kind.word().to_owned()),
            ("Also", joined(names.collect())),
            ("Born or founded", joined(births.collect())),
            ("Countries", joined(self.countries.iter().map(ToString::to_string).collect())),
            ("Numbers", joined(numbers.collect())),
            ("Listed under", joined(self.programmes.clone())),
        ];
        rows.into_iter().filter(|(_, said)| !said.is_empty()).collect()
    }

    /// BLAKE3 over everything the entry says: changes when any of it changes.
    #[must_use]
    pub fn fingerprint(&self) -> [u8; 32] {
        let bytes = borsh::to_vec(self).unwrap_or_default();
        blake3::hash(&bytes).into()
    }
}

/// A published list, as of a day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct List {
    /// Its name: `UN`, `OFAC-SDN`.
    pub name: String,
    /// When it was published.
    pub published: Day,
    /// Who is on it.
    pub entries: Vec<Entry>,
    /// BLAKE3 of the file or files it came from.
    pub digest: [u8; 32],
    /// Whether the file says of itself that it is a test list of invented names; every answer repeats it.
    pub is_test: bool,
}

impl Birth {
    /// A year, a month or a day: `1962`, `1962-05`, `1962-05-17`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.trim().split('-');
        let year: i16 = parts.next()?.parse().ok()?;
        match (parts.next(), parts.next()) {
            (None, _) => Self::year(year),
            (Some(month), None) => Self::month(year, month.parse().ok()?),
            (Some(_), Some(_)) => Day::parse(text.trim()).ok().map(|day| Self { first: day, last: day }),
        }
    }

    /// Some day of a year.
    #[must_use]
    pub fn year(year: i16) -> Option<Self> {
        Some(Self { first: Day::new(year, 1, 1).ok()?, last: Day::new(year, 12, 31).ok()? })
    }

    /// Some day of a month.
    #[must_use]
    pub fn month(year: i16, month: u8) -> Option<Self> {
        let first = Day::new(year, month, 1).ok()?;
        let next = if month == 12 { Day::new(year + 1, 1, 1) } else { Day::new(year, month + 1, 1) };
        Some(Self { first, last: next.ok()?.plus(-1) })
    }

    /// The same, this many years earlier and later: what a list calls "circa".
    #[must_use]
    pub const fn about(self, years: i32) -> Self {
        Self { first: self.first.plus(-366 * years), last: self.last.plus(366 * years) }
    }
}
