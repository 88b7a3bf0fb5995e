//! Proofs of origin: the paper, statement or knowledge a preference is claimed with.
//!
//! Whether goods originate is [`crate::origin`]'s question; whether the claim may be made with this paper, on
//! this day, for this consignment, is this one's. Validity, issuers and limits are the agreement's, so they are
//! given, never built in.

use std::collections::BTreeSet;

use meridian_terms::{Country, Currency, Day, HsCode, Money, Refusal};

use crate::sheet::{Fault, Sheet};

/// The forms trade agreements know.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ProofKind {
    /// Certificate form CT-3, used between the Eurasian Economic Union and its partners.
    Ct3,
    /// Certificate form A of the generalised systems of preferences.
    FormA,
    /// Movement certificate EUR.1.
    Eur1,
    /// A declaration by the exporter on the invoice, or a declaration of origin.
    Declaration,
    /// A statement on origin by a registered exporter (REX).
    Statement,
    /// What the importer knows and can show.
    ImporterKnowledge,
}

impl ProofKind {
    const NAMES: [(Self, &'static str); 6] = [
        (Self::Ct3, "CT-3"),
        (Self::FormA, "Form A"),
        (Self::Eur1, "EUR.1"),
        (Self::Declaration, "declaration"),
        (Self::Statement, "statement"),
        (Self::ImporterKnowledge, "importer's knowledge"),
    ];

    /// `CT-3`, `Form A`, `EUR.1`, `declaration`, `statement`, `importer's knowledge`.
    #[must_use]
    pub fn name(self) -> &'static str {
        Self::NAMES.iter().find(|(kind, _)| *kind == self).map_or("?", |(_, name)| name)
    }

    /// The kind with this name, if there is one.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::NAMES.iter().find(|(_, known)| known.eq_ignore_ascii_case(name)).map(|(kind, _)| *kind)
    }

    /// Whether an authority issues it: such a proof has a number and an issuer.
    #[must_use]
    pub const fn is_certificate(self) -> bool {
        matches!(self, Self::Ct3 | Self::FormA | Self::Eur1)
    }
}

/// One proof of origin, as it lies before the customs officer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proof {
    /// Which form it takes.
    pub kind: ProofKind,
    /// Its number; a statement has none.
    pub number: Option<String>,
    /// The body that issued it.
    pub issuer: Option<String>,
    /// The country whose origin it proves.
    pub origin: Country,
    /// The day it was issued or made out.
    pub issued: Day,
    /// Whether it says "issued retrospectively".
    pub is_retrospective: bool,
    /// The goods it covers: their codes, as far as it states them.
    pub covers: Vec<HsCode>,
    /// Who exported the goods.
    pub exporter: String,
}

/// What an agreement asks of one kind of proof.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProofRules {
    /// The kind.
    pub kind: ProofKind,
    /// The bodies entitled to issue it; empty: any.
    pub issuers: BTreeSet<String>,
    /// For how many days from issue it may be presented.
    pub valid_days: u16,
    /// Whether it may be issued after the goods left.
    pub retrospective: bool,
    /// Up to which value of a consignment it may be used, by an exporter without approval.
    pub up_to: Option<Money>,
    /// The article that says so.
    pub rule: String,
}

/// The use someone wants to make of a proof.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    /// The goods claimed for.
    pub code: HsCode,
    /// The origin claimed.
    pub origin: Country,
    /// The day the goods left the country of origin.
    pub exported: Option<Day>,
    /// The day the declaration is accepted.
    pub presented: Day,
    /// The consignment's value.
    pub value: Option<Money>,
}

/// What is wrong with a proof, or missing to tell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Objection {
    /// The agreement does not know this kind of proof.
    KindNotAccepted,
    /// It proves another country's origin.
    OtherOrigin,
    /// It has no number or no issuer, and its kind needs them.
    Incomplete(&'static str),
    /// Its issuer is not entitled.
    IssuerNotEntitled(String),
    /// It is presented before it was issued.
    NotYetIssued,
    /// It is presented after its validity ended; the last good day.
    Expired(Day),
    /// It was issued after export without saying so, or where that is not allowed.
    IssuedLate,
    /// It does not cover these goods.
    GoodsNotCovered,
    /// The consignment is worth more than this kind of proof may be used for.
    ValueAboveLimit(Money),
    /// A fact is missing.
    Needs(&'static str),
}

impl Objection {
    /// The objection in words.
    #[must_use]
    pub fn words(&self) -> String {
        match self {
            Self::KindNotAccepted => "the agreement does not accept this kind of proof".to_owned(),
            Self::OtherOrigin => "it proves the origin of another country".to_owned(),
            Self::Incomplete(what) => format!("it lacks {what}"),
            Self::IssuerNotEntitled(issuer) => format!("{issuer} is not entitled to issue it"),
            Self::NotYetIssued => "it is presented before it was issued".to_owned(),
            Self::Expired(last) => format!("it was valid until {last}"),
            Self::IssuedLate => "it was issued after export and may not be, or does not say so".to_owned(),
            Self::GoodsNotCovered => "it does not cover these goods".to_owned(),
            Self::ValueAboveLimit(limit) => format!("the consignment is worth more than {limit}"),
            Self::Needs(fact) => format!("needs: {fact}"),
        }
    }
}

/// Every objection to using a proof for a claim; none: it may be used.
///
/// ```
/// use meridian_tariff::proof::{Claim, Objection, Proof, ProofKind, ProofRules, check};
/// use meridian_terms::{Country, Day, HsCode};
/// let iran = Country::parse("IR")?;
/// let proof = Proof {
///     kind: ProofKind::Ct3,
///     number: Some("0012345".into()),
///     issuer: Some("Chamber of Commerce".into()),
///     origin: iran,
///     issued: Day::parse("2026-03-18")?,
///     is_retrospective: false,
///     covers: vec![HsCode::parse("0802 51")?],
///     exporter: "Kerman Pistachio Co".into(),
/// };
/// let rules = [ProofRules {
///     kind: ProofKind::Ct3,
///     issuers: Default::default(),
///     valid_days: 365,
///     retrospective: true,
///     up_to: None,
///     rule: "illustrative".into(),
/// }];
/// let claim = Claim {
///     code: HsCode::parse("0802 51 000 0")?,
///     origin: iran,
///     exported: Some(Day::parse("2026-03-20")?),
///     presented: Day::parse("2026-04-02")?,
///     value: None,
/// };
/// assert!(check(&proof, &claim, &rules).is_empty());
/// let late = Claim { presented: Day::parse("2027-06-01")?, ..claim };
/// assert_eq!(check(&proof, &late, &rules), [Objection::Expired(Day::parse("2027-03-18")?)]);
/// # Ok::<(), meridian_terms::Refusal>(())
/// ```
#[must_use]
pub fn check(proof: &Proof, claim: &Claim, rules: &[ProofRules]) -> Vec<Objection> {
    let Some(rules) = rules.iter().find(|rules| rules.kind == proof.kind) else {
        return vec![Objection::KindNotAccepted];
    };
    let mut objections = Vec::new();
    if proof.origin != claim.origin {
        objections.push(Objection::OtherOrigin);
    }
    if proof.kind.is_certificate() {
        if proof.number.as_deref().is_none_or(str::is_empty) {
            objections.push(Objection::Incomplete("its number"));
        }
        match proof.issuer.as_deref().filter(|issuer| !issuer.is_empty()) {
            None => objections.push(Objection::Incomplete("its issuer")),
            Some(issuer) if !rules.issuers.is_empty() && !rules.issuers.contains(issuer) => {
                objections.push(Objection::IssuerNotEntitled(issuer.to_owned()));
            }
            Some(_) => {}
        }
        match claim.exported {
            Some(exported) if proof.issued > exported && !(proof.is_retrospective && rules.retrospective) => {
                objections.push(Objection::IssuedLate);
            }
            None if !(proof.is_retrospective && rules.retrospective) => {
                objections.push(Objection::Needs("the day the goods were exported"));
            }
            _ => {}
        }
    }
    if claim.presented < proof.issued {
        objections.push(Objection::NotYetIssued);
    }
    let last = proof.issued.plus(i32::from(rules.valid_days));
    if claim.presented > last {
        objections.push(Objection::Expired(last));
    }
    let covered = |stated: &HsCode| claim.code.is_below(stated) || stated.is_below(&claim.code);
    if !proof.covers.is_empty() && !proof.covers.iter().any(covered) {
        objections.push(Objection::GoodsNotCovered);
    }
    if let Some(limit) = rules.up_to {
        match claim.value {
            None => objections.push(Objection::Needs("the consignment's value")),
            // Amounts of two currencies do not compare: the limit's currency has to be asked for.
            Some(value) if value.currency() != limit.currency() => {
                objections.push(Objection::Needs("the consignment's value in the limit's currency"));
            }
            Some(value) if value.minor() > limit.minor() => {
                objections.push(Objection::ValueAboveLimit(limit));
            }
            Some(_) => {}
        }
    }
    objections
}

const COLUMNS: [&str; 8] =
    ["agreement", "kind", "issuers", "valid_days", "retrospective", "up_to", "rule", "status"];

/// Loads `proofs.csv`: which proofs an agreement accepts. Gives the agreement, its rules for one kind, and whether the
/// row is an illustration.
///
/// # Errors
/// Every fault, with file, row and column.
pub fn proof_rules(bytes: &[u8]) -> Result<Vec<(String, ProofRules, bool)>, Vec<Fault>> {
    Sheet::read("proofs.csv", bytes, &COLUMNS)?.each(|row| {
        let agreement = row.filled("agreement");
        let kind = row.read("kind", |name| {
            ProofKind::parse(name).ok_or_else(|| {
                let known: Vec<&str> = ProofKind::NAMES.iter().map(|(_, name)| *name).collect();
                Refusal::new("proof.kind", format!("{name:?} is no kind of proof"))
                    .next(format!("use one of: {}", known.join(", ")))
            })
        });
        let issuers = row.words("issuers");
        let valid_days = row.read("valid_days", |text| {
            text.parse().map_err(|_| Refusal::new("proof.days", format!("{text:?} is no number of days")))
        });
        let retrospective = row.yes("retrospective");
        let up_to = row.read("up_to", |text| match text.split_once(' ') {
            None if text.is_empty() => Ok(None),
            Some((currency, amount)) => Money::parse(amount, Currency::parse(currency)?).map(Some),
            None => Err(Refusal::new("proof.limit", format!("{text:?} is no amount"))
                .next("write it like EUR 6000.00")),
        });
        let rule = row.filled("rule");
        let is_illustrative = row.is_illustrative();
        let rules = ProofRules {
            kind: kind?,
            issuers: issuers?,
            valid_days: valid_days?,
            retrospective: retrospective?,
            up_to: up_to?,
            rule: rule?,
        };
        Some((agreement?, rules, is_illustrative?))
    })
}
