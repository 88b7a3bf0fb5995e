//! `meridian backup` and `meridian restore`: a data directory to another place, and back.

use std::path::PathBuf;

use meridian_journal::{JournalError, copy_journal};
use serde_json::json;

use crate::answer::Answer;

/// Arguments of `meridian backup`.
///
/// Example: meridian backup .meridian/data /backup/2026-03-20
#[derive(clap::Args)]
pub struct BackupArgs {
    /// The data directory; it may be in use
    directory: PathBuf,
    /// Where to; a new directory
    to: PathBuf,
    /// One JSON document (the only form there is)
    #[arg(long)]
    json: bool,
}

/// Arguments of `meridian restore`.
///
/// Example: meridian restore /backup/2026-03-20 .meridian/data
#[derive(clap::Args)]
pub struct RestoreArgs {
    /// The backup
    from: PathBuf,
    /// The data directory to make; it must be empty or not there
    directory: PathBuf,
    /// One JSON document (the only form there is)
    #[arg(long)]
    json: bool,
}

/// Runs `meridian backup`.
pub fn backup(args: &BackupArgs) -> Answer {
    let _ = args.json;
    copy(&args.directory, &args.to)
}

/// Runs `meridian restore`.
pub fn restore(args: &RestoreArgs) -> Answer {
    let _ = args.json;
    copy(&args.from, &args.directory)
}

fn copy(from: &std::path::Path, to: &std::path::Path) -> Answer {
    match copy_journal(from, to) {
        Ok((end, id)) => {
            let id: String = id.0.iter().map(|byte| format!("{byte:02x}")).collect();
            println!(
                "{}",
                json!({"batches": end.0, "last_id": id, "to": to.display().to_string(), "ok": true})
            );
            Answer::Done
        }
        Err(error @ JournalError::Damaged { .. }) => {
            println!("{}", json!({"ok": false, "error": error.to_string()}));
            Answer::Refused
        }
        Err(error) => Answer::Wrong(error.to_string()),
    }
}
