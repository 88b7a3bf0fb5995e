//! `meridian route import-gtfs`: a published timetable as a network's nodes and services.

use std::collections::BTreeMap;
use std::io::Read as _;
use std::path::Path;

use meridian_corridor::{GtfsTerms, Mode, import_gtfs};

use crate::answer::Answer;
use crate::trouble::trouble;

/// Arguments of `meridian route import-gtfs`.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// The feed's archive
    feed: String,
    /// Where nodes.csv and services.csv are written
    #[arg(long, value_name = "DIR")]
    out: String,
    /// How its trips travel: rail, road, sea
    #[arg(long)]
    mode: String,
    /// Railway gauge in millimetres
    #[arg(long)]
    gauge: Option<u16>,
    /// Where its stops lie: ISO 3166
    #[arg(long)]
    country: String,
    /// Minutes its clocks are ahead of UTC
    #[arg(long, default_value_t = 0, allow_hyphen_values = true)]
    ahead: i32,
    /// A stop that takes freight; all where none is named
    #[arg(long, value_name = "STOP_ID")]
    terminal: Vec<String>,
    /// Cents a TEU and kilometre: a feed has no freight price, so this is marked illustrative
    #[arg(long, value_name = "CENTS")]
    cents_per_teu_km: u32,
}

/// Runs it.
pub(crate) fn run(args: &Args) -> Result<Answer, String> {
    let told = |error: &dyn std::fmt::Display| format!("{}: {error}", args.feed);
    let file = std::fs::File::open(&args.feed).map_err(|error| trouble(&args.feed, &error))?;
    let mut archive = zip::ZipArchive::new(file).map_err(|error| told(&error))?;
    let mut files = BTreeMap::new();
    for number in 0..archive.len() {
        let mut entry = archive.by_index(number).map_err(|error| told(&error))?;
        let mut bytes = Vec::new();
        entry.read_to_end(&mut bytes).map_err(|error| told(&error))?;
        let name = entry.name().map_err(|error| told(&error))?.into_owned();
        files.insert(name, bytes);
    }
    let terms = GtfsTerms {
        mode: Mode::parse(&args.mode)
            .ok_or_else(|| format!("--mode {}: use rail, road or sea", args.mode))?,
        gauge: args.gauge,
        country: args.country.clone(),
        ahead_of_utc: args.ahead,
        terminals: args.terminal.iter().cloned().collect(),
        cents_per_teu_km: args.cents_per_teu_km,
    };
    let tables = import_gtfs(&files, &terms).map_err(|problems| {
        problems
            .iter()
            .take(20)
            .map(|problem| format!("{}/{problem}", args.feed))
            .collect::<Vec<_>>()
            .join("\n")
    })?;
    for (name, text) in [("nodes.csv", &tables.nodes), ("services.csv", &tables.services)] {
        let path = Path::new(&args.out).join(name);
        std::fs::write(&path, text).map_err(|error| trouble(&path, &error))?;
    }
    tables.notes.iter().for_each(|note| eprintln!("{note}"));
    println!("{} nodes, {} services", tables.nodes.lines().count() - 1, tables.services.lines().count() - 1);
    Ok(Answer::Done)
}
