//! Tables: CSV rows whose every problem has a place.

use borsh::{BorshDeserialize, BorshSerialize};
use std::collections::BTreeMap;
use std::fmt;

use meridian_terms::{Day, Decimal, Rounding};

/// How far a figure can be relied on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, BorshSerialize, BorshDeserialize)]
pub enum Status {
    /// A law, timetable or operator's own publication.
    Official,
    /// A source says it.
    Published,
    /// Computed from such figures.
    Computed,
    /// Estimated: a distance times a detour factor, a speed by mode.
    Estimated,
    /// Invented to show the mechanism.
    Illustrative,
}

impl Status {
    const WORDS: [(&'static str, Self); 5] = [
        ("official", Self::Official),
        ("published", Self::Published),
        ("computed", Self::Computed),
        ("estimated", Self::Estimated),
        ("illustrative", Self::Illustrative),
    ];

    /// The word for files and people.
    #[must_use]
    pub fn word(self) -> &'static str {
        Self::WORDS.iter().find(|(_, status)| *status == self).map_or("?", |(word, _)| word)
    }

    /// Whether it rests on a guess.
    #[must_use]
    pub const fn is_guess(self) -> bool {
        matches!(self, Self::Estimated | Self::Illustrative)
    }
}

/// A problem of a table, with its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// `links.csv:12:5`.
    pub place: String,
    /// What is wrong, and what to do.
    pub what: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.what)
    }
}

/// One row of a table.
pub(crate) struct Row<'a> {
    file: &'a str,
    line: u64,
    columns: &'a csv::StringRecord,
    fields: csv::StringRecord,
}

impl Row<'_> {
    /// The text of a column; empty where the table has no such column.
    pub(crate) fn text(&self, column: &str) -> &str {
        let at = self.columns.iter().position(|name| name == column);
        at.and_then(|at| self.fields.get(at)).unwrap_or("").trim()
    }

    /// The text of a column that may be empty.
    pub(crate) fn optional(&self, column: &str) -> Option<&str> {
        Some(self.text(column)).filter(|text| !text.is_empty())
    }

    pub(crate) fn problem(&self, column: &str, what: impl Into<String>) -> Problem {
        let at = self.columns.iter().position(|name| name == column).unwrap_or(0) + 1;
        Problem { place: format!("{}:{}:{at}", self.file, self.line), what: what.into() }
    }

    /// A decimal in thousandths, exactly.
    pub(crate) fn thousandths(&self, column: &str) -> Result<i64, Problem> {
        let wrong =
            || self.problem(column, format!("{:?} is not a number; write it like 12.5", self.text(column)));
        let decimal = Decimal::parse(self.text(column)).map_err(|_| wrong())?;
        let exact = decimal.rescaled(3, Rounding::HalfEven).ok_or_else(wrong)?;
        i64::try_from(exact.mantissa()).map_err(|_| wrong())
    }

    /// A number of thousandths that is zero or more.
    pub(crate) fn amount(&self, column: &str) -> Result<u64, Problem> {
        u64::try_from(self.thousandths(column)?).map_err(|_| self.problem(column, "below zero"))
    }

    /// Hours as minutes.
    pub(crate) fn minutes(&self, column: &str) -> Result<u32, Problem> {
        u32::try_from(self.amount(column)? * 60 / 1000).map_err(|_| self.problem(column, "out of range"))
    }

    /// Hours as minutes, where they stand.
    pub(crate) fn optional_minutes(&self, column: &str) -> Result<Option<u32>, Problem> {
        self.optional(column).map(|_| self.minutes(column)).transpose()
    }

    /// Dollars as cents, zero or more: a search over ways needs costs that only grow.
    pub(crate) fn cents(&self, column: &str) -> Result<u32, Problem> {
        u32::try_from(self.amount(column)? / 10).map_err(|_| self.problem(column, "out of range"))
    }

    pub(crate) fn status(&self, column: &str) -> Result<Status, Problem> {
        let word = self.text(column);
        let known = Status::WORDS.iter().find(|(known, _)| *known == word);
        known.map(|(_, status)| *status).ok_or_else(|| {
            let words = "use official, published, computed, estimated or illustrative";
            self.problem(column, format!("{word:?}; {words}"))
        })
    }

    /// A status, or that of another column where the table has none of its own.
    pub(crate) fn status_or(&self, column: &str, otherwise: Status) -> Result<Status, Problem> {
        self.optional(column).map_or(Ok(otherwise), |_| self.status(column))
    }

    /// Where the row's figures are from; a figure without a source is refused.
    pub(crate) fn source(&self) -> Result<String, Problem> {
        let source = self.optional("source");
        source
            .map(str::to_owned)
            .ok_or_else(|| self.problem("source", "empty; name where the figures are from"))
    }

    /// A calendar day, where it stands.
    pub(crate) fn day(&self, column: &str) -> Result<Option<Day>, Problem> {
        let parse = |text| Day::parse(text).map_err(|refusal| self.problem(column, refusal.to_string()));
        self.optional(column).map(parse).transpose()
    }

    /// Words divided by semicolons.
    pub(crate) fn words(&self, column: &str) -> Vec<String> {
        self.optional(column)
            .into_iter()
            .flat_map(|text| text.split(';'))
            .map(|word| word.trim().to_owned())
            .collect()
    }

    /// A node by its id.
    pub(crate) fn node(&self, column: &str, index: &BTreeMap<String, usize>) -> Result<usize, Problem> {
        let id = self.text(column);
        index
            .get(id)
            .copied()
            .ok_or_else(|| self.problem(column, format!("no node {id}; add it to nodes.csv")))
    }
}

/// Runs over the rows of a table; problems are collected, rows with one are left out.
pub(crate) fn rows(
    file: &str,
    bytes: &[u8],
    needed: &[&str],
    problems: &mut Vec<Problem>,
    mut take: impl FnMut(&Row<'_>) -> Result<(), Problem>,
) {
    let mut reader = csv::ReaderBuilder::new().comment(Some(b'#')).from_reader(bytes);
    let columns = match reader.headers() {
        Ok(columns) => columns.clone(),
        Err(error) => {
            return problems.push(Problem { place: format!("{file}:1:1"), what: error.to_string() });
        }
    };
    for name in needed {
        if !columns.iter().any(|column| column == *name) {
            problems
                .push(Problem { place: format!("{file}:1:1"), what: format!("no column {name}; add it") });
            return;
        }
    }
    for record in reader.records() {
        match record {
            Ok(fields) => {
                let line = fields.position().map_or(0, csv::Position::line);
                let row = Row { file, line, columns: &columns, fields };
                if let Err(problem) = take(&row) {
                    problems.push(problem);
                }
            }
            Err(error) => {
                let line = error.position().map_or(0, csv::Position::line);
                problems.push(Problem { place: format!("{file}:{line}:1"), what: error.to_string() });
            }
        }
    }
}
