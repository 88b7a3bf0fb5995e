//! The UK sanctions list, XML as published by the Foreign, Commonwealth and Development Office.
//! Source: gov.uk, "The UK Sanctions List", format guide.

use meridian_terms::{Day, Refusal};

use super::xml::{Element, records};
use super::{dates, list, malformed};
use crate::country::country;
use crate::identifier::{Identifier, IdentifierKind};
use crate::model::{Entry, Gender, Kind, List, Strength};

/// Reads the UK's list; `fetched` is its day where the file does not say one.
///
/// # Errors
/// `screening.list_malformed`.
pub fn import_uk(fetched: Day, bytes: &[u8]) -> Result<List, Refusal> {
    let mut published = None;
    let mut entries = Vec::new();
    records("UK", bytes, &["Designation"], |element, is_record| {
        match is_record {
            true => entries.push(entry(&element)?),
            false if element.name == "DateGenerated" => {
                published = dates::iso(&element.text).or_else(|| dates::british(&element.text));
            }
            false => {}
        }
        Ok(())
    })?;
    if entries.is_empty() {
        return Err(malformed("UK", "there is no Designation in it"));
    }
    Ok(list("UK", published.unwrap_or(fetched), &[bytes], entries, false))
}

fn entry(element: &Element) -> Result<Entry, Refusal> {
    let mut entry =
        Entry::new(element.text_of("UniqueID"), Kind::parse(element.text_of("IndividualEntityShip")));
    let mut names: Vec<(bool, String, Strength)> = Vec::new();
    for name in element.below("Name") {
        // Name6 is the surname, or the whole name of an entity or ship.
        let whole =
            ["Name1", "Name2", "Name3", "Name4", "Name5", "Name6"].map(|part| name.text_of(part)).join(" ");
        let is_primary = name.text_of("NameType").eq_ignore_ascii_case("Primary Name");
        let is_weak = name.text_of("AliasStrength").to_lowercase().contains("low");
        let strength = match (is_primary, is_weak) {
            (true, _) => Strength::Primary,
            (_, true) => Strength::Weak,
            _ => Strength::Strong,
        };
        names.push((!is_primary, whole, strength));
    }
    names.sort_by_key(|(is_other, ..)| *is_other);
    for (_, name, strength) in names {
        entry.name(&name, strength);
    }
    for name in element.below("NameNonLatinScript") {
        entry.name(&name.text, Strength::Strong);
    }
    if entry.id.is_empty() || entry.names.is_empty() {
        return Err(malformed(format!("UK: {}", entry.id), "no UniqueID or no name"));
    }
    entry.births.extend(element.below("DOB").iter().filter_map(|birth| dates::birth(&birth.text)));
    for nation in element.below("Nationality").into_iter().chain(element.below("CurrentBelievedFlagOfShip")) {
        entry.countries.extend(country(&nation.text));
    }
    entry.gender = element.below("Gender").first().and_then(|gender| Gender::parse(&gender.text));
    for (name, kind) in [
        ("PassportNumber", IdentifierKind::Passport),
        ("NationalIdentifierNumber", IdentifierKind::National),
        ("BusinessRegistrationNumber", IdentifierKind::Registration),
        ("IMONumber", IdentifierKind::Imo),
    ] {
        let found = element.below(name);
        entry.identifiers.extend(found.iter().filter_map(|number| Identifier::new(kind, &number.text)));
    }
    entry.programmes.push(element.text_of("RegimeName").to_owned());
    Ok(entry)
}
