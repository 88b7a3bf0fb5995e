//! Compiles the free text of an agreement's product rules.
//!
//! A real grammar over the words, not a table of sentences: alternatives joined by "or", conditions joined by
//! commas, list items and "and", exceptions, "however" sentences that relax or tighten what stands before
//! them. What it does not understand it names, with the column; it never compiles half a rule.

mod cursor;
mod materials;
mod process;

use meridian_terms::{Decimal, Refusal};

use self::cursor::{Cursor, Joint, spelled};
use self::materials::{SAME_DESCRIPTION, codes, set, terms};
use super::rule::{
    Allowance, Base, Ceiling, Change, Codes, Level, Materials, Measure, Method, OriginatingShare,
    Requirement, Rule, Share, Status, Term, ValueContent,
};
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

/// "However, X may (not) be used [, provided their total value does not exceed ...]".
fn however(cursor: &mut Cursor, rule: &Rule) -> Option<Rule> {
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
fn however_list(cursor: &mut Cursor, rule: &Rule) -> Option<Rule> {
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
fn allowed(cursor: &mut Cursor, rule: &Rule, of: &Materials) -> Option<Rule> {
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
fn with_allowance(rule: &Rule, allowance: &Allowance) -> Rule {
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
fn with_exception(rule: &Rule, forbidden: Vec<Term>) -> Rule {
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

/// "A change to a good of heading 4201 from any other heading, except from ...".
fn change_of_classification(cursor: &mut Cursor) -> Option<Rule> {
    if !cursor.eat_any(&["a? change to", "a? change in tariff classification to"]) {
        return None;
    }
    // Which goods the sentence is for is the table's business; only "that group" refers back to them.
    let _ = cursor.eat("a|the? good|goods of");
    let group = codes(cursor);
    let _ = cursor.until(&["from", ".", "¶"]);
    change_from(cursor, group)
}

fn change_from(cursor: &mut Cursor, group: Option<Vec<(String, String)>>) -> Option<Rule> {
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
fn change_with_leave(cursor: &mut Cursor) -> Option<Rule> {
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

fn level(cursor: &mut Cursor) -> Option<Level> {
    let level = match cursor.peek() {
        "chapter" | "chapters" => Level::Chapter,
        "heading" | "headings" => Level::Heading,
        "subheading" | "sub-heading" | "subheadings" => Level::Subheading,
        _ => return None,
    };
    cursor.at += 1;
    Some(level)
}

/// The terms after "except", up to where the exception ends.
fn exceptions(cursor: &mut Cursor, default: Level) -> Option<Vec<Term>> {
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

/// "No change in tariff classification required ..., provided there is a regional value content of ...".
fn no_change_but_content(cursor: &mut Cursor) -> Option<Rule> {
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
fn spelled_out_change(cursor: &mut Cursor) -> Option<Rule> {
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

/// Regional value content, by one method or several.
fn value_content(cursor: &mut Cursor) -> Option<Rule> {
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
fn abbreviated_content(cursor: &mut Cursor) -> Option<Rule> {
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
fn one_method(cursor: &mut Cursor, opened: bool) -> Option<Vec<Rule>> {
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

fn territory(cursor: &mut Cursor) {
    let _ = cursor.eat_any(&[
        "in the country or territory",
        "in the territory of the|a|one? or? more? of? the? country|party|parties|beneficiary country?|parties?",
        "in the|a beneficiary? country|party|territory",
        "within the meaning of article",
    ]);
    let _ = cursor.eat_any(&["or produced", "there"]);
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

/// Conditions joined by punctuation, "and" or "or"; "and" binds tighter.
fn conditions(cursor: &mut Cursor) -> Option<Rule> {
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

fn condition(cursor: &mut Cursor) -> Option<Rule> {
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

fn value_content_inline(cursor: &mut Cursor) -> Option<Rule> {
    let abbreviated = ["rvc", "qvc", "lvc", "vac"].iter().any(|name| cursor.peek().starts_with(name));
    if !abbreviated
        && !cursor.sees_any(&["there is|be", "a|the? regional|qualifying|local|domestic", "standard qvc"])
    {
        return None;
    }
    value_content(cursor)
}

fn change_inline(cursor: &mut Cursor) -> Option<Rule> {
    if cursor.eat_any(&["a change from any other", "from any other"]) {
        let level = level(cursor)?;
        return Some(Rule::Change(Change { level: Some(level), except: Vec::new(), allow: Vec::new() }));
    }
    None
}

/// "from materials of any heading, except that of the product and those of heading 2207".
fn from_any(cursor: &mut Cursor) -> Option<Rule> {
    if cursor.eat_any(&[
        "from materials not classified in|within|under",
        "from materials other than those? of|classified? in|within?",
    ]) {
        let except = exceptions_from(cursor, Level::Heading)?;
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

/// Exceptions that end like a list of materials does.
fn exceptions_from(cursor: &mut Cursor, default: Level) -> Option<Vec<Term>> {
    exceptions(cursor, default)
}

/// "from yarn", "from: natural fibres, or chemical materials", "from materials of heading 7206".
fn from_materials(cursor: &mut Cursor) -> Option<Rule> {
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

fn from_terms(phrase: &[Word]) -> Option<Vec<Term>> {
    let of = set(phrase)?;
    // "from materials" alone restricts nothing, and an exception inside a list is not a list.
    if of.only.is_empty() || !of.except.is_empty() {
        return None;
    }
    Some(of.only)
}

/// "the (total) value of all the materials of chapter 17 used does not exceed 30% of the ex-works price".
fn value_ceiling(cursor: &mut Cursor) -> Option<Rule> {
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

fn ceiling_of(cursor: &mut Cursor, measure: Measure, each: bool) -> Option<Rule> {
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
fn used_up_to(cursor: &mut Cursor) -> Option<Rule> {
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
fn weight_ceiling(cursor: &mut Cursor) -> Option<Rule> {
    let each = cursor.eat("the individual weight of");
    if !each && !cursor.eat("the? total|net? combined? weight of") {
        return None;
    }
    ceiling_of(cursor, Measure::Weight, each)
}

/// "at least 70% by weight of the unmanufactured tobacco of heading 2401 used is originating".
fn least_originating(cursor: &mut Cursor) -> Option<Rule> {
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
fn all_materials(cursor: &mut Cursor) -> Option<Rule> {
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

/// "does not exceed 40% of the ex-works price of the product or 45% of its FOB value".
fn limit(cursor: &mut Cursor) -> Option<Vec<Share>> {
    if !cursor.eat_any(&[
        "does|do|must|may|shall|will not exceed|exceeds",
        "cannot exceed",
        "not exceeding",
        "is|are|must|shall not|no be? more|higher|greater than",
        "does|do|must|shall not make up|represent? more than",
        "is|are|must|shall be? limited to",
        "not exceed",
    ]) {
        return None;
    }
    shares(cursor)
}

fn shares(cursor: &mut Cursor) -> Option<Vec<Share>> {
    let _ = cursor.eat("a? limit|maximum? of");
    let mut found = Vec::new();
    loop {
        let start = cursor.at;
        if !found.is_empty() && !cursor.eat("or") {
            break;
        }
        let Some(more) = cursor.attempt(|cursor| {
            let percent = percent(cursor)?;
            Some(bases(cursor)?.into_iter().map(|of| Share { percent, of }).collect::<Vec<_>>())
        }) else {
            cursor.at = start;
            break;
        };
        found.extend(more);
    }
    (!found.is_empty()).then_some(found)
}

fn percent(cursor: &mut Cursor) -> Option<Decimal> {
    let number = Decimal::parse(cursor.peek()).ok()?;
    cursor.at += 1;
    cursor.eat_any(&["%", "per cent", "percent"]).then_some(number)
}

/// "of the ex-works price of the product", "of the Free on Board (FOB) cost of the goods", or either.
fn bases(cursor: &mut Cursor) -> Option<Vec<Base>> {
    if cursor.eat_any(&["( exw )", "exw"]) {
        return Some(vec![Base::ExWorks]);
    }
    if cursor.eat_any(&["( fob )", "fob"]) {
        return Some(vec![Base::FreeOnBoard]);
    }
    if !cursor.eat_any(&["of|in|by"]) {
        return None;
    }
    let _ = cursor.eat("either");
    let mut found = Vec::new();
    loop {
        let _ = cursor.eat("the|its|their");
        let base = if cursor.eat_any(&[
            "value of the ex-works price",
            "ex-works|ex-work|exworks|ex-factory price|value|prices",
            "ex works|work price",
            "exw price?",
        ]) {
            let _ = cursor.eat("( exw )");
            Base::ExWorks
        } else if cursor.eat_any(&[
            "free on board (? fob? )? cost|value|price?",
            "free on-board (? fob? )? cost|value|price?",
            "free-on-board (? fob? )? cost|value|price?",
            "fob (? free? on? board? )? cost|value|price?",
            "value of the good|goods|product",
            "adjusted|transaction value",
        ]) {
            let _ = cursor.eat("( fob )");
            let _ = cursor.eat("cost|value|price");
            Base::FreeOnBoard
        } else if cursor.eat("net cost") {
            Base::NetCost
        } else if cursor.eat_any(&["total|net? weight", "by weight"]) {
            Base::Weight
        } else {
            return None;
        };
        found.push(base);
        let start = cursor.at;
        if !(cursor.eat("or")
            && cursor.sees_any(&[
                "the? free-on-board",
                "the? fob",
                "the? free on",
                "the? ex-works",
                "the? exw",
            ]))
        {
            cursor.at = start;
            break;
        }
    }
    let _ = cursor.eat_any(&["of|for the|these|those? final|finished|originating? product|good|goods|products|set|article|articles|product.", "of it"]);
    Some(found)
}
