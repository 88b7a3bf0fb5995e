//! Duty expressions: what the law says about a rate, as a tree, parsed from a sentence and printed back.
//!
//! ```text
//!  rate     = choice
//!  choice   = bounded { "or" bounded } [ ", whichever is lower" | ", whichever is higher" ]
//!  bounded  = sum { "but not less than" sum | "but not more than" sum }
//!  sum      = term { "plus" term | "minus" term }
//!  term     = number "%" | number currency [ "/" number ] [ "/" ] unit | "free"
//! ```
//!
//! ```
//! use meridian_tariff::duty::{Dialect, parse};
//! let rate = parse("12,5, но не менее 0,5 евро за 1 кг", Dialect::EaeuRu)?;
//! assert_eq!(rate.to_string(), "12.5 % but not less than 0.5 EUR / kg");
//! assert_eq!(parse(&rate.to_string(), Dialect::Canonical)?, rate);
//! # Ok::<(), meridian_tariff::duty::ParseError>(())
//! ```

use std::collections::BTreeMap;
use std::fmt;

use meridian_terms::{Currency, Decimal, Ratio};

/// A duty expression.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Duty {
    /// A percentage of the customs value.
    Percent(Decimal),
    /// An amount for so many of a unit: `0.5 EUR / kg`, `4 EUR / 100 pcs`.
    PerUnit {
        /// Major units.
        amount: Decimal,
        /// Of which currency.
        currency: Currency,
        /// For how many.
        per: Decimal,
        /// Of what: `kg`, `cm3`, `pairs`, `l`...
        unit: String,
    },
    /// All of them together.
    Sum(Vec<Duty>),
    /// The first less the second.
    Difference(Box<Duty>, Box<Duty>),
    /// The first, but not less than the second.
    Floor(Box<Duty>, Box<Duty>),
    /// The first, but not more than the second.
    Cap(Box<Duty>, Box<Duty>),
    /// Whichever is lower.
    Lower(Vec<Duty>),
    /// Whichever is higher.
    Higher(Vec<Duty>),
}

/// How a sentence is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    /// As [`Duty`] prints itself.
    Canonical,
    /// The EAEU's common customs tariff, in Russian.
    EaeuRu,
}

/// Why a sentence is not understood, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParseError {
    /// A stable code: `duty.unknown_word`, `duty.unfinished`...
    pub code: &'static str,
    /// Characters before the place, counted from one.
    pub column: usize,
    /// What stands there.
    pub found: String,
}

impl fmt::Display for ParseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} at column {}: {:?}", self.code, self.column, self.found)
    }
}

impl std::error::Error for ParseError {}

impl fmt::Display for Duty {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let list = |f: &mut fmt::Formatter<'_>, parts: &[Self], word: &str| {
            for (number, part) in parts.iter().enumerate() {
                let before = if number == 0 { String::new() } else { format!(" {word} ") };
                write!(f, "{before}{part}")?;
            }
            Ok(())
        };
        match self {
            Self::Percent(rate) => write!(f, "{rate} %"),
            Self::PerUnit { amount, currency, per, unit } if *per == Decimal::ONE => {
                write!(f, "{amount} {currency} / {unit}")
            }
            Self::PerUnit { amount, currency, per, unit } => write!(f, "{amount} {currency} / {per} {unit}"),
            Self::Sum(parts) => list(f, parts, "plus"),
            Self::Difference(from, less) => write!(f, "{from} minus {less}"),
            Self::Floor(rate, least) => write!(f, "{rate} but not less than {least}"),
            Self::Cap(rate, most) => write!(f, "{rate} but not more than {most}"),
            Self::Lower(parts) => list(f, parts, "or").and_then(|()| f.write_str(", whichever is lower")),
            Self::Higher(parts) => list(f, parts, "or").and_then(|()| f.write_str(", whichever is higher")),
        }
    }
}

/// Parses a sentence.
///
/// # Errors
/// [`ParseError`] with its column.
pub fn parse(sentence: &str, dialect: Dialect) -> Result<Duty, ParseError> {
    let mut parser =
        Parser { words: words(sentence, dialect), at: 0, end: sentence.chars().count() + 1, dialect };
    let duty = parser.choice()?;
    match parser.peek() {
        None => Ok(duty),
        Some(_) => Err(parser.error("duty.unknown_word")),
    }
}

/// A word with its column.
type Word = (usize, String);

fn words(sentence: &str, dialect: Dialect) -> Vec<Word> {
    let lower = sentence.to_lowercase();
    let characters: Vec<char> = lower.chars().collect();
    let mut found: Vec<Word> = Vec::new();
    let mut at = 0;
    while at < characters.len() {
        let start = at;
        let here = characters[at];
        if here.is_ascii_digit() {
            let is_part = |at: usize| {
                let is_point = matches!(characters[at], '.' | ',')
                    && characters.get(at + 1).is_some_and(char::is_ascii_digit)
                    && (characters[at] == '.' || dialect == Dialect::EaeuRu);
                characters[at].is_ascii_digit() || is_point
            };
            while at < characters.len() && is_part(at) {
                at += 1;
            }
            let number: String =
                characters[start..at].iter().map(|c| if *c == ',' { '.' } else { *c }).collect();
            found.push((start + 1, number));
        } else if here.is_alphabetic() {
            while at < characters.len() && (characters[at].is_alphanumeric() || characters[at] == '.') {
                at += 1;
            }
            let word: String = characters[start..at].iter().collect();
            found.push((start + 1, word.trim_end_matches('.').to_owned()));
        } else {
            if !here.is_whitespace() {
                found.push((start + 1, here.to_string()));
            }
            at += 1;
        }
    }
    found
}

struct Parser {
    words: Vec<Word>,
    at: usize,
    end: usize,
    dialect: Dialect,
}

impl Parser {
    fn peek(&self) -> Option<&str> {
        self.words.get(self.at).map(|(_, word)| word.as_str())
    }

    fn error(&self, code: &'static str) -> ParseError {
        match self.words.get(self.at) {
            Some((column, found)) => ParseError { code, column: *column, found: found.clone() },
            None => ParseError { code: "duty.unfinished", column: self.end, found: String::new() },
        }
    }

    /// Takes these words if they come next.
    fn take(&mut self, phrase: &str) -> bool {
        let wanted: Vec<&str> = phrase.split(' ').collect();
        let next = self.words[self.at.min(self.words.len())..].iter().map(|(_, word)| word.as_str());
        let is_next = next.take(wanted.len()).eq(wanted.iter().copied());
        if is_next {
            self.at += wanted.len();
        }
        is_next
    }

    fn any(&mut self, canonical: &str, russian: &[&str]) -> bool {
        match self.dialect {
            Dialect::Canonical => self.take(canonical),
            Dialect::EaeuRu => russian.iter().any(|phrase| self.take(phrase)),
        }
    }

    fn choice(&mut self) -> Result<Duty, ParseError> {
        let mut options = vec![self.bounded()?];
        while self.any("or", &["или", ", или"]) {
            options.push(self.bounded()?);
        }
        if options.len() == 1 {
            return Ok(options.remove(0));
        }
        if self.any(
            ", whichever is lower",
            &[", в зависимости от того , какая из величин меньше", ", что меньше"],
        ) {
            return Ok(Duty::Lower(options));
        }
        if self.any(
            ", whichever is higher",
            &[", в зависимости от того , какая из величин больше", ", что больше"],
        ) {
            return Ok(Duty::Higher(options));
        }
        Err(self.error("duty.choice_without_measure"))
    }

    fn bounded(&mut self) -> Result<Duty, ParseError> {
        let mut rate = self.sum()?;
        loop {
            if self.any("but not less than", &[", но не менее", "но не менее"]) {
                rate = Duty::Floor(Box::new(rate), Box::new(self.sum()?));
            } else if self.any("but not more than", &[", но не более", "но не более"]) {
                rate = Duty::Cap(Box::new(rate), Box::new(self.sum()?));
            } else {
                return Ok(rate);
            }
        }
    }

    fn sum(&mut self) -> Result<Duty, ParseError> {
        let mut parts = vec![self.term()?];
        loop {
            if self.any("plus", &["плюс"]) {
                parts.push(self.term()?);
            } else if self.any("minus", &["минус"]) {
                let first =
                    if parts.len() == 1 { parts.remove(0) } else { Duty::Sum(std::mem::take(&mut parts)) };
                parts = vec![Duty::Difference(Box::new(first), Box::new(self.term()?))];
            } else {
                return Ok(if parts.len() == 1 { parts.remove(0) } else { Duty::Sum(parts) });
            }
        }
    }

    fn term(&mut self) -> Result<Duty, ParseError> {
        if self.any("free", &["беспошлинно"]) {
            return Ok(Duty::Percent(Decimal::ZERO));
        }
        let number = self.number()?;
        if self.take("%") {
            return Ok(Duty::Percent(number));
        }
        let start = self.at;
        let Some(currency) = self.currency() else {
            // The EAEU's table writes percentages without a sign.
            return if self.dialect == Dialect::EaeuRu {
                Ok(Duty::Percent(number))
            } else {
                Err(self.error("duty.no_unit"))
            };
        };
        if !self.any("/", &["за", "/"]) {
            self.at = start;
            return Err(self.error("duty.no_unit"));
        }
        let per = if self.peek().is_some_and(|word| word.starts_with(|c: char| c.is_ascii_digit())) {
            self.number()?
        } else {
            Decimal::ONE
        };
        let unit = self.unit()?;
        Ok(Duty::PerUnit { amount: number, currency, per, unit })
    }

    fn number(&mut self) -> Result<Decimal, ParseError> {
        let number = self
            .peek()
            .and_then(|word| Decimal::parse(word).ok())
            .ok_or_else(|| self.error("duty.no_number"))?;
        self.at += 1;
        Ok(number)
    }

    fn currency(&mut self) -> Option<Currency> {
        let code = match (self.dialect, self.peek()?) {
            (Dialect::EaeuRu, "евро") => "EUR".to_owned(),
            (Dialect::EaeuRu, "доллар" | "доллара" | "долларов") => "USD".to_owned(),
            (_, word) => word.to_uppercase(),
        };
        let currency = Currency::parse(&code).ok()?;
        self.at += 1;
        if code == "USD" {
            self.take("сша");
        }
        Some(currency)
    }

    fn unit(&mut self) -> Result<String, ParseError> {
        const RUSSIAN: [(&str, &str); 14] = [
            ("кг", "kg"),
            ("т", "t"),
            ("л", "l"),
            ("шт", "pcs"),
            ("пару", "pairs"),
            ("пар", "pairs"),
            ("см³ объема двигателя", "cm3"),
            ("см3 объема двигателя", "cm3"),
            ("см³", "cm3"),
            ("см3", "cm3"),
            ("м³", "m3"),
            ("м²", "m2"),
            ("м", "m"),
            ("г", "g"),
        ];
        if self.dialect == Dialect::EaeuRu {
            for (word, unit) in RUSSIAN {
                if self.take(word) {
                    return Ok(unit.to_owned());
                }
            }
            return Err(self.error("duty.unknown_unit"));
        }
        let unit = self.peek().filter(|word| word.starts_with(char::is_alphabetic)).map(str::to_owned);
        let unit = unit.ok_or_else(|| self.error("duty.unknown_unit"))?;
        self.at += 1;
        Ok(unit)
    }
}

/// What a duty is computed from: everything in the customs currency's minor units.
#[derive(Debug, Clone)]
pub struct Facts<'a> {
    /// Customs value in minor units.
    pub value: Ratio,
    /// Quantities by unit: `kg`, `cm3`, `pairs`...
    pub quantities: &'a BTreeMap<String, Decimal>,
    /// Minor units of the customs currency for one major unit of a currency.
    pub rates: &'a BTreeMap<Currency, Ratio>,
}

/// What is missing to compute a duty.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Need {
    /// A quantity in this unit.
    Quantity(String),
    /// An exchange rate of this currency.
    Rate(Currency),
    /// The figures do not fit 128 bits.
    Range,
}

impl fmt::Display for Need {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Quantity(unit) => write!(f, "needs: {unit}"),
            Self::Rate(currency) => write!(f, "needs: exchange rate of {currency}"),
            Self::Range => f.write_str("needs: smaller figures"),
        }
    }
}

impl Duty {
    /// The exact duty in minor units of the customs currency; nothing is rounded here.
    ///
    /// # Errors
    /// The first thing that is missing; a missing quantity is never zero.
    pub fn amount(&self, facts: &Facts<'_>) -> Result<Ratio, Need> {
        let all = |parts: &[Self]| parts.iter().map(|part| part.amount(facts)).collect::<Result<Vec<_>, _>>();
        match self {
            Self::Percent(rate) => {
                let share = rate.to_ratio().checked_div(&Ratio::whole(100)).ok_or(Need::Range)?;
                facts.value.checked_mul(&share).ok_or(Need::Range)
            }
            Self::PerUnit { amount, currency, per, unit } => {
                let quantity = facts.quantities.get(unit).ok_or_else(|| Need::Quantity(unit.clone()))?;
                let rate = facts.rates.get(currency).ok_or(Need::Rate(*currency))?;
                let units = quantity.to_ratio().checked_div(&per.to_ratio()).ok_or(Need::Range)?;
                let price = amount.to_ratio().checked_mul(rate).ok_or(Need::Range)?;
                units.checked_mul(&price).ok_or(Need::Range)
            }
            Self::Sum(parts) => {
                all(parts)?.iter().try_fold(Ratio::ZERO, |sum, part| sum.checked_add(part)).ok_or(Need::Range)
            }
            Self::Difference(from, less) => {
                from.amount(facts)?.checked_sub(&less.amount(facts)?).ok_or(Need::Range)
            }
            Self::Floor(rate, least) => Ok(rate.amount(facts)?.max(least.amount(facts)?)),
            Self::Cap(rate, most) => Ok(rate.amount(facts)?.min(most.amount(facts)?)),
            Self::Lower(parts) => Ok(all(parts)?.into_iter().min().unwrap_or(Ratio::ZERO)),
            Self::Higher(parts) => Ok(all(parts)?.into_iter().max().unwrap_or(Ratio::ZERO)),
        }
    }
}
