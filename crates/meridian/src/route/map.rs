//! `meridian route map`: the best routes on a map that prints.

use std::path::Path;

use meridian_corridor::{Drawing, Place, draw_routes, geojson, wished};

use super::ask::{Ask, network_of};
use crate::answer::Answer;
use crate::trouble::trouble;

/// Arguments of `meridian route map`.
#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    ask: Box<Ask>,
    /// The SVG file to write
    #[arg(long, value_name = "FILE.svg")]
    out: String,
    /// The same as GeoJSON, with the whole network
    #[arg(long, value_name = "FILE.geojson")]
    geojson: Option<String>,
    /// Pixels across: 1280 for paper and desks, 390 for a phone
    #[arg(long, default_value_t = 1280, value_parser = clap::value_parser!(u16).range(240..=8000))]
    width: u16,
    /// Words above the map
    #[arg(long)]
    title: Option<String>,
    /// A shipment to be shown: "SHP-1=41.2,50.1"
    #[arg(long, value_name = "NAME=NORTH,EAST")]
    shipment: Vec<String>,
}

/// Runs it.
pub(crate) fn run(args: &Args) -> Result<Answer, String> {
    let base = network_of(Path::new(&args.ask.network))?;
    let network = args.ask.changed(&base)?;
    let found = args.ask.plan(&network)?;
    if found.routes.is_empty() {
        found.excluded.iter().for_each(|reason| println!("{reason}"));
        return Ok(Answer::Refused);
    }
    let shipments = args.shipment.iter().map(|text| {
        let parts =
            text.split_once('=').and_then(|(name, place)| Some((name.to_owned(), Place::parse(place)?)));
        parts.ok_or_else(|| format!("--shipment {text}: write NAME=NORTH,EAST"))
    });
    let name =
        |id: &str| network.node(id).map_or_else(|| id.to_owned(), |node| network.nodes()[node].name.clone());
    let usual = || format!("{} to {}, {}", name(&args.ask.from), name(&args.ask.to), args.ask.depart);
    let drawing = Drawing {
        title: args.title.clone().unwrap_or_else(usual),
        ways: wished(&found),
        shipments: shipments.collect::<Result<_, String>>()?,
        width: args.width,
    };
    write(&args.out, &draw_routes(&network, &drawing))?;
    if let Some(file) = &args.geojson {
        write(
            file,
            &geojson(&network, &drawing.ways.iter().map(|(_, route)| *route).collect::<Vec<_>>()).to_string(),
        )?;
    }
    Ok(Answer::Done)
}

fn write(file: &str, text: &str) -> Result<(), String> {
    std::fs::write(file, text).map_err(|error| trouble(file, &error))
}
