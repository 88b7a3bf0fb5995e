//! A rule of origin as a tree, and the sentence it is written as.

use std::fmt;

use meridian_terms::Decimal;

/// What a product must have undergone, or be, to count as originating.
///
/// Source of the forms: the list rules and introductory notes of the Pan-Euro-Mediterranean Convention, the
/// change-of-classification rules of CPTPP annex 3-D, and the value-content methods of CPTPP article 3.5.
/// [`fmt::Display`] writes the one-cell sentence of a pack; [`Rule::parse`](crate::origin::Rule::parse)
/// reads it back to an equal tree.
///
/// **Invariant:** a condition on materials binds the non-originating ones only. A material that has acquired
/// origin is not asked again how (absorption, PEM appendix I, note 3.1 and article 4).
///
/// ```
/// use meridian_tariff::origin::Rule;
/// let rule = Rule::parse("CTH except 7601 or RVC(build-down FOB) >= 40%")?;
/// assert_eq!(rule.to_string(), "CTH except 7601 or RVC(build-down FOB) >= 40%");
/// # Ok::<(), meridian_terms::Refusal>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Rule {
    /// `WO`: the product itself is wholly obtained.
    WhollyObtained,
    /// `CTH except .. allow ..`: what no non-originating material may be.
    Change(Change),
    /// `WO(..)` or `ORIGINATING(..)`: what every such material must be.
    Require(Requirement),
    /// `FROM(..)`: the only non-originating materials there may be.
    From(Vec<Term>),
    /// `VALUE(..) <= 40% EXW`: a ceiling on non-originating materials.
    Ceiling(Ceiling),
    /// `SHARE WEIGHT(..) >= 50%`: the originating part of some materials.
    OriginatingShare(OriginatingShare),
    /// `RVC(build-down FOB) >= 40%`: regional value content.
    ValueContent(ValueContent),
    /// `NOM(..) <= OM`: the non-originating materials are worth no more than the originating ones.
    NoDearerThanOriginating(Materials),
    /// `DONE(weaving)`: the operation was carried out in the territory.
    Done(String),
    /// `THAT(..)`: a fact about the product itself.
    That(String),
    /// Every one of them.
    All(Vec<Rule>),
    /// At least one of them.
    Any(Vec<Rule>),
    /// `2 OF (..)`: at least so many of them.
    AtLeast(usize, Vec<Rule>),
}

/// How far the classification must change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// CC: two digits.
    Chapter,
    /// CTH: four digits.
    Heading,
    /// CTSH: six digits.
    Subheading,
}

impl Level {
    /// How many digits of the code it compares.
    #[must_use]
    pub const fn digits(self) -> usize {
        match self {
            Self::Chapter => 2,
            Self::Heading => 4,
            Self::Subheading => 6,
        }
    }

    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Chapter => "chapter",
            Self::Heading => "heading",
            Self::Subheading => "subheading",
        }
    }
}

/// No non-originating material may share the product's chapter, heading or subheading, nor be one of `except`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// The digits that must differ; `None`: materials of any heading.
    pub level: Option<Level>,
    /// What else may not be used.
    pub except: Vec<Term>,
    /// What may be used all the same.
    pub allow: Vec<Allowance>,
}

/// Which status the materials of a requirement must have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// Wholly obtained in the territory.
    WhollyObtained,
    /// Originating, however acquired.
    Originating,
}

/// Every one of these materials has the status.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Requirement {
    /// The status asked for.
    pub status: Status,
    /// Of which materials.
    pub of: Materials,
    /// What may be used all the same.
    pub allow: Vec<Allowance>,
}

/// Materials that may be used in spite of a condition, without limit or up to one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Allowance {
    /// Which materials.
    pub of: Materials,
    /// Up to how much of them together.
    pub at_most: Option<Share>,
}

/// So many per cent of something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Share {
    /// Per cent.
    pub percent: Decimal,
    /// Of what.
    pub of: Base,
}

/// What a percentage is taken of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Base {
    /// The ex-works price of the product.
    ExWorks,
    /// Its free-on-board value.
    FreeOnBoard,
    /// Its net cost: cost less royalties, shipping, promotion and interest.
    NetCost,
    /// Its net weight.
    Weight,
}

impl Base {
    pub(crate) const ALL: [(Self, &'static str, &'static str); 4] = [
        (Self::ExWorks, "EXW", "ex-works price"),
        (Self::FreeOnBoard, "FOB", "free-on-board value"),
        (Self::NetCost, "NC", "net cost"),
        (Self::Weight, "weight", "net weight"),
    ];

    fn symbol(self) -> &'static str {
        Self::ALL.iter().find(|(base, ..)| *base == self).map_or("?", |(_, symbol, _)| symbol)
    }

    /// The fact's name in words: `ex-works price`.
    #[must_use]
    pub fn words(self) -> &'static str {
        Self::ALL.iter().find(|(base, ..)| *base == self).map_or("?", |(.., words)| words)
    }
}

/// What a ceiling adds up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Measure {
    /// Their customs value.
    Value,
    /// Their net weight.
    Weight,
}

/// Non-originating materials of a kind stay at or below a share.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ceiling {
    /// Value or weight.
    pub measure: Measure,
    /// Which materials.
    pub of: Materials,
    /// Each kind named alone rather than all kinds together.
    pub each: bool,
    /// The ceiling.
    pub at_most: Share,
}

/// Of some materials, at least a share by value or weight originates.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OriginatingShare {
    /// Value or weight.
    pub measure: Measure,
    /// Which materials.
    pub of: Materials,
    /// Per cent.
    pub at_least: Decimal,
}

/// Regional value content by one method.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ValueContent {
    /// How it is computed.
    pub method: Method,
    /// Of which value.
    pub of: Base,
    /// The least share; `None` when the agreement's general threshold applies.
    pub at_least: Option<Decimal>,
}

/// The four methods of CPTPP article 3.5 and their kin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Method {
    /// (value - non-originating materials) / value.
    BuildDown,
    /// originating materials / value.
    BuildUp,
    /// (net cost - non-originating materials) / net cost.
    NetCost,
    /// (value - the non-originating materials named) / value.
    Focused(Materials),
}

/// A set of materials: those of `only` (all, when it is empty), less those of `except`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Materials {
    /// What belongs to it; empty: everything.
    pub only: Vec<Term>,
    /// What does not.
    pub except: Vec<Term>,
}

impl Materials {
    /// Every material.
    #[must_use]
    pub const fn all() -> Self {
        Self { only: Vec::new(), except: Vec::new() }
    }

    pub(crate) fn of(only: Vec<Term>) -> Self {
        Self { only, except: Vec::new() }
    }

    pub(crate) fn is_all(&self) -> bool {
        self.only.is_empty() && self.except.is_empty()
    }
}

/// One kind of material: by code, by name, or both at once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Term {
    /// The trade's words for it: `waste and scrap`. A name the lexicon does not define is a fact the bill of
    /// materials states.
    pub name: Option<String>,
    /// Where it is classified.
    pub codes: Codes,
}

/// Where a material is classified.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Codes {
    /// Anywhere.
    Anywhere,
    /// In the product's own chapter, heading or subheading.
    Own(Level),
    /// In any of these ranges of prefixes, both ends included: `01`, `5204-5212`.
    Within(Vec<(String, String)>),
}

impl Term {
    pub(crate) fn named(name: impl Into<String>) -> Self {
        Self { name: Some(name.into()), codes: Codes::Anywhere }
    }

    pub(crate) fn coded(codes: Codes) -> Self {
        Self { name: None, codes }
    }
}

impl Rule {
    /// `All` of several, flattened; one rule alone stays itself.
    pub(crate) fn all(rules: Vec<Self>) -> Self {
        let mut flat = Vec::new();
        for rule in rules {
            match rule {
                Self::All(inner) => flat.extend(inner),
                other => flat.push(other),
            }
        }
        if flat.len() == 1 { flat.remove(0) } else { Self::All(flat) }
    }

    /// `Any` of several, flattened; one rule alone stays itself.
    pub(crate) fn any(rules: Vec<Self>) -> Self {
        let mut flat = Vec::new();
        for rule in rules {
            match rule {
                Self::Any(inner) => flat.extend(inner),
                other => flat.push(other),
            }
        }
        if flat.len() == 1 { flat.remove(0) } else { Self::Any(flat) }
    }
}

fn list<T: fmt::Display>(f: &mut fmt::Formatter<'_>, items: &[T], between: &str) -> fmt::Result {
    for (position, item) in items.iter().enumerate() {
        if position > 0 {
            f.write_str(between)?;
        }
        write!(f, "{item}")?;
    }
    Ok(())
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::WhollyObtained => f.write_str("WO"),
            Self::Change(change) => change.fmt(f),
            Self::Require(requirement) => requirement.fmt(f),
            Self::From(terms) => {
                f.write_str("FROM(")?;
                list(f, terms, ", ")?;
                f.write_str(")")
            }
            Self::Ceiling(ceiling) => ceiling.fmt(f),
            Self::OriginatingShare(share) => {
                write!(f, "SHARE {}({}) >= {}%", share.measure, share.of, share.at_least)
            }
            Self::ValueContent(content) => content.fmt(f),
            Self::NoDearerThanOriginating(of) if of.is_all() => f.write_str("NOM <= OM"),
            Self::NoDearerThanOriginating(of) => write!(f, "NOM({of}) <= OM"),
            Self::Done(operation) => write!(f, "DONE({})", Quoted(operation)),
            Self::That(fact) => write!(f, "THAT({})", Quoted(fact)),
            Self::All(rules) => {
                for (position, rule) in rules.iter().enumerate() {
                    if position > 0 {
                        f.write_str(" and ")?;
                    }
                    match rule {
                        Self::Any(_) | Self::All(_) => write!(f, "({rule})")?,
                        _ => write!(f, "{rule}")?,
                    }
                }
                Ok(())
            }
            Self::Any(rules) => {
                for (position, rule) in rules.iter().enumerate() {
                    if position > 0 {
                        f.write_str(" or ")?;
                    }
                    match rule {
                        Self::Any(_) => write!(f, "({rule})")?,
                        _ => write!(f, "{rule}")?,
                    }
                }
                Ok(())
            }
            Self::AtLeast(count, rules) => {
                write!(f, "{count} OF (")?;
                list(f, rules, "; ")?;
                f.write_str(")")
            }
        }
    }
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.level {
            None => "ANY",
            Some(Level::Chapter) => "CC",
            Some(Level::Heading) => "CTH",
            Some(Level::Subheading) => "CTSH",
        })?;
        if !self.except.is_empty() {
            f.write_str(" except ")?;
            list(f, &self.except, ", ")?;
        }
        self.allow.iter().try_for_each(|allowance| write!(f, " {allowance}"))
    }
}

impl fmt::Display for Requirement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let status = match self.status {
            Status::WhollyObtained => "WO",
            Status::Originating => "ORIGINATING",
        };
        write!(f, "{status}({})", self.of)?;
        self.allow.iter().try_for_each(|allowance| write!(f, " {allowance}"))
    }
}

impl fmt::Display for Allowance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "allow ({})", self.of)?;
        self.at_most.map_or(Ok(()), |share| write!(f, " <= {share}"))
    }
}

impl fmt::Display for Share {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}% {}", self.percent, self.of.symbol())
    }
}

impl fmt::Display for Measure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Value => "VALUE",
            Self::Weight => "WEIGHT",
        })
    }
}

impl fmt::Display for Ceiling {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let each = if self.each { "EACH " } else { "" };
        write!(f, "{each}{}({}) <= {}", self.measure, self.of, self.at_most)
    }
}

impl fmt::Display for ValueContent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RVC(")?;
        match &self.method {
            Method::BuildDown => write!(f, "build-down {}", self.of.symbol())?,
            Method::BuildUp => write!(f, "build-up {}", self.of.symbol())?,
            Method::NetCost => f.write_str("net-cost")?,
            Method::Focused(of) => write!(f, "focused {} on {of}", self.of.symbol())?,
        }
        match self.at_least {
            Some(percent) => write!(f, ") >= {percent}%"),
            None => f.write_str(") >= standard"),
        }
    }
}

impl fmt::Display for Materials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.only.is_empty() {
            f.write_str("all")?;
        }
        list(f, &self.only, ", ")?;
        if !self.except.is_empty() {
            f.write_str(" except ")?;
            list(f, &self.except, ", ")?;
        }
        Ok(())
    }
}

/// Words in quotation marks, as the grammar reads them: a backslash before a mark or a backslash, and nothing else.
struct Quoted<'a>(&'a str);

impl fmt::Display for Quoted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("\"")?;
        for character in self.0.chars() {
            if matches!(character, '"' | '\\') {
                f.write_str("\\")?;
            }
            fmt::Write::write_char(f, character)?;
        }
        f.write_str("\"")
    }
}

impl fmt::Display for Term {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.name, &self.codes) {
            (Some(name), Codes::Anywhere) => Quoted(name).fmt(f),
            (Some(name), codes) => write!(f, "{} of {codes}", Quoted(name)),
            (None, codes) => codes.fmt(f),
        }
    }
}

impl fmt::Display for Codes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Anywhere => f.write_str("any"),
            Self::Own(level) => write!(f, "own {}", level.word()),
            Self::Within(ranges) => {
                for (position, (from, to)) in ranges.iter().enumerate() {
                    if position > 0 {
                        f.write_str("+")?;
                    }
                    if from == to { f.write_str(from)? } else { write!(f, "{from}-{to}")? }
                }
                Ok(())
            }
        }
    }
}
