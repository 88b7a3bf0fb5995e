//! Lists as they are published.

mod dates;
mod eu;
mod ofac;
mod rows;
mod uk;
mod un;
mod xml;

use meridian_terms::{Day, Refusal};

pub use eu::import_eu;
pub use ofac::{OfacFiles, import_ofac_csv, import_ofac_xml};
pub use rows::{import_csv, import_tsv};
pub use uk::import_uk;
pub use un::import_un;

use crate::model::{Entry, List};

/// Reads a list by its form: one of the published XML files by its root, else a CSV with a header, else a TSV.
/// `name` and `fetched` serve where the file does not say. OFAC's CSV set is several files: [`import_ofac_csv`].
///
/// # Errors
/// `screening.list_malformed`, also for a form that is none of these.
pub fn import(name: &str, fetched: Day, bytes: &[u8]) -> Result<List, Refusal> {
    let head = String::from_utf8_lossy(&bytes[..bytes.len().min(2_000)]);
    if head.trim_start_matches('\u{feff}').trim_start().starts_with('<') {
        return if head.contains("<CONSOLIDATED_LIST") {
            import_un(bytes)
        } else if head.contains("<sdnList") {
            import_ofac_xml(name, bytes)
        } else if head.contains("<export") {
            import_eu(bytes)
        } else if head.contains("<Designations") {
            import_uk(fetched, bytes)
        } else {
            Err(malformed(name, "an XML of none of the known forms: UN, OFAC, EU, UK"))
        };
    }
    let first = head.lines().find(|line| !line.starts_with('#')).unwrap_or("");
    if first.contains('\t') {
        import_tsv(name, fetched, bytes)
    } else if first
        .split(',')
        .next()
        .is_some_and(|id| !id.is_empty() && id.bytes().all(|b| b.is_ascii_digit()))
    {
        import_ofac_csv(name, fetched, OfacFiles { primary: bytes, ..OfacFiles::default() })
    } else {
        import_csv(name, fetched, bytes)
    }
}

fn list(name: &str, published: Day, bytes: &[&[u8]], entries: Vec<Entry>, is_test: bool) -> List {
    let mut hasher = blake3::Hasher::new();
    for bytes in bytes {
        hasher.update(bytes);
    }
    List { name: name.to_owned(), published, entries, digest: hasher.finalize().into(), is_test }
}

fn malformed(place: impl std::fmt::Display, what: impl std::fmt::Display) -> Refusal {
    Refusal::new("screening.list_malformed", format!("{place}: {what}"))
        .rule("a list that cannot be read whole is not loaded")
        .next("fetch the list again, or correct the row")
}
