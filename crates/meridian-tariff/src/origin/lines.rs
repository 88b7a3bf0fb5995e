//! The materials as the law sees them, once cumulation has been applied.

use std::collections::BTreeMap;

use meridian_terms::{Decimal, HsCode};

use super::agreement::{Agreement, Cumulation};
use super::bill::{Bill, Material, Standing};

/// One material whose standing has been settled.
#[derive(Debug, Clone)]
pub(crate) struct Line {
    /// `line 2 (motor)`; a part looked at inside another: `line 2.1 (copper wire)`.
    pub(crate) label: String,
    pub(crate) code: Option<HsCode>,
    pub(crate) standing: Settled,
    pub(crate) value: Option<Decimal>,
    pub(crate) weight_kg: Option<Decimal>,
    pub(crate) names: BTreeMap<String, bool>,
}

/// A standing under one agreement, or the fact it hangs on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Settled {
    WhollyObtained,
    Originating,
    NonOriginating,
    Unclear(String),
}

impl Settled {
    pub(crate) fn non_originating(&self) -> Result<bool, String> {
        match self {
            Self::NonOriginating => Ok(true),
            Self::WhollyObtained | Self::Originating => Ok(false),
            Self::Unclear(fact) => Err(fact.clone()),
        }
    }

    pub(crate) fn originating(&self) -> Result<bool, String> {
        self.non_originating().map(|foreign| !foreign)
    }

    pub(crate) fn unclear(&self) -> Option<String> {
        match self {
            Self::Unclear(fact) => Some(fact.clone()),
            _ => None,
        }
    }
}

/// How deep parts of parts are looked into.
const DEEPEST: usize = 16;

/// Settles every material's standing.
pub(crate) fn settle(bill: &Bill, agreement: &Agreement) -> Vec<Line> {
    let mut lines = Vec::new();
    for (index, material) in bill.materials.iter().enumerate() {
        let number = (index + 1).to_string();
        settle_one(&number, material, bill, agreement, DEEPEST, &mut lines);
    }
    lines
}

fn settle_one(
    number: &str,
    material: &Material,
    bill: &Bill,
    agreement: &Agreement,
    depth: usize,
    lines: &mut Vec<Line>,
) {
    let label = format!("line {number} ({})", material.name);
    let standing = standing(&label, material, bill, agreement);
    let look_inside = standing == Settled::NonOriginating
        && depth > 0
        && !material.inputs.is_empty()
        && made_in_the_zone(material, bill, agreement);
    if !look_inside {
        lines.push(Line {
            label,
            code: material.code.clone(),
            standing,
            value: material.value,
            weight_kg: material.weight_kg,
            names: material.names.clone(),
        });
        return;
    }
    // Full cumulation: the parts count, and the work done in the zone counts as originating.
    let mut work = material.value;
    for (index, input) in material.inputs.iter().enumerate() {
        work = work.zip(input.value).and_then(|(work, part)| work.checked_sub(&part));
        settle_one(&format!("{number}.{}", index + 1), input, bill, agreement, depth - 1, lines);
    }
    lines.push(Line {
        label: format!("work on {label}"),
        code: None,
        standing: Settled::Originating,
        value: work.map(|work| if work.is_negative() { Decimal::ZERO } else { work }),
        weight_kg: Some(Decimal::ZERO),
        names: BTreeMap::new(),
    });
}

fn standing(label: &str, material: &Material, bill: &Bill, agreement: &Agreement) -> Settled {
    let as_stated = match material.standing {
        Standing::WhollyObtained => Settled::WhollyObtained,
        Standing::Originating => Settled::Originating,
        Standing::NonOriginating => return Settled::NonOriginating,
        Standing::Unstated => return Settled::Unclear(format!("whether {label} originates, and where")),
    };
    let Some(country) = material.country.filter(|country| *country != bill.country) else {
        return as_stated;
    };
    let counts = match &agreement.cumulation {
        Cumulation::None => false,
        Cumulation::Bilateral => agreement.parties.contains(&country),
        Cumulation::Diagonal(zone) | Cumulation::Full(zone) => {
            zone.contains(&country) || agreement.parties.contains(&country)
        }
    };
    match (counts, agreement.cumulation_needs_proof, &material.proof) {
        (false, ..) => Settled::NonOriginating,
        (true, true, None) => Settled::Unclear(format!("the proof of {country} origin of {label}")),
        (true, ..) => as_stated,
    }
}

fn made_in_the_zone(material: &Material, bill: &Bill, agreement: &Agreement) -> bool {
    match (&agreement.cumulation, material.country) {
        (Cumulation::Full(zone), Some(country)) => {
            country == bill.country || zone.contains(&country) || agreement.parties.contains(&country)
        }
        _ => false,
    }
}
