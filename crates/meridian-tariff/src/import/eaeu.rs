//! The EAEU common customs tariff: lines with Russian rates, and notes that change some of them for a time or a member.

use std::collections::BTreeMap;
use std::sync::Arc;

use meridian_terms::{HsCode, Refusal};

use super::{Imported, LineRow, Settings, Source, Tables, Warning, has_column, rows};
use crate::duty::{Dialect, Duty, Note, Reference, Start, parse, parse_note};
use crate::measure::{Area, Kind, Measure};

const POLICY: &str = "[policy]\ncarry = \"rounded\"\nrounding = \"half_up\"\nvalue_basis = \"CIF\"\n";

pub(super) fn import(sources: &[Source<'_>], settings: &Settings) -> Result<Imported, Refusal> {
    let mut tables = Tables::new("EAEU common customs tariff", settings, "RU", "RUB", POLICY);
    let mut warnings = Vec::new();
    let (notes, tariffs): (Vec<_>, Vec<_>) =
        sources.iter().copied().partition(|source| has_column(*source, "text_ru"));
    let mut known: BTreeMap<String, Option<Note>> = BTreeMap::new();
    for source in notes {
        rows(source, &["note", "text_ru"], |row| {
            let note = parse_note(row.get("text_ru")).map_err(|error| {
                warnings.push(Warning {
                    place: row.place.clone(),
                    what: format!("note {} is not understood: {error}", row.get("note")),
                });
            });
            known.insert(row.get("note").to_owned(), note.ok());
        })?;
    }
    if tariffs.is_empty() {
        return Err(Refusal::new("import.layout", "no table of lines among the sources")
            .next("give the tariff with columns code, level, description, rate"));
    }
    for source in tariffs {
        let mut path: Vec<String> = Vec::new();
        let columns =
            ["code", "level", "description", "supplementary_unit", "rate", "notes", "chapter", "edition"];
        rows(source, &columns, |row| {
            let level: usize = row.get("level").parse().unwrap_or(0);
            path.truncate(level);
            path.push(row.get("description").trim_end_matches(':').to_owned());
            if row.get("rate").is_empty() {
                return;
            }
            line(row, &path.join(" > "), &known, &mut tables, &mut warnings);
        })?;
    }
    Ok(tables.end(warnings))
}

fn line(
    row: &super::Cells<'_>,
    description: &str,
    notes: &BTreeMap<String, Option<Note>>,
    tables: &mut Tables,
    warnings: &mut Vec<Warning>,
) {
    let code = row.get("code");
    let mut warn = |what: String| warnings.push(Warning { place: row.place.clone(), what });
    let Ok(parsed) = HsCode::parse(code) else { return warn(format!("{code:?} is no code")) };
    let duty = match parse(row.get("rate"), Dialect::EaeuRu) {
        Ok(duty) => duty.to_string(),
        Err(error) => {
            warn(format!("{code}: rate {:?}: {error}", row.get("rate")));
            String::new()
        }
    };
    let marks: Vec<&str> =
        row.get("notes").split(|c: char| !c.is_ascii_digit()).filter(|mark| !mark.is_empty()).collect();
    let told = if marks.is_empty() { String::new() } else { format!("; note {}", marks.join(", ")) };
    let source = format!(
        "EEC common customs tariff, chapter {}, edition {}{told}",
        row.get("chapter"),
        row.get("edition")
    );
    let unit = row.get("supplementary_unit");
    tables.line(&LineRow { code, description, duty: &duty, unit, status: "official", source: &source });
    for mark in marks {
        let template = Measure {
            id: format!("{code}-{mark}"),
            kind: Kind::Ordinary,
            title: format!("note {mark}"),
            code: parsed.clone(),
            area: Area::default(),
            territory: None,
            from: None,
            until: None,
            from_act: None,
            recorded_from: None,
            recorded_until: None,
            duty: None,
            additional_code: None,
            quota: None,
            scheme: String::new(),
            conditions: Vec::new(),
            regulation: format!("EEC common customs tariff, note {mark}"),
            status: "official".into(),
        };
        let Some(Some(note)) = notes.get(mark) else {
            let why =
                if notes.contains_key(mark) { "is not understood" } else { "is not in the table of notes" };
            warn(format!("{code} refers to note {mark}, which {why}: its rate is unknown"));
            let number = mark.parse().unwrap_or(0);
            let reference = Duty::Reference(Reference::Note(number));
            tables.measure(&Measure { duty: Some(Arc::new(reference)), ..template });
            continue;
        };
        for (number, rate) in note.rates.iter().enumerate() {
            let (from, from_act) = match &rate.start {
                Start::Always => (None, None),
                Start::On(day) => (Some(*day), None),
                Start::Act { act, adopted } => (*adopted, Some(act.clone())),
            };
            tables.measure(&Measure {
                id: if number == 0 { template.id.clone() } else { format!("{}-{}", template.id, number + 1) },
                territory: rate.territory,
                from,
                until: rate.until,
                from_act,
                duty: Some(Arc::new(rate.duty.clone())),
                ..template.clone()
            });
        }
    }
}
