//! Packs: a territory's tariff as tables, with the status of every figure.
//!
//! | file | columns |
//! |---|---|
//! | `pack.toml` | `name`, `territory`, `currency`, `fee`, `taxes_status`, optional `vat_percent`, `[policy]` |
//! | `lines.csv` | `code`, `description`, `duty` (may be empty where measures give it), `vat_percent`, `unit`, `status`, `source` |
//! | `measures.csv` | `measure`, `kind`, `title`, `code`, `area`, `exclude`, `territory`, `from`, `until`, `from_act`, `duty`, `additional_code`, `quota`, `scheme`, `conditions`, `regulation`, `recorded_from`, `recorded_until`, `status` |
//! | `preferences.csv` | `code`, `origin`, `duty` or `category`, `from`, `until`, `agreement`, `status` |
//! | `staging.csv` | `agreement`, `category`, `from`, `remaining_percent` of the base rate |
//! | `areas.csv` | `area`, `members`, `title` |
//! | `acts.csv` | `act`, `in_force` |
//! | `rates.csv` | `currency`, `rate`, optional `from`, `status` |
//! | `fees.csv` | `name`, `up_to` (customs value, major units), `amount`, `status` |
//!
//! Only `pack.toml` and `lines.csv` must be there. Duties are sentences of [`crate::duty`].

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use meridian_terms::{Country, Currency, Day, Decimal, HsCode, Ratio, Rounding};

use crate::duty::{Dialect, Duty, condition, parse};
use crate::measure::{Area, Groups, Kind, Measure};
use crate::policy::Policy;

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
    /// The ordinary duty; none where only measures give it.
    pub duty: Option<Arc<Duty>>,
    /// Value added tax on it, per cent; none where measures give it or the pack has none.
    pub vat: Option<Decimal>,
    /// The supplementary unit, as the table writes it.
    pub unit: String,
    /// Whether the duty is official, published, estimated or illustrative.
    pub status: String,
    /// Where it is from.
    pub source: String,
}

/// A band of a customs fee.
#[derive(Debug, Clone)]
pub struct Fee {
    /// Its name.
    pub name: String,
    /// The highest customs value it is for, in major units; none: any above the others.
    pub up_to: Option<Decimal>,
    /// The fee in major units.
    pub amount: Decimal,
    /// Official, published, estimated or illustrative.
    pub status: String,
}

/// An exchange rate: minor units of the customs currency for one major unit, from a day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rate {
    /// The first day it holds; none: any.
    pub from: Option<Day>,
    /// Minor units for one major unit.
    pub rate: Ratio,
    /// As written.
    pub written: String,
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
    /// A fee for each declaration, in major units, where there is no table of fees.
    pub fee: Decimal,
    /// Status of the value added tax rates and the fee.
    pub taxes_status: String,
    /// Stacking and rounding.
    pub policy: Policy,
    /// Bands of fees, lowest first.
    pub fees: Vec<Fee>,
    /// Groups of countries.
    pub groups: Groups,
    /// Days acts entered into force.
    pub acts: BTreeMap<String, Day>,
    /// Exchange rates by currency, earliest first.
    pub rates: BTreeMap<Currency, Vec<Rate>>,
    /// Sorted by code.
    lines: Vec<Line>,
    measures: Vec<Measure>,
    /// Measures by their code.
    by_code: BTreeMap<HsCode, Vec<usize>>,
}

impl Pack {
    /// Loads a pack's files by name.
    ///
    /// # Errors
    /// Every problem with file, row and column; nothing is half loaded.
    pub fn load(files: &BTreeMap<String, Vec<u8>>) -> Result<Self, Vec<Problem>> {
        let mut problems = Vec::new();
        let Some((mut pack, default_vat)) = head(files.get("pack.toml"), &mut problems) else {
            return Err(problems);
        };
        let mut sentences = Sentences::default();
        for_rows(files, "lines.csv", true, &mut problems, |row| {
            pack.lines.push(Line {
                code: row.parse("code", HsCode::parse)?,
                description: row.text("description").to_owned(),
                duty: row.optional("duty").map(|_| sentences.duty(row, "duty")).transpose()?,
                vat: row
                    .optional("vat_percent")
                    .map(|_| row.parse("vat_percent", Decimal::parse))
                    .transpose()?
                    .or(default_vat),
                unit: row.text("unit").to_owned(),
                status: row.text("status").to_owned(),
                source: row.text("source").to_owned(),
            });
            Ok(())
        });
        pack.sort_lines(&mut problems);
        let mut staging: BTreeMap<(String, String), Vec<(Day, Decimal)>> = BTreeMap::new();
        for_rows(files, "staging.csv", false, &mut problems, |row| {
            let key = (row.text("agreement").to_owned(), row.text("category").to_owned());
            let step = (row.parse("from", Day::parse)?, row.parse("remaining_percent", Decimal::parse)?);
            staging.entry(key).or_default().push(step);
            Ok(())
        });
        staging.values_mut().for_each(|steps| steps.sort());
        let mut measures = Vec::new();
        for_rows(files, "preferences.csv", false, &mut problems, |row| {
            preference(row, &pack, &staging, &mut sentences, &mut measures)
        });
        for_rows(files, "measures.csv", false, &mut problems, |row| {
            measures.push(measure(row, &mut sentences)?);
            Ok(())
        });
        for_rows(files, "areas.csv", false, &mut problems, |row| {
            let listed = row.list("members");
            let is_code =
                |code: &String| code.len() == 2 && code.bytes().all(|byte| byte.is_ascii_uppercase());
            if let Some(stray) = listed.iter().find(|code| !is_code(code)) {
                return Err(row.problem("members", format!("{stray:?} is not two capital letters")));
            }
            pack.groups.insert(row.text("area").to_owned(), listed.into_iter().collect());
            Ok(())
        });
        for_rows(files, "acts.csv", false, &mut problems, |row| {
            pack.acts.insert(row.text("act").to_owned(), row.parse("in_force", Day::parse)?);
            Ok(())
        });
        let minor = Ratio::whole(10_i128.pow(u32::from(pack.currency.exponent())));
        for_rows(files, "rates.csv", false, &mut problems, |row| {
            let of = row.parse("currency", Currency::parse)?;
            let rate = row.parse("rate", Decimal::parse)?.to_ratio();
            let rate = rate.checked_mul(&minor).ok_or_else(|| row.problem("rate", "too large".into()))?;
            let from = row.optional("from").map(|_| row.parse("from", Day::parse)).transpose()?;
            let rate =
                Rate { from, rate, written: row.text("rate").into(), status: row.text("status").into() };
            pack.rates.entry(of).or_default().push(rate);
            Ok(())
        });
        let own = Rate { from: None, rate: minor, written: "1".into(), status: String::new() };
        pack.rates.insert(pack.currency, vec![own]);
        pack.rates.values_mut().for_each(|rates| rates.sort_by_key(|rate| rate.from));
        for_rows(files, "fees.csv", false, &mut problems, |row| {
            pack.fees.push(Fee {
                name: row.text("name").to_owned(),
                up_to: row.optional("up_to").map(|_| row.parse("up_to", Decimal::parse)).transpose()?,
                amount: row.parse("amount", Decimal::parse)?,
                status: row.text("status").to_owned(),
            });
            Ok(())
        });
        // A band without an end stands last.
        pack.fees.sort_by_key(|fee| (fee.up_to.is_none(), fee.up_to));
        for (at, measure) in measures.iter().enumerate() {
            pack.by_code.entry(measure.code.clone()).or_default().push(at);
        }
        pack.measures = measures;
        if problems.is_empty() { Ok(pack) } else { Err(problems) }
    }

    fn sort_lines(&mut self, problems: &mut Vec<Problem>) {
        if !self.lines.is_sorted_by(|one, next| one.code < next.code) {
            self.lines.sort_by(|one, next| one.code.cmp(&next.code));
            for pair in self.lines.windows(2).filter(|pair| pair[0].code == pair[1].code) {
                let what = format!("{} stands twice; remove one", pair[0].code);
                problems.push(Problem { place: "lines.csv:1:1".into(), what });
            }
        }
    }

    /// The line of a code: the code itself, or the longest line it lies below.
    #[must_use]
    pub fn line(&self, code: &HsCode) -> Option<&Line> {
        let digits = code.as_str();
        (2..=digits.len()).rev().find_map(|length| {
            let found = self.lines.binary_search_by(|line| line.code.as_str().cmp(&digits[..length]));
            found.ok().map(|at| &self.lines[at])
        })
    }

    /// Every line, by code.
    pub fn lines(&self) -> impl ExactSizeIterator<Item = &Line> {
        self.lines.iter()
    }

    /// Every measure, as the tables list them.
    #[must_use]
    pub fn measures(&self) -> &[Measure] {
        &self.measures
    }

    /// The measures of a code and of every code above it.
    pub fn measures_of(&self, code: &HsCode) -> impl Iterator<Item = &Measure> {
        let digits = code.as_str().to_owned();
        let above = (2..=digits.len()).filter_map(move |length| HsCode::parse(&digits[..length]).ok());
        above
            .filter_map(|code| self.by_code.get(&code))
            .flat_map(|found| found.iter().map(|at| &self.measures[*at]))
    }

    /// The rate of a currency on a day: the latest that has begun.
    #[must_use]
    pub fn rate(&self, currency: Currency, on: Option<Day>) -> Option<&Rate> {
        let rates = self.rates.get(&currency)?;
        rates.iter().rev().find(|rate| match (rate.from, on) {
            (None, _) => true,
            (Some(from), Some(day)) => from <= day,
            (Some(_), None) => false,
        })
    }

    /// The fee for a customs value in minor units, with its name and status.
    #[must_use]
    pub fn fee_for(&self, value_minor: i128) -> (&str, Decimal, &str) {
        let scale = self.currency.exponent();
        let value = Decimal::new(value_minor, scale).unwrap_or(Decimal::ZERO);
        let band = self.fees.iter().find(|fee| fee.up_to.is_none_or(|up_to| value <= up_to));
        band.map_or(("customs fee", self.fee, self.taxes_status.as_str()), |fee| {
            (fee.name.as_str(), fee.amount, fee.status.as_str())
        })
    }
}

/// Duties by their sentence: a tariff of thirteen thousand lines has a few hundred sentences.
#[derive(Default)]
struct Sentences {
    read: BTreeMap<String, Arc<Duty>>,
}

impl Sentences {
    fn duty(&mut self, row: &Row<'_>, column: &str) -> Result<Arc<Duty>, Problem> {
        let sentence = row.text(column);
        if let Some(known) = self.read.get(sentence) {
            return Ok(Arc::clone(known));
        }
        let duty =
            parse(sentence, Dialect::Canonical).map_err(|error| row.problem(column, error.to_string()))?;
        let duty = Arc::new(duty);
        self.read.insert(sentence.to_owned(), Arc::clone(&duty));
        Ok(duty)
    }
}

fn preference(
    row: &Row<'_>,
    pack: &Pack,
    staging: &BTreeMap<(String, String), Vec<(Day, Decimal)>>,
    sentences: &mut Sentences,
    measures: &mut Vec<Measure>,
) -> Result<(), Problem> {
    let agreement = row.text("agreement").to_owned();
    let code = row.parse("code", HsCode::parse)?;
    let day = |column| row.optional(column).map(|_| row.parse(column, Day::parse)).transpose();
    let origins = row.list("origin");
    let template = Measure {
        id: row.place(),
        kind: Kind::Preference,
        title: "Tariff preference".into(),
        code: code.clone(),
        area: Area { of: origins, except: Vec::new() },
        territory: None,
        from: day("from")?,
        until: day("until")?,
        from_act: None,
        recorded_from: None,
        recorded_until: None,
        duty: None,
        additional_code: None,
        quota: None,
        scheme: agreement.clone(),
        conditions: Vec::new(),
        regulation: agreement.clone(),
        status: row.text("status").to_owned(),
    };
    let Some(category) = row.optional("category") else {
        measures.push(Measure { duty: Some(sentences.duty(row, "duty")?), ..template });
        return Ok(());
    };
    // A staged preference is a step of the base rate for every day from one step to the next.
    let steps = staging
        .get(&(agreement, category.to_owned()))
        .ok_or_else(|| row.problem("category", format!("staging.csv has no category {category}")))?;
    let base = match row.optional("duty") {
        Some(_) => sentences.duty(row, "duty")?,
        None => pack.line(&code).and_then(|line| line.duty.clone()).ok_or_else(|| {
            row.problem("duty", "no base rate: write one, or give the full line's code".into())
        })?,
    };
    for (number, (from, remaining)) in steps.iter().enumerate() {
        let until = steps.get(number + 1).map(|(next, _)| *next).or(template.until);
        let duty = base
            .scaled(remaining)
            .ok_or_else(|| row.problem("duty", "the base rate cannot be staged".into()))?;
        measures.push(Measure {
            id: format!("{} step {}", template.id, number + 1),
            from: Some(*from),
            until,
            duty: Some(Arc::new(duty)),
            title: format!("Tariff preference, category {category}, {remaining} % of the base rate"),
            ..template.clone()
        });
    }
    Ok(())
}

fn measure(row: &Row<'_>, sentences: &mut Sentences) -> Result<Measure, Problem> {
    let kind = Kind::named(row.text("kind")).ok_or_else(|| {
        let words: Vec<&str> = Kind::ALL.iter().map(|(word, _)| *word).collect();
        row.problem("kind", format!("{:?} is no kind; use one of {}", row.text("kind"), words.join(", ")))
    })?;
    let day = |column| row.optional(column).map(|_| row.parse(column, Day::parse)).transpose();
    let text = |column| row.optional(column).map(str::to_owned);
    let conditions = match row.optional("conditions") {
        Some(sentence) => {
            condition::parse(sentence).map_err(|error| row.problem("conditions", error.to_string()))?
        }
        None => Vec::new(),
    };
    let measure = Measure {
        id: row.text("measure").to_owned(),
        kind,
        title: row.text("title").to_owned(),
        code: row.parse("code", HsCode::parse)?,
        area: Area { of: row.list("area"), except: row.list("exclude") },
        territory: row.optional("territory").map(|_| row.parse("territory", Country::parse)).transpose()?,
        from: day("from")?,
        until: day("until")?,
        from_act: text("from_act"),
        recorded_from: day("recorded_from")?,
        recorded_until: day("recorded_until")?,
        duty: row.optional("duty").map(|_| sentences.duty(row, "duty")).transpose()?,
        additional_code: text("additional_code"),
        quota: text("quota"),
        scheme: row.text("scheme").to_owned(),
        conditions,
        regulation: row.text("regulation").to_owned(),
        status: row.text("status").to_owned(),
    };
    if measure.from.zip(measure.until).is_some_and(|(from, until)| from >= until) {
        return Err(row.problem("until", "the measure ends before it begins".into()));
    }
    let needs_duty = kind <= Kind::Vat && measure.conditions.is_empty();
    if needs_duty && measure.duty.is_none() {
        return Err(row.problem("duty", "a measure of this kind has a duty; write it".into()));
    }
    Ok(measure)
}

fn head(bytes: Option<&Vec<u8>>, problems: &mut Vec<Problem>) -> Option<(Pack, Option<Decimal>)> {
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
    let number = |key: &str| match text(key).as_str() {
        "" => Ok(None),
        written => Decimal::parse(written).map(Some),
    };
    let read = || -> Result<(Pack, Option<Decimal>), meridian_terms::Refusal> {
        let policy = match table.get("policy").and_then(toml::Value::as_table) {
            Some(policy) => Policy::read(policy)?,
            None => Policy::default(),
        };
        let pack = Pack {
            name: text("name"),
            territory: Country::parse(&text("territory"))?,
            currency: Currency::parse(&text("currency"))?,
            fee: number("fee")?.unwrap_or(Decimal::ZERO),
            taxes_status: text("taxes_status"),
            policy,
            fees: Vec::new(),
            groups: Groups::new(),
            acts: BTreeMap::new(),
            rates: BTreeMap::new(),
            lines: Vec::new(),
            measures: Vec::new(),
            by_code: BTreeMap::new(),
        };
        Ok((pack, number("vat_percent")?))
    };
    read().map_err(|refusal| wrong(refusal.to_string())).ok()
}

impl Duty {
    /// The duty at so many per cent of itself: a step of a phase-in. Every amount is scaled, so bounds keep their shape.
    /// `None` for what is written elsewhere.
    #[must_use]
    pub fn scaled(&self, percent: &Decimal) -> Option<Self> {
        let hundredth = Decimal::new(1, 2).ok()?;
        let share = percent.checked_mul(&hundredth)?;
        let times = |amount: &Decimal| amount.checked_mul(&share).map(Decimal::normalized);
        let all = |parts: &[Self]| parts.iter().map(|part| part.scaled(percent)).collect::<Option<Vec<_>>>();
        let both = |first: &Self, second: &Self| {
            Some((Box::new(first.scaled(percent)?), Box::new(second.scaled(percent)?)))
        };
        Some(match self {
            Self::Percent { rate, of } => Self::Percent { rate: times(rate)?, of: of.clone() },
            Self::PerUnit { amount, currency, per, unit } => {
                Self::PerUnit { amount: times(amount)?, currency: *currency, per: *per, unit: unit.clone() }
            }
            Self::Fixed { amount, currency } => Self::Fixed { amount: times(amount)?, currency: *currency },
            Self::Sum(parts) => Self::Sum(all(parts)?),
            Self::Lower(parts) => Self::Lower(all(parts)?),
            Self::Higher(parts) => Self::Higher(all(parts)?),
            Self::Difference(first, second) => {
                let (first, second) = both(first, second)?;
                Self::Difference(first, second)
            }
            Self::Floor(first, second) => {
                let (first, second) = both(first, second)?;
                Self::Floor(first, second)
            }
            Self::Cap(first, second) => {
                let (first, second) = both(first, second)?;
                Self::Cap(first, second)
            }
            Self::Seasonal(variants) => {
                let scaled =
                    |(seasons, duty): &(Vec<_>, Self)| Some((seasons.clone(), duty.scaled(percent)?));
                Self::Seasonal(variants.iter().map(scaled).collect::<Option<_>>()?)
            }
            Self::ByProgramme(variants) => {
                let scaled = |(names, duty): &(Vec<_>, Self)| Some((names.clone(), duty.scaled(percent)?));
                Self::ByProgramme(variants.iter().map(scaled).collect::<Option<_>>()?)
            }
            Self::Nil => Self::Nil,
            Self::Agricultural(_) | Self::EntryPrice | Self::Reference(_) | Self::Unit { .. } => return None,
        })
    }
}

struct Row<'a> {
    file: &'a str,
    line: u64,
    columns: &'a csv::StringRecord,
    fields: &'a csv::StringRecord,
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

    fn optional(&self, column: &str) -> Option<&str> {
        Some(self.text(column)).filter(|text| !text.is_empty())
    }

    fn list(&self, column: &str) -> Vec<String> {
        self.text(column)
            .split(';')
            .map(str::trim)
            .filter(|part| !part.is_empty())
            .map(str::to_owned)
            .collect()
    }

    fn place(&self) -> String {
        format!("{}:{}", self.file, self.line)
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
}

fn for_rows(
    files: &BTreeMap<String, Vec<u8>>,
    file: &str,
    is_needed: bool,
    problems: &mut Vec<Problem>,
    mut take: impl FnMut(&Row<'_>) -> Result<(), Problem>,
) {
    let Some(bytes) = files.get(file) else {
        if is_needed {
            problems
                .push(Problem { place: format!("{file}:1:1"), what: "the file is missing; add it".into() });
        }
        return;
    };
    let mut reader = csv::ReaderBuilder::new().comment(Some(b'#')).from_reader(bytes.as_slice());
    let columns = match reader.headers() {
        Ok(columns) => columns.clone(),
        Err(error) => {
            return problems.push(Problem { place: format!("{file}:1:1"), what: error.to_string() });
        }
    };
    let mut fields = csv::StringRecord::new();
    loop {
        let outcome = match reader.read_record(&mut fields) {
            Ok(false) => return,
            Ok(true) => {
                let line = fields.position().map_or(0, csv::Position::line);
                take(&Row { file, line, columns: &columns, fields: &fields })
            }
            Err(error) => {
                let line = error.position().map_or(0, csv::Position::line);
                Err(Problem { place: format!("{file}:{line}:1"), what: error.to_string() })
            }
        };
        problems.extend(outcome.err());
    }
}

/// Rounds a major amount to the minor units of a currency, halves up; amounts in packs have at most that many decimals
/// or are rounded here once.
pub(crate) fn minor_units(amount: &Decimal, currency: Currency) -> Option<i128> {
    amount.rescaled(currency.exponent(), Rounding::HalfUp).map(|amount| amount.mantissa())
}
