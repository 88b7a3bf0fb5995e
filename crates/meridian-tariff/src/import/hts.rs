//! The Harmonized Tariff Schedule: column 1 general, column 1 special by programme, column 2.
//!
//! A statistical line (ten digits) has no rate of its own: it lies below the eight-digit line that has. Column 2 is for
//! the countries of general note 3(b). A programme's letters that are a country's are taken as that country; of the
//! others the members of S (USMCA) and P (CAFTA-DR) are known here, the rest are areas without known members.

use std::sync::Arc;

use meridian_terms::{Country, HsCode, Refusal};

use super::{Imported, LineRow, Settings, Source, Tables, Warning, rows};
use crate::duty::{Dialect, Duty, Reference, parse};
use crate::measure::{Area, Kind, Measure};

const POLICY: &str = "[policy]\ncarry = \"rounded\"\nrounding = \"half_up\"\nvalue_basis = \"FOB\"\n";
/// General note 3(b), as amended to 2022.
const COLUMN_2: [&str; 4] = ["BY", "CU", "KP", "RU"];
const PROGRAMMES: [(&str, &[&str]); 2] = [("S", &["CA", "MX"]), ("P", &["CR", "DO", "GT", "HN", "NI", "SV"])];

pub(super) fn import(sources: &[Source<'_>], settings: &Settings) -> Result<Imported, Refusal> {
    let mut tables =
        Tables::new("Harmonized Tariff Schedule of the United States", settings, "US", "USD", POLICY);
    for (programme, members) in PROGRAMMES {
        let members: Vec<String> = members.iter().map(|member| (*member).to_owned()).collect();
        for mark in ["", "+"] {
            tables.area(&format!("programme {programme}{mark}"), &members, "general note 3(c)(i)");
        }
    }
    let mut warnings = Vec::new();
    for source in sources {
        let mut path: Vec<String> = Vec::new();
        let columns = ["htsno", "indent", "description", "units", "general", "special", "other"];
        rows(*source, &columns, |row| {
            let level: usize = row.get("indent").parse().unwrap_or(0);
            path.truncate(level);
            path.push(row.get("description").trim_end_matches(':').to_owned());
            let code = row.get("htsno");
            if row.get("general").is_empty() || code.is_empty() {
                return;
            }
            line(row, &path.join(" > "), &mut tables, &mut warnings);
        })?;
    }
    Ok(tables.end(warnings))
}

fn line(row: &super::Cells<'_>, description: &str, tables: &mut Tables, warnings: &mut Vec<Warning>) {
    let mut warn = |what: String| warnings.push(Warning { place: row.place.clone(), what });
    let Ok(code) = HsCode::parse(row.get("htsno")) else {
        return warn(format!("{:?} is no code", row.get("htsno")));
    };
    let mut read = |column: &str| match row.get(column) {
        "" => None,
        sentence => match parse(sentence, Dialect::Us) {
            Ok(duty) => Some(duty),
            Err(error) => {
                warn(format!("{code}: {column} {sentence:?}: {error}"));
                None
            }
        },
    };
    let (general, special, other) = (read("general"), read("special"), read("other"));
    let duty = general.map_or(String::new(), |duty| duty.to_string());
    let units = row.get("units").replace('|', "; ");
    let source = "USITC Harmonized Tariff Schedule";
    let line =
        LineRow { code: code.as_str(), description, duty: &duty, unit: &units, status: "official", source };
    tables.line(&line);
    let measure = |id: &str, kind, title: String, area: Vec<String>, duty: Duty| Measure {
        id: format!("{code}-{id}"),
        kind,
        title,
        code: code.clone(),
        area: Area { of: area, except: Vec::new() },
        territory: None,
        from: None,
        until: None,
        from_act: None,
        recorded_from: None,
        recorded_until: None,
        duty: Some(Arc::new(duty)),
        additional_code: None,
        quota: None,
        scheme: String::new(),
        conditions: Vec::new(),
        regulation: source.to_owned(),
        status: "official".into(),
    };
    match special {
        Some(Duty::ByProgramme(variants)) => {
            for (programmes, duty) in variants {
                for programme in programmes {
                    let letters = programme.trim_end_matches(['*', '+', '#']);
                    let area = if letters.len() == 2 && Country::parse(letters).is_ok() {
                        letters.to_owned()
                    } else {
                        format!("programme {programme}")
                    };
                    let scheme = format!("column 1 special, programme {programme}");
                    let one = measure(&programme, Kind::Preference, scheme.clone(), vec![area], duty.clone());
                    tables.measure(&Measure { scheme, ..one });
                }
            }
        }
        None | Some(Duty::Reference(Reference::NoChange)) => {}
        Some(duty) => tables.measure(&measure(
            "special",
            Kind::Preference,
            "column 1 special".into(),
            vec!["programmes of the chapter".into()],
            duty,
        )),
    }
    if let Some(duty) = other.filter(|duty| *duty != Duty::Reference(Reference::NoChange)) {
        let area = COLUMN_2.iter().map(|country| (*country).to_owned()).collect();
        tables.measure(&measure("column 2", Kind::Ordinary, "column 2".into(), area, duty));
    }
}
