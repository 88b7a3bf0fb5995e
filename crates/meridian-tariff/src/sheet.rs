//! One table of a pack, read with the place of every cell: a fault is told as file:row:column.

use std::fmt;

use meridian_terms::{Country, Day, HsCode, Refusal, Window};

/// Something wrong in a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The table: `origin.csv`.
    pub file: String,
    /// Its row, the header being 1.
    pub row: usize,
    /// The column's name; empty when the whole row is at fault.
    pub column: String,
    /// What is wrong and what would be right.
    pub refusal: Refusal,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}: {}", self.file, self.row, self.column, self.refusal)
    }
}

/// A table with named columns.
pub(crate) struct Sheet {
    file: String,
    header: Vec<String>,
    rows: Vec<(usize, Vec<String>)>,
}

/// One row of a sheet; collects the faults of its cells.
pub(crate) struct Row<'a> {
    sheet: &'a Sheet,
    row: usize,
    cells: &'a [String],
    faults: &'a mut Vec<Fault>,
}

impl Sheet {
    /// Reads CSV (RFC 4180, UTF-8, a header line). A column not in `columns`, or one of them missing, is a fault.
    pub(crate) fn read(file: &str, bytes: &[u8], columns: &[&str]) -> Result<Self, Vec<Fault>> {
        let fault = |row, column: &str, refusal| Fault {
            file: file.to_owned(),
            row,
            column: column.to_owned(),
            refusal,
        };
        let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(bytes);
        let mut faults = Vec::new();
        let mut lines = Vec::new();
        for (index, record) in reader.records().enumerate() {
            match record {
                Ok(record) => {
                    lines.push((index + 1, record.iter().map(|cell| cell.trim().to_owned()).collect()));
                }
                Err(error) => {
                    faults.push(fault(
                        index + 1,
                        "",
                        Refusal::new("sheet.csv", error.to_string()).next("save the table as UTF-8 CSV"),
                    ));
                }
            }
        }
        let mut lines = lines.into_iter();
        let header: Vec<String> =
            lines.next().map(|(_, cells): (usize, Vec<String>)| cells).unwrap_or_default();
        for column in columns.iter().filter(|column| !header.iter().any(|known| known == *column)) {
            faults.push(fault(
                1,
                column,
                Refusal::new("sheet.column_missing", format!("no column {column:?}"))
                    .next("add it; leave its cells empty where there is nothing to say"),
            ));
        }
        for column in header.iter().filter(|column| !columns.contains(&column.as_str())) {
            faults.push(fault(
                1,
                column,
                Refusal::new("sheet.column_unknown", format!("column {column:?} means nothing here"))
                    .next("remove it or correct its name"),
            ));
        }
        let rows: Vec<(usize, Vec<String>)> =
            lines.filter(|(_, cells)| cells.iter().any(|cell| !cell.is_empty())).collect();
        for (row, cells) in rows.iter().filter(|(_, cells)| cells.len() != header.len()) {
            let told = format!("{} cells under {} columns", cells.len(), header.len());
            faults.push(fault(
                *row,
                "",
                Refusal::new("sheet.cells", told).next("quote a cell that holds a comma"),
            ));
        }
        if faults.is_empty() { Ok(Self { file: file.to_owned(), header, rows }) } else { Err(faults) }
    }

    /// Reads every row; all faults of all rows, or what the rows mean.
    pub(crate) fn each<T>(&self, mut read: impl FnMut(&mut Row) -> Option<T>) -> Result<Vec<T>, Vec<Fault>> {
        let mut faults = Vec::new();
        let mut found = Vec::new();
        for (row, cells) in &self.rows {
            found.extend(read(&mut Row { sheet: self, row: *row, cells, faults: &mut faults }));
        }
        if faults.is_empty() { Ok(found) } else { Err(faults) }
    }
}

impl Row<'_> {
    /// A cell; empty when nothing is in it.
    pub(crate) fn text(&self, column: &str) -> &str {
        let position = self.sheet.header.iter().position(|known| known == column);
        position.and_then(|position| self.cells.get(position)).map_or("", String::as_str)
    }

    pub(crate) fn fault(&mut self, column: &str, refusal: Refusal) {
        let file = self.sheet.file.clone();
        self.faults.push(Fault { file, row: self.row, column: column.to_owned(), refusal });
    }

    /// A cell read by a parser; a fault when it refuses.
    pub(crate) fn read<T>(
        &mut self,
        column: &str,
        parse: impl FnOnce(&str) -> Result<T, Refusal>,
    ) -> Option<T> {
        match parse(self.text(column)) {
            Ok(value) => Some(value),
            Err(refusal) => {
                self.fault(column, refusal);
                None
            }
        }
    }

    /// A cell that must not be empty.
    pub(crate) fn filled(&mut self, column: &str) -> Option<String> {
        self.read(column, |text| {
            if text.is_empty() {
                Err(Refusal::new("sheet.empty", "the cell is empty").next("fill it in"))
            } else {
                Ok(text.to_owned())
            }
        })
    }

    /// A cell of values separated by `;`; empty: none.
    pub(crate) fn list<T>(
        &mut self,
        column: &str,
        parse: impl Fn(&str) -> Result<T, Refusal>,
    ) -> Option<Vec<T>> {
        self.read(column, |text| {
            text.split(';').map(str::trim).filter(|part| !part.is_empty()).map(parse).collect()
        })
    }

    /// A cell of countries separated by `;`.
    pub(crate) fn countries<C: FromIterator<Country>>(&mut self, column: &str) -> Option<C> {
        self.list(column, Country::parse).map(|countries| countries.into_iter().collect())
    }

    /// A cell of words separated by `;`.
    pub(crate) fn words<C: FromIterator<String>>(&mut self, column: &str) -> Option<C> {
        self.list(column, |word| Ok(word.to_owned())).map(|words| words.into_iter().collect())
    }

    /// A cell of goods codes separated by `;`.
    pub(crate) fn codes(&mut self, column: &str) -> Option<Vec<HsCode>> {
        self.list(column, HsCode::parse)
    }

    /// Columns `from` and `until`: the first day, and the first day no longer.
    pub(crate) fn validity(&mut self) -> Option<Window<Day>> {
        let from = self.read("from", Day::parse)?;
        let until =
            self.read("until", |text| if text.is_empty() { Ok(None) } else { Day::parse(text).map(Some) })?;
        self.read("until", |_| Window::new(from, until))
    }

    /// `yes` or `no`.
    pub(crate) fn yes(&mut self, column: &str) -> Option<bool> {
        self.read(column, |text| match text {
            "yes" => Ok(true),
            "no" => Ok(false),
            _ => Err(Refusal::new("sheet.yes_or_no", format!("{text:?} is neither yes nor no"))
                .next("write yes or no")),
        })
    }

    /// Column `status`: whether the row is an illustration (or an estimate) rather than law.
    pub(crate) fn is_illustrative(&mut self) -> Option<bool> {
        self.read("status", |text| match text {
            "official" | "published" => Ok(false),
            "illustrative" | "estimated" => Ok(true),
            _ => Err(Refusal::new("sheet.status", format!("{text:?} is no status"))
                .next("write official, published, estimated or illustrative")),
        })
    }
}
