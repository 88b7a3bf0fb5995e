//! Puts one movement of goods to the controls.

use std::collections::BTreeSet;

use meridian_terms::{Country, Day, HsCode, Quantity};

use super::{Certificate, Control, ControlKind, Controls, Direction, LicenceBook, LicenceId};

/// Goods on their way across a border.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Movement {
    /// Which way.
    pub direction: Direction,
    /// What.
    pub code: HsCode,
    /// Where they are from, legally.
    pub origin: Country,
    /// Where they go.
    pub destination: Country,
    /// What they will be used for, if that was stated.
    pub end_use: Option<String>,
    /// The day of the declaration.
    pub day: Day,
    /// How much.
    pub quantity: Option<Quantity>,
    /// The papers that travel with them.
    pub documents: Vec<Document>,
}

/// A paper presented for a movement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Document {
    /// A document named by its kind and reference, checked by the officer: `conformity declaration`.
    Reference {
        /// Its kind.
        kind: String,
        /// Its number.
        number: String,
    },
    /// A veterinary or phytosanitary certificate, checked here.
    Certificate(Box<Certificate>),
    /// A licence held in the licence book, checked here.
    Licence(LicenceId),
}

/// How one control came out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Outcome {
    /// Its document is there and good.
    Satisfied,
    /// A document or a fact is missing.
    Needed,
    /// The goods may not cross.
    Refused,
}

/// One control that touches a movement, and how it came out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The control's id.
    pub control: String,
    /// What kind of law.
    pub kind: ControlKind,
    /// How it came out.
    pub outcome: Outcome,
    /// Why, in words.
    pub why: String,
    /// The documents that would satisfy it.
    pub documents: Vec<String>,
    /// Who issues them.
    pub issued_by: String,
    /// How they are checked.
    pub checked: String,
    /// The act that says so.
    pub rule: String,
    /// Whether the row is an illustration.
    pub is_illustrative: bool,
}

/// All that touches a movement. Refused beats needed beats satisfied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Review {
    /// The worst outcome; `Satisfied` when no control touches the goods.
    pub outcome: Outcome,
    /// Every control that touches them.
    pub answers: Vec<Answer>,
}

impl Controls {
    /// Reviews a movement against every control in force.
    #[must_use]
    pub fn review(&self, movement: &Movement, licences: &LicenceBook) -> Review {
        let answers: Vec<Answer> =
            self.rows().iter().filter_map(|control| answer(control, movement, licences)).collect();
        let outcome = answers.iter().map(|answer| answer.outcome).max().unwrap_or(Outcome::Satisfied);
        Review { outcome, answers }
    }
}

fn answer(control: &Control, movement: &Movement, licences: &LicenceBook) -> Option<Answer> {
    if !covers(control, movement) {
        return None;
    }
    let (outcome, why) = match use_of(control, movement) {
        Use::Outside => return None,
        Use::Unstated => (Outcome::Needed, "the end use decides, and was not stated".to_owned()),
        Use::Inside if control.documents.is_empty() => {
            (Outcome::Refused, "the goods may not cross".to_owned())
        }
        Use::Inside => documents(control, movement, licences),
    };
    Some(Answer {
        control: control.id.clone(),
        kind: control.kind,
        outcome,
        why,
        documents: control.documents.iter().cloned().collect(),
        issued_by: control.issued_by.clone(),
        checked: control.checked.clone(),
        rule: control.rule.clone(),
        is_illustrative: control.is_illustrative,
    })
}

fn covers(control: &Control, movement: &Movement) -> bool {
    // A code shorter than the control's may still hold controlled goods, so either direction of "below" counts.
    let touches = |code: &HsCode| movement.code.is_below(code) || code.is_below(&movement.code);
    let empty_or = |set: &BTreeSet<Country>, country| set.is_empty() || set.contains(country);
    control.direction == movement.direction
        && control.validity.contains(movement.day)
        && control.codes.iter().any(touches)
        && !control.except.iter().any(|code| movement.code.is_below(code))
        && empty_or(&control.origins, &movement.origin)
        && empty_or(&control.destinations, &movement.destination)
}

enum Use {
    Inside,
    Outside,
    Unstated,
}

fn use_of(control: &Control, movement: &Movement) -> Use {
    let asks = !control.end_uses.is_empty() || !control.exempt_uses.is_empty();
    match &movement.end_use {
        Some(stated) if control.exempt_uses.contains(stated) => Use::Outside,
        Some(stated) if !control.end_uses.is_empty() && !control.end_uses.contains(stated) => Use::Outside,
        None if asks && !control.end_uses.is_empty() => Use::Unstated,
        _ => Use::Inside,
    }
}

fn documents(control: &Control, movement: &Movement, licences: &LicenceBook) -> (Outcome, String) {
    let mut why = Vec::new();
    for document in &movement.documents {
        match examine(document, control, movement, licences) {
            Some(Ok(told)) => return (Outcome::Satisfied, told),
            Some(Err(objection)) => why.push(objection),
            None => {}
        }
    }
    if why.is_empty() {
        let asked: Vec<&str> = control.documents.iter().map(String::as_str).collect();
        return (Outcome::Needed, format!("needs: {}", asked.join(" or ")));
    }
    (Outcome::Needed, why.join("; "))
}

/// Whether a document satisfies a control: `None` when it is of another kind, else yes or why not.
fn examine(
    document: &Document,
    control: &Control,
    movement: &Movement,
    licences: &LicenceBook,
) -> Option<Result<String, String>> {
    match document {
        Document::Reference { kind, number } if control.documents.contains(kind) => {
            // A bare reference never stands for a paper that can be examined here.
            if number.trim().is_empty() {
                return Some(Err(format!("the {kind} has no number")));
            }
            Some(Ok(format!("{kind} {number}")))
        }
        Document::Certificate(certificate) if control.documents.contains(certificate.kind.document()) => {
            let objections = certificate.objections(movement);
            Some(if objections.is_empty() {
                Ok(format!("{} {}", certificate.kind.document(), certificate.number))
            } else {
                Err(format!("certificate {}: {}", certificate.number, objections.join(", ")))
            })
        }
        Document::Licence(id) => {
            let licence = licences.licence(id)?;
            if !control.documents.contains(&licence.document) {
                return None;
            }
            let objections = licences.objections(id, movement);
            Some(if objections.is_empty() {
                Ok(format!("{} {}", licence.document, id.as_str()))
            } else {
                Err(format!("licence {}: {}", id.as_str(), objections.join(", ")))
            })
        }
        _ => None,
    }
}
