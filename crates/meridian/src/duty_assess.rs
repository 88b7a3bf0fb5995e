//! `meridian duty assess`: a declaration's lines, every lawful way side by side.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use meridian_tariff::Tables;
use meridian_tariff::assess::{Assessment, Choice, Incoterm, Item, assess};
use meridian_tariff::controls::{Direction, Document, LicenceBook, Movement, Outcome};
use meridian_terms::{Country, Currency, Day, Decimal, HsCode, Money, Ratio, Refusal};
use serde_json::{Map, Value, json};

use crate::answer::Answer;
use crate::duty::pack_of;
use crate::trouble::trouble;

/// Arguments of `meridian duty assess`.
#[derive(clap::Args)]
#[command(after_help = HELP)]
pub struct Args {
    /// The pack's directory
    #[arg(long, value_name = "DIR")]
    pack: PathBuf,
    /// One JSON document (always so; kept for scripts)
    #[arg(long)]
    json: bool,
    /// The declaration, JSON; - is standard input
    file: String,
}

const HELP: &str = "\
Example: meridian duty assess --pack examples/north-south/tariff/RU declaration.json

A declaration (only code, origin and price must be there; what is left out is unknown, never zero):
  {\"day\": \"2026-03-20\", \"known\": \"2026-03-20\", \"territory\": \"RU\", \"rates\": {\"EUR\": \"92.10\"},
   \"lines\": [{\"code\": \"0902100009\", \"origin\": \"IR\", \"has_proof\": true,
              \"price\": {\"amount\": \"1000.00\", \"currency\": \"EUR\"}, \"incoterm\": \"FOB\",
              \"freight\": {\"amount\": \"90.00\", \"currency\": \"EUR\"}, \"insurance\": {..}, \"inland\": {..},
              \"net_kg\": \"1200\", \"gross_kg\": \"1260\", \"quantities\": {\"pcs\": \"10\", \"cm3\": \"1600\"},
              \"bases\": {\"retail price\": {\"amount\": \"1500\", \"currency\": \"EUR\"}},
              \"additional_codes\": [\"C490\"], \"documents\": [\"N851\"], \"closed_quotas\": [\"054003\"],
              \"programme\": \"AU\", \"end_use\": \"nuclear\", \"any_area\": false}]}
`any_area` takes every measure of the set whatever its area. `rates` are units of the customs currency for one unit.
Exit 0: every line has a lawful way; 1: one has none, or a control refuses it; 2: the call or the file is wrong.";

/// Runs `meridian duty assess`.
pub(crate) fn run(args: &Args) -> Result<Answer, String> {
    let pack = pack_of(&args.pack)?;
    let tables = tables_of(&args.pack)?;
    let file = &args.file;
    let text =
        if file == "-" { std::io::read_to_string(std::io::stdin()) } else { std::fs::read_to_string(file) };
    let text = text.map_err(|error| trouble(file, &error))?;
    let asked: Value = serde_json::from_str(&text)
        .map_err(|error| format!("{file}:{}:{}: {error}", error.line(), error.column()))?;
    let listed =
        asked["lines"].as_array().ok_or_else(|| format!("{file}: lines: is no list; next: see --help"))?;
    let minor = Ratio::whole(10_i128.pow(u32::from(pack.currency.exponent())));
    let mut rates = BTreeMap::new();
    for (code, rate) in asked["rates"].as_object().into_iter().flatten() {
        let read = || -> Result<(Currency, Ratio), Refusal> {
            let rate = Decimal::parse(&figure(rate))?.to_ratio();
            let rate = rate
                .checked_mul(&minor)
                .ok_or_else(|| Refusal::new("tariff.range", "the rate is too large"))?;
            Ok((Currency::parse(code)?, rate))
        };
        let (currency, rate) = read().map_err(|refusal| format!("{file}: rates.{code}: {refusal}"))?;
        rates.insert(currency, rate);
    }
    let (mut lines, mut total, mut needs) = (Vec::new(), Money::zero(pack.currency), BTreeSet::new());
    let mut is_lawful = true;
    for (number, line) in listed.iter().enumerate() {
        let wrong = |refusal: Refusal| format!("{file}: line {}: {refusal}", number + 1);
        let item = item(line, &asked).map_err(wrong)?;
        let assessment = match assess(&pack, &item, &rates) {
            Ok(assessment) => assessment,
            Err(refusal) => {
                println!(
                    "{}",
                    json!({"lines": lines, "refusal": refusal.to_string(), "code": refusal.code, "line": number + 1, "next": refusal.next})
                );
                return Ok(Answer::Refused);
            }
        };
        if let Some(best) = assessment.choices.first() {
            total = total.checked_add(best.total).map_err(wrong)?;
        }
        needs.extend(assessment.needs.iter().map(ToString::to_string));
        let (mut controls, refused) = controls(&assessment, &tables, &item, line, pack.territory);
        is_lawful &= !assessment.choices.is_empty() && !refused;
        let mut told = shown(&assessment);
        told["code"] = json!(item.code.as_str());
        told["refused"] = json!(refused);
        told["controls"] = Value::Array(std::mem::take(&mut controls));
        lines.push(told);
    }
    println!("{}", json!({"lines": lines, "total": total.to_string(), "needs": needs}));
    Ok(if is_lawful { Answer::Done } else { Answer::Refused })
}

fn tables_of(directory: &Path) -> Result<Tables, String> {
    let files = crate::duty::files_of(directory)?;
    Tables::load(&files).map_err(|faults| {
        let lines: Vec<String> =
            faults.iter().map(|fault| format!("{}/{fault}", directory.display())).collect();
        lines.join("\n")
    })
}

/// The controls of the measure set and of the pack's own table; whether one of them forbids.
fn controls(
    assessment: &Assessment,
    tables: &Tables,
    item: &Item,
    line: &Value,
    territory: Country,
) -> (Vec<Value>, bool) {
    let mut told: Vec<Value> = assessment
        .controls
        .iter()
        .map(|check| {
            json!({"control": check.title, "kind": check.kind.word(), "outcome": format!("{:?}", check.effect).to_lowercase(),
                   "why": check.why, "documents": check.wanted, "rule": check.regulation})
        })
        .collect();
    let mut refused = assessment
        .controls
        .iter()
        .any(|check| check.effect == meridian_tariff::duty::condition::Effect::Refused);
    if let Some(day) = item.day {
        let documents = item
            .documents
            .iter()
            .map(|kind| Document::Reference { kind: kind.clone(), number: String::new() });
        let movement = Movement {
            direction: Direction::Import,
            code: item.code.clone(),
            origin: item.origin,
            destination: item.territory.unwrap_or(territory),
            end_use: line["end_use"].as_str().map(str::to_owned),
            day,
            quantity: None,
            documents: documents.collect(),
        };
        let review = tables.controls.review(&movement, &LicenceBook::default());
        refused |= review.outcome == Outcome::Refused;
        told.extend(review.answers.iter().map(|answer| {
            json!({"control": answer.control, "kind": format!("{:?}", answer.kind).to_lowercase(),
                   "outcome": format!("{:?}", answer.outcome).to_lowercase(), "rule": answer.rule,
                   "illustrative": answer.is_illustrative})
        }));
    } else if !tables.controls.rows().is_empty() {
        told.push(json!({"control": "controls.csv", "kind": "control", "outcome": "unknown", "why": "needs: the day"}));
    }
    (told, refused)
}

/// A figure of JSON as written: a text, or a number.
fn figure(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn item(line: &Value, asked: &Value) -> Result<Item, Refusal> {
    let text = |key: &str| line[key].as_str().unwrap_or_default();
    let of = |key: &str| line[key].as_str().or_else(|| asked[key].as_str());
    let money = |value: &Value| -> Result<Option<Money>, Refusal> {
        if value.is_null() {
            return Ok(None);
        }
        let currency = Currency::parse(value["currency"].as_str().unwrap_or_default())?;
        Money::parse(&figure(&value["amount"]), currency).map(Some)
    };
    let price = money(&line["price"])?.ok_or_else(|| {
        Refusal::new("tariff.price", "price is missing").next("declare amount and currency")
    })?;
    let decimal = |value: &Value| Decimal::parse(&figure(value));
    let mut quantities = BTreeMap::new();
    if !line["gross_kg"].is_null() {
        quantities.insert("kg gross".to_owned(), decimal(&line["gross_kg"])?);
    }
    for (unit, amount) in line["quantities"].as_object().into_iter().flatten() {
        quantities.insert(unit.clone(), decimal(amount)?);
    }
    let empty = Map::new();
    let mut bases = BTreeMap::new();
    for (name, value) in line["bases"].as_object().unwrap_or(&empty) {
        if let Some(value) = money(value)? {
            bases.insert(name.clone(), value);
        }
    }
    let words = |key: &str| -> BTreeSet<String> {
        let own = line[key].as_array().or_else(|| asked[key].as_array());
        own.into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
    };
    let net_kg = if line["net_kg"].is_null() { None } else { Some(decimal(&line["net_kg"])?) };
    Ok(Item {
        has_proof: line["has_proof"] == true,
        incoterm: of("incoterm").map(Incoterm::parse).transpose()?,
        freight: money(&line["freight"])?,
        insurance: money(&line["insurance"])?,
        inland: money(&line["inland"])?,
        quantities,
        bases,
        territory: of("territory").map(Country::parse).transpose()?,
        day: of("day").or_else(|| of("date")).map(Day::parse).transpose()?,
        known: of("known").map(Day::parse).transpose()?,
        additional_codes: words("additional_codes"),
        documents: words("documents"),
        closed_quotas: words("closed_quotas"),
        programme: of("programme").map(str::to_owned),
        any_area: line["any_area"] == true || asked["any_area"] == true,
        net_kg,
        ..Item::new(HsCode::parse(text("code"))?, Country::parse(text("origin"))?, price)
    })
}

fn shown(assessment: &Assessment) -> Value {
    let options: Vec<Value> = assessment.choices.iter().map(option).collect();
    let needs: Vec<String> = assessment.needs.iter().map(ToString::to_string).collect();
    json!({"options": options, "chosen": assessment.choices.first().map(|choice| &choice.basis),
           "why": assessment.why, "missed": assessment.missed, "needs": needs, "remarks": assessment.remarks,
           "controls": []})
}

fn option(choice: &Choice) -> Value {
    let rows: Vec<Value> = choice
        .rows
        .iter()
        .map(|row| {
            json!({"name": row.name, "base": row.base.map(|base| base.to_string()), "sentence": row.sentence,
                   "inputs": row.inputs, "working": row.working, "exact_minor": row.exact.to_string(),
                   "amount": row.amount.to_string(), "reference": row.reference})
        })
        .collect();
    json!({"basis": choice.basis, "kind": choice.kind.word(), "lawful": true, "total": choice.total.to_string(),
           "landed": choice.landed.to_string(), "remarks": choice.remarks, "rows": rows})
}
