//! Routes as JSON and as words.

use meridian_corridor::{Comparison, Leg, Network, Plan, Route, Times, forecast_by, is_handling};
use serde_json::{Map, Value, json};

use super::ask::Ask;

/// Minutes as hours with one decimal.
pub(crate) fn hours(minutes: u32) -> String {
    format!("{}.{}", minutes / 60, minutes % 60 * 10 / 60)
}

fn signed_hours(minutes: i64) -> String {
    let (sign, size) = (if minutes < 0 { "-" } else { "" }, minutes.unsigned_abs());
    format!("{sign}{}.{}", size / 60, size % 60 * 10 / 60)
}

fn days(minutes: u32) -> String {
    format!("{}.{}", minutes / 1440, minutes % 1440 * 10 / 1440)
}

/// From one in ten to nine in ten; one figure where both are the same.
fn span(times: Times) -> String {
    let (least, most) = (days(times.p10), days(times.p90));
    if least == most { least } else { format!("{least} to {most}") }
}

fn per_mille(value: u16) -> String {
    format!("{}.{:03}", value / 1000, value % 1000)
}

fn share(percent: u8) -> String {
    format!("{}.{:02}", percent / 100, percent % 100)
}

/// A whole plan.
pub(crate) fn plan(ask: &Ask, network: &Network, found: &Plan) -> Value {
    json!({
        "routes": found.routes.iter().map(|found| route(ask, network, found)).collect::<Vec<_>>(),
        "truncated": found.is_truncated,
        "labels": found.labels,
        "refusals": found.excluded.iter().map(ToString::to_string).collect::<Vec<_>>(),
    })
}

/// One route.
pub(crate) fn route(ask: &Ask, network: &Network, route: &Route) -> Value {
    let deadline = ask.deadline.map(|days| u32::from(days) * 1440);
    let times = forecast_by(route, ask.samples, ask.seed, deadline);
    let mut known = times_shown(times.known);
    known.insert("mean".into(), json!(hours(route.minutes)));
    json!({
        "legs": route.legs.iter().map(|found| leg(network, found)).collect::<Vec<_>>(),
        "via": route.nodes().into_iter().map(|node| network.nodes()[node].id.as_str()).collect::<Vec<_>>(),
        "km": route.metres / 1000,
        "hours": known,
        "hours_if_estimates_hold": times_shown(times.assumed),
        "cost": {"amount": route.cost.amount().to_string(), "currency": route.cost.currency().code(), "per": ask.load},
        "co2e_kg": route.grams / 1000,
        "lateness_deviation_hours": hours(u32::try_from(route.variance.isqrt()).unwrap_or(u32::MAX)),
        "borders": route.borders,
        "gauge_changes": route.gauge_changes,
        "transfers": route.transfers,
        "estimated_share": share(route.estimated_percent),
        "estimated": {
            "hours_share": share(route.estimated_percent), "cost_share": share(route.estimated_cost_percent),
            "km_share": share(route.estimated_km_percent), "hours": hours(times.estimated_minutes),
        },
    })
}

fn times_shown(times: Times) -> Map<String, Value> {
    let mut shown = Map::new();
    for (name, minutes) in [("p10", times.p10), ("p50", times.p50), ("p90", times.p90)] {
        shown.insert(name.into(), json!(hours(minutes)));
    }
    if let Some(on_time) = times.on_time_per_mille {
        shown.insert("on_time".into(), json!(per_mille(on_time)));
    }
    shown.insert("missed_connection".into(), json!(per_mille(times.missed_per_mille)));
    shown
}

/// One leg.
pub(crate) fn leg(network: &Network, leg: &Leg) -> Value {
    json!({
        "what": leg.kind.word(), "id": leg.id,
        "from": network.nodes()[leg.from].id, "to": network.nodes()[leg.to].id,
        "begins_hour": hours(leg.begins), "km": leg.metres / 1000, "minutes": leg.minutes, "wait_minutes": leg.wait,
        "deviation_minutes": leg.deviation, "cents": leg.cents, "co2e_g": leg.grams, "operator": leg.operator,
        "estimate": leg.reliance.time.is_guess(),
        "status": {
            "km": leg.reliance.distance.word(), "hours": leg.reliance.time.word(), "spread": leg.reliance.spread.word(),
            "cost": leg.reliance.cost.word(), "departures": leg.reliance.departures.word(),
            "co2e": leg.reliance.emission.word(),
        },
        "reason": leg.reason,
    })
}

/// What a what-if does, wish by wish.
pub(crate) fn comparison(
    ask: &Ask,
    network: &Network,
    found: &Comparison<'_>,
    teu: u32,
    flow: Option<u32>,
) -> Value {
    let legs = |legs: &[&Leg]| legs.iter().map(|found| leg(network, found)).collect::<Vec<_>>();
    let handlings = |legs: &[&Leg]| {
        let named = legs.iter().filter(|leg| is_handling(leg));
        named
            .map(|leg| format!("{} at {} ({})", leg.kind.word(), network.nodes()[leg.from].name, leg.id))
            .collect::<Vec<_>>()
    };
    let difference = &found.difference;
    let mut shown = json!({
        "base": route(ask, network, found.base),
        "with": route(ask, network, found.with),
        "gone": legs(&found.gone), "come": legs(&found.come),
        "changed": found.changed.iter().map(|(a, b)| json!([leg(network, a), leg(network, b)])).collect::<Vec<_>>(),
        "handlings_gone": handlings(&found.gone), "handlings_come": handlings(&found.come),
        "hours": signed_hours(difference.minutes),
        "cost": {"amount": difference.cost.amount().to_string(), "currency": difference.cost.currency().code()},
        "co2e_kg": difference.grams / 1000,
        "gauge_changes": difference.gauge_changes, "transfers": difference.transfers,
    });
    if let Some(flow) = flow {
        let yearly = difference.of_a_year(teu, flow);
        shown["a_year"] = json!({
            "teu": yearly.teu, "box_hours": yearly.box_hours.to_string(),
            "cost": {"amount": yearly.cost.amount().to_string(), "currency": yearly.cost.currency().code()},
            "tonnes_co2e": yearly.tonnes_co2e.to_string(),
        });
    }
    shown
}

/// A plan for a person.
pub(crate) fn words(ask: &Ask, network: &Network, found: &Plan) {
    let deadline = ask.deadline.map(|days| u32::from(days) * 1440);
    for (number, route) in found.routes.iter().enumerate() {
        let times = forecast_by(route, ask.samples, ask.seed, deadline);
        println!(
            "{}. {} days planned ({}; {} if the estimates hold), {}, {} km, {} kg CO2e",
            number + 1,
            days(route.minutes),
            if times.known.p10 == times.known.p90 {
                "no source says what varies".to_owned()
            } else {
                format!("{} by what is known to vary", span(times.known))
            },
            span(times.assumed),
            route.cost,
            route.metres / 1000,
            route.grams / 1000,
        );
        if let (Some(known), Some(assumed)) = (times.known.on_time_per_mille, times.assumed.on_time_per_mille)
        {
            println!(
                "   on time: {} by what is known, {} if the estimates hold",
                per_mille(known),
                per_mille(assumed)
            );
        }
        println!(
            "   {} gauge changes, {} transfers; estimated: {} % of the time, {} % of the cost, {} % of the length",
            route.gauge_changes,
            route.transfers,
            route.estimated_percent,
            route.estimated_cost_percent,
            route.estimated_km_percent
        );
        let names: Vec<&str> =
            route.nodes().into_iter().map(|node| network.nodes()[node].name.as_str()).collect();
        println!("   {}", names.join(" > "));
    }
    if found.is_truncated {
        println!(
            "   stopped by the label budget: there may be better ways; ask again with --exact or --epsilon 1"
        );
    }
    for reason in &found.excluded {
        println!("   {reason}");
    }
}

/// A comparison for a person.
pub(crate) fn comparison_words(network: &Network, found: &Comparison<'_>, teu: u32, flow: Option<u32>) {
    let difference = &found.difference;
    println!(
        "{}: {} hours, {}, {} kg CO2e, {:+} gauge changes, {:+} transfers",
        found.wish.word(),
        signed_hours(difference.minutes),
        difference.cost,
        difference.grams / 1000,
        difference.gauge_changes,
        difference.transfers
    );
    let tell = |sign: &str, leg: &Leg| {
        let (from, to) = (&network.nodes()[leg.from].name, &network.nodes()[leg.to].name);
        let place = if from == to { from.clone() } else { format!("{from} to {to}") };
        println!(
            "   {sign} {} {} {place}: {} h, {} cents",
            leg.kind.word(),
            leg.id,
            hours(leg.minutes),
            leg.cents
        );
    };
    found.gone.iter().for_each(|leg| tell("-", leg));
    found.come.iter().for_each(|leg| tell("+", leg));
    for (before, after) in &found.changed {
        tell("was", before);
        tell("is ", after);
    }
    if let Some(flow) = flow {
        let yearly = difference.of_a_year(teu, flow);
        println!(
            "   a year of {} TEU: {} box-hours, {}, {} t CO2e",
            yearly.teu, yearly.box_hours, yearly.cost, yearly.tonnes_co2e
        );
    }
}
