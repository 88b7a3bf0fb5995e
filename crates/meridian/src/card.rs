//! `meridian card`.

use crate::answer::Answer;

/// Arguments of `meridian card`.
#[derive(clap::Args)]
pub struct Args {}

/// Runs `meridian card`.
pub fn run(_args: Args) -> Answer {
    Answer::Wrong("this subcommand is not in this build yet".into())
}
