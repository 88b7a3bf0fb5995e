//! The statistics page, its downloads, and the events behind a figure.

use std::collections::BTreeMap;

use askama::Template;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use meridian_people::Act;

use super::pages::{Frame, time};
use super::{html, office};
use crate::statistics::{Chart, Row, Sheet, Value, Wanted, charts, csv, json, sheets, xlsx};
use crate::{Problem, Service};

/// How many events a page lists.
const LISTED: usize = 200;
/// How many rows of a table the page shows, the newest; files have all.
const ROWS: usize = 60;

#[derive(Template)]
#[template(path = "statistics.html")]
struct StatisticsPage {
    frame: Frame,
    as_of: u64,
    charts: Vec<Chart>,
    sheets: Vec<Sheet>,
    opens: bool,
}

impl StatisticsPage {
    fn shown<'a>(&self, sheet: &'a Sheet) -> &'a [Row] {
        &sheet.rows[sheet.rows.len().saturating_sub(ROWS)..]
    }

    /// The columns with their names, each on the side its figures stand.
    fn heads(&self, sheet: &Sheet) -> Vec<(String, &'static str)> {
        let first = sheet.rows.last().map(|row| row.cells.as_slice()).unwrap_or_default();
        let side = |place: usize| first.get(place).map_or("", |cell| self.side(cell));
        sheet.columns.iter().enumerate().map(|(place, name)| (name.replace('_', " "), side(place))).collect()
    }

    /// Figures stand to the right.
    fn side(&self, value: &Value) -> &'static str {
        if value.is_number() { "n" } else { "" }
    }
}

pub(crate) async fn page(State(service): State<Service>, headers: HeaderMap) -> Response {
    if let Err(response) = office::may_look(&service, &headers, Act::Look).await {
        return response;
    }
    let (frame, worth) = (Frame::of(&service), service.statistics.worth.clone());
    let opens = service.statistics.journal.is_some();
    let page = service.node.read(move |hub| StatisticsPage {
        frame,
        as_of: hub.events,
        charts: charts(&hub.statistics),
        sheets: sheets(&hub.statistics, &worth),
        opens,
    });
    match page.await {
        Ok(page) => html(&page),
        Err(error) => Problem::from(error).into_response(),
    }
}

/// The tables, for a file, and the event they are as of; the response instead where they may not be had.
async fn asked(service: &Service, headers: &HeaderMap) -> Result<(Vec<Sheet>, u64), Response> {
    office::may_look(service, headers, Act::Export).await?;
    let worth = service.statistics.worth.clone();
    let read = service.node.read(move |hub| (sheets(&hub.statistics, &worth), hub.events));
    read.await.map_err(|error| Problem::from(error).into_response())
}

fn file(kind: &'static str, name: &'static str, bytes: Result<Vec<u8>, String>) -> Response {
    match bytes {
        Ok(bytes) => {
            let named = format!("attachment; filename=\"{name}\"");
            ([(header::CONTENT_TYPE, kind.to_owned()), (header::CONTENT_DISPOSITION, named)], bytes)
                .into_response()
        }
        Err(why) => (StatusCode::INTERNAL_SERVER_ERROR, why).into_response(),
    }
}

pub(crate) async fn as_json(State(service): State<Service>, headers: HeaderMap) -> Response {
    match asked(&service, &headers).await {
        Ok((sheets, as_of)) => {
            file("application/json", "statistics.json", Ok(json(&sheets, as_of).to_string().into_bytes()))
        }
        Err(response) => response,
    }
}

pub(crate) async fn as_csv(State(service): State<Service>, headers: HeaderMap) -> Response {
    match asked(&service, &headers).await {
        Ok((sheets, _)) => file("text/csv; charset=utf-8", "statistics.csv", csv(&sheets)),
        Err(response) => response,
    }
}

pub(crate) async fn as_xlsx(State(service): State<Service>, headers: HeaderMap) -> Response {
    const KIND: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
    match asked(&service, &headers).await {
        Ok((sheets, _)) => file(KIND, "statistics.xlsx", xlsx(&sheets)),
        Err(response) => response,
    }
}

struct EventRow {
    number: u64,
    at: String,
    actor: String,
    what: String,
    link: String,
    name: String,
}

#[derive(Template)]
#[template(path = "events.html")]
struct EventsPage {
    frame: Frame,
    figure: String,
    events: Vec<EventRow>,
    next: String,
}

pub(crate) async fn events(
    State(service): State<Service>,
    Query(asked): Query<BTreeMap<String, String>>,
    headers: HeaderMap,
) -> Response {
    if let Err(response) = office::may_look(&service, &headers, Act::Look).await {
        return response;
    }
    let after = asked.get("after").and_then(|after| after.parse().ok()).unwrap_or(0);
    let wanted = match Wanted::of(&asked) {
        Ok(wanted) => wanted,
        Err(refusal) => return Problem::from(refusal).into_response(),
    };
    let Some(open) = service.statistics.journal.clone() else {
        return super::missing(
            "This hub does not read its journal for pages; use meridian statistics --events.",
        );
    };
    let query = wanted.query();
    // A journal is read from its beginning: not on a thread that serves others.
    let opened = tokio::task::spawn_blocking(move || {
        let mut journal = open()?;
        wanted.open(journal.as_mut(), after, LISTED)
    });
    match opened.await.map_err(|error| error.to_string()).and_then(|opened| opened) {
        Ok(opened) => {
            let last = opened.events.last().map_or(0, |event| event.number);
            let rows = opened.events.into_iter().map(|event| {
                let (link, name) = match (event.payment, event.deal) {
                    (Some(uetr), _) => (format!("/payments/{uetr}"), uetr.to_string()[..8].to_owned()),
                    (None, Some(deal)) => (format!("/deals/{deal}"), deal),
                    (None, None) => (String::new(), String::new()),
                };
                EventRow {
                    number: event.number,
                    at: time(event.at),
                    actor: event.actor,
                    what: event.what,
                    link,
                    name,
                }
            });
            let next = if opened.has_more {
                format!("/statistics/events?{query}&after={last}")
            } else {
                String::new()
            };
            let figure = query.replace('&', ", ").replace('=', " ");
            html(&EventsPage { frame: Frame::of(&service), figure, events: rows.collect(), next })
        }
        Err(why) => (StatusCode::INTERNAL_SERVER_ERROR, why).into_response(),
    }
}
