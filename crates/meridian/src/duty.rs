//! `meridian duty parse`, `duty check`, `duty assess` and `duty origin`.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;

use clap::Subcommand;
use meridian_tariff::assess::{Assessment, Item, assess};
use meridian_tariff::duty::{Dialect, parse};
use meridian_tariff::pack::Pack;
use meridian_terms::{Country, Currency, Decimal, HsCode, Money, Refusal};
use serde_json::{Value, json};

use crate::answer::Answer;

/// Arguments of `meridian duty`.
#[derive(clap::Args)]
pub struct Args {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    /// Duty sentences from standard input, one a line
    ///
    /// Example: echo "12,5, но не менее 0,5 евро за 1 кг" | meridian duty parse --dialect eaeu-ru
    Parse {
        /// eaeu-ru or canonical
        #[arg(long)]
        dialect: String,
    },
    /// Is a pack sound
    ///
    /// Example: meridian duty check examples/north-south/tariff/RU
    Check {
        /// The pack's directory
        pack: String,
    },
    /// Does this bill of materials qualify for a preference
    Origin(crate::duty_origin::Args),
    /// What goods cost to land
    ///
    /// Example: meridian duty assess --pack examples/north-south/tariff/RU declaration.json
    Assess {
        /// The pack's directory
        #[arg(long)]
        pack: String,
        /// JSON: {"lines": [{"code", "origin", "price": {"amount", "currency"}, "net_kg", "has_proof"?}]}
        file: String,
    },
}

/// Runs `meridian duty`.
pub fn run(args: Args) -> Answer {
    match args.verb {
        Verb::Parse { dialect } => sentences(&dialect),
        Verb::Check { pack } => check(&pack),
        Verb::Origin(args) => return crate::duty_origin::run(args),
        Verb::Assess { pack, file } => assess_file(&pack, &file),
    }
    .unwrap_or_else(Answer::Wrong)
}

/// Loads a pack, or says every problem.
pub(crate) fn pack_of(directory: &Path) -> Result<Pack, String> {
    let mut files = crate::route::files_of(directory)?;
    if let Ok(head) = std::fs::read(directory.join("pack.toml")) {
        files.insert("pack.toml".into(), head);
    }
    Pack::load(&files).map_err(|problems| {
        let lines: Vec<String> =
            problems.iter().map(|problem| format!("{}/{problem}", directory.display())).collect();
        lines.join("\n")
    })
}

fn sentences(dialect: &str) -> Result<Answer, String> {
    let dialect = match dialect {
        "eaeu-ru" => Dialect::EaeuRu,
        "canonical" => Dialect::Canonical,
        other => return Err(format!("--dialect {other}: this build reads eaeu-ru and canonical")),
    };
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    for line in BufReader::new(std::io::stdin()).lines() {
        let line = line.map_err(|error| error.to_string())?;
        let answer = match parse(&line, dialect) {
            Ok(duty) => json!({"input": line, "ok": true, "canonical": duty.to_string()}),
            Err(error) => {
                json!({"input": line, "ok": false, "error": {"code": error.code, "column": error.column}})
            }
        };
        writeln!(out, "{answer}").and_then(|()| out.flush()).map_err(|error| error.to_string())?;
    }
    Ok(Answer::Done)
}

fn check(directory: &str) -> Result<Answer, String> {
    match pack_of(Path::new(directory)).and_then(|pack| other_tables(directory).map(|()| pack)) {
        Ok(pack) => {
            let illustrative = pack.lines().filter(|line| line.status == "illustrative").count();
            let lines = pack.lines().count();
            println!(
                "{}",
                json!({"errors": [], "warnings": [], "lines": lines, "illustrative": illustrative})
            );
            Ok(Answer::Done)
        }
        Err(problems) => {
            println!(
                "{}",
                json!({"errors": problems.lines().collect::<Vec<_>>(), "warnings": [], "lines": 0})
            );
            Ok(Answer::Refused)
        }
    }
}

/// Checks the tables beside the duties: origin, controls, proofs, certificates, quotas.
fn other_tables(directory: &str) -> Result<(), String> {
    let files = crate::route::files_of(Path::new(directory))?;
    meridian_tariff::Tables::load(&files).map(drop).map_err(|faults| {
        let lines: Vec<String> = faults.iter().map(|fault| format!("{directory}/{fault}")).collect();
        lines.join("\n")
    })
}

fn assess_file(pack: &str, file: &str) -> Result<Answer, String> {
    let pack = pack_of(Path::new(pack))?;
    let text = std::fs::read_to_string(file).map_err(|error| format!("{file}: {error}"))?;
    let asked: Value = serde_json::from_str(&text)
        .map_err(|error| format!("{file}:{}:{}: {error}", error.line(), error.column()))?;
    let mut lines = Vec::new();
    let (mut total, mut needs) = (Money::zero(pack.currency), Vec::new());
    for (number, line) in asked["lines"].as_array().into_iter().flatten().enumerate() {
        let wrong = |refusal: Refusal| format!("{file}: line {}: {refusal}", number + 1);
        let item = item(line).map_err(wrong)?;
        match assess(&pack, &item, &BTreeMap::new()) {
            Err(refusal) => {
                println!("{}", json!({"lines": lines, "refusal": refusal.to_string()}));
                return Ok(Answer::Refused);
            }
            Ok(assessment) => {
                if let Some(best) = assessment.choices.first() {
                    total = total.checked_add(best.total).map_err(wrong)?;
                }
                needs.extend(assessment.needs.iter().map(ToString::to_string));
                lines.push(shown(&assessment));
            }
        }
    }
    println!("{}", json!({"lines": lines, "total": total.to_string(), "needs": needs}));
    Ok(Answer::Done)
}

fn item(line: &Value) -> Result<Item, Refusal> {
    let text = |key: &str| line[key].as_str().unwrap_or_default();
    let currency = Currency::parse(line["price"]["currency"].as_str().unwrap_or_default())?;
    Ok(Item {
        code: HsCode::parse(text("code"))?,
        origin: Country::parse(text("origin"))?,
        has_proof: line["has_proof"] == true,
        price: Money::parse(line["price"]["amount"].as_str().unwrap_or_default(), currency)?,
        freight: None,
        net_kg: Decimal::parse(text("net_kg"))?,
        quantities: line["quantities"]
            .as_object()
            .into_iter()
            .flatten()
            .map(|(unit, amount)| Ok((unit.clone(), Decimal::parse(amount.as_str().unwrap_or_default())?)))
            .collect::<Result<_, Refusal>>()?,
    })
}

fn shown(assessment: &Assessment) -> Value {
    let options: Vec<Value> = assessment
        .choices
        .iter()
        .map(|choice| {
            let rows: Vec<Value> = choice
                .rows
                .iter()
                .map(|row| {
                    json!({"name": row.name, "sentence": row.sentence, "working": row.working,
                           "amount": row.amount.to_string(), "reference": row.reference})
                })
                .collect();
            json!({"basis": choice.basis, "lawful": true, "total": choice.total.to_string(), "rows": rows})
        })
        .collect();
    json!({"options": options, "chosen": assessment.choices.first().map(|choice| &choice.basis),
           "missed": assessment.missed, "controls": []})
}
