//! The conditions of a manufacture: obtained materials, ceilings, shares, named materials.

use super::change::{change_inline, exceptions, from_any, level};
use super::content::value_content_inline;
use super::cursor::{Cursor, Joint};
use super::materials::{set, terms};
use super::share::{limit, percent, shares};
use crate::origin::rule::{
    Ceiling, Change, Codes, Level, Measure, OriginatingShare, Requirement, Rule, Status, Term,
};
use crate::origin::words::Word;

/// Conditions joined by punctuation, "and" or "or"; "and" binds tighter.
pub(super) fn conditions(cursor: &mut Cursor) -> Option<Rule> {
    while cursor.eat("•|¶|:") {}
    let mut ways = vec![vec![condition(cursor)?]];
    loop {
        let start = cursor.at;
        let Some(joint) = cursor.separator() else { break };
        // A sentence that qualifies is not a further condition.
        if cursor.sees_any(&["however", "for special|the", "see"]) {
            cursor.at = start;
            break;
        }
        let Some(next) = cursor.attempt(|cursor| condition(cursor)) else {
            cursor.at = start;
            break;
        };
        match joint {
            Joint::Or => ways.push(vec![next]),
            Joint::And | Joint::Mark => {
                if let Some(way) = ways.last_mut() {
                    way.push(next);
                }
            }
        }
    }
    Some(Rule::any(ways.into_iter().map(Rule::all).collect()))
}

pub(super) fn condition(cursor: &mut Cursor) -> Option<Rule> {
    let _ = cursor.eat_any(&["a|b|c|d|i|ii|iii|iv )", "( a|b|c|d|i|ii|iii|iv )"]);
    if cursor.at > 0 && cursor.words[cursor.at - 1].text != "manufacture" && cursor.eat("in which|where :") {
        // A list of its own: "from any heading ..., in which: - A, or - B" is not "(... and A) or B".
        return conditions(cursor);
    }
    let _ = cursor.eat_any(&["in which|where :?", "which :?", "provided that? :?", "that"]);
    while cursor.eat("•|¶") {}
    let _ = cursor.eat_any(&[
        "within the above limit ,? where?",
        ",? within the above limit ,?",
        "where ,? within the above limit ,?",
    ]);
    let readers: [fn(&mut Cursor) -> Option<Rule>; 9] = [
        from_any,
        from_materials,
        value_ceiling,
        used_up_to,
        weight_ceiling,
        least_originating,
        all_materials,
        change_inline,
        value_content_inline,
    ];
    readers.iter().find_map(|reader| cursor.attempt(|cursor| reader(cursor)))
}

/// "from yarn", "from: natural fibres, or chemical materials", "from materials of heading 7206".
pub(super) fn from_materials(cursor: &mut Cursor) -> Option<Rule> {
    if !cursor.eat("from :?") {
        return None;
    }
    let listed = cursor.sees("¶|•") || cursor.words[cursor.at - 1].text == ":";
    let mut found = Vec::new();
    let stops = [
        ".",
        "¶",
        "•",
        ";",
        ", provided",
        "provided",
        ", in which",
        "in which",
        ", and in which",
        "and in which",
        "and the value",
        ", the value",
        "where",
        ", where",
        "the value of which",
        ", the value of which",
        "or manufacture",
        "or production",
        ", however",
    ];
    loop {
        while cursor.eat("•|¶|,") {}
        let phrase = cursor.until(&stops);
        found.extend(from_terms(phrase)?);
        let start = cursor.at;
        // The next list item goes on with the list unless it begins a condition of its own.
        let mut more = cursor.peek() == "•" || (listed && cursor.peek() == "¶");
        while cursor.eat("•|¶") {}
        more = more
            && !cursor.at_end()
            && !cursor.sees_any(&[
                "in which",
                "for",
                "and",
                "or manufacture",
                "the",
                "where",
                "however",
                "all",
                "jute fabric may",
                "printing",
                "see",
            ]);
        if !(listed && more) {
            cursor.at = start;
            break;
        }
    }
    if found.is_empty() { None } else { Some(Rule::From(found)) }
}

pub(super) fn from_terms(phrase: &[Word]) -> Option<Vec<Term>> {
    let of = set(phrase)?;
    // "from materials" alone restricts nothing, and an exception inside a list is not a list.
    if of.only.is_empty() || !of.except.is_empty() {
        return None;
    }
    Some(of.only)
}

/// "the (total) value of all the materials of chapter 17 used does not exceed 30% of the ex-works price".
pub(super) fn value_ceiling(cursor: &mut Cursor) -> Option<Rule> {
    let each = cursor.eat("the individual value of");
    if !each
        && !cursor.eat_any(&[
            "the? total|aggregate|maximum|combined? customs? value|cost of",
            "their total? value",
            "the? total? value",
        ])
    {
        return None;
    }
    ceiling_of(cursor, Measure::Value, each)
}

pub(super) fn ceiling_of(cursor: &mut Cursor, measure: Measure, each: bool) -> Option<Rule> {
    let of = cursor.until(&[
        "used",
        "does|do|must|may|shall|cannot|will",
        "is|are",
        "not exceeding",
        ".",
        ";",
        ":",
        "¶",
        "•",
        "%",
    ]);
    let mut of = set(of)?;
    if cursor.eat("used , except") {
        of.except.extend(terms(cursor.until(&[",", ".", "¶", "•"]), Level::Heading)?);
        let _ = cursor.eat(",");
    }
    let _ = cursor.eat_any(&[
        "used ,? taken together ,?",
        "used in the? manufacture|production of the product|good",
        "used in assembling the head ( without motor )",
        "used ,?",
    ]);
    if measure == Measure::Value
        && cursor.eat_any(&[
            "does|do|must|may|shall not exceed the value of all? the? originating materials used?",
            "is|are not greater|higher than the value of all? the? originating materials used?",
        ])
    {
        return Some(Rule::NoDearerThanOriginating(of));
    }
    let shares = limit(cursor)?;
    Some(Rule::any(
        shares
            .into_iter()
            .map(|at_most| Rule::Ceiling(Ceiling { measure, of: of.clone(), each, at_most }))
            .collect(),
    ))
}

/// "the materials classified within heading 8431 are only used up to a value of 10% of the ex-works price".
pub(super) fn used_up_to(cursor: &mut Cursor) -> Option<Rule> {
    let _ = cursor.eat("the value of");
    let of = cursor.until(&["are|is only? used", "may be used", ".", "¶", "•"]);
    if !cursor.eat_any(&[
        "are|is only? used only? up to a|the? total? value|limit? of",
        "may be used up to a value of",
    ]) {
        return None;
    }
    let of = set(of)?;
    let shares = shares(cursor)?;
    Some(Rule::any(
        shares
            .into_iter()
            .map(|at_most| {
                Rule::Ceiling(Ceiling { measure: Measure::Value, of: of.clone(), each: false, at_most })
            })
            .collect(),
    ))
}

/// "the individual weight of sugar and of the materials of chapter 4 used does not exceed 40% of the weight of
/// the final product".
pub(super) fn weight_ceiling(cursor: &mut Cursor) -> Option<Rule> {
    let each = cursor.eat("the individual weight of");
    if !each && !cursor.eat("the? total|net? combined? weight of") {
        return None;
    }
    ceiling_of(cursor, Measure::Weight, each)
}

/// "at least 70% by weight of the unmanufactured tobacco of heading 2401 used is originating".
pub(super) fn least_originating(cursor: &mut Cursor) -> Option<Rule> {
    if !cursor.eat_any(&["at least", "not less than", "a minimum of"]) {
        return None;
    }
    let at_least = percent(cursor)?;
    let _ = cursor.eat(",");
    let measure = if cursor.eat_any(&["by weight ,? of", "of the weight of"]) {
        Measure::Weight
    } else if cursor.eat_any(&["by value of", "of the value of"]) {
        Measure::Value
    } else {
        return None;
    };
    let of = cursor.until(&["used", "is|are|must|shall|has|have", ".", "¶"]);
    let of = set(of)?;
    let _ = cursor.eat("used");
    if !cursor.eat_any(&[
        "is|are|must|shall already? be? wholly? originating|obtained",
        "is|are|must|shall be? already? wholly? originating|obtained",
        "is|are|must|shall be? wholly obtained or originating",
    ]) {
        return None;
    }
    territory(cursor);
    Some(Rule::OriginatingShare(OriginatingShare { measure, of, at_least }))
}

/// "all the materials of chapter 4 used are wholly obtained", "... are classified within a heading other than
/// that of the product".
pub(super) fn all_materials(cursor: &mut Cursor) -> Option<Rule> {
    let phrase = cursor.until(&[
        "used? must|shall|should already? be? wholly|already|originating|classified",
        "used? is|are already|wholly|originating|classified",
        "used? is|are not classified",
        "used? must be",
        ".",
        "¶",
        "•",
    ]);
    let _ = cursor.eat("used");
    if !cursor.eat_any(&["must|shall|should|is|are already? be?"]) {
        return None;
    }
    let of = set(phrase)?;
    let status = if cursor.eat_any(&["wholly obtained or originating", "already? originating", "originating"])
    {
        Status::Originating
    } else if cursor.eat_any(&["already? wholly obtained or? produced?"]) {
        Status::WhollyObtained
    } else if cursor.eat("classified within|in|under|on") {
        if !of.is_all() || !cursor.eat("a|any") {
            return None;
        }
        let level = level(cursor)?;
        if let Some(except) = cursor.attempt(|cursor| {
            let named =
                cursor.eat("other than") && cursor.sees("ex|the? heading|headings|chapter|subheading");
            if named { exceptions(cursor, level) } else { None }
        }) {
            return Some(Rule::Change(Change { level: None, except, allow: Vec::new() }));
        }
        if !cursor.eat_any(&[
            "other than that|those|the of? the? product|good|heading?",
            "different from that of the product|good",
        ]) {
            return None;
        }
        return Some(Rule::Change(Change { level: Some(level), except: Vec::new(), allow: Vec::new() }));
    } else {
        return None;
    };
    territory(cursor);
    let mut rules = vec![Rule::Require(Requirement { status, of, allow: Vec::new() })];
    // "... are originating and are classified in a heading other than heading 6201 or heading 6202".
    if cursor.eat("and are? classified in a heading other than") {
        let except = exceptions(cursor, Level::Heading)?;
        let change = match except.as_slice() {
            [Term { name: None, codes: Codes::Own(level) }] => {
                Change { level: Some(*level), except: Vec::new(), allow: Vec::new() }
            }
            _ => Change { level: None, except, allow: Vec::new() },
        };
        rules.push(Rule::Change(change));
    }
    Some(Rule::all(rules))
}

pub(super) fn territory(cursor: &mut Cursor) {
    let _ = cursor.eat_any(&[
        "in the country or territory",
        "in the territory of the|a|one? or? more? of? the? country|party|parties|beneficiary country?|parties?",
        "in the|a beneficiary? country|party|territory",
        "within the meaning of article",
    ]);
    let _ = cursor.eat_any(&["or produced", "there"]);
}
