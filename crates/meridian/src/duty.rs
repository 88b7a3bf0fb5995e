//! `meridian duty`.

use crate::answer::Answer;

/// Arguments of `meridian duty`.
#[derive(clap::Args)]
pub struct Args {}

/// Runs `meridian duty`.
pub fn run(_args: Args) -> Answer {
    Answer::Wrong("this subcommand is not in this build yet".into())
}
