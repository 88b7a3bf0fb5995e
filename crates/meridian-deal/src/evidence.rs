//! Evidence: what a participant with standing says has happened to the goods.

use borsh::{BorshDeserialize, BorshSerialize};
use meridian_terms::Bic;

/// What has happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, BorshSerialize, BorshDeserialize)]
pub enum EvidenceKind {
    /// The contract is signed: the hub's own knowledge.
    Signed,
    /// The goods are on the first conveyance: the carrier's word.
    Loaded,
    /// The goods have crossed into the importing country: the carrier's word.
    BorderCrossed,
    /// The declaration is accepted: the customs authority's word.
    DeclarationAccepted,
    /// Duties and taxes are assessed: the customs authority's word, with its figures.
    DutyAssessed,
    /// The goods are released: the customs authority's word; waits for duty and taxes.
    CustomsReleased,
    /// The goods are at the place of delivery: the carrier's word.
    Arrived,
}

impl EvidenceKind {
    /// In the order of a journey.
    pub const ALL: [Self; 7] = [
        Self::Signed,
        Self::Loaded,
        Self::BorderCrossed,
        Self::DeclarationAccepted,
        Self::DutyAssessed,
        Self::CustomsReleased,
        Self::Arrived,
    ];

    /// The word for files and people.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Signed => "signed",
            Self::Loaded => "loaded",
            Self::BorderCrossed => "border-crossed",
            Self::DeclarationAccepted => "declaration-accepted",
            Self::DutyAssessed => "duty-assessed",
            Self::CustomsReleased => "customs-released",
            Self::Arrived => "arrived",
        }
    }

    /// The kind with this word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.word() == word)
    }
}

/// A participant's word, with the document it rests on.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Evidence {
    /// What has happened.
    pub kind: EvidenceKind,
    /// Who says so.
    pub by: Bic,
    /// The document's name: bill of lading, CIM consignment note, release note...
    pub document: String,
    /// BLAKE3 of the document.
    pub digest: [u8; 32],
}
