//! `meridian bench`: the figures of `docs/numbers.md`, each beside its limit or rival in the same run.

use std::path::PathBuf;

use meridian_bench::{Setting, names};

use crate::answer::Answer;

/// Arguments of `meridian bench`.
///
/// Example: meridian bench ledger
#[derive(clap::Args)]
pub struct Args {
    /// Which bench; without one, their names
    name: Option<String>,
    /// The standards' samples and real tariffs
    #[arg(long, env = "MERIDIAN_TEST_DATA")]
    data: Option<PathBuf>,
    /// A directory on the disk to be measured
    #[arg(long, default_value = ".")]
    scratch: PathBuf,
    /// How long a sustained bench runs; a minute unless given
    #[arg(long)]
    seconds: Option<u64>,
    /// One JSON document
    #[arg(long)]
    json: bool,
}

/// Runs `meridian bench`.
pub fn run(args: Args) -> Answer {
    let Some(name) = args.name else {
        names().for_each(|name| println!("{name}"));
        return Answer::Done;
    };
    let setting = Setting { data: args.data, scratch: args.scratch, seconds: args.seconds };
    match meridian_bench::run(&name, &setting) {
        Err(why) => Answer::Wrong(format!("bench {why}")),
        Ok(figures) => {
            if args.json {
                println!("{}", meridian_bench::document(&name, &figures));
            } else {
                print!("{}", meridian_bench::page(&figures));
            }
            Answer::Done
        }
    }
}
