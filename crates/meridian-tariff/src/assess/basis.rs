//! Which measures touch the goods, and which of them are lawful bases to import on.

use std::sync::Arc;

use meridian_terms::{Ratio, Refusal};

use super::{Checked, Item};
use crate::duty::condition::{Condition, Effect};
use crate::duty::{Duty, Facts, Need, Reference};
use crate::measure::{Conclusion, Holds, Kind, Measure, conclude};
use crate::pack::{Line, Pack};

/// A way goods may be imported.
pub(super) struct Basis {
    pub(super) name: String,
    pub(super) kind: Kind,
    pub(super) scheme: String,
    pub(super) duty: Arc<Duty>,
    pub(super) reference: String,
    pub(super) remarks: Vec<String>,
}

/// A measure on top of the basis, with the duty its conditions apply.
pub(super) struct Added<'a> {
    pub(super) measure: &'a Measure,
    pub(super) duty: Arc<Duty>,
}

/// Everything found for the goods.
pub(super) struct Found<'a> {
    pub(super) bases: Vec<Basis>,
    pub(super) added: Vec<Added<'a>>,
    pub(super) missed: Vec<String>,
    pub(super) needs: Vec<Need>,
    pub(super) remarks: Vec<String>,
    pub(super) controls: Vec<Checked>,
}

impl Found<'_> {
    pub(super) fn need(&mut self, need: Need) {
        if !self.needs.contains(&need) {
            self.needs.push(need);
        }
    }

    fn remark(&mut self, told: String) {
        if !self.remarks.contains(&told) {
            self.remarks.push(told);
        }
    }
}

pub(super) fn gather<'a>(
    pack: &'a Pack,
    item: &Item,
    line: &Line,
    facts: &Facts<'_>,
) -> Result<Found<'a>, Refusal> {
    let mut found = Found {
        bases: Vec::new(),
        added: Vec::new(),
        missed: Vec::new(),
        needs: Vec::new(),
        remarks: Vec::new(),
        controls: Vec::new(),
    };
    let mut ordinary: Option<(&Measure, Arc<Duty>)> = None;
    for measure in pack.measures_of(&item.code).filter(|measure| measure.is_known(item.known)) {
        if !reaches(pack, item, measure, &mut found) {
            continue;
        }
        let conclusion = match conclude(&measure.conditions, &item.documents, |row| ratio(row, facts)) {
            Ok(conclusion) => conclusion,
            Err(need) => {
                found.need(need);
                continue;
            }
        };
        if measure.kind >= Kind::Prohibition {
            check(measure, conclusion, &mut found);
            continue;
        }
        match conclusion.effect {
            Effect::NotApplicable => {
                if !conclusion.wanted.is_empty() {
                    found.missed.push(format!("{}: needs {}", told(measure), conclusion.wanted.join(" or ")));
                }
                continue;
            }
            Effect::Refused => {
                check(measure, conclusion, &mut found);
                continue;
            }
            Effect::Apply | Effect::Allowed => {}
        }
        let Some(duty) = conclusion.duty.map(Arc::new).or_else(|| measure.duty.clone()) else {
            found.remark(format!("{}: no duty is written", told(measure)));
            continue;
        };
        if measure.kind == Kind::Ordinary {
            if let Duty::Reference(reference @ Reference::Note(number)) = duty.as_ref() {
                found.need(Need::Reference(reference.clone()));
                found.remark(format!("note {number} may set another rate; its text is not in the pack"));
            } else if ordinary.as_ref().is_none_or(|(known, _)| known.narrowness() < measure.narrowness()) {
                ordinary = Some((measure, duty));
            }
        } else if measure.kind.is_basis() {
            basis(item, measure, duty, &mut found);
        } else {
            found.added.push(Added { measure, duty });
        }
    }
    let first = match ordinary {
        Some((measure, duty)) => Some((duty, reference(pack, measure))),
        None => line
            .duty
            .clone()
            .map(|duty| (duty, format!("{}, ordinary rate, {}; {}", pack.name, line.status, line.source))),
    };
    match first {
        Some((duty, reference)) => found.bases.insert(
            0,
            Basis {
                name: "ordinary".into(),
                kind: Kind::Ordinary,
                scheme: String::new(),
                duty,
                reference,
                remarks: Vec::new(),
            },
        ),
        None => found.need(Need::Reference(Reference::Ordinary)),
    }
    Ok(found)
}

/// Whether a measure is for these goods on this day; what cannot be said is remarked or needed.
fn reaches(pack: &Pack, item: &Item, measure: &Measure, found: &mut Found<'_>) -> bool {
    if measure.territory.is_some_and(|territory| territory != item.territory.unwrap_or(pack.territory)) {
        return false;
    }
    if !item.any_area {
        match measure.area.holds(item.origin, &pack.groups) {
            Holds::Yes => {}
            Holds::No => return false,
            Holds::Unknown(what) => {
                found.remark(format!("{} left out: it is not known {what}", told(measure)));
                return false;
            }
        }
    }
    match measure.in_force(item.day, &pack.acts) {
        Holds::Yes => {}
        Holds::No => return false,
        Holds::Unknown(what) => {
            if measure.kind == Kind::Ordinary || measure.kind.is_remedy() {
                match measure.from_act.clone() {
                    Some(act) if item.day.is_some() => found.need(Need::EntryIntoForce(act)),
                    _ => found.need(Need::Day),
                }
            }
            let duty = measure.duty.as_ref().map_or(String::new(), |duty| format!(" ({duty})"));
            found.remark(format!("{}{duty} left out: it is not known {what}", told(measure)));
            return false;
        }
    }
    match &measure.additional_code {
        // Of several rates of VAT the code only says which; see the stack.
        Some(code) if measure.kind != Kind::Vat && !item.additional_codes.contains(code) => {
            found.remark(format!("{} applies under additional code {code}", told(measure)));
            false
        }
        _ => true,
    }
}

fn basis(item: &Item, measure: &Measure, duty: Arc<Duty>, found: &mut Found<'_>) {
    let needs_proof = matches!(measure.kind, Kind::Preference | Kind::PreferentialQuota);
    let name = match (&measure.quota, measure.scheme.as_str()) {
        (Some(number), _) => format!("{} {number}", measure.kind.word()),
        (None, "") => measure.title.clone(),
        (None, scheme) => scheme.to_owned(),
    };
    if needs_proof && !item.has_proof {
        let missed = format!("{name}: needs a proof of origin");
        if !found.missed.contains(&missed) {
            found.missed.push(missed);
        }
        return;
    }
    let mut remarks = Vec::new();
    if let Some(number) = &measure.quota {
        if item.closed_quotas.contains(number) {
            found.missed.push(format!("{name}: the quota is exhausted or closed"));
            return;
        }
        remarks.push(format!("lawful while quota {number} has a balance on the day of acceptance"));
    }
    let reference = format!(
        "{}{}, {}",
        if measure.regulation.is_empty() { &measure.title } else { &measure.regulation },
        if measure.id.is_empty() { String::new() } else { format!(", measure {}", measure.id) },
        measure.status
    );
    let basis = Basis { name, kind: measure.kind, scheme: measure.scheme.clone(), duty, reference, remarks };
    // Of two preferences of one agreement the one drawn closest to the goods holds; measures come shortest code first.
    let rival = |known: &Basis| {
        known.kind == Kind::Preference && basis.kind == Kind::Preference && known.name == basis.name
    };
    match found.bases.iter().position(rival) {
        Some(at) => found.bases[at] = basis,
        None => found.bases.push(basis),
    }
}

fn check(measure: &Measure, conclusion: Conclusion, found: &mut Found<'_>) {
    // A prohibition without conditions forbids; another measure without conditions only announces.
    let effect = match (measure.kind, measure.conditions.is_empty()) {
        (Kind::Prohibition, true) => Effect::Refused,
        (_, true) => Effect::Allowed,
        (_, false) => conclusion.effect,
    };
    found.controls.push(Checked {
        title: told(measure),
        kind: measure.kind,
        effect,
        why: conclusion.why,
        wanted: conclusion.wanted,
        regulation: measure.regulation.clone(),
    });
}

pub(super) fn told(measure: &Measure) -> String {
    let title = if measure.title.is_empty() { measure.kind.word() } else { &measure.title };
    let quota = measure.quota.as_ref().map_or(String::new(), |number| format!(" {number}"));
    format!("{title}{quota}")
}

pub(super) fn reference(pack: &Pack, measure: &Measure) -> String {
    let place = if measure.regulation.is_empty() { &pack.name } else { &measure.regulation };
    format!("{place}, {}, measure {}, {}", told(measure), measure.id, measure.status)
}

/// A row with a figure: the ratio of net mass to the supplementary unit, or a quantity, reaches it.
fn ratio(row: &Condition, facts: &Facts<'_>) -> Result<bool, Need> {
    let Some(Duty::Unit { per, unit }) = &row.threshold else { return Err(Need::EntryPrice) };
    let have = facts.quantities.amount(unit)?;
    if row.code != "R" {
        // Quantities at most the figure (TARIC codes E and F).
        return Ok(have <= per.to_ratio());
    }
    let supplementary = facts.quantities.iter().find(|(known, _)| known.quantity() != unit.quantity());
    let (other, _) = supplementary.ok_or_else(|| Need::Quantity("supplementary unit".into()))?;
    let others = facts.quantities.amount(other)?;
    if others == Ratio::ZERO {
        return Err(Need::Quantity(other.to_string()));
    }
    Ok(have.checked_div(&others).ok_or(Need::Range)? >= per.to_ratio())
}
