//! Licences that are drawn down: a small book. [`decide`] says what would happen, [`apply`] makes it so.

use std::collections::BTreeMap;

use borsh::{BorshDeserialize, BorshSerialize};
use meridian_terms::{Country, Day, HsCode, Moment, Quantity, Refusal, Retry, Window};

use super::Movement;

/// A licence's number.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, BorshSerialize, BorshDeserialize)]
pub struct LicenceId(String);

impl LicenceId {
    /// A number of 1 to 64 printable characters.
    ///
    /// # Errors
    /// `licence.id`.
    pub fn new(text: &str) -> Result<Self, Refusal> {
        if text.is_empty() || text.len() > 64 || text.chars().any(|c| c.is_control() || c.is_whitespace()) {
            return Err(Refusal::new("licence.id", format!("{text:?} is not a licence number"))
                .rule("1 to 64 printable characters without spaces"));
        }
        Ok(Self(text.to_owned()))
    }

    /// The number as written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Leave to move a quantity of goods.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Licence {
    /// Its number.
    pub id: LicenceId,
    /// The kind of document, as a pack's controls name it: `export licence`.
    pub document: String,
    /// Whose it is.
    pub holder: String,
    /// For which goods: prefixes.
    pub codes: Vec<HsCode>,
    /// To which countries; empty: any.
    pub destinations: Vec<Country>,
    /// For which end use; `None`: any.
    pub end_use: Option<String>,
    /// How much.
    pub quantity: Quantity,
    /// When it may be used.
    pub validity: Window<Day>,
}

/// What may be asked of the licence book.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub enum LicenceCommand {
    /// Enters a licence.
    Issue(Licence),
    /// Draws a quantity for one declaration.
    Draw {
        /// From which licence.
        id: LicenceId,
        /// For which declaration: a repeat is refused.
        declaration: String,
        /// How much.
        quantity: Quantity,
    },
    /// Gives a drawn quantity back: the goods did not move.
    Restore {
        /// To which licence.
        id: LicenceId,
        /// Of which declaration.
        declaration: String,
    },
    /// Ends a licence.
    Revoke(LicenceId),
}

/// What happened to a licence.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub enum LicenceEvent {
    /// It was entered.
    Issued(Licence),
    /// It was drawn upon, in its own unit.
    Drawn {
        /// Which.
        id: LicenceId,
        /// For which declaration.
        declaration: String,
        /// How much.
        quantity: Quantity,
    },
    /// A draw was given back.
    Restored {
        /// Which.
        id: LicenceId,
        /// Of which declaration.
        declaration: String,
    },
    /// It was ended.
    Revoked(LicenceId),
}

#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
struct Held {
    licence: Licence,
    drawn: BTreeMap<String, Quantity>,
    is_revoked: bool,
}

/// The licences and what was drawn from them.
///
/// **Invariant:** what was drawn from a licence never exceeds its quantity.
#[derive(Debug, Clone, Default, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct LicenceBook {
    licences: BTreeMap<LicenceId, Held>,
}

impl LicenceBook {
    /// A licence by its number.
    #[must_use]
    pub fn licence(&self, id: &LicenceId) -> Option<&Licence> {
        self.licences.get(id).map(|held| &held.licence)
    }

    /// What is left of a licence.
    #[must_use]
    pub fn left(&self, id: &LicenceId) -> Option<Quantity> {
        let held = self.licences.get(id)?;
        let mut left = held.licence.quantity.amount;
        for drawn in held.drawn.values() {
            left = left.checked_sub(&drawn.amount)?;
        }
        Some(Quantity::new(left, held.licence.quantity.unit))
    }

    /// What was drawn for declarations of this beginning, by licence and declaration.
    pub fn drawn<'a>(
        &'a self,
        declaration: &'a str,
    ) -> impl Iterator<Item = (&'a LicenceId, &'a str, Quantity)> {
        self.licences.iter().flat_map(move |(id, held)| {
            let of = held.drawn.iter().filter(move |(name, _)| name.starts_with(declaration));
            of.map(move |(name, quantity)| (id, name.as_str(), *quantity))
        })
    }

    /// Every licence, by number, with what is left of it.
    pub fn licences(&self) -> impl Iterator<Item = (&Licence, Option<Quantity>)> {
        self.licences.iter().map(|(id, held)| (&held.licence, self.left(id)))
    }

    /// Why a licence does not serve for a movement; empty: it does.
    #[must_use]
    pub fn objections(&self, id: &LicenceId, movement: &Movement) -> Vec<String> {
        let Some(held) = self.licences.get(id) else { return vec!["unknown".to_owned()] };
        let licence = &held.licence;
        let mut objections = Vec::new();
        if held.is_revoked {
            objections.push("revoked".to_owned());
        }
        if !licence.validity.contains(movement.day) {
            objections.push(format!("not valid on {}", movement.day));
        }
        if !licence.codes.iter().any(|code| movement.code.is_below(code)) {
            objections.push(format!("not for {}", movement.code));
        }
        if !licence.destinations.is_empty() && !licence.destinations.contains(&movement.destination) {
            objections.push(format!("not for {}", movement.destination));
        }
        if licence.end_use.is_some() && licence.end_use != movement.end_use {
            objections.push("for another end use".to_owned());
        }
        match (movement.quantity, self.left(id)) {
            (None, _) => objections.push("needs: the quantity".to_owned()),
            (Some(moved), Some(left)) => match moved.to(left.unit) {
                Ok(moved) if moved.amount > left.amount => {
                    objections.push(format!("{left} left, {moved} moves"));
                }
                Ok(_) => {}
                Err(_) => objections.push(format!("needs: the quantity in {}", left.unit)),
            },
            (Some(_), None) => objections.push("its balance is out of range".to_owned()),
        }
        objections
    }
}

fn refusal(code: &'static str, what: String, next: &'static str) -> Refusal {
    Refusal::new(code, what).next(next).retry(Retry::Never)
}

/// Decides a command at a moment.
///
/// # Errors
/// In this order: `licence.unknown`, `licence.exists`, `licence.drawn_before`, `licence.not_drawn`,
/// `licence.revoked`, `licence.outside_validity`, `licence.quantity`, `licence.exhausted`.
pub fn decide(book: &LicenceBook, command: &LicenceCommand, at: Moment) -> Result<LicenceEvent, Refusal> {
    let held = |id: &LicenceId| {
        book.licences.get(id).ok_or_else(|| {
            refusal("licence.unknown", format!("{} is not in the book", id.0), "enter it first")
        })
    };
    match command {
        LicenceCommand::Issue(licence) => {
            if book.licences.contains_key(&licence.id) {
                return Err(refusal("licence.exists", licence.id.0.clone(), "use another number"));
            }
            if licence.quantity.amount.is_negative() || licence.quantity.amount.is_zero() {
                return Err(refusal(
                    "licence.quantity",
                    licence.quantity.to_string(),
                    "a quantity above zero",
                ));
            }
            Ok(LicenceEvent::Issued(licence.clone()))
        }
        LicenceCommand::Draw { id, declaration, quantity } => {
            let held = held(id)?;
            if held.drawn.contains_key(declaration) {
                return Err(refusal("licence.drawn_before", declaration.clone(), "its draw stands"));
            }
            if held.is_revoked {
                return Err(refusal("licence.revoked", id.0.clone(), "use another licence"));
            }
            if !held.licence.validity.contains(at.day()) {
                return Err(refusal(
                    "licence.outside_validity",
                    format!("{} on {}", id.0, at.day()),
                    "use it in its time",
                ));
            }
            let drawn = quantity.to(held.licence.quantity.unit)?;
            if drawn.amount.is_negative() || drawn.amount.is_zero() {
                return Err(refusal("licence.quantity", quantity.to_string(), "a quantity above zero"));
            }
            match book.left(id) {
                Some(left) if drawn.amount <= left.amount => Ok(LicenceEvent::Drawn {
                    id: id.clone(),
                    declaration: declaration.clone(),
                    quantity: drawn,
                }),
                left => {
                    let left = left.map_or_else(|| "nothing".to_owned(), |left| left.to_string());
                    Err(refusal(
                        "licence.exhausted",
                        format!("{left} left, {drawn} asked"),
                        "ask for less, or another licence",
                    ))
                }
            }
        }
        LicenceCommand::Restore { id, declaration } => {
            if !held(id)?.drawn.contains_key(declaration) {
                return Err(refusal(
                    "licence.not_drawn",
                    declaration.clone(),
                    "restore a draw that was made",
                ));
            }
            Ok(LicenceEvent::Restored { id: id.clone(), declaration: declaration.clone() })
        }
        LicenceCommand::Revoke(id) => held(id).map(|_| LicenceEvent::Revoked(id.clone())),
    }
}

/// Applies an event that [`decide`] gave. Cannot fail.
pub fn apply(book: &mut LicenceBook, event: &LicenceEvent) {
    match event {
        LicenceEvent::Issued(licence) => {
            let held = Held { licence: licence.clone(), drawn: BTreeMap::new(), is_revoked: false };
            book.licences.insert(licence.id.clone(), held);
        }
        LicenceEvent::Drawn { id, declaration, quantity } => {
            if let Some(held) = book.licences.get_mut(id) {
                held.drawn.insert(declaration.clone(), *quantity);
            }
        }
        LicenceEvent::Restored { id, declaration } => {
            if let Some(held) = book.licences.get_mut(id) {
                held.drawn.remove(declaration);
            }
        }
        LicenceEvent::Revoked(id) => {
            if let Some(held) = book.licences.get_mut(id) {
                held.is_revoked = true;
            }
        }
    }
}
