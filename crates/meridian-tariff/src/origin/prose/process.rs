//! Operations: "Spinning of natural fibres combined with weaving", "Dyeing or printing, provided that ...".

use super::cursor::{Cursor, Joint, spelled};
use crate::origin::rule::Rule;
use crate::origin::words::Word;

/// Nouns that name an operation without ending in "ing".
const OPERATIONS: [&str; 35] = [
    "extrusion",
    "separation",
    "purification",
    "calcination",
    "operations",
    "isomer",
    "production",
    "standard",
    "biotechnological",
    "electrolytic",
    "hand-decoration",
    "thermal",
    "fusion",
    "formation",
    "non-woven",
    "nonwoven",
    "assembly",
    "chemical",
    "distillation",
    "decoration",
    "recovery",
    "repair",
    "treatment",
    "fermentation",
    "impregnation",
    "lamination",
    "removal",
    "esterification",
    "hydrogenation",
    "polymerisation",
    "crystallisation",
    "enrichment",
    "isolation",
    "preparation",
    "denaturing",
];

/// Reads operations joined by "or", "combined with", "accompanied by"; the looser joint, after a comma, binds
/// last: `A or B, combined with C` is `(A or B) and C`.
pub(crate) fn process(cursor: &mut Cursor) -> Option<Rule> {
    if let Some(rule) = cursor.attempt(specific) {
        return Some(rule);
    }
    if !begins(cursor) && !cursor.sees("the operation of") {
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
    // Rules the notes of an agreement define: "chemical reaction rule".
    if let Some(name) = NOTED.iter().find(|name| cursor.eat(&format!("the? {name} rule"))) {
        return Some(Rule::Done((*name).to_owned()));
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

/// Operations of the chemical chapters that agreements define in their notes.
const NOTED: [&str; 8] = [
    "chemical reaction",
    "purification",
    "mixing and blending",
    "change in particle size",
    "production of standard materials",
    "standard materials",
    "isomer separation",
    "biotechnological processing",
];

/// Whether an operation begins here.
fn begins(cursor: &Cursor) -> bool {
    let at = |offset: usize| cursor.words.get(cursor.at + offset).map_or("", |word| word.text.as_str());
    let names = |word: &str| is_gerund(word) || OPERATIONS.contains(&word);
    // An adjective or two may stand before: "simple mixing", "yarn dyeing", "complete making-up".
    let foreign = [
        "manufacture",
        "however",
        "all",
        "the",
        "from",
        "in",
        "no",
        "for",
        "see",
        "if",
        "any",
        "materials",
        "or",
        "which",
        "a",
        "good",
        "goods",
        "and",
        "by",
        "with",
        "of",
        "at",
        "not",
    ];
    names(at(0))
        || (!foreign.contains(&at(0))
            && at(0).chars().all(|c| c.is_alphabetic() || c == '-')
            && !at(0).is_empty()
            && (names(at(1)) || (at(1) == "fabric" && names(at(2)))))
}

fn is_gerund(word: &str) -> bool {
    const NOT: [&str; 14] = [
        "heading",
        "subheading",
        "including",
        "following",
        "exceeding",
        "originating",
        "non-originating",
        "during",
        "clothing",
        "being",
        "king",
        "string",
        "excluding",
        "according",
    ];
    let stem = word.strip_suffix("ing").unwrap_or("");
    (stem.len() >= 2 && !NOT.contains(&word)) || word.starts_with("making-up")
}

/// Operations in a list. A comma takes the meaning of the conjunction that ends its list, an object said once
/// serves the whole list ("calcination or grinding of earth colours"), and so does what follows "combined with"
/// ("weaving or knitting accompanied by making-up").
fn alternatives(cursor: &mut Cursor) -> Option<Rule> {
    let mut ways = Vec::new();
    loop {
        let (items, joint) = run(cursor)?;
        let rules: Vec<Rule> = items.into_iter().map(Rule::Done).collect();
        let mut rule = if joint == Joint::And { Rule::all(rules) } else { Rule::any(rules) };
        while cursor.eat_any(&[
            "combined|accompanied|together with|by",
            "followed|preceded by",
            ",? in addition to",
        ]) {
            rule = Rule::all(vec![rule, companions(cursor)?]);
        }
        ways.push(rule);
        let start = cursor.at;
        if !(cursor.eat_any(&[", or", "or"]) && same_sentence(cursor) && begins(cursor)) {
            cursor.at = start;
            break;
        }
    }
    Some(Rule::any(ways))
}

/// Operations up to the first that has companions or an object of its own while those before it have one too.
fn run(cursor: &mut Cursor) -> Option<(Vec<String>, Joint)> {
    let mut items = vec![single(cursor)?];
    let mut joint = Joint::Mark;
    loop {
        let start = cursor.at;
        let last_has_object = items.last().is_some_and(|item| item.contains(" of "));
        let next = if cursor.eat_any(&[", and", "and"]) {
            Joint::And
        } else if cursor.eat_any(&[", or", "or", "and/or"]) {
            Joint::Or
        } else if cursor.eat(",") {
            Joint::Mark
        } else {
            break;
        };
        let goes_on = same_sentence(cursor)
            && (begins(cursor) || cursor.sees("any mechanical operation"))
            && !cursor.sees_any(&["combined", "accompanied", "followed", "preceded", "including"])
            && !(last_has_object && next != Joint::And)
            && (joint == Joint::Mark || next == joint);
        let Some(item) = goes_on.then(|| single(cursor)).flatten() else {
            cursor.at = start;
            break;
        };
        if next != Joint::Mark {
            joint = next;
        }
        items.push(item);
    }
    let object = items
        .last()
        .and_then(|last| last.split_once(" of "))
        .filter(|(before, _)| !before.contains('('))
        .map(|(_, object)| object.to_owned());
    if let Some(object) = object {
        for item in &mut items {
            if !item.contains(' ') {
                *item = format!("{item} of {object}");
            }
        }
    }
    Some((items, joint))
}

/// Whether no new paragraph and no capital begins here: "or Printing ..." is another rule.
fn same_sentence(cursor: &Cursor) -> bool {
    cursor.words.get(cursor.at).is_some_and(|word| !word.capital && word.text != "¶" && word.text != "•")
}

const STOPS: [&str; 39] = [
    ",",
    ".",
    ";",
    "¶",
    "•",
    ":",
    "combined with",
    "combined by",
    "accompanied by",
    "accompanied with",
    "preceded by",
    "followed by",
    "provided",
    "in which",
    "where",
    "together with",
    "with the value",
    "from",
    "however",
    "and|or the",
    "using materials",
    "if",
    "or manufacture",
    "is",
    "are",
    "does",
    "must",
    "may",
    "%",
    "and either",
    "whereby",
    "unless",
    "for special|the? special? conditions",
    "see",
    "in addition to",
    "of the ex-works",
    "in accordance with",
    "or with|by",
    "not exceeding",
];

/// After "combined with": one operation, or several joined by "or", "or with", "or by". A bare operation after
/// "or" goes on with the list; one with its own object begins a new alternative.
fn companions(cursor: &mut Cursor) -> Option<Rule> {
    let _ = cursor.eat("either");
    let mut ways = vec![joined(cursor)?];
    loop {
        let start = cursor.at;
        if cursor.eat_any(&["or with|by", ", or? with|by"]) && begins_operation(cursor) {
            ways.push(joined(cursor)?);
            continue;
        }
        cursor.at = start;
        let conjoined = cursor.eat_any(&["or", ", or", ","]);
        let bare = cursor.words.get(cursor.at + 1).is_none_or(|next| next.text != "of");
        if conjoined && bare && same_sentence(cursor) && begins(cursor) && !leads_on(cursor) {
            ways.push(joined(cursor)?);
            continue;
        }
        cursor.at = start;
        break;
    }
    Some(Rule::any(ways))
}

fn begins_operation(cursor: &Cursor) -> bool {
    begins(cursor) || cursor.sees_any(&["at least", "any"])
}

/// Whether what stands here belongs to no list of companions: it has companions of its own ("or weaving
/// combined with ..."), or is itself a connective.
fn leads_on(cursor: &Cursor) -> bool {
    let mut ahead = cursor.clone();
    ahead.until(&["combined|accompanied|preceded|followed", ",", ".", "or", "¶"]);
    ahead.sees("combined|accompanied|preceded|followed") || cursor.sees("including")
}

/// One operation and what is joined to it by "and": "knitting and making-up".
fn joined(cursor: &mut Cursor) -> Option<Rule> {
    let mut rules = vec![Rule::Done(single(cursor)?)];
    loop {
        let start = cursor.at;
        if cursor.eat("and with|by?") && begins(cursor) {
            rules.push(Rule::Done(single(cursor)?));
            continue;
        }
        cursor.at = start;
        break;
    }
    Some(Rule::all(rules))
}

/// One operation with its object: "cutting of glassware"; "at least two preparatory or finishing operations
/// (such as ...)" whole.
fn single(cursor: &mut Cursor) -> Option<String> {
    let _ = cursor.eat("the|a");
    if cursor.sees_any(&["by", "with", "of"]) {
        return None;
    }
    let start = cursor.at;
    if cursor.sees("operation of") {
        // Told in a sentence of its own: "the operation of diffusion, in which integrated circuits are formed".
        return operation(cursor.until(&[".", "¶", "•", "or manufacture"]));
    }
    // "At least two preparatory or finishing operations (such as ..)" is one operation, conjunctions and all.
    let counted = cursor.sees("at least");
    let mut depth = 0_usize;
    while !cursor.at_end() {
        let said = cursor.words[start..cursor.at].iter().any(|word| {
            is_gerund(&word.text)
                || (OPERATIONS.contains(&word.text.as_str()) && !ADJECTIVES.contains(&word.text.as_str()))
        });
        match cursor.peek() {
            "(" => depth += 1,
            ")" => depth = depth.checked_sub(1)?,
            _ if depth > 0 => {}
            "and" | "or" | "and/or" if counted => {}
            "and" | "or" | "and/or" if said => {
                // "natural or man-made staple fibres" is one object; "or dyeing" is another operation.
                let mut ahead = cursor.clone();
                ahead.at += 1;
                let _ = ahead.eat("or");
                let next_is_other = begins(&ahead)
                    || !same_sentence(&ahead)
                    || ahead.sees_any(&[
                        "with|by at|any",
                        "the value",
                        "in which",
                        "at least",
                        "any",
                        "manufacture",
                        "production",
                        "a|an",
                    ]);
                let _ = ahead.eat("with|by");
                if next_is_other || begins(&ahead) {
                    break;
                }
            }
            "," if !said => {}
            "," => {
                // The list of codes of an object, or a manner put between commas.
                let mut ahead = cursor.clone();
                ahead.at += 1;
                if !ahead.sees_any(&["heading|headings|subheading|chapter", "by", "of", "including cutting"])
                {
                    break;
                }
            }
            "from" if matches!(cursor.words[cursor.at - 1].text.as_str(), "made" | "obtained") => {}
            _ if cursor.at > start && cursor.sees_any(&STOPS) => break,
            _ => {}
        }
        cursor.at += 1;
    }
    operation(&cursor.words[start..cursor.at])
}

/// Words of [`OPERATIONS`] that only qualify the operation to come: "thermal or electrolytic treatment".
const ADJECTIVES: [&str; 7] =
    ["electrolytic", "thermal", "chemical", "biotechnological", "standard", "non-woven", "nonwoven"];

/// The operation's words as the bill of materials states them.
fn operation(words: &[Word]) -> Option<String> {
    let words: &[Word] = match words.split_first() {
        Some((first, rest)) if matches!(first.text.as_str(), "a" | "the" | "an") => rest,
        _ => words,
    };
    let words: &[Word] = match words.split_last() {
        Some((last, rest)) if matches!(last.text.as_str(), "or" | "and" | "and/or") => rest,
        _ => words,
    };
    let spoken = words.iter().filter(|word| !word.is_mark()).count();
    let strange = words.iter().any(|word| {
        matches!(
            word.text.as_str(),
            "exceed" | "value" | "price" | "%" | "however" | "provided" | "rule" | "originating"
        )
    });
    (spoken > 0 && spoken <= 45 && !strange).then(|| spelled(words))
}
