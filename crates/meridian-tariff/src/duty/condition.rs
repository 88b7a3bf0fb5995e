//! Condition sentences: what must be presented or hold for a measure, and what follows from it.
//!
//! ```text
//!  sentence  = [ "Cond:" ] row { ";" row } | duty
//!  row       = code [ "cert:" document ] [ threshold ] "(" action ")" [ ":" duty ]
//! ```
//! Rows of one code are read in order; the first that is satisfied says what follows, and a row without document and
//! threshold is always satisfied. Codes and actions are TARIC's (`B` presentation of a document, `R` net weight to
//! supplementary unit, `V` entry price; `01` and `27` apply the duty, `07` the measure does not apply, `04` to `10` not
//! allowed, `24` to `29` allowed).
//!
//! ```
//! let rows = meridian_tariff::duty::condition::parse("Cond: A cert: D-018 (01):0.000 GBP DTN Z; A (01):172.200 GBP DTN Z")?;
//! assert_eq!(rows[0].document.as_deref(), Some("D018"));
//! assert_eq!(rows[1].duty.as_ref().unwrap().to_string(), "172.200 GBP / 100 kg at % sucrose");
//! # Ok::<(), meridian_tariff::duty::ParseError>(())
//! ```

use std::fmt;

use super::expression::Duty;
use super::words::ParseError;
use super::{Dialect, parse as parse_duty};

/// One row of a condition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Condition {
    /// The condition's code; empty when the sentence is only a duty.
    pub code: String,
    /// The document that satisfies the row: `D018`.
    pub document: Option<String>,
    /// The figure that satisfies it: a unit amount for ratios and quantities, a price for entry prices.
    pub threshold: Option<Duty>,
    /// What follows, by TARIC's action code; empty when the sentence is only a duty.
    pub action: String,
    /// The duty the action applies.
    pub duty: Option<Duty>,
}

/// What an action does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Effect {
    /// The row's duty, or the measure's own where the row has none.
    Apply,
    /// The measure does not apply.
    NotApplicable,
    /// The goods may pass.
    Allowed,
    /// The goods may not pass, or not as declared.
    Refused,
}

impl Condition {
    /// What the row's action does; none for a code that is not known here.
    #[must_use]
    pub fn effect(&self) -> Option<Effect> {
        match self.action.as_str() {
            "" | "01" | "1" | "27" | "34" | "2" | "02" | "3" | "03" => Some(Effect::Apply),
            "07" | "7" => Some(Effect::NotApplicable),
            "04" | "05" | "06" | "08" | "09" | "10" | "4" | "5" | "6" | "8" | "9" => Some(Effect::Refused),
            "24" | "25" | "26" | "28" | "29" => Some(Effect::Allowed),
            _ => None,
        }
    }
}

impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.code)?;
        if let Some(document) = &self.document {
            write!(f, " cert: {document}")?;
        }
        if let Some(threshold) = &self.threshold {
            write!(f, " {threshold}")?;
        }
        write!(f, " ({}):", self.action)?;
        self.duty.as_ref().map_or(Ok(()), |duty| write!(f, "{duty}"))
    }
}

/// Parses a condition sentence, its duties in TARIC's or the canonical grammar.
///
/// # Errors
/// [`ParseError`] with its column.
pub fn parse(sentence: &str) -> Result<Vec<Condition>, ParseError> {
    let trimmed = sentence.trim();
    let Some((_, rows)) = trimmed.split_once("Cond:") else {
        let duty = duty(trimmed, 1)?;
        return Ok(vec![Condition {
            code: String::new(),
            document: None,
            threshold: None,
            action: String::new(),
            duty: Some(duty),
        }]);
    };
    let offset = |part: &str| {
        let bytes = (part.as_ptr() as usize).saturating_sub(sentence.as_ptr() as usize);
        sentence.get(..bytes).map_or(0, |before| before.chars().count()) + 1
    };
    rows.split(';').map(str::trim).filter(|row| !row.is_empty()).map(|row| read(row, offset(row))).collect()
}

fn read(row: &str, column: usize) -> Result<Condition, ParseError> {
    let wrong = |code| ParseError { code, column, found: row.to_owned() };
    // The action is the last parenthesis before the colon; a duty behind it may hold others.
    let colon =
        row.find("):").map_or_else(|| row.rfind(')'), Some).ok_or_else(|| wrong("duty.condition_action"))?;
    let open = row[..colon].rfind('(').ok_or_else(|| wrong("duty.condition_action"))?;
    let action = row[open + 1..colon].trim().to_owned();
    let after = row[colon + 1..].trim_start_matches(':').trim();
    let head = row[..open].trim();
    let (code, rest) = head.split_once(char::is_whitespace).unwrap_or((head, ""));
    if code.is_empty() || !code.chars().all(char::is_alphanumeric) {
        return Err(wrong("duty.condition_code"));
    }
    let (document, rest) = match rest.trim().strip_prefix("cert:") {
        Some(rest) => {
            let (document, rest) = rest.trim().split_once(char::is_whitespace).unwrap_or((rest.trim(), ""));
            (Some(document.replace('-', "")), rest.trim())
        }
        None => (None, rest.trim()),
    };
    let threshold = if rest.is_empty() { None } else { Some(duty(rest, column)?) };
    let applied = if after.is_empty() { None } else { Some(duty(after, column)?) };
    Ok(Condition { code: code.to_owned(), document, threshold, action, duty: applied })
}

fn duty(text: &str, column: usize) -> Result<Duty, ParseError> {
    parse_duty(text, Dialect::Taric)
        .or_else(|error| parse_duty(text, Dialect::Canonical).map_err(|_| error))
        .map_err(|error| ParseError { column: column + error.column - 1, ..error })
}
