//! `meridian sim`: the simulated world of crashes, torn writes and lost messages.

use std::io::IsTerminal;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};
use meridian_sim::{Protections, run as live};
use serde_json::json;

use crate::answer::Answer;

/// Arguments of `meridian sim`.
///
/// Example: meridian sim --seeds 2000 --json
///
/// A seed is a whole world in one thread: node, standby, store, medium, clock, banks and card switches. The same seed is
/// the same world; one that breaks a law prints what happened last, and is run again with --from SEED --seeds 1.
#[derive(clap::Args)]
pub struct Args {
    /// How many worlds
    #[arg(long, default_value_t = 1)]
    seeds: u64,
    /// The first world's seed
    #[arg(long, default_value_t = 0)]
    from: u64,
    /// One JSON document
    #[arg(long)]
    json: bool,
}

/// Runs `meridian sim`.
pub fn run(args: &Args) -> Answer {
    let Some(end) = args.from.checked_add(args.seeds) else {
        return Answer::Wrong("--from and --seeds go beyond the last seed".into());
    };
    let progress =
        if std::io::stderr().is_terminal() { ProgressBar::new(args.seeds) } else { ProgressBar::hidden() };
    if let Ok(style) = ProgressStyle::with_template("{pos}/{len} worlds {wide_bar} {eta}") {
        progress.set_style(style);
    }
    progress.enable_steady_tick(Duration::from_millis(500));
    let (mut failed, mut events, mut power_cuts, mut terms, mut acknowledged) = (Vec::new(), 0, 0, 0, 0);
    for seed in args.from..end {
        match live(seed, Protections::default()) {
            Ok(seen) => {
                events += seen.events;
                power_cuts += seen.power_cuts;
                terms += seen.terms;
                acknowledged += seen.acknowledged;
            }
            Err(failure) => {
                progress.suspend(|| eprintln!("{failure}"));
                failed.push(json!({"seed": failure.seed, "step": failure.step, "broke": failure.broke}));
            }
        }
        progress.inc(1);
    }
    progress.finish_and_clear();
    let count = failed.len();
    if args.json {
        println!(
            "{}",
            json!({
                "seeds": args.seeds,
                "failed": failed,
                "from": args.from,
                "events": events,
                "acknowledged": acknowledged,
                "power_cuts": power_cuts,
                "terms": terms,
            })
        );
    } else {
        println!(
            "{} worlds from seed {}: {count} broke a law; {events} events, {acknowledged} acknowledged answers, \
             {power_cuts} power cuts, {terms} terms",
            args.seeds, args.from
        );
    }
    if count == 0 { Answer::Done } else { Answer::Refused }
}
