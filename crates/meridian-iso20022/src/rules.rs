//! Usage rules: what a network asks beyond the schema.
//!
//! Rules are rows: a name, the profiles that have it, and a question to an element. The rulebooks themselves are not
//! public; each row says which published guidance it follows.

use meridian_terms::{Bic, Country, Currency, Iban, Lei, Money, Uetr};

use crate::document::{Document, Element};
use crate::violation::Violation;

/// A network's usage.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Profile {
    /// SWIFT Cross-Border Payments and Reporting Plus.
    Cbpr,
    /// Nexus.
    Nexus,
    /// FedNow.
    FedNow,
}

impl Profile {
    /// The profile with this word: `cbpr`, `nexus`, `fednow`.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        match word {
            "cbpr" => Some(Self::Cbpr),
            "nexus" => Some(Self::Nexus),
            "fednow" => Some(Self::FedNow),
            _ => None,
        }
    }
}

type Question = fn(&Element<'_, '_>, Profile) -> Option<String>;

/// Name, element it looks at, question: what is wrong, if something is.
const RULES: [(&str, &str, Question); 12] = [
    ("bic-country", "BICFI", |e, _| bic(e.text())),
    ("bic-country", "AnyBIC", |e, _| bic(e.text())),
    ("iban-check-digits", "IBAN", |e, _| Iban::parse(e.text()).err().map(|refusal| refusal.what)),
    ("lei-check-digits", "LEI", |e, _| Lei::parse(e.text()).err().map(|refusal| refusal.what)),
    ("country-code", "Ctry", |e, _| Country::parse(e.text()).err().map(|refusal| refusal.what)),
    ("country-code", "CtryOfRes", |e, _| Country::parse(e.text()).err().map(|refusal| refusal.what)),
    ("uetr-version-4", "UETR", |e, _| Uetr::parse(e.text()).err().map(|refusal| refusal.what)),
    ("currency-decimals", "*", |e, _| e.currency().and_then(|currency| amount(currency, e))),
    ("uetr-present", "PmtId", |e, _| {
        e.value("UETR").is_none().then(|| "a payment across borders carries a UETR".to_owned())
    }),
    ("address-structured", "PstlAdr", address),
    ("charges-shared", "ChrgBr", |e, profile| {
        (profile == Profile::Nexus && e.text() != "SHAR").then(|| "Nexus shares charges: SHAR".to_owned())
    }),
    ("no-contact-details", "CtctDtls", |_, profile| {
        (profile == Profile::Nexus).then(|| "Nexus carries no contact details".to_owned())
    }),
];

/// Every usage rule of a profile that a valid document breaks.
#[must_use]
pub fn check(document: &Document<'_>, profile: Profile) -> Vec<Violation> {
    let mut broken = Vec::new();
    walk(document.root(), "", profile, &mut broken);
    broken
}

fn walk(element: Element<'_, '_>, path: &str, profile: Profile, broken: &mut Vec<Violation>) {
    if element.is_any() {
        return;
    }
    let path = format!("{path}/{}", element.name());
    for (rule, name, question) in RULES {
        if (name == element.name() || name == "*")
            && let Some(text) = question(&element, profile)
        {
            broken.push(Violation { path: path.clone(), rule, text });
        }
    }
    for child in element.children() {
        walk(child, &path, profile, broken);
    }
}

fn bic(text: &str) -> Option<String> {
    Bic::parse(text).err().map(|refusal| refusal.what)
}

fn amount(currency: &str, element: &Element<'_, '_>) -> Option<String> {
    match Currency::parse(currency) {
        Err(refusal) => Some(refusal.what),
        Ok(currency) => {
            let written = meridian_terms::Decimal::parse(element.text().trim()).ok()?;
            Money::from_decimal(&written, currency).err().map(|refusal| refusal.what)
        }
    }
}

/// Structured or hybrid: town and country named, at most two free lines (SWIFT and Nexus from November 2026).
fn address(element: &Element<'_, '_>, _: Profile) -> Option<String> {
    let lines = element.all("AdrLine").count();
    if element.value("TwnNm").is_none() || element.value("Ctry").is_none() {
        return Some("an address names town and country".to_owned());
    }
    (lines > 2).then(|| format!("{lines} address lines, at most 2"))
}
