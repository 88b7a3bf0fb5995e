//! `meridian route distance`: along a maritime network, or rail and road lines.

use std::path::Path;

use meridian_corridor::{Distance, Lines, Measure, Place, great_circle};
use serde_json::json;

use super::ask::network_of;
use crate::answer::Answer;
use crate::trouble::trouble;

/// Arguments of `meridian route distance`.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// A maritime network as GeoJSON lines
    #[arg(long, value_name = "FILE", conflicts_with = "lines", required_unless_present = "lines")]
    sea: Option<String>,
    /// Rail or road lines as GeoJSON
    #[arg(long, value_name = "FILE")]
    lines: Option<String>,
    /// A network whose node ids the ends may be
    #[arg(long, value_name = "DIR")]
    network: Option<String>,
    /// A passage to be closed: suez, panama, bosporus
    #[arg(long, value_name = "PASSAGE")]
    close: Vec<String>,
    /// A passage to be opened: northwest, volga_don
    #[arg(long, value_name = "PASSAGE")]
    allow: Vec<String>,
    /// Degrees north, degrees east (22.74,69.71), or a node's id
    #[arg(allow_hyphen_values = true)]
    from: String,
    /// Degrees north, degrees east (27.10,56.06), or a node's id
    #[arg(allow_hyphen_values = true)]
    to: String,
    /// One JSON document
    #[arg(long)]
    json: bool,
}

/// Runs it.
pub(crate) fn run(args: &Args) -> Result<Answer, String> {
    let file = args.sea.as_ref().or(args.lines.as_ref()).ok_or("give --sea FILE or --lines FILE")?;
    let bytes = std::fs::read(file).map_err(|error| trouble(file, &error))?;
    let lines = Lines::import(file, &bytes).map_err(|problem| problem.to_string())?;
    for name in args.close.iter().chain(&args.allow) {
        let is_known = lines.passages.contains(name) || Measure::USUALLY_CLOSED.contains(&name.as_str());
        if !is_known {
            return Err(format!(
                "{name}: these lines have no such passage; they have {}",
                lines.passages.join(", ")
            ));
        }
    }
    let network = args.network.as_ref().map(|directory| network_of(Path::new(directory))).transpose()?;
    let place = |text: &str| -> Result<Place, String> {
        let node = network.as_ref().and_then(|network| Some(network.nodes()[network.node(text)?].place()));
        node.or_else(|| Place::parse(text)).ok_or_else(|| {
            format!("{text}: write degrees north and east, 22.74,69.71, or a node's id with --network")
        })
    };
    let (from, to) = (place(&args.from)?, place(&args.to)?);
    let usual =
        Measure::USUALLY_CLOSED.into_iter().filter(|name| !args.allow.iter().any(|allowed| allowed == name));
    let closed: Vec<&str> = usual.chain(args.close.iter().map(String::as_str)).collect();
    let answer = match Measure::new(lines, &closed).distance(from, to) {
        Ok(found) => {
            tell(args, &found);
            Answer::Done
        }
        Err(refusal) => {
            let crow = great_circle(from, to);
            if args.json {
                let refusal = json!({"code": refusal.code, "what": refusal.what, "rule": refusal.rule, "next": refusal.next});
                println!("{}", json!({"refusal": refusal, "great_circle_km": km(crow)}));
            } else {
                println!("{refusal}");
            }
            Answer::Refused
        }
    };
    Ok(answer)
}

fn km(metres: u64) -> String {
    format!("{}.{}", metres / 1000, metres % 1000 / 100)
}

fn tell(args: &Args, found: &Distance) {
    // A nautical mile is 1,852 m.
    let miles = found.metres * 10 / 1852;
    if args.json {
        let shown = json!({
            "km": km(found.metres), "nautical_miles": format!("{}.{}", miles / 10, miles % 10),
            "along_km": km(found.along), "gap_km": found.gaps.map(km), "great_circle_km": km(found.great_circle),
            "passages": found.passages,
            "way": found.way.iter().map(|place| [place.east, place.north]).collect::<Vec<_>>(),
        });
        println!("{shown}");
    } else {
        println!(
            "{} km ({}.{} nautical miles): {} along the lines, snapped over {} and {} km; great circle {} km; by {}",
            km(found.metres),
            miles / 10,
            miles % 10,
            km(found.along),
            km(found.gaps[0]),
            km(found.gaps[1]),
            km(found.great_circle),
            if found.passages.is_empty() { "no passage".to_owned() } else { found.passages.join(", ") }
        );
    }
}
