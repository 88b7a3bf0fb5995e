//! `meridian duty workbook`: a pack as one XLSX workbook and back; `--pack` takes either.
//!
//! A sheet is a table (`lines` is `lines.csv`); the sheet `pack` holds `pack.toml`, a line a row. Everything is written as
//! text, so a code keeps its leading zero and a rate its decimals. What people type is taken as a sheet gives it: a code
//! typed as a number gets its leading zero back, a date cell becomes `2026-03-20`.

use std::collections::BTreeMap;
use std::io::Cursor;
use std::path::{Path, PathBuf};

use calamine::{Data, Reader, Xlsx};
use meridian_terms::Day;
use rust_xlsxwriter::{DocProperties, ExcelDateTime, Workbook, XlsxError};
use serde_json::json;

use crate::answer::Answer;
use crate::trouble::trouble;

/// Arguments of `meridian duty workbook`.
#[derive(clap::Args)]
#[command(after_help = "\
Example: meridian duty workbook examples/north-south/tariff/RU ru.xlsx
         meridian duty workbook ru.xlsx packs/RU")]
pub struct Args {
    /// A pack's directory, or a workbook
    from: PathBuf,
    /// The other of the two
    to: PathBuf,
}

/// The sheet of `pack.toml`.
const HEAD: &str = "pack";

/// Runs `meridian duty workbook`.
pub(crate) fn run(args: &Args) -> Result<Answer, String> {
    let files = crate::duty::files_of(&args.from)?;
    let failed = |error: std::io::Error| trouble(&args.to, &error);
    if is_workbook(&args.to) {
        let bytes = write(&files).map_err(|error| format!("{}: {error}", args.to.display()))?;
        std::fs::write(&args.to, bytes).map_err(failed)?;
    } else {
        std::fs::create_dir_all(&args.to).map_err(failed)?;
        for (name, bytes) in &files {
            std::fs::write(args.to.join(name), bytes).map_err(failed)?;
        }
    }
    println!("{}", json!({"tables": files.keys().collect::<Vec<_>>(), "out": args.to.display().to_string()}));
    Ok(Answer::Done)
}

/// Whether a path names a workbook.
pub(crate) fn is_workbook(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("xlsx"))
}

fn write(files: &BTreeMap<String, Vec<u8>>) -> Result<Vec<u8>, String> {
    let mut workbook = Workbook::new();
    let told = |error: XlsxError| error.to_string();
    // A fixed date: the same pack gives the same bytes.
    let created = ExcelDateTime::from_ymd(2000, 1, 1).map_err(told)?;
    workbook.set_properties(&DocProperties::new().set_creation_datetime(&created));
    for (name, bytes) in files {
        let rows: Vec<Vec<String>> = match name.strip_suffix(".csv") {
            Some(_) => {
                let mut reader =
                    csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(bytes.as_slice());
                let rows = reader.records().map(|row| row.map(|row| row.iter().map(str::to_owned).collect()));
                rows.collect::<Result<_, _>>().map_err(|error| format!("{name}: {error}"))?
            }
            None => {
                let text = std::str::from_utf8(bytes).map_err(|error| format!("{name}: {error}"))?;
                text.lines().map(|line| vec![line.to_owned()]).collect()
            }
        };
        let sheet = workbook.add_worksheet();
        sheet.set_name(name.strip_suffix(".csv").unwrap_or(HEAD)).map_err(told)?;
        for (row, cells) in (0_u32..).zip(&rows) {
            for (column, cell) in (0_u16..).zip(cells) {
                if !cell.is_empty() {
                    sheet.write_string(row, column, cell).map_err(told)?;
                }
            }
        }
        if name != "pack.toml" {
            sheet.set_freeze_panes(1, 0).map_err(told)?;
        }
    }
    workbook.save_to_buffer().map_err(told)
}

/// A workbook's tables as the files of a pack.
pub(crate) fn read(bytes: &[u8]) -> Result<BTreeMap<String, Vec<u8>>, String> {
    let mut workbook = Xlsx::new(Cursor::new(bytes)).map_err(|error| error.to_string())?;
    let mut files = BTreeMap::new();
    for name in workbook.sheet_names().to_vec() {
        let range = workbook.worksheet_range(&name).map_err(|error| format!("sheet {name}: {error}"))?;
        // A range begins at its first filled cell; a table begins at A1.
        let above = range.start().map_or(0, |(row, _)| row as usize);
        if name == HEAD {
            let lines: Vec<String> =
                range.rows().map(|row| row.first().map_or(String::new(), text)).collect();
            let blank = "\n".repeat(above);
            files.insert("pack.toml".to_owned(), format!("{blank}{}\n", lines.join("\n")).into_bytes());
            continue;
        }
        let mut table = csv::Writer::from_writer(Vec::new());
        let mut columns: Vec<String> = Vec::new();
        for (number, row) in range.rows().enumerate() {
            let mut cells: Vec<String> = row.iter().map(text).collect();
            if number == 0 {
                columns.clone_from(&cells);
            }
            for (column, (cell, typed)) in columns.iter().zip(cells.iter_mut().zip(row)) {
                // HS codes have an even number of digits: an odd one lost its zero to a number.
                let is_number = matches!(typed, Data::Float(_) | Data::Int(_));
                if column == "code" && is_number && cell.len() % 2 == 1 {
                    cell.insert(0, '0');
                }
            }
            table.write_record(&cells).map_err(|error| format!("sheet {name}: {error}"))?;
        }
        files.insert(format!("{name}.csv"), table.into_inner().map_err(|error| error.to_string())?);
    }
    Ok(files)
}

fn text(cell: &Data) -> String {
    match cell {
        Data::Empty => String::new(),
        Data::DateTime(date) => {
            // Serial days since 1899-12-30; whole numbers far below 2^31.
            #[expect(clippy::cast_possible_truncation, reason = "a date's serial number")]
            let serial = date.as_f64() as i32;
            Day::from_number(serial - 25_569).to_string()
        }
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pack_comes_back_from_its_workbook() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/north-south/tariff");
        for country in ["RU", "IR", "IN", "CN"] {
            let files = crate::duty::files_of(&folder.join(country)).unwrap();
            let bytes = write(&files).unwrap();
            assert_eq!(bytes, write(&files).unwrap(), "the same pack gives the same bytes");
            let back = read(&bytes).unwrap();
            assert_eq!(files.keys().collect::<Vec<_>>(), back.keys().collect::<Vec<_>>());
            let (first, second) = (load(&files), load(&back));
            assert_eq!(meridian_tariff::diff::between(&first, &second), []);
            assert_eq!(first.lines().len(), second.lines().len());
        }
    }

    fn load(files: &BTreeMap<String, Vec<u8>>) -> meridian_tariff::pack::Pack {
        meridian_tariff::pack::Pack::load(files).unwrap_or_else(|problems| panic!("{problems:#?}"))
    }

    #[test]
    fn what_people_type_is_taken_as_meant() {
        let mut workbook = Workbook::new();
        let sheet = workbook.add_worksheet();
        sheet.set_name("lines").unwrap();
        for (column, name) in (0..).zip(["code", "duty", "from"]) {
            sheet.write_string(0, column, name).unwrap();
        }
        sheet.write_number(1, 0, 802_510_000.0).unwrap();
        sheet.write_number(1, 1, 12.5).unwrap();
        let date = rust_xlsxwriter::Format::new().set_num_format("yyyy-mm-dd");
        sheet.write_datetime_with_format(1, 2, ExcelDateTime::from_ymd(2026, 3, 20).unwrap(), &date).unwrap();
        let files = read(&workbook.save_to_buffer().unwrap()).unwrap();
        assert_eq!(files["lines.csv"], b"code,duty,from\n0802510000,12.5,2026-03-20\n");
    }
}
