//! Who and where: codes with check digits, countries, addresses.

use meridian_terms::{Bic, Country, Iban, Lei};

use crate::document::Element;

/// ISO 9362: the fifth and sixth characters name a country.
pub(super) fn bic(element: &Element<'_, '_>) -> Option<String> {
    Bic::parse(element.text()).err().map(|refusal| refusal.what)
}

/// ISO 13616: mod 97, and the country's length.
pub(super) fn iban(element: &Element<'_, '_>) -> Option<String> {
    Iban::parse(element.text()).err().map(|refusal| refusal.what)
}

/// ISO 17442: mod 97.
pub(super) fn lei(element: &Element<'_, '_>) -> Option<String> {
    Lei::parse(element.text()).err().map(|refusal| refusal.what)
}

/// ISO 3166.
pub(super) fn country(element: &Element<'_, '_>) -> Option<String> {
    Country::parse(element.text()).err().map(|refusal| refusal.what)
}

/// Structured or hybrid: town and country named, at most two free lines (SWIFT and Nexus from November 2026).
pub(super) fn address(element: &Element<'_, '_>) -> Option<String> {
    // A name and address (as of remittance advice) holds the address one level down, where it is asked again.
    if element.find("Adr").is_some() {
        return None;
    }
    if element.value("TwnNm").is_none() || element.value("Ctry").is_none() {
        return Some("an address names town and country".to_owned());
    }
    let lines = element.all("AdrLine").count();
    (lines > 2).then(|| format!("{lines} address lines, at most 2"))
}
