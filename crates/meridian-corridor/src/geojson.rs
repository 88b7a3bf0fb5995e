//! GeoJSON (RFC 7946) of the network and of routes, for other people's maps.

use serde_json::{Value, json};

use crate::network::{Link, Network};
use crate::search::Route;

/// The network's nodes and links, and the routes' legs, as one `FeatureCollection`. Coordinates are as coarse as the pack's;
/// lines bend where the pack says so and are straight elsewhere.
#[must_use]
pub fn geojson(network: &Network, routes: &[&Route]) -> Value {
    let place = |node: usize| {
        let node = &network.nodes[node];
        json!([degrees(node.east), degrees(node.north)])
    };
    let line = |link: &Link, from: usize| {
        let bends = link.bends.iter().map(|(north, east)| json!([degrees(*east), degrees(*north)]));
        let mut places: Vec<Value> =
            std::iter::once(place(link.from)).chain(bends).chain([place(link.to)]).collect();
        if from != link.from {
            places.reverse();
        }
        json!({"type": "LineString", "coordinates": places})
    };
    let nodes = network.nodes.iter().enumerate().map(|(number, node)| {
        json!({
            "type": "Feature", "geometry": {"type": "Point", "coordinates": place(number)},
            "properties": {"layer": "node", "id": node.id, "name": node.name, "country": node.country, "kind": node.kind},
        })
    });
    let links = network.links.iter().map(|link| {
        json!({
            "type": "Feature", "geometry": line(link, link.from),
            "properties": {
                "layer": "link", "id": link.id, "mode": link.mode.word(), "gauge_mm": link.gauge, "km": link.metres / 1000,
                "minutes": link.minutes, "status": link.statuses[0].word(), "source": link.source,
                "operator": link.service.as_ref().map(|service| service.operator.as_str()),
            },
        })
    });
    let legs =
        routes.iter().enumerate().flat_map(|(number, route)| route.legs.iter().map(move |leg| (number, leg)));
    let legs = legs.map(|(number, leg)| {
        let link = network.links.iter().find(|link| link.id == leg.id && leg.from != leg.to);
        let geometry = link.map_or_else(|| json!({"type": "Point", "coordinates": place(leg.from)}), |link| line(link, leg.from));
        json!({
            "type": "Feature", "geometry": geometry,
            "properties": {
                "layer": "leg", "route": number + 1, "what": leg.kind.word(), "id": leg.id, "begins_minute": leg.begins,
                "minutes": leg.minutes, "cents": leg.cents, "co2e_g": leg.grams, "estimate": leg.reliance.time.is_guess(),
            },
        })
    });
    json!({"type": "FeatureCollection", "features": nodes.chain(links).chain(legs).collect::<Vec<_>>()})
}

/// Hundredths of a degree as a number.
fn degrees(hundredths: i32) -> f64 {
    f64::from(hundredths) / 100.0
}
