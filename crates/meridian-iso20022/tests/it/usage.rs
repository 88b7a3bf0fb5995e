//! Usage rules against the samples whose names say which rule of CBPR+ they break.

use meridian_iso20022::rules::{self, Profile};
use meridian_iso20022::{Document, Violation, parts, read};

/// Every rule that the header and document of a sample break, or `None` when a part is not even valid.
fn broken(file: &std::path::Path) -> Option<Vec<Violation>> {
    let found = parts(&std::fs::read(file).unwrap()).ok()?;
    let documents: Option<Vec<Document<'_>>> =
        found.iter().map(|part| read(part.xml.as_bytes()).ok()).collect();
    let documents = documents?;
    let mut all: Vec<Violation> = Vec::new();
    let mut header = None;
    for document in &documents {
        all.extend(rules::check(document, Profile::Cbpr));
        if document.message().starts_with("head.001") {
            header = Some(document);
        } else if let Some(header) = header {
            all.extend(rules::check_with_header(header, document, Profile::Cbpr));
        }
    }
    (!documents.is_empty()).then_some(all)
}

/// The defect a file's name tells, and the rule that names it here.
const DEFECTS: [(&str, &str); 5] = [
    ("commodity_currency_XAU", "currency-settles"),
    ("msgdefidr_mismatch", "header-message"),
    ("slash_in_instrid", "identifier-slashes"),
    // Which rule R10 is cannot be seen; what is odd about the sample is a reference of 21 characters.
    ("camt.054-R10_existing", "identifier-sixteen"),
    // Nor R8; the sample's equivalent amount is in the currency it is the equivalent of.
    ("pain.001-R8_existing", "equivalent-amount-converts"),
];

/// Samples without a violation in their name that are refused all the same, and why.
const REFUSED: [(&str, &str); 11] = [
    // Their own names tell the defect.
    ("cbprplus_camt054_slash_in_instrid.xml", "identifier-slashes"),
    ("pacs_002_2026_invalid.xml", "header-message"),
    ("pacs_009_cov_2026_invalid.xml", "identifier-slashes"),
    ("cbprplus_pacs008_sample_bic_mismatch.xml", "header-agents"),
    ("cbprplus_pacs008_sample_dodgy_IBAN_and_bic_mismatch.xml", "iban-check-digits"),
    // A payment between institutions without a UETR, which CBPR+ makes mandatory.
    ("pacs008_valid.xml", "uetr-present"),
    ("pacs_008_stp_2026_valid.xml", "uetr-present"),
    ("pacs_009_adv_2025_valid.xml", "uetr-present"),
    // The same document as its violators, without the label.
    ("pain001_credit_initiation_sample.xml", "equivalent-amount-converts"),
    // An equivalent of EUR in EUR.
    ("pain.001.max.xml", "equivalent-amount-converts"),
    // 12,000,000 RON instructed and settled in EUR without a rate, and the like.
    ("cbprplus_pacs008_2026.xml", "exchange-rate-told"),
];

#[test]
fn every_defect_named_in_a_sample_is_caught_and_nothing_else_is_refused_unexplained() {
    let Some(root) = meridian_testdata::find("iso20022/samples") else { return };
    let (mut violators, mut wrong) = (0, Vec::new());
    let mut files: Vec<_> = std::fs::read_dir(root)
        .unwrap()
        .filter_map(|message| std::fs::read_dir(message.unwrap().path().join("valid")).ok())
        .flatten()
        .map(|file| file.unwrap().path())
        .collect();
    files.sort();
    for file in files {
        let name = file.file_name().unwrap().to_string_lossy().into_owned();
        let Some(name) = name.strip_prefix("cbpr-ur__") else { continue };
        let Some(broken) = broken(&file) else { continue };
        let has = |rule: &str| broken.iter().any(|violation| violation.rule == rule);
        if let Some((_, defect)) = name.split_once("__violates_") {
            violators += 1;
            let expected = DEFECTS.iter().find(|(word, _)| defect.contains(word));
            match expected {
                Some((_, rule)) if has(rule) => {}
                _ => wrong.push(format!("{name}: not caught: {broken:?}")),
            }
        } else if let Some(first) = broken.first() {
            let plain = name.split_once('_').map_or(name, |(head, rest)| {
                if head.len() == 6 && head.chars().all(|c| c.is_ascii_hexdigit()) { rest } else { name }
            });
            if !REFUSED.iter().any(|(file, rule)| *file == plain && has(rule)) {
                wrong.push(format!("{name}: refused: {first}"));
            }
        }
    }
    assert!(violators >= 15, "only {violators} violators were found");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
