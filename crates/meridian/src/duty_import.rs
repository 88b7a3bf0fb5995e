//! `meridian duty import`: a published table becomes a pack.

use std::path::PathBuf;

use meridian_tariff::duty::condition::Condition;
use meridian_tariff::duty::{Dialect, parse};
use meridian_tariff::import::taric::{DatedRate, Listed, MeasureSet, action_code};
use meridian_tariff::import::{Imported, Layout, Settings, import, taric};
use meridian_terms::{Country, Currency, Day, Decimal, Refusal};
use serde_json::{Value, json};

use crate::answer::Answer;
use crate::trouble::trouble;

/// Arguments of `meridian duty import`.
#[derive(clap::Args)]
#[command(after_help = HELP)]
pub struct Args {
    /// eaeu, uk, eu, us-hts or taric-json
    #[arg(long)]
    layout: String,
    /// The published tables
    #[arg(required = true)]
    sources: Vec<PathBuf>,
    /// The pack's directory; made if it is not there
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// The importing territory, where the layout's own is not meant
    #[arg(long)]
    territory: Option<String>,
    /// The currency of customs, where the layout's own is not meant
    #[arg(long)]
    currency: Option<String>,
    /// Value added tax for every line, per cent
    #[arg(long)]
    vat: Option<String>,
    /// The fee for a declaration, in major units
    #[arg(long)]
    fee: Option<String>,
    /// Exchange rates, CSV: currency,rate[,from][,status]; taken into the pack as they are
    #[arg(long, value_name = "FILE")]
    rates: Option<PathBuf>,
    /// One JSON document (always so; kept for scripts)
    #[arg(long)]
    json: bool,
}

const HELP: &str = "\
Example: meridian duty import --layout eaeu tariff.csv notes.csv --rates rates.csv --vat 22 --out packs/RU

  eaeu        code,level,description,supplementary_unit,rate,notes,chapter,edition; notes: note,text_ru
  uk, eu      commodity,description,cet_duty_rate,ukgt_duty_rate,...
  us-hts      htsno,indent,description,units,general,special,other,quota
  taric-json  a commodity with import_measures, as the United Kingdom's API gives it; or a list of dated exchange rates
What is not understood is a warning with its place, and stays unknown in the pack.";

/// Runs `meridian duty import`.
pub(crate) fn run(args: &Args) -> Result<Answer, String> {
    let layout = Layout::named(&args.layout).ok_or_else(|| {
        let names: Vec<&str> = Layout::ALL.iter().map(|(name, _)| *name).collect();
        format!("--layout {}: use one of {}", args.layout, names.join(", "))
    })?;
    let given = |refusal: Refusal| refusal.to_string();
    let settings = Settings {
        territory: args.territory.as_deref().map(Country::parse).transpose().map_err(given)?,
        currency: args.currency.as_deref().map(Currency::parse).transpose().map_err(given)?,
        vat: args.vat.as_deref().map(Decimal::parse).transpose().map_err(given)?,
        fee: args.fee.as_deref().map(Decimal::parse).transpose().map_err(given)?,
    };
    let read = |path: &PathBuf| std::fs::read(path).map_err(|error| trouble(path, &error));
    let mut sources = Vec::new();
    for path in &args.sources {
        let name = path.file_name().map_or(String::new(), |name| name.to_string_lossy().into_owned());
        sources.push((name, read(path)?));
    }
    let mut imported = if layout == Layout::TaricJson {
        measure_sets(&sources, &settings)?
    } else {
        let borrowed: Vec<(&str, &[u8])> =
            sources.iter().map(|(name, bytes)| (name.as_str(), bytes.as_slice())).collect();
        import(layout, &borrowed, &settings).map_err(given)?
    };
    if let Some(path) = &args.rates {
        imported.files.insert("rates.csv".into(), read(path)?);
    }
    write(args, &imported)?;
    let warnings: Vec<String> = imported.warnings.iter().map(ToString::to_string).collect();
    println!(
        "{}",
        json!({"lines": imported.lines, "warnings": warnings, "out": args.out.display().to_string()})
    );
    Ok(Answer::Done)
}

fn write(args: &Args, imported: &Imported) -> Result<(), String> {
    let failed = |error: std::io::Error| trouble(&args.out, &error);
    std::fs::create_dir_all(&args.out).map_err(failed)?;
    for (name, bytes) in &imported.files {
        std::fs::write(args.out.join(name), bytes).map_err(failed)?;
    }
    Ok(())
}

fn measure_sets(sources: &[(String, Vec<u8>)], settings: &Settings) -> Result<Imported, String> {
    let (mut sets, mut rates) = (Vec::new(), Vec::new());
    for (name, bytes) in sources {
        let document: Value = serde_json::from_slice(bytes)
            .map_err(|error| format!("{name}:{}:{}: {error}", error.line(), error.column()))?;
        match document.as_array() {
            Some(list) => rates.extend(list.iter().filter_map(dated_rate)),
            None => sets.push(measure_set(name, &document)?),
        }
    }
    if sets.is_empty() {
        return Err("no measure set among the sources; next: give a commodity with import_measures".into());
    }
    taric::import(&sets, &rates, settings).map_err(|refusal| refusal.to_string())
}

/// `{"attributes": {"child_monetary_unit_code": "GBP", "exchange_rate": "0.7298", "validity_start_date": ..}}`: pounds
/// for one euro.
fn dated_rate(entry: &Value) -> Option<DatedRate> {
    let attributes = if entry["attributes"].is_object() { &entry["attributes"] } else { entry };
    Some(DatedRate {
        currency: "EUR".into(),
        rate: attributes["exchange_rate"].as_str()?.to_owned(),
        from: attributes["validity_start_date"].as_str()?.get(..10)?.to_owned(),
    })
}

fn measure_set(name: &str, document: &Value) -> Result<MeasureSet, String> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let code = text(&document["goods_nomenclature_item_id"]);
    if code.is_empty() {
        return Err(format!("{name}: no goods_nomenclature_item_id; next: give a commodity's measure set"));
    }
    let above = document["ancestors"].as_array().into_iter().flatten();
    let mut path = vec![text(&document["heading"]["description"])];
    path.extend(above.map(|ancestor| text(&ancestor["description"])));
    path.push(text(&document["description"]));
    path.retain(|part| !part.is_empty());
    let mut measures = Vec::new();
    for (key, is_export) in [("import_measures", false), ("export_measures", true)] {
        for measure in document[key].as_array().into_iter().flatten() {
            measures.push(listed(name, measure, is_export)?);
        }
    }
    Ok(MeasureSet { place: name.to_owned(), code, description: path.join(" > "), measures })
}

fn listed(name: &str, measure: &Value, is_export: bool) -> Result<Listed, String> {
    let text = |value: &Value| value.as_str().map_or_else(|| number(value), str::to_owned);
    let id = text(&measure["id"]);
    let day = |key: &str| {
        let written = measure[key].as_str().and_then(|text| text.get(..10));
        written
            .map(Day::parse)
            .transpose()
            .map_err(|refusal| format!("{name}: measure {id}: {key}: {refusal}"))
    };
    let codes = |list: &Value| -> Vec<String> {
        list.as_array().into_iter().flatten().map(|entry| text(&entry["id"])).collect()
    };
    let kind = &measure["measure_type"];
    let area = &measure["geographical_area"];
    let conditions = measure["measure_conditions"].as_array().into_iter().flatten();
    let conditions =
        conditions.map(|row| condition(row).map_err(|what| format!("{name}: measure {id}: {what}")));
    Ok(Listed {
        series: text(&kind["measure_type_series_id"]),
        type_id: text(&kind["id"]),
        title: text(&kind["description"]),
        area: text(&area["id"]),
        area_title: text(&area["description"]),
        members: codes(&area["children_geographical_areas"]),
        excluded: codes(&measure["excluded_countries"]),
        from: day("effective_start_date")?,
        last: day("effective_end_date")?,
        duty: text(&measure["duty_expression"]["base"]),
        additional_code: measure["additional_code"]["code"].as_str().map(str::to_owned),
        quota: measure["order_number"]["number"].as_str().map(str::to_owned),
        conditions: conditions.collect::<Result<_, _>>()?,
        regulation: text(&measure["legal_acts"][0]["regulation_code"]),
        is_export,
        id: id.clone(),
    })
}

fn number(value: &Value) -> String {
    if value.is_null() { String::new() } else { value.to_string() }
}

fn condition(row: &Value) -> Result<Condition, String> {
    let text = |key: &str| row[key].as_str().unwrap_or_default();
    let sentence =
        |words: &str| parse(words, Dialect::Taric).map_err(|error| format!("condition {words:?}: {error}"));
    let amount = number(&row["condition_duty_amount"]);
    let threshold = if amount.is_empty() {
        None
    } else {
        let parts = [
            "condition_monetary_unit_code",
            "condition_measurement_unit_code",
            "condition_measurement_unit_qualifier_code",
        ];
        let words: Vec<&str> = parts.iter().map(|key| text(key)).filter(|part| !part.is_empty()).collect();
        Some(sentence(&format!("{amount} {}", words.join(" ")))?)
    };
    let action = text("action");
    let action = action_code(action).ok_or_else(|| format!("action {action:?} is not known"))?;
    let duty = match plain(text("duty_expression")).as_str() {
        "" => None,
        words => Some(sentence(words)?),
    };
    Ok(Condition {
        code: text("condition_code").to_owned(),
        document: Some(text("document_code").to_owned()).filter(|code| !code.is_empty()),
        threshold,
        action: action.to_owned(),
        duty,
    })
}

/// The text of a sentence marked up for a page.
fn plain(html: &str) -> String {
    let (mut plain, mut inside) = (String::new(), false);
    for character in html.chars() {
        match character {
            '<' => inside = true,
            '>' => inside = false,
            _ if !inside => plain.push(character),
            _ => {}
        }
    }
    plain.trim().to_owned()
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use meridian_tariff::assess::{Assessment, Item, assess};
    use meridian_tariff::duty::condition::Effect;
    use meridian_tariff::pack::Pack;
    use meridian_terms::Money;

    use super::*;

    fn assessed(name: &str, origin: &str, documents: &[&str]) -> Option<Assessment> {
        let path = meridian_testdata::find(&format!("tariff/uk_commodities/{name}.json"))?;
        let rates = meridian_testdata::find("tariff/uk_commodities/eur_gbp_monthly_rates.json")?;
        let sources = [
            (name.to_owned(), std::fs::read(path).unwrap()),
            ("rates".to_owned(), std::fs::read(rates).unwrap()),
        ];
        let imported = measure_sets(&sources, &Settings::default()).unwrap();
        let pack = Pack::load(&imported.files).unwrap_or_else(|problems| panic!("{name}: {problems:#?}"));
        let quantities = [("pcs", "10"), ("t biodiesel", "2")];
        let item = Item {
            has_proof: true,
            net_kg: Some(Decimal::parse("1700").unwrap()),
            quantities: quantities
                .iter()
                .map(|(unit, many)| ((*unit).to_owned(), Decimal::parse(many).unwrap()))
                .collect(),
            day: Some(Day::parse("2021-02-01").unwrap()),
            documents: documents.iter().map(|document| (*document).to_owned()).collect::<BTreeSet<_>>(),
            ..Item::new(
                pack.lines().next().unwrap().code.clone(),
                Country::parse(origin).unwrap(),
                Money::parse("5000.00", Currency::GBP).unwrap(),
            )
        };
        Some(assess(&pack, &item, &BTreeMap::new()).unwrap_or_else(|refusal| panic!("{name}: {refusal}")))
    }

    #[test]
    fn whole_measure_sets_assess_with_their_conditions() {
        for name in [
            "uk_0102291010",
            "uk_0103921100",
            "uk_0702000007",
            "uk_7202118000",
            "uk_7202999000",
            "xi_0103921100",
            "xi_0702000007",
            "xi_7202999000",
        ] {
            let Some(assessment) = assessed(name, "CL", &[]) else { return };
            assert!(
                !assessment.choices.is_empty() && assessment.needs.is_empty(),
                "{name}: {:?}",
                assessment.needs
            );
        }
    }

    /// Pigs from Chile want a phytosanitary and a health certificate; a net mass of 170 kg a head is within the subheading.
    #[test]
    fn documents_decide_controls() {
        let refused = |documents: &[&str]| -> Option<Vec<String>> {
            let found = assessed("uk_0103921100", "CL", documents)?;
            let refused = found.controls.into_iter().filter(|check| check.effect == Effect::Refused);
            Some(refused.map(|check| check.wanted.join(" or ")).collect())
        };
        let Some(none) = refused(&[]) else { return };
        assert_eq!(none, ["N851", "C640", "C644 or Y929", "C644 or Y929"]);
        assert_eq!(refused(&["N851", "Y929"]).unwrap(), ["C640"]);
        assert!(refused(&["N851", "C640", "C644"]).unwrap().is_empty());
    }

    /// North Korean tomatoes may not enter; Lebanese ones have a preference and a quota.
    #[test]
    fn areas_decide_what_applies() {
        let Some(found) = assessed("uk_0702000007", "KP", &["N851", "N002", "C644"]) else { return };
        assert!(
            found
                .controls
                .iter()
                .any(|check| check.title == "Import prohibition" && check.effect == Effect::Refused)
        );
        let found = assessed("uk_0702000007", "LB", &["N851", "N002", "C644"]).unwrap();
        assert!(found.controls.iter().all(|check| check.effect == Effect::Allowed), "{:?}", found.controls);
        let bases: Vec<&str> = found.choices.iter().map(|choice| choice.basis.as_str()).collect();
        assert_eq!(bases, ["preferential quota 051174", "Tariff preference LB", "ordinary"]);
    }
}
