//! Veterinary and phytosanitary certificates, in the shape electronic certificates travel in.
//!
//! The fields are those of the UN/CEFACT SPS certificate as ISPM 12 appendix 1 uses it for ePhyto: the exchanged
//! document (number, type, status, issue), the consignment (parties, countries, transport, goods with botanical
//! names, packages and weights), treatments, and additional declarations.

use meridian_terms::{Country, Day, HsCode, Quantity, Refusal};

use super::Movement;

/// What a certificate certifies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum CertificateKind {
    /// Phytosanitary certificate (UNTDID 1001 code 851).
    Phytosanitary,
    /// Phytosanitary certificate for re-export (UNTDID 1001 code 657).
    PhytosanitaryReExport,
    /// Veterinary certificate.
    Veterinary,
}

impl CertificateKind {
    /// The document's name in a pack's controls.
    #[must_use]
    pub const fn document(self) -> &'static str {
        match self {
            Self::Phytosanitary | Self::PhytosanitaryReExport => "phytosanitary certificate",
            Self::Veterinary => "veterinary certificate",
        }
    }
}

/// Where a certificate stands with the authority that issued it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum CertificateStatus {
    /// Prepared, not signed.
    Draft,
    /// Issued and in force.
    Issued,
    /// Replaced by another.
    Replaced,
    /// Taken back.
    Withdrawn,
}

/// A certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Certificate {
    /// What it certifies.
    pub kind: CertificateKind,
    /// Its number.
    pub number: String,
    /// The message it came in over the exchange hub, if it came that way.
    pub hub_message: Option<String>,
    /// Where it stands.
    pub status: CertificateStatus,
    /// The authority: the national plant protection organisation, or the veterinary service.
    pub issuer: String,
    /// The day it was issued.
    pub issued: Day,
    /// The last day it may be presented, where the importing country sets one.
    pub valid_until: Option<Day>,
    /// Who sends the goods.
    pub consignor: String,
    /// Who receives them.
    pub consignee: String,
    /// The country that certifies.
    pub exporting_country: Country,
    /// The country it is made out to.
    pub importing_country: Country,
    /// Where the goods enter it.
    pub point_of_entry: Option<String>,
    /// The means of transport.
    pub transport: Option<String>,
    /// The goods.
    pub goods: Vec<CertifiedGoods>,
    /// What was done against pests.
    pub treatments: Vec<Treatment>,
    /// What the importing country asked to have declared.
    pub additional_declarations: Vec<String>,
    /// Whether it carries the officer's signature or the hub's seal.
    pub is_signed: bool,
}

/// One kind of goods on a certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CertifiedGoods {
    /// What it is, in words: `Pistachio nuts in shell`.
    pub description: String,
    /// The botanical or zoological name: `Pistacia vera`.
    pub scientific_name: Option<String>,
    /// Its goods code, as far as it is stated.
    pub code: Option<HsCode>,
    /// Where it grew or was raised.
    pub origin: Country,
    /// How much.
    pub quantity: Quantity,
    /// Number and kind of packages, distinguishing marks.
    pub packages: String,
}

/// One treatment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Treatment {
    /// What was done: `fumigation`.
    pub method: String,
    /// The active substance and its concentration.
    pub substance: Option<String>,
    /// For how long and how warm, in words.
    pub exposure: Option<String>,
    /// When.
    pub day: Day,
}

impl Certificate {
    /// Whether the record is complete enough to be sent; every field at fault.
    ///
    /// # Errors
    /// `certificate.incomplete` naming the fields.
    pub fn validate(&self) -> Result<(), Refusal> {
        let mut missing = Vec::new();
        let mut ask = |is_there: bool, field: &str| {
            if !is_there {
                missing.push(field.to_owned());
            }
        };
        ask(!self.number.trim().is_empty(), "number");
        ask(!self.issuer.trim().is_empty(), "issuer");
        ask(!self.consignor.trim().is_empty(), "consignor");
        ask(!self.consignee.trim().is_empty(), "consignee");
        ask(!self.goods.is_empty(), "goods");
        let is_plant = !matches!(self.kind, CertificateKind::Veterinary);
        for (index, goods) in self.goods.iter().enumerate() {
            ask(!goods.description.trim().is_empty(), &format!("goods[{index}].description"));
            ask(!goods.packages.trim().is_empty(), &format!("goods[{index}].packages"));
            // ISPM 12, section 5: the botanical name is part of a phytosanitary certificate.
            ask(!is_plant || goods.scientific_name.is_some(), &format!("goods[{index}].scientific_name"));
        }
        ask(self.status == CertificateStatus::Draft || self.is_signed, "signature");
        if missing.is_empty() {
            return Ok(());
        }
        Err(Refusal::new("certificate.incomplete", missing.join(", "))
            .rule("ISPM 12 appendix 1")
            .next("fill in the fields named"))
    }

    /// Why it does not serve for a movement; empty: it does.
    #[must_use]
    pub fn objections(&self, movement: &Movement) -> Vec<String> {
        let mut objections = Vec::new();
        if let Err(refusal) = self.validate() {
            objections.push(format!("incomplete: {}", refusal.what));
        }
        match self.status {
            CertificateStatus::Issued => {}
            CertificateStatus::Draft => objections.push("not issued yet".to_owned()),
            CertificateStatus::Replaced => objections.push("replaced by another".to_owned()),
            CertificateStatus::Withdrawn => objections.push("withdrawn".to_owned()),
        }
        if self.issued > movement.day {
            objections.push(format!("issued on {}, after the declaration", self.issued));
        }
        if let Some(last) = self.valid_until.filter(|last| movement.day > *last) {
            objections.push(format!("valid until {last}"));
        }
        if self.importing_country != movement.destination {
            objections.push(format!("made out to {}", self.importing_country));
        }
        let covered: Vec<&CertifiedGoods> = self
            .goods
            .iter()
            .filter(|goods| {
                goods.origin == movement.origin
                    && goods
                        .code
                        .as_ref()
                        .is_none_or(|code| movement.code.is_below(code) || code.is_below(&movement.code))
            })
            .collect();
        if covered.is_empty() {
            objections.push(format!("covers no {} of {}", movement.code, movement.origin));
        } else if let Some(moved) = movement.quantity {
            objections.extend(short_of(&covered, &moved));
        }
        objections
    }
}

/// Says so when less was certified than moves; units that do not convert are left to the officer.
fn short_of(covered: &[&CertifiedGoods], moved: &Quantity) -> Option<String> {
    let mut certified = meridian_terms::Decimal::ZERO;
    for goods in covered {
        certified = certified.checked_add(&goods.quantity.to(moved.unit).ok()?.amount)?;
    }
    (certified < moved.amount).then(|| format!("covers {certified} {}, {moved} moves", moved.unit))
}
