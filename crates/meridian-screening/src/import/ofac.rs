//! The lists of the US Office of Foreign Assets Control: the SDN and the consolidated list, as the CSV set (SDN.CSV,
//! ALT.CSV, ADD.CSV, SDN_COMMENTS.CSV and their CONS_ twins) and as the simple XML (SDN.XML, CONSOLIDATED.XML).
//! Source: OFAC, "SDN data formats" (dat_spec.txt); weak aliases are the quoted ones of the remarks.

use std::collections::BTreeMap;

use meridian_terms::{Day, Refusal};

use super::xml::{Element, records};
use super::{dates, list, malformed};
use crate::country::country;
use crate::identifier::{Identifier, IdentifierKind};
use crate::model::{Entry, Gender, Kind, List, Strength};

/// The files of the CSV set; those not fetched stay empty. Addresses are not needed: they name no party.
#[derive(Debug, Clone, Copy, Default)]
pub struct OfacFiles<'a> {
    /// SDN.CSV or CONS_PRIM.CSV.
    pub primary: &'a [u8],
    /// ALT.CSV or CONS_ALT.CSV.
    pub aliases: &'a [u8],
    /// SDN_COMMENTS.CSV or CONS_COMMENTS.CSV: what the remarks had no room for.
    pub comments: &'a [u8],
}

/// Reads the CSV set.
///
/// # Errors
/// `screening.list_malformed` with file and line.
pub fn import_ofac_csv(name: &str, published: Day, files: OfacFiles<'_>) -> Result<List, Refusal> {
    let mut entries: Vec<Entry> = Vec::new();
    let mut index = BTreeMap::new();
    let mut remarks: BTreeMap<String, String> = BTreeMap::new();
    for (line, row) in rows(name, files.primary)? {
        if row.len() < 12 {
            return Err(malformed(format!("{name}:{line}:1"), format!("{} columns of 12", row.len())));
        }
        let mut entry = Entry::new(row[0].as_str(), Kind::parse(&row[2]));
        if row[2].is_empty() {
            entry.kind = Kind::Organisation;
        }
        entry.name(&turned(&row[1], entry.kind), Strength::Primary);
        if entry.names.is_empty() {
            return Err(malformed(format!("{name}:{line}:2"), "an entry has a name"));
        }
        entry.programmes = row[3].split("] [").map(|one| one.trim_matches(['[', ']']).to_owned()).collect();
        entry.countries.extend(country(&row[9]));
        remarks.insert(row[0].clone(), row[11].clone());
        index.insert(row[0].clone(), entries.len());
        entries.push(entry);
    }
    for (line, row) in rows(name, files.aliases)? {
        let [id, _, _, alias, ..] = row.as_slice() else {
            return Err(malformed(format!("{name} aliases:{line}:1"), "an alias has four columns"));
        };
        // An alias may outlive its entry between two files of different days.
        if let Some(at) = index.get(id) {
            let turned = turned(alias, entries[*at].kind);
            entries[*at].name(&turned, Strength::Strong);
        }
    }
    for (_, row) in rows(name, files.comments)? {
        if let [id, rest, ..] = row.as_slice() {
            remarks.entry(id.clone()).or_default().push_str(rest);
        }
    }
    for (id, text) in &remarks {
        if let Some(at) = index.get(id) {
            read_remarks(&mut entries[*at], text);
        }
    }
    if entries.is_empty() {
        return Err(malformed(name, "there is no entry in it"));
    }
    let bytes = [files.primary, files.aliases, files.comments];
    Ok(list(name, published, &bytes, entries, false))
}

/// Rows with their line; `-0-` is nothing, a control-Z ends the file as it did in 1974.
fn rows(name: &str, bytes: &[u8]) -> Result<Vec<(u64, Vec<String>)>, Refusal> {
    // Published in Windows-1252 until 2024, since then in UTF-8.
    let text = match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => bytes.iter().map(|byte| char::from(*byte)).collect(),
    };
    let text = text.trim_end_matches(['\u{1a}', '\r', '\n']);
    let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text.as_bytes());
    let mut rows = Vec::new();
    for row in reader.records() {
        let row = row.map_err(|error| malformed(name, error))?;
        let line = row.position().map_or(0, csv::Position::line);
        let cell = |field: &str| match field.trim() {
            "-0-" => String::new(),
            told => told.to_owned(),
        };
        let cells: Vec<String> = row.iter().map(cell).collect();
        // Some copies carry a header; an entry's number is digits.
        if !cells[0].is_empty() && cells[0].bytes().all(|byte| byte.is_ascii_digit()) {
            rows.push((line, cells));
        }
    }
    Ok(rows)
}

/// `HANIYA, Ismail` becomes `Ismail HANIYA`; of a company the comma stays.
fn turned(name: &str, kind: Kind) -> String {
    match name.split_once(", ") {
        Some((last, first)) if kind == Kind::Person => format!("{first} {last}"),
        _ => name.to_owned(),
    }
}

/// What stands in the remarks, parted by semicolons.
fn read_remarks(entry: &mut Entry, text: &str) {
    for part in text.trim_end_matches('.').split("; ") {
        let part = part.trim().trim_start_matches("alt. ").trim_end_matches('.');
        let after = |word: &str| part.strip_prefix(word).map(str::trim);
        if let Some(alias) = after("a.k.a. ").or_else(|| after("f.k.a. ")) {
            entry.name(alias.trim_matches('\''), Strength::Weak);
        } else if let Some(date) = after("DOB ").or_else(|| after("Organization Established Date ")) {
            entry.births.extend(dates::birth(date));
        } else if let Some(nation) = after("nationality ").or_else(|| after("citizen ")) {
            entry.countries.extend(country(nation));
        } else if let Some(gender) = after("Gender ") {
            entry.gender = Gender::parse(gender);
        } else {
            entry.identifiers.extend(numbered(part, entry.kind));
        }
    }
}

/// A number by the words before it.
fn numbered(part: &str, kind: Kind) -> Option<Identifier> {
    use IdentifierKind::{Bic, CompanyImo, Imo, Lei, Mmsi, National, Passport, Registration, Tax, Wallet};
    if let Some(address) = part.strip_prefix("Digital Currency Address - ") {
        let (_, value) = address.split_once(' ')?;
        return Identifier::new(Wallet, value);
    }
    let ship = if kind == Kind::Vessel { Imo } else { CompanyImo };
    let found = [
        ("Vessel Registration Identification IMO ", Imo),
        ("Identification Number IMO ", ship),
        ("MMSI ", Mmsi),
        ("SWIFT/BIC ", Bic),
        ("Legal Entity Number ", Lei),
        ("Tax ID No. ", Tax),
        ("Tax ID No.: ", Tax),
        ("NIT # ", Tax),
        ("RUC # ", Tax),
        ("V.A.T. Number ", Tax),
        ("Passport ", Passport),
        ("National ID No. ", National),
        ("Cedula No. ", National),
        ("Identification Number ", National),
        ("Registration Number ", Registration),
        ("Registration ID ", Registration),
        ("Company Number ", Registration),
        ("Business Registration Number ", Registration),
        ("Commercial Registry Number ", Registration),
        ("Government Gazette Number ", Registration),
        ("Aircraft Manufacturer's Serial Number (MSN) ", Registration),
        ("Aircraft Tail Number ", Registration),
        ("Aircraft Construction Number (also called L/N or S/N or F/N) ", Registration),
    ];
    let (words, kind) = found.iter().find(|(words, _)| part.starts_with(words))?;
    let rest = &part[words.len()..];
    let value = rest.split([' ', '(', ';']).next()?;
    value.bytes().any(|byte| byte.is_ascii_digit() || *kind == Bic).then(|| Identifier::new(*kind, value))?
}

/// Reads the simple XML.
///
/// # Errors
/// `screening.list_malformed`.
pub fn import_ofac_xml(name: &str, bytes: &[u8]) -> Result<List, Refusal> {
    let mut published = None;
    let mut entries = Vec::new();
    records(name, bytes, &["sdnEntry"], |element, is_record| {
        match is_record {
            true => entries.push(entry(name, &element)?),
            false if element.name == "Publish_Date" => published = dates::american(&element.text),
            false => {}
        }
        Ok(())
    })?;
    if entries.is_empty() {
        return Err(malformed(name, "there is no sdnEntry in it"));
    }
    let published = published.ok_or_else(|| malformed(name, "it does not say when it was published"))?;
    Ok(list(name, published, &[bytes], entries, false))
}

fn entry(list: &str, element: &Element) -> Result<Entry, Refusal> {
    let mut entry = Entry::new(element.text_of("uid"), Kind::parse(element.text_of("sdnType")));
    let full = |of: &Element| format!("{} {}", of.text_of("firstName"), of.text_of("lastName"));
    entry.name(&full(element), Strength::Primary);
    if entry.id.is_empty() || entry.names.is_empty() {
        return Err(malformed(format!("{list}: {}", entry.id), "no uid or no name"));
    }
    for alias in element.below("aka") {
        let strength = if alias.text_of("category") == "weak" { Strength::Weak } else { Strength::Strong };
        entry.name(&full(alias), strength);
    }
    for birth in element.below("dateOfBirthItem") {
        entry.births.extend(dates::birth(birth.text_of("dateOfBirth")));
    }
    for nation in element.below("nationality").into_iter().chain(element.below("citizenship")) {
        entry.countries.extend(country(nation.text_of("country")));
    }
    for vessel in element.below("vesselInfo") {
        entry.countries.extend(country(vessel.text_of("vesselFlag")));
    }
    for id in element.below("id") {
        let (kind, number) = (id.text_of("idType"), id.text_of("idNumber"));
        if kind == "Gender" {
            entry.gender = Gender::parse(number);
        } else {
            let told = numbered(&format!("{kind} {number}"), entry.kind);
            let other = || Identifier::new(IdentifierKind::Other, number).filter(|id| id.value.len() >= 6);
            entry.identifiers.extend(told.or_else(other));
        }
    }
    entry.programmes = element.below("program").iter().map(|one| one.text.trim().to_owned()).collect();
    Ok(entry)
}
