//! The origin protocols of a pack: its agreements and their product rules.

use std::collections::{BTreeMap, BTreeSet};

use meridian_terms::{Decimal, HsCode, Refusal};

use super::agreement::{Agreement, Cumulation, Tolerance, TransportRule};
use super::bill::Bill;
use super::judge::{Judgement, judge};
use super::prose::compile;
use super::rule::{Base, Rule, Share};
use super::verdict::{Finding, Outcome};
use crate::sheet::{Fault, Row, Sheet};

/// One row of a pack's origin table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProductRule {
    /// The agreement it belongs to.
    pub agreement: String,
    /// The products: a range of code prefixes, both ends included.
    pub codes: (HsCode, HsCode),
    /// Which of them, in words, where one range has several rules: `blankets of wool`.
    pub product: String,
    /// The rule.
    pub rule: Rule,
    /// What the rule's text refers to elsewhere.
    pub remarks: Vec<String>,
    /// The article or annex.
    pub source: String,
    /// Whether it is the agreement's text or an illustration.
    pub is_illustrative: bool,
}

/// Every agreement of a pack with its product rules, immutable once loaded.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Protocols {
    agreements: BTreeMap<String, (Agreement, bool)>,
    rules: Vec<ProductRule>,
}

const AGREEMENT_COLUMNS: [&str; 13] = [
    "agreement",
    "title",
    "parties",
    "tolerance",
    "cumulation",
    "zone",
    "cumulation_needs_proof",
    "insufficient",
    "transport",
    "drawback_banned",
    "standard_value_content",
    "source",
    "status",
];
const RULE_COLUMNS: [&str; 7] = ["agreement", "codes", "product", "rule", "text", "source", "status"];

impl Protocols {
    /// Loads `agreements.csv` and `origin.csv`. A row of the latter has a `rule` in the sentence grammar, or a `text`
    /// in prose that is compiled; rows for the same codes and product are alternatives.
    ///
    /// # Errors
    /// Every fault of both tables, with file, row and column.
    pub fn load(agreements: &[u8], origin: &[u8]) -> Result<Self, Vec<Fault>> {
        let mut faults = Vec::new();
        let mut keep = |result: Result<_, Vec<Fault>>| match result {
            Ok(rows) => rows,
            Err(more) => {
                faults.extend(more);
                Vec::new()
            }
        };
        let agreements: Vec<(Agreement, bool)> = keep(
            Sheet::read("agreements.csv", agreements, &AGREEMENT_COLUMNS)
                .and_then(|sheet| sheet.each(agreement)),
        );
        let agreements: BTreeMap<String, (Agreement, bool)> = agreements
            .into_iter()
            .map(|(agreement, status)| (agreement.id.clone(), (agreement, status)))
            .collect();
        let rules = Sheet::read("origin.csv", origin, &RULE_COLUMNS)
            .and_then(|sheet| sheet.each(|row| product_rule(row, &agreements)));
        match rules {
            Ok(rules) if faults.is_empty() => Ok(Self { agreements, rules }),
            Ok(_) => Err(faults),
            Err(more) => Err(faults.into_iter().chain(more).collect()),
        }
    }

    /// The general provisions of an agreement by its id or title, and whether they are an illustration.
    #[must_use]
    pub fn agreement(&self, name: &str) -> Option<(&Agreement, bool)> {
        let titled = || self.agreements.values().find(|(agreement, _)| agreement.title == name);
        self.agreements
            .get(name)
            .or_else(titled)
            .map(|(agreement, is_illustrative)| (agreement, *is_illustrative))
    }

    /// The ids of all agreements.
    pub fn ids(&self) -> impl Iterator<Item = &str> {
        self.agreements.keys().map(String::as_str)
    }

    /// The rules for a product: of the ranges that hold its code, the narrowest.
    #[must_use]
    pub fn rules_for(&self, agreement: &str, code: &HsCode) -> Vec<&ProductRule> {
        let id = self.agreement(agreement).map_or(agreement, |(known, _)| known.id.as_str());
        let holds = |rule: &ProductRule| {
            let prefix = code.as_str().get(..rule.codes.0.as_str().len()).unwrap_or(code.as_str());
            rule.agreement == id
                && prefix.len() == rule.codes.0.as_str().len()
                && rule.codes.0.as_str() <= prefix
                && prefix <= rule.codes.1.as_str()
        };
        // Longer prefixes are narrower; of equal lengths, the shorter distance between the ends.
        let width = |rule: &ProductRule| {
            let number = |code: &HsCode| code.as_str().parse::<u64>().unwrap_or(0);
            (usize::MAX - rule.codes.0.as_str().len(), number(&rule.codes.1) - number(&rule.codes.0))
        };
        let held: Vec<&ProductRule> = self.rules.iter().filter(|rule| holds(rule)).collect();
        let narrowest = held.iter().map(|rule| width(rule)).min();
        held.into_iter().filter(|rule| Some(width(rule)) == narrowest).collect()
    }

    /// Judges a bill under an agreement. Where the table tells several products apart under one code, `product` says
    /// which; unsaid, the answer stands only when every reading gives it.
    ///
    /// # Errors
    /// `origin.agreement_unknown`; `origin.no_rule` when the agreement's table has none for the code;
    /// `origin.product_unknown` when `product` is none of those the table tells apart.
    pub fn judge(&self, agreement: &str, bill: &Bill, product: Option<&str>) -> Result<Judgement, Refusal> {
        let Some((provisions, _)) = self.agreement(agreement) else {
            let known: Vec<&str> = self.ids().collect();
            return Err(Refusal::new(
                "origin.agreement_unknown",
                format!("{agreement:?} is not in the pack"),
            )
            .next(format!("use one of: {}", known.join(", "))));
        };
        let rules = self.rules_for(agreement, &bill.code);
        let products: BTreeSet<&str> = rules.iter().map(|rule| rule.product.as_str()).collect();
        if rules.is_empty() {
            return Err(Refusal::new("origin.no_rule", format!("{agreement} has no rule for {}", bill.code))
                .rule("a product without a rule has no preference")
                .next("check the code, or add a row to origin.csv"));
        }
        let told = |products: &BTreeSet<&str>| products.iter().copied().collect::<Vec<_>>().join(" | ");
        if let Some(product) = product.filter(|product| !products.contains(product)) {
            return Err(Refusal::new(
                "origin.product_unknown",
                format!("{product:?} is no product of {}", bill.code),
            )
            .next(format!("use one of: {}", told(&products))));
        }
        let mut judged: Vec<(&str, Judgement)> = products
            .iter()
            .filter(|known| product.is_none_or(|product| product == **known))
            .map(|known| {
                let ways = rules.iter().filter(|rule| rule.product == *known).map(|rule| rule.rule.clone());
                (*known, judge(&Rule::any(ways.collect()), bill, provisions))
            })
            .collect();
        let first = judged[0].1.tree.outcome;
        if judged.len() == 1 {
            return Ok(judged.remove(0).1);
        }
        // Readings that agree need no choice; else which product it is becomes the missing fact.
        let agreed = judged.iter().all(|(_, judgement)| judgement.tree.outcome == first);
        let mut tree =
            Finding::leaf("each product the code may be", if agreed { first } else { Outcome::Unknown });
        if !agreed {
            tree = tree.missing([format!("which product it is: {}", told(&products))]);
        }
        for (name, judgement) in judged {
            let mut reading = Finding::leaf(name, judgement.tree.outcome);
            reading.children.push(judgement.tree);
            tree.children.push(reading);
        }
        Ok(Judgement { verdict: tree.verdict(), tree })
    }

    /// Every product rule, in the table's order.
    #[must_use]
    pub fn rules(&self) -> &[ProductRule] {
        &self.rules
    }
}

fn agreement(row: &mut Row) -> Option<(Agreement, bool)> {
    let id = row.filled("agreement");
    let parties = row.countries("parties");
    let tolerances = row.list("tolerance", tolerance);
    let zone: Option<BTreeSet<_>> = row.countries("zone");
    let cumulation = row.read("cumulation", |word| match word {
        "" | "none" => Ok(Cumulation::None),
        "bilateral" => Ok(Cumulation::Bilateral),
        "diagonal" => Ok(Cumulation::Diagonal(zone.clone().unwrap_or_default())),
        "full" => Ok(Cumulation::Full(zone.clone().unwrap_or_default())),
        _ => Err(Refusal::new("origin.cumulation", format!("{word:?} is no kind of cumulation"))
            .next("write none, bilateral, diagonal or full")),
    });
    let cumulation_needs_proof = row.yes("cumulation_needs_proof");
    let insufficient = row.words("insufficient");
    let transport = row.read("transport", transport);
    let drawback_banned = row.yes("drawback_banned");
    let standard = row.read("standard_value_content", |text| {
        if text.is_empty() { Ok(None) } else { percentage(text).map(Some) }
    });
    let is_illustrative = row.is_illustrative();
    let agreement = Agreement {
        id: id?,
        title: row.text("title").to_owned(),
        parties: parties?,
        tolerances: tolerances?,
        cumulation: cumulation?,
        cumulation_needs_proof: cumulation_needs_proof?,
        insufficient: insufficient?,
        transport: transport?,
        drawback_banned: drawback_banned?,
        standard_value_content: standard?,
    };
    Some((agreement, is_illustrative?))
}

/// `01-49 10% EXW` or `50-63 10% weight`.
fn tolerance(text: &str) -> Result<Tolerance, Refusal> {
    let malformed = || {
        Refusal::new("origin.tolerance", format!("{text:?} is not a tolerance"))
            .next("write it like 01-49 10% EXW")
    };
    let mut words = text.split(' ');
    let (chapters, percent, base) = match (words.next(), words.next(), words.next(), words.next()) {
        (Some(chapters), Some(percent), Some(base), None) => (chapters, percent, base),
        _ => return Err(malformed()),
    };
    let (from, to) = chapters.split_once('-').unwrap_or((chapters, chapters));
    let chapter = |text: &str| text.parse::<u8>().ok().filter(|chapter| (1..=99).contains(chapter));
    let (Some(from), Some(to)) = (chapter(from), chapter(to)) else { return Err(malformed()) };
    let percent = percentage(percent)?;
    let (of, ..) = Base::ALL.into_iter().find(|(_, symbol, _)| *symbol == base).ok_or_else(malformed)?;
    Ok(Tolerance { chapters: (from, to), at_most: Share { percent, of } })
}

fn percentage(text: &str) -> Result<Decimal, Refusal> {
    let number = Decimal::parse(text.strip_suffix('%').unwrap_or(text))?;
    if number.is_negative() || number > Decimal::whole(100) {
        return Err(Refusal::new("origin.percentage", format!("{text:?} is not between 0 and 100 per cent")));
    }
    Ok(number)
}

/// Empty: no rule; else the countries goods may pass (`any` or `AZ+TM`), and after `:` the evidence of which one is
/// asked, separated by `|`.
fn transport(text: &str) -> Result<Option<TransportRule>, Refusal> {
    if text.is_empty() {
        return Ok(None);
    }
    let (through, evidence) = text.split_once(':').unwrap_or((text, ""));
    let through = match through.trim() {
        "any" => BTreeSet::new(),
        countries => countries
            .split('+')
            .map(|code| meridian_terms::Country::parse(code.trim()))
            .collect::<Result<_, _>>()?,
    };
    let evidence =
        evidence.split('|').map(str::trim).filter(|word| !word.is_empty()).map(str::to_owned).collect();
    Ok(Some(TransportRule { through, evidence }))
}

fn product_rule(row: &mut Row, agreements: &BTreeMap<String, (Agreement, bool)>) -> Option<ProductRule> {
    let agreement = row.read("agreement", |id| {
        if agreements.contains_key(id) {
            return Ok(id.to_owned());
        }
        Err(Refusal::new("origin.agreement_unknown", format!("{id:?} is not in agreements.csv"))
            .next("add it there"))
    });
    let codes = row.read("codes", |text| {
        let (from, to) = text.split_once('-').unwrap_or((text, text));
        let (from, to) = (HsCode::parse(from)?, HsCode::parse(to)?);
        if from.as_str().len() != to.as_str().len() || from > to {
            return Err(Refusal::new("origin.range", format!("{text:?} is not a range of codes"))
                .next("write codes of one length, the lower first: 5208-5212"));
        }
        Ok((from, to))
    });
    let written = !row.text("rule").is_empty();
    let compiled = if written {
        row.read("rule", Rule::parse).map(|rule| (rule, Vec::new()))
    } else {
        row.read("text", compile).map(|compiled| (compiled.rule, compiled.remarks))
    };
    let is_illustrative = row.is_illustrative();
    let (rule, remarks) = compiled?;
    Some(ProductRule {
        agreement: agreement?,
        codes: codes?,
        product: row.text("product").to_owned(),
        rule,
        remarks,
        source: row.text("source").to_owned(),
        is_illustrative: is_illustrative?,
    })
}
