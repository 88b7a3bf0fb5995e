//! Measures: everything a tariff says of goods beside their ordinary rate, with where, when and under what conditions.
//!
//! The vocabulary is TARIC's: a measure has a type, a code it covers with all below it, a geographical area it is for,
//! a validity in law time, and a time it was known in; conditions, an additional code and an order number narrow it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use meridian_terms::{Country, Day, HsCode};

use crate::duty::Duty;
use crate::duty::condition::{Condition, Effect};

/// What kind of measure it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// The ordinary rate (third country duty), or one that takes its place for a time or a territory.
    Ordinary,
    /// A preference: for originating goods with a proof.
    Preference,
    /// A tariff quota open to any origin.
    Quota,
    /// A tariff quota for originating goods with a proof.
    PreferentialQuota,
    /// An autonomous suspension.
    Suspension,
    /// A relief by end use or person.
    Relief,
    /// Anti-dumping duty, definitive or provisional.
    AntiDumping,
    /// Countervailing duty, definitive or provisional.
    Countervailing,
    /// Safeguard duty.
    Safeguard,
    /// Another additional duty.
    Additional,
    /// Excise.
    Excise,
    /// Value added tax.
    Vat,
    /// A fee.
    Fee,
    /// Goods that may not cross.
    Prohibition,
    /// Goods that need a document or a check.
    Control,
    /// Goods that need a licence to leave.
    ExportControl,
    /// Goods whose crossing is only counted or announced.
    Surveillance,
    /// The unit a quantity is declared in beside mass.
    SupplementaryUnit,
}

impl Kind {
    /// The kinds by the word a pack writes.
    pub const ALL: [(&'static str, Self); 18] = [
        ("ordinary", Self::Ordinary),
        ("preference", Self::Preference),
        ("quota", Self::Quota),
        ("preferential quota", Self::PreferentialQuota),
        ("suspension", Self::Suspension),
        ("relief", Self::Relief),
        ("anti-dumping", Self::AntiDumping),
        ("countervailing", Self::Countervailing),
        ("safeguard", Self::Safeguard),
        ("additional", Self::Additional),
        ("excise", Self::Excise),
        ("vat", Self::Vat),
        ("fee", Self::Fee),
        ("prohibition", Self::Prohibition),
        ("control", Self::Control),
        ("export control", Self::ExportControl),
        ("surveillance", Self::Surveillance),
        ("supplementary unit", Self::SupplementaryUnit),
    ];

    /// The word a pack writes.
    #[must_use]
    pub fn word(self) -> &'static str {
        Self::ALL.iter().find(|(_, known)| *known == self).map_or("ordinary", |(word, _)| word)
    }

    /// The kind of a word.
    #[must_use]
    pub fn named(word: &str) -> Option<Self> {
        Self::ALL.iter().find(|(known, _)| *known == word).map(|(_, kind)| *kind)
    }

    /// The kind of a TARIC measure type, by its series and number (Commission, TARIC measure types). `None`: the type is
    /// not known here, and a set that holds it cannot be assessed.
    #[must_use]
    pub fn of_taric(series: &str, id: &str) -> Option<Self> {
        Some(match (series, id) {
            ("A", _) => Self::Prohibition,
            ("B", _) => Self::Control,
            ("C", "103" | "105") => Self::Ordinary,
            ("C", "106" | "142" | "145") => Self::Preference,
            ("C", "112" | "115" | "117" | "119" | "141") => Self::Suspension,
            ("C", "122" | "123") => Self::Quota,
            ("C", "143" | "146" | "147" | "144") => Self::PreferentialQuota,
            ("C", "118" | "140") => Self::Relief,
            ("D", "551" | "552" | "561" | "562" | "563" | "565" | "566" | "570") => Self::AntiDumping,
            ("D", "553" | "554" | "555" | "556") => Self::Countervailing,
            ("D", _) => Self::Surveillance,
            ("J", "696") => Self::Safeguard,
            ("J" | "F" | "K", _) => Self::Additional,
            ("M" | "N", _) => Self::Surveillance,
            ("O", _) => Self::SupplementaryUnit,
            ("P", _) => Self::Vat,
            ("Q", _) => Self::Excise,
            _ => return None,
        })
    }

    /// Whether it is one of the bases goods may be imported on.
    #[must_use]
    pub fn is_basis(self) -> bool {
        self <= Self::Relief
    }

    /// Whether it is a duty on top of the basis.
    #[must_use]
    pub fn is_remedy(self) -> bool {
        matches!(self, Self::AntiDumping | Self::Countervailing | Self::Safeguard | Self::Additional)
    }
}

/// Origins a measure is for.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Area {
    /// Countries and groups; empty: every origin.
    pub of: Vec<String>,
    /// Countries and groups left out.
    pub except: Vec<String>,
}

/// Groups of origins by their id. Members are the source's two letters: TARIC has some that ISO 3166 has not, such as `EU`
/// and `QP` for the high seas.
pub type Groups = BTreeMap<String, BTreeSet<String>>;

/// Whether something holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Holds {
    /// It does.
    Yes,
    /// It does not.
    No,
    /// It cannot be said, and why.
    Unknown(String),
}

impl Area {
    /// Whether an origin lies in it. A group without known members is a question, not an answer.
    #[must_use]
    pub fn holds(&self, origin: Country, groups: &Groups) -> Holds {
        let member = |name: &String| match groups.get(name) {
            Some(members) if members.is_empty() => None,
            Some(members) => Some(members.contains(origin.as_str())),
            None if name.len() == 2 => Some(name == origin.as_str()),
            None => None,
        };
        let any = |names: &[String]| {
            let mut unknown = None;
            for name in names {
                match member(name) {
                    Some(true) => return Holds::Yes,
                    Some(false) => {}
                    None => unknown = Some(name.clone()),
                }
            }
            unknown.map_or(Holds::No, |name| Holds::Unknown(format!("the members of area {name}")))
        };
        if any(&self.except) == Holds::Yes {
            return Holds::No;
        }
        if self.of.is_empty() { Holds::Yes } else { any(&self.of) }
    }
}

/// A measure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Measure {
    /// Its id in its source.
    pub id: String,
    /// What kind it is.
    pub kind: Kind,
    /// What the source calls its type: `Third country duty`.
    pub title: String,
    /// The code it covers, and all below it.
    pub code: HsCode,
    /// The origins it is for.
    pub area: Area,
    /// For imports into this territory only.
    pub territory: Option<Country>,
    /// The first day it may be in force.
    pub from: Option<Day>,
    /// The first day it no longer is.
    pub until: Option<Day>,
    /// It begins when this act enters into force, a date that must be looked up.
    pub from_act: Option<String>,
    /// The first day it was known; none: always.
    pub recorded_from: Option<Day>,
    /// The first day it was no longer held to be so.
    pub recorded_until: Option<Day>,
    /// The duty; none for controls.
    pub duty: Option<Arc<Duty>>,
    /// The additional code goods must be declared with.
    pub additional_code: Option<String>,
    /// The order number of its quota.
    pub quota: Option<String>,
    /// The agreement or scheme it belongs to.
    pub scheme: String,
    /// What must be presented or hold.
    pub conditions: Vec<Condition>,
    /// The legal act.
    pub regulation: String,
    /// Official, published, estimated or illustrative.
    pub status: String,
}

impl Measure {
    /// Whether it was held to be so on a day; no day: now.
    #[must_use]
    pub fn is_known(&self, on: Option<Day>) -> bool {
        match on {
            None => self.recorded_until.is_none(),
            Some(day) => {
                self.recorded_from.is_none_or(|from| from <= day)
                    && self.recorded_until.is_none_or(|until| day < until)
            }
        }
    }

    /// Whether it is in force on a day.
    #[must_use]
    pub fn in_force(&self, on: Option<Day>, acts: &BTreeMap<String, Day>) -> Holds {
        if self.from.is_none() && self.until.is_none() && self.from_act.is_none() {
            return Holds::Yes;
        }
        let Some(day) = on else { return Holds::Unknown("the day".into()) };
        if self.from.is_some_and(|from| day < from) || self.until.is_some_and(|until| day >= until) {
            return Holds::No;
        }
        match &self.from_act {
            None => Holds::Yes,
            Some(act) => match acts.get(act) {
                Some(begins) if day >= *begins => Holds::Yes,
                Some(_) => Holds::No,
                None => Holds::Unknown(format!("date of entry into force: {act}")),
            },
        }
    }

    /// How narrowly it is drawn: a territory, then a time, then a longer code.
    pub(crate) fn narrowness(&self) -> (bool, bool, usize) {
        let timed = self.from_act.is_some() || self.until.is_some();
        (self.territory.is_some(), timed, self.code.as_str().len())
    }
}

/// What a measure's conditions lead to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Conclusion {
    /// What follows.
    pub effect: Effect,
    /// The duty the row applies, if it has one of its own.
    pub duty: Option<Duty>,
    /// The row that decided, or the documents any of which would have led elsewhere.
    pub why: String,
    /// Documents that would satisfy a row that was not.
    pub wanted: Vec<String>,
}

/// Reads conditions: rows of one code in order, the first satisfied decides; codes are joined, refusal first.
///
/// # Errors
/// What a figure needs that was not declared.
pub fn conclude(
    conditions: &[Condition],
    documents: &BTreeSet<String>,
    ratio: impl Fn(&Condition) -> Result<bool, crate::duty::Need>,
) -> Result<Conclusion, crate::duty::Need> {
    let mut codes: Vec<&str> = Vec::new();
    for condition in conditions {
        if !codes.contains(&condition.code.as_str()) {
            codes.push(&condition.code);
        }
    }
    let mut all: Vec<Conclusion> = Vec::new();
    for code in codes {
        let mut wanted = Vec::new();
        let mut decided = None;
        // A fallback row holds for whatever the others leave, wherever the source lists it.
        let rows = conditions.iter().filter(|row| row.code == code);
        let fallback = |row: &&Condition| row.document.is_none() && row.threshold.is_none();
        for row in rows.clone().filter(|row| !fallback(row)).chain(rows.filter(fallback)) {
            let holds = match (&row.document, &row.threshold) {
                (Some(document), _) => documents.contains(document),
                (None, Some(_)) => ratio(row)?,
                (None, None) => true,
            };
            if holds {
                decided = Some(row);
                break;
            }
            wanted.extend(row.document.clone());
        }
        let Some(row) = decided else { continue };
        let effect = row.effect().unwrap_or(Effect::Refused);
        let why = match &row.document {
            Some(document) => format!("{document} is presented"),
            None if wanted.is_empty() => row.to_string(),
            None => format!("none of {} is presented", wanted.join(", ")),
        };
        all.push(Conclusion { effect, duty: row.duty.clone(), why, wanted });
    }
    // A certificate of one code may stand in for another's (TARIC's Z beside B): an allowance by a document lifts a
    // refusal that only says none was shown.
    let allowed =
        all.iter().position(|one| one.effect == Effect::Allowed && one.why.ends_with("is presented"));
    let pick = allowed.or_else(|| {
        let worst = |effect: Effect| all.iter().position(|one| one.effect == effect);
        worst(Effect::Refused)
            .or(worst(Effect::NotApplicable))
            .or(worst(Effect::Apply))
            .or(worst(Effect::Allowed))
    });
    Ok(pick.map(|at| all.swap_remove(at)).unwrap_or(Conclusion {
        effect: Effect::Apply,
        duty: None,
        why: String::new(),
        wanted: Vec::new(),
    }))
}
