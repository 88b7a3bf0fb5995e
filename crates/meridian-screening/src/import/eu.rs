//! The European Union's consolidated list of financial sanctions, XML as published (xmlFullSanctionsList_1_1).
//! Source: European Commission, FISMA, "Consolidated financial sanctions list", file version 1.1.

use meridian_terms::{Country, Refusal};

use super::xml::{Element, records};
use super::{dates, list, malformed};
use crate::identifier::{Identifier, IdentifierKind};
use crate::model::{Birth, Entry, Gender, Kind, List, Strength};

/// Reads the EU's list.
///
/// # Errors
/// `screening.list_malformed`.
pub fn import_eu(bytes: &[u8]) -> Result<List, Refusal> {
    let mut published = None;
    let mut entries = Vec::new();
    records("EU", bytes, &["sanctionEntity"], |element, is_record| {
        match is_record {
            true => entries.push(entry(&element)?),
            false if element.name == "export" => published = dates::iso(element.attribute("generationDate")),
            false => {}
        }
        Ok(())
    })?;
    if entries.is_empty() {
        return Err(malformed("EU", "there is no sanctionEntity in it"));
    }
    let published = published.ok_or_else(|| malformed("EU", "it does not say when it was made"))?;
    Ok(list("EU", published, &[bytes], entries, false))
}

fn entry(element: &Element) -> Result<Entry, Refusal> {
    let kind = match element.child("subjectType").map(|kind| kind.attribute("code")) {
        Some("person") => Kind::Person,
        Some("enterprise") => Kind::Organisation,
        _ => Kind::Unknown,
    };
    let mut entry = Entry::new(element.attribute("euReferenceNumber"), kind);
    if entry.id.is_empty() {
        element.attribute("logicalId").clone_into(&mut entry.id);
    }
    for alias in element.all("nameAlias") {
        let whole = alias.attribute("wholeName");
        let parts = ["firstName", "middleName", "lastName"].map(|part| alias.attribute(part)).join(" ");
        let strength = match (alias.attribute("strong"), entry.names.is_empty()) {
            ("false", _) => Strength::Weak,
            (_, true) => Strength::Primary,
            _ => Strength::Strong,
        };
        entry.name(if whole.is_empty() { &parts } else { whole }, strength);
        entry.gender = entry.gender.or_else(|| Gender::parse(alias.attribute("gender")));
    }
    if entry.id.is_empty() || entry.names.is_empty() {
        return Err(malformed(format!("EU: {}", entry.id), "no reference or no name"));
    }
    for birth in element.all("birthdate") {
        let day = dates::iso(birth.attribute("birthdate")).map(|day| Birth { first: day, last: day });
        let year = birth.attribute("year").parse().ok().and_then(Birth::year);
        let from_to = match (birth.attribute("yearRangeFrom").parse(), birth.attribute("yearRangeTo").parse())
        {
            (Ok(from), Ok(to)) => Birth::year(from)
                .zip(Birth::year(to))
                .map(|(from, to)| Birth { first: from.first, last: to.last }),
            _ => None,
        };
        let told = day.or(from_to).or(year);
        let is_about = birth.attribute("circa") == "true";
        entry.births.extend(told.map(|told| if is_about { told.about(1) } else { told }));
    }
    for citizenship in element.all("citizenship") {
        // "00" is the list's word for unknown.
        entry.countries.extend(Country::parse(citizenship.attribute("countryIso2Code")));
    }
    for identification in element.all("identification") {
        let kind = match identification.attribute("identificationTypeCode") {
            "passport" | "diplpass" | "travel-doc" => IdentifierKind::Passport,
            "id" | "ssn" | "electid" | "dl" => IdentifierKind::National,
            "fiscalcode" | "tax" => IdentifierKind::Tax,
            "regnumber" | "tradelic" => IdentifierKind::Registration,
            "swiftbic" => IdentifierKind::Bic,
            "imo" => IdentifierKind::Imo,
            _ => IdentifierKind::Other,
        };
        entry.identifiers.extend(Identifier::new(kind, identification.attribute("number")));
    }
    entry.programmes = element
        .all("regulation")
        .map(|one| one.attribute("programme").to_owned())
        .filter(|one| !one.is_empty())
        .collect();
    Ok(entry)
}
