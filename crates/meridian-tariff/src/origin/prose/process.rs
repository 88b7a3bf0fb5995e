//! Operations: "Spinning of natural fibres combined with weaving", "Dyeing or printing, provided that ...".

use super::cursor::{Cursor, spelled};
use crate::origin::rule::Rule;
use crate::origin::words::Word;

/// Nouns that name an operation without ending in "ing".
const OPERATIONS: [&str; 26] = [
    "extrusion", "separation", "purification", "calcination", "operations", "isomer", "production", "standard", "biotechnological",
    "electrolytic", "hand-decoration", "thermal", "fusion", "formation", "non-woven", "nonwoven", "assembly", "chemical", "change",
    "distillation", "decoration", "recovery", "repair", "treatment", "fermentation", "impregnation",
];

/// Reads operations joined by "or", "combined with", "accompanied by"; the looser joint, after a comma, binds
/// last: `A or B, combined with C` is `(A or B) and C`.
pub(crate) fn process(cursor: &mut Cursor) -> Option<Rule> {
    if let Some(rule) = cursor.attempt(specific) {
        return Some(rule);
    }
    if !begins(cursor) {
        return None;
    }
    let mut rule = alternatives(cursor)?;
    while cursor.eat_any(&[
        ", in each case accompanied|combined by|with",
        ", combined|accompanied with|by",
        ", followed|preceded by",
    ]) {
        let with = companions(cursor)?;
        rule = Rule::all(vec![rule, with]);
    }
    Some(rule)
}

/// "One or more of the following", "a chemical reaction, purification, ... is undergone", "refining and/or one
/// or more specific process(es)".
fn specific(cursor: &mut Cursor) -> Option<Rule> {
    if cursor.eat("operations of refining and/or|and or? one or more specific process ( es )") {
        return Some(Rule::Any(vec![
            Rule::Done("refining".to_owned()),
            Rule::Done("a specific process of the introductory notes".to_owned()),
        ]));
    }
    if cursor.eat("specific process ( es )") {
        return Some(Rule::Done("a specific process of the introductory notes".to_owned()));
    }
    // A list that ends in "is undergone" names operations whatever their words.
    let phrase = cursor.until(&["is|are undergone", ".", "¶", "•"]);
    if phrase.is_empty() || !cursor.eat("is|are undergone") {
        return None;
    }
    let parts: Vec<Rule> = phrase
        .split(|word| matches!(word.text.as_str(), "," | "or"))
        .filter(|part| !part.is_empty())
        .map(|part| operation(part).map(Rule::Done))
        .collect::<Option<_>>()?;
    Some(Rule::any(parts))
}

/// Whether an operation begins here.
fn begins(cursor: &Cursor) -> bool {
    let at = |offset: usize| cursor.words.get(cursor.at + offset).map_or("", |word| word.text.as_str());
    let names = |word: &str| is_gerund(word) || OPERATIONS.contains(&word);
    // An adjective or two may stand before: "simple mixing", "yarn dyeing", "complete making-up".
    let foreign = ["manufacture", "however", "all", "the", "from", "in", "no", "for", "see", "if", "any", "materials", "or", "which", "a", "good", "goods"];
    names(at(0)) || (!foreign.contains(&at(0)) && at(0).chars().all(|c| c.is_alphabetic() || c == '-') && !at(0).is_empty() && (names(at(1)) || (at(1) == "fabric" && names(at(2)))))
}

fn is_gerund(word: &str) -> bool {
    const NOT: [&str; 14] = [
        "heading", "subheading", "including", "following", "exceeding", "originating", "non-originating", "during", "clothing", "being",
        "king", "string", "excluding", "according",
    ];
    let stem = word.strip_suffix("ing").unwrap_or("");
    (stem.len() >= 2 && !NOT.contains(&word)) || word.starts_with("making-up")
}

fn alternatives(cursor: &mut Cursor) -> Option<Rule> {
    let mut rules = vec![sequence(cursor)?];
    loop {
        let start = cursor.at;
        let or = cursor.eat_any(&[", ¶? • or", ", or ¶?", "or ¶?", ";? or"]);
        if or && begins(cursor) {
            rules.push(sequence(cursor)?);
            continue;
        }
        cursor.at = start;
        // A comma between bare operations is an "or" or "and" still to come.
        if cursor.eat(",") && begins(cursor) && !cursor.sees_any(&["combined", "accompanied"]) {
            rules.push(sequence(cursor)?);
            continue;
        }
        cursor.at = start;
        break;
    }
    Some(Rule::any(rules))
}

const STOPS: [&str; 32] = [
    ",", ".", ";", "¶", "•", ":", "combined with", "combined by", "accompanied by", "accompanied with", "preceded by", "followed by", "provided",
    "in which", "where", "together with", "with the value", "from", "however", "and|or the", "using materials", "if", "or manufacture", "is", "are", "does", "must", "may",
    "%", "and either", "whereby", "unless",
];

fn sequence(cursor: &mut Cursor) -> Option<Rule> {
    let mut rules = vec![single(cursor)?];
    loop {
        let start = cursor.at;
        if cursor.eat_any(&["combined|accompanied|together with|by", "followed|preceded by", "with|including companions"]) {
            rules.push(companions(cursor)?);
            continue;
        }
        if cursor.eat_any(&["and", ", and"]) && begins(cursor) {
            rules.push(single(cursor)?);
            continue;
        }
        cursor.at = start;
        break;
    }
    Some(Rule::all(rules))
}

/// After "combined with": one operation, or several joined by "or", "or with", "or by". A bare operation after
/// "or" goes on with the list; one with its own object begins a new alternative.
fn companions(cursor: &mut Cursor) -> Option<Rule> {
    let _ = cursor.eat("either");
    let mut rules = vec![joined(cursor)?];
    loop {
        let start = cursor.at;
        if cursor.eat_any(&["or with|by", ", or? with|by", ", accompanied|combined by|with"]) && begins_operation(cursor) {
            rules.push(joined(cursor)?);
            continue;
        }
        cursor.at = start;
        let or = cursor.eat_any(&["or", ", or"]);
        let bare = cursor.words.get(cursor.at + 1).is_none_or(|next| next.text != "of");
        if or && bare && begins(cursor) && !cursor.sees_any(&["making-up"]) && !leads_on(cursor) {
            rules.push(joined(cursor)?);
            continue;
        }
        cursor.at = start;
        break;
    }
    Some(Rule::any(rules))
}

fn begins_operation(cursor: &Cursor) -> bool {
    begins(cursor) || cursor.sees_any(&["at least", "any"])
}

/// Whether the operation here has companions of its own ("or weaving combined with ..."): a new alternative.
fn leads_on(cursor: &Cursor) -> bool {
    let mut ahead = cursor.clone();
    ahead.until(&["combined|accompanied", ",", ".", "or", "¶"]);
    ahead.sees("combined|accompanied")
}

/// One operation and what is joined to it by "and": "knitting and making-up".
fn joined(cursor: &mut Cursor) -> Option<Rule> {
    let mut rules = vec![single(cursor)?];
    loop {
        let start = cursor.at;
        if cursor.eat("and with|by?") && begins(cursor) {
            rules.push(single(cursor)?);
            continue;
        }
        cursor.at = start;
        break;
    }
    Some(Rule::all(rules))
}

/// One operation with its object: "cutting of glassware"; "at least two preparatory or finishing operations
/// (such as ...)" whole.
fn single(cursor: &mut Cursor) -> Option<Rule> {
    let _ = cursor.eat("the|a");
    let start = cursor.at;
    let mut depth = 0_usize;
    while !cursor.at_end() {
        match cursor.peek() {
            "(" => depth += 1,
            ")" => depth = depth.checked_sub(1)?,
            _ if depth > 0 => {}
            "and" | "or" | "and/or" => {
                // "natural or man-made staple fibres" is one object; "or dyeing" is another operation.
                let mut ahead = cursor.clone();
                ahead.at += 1;
                let _ = ahead.eat("with|by|or");
                if begins(&ahead) || ahead.sees_any(&["the value", "in which", "at least", "any", "manufacture", "production"]) || ahead.at_end() || ahead.sees("¶|•") {
                    break;
                }
            }
            _ if cursor.at > start && cursor.sees_any(&STOPS) => break,
            _ => {}
        }
        cursor.at += 1;
    }
    operation(&cursor.words[start..cursor.at]).map(Rule::Done)
}

/// The operation's words as the bill of materials states them.
fn operation(words: &[Word]) -> Option<String> {
    let words: &[Word] = match words.split_first() {
        Some((first, rest)) if matches!(first.text.as_str(), "a" | "the" | "an") => rest,
        _ => words,
    };
    let spoken = words.iter().filter(|word| !word.is_mark()).count();
    let strange = words.iter().any(|word| matches!(word.text.as_str(), "exceed" | "value" | "price" | "%" | "however" | "provided"));
    (spoken > 0 && spoken <= 45 && !strange).then(|| spelled(words))
}
