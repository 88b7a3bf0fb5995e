//! `meridian settle`.

use crate::answer::Answer;

/// Arguments of `meridian settle`.
#[derive(clap::Args)]
pub struct Args {}

/// Runs `meridian settle`.
pub fn run(_args: Args) -> Answer {
    Answer::Wrong("this subcommand is not in this build yet".into())
}
