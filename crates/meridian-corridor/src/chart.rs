//! The Pareto front as a chart and a table, for a page.

#![expect(clippy::float_arithmetic, reason = "paper has no exact places")]

use std::fmt::Write as _;

use crate::compare::Wish;
use crate::map::escaped;
use crate::search::{Plan, Route};

/// What an axis shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Criterion {
    /// Planned days.
    Days,
    /// Cost in dollars.
    Dollars,
    /// Kilograms of CO2 equivalent.
    Kilograms,
    /// Deviation of the arrival, in days.
    Risk,
}

impl Criterion {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Days, Self::Dollars, Self::Kilograms, Self::Risk];

    /// The word for an axis.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Days => "days",
            Self::Dollars => "USD",
            Self::Kilograms => "kg CO2e",
            Self::Risk => "days of deviation",
        }
    }

    #[expect(clippy::cast_precision_loss, reason = "a chart is read by eye")]
    fn of(self, route: &Route) -> f64 {
        match self {
            Self::Days => f64::from(route.minutes) / 1440.0,
            Self::Dollars => route.cost.minor() as f64 / 100.0,
            Self::Kilograms => route.grams as f64 / 1000.0,
            Self::Risk => (route.variance as f64).sqrt() / 1440.0,
        }
    }
}

/// What somebody will bear at most; a criterion left out is not bounded. Dragging a criterion on a page is this.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Bearable {
    /// Days.
    pub days: Option<f64>,
    /// Dollars.
    pub dollars: Option<f64>,
    /// Kilograms of CO2 equivalent.
    pub kilograms: Option<f64>,
    /// Days of deviation.
    pub risk: Option<f64>,
}

impl Bearable {
    /// Whether a route is within all bounds.
    #[must_use]
    pub fn bears(&self, route: &Route) -> bool {
        let bounds = [self.days, self.dollars, self.kilograms, self.risk];
        Criterion::ALL
            .into_iter()
            .zip(bounds)
            .all(|(criterion, bound)| bound.is_none_or(|most| criterion.of(route) <= most))
    }
}

/// A row of the table beside the chart.
#[derive(Debug, Clone, PartialEq)]
pub struct ChartRow {
    /// Its number in the chart, from one.
    pub number: usize,
    /// `fastest`, `cheapest` and so on, where it is that.
    pub wishes: Vec<&'static str>,
    /// Days, dollars, kilograms, days of deviation.
    pub values: [f64; 4],
    /// Gauge changes and transfers.
    pub changes: (u32, u32),
    /// Per cent of time and cost that rest on estimates.
    pub estimated: (u8, u8),
    /// Whether it is within the bounds.
    pub is_bearable: bool,
}

/// The table of a plan.
#[must_use]
pub fn chart_rows(plan: &Plan, bearable: &Bearable) -> Vec<ChartRow> {
    let of = |(number, route): (usize, &Route)| ChartRow {
        number: number + 1,
        wishes: Wish::ALL.into_iter().filter(|wish| wish.pick(plan) == Some(route)).map(Wish::word).collect(),
        values: Criterion::ALL.map(|criterion| criterion.of(route)),
        changes: (route.gauge_changes, route.transfers),
        estimated: (route.estimated_percent, route.estimated_cost_percent),
        is_bearable: bearable.bears(route),
    };
    plan.routes.iter().enumerate().map(of).collect()
}

const WIDTH: f64 = 640.0;
const HEIGHT: f64 = 360.0;
const LEFT: f64 = 64.0;
const BOTTOM: f64 = 44.0;

/// The front as an SVG chart: one criterion across, one up, emissions as the size of the dots; what is out of bounds is
/// faint, and each dot links to `#route-N`. A second plan, as an overlay makes it, is drawn hollow on the same axes.
#[must_use]
pub fn chart(
    plan: &Plan,
    overlay: Option<&Plan>,
    across: Criterion,
    up: Criterion,
    bearable: &Bearable,
) -> String {
    let all = || plan.routes.iter().chain(overlay.into_iter().flat_map(|plan| &plan.routes));
    let range = |criterion: Criterion| {
        let most = all().map(|route| criterion.of(route)).fold(0.0, f64::max);
        if most > 0.0 { nice(most * 1.08) } else { 1.0 }
    };
    let (most_across, most_up, most_size) = (range(across), range(up), range(Criterion::Kilograms));
    let at = |route: &Route| {
        let x = (across.of(route) / most_across).mul_add(WIDTH - LEFT - 16.0, LEFT);
        let y = (up.of(route) / most_up).mul_add(-(HEIGHT - BOTTOM - 16.0), HEIGHT - BOTTOM);
        (x, y)
    };
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" role=\"img\" aria-label=\"{} by {}\"><style>{STYLE}</style>",
        escaped(up.word()),
        escaped(across.word())
    );
    for step in 0..=4 {
        let share = f64::from(step) / 4.0;
        let x = share.mul_add(WIDTH - LEFT - 16.0, LEFT);
        let y = share.mul_add(-(HEIGHT - BOTTOM - 16.0), HEIGHT - BOTTOM);
        let _ = write!(
            svg,
            "<path class=\"grid\" d=\"M{x:.1} 16V{:.1}M{LEFT} {y:.1}H{:.1}\"/><text class=\"tick\" x=\"{x:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{}</text>\
             <text class=\"tick\" x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\">{}</text>",
            HEIGHT - BOTTOM,
            WIDTH - 16.0,
            HEIGHT - BOTTOM + 16.0,
            label(share * most_across),
            LEFT - 6.0,
            y + 4.0,
            label(share * most_up)
        );
    }
    let _ = write!(
        svg,
        "<text class=\"axis\" x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\">{}</text><text class=\"axis\" x=\"{LEFT}\" y=\"12\">{}</text>",
        WIDTH - 16.0,
        HEIGHT - 8.0,
        escaped(across.word()),
        escaped(up.word())
    );
    let mut dots = |plan: &Plan, class: &str| {
        for (number, route) in plan.routes.iter().enumerate() {
            let (x, y) = at(route);
            let radius = (Criterion::Kilograms.of(route) / most_size).sqrt().mul_add(9.0, 4.0);
            let faint = if bearable.bears(route) { "" } else { " faint" };
            let _ = write!(
                svg,
                "<a href=\"#route-{n}\"><circle class=\"{class}{faint}\" cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"{radius:.1}\"><title>{n}: {:.1} days, {}, {} kg CO2e</title></circle>\
                 <text class=\"number{faint}\" x=\"{x:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{n}</text></a>",
                Criterion::Days.of(route),
                route.cost,
                route.grams / 1000,
                y + 3.5,
                n = number + 1
            );
        }
    };
    if let Some(overlay) = overlay {
        dots(overlay, "dot hollow");
    }
    dots(plan, "dot");
    svg.push_str("</svg>");
    svg
}

/// A round number at or above.
fn nice(value: f64) -> f64 {
    let unit = 10_f64.powf(value.log10().floor());
    [1.0, 2.0, 4.0, 5.0, 8.0, 10.0]
        .into_iter()
        .map(|step| step * unit)
        .find(|round| *round >= value)
        .unwrap_or(value)
}

fn label(value: f64) -> String {
    if value < 10.0 && value > 0.0 { format!("{value:.1}") } else { format!("{value:.0}") }
}

const STYLE: &str = ".grid{stroke:#ced4da;stroke-width:.6;fill:none}.tick,.axis,.number{font:11px system-ui,sans-serif;fill:#343a40}.axis{font-weight:650}\
.dot{fill:#0b7285;fill-opacity:.8;stroke:#fff;stroke-width:1}.hollow{fill:#fff;fill-opacity:.6;stroke:#d9480f;stroke-width:2}\
.number{font-size:9px;fill:#fff}.hollow+.number{fill:#d9480f}.faint{opacity:.25}";
