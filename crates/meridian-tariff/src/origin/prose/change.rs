//! Change of classification: "from materials of any heading, except that of the product", "a change to heading
//! 4201 from any other heading".

use super::condition::conditions;
use super::content::value_content;
use super::cursor::Cursor;
use super::materials::{SAME_DESCRIPTION, codes, terms};
use crate::origin::rule::{Allowance, Change, Codes, Level, Materials, Rule, Term};

/// "A change to a good of heading 4201 from any other heading, except from ...".
pub(super) fn change_of_classification(cursor: &mut Cursor) -> Option<Rule> {
    if !cursor.eat_any(&["a? change to", "a? change in tariff classification to"]) {
        return None;
    }
    // Which goods the sentence is for is the table's business; only "that group" refers back to them.
    let _ = cursor.eat("a|the? good|goods of");
    let group = codes(cursor);
    let _ = cursor.until(&["from", ".", "¶"]);
    change_from(cursor, group)
}

pub(super) fn change_from(cursor: &mut Cursor, group: Option<Vec<(String, String)>>) -> Option<Rule> {
    if let Some(rule) = cursor.attempt(change_with_leave) {
        return Some(rule);
    }
    if !cursor.eat("from any other?") {
        return None;
    }
    let mut change = Change { level: Some(level(cursor)?), except: Vec::new(), allow: Vec::new() };
    if cursor.eat("outside of? that group") {
        change.level = None;
        change.except.push(Term::coded(Codes::Within(group?)));
    }
    let _ = cursor.eat_any(&["including another heading|subheading within that group", ", including"]);
    if cursor.eat_any(&[
        ", except|excluding from? :?",
        "except|excluding from? :?",
        ", or from any other? than",
    ]) {
        change.except.extend(exceptions(cursor, Level::Heading)?);
    }
    Some(Rule::Change(change))
}

/// "from heading 8503, whether or not there is also a change from any other heading": 8503 may be used, everything
/// else changes.
pub(super) fn change_with_leave(cursor: &mut Cursor) -> Option<Rule> {
    if !cursor.eat("from") {
        return None;
    }
    let leave = codes(cursor)?;
    if !cursor.eat_any(&[
        ",? whether or not there is also a change from any other",
        ",? whether or not there is a change from any other",
    ]) {
        // From these and no others.
        return Some(Rule::From(vec![Term::coded(Codes::Within(leave))]));
    }
    let level = Some(level(cursor)?);
    let of = Materials::of(vec![Term::coded(Codes::Within(leave))]);
    Some(Rule::Change(Change { level, except: Vec::new(), allow: vec![Allowance { of, at_most: None }] }))
}

/// "No change in tariff classification required ..., provided there is a regional value content of ...".
pub(super) fn no_change_but_content(cursor: &mut Cursor) -> Option<Rule> {
    if !cursor.eat_any(&[
        "no change in tariff classification is? required",
        "no required change in tariff classification",
        "no change required",
    ]) {
        return None;
    }
    let _ = cursor.until(&["provided", ".", "¶", "if"]);
    if !cursor.eat("provided|if that?") {
        return None;
    }
    value_content(cursor).or_else(|| conditions(cursor))
}

/// "CTH: All non-originating materials used in the production of the good have undergone a change in tariff
/// classification at the 4-digit level (tariff heading)".
pub(super) fn spelled_out_change(cursor: &mut Cursor) -> Option<Rule> {
    let letters = match cursor.peek() {
        "cc" => Some(Level::Chapter),
        "cth" => Some(Level::Heading),
        "ctsh" => Some(Level::Subheading),
        _ => None,
    };
    if letters.is_some() {
        cursor.at += 1;
        let _ = cursor.eat_any(&[
            "( change of|in tariff? chapter|heading|subheading )",
            "( change of|in tariff classification )",
        ]);
        let _ = cursor.eat(":|.");
    }
    let mut level = letters;
    if level.is_none()
        && cursor.eat_any(&["a? change in|of tariff? classification at the", "a? change in|of tariff"])
    {
        level = match cursor.peek() {
            "chapter" | "2-digit" => Some(Level::Chapter),
            "heading" | "4-digit" => Some(Level::Heading),
            "subheading" | "sub-heading" | "6-digit" => Some(Level::Subheading),
            _ => return None,
        };
        cursor.at += 1;
        let _ = cursor.eat("classification|level");
    }
    if cursor.eat("all|the? non-originating materials used in the production of the good|goods|product have undergone|undergo a? change in tariff classification at the") {
        level = match cursor.peek() {
            "2-digit" => Some(Level::Chapter),
            "4-digit" => Some(Level::Heading),
            "6-digit" => Some(Level::Subheading),
            _ => return None,
        };
        cursor.at += 1;
        let _ = cursor.eat("level");
        let _ = cursor.eat("of? the? harmonised|harmonized|hs system|nomenclature?");
        let _ = cursor.eat_any(&["( tariff? chapter|heading|subheading|sub-heading )"]);
    }
    let mut change = Change { level: Some(level?), except: Vec::new(), allow: Vec::new() };
    let bracketed = cursor.eat("( except|excluding from?");
    if bracketed {
        change.except = terms(cursor.until(&[")"]), Level::Heading)?;
        return cursor.eat(")").then_some(Rule::Change(change));
    }
    if cursor.eat_any(&[",? except|excluding from? :?"]) {
        change.except = exceptions(cursor, Level::Heading)?;
    }
    Some(Rule::Change(change))
}

pub(super) fn change_inline(cursor: &mut Cursor) -> Option<Rule> {
    if cursor.eat_any(&["a change from any other", "from any other"]) {
        let level = level(cursor)?;
        return Some(Rule::Change(Change { level: Some(level), except: Vec::new(), allow: Vec::new() }));
    }
    None
}

/// "from materials of any heading, except that of the product and those of heading 2207".
pub(super) fn from_any(cursor: &mut Cursor) -> Option<Rule> {
    if cursor.eat_any(&[
        "from materials not classified in|within|under",
        "from materials other than those? of|classified? in|within?",
    ]) {
        let except = exceptions(cursor, Level::Heading)?;
        return Some(Rule::Change(Change { level: None, except, allow: Vec::new() }));
    }
    let _ = cursor.eat("from|of");
    let mut kind = None;
    if !cursor.eat_any(&[
        "non-originating? materials|material|products of|from|in any",
        "materials classified in any",
        "materials of|from any other",
    ]) {
        // "from wood of any heading, except ..."
        let named = terms(cursor.until(&["of any heading", ".", ",", "¶", "•"]), Level::Heading)?;
        if !cursor.eat("of any") {
            return None;
        }
        kind = Some(Rule::From(named));
    }
    let level = level(cursor)?;
    let mut change = Change { level: None, except: Vec::new(), allow: Vec::new() };
    loop {
        let start = cursor.at;
        let _ = cursor.eat(",");
        let opened = cursor.eat_any(&[
            "except|excluding for|from?",
            "other than",
            "with the exception of",
            "but not from?",
        ]);
        if opened {
            let _ = cursor.eat_any(&["materials of|in|from|classified?", "non-originating materials? of?"]);
            for term in exceptions(cursor, level)? {
                match term.codes {
                    Codes::Own(own) if term.name.is_none() && change.level.is_none() => {
                        change.level = Some(own);
                    }
                    _ => change.except.push(term),
                }
            }
            continue;
        }
        if cursor.eat_any(&[
            "including|and other? materials|those of",
            "including other|the? materials? of",
            "including",
        ]) {
            // Any heading, its own too, but not the product itself once more.
            let _ = cursor.eat("other? materials of");
            codes(cursor).or_else(|| {
                cursor
                    .eat_any(&[
                        "that of the product|good",
                        "the same heading as the product|good",
                        "the product|good",
                    ])
                    .then(Vec::new)
            })?;
            change.except.push(Term::named(SAME_DESCRIPTION));
            continue;
        }
        cursor.at = start;
        break;
    }
    let change = Rule::Change(change);
    Some(match kind {
        Some(from) => Rule::all(vec![from, change]),
        None => change,
    })
}

/// The terms after "except", up to where the exception ends.
pub(super) fn exceptions(cursor: &mut Cursor, default: Level) -> Option<Vec<Term>> {
    if cursor.eat(":") || cursor.sees("•") {
        // Each list item is an exception, up to one that begins a condition of its own.
        let mut found = Vec::new();
        while cursor.peek() == "•" || cursor.peek() == "¶" {
            let start = cursor.at;
            while cursor.eat("•|¶") {}
            if cursor.sees_any(&["in which", "from", "for", "see", "however", "the value", "or", "and"]) {
                cursor.at = start;
                break;
            }
            found.extend(terms(cursor.until(&["•", "¶", "."]), default)?);
        }
        return if found.is_empty() { None } else { Some(found) };
    }
    let phrase = cursor.until(&[
        ".",
        "¶",
        ";",
        ", in accordance",
        "in accordance",
        ", provided",
        "provided",
        ", in which",
        "in which",
        ", and|or? in which",
        "and in which",
        "• in which",
        ", •",
        "•",
        ", including",
        ", however",
        "and|or|,? :? the value",
        "and where|the",
        ", where",
        "or manufacture|production",
    ]);
    terms(phrase, default)
}

pub(super) fn level(cursor: &mut Cursor) -> Option<Level> {
    let level = match cursor.peek() {
        "chapter" | "chapters" => Level::Chapter,
        "heading" | "headings" => Level::Heading,
        "subheading" | "sub-heading" | "subheadings" => Level::Subheading,
        _ => return None,
    };
    cursor.at += 1;
    Some(level)
}
