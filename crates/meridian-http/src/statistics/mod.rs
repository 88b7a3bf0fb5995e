//! Statistics as tables: the same rows for the console, CSV, XLSX and JSON, each with the figure it opens.

mod charts;
mod files;
mod opened;

use std::collections::BTreeMap;
use std::sync::Arc;

use meridian_deal::{Flow, Month, Statistics, Sums};
use meridian_journal::Journal;
use meridian_terms::{Country, Currency, Money, Ratio, Rounding};

pub(crate) use charts::{Chart, charts};
pub use files::{csv, json, xlsx};
pub use opened::{Opened, OpenedEvent, Wanted};

/// Opens the journal beside its writer.
pub type OpenJournal = dyn Fn() -> Result<Box<dyn Journal>, String> + Send + Sync;

/// What statistics are told besides the hub.
#[derive(Clone, Default)]
pub struct Sources {
    /// Reads the journal, so that a figure opens its events; without it figures are shown and do not open.
    pub journal: Option<Arc<OpenJournal>>,
    /// What one unit of a currency is worth in the corridor's unit of comparison; what is not there is not compared.
    pub worth: Arc<BTreeMap<Currency, Ratio>>,
}

/// A cell of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// Words, a code, a month.
    Text(String),
    /// A count.
    Count(u64),
    /// An exact decimal: an amount in major units, a share, a ratio.
    Decimal(String),
    /// There is none.
    None,
}

/// A row, and what it opens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// In the order of the columns.
    pub cells: Vec<Value>,
    /// Which events it is made of.
    pub opens: Option<Wanted>,
}

/// A table of figures.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sheet {
    /// Its short name, for a file's sheet.
    pub name: &'static str,
    /// What it shows.
    pub title: &'static str,
    /// Its columns.
    pub columns: Vec<&'static str>,
    /// Its rows.
    pub rows: Vec<Row>,
}

/// Every table, in the order people read them.
#[must_use]
pub fn sheets(statistics: &Statistics, worth: &BTreeMap<Currency, Ratio>) -> Vec<Sheet> {
    vec![
        national(statistics, worth),
        growth(statistics),
        countries(statistics),
        months(statistics),
        chapters(statistics),
        netting(statistics),
        journeys(statistics),
        preferences(statistics),
        refusals(statistics),
    ]
}

fn amount(minor: i128, currency: Currency) -> Value {
    Value::Decimal(Money::new(minor, currency).amount().to_string())
}

fn text(value: impl ToString) -> Value {
    Value::Text(value.to_string())
}

/// `part` of `whole` as a decimal of four places, rounded half up.
fn ratio(part: i128, whole: i128) -> Value {
    let exact = Ratio::new(part, whole).ok().and_then(|ratio| ratio.to_decimal(4, Rounding::HalfUp));
    exact.map_or(Value::None, |decimal| Value::Decimal(decimal.to_string()))
}

fn national(statistics: &Statistics, worth: &BTreeMap<Currency, Ratio>) -> Sheet {
    let shares = statistics
        .national_share(|country| statistics.national(country), |currency| worth.get(&currency).cloned());
    let hundredths = |value: i128| {
        let unit = Ratio::new(value, 100).ok().and_then(|ratio| ratio.to_decimal(2, Rounding::HalfUp));
        unit.map_or(Value::None, |decimal| Value::Decimal(decimal.to_string()))
    };
    let rows = shares.into_iter().map(|((a, b), share)| {
        let ((own, all), (own_value, all_value)) = (share.payments, share.value);
        let is_known = share.without_worth == 0;
        Row {
            cells: vec![
                text(format!("{a}-{b}")),
                Value::Count(own),
                Value::Count(all),
                ratio(i128::from(own), i128::from(all)),
                if is_known { hundredths(own_value) } else { Value::None },
                if is_known { hundredths(all_value) } else { Value::None },
                if is_known { ratio(own_value, all_value) } else { Value::None },
            ],
            opens: Some(Wanted { pair: Some([a, b]), ..Wanted::cells() }),
        }
    });
    Sheet {
        name: "national",
        title: "Settled in the national currencies of both sides, by pair of countries",
        columns: vec![
            "pair",
            "payments_national",
            "payments",
            "share",
            "value_national",
            "value",
            "value_share",
        ],
        rows: rows.collect(),
    }
}

/// Every flow's years, each beside the year before.
fn growth(statistics: &Statistics) -> Sheet {
    let mut years: BTreeMap<(Flow, u32), (i128, u64)> = BTreeMap::new();
    for (month, flow, sums) in statistics.months().filter(|(_, flow, _)| flow.crosses()) {
        let year = years.entry((*flow, month.year())).or_default();
        *year = (year.0 + sums.source, year.1 + sums.payments);
    }
    let rows = years.iter().map(|((flow, year), (left, payments))| {
        let before = year.checked_sub(1).and_then(|before| years.get(&(*flow, before)));
        Row {
            cells: vec![
                text(flow.from),
                text(flow.to),
                text(flow.source),
                text(flow.target),
                Value::Count(u64::from(*year)),
                Value::Count(*payments),
                amount(*left, flow.source),
                before.map_or(Value::None, |(before, _)| amount(*before, flow.source)),
                before.map_or(Value::None, |(before, _)| ratio(left - before, *before)),
            ],
            opens: Some(Wanted { year: Some(*year), ..Wanted::flow(flow) }),
        }
    });
    Sheet {
        name: "growth",
        title: "Growth, year on year, of what left",
        columns: vec![
            "from",
            "to",
            "source",
            "target",
            "year",
            "payments",
            "left",
            "left_year_before",
            "growth",
        ],
        rows: rows.collect(),
    }
}

/// What each country paid out and took in across borders, by year and currency.
fn countries(statistics: &Statistics) -> Sheet {
    let mut turnover: BTreeMap<(Country, u32, Currency), (i128, i128)> = BTreeMap::new();
    for (month, flow, sums) in statistics.months().filter(|(_, flow, _)| flow.crosses()) {
        turnover.entry((flow.from, month.year(), flow.source)).or_default().0 += sums.source;
        turnover.entry((flow.to, month.year(), flow.target)).or_default().1 += sums.target;
    }
    let rows = turnover.into_iter().map(|((country, year, currency), (out, into))| Row {
        cells: vec![
            text(country),
            Value::Count(u64::from(year)),
            text(currency),
            amount(out, currency),
            amount(into, currency),
        ],
        opens: Some(Wanted { country: Some(country), year: Some(year), ..Wanted::cells() }),
    });
    Sheet {
        name: "countries",
        title: "Turnover across borders, by country and year",
        columns: vec!["country", "year", "currency", "paid_out", "taken_in"],
        rows: rows.collect(),
    }
}

fn sums_cells(flow: &Flow, sums: &Sums) -> [Value; 6] {
    [
        text(flow.from),
        text(flow.to),
        Value::Count(sums.payments),
        text(flow.source),
        amount(sums.source, flow.source),
        amount(sums.target, flow.target),
    ]
}

fn months(statistics: &Statistics) -> Sheet {
    let before = |month: Month, flow: &Flow| {
        let year_before = Month(month.0.checked_sub(12)?);
        let mut months = statistics.months();
        months.find(|(of, one, _)| *of == year_before && *one == flow).map(|(_, _, sums)| sums.source)
    };
    let rows = statistics.months().map(|(month, flow, sums)| {
        let [from, to, payments, source, left, arrived] = sums_cells(flow, sums);
        let was = before(month, flow);
        let growth = was.map_or(Value::None, |was| ratio(sums.source - was, was));
        Row {
            cells: vec![text(month), from, to, payments, source, left, text(flow.target), arrived, growth],
            opens: Some(Wanted { month: Some(month), ..Wanted::flow(flow) }),
        }
    });
    Sheet {
        name: "months",
        title: "Turnover, by month and flow",
        columns: vec![
            "month",
            "from",
            "to",
            "payments",
            "source",
            "left",
            "target",
            "arrived",
            "growth_on_year",
        ],
        rows: rows.collect(),
    }
}

fn chapters(statistics: &Statistics) -> Sheet {
    let rows = statistics.cells().filter_map(|(cell, sums)| {
        let chapter = cell.chapter?;
        let [from, to, payments, source, left, arrived] = sums_cells(&cell.flow, sums);
        Some(Row {
            cells: vec![
                text(cell.month),
                text(format!("{chapter:02}")),
                from,
                to,
                payments,
                source,
                left,
                text(cell.flow.target),
                arrived,
            ],
            opens: Some(Wanted {
                month: Some(cell.month),
                chapter: Some(chapter),
                ..Wanted::flow(&cell.flow)
            }),
        })
    });
    Sheet {
        name: "chapters",
        title: "Paid for goods, by month and chapter of the Harmonised System",
        columns: vec!["month", "chapter", "from", "to", "payments", "source", "left", "target", "arrived"],
        rows: rows.collect(),
    }
}

fn netting(statistics: &Statistics) -> Sheet {
    let rows = statistics.netted.iter().map(|(currency, (gross, net))| Row {
        cells: vec![
            text(currency),
            amount(*gross, *currency),
            amount(*net, *currency),
            ratio(gross - net, *gross),
        ],
        opens: None,
    });
    Sheet {
        name: "netting",
        title: "What netting saved",
        columns: vec!["currency", "gross", "net", "saved"],
        rows: rows.collect(),
    }
}

fn journeys(statistics: &Statistics) -> Sheet {
    let rows = statistics.journeys.iter().map(|((from, to), journeys)| {
        let hours = |minutes: u64| ratio(i128::from(minutes), i128::from(journeys.arrived) * 60);
        Row {
            cells: vec![
                text(from),
                text(to),
                Value::Count(journeys.arrived),
                Value::Count(journeys.within_p90),
                hours(journeys.planned),
                hours(journeys.taken),
            ],
            opens: Some(Wanted::journey(*from, *to)),
        }
    });
    Sheet {
        name: "journeys",
        title: "Journeys against their plan",
        columns: vec!["from", "to", "arrived", "within_p90", "planned_hours", "taken_hours"],
        rows: rows.collect(),
    }
}

fn preferences(statistics: &Statistics) -> Sheet {
    let rows = statistics.bases.iter().map(|((country, basis), count)| Row {
        cells: vec![text(country), text(basis), Value::Count(*count)],
        opens: Some(Wanted::basis(*country, basis)),
    });
    Sheet {
        name: "preferences",
        title: "What assessments rested on",
        columns: vec!["country", "basis", "assessments"],
        rows: rows.collect(),
    }
}

fn refusals(statistics: &Statistics) -> Sheet {
    let refused = statistics.refused.iter().map(|(code, count)| ("refused", code, count));
    let rejected = statistics.rejected.iter().map(|(reason, count)| ("rejected", reason, count));
    let rows = refused.chain(rejected).map(|(what, reason, count)| Row {
        cells: vec![text(what), text(reason), Value::Count(*count)],
        opens: Some(Wanted::refusal(what, reason)),
    });
    Sheet {
        name: "refusals",
        title: "Why payments did not happen",
        columns: vec!["what", "reason", "payments"],
        rows: rows.collect(),
    }
}
