//! Packs: a territory's tariff as tables, with the status of every figure.

use std::collections::BTreeMap;
use std::fmt;

use meridian_terms::{Country, Currency, Decimal, HsCode, Ratio};

use crate::duty::{Dialect, Duty, parse};

/// A problem of a pack, with its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// `lines.csv:12:3`.
    pub place: String,
    /// What is wrong, and what to do.
    pub what: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.what)
    }
}

/// A tariff line.
#[derive(Debug, Clone)]
pub struct Line {
    /// Its code.
    pub code: HsCode,
    /// What it covers.
    pub description: String,
    /// The ordinary duty.
    pub duty: Duty,
    /// Value added tax on it, per cent.
    pub vat: Decimal,
    /// Whether the duty is official, published, estimated or illustrative.
    pub status: String,
    /// Where it is from.
    pub source: String,
}

/// A preference: a duty for goods of an origin, under an agreement.
#[derive(Debug, Clone)]
pub struct Preference {
    /// The code it covers, and all below it.
    pub code: HsCode,
    /// Goods originating here.
    pub origin: Country,
    /// The duty.
    pub duty: Duty,
    /// The agreement.
    pub agreement: String,
    /// Official, published, estimated or illustrative.
    pub status: String,
}

/// A territory's tariff, immutable once loaded.
#[derive(Debug, Clone)]
pub struct Pack {
    /// Its name.
    pub name: String,
    /// The importing territory.
    pub territory: Country,
    /// The currency of customs.
    pub currency: Currency,
    /// A fee for each declaration, in major units.
    pub fee: Decimal,
    /// Status of the value added tax rates and the fee.
    pub taxes_status: String,
    lines: BTreeMap<HsCode, Line>,
    preferences: Vec<Preference>,
    /// Minor units of the customs currency for one major unit of a currency, as the pack gives them.
    pub rates: BTreeMap<Currency, Ratio>,
}

impl Pack {
    /// Loads `pack.toml`, `lines.csv`, `preferences.csv` and `rates.csv`.
    ///
    /// # Errors
    /// Every problem with file, row and column; nothing is half loaded.
    pub fn load(files: &BTreeMap<String, Vec<u8>>) -> Result<Self, Vec<Problem>> {
        let mut problems = Vec::new();
        let head = head(files.get("pack.toml"), &mut problems);
        let Some((name, territory, currency, fee, taxes_status)) = head else { return Err(problems) };
        let mut pack = Self {
            name,
            territory,
            currency,
            fee,
            taxes_status,
            lines: BTreeMap::new(),
            preferences: Vec::new(),
            rates: BTreeMap::from([(currency, Ratio::whole(10_i128.pow(u32::from(currency.exponent()))))]),
        };
        for_rows(files, "lines.csv", &mut problems, |row| {
            let code = row.parse("code", HsCode::parse)?;
            let line = Line {
                code: code.clone(),
                description: row.text("description").to_owned(),
                duty: row.duty("duty")?,
                vat: row.parse("vat_percent", Decimal::parse)?,
                status: row.text("status").to_owned(),
                source: row.text("source").to_owned(),
            };
            match pack.lines.insert(code, line) {
                None => Ok(()),
                Some(_) => Err(row.problem("code", "the code stands twice; remove one".into())),
            }
        });
        for_rows(files, "preferences.csv", &mut problems, |row| {
            pack.preferences.push(Preference {
                code: row.parse("code", HsCode::parse)?,
                origin: row.parse("origin", Country::parse)?,
                duty: row.duty("duty")?,
                agreement: row.text("agreement").to_owned(),
                status: row.text("status").to_owned(),
            });
            Ok(())
        });
        let minor = Ratio::whole(10_i128.pow(u32::from(currency.exponent())));
        for_rows(files, "rates.csv", &mut problems, |row| {
            let of = row.parse("currency", Currency::parse)?;
            let rate = row.parse("rate", Decimal::parse)?.to_ratio();
            let rate = rate.checked_mul(&minor).ok_or_else(|| row.problem("rate", "too large".into()))?;
            pack.rates.insert(of, rate);
            Ok(())
        });
        if problems.is_empty() { Ok(pack) } else { Err(problems) }
    }

    /// The line of a code: the code itself, or the longest line it lies below.
    #[must_use]
    pub fn line(&self, code: &HsCode) -> Option<&Line> {
        let digits = code.as_str();
        (2..=digits.len()).rev().find_map(|length| {
            let shorter = HsCode::parse(&digits[..length]).ok()?;
            self.lines.get(&shorter)
        })
    }

    /// Every line, by code.
    pub fn lines(&self) -> impl Iterator<Item = &Line> {
        self.lines.values()
    }

    /// The most specific preference for a code and origin.
    #[must_use]
    pub fn preference(&self, code: &HsCode, origin: Country) -> Option<&Preference> {
        let fits = |preference: &&Preference| preference.origin == origin && code.is_below(&preference.code);
        self.preferences.iter().filter(fits).max_by_key(|preference| preference.code.as_str().len())
    }
}

type Head = (String, Country, Currency, Decimal, String);

fn head(bytes: Option<&Vec<u8>>, problems: &mut Vec<Problem>) -> Option<Head> {
    let mut wrong = |what: String| problems.push(Problem { place: "pack.toml:1:1".into(), what });
    let Some(bytes) = bytes else {
        wrong("the file is missing; add it".into());
        return None;
    };
    let table: toml::Table = match std::str::from_utf8(bytes)
        .map_err(|error| error.to_string())
        .and_then(|text| text.parse::<toml::Table>().map_err(|error| error.to_string()))
    {
        Ok(table) => table,
        Err(error) => {
            wrong(error);
            return None;
        }
    };
    let text = |key: &str| table.get(key).and_then(toml::Value::as_str).unwrap_or_default().to_owned();
    let read = || -> Result<Head, meridian_terms::Refusal> {
        Ok((
            text("name"),
            Country::parse(&text("territory"))?,
            Currency::parse(&text("currency"))?,
            Decimal::parse(&text("fee"))?,
            text("taxes_status"),
        ))
    };
    read().map_err(|refusal| wrong(refusal.to_string())).ok()
}

struct Row<'a> {
    file: &'a str,
    line: u64,
    columns: &'a csv::StringRecord,
    fields: csv::StringRecord,
}

impl Row<'_> {
    fn text(&self, column: &str) -> &str {
        self.columns
            .iter()
            .position(|name| name == column)
            .and_then(|at| self.fields.get(at))
            .unwrap_or("")
            .trim()
    }

    fn problem(&self, column: &str, what: String) -> Problem {
        let at = self.columns.iter().position(|name| name == column).map_or(1, |at| at + 1);
        Problem { place: format!("{}:{}:{at}", self.file, self.line), what }
    }

    fn parse<T>(
        &self,
        column: &str,
        read: impl Fn(&str) -> Result<T, meridian_terms::Refusal>,
    ) -> Result<T, Problem> {
        read(self.text(column)).map_err(|refusal| self.problem(column, refusal.to_string()))
    }

    fn duty(&self, column: &str) -> Result<Duty, Problem> {
        parse(self.text(column), Dialect::Canonical).map_err(|error| self.problem(column, error.to_string()))
    }
}

fn for_rows(
    files: &BTreeMap<String, Vec<u8>>,
    file: &str,
    problems: &mut Vec<Problem>,
    mut take: impl FnMut(&Row<'_>) -> Result<(), Problem>,
) {
    let Some(bytes) = files.get(file) else {
        return problems
            .push(Problem { place: format!("{file}:1:1"), what: "the file is missing; add it".into() });
    };
    let mut reader = csv::ReaderBuilder::new().comment(Some(b'#')).from_reader(bytes.as_slice());
    let columns = match reader.headers() {
        Ok(columns) => columns.clone(),
        Err(error) => {
            return problems.push(Problem { place: format!("{file}:1:1"), what: error.to_string() });
        }
    };
    for record in reader.records() {
        let outcome = match record {
            Ok(fields) => {
                let line = fields.position().map_or(0, csv::Position::line);
                take(&Row { file, line, columns: &columns, fields })
            }
            Err(error) => {
                let line = error.position().map_or(0, csv::Position::line);
                Err(Problem { place: format!("{file}:{line}:1"), what: error.to_string() })
            }
        };
        problems.extend(outcome.err());
    }
}
