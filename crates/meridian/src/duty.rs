//! `meridian duty`.

use clap::Subcommand;

use crate::answer::Answer;
use crate::duty_origin;

/// Arguments of `meridian duty`.
#[derive(clap::Args)]
pub struct Args {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    /// Does this bill of materials qualify for a preference
    Origin(duty_origin::Args),
}

/// Runs `meridian duty`.
pub fn run(args: Args) -> Answer {
    match args.verb {
        Verb::Origin(args) => duty_origin::run(args),
    }
}
