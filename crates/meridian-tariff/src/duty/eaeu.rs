//! The common customs tariff of the Eurasian Economic Union, in Russian: its rates and its notes.
//!
//! Percentages stand without a sign, decimals after a comma. The law's own words for a lower-of rate are `15, либо 12,5,
//! но не менее 0,6 евро за 1 см³ объема двигателя, в зависимости от того, какая из исчисленных сумм таможенной пошлины
//! ниже`: the lower of 15 % and of (12.5 %, at least 0.6 EUR / cm3).

use meridian_terms::{Country, Day, Decimal};

use super::canonical::{Running, per_unit};
use super::expression::{Base, Denomination, Duty, Reference};
use super::words::{Comma, ParseError, Reader};

const STOPS: [&str; 13] =
    [",", "плюс", "минус", "но", "либо", "или", ";", "применяется", "(", ")", "от", "+", "в"];

pub(super) fn parse(sentence: &str) -> Result<Duty, ParseError> {
    let mut reader = Reader::new(sentence, Comma::Decimal, &STOPS);
    if let Some(note) = note_mark(&mut reader) {
        return Ok(note);
    }
    let duty = choice(&mut reader)?;
    if reader.is_done() { Ok(duty) } else { Err(reader.error("duty.unknown_word")) }
}

/// `63С`: the sentence is only the mark of a note; the letter is Cyrillic or Latin.
fn note_mark(reader: &mut Reader) -> Option<Duty> {
    let start = reader.mark();
    let number = reader.number("duty.no_number").ok().filter(|number| number.scale() == 0);
    let is_mark = reader.take_any(&["с", "c"]) && (reader.take(")") || true) && reader.is_done();
    match number.and_then(|number| u32::try_from(number.mantissa()).ok()) {
        Some(number) if is_mark => Some(Duty::Reference(Reference::Note(number))),
        _ => {
            reader.back_to(start);
            None
        }
    }
}

/// Takes one of these phrases, with or without a comma before it.
fn after_comma(reader: &mut Reader, phrases: &[&str]) -> bool {
    let start = reader.mark();
    reader.take(",");
    let found = reader.take_any(phrases);
    if !found {
        reader.back_to(start);
    }
    found
}

fn choice(reader: &mut Reader) -> Result<Duty, ParseError> {
    let mut options = vec![bounded(reader)?];
    while after_comma(reader, &["либо", "или"]) {
        options.push(bounded(reader)?);
    }
    if options.len() == 1 {
        return Ok(options.remove(0));
    }
    let start = reader.mark();
    if after_comma(reader, &["в зависимости от того", "что", "смотря"]) {
        while let Some(word) = reader.next() {
            match word.as_str() {
                "ниже" | "меньше" => return Ok(Duty::Lower(options)),
                "выше" | "больше" => return Ok(Duty::Higher(options)),
                _ => {}
            }
        }
    }
    Err(reader.error_at(start, "duty.choice_without_measure"))
}

fn bounded(reader: &mut Reader) -> Result<Duty, ParseError> {
    let mut rate = sum(reader)?;
    loop {
        if after_comma(reader, &["но не менее", "не менее"]) {
            rate = Duty::Floor(Box::new(rate), Box::new(sum(reader)?));
        } else if after_comma(reader, &["но не более", "не более"]) {
            rate = Duty::Cap(Box::new(rate), Box::new(sum(reader)?));
        } else {
            return Ok(rate);
        }
    }
}

fn sum(reader: &mut Reader) -> Result<Duty, ParseError> {
    let mut total = Running::new(term(reader)?);
    loop {
        if after_comma(reader, &["плюс", "+"]) {
            total.plus(term(reader)?);
        } else if after_comma(reader, &["минус"]) {
            total.minus(term(reader)?);
        } else {
            return Ok(total.end());
        }
    }
}

fn term(reader: &mut Reader) -> Result<Duty, ParseError> {
    if reader.take_any(&["беспошлинно", "не облагается"]) {
        return Ok(Duty::free());
    }
    let number = reader.number("duty.no_number")?;
    reader.take("( ноль )");
    if reader.take_any(&["%", "процент", "процента", "процентов"]) {
        reader.take("от таможенной стоимости");
        return Ok(Duty::Percent { rate: number, of: Base::CustomsValue });
    }
    let Some(currency) = reader.denomination() else {
        // The table writes percentages without a sign; a word after the number is something else.
        let is_bare = reader.peek().is_none_or(|word| STOPS.contains(&word));
        return if is_bare { Ok(Duty::percent(number)) } else { Err(reader.error("duty.unknown_word")) };
    };
    unit_of(reader, number, currency)
}

fn unit_of(reader: &mut Reader, amount: Decimal, currency: Denomination) -> Result<Duty, ParseError> {
    if !reader.take_any(&["за", "/"]) {
        return Err(reader.error("duty.no_unit"));
    }
    let (per, unit) = per_unit(reader)?;
    Ok(Duty::PerUnit { amount, currency, per, unit })
}

/// When a note's rate begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Start {
    /// With the note.
    Always,
    /// On a day.
    On(Day),
    /// When an act enters into force: a date the note does not give.
    Act {
        /// The act, in the note's words.
        act: String,
        /// The day it was adopted; it cannot be in force before.
        adopted: Option<Day>,
    },
}

/// A rate a note puts in place of the line's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoteRate {
    /// The rate.
    pub duty: Duty,
    /// For goods imported into this member only; none: into any.
    pub territory: Option<Country>,
    /// When it begins.
    pub start: Start,
    /// The first day it no longer holds.
    pub until: Option<Day>,
}

/// A note to the tariff: the rates it sets. None: it is repealed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// In the note's order.
    pub rates: Vec<NoteRate>,
}

/// Reads a note of the common customs tariff.
///
/// # Errors
/// [`ParseError`]: what is not understood is said, not guessed.
pub fn parse_note(text: &str) -> Result<Note, ParseError> {
    let text = text.trim_end_matches(|c: char| c == '_' || c == '.' || c.is_whitespace());
    if text.starts_with("Примечание утратило силу") {
        return Ok(Note { rates: Vec::new() });
    }
    let error = |code, at: usize| ParseError {
        code,
        column: text[..at].chars().count() + 1,
        found: text[at..].chars().take(40).collect(),
    };
    const RATE: &str = "в размере ";
    let found: Vec<usize> = text.match_indices(RATE).map(|(at, _)| at).collect();
    if found.is_empty() {
        return Err(error("duty.note_without_rate", 0));
    }
    // A clause begins at the comma before its rate: `, с 01.10.2022 – в размере 8 %`.
    let begins: Vec<usize> = found
        .iter()
        .enumerate()
        .map(|(number, at)| if number == 0 { 0 } else { text[..*at].rfind(',').unwrap_or(*at) })
        .collect();
    let mut rates = Vec::new();
    for (number, at) in found.iter().enumerate() {
        let end = begins.get(number + 1).copied().unwrap_or(text.len());
        let rate_begins = at + RATE.len();
        let rest = &text[rate_begins..end];
        let rate_ends = [" применяется", " – ", " - ", " в отношении"]
            .iter()
            .filter_map(|mark| rest.find(mark))
            .min()
            .unwrap_or(rest.len());
        let rate = rest[..rate_ends].trim().trim_end_matches(',');
        let duty = parse(rate).map_err(|inner| ParseError {
            column: text[..rate_begins].chars().count() + inner.column,
            ..inner
        })?;
        let scope = format!("{} {}", &text[begins[number]..*at], &rest[rate_ends..]);
        rates.push(NoteRate {
            duty,
            territory: territory(&scope)
                .map_err(|()| error("duty.unknown_territory", rate_begins + rate_ends))?,
            start: start(&scope).map_err(|()| error("duty.unknown_start", rate_begins + rate_ends))?,
            until: until(&scope).map_err(|()| error("duty.unknown_end", rate_begins + rate_ends))?,
        });
    }
    Ok(Note { rates })
}

fn territory(scope: &str) -> Result<Option<Country>, ()> {
    const MEMBERS: [(&str, &str); 5] = [
        ("Российскую Федерацию", "RU"),
        ("Республику Казахстан", "KZ"),
        ("Республику Беларусь", "BY"),
        ("Республику Армения", "AM"),
        ("Кыргызскую Республику", "KG"),
    ];
    let Some((_, rest)) = scope.split_once("ввозимых в ") else { return Ok(None) };
    let member = MEMBERS.iter().find(|(name, _)| rest.trim_start().starts_with(name)).ok_or(())?;
    Country::parse(member.1).map(Some).map_err(|_| ())
}

fn start(scope: &str) -> Result<Start, ()> {
    if let Some((_, act)) = scope.split_once("с даты вступления в силу ") {
        let act = act.split(" по ").next().unwrap_or(act).trim();
        let adopted = act.split_once(" от ").map_or(act, |(_, rest)| rest);
        return Ok(Start::Act { act: act.to_owned(), adopted: day(adopted) });
    }
    match scope.split_once("с ").filter(|(_, rest)| rest.starts_with(|c: char| c.is_ascii_digit())) {
        Some((_, rest)) => day(rest).map(Start::On).ok_or(()),
        None => Ok(Start::Always),
    }
}

fn until(scope: &str) -> Result<Option<Day>, ()> {
    // The act's own words may hold ` по `; the end is the last one.
    match scope.rsplit_once(" по ") {
        Some((_, rest)) => day(rest).map(|last| Some(last.plus(1))).ok_or(()),
        None => Ok(None),
    }
}

/// `31.12.2025` or `30 апреля 2025 г.` at the beginning of a text.
fn day(text: &str) -> Option<Day> {
    const MONTHS: [&str; 12] = [
        "января",
        "февраля",
        "марта",
        "апреля",
        "мая",
        "июня",
        "июля",
        "августа",
        "сентября",
        "октября",
        "ноября",
        "декабря",
    ];
    let mut parts =
        text.trim().split(|c: char| c == '.' || c.is_whitespace()).filter(|part| !part.is_empty());
    let of_month: u8 = parts.next()?.parse().ok()?;
    let month = parts.next()?;
    let month = match MONTHS.iter().zip(1_u8..).find(|(name, _)| **name == month) {
        Some((_, number)) => number,
        None => month.parse().ok()?,
    };
    let year: String = parts.next()?.chars().take_while(char::is_ascii_digit).collect();
    Day::new(year.parse().ok()?, month, of_month).ok()
}
