//! What an agreement says beside its product rules: tolerance, cumulation, transport, operations that never
//! confer origin.

use std::collections::BTreeSet;

use meridian_terms::{Country, Decimal};

use super::rule::Share;

/// The general provisions of one origin protocol. Everything off by default: an agreement grants what it
/// grants.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Agreement {
    /// Its name in the pack: `eaeu-iran`.
    pub id: String,
    /// Its name as preferences cite it: `Free trade agreement EAEU-Iran of 25 December 2023`.
    pub title: String,
    /// The countries whose origin it knows.
    pub parties: BTreeSet<Country>,
    /// Non-originating materials that may be used in spite of a rule; the first that covers the product's
    /// chapter applies.
    pub tolerances: Vec<Tolerance>,
    /// How materials of others count.
    pub cumulation: Cumulation,
    /// Whether a cumulated material needs its own proof of origin.
    pub cumulation_needs_proof: bool,
    /// Operations that alone never confer origin. Empty: the question is not asked.
    pub insufficient: BTreeSet<String>,
    /// The transport rule, if it has one.
    pub transport: Option<TransportRule>,
    /// Whether drawback of duty on materials forfeits origin.
    pub drawback_banned: bool,
    /// The threshold a rule means by "standard value content", per cent.
    pub standard_value_content: Option<Decimal>,
}

/// Materials that break a rule are tolerated up to a share, except where the rule itself sets a ceiling.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tolerance {
    /// The product chapters it is for, both ends included.
    pub chapters: (u8, u8),
    /// How much: by value of the price, or by weight of the product. Zero: none for these chapters.
    pub at_most: Share,
}

/// How materials from other countries count.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Cumulation {
    /// Only the country's own materials originate.
    #[default]
    None,
    /// Materials originating in another party count as its own.
    Bilateral,
    /// Materials originating in these countries count too.
    Diagonal(BTreeSet<Country>),
    /// Work done in these countries counts, whether or not the material acquired origin there.
    Full(BTreeSet<Country>),
}

/// Goods go directly, or through countries where nothing happens to them.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TransportRule {
    /// The countries it may pass; empty: any, under customs control.
    pub through: BTreeSet<Country>,
    /// Documents of which at least one must show it; empty: none is asked for.
    pub evidence: BTreeSet<String>,
}

impl Agreement {
    /// The tolerance for a product of this chapter.
    #[must_use]
    pub fn tolerance(&self, chapter: &str) -> Option<&Tolerance> {
        let chapter: u8 = chapter.parse().ok()?;
        self.tolerances
            .iter()
            .find(|tolerance| tolerance.chapters.0 <= chapter && chapter <= tolerance.chapters.1)
            .filter(|tolerance| !tolerance.at_most.percent.is_zero())
    }
}
