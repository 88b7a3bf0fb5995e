//! `meridian verify`: is a data directory sound.

use std::path::PathBuf;

use meridian_journal::{FileJournal, JournalError, LogSettings};
use meridian_node::{LAYOUT, verify};
use serde_json::json;

use crate::answer::Answer;

/// Arguments of `meridian verify`.
///
/// Example: meridian verify .meridian/day-0001
#[derive(clap::Args)]
pub struct Args {
    /// The data directory
    directory: PathBuf,
    /// One JSON document (the only form there is)
    #[arg(long)]
    json: bool,
}

/// Runs `meridian verify`.
pub fn run(args: Args) -> Answer {
    let _ = args.json;
    if !args.directory.is_dir() {
        return Answer::Wrong(format!("{}: there is no such directory", args.directory.display()));
    }
    // A directory in use is read beside its writer, as far as it was when this began.
    let opened = match FileJournal::open(&args.directory, LogSettings::default()) {
        Err(JournalError::Held(_)) => FileJournal::open_reading(&args.directory),
        other => other,
    };
    let told = match opened {
        Err(error) => Err((0, 0, error.to_string())),
        Ok(mut journal) => {
            verify(&mut journal, |_| {}).map_err(|error| (error.batches, error.events, error.why))
        }
    };
    match told {
        Ok(found) => {
            let [state, money] = [found.state_hash, found.money_hash]
                .map(|hash| blake3::Hash::from(hash).to_hex().to_string());
            println!(
                "{}",
                json!({
                    "batches": found.batches, "events": found.events, "layout": LAYOUT, "state_hash": state,
                    "money_hash": money, "ok": true,
                    "screening_audit": {"links": found.cases.count,
                                        "head": blake3::Hash::from(found.cases.head).to_hex().to_string()},
                })
            );
            Answer::Done
        }
        Err((batches, events, why)) => {
            println!(
                "{}",
                json!({"batches": batches, "events": events, "state_hash": null, "ok": false, "error": why})
            );
            Answer::Refused
        }
    }
}
