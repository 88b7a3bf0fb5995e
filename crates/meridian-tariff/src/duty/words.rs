//! A sentence cut into words with their columns, and the reader all dialects share.

use std::fmt;

use meridian_terms::{Currency, Decimal};

use super::expression::Denomination;
use super::unit::Unit;

/// Why a sentence is not understood, and where.
///
/// The codes of the TARIC dialect are those a tariff editor knows: `duty.duty_amount_required`,
/// `duty.invalid_duty_expression`, `duty.invalid_monetary_unit`, `duty.invalid_measurement_unit`,
/// `duty.invalid_measurement_unit_qualifier`, and for sentences that read but may not stand
/// `duty.qualifier_not_allowed`, `duty.expression_used_once`, `duty.unit_not_allowed`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParseError {
    /// A stable code.
    pub code: &'static str,
    /// Characters up to the place, counted from one.
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

/// A word in lower case, with its column.
#[derive(Debug, Clone)]
struct Word {
    column: usize,
    text: String,
}

impl Word {
    fn is_number(&self) -> bool {
        self.text.starts_with(|c: char| c.is_ascii_digit())
    }
}

/// What the comma of a number means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Comma {
    /// `1,024.00`: thousands.
    Groups,
    /// `12,5`: decimals.
    Decimal,
}

/// Reads words one after another.
pub(super) struct Reader {
    words: Vec<Word>,
    at: usize,
    end: usize,
    /// Words at which a unit or a base ends.
    stops: &'static [&'static str],
}

impl Reader {
    pub(super) fn new(sentence: &str, comma: Comma, stops: &'static [&'static str]) -> Self {
        Self { words: words(sentence, comma), at: 0, end: sentence.chars().count() + 1, stops }
    }

    pub(super) fn peek(&self) -> Option<&str> {
        self.ahead(0)
    }

    pub(super) fn ahead(&self, by: usize) -> Option<&str> {
        self.words.get(self.at + by).map(|word| word.text.as_str())
    }

    /// The word at a mark.
    pub(super) fn word(&self, mark: usize) -> Option<&str> {
        self.words.get(mark).map(|word| word.text.as_str())
    }

    pub(super) fn is_done(&self) -> bool {
        self.at >= self.words.len()
    }

    pub(super) fn is_number(&self) -> bool {
        self.words.get(self.at).is_some_and(Word::is_number)
    }

    pub(super) fn mark(&self) -> usize {
        self.at
    }

    pub(super) fn back_to(&mut self, mark: usize) {
        self.at = mark;
    }

    pub(super) fn error(&self, code: &'static str) -> ParseError {
        self.error_at(self.at, code)
    }

    pub(super) fn error_at(&self, mark: usize, code: &'static str) -> ParseError {
        match self.words.get(mark) {
            Some(word) => ParseError { code, column: word.column, found: word.text.clone() },
            None => ParseError { code, column: self.end, found: String::new() },
        }
    }

    pub(super) fn next(&mut self) -> Option<String> {
        let word = self.words.get(self.at)?;
        self.at += 1;
        Some(word.text.clone())
    }

    /// Takes these words if they come next.
    pub(super) fn take(&mut self, phrase: &str) -> bool {
        let start = self.at;
        for wanted in phrase.split(' ') {
            if self.peek() != Some(wanted) {
                self.at = start;
                return false;
            }
            self.at += 1;
        }
        true
    }

    pub(super) fn take_any(&mut self, phrases: &[&str]) -> bool {
        phrases.iter().any(|phrase| self.take(phrase))
    }

    pub(super) fn number(&mut self, code: &'static str) -> Result<Decimal, ParseError> {
        let number = self.peek().filter(|_| self.is_number()).and_then(|word| Decimal::parse(word).ok());
        let number = number.ok_or_else(|| self.error(code))?;
        self.at += 1;
        Ok(number)
    }

    /// The denomination that comes next, if one does.
    pub(super) fn denomination(&mut self) -> Option<Denomination> {
        let found = match self.peek()? {
            "€" | "евро" => Denomination::of("EUR"),
            "£" => Denomination::of("GBP"),
            "$" | "доллар" | "доллара" | "долларов" => Denomination::of("USD"),
            "рубль" | "рубля" | "рублей" => Denomination::of("RUB"),
            "xem" => Some(Denomination::Xem),
            word => Currency::parse(&word.to_uppercase()).ok().map(Denomination::Money),
        }?;
        self.at += 1;
        self.take("сша");
        Some(found)
    }

    /// The words up to a stop, run together as units are looked up.
    pub(super) fn run(&self) -> (String, usize) {
        let mut joined = String::new();
        let mut at = self.at;
        while let Some(word) = self.words.get(at) {
            // A figure in parentheses' place ends the unit, one inside it (`l alc. 100%`) does not.
            if self.stops.contains(&word.text.as_str()) {
                break;
            }
            if word.text != "/" {
                joined.push_str(&word.text);
            }
            at += 1;
        }
        (joined, at)
    }

    /// The words up to a stop, with spaces.
    pub(super) fn phrase(&mut self) -> String {
        let (_, end) = self.run();
        let words: Vec<&str> = self.words[self.at..end].iter().map(|word| word.text.as_str()).collect();
        self.at = end;
        let mut told = String::new();
        for word in words {
            let glued = told.is_empty() || word == "-" || told.ends_with('-');
            if !glued {
                told.push(' ');
            }
            told.push_str(word);
        }
        told
    }

    /// `100 kg of lactic matter`: how many, and of what.
    ///
    /// # Errors
    /// An unknown unit, or a known one with an unknown qualifier.
    pub(super) fn per_unit(&mut self) -> Result<(Decimal, Unit), ParseError> {
        let per = if self.is_number() { self.number("duty.no_number")? } else { Decimal::ONE };
        let start = self.at;
        let (joined, end) = self.run();
        if let Some((unit, times)) = Unit::of_words(&joined) {
            self.at = end;
            let per = per.checked_mul(&Decimal::whole(i128::from(times))).unwrap_or(per);
            return Ok((per, unit));
        }
        // Which part is wrong: the unit itself, or what stands after a unit that is known.
        let mut known = String::new();
        for at in start..end {
            if self.words[at].text != "/" {
                known.push_str(&self.words[at].text);
            }
            if Unit::of_words(&known).is_some() && at + 1 < end {
                let after = if self.words[at + 1].text == "/" { at + 2 } else { at + 1 };
                return Err(self.error_at(after, "duty.invalid_measurement_unit_qualifier"));
            }
        }
        Err(self.error_at(start, "duty.invalid_measurement_unit"))
    }
}

fn words(sentence: &str, comma: Comma) -> Vec<Word> {
    let characters: Vec<char> = sentence.chars().collect();
    let digit = |at: usize| characters.get(at).is_some_and(char::is_ascii_digit);
    let mut found: Vec<Word> = Vec::new();
    let mut at = 0;
    while at < characters.len() {
        let start = at;
        let here = characters[at];
        let mut text = String::new();
        if here.is_ascii_digit() {
            while digit(at) || (matches!(characters.get(at), Some('.' | ',')) && digit(at + 1)) {
                match characters[at] {
                    ',' if comma == Comma::Decimal => text.push('.'),
                    // A comma before three digits groups; before anything else it ends the number.
                    ',' if digit(at + 2) && digit(at + 3) && !digit(at + 4) => {}
                    ',' => break,
                    character => text.push(character),
                }
                at += 1;
            }
        } else if here.is_alphabetic() {
            while characters.get(at).is_some_and(|c| c.is_alphanumeric() || *c == '.') {
                match characters[at] {
                    '²' => text.push('2'),
                    '³' => text.push('3'),
                    character => text.extend(character.to_lowercase()),
                }
                at += 1;
            }
            text = text.trim_end_matches('.').to_owned();
        } else {
            at += 1;
            if here.is_whitespace() {
                continue;
            }
            text.push(match here {
                '–' | '−' | '‑' => '-',
                other => other,
            });
        }
        found.push(Word { column: start + 1, text });
    }
    found
}
