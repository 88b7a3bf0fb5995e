//! Importers: a published table becomes a pack.
//!
//! | layout | reads |
//! |---|---|
//! | `eaeu` | the EAEU common customs tariff (`code,level,description,supplementary_unit,rate,notes,chapter,edition`) and its notes (`note,text_ru`) |
//! | `uk`, `eu` | the side-by-side table of 2021 (`commodity,description,cet_duty_rate,ukgt_duty_rate,...`): either of its tariffs |
//! | `us-hts` | the Harmonized Tariff Schedule (`htsno,indent,description,units,general,special,other,quota`) |
//! | `taric-json` | measure sets of single commodities, read by the command line into [`taric::MeasureSet`] |
//!
//! Nothing is guessed: a rate that is not understood, a note that is not there, an area whose members are not known
//! becomes a warning with its place, and stays unknown in the pack.

mod eaeu;
mod global;
mod hts;
pub mod taric;

use std::collections::BTreeMap;
use std::fmt;

use meridian_terms::{Country, Currency, Decimal, Refusal};

use crate::measure::Measure;

/// A source: its name, for messages, and its bytes.
pub type Source<'a> = (&'a str, &'a [u8]);

/// A published table's manner.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Layout {
    /// The EAEU common customs tariff.
    Eaeu,
    /// The United Kingdom's global tariff.
    Uk,
    /// The European Union's common external tariff.
    Eu,
    /// The Harmonized Tariff Schedule of the United States.
    UsHts,
    /// Measure sets in JSON.
    TaricJson,
}

impl Layout {
    /// The layouts by name.
    pub const ALL: [(&'static str, Self); 5] = [
        ("eaeu", Self::Eaeu),
        ("uk", Self::Uk),
        ("eu", Self::Eu),
        ("us-hts", Self::UsHts),
        ("taric-json", Self::TaricJson),
    ];

    /// The layout of a name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().find(|(known, _)| *known == name).map(|(_, layout)| *layout)
    }
}

/// What a table does not say of itself.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// The importing territory; none: the layout's own.
    pub territory: Option<Country>,
    /// The currency of customs; none: the layout's own.
    pub currency: Option<Currency>,
    /// Value added tax for every line, per cent; none: the pack has none and says so when asked.
    pub vat: Option<Decimal>,
    /// Fee for a declaration, major units.
    pub fee: Option<Decimal>,
}

/// Something the importer could not take over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Warning {
    /// `tariff.csv:812`.
    pub place: String,
    /// What is missing or not understood.
    pub what: String,
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.what)
    }
}

/// A pack's files, and what could not be taken over.
#[derive(Debug, Clone, Default)]
pub struct Imported {
    /// Files by name.
    pub files: BTreeMap<String, Vec<u8>>,
    /// How many lines have a rate.
    pub lines: usize,
    /// In the order of the table.
    pub warnings: Vec<Warning>,
}

/// Builds a pack from a table in CSV.
///
/// # Errors
/// `import.layout` when the sources are not what the layout reads.
pub fn import(layout: Layout, sources: &[Source<'_>], settings: &Settings) -> Result<Imported, Refusal> {
    match layout {
        Layout::Eaeu => eaeu::import(sources, settings),
        Layout::Uk => global::import(sources, settings, global::Tariff::Uk),
        Layout::Eu => global::import(sources, settings, global::Tariff::Eu),
        Layout::UsHts => hts::import(sources, settings),
        Layout::TaricJson => Err(Refusal::new("import.layout", "measure sets are read as JSON first")
            .next("use import::taric::import")),
    }
}

/// Tables being written.
pub(crate) struct Tables {
    lines: csv::Writer<Vec<u8>>,
    measures: csv::Writer<Vec<u8>>,
    preferences: csv::Writer<Vec<u8>>,
    areas: csv::Writer<Vec<u8>>,
    rates: csv::Writer<Vec<u8>>,
    head: String,
    count: usize,
}

/// One row of `lines.csv`.
pub(crate) struct LineRow<'a> {
    pub(crate) code: &'a str,
    pub(crate) description: &'a str,
    pub(crate) duty: &'a str,
    pub(crate) unit: &'a str,
    pub(crate) status: &'a str,
    pub(crate) source: &'a str,
}

impl Tables {
    pub(crate) fn new(
        name: &str,
        settings: &Settings,
        territory: &str,
        currency: &str,
        policy: &str,
    ) -> Self {
        let territory = settings.territory.map_or(territory.to_owned(), |given| given.as_str().to_owned());
        let currency = settings.currency.map_or(currency.to_owned(), |given| given.code().to_owned());
        let fee = settings.fee.map_or("0".to_owned(), |fee| fee.to_string());
        let vat = settings.vat.map_or(String::new(), |vat| format!("vat_percent = \"{vat}\"\n"));
        let taxes =
            if settings.vat.is_some() { "VAT and fee as given at import" } else { "no VAT rate was given" };
        let head = format!(
            "name = {name:?}\nterritory = {territory:?}\ncurrency = {currency:?}\nfee = {fee:?}\n{vat}taxes_status = {taxes:?}\n{policy}"
        );
        let mut tables = Self {
            lines: csv::Writer::from_writer(Vec::new()),
            measures: csv::Writer::from_writer(Vec::new()),
            preferences: csv::Writer::from_writer(Vec::new()),
            areas: csv::Writer::from_writer(Vec::new()),
            rates: csv::Writer::from_writer(Vec::new()),
            head,
            count: 0,
        };
        write(&mut tables.lines, &["code", "description", "duty", "vat_percent", "unit", "status", "source"]);
        write(
            &mut tables.measures,
            &[
                "measure",
                "kind",
                "title",
                "code",
                "area",
                "exclude",
                "territory",
                "from",
                "until",
                "from_act",
                "duty",
                "additional_code",
                "quota",
                "scheme",
                "conditions",
                "regulation",
                "recorded_from",
                "recorded_until",
                "status",
            ],
        );
        write(&mut tables.preferences, &["code", "origin", "duty", "agreement", "status"]);
        write(&mut tables.areas, &["area", "members", "title"]);
        write(&mut tables.rates, &["currency", "rate", "from", "status"]);
        tables
    }

    pub(crate) fn line(&mut self, row: &LineRow<'_>) {
        self.count += usize::from(!row.duty.is_empty());
        write(&mut self.lines, &[row.code, row.description, row.duty, "", row.unit, row.status, row.source]);
    }

    pub(crate) fn measure(&mut self, measure: &Measure) {
        let day = |day: Option<meridian_terms::Day>| day.map_or(String::new(), |day| day.to_string());
        let conditions: Vec<String> = measure.conditions.iter().map(ToString::to_string).collect();
        let conditions =
            if conditions.is_empty() { String::new() } else { format!("Cond: {}", conditions.join("; ")) };
        write(
            &mut self.measures,
            &[
                &measure.id,
                measure.kind.word(),
                &measure.title,
                measure.code.as_str(),
                &measure.area.of.join(";"),
                &measure.area.except.join(";"),
                measure.territory.as_ref().map_or("", |territory| territory.as_str()),
                &day(measure.from),
                &day(measure.until),
                measure.from_act.as_deref().unwrap_or_default(),
                &measure.duty.as_ref().map_or(String::new(), |duty| duty.to_string()),
                measure.additional_code.as_deref().unwrap_or_default(),
                measure.quota.as_deref().unwrap_or_default(),
                &measure.scheme,
                &conditions,
                &measure.regulation,
                &day(measure.recorded_from),
                &day(measure.recorded_until),
                &measure.status,
            ],
        );
    }

    pub(crate) fn area(&mut self, area: &str, members: &[String], title: &str) {
        write(&mut self.areas, &[area, &members.join(";"), title]);
    }

    pub(crate) fn rate(&mut self, currency: &str, rate: &str, from: &str, status: &str) {
        write(&mut self.rates, &[currency, rate, from, status]);
    }

    pub(crate) fn end(self, warnings: Vec<Warning>) -> Imported {
        let bytes = |table: csv::Writer<Vec<u8>>| table.into_inner().unwrap_or_default();
        let files = [
            ("pack.toml", self.head.into_bytes()),
            ("lines.csv", bytes(self.lines)),
            ("measures.csv", bytes(self.measures)),
            ("preferences.csv", bytes(self.preferences)),
            ("areas.csv", bytes(self.areas)),
            ("rates.csv", bytes(self.rates)),
        ];
        Imported {
            files: files.into_iter().map(|(name, bytes)| (name.to_owned(), bytes)).collect(),
            lines: self.count,
            warnings,
        }
    }
}

/// Writing to memory cannot fail.
fn write(table: &mut csv::Writer<Vec<u8>>, cells: &[&str]) {
    let _ = table.write_record(cells);
}

/// A row of a source with its columns by name.
pub(crate) struct Cells<'a> {
    pub(crate) place: String,
    columns: &'a csv::StringRecord,
    cells: &'a csv::StringRecord,
}

impl Cells<'_> {
    pub(crate) fn get(&self, column: &str) -> &str {
        let at = self.columns.iter().position(|name| name == column);
        at.and_then(|at| self.cells.get(at)).unwrap_or_default().trim()
    }
}

/// Reads a CSV source with at least these columns.
pub(crate) fn rows(
    source: Source<'_>,
    columns: &[&str],
    mut take: impl FnMut(&Cells<'_>),
) -> Result<(), Refusal> {
    let (name, bytes) = source;
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let mut reader = csv::Reader::from_reader(bytes);
    let wrong = |what: String| Refusal::new("import.layout", format!("{name}: {what}"));
    let header = reader.headers().map_err(|error| wrong(error.to_string()))?.clone();
    if let Some(missing) = columns.iter().find(|column| !header.iter().any(|known| known == **column)) {
        return Err(
            wrong(format!("no column {missing}")).next(format!("give a table with {}", columns.join(", ")))
        );
    }
    for record in reader.records() {
        let record = record.map_err(|error| wrong(error.to_string()))?;
        let line = record.position().map_or(0, csv::Position::line);
        take(&Cells { place: format!("{name}:{line}"), columns: &header, cells: &record });
    }
    Ok(())
}

/// Whether a CSV source has a column.
pub(crate) fn has_column(source: Source<'_>, column: &str) -> bool {
    let bytes = source.1.strip_prefix(b"\xef\xbb\xbf").unwrap_or(source.1);
    csv::Reader::from_reader(bytes).headers().is_ok_and(|header| header.iter().any(|known| known == column))
}
