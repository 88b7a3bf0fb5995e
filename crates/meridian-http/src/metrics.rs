//! What operators watch: requests by route, status and time, in the text form of Prometheus.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use axum::extract::{MatchedPath, Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use meridian_terms::Moment;

use crate::{Problem, Service};

/// Upper ends of the histogram's buckets, in microseconds.
const BUCKETS: [u64; 9] = [1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000, 250_000, 1_000_000];

/// Counts since the start.
#[derive(Default)]
pub struct Metrics(Mutex<BTreeMap<(String, u16), Timed>>);

#[derive(Default, Clone)]
struct Timed {
    within: [u64; BUCKETS.len()],
    count: u64,
    micros: u64,
}

impl Metrics {
    fn note(&self, route: &str, status: u16, took: Duration) {
        let micros = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        let mut routes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let timed = routes.entry((route.to_owned(), status)).or_default();
        timed.count += 1;
        timed.micros = timed.micros.saturating_add(micros);
        for (within, end) in timed.within.iter_mut().zip(BUCKETS) {
            *within += u64::from(micros <= end);
        }
    }

    fn write(&self, out: &mut String) {
        let routes = self.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
        out.push_str("# TYPE meridian_request_seconds histogram\n");
        for ((route, status), timed) in routes {
            let labels = format!("route=\"{route}\",status=\"{status}\"");
            for (within, end) in timed.within.iter().zip(BUCKETS) {
                let (whole, rest) = (end / 1_000_000, end % 1_000_000);
                line(
                    out,
                    &format!("meridian_request_seconds_bucket{{{labels},le=\"{whole}.{rest:06}\"}}"),
                    within,
                );
            }
            line(out, &format!("meridian_request_seconds_bucket{{{labels},le=\"+Inf\"}}"), &timed.count);
            let (whole, rest) = (timed.micros / 1_000_000, timed.micros % 1_000_000);
            line(out, &format!("meridian_request_seconds_sum{{{labels}}}"), &format!("{whole}.{rest:06}"));
            line(out, &format!("meridian_request_seconds_count{{{labels}}}"), &timed.count);
        }
    }
}

fn line(out: &mut String, name: &str, value: &dyn std::fmt::Display) {
    // A String takes everything.
    let _ = writeln!(out, "{name} {value}");
}

/// Times every request.
pub(crate) async fn timed(State(service): State<Service>, request: Request, next: Next) -> Response {
    let route = request.extensions().get::<MatchedPath>().map_or("none", MatchedPath::as_str).to_owned();
    // A method nobody serves is no name of a series: it could be any word.
    let method = match request.method().as_str() {
        known @ ("GET" | "POST" | "PUT" | "DELETE" | "HEAD") => known,
        _ => "other",
    };
    let route = format!("{method} {route}");
    let start = Instant::now();
    let response = next.run(request).await;
    service.metrics.note(&route, response.status().as_u16(), start.elapsed());
    response
}

/// An answer of a node that follows says as of which position of the journal it is true: that one, or a later.
pub(crate) async fn positioned(State(service): State<Service>, request: Request, next: Next) -> Response {
    let position = service.node.position().0;
    let follows = !service.node.standing().leads;
    let mut response = next.run(request).await;
    if follows {
        response.headers_mut().insert("meridian-position", position.into());
    }
    response
}

/// `GET /metrics`.
pub(crate) async fn show(State(service): State<Service>) -> Response {
    let read = service.node.read(|hub| {
        let in_flight = hub.pay.in_flight().count();
        let committed: u64 = hub.statistics.committed.values().map(|(count, ..)| count).sum();
        let refused: u64 = hub.statistics.refused.values().sum();
        let rejected: u64 = hub.statistics.rejected.values().sum();
        let alarming = hub.pay.caps().filter(|(_, cap)| cap.is_alarming()).count();
        let waiting: usize = hub.pay.mailboxes().map(|(_, mailbox)| mailbox.waiting.len()).sum();
        (
            hub.events,
            hub.last_at,
            in_flight,
            committed,
            refused,
            rejected,
            hub.pay.overdue().count(),
            alarming,
            waiting,
            hub.cases.queue().iter().map(|(_, case)| case.due).collect::<Vec<_>>(),
        )
    });
    let (events, last_at, in_flight, committed, refused, rejected, overdue, alarming, letters, cases) =
        match read.await {
            Ok(read) => read,
            Err(error) => return Problem::from(error).into_response(),
        };
    let now = service.node.clock().now();
    let mut out = String::new();
    let mut gauge =
        |name: &str, value: &dyn std::fmt::Display| line(&mut out, &format!("meridian_{name}"), value);
    gauge("events_total", &events);
    gauge("last_event_age_seconds", &(now.since(last_at).0.max(0) / 1_000_000));
    gauge("requests_waiting", &service.node.waiting());
    gauge("payments_in_flight", &in_flight);
    gauge("payments_overdue", &overdue);
    gauge("payments_committed_total", &committed);
    gauge("payments_refused_total", &refused);
    gauge("payments_rejected_total", &rejected);
    gauge("caps_alarming", &alarming);
    gauge("letters_waiting", &letters);
    gauge("cases_waiting", &cases.len());
    gauge("cases_overdue", &cases.iter().filter(|due| **due < now).count());
    let standing = service.node.standing();
    gauge("node_leads", &u8::from(standing.leads));
    gauge("journal_position", &service.node.position().0);
    gauge("journal_copies", &standing.durability.copies);
    gauge("journal_is_flushed", &u8::from(standing.durability.is_flushed));
    let (too_many, at_once) = service.limits.shed();
    gauge("requests_shed_total{why=\"rate\"}", &too_many);
    gauge("requests_shed_total{why=\"at_once\"}", &at_once);
    for list in (service.lists)() {
        let name = format!("list_age_days{{list=\"{}\"}}", list.name.replace(['"', '\\'], ""));
        gauge(&name, &age(now, &list));
    }
    service.metrics.write(&mut out);
    ([(axum::http::header::CONTENT_TYPE, "text/plain; version=0.0.4")], out).into_response()
}

/// Days since a list was published.
pub(crate) fn age(now: Moment, list: &crate::ListAge) -> i32 {
    now.day().number() - list.published.number()
}
