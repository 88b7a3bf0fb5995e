//! `meridian message`.

use crate::answer::Answer;

/// Arguments of `meridian message`.
#[derive(clap::Args)]
pub struct Args {}

/// Runs `meridian message`.
pub fn run(_args: Args) -> Answer {
    Answer::Wrong("this subcommand is not in this build yet".into())
}
