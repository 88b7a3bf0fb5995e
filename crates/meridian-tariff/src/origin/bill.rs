//! The facts an origin question is asked about: the product, its materials, what was done, how it travelled.

use std::collections::{BTreeMap, BTreeSet};

use meridian_terms::{Country, Decimal, HsCode};

use super::rule::Base;

/// A product and all that went into it. What is not stated stays `None`, and a rule that needs it answers
/// "unknown" instead of guessing.
///
/// Values are in one currency, whichever it is; weights are net kilograms.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bill {
    /// The product's goods code.
    pub code: HsCode,
    /// The country whose origin is claimed.
    pub country: Country,
    /// Whether the product itself is wholly obtained there, if that was stated.
    pub wholly_obtained: Option<bool>,
    /// Ex-works price, free-on-board value, net cost in money; net weight in kilograms.
    pub measures: BTreeMap<Base, Decimal>,
    /// What it is made of.
    pub materials: Vec<Material>,
    /// What was done in the territory.
    pub operations: Operations,
    /// Facts about the product a rule may ask for: `true`, `false`, or not stated.
    pub facts: BTreeMap<String, bool>,
    /// How it travelled, if that was stated.
    pub transport: Option<Transport>,
    /// Whether duty on its materials was or will be drawn back, if that was stated.
    pub drawback: Option<bool>,
}

/// One line of the bill of materials.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Material {
    /// What the maker calls it.
    pub name: String,
    /// Its goods code, as far as it is known.
    pub code: Option<HsCode>,
    /// Its own standing as to origin.
    pub standing: Standing,
    /// The country it originates in or, not originating, was made in.
    pub country: Option<Country>,
    /// The proof of origin it came with.
    pub proof: Option<String>,
    /// Customs value (non-originating) or price paid (originating).
    pub value: Option<Decimal>,
    /// Net weight, kg.
    pub weight_kg: Option<Decimal>,
    /// Trade names it answers to, and names it does not: `waste and scrap` => `true`.
    pub names: BTreeMap<String, bool>,
    /// What it was itself made of: full cumulation and roll-back look inside.
    pub inputs: Vec<Material>,
}

/// The standing of a material as to origin.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Standing {
    /// Wholly obtained in its country.
    WhollyObtained,
    /// Originating in its country by a rule it met.
    Originating,
    /// Not originating, or of undetermined origin.
    NonOriginating,
    /// Nothing was said.
    Unstated,
}

/// The operations carried out in the territory.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Operations {
    /// Carried out.
    pub done: BTreeSet<String>,
    /// Said not to have been carried out.
    pub not_done: BTreeSet<String>,
    /// Whether `done` names all of them: then what is missing was not done.
    pub complete: bool,
}

impl Operations {
    /// Whether an operation was carried out, if that can be told.
    #[must_use]
    pub fn carried_out(&self, operation: &str) -> Option<bool> {
        if self.done.contains(operation) {
            Some(true)
        } else if self.complete || self.not_done.contains(operation) {
            Some(false)
        } else {
            None
        }
    }
}

/// How a consignment travelled from the country of origin to the country of import.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Transport {
    /// The countries it passed.
    pub through: Vec<Country>,
    /// Whether it stayed under customs control there, if that was stated.
    pub under_customs_control: Option<bool>,
    /// Whether more than unloading, reloading and preserving was done to it there, if that was stated.
    pub altered: Option<bool>,
    /// The documents that show it: `through bill of lading`.
    pub evidence: BTreeSet<String>,
}

impl Bill {
    /// A bill with a code, a country and nothing else stated.
    #[must_use]
    pub fn new(code: HsCode, country: Country) -> Self {
        Self {
            code,
            country,
            wholly_obtained: None,
            measures: BTreeMap::new(),
            materials: Vec::new(),
            operations: Operations::default(),
            facts: BTreeMap::new(),
            transport: None,
            drawback: None,
        }
    }
}

impl Material {
    /// A material with a name and a standing, and nothing else stated.
    #[must_use]
    pub fn new(name: impl Into<String>, standing: Standing) -> Self {
        Self {
            name: name.into(),
            code: None,
            standing,
            country: None,
            proof: None,
            value: None,
            weight_kg: None,
            names: BTreeMap::new(),
            inputs: Vec::new(),
        }
    }
}
