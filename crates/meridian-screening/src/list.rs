//! Lists: who is on them, under which names, as of when.

use std::collections::BTreeMap;

use meridian_terms::Day;

use crate::name::{Name, deletions};

/// What kind of thing an entry is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// A person.
    Person,
    /// A company or other organisation.
    Organisation,
    /// A ship or aircraft.
    Vessel,
    /// Not said.
    Unknown,
}

impl Kind {
    /// The kind with this word; what is not known is [`Kind::Unknown`].
    #[must_use]
    pub fn parse(word: &str) -> Self {
        match word.to_ascii_lowercase().as_str() {
            "person" | "individual" => Self::Person,
            "organisation" | "organization" | "entity" | "company" => Self::Organisation,
            "vessel" | "aircraft" => Self::Vessel,
            _ => Self::Unknown,
        }
    }
}

/// Somebody or something on a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The list's own id.
    pub id: String,
    /// What it is.
    pub kind: Kind,
    /// Its names, the primary one first, in any script.
    pub names: Vec<String>,
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
    /// BLAKE3 of the file it came from.
    pub digest: [u8; 32],
    /// Whether the file says of itself that it is a test list of invented names.
    pub is_test: bool,
}

/// The lists a decision is made under, indexed; immutable once made.
#[derive(Debug, Clone, Default)]
pub struct ListSet {
    pub(crate) lists: Vec<List>,
    /// Tokens of every name: list, entry, name.
    pub(crate) names: Vec<(usize, usize, usize, Name)>,
    /// Names by token and by token with a letter left out.
    pub(crate) by_token: BTreeMap<String, Vec<u32>>,
    digest: [u8; 32],
}

impl ListSet {
    /// Indexes lists.
    #[must_use]
    pub fn of(lists: Vec<List>) -> Self {
        let mut hasher = blake3::Hasher::new();
        let mut names = Vec::new();
        let mut by_token: BTreeMap<String, Vec<u32>> = BTreeMap::new();
        for (list_number, list) in lists.iter().enumerate() {
            hasher.update(list.name.as_bytes());
            hasher.update(&list.digest);
            for (entry_number, entry) in list.entries.iter().enumerate() {
                for (name_number, text) in entry.names.iter().enumerate() {
                    let name = Name::of(text);
                    let position = u32::try_from(names.len()).unwrap_or(u32::MAX);
                    for token in &name.tokens {
                        for key in deletions(token) {
                            let known = by_token.entry(key).or_default();
                            if known.last() != Some(&position) {
                                known.push(position);
                            }
                        }
                    }
                    names.push((list_number, entry_number, name_number, name));
                }
            }
        }
        Self { lists, names, by_token, digest: hasher.finalize().into() }
    }

    /// BLAKE3 over the lists' names and digests: names the version every decision was made under.
    #[must_use]
    pub const fn digest(&self) -> [u8; 32] {
        self.digest
    }

    /// The lists.
    #[must_use]
    pub fn lists(&self) -> &[List] {
        &self.lists
    }

    /// Whether any of them is a test list.
    #[must_use]
    pub fn has_test_list(&self) -> bool {
        self.lists.iter().any(|list| list.is_test)
    }
}
