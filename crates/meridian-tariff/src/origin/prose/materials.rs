//! Which materials a phrase means: by code, by name, or by what the product is.

use super::cursor::{Cursor, spelled};
use crate::origin::lexicon;
use crate::origin::rule::{Codes, Level, Materials, Term};
use crate::origin::words::Word;

/// Words that open a list of codes.
const KINDS: &str = "chapter|chapters|heading|headings|subheading|subheadings|hs|position|no|nos";

/// `chapter 1 and chapter 2`, `heading 8541 or heading 8542`, `subheading 403.10 to 403.90`.
pub(crate) fn codes(cursor: &mut Cursor) -> Option<Vec<(String, String)>> {
    cursor.attempt(|cursor| {
        let mut ranges = Vec::new();
        let mut kind = None;
        loop {
            let start = cursor.at;
            if !ranges.is_empty() && !comma_or_conjunction(cursor) {
                break;
            }
            let Some(range) = range(cursor, &mut kind) else {
                cursor.at = start;
                break;
            };
            ranges.push(range);
        }
        (!ranges.is_empty()).then_some(ranges)
    })
}

fn comma_or_conjunction(cursor: &mut Cursor) -> bool {
    cursor.eat_any(&[", ¶? and|or|and/or ¶?", ",", "and|or|and/or or? from? ¶?", "; and|or?", "• and|or?"])
}

fn range(cursor: &mut Cursor, kind: &mut Option<Level>) -> Option<(String, String)> {
    cursor.attempt(|cursor| {
        let mut stated = open_kind(cursor);
        if stated.is_some() {
            *kind = stated;
        }
        // "8501.20" tells by itself that it is a code, where no percentage follows.
        let bare = cursor.peek().contains('.')
            && cursor.words.get(cursor.at + 1).is_none_or(|next| next.text != "%");
        stated = stated.or(*kind).or(bare.then_some(Level::Heading));
        let from = code(cursor, stated?)?;
        let start = cursor.at;
        if cursor.eat("to|through|-") {
            let _ = open_kind(cursor);
            if let Some(to) = code(cursor, stated?).filter(|to| to.len() == from.len() && *to >= from) {
                return Some((from, to));
            }
            cursor.at = start;
        }
        Some((from.clone(), from))
    })
}

fn open_kind(cursor: &mut Cursor) -> Option<Level> {
    let start = cursor.at;
    let _ = cursor.eat("ex|the|any|hs|tariff|of");
    while cursor.eat("ex|tariff|hs") {}
    let word = cursor.peek();
    if !KINDS.split('|').any(|kind| kind == word) {
        cursor.at = start;
        return None;
    }
    let level = match word {
        "chapter" | "chapters" => Level::Chapter,
        "subheading" | "subheadings" => Level::Subheading,
        _ => Level::Heading,
    };
    cursor.at += 1;
    while cursor.eat_any(&["no|nos|ex .", " no|nos|ex", "no|nos|ex", "¶", ":"]) {}
    Some(level)
}

/// A code as the agreement writes it: `1`, `8501`, `403`, `10.06`, `2009.11`.
fn code(cursor: &mut Cursor, level: Level) -> Option<String> {
    let written = cursor.peek();
    let digits: String = written.chars().filter(|c| *c != '.').collect();
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let padded = if digits.len() % 2 == 1 { format!("0{digits}") } else { digits };
    let fits = match level {
        Level::Chapter => padded.len() == 2,
        Level::Heading => matches!(padded.len(), 4..=12),
        Level::Subheading => matches!(padded.len(), 4..=12),
    };
    if !fits {
        return None;
    }
    cursor.at += 1;
    Some(padded)
}

/// `the same heading as the product`, `that of the good`: the product's own place in the nomenclature.
fn own(cursor: &mut Cursor, default: Level) -> Option<Codes> {
    if cursor.eat_any(&[
        "that|those of the product|good|goods|products",
        "that|those of the final|finished product|good",
        "the product|good|products",
    ]) {
        return Some(Codes::Own(default));
    }
    cursor.attempt(|cursor| {
        let _ = cursor.eat_any(&["materials|material|products|those|ones", "those materials"]);
        let _ = cursor.eat_any(&["which are classified|classified", "falling|classified"]);
        if !cursor.eat("of|in|within|from|under the|a same") {
            return None;
        }
        let level = match cursor.peek() {
            "heading" => Level::Heading,
            "subheading" | "sub-heading" => Level::Subheading,
            "chapter" => Level::Chapter,
            _ => return None,
        };
        cursor.at += 1;
        let _ = cursor.eat_any(&["as|than that of the product|good", "as the product|good|products|goods"]);
        Some(Codes::Own(level))
    })
}

/// One phrase of a list of materials: coded, named, or both. `default` is what "that of the product" means.
pub(crate) fn terms(words: &[Word], default: Level) -> Option<Vec<Term>> {
    let words = trimmed(words);
    if words.is_empty() {
        return None;
    }
    if let Some((before, after)) = parted(words) {
        let mut found = terms(before, default)?;
        found.extend(terms(after, default)?);
        return Some(found);
    }
    let mut cursor = Cursor::new(words);
    let mut found = Vec::new();
    while !cursor.at_end() {
        let start = cursor.at;
        if !found.is_empty() && !comma_or_conjunction(&mut cursor) {
            return named(words);
        }
        let _ = cursor.eat_any(&["any|all|the? other|non-originating", "from|any|all"]);
        if let Some(codes) = own(&mut cursor, default) {
            found.push(Term::coded(codes));
        } else if let Some(ranges) = coded(&mut cursor) {
            found.push(Term::coded(Codes::Within(ranges)));
        } else {
            let rest = &words[start..];
            let rest = if found.is_empty() { rest } else { rest.get(1..).unwrap_or_default() };
            found.extend(named(rest)?);
            return Some(found);
        }
        let _ = cursor.eat_any(&["taken together", ", taken together ,?"]);
    }
    Some(found)
}

/// `sugar and of the materials of chapter 4`: two kinds, the second coded.
fn parted(words: &[Word]) -> Option<(&[Word], &[Word])> {
    let at = (1..words.len()).find(|at| {
        let mut cursor = Cursor::new(words);
        cursor.at = *at;
        cursor.eat_any(&["and|or|, of? the? materials of|in|classified", "and|or of? those of"])
    })?;
    // Two coded kinds share one reader; only a name before codes needs the cut.
    let mut before = Cursor::new(&words[..at]);
    let _ = before.eat("other? materials of|in");
    if codes(&mut before).is_some() { None } else { Some((&words[..at], &words[at + 1..])) }
}

/// `materials classified within heading 8431`, `those of chapter 17`, `heading 7601`.
fn coded(cursor: &mut Cursor) -> Option<Vec<(String, String)>> {
    cursor.attempt(|cursor| {
        let _ = cursor.eat_any(&[
            "other? materials|material|those|products|product|goods|articles|inputs classified|falling? of|in|within|from|under",
            "classified? of|in|within|from|under",
        ]);
        codes(cursor)
    })
}

/// A phrase with a name: `waste and scrap of heading 7602`, `fruit, nuts or vegetables`.
fn named(words: &[Word]) -> Option<Vec<Term>> {
    let words = trimmed(words);
    if words.is_empty() || words.len() > 40 {
        return None;
    }
    // A name ends where its codes begin.
    for split in 1..words.len() {
        if !matches!(
            words[split].text.as_str(),
            "of" | "in" | "from" | "under" | "within" | "classified" | "falling"
        ) {
            continue;
        }
        let mut cursor = Cursor::new(&words[split..]);
        if let Some(ranges) = coded(&mut cursor)
            && cursor.at_end()
        {
            return coded_names(&words[..split], ranges);
        }
        let mut cursor = Cursor::new(&words[split..]);
        if let Some(codes) = own(&mut cursor, Level::Heading)
            && cursor.at_end()
        {
            return Some(vec![Term { name: Some(name(&words[..split])?), codes }]);
        }
    }
    let whole = name(words)?;
    if whole.contains("same description") || whole.contains("this description") {
        return Some(vec![Term::named(SAME_DESCRIPTION)]);
    }
    if lexicon::defines(&whole) {
        return Some(vec![Term::named(whole)]);
    }
    let parts: Vec<String> = words
        .split(|word| matches!(word.text.as_str(), "," | "or" | "and" | "and/or"))
        .filter(|part| !part.is_empty())
        .filter_map(name)
        .collect();
    if parts.len() > 1 && parts.iter().all(|part| lexicon::defines(part)) {
        return Some(parts.into_iter().map(Term::named).collect());
    }
    Some(vec![Term::named(whole)])
}

/// `waste and scrap` of some codes. A part the lexicon places elsewhere keeps its own meaning: the yarn of
/// "yarn or waste fabrics or rags of heading 6310" is not of heading 6310.
fn coded_names(words: &[Word], ranges: Vec<(String, String)>) -> Option<Vec<Term>> {
    let tail = words.len().checked_sub(2).map(|at| Cursor { words, at, furthest: 0 });
    if tail.is_some_and(|tail| tail.sees("with|for materials|parts")) {
        return None;
    }
    let mut found = Vec::new();
    let mut rest = words;
    while let Some(at) = rest.iter().position(|word| matches!(word.text.as_str(), "or" | ",")) {
        let part = name(&rest[..at])?;
        let elsewhere = ranges.iter().all(|(from, _)| lexicon::answers(&part, from) == Some(false));
        if !elsewhere {
            break;
        }
        found.push(Term::named(part));
        rest = &rest[at + 1..];
    }
    found.push(Term { name: Some(name(rest)?), codes: Codes::Within(ranges) });
    Some(found)
}

/// What "materials of the same description as the product" are called, however a text words it.
pub(crate) const SAME_DESCRIPTION: &str = "of the same description as the product";

/// A name is a noun phrase: a verb or a condition in it means the phrase was not understood.
fn name(words: &[Word]) -> Option<String> {
    const FOREIGN: [&str; 24] = [
        "is",
        "are",
        "does",
        "do",
        "must",
        "may",
        "shall",
        "should",
        "has",
        "have",
        "exceed",
        "provided",
        "however",
        "%",
        ";",
        "¶",
        "value",
        "weight",
        "price",
        "unless",
        "note",
        "rule",
        "manufacture",
        "production",
    ];
    let words = trimmed(words);
    let strange = |word: &Word| {
        FOREIGN.contains(&word.text.as_str())
            || KINDS.split('|').take(6).any(|kind| kind == word.text)
            || word.text == "."
    };
    if words.is_empty() || words.iter().any(strange) {
        return None;
    }
    let text = spelled(words);
    let open = text.matches('(').count();
    (open == text.matches(')').count() && text.chars().any(char::is_alphabetic)).then_some(text)
}

/// Without the articles, quantifiers and punctuation around it.
fn trimmed(mut words: &[Word]) -> &[Word] {
    const BEFORE: [&str; 19] = [
        "the",
        "all",
        "any",
        "of",
        "a",
        "an",
        ",",
        "•",
        "¶",
        "and",
        "or",
        ":",
        "each",
        "every",
        "these",
        "non-originating",
        "total",
        ";",
        "of",
    ];
    const AFTER: [&str; 10] = [",", "•", "¶", ":", ";", "and", "or", "and/or", ".", "used"];
    while let Some((first, rest)) = words.split_first()
        && BEFORE.contains(&first.text.as_str())
    {
        words = rest;
    }
    while let Some((last, rest)) = words.split_last()
        && AFTER.contains(&last.text.as_str())
    {
        words = rest;
    }
    words
}

/// A set of materials with its exceptions: `cereals and derivatives (except durum wheat) used`.
pub(crate) fn set(words: &[Word]) -> Option<Materials> {
    let words = trimmed(words);
    let except_at = words.iter().position(|word| matches!(word.text.as_str(), "except" | "excluding"));
    if let Some(at) = except_at {
        let bracketed = at > 0 && words[at - 1].text == "(";
        let head = &words[..if bracketed { at - 1 } else { at }];
        let (inside, tail) = if bracketed {
            let close = words[at..].iter().position(|word| word.text == ")")? + at;
            (&words[at + 1..close], &words[close + 1..])
        } else {
            (&words[at + 1..], &words[words.len()..])
        };
        let inside = match inside.first() {
            Some(word) if matches!(word.text.as_str(), "for" | "from") => &inside[1..],
            _ => inside,
        };
        // What follows the brackets belongs to the head: "fruit juice (except ..) of heading 2009".
        let rejoined: Vec<Word> = head.iter().chain(tail).cloned().collect();
        let inside: Vec<Word> =
            inside.iter().skip_while(|word| word.text == "that" || word.text == "those").cloned().collect();
        let only = set(&rejoined)?.only;
        return Some(Materials { only, except: terms(&inside, Level::Heading)? });
    }
    let everything = [
        "materials",
        "material",
        "foreign materials",
        "imported materials",
        "materials of any heading",
        "inputs",
        "parts",
        "components",
        "articles",
        "goods",
    ];
    if words.is_empty() || everything.contains(&spelled(words).as_str()) {
        return Some(Materials::all());
    }
    Some(Materials::of(terms(words, Level::Heading)?))
}
