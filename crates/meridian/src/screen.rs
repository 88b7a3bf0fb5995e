//! `meridian screen`.

use std::io::{BufRead, BufReader, Read, Write};
use std::path::Path;

use meridian_screening::{
    Birth, Gender, Hit, Kind, Lexicon, List, ListSet, OfacFiles, Pairing, Policy, Question, Verdict, country,
    import, import_ofac_csv, score_as, screen_down_to, screen_text,
};
use meridian_terms::Day;
use serde_json::{Value, json};

use crate::answer::Answer;
use crate::trouble::trouble;

/// Arguments of `meridian screen`.
///
/// Example: meridian screen --list un.xml names.txt
#[derive(clap::Args)]
pub struct Args {
    /// A list as published (UN, OFAC, EU or UK), a CSV with id and name, or a headerless TSV of id, kind, name; of
    /// OFAC's CSV set name sdn.csv or cons_prim.csv, the other files are read beside it
    #[arg(long)]
    list: Vec<String>,
    /// Name equivalences: a line for each name, `form, form => id`
    #[arg(long)]
    lexicon: Option<String>,
    /// Also tell what scores from this number on (0 to 1) below the decision line
    #[arg(long)]
    min_score: Option<String>,
    /// Answer unavailable under a list older than this many days; without it any age is taken and told
    #[arg(long)]
    oldest_days: Option<i32>,
    /// Score name pairs of a CSV with columns query and target, and where it has one, schema: what both name (Person,
    /// Company, Vessel...)
    #[arg(long)]
    pairs: Option<String>,
    /// One JSON document
    #[arg(long)]
    json: bool,
    /// One JSON line for each name, in the order they came in
    #[arg(long)]
    jsonl: bool,
    /// A file of names, one a line, or of JSON lines {name, type?, birth?, country?, gender?} or {text} for running
    /// text; - is standard input
    names: Option<String>,
}

/// Runs `meridian screen`.
pub fn run(args: Args) -> Answer {
    go(&args).unwrap_or_else(Answer::Wrong)
}

/// Loads a list by its form.
pub(crate) fn list_of(path: &str) -> Result<List, String> {
    let bytes = read(path)?;
    let modified = std::fs::metadata(path).and_then(|data| data.modified()).ok();
    let days = modified
        .and_then(|time| time.duration_since(std::time::UNIX_EPOCH).ok())
        .map_or(0, |since| i32::try_from(since.as_secs() / 86_400).unwrap_or(0));
    let day = Day::from_number(days);
    let name = Path::new(path).file_stem().and_then(|stem| stem.to_str()).unwrap_or("list");
    let imported = match beside(path, name) {
        Some((aliases, comments)) => {
            let read = |path: std::path::PathBuf| std::fs::read(path).unwrap_or_default();
            let (aliases, comments) = (read(aliases), read(comments));
            import_ofac_csv(name, day, OfacFiles { primary: &bytes, aliases: &aliases, comments: &comments })
        }
        None => import(name, day, &bytes),
    };
    imported.map_err(|refusal| format!("{path}: {refusal}"))
}

/// Where OFAC's aliases and comments lie when `path` is one of its primary files.
pub(crate) fn beside(path: &str, name: &str) -> Option<(std::path::PathBuf, std::path::PathBuf)> {
    let (aliases, comments) = match name.to_ascii_lowercase().as_str() {
        "sdn" if path.to_ascii_lowercase().ends_with(".csv") => ("alt.csv", "sdn_comments.csv"),
        "cons_prim" => ("cons_alt.csv", "cons_comments.csv"),
        _ => return None,
    };
    let is_upper = name.chars().all(|letter| !letter.is_lowercase());
    let told =
        |file: &str| Path::new(path).with_file_name(if is_upper { file.to_uppercase() } else { file.into() });
    Some((told(aliases), told(comments)))
}

fn read(path: &str) -> Result<Vec<u8>, String> {
    std::fs::read(path).map_err(|error| trouble(path, &error))
}

fn go(args: &Args) -> Result<Answer, String> {
    let lexicon = args.lexicon.as_deref().map(|path| {
        read(path).and_then(|bytes| Lexicon::import(&bytes).map_err(|refusal| format!("{path}: {refusal}")))
    });
    let lexicon = lexicon.transpose()?;
    if let Some(pairs) = &args.pairs {
        return score_pairs(pairs, lexicon.as_ref(), args.json);
    }
    let names = args.names.as_deref().ok_or("name a file of names, or - for standard input")?;
    let lists = args.list.iter().map(|path| list_of(path)).collect::<Result<Vec<_>, _>>()?;
    let lists = match lexicon {
        Some(lexicon) => ListSet::with_lexicon(lists, lexicon),
        None => ListSet::of(lists),
    };
    let policy = Policy::default().oldest(args.oldest_days.unwrap_or(i32::MAX));
    let least = args.min_score.as_deref().map(thousandths).transpose()?.unwrap_or(policy.hit_from);
    let input: Box<dyn Read> = if names == "-" {
        Box::new(std::io::stdin())
    } else {
        Box::new(std::fs::File::open(names).map_err(|error| trouble(names, &error))?)
    };
    let today = now();
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    let (mut all_clear, mut collected) = (true, Vec::new());
    for (number, line) in BufReader::new(input).lines().enumerate() {
        let line = line.map_err(|error| format!("{names}:{}: {error}", number + 1))?;
        if line.trim().is_empty() {
            continue;
        }
        let (name, verdict) = match line.starts_with('{') {
            true => {
                let asked: Value = serde_json::from_str(&line)
                    .map_err(|error| format!("{names}:{}:{}: {error}", number + 1, error.column()))?;
                match asked["text"].as_str() {
                    Some(text) => (text.to_owned(), screen_text(&lists, text, &policy, today)),
                    None => {
                        let question =
                            question(&asked).map_err(|why| format!("{names}:{}:1: {why}", number + 1))?;
                        (question.name.clone(), screen_down_to(&lists, question, &policy, today, least))
                    }
                }
            }
            false => {
                let verdict = screen_down_to(&lists, line.as_str(), &policy, today, least);
                (line, verdict)
            }
        };
        let (word, hits) = match &verdict {
            Verdict::Clear => ("clear", Vec::new()),
            Verdict::Hit(hits) => {
                let is_hit = hits.iter().any(|hit| hit.is_exact || hit.score >= policy.hit_from);
                (if is_hit { "hit" } else { "clear" }, hits.iter().map(hit).collect())
            }
            Verdict::Unavailable(_) => ("unavailable", Vec::new()),
        };
        all_clear &= word == "clear";
        let mut answer = json!({"name": name, "decision": word, "hits": hits});
        if let Verdict::Unavailable(why) = &verdict {
            answer["why"] = json!(why);
        }
        if lists.has_test_list() {
            answer["test_list"] = json!(true);
        }
        let told = if args.jsonl {
            writeln!(out, "{answer}").and_then(|()| out.flush())
        } else if args.json {
            collected.push(answer);
            Ok(())
        } else {
            tell(&mut out, word, &name, &verdict)
        };
        told.map_err(|error| error.to_string())?;
    }
    if args.json {
        writeln!(out, "{}", Value::Array(collected)).map_err(|error| error.to_string())?;
    }
    Ok(if all_clear { Answer::Done } else { Answer::Refused })
}

/// A line for the name, and one for each hit with its reasons.
fn tell(out: &mut impl Write, word: &str, name: &str, verdict: &Verdict) -> std::io::Result<()> {
    writeln!(out, "{word}\t{name}")?;
    match verdict {
        Verdict::Clear => {}
        Verdict::Unavailable(why) => writeln!(out, "\t{why}")?,
        Verdict::Hit(hits) => {
            for hit in hits {
                let why = reasons(&hit.why).join("; ");
                writeln!(out, "\t{} {} {} {}\t{why}", decimal(hit.score), hit.list, hit.id, hit.matched)?;
            }
        }
    }
    Ok(())
}

/// `{name, type?, birth?, country?, gender?}`.
fn question(asked: &Value) -> Result<Question, String> {
    let text = |key: &str| asked[key].as_str().unwrap_or("");
    let mut question = Question::from(asked["name"].as_str().ok_or("no key name")?);
    question.kind = Kind::parse(text("type"));
    question.gender = Gender::parse(text("gender"));
    if !text("birth").is_empty() {
        let birth = Birth::parse(text("birth"));
        question.birth =
            Some(birth.ok_or("birth: write a year, a month or a day: 1962, 1962-05, 1962-05-17")?);
    }
    question.countries.extend(country(text("country")));
    Ok(question)
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

pub(crate) fn decimal(score: u32) -> String {
    format!("{}.{:03}", score / 1000, score % 1000)
}

/// Thousandths as the number JSON shows.
fn number(score: u32) -> Value {
    json!(f64::from(score) / 1000.0)
}

pub(crate) fn reasons(why: &[Pairing]) -> Vec<String> {
    let told = |pair: &Pairing| match (pair.asked.as_str(), pair.listed.as_str()) {
        (asked, "") => format!("{asked} = nothing (weight {})", pair.weight),
        ("", listed) => format!("nothing = {listed} (weight {})", pair.weight),
        (asked, listed) => {
            let (rule, likeness) = (pair.rule.word(), decimal(pair.likeness));
            format!("{asked} = {listed} ({rule} {likeness}, weight {})", pair.weight)
        }
    };
    why.iter().map(told).collect()
}

pub(crate) fn hit(hit: &Hit) -> Value {
    let mut why = reasons(&hit.why);
    why.extend(hit.qualifiers.iter().map(|also| format!("{} {:+}", also.what, also.adds)));
    json!({
        "list": hit.list,
        "id": hit.id,
        "matched": hit.matched,
        "score": number(hit.score),
        "exact": hit.is_exact,
        "why": why,
    })
}

fn score_pairs(path: &str, lexicon: Option<&Lexicon>, is_document: bool) -> Result<Answer, String> {
    let file = std::fs::File::open(path).map_err(|error| trouble(path, &error))?;
    let mut reader = csv::Reader::from_reader(file);
    let headers = reader.headers().map_err(|error| format!("{path}: {error}"))?.clone();
    let column = |name: &str| {
        headers
            .iter()
            .position(|header| header == name)
            .ok_or_else(|| format!("{path}:1:1: no column {name}; add it"))
    };
    let (query, target) = (column("query")?, column("target")?);
    let schema = headers.iter().position(|header| header == "schema");
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    let mut collected = Vec::new();
    for row in reader.records() {
        let row = row.map_err(|error| format!("{path}: {error}"))?;
        let (query, target) = (row.get(query).unwrap_or(""), row.get(target).unwrap_or(""));
        let kind = schema.and_then(|column| row.get(column)).map_or(Kind::Unknown, Kind::parse);
        let (points, why) = score_as(kind, query, target, lexicon);
        let is_match = points >= Policy::default().hit_from;
        let (score, why) = (number(points), reasons(&why));
        let answer = json!({"query": query, "target": target, "score": score, "match": is_match, "why": why});
        match is_document {
            true => collected.push(answer),
            false => writeln!(out, "{answer}").map_err(|error| error.to_string())?,
        }
    }
    if is_document {
        writeln!(out, "{}", Value::Array(collected)).map_err(|error| error.to_string())?;
    }
    Ok(Answer::Done)
}
