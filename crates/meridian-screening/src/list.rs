//! The lists in force: loaded together, indexed, named by one digest; immutable once made.

use std::collections::BTreeMap;

use crate::identifier::IdentifierKind;
use crate::index::Index;
use crate::lexicon::Lexicon;
use crate::model::{Entry, List};

/// Changes when the same lists may be answered differently: part of every digest.
pub const ALGORITHM: &str = "meridian-screening 1";

/// The lists a decision is made under, indexed; immutable once made.
#[derive(Debug, Clone, Default)]
pub struct ListSet {
    pub(crate) lists: Vec<List>,
    pub(crate) index: Index,
    pub(crate) lexicon: Option<Lexicon>,
    /// Identifier value to list and entry.
    pub(crate) by_identifier: BTreeMap<String, Vec<(IdentifierKind, u32, u32)>>,
    digest: [u8; 32],
}

impl ListSet {
    /// Indexes lists.
    #[must_use]
    pub fn of(lists: Vec<List>) -> Self {
        Self::build(lists, None)
    }

    /// Indexes lists with a lexicon of name equivalences.
    #[must_use]
    pub fn with_lexicon(lists: Vec<List>, lexicon: Lexicon) -> Self {
        Self::build(lists, Some(lexicon))
    }

    fn build(lists: Vec<List>, lexicon: Option<Lexicon>) -> Self {
        let mut hasher = blake3::Hasher::new();
        hasher.update(ALGORITHM.as_bytes());
        for list in &lists {
            hasher.update(list.name.as_bytes());
            hasher.update(&list.digest);
        }
        if let Some(lexicon) = &lexicon {
            hasher.update(&lexicon.digest());
        }
        let index = Index::of(&lists, lexicon.as_ref());
        let mut by_identifier: BTreeMap<String, Vec<(IdentifierKind, u32, u32)>> = BTreeMap::new();
        for (list_number, list) in (0_u32..).zip(&lists) {
            for (entry_number, entry) in (0_u32..).zip(&list.entries) {
                for identifier in &entry.identifiers {
                    for value in identifier.keys() {
                        let place = (identifier.kind, list_number, entry_number);
                        by_identifier.entry(value).or_default().push(place);
                    }
                }
            }
        }
        Self { lists, index, lexicon, by_identifier, digest: hasher.finalize().into() }
    }

    /// BLAKE3 over the algorithm, the lists' names and digests, and the lexicon: the version every decision names.
    #[must_use]
    pub const fn digest(&self) -> [u8; 32] {
        self.digest
    }

    /// The lists.
    #[must_use]
    pub fn lists(&self) -> &[List] {
        &self.lists
    }

    /// A list by its name.
    #[must_use]
    pub fn list(&self, name: &str) -> Option<&List> {
        self.lists.iter().find(|list| list.name == name)
    }

    /// An entry of a list.
    #[must_use]
    pub fn entry(&self, list: &str, id: &str) -> Option<&Entry> {
        self.list(list)?.entries.iter().find(|entry| entry.id == id)
    }

    /// How many names are indexed, each reading for itself.
    #[must_use]
    pub fn name_count(&self) -> usize {
        self.index.listed.len()
    }

    /// Whether any of them is a test list.
    #[must_use]
    pub fn has_test_list(&self) -> bool {
        self.lists.iter().any(|list| list.is_test)
    }
}
