//! Shipments: planned by the deal's carrier, told by its events, read by those who take part in the deal.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use meridian_corridor::shipment::{
    self as book, DelayReason, Document, Itinerary, Position, Shipment, ShipmentId, dcsa, epcis, eta,
};
use meridian_corridor::{Load, Network, Planner, Question, Route, Wish};
use meridian_node::shipments::{Command as Asked, Heard};
use meridian_node::{Command, Event, Hub};
use meridian_terms::{Bic, Decimal, Moment, Refusal, Rounding};
use serde_json::{Value, json};

use super::deals::takes_part;
use super::{body, once};
use crate::identity::Signed;
use crate::wire::shipments::{DelayBody, PlanShipment, PositionBody};
use crate::{Problem, Service};

/// Simulated journeys behind a renewed arrival.
const SAMPLES: u32 = 2_000;

async fn ask(service: &Service, signed: &Signed, command: book::Command) -> Result<Json<Value>, Problem> {
    let command = Command::Shipment(Box::new(Asked { command, by: signed.who.clone() }));
    let done = once(service, signed, command).await?;
    let heard = match done.as_ref().map(|done| &done.event) {
        Some(Event::Shipment(done)) => told(&done.heard),
        _ => Value::Null,
    };
    let number = done.as_ref().map(|done| done.event_number);
    Ok(Json(json!({"event": number, "is_repeat": done.is_none(), "heard": heard})))
}

fn told(heard: &Heard) -> Value {
    match heard {
        Heard::Nothing => Value::Null,
        Heard::Evidence(meridian_deal::Event::Presented { evidence, due, .. }) => {
            json!({"evidence": evidence.kind.word(), "obligations_due": due.len()})
        }
        Heard::Evidence(_) => json!({}),
        Heard::Refused(kind, refusal) => {
            json!({"evidence": kind.word(), "refused": refusal.code, "why": refusal.to_string()})
        }
    }
}

pub(crate) async fn plan(
    State(service): State<Service>,
    Path(id): Path<String>,
    signed: Signed,
) -> Result<Json<Value>, Problem> {
    let asked: PlanShipment = body(&signed.body)?;
    let name = ShipmentId(id.clone());
    let ends = service.node.read(move |hub| {
        let route = hub.deal_of(&name)?.route.as_ref()?;
        Some((route.nodes.first()?.clone(), route.nodes.last()?.clone()))
    });
    let (from, to) = ends.await?.unwrap_or_default();
    let (from, to) = (asked.from.clone().unwrap_or(from), asked.to.clone().unwrap_or(to));
    let oracles = service.oracles.clone();
    let (wanted, is_replan) = (asked.clone(), asked.replan);
    // A search takes its time: not on a thread that serves others.
    let found = tokio::task::spawn_blocking(move || {
        let no_network = || Refusal::new("shipment.no_network", "this hub has no network to plan on");
        let network = &oracles.corridor.as_ref().ok_or_else(no_network)?.network;
        itinerary(network, &from, &to, &wanted)
    });
    let itinerary = found.await.map_err(stopped)??;
    let document =
        |one: crate::wire::shipments::DocumentBody| Document { kind: one.kind, number: one.number };
    let command = match is_replan {
        true => book::Command::Replan(ShipmentId(id), itinerary),
        false => book::Command::Plan {
            id: ShipmentId(id),
            itinerary,
            equipment: asked.equipment,
            documents: asked.documents.into_iter().map(document).collect(),
        },
    };
    ask(&service, &signed, command).await
}

fn itinerary(network: &Network, from: &str, to: &str, asked: &PlanShipment) -> Result<Itinerary, Refusal> {
    let question = Question::new(from, to, Moment::parse(&asked.depart)?, Load::parse(&asked.load)?);
    let mut plan = Planner::new(network, &question).plan(&question);
    let passes = |route: &Route| {
        let mut places = route.nodes().into_iter().map(|node| network.nodes()[node].id.as_str());
        asked.via.iter().all(|wanted| places.any(|place| place == wanted))
    };
    plan.routes.retain(passes);
    let wish = asked.wish.as_deref().unwrap_or("fastest");
    let known = Wish::ALL.into_iter().find(|one| one.word() == wish);
    let wish = known.ok_or_else(|| {
        Refusal::new("shipment.wish", wish.to_owned()).next("send fastest, cheapest, cleanest or surest")
    })?;
    let route = wish.pick(&plan).ok_or_else(|| {
        let why: Vec<String> = plan.excluded.iter().take(5).map(ToString::to_string).collect();
        Refusal::new("shipment.no_way", format!("{from} to {to}: {}", why.join("; ")))
            .rule("a shipment goes somewhere")
            .next("name other ends, another day, or fewer places to pass")
    })?;
    Ok(Itinerary::of(network, route))
}

pub(crate) async fn observe(
    State(service): State<Service>,
    Path(id): Path<String>,
    signed: Signed,
) -> Result<Json<Value>, Problem> {
    let event: Value = body(&signed.body)?;
    let observation = dcsa::observation(&event)?;
    ask(&service, &signed, book::Command::Record(ShipmentId(id), observation)).await
}

pub(crate) async fn locate(
    State(service): State<Service>,
    Path(id): Path<String>,
    signed: Signed,
) -> Result<Json<Value>, Problem> {
    let asked: PositionBody = body(&signed.body)?;
    let degrees = |text: &str, most: i32| -> Result<i32, Refusal> {
        let hundredths = Decimal::parse(text)?.rescaled(2, Rounding::HalfEven);
        let hundredths = hundredths.and_then(|exact| i32::try_from(exact.mantissa()).ok());
        hundredths.filter(|value| value.abs() <= most).ok_or_else(|| {
            Refusal::new("shipment.position", format!("{text:?} is not on this earth"))
                .next("send decimal degrees, north 41.25, east 50.10")
        })
    };
    let position = Position {
        north: degrees(&asked.north, 9_000)?,
        east: degrees(&asked.east, 18_000)?,
        at: Moment::parse(&asked.at)?,
    };
    ask(&service, &signed, book::Command::Locate(ShipmentId(id), position)).await
}

pub(crate) async fn delay(
    State(service): State<Service>,
    Path(id): Path<String>,
    signed: Signed,
) -> Result<Json<Value>, Problem> {
    let asked: DelayBody = body(&signed.body)?;
    let reason = DelayReason::WORDS.iter().find(|(word, _)| *word == asked.reason);
    let (_, reason) = reason.ok_or_else(|| {
        let words: Vec<&str> = DelayReason::WORDS.iter().map(|(word, _)| *word).collect();
        Refusal::new("shipment.delay_reason", asked.reason.clone())
            .next(format!("send one of {}", words.join(", ")))
    })?;
    let command = book::Command::Explain {
        id: ShipmentId(id),
        reason: *reason,
        place: asked.place,
        at: Moment::parse(&asked.at)?,
        words: asked.words,
    };
    ask(&service, &signed, command).await
}

/// A participant sees the shipments of the deals it takes part in.
pub(crate) async fn one(
    State(service): State<Service>,
    Path(id): Path<String>,
    signed: Signed,
) -> Result<Json<Value>, Problem> {
    let now = service.node.clock().now();
    seen(&service, id, signed.who, move |id, shipment| shown(id, shipment, now)).await
}

/// Its events in DCSA's words.
pub(crate) async fn events(
    State(service): State<Service>,
    Path(id): Path<String>,
    signed: Signed,
) -> Result<Json<Value>, Problem> {
    seen(&service, id, signed.who, |id, shipment| Value::Array(dcsa::events(id, shipment))).await
}

/// Its actual events as an EPCIS document.
pub(crate) async fn epcis(
    State(service): State<Service>,
    Path(id): Path<String>,
    signed: Signed,
) -> Result<Json<Value>, Problem> {
    let now = service.node.clock().now();
    seen(&service, id, signed.who, move |id, shipment| epcis::document(id, shipment, now)).await
}

async fn seen(
    service: &Service,
    id: String,
    who: Bic,
    tell: impl FnOnce(&ShipmentId, &Shipment) -> Value + Send + 'static,
) -> Result<Json<Value>, Problem> {
    let name = ShipmentId(id.clone());
    let found = service.node.read(move |hub: &Hub| {
        hub.deal_of(&name).filter(|deal| takes_part(deal, &who))?;
        hub.shipments.shipment(&name).cloned()
    });
    let unknown =
        || Refusal::new("shipment.unknown", id.clone()).next("ask for a shipment of a deal you take part in");
    let shipment = found.await?.ok_or_else(|| Problem::with_status(&unknown(), StatusCode::NOT_FOUND))?;
    // An arrival is simulated: not on a thread that serves others, least of all the hub's.
    let name = ShipmentId(id.clone());
    let told = tokio::task::spawn_blocking(move || tell(&name, &shipment)).await;
    Ok(Json(told.map_err(stopped)?))
}

fn stopped(error: tokio::task::JoinError) -> Refusal {
    Refusal::new("http.stopped", error.to_string())
}

fn shown(id: &ShipmentId, shipment: &Shipment, now: Moment) -> Value {
    let arrival = eta(shipment, now, None, SAMPLES, 1);
    let itinerary = &shipment.itinerary;
    json!({
        "id": id.0,
        "standing": match shipment.standing {
            book::Standing::Planned => "planned",
            book::Standing::UnderWay => "under-way",
            book::Standing::Delivered => "delivered",
        },
        "places": itinerary.stops.iter().map(|stop| stop.id.as_str()).collect::<Vec<_>>(),
        "planned": {"departs": itinerary.start().to_string(), "arrives": itinerary.planned_end().to_string()},
        "eta": arrival.map(|eta| json!({
            "p10": eta.p10.to_string(), "p50": eta.p50.to_string(), "p90": eta.p90.to_string(),
            "if_estimates_hold": eta.assumed.map(|moment| moment.to_string()),
        })),
        "late_minutes": shipment.lateness().0 / 60_000_000,
        "is_off_way": shipment.is_off_way(),
        "equipment": shipment.equipment,
        "delays": shipment.delays.iter().map(|delay| json!({
            "reason": delay.reason.word(), "place": delay.place, "at": delay.at.to_string(), "words": delay.words,
        })).collect::<Vec<_>>(),
    })
}
