//! "However, ...": what may be used in spite of a rule, and what may not.

use super::condition::condition;
use super::cursor::{Cursor, spelled};
use super::materials::{set, terms};
use super::share::limit;
use crate::origin::rule::{Allowance, Ceiling, Change, Level, Materials, Measure, Rule, Term};

/// "However, X may (not) be used [, provided their total value does not exceed ...]".
pub(super) fn however(cursor: &mut Cursor, rule: &Rule) -> Option<Rule> {
    if let Some(further) = cursor.attempt(|cursor| condition(cursor)) {
        return Some(Rule::all(vec![rule.clone(), further]));
    }
    if let Some(relaxed) = cursor.attempt(|cursor| however_list(cursor, rule)) {
        return Some(relaxed);
    }
    let of = cursor.until(&["may|can|must|shall|should|are|is", ".", "¶"]);
    if cursor.eat("may|can|must|shall|should not be used|incorporated") {
        let forbidden = terms(of, Level::Heading)?;
        return Some(with_exception(rule, forbidden));
    }
    if !cursor.eat_any(&["may|can|must|shall also? be used|incorporated", "are|is allowed|permitted"]) {
        return None;
    }
    let _ = cursor.eat_any(&["as a backing", "in|into the set"]);
    let of = set(of)?;
    allowed(cursor, rule, &of)
}

/// "However: - A, - B, or - C, of which the denomination is less than 9 decitex, may be used, provided ...": the
/// whole description is one fact about a material.
pub(super) fn however_list(cursor: &mut Cursor, rule: &Rule) -> Option<Rule> {
    if !cursor.eat(": ¶?") && !cursor.sees("•") {
        return None;
    }
    let described = cursor.until(&["may be used", "however"]);
    if described.len() > 80 || !cursor.eat("may be used") {
        return None;
    }
    let name = spelled(described);
    allowed(cursor, rule, &Materials::of(vec![Term::named(name.trim_end_matches(','))]))
}

/// What follows "may be used": nothing, or the limit up to which.
pub(super) fn allowed(cursor: &mut Cursor, rule: &Rule, of: &Materials) -> Option<Rule> {
    let start = cursor.at;
    let limited = cursor.eat_any(&[
        ",? provided|if that? their|its|the|the total|individual? customs? value|weight",
        ",? provided|if that? :? their|its|the total value",
        ",? provided|if that? the total? value of the|these|those? non-originating? materials|articles|material used?",
        ",? on condition that their|its total? value",
    ]);
    if !limited {
        cursor.at = start;
        if cursor.sees_any(&[", provided|if", "provided|if"]) {
            return None;
        }
        return Some(with_allowance(rule, &Allowance { of: of.clone(), at_most: None }));
    }
    let shares = limit(cursor)?;
    let mut ways: Vec<Rule> = shares
        .into_iter()
        .map(|share| with_allowance(rule, &Allowance { of: of.clone(), at_most: Some(share) }))
        .collect();
    Some(if ways.len() == 1 { ways.remove(0) } else { Rule::Any(ways) })
}

/// Adds what may be used all the same to the conditions on single materials.
pub(super) fn with_allowance(rule: &Rule, allowance: &Allowance) -> Rule {
    match rule {
        Rule::Change(change) => {
            let mut change = change.clone();
            change.allow.push(allowance.clone());
            Rule::Change(change)
        }
        Rule::Require(requirement) => {
            let mut requirement = requirement.clone();
            requirement.allow.push(allowance.clone());
            Rule::Require(requirement)
        }
        Rule::From(terms) => {
            let mut terms = terms.clone();
            terms.extend(allowance.of.only.iter().cloned());
            let from = Rule::From(terms);
            match allowance.at_most {
                None => from,
                Some(at_most) => {
                    let of = allowance.of.clone();
                    Rule::all(vec![
                        from,
                        Rule::Ceiling(Ceiling { measure: Measure::Value, of, each: false, at_most }),
                    ])
                }
            }
        }
        Rule::All(rules) => Rule::All(rules.iter().map(|rule| with_allowance(rule, allowance)).collect()),
        Rule::Any(rules) => Rule::Any(rules.iter().map(|rule| with_allowance(rule, allowance)).collect()),
        other => other.clone(),
    }
}

/// Forbids some materials beside what the rule forbids already.
pub(super) fn with_exception(rule: &Rule, forbidden: Vec<Term>) -> Rule {
    match rule {
        Rule::Change(change) => {
            let mut change = change.clone();
            change.except.extend(forbidden);
            Rule::Change(change)
        }
        other => Rule::all(vec![
            other.clone(),
            Rule::Change(Change { level: None, except: forbidden, allow: Vec::new() }),
        ]),
    }
}
