//! The tables as CSV, XLSX and JSON.

use rust_xlsxwriter::{DocProperties, ExcelDateTime, Format, Workbook, XlsxError};
use serde_json::{Map, Value as Json, json};

use super::{Sheet, Value};

/// The longest decimal a spreadsheet's number keeps exactly.
const EXACT_DIGITS: usize = 15;

/// One document: each table by its name, a row an object by column.
#[must_use]
pub fn json(sheets: &[Sheet], as_of_event: u64) -> Json {
    let mut document = Map::new();
    document.insert("as_of_event".into(), json!(as_of_event));
    for sheet in sheets {
        let rows = sheet.rows.iter().map(|row| {
            let mut object: Map<String, Json> = sheet
                .columns
                .iter()
                .zip(&row.cells)
                .map(|(name, cell)| ((*name).to_owned(), cell.json()))
                .collect();
            if let Some(wanted) = &row.opens {
                object.insert("events".into(), json!(wanted.query()));
            }
            Json::Object(object)
        });
        document.insert(sheet.name.into(), rows.collect());
    }
    Json::Object(document)
}

/// One file: each table below its name, with its own header, an empty line between them.
///
/// # Errors
/// In words.
pub fn csv(sheets: &[Sheet]) -> Result<Vec<u8>, String> {
    let mut out = Vec::new();
    for sheet in sheets {
        if !out.is_empty() {
            out.push(b'\n');
        }
        let mut table = csv::Writer::from_writer(Vec::new());
        let header = ["table"].into_iter().chain(sheet.columns.iter().copied());
        table.write_record(header).map_err(|error| error.to_string())?;
        for row in &sheet.rows {
            let cells = row.cells.iter().map(Value::text);
            let cells = std::iter::once(sheet.name.to_owned()).chain(cells);
            table.write_record(cells).map_err(|error| error.to_string())?;
        }
        out.extend(table.into_inner().map_err(|error| error.to_string())?);
    }
    Ok(out)
}

/// One workbook, a sheet a table.
///
/// # Errors
/// In words.
pub fn xlsx(sheets: &[Sheet]) -> Result<Vec<u8>, String> {
    let told = |error: XlsxError| error.to_string();
    let mut workbook = Workbook::new();
    // A fixed date: the same figures give the same bytes.
    let created = ExcelDateTime::from_ymd(2000, 1, 1).map_err(told)?;
    workbook.set_properties(&DocProperties::new().set_creation_datetime(&created));
    let bold = Format::new().set_bold();
    for sheet in sheets {
        let page = workbook.add_worksheet();
        page.set_name(sheet.name).map_err(told)?;
        page.set_freeze_panes(1, 0).map_err(told)?;
        for (column, name) in (0..).zip(&sheet.columns) {
            page.write_string_with_format(0, column, *name, &bold).map_err(told)?;
        }
        for (row, cells) in (1..).zip(&sheet.rows) {
            for (column, cell) in (0..).zip(&cells.cells) {
                match cell.number() {
                    Some(number) => page.write_number(row, column, number).map_err(told)?,
                    None => page.write_string(row, column, cell.text()).map_err(told)?,
                };
            }
        }
        page.autofit();
    }
    workbook.save_to_buffer().map_err(told)
}

impl Value {
    /// As people and files read it.
    #[must_use]
    pub fn text(&self) -> String {
        match self {
            Self::Text(text) | Self::Decimal(text) => text.clone(),
            Self::Count(count) => count.to_string(),
            Self::None => String::new(),
        }
    }

    /// Whether it is a figure.
    #[must_use]
    pub const fn is_number(&self) -> bool {
        matches!(self, Self::Count(_) | Self::Decimal(_))
    }

    /// As a spreadsheet's number, where that keeps every digit; the rest stays text.
    fn number(&self) -> Option<f64> {
        let text = self.text();
        let digits = text.bytes().filter(u8::is_ascii_digit).count();
        (self.is_number() && digits <= EXACT_DIGITS).then(|| text.parse().ok()).flatten()
    }

    fn json(&self) -> Json {
        match self {
            Self::Text(text) | Self::Decimal(text) => json!(text),
            Self::Count(count) => json!(count),
            Self::None => Json::Null,
        }
    }
}
