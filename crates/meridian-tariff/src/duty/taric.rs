//! TARIC duty sentences, and the tables the European Union and the United Kingdom publish in that manner.
//!
//! ```text
//!  sentence = bounded [ "(" ranges ")" ] { "," bounded [ "(" ranges ")" ] }
//!  bounded  = sum { "MIN" sum | "MAX" sum }          MIN is a floor, MAX a cap, from left to right
//!  sum      = term { "+" term | "-" term }
//! ```
//!
//! In the TARIC dialect a sentence must also be one an editor may enter: each duty expression once and in ascending
//! order (01 amount, 02 -, 04 +, 12 and 14 + agricultural component, 15 MIN, 17 MAX, 19 +, 20 +, 21 to 29 + additional
//! duty, 35 MAX, 36 -, 37 NIHIL, 99 unit), with the unit that expression permits.

use meridian_terms::Decimal;

use super::Dialect;
use super::canonical::{Running, per_unit};
use super::expression::{Base, Component, Duty, Season};
use super::words::{Comma, ParseError, Reader};

const STOPS: [&str; 8] = ["+", "-", "min", "max", ",", "(", ")", ";"];

pub(super) fn parse(sentence: &str, dialect: Dialect) -> Result<Duty, ParseError> {
    let mut parser =
        Parser { reader: Reader::new(sentence, Comma::Groups, &STOPS), dialect, last: 0, seasons: false };
    let duty = parser.sentence()?;
    if parser.reader.is_done() { Ok(duty) } else { Err(parser.reader.error("duty.invalid_duty_expression")) }
}

struct Parser {
    reader: Reader,
    dialect: Dialect,
    /// The TARIC duty expression used last.
    last: u8,
    seasons: bool,
}

impl Parser {
    fn sentence(&mut self) -> Result<Duty, ParseError> {
        let mut variants = Vec::new();
        loop {
            self.last = 0;
            let duty = self.bounded()?;
            let seasons = if self.reader.take("(") { self.ranges()? } else { Vec::new() };
            self.seasons |= !seasons.is_empty();
            variants.push((seasons, duty));
            if !self.reader.take_any(&[",", ";"]) {
                break;
            }
        }
        if variants.len() == 1 && !self.seasons {
            return Ok(variants.remove(0).1);
        }
        // Two sentences side by side without a season say two things at once.
        if variants.iter().filter(|(seasons, _)| seasons.is_empty()).count() > 1 {
            return Err(self.reader.error("duty.variant_without_condition"));
        }
        Ok(Duty::Seasonal(variants))
    }

    /// `01 JAN-14 FEB, 16 JUN-31 DEC)`; the first month may be left to the second: `01-31 DEC`.
    fn ranges(&mut self) -> Result<Vec<Season>, ParseError> {
        let mut ranges = Vec::new();
        loop {
            let start = self.reader.mark();
            let invalid = |reader: &Reader| reader.error_at(start, "duty.invalid_season");
            let from_day = self.day()?;
            let from_month = self.month();
            if !self.reader.take_any(&["-", "to"]) {
                return Err(invalid(&self.reader));
            }
            let to_day = self.day()?;
            let to_month = self.month().ok_or_else(|| invalid(&self.reader))?;
            let from_month = from_month.unwrap_or(to_month);
            // Published tables write `31 APR` for the end of a month.
            let to_day =
                if (29..=31).contains(&to_day) { to_day.min(Season::last_day(to_month)) } else { to_day };
            if !Season::is_day(from_month, from_day) || !Season::is_day(to_month, to_day) {
                return Err(invalid(&self.reader));
            }
            ranges.push(Season { from: (from_month, from_day), to: (to_month, to_day) });
            if self.reader.take(")") {
                return Ok(ranges);
            }
            if !self.reader.take_any(&[",", ";", "and"]) {
                return Err(self.reader.error("duty.invalid_season"));
            }
        }
    }

    fn day(&mut self) -> Result<u8, ParseError> {
        let start = self.reader.mark();
        let day = self.reader.number("duty.invalid_season")?;
        let whole = u8::try_from(day.mantissa()).ok().filter(|_| day.scale() == 0);
        whole.ok_or_else(|| self.reader.error_at(start, "duty.invalid_season"))
    }

    fn month(&mut self) -> Option<u8> {
        let month = self.reader.peek().and_then(Season::month)?;
        self.reader.next();
        Some(month)
    }

    fn bounded(&mut self) -> Result<Duty, ParseError> {
        let mut rate = self.sum()?;
        loop {
            let start = self.reader.mark();
            if self.reader.take("min") {
                self.uses(start, &[15])?;
                rate = Duty::Floor(Box::new(rate), Box::new(self.sum()?));
            } else if self.reader.take("max") {
                self.uses(start, &[17, 35])?;
                rate = Duty::Cap(Box::new(rate), Box::new(self.sum()?));
            } else {
                return Ok(rate);
            }
        }
    }

    fn sum(&mut self) -> Result<Duty, ParseError> {
        let mut total = Running::new(self.term()?);
        loop {
            let start = self.reader.mark();
            if self.reader.take("+") {
                if let Some((component, codes)) = self.component() {
                    self.uses(start, codes)?;
                    total.plus(Duty::Agricultural(component));
                    continue;
                }
                self.uses(start, &[4, 19, 20])?;
                total.plus(self.term()?);
            } else if self.reader.take("-") {
                self.uses(start, &[2, 36])?;
                total.minus(self.term()?);
            } else {
                return Ok(total.end());
            }
        }
    }

    /// The next duty expression of these that may still stand; TARIC orders them.
    fn uses(&mut self, mark: usize, codes: &[u8]) -> Result<(), ParseError> {
        if self.dialect != Dialect::Taric {
            return Ok(());
        }
        let next = codes.iter().copied().find(|code| *code > self.last);
        self.last = next.ok_or_else(|| self.reader.error_at(mark, "duty.expression_used_once"))?;
        Ok(())
    }

    /// A Meursing component, by the Union's letters or an editor's (`AC`, `SD`, `FD`, each `(reduced)`).
    fn component(&mut self) -> Option<(Component, &'static [u8])> {
        let named = match self.reader.peek()? {
            "ac" => Component::Agricultural,
            "sd" => Component::Sugar,
            "fd" => Component::Flour,
            word => Component::named(word)?,
        };
        self.reader.next();
        let component = match (named, self.reader.take("( reduced )")) {
            (Component::Agricultural, true) => Component::AgriculturalReduced,
            (Component::Sugar, true) => Component::SugarReduced,
            (Component::Flour, true) => Component::FlourReduced,
            (other, _) => other,
        };
        let codes: &[u8] = match component {
            Component::Agricultural => &[12],
            Component::AgriculturalReduced => &[14],
            Component::Sugar => &[21],
            Component::SugarReduced => &[25],
            Component::Flour => &[27],
            Component::FlourReduced => &[29],
        };
        Some((component, codes))
    }

    fn term(&mut self) -> Result<Duty, ParseError> {
        if let Some((component, codes)) = self.component() {
            self.uses(self.reader.mark(), codes)?;
            return Ok(Duty::Agricultural(component));
        }
        if self.reader.take_any(&["nihil", "nil"]) {
            return if self.reader.peek() == Some("/") {
                Err(self.reader.error("duty.unit_not_allowed"))
            } else {
                Ok(Duty::Nil)
            };
        }
        if self.reader.take("entry price") {
            return Ok(Duty::EntryPrice);
        }
        if self.reader.take("free") {
            return Ok(Duty::free());
        }
        if let Some(currency) = self.signed() {
            let amount = self.reader.number("duty.duty_amount_required")?;
            return self.amount(amount, currency);
        }
        if self.reader.is_done() || matches!(self.reader.peek(), Some("+" | "-" | "min" | "max")) {
            return Err(self.reader.error("duty.duty_amount_required"));
        }
        if !self.reader.is_number() {
            // A unit alone is a supplementary unit, expression 99.
            return self.unit_alone().ok_or_else(|| self.reader.error("duty.invalid_duty_expression"));
        }
        let start = self.reader.mark();
        let number = self.reader.number("duty.invalid_duty_expression")?;
        if self.reader.take("%") {
            return self.percent(start, number);
        }
        if let Some(currency) = self.reader.denomination() {
            return self.amount(number, currency);
        }
        let is_bare = matches!(self.reader.peek(), None | Some("+" | "-" | "min" | "max" | "(" | ","));
        if is_bare && self.dialect != Dialect::Taric {
            return Ok(Duty::percent(number));
        }
        let after = self.reader.mark();
        self.reader.back_to(start);
        match self.unit_alone() {
            Some(unit) => Ok(unit),
            None if self.reader.ahead(1).is_some_and(|word| word.starts_with(char::is_alphabetic)) => {
                Err(self.reader.error_at(after, "duty.invalid_monetary_unit"))
            }
            None => Err(self.reader.error_at(after, "duty.invalid_duty_expression")),
        }
    }

    /// `€` or `£` before the number.
    fn signed(&mut self) -> Option<super::Denomination> {
        if matches!(self.reader.peek(), Some("€" | "£" | "$")) { self.reader.denomination() } else { None }
    }

    fn unit_alone(&mut self) -> Option<Duty> {
        let start = self.reader.mark();
        match self.reader.per_unit() {
            Ok((per, unit)) => Some(Duty::Unit { per, unit }),
            Err(_) => {
                self.reader.back_to(start);
                None
            }
        }
    }

    /// `/ Retail Price` may follow; or, in the Union's tables, ` / 1 % vol / hl` of a percentage by strength never does.
    fn percent(&mut self, start: usize, rate: Decimal) -> Result<Duty, ParseError> {
        if self.reader.take("vol") {
            // `0.5 % vol` is a unit with a number, not a percentage of a value.
            self.reader.back_to(start);
            return self.unit_alone().ok_or_else(|| self.reader.error("duty.invalid_duty_expression"));
        }
        let of = if self.reader.take("/ retail price") || self.reader.take("/ ret") {
            Base::Named("retail price".to_owned())
        } else {
            Base::CustomsValue
        };
        Ok(Duty::Percent { rate, of })
    }

    fn amount(&mut self, amount: Decimal, currency: super::Denomination) -> Result<Duty, ParseError> {
        // An editor's conditions write the unit without a stroke: `172.200 GBP DTN Z`.
        let has_stroke = self.reader.take("/");
        let is_end =
            matches!(self.reader.peek(), None | Some("+" | "-" | "min" | "max" | "(" | ")" | "," | ";"));
        if !has_stroke && is_end {
            return Ok(Duty::Fixed { amount, currency });
        }
        let start = self.reader.mark();
        let (per, unit) = per_unit(&mut self.reader)?;
        // The qualifier's abbreviation stands with 100 kg; with one kilogram it is spelled out (KGMP).
        let words: Vec<&str> = (start..self.reader.mark()).filter_map(|at| self.reader.word(at)).collect();
        let is_abbreviated = words.last() == Some(&"lactic") && per == Decimal::ONE;
        if self.dialect == Dialect::Taric && is_abbreviated {
            return Err(self.reader.error_at(self.reader.mark() - 1, "duty.qualifier_not_allowed"));
        }
        Ok(Duty::PerUnit { amount, currency, per, unit })
    }
}
