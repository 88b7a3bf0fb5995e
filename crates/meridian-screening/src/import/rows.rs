//! Plain tables: a CSV with named columns, and a headerless TSV.

use std::collections::BTreeMap;

use meridian_terms::{Country, Day, Refusal};

use super::{list, malformed};
use crate::identifier::{Identifier, IdentifierKind};
use crate::model::{Birth, Entry, Gender, Kind, List, Strength};

/// A plain CSV with a header. Columns `id` and `name` must be there; `kind`, `aliases`, `weak_aliases`, `birth`
/// (`1962` or `1962-05-17`), `country` (ISO 3166), `gender` and `identifiers` (`IMO:9187629|BIC:SABRRUMM`) may be.
/// Several values of one column are parted by `|`. A first line `# TEST` marks a test list.
///
/// # Errors
/// `screening.list_malformed` with line and column.
pub fn import_csv(name: &str, published: Day, bytes: &[u8]) -> Result<List, Refusal> {
    let is_test = bytes.starts_with(b"# TEST");
    let mut reader = csv::ReaderBuilder::new().comment(Some(b'#')).from_reader(bytes);
    let headers = reader.headers().map_err(|error| malformed(name, error))?.clone();
    let column = |wanted: &str| headers.iter().position(|header| header.trim().eq_ignore_ascii_case(wanted));
    let needed = |wanted: &str| column(wanted).ok_or_else(|| malformed(name, format!("no column {wanted}")));
    let (id, called) = (needed("id")?, needed("name")?);
    let mut entries = Vec::new();
    for row in reader.records() {
        let row = row.map_err(|error| malformed(name, error))?;
        let line = row.position().map_or(0, csv::Position::line);
        let field = |at: Option<usize>| at.and_then(|at| row.get(at)).unwrap_or("").trim();
        let several = |wanted: &str| {
            let values = field(column(wanted)).split('|').map(str::trim).filter(|value| !value.is_empty());
            values.map(str::to_owned).collect::<Vec<_>>()
        };
        let place = |wanted: &str| format!("{name}:{line}:{}", column(wanted).unwrap_or(0) + 1);
        if field(Some(id)).is_empty() || field(Some(called)).is_empty() {
            return Err(malformed(format!("{name}:{line}:1"), "an entry has an id and a name"));
        }
        let mut entry = Entry::new(field(Some(id)), Kind::parse(field(column("kind"))));
        entry.name(field(Some(called)), Strength::Primary);
        several("aliases").iter().for_each(|alias| entry.name(alias, Strength::Strong));
        several("weak_aliases").iter().for_each(|alias| entry.name(alias, Strength::Weak));
        for birth in several("birth") {
            entry
                .births
                .push(Birth::parse(&birth).ok_or_else(|| malformed(place("birth"), "not a day or year"))?);
        }
        for code in several("country") {
            entry.countries.push(Country::parse(&code).map_err(|why| malformed(place("country"), why))?);
        }
        entry.gender = Gender::parse(field(column("gender")));
        for identifier in several("identifiers") {
            let (kind, value) = identifier.split_once(':').unwrap_or(("", &identifier));
            entry.identifiers.extend(Identifier::new(IdentifierKind::parse(kind), value));
        }
        entries.push(entry);
    }
    Ok(list(name, published, &[bytes], entries, is_test))
}

/// A headerless TSV of id, kind, name, `primary`, `alias` or `weak`, source; rows of one id are one entry.
///
/// # Errors
/// `screening.list_malformed` with line and column.
pub fn import_tsv(name: &str, published: Day, bytes: &[u8]) -> Result<List, Refusal> {
    let text = std::str::from_utf8(bytes).map_err(|error| malformed(name, error))?;
    let mut entries: Vec<Entry> = Vec::new();
    let mut index: BTreeMap<&str, usize> = BTreeMap::new();
    for (number, line) in text.lines().enumerate().filter(|(_, line)| !line.is_empty()) {
        let fields: Vec<&str> = line.split('\t').collect();
        let [id, kind, called, rest @ ..] = fields.as_slice() else {
            let place = format!("{name}:{}:1", number + 1);
            return Err(malformed(place, "a row has id, kind and name, parted by tabs"));
        };
        if called.trim().is_empty() {
            return Err(malformed(format!("{name}:{}:3", number + 1), "the name is empty"));
        }
        let strength = match rest.first() {
            Some(&"weak") => Strength::Weak,
            Some(&"alias") => Strength::Strong,
            _ => Strength::Primary,
        };
        let known = *index.entry(id).or_insert_with(|| {
            entries.push(Entry::new(*id, Kind::parse(kind)));
            entries.len() - 1
        });
        entries[known].name(called, strength);
    }
    Ok(list(name, published, &[bytes], entries, false))
}
