//! Regional value content, by one method or several.

use meridian_terms::Decimal;

use super::cursor::Cursor;
use super::materials::set;
use super::share::{bases, percent};
use crate::origin::rule::{Base, Method, Rule, ValueContent};

/// Regional value content, by one method or several.
pub(super) fn value_content(cursor: &mut Cursor) -> Option<Rule> {
    if cursor.eat_any(&["standard qvc", "the? standard qualifying value content"]) {
        return Some(Rule::ValueContent(ValueContent {
            method: Method::BuildDown,
            of: Base::FreeOnBoard,
            at_least: None,
        }));
    }
    let _ = cursor.eat_any(&[
        "there is|be",
        "the? your? good|goods|product|products has|have|contain|contains|achieves|meets|satisfies",
    ]);
    if let Some(rule) = cursor.attempt(abbreviated_content) {
        return Some(rule);
    }
    let opened = cursor.eat_any(&[
        "a|the? regional|qualifying|local|domestic value? content|added",
        "a|the? value added content?",
        "a|the? rvc|qvc|lvc|vac content?",
    ]);
    if opened {
        let _ = cursor.eat("( rvc|qvc|lvc|vac )");
        if cursor.sees("as? calculated|determined|defined") {
            cursor.until(&["of not|at|no", "not less|lower|below", "at least", ".", ":", "¶", "•"]);
        }
        let _ = cursor.eat_any(&[
            "of|is|must|shall? be? not|no less|lower than :?",
            "of|is|must|shall? be? at least :?",
            "≥",
            "of a? minimum? of?",
        ]);
    }
    let mut ways = Vec::new();
    loop {
        let start = cursor.at;
        while cursor.eat("•|¶|;|,|or|:") {}
        let _ = cursor.eat_any(&["a|b|c|d|i|ii|iii|iv )", "( a|b|c|d|i|ii|iii|iv )"]);
        match cursor.attempt(|cursor| one_method(cursor, opened)) {
            Some(rules) => ways.extend(rules),
            None => {
                cursor.at = start;
                break;
            }
        }
    }
    if ways.is_empty() { None } else { Some(Rule::any(ways)) }
}

/// "RVC40", "RVC(40)": the abbreviation with its threshold.
pub(super) fn abbreviated_content(cursor: &mut Cursor) -> Option<Rule> {
    const NAMES: [&str; 4] = ["rvc", "qvc", "lvc", "vac"];
    let word = cursor.peek();
    let glued = NAMES.iter().find_map(|name| word.strip_prefix(name)).filter(|digits| !digits.is_empty());
    let at_least = if let Some(digits) = glued {
        cursor.at += 1;
        Decimal::parse(digits).ok()?
    } else {
        if !cursor.eat("rvc|qvc|lvc|vac (") {
            return None;
        }
        let number = Decimal::parse(cursor.peek()).ok()?;
        cursor.at += 1;
        let _ = cursor.eat("%");
        if !cursor.eat(")") {
            return None;
        }
        number
    };
    let content = ValueContent { method: Method::BuildDown, of: Base::FreeOnBoard, at_least: Some(at_least) };
    Some(Rule::ValueContent(content))
}

/// "40% under the build-down method", "50% under the focused value method taking into account only ...".
pub(super) fn one_method(cursor: &mut Cursor, opened: bool) -> Option<Vec<Rule>> {
    let _ = cursor.eat_any(&["a? regional value content of not less than"]);
    let at_least = percent(cursor)?;
    let mut bases = if cursor.sees_any(&["of", "fob", "exw", "( fob )", "( exw )"]) {
        bases(cursor)?
    } else {
        Vec::new()
    };
    if bases.is_empty() {
        bases.push(Base::FreeOnBoard);
    }
    let mut methods = Vec::new();
    if cursor.eat_any(&[
        "under|using|by|based on? the",
        ",? whether using the",
        ",? whether using a|either the?",
        ",? where|when the",
        "(",
    ]) {
        loop {
            if cursor.eat_any(&["build-up method?", "build up method?", "direct method"]) {
                methods.push(Method::BuildUp);
            } else if cursor.eat_any(&[
                "build-down method?",
                "build down method?",
                "transaction value method",
                "indirect method",
            ]) {
                methods.push(Method::BuildDown);
            } else if cursor.eat("net cost method?") {
                methods.push(Method::NetCost);
            } else if cursor.eat("focused|focussed value method?") {
                let _ = cursor.eat("taking into account only");
                let of = cursor.until(&[".", ";", "¶", "•"]);
                methods.push(Method::Focused(set(of)?));
            } else {
                return None;
            }
            if !cursor.eat_any(&["or|and the?"]) {
                break;
            }
        }
        let _ = cursor.eat_any(&["is used", ")"]);
    } else if opened {
        methods.push(Method::BuildDown);
    }
    let _ = cursor.eat_any(&["( rvc|rvc40|rvc35|rvc30|rvc45|rvc50|rvc55|rvc60 )"]);
    if let ("(", Some(word)) = (cursor.peek(), cursor.words.get(cursor.at + 1))
        && word.text.starts_with("rvc")
    {
        cursor.at += 3;
    }
    if methods.is_empty() {
        return None;
    }
    let mut rules = Vec::new();
    for method in methods {
        for of in &bases {
            let of = if method == Method::NetCost { Base::NetCost } else { *of };
            rules.push(Rule::ValueContent(ValueContent {
                method: method.clone(),
                of,
                at_least: Some(at_least),
            }));
        }
    }
    Some(rules)
}

pub(super) fn value_content_inline(cursor: &mut Cursor) -> Option<Rule> {
    let abbreviated = ["rvc", "qvc", "lvc", "vac"].iter().any(|name| cursor.peek().starts_with(name));
    if !abbreviated
        && !cursor.sees_any(&["there is|be", "a|the? regional|qualifying|local|domestic", "standard qvc"])
    {
        return None;
    }
    value_content(cursor)
}
