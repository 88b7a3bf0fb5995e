//! The tables of a pack beside its duties: agreements, origin, proofs, controls, certificates, quotas.

use std::collections::BTreeMap;

use meridian_terms::Refusal;

use crate::controls::{CertificateSource, Controls, certificate_sources};
use crate::origin::Protocols;
use crate::proof::{ProofRules, proof_rules};
use crate::quota::{QuotaRow, quota_rows};
use crate::sheet::Fault;

/// What a pack says of origin, controls and quotas. A table that is not there is empty.
///
/// ```
/// use std::collections::BTreeMap;
/// use meridian_tariff::Tables;
/// let controls = "control,kind,direction,codes,except,origins,destinations,end_uses,exempt_uses,documents,\
///     issued_by,checked,from,until,rule,status\n\
///     phyto,phytosanitary,import,0802,,,,,,phytosanitary certificate,,,2026-01-01,,an act,illustrative\n";
/// let files = BTreeMap::from([("controls.csv".to_owned(), controls.as_bytes().to_vec())]);
/// assert_eq!(Tables::load(&files).unwrap().controls.rows().len(), 1);
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tables {
    /// `agreements.csv` and `origin.csv`.
    pub protocols: Protocols,
    /// `controls.csv`.
    pub controls: Controls,
    /// `certificates.csv`.
    pub certificates: Vec<CertificateSource>,
    /// `proofs.csv`: the agreement, its rules for one kind of proof, and whether they are an illustration.
    pub proofs: Vec<(String, ProofRules, bool)>,
    /// `quotas.csv`.
    pub quotas: Vec<QuotaRow>,
}

impl Tables {
    /// Loads the tables among a pack's files, by name.
    ///
    /// # Errors
    /// Every fault of every table with file, row and column; nothing is half loaded.
    pub fn load(files: &BTreeMap<String, Vec<u8>>) -> Result<Self, Vec<Fault>> {
        let mut faults = Vec::new();
        let mut tables = Self::default();
        let table = |name: &str| files.get(name).map(Vec::as_slice);
        match (table("agreements.csv"), table("origin.csv")) {
            (Some(agreements), Some(origin)) => {
                keep(Protocols::load(agreements, origin), &mut tables.protocols, &mut faults);
            }
            (None, None) => {}
            (one, _) => {
                let (here, missing) = if one.is_some() {
                    ("agreements.csv", "origin.csv")
                } else {
                    ("origin.csv", "agreements.csv")
                };
                let told = format!("{here} needs {missing}");
                faults.push(Fault {
                    file: missing.to_owned(),
                    row: 1,
                    column: String::new(),
                    refusal: Refusal::new("sheet.table_missing", told)
                        .next("add the table, if only its header"),
                });
            }
        }
        if let Some(bytes) = table("controls.csv") {
            keep(Controls::load(bytes), &mut tables.controls, &mut faults);
        }
        if let Some(bytes) = table("certificates.csv") {
            keep(certificate_sources(bytes), &mut tables.certificates, &mut faults);
        }
        if let Some(bytes) = table("proofs.csv") {
            keep(proof_rules(bytes), &mut tables.proofs, &mut faults);
        }
        if let Some(bytes) = table("quotas.csv") {
            keep(quota_rows(bytes), &mut tables.quotas, &mut faults);
        }
        if faults.is_empty() { Ok(tables) } else { Err(faults) }
    }
}

fn keep<T>(loaded: Result<T, Vec<Fault>>, into: &mut T, faults: &mut Vec<Fault>) {
    match loaded {
        Ok(table) => *into = table,
        Err(more) => faults.extend(more),
    }
}
