//! `controls.csv` and `certificates.csv` of a pack.

use std::collections::BTreeSet;

use meridian_terms::{Country, Refusal};

use super::{Control, ControlKind, Controls, Direction};
use crate::sheet::{Fault, Row, Sheet};

const CONTROL_COLUMNS: [&str; 16] = [
    "control",
    "kind",
    "direction",
    "codes",
    "except",
    "origins",
    "destinations",
    "end_uses",
    "exempt_uses",
    "documents",
    "issued_by",
    "checked",
    "from",
    "until",
    "rule",
    "status",
];
const CERTIFICATE_COLUMNS: [&str; 8] =
    ["document", "country", "issuer", "channel", "valid_days", "requires", "source", "status"];

/// Who issues a document in one country, and how it is sent and checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CertificateSource {
    /// The document, as controls name it: `phytosanitary certificate`.
    pub document: String,
    /// The country that issues it.
    pub country: Country,
    /// The authority there.
    pub issuer: String,
    /// How it is sent: `paper`, `ePhyto hub`, or both.
    pub channel: String,
    /// For how many days it serves; `None`: the importing country does not say.
    pub valid_days: Option<u16>,
    /// What it must declare or hold.
    pub requires: Vec<String>,
    /// The act or page that says so.
    pub source: String,
    /// Whether the row is an illustration.
    pub is_illustrative: bool,
}

impl Controls {
    /// Loads `controls.csv`. Lists in a cell are separated by `;`, an empty list means all; `documents` empty means the
    /// goods may not cross at all.
    ///
    /// # Errors
    /// Every fault, with file, row and column.
    pub fn load(bytes: &[u8]) -> Result<Self, Vec<Fault>> {
        let sheet = Sheet::read("controls.csv", bytes, &CONTROL_COLUMNS)?;
        let mut seen = BTreeSet::new();
        let rows = sheet.each(|row| {
            let control = control(row)?;
            if !seen.insert(control.id.clone()) {
                row.fault("control", Refusal::new("control.twice", format!("{:?} stands twice", control.id)));
            }
            if control.kind == ControlKind::Prohibition && !control.documents.is_empty() {
                row.fault(
                    "documents",
                    Refusal::new("control.contradiction", "a prohibition names documents")
                        .rule("a refusal overrides every permission"),
                );
            }
            Some(control)
        })?;
        Self::new(rows).map_err(|refusal| {
            vec![Fault { file: "controls.csv".to_owned(), row: 1, column: String::new(), refusal }]
        })
    }
}

fn control(row: &mut Row) -> Option<Control> {
    let id = row.filled("control");
    let kind = row.read("kind", |name| {
        ControlKind::parse(name).ok_or_else(|| {
            Refusal::new("control.kind", format!("{name:?} is no kind of control"))
                .next("write prohibition, dual_use, military, licence, phytosanitary, veterinary, conformity or other")
        })
    });
    let direction = row.read("direction", |name| {
        Direction::parse(name).ok_or_else(|| {
            Refusal::new("control.direction", format!("{name:?} is no direction"))
                .next("write import, export or transit")
        })
    });
    let codes = row.codes("codes").filter(|codes| {
        if codes.is_empty() {
            row.fault(
                "codes",
                Refusal::new("sheet.empty", "no goods").next("name the goods the control is for"),
            );
        }
        !codes.is_empty()
    });
    let except = row.codes("except");
    let origins = row.countries("origins");
    let destinations = row.countries("destinations");
    let end_uses = row.words("end_uses");
    let exempt_uses = row.words("exempt_uses");
    let documents = row.words("documents");
    let validity = row.validity();
    let rule = row.filled("rule");
    let is_illustrative = row.is_illustrative();
    Some(Control {
        id: id?,
        kind: kind?,
        direction: direction?,
        codes: codes?,
        except: except?,
        origins: origins?,
        destinations: destinations?,
        end_uses: end_uses?,
        exempt_uses: exempt_uses?,
        documents: documents?,
        issued_by: row.text("issued_by").to_owned(),
        checked: row.text("checked").to_owned(),
        validity: validity?,
        rule: rule?,
        is_illustrative: is_illustrative?,
    })
}

/// Loads `certificates.csv`.
///
/// # Errors
/// Every fault, with file, row and column.
pub fn certificate_sources(bytes: &[u8]) -> Result<Vec<CertificateSource>, Vec<Fault>> {
    Sheet::read("certificates.csv", bytes, &CERTIFICATE_COLUMNS)?.each(|row| {
        let document = row.filled("document");
        let country = row.read("country", Country::parse);
        let issuer = row.filled("issuer");
        let valid_days = row.read("valid_days", |text| match text {
            "" => Ok(None),
            days => days
                .parse()
                .map(Some)
                .map_err(|_| Refusal::new("certificate.days", format!("{days:?} is no number of days"))),
        });
        let requires = row.words("requires");
        let is_illustrative = row.is_illustrative();
        Some(CertificateSource {
            document: document?,
            country: country?,
            issuer: issuer?,
            channel: row.text("channel").to_owned(),
            valid_days: valid_days?,
            requires: requires?,
            source: row.text("source").to_owned(),
            is_illustrative: is_illustrative?,
        })
    })
}
