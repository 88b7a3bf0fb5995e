//! `meridian route`.

use crate::answer::Answer;

/// Arguments of `meridian route`.
#[derive(clap::Args)]
pub struct Args {}

/// Runs `meridian route`.
pub fn run(_args: Args) -> Answer {
    Answer::Wrong("this subcommand is not in this build yet".into())
}
