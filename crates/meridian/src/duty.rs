//! `meridian duty`: sentences, packs, assessments, origin, imports, differences, bulk.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;

use clap::Subcommand;
use meridian_tariff::diff;
use meridian_tariff::duty::{Dialect, parse};
use meridian_tariff::pack::Pack;
use meridian_terms::Day;
use serde_json::json;

use crate::answer::Answer;
use crate::trouble::trouble;
use crate::{duty_assess, duty_bulk, duty_import, duty_origin, duty_workbook};

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
        /// taric, uk, eu, eaeu-ru, us or canonical
        #[arg(long)]
        dialect: String,
        /// One JSON document: {"sentences": [..]}
        #[arg(long)]
        json: bool,
        /// One JSON line for each sentence (so unless --json)
        #[arg(long, conflicts_with = "json")]
        jsonl: bool,
        /// The sentences; - is standard input
        #[arg(default_value = "-")]
        file: String,
    },
    /// Is a pack sound
    ///
    /// Example: meridian duty check examples/north-south/tariff/RU
    Check {
        /// The pack's directory
        pack: String,
        /// One JSON document (always so; kept for scripts)
        #[arg(long)]
        json: bool,
    },
    /// Does this bill of materials qualify for a preference
    Origin(duty_origin::Args),
    /// What goods cost to land: every lawful way side by side
    Assess(duty_assess::Args),
    /// Build a pack from a published table
    Import(duty_import::Args),
    /// What changed between two packs, or between two days of one
    ///
    /// Example: meridian duty diff PACK PACK --on 2025-12-31 --and 2026-01-01
    Diff {
        /// The first pack
        before: String,
        /// The second pack
        after: String,
        /// With --and: compares the rates in force on this day in the first pack...
        #[arg(long, value_name = "DAY", requires = "and")]
        on: Option<String>,
        /// ...with those in force on this day
        #[arg(long, value_name = "DAY", requires = "on")]
        and: Option<String>,
        /// One JSON document (always so; kept for scripts)
        #[arg(long)]
        json: bool,
    },
    /// Re-price a file of declaration lines, streaming, on every core
    Bulk(duty_bulk::Args),
    /// A pack as an XLSX workbook, and back
    Workbook(duty_workbook::Args),
}

/// Runs `meridian duty`.
pub fn run(args: Args) -> Answer {
    match args.verb {
        Verb::Parse { dialect, json, file, .. } => sentences(&dialect, &file, json),
        Verb::Check { pack, .. } => check(&pack),
        Verb::Origin(args) => return duty_origin::run(args),
        Verb::Assess(args) => duty_assess::run(&args),
        Verb::Import(args) => duty_import::run(&args),
        Verb::Diff { before, after, on, and, .. } => differences(&before, &after, on.zip(and)),
        Verb::Bulk(args) => duty_bulk::run(&args),
        Verb::Workbook(args) => duty_workbook::run(&args),
    }
    .unwrap_or_else(Answer::Wrong)
}

/// The files of a pack: a directory of tables, or one workbook.
pub(crate) fn files_of(directory: &Path) -> Result<BTreeMap<String, Vec<u8>>, String> {
    let told = |error: String| format!("{}: {error}", directory.display());
    if duty_workbook::is_workbook(directory) {
        let bytes = std::fs::read(directory).map_err(|error| trouble(directory, &error))?;
        return duty_workbook::read(&bytes).map_err(told);
    }
    let mut files = crate::route::files_of(directory)?;
    if let Ok(head) = std::fs::read(directory.join("pack.toml")) {
        files.insert("pack.toml".into(), head);
    }
    Ok(files)
}

/// Loads a pack, or says every problem.
pub(crate) fn pack_of(directory: &Path) -> Result<Pack, String> {
    Pack::load(&files_of(directory)?).map_err(|problems| {
        let lines: Vec<String> =
            problems.iter().map(|problem| format!("{}/{problem}", directory.display())).collect();
        lines.join("\n")
    })
}

fn sentences(dialect: &str, file: &str, is_document: bool) -> Result<Answer, String> {
    let dialect = Dialect::named(dialect).ok_or_else(|| {
        let names: Vec<&str> = Dialect::ALL.iter().map(|(name, _)| *name).collect();
        format!("--dialect {dialect}: use one of {}", names.join(", "))
    })?;
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    let input: Box<dyn std::io::Read> = match file {
        "-" => Box::new(std::io::stdin()),
        name => Box::new(std::fs::File::open(name).map_err(|error| trouble(name, &error))?),
    };
    let mut collected = Vec::new();
    for line in BufReader::new(input).lines() {
        let line = line.map_err(|error| error.to_string())?;
        let answer = match parse(&line, dialect) {
            Ok(duty) => json!({"input": line, "ok": true, "canonical": duty.to_string()}),
            Err(error) => {
                json!({"input": line, "ok": false, "error": {"code": error.code, "column": error.column, "found": error.found}})
            }
        };
        if is_document {
            collected.push(answer);
        } else {
            writeln!(out, "{answer}").and_then(|()| out.flush()).map_err(|error| error.to_string())?;
        }
    }
    if is_document {
        writeln!(out, "{}", json!({"sentences": collected})).map_err(|error| error.to_string())?;
    }
    Ok(Answer::Done)
}

fn check(directory: &str) -> Result<Answer, String> {
    match pack_of(Path::new(directory)).and_then(|pack| other_tables(directory).map(|()| pack)) {
        Ok(pack) => {
            let illustrative = pack.lines().filter(|line| line.status == "illustrative").count();
            let (lines, measures) = (pack.lines().len(), pack.measures().len());
            let mut warnings: Vec<String> = pack
                .lines()
                .filter(|line| line.duty.is_none() && !has_ordinary(&pack, line))
                .map(|line| format!("{directory}/lines.csv: {} has no ordinary rate", line.code))
                .collect();
            let covered = lines - warnings.len();
            warnings.extend(pack.overlaps().iter().map(|(one, other)| {
                format!(
                    "{directory}/measures.csv: {} and {} both hold for {} on some day",
                    one.id, other.id, one.code
                )
            }));
            println!(
                "{}",
                json!({"errors": [], "warnings": warnings, "lines": lines, "measures": measures,
                       "illustrative": illustrative, "coverage": covered})
            );
            Ok(Answer::Done)
        }
        Err(problems) => {
            println!(
                "{}",
                json!({"errors": problems.lines().collect::<Vec<_>>(), "warnings": [], "lines": 0, "coverage": 0})
            );
            Ok(Answer::Refused)
        }
    }
}

fn has_ordinary(pack: &Pack, line: &meridian_tariff::pack::Line) -> bool {
    pack.measures_of(&line.code).any(|measure| measure.kind == meridian_tariff::measure::Kind::Ordinary)
}

/// Checks the tables beside the duties: origin, controls, proofs, certificates, quotas.
fn other_tables(directory: &str) -> Result<(), String> {
    let files = files_of(Path::new(directory))?;
    meridian_tariff::Tables::load(&files).map(drop).map_err(|faults| {
        let lines: Vec<String> = faults.iter().map(|fault| format!("{directory}/{fault}")).collect();
        lines.join("\n")
    })
}

fn differences(before: &str, after: &str, days: Option<(String, String)>) -> Result<Answer, String> {
    let first = pack_of(Path::new(before))?;
    let changes = match days {
        Some((on, and)) => {
            let day = |text: &str| Day::parse(text).map_err(|refusal| refusal.to_string());
            diff::days(&first, day(&on)?, day(&and)?)
        }
        None => diff::between(&first, &pack_of(Path::new(after))?),
    };
    let told: Vec<_> = changes
        .iter()
        .map(|change| {
            json!({"what": change.what, "subject": change.subject, "before": change.before, "after": change.after})
        })
        .collect();
    println!("{}", json!({"lines": told.len(), "changes": told, "warnings": []}));
    Ok(Answer::Done)
}
