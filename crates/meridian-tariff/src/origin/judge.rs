//! Puts a rule to a bill of materials.
//!
//! Every figure is an interval: what certainly counts, and what might. A condition is met when even the worst
//! reading of the missing facts meets it, not met when even the best one does not, and unknown in between, so
//! stating one more fact can never turn a definite answer round.

use std::collections::{BTreeMap, BTreeSet};

use meridian_terms::{Decimal, Ratio, Rounding};

use super::agreement::{Agreement, TransportRule};
use super::bill::Bill;
use super::lexicon;
use super::lines::{Line, Settled, settle};
use super::rule::{
    Allowance, Base, Ceiling, Change, Codes, Materials, Measure, Method, OriginatingShare, Requirement, Rule,
    Share, Status, Term, ValueContent,
};
use super::verdict::{Finding, Outcome, Verdict};

/// The verdict and the tree behind it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Judgement {
    /// Qualifies, fails or unknown.
    pub verdict: Verdict,
    /// The explanation; its root is the whole question.
    pub tree: Finding,
}

/// Whether a product originates under a rule and the general provisions of its agreement.
///
/// ```
/// use meridian_tariff::origin::{Agreement, Base, Bill, Material, Rule, Standing, Verdict, judge};
/// use meridian_terms::{Country, Decimal, HsCode};
/// let mut bill = Bill::new(HsCode::parse("8413 70")?, Country::parse("RU")?);
/// bill.measures.insert(Base::ExWorks, Decimal::parse("1000.00")?);
/// let mut motor = Material::new("motor", Standing::NonOriginating);
/// motor.code = Some(HsCode::parse("8501 52")?);
/// motor.value = Some(Decimal::parse("450.00")?);
/// bill.materials.push(motor);
/// let judged = judge(&Rule::parse("VALUE(all) <= 40% EXW")?, &bill, &Agreement::default());
/// let Verdict::Fails(why) = judged.verdict else { panic!("450 of 1000 is more than 40 %") };
/// assert_eq!((why[0].have.as_str(), why[0].need.as_str()), ("45.00% of ex-works price (450.00 of 1000.00)", "at most 40%"));
/// # Ok::<(), meridian_terms::Refusal>(())
/// ```
#[must_use]
pub fn judge(rule: &Rule, bill: &Bill, agreement: &Agreement) -> Judgement {
    let lines = settle(bill, agreement);
    let court = Court { bill, agreement, lines: &lines };
    let mut nodes = vec![court.product(rule)];
    nodes.extend(court.materials_stated());
    nodes.extend(court.sufficient_working());
    nodes.extend(agreement.transport.as_ref().map(|rule| court.transport(rule)));
    nodes.extend(court.drawback());
    let tree = if nodes.len() == 1 { nodes.remove(0) } else { court.all("origin", nodes) }.finding;
    Judgement { verdict: tree.verdict(), tree }
}

struct Court<'a> {
    bill: &'a Bill,
    agreement: &'a Agreement,
    lines: &'a [Line],
}

/// A finding with the lines it tolerates: those that break the condition, and those that may, with the fact
/// that would tell.
struct Node {
    finding: Finding,
    certain: BTreeSet<usize>,
    possible: BTreeMap<usize, String>,
}

impl From<Finding> for Node {
    fn from(finding: Finding) -> Self {
        Self { finding, certain: BTreeSet::new(), possible: BTreeMap::new() }
    }
}

impl Node {
    fn tolerated(&self) -> BTreeSet<usize> {
        self.certain.iter().chain(self.possible.keys()).copied().collect()
    }
}

/// What certainly counts, and the most that might; `None` when there is no telling.
#[derive(Clone)]
struct Span {
    low: Ratio,
    high: Option<Ratio>,
    missing: BTreeSet<String>,
}

impl Span {
    const fn zero() -> Self {
        Self { low: Ratio::ZERO, high: Some(Ratio::ZERO), missing: BTreeSet::new() }
    }

    /// Adds a line's figure: surely (`Ok(true)`), perhaps (`Err` with the fact that would tell), or not.
    fn add(&mut self, counts: &Result<bool, String>, figure: Option<&Decimal>, what: &str, line: &Line) {
        if *counts == Ok(false) {
            return;
        }
        self.missing.extend(counts.as_ref().err().cloned());
        let Some(figure) = figure.map(Decimal::to_ratio) else {
            self.high = None;
            self.missing.insert(format!("{what} of {}", line.label));
            return;
        };
        if counts.is_ok() {
            self.low = self.low.checked_add(&figure).unwrap_or(self.low);
        }
        self.high = self.high.and_then(|high| high.checked_add(&figure));
        if self.high.is_none() && self.missing.is_empty() {
            self.missing.insert("figures that fit 128 bits".to_owned());
        }
    }

    /// Whether it stays at or below a limit.
    fn within(&self, limit: &Ratio) -> Outcome {
        if self.high.is_some_and(|high| high <= *limit) {
            Outcome::Met
        } else if self.low > *limit {
            Outcome::NotMet
        } else {
            Outcome::Unknown
        }
    }
}

/// "And" of two answers either of which may be missing a fact.
fn both(first: Result<bool, String>, second: impl FnOnce() -> Result<bool, String>) -> Result<bool, String> {
    match first {
        Ok(false) => Ok(false),
        Ok(true) => second(),
        Err(fact) => match second() {
            Ok(false) => Ok(false),
            _ => Err(fact),
        },
    }
}

fn not(answer: Result<bool, String>) -> Result<bool, String> {
    answer.map(|yes| !yes)
}

impl Court<'_> {
    /// The product's rule; a product said to be wholly obtained originates without it.
    fn product(&self, rule: &Rule) -> Node {
        if self.bill.wholly_obtained == Some(true) && *rule != Rule::WhollyObtained {
            at_least("any of these", 1, vec![self.wholly_obtained(), self.rule(rule)])
        } else {
            self.rule(rule)
        }
    }

    /// An empty bill breaks no condition on materials, so it proves nothing either.
    fn materials_stated(&self) -> Option<Node> {
        if !self.lines.is_empty() || self.bill.wholly_obtained == Some(true) {
            return None;
        }
        let fact = "the materials used, or that the product is wholly obtained".to_owned();
        Some(Finding::leaf("materials", Outcome::Unknown).missing([fact]).into())
    }

    fn rule(&self, rule: &Rule) -> Node {
        match rule {
            Rule::WhollyObtained => self.wholly_obtained(),
            Rule::Change(change) => self.change(rule, change),
            Rule::Require(requirement) => self.requirement(rule, requirement),
            Rule::From(terms) => self.from(rule, terms),
            Rule::Ceiling(ceiling) => self.ceiling(rule, ceiling),
            Rule::OriginatingShare(share) => self.originating_share(rule, share).into(),
            Rule::ValueContent(content) => self.value_content(rule, content).into(),
            Rule::NoDearerThanOriginating(of) => self.no_dearer(rule, of).into(),
            Rule::Done(operation) => self.done(rule, operation).into(),
            Rule::That(fact) => self.fact(rule, fact).into(),
            Rule::All(rules) => {
                self.all("all of these", rules.iter().map(|inner| self.rule(inner)).collect())
            }
            Rule::Any(rules) => {
                at_least("any of these", 1, rules.iter().map(|inner| self.rule(inner)).collect())
            }
            Rule::AtLeast(count, rules) => at_least(
                &format!("at least {count} of these"),
                *count,
                rules.iter().map(|inner| self.rule(inner)).collect(),
            ),
        }
    }

    /// Joins conditions that all must hold. Lines tolerated here and there are added up once: two leaves may
    /// not each use the whole tolerance.
    fn all(&self, words: &str, nodes: Vec<Node>) -> Node {
        let mut joined = Node::from(Finding::leaf(words, Outcome::Met));
        let mut tolerating = 0;
        for node in nodes {
            tolerating += usize::from(!(node.certain.is_empty() && node.possible.is_empty()));
            joined.certain.extend(&node.certain);
            joined.possible.extend(node.possible);
            joined.finding.children.push(node.finding);
        }
        if tolerating > 1
            && let Some(finding) = self.tolerance(&joined.certain, &joined.possible)
        {
            joined.finding.children.push(finding);
        }
        let worst = |finding: &Finding| match finding.outcome {
            Outcome::Met => 0,
            Outcome::Unknown => 1,
            Outcome::NotMet => 2,
        };
        joined.finding.outcome = match joined.finding.children.iter().map(worst).max() {
            Some(2) => Outcome::NotMet,
            Some(1) => Outcome::Unknown,
            _ => Outcome::Met,
        };
        joined.finding.tolerated = joined.tolerated();
        joined
    }

    fn wholly_obtained(&self) -> Node {
        let finding = Finding::leaf("WO", Outcome::Met).need("the product wholly obtained");
        let strange = self
            .lines
            .iter()
            .find(|line| matches!(line.standing, Settled::NonOriginating | Settled::Originating));
        if let Some(line) = strange {
            let have = format!("{} is not wholly obtained", line.label);
            return Finding { outcome: Outcome::NotMet, ..finding.have(have) }.into();
        }
        let unclear: Vec<String> = self.lines.iter().filter_map(|line| line.standing.unclear()).collect();
        let said = self.bill.wholly_obtained;
        let all_obtained = !self.lines.is_empty() && unclear.is_empty();
        match said {
            Some(false) => Finding { outcome: Outcome::NotMet, ..finding.have("said not to be") }.into(),
            _ if !unclear.is_empty() => {
                Finding { outcome: Outcome::Unknown, ..finding.missing(unclear) }.into()
            }
            Some(true) => finding.have("said to be wholly obtained").into(),
            None if all_obtained => finding.have("every material is wholly obtained").into(),
            None => {
                let fact = format!("whether the product is wholly obtained in {}", self.bill.country);
                Finding { outcome: Outcome::Unknown, ..finding.missing([fact]) }.into()
            }
        }
    }

    fn change(&self, rule: &Rule, change: &Change) -> Node {
        let own = change.level.map(|level| Term::coded(Codes::Own(level)));
        self.every_line(rule, &change.allow, |line| {
            let forbidden = own.iter().chain(&change.except);
            self.any_term(forbidden, line)
        })
    }

    fn requirement(&self, rule: &Rule, requirement: &Requirement) -> Node {
        // Both statuses come to the same here: a material that acquired origin satisfies "wholly obtained"
        // too (absorption). The status matters for the sentence and for products without materials.
        if self.lines.is_empty() && requirement.status == Status::WhollyObtained && requirement.of.is_all() {
            return self.wholly_obtained();
        }
        self.every_line(rule, &requirement.allow, |line| self.belongs(&requirement.of, line))
    }

    fn from(&self, rule: &Rule, terms: &[Term]) -> Node {
        let is_textile = |code: &str| lexicon::within(code, "50", "63");
        self.every_line(rule, &[], |line| {
            if line.names.get("accessory") == Some(&true) {
                // Introductory note 3.4: materials which by their nature cannot satisfy the rule are free.
                return Ok(false);
            }
            let free = match &line.code {
                Some(code) if is_textile(self.bill.code.as_str()) => {
                    // Introductory note 6.2: outside chapters 50 to 63 anything may be used.
                    !is_textile(code.as_str())
                        || terms.iter().any(|term| {
                            // Note 3.3: what may be used at one stage may be used at an earlier one.
                            term.name.as_deref().is_some_and(|name| lexicon::earlier(name, code.as_str()))
                        })
                }
                _ => false,
            };
            if free { Ok(false) } else { not(self.any_term(terms.iter(), line)) }
        })
    }

    /// A condition every non-originating line must meet: `breaks` says whether a line does not.
    fn every_line(
        &self,
        rule: &Rule,
        allow: &[Allowance],
        breaks: impl Fn(&Line) -> Result<bool, String>,
    ) -> Node {
        let mut used: Vec<Span> = allow.iter().map(|_| Span::zero()).collect();
        let (mut certain, mut possible) = (BTreeSet::new(), BTreeMap::new());
        for (index, line) in self.lines.iter().enumerate() {
            let mut breaks = both(line.standing.non_originating(), || breaks(line));
            for (allowance, span) in allow.iter().zip(&mut used) {
                if breaks == Ok(false) {
                    break;
                }
                let covered = self.belongs(&allowance.of, line);
                if let Some(share) = allowance.at_most {
                    let counted = both(breaks.clone(), || covered.clone());
                    let (figure, what) = figure(line, share.of);
                    span.add(&counted, figure, what, line);
                }
                breaks = both(breaks, || not(covered));
            }
            match breaks {
                Ok(true) => drop(certain.insert(index)),
                Ok(false) => {}
                Err(fact) => drop(possible.insert(index, fact)),
            }
        }
        let mut node = self.offenders(rule, certain, possible);
        for (allowance, span) in allow.iter().zip(&used) {
            if let Some(share) = allowance.at_most
                && span.high != Some(Ratio::ZERO)
            {
                let ceiling = self.against(&allowance.to_string(), span, share);
                node.finding.outcome = match (node.finding.outcome, ceiling.outcome) {
                    (Outcome::NotMet, _) | (_, Outcome::NotMet) => Outcome::NotMet,
                    (Outcome::Unknown, _) | (_, Outcome::Unknown) => Outcome::Unknown,
                    _ => Outcome::Met,
                };
                node.finding.children.push(ceiling);
            }
        }
        node
    }

    fn offenders(&self, rule: &Rule, certain: BTreeSet<usize>, possible: BTreeMap<usize, String>) -> Node {
        let names: Vec<&str> = certain.iter().map(|index| self.lines[*index].label.as_str()).collect();
        let finding = Finding::leaf(rule.to_string(), Outcome::Met);
        if certain.is_empty() && possible.is_empty() {
            return finding.have("no material breaks it").into();
        }
        let facts = possible.values().cloned();
        if let Some(tolerance) = self.tolerance(&certain, &possible) {
            let outcome = match tolerance.outcome {
                // Whether the doubtful lines break the rule at all decides first.
                Outcome::NotMet if certain.is_empty() => Outcome::Unknown,
                outcome => outcome,
            };
            let mut finding = Finding { outcome, ..finding.missing(facts) };
            if !certain.is_empty() {
                finding.have = format!("not met by {}", names.join(", "));
                finding.need = "no such non-originating material beyond the tolerance".to_owned();
            }
            finding.children.push(tolerance);
            if outcome != Outcome::Met {
                return finding.into();
            }
            let mut node = Node { finding, certain, possible };
            node.finding.tolerated = node.tolerated();
            return node;
        }
        if certain.is_empty() {
            return Finding { outcome: Outcome::Unknown, ..finding.missing(facts) }.into();
        }
        Finding { outcome: Outcome::NotMet, ..finding }
            .have(format!("not met by {}", names.join(", ")))
            .need("no such non-originating material")
            .into()
    }

    /// Whether lines together stay within the agreement's tolerance; `None` when it has none for the product.
    fn tolerance(&self, certain: &BTreeSet<usize>, possible: &BTreeMap<usize, String>) -> Option<Finding> {
        let tolerance = self.agreement.tolerance(self.bill.code.chapter())?;
        let mut span = Span::zero();
        for (index, line) in self.lines.iter().enumerate() {
            let (figure, what) = figure(line, tolerance.at_most.of);
            if certain.contains(&index) {
                span.add(&Ok(true), figure, what, line);
            } else if let Some(fact) = possible.get(&index) {
                span.add(&Err(fact.clone()), figure, what, line);
            }
        }
        Some(self.against("tolerance", &span, tolerance.at_most))
    }

    /// A sum against a share of the product's price or weight.
    fn against(&self, condition: &str, span: &Span, share: Share) -> Finding {
        let finding = Finding::leaf(condition, Outcome::Unknown).need(format!("at most {}%", share.percent));
        let base = match self.base(share.of) {
            Ok(base) => base,
            Err(_) if span.high == Some(Ratio::ZERO) => {
                return Finding { outcome: Outcome::Met, ..finding }.have("0");
            }
            Err(fact) => return finding.missing(span.missing.iter().cloned().chain([fact])),
        };
        let Some(limit) = part(&base, &share.percent) else {
            return finding.missing(["figures that fit 128 bits".to_owned()]);
        };
        let outcome = span.within(&limit);
        let finding = Finding { outcome, ..finding }.have(self.portion(span, &base, share.of));
        if outcome == Outcome::Unknown { finding.missing(span.missing.iter().cloned()) } else { finding }
    }

    /// `45.00% of ex-works price (450.00 of 1000.00)`.
    fn portion(&self, span: &Span, base: &Ratio, of: Base) -> String {
        let percent = |value: &Ratio| {
            value
                .checked_div(base)
                .and_then(|share| share.checked_mul(&Ratio::whole(100)))
                .and_then(|share| share.to_decimal(2, Rounding::HalfUp))
                .map_or_else(|| "?".to_owned(), |share| share.to_string())
        };
        let written = self.bill.measures.get(&of);
        let scale = written.map_or(2, Decimal::scale);
        let plain = |value: &Ratio| {
            value.to_decimal(scale.max(2), Rounding::HalfUp).map_or_else(|| "?".to_owned(), |v| v.to_string())
        };
        let whole = written.map_or_else(String::new, Decimal::to_string);
        match span.high {
            Some(high) if high == span.low => {
                format!("{}% of {} ({} of {whole})", percent(&high), of.words(), plain(&high))
            }
            Some(high) => format!(
                "{}% to {}% of {} ({} to {} of {whole})",
                percent(&span.low),
                percent(&high),
                of.words(),
                plain(&span.low),
                plain(&high)
            ),
            None => format!(
                "at least {}% of {} ({} of {whole})",
                percent(&span.low),
                of.words(),
                plain(&span.low)
            ),
        }
    }

    fn ceiling(&self, rule: &Rule, ceiling: &Ceiling) -> Node {
        let sum_of = |of: &Materials| {
            let mut span = Span::zero();
            for line in self.lines {
                let counts = both(line.standing.non_originating(), || self.belongs(of, line));
                let (figure, what) = measured(line, ceiling.measure);
                span.add(&counts, figure, what, line);
            }
            span
        };
        if !ceiling.each || ceiling.of.only.len() < 2 {
            return self.against(&rule.to_string(), &sum_of(&ceiling.of), ceiling.at_most).into();
        }
        // "The individual weight of sugar and of the materials of chapter 4": each kind has the whole ceiling.
        let kinds = ceiling.of.only.iter().map(|kind| {
            let alone = Materials { only: vec![kind.clone()], except: ceiling.of.except.clone() };
            self.against(&alone.to_string(), &sum_of(&alone), ceiling.at_most).into()
        });
        self.all(&rule.to_string(), kinds.collect())
    }

    fn originating_share(&self, rule: &Rule, share: &OriginatingShare) -> Finding {
        let (mut own, mut foreign) = (Span::zero(), Span::zero());
        for line in self.lines {
            let belongs = self.belongs(&share.of, line);
            let (figure, what) = measured(line, share.measure);
            own.add(&both(belongs.clone(), || line.standing.originating()), figure, what, line);
            foreign.add(&both(belongs, || line.standing.non_originating()), figure, what, line);
        }
        let finding = Finding::leaf(rule.to_string(), Outcome::Unknown)
            .need(format!("at least {}% originating", share.at_least));
        // own / (own + foreign) >= p  <=>  (100 - p) * own >= p * foreign: no division, nothing lost.
        let p = share.at_least.to_ratio();
        let Some(rest) = Ratio::whole(100).checked_sub(&p) else { return finding };
        let weigh = |value: Option<Ratio>, by: &Ratio| value.and_then(|value| value.checked_mul(by));
        let outcome = match (weigh(Some(own.low), &rest), weigh(foreign.high, &p)) {
            (Some(least), Some(most)) if least >= most => Outcome::Met,
            _ => match (weigh(own.high, &rest), weigh(Some(foreign.low), &p)) {
                (Some(most), Some(least)) if most < least => Outcome::NotMet,
                _ => Outcome::Unknown,
            },
        };
        let have = own
            .low
            .checked_add(&foreign.low)
            .and_then(|whole| own.low.checked_mul(&Ratio::whole(100))?.checked_div(&whole))
            .and_then(|percent| percent.to_decimal(2, Rounding::HalfUp))
            .map_or_else(|| "no such material".to_owned(), |percent| format!("{percent}% originating"));
        let missing: Vec<String> = if outcome == Outcome::Unknown {
            own.missing.into_iter().chain(foreign.missing).collect()
        } else {
            Vec::new()
        };
        Finding { outcome, ..finding.have(have) }.missing(missing)
    }

    fn value_content(&self, rule: &Rule, content: &ValueContent) -> Finding {
        let finding = Finding::leaf(rule.to_string(), Outcome::Unknown);
        let Some(at_least) = content.at_least.or(self.agreement.standard_value_content) else {
            return finding.missing(["the agreement's standard value content".to_owned()]);
        };
        let finding = finding.need(format!("at least {at_least}%"));
        let everything = Materials::all();
        let (counted, of) = match &content.method {
            Method::BuildUp => (true, &everything),
            Method::BuildDown | Method::NetCost => (false, &everything),
            Method::Focused(of) => (false, of),
        };
        let mut span = Span::zero();
        for line in self.lines {
            let standing =
                if counted { line.standing.originating() } else { line.standing.non_originating() };
            let counts = both(standing, || self.belongs(of, line));
            span.add(&counts, line.value.as_ref(), "value", line);
        }
        let base = match self.base(content.of) {
            Ok(base) => base,
            Err(fact) => return finding.missing(span.missing.into_iter().chain([fact])),
        };
        let Some(least) = part(&base, &at_least) else {
            return finding.missing(["figures that fit 128 bits".to_owned()]);
        };
        // Build-down: value - materials >= least  <=>  materials <= value - least.
        let (outcome, have) = if counted {
            let outcome = if span.low >= least {
                Outcome::Met
            } else if span.high.is_some_and(|high| high < least) {
                Outcome::NotMet
            } else {
                Outcome::Unknown
            };
            (outcome, format!("originating materials {}", self.portion(&span, &base, content.of)))
        } else {
            let outcome = base.checked_sub(&least).map_or(Outcome::Unknown, |limit| span.within(&limit));
            let rest = |value: &Ratio| base.checked_sub(value).unwrap_or(Ratio::ZERO);
            let content_span = Span {
                low: span.high.as_ref().map_or(Ratio::ZERO, rest),
                high: Some(rest(&span.low)),
                missing: BTreeSet::new(),
            };
            (outcome, self.portion(&content_span, &base, content.of))
        };
        let finding = Finding { outcome, ..finding.have(have) };
        if outcome == Outcome::Unknown { finding.missing(span.missing) } else { finding }
    }

    fn no_dearer(&self, rule: &Rule, of: &Materials) -> Finding {
        let (mut own, mut foreign) = (Span::zero(), Span::zero());
        for line in self.lines {
            let belongs = self.belongs(of, line);
            own.add(
                &both(belongs.clone(), || line.standing.originating()),
                line.value.as_ref(),
                "value",
                line,
            );
            foreign.add(
                &both(belongs, || line.standing.non_originating()),
                line.value.as_ref(),
                "value",
                line,
            );
        }
        let outcome = if foreign.high.is_some_and(|high| high <= own.low) {
            Outcome::Met
        } else if own.high.is_some_and(|high| foreign.low > high) {
            Outcome::NotMet
        } else {
            Outcome::Unknown
        };
        let plain = |value: &Ratio| {
            value.to_decimal(2, Rounding::HalfUp).map_or_else(|| "?".to_owned(), |value| value.to_string())
        };
        let finding = Finding::leaf(rule.to_string(), outcome)
            .have(format!("non-originating {}, originating {}", plain(&foreign.low), plain(&own.low)))
            .need("non-originating no more than originating");
        if outcome == Outcome::Unknown {
            finding.missing(own.missing).missing(foreign.missing)
        } else {
            finding
        }
    }

    fn done(&self, rule: &Rule, operation: &str) -> Finding {
        let finding =
            Finding::leaf(rule.to_string(), Outcome::Met).need(format!("{operation} in the territory"));
        match self.bill.operations.carried_out(operation) {
            Some(true) => finding.have("carried out"),
            Some(false) => Finding { outcome: Outcome::NotMet, ..finding }.have("not carried out"),
            None => Finding { outcome: Outcome::Unknown, ..finding }
                .missing([format!("whether {operation:?} was carried out in {}", self.bill.country)]),
        }
    }

    fn fact(&self, rule: &Rule, fact: &str) -> Finding {
        let finding = Finding::leaf(rule.to_string(), Outcome::Met).need(fact);
        match self.bill.facts.get(fact) {
            Some(true) => finding.have("it is so"),
            Some(false) => Finding { outcome: Outcome::NotMet, ..finding }.have("it is not so"),
            None => Finding { outcome: Outcome::Unknown, ..finding }
                .missing([format!("whether it holds of the product: {fact:?}")]),
        }
    }

    /// Operations that never confer origin by themselves; asked only when the agreement lists them and
    /// something foreign went in.
    fn sufficient_working(&self) -> Option<Node> {
        if self.agreement.insufficient.is_empty() {
            return None;
        }
        let finding = Finding::leaf("sufficient working", Outcome::Met)
            .need("an operation beyond those that never confer origin");
        let foreign = match self.any_foreign() {
            Ok(false) => return Some(finding.have("every material originates").into()),
            foreign => foreign,
        };
        let operations = &self.bill.operations;
        let sufficient = operations.done.iter().find(|done| !self.agreement.insufficient.contains(*done));
        Some(match (sufficient, foreign) {
            (Some(operation), _) => finding.have(operation.clone()).into(),
            (None, Ok(_)) if operations.complete => {
                let done: Vec<&str> = operations.done.iter().map(String::as_str).collect();
                let have =
                    if done.is_empty() { "nothing".to_owned() } else { format!("only {}", done.join(", ")) };
                Finding { outcome: Outcome::NotMet, ..finding.have(have) }.into()
            }
            (None, Err(fact)) if operations.complete => {
                Finding { outcome: Outcome::Unknown, ..finding }.missing([fact]).into()
            }
            (None, _) => Finding { outcome: Outcome::Unknown, ..finding }
                .missing([format!("the operations carried out in {}", self.bill.country)])
                .into(),
        })
    }

    /// Whether any material is foreign, or the fact that would tell.
    fn any_foreign(&self) -> Result<bool, String> {
        let mut answer = Ok(false);
        for line in self.lines {
            match line.standing.non_originating() {
                Ok(true) => return Ok(true),
                Ok(false) => {}
                Err(fact) => answer = Err(fact),
            }
        }
        answer
    }

    fn transport(&self, rule: &TransportRule) -> Node {
        let finding =
            Finding::leaf("direct transport", Outcome::Met).need("no other country, or one it only passed");
        let Some(travel) = &self.bill.transport else {
            return Finding { outcome: Outcome::Unknown, ..finding }
                .missing(["the countries the goods passed".to_owned()])
                .into();
        };
        if travel.through.is_empty() {
            return finding.have("direct").into();
        }
        let stranger =
            travel.through.iter().find(|country| !rule.through.is_empty() && !rule.through.contains(country));
        if let Some(country) = stranger {
            return Finding { outcome: Outcome::NotMet, ..finding }.have(format!("through {country}")).into();
        }
        let checks = [
            ("under customs control in transit", travel.under_customs_control),
            ("nothing done to the goods in transit", travel.altered.map(|altered| !altered)),
        ];
        let mut nodes: Vec<Node> = checks
            .into_iter()
            .map(|(words, fact)| {
                let leaf = Finding::leaf(words, Outcome::Met).need(words);
                match fact {
                    Some(true) => leaf.have("yes"),
                    Some(false) => Finding { outcome: Outcome::NotMet, ..leaf }.have("no"),
                    None => {
                        Finding { outcome: Outcome::Unknown, ..leaf }.missing([format!("whether: {words}")])
                    }
                }
                .into()
            })
            .collect();
        if !rule.evidence.is_empty() {
            let shown = rule.evidence.intersection(&travel.evidence).next();
            let asked: Vec<&str> = rule.evidence.iter().map(String::as_str).collect();
            let leaf = Finding::leaf("evidence of transit", Outcome::Met).need(asked.join(" or "));
            nodes.push(match shown {
                Some(document) => leaf.have(document.clone()).into(),
                None => Finding { outcome: Outcome::Unknown, ..leaf }.missing([asked.join(" or ")]).into(),
            });
        }
        self.all("direct transport", nodes)
    }

    fn drawback(&self) -> Option<Node> {
        if !self.agreement.drawback_banned {
            return None;
        }
        let finding = Finding::leaf("no drawback", Outcome::Met).need("no drawback of duty on materials");
        let unknown =
            |finding: Finding, fact: String| Finding { outcome: Outcome::Unknown, ..finding }.missing([fact]);
        let finding = match (self.bill.drawback, self.any_foreign()) {
            (_, Ok(false)) => finding.have("every material originates"),
            (Some(false), _) => finding.have("none"),
            (Some(true), Ok(_)) => Finding { outcome: Outcome::NotMet, ..finding }.have("duty drawn back"),
            (Some(true), Err(fact)) => unknown(finding, fact),
            (None, _) => unknown(finding, "whether duty on materials is drawn back".to_owned()),
        };
        Some(finding.into())
    }

    fn base(&self, base: Base) -> Result<Ratio, String> {
        let stated = self.bill.measures.get(&base).map(Decimal::to_ratio);
        stated.filter(|value| *value > Ratio::ZERO).ok_or_else(|| format!("the product's {}", base.words()))
    }

    fn belongs(&self, materials: &Materials, line: &Line) -> Result<bool, String> {
        let inside =
            if materials.only.is_empty() { Ok(true) } else { self.any_term(materials.only.iter(), line) };
        both(inside, || not(self.any_term(materials.except.iter(), line)))
    }

    fn any_term<'t>(&self, terms: impl Iterator<Item = &'t Term>, line: &Line) -> Result<bool, String> {
        let mut answer = Ok(false);
        for term in terms {
            match self.term(term, line) {
                Ok(true) => return Ok(true),
                Ok(false) => {}
                Err(fact) => answer = Err(fact),
            }
        }
        answer
    }

    fn term(&self, term: &Term, line: &Line) -> Result<bool, String> {
        both(self.classified(&term.codes, line), || match &term.name {
            None => Ok(true),
            Some(name) => {
                if let Some(stated) = line.names.get(name) {
                    return Ok(*stated);
                }
                let by_code = line.code.as_ref().and_then(|code| lexicon::answers(name, code.as_str()));
                by_code.ok_or_else(|| format!("whether {} is {name:?}", line.label))
            }
        })
    }

    fn classified(&self, codes: &Codes, line: &Line) -> Result<bool, String> {
        if *codes == Codes::Anywhere {
            return Ok(true);
        }
        let Some(code) = &line.code else { return Err(format!("the goods code of {}", line.label)) };
        let code = code.as_str();
        match codes {
            Codes::Anywhere => Ok(true),
            Codes::Own(level) => {
                let own = self.bill.code.as_str();
                let digits = level.digits();
                let common = digits.min(code.len()).min(own.len());
                if code[..common] != own[..common] {
                    Ok(false)
                } else if common == digits {
                    Ok(true)
                } else {
                    let whose = if own.len() < digits { "the product" } else { &line.label };
                    Err(format!("the goods code of {whose} to {digits} digits"))
                }
            }
            Codes::Within(ranges) => {
                let mut answer = Ok(false);
                for (from, to) in ranges {
                    if lexicon::within(code, from, to) {
                        return Ok(true);
                    }
                    // A code shorter than the range's ends may still lie in it.
                    let common = code.len().min(from.len());
                    if code.len() < from.len() && lexicon::within(code, &from[..common], &to[..common]) {
                        answer = Err(format!("the goods code of {} to {} digits", line.label, from.len()));
                    }
                }
                answer
            }
        }
    }
}

fn at_least(words: &str, count: usize, nodes: Vec<Node>) -> Node {
    let tally = |outcome| nodes.iter().filter(|node| node.finding.outcome == outcome).count();
    let (met, unknown) = (tally(Outcome::Met), tally(Outcome::Unknown));
    let outcome = if met >= count {
        Outcome::Met
    } else if met + unknown >= count {
        Outcome::Unknown
    } else {
        Outcome::NotMet
    };
    let mut joined = Node::from(Finding::leaf(words, outcome));
    if outcome == Outcome::Met {
        // Of the ways that work, the ones that lean least on the tolerance.
        let mut working: Vec<&Node> =
            nodes.iter().filter(|node| node.finding.outcome == Outcome::Met).collect();
        working.sort_by_key(|node| node.certain.len() + node.possible.len());
        for node in working.into_iter().take(count) {
            joined.certain.extend(&node.certain);
            joined.possible.extend(node.possible.clone());
        }
        joined.finding.tolerated = joined.tolerated();
    }
    joined.finding.children = nodes.into_iter().map(|node| node.finding).collect();
    joined
}

/// The figure of a line that a share of this base is made of: its weight, or its value.
fn figure(line: &Line, base: Base) -> (Option<&Decimal>, &'static str) {
    measured(line, if base == Base::Weight { Measure::Weight } else { Measure::Value })
}

fn measured(line: &Line, measure: Measure) -> (Option<&Decimal>, &'static str) {
    match measure {
        Measure::Value => (line.value.as_ref(), "value"),
        Measure::Weight => (line.weight_kg.as_ref(), "net weight"),
    }
}

fn part(base: &Ratio, percent: &Decimal) -> Option<Ratio> {
    base.checked_mul(&percent.to_ratio())?.checked_div(&Ratio::whole(100))
}
