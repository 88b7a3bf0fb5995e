//! The tables' pictures: bars drawn by the hub, whose every bar opens its events.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use meridian_deal::{Month, Statistics};
use meridian_terms::{Currency, Money};

use super::Wanted;

/// A chart: its title and its SVG.
pub(crate) struct Chart {
    pub(crate) title: String,
    pub(crate) svg: String,
}

/// A bar: its name, its height, what is told of it, and what it opens.
struct Bar {
    name: String,
    height: i128,
    told: String,
    opens: Wanted,
}

/// Months shown at most, the newest.
const MONTHS: usize = 24;

/// Payments by month; what left across borders by month, a chart a currency; the share in national currencies by pair.
pub(crate) fn charts(statistics: &Statistics) -> Vec<Chart> {
    let mut payments: BTreeMap<Month, u64> = BTreeMap::new();
    let mut left: BTreeMap<Currency, BTreeMap<Month, i128>> = BTreeMap::new();
    for (month, flow, sums) in statistics.months() {
        *payments.entry(month).or_default() += sums.payments;
        if flow.crosses() {
            *left.entry(flow.source).or_default().entry(month).or_default() += sums.source;
        }
    }
    let bars = newest(&payments).map(|(month, count)| Bar {
        name: month.to_string(),
        height: i128::from(*count),
        told: format!("{month}: {count} payments"),
        opens: Wanted { month: Some(*month), ..Wanted::cells() },
    });
    let mut charts =
        vec![Chart { title: "Payments by month".into(), svg: columns(&bars.collect::<Vec<_>>()) }];
    charts.push(Chart {
        title: "Settled in both national currencies, per cent of payments by pair".into(),
        svg: columns(&pairs(statistics)),
    });
    for (currency, months) in &left {
        let bars = newest(months).map(|(month, minor)| Bar {
            name: month.to_string(),
            height: *minor,
            told: format!("{month}: {}", Money::new(*minor, *currency)),
            opens: Wanted { month: Some(*month), source: Some(*currency), ..Wanted::cells() },
        });
        let svg = columns(&bars.collect::<Vec<_>>());
        charts.push(Chart { title: format!("{currency} paid across borders, by month"), svg });
    }
    charts
}

fn newest<V>(months: &BTreeMap<Month, V>) -> impl Iterator<Item = (&Month, &V)> {
    months.iter().skip(months.len().saturating_sub(MONTHS))
}

fn pairs(statistics: &Statistics) -> Vec<Bar> {
    let shares = statistics.national_share(|country| statistics.national(country), |_| None);
    let bars = shares.into_iter().map(|((a, b), share)| {
        let (own, all) = share.payments;
        Bar {
            name: format!("{a}-{b}"),
            height: i128::from(own * 100 / all.max(1)),
            told: format!("{a}-{b}: {own} of {all} payments"),
            opens: Wanted { pair: Some([a, b]), ..Wanted::cells() },
        }
    });
    bars.collect()
}

/// Columns from left to right, the highest filling the chart. Lengths are whole user units.
fn columns(bars: &[Bar]) -> String {
    const HEIGHT: i128 = 120;
    const STEP: usize = 60;
    const WIDTH: usize = 44;
    let highest = bars.iter().map(|bar| bar.height).max().unwrap_or(0).max(1);
    let width = STEP * bars.len().max(6) + 12;
    let mut svg = format!(
        "<svg viewBox=\"0 0 {width} 160\" role=\"img\" xmlns=\"http://www.w3.org/2000/svg\"><line class=\"axis\" x1=\"0\" y1=\"132\" x2=\"{width}\" y2=\"132\"/>"
    );
    for (place, bar) in bars.iter().enumerate() {
        let height = (bar.height.max(0) * HEIGHT / highest).max(1);
        let (x, y) = (place * STEP + 6, 132 - height);
        let middle = x + WIDTH / 2;
        // A String takes everything.
        let _ = write!(
            svg,
            "<a href=\"/statistics/events?{}\"><title>{}</title><rect class=\"column\" x=\"{x}\" y=\"{y}\" width=\"{WIDTH}\" height=\"{height}\" rx=\"3\"/><text x=\"{middle}\" y=\"148\">{}</text></a>",
            bar.opens.query().replace('&', "&amp;"),
            bar.told,
            bar.name
        );
    }
    svg.push_str("</svg>");
    svg
}
