//! Usage rules: what a network asks beyond the schema.
//!
//! A rule is a row: a name, the networks that have it, the element it looks at, and a question to that element. The
//! rulebooks themselves are not public; each question says which published guidance it follows. A header and its document
//! are asked together ([`check_with_header`]).

mod amounts;
mod header;
mod identifiers;
mod parties;

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
    /// High Value Payment Systems Plus.
    Hvps,
}

impl Profile {
    /// The profile with this word: `cbpr`, `nexus`, `fednow`, `hvps`.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        match word {
            "cbpr" => Some(Self::Cbpr),
            "nexus" => Some(Self::Nexus),
            "fednow" => Some(Self::FedNow),
            "hvps" => Some(Self::Hvps),
            _ => None,
        }
    }
}

/// What is wrong with an element, if something is.
type Question = fn(&Element<'_, '_>) -> Option<String>;

struct Rule {
    name: &'static str,
    of: &'static [Profile],
    /// The element's name; empty for every element.
    at: &'static str,
    ask: Question,
}

const fn rule(name: &'static str, of: &'static [Profile], at: &'static str, ask: Question) -> Rule {
    Rule { name, of, at, ask }
}

const ALL: &[Profile] = &[Profile::Cbpr, Profile::Nexus, Profile::FedNow, Profile::Hvps];
const ACROSS: &[Profile] = &[Profile::Cbpr, Profile::Nexus, Profile::Hvps];
const CBPR: &[Profile] = &[Profile::Cbpr];
const NEXUS: &[Profile] = &[Profile::Nexus];
const FEDNOW: &[Profile] = &[Profile::FedNow];

const RULES: [Rule; 36] = [
    rule("bic-country", ALL, "BICFI", parties::bic),
    rule("bic-country", ALL, "AnyBIC", parties::bic),
    rule("iban-check-digits", ALL, "IBAN", parties::iban),
    rule("lei-check-digits", ALL, "LEI", parties::lei),
    rule("country-code", ALL, "Ctry", parties::country),
    rule("country-code", ALL, "CtryOfRes", parties::country),
    rule("address-structured", ACROSS, "PstlAdr", parties::address),
    rule("address-structured", ACROSS, "Adr", parties::address),
    rule("no-contact-details", NEXUS, "CtctDtls", |_| Some("Nexus carries no contact details".to_owned())),
    rule("uetr-version-4", ALL, "UETR", identifiers::uetr),
    rule("uetr-version-4", ALL, "OrgnlUETR", identifiers::uetr),
    rule("uetr-present", ACROSS, "CdtTrfTxInf", identifiers::uetr_present),
    rule("identifier-slashes", CBPR, "InstrId", identifiers::slashes),
    rule("identifier-slashes", CBPR, "OrgnlInstrId", identifiers::slashes),
    rule("identifier-slashes", CBPR, "EndToEndId", identifiers::slashes),
    rule("identifier-slashes", CBPR, "TxId", identifiers::slashes),
    rule("identifier-slashes", CBPR, "PmtInfId", identifiers::slashes),
    rule("identifier-sixteen", CBPR, "InstrId", identifiers::sixteen),
    rule("identifier-sixteen", CBPR, "OrgnlInstrId", identifiers::sixteen),
    rule("identifier-characters", CBPR, "InstrId", identifiers::characters),
    rule("identifier-characters", CBPR, "EndToEndId", identifiers::characters),
    rule("identifier-characters", CBPR, "MsgId", identifiers::characters),
    rule("currency-settles", ALL, "", amounts::currency),
    rule("currency-decimals", ALL, "", amounts::decimals),
    rule("exchange-rate-told", ACROSS, "CdtTrfTxInf", amounts::exchange_rate),
    rule("equivalent-amount-converts", CBPR, "CdtTrfTxInf", amounts::equivalent),
    rule("transactions-counted", ALL, "GrpHdr", amounts::is_a_number),
    rule("transactions-counted", ALL, "FIToFICstmrCdtTrf", amounts::counted),
    rule("transactions-counted", ALL, "FICdtTrf", amounts::counted),
    rule("control-sum", ALL, "FIToFICstmrCdtTrf", amounts::control_sum),
    rule("one-transaction", CBPR, "FIToFICstmrCdtTrf", amounts::one_transaction),
    rule("one-transaction", CBPR, "FICdtTrf", amounts::one_transaction),
    rule("charges-of-the-creditor-told", CBPR, "CdtTrfTxInf", amounts::creditor_charges),
    rule("charges-shared", NEXUS, "ChrgBr", amounts::shared),
    rule("one-remittance-line", NEXUS, "RmtInf", amounts::remittance),
    rule("us-dollars", FEDNOW, "IntrBkSttlmAmt", amounts::dollars),
];

/// Every usage rule of a profile that a valid document breaks.
#[must_use]
pub fn check(document: &Document<'_>, profile: Profile) -> Vec<Violation> {
    let rules: Vec<&Rule> = RULES.iter().filter(|rule| rule.of.contains(&profile)).collect();
    let mut broken = Vec::new();
    walk(document.root(), "", &rules, &mut broken);
    broken
}

/// Every usage rule that a document and its business application header break together: which message it is, whose, and
/// under which identifier.
#[must_use]
pub fn check_with_header(header: &Document<'_>, document: &Document<'_>, profile: Profile) -> Vec<Violation> {
    header::check(header, document, profile)
}

fn walk(element: Element<'_, '_>, path: &str, rules: &[&Rule], broken: &mut Vec<Violation>) {
    if element.is_any() {
        return;
    }
    let path = format!("{path}/{}", element.name());
    for rule in rules.iter().filter(|rule| rule.at.is_empty() || rule.at == element.name()) {
        if let Some(text) = (rule.ask)(&element) {
            broken.push(Violation { path: path.clone(), rule: rule.name, text });
        }
    }
    for child in element.children() {
        walk(child, &path, rules, broken);
    }
}
