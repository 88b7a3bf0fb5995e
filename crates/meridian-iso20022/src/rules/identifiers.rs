//! Identifiers: the UETR, and references that older networks on the way can still carry.

use meridian_terms::Uetr;

use crate::document::Element;

/// RFC 4122 version 4, lower case.
pub(super) fn uetr(element: &Element<'_, '_>) -> Option<String> {
    Uetr::parse(element.text()).err().map(|refusal| refusal.what)
}

/// A payment between institutions carries a UETR; a customer's initiation (pain.001) may.
pub(super) fn uetr_present(transaction: &Element<'_, '_>) -> Option<String> {
    let is_between_institutions = transaction.find("IntrBkSttlmAmt").is_some();
    (is_between_institutions && transaction.value("PmtId/UETR").is_none())
        .then(|| "a payment across borders carries a UETR".to_owned())
}

/// A reference neither begins nor ends with a slash, nor has two in a row: field 20 of the MT messages it may become.
pub(super) fn slashes(element: &Element<'_, '_>) -> Option<String> {
    let text = element.text();
    (text.starts_with('/') || text.ends_with('/') || text.contains("//"))
        .then(|| format!("{text:?} begins or ends with a slash, or has two in a row"))
}

/// An instruction's reference has at most sixteen characters, as in the MT messages it may become.
pub(super) fn sixteen(element: &Element<'_, '_>) -> Option<String> {
    let length = element.text().chars().count();
    (length > 16).then(|| format!("{length} characters, at most 16"))
}

/// The SWIFT X character set, for references.
pub(super) fn characters(element: &Element<'_, '_>) -> Option<String> {
    let stranger = element.text().chars().find(|c| !c.is_ascii_alphanumeric() && !"/-?:().,'+ ".contains(*c));
    stranger.map(|stranger| format!("{stranger:?} is not in the SWIFT X character set"))
}
