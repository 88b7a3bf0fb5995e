//! `meridian screen`.

use std::io::{BufRead, BufReader, Read, Write};

use meridian_screening::{
    Hit, List, ListSet, Policy, Verdict, import_csv, import_tsv, import_un, score, screen,
};
use meridian_terms::Day;
use serde_json::{Value, json};

use crate::answer::Answer;

/// Arguments of `meridian screen`.
///
/// Example: meridian screen --list un.xml names.txt
#[derive(clap::Args)]
pub struct Args {
    /// A list: the UN's XML, a CSV of id,kind,name,aliases, or a headerless TSV of id, kind, name
    #[arg(long)]
    list: Vec<String>,
    /// Also tell what scores from this number on (0 to 1) below the decision line
    #[arg(long)]
    min_score: Option<String>,
    /// Score name pairs of a CSV with columns query and target
    #[arg(long)]
    pairs: Option<String>,
    /// One JSON document
    #[arg(long)]
    json: bool,
    /// One JSON line for each name
    #[arg(long)]
    jsonl: bool,
    /// A file of names, one a line, or of JSON lines with a key name; - is standard input
    names: Option<String>,
}

/// Runs `meridian screen`.
pub fn run(args: Args) -> Answer {
    go(&args).unwrap_or_else(Answer::Wrong)
}

/// Loads a list by its form.
pub(crate) fn list_of(path: &str) -> Result<List, String> {
    let bytes = std::fs::read(path).map_err(|error| format!("{path}: {error}"))?;
    let modified = std::fs::metadata(path).and_then(|data| data.modified()).ok();
    let days = modified
        .and_then(|time| time.duration_since(std::time::UNIX_EPOCH).ok())
        .map_or(0, |since| i32::try_from(since.as_secs() / 86_400).unwrap_or(0));
    let day = Day::from_number(days);
    let name = std::path::Path::new(path).file_stem().and_then(|stem| stem.to_str()).unwrap_or("list");
    let imported = if path.ends_with(".xml") {
        import_un(&bytes)
    } else if path.ends_with(".tsv") {
        import_tsv(name, day, &bytes)
    } else {
        import_csv(name, day, &bytes)
    };
    imported.map_err(|refusal| format!("{path}: {refusal}"))
}

fn go(args: &Args) -> Result<Answer, String> {
    if let Some(pairs) = &args.pairs {
        return score_pairs(pairs);
    }
    let names = args.names.as_deref().ok_or("name a file of names, or - for standard input")?;
    let lists = args.list.iter().map(|path| list_of(path)).collect::<Result<Vec<_>, _>>()?;
    let lists = ListSet::of(lists);
    let mut policy = Policy::default();
    let decision = policy.hit_from;
    if let Some(least) = &args.min_score {
        policy.hit_from = thousandths(least)?.min(decision);
    }
    let input: Box<dyn Read> = if names == "-" {
        Box::new(std::io::stdin())
    } else {
        Box::new(std::fs::File::open(names).map_err(|error| format!("{names}: {error}"))?)
    };
    let today = now();
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    let (mut all_clear, mut collected) = (true, Vec::new());
    for (number, line) in BufReader::new(input).lines().enumerate() {
        let line = line.map_err(|error| format!("{names}:{}: {error}", number + 1))?;
        if line.trim().is_empty() {
            continue;
        }
        let name = match line.starts_with('{') {
            true => {
                let asked: Value = serde_json::from_str(&line)
                    .map_err(|error| format!("{names}:{}:{}: {error}", number + 1, error.column()))?;
                asked["name"]
                    .as_str()
                    .ok_or_else(|| format!("{names}:{}:1: no key name", number + 1))?
                    .to_owned()
            }
            false => line,
        };
        let verdict = screen(&lists, &name, &policy, today);
        let (word, hits) = match &verdict {
            Verdict::Clear => ("clear", Vec::new()),
            Verdict::Hit(hits) if hits[0].score >= decision => ("hit", hits.iter().map(hit).collect()),
            Verdict::Hit(hits) => ("clear", hits.iter().map(hit).collect()),
            Verdict::Unavailable(_) => ("unavailable", Vec::new()),
        };
        all_clear &= word == "clear";
        let mut answer = json!({"name": name, "decision": word, "hits": hits});
        if let Verdict::Unavailable(why) = &verdict {
            answer["why"] = json!(why);
        }
        let told = if args.jsonl {
            writeln!(out, "{answer}").and_then(|()| out.flush())
        } else if args.json {
            collected.push(answer);
            Ok(())
        } else {
            writeln!(out, "{word}\t{}", answer["name"].as_str().unwrap_or(""))
        };
        told.map_err(|error| error.to_string())?;
    }
    if args.json {
        writeln!(out, "{}", Value::Array(collected)).map_err(|error| error.to_string())?;
    }
    Ok(if all_clear { Answer::Done } else { Answer::Refused })
}

fn now() -> Day {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    Day::from_number(i32::try_from(since.as_secs() / 86_400).unwrap_or(0))
}

fn thousandths(text: &str) -> Result<u32, String> {
    let decimal =
        meridian_terms::Decimal::parse(text).map_err(|refusal| format!("--min-score: {refusal}"))?;
    let scaled = decimal.rescaled(3, meridian_terms::Rounding::Floor);
    scaled
        .and_then(|scaled| u32::try_from(scaled.mantissa()).ok())
        .filter(|score| *score <= 1000)
        .ok_or_else(|| format!("--min-score {text}: a number from 0 to 1"))
}

fn decimal(score: u32) -> String {
    format!("{}.{:03}", score / 1000, score % 1000)
}

fn hit(hit: &Hit) -> Value {
    let why: Vec<String> = hit
        .why
        .iter()
        .map(|pair| format!("{} = {} ({})", pair.asked, pair.listed, decimal(pair.likeness)))
        .collect();
    json!({"list": hit.list, "id": hit.id, "matched": hit.matched, "score": decimal(hit.score), "why": why})
}

fn score_pairs(path: &str) -> Result<Answer, String> {
    let file = std::fs::File::open(path).map_err(|error| format!("{path}: {error}"))?;
    let mut reader = csv::Reader::from_reader(file);
    let headers = reader.headers().map_err(|error| format!("{path}: {error}"))?.clone();
    let column = |name: &str| {
        headers
            .iter()
            .position(|header| header == name)
            .ok_or_else(|| format!("{path}:1:1: no column {name}; add it"))
    };
    let (query, target) = (column("query")?, column("target")?);
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    for row in reader.records() {
        let row = row.map_err(|error| format!("{path}: {error}"))?;
        let (query, target) = (row.get(query).unwrap_or(""), row.get(target).unwrap_or(""));
        let (points, why) = score(query, target);
        let why: Vec<String> = why.iter().map(|pair| format!("{} = {}", pair.asked, pair.listed)).collect();
        let is_match = points >= Policy::default().hit_from;
        let answer = json!({"query": query, "target": target, "score": decimal(points), "match": is_match, "why": why});
        writeln!(out, "{answer}").map_err(|error| error.to_string())?;
    }
    Ok(Answer::Done)
}
