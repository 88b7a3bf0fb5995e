//! Parties: debtor, creditor, importer, exporter, carrier.

use borsh::{BorshDeserialize, BorshSerialize};

use crate::{Country, Lei};

/// A person or organisation by the name its papers carry, in any script.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, BorshSerialize, BorshDeserialize)]
pub struct Party {
    /// The name as written on the papers; never transliterated here.
    pub name: String,
    /// Where it is established.
    pub country: Country,
    /// Its legal entity identifier, where it has one.
    pub lei: Option<Lei>,
    /// Its address, where it is given.
    pub address: Option<PostalAddress>,
}

/// A structured or hybrid postal address (ISO 20022 `PostalAddress`): town and country are always given; lines
/// hold what has no element of its own, two at most.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, BorshSerialize, BorshDeserialize)]
pub struct PostalAddress {
    /// Street name, with the building number where it is not given apart.
    pub street: Option<String>,
    /// Postal code.
    pub post_code: Option<String>,
    /// Town.
    pub town: String,
    /// Country.
    pub country: Country,
    /// Up to two free lines of 70 characters.
    pub lines: Vec<String>,
}
