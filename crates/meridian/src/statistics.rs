//! `meridian statistics`: the figures of a journal, and the events each is made of.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use meridian_http::statistics::{Sheet, Wanted, csv, json, sheets, xlsx};
use meridian_journal::FileJournal;
use meridian_node::Tally;
use serde_json::json;

use crate::answer::Answer;
use crate::trouble::trouble;

/// Arguments of `meridian statistics`.
///
/// Example: meridian statistics .meridian/day-0001
#[derive(clap::Args)]
#[command(after_help = "\
Example: meridian statistics .meridian/day-0001 --xlsx figures.xlsx
         meridian statistics .meridian/day-0001 --events 'kind=committed&from=RU&to=IN'")]
pub struct Args {
    /// The data directory; it may be in use
    directory: PathBuf,
    /// One JSON document
    #[arg(long)]
    json: bool,
    /// Write every table to a CSV file
    #[arg(long)]
    csv: Option<PathBuf>,
    /// Write every table to a workbook
    #[arg(long)]
    xlsx: Option<PathBuf>,
    /// The events a figure is made of, as its `events` says
    #[arg(long)]
    events: Option<String>,
}

/// Runs `meridian statistics`.
pub fn run(args: &Args) -> Answer {
    match go(args) {
        Ok(()) => Answer::Done,
        Err(why) => Answer::Wrong(why),
    }
}

fn go(args: &Args) -> Result<(), String> {
    let mut journal = FileJournal::open_reading_trusting(&args.directory)
        .map_err(|error| format!("{}: {error}; name a data directory", args.directory.display()))?;
    if let Some(query) = &args.events {
        let wanted = Wanted::of(&pairs(query)?).map_err(|refusal| format!("--events: {refusal}"))?;
        let opened = wanted.open(&mut journal, 0, usize::MAX)?;
        for event in opened.events {
            println!(
                "{}",
                json!({"event": event.number, "at": event.at.to_string(), "actor": event.actor, "what": event.what,
                       "uetr": event.payment.map(|uetr| uetr.to_string()), "deal": event.deal})
            );
        }
        return Ok(());
    }
    let mut tally = Tally::start(&mut journal).map_err(|error| error.to_string())?;
    let kept = tally.events();
    tally.catch_up(&mut journal)?;
    let sheets = sheets(tally.statistics(), &BTreeMap::new());
    let written = [(&args.csv, csv as fn(&[Sheet]) -> _), (&args.xlsx, xlsx)];
    for (path, write) in written.into_iter().filter_map(|(path, write)| Some((path.as_deref()?, write))) {
        put(path, &write(&sheets)?)?;
    }
    if args.json {
        println!("{}", json(&sheets, tally.events()));
    } else {
        tell(&sheets);
    }
    let since = tally.events() - kept;
    eprintln!("as of event {}: {kept} kept as a view, {since} folded now", tally.events());
    Ok(())
}

fn put(path: &Path, bytes: &[u8]) -> Result<(), String> {
    std::fs::write(path, bytes).map_err(|error| trouble(path, &error))
}

/// `kind=committed&from=RU`.
fn pairs(query: &str) -> Result<BTreeMap<String, String>, String> {
    let pair = |part: &str| {
        let (name, value) =
            part.split_once('=').ok_or_else(|| format!("--events {query}: write NAME=VALUE&.."))?;
        Ok((name.to_owned(), unescaped(value)))
    };
    query.split('&').map(pair).collect()
}

fn unescaped(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        let two = [rest.clone().next(), rest.clone().nth(1)];
        let coded = match (byte, two) {
            (b'%', [Some(high), Some(low)]) => {
                u8::from_str_radix(&format!("{}{}", char::from(high), char::from(low)), 16).ok()
            }
            _ => None,
        };
        if let Some(coded) = coded {
            rest.nth(1);
            bytes.push(coded);
        } else {
            bytes.push(byte);
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// The tables for a person, each column as wide as it must be.
fn tell(sheets: &[Sheet]) {
    for sheet in sheets.iter().filter(|sheet| !sheet.rows.is_empty()) {
        println!("{}", sheet.title);
        let texts: Vec<Vec<String>> = sheet
            .rows
            .iter()
            .map(|row| row.cells.iter().map(meridian_http::statistics::Value::text).collect())
            .collect();
        let header: Vec<String> = sheet.columns.iter().map(|name| name.replace('_', " ")).collect();
        let width = |column: usize| {
            let all = texts.iter().chain([&header]);
            all.map(|row| row[column].chars().count()).max().unwrap_or(0)
        };
        let widths: Vec<usize> = (0..header.len()).map(width).collect();
        for (number, row) in std::iter::once(&header).chain(&texts).enumerate() {
            let cells = row.iter().zip(&widths).enumerate().map(|(column, (cell, width))| {
                let is_number = number > 0 && sheet.rows[number - 1].cells[column].is_number();
                if is_number { format!("{cell:>width$}") } else { format!("{cell:<width$}") }
            });
            println!("  {}", cells.collect::<Vec<_>>().join("  ").trim_end());
        }
        println!();
    }
}
