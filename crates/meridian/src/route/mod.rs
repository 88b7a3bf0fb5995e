//! `meridian route`: plan, compare, when, map, distance, check.

use std::path::Path;

use clap::Subcommand;
use meridian_corridor::{Planner, Wish, compare};
use serde_json::json;

mod ask;
mod distance;
mod import;
mod map;
mod shown;

use crate::answer::Answer;
pub(crate) use ask::files_of;
use ask::{Ask, network_of};

/// Arguments of `meridian route`.
#[derive(clap::Args)]
pub struct Args {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    /// Every way that no other way beats in time, cost, emissions and lateness risk
    ///
    /// Example: meridian route plan --network examples/north-south/corridor --from INNSA --to RUMOW --depart 2026-03-20
    Plan {
        #[command(flatten)]
        ask: Box<Ask>,
        /// One JSON document
        #[arg(long)]
        json: bool,
    },
    /// The same question with and without overlays, leg by leg, and for a year's flow
    ///
    /// Example: meridian route compare --network examples/north-south/corridor --from INNSA --to RUMOW --depart
    /// 2026-03-20 --overlay examples/north-south/corridor/overlays/rasht-astara-1435.csv --flow 30000
    Compare {
        #[command(flatten)]
        ask: Box<Ask>,
        /// TEU a year that take this way
        #[arg(long, value_name = "TEU")]
        flow: Option<u32>,
        /// One JSON document
        #[arg(long)]
        json: bool,
    },
    /// When to ship: the best ways of every day of a window
    ///
    /// Example: meridian route when --network examples/north-south/corridor --from INNSA --to RUMOW --depart 2026-03-01 --days 30
    When {
        #[command(flatten)]
        ask: Box<Ask>,
        /// Days of the window
        #[arg(long, default_value_t = 14)]
        days: u16,
        /// One JSON document
        #[arg(long)]
        json: bool,
    },
    /// The fastest, cheapest, cleanest and surest routes on a map that prints
    ///
    /// Example: meridian route map --network examples/north-south/corridor --from INNSA --to RUMOW --depart 2026-03-20 --out map.svg
    Map(map::Args),
    /// A published timetable (GTFS) as a network's nodes and services
    ///
    /// Example: meridian route import-gtfs feed.zip --mode rail --gauge 1520 --country KZ --cents-per-teu-km 15 --out .
    ImportGtfs(import::Args),
    /// How far it is by sea, or along imported lines, with what was done to the ends
    ///
    /// Example: meridian route distance --sea marnet.geojson 22.74,69.71 27.10,56.06
    Distance(distance::Args),
    /// Is a network's pack sound: problems with file:row:column, and how much of it is estimated
    ///
    /// Example: meridian route check examples/north-south/corridor
    Check {
        /// Directory of the network's tables
        directory: String,
        /// One JSON document
        #[arg(long)]
        json: bool,
    },
}

/// Runs `meridian route`.
pub fn run(args: Args) -> Answer {
    let answer = match args.verb {
        Verb::Plan { ask, json } => plan_one(&ask, json),
        Verb::Compare { ask, flow, json } => compare_two(&ask, flow, json),
        Verb::When { ask, days, json } => when(&ask, days, json),
        Verb::Map(args) => map::run(&args),
        Verb::ImportGtfs(args) => import::run(&args),
        Verb::Distance(args) => distance::run(&args),
        Verb::Check { directory, json } => check(Path::new(&directory), json),
    };
    answer.unwrap_or_else(Answer::Wrong)
}

fn plan_one(ask: &Ask, json: bool) -> Result<Answer, String> {
    let base = network_of(Path::new(&ask.network))?;
    let network = ask.changed(&base)?;
    let found = ask.plan(&network)?;
    if json {
        println!("{}", shown::plan(ask, &network, &found));
    } else {
        shown::words(ask, &network, &found);
    }
    Ok(if found.routes.is_empty() { Answer::Refused } else { Answer::Done })
}

fn compare_two(ask: &Ask, flow: Option<u32>, json: bool) -> Result<Answer, String> {
    let base = network_of(Path::new(&ask.network))?;
    let changed = ask.changed(&base)?;
    let (before, after) = (ask.plan(&base)?, ask.plan(&changed)?);
    let teu = meridian_corridor::Load::parse(&ask.load).map_or(1, |load| load.total_teu());
    let found = compare(&before, &after);
    if json {
        // Nodes are the same on both, so either network names them.
        let wishes: serde_json::Map<String, serde_json::Value> = found
            .iter()
            .map(|one| (one.wish.word().to_owned(), shown::comparison(ask, &changed, one, teu, flow)))
            .collect();
        let sum = |wish: Wish| found.iter().find(|one| one.wish == wish);
        let difference = json!({
            "fastest_minutes": sum(Wish::Fastest).map(|one| one.difference.minutes),
            "cheapest_cents": sum(Wish::Cheapest).map(|one| one.difference.cost.minor().to_string()),
            "cleanest_grams": sum(Wish::Cleanest).map(|one| one.difference.grams),
            "wishes": wishes,
        });
        let answer = json!({
            "base": shown::plan(ask, &base, &before), "with": shown::plan(ask, &changed, &after), "difference": difference,
        });
        println!("{answer}");
    } else {
        for one in &found {
            shown::comparison_words(&changed, one, teu, flow);
        }
        if found.is_empty() {
            println!("Without:");
            shown::words(ask, &base, &before);
            println!("With:");
            shown::words(ask, &changed, &after);
        }
    }
    Ok(if found.is_empty() { Answer::Refused } else { Answer::Done })
}

fn when(ask: &Ask, days: u16, json: bool) -> Result<Answer, String> {
    let base = network_of(Path::new(&ask.network))?;
    let network = ask.changed(&base)?;
    let (modes, countries) = ask.avoided(&network)?;
    let question = ask.question(&modes, &countries)?;
    let found = Planner::new(&network, &question).departures(&question, days);
    let mut rows = Vec::new();
    for (day, plan) in &found {
        let best = |wish: Wish| wish.pick(plan);
        let (Some(fastest), Some(cheapest)) = (best(Wish::Fastest), best(Wish::Cheapest)) else {
            rows.push(json!({"depart": day.to_string(), "refusals": plan.excluded.iter().map(ToString::to_string).collect::<Vec<_>>()}));
            continue;
        };
        rows.push(json!({
            "depart": day.to_string(), "ways": plan.routes.len(), "truncated": plan.is_truncated,
            "fastest": {"hours": shown::hours(fastest.minutes), "amount": fastest.cost.amount().to_string()},
            "cheapest": {"hours": shown::hours(cheapest.minutes), "amount": cheapest.cost.amount().to_string()},
        }));
    }
    if json {
        println!("{}", json!({"departures": rows}));
    } else {
        for row in &rows {
            println!("{row}");
        }
    }
    let is_any = found.iter().any(|(_, plan)| !plan.routes.is_empty());
    Ok(if is_any { Answer::Done } else { Answer::Refused })
}

fn check(directory: &Path, json: bool) -> Result<Answer, String> {
    let files = ask::files_of(directory)?;
    match meridian_corridor::Network::load(&files) {
        Ok(network) => {
            let links = network.links();
            let guessed = |place: usize| links.iter().filter(|link| link.statuses[place].is_guess()).count();
            let shown = json!({
                "errors": [], "nodes": network.nodes().len(), "links": links.len(),
                "services": links.iter().filter(|link| link.service.is_some()).count(),
                "procedures": network.procedures().len(),
                "estimated": {"km": guessed(0), "hours": guessed(1), "cost": guessed(2)},
            });
            if json {
                println!("{shown}");
            } else {
                println!("{} is sound: {shown}", directory.display());
            }
            Ok(Answer::Done)
        }
        Err(problems) => {
            let errors: Vec<String> = problems.iter().map(ToString::to_string).collect();
            if json {
                println!("{}", json!({"errors": errors}));
            } else {
                errors.iter().for_each(|error| println!("{}/{error}", directory.display()));
            }
            Ok(Answer::Refused)
        }
    }
}
