//! `meridian bench`: the figures of `docs/numbers.md`, each beside its limit or rival in the same run.

use std::path::PathBuf;

use meridian_bench::{Figure, Setting, names};
use serde_json::{Value, json};

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
    let setting = Setting { data: args.data, scratch: args.scratch };
    match meridian_bench::run(&name, &setting) {
        Err(why) => Answer::Wrong(format!("bench {why}")),
        Ok(figures) => {
            if args.json {
                let figures: Vec<Value> = figures.iter().map(document).collect();
                println!("{}", json!({"name": name, "figures": figures}));
            } else {
                figures.iter().for_each(tell);
            }
            Answer::Done
        }
    }
}

fn document(figure: &Figure) -> Value {
    let beside: Vec<Value> = figure
        .beside
        .iter()
        .map(|beside| json!({"what": beside.what, "value": beside.value, "ratio": figure.value / beside.value, "note": beside.note}))
        .collect();
    json!({"what": figure.what, "value": figure.value, "unit": figure.unit, "beside": beside})
}

fn tell(figure: &Figure) {
    println!("{}: {:.3} {}", figure.what, figure.value, figure.unit);
    for beside in &figure.beside {
        let ratio = figure.value / beside.value;
        println!("    {}: {:.3} {} (ratio {ratio:.2})", beside.what, beside.value, figure.unit);
        if !beside.note.is_empty() {
            println!("        {}", beside.note);
        }
    }
}
