//! `cargo xtask golden [--accept]`: what is recorded in the repository of the program's own answers.
//!
//! The sessions in `docs/guide/sessions` are run by a test and compared with what they show; the reference is compared with
//! the source. With `--accept` both are recorded anew, to be read like code in the change that moved them.

use std::process::Command;

use crate::docs;

/// Compares or records.
pub(crate) fn run(rest: &[String]) -> Result<(), String> {
    let accept = rest.iter().any(|word| word == "--accept");
    docs::run(&if accept { vec![] } else { vec!["--check".to_owned()] })?;
    let program = std::env::var("CARGO").unwrap_or_else(|_| "cargo".into());
    let mut sessions = Command::new(program);
    sessions.args(["test", "--package", "meridian", "--test", "it", "--", "sessions::"]);
    if accept {
        sessions.env("MERIDIAN_GOLDEN", "accept");
    }
    let status = sessions.status().map_err(|error| format!("cargo test: {error}"))?;
    if status.success() { Ok(()) } else { Err("a session no longer shows what is recorded".into()) }
}
