//! `meridian message check` and `meridian message show`.

use std::fs::File;
use std::io::{BufRead, BufReader, Read, Write};

use clap::Subcommand;
use meridian_iso20022::rules::{self, Profile};
use meridian_iso20022::{Document, Element, Violation, parts, read};
use serde_json::{Value, json};

use crate::answer::Answer;
use crate::trouble::trouble;

/// Arguments of `meridian message`.
#[derive(clap::Args)]
pub struct Args {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    /// Is a message valid: its schema, and a network's usage rules
    ///
    /// Example: meridian message check --profile cbpr pacs008.xml
    Check {
        /// Only the schema
        #[arg(long, conflicts_with = "profile")]
        schema_only: bool,
        /// Usage rules of a network: cbpr, nexus, fednow, hvps
        #[arg(long, default_value = "cbpr")]
        profile: String,
        /// Labelled documents, one JSON object a line with the document in `xml`; gzip where the name ends in .gz
        #[arg(long, value_name = "CASES.jsonl[.gz]")]
        cases: Option<String>,
        /// One JSON document
        #[arg(long)]
        json: bool,
        /// One JSON line for each input
        #[arg(long)]
        jsonl: bool,
        /// XML files; - is standard input
        files: Vec<String>,
    },
    /// Show a message to a person
    ///
    /// Example: meridian message show pacs008.xml
    Show {
        /// One JSON document
        #[arg(long)]
        json: bool,
        /// XML file; - is standard input
        file: String,
    },
}

/// Runs `meridian message`.
pub fn run(args: Args) -> Answer {
    match args.verb {
        Verb::Check { schema_only, profile, cases, json, jsonl, files } => {
            let profile = match Profile::parse(&profile) {
                Some(profile) => (!schema_only).then_some(profile),
                None => {
                    return Answer::Wrong(format!("--profile {profile}: use cbpr, nexus, fednow or hvps"));
                }
            };
            let form = if jsonl {
                Form::Lines
            } else if json {
                Form::Document
            } else {
                Form::Words
            };
            check(&files, cases.as_deref(), profile, form).unwrap_or_else(Answer::Wrong)
        }
        Verb::Show { json, file } => show(&file, json).unwrap_or_else(Answer::Wrong),
    }
}

#[derive(Clone, Copy, PartialEq)]
enum Form {
    Words,
    Document,
    Lines,
}

fn check(
    files: &[String],
    cases: Option<&str>,
    profile: Option<Profile>,
    form: Form,
) -> Result<Answer, String> {
    if files.is_empty() && cases.is_none() {
        return Err("name files, or --cases".into());
    }
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    let mut collected = Vec::new();
    let mut all_ok = true;
    let mut tell = |answer: Value, out: &mut dyn Write| -> Result<(), String> {
        all_ok &= answer["ok"] == true;
        match form {
            Form::Lines => {
                writeln!(out, "{answer}").and_then(|()| out.flush()).map_err(|error| error.to_string())
            }
            Form::Document => {
                collected.push(answer);
                Ok(())
            }
            Form::Words => {
                let words = if answer["ok"] == true {
                    format!("{}: {} is valid", text(&answer["source"]), text(&answer["message"]))
                } else {
                    let error = &answer["error"];
                    format!(
                        "{}: {}: {} ({})",
                        text(&answer["source"]),
                        text(&error["path"]),
                        text(&error["text"]),
                        text(&error["rule"])
                    )
                };
                writeln!(out, "{words}").map_err(|error| error.to_string())
            }
        }
    };
    for file in files {
        tell(verdict(file, &bytes_of(file)?, profile), &mut out)?;
    }
    if let Some(cases) = cases {
        let file = File::open(cases).map_err(|error| trouble(cases, &error))?;
        let reader: Box<dyn Read> = if cases.ends_with(".gz") {
            Box::new(flate2::read::GzDecoder::new(file))
        } else {
            Box::new(file)
        };
        for (number, line) in BufReader::new(reader).lines().enumerate() {
            let line = line.map_err(|error| format!("{cases}:{}: {error}", number + 1))?;
            let case: Value = serde_json::from_str(&line).map_err(|error| {
                format!("{cases}:{}:{}: {error}; one JSON object a line", number + 1, error.column())
            })?;
            let xml = case["xml"]
                .as_str()
                .ok_or_else(|| format!("{cases}:{}:1: no key \"xml\"; put the document there", number + 1))?;
            let source =
                case["source"].as_str().map_or_else(|| format!("{cases}:{}", number + 1), str::to_owned);
            tell(verdict(&source, xml.as_bytes(), profile), &mut out)?;
        }
    }
    if form == Form::Document {
        writeln!(out, "{}", Value::Array(collected)).map_err(|error| error.to_string())?;
    }
    out.flush().map_err(|error| error.to_string())?;
    Ok(if all_ok { Answer::Done } else { Answer::Refused })
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or("")
}

fn bytes_of(file: &str) -> Result<Vec<u8>, String> {
    if file == "-" {
        let mut bytes = Vec::new();
        std::io::stdin().read_to_end(&mut bytes).map_err(|error| format!("standard input: {error}"))?;
        return Ok(bytes);
    }
    std::fs::read(file).map_err(|error| trouble(file, &error))
}

/// The verdict on a document, or on every part of an envelope: all must be right.
fn verdict(source: &str, bytes: &[u8], profile: Option<Profile>) -> Value {
    let found = match parts(bytes) {
        Ok(found) => found,
        Err(violations) => return refused(source, None, &violations[0]),
    };
    if found.is_empty() {
        // Nothing this build knows: the reader says what is wrong.
        let violations = read(bytes).err().unwrap_or_default();
        let unknown =
            || Violation { path: "/".into(), rule: "namespace", text: "no message this build knows".into() };
        return refused(source, None, &violations.into_iter().next().unwrap_or_else(unknown));
    }
    let mut names = Vec::new();
    let mut header: Option<Document<'_>> = None;
    for part in &found {
        match read(part.xml.as_bytes()) {
            Err(violations) => return refused(source, None, &violations[0]),
            Ok(document) => {
                if let Some(profile) = profile {
                    let mut broken = rules::check(&document, profile);
                    if let Some(header) = &header {
                        broken.extend(rules::check_with_header(header, &document, profile));
                    }
                    if let Some(first) = broken.first() {
                        return refused(source, Some(document.message()), first);
                    }
                }
                names.push(document.message());
                // A header speaks of the document behind it.
                header = document.message().starts_with("head.001").then_some(document);
            }
        }
    }
    json!({"source": source, "ok": true, "message": names.join(" ")})
}

fn refused(source: &str, message: Option<&str>, violation: &Violation) -> Value {
    let error = json!({"path": violation.path, "rule": violation.rule, "text": violation.text});
    match message {
        Some(message) => json!({"source": source, "ok": false, "message": message, "error": error}),
        None => json!({"source": source, "ok": false, "error": error}),
    }
}

fn show(file: &str, json: bool) -> Result<Answer, String> {
    let bytes = bytes_of(file)?;
    let found = parts(&bytes).map_err(|violations| format!("{file}: {}", violations[0]))?;
    if found.is_empty() {
        return Err(format!("{file}: there is no message this build knows in it"));
    }
    let mut shown = Vec::new();
    for part in &found {
        let document = match read(part.xml.as_bytes()) {
            Ok(document) => document,
            Err(violations) => {
                eprintln!("{file}: {}", violations[0]);
                return Ok(Answer::Refused);
            }
        };
        let mut fields = Vec::new();
        document.root().children().for_each(|child| collect(child, "", &mut fields));
        if !json {
            println!("{}", document.message());
            let wide = fields.iter().map(|(path, _)| path.len()).max().unwrap_or(0).min(70);
            fields.iter().for_each(|(path, value)| println!("  {path:wide$}  {value}"));
        }
        let fields: Vec<Value> =
            fields.iter().map(|(path, value)| json!({"path": path, "value": value})).collect();
        shown.push(json!({"message": document.message(), "fields": fields}));
    }
    if json {
        let document = if shown.len() == 1 { shown.remove(0) } else { Value::Array(shown) };
        println!("{document}");
    }
    Ok(Answer::Done)
}

fn collect(element: Element<'_, '_>, path: &str, fields: &mut Vec<(String, String)>) {
    if element.is_any() {
        fields.push((path.to_owned(), element.raw().to_owned()));
        return;
    }
    let path = if path.is_empty() { element.name().to_owned() } else { format!("{path}/{}", element.name()) };
    let mut has_children = false;
    for child in element.children() {
        has_children = true;
        collect(child, &path, fields);
    }
    if !has_children {
        let amount = element.currency().map(|currency| format!("{currency} ")).unwrap_or_default();
        fields.push((path, format!("{amount}{}", element.text())));
    }
}
