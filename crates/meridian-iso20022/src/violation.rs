//! What is wrong with a document, and where.

use std::fmt;

use meridian_terms::Refusal;

/// A rule that a document breaks at a place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// The element, from the root, with its number where it repeats: `/Document/FIToFICstmrCdtTrf/CdtTrfTxInf[2]/ChrgBr`.
    pub path: String,
    /// The rule: a facet of XML Schema (`pattern`, `maxLength`...), `order`, `missing`, `attribute`, `text`,
    /// `namespace`, `well-formed`, `limit`, or a usage rule's name.
    pub rule: &'static str,
    /// What is there, and what belongs there.
    pub text: String,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {} ({})", self.path, self.text, self.rule)
    }
}

/// The refusal of a document for its first violation.
#[must_use]
pub fn refusal(violations: &[Violation]) -> Refusal {
    let what = match violations {
        [] => "the message cannot be read".to_owned(),
        [only] => only.to_string(),
        [first, rest @ ..] => format!("{first}, and {} more", rest.len()),
    };
    Refusal::new("iso20022.malformed", what)
        .rule("the message's ISO 20022 schema")
        .next("correct the message; `meridian message check` lists every violation")
        .iso("FF01")
}
