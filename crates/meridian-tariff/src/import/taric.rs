//! Measure sets of single commodities, in TARIC's vocabulary.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use meridian_terms::{Day, HsCode, Refusal};

use super::{Imported, LineRow, Settings, Tables, Warning};
use crate::duty::condition::Condition;
use crate::duty::{Dialect, parse};
use crate::measure::{Area, Kind, Measure};

/// One commodity with its measures, as a published set lists them.
#[derive(Debug, Clone, Default)]
pub struct MeasureSet {
    /// Where it was read, for messages.
    pub place: String,
    /// The commodity's code.
    pub code: String,
    /// Its description, from the heading down.
    pub description: String,
    /// Its measures.
    pub measures: Vec<Listed>,
}

/// A measure as listed.
#[derive(Debug, Clone, Default)]
pub struct Listed {
    /// Its id.
    pub id: String,
    /// TARIC series: `C`.
    pub series: String,
    /// TARIC type: `103`.
    pub type_id: String,
    /// The type's description.
    pub title: String,
    /// Geographical area.
    pub area: String,
    /// The area's description.
    pub area_title: String,
    /// The area's members, where listed.
    pub members: Vec<String>,
    /// Areas left out.
    pub excluded: Vec<String>,
    /// First day in force.
    pub from: Option<Day>,
    /// Last day in force.
    pub last: Option<Day>,
    /// The duty sentence; may be empty.
    pub duty: String,
    /// Additional code.
    pub additional_code: Option<String>,
    /// Order number of the quota.
    pub quota: Option<String>,
    /// Condition rows.
    pub conditions: Vec<Condition>,
    /// Regulation.
    pub regulation: String,
    /// Whether it is for exports.
    pub is_export: bool,
}

/// A dated exchange rate: one unit of a currency in the customs currency.
#[derive(Debug, Clone)]
pub struct DatedRate {
    /// The currency.
    pub currency: String,
    /// The rate as published.
    pub rate: String,
    /// The first day it holds.
    pub from: String,
}

/// TARIC's area of every origin.
const ERGA_OMNES: &str = "1011";

const POLICY: &str = "[policy]\ncarry = \"exact\"\nrounding = \"half_up\"\nalcohol_rounding = \"toward_zero\"\nvalue_basis = \"CIF\"\n";

/// TARIC's code of an action, by the words a measure set shows.
#[must_use]
pub fn action_code(words: &str) -> Option<&'static str> {
    const ACTIONS: [(&str, &str); 14] = [
        ("Apply the amount of the action", "01"),
        ("Entry into free circulation not allowed", "04"),
        ("The entry into free circulation is not allowed", "04"),
        ("Export is not allowed", "05"),
        ("Import is not allowed", "06"),
        ("Measure not applicable", "07"),
        ("Declared subheading not allowed", "08"),
        ("Import/export not allowed after control", "09"),
        ("Declaration to be corrected", "10"),
        ("Entry into free circulation allowed", "24"),
        ("Export allowed", "25"),
        ("Import allowed", "26"),
        ("Apply the mentioned duty", "27"),
        ("Declared subheading allowed", "28"),
    ];
    if words.starts_with("Import/export allowed after control") {
        return Some("29");
    }
    ACTIONS.iter().find(|(known, _)| words.starts_with(known)).map(|(_, code)| *code)
}

/// Builds a pack from measure sets.
///
/// # Errors
/// `import.measure_type` for a type that is not known here; `hs.malformed`.
pub fn import(sets: &[MeasureSet], rates: &[DatedRate], settings: &Settings) -> Result<Imported, Refusal> {
    let mut tables = Tables::new("Measure sets in TARIC's vocabulary", settings, "GB", "GBP", POLICY);
    let mut warnings = Vec::new();
    let mut areas: BTreeMap<String, (BTreeSet<String>, String)> = BTreeMap::new();
    let mut codes: BTreeSet<String> = BTreeSet::new();
    for set in sets {
        let code = HsCode::parse(&set.code)?;
        if !codes.insert(set.code.clone()) {
            let what = format!("{} stands in another source too; the first is kept", set.code);
            warnings.push(Warning { place: set.place.clone(), what });
            continue;
        }
        let line = LineRow {
            code: &set.code,
            description: &set.description,
            duty: "",
            unit: "",
            status: "official",
            source: &set.place,
        };
        tables.line(&line);
        for listed in &set.measures {
            if listed.is_export {
                let what = format!("measure {} ({}) is for exports; left out", listed.id, listed.title);
                warnings.push(Warning { place: set.place.clone(), what });
                continue;
            }
            if listed.area != ERGA_OMNES && (listed.area.len() != 2 || !listed.members.is_empty()) {
                let area = areas.entry(listed.area.clone()).or_default();
                area.0.extend(listed.members.iter().cloned());
                area.1.clone_from(&listed.area_title);
            }
            tables.measure(&measure(listed, &code, set, &mut warnings)?);
        }
    }
    for (area, (members, title)) in areas {
        if members.is_empty() {
            let what = format!("the members of area {area} ({title}) are not listed");
            warnings.push(Warning { place: "areas.csv".into(), what });
        }
        tables.area(&area, &members.into_iter().collect::<Vec<_>>(), &title);
    }
    for rate in rates {
        tables.rate(&rate.currency, &rate.rate, &rate.from, "published");
    }
    let mut imported = tables.end(warnings);
    imported.lines = codes.len();
    Ok(imported)
}

fn measure(
    listed: &Listed,
    code: &HsCode,
    set: &MeasureSet,
    warnings: &mut Vec<Warning>,
) -> Result<Measure, Refusal> {
    let kind = Kind::of_taric(&listed.series, &listed.type_id).ok_or_else(|| {
        let told = format!(
            "{}: measure {} has type {} of series {}",
            set.place, listed.id, listed.type_id, listed.series
        );
        Refusal::new("import.measure_type", told).rule("TARIC measure types")
    })?;
    let mut warn = |what: String| warnings.push(Warning { place: set.place.clone(), what });
    let duty = match listed.duty.as_str() {
        "" => None,
        sentence => match parse(sentence, Dialect::Taric) {
            Ok(duty) => Some(Arc::new(duty)),
            Err(error) => {
                warn(format!("measure {}: {sentence:?}: {error}", listed.id));
                None
            }
        },
    };
    let title = match kind {
        Kind::Preference | Kind::PreferentialQuota => format!("{} {}", listed.title, listed.area),
        _ => listed.title.clone(),
    };
    Ok(Measure {
        id: listed.id.clone(),
        kind,
        title,
        code: code.clone(),
        area: Area {
            of: if listed.area == ERGA_OMNES { Vec::new() } else { vec![listed.area.clone()] },
            except: listed.excluded.clone(),
        },
        territory: None,
        from: listed.from,
        until: listed.last.map(|last| last.plus(1)),
        from_act: None,
        recorded_from: None,
        recorded_until: None,
        duty,
        additional_code: listed.additional_code.clone(),
        quota: listed.quota.clone(),
        scheme: String::new(),
        conditions: listed.conditions.clone(),
        regulation: listed.regulation.clone(),
        status: "official".into(),
    })
}
