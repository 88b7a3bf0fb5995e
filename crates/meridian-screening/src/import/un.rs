//! The UN Security Council consolidated list, XML as published.
//! Source: <https://scsanctions.un.org/resources/xml/en/consolidated.xml>, schema sc-sanctions.xsd.

use meridian_terms::Refusal;

use super::xml::{Element, records};
use super::{dates, list, malformed};
use crate::country::country;
use crate::identifier::{Identifier, IdentifierKind};
use crate::model::{Birth, Entry, Gender, Kind, List, Strength};

/// Reads the UN's list.
///
/// # Errors
/// `screening.list_malformed`.
pub fn import_un(bytes: &[u8]) -> Result<List, Refusal> {
    let mut published = None;
    let mut entries = Vec::new();
    records("UN", bytes, &["INDIVIDUAL", "ENTITY"], |element, is_record| {
        match is_record {
            true => entries.push(entry(&element)?),
            false if element.name == "CONSOLIDATED_LIST" => {
                published = dates::iso(element.attribute("dateGenerated"));
            }
            false => {}
        }
        Ok(())
    })?;
    if entries.is_empty() {
        return Err(malformed("UN", "there is no entry in it"));
    }
    let published = published.ok_or_else(|| malformed("UN", "it does not say when it was made"))?;
    Ok(list("UN", published, &[bytes], entries, false))
}

fn entry(element: &Element) -> Result<Entry, Refusal> {
    let kind = if element.name == "ENTITY" { Kind::Organisation } else { Kind::Person };
    let mut entry = Entry::new(element.text_of("DATAID"), kind);
    let parts = ["FIRST_NAME", "SECOND_NAME", "THIRD_NAME", "FOURTH_NAME"].map(|part| element.text_of(part));
    entry.name(&parts.join(" "), Strength::Primary);
    if entry.id.is_empty() || entry.names.is_empty() {
        return Err(malformed(
            format!("UN: {}", element.text_of("REFERENCE_NUMBER")),
            "no DATAID or no name",
        ));
    }
    for original in element.all("NAME_ORIGINAL_SCRIPT") {
        entry.name(&original.text, Strength::Strong);
    }
    for alias in element.all("INDIVIDUAL_ALIAS").chain(element.all("ENTITY_ALIAS")) {
        let strength = if alias.text_of("QUALITY") == "Low" { Strength::Weak } else { Strength::Strong };
        // Several spellings are parted by semicolons.
        for name in alias.text_of("ALIAS_NAME").split(';') {
            entry.name(name, strength);
        }
    }
    for birth in element.all("INDIVIDUAL_DATE_OF_BIRTH") {
        let year = |name| birth.text_of(name).parse().ok().and_then(Birth::year);
        let known = dates::iso(birth.text_of("DATE")).map(|day| Birth { first: day, last: day });
        let between = match (year("FROM_YEAR"), year("TO_YEAR")) {
            (Some(from), Some(to)) => Some(Birth { first: from.first, last: to.last }),
            _ => None,
        };
        let told = known.or(between).or_else(|| year("YEAR")).or_else(|| dates::birth(birth.text_of("NOTE")));
        let is_about = birth.text_of("TYPE_OF_DATE") == "APPROXIMATELY";
        entry.births.extend(told.map(|told| if is_about { told.about(1) } else { told }));
    }
    for nationality in element.all("NATIONALITY").flat_map(|all| all.all("VALUE")) {
        entry.countries.extend(country(&nationality.text));
    }
    entry.gender = Gender::parse(element.text_of("GENDER"));
    for document in element.all("INDIVIDUAL_DOCUMENT") {
        let is_passport = document.text_of("TYPE_OF_DOCUMENT").to_lowercase().contains("pas");
        let kind = if is_passport { IdentifierKind::Passport } else { IdentifierKind::National };
        entry.identifiers.extend(Identifier::new(kind, document.text_of("NUMBER")));
    }
    entry.programmes.push(element.text_of("UN_LIST_TYPE").to_owned());
    Ok(entry)
}
