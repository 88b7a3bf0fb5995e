//! What may not cross, and what may cross only with a paper: prohibitions, export control, licences,
//! veterinary and phytosanitary certificates, conformity.
//!
//! An oracle: [`Controls::review`] answers for one movement with every control that touches it. A refusal
//! overrides any permission, as in XACML's deny-overrides: no certificate lifts a prohibition.

mod certificate;
mod licence;
mod review;
mod table;

use std::collections::BTreeSet;

use meridian_terms::{Country, Day, HsCode, Refusal, Window};

pub use certificate::{Certificate, CertificateKind, CertificateStatus, CertifiedGoods, Treatment};
pub use licence::{Licence, LicenceBook, LicenceCommand, LicenceEvent, LicenceId, apply, decide};
pub use review::{Answer, Document, Movement, Outcome, Review};
pub use table::{CertificateSource, certificate_sources};

/// Which way the goods go.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Direction {
    /// Into the territory.
    Import,
    /// Out of it.
    Export,
    /// Through it.
    Transit,
}

impl Direction {
    /// The direction with this name: `import`, `export`, `transit`.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        match name {
            "import" => Some(Self::Import),
            "export" => Some(Self::Export),
            "transit" => Some(Self::Transit),
            _ => None,
        }
    }

    /// `import`, `export` or `transit`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Import => "import",
            Self::Export => "export",
            Self::Transit => "transit",
        }
    }
}

/// What kind of law a control is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ControlKind {
    /// The goods may not cross at all.
    Prohibition,
    /// Strategic goods and technology that also have a peaceful use.
    DualUse,
    /// Military goods.
    Military,
    /// A licence of the trade authority.
    Licence,
    /// Plants and plant products.
    Phytosanitary,
    /// Animals and animal products.
    Veterinary,
    /// State registration, technical regulations.
    Conformity,
    /// Anything else that asks for a document.
    Other,
}

impl ControlKind {
    const NAMES: [(Self, &'static str); 8] = [
        (Self::Prohibition, "prohibition"),
        (Self::DualUse, "dual_use"),
        (Self::Military, "military"),
        (Self::Licence, "licence"),
        (Self::Phytosanitary, "phytosanitary"),
        (Self::Veterinary, "veterinary"),
        (Self::Conformity, "conformity"),
        (Self::Other, "other"),
    ];

    /// The kind with this name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::NAMES.iter().find(|(_, known)| *known == name).map(|(kind, _)| *kind)
    }

    /// Its name: `dual_use`.
    #[must_use]
    pub fn name(self) -> &'static str {
        Self::NAMES.iter().find(|(kind, _)| *kind == self).map_or("?", |(_, name)| name)
    }
}

/// One control, as a row of a pack's table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Control {
    /// Its name in the pack.
    pub id: String,
    /// What kind of law it is.
    pub kind: ControlKind,
    /// Which way the goods go.
    pub direction: Direction,
    /// The goods: prefixes of codes.
    pub codes: Vec<HsCode>,
    /// Goods below those it leaves alone.
    pub except: Vec<HsCode>,
    /// Countries of origin it is for; empty: all.
    pub origins: BTreeSet<Country>,
    /// Countries of destination it is for; empty: all.
    pub destinations: BTreeSet<Country>,
    /// End uses it is for; empty: all.
    pub end_uses: BTreeSet<String>,
    /// What makes it not apply whatever the line: `household`.
    pub exempt_uses: BTreeSet<String>,
    /// Documents of which one satisfies it; empty: nothing does.
    pub documents: BTreeSet<String>,
    /// Who issues them.
    pub issued_by: String,
    /// How they are checked.
    pub checked: String,
    /// When it is law.
    pub validity: Window<Day>,
    /// The act that says so.
    pub rule: String,
    /// Whether the row is the law's text or an illustration.
    pub is_illustrative: bool,
}

/// The controls of one territory, immutable once built.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Controls {
    rows: Vec<Control>,
}

impl Controls {
    /// Controls from rows.
    ///
    /// # Errors
    /// `control.twice` when two rows share an id; `control.contradiction` when a prohibition names documents
    /// that would lift it.
    pub fn new(rows: Vec<Control>) -> Result<Self, Refusal> {
        let mut seen = BTreeSet::new();
        for row in &rows {
            if !seen.insert(row.id.as_str()) {
                return Err(Refusal::new("control.twice", format!("{:?} stands twice", row.id))
                    .next("give every control an id of its own"));
            }
            if row.kind == ControlKind::Prohibition && !row.documents.is_empty() {
                return Err(Refusal::new(
                    "control.contradiction",
                    format!("{:?} prohibits, yet names documents", row.id),
                )
                .rule("a refusal overrides every permission")
                .next("make it a licence, or drop the documents"));
            }
        }
        Ok(Self { rows })
    }

    /// Its rows, in the order given.
    #[must_use]
    pub fn rows(&self) -> &[Control] {
        &self.rows
    }
}
