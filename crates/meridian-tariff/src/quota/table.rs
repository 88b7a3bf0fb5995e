//! `quotas.csv` of a pack.

use std::collections::BTreeSet;

use meridian_terms::{HsCode, Refusal};

use super::{Quota, QuotaId};
use crate::sheet::{Fault, Row, Sheet};

const COLUMNS: [&str; 11] = [
    "quota",
    "agreement",
    "codes",
    "unit",
    "volume",
    "critical_percent",
    "linked",
    "from",
    "until",
    "source",
    "status",
];

/// One row: a quota and the goods it is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QuotaRow {
    /// The quota, ready to be opened in the book.
    pub quota: Quota,
    /// The agreement that grants it; empty: open to all.
    pub agreement: String,
    /// The goods: prefixes of codes.
    pub codes: Vec<HsCode>,
    /// The act that opened it.
    pub source: String,
    /// Whether the row is an illustration.
    pub is_illustrative: bool,
}

/// Loads `quotas.csv`. A quota may link only to one above it, so that they can be opened in order.
///
/// # Errors
/// Every fault, with file, row and column.
pub fn quota_rows(bytes: &[u8]) -> Result<Vec<QuotaRow>, Vec<Fault>> {
    let mut seen = BTreeSet::new();
    Sheet::read("quotas.csv", bytes, &COLUMNS)?.each(|row| quota_row(row, &mut seen))
}

fn quota_row(row: &mut Row, seen: &mut BTreeSet<QuotaId>) -> Option<QuotaRow> {
    let id = row.read("quota", QuotaId::new);
    let codes = row.codes("codes");
    let unit = row.filled("unit");
    let volume = row.read("volume", |text| {
        let volume = text.parse::<i128>().ok().filter(|volume| (1..=super::decide::MOST).contains(volume));
        volume.ok_or_else(|| {
            Refusal::new("quota.quantity", format!("{text:?} is no volume"))
                .next("a whole number of units above zero")
        })
    });
    let critical_percent = row.read("critical_percent", |text| {
        let percent =
            if text.is_empty() { Some(90) } else { text.parse().ok().filter(|percent| *percent <= 100) };
        percent.ok_or_else(|| Refusal::new("quota.critical", format!("{text:?} is not between 0 and 100")))
    });
    let linked = row.list("linked", QuotaId::new);
    let period = row.validity();
    let is_illustrative = row.is_illustrative();
    let (id, linked) = (id?, linked?);
    if let Some(unknown) = linked.iter().find(|link| !seen.contains(link)) {
        let told = format!("{} does not stand above", unknown.as_str());
        row.fault("linked", Refusal::new("quota.unknown", told).next("put the quota it links to above it"));
    }
    if !seen.insert(id.clone()) {
        row.fault("quota", Refusal::new("quota.exists", format!("{} stands twice", id.as_str())));
    }
    let quota = Quota {
        id,
        unit: unit?,
        volume: volume?,
        period: period?,
        critical_percent: critical_percent?,
        linked: linked.into_iter().collect(),
    };
    Some(QuotaRow {
        quota,
        agreement: row.text("agreement").to_owned(),
        codes: codes?,
        source: row.text("source").to_owned(),
        is_illustrative: is_illustrative?,
    })
}
