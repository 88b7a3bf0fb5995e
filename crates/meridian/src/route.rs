//! `meridian route plan` and `meridian route compare`.

use std::collections::BTreeMap;
use std::path::Path;

use clap::Subcommand;
use meridian_corridor::{
    Excluded, Leg, LegKind, Load, Mode, Network, Overlay, Plan, Question, Route, forecast, plan,
};
use meridian_terms::{Day, Moment};
use serde_json::{Value, json};

use crate::answer::Answer;

/// Arguments of `meridian route`.
#[derive(clap::Args)]
pub struct Args {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    /// Every way that no other way beats in time, cost and emissions
    ///
    /// Example: meridian route plan --network examples/north-south/corridor --from INNSA --to RUMOW --depart 2026-03-20
    Plan(Ask),
    /// The same question with and without overlays, and the difference
    ///
    /// Example: meridian route compare --network examples/north-south/corridor --from INNSA --to RUMOW --depart
    /// 2026-03-20 --overlay examples/north-south/corridor/overlays/rasht-astara-1435.csv
    Compare(Ask),
}

#[derive(clap::Args)]
struct Ask {
    /// Directory of the network's tables
    #[arg(long)]
    network: String,
    /// UN/LOCODE or the network's own id
    #[arg(long)]
    from: String,
    /// UN/LOCODE or the network's own id
    #[arg(long)]
    to: String,
    /// Day (2026-03-20) or moment (2026-03-20T08:00:00Z) the goods are ready
    #[arg(long)]
    depart: String,
    /// What is carried: 1xTEU, 2xFEU
    #[arg(long, default_value = "1xTEU")]
    load: String,
    /// A what-if: links added and removed
    #[arg(long)]
    overlay: Vec<String>,
    /// A mode or a country not to be used: road, sea, IR
    #[arg(long)]
    avoid: Vec<String>,
    /// Lift the label budget: the answer is exact, however long it takes
    #[arg(long)]
    exact: bool,
    /// One JSON document
    #[arg(long)]
    json: bool,
}

/// Runs `meridian route`.
pub fn run(args: Args) -> Answer {
    match args.verb {
        Verb::Plan(ask) => plan_one(&ask).unwrap_or_else(Answer::Wrong),
        Verb::Compare(ask) => compare(&ask).unwrap_or_else(Answer::Wrong),
    }
}

/// A directory's CSV files by name.
pub(crate) fn files_of(directory: &Path) -> Result<BTreeMap<String, Vec<u8>>, String> {
    let mut files = BTreeMap::new();
    let entries =
        std::fs::read_dir(directory).map_err(|error| format!("{}: {error}", directory.display()))?;
    for entry in entries.flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        if name.ends_with(".csv") {
            let bytes = std::fs::read(entry.path())
                .map_err(|error| format!("{}: {error}", entry.path().display()))?;
            files.insert(name, bytes);
        }
    }
    Ok(files)
}

/// Loads a network, or says every problem of its tables.
pub(crate) fn network_of(directory: &Path) -> Result<Network, String> {
    Network::load(&files_of(directory)?).map_err(|problems| {
        let lines: Vec<String> =
            problems.iter().map(|problem| format!("{}/{problem}", directory.display())).collect();
        lines.join("\n")
    })
}

fn overlays_of(ask: &Ask, network: &Network) -> Result<Vec<Overlay>, String> {
    let mut overlays = Vec::new();
    for path in &ask.overlay {
        let bytes = std::fs::read(path).map_err(|error| format!("{path}: {error}"))?;
        let overlay = Overlay::load(path, &bytes, network)
            .map_err(|problems| problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))?;
        overlays.push(overlay);
    }
    Ok(overlays)
}

fn teu_of(load: &str) -> Result<u32, String> {
    let wrong = || format!("--load {load}: write it like 1xTEU or 2xFEU");
    let (count, unit) = load.split_once('x').ok_or_else(wrong)?;
    let count: u32 = count.parse().map_err(|_| wrong())?;
    match unit {
        "TEU" => Ok(count),
        "FEU" => Ok(count * 2),
        _ => Err(wrong()),
    }
}

fn asked(ask: &Ask, network: &Network) -> Result<Plan, String> {
    let depart = match Day::parse(&ask.depart) {
        Ok(day) => day.start(),
        Err(_) => Moment::parse(&ask.depart).map_err(|refusal| format!("--depart: {refusal}"))?,
    };
    let avoid: Vec<Mode> = ask.avoid.iter().filter_map(|word| Mode::parse(word)).collect();
    let countries: Vec<&str> =
        ask.avoid.iter().filter(|word| Mode::parse(word).is_none()).map(String::as_str).collect();
    let question = Question {
        from: &ask.from,
        to: &ask.to,
        depart,
        load: Load { teu: teu_of(&ask.load)? },
        avoid: &avoid,
        avoid_countries: &countries,
        budget: if ask.exact { usize::MAX } else { 2_000_000 },
    };
    Ok(plan(network, &question))
}

fn plan_one(ask: &Ask) -> Result<Answer, String> {
    let base = network_of(Path::new(&ask.network))?;
    let network = base.with(&overlays_of(ask, &base)?);
    let found = asked(ask, &network)?;
    if ask.json {
        println!("{}", shown(&network, &found));
    } else {
        words(&network, &found);
    }
    Ok(if found.routes.is_empty() { Answer::Refused } else { Answer::Done })
}

fn compare(ask: &Ask) -> Result<Answer, String> {
    let base = network_of(Path::new(&ask.network))?;
    let changed = base.with(&overlays_of(ask, &base)?);
    let (before, after) = (asked(ask, &base)?, asked(ask, &changed)?);
    let best = |found: &Plan, pick: fn(&Route) -> i128| found.routes.iter().map(pick).min();
    let difference = |pick: fn(&Route) -> i128| match (best(&before, pick), best(&after, pick)) {
        (Some(before), Some(after)) => json!(after - before),
        _ => Value::Null,
    };
    let difference = json!({
        "fastest_minutes": difference(|route| i128::from(route.minutes)),
        "cheapest_cents": difference(|route| route.cost.minor()),
        "cleanest_grams": difference(|route| i128::from(route.grams)),
        "transfers_fastest": json!([transfers(&base, before.routes.first()), transfers(&changed, after.routes.first())]),
    });
    let answer =
        json!({"base": shown(&base, &before), "with": shown(&changed, &after), "difference": difference});
    if ask.json {
        println!("{answer}");
    } else {
        println!("Without:");
        words(&base, &before);
        println!("With:");
        words(&changed, &after);
        println!("Difference: {difference}");
    }
    Ok(Answer::Done)
}

fn transfers(network: &Network, route: Option<&Route>) -> Vec<String> {
    let legs = route.into_iter().flat_map(|route| &route.legs);
    legs.filter(|leg| matches!(leg.kind, LegKind::Transfer | LegKind::GaugeChange | LegKind::Border))
        .map(|leg| {
            format!("{}: {}", network.nodes()[leg.from].name, leg.reason.split(':').next().unwrap_or(""))
        })
        .collect()
}

fn shown(network: &Network, found: &Plan) -> Value {
    let routes: Vec<Value> = found.routes.iter().map(|route| route_shown(network, route)).collect();
    json!({
        "routes": routes,
        "truncated": found.is_truncated,
        "refusals": found.excluded.iter().map(excluded).collect::<Vec<_>>(),
    })
}

fn route_shown(network: &Network, route: &Route) -> Value {
    let times = forecast(route, 2_000, 1);
    let hours = |minutes: u32| format!("{}.{}", minutes / 60, minutes % 60 * 10 / 60);
    json!({
        "legs": route.legs.iter().map(|leg| leg_shown(network, leg)).collect::<Vec<_>>(),
        "km": route.metres / 1000,
        "hours": {"p10": hours(times.p10), "p50": hours(times.p50), "p90": hours(times.p90), "mean": hours(route.minutes)},
        "cost": {"amount": route.cost.amount().to_string(), "currency": route.cost.currency().code(), "per": "load"},
        "co2e_kg": route.grams / 1000,
        "borders": route.borders,
        "gauge_changes": route.gauge_changes,
        "estimated_share": format!("0.{:02}", route.estimated_percent.min(99)),
    })
}

fn leg_shown(network: &Network, leg: &Leg) -> Value {
    let what = match leg.kind {
        LegKind::Travel(mode) => mode.word(),
        LegKind::Border => "border",
        LegKind::Transfer => "transfer",
        LegKind::GaugeChange => "gauge change",
        LegKind::Station => "station",
        LegKind::Ice => "ice convoy",
    };
    json!({
        "what": what, "from": network.nodes()[leg.from].id, "to": network.nodes()[leg.to].id,
        "km": leg.metres / 1000, "minutes": leg.minutes, "cents": leg.cents, "co2e_g": leg.grams,
        "estimate": leg.is_estimate, "reason": leg.reason,
    })
}

fn excluded(reason: &Excluded) -> String {
    match reason {
        Excluded::UnknownNode(id) => {
            format!("{id} is no node of this network; use a UN/LOCODE or id of nodes.csv")
        }
        Excluded::NoWay => "there is no way under these restrictions".into(),
        Excluded::OutOfSeason(count) => format!("{count} links were out of season"),
        Excluded::Avoided(count) => format!("{count} links were avoided as asked"),
    }
}

fn words(network: &Network, found: &Plan) {
    for (number, route) in found.routes.iter().enumerate() {
        let times = forecast(route, 2_000, 1);
        let days = |minutes: u32| format!("{}.{}", minutes / 1440, minutes % 1440 * 10 / 1440);
        println!(
            "{}. {} to {} days (half of journeys {}), {}, {} km, {} kg CO2e, {} gauge changes, {} % of the time estimated",
            number + 1,
            days(times.p10),
            days(times.p90),
            days(times.p50),
            route.cost,
            route.metres / 1000,
            route.grams / 1000,
            route.gauge_changes,
            route.estimated_percent
        );
        let names: Vec<&str> =
            route.nodes().into_iter().map(|node| network.nodes()[node].name.as_str()).collect();
        println!("   {}", names.join(" > "));
    }
    for reason in &found.excluded {
        println!("   {}", excluded(reason));
    }
}
