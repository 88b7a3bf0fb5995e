//! `meridian card decode`, `meridian card encode` and `meridian card dialects`.

use std::borrow::Cow;
use std::io::{BufRead, Read, Write};

use clap::Subcommand;
use meridian_iso8583::{Dialect, Draft, Entry, Fault, Framing, Message, Row, Showing};
use serde_json::{Map, Value, json};

use crate::answer::Answer;
use crate::trouble::trouble;

/// Arguments of `meridian card`.
#[derive(clap::Args)]
pub struct Args {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    /// Show an ISO 8583 message; card data masked unless --clear
    ///
    /// Example: meridian card decode --dialect iso87ascii 0800822000000000000004000000000000001124090000000042301
    Decode {
        /// A built-in dialect (see: card dialects), or a dialect file
        #[arg(long, value_name = "NAME|FILE.toml")]
        dialect: String,
        /// A length header before each message: ascii4, bcd2, binary2, binary4, binary2-inclusive, vml4
        #[arg(long, value_name = "NAME")]
        framing: Option<String>,
        /// Show card numbers, tracks and PIN blocks
        #[arg(long)]
        clear: bool,
        /// One JSON document
        #[arg(long)]
        json: bool,
        /// One JSON line for each message
        #[arg(long)]
        jsonl: bool,
        /// Messages in hexadecimal; - reads a message a line
        #[arg(required = true, value_name = "HEX")]
        messages: Vec<String>,
    },
    /// Make the bytes of an ISO 8583 message from what decode --clear --json gives
    ///
    /// Example: echo '{"mti":"0800","fields":{"7":"1124090000","11":"42","70":"301"}}' | meridian card encode --dialect
    /// iso87binary -
    Encode {
        /// A built-in dialect (see: card dialects), or a dialect file
        #[arg(long, value_name = "NAME|FILE.toml")]
        dialect: String,
        /// Put this length header in front: ascii4, bcd2, binary2, binary4, binary2-inclusive, vml4
        #[arg(long, value_name = "NAME")]
        framing: Option<String>,
        /// One JSON document
        #[arg(long)]
        json: bool,
        /// The file holds a JSON object a line; one JSON line for each
        #[arg(long)]
        jsonl: bool,
        /// JSON object with mti and fields; - is standard input
        file: String,
    },
    /// The built-in dialects
    ///
    /// Example: meridian card dialects
    Dialects {
        /// One JSON document
        #[arg(long)]
        json: bool,
    },
}

/// Runs `meridian card`.
pub fn run(args: Args) -> Answer {
    let done = match args.verb {
        Verb::Decode { dialect, framing, clear, json, jsonl, messages } => {
            let showing = if clear { Showing::Clear } else { Showing::Masked };
            decode(&dialect, framing.as_deref(), showing, Form::of(json, jsonl), &messages)
        }
        Verb::Encode { dialect, framing, json, jsonl, file } => {
            encode(&dialect, framing.as_deref(), Form::of(json, jsonl), &file)
        }
        Verb::Dialects { json } => dialects(json),
    };
    done.unwrap_or_else(Answer::Wrong)
}

#[derive(Clone, Copy, PartialEq)]
enum Form {
    Words,
    Document,
    Lines,
}

impl Form {
    fn of(json: bool, jsonl: bool) -> Self {
        match (json, jsonl) {
            (_, true) => Self::Lines,
            (true, false) => Self::Document,
            _ => Self::Words,
        }
    }
}

fn dialects(json: bool) -> Result<Answer, String> {
    if json {
        let known: Vec<Value> = Dialect::all_built_in()
            .map(|dialect| json!({"name": dialect.name(), "about": dialect.about(), "versions": dialect.versions()}))
            .collect();
        println!("{}", json!({"dialects": known}));
    } else {
        Dialect::all_built_in().for_each(|dialect| println!("{:28} {}", dialect.name(), dialect.about()));
    }
    Ok(Answer::Done)
}

fn dialect_of(name: &str) -> Result<Cow<'static, Dialect>, String> {
    if let Some(dialect) = Dialect::built_in(name) {
        return Ok(Cow::Borrowed(dialect));
    }
    if !name.ends_with(".toml") {
        let known: Vec<&str> = Dialect::all_built_in().map(Dialect::name).collect();
        return Err(format!("--dialect {name}: use a dialect file (.toml), or one of {}", known.join(", ")));
    }
    let text = std::fs::read_to_string(name).map_err(|error| trouble(name, &error))?;
    Dialect::parse(&text).map(Cow::Owned).map_err(|fault| format!("{name}: {fault}"))
}

fn framing_of(name: Option<&str>) -> Result<Option<Framing>, String> {
    let framing = |name: &str| {
        Framing::parse(name).ok_or_else(|| {
            format!("--framing {name}: use ascii4, bcd2, binary2, binary4, binary2-inclusive or vml4")
        })
    };
    name.map(framing).transpose()
}

fn decode(
    dialect: &str,
    framing: Option<&str>,
    showing: Showing,
    form: Form,
    messages: &[String],
) -> Result<Answer, String> {
    let (dialect, framing) = (dialect_of(dialect)?, framing_of(framing)?);
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    let (mut shown, mut all_ok) = (Vec::new(), true);
    let mut one = |text: &str, out: &mut dyn Write| -> Result<(), String> {
        let wire = wire_of(text)?;
        let answer = unframed(framing, &wire).and_then(|wire| Message::decode(&dialect, wire));
        all_ok &= answer.is_ok();
        let written = match (form, &answer) {
            (Form::Words, Ok(message)) => tell(message, showing, out),
            (Form::Words, Err(fault)) => writeln!(out, "refused: {fault}"),
            (Form::Document, answer) => {
                shown.push(document(answer, showing));
                Ok(())
            }
            (Form::Lines, answer) => {
                writeln!(out, "{}", document(answer, showing)).and_then(|()| out.flush())
            }
        };
        written.map_err(|error| error.to_string())
    };
    for message in messages {
        if message == "-" {
            for (number, line) in std::io::stdin().lock().lines().enumerate() {
                let line = line.map_err(|error| format!("standard input:{}: {error}", number + 1))?;
                if !line.trim().is_empty() {
                    one(line.trim(), &mut out)
                        .map_err(|why| format!("standard input:{}:{why}", number + 1))?;
                }
            }
        } else {
            one(message, &mut out).map_err(|why| format!("HEX:1:{why}"))?;
        }
    }
    if form == Form::Document {
        let document = if shown.len() == 1 { shown.remove(0) } else { Value::Array(shown) };
        writeln!(out, "{document}").map_err(|error| error.to_string())?;
    }
    out.flush().map_err(|error| error.to_string())?;
    Ok(if all_ok { Answer::Done } else { Answer::Refused })
}

/// The bytes of hexadecimal characters; spaces within are passed over. An error starts with its column.
fn wire_of(text: &str) -> Result<Vec<u8>, String> {
    let mut digits = Vec::with_capacity(text.len());
    for (column, c) in text.chars().enumerate().filter(|(_, c)| !c.is_whitespace()) {
        let digit = c.to_digit(16).and_then(|digit| u8::try_from(digit).ok());
        digits
            .push(digit.ok_or_else(|| {
                format!("{}: not a hexadecimal digit; give the bytes as pairs", column + 1)
            })?);
    }
    if digits.len() % 2 == 1 {
        return Err(format!("{}: an odd number of hexadecimal digits; give the bytes as pairs", text.len()));
    }
    Ok(digits.chunks(2).map(|pair| pair[0] << 4 | pair[1]).collect())
}

fn unframed(framing: Option<Framing>, wire: &[u8]) -> Result<&[u8], Fault> {
    let Some(framing) = framing else { return Ok(wire) };
    let fault = |what: &str| Fault {
        code: "iso8583.length",
        field: "header".into(),
        offset: Some(0),
        what: what.into(),
    };
    let length = framing.read(wire)?.ok_or_else(|| fault("the length header is cut off"))?;
    let message = &wire[framing.len()..];
    if message.len() == length { Ok(message) } else { Err(fault("the header says another length")) }
}

fn document(answer: &Result<Message<'_>, Fault>, showing: Showing) -> Value {
    let message = match answer {
        Ok(message) => message,
        Err(fault) => {
            let error =
                json!({"code": fault.code, "field": fault.field, "offset": fault.offset, "text": fault.what});
            return json!({"ok": false, "error": error});
        }
    };
    let (mut fields, mut details) = (Map::new(), Map::new());
    for row in message.describe(showing) {
        let into = if row.is_detail { &mut details } else { &mut fields };
        into.insert(row.path.clone(), value_of(row));
    }
    let mut document = json!({
        "ok": true,
        "dialect": message.dialect().name(),
        "mti": message.mti().as_str(),
        "bitmaps": message.bitmaps(),
        "fields": fields,
    });
    if !details.is_empty() {
        document["details"] = details.into();
    }
    if !message.lead().is_empty() {
        document["lead"] = hex(message.lead()).into();
    }
    document
}

/// Text, hexadecimal of a `b` field, or {"hex"} for bytes in a field of text.
fn value_of(row: Row) -> Value {
    if row.is_hex && !row.is_binary_field { json!({"hex": row.value}) } else { Value::String(row.value) }
}

fn tell(message: &Message<'_>, showing: Showing, out: &mut dyn Write) -> std::io::Result<()> {
    writeln!(out, "{} {}", message.mti(), message.dialect().name())?;
    let rows = message.describe(showing);
    let wide = rows.iter().map(|row| row.path.len()).max().unwrap_or(0);
    for row in rows {
        let mark = if row.is_hex { "x" } else { " " };
        writeln!(out, "  {:wide$}  {:44}{mark} {}", row.path, row.name, row.value)?;
    }
    Ok(())
}

fn encode(dialect: &str, framing: Option<&str>, form: Form, file: &str) -> Result<Answer, String> {
    let (dialect, framing) = (dialect_of(dialect)?, framing_of(framing)?);
    let mut text = String::new();
    let read = match file {
        "-" => std::io::stdin().read_to_string(&mut text),
        _ => std::fs::File::open(file).and_then(|mut file| file.read_to_string(&mut text)),
    };
    read.map_err(|error| trouble(file, &error))?;
    let mut all_ok = true;
    let mut one = |first_line: usize, text: &str| -> Result<(), String> {
        let place = |error: &serde_json::Error| {
            format!("{file}:{}:{}", first_line + error.line() - 1, error.column())
        };
        let document: Value = serde_json::from_str(text)
            .map_err(|error| format!("{}: {error}; give one JSON object", place(&error)))?;
        let draft = draft_of(&document).map_err(|why| format!("{file}:{first_line}:1: {why}"))?;
        let made = draft.and_then(|draft| draft.encode(&dialect)).and_then(|wire| framed(framing, wire));
        all_ok &= made.is_ok();
        match (form, made) {
            (Form::Words, Ok(wire)) => println!("{}", hex(&wire)),
            (Form::Words, Err(fault)) => println!("refused: {fault}"),
            (_, Ok(wire)) => println!("{}", json!({"ok": true, "hex": hex(&wire)})),
            (_, Err(fault)) => {
                let error = json!({"code": fault.code, "field": fault.field, "text": fault.what});
                println!("{}", json!({"ok": false, "error": error}));
            }
        }
        Ok(())
    };
    if form == Form::Lines {
        for (number, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
            one(number + 1, line)?;
        }
    } else {
        one(1, &text)?;
    }
    Ok(if all_ok { Answer::Done } else { Answer::Refused })
}

fn framed(framing: Option<Framing>, wire: Vec<u8>) -> Result<Vec<u8>, Fault> {
    let Some(framing) = framing else { return Ok(wire) };
    let mut whole = Vec::new();
    framing.write(wire.len(), &mut whole)?;
    whole.extend_from_slice(&wire);
    Ok(whole)
}

/// A message from its document: what is no document is an error of the call, a path the codec refuses a refusal.
fn draft_of(document: &Value) -> Result<Result<Draft, Fault>, String> {
    let mti =
        document["mti"].as_str().ok_or("no key \"mti\" with four digits; put the message type there")?;
    let fields =
        document["fields"].as_object().ok_or("no object \"fields\"; put the fields there by number")?;
    let mut draft = Draft::new(mti);
    if let Some(bitmaps) = document["bitmaps"].as_u64() {
        draft = draft.with_bitmaps(u8::try_from(bitmaps).map_err(|_| "\"bitmaps\" is 1, 2 or 3")?);
    }
    if let Some(lead) = document["lead"].as_str() {
        draft = draft.with_lead(wire_of(lead).map_err(|why| format!("\"lead\": {why}"))?);
    }
    for (path, value) in fields {
        let entry = match value {
            Value::String(text) => Entry::Text(text.clone()),
            Value::Number(number) => Entry::Text(number.to_string()),
            Value::Object(_) if value["hex"].is_string() => {
                let text = value["hex"].as_str().unwrap_or_default();
                Entry::Bytes(wire_of(text).map_err(|why| format!("field {path}: {why}"))?)
            }
            _ => return Err(format!("field {path} is neither text nor {{\"hex\": ..}}; quote it")),
        };
        if let Err(fault) = draft.set_path(path, entry) {
            return Ok(Err(fault));
        }
    }
    Ok(Ok(draft))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02X}")).collect()
}
