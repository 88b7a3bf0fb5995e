//! `meridian screen`.

use crate::answer::Answer;

/// Arguments of `meridian screen`.
#[derive(clap::Args)]
pub struct Args {}

/// Runs `meridian screen`.
pub fn run(_args: Args) -> Answer {
    Answer::Wrong("this subcommand is not in this build yet".into())
}
