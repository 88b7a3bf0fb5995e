//! The side-by-side table of the Union's common external tariff and the United Kingdom's global tariff (2021).

use meridian_terms::{HsCode, Refusal};

use super::{Imported, LineRow, Settings, Source, Tables, Warning, rows};
use crate::duty::{Dialect, parse};
use crate::measure::{Area, Kind, Measure};

/// Which of the two tariffs.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Tariff {
    Uk,
    Eu,
}

const UK_POLICY: &str = "[policy]\ncarry = \"exact\"\nrounding = \"half_up\"\nalcohol_rounding = \"toward_zero\"\nvalue_basis = \"CIF\"\n";
const EU_POLICY: &str = "[policy]\ncarry = \"rounded\"\nrounding = \"half_up\"\nvalue_basis = \"CIF\"\n";

/// Columns that say another measure exists whose rate is not in the table.
const ELSEWHERE: [(&str, &str); 3] = [
    ("trade_remedy_applies", "A trade remedy applies; its rate is not in this table"),
    ("suspension_applies", "A suspension exists; it is not in this table"),
    ("atq_applies", "An autonomous quota exists; it is not in this table"),
];

pub(super) fn import(
    sources: &[Source<'_>],
    settings: &Settings,
    tariff: Tariff,
) -> Result<Imported, Refusal> {
    let (name, column, dialect, territory, currency, policy) = match tariff {
        Tariff::Uk => ("UK Global Tariff", "ukgt_duty_rate", Dialect::Uk, "GB", "GBP", UK_POLICY),
        // The table is the whole Union's; a territory is a member, whose VAT it would be.
        Tariff::Eu => ("EU common external tariff", "cet_duty_rate", Dialect::Eu, "DE", "EUR", EU_POLICY),
    };
    let mut tables = Tables::new(name, settings, territory, currency, policy);
    let mut warnings = Vec::new();
    for source in sources {
        rows(*source, &["commodity", "description", column], |row| {
            let mut warn = |what: String| warnings.push(Warning { place: row.place.clone(), what });
            let code = row.get("commodity");
            let Ok(parsed) = HsCode::parse(code) else { return warn(format!("{code:?} is no code")) };
            let duty = match parse(row.get(column), dialect) {
                Ok(duty) => duty.to_string(),
                Err(error) => {
                    warn(format!("{code}: {:?}: {error}", row.get(column)));
                    String::new()
                }
            };
            let source = format!("{name} as published in 2021");
            let description = row.get("description");
            tables.line(&LineRow {
                code,
                description,
                duty: &duty,
                unit: "",
                status: "official",
                source: &source,
            });
            for (flag, title) in ELSEWHERE {
                if row.get(flag).eq_ignore_ascii_case("true") && tariff == Tariff::Uk {
                    tables.measure(&Measure {
                        id: format!("{code}-{flag}"),
                        kind: Kind::Surveillance,
                        title: title.to_owned(),
                        code: parsed.clone(),
                        area: Area::default(),
                        territory: None,
                        from: None,
                        until: None,
                        from_act: None,
                        recorded_from: None,
                        recorded_until: None,
                        duty: None,
                        additional_code: None,
                        quota: None,
                        scheme: String::new(),
                        conditions: Vec::new(),
                        regulation: source.clone(),
                        status: "official".into(),
                    });
                }
            }
        })?;
    }
    Ok(tables.end(warnings))
}
