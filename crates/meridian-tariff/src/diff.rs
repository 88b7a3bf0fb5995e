//! What changed between two packs, or between two days of one.

use std::collections::BTreeMap;

use meridian_terms::{Day, HsCode};

use crate::measure::{Holds, Kind, Measure};
use crate::pack::{Line, Pack};

/// One difference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// `line`, `rate of exchange`, or the measure's kind.
    pub what: String,
    /// The code, or the currency.
    pub subject: String,
    /// What was; none: it is new.
    pub before: Option<String>,
    /// What is; none: it is gone.
    pub after: Option<String>,
}

/// What differs between two packs: lines by code, measures by id, exchange rates.
#[must_use]
pub fn between(before: &Pack, after: &Pack) -> Vec<Change> {
    let mut changes = Vec::new();
    let line = |line: &Line| (line.code.to_string(), told_line(line));
    compare("line", before.lines().map(line), after.lines().map(line), &mut changes);
    for (word, kind) in Kind::ALL {
        let of = |pack: &Pack| -> Vec<(String, String)> {
            let mine = pack.measures().iter().filter(|measure| measure.kind == kind);
            mine.map(|measure| (format!("{} {}", measure.code, measure.id), told(measure))).collect()
        };
        compare(word, of(before).into_iter(), of(after).into_iter(), &mut changes);
    }
    let rates = |pack: &Pack| -> Vec<(String, String)> {
        let each = pack.rates.iter().flat_map(|(currency, rates)| {
            rates.iter().map(move |rate| {
                let from = rate.from.map_or(String::new(), |from| format!(" of {from}"));
                (format!("{currency}{from}"), rate.written.clone())
            })
        });
        each.collect()
    };
    compare("rate of exchange", rates(before).into_iter(), rates(after).into_iter(), &mut changes);
    changes
}

/// Whose ordinary rate is another on another day: notes and temporary rates that begin or end between them.
#[must_use]
pub fn days(pack: &Pack, first: Day, second: Day) -> Vec<Change> {
    let mut changes = Vec::new();
    for line in pack.lines() {
        let on = |day| ordinary(pack, &line.code, line, day);
        let (before, after) = (on(first), on(second));
        if before != after {
            changes.push(Change {
                what: "line".into(),
                subject: line.code.to_string(),
                before: Some(before),
                after: Some(after),
            });
        }
    }
    changes
}

/// The ordinary rate of a line on a day, in words; an open question is said.
fn ordinary(pack: &Pack, code: &HsCode, line: &Line, day: Day) -> String {
    let territory = |measure: &&Measure| measure.territory.is_none_or(|only| only == pack.territory);
    let mut best: Option<&Measure> = None;
    let mut open = String::new();
    for measure in pack.measures_of(code).filter(|measure| measure.kind == Kind::Ordinary).filter(territory) {
        match measure.in_force(Some(day), &pack.acts) {
            Holds::Yes if best.is_none_or(|known| known.narrowness() < measure.narrowness()) => {
                best = Some(measure)
            }
            Holds::Unknown(what) => open = format!(" (unless {}: not known {what})", told(measure)),
            _ => {}
        }
    }
    let duty = best.and_then(|measure| measure.duty.clone()).or_else(|| line.duty.clone());
    duty.map_or("no rate".into(), |duty| duty.to_string()) + &open
}

fn told_line(line: &Line) -> String {
    let duty = line.duty.as_ref().map_or(String::new(), |duty| duty.to_string());
    let vat = line.vat.map_or(String::new(), |vat| format!("; VAT {vat} %"));
    format!("{duty}{vat}")
}

fn told(measure: &Measure) -> String {
    let duty = measure.duty.as_ref().map_or(String::new(), |duty| duty.to_string());
    let mut told = duty;
    let mut add = |name: &str, value: String| {
        if !value.is_empty() {
            told.push_str(&format!("; {name} {value}"));
        }
    };
    add("for", measure.area.of.join(" "));
    add("except", measure.area.except.join(" "));
    add("into", measure.territory.map_or(String::new(), |territory| territory.as_str().to_owned()));
    add("from", measure.from.map_or(String::new(), |day| day.to_string()));
    add("until", measure.until.map_or(String::new(), |day| day.to_string()));
    add("when in force", measure.from_act.clone().unwrap_or_default());
    let conditions: Vec<String> = measure.conditions.iter().map(ToString::to_string).collect();
    add("conditions", conditions.join(", "));
    told
}

fn compare(
    what: &str,
    before: impl Iterator<Item = (String, String)>,
    after: impl Iterator<Item = (String, String)>,
    changes: &mut Vec<Change>,
) {
    let before: BTreeMap<String, String> = before.collect();
    let mut after: BTreeMap<String, String> = after.collect();
    for (subject, was) in before {
        let is = after.remove(&subject);
        if is.as_ref() != Some(&was) {
            changes.push(Change { what: what.to_owned(), subject, before: Some(was), after: is });
        }
    }
    for (subject, is) in after {
        changes.push(Change { what: what.to_owned(), subject, before: None, after: Some(is) });
    }
}
