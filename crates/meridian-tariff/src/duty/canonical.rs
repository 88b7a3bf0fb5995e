//! The canonical grammar, as [`Duty`] prints itself; see the module above for it.

use meridian_terms::Decimal;

use super::expression::{Base, Component, Duty, Reference, Season};
use super::words::{Comma, ParseError, Reader};

const STOPS: [&str; 11] = ["plus", "minus", "but", "or", ",", ";", ")", "(", "from", "for", "otherwise"];

pub(super) fn parse(sentence: &str) -> Result<Duty, ParseError> {
    let mut reader = Reader::new(sentence, Comma::Groups, &STOPS);
    let duty = variants(&mut reader)?;
    if reader.is_done() { Ok(duty) } else { Err(reader.error("duty.unknown_word")) }
}

fn variants(reader: &mut Reader) -> Result<Duty, ParseError> {
    let (mut seasonal, mut by_programme) = (Vec::new(), Vec::new());
    loop {
        let start = reader.mark();
        let duty = choice(reader)?;
        if reader.take("from") {
            let mut seasons = vec![season(reader)?];
            while reader.take("and") {
                seasons.push(season(reader)?);
            }
            seasonal.push((seasons, duty));
        } else if reader.take("otherwise") {
            seasonal.push((Vec::new(), duty));
        } else if reader.take("for") {
            by_programme.push((programmes(reader)?, duty));
        } else if seasonal.is_empty() && by_programme.is_empty() {
            return Ok(duty);
        } else {
            return Err(reader.error("duty.variant_without_condition"));
        }
        if !seasonal.is_empty() && !by_programme.is_empty() {
            return Err(reader.error_at(start, "duty.mixed_variants"));
        }
        if !reader.take(";") {
            break;
        }
    }
    Ok(if by_programme.is_empty() { Duty::Seasonal(seasonal) } else { Duty::ByProgramme(by_programme) })
}

/// `16 Jun to 31 Dec`.
fn season(reader: &mut Reader) -> Result<Season, ParseError> {
    let from = day(reader)?;
    if !reader.take("to") {
        return Err(reader.error("duty.invalid_season"));
    }
    Ok(Season { from, to: day(reader)? })
}

fn day(reader: &mut Reader) -> Result<(u8, u8), ParseError> {
    let start = reader.mark();
    let invalid = |reader: &Reader| reader.error_at(start, "duty.invalid_season");
    let day = reader.number("duty.invalid_season")?;
    let word = reader.next().ok_or_else(|| invalid(reader))?;
    let month = Season::month(&word).ok_or_else(|| invalid(reader))?;
    let day = u8::try_from(day.mantissa()).ok().filter(|_| day.scale() == 0);
    day.filter(|day| Season::is_day(month, *day)).map(|day| (month, day)).ok_or_else(|| invalid(reader))
}

/// `A AU E* P+`.
fn programmes(reader: &mut Reader) -> Result<Vec<String>, ParseError> {
    let mut found: Vec<String> = Vec::new();
    while let Some(word) = reader.peek().filter(|word| !matches!(*word, ";" | ")")) {
        let word = word.to_uppercase();
        match (word.as_str(), found.last_mut()) {
            ("*" | "+" | "#", Some(last)) => last.push_str(&word),
            _ => found.push(word),
        }
        reader.next();
    }
    if found.is_empty() { Err(reader.error("duty.no_programme")) } else { Ok(found) }
}

fn choice(reader: &mut Reader) -> Result<Duty, ParseError> {
    let mut options = vec![bounded(reader)?];
    while reader.take("or") {
        options.push(bounded(reader)?);
    }
    if options.len() == 1 {
        return Ok(options.remove(0));
    }
    if reader.take(", whichever is lower") {
        Ok(Duty::Lower(options))
    } else if reader.take(", whichever is higher") {
        Ok(Duty::Higher(options))
    } else {
        Err(reader.error("duty.choice_without_measure"))
    }
}

fn bounded(reader: &mut Reader) -> Result<Duty, ParseError> {
    let mut rate = sum(reader)?;
    loop {
        if reader.take("but not less than") {
            rate = Duty::Floor(Box::new(rate), Box::new(sum(reader)?));
        } else if reader.take("but not more than") {
            rate = Duty::Cap(Box::new(rate), Box::new(sum(reader)?));
        } else {
            return Ok(rate);
        }
    }
}

fn sum(reader: &mut Reader) -> Result<Duty, ParseError> {
    let mut total = Running::new(term(reader)?);
    loop {
        if reader.take("plus") {
            total.plus(term(reader)?);
        } else if reader.take("minus") {
            total.minus(term(reader)?);
        } else {
            return Ok(total.end());
        }
    }
}

/// A sum read from the left: every dialect builds the same tree for the same order of terms.
pub(super) struct Running {
    parts: Vec<Duty>,
}

impl Running {
    pub(super) fn new(first: Duty) -> Self {
        Self { parts: vec![first] }
    }

    pub(super) fn plus(&mut self, more: Duty) {
        self.parts.push(more);
    }

    pub(super) fn minus(&mut self, less: Duty) {
        let before = std::mem::take(&mut self.parts);
        self.parts = vec![Duty::Difference(Box::new(Self { parts: before }.end()), Box::new(less))];
    }

    pub(super) fn end(mut self) -> Duty {
        if self.parts.len() == 1 { self.parts.remove(0) } else { Duty::Sum(self.parts) }
    }
}

fn term(reader: &mut Reader) -> Result<Duty, ParseError> {
    if reader.take("(") {
        let inner = variants(reader)?;
        return if reader.take(")") { Ok(inner) } else { Err(reader.error("duty.open_parenthesis")) };
    }
    if reader.take("free") {
        return Ok(Duty::free());
    }
    if reader.take("nil") {
        return Ok(Duty::Nil);
    }
    if reader.take("entry price") {
        return Ok(Duty::EntryPrice);
    }
    if reader.take("ordinary duty") {
        return Ok(Duty::Reference(Reference::Ordinary));
    }
    if reader.take("no change") {
        return Ok(Duty::Reference(Reference::NoChange));
    }
    if reader.take("duty of each article") {
        return Ok(Duty::Reference(Reference::EachArticle));
    }
    if reader.take("duty of") {
        let mut codes = Vec::new();
        while reader.is_number() {
            codes.extend(reader.next());
            reader.take("/");
        }
        return if codes.is_empty() {
            Err(reader.error("duty.no_subheading"))
        } else {
            Ok(Duty::Reference(Reference::Subheadings(codes)))
        };
    }
    if reader.take("note") {
        let number = reader.number("duty.no_number")?;
        let whole = u32::try_from(number.mantissa()).ok().filter(|_| number.scale() == 0);
        return whole
            .map(|number| Duty::Reference(Reference::Note(number)))
            .ok_or_else(|| reader.error("duty.no_number"));
    }
    if reader.take("unit") {
        let (per, unit) = reader.per_unit()?;
        return Ok(Duty::Unit { per, unit });
    }
    if let Some(component) = reader.peek().and_then(Component::named) {
        reader.next();
        return Ok(Duty::Agricultural(component));
    }
    let number = reader.number("duty.no_number")?;
    if reader.take("%") {
        let of = if reader.take("of") { named_base(reader)? } else { Base::CustomsValue };
        return Ok(Duty::Percent { rate: number, of });
    }
    let currency = reader.denomination().ok_or_else(|| reader.error("duty.no_unit"))?;
    if !reader.take("/") {
        return Ok(Duty::Fixed { amount: number, currency });
    }
    let (per, unit) = per_unit(reader)?;
    Ok(Duty::PerUnit { amount: number, currency, per, unit })
}

/// How many of what, the number above zero.
pub(super) fn per_unit(reader: &mut Reader) -> Result<(Decimal, super::Unit), ParseError> {
    let start = reader.mark();
    let (per, unit) = reader.per_unit()?;
    if per.is_zero() { Err(reader.error_at(start, "duty.no_number")) } else { Ok((per, unit)) }
}

fn named_base(reader: &mut Reader) -> Result<Base, ParseError> {
    let start = reader.mark();
    let name = reader.phrase();
    if name.is_empty() { Err(reader.error_at(start, "duty.no_base")) } else { Ok(Base::Named(name)) }
}
