//! Compiles the free text of an agreement's product rules.
//!
//! A real grammar over the words, not a table of sentences: alternatives joined by "or", conditions joined by
//! commas, list items and "and", exceptions, "however" sentences that relax or tighten what stands before
//! them. What it does not understand it names, with the column; it never compiles half a rule.

mod change;
mod condition;
mod content;
mod cursor;
mod leave;
mod materials;
mod process;
mod share;

use meridian_terms::Refusal;

use self::change::{change_of_classification, no_change_but_content, spelled_out_change};
use self::condition::{condition, conditions, territory};
use self::content::value_content;
use self::cursor::{Cursor, spelled};
use self::leave::however;
use self::materials::codes;
use self::share::{limit, shares};
use super::rule::{Ceiling, Materials, Measure, Requirement, Rule, Status, Term};
use super::words::{Word, words};

/// A rule compiled from prose.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Compiled {
    /// The rule.
    pub rule: Rule,
    /// Sentences that refer to a note elsewhere and were set aside: whoever relies on the rule reads them.
    pub remarks: Vec<String>,
}

/// Compiles the text of one product rule.
///
/// ```
/// use meridian_tariff::origin::compile;
/// let text = "Manufacture from materials of any heading, except that of the product. However, materials of the \
///     same heading as the product may be used, provided that their total value does not exceed 20% of the \
///     ex-works price of the product.";
/// assert_eq!(compile(text)?.rule.to_string(), "CTH allow (own heading) <= 20% EXW");
/// # Ok::<(), meridian_terms::Refusal>(())
/// ```
///
/// # Errors
/// `origin.prose` with the column and the words where understanding ended.
pub fn compile(text: &str) -> Result<Compiled, Refusal> {
    let mut remarks = Vec::new();
    let words = without_asides(&words(text), &mut remarks);
    if words.len() > MOST_WORDS {
        return Err(Refusal::new(
            "origin.prose",
            format!("column 1: {} words are too many for one rule", words.len()),
        )
        .rule("a rule is one paragraph or two")
        .next("give one product's rule at a time"));
    }
    let mut cursor = Cursor::new(&words);
    let rule = whole(&mut cursor, &mut remarks);
    if let Some(rule) = rule.filter(|_| cursor.at_end()) {
        return Ok(Compiled { rule: others_resolved(rule), remarks });
    }
    let stopped = cursor.furthest.min(words.len().saturating_sub(1));
    let column = words.get(stopped).map_or(1, |word| word.column);
    let rest = spelled(&words[stopped..words.len().min(stopped + 8)]);
    Err(Refusal::new("origin.prose", format!("column {column}: not understood from {rest:?}"))
        .rule("the grammar of product rules in prose")
        .next("write the rule as a sentence in the pack's origin table"))
}

/// Real rules have up to some 300 words; the bound keeps hostile text from nesting without end.
const MOST_WORDS: usize = 1_000;

/// "All the other materials used are originating": other than those the rule names before.
fn others_resolved(rule: Rule) -> Rule {
    match rule {
        Rule::All(mut rules) => {
            let named: Vec<Term> = rules
                .iter()
                .filter_map(|rule| match rule {
                    Rule::From(terms) => Some(terms.clone()),
                    _ => None,
                })
                .flatten()
                .collect();
            for rule in &mut rules {
                if let Rule::Require(requirement) = rule
                    && requirement.of == Materials::of(vec![Term::named("other materials")])
                {
                    requirement.of = Materials { only: Vec::new(), except: named.clone() };
                }
            }
            Rule::All(rules)
        }
        Rule::Any(rules) => Rule::Any(rules.into_iter().map(others_resolved).collect()),
        other => other,
    }
}

/// Takes out "(for special conditions ..., see Note 4)" and "(see Introductory Note 6)".
fn without_asides(words: &[Word], remarks: &mut Vec<String>) -> Vec<Word> {
    let mut kept = Vec::new();
    let mut at = 0;
    while at < words.len() {
        let mut cursor = Cursor::new(words);
        cursor.at = at;
        if cursor.eat_any(&["( for special", "( see", "( for the"]) {
            let close = words[at..]
                .iter()
                .position(|word| word.text == ")")
                .map_or(words.len(), |offset| at + offset);
            remarks.push(spelled(&words[at + 1..close]));
            at = close + 1;
            continue;
        }
        kept.push(words[at].clone());
        at += 1;
    }
    kept
}

/// Alternatives, each with the sentences that qualify it.
fn whole(cursor: &mut Cursor, remarks: &mut Vec<String>) -> Option<Rule> {
    let mut alternatives = Vec::new();
    loop {
        while cursor.eat("•|¶|,|;|:|.|or") {}
        if cursor.at_end() {
            break;
        }
        if let Some(remark) = remark(cursor) {
            remarks.push(remark);
            continue;
        }
        // A list item such as "b)" opens a further way to the same end.
        cursor.eat_any(&["a|b|c|d|e|i|ii|iii|iv|v )", "( a|b|c|d|e|i|ii|iii|iv|v )", "either"]);
        let mut rule = alternative(cursor)?;
        loop {
            let start = cursor.at;
            while cursor.eat(".|,|;|¶|•") {}
            if let Some(tightened) = qualified(cursor, &rule) {
                rule = tightened;
            } else if let Some(remark) = remark(cursor) {
                remarks.push(remark);
            } else {
                cursor.at = start;
                break;
            }
        }
        alternatives.push(rule);
        let start = cursor.at;
        while cursor.eat(".|,|;|¶|•") {}
        // A new alternative is announced by "or", or stands in a paragraph or list item of its own.
        let announced =
            cursor.eat("or") || cursor.words[start..cursor.at].iter().any(|word| word.text == "•");
        if !announced && !cursor.at_end() && remark_ahead(cursor).is_none() {
            return None;
        }
    }
    if alternatives.is_empty() { None } else { Some(Rule::any(alternatives)) }
}

const REMARKS: [&str; 11] = [
    "for the? special conditions",
    "for special conditions",
    "for knitted or crocheted articles",
    "see introductory|note|annex|appendix|article|footnote",
    "see also",
    "other provisions",
    "in the case of the? products composed",
    "note :",
    "notes :",
    "( see",
    "for definitions|definition",
];

fn remark_ahead(cursor: &Cursor) -> Option<()> {
    cursor.sees_any(&REMARKS).then_some(())
}

/// A sentence that points to a note elsewhere, to the end of its paragraph.
fn remark(cursor: &mut Cursor) -> Option<String> {
    remark_ahead(cursor)?;
    let taken = spelled(cursor.until(&["¶"]));
    cursor.furthest = cursor.furthest.max(cursor.at);
    Some(taken)
}

fn alternative(cursor: &mut Cursor) -> Option<Rule> {
    let readers: [fn(&mut Cursor) -> Option<Rule>; 9] = [
        change_of_classification,
        no_change_but_content,
        spelled_out_change,
        value_content,
        most_non_originating,
        manufacture,
        product_itself,
        set_of_goods,
        process::process,
    ];
    readers.iter().find_map(|reader| cursor.attempt(|cursor| reader(cursor)))
}

/// What may follow a rule: "provided that ...", "and Standard QVC", "However, ...".
fn qualified(cursor: &mut Cursor, rule: &Rule) -> Option<Rule> {
    cursor.attempt(|cursor| {
        if cursor.eat_any(&["however ,?", "and|but however ,?", "in addition ,?", "nevertheless ,?"]) {
            return however(cursor, rule);
        }
        if cursor.eat_any(&[
            "provided|if|except that? :?",
            "on condition that :?",
            "in which :?",
            "where :?",
            "and|but? provided that? :?",
            "combined with :?",
        ]) {
            return Some(Rule::all(vec![rule.clone(), conditions(cursor)?]));
        }
        if cursor.sees("in accordance with") {
            // A rule for goods inside an origin quota: whether they are is a fact.
            let fact = spelled(cursor.until(&[".", ";", "¶", "•"]));
            return Some(Rule::all(vec![rule.clone(), Rule::That(fact)]));
        }
        if cursor.eat_any(&["and", "+", "together with"]) {
            return Some(Rule::all(vec![
                rule.clone(),
                value_content(cursor)
                    .or_else(|| most_non_originating(cursor))
                    .or_else(|| conditions(cursor))?,
            ]));
        }
        if let Some(allowed) = cursor.attempt(|cursor| however(cursor, rule)) {
            return Some(allowed);
        }
        None
    })
}

/// "A maximum of 50% of the ex-works price (EXW) is made up of non-originating parts (MAXNOM)".
fn most_non_originating(cursor: &mut Cursor) -> Option<Rule> {
    let ceiling = |share| {
        Rule::Ceiling(Ceiling { measure: Measure::Value, of: Materials::all(), each: false, at_most: share })
    };
    if cursor.eat_any(&["maxnom", "max nom"]) {
        let _ = cursor.eat(":|of|does not exceed");
        let shares = shares(cursor)?;
        return Some(Rule::any(shares.into_iter().map(ceiling).collect()));
    }
    if cursor.eat("a maximum of") {
        let shares = shares(cursor)?;
        if !cursor.eat("is|are? made up of non-originating parts|materials") {
            return None;
        }
        let _ = cursor.eat("( maxnom )");
        return Some(Rule::any(shares.into_iter().map(ceiling).collect()));
    }
    let opened = cursor.eat_any(&[
        "the? maximum value of non-originating materials ( maxnom )",
        "the? maximum value of non-originating materials",
        "non-originating materials may be used ,? provided|if that? their total? value",
    ]);
    if !opened {
        return None;
    }
    let shares = limit(cursor)?;
    Some(Rule::any(shares.into_iter().map(ceiling).collect()))
}

/// "All goods must be wholly obtained", "All the animals of chapter 1 shall be wholly obtained".
fn product_itself(cursor: &mut Cursor) -> Option<Rule> {
    let _ = cursor.eat("none if");
    cursor
        .attempt(|cursor| {
            let product = cursor.eat_any(&[
                "all|the? goods|products|good|product must|shall|are|is be? wholly obtained|produced",
                "wholly obtained|produced or? produced? entirely goods|products?",
                "wholly obtained|produced or? produced? goods|products?",
                "all|the? animals|goods|products of|in codes",
                "production in which all the? materials|goods are wholly obtained",
                "wo",
            ]);
            if product {
                territory(cursor);
                return Some(Rule::WhollyObtained);
            }
            if !cursor.eat("all|the the? animals|goods|products|plants|fish of|in|from") {
                return None;
            }
            codes(cursor)?;
            let _ = cursor.eat("used");
            if !cursor.eat("must|shall|are|is be? wholly obtained") {
                return None;
            }
            territory(cursor);
            Some(Rule::WhollyObtained)
        })
        .or_else(|| condition(cursor))
}

/// "Each item in the set must satisfy the rule which would apply to it ..."
fn set_of_goods(cursor: &mut Cursor) -> Option<Rule> {
    if !cursor.eat_any(&[
        "each item in the set must|shall satisfy the rule ,? which|that would apply to it if it were not included in the set",
        "each of the? products|goods|articles|items in the set must|shall? satisfy|satisfies the rule which|that would apply to it if it were not included in the set",
    ]) {
        return None;
    }
    Some(Rule::Require(Requirement { status: Status::Originating, of: Materials::all(), allow: Vec::new() }))
}

/// "Manufacture from ...", "Manufacture in which: ...", "Production from ...".
fn manufacture(cursor: &mut Cursor) -> Option<Rule> {
    let opened = cursor.eat_any(&[
        "manufacture|production|making :?",
        "other? operations|operation ,? in",
        "other? operations|operation",
    ]);
    if !opened {
        return None;
    }
    if cursor.words[cursor.at - 1].text == "in" {
        cursor.at -= 1;
    }
    if cursor.sees("by") {
        cursor.at += 1;
        let process = process::process(cursor)?;
        return if cursor.sees_any(&["in which", ", in which", "from"]) {
            let _ = cursor.eat(",");
            Some(Rule::all(vec![process, conditions(cursor)?]))
        } else {
            Some(process)
        };
    }
    conditions(cursor)
}
