//! The Harmonized Tariff Schedule of the United States: rates in free English.
//!
//! ```text
//!  column  = rate | rate "(" programmes ")" { rate "(" programmes ")" }    Free (AU,CL) 22.5% (E)
//!  rate    = term { ("+" | "plus" | "less") term } { "but not less than" term | "but not more than" term }
//!  term    = "Free" | "No change" | number "%" [ ("on" | "upon") base ]
//!          | "$" number | number "¢", each "/" unit or "each" [ "on" part "content" ]
//!          | "The duty provided in the applicable subheading" | "The duty provided in subheading(s)" codes
//!          | "The rate applicable to each ... separately ..." | "See" codes | "a duty of" term
//! ```

use meridian_terms::{Decimal, Rounding};

use super::canonical::{Running, per_unit};
use super::expression::{Base, Denomination, Duty, Reference};
use super::unit::Unit;
use super::words::{Comma, ParseError, Reader};

const STOPS: [&str; 12] = ["+", "plus", "(", ")", "but", ";", "less", ",", "on", "upon", "not", "."];

pub(super) fn parse(sentence: &str) -> Result<Duty, ParseError> {
    let mut reader = Reader::new(sentence, Comma::Groups, &STOPS);
    let mut variants = Vec::new();
    loop {
        let start = reader.mark();
        let duty = rate(&mut reader)?;
        let programmes = if reader.take("(") { Some(programmes(&mut reader)?) } else { None };
        reader.take(".");
        match (programmes, reader.is_done()) {
            (None, true) if variants.is_empty() => return Ok(duty),
            (Some(programmes), done) => {
                variants.push((programmes, duty));
                if done {
                    return Ok(Duty::ByProgramme(variants));
                }
            }
            (None, true) => return Err(reader.error_at(start, "duty.variant_without_condition")),
            (None, false) => return Err(reader.error("duty.unknown_word")),
        }
    }
}

/// `A,AU, E*, P+)`: the programmes of general note 3(c)(i).
fn programmes(reader: &mut Reader) -> Result<Vec<String>, ParseError> {
    let mut found: Vec<String> = Vec::new();
    loop {
        let start = reader.mark();
        match reader.next().as_deref() {
            Some(")") if !found.is_empty() => return Ok(found),
            Some("," | "and" | "or") => {}
            Some(mark @ ("*" | "+" | "#")) if !found.is_empty() => {
                if let Some(last) = found.last_mut() {
                    last.push_str(mark);
                }
            }
            Some(code) if code.len() <= 3 && code.chars().all(char::is_alphanumeric) => {
                found.push(code.to_uppercase());
            }
            _ => return Err(reader.error_at(start, "duty.no_programme")),
        }
    }
}

fn rate(reader: &mut Reader) -> Result<Duty, ParseError> {
    let mut rate = sum(reader)?;
    loop {
        let start = reader.mark();
        reader.take(",");
        if reader.take_any(&["but not less than", "but not less than", "not less than"]) {
            rate = Duty::Floor(Box::new(rate), Box::new(sum(reader)?));
        } else if reader.take_any(&[
            "but not more than",
            "but not to exceed",
            "not to exceed",
            "not more than",
        ]) {
            rate = Duty::Cap(Box::new(rate), Box::new(sum(reader)?));
        } else {
            reader.back_to(start);
            return Ok(rate);
        }
    }
}

fn sum(reader: &mut Reader) -> Result<Duty, ParseError> {
    let mut total = Running::new(term(reader)?);
    loop {
        if reader.take_any(&["+", "plus"]) {
            total.plus(term(reader)?);
        } else if reader.take_any(&["less", "minus"]) {
            total.minus(term(reader)?);
        } else {
            return Ok(total.end());
        }
    }
}

fn term(reader: &mut Reader) -> Result<Duty, ParseError> {
    if reader.take("free") {
        return Ok(Duty::free());
    }
    if reader.take("no change") {
        return Ok(Duty::Reference(Reference::NoChange));
    }
    reader.take_any(&["a duty of", "an additional duty of"]);
    if let Some(reference) = reference(reader)? {
        return Ok(Duty::Reference(reference));
    }
    if reader.take("$") {
        let amount = reader.number("duty.no_number")?;
        return money(reader, amount);
    }
    let number = reader.number("duty.no_number")?;
    if reader.take_any(&["%", "percent"]) {
        reader.take_any(&["ad valorem", "ad val"]);
        let of = base(reader)?;
        return Ok(Duty::Percent { rate: number, of });
    }
    if reader.take_any(&["¢", "cents", "cent"]) {
        let cents = Decimal::new(number.mantissa(), number.scale() + 2);
        let amount = cents.map_err(|_| reader.error("duty.no_number"))?;
        return money(reader, amount);
    }
    if let Some(currency) = reader.denomination() {
        return priced(reader, number, currency);
    }
    Err(reader.error("duty.no_unit"))
}

fn reference(reader: &mut Reader) -> Result<Option<Reference>, ParseError> {
    let start = reader.mark();
    if reader.take_any(&[
        "the duty provided in",
        "the duty provided for in",
        "the rate provided in",
        "the duty provided inthe",
    ]) {
        if reader.take_any(&[
            "applicable subheading",
            "the applicable subheading",
            "the applicable subheadings",
        ]) {
            return Ok(Some(Reference::Ordinary));
        }
        if reader.take_any(&["subheadings", "subheading", "heading", "headings"]) {
            return codes(reader).map(|codes| Some(Reference::Subheadings(codes)));
        }
        return Err(reader.error("duty.unknown_word"));
    }
    if reader.take_any(&["the rate applicable to", "the rates applicable to"]) {
        let each = reader.take("each");
        let phrase = reader.phrase();
        return if each && phrase.contains("separately") {
            Ok(Some(Reference::EachArticle))
        } else {
            Err(reader.error_at(start, "duty.unknown_reference"))
        };
    }
    if reader.take("see") {
        reader.take_any(&["subheadings", "subheading", "heading", "headings"]);
        return codes(reader).map(|codes| Some(Reference::Subheadings(codes)));
    }
    Ok(None)
}

/// `8716.39.00, 8716.90.30 or 8716.90.50`; a dash is a range and keeps its ends.
fn codes(reader: &mut Reader) -> Result<Vec<String>, ParseError> {
    let mut found = Vec::new();
    loop {
        let is_code = reader.peek().is_some_and(|word| {
            let digits = word.bytes().filter(u8::is_ascii_digit).count();
            matches!(digits, 4..=10) && word.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.')
        });
        if !is_code {
            return Err(reader.error("duty.no_subheading"));
        }
        found.extend(reader.next());
        let start = reader.mark();
        let more = reader.take_any(&[", or", ", and", ",", "or", "and"]);
        if !(more && reader.is_number()) {
            reader.back_to(start);
            return Ok(found);
        }
    }
}

/// `upon the value of the steel content`, `on the full value of the imported article`, `on the case`.
fn base(reader: &mut Reader) -> Result<Base, ParseError> {
    if !reader.take_any(&["on", "upon"]) {
        return Ok(Base::CustomsValue);
    }
    let start = reader.mark();
    let phrase = reader.phrase();
    let phrase = phrase.strip_prefix("the ").unwrap_or(&phrase);
    if matches!(
        phrase,
        "full value of the imported article" | "entire value" | "full value" | "entire article"
    ) {
        return Ok(Base::CustomsValue);
    }
    let named = phrase.strip_prefix("value of ").unwrap_or(phrase);
    let named = named.strip_prefix("the ").unwrap_or(named);
    if named.is_empty() {
        return Err(reader.error_at(start, "duty.no_base"));
    }
    Ok(Base::Named(named.to_owned()))
}

fn money(reader: &mut Reader, amount: Decimal) -> Result<Duty, ParseError> {
    let currency = Denomination::of("USD").ok_or_else(|| reader.error("duty.no_unit"))?;
    // Cents were shifted by two decimals: what ends in zeros is shown as it would be written in dollars.
    let least = amount.normalized().scale().max(2);
    let amount = amount.rescaled(least, Rounding::TowardZero).unwrap_or(amount);
    priced(reader, amount, currency)
}

fn priced(reader: &mut Reader, amount: Decimal, currency: Denomination) -> Result<Duty, ParseError> {
    if reader.take("each") {
        let unit = Unit::parse("pcs").ok_or_else(|| reader.error("duty.invalid_measurement_unit"))?;
        return Ok(Duty::PerUnit { amount, currency, per: Decimal::ONE, unit });
    }
    if !reader.take_any(&["/", "per"]) {
        return Err(reader.error("duty.no_unit"));
    }
    let (per, mut unit) = if reader.take("1000") {
        let pieces = Unit::parse("pcs").ok_or_else(|| reader.error("duty.invalid_measurement_unit"))?;
        (Decimal::whole(1000), pieces)
    } else {
        per_unit(reader)?
    };
    if reader.take("on") {
        let start = reader.mark();
        let phrase = reader.phrase();
        let part = phrase.strip_prefix("the ").unwrap_or(&phrase);
        unit = match part {
            "drained weight" => Unit::parse("kg drained").unwrap_or(unit),
            part if part.ends_with("content") => unit.of_part(part),
            _ => return Err(reader.error_at(start, "duty.invalid_measurement_unit_qualifier")),
        };
    }
    Ok(Duty::PerUnit { amount, currency, per, unit })
}
