//! Routes and what-ifs as a page tells them: what varies and what nobody knows, apart.

use meridian_corridor::{
    ChartRow, Comparison, Leg, Network, Plan, Route, Times, compare, forecast, is_handling,
};

/// Simulated journeys for each route of a page.
const SAMPLES: u32 = 2_000;

/// Minutes as days with one decimal.
pub(super) fn days(minutes: u32) -> String {
    format!("{}.{}", minutes / 1440, minutes % 1440 * 10 / 1440)
}

/// Minutes as hours with one decimal.
pub(super) fn hours(minutes: u32) -> String {
    format!("{}.{}", minutes / 60, minutes % 60 * 10 / 60)
}

fn signed_hours(minutes: i64) -> String {
    let size = u32::try_from(minutes.unsigned_abs()).unwrap_or(u32::MAX);
    format!("{}{}", if minutes < 0 { "\u{2212}" } else { "+" }, hours(size))
}

fn signed(amount: impl std::fmt::Display) -> String {
    let text = amount.to_string();
    match text.strip_prefix('-') {
        Some(size) => format!("\u{2212}{size}"),
        None => format!("+{text}"),
    }
}

/// P10, P50 and P90 in days.
pub(super) struct Spread {
    pub(super) p10: String,
    pub(super) p50: String,
    pub(super) p90: String,
}

impl Spread {
    pub(super) fn of(times: Times) -> Self {
        Self { p10: days(times.p10), p50: days(times.p50), p90: days(times.p90) }
    }
}

/// A row of the front, with its legs where it is opened.
pub(super) struct RouteShown {
    pub(super) number: usize,
    pub(super) wishes: Vec<&'static str>,
    pub(super) planned: String,
    pub(super) known: Spread,
    pub(super) assumed: Spread,
    pub(super) estimated_days: String,
    pub(super) cost: String,
    pub(super) kilograms: u64,
    pub(super) km: u64,
    pub(super) gauge_changes: u32,
    pub(super) transfers: u32,
    pub(super) borders: String,
    /// Per cent of the time, the cost and the length that rest on estimates.
    pub(super) estimated: [u8; 3],
    pub(super) is_bearable: bool,
    /// Days, dollars, kilograms, days of deviation, for the sliders.
    pub(super) values: String,
    pub(super) via: String,
    pub(super) legs: Vec<LegShown>,
    pub(super) link: String,
}

impl RouteShown {
    pub(super) fn of(network: &Network, row: &ChartRow, route: &Route, is_open: bool, link: String) -> Self {
        let times = forecast(route, SAMPLES, 1);
        let short =
            |node: usize| network.nodes()[node].name.split(['/', '(']).next().unwrap_or_default().trim();
        let via: Vec<&str> = route.nodes().into_iter().map(short).collect();
        let [a, b, c, d] = row.values;
        Self {
            number: row.number,
            wishes: row.wishes.clone(),
            planned: days(route.minutes),
            known: Spread::of(times.known),
            assumed: Spread::of(times.assumed),
            estimated_days: days(times.estimated_minutes),
            cost: route.cost.to_string(),
            kilograms: route.grams / 1000,
            km: route.metres / 1000,
            gauge_changes: route.gauge_changes,
            transfers: route.transfers,
            borders: route.borders.join(", "),
            estimated: [route.estimated_percent, route.estimated_cost_percent, route.estimated_km_percent],
            is_bearable: row.is_bearable,
            values: format!("{a:.4},{b:.2},{c:.3},{d:.4}"),
            via: via.join(" \u{203a} "),
            legs: if is_open {
                route.legs.iter().map(|leg| LegShown::of(network, leg)).collect()
            } else {
                Vec::new()
            },
            link,
        }
    }
}

/// A leg, with what each of its figures rests on.
pub(super) struct LegShown {
    pub(super) what: &'static str,
    pub(super) place: String,
    pub(super) begins: String,
    pub(super) hours: String,
    pub(super) hours_status: &'static str,
    pub(super) wait: String,
    pub(super) km: String,
    pub(super) cost: String,
    pub(super) cost_status: &'static str,
    pub(super) kilograms: String,
    pub(super) id: String,
    pub(super) operator: String,
    pub(super) reason: String,
}

impl LegShown {
    pub(super) fn of(network: &Network, leg: &Leg) -> Self {
        let guessed = |status: meridian_corridor::Status| if status.is_guess() { status.word() } else { "" };
        let cents = leg.cents;
        Self {
            what: leg.kind.word(),
            place: place(network, leg),
            begins: days(leg.begins),
            hours: hours(leg.minutes),
            hours_status: guessed(leg.reliance.time),
            wait: if leg.wait == 0 { String::new() } else { hours(leg.wait) },
            km: if leg.metres == 0 { String::new() } else { (leg.metres / 1000).to_string() },
            cost: format!("{}.{:02}", cents / 100, cents % 100),
            cost_status: guessed(leg.reliance.cost),
            kilograms: if leg.grams == 0 { String::new() } else { (leg.grams / 1000).to_string() },
            id: leg.id.clone(),
            operator: leg.operator.clone().unwrap_or_default(),
            reason: leg.reason.clone(),
        }
    }
}

fn place(network: &Network, leg: &Leg) -> String {
    let (from, to) = (&network.nodes()[leg.from].name, &network.nodes()[leg.to].name);
    if from == to { from.clone() } else { format!("{from} \u{203a} {to}") }
}

/// What a what-if makes of one wish.
pub(super) struct Change {
    pub(super) wish: &'static str,
    pub(super) before: String,
    pub(super) after: String,
    pub(super) hours: String,
    pub(super) cost: String,
    pub(super) kilograms: String,
    pub(super) gauge_changes: String,
    pub(super) transfers: String,
    pub(super) handlings_gone: Vec<String>,
    pub(super) handlings_come: Vec<String>,
    pub(super) gone: Vec<String>,
    pub(super) come: Vec<String>,
    pub(super) changed: Vec<String>,
    pub(super) a_year: String,
    /// Whether anything is another than it was.
    pub(super) is_any: bool,
}

impl Change {
    pub(super) fn all(
        base: &Network,
        with: &Network,
        before: &Plan,
        after: &Plan,
        teu: u32,
        flow: Option<u32>,
    ) -> Vec<Self> {
        compare(before, after).iter().map(|one| Self::of(base, with, one, teu, flow)).collect()
    }

    fn of(base: &Network, with: &Network, found: &Comparison<'_>, teu: u32, flow: Option<u32>) -> Self {
        let told = |network: &Network, leg: &Leg| {
            format!(
                "{} {}: {} h, {} USD",
                leg.kind.word(),
                place(network, leg),
                hours(leg.minutes),
                leg.cents / 100
            )
        };
        let handlings = |network: &Network, legs: &[&Leg]| {
            let kept = legs.iter().filter(|leg| is_handling(leg));
            kept.map(|leg| format!("{} at {}", leg.kind.word(), network.nodes()[leg.from].name)).collect()
        };
        let lines = |network: &Network, legs: &[&Leg]| {
            legs.iter().filter(|leg| !is_handling(leg)).map(|leg| told(network, leg)).collect::<Vec<_>>()
        };
        let brief = |route: &Route| {
            format!("{} days, {}, {} kg", days(route.minutes), route.cost, route.grams / 1000)
        };
        let difference = found.difference;
        Self {
            wish: found.wish.word(),
            before: brief(found.base),
            after: brief(found.with),
            hours: signed_hours(difference.minutes),
            cost: signed(difference.cost.amount()),
            kilograms: signed(difference.grams / 1000),
            gauge_changes: signed(difference.gauge_changes),
            transfers: signed(difference.transfers),
            handlings_gone: handlings(base, &found.gone),
            handlings_come: handlings(with, &found.come),
            gone: lines(base, &found.gone),
            come: lines(with, &found.come),
            changed: found
                .changed
                .iter()
                .map(|(before, after)| {
                    format!(
                        "{}, now {} h, {} USD",
                        told(base, before),
                        hours(after.minutes),
                        after.cents / 100
                    )
                })
                .collect(),
            a_year: flow.map_or_else(String::new, |flow| {
                let yearly = difference.of_a_year(teu, flow);
                format!(
                    "{} box-hours, {} {}, {} t CO2e",
                    signed(yearly.box_hours),
                    signed(yearly.cost.amount()),
                    yearly.cost.currency(),
                    signed(yearly.tonnes_co2e)
                )
            }),
            is_any: !found.gone.is_empty() || !found.come.is_empty() || !found.changed.is_empty(),
        }
    }
}
