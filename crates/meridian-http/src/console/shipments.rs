//! Shipments: where they are, when they will arrive, what was seen of them, and their records for others.

use askama::Template;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use meridian_corridor::shipment::{Eta, Recorded, Shipment, ShipmentId, Standing, dcsa, epcis, eta};
use meridian_corridor::{Drawing, LegKind, Place, draw_routes};
use meridian_node::Hub;
use meridian_people::Act;
use meridian_terms::{Micros, Moment};

use super::pages::{Frame, time};
use super::ways::{days, hours};
use super::{html, missing, office};
use crate::{Oracles, Problem, Service};

/// Simulated journeys behind a renewed arrival.
const SAMPLES: u32 = 2_000;
/// Shipments a page lists, those under way first.
const LISTED: usize = 200;

pub(crate) async fn all(State(service): State<Service>, headers: HeaderMap) -> Response {
    if let Err(response) = office::may_look(&service, &headers, Act::Look).await {
        return response;
    }
    let known = service.node.read(|hub| {
        let (under_way, done): (Vec<_>, Vec<_>) =
            hub.shipments.shipments().partition(|(_, one)| one.standing != Standing::Delivered);
        under_way
            .into_iter()
            .chain(done)
            .take(LISTED)
            .map(|(id, one)| Known::of(hub, id, one))
            .collect::<Vec<_>>()
    });
    let known = match known.await {
        Ok(known) => known,
        Err(error) => return Problem::from(error).into_response(),
    };
    made(service, move |frame, oracles, now| ShipmentsPage {
        frame,
        map: drawn(
            oracles,
            known.iter().filter(|one| one.shipment.standing != Standing::Delivered),
            "Shipments under way",
            1280,
        ),
        shipments: known.iter().map(|one| Row::of(one, now)).collect(),
    })
    .await
}

pub(crate) async fn one(
    State(service): State<Service>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Response {
    if let Err(response) = office::may_look(&service, &headers, Act::Look).await {
        return response;
    }
    let known = service.node.read(move |hub| {
        let id = ShipmentId(id);
        hub.shipments.shipment(&id).map(|one| Known::of(hub, &id, one))
    });
    match known.await {
        Ok(Some(known)) => {
            made(service, move |frame, oracles, now| ShipmentPage::of(frame, oracles, &known, now)).await
        }
        Ok(None) => missing("There is no such shipment."),
        Err(error) => Problem::from(error).into_response(),
    }
}

/// Simulates and draws where nobody waits: the hub's own thread only hands the shipments out.
async fn made<P: Template + Send + 'static>(
    service: Service,
    make: impl FnOnce(Frame, &Oracles, Moment) -> P + Send + 'static,
) -> Response {
    let (frame, now) = (Frame::of(&service), service.node.clock().now());
    match tokio::task::spawn_blocking(move || make(frame, &service.oracles, now)).await {
        Ok(page) => html(&page),
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()).into_response(),
    }
}

/// A shipment as it was handed out, with its deal.
struct Known {
    id: ShipmentId,
    shipment: Shipment,
    deal: String,
}

impl Known {
    fn of(hub: &Hub, id: &ShipmentId, shipment: &Shipment) -> Self {
        let deal = hub.deal_of(id).map_or_else(String::new, |deal| deal.contract.id.0.clone());
        Self { id: id.clone(), shipment: shipment.clone(), deal }
    }
}

/// `dcsa.json` and `epcis.json`.
pub(crate) async fn export(
    State(service): State<Service>,
    Path((id, form)): Path<(String, String)>,
    headers: HeaderMap,
) -> Response {
    if let Err(response) = office::may_look(&service, &headers, Act::Look).await {
        return response;
    }
    let now = service.node.clock().now();
    let told = service.node.read(move |hub| {
        let id = ShipmentId(id);
        let shipment = hub.shipments.shipment(&id)?;
        match form.as_str() {
            "dcsa.json" => Some(serde_json::Value::Array(dcsa::events(&id, shipment))),
            "epcis.json" => Some(epcis::document(&id, shipment, now)),
            _ => None,
        }
    });
    match told.await {
        Ok(Some(value)) => ([(header::CONTENT_TYPE, "application/json")], value.to_string()).into_response(),
        Ok(None) => missing("There is no such record."),
        Err(error) => Problem::from(error).into_response(),
    }
}

#[derive(Template)]
#[template(path = "shipments.html")]
struct ShipmentsPage {
    frame: Frame,
    map: String,
    shipments: Vec<Row>,
}

struct Row {
    id: String,
    deal: String,
    way: String,
    standing: &'static str,
    class: &'static str,
    last: String,
    arrival: String,
    lateness: String,
}

impl Row {
    fn of(known: &Known, now: Moment) -> Self {
        let Brief { id, standing, class, last, lateness } = Brief::of(&known.id, &known.shipment);
        let itinerary = &known.shipment.itinerary;
        let name = |place: Option<usize>| {
            place
                .and_then(|place| itinerary.stops.get(place))
                .map_or("", |stop| stop.name.as_str())
                .to_owned()
        };
        let arrival = match eta(&known.shipment, now, None, SAMPLES, 1) {
            Some(eta) => format!("{} ({} to {})", day(eta.p50), day(eta.p10), day(eta.p90)),
            None if known.shipment.standing == Standing::Delivered => "arrived".into(),
            None => "off its way: to be planned anew".into(),
        };
        let way = format!("{} \u{203a} {}", name(Some(0)), name(itinerary.end()));
        Self { id, deal: known.deal.clone(), way, standing, class, last, arrival, lateness }
    }
}

/// A shipment in a line, without its arrival, which takes a simulation.
pub(super) struct Brief {
    pub(super) id: String,
    pub(super) standing: &'static str,
    pub(super) class: &'static str,
    pub(super) last: String,
    pub(super) lateness: String,
}

impl Brief {
    pub(super) fn of(id: &ShipmentId, shipment: &Shipment) -> Self {
        let (standing, class) = standing(shipment);
        let last =
            shipment.observed.last().map_or_else(|| "nothing seen yet".into(), |known| told(shipment, known));
        Self { id: id.0.clone(), standing, class, last, lateness: late(shipment.lateness()) }
    }
}

fn standing(shipment: &Shipment) -> (&'static str, &'static str) {
    match shipment.standing {
        Standing::Planned => ("planned", "planned"),
        Standing::UnderWay => ("under way", "underway"),
        Standing::Delivered => ("delivered", "settled"),
    }
}

fn day(at: Moment) -> String {
    time(at).get(..16).unwrap_or_default().to_owned()
}

fn late(lateness: Micros) -> String {
    let minutes = lateness.0 / 60_000_000;
    let size = hours(u32::try_from(minutes.unsigned_abs()).unwrap_or(u32::MAX));
    match minutes {
        0 => "on plan".into(),
        1.. => format!("{size} h behind plan"),
        _ => format!("{size} h ahead of plan"),
    }
}

fn told(shipment: &Shipment, known: &Recorded) -> String {
    let observation = &known.observation;
    let stop = shipment.itinerary.stop(&observation.place).map(|stop| &shipment.itinerary.stops[stop]);
    let place = stop.map_or(observation.place.as_str(), |stop| stop.name.as_str());
    format!("{} {} at {place}", dcsa::classifier_code(observation.classifier), word(known))
}

fn word(known: &Recorded) -> &'static str {
    use meridian_corridor::shipment::Happening;
    match known.observation.happening {
        Happening::Arrived => "arrived",
        Happening::Departed => "departed",
        Happening::Loaded => "loaded",
        Happening::Discharged => "discharged",
        Happening::GateIn => "through the gate, in",
        Happening::GateOut => "through the gate, out",
        Happening::Stuffed => "packed",
        Happening::Stripped => "unpacked",
        Happening::CustomsScan => "selected for a scan",
        Happening::CustomsInspection => "selected for inspection",
        Happening::CustomsReleased => "released by customs",
        Happening::Crossed => "crossed the border",
        Happening::GaugeChanged => "gauge changed",
    }
}

/// Where it was last located, or seen.
fn position(shipment: &Shipment) -> Option<(Place, Moment)> {
    let itinerary = &shipment.itinerary;
    let at_stop = |place: usize| {
        let stop = &itinerary.stops[place];
        Place::from_hundredths(stop.north, stop.east)
    };
    let actual =
        |known: &&Recorded| known.observation.classifier == meridian_corridor::shipment::Classifier::Actual;
    let seen =
        shipment.observed.iter().rev().filter(actual).find_map(|known| {
            Some((at_stop(itinerary.stop(&known.observation.place)?), known.observation.at))
        });
    let located = shipment.position.map(|known| (Place::from_hundredths(known.north, known.east), known.at));
    match (seen, located) {
        (Some(seen), Some(located)) if seen.1 > located.1 => Some(seen),
        (seen, None) => {
            seen.or_else(|| (!itinerary.stops.is_empty()).then(|| (at_stop(0), itinerary.start())))
        }
        (_, located) => located,
    }
}

/// Shipments on one map; nothing where there is none, or no network to draw.
fn drawn<'a>(
    oracles: &Oracles,
    shipments: impl Iterator<Item = &'a Known>,
    title: &str,
    width: u16,
) -> String {
    let Some(corridor) = &oracles.corridor else { return String::new() };
    let routes: Vec<_> = shipments
        .filter_map(|one| {
            let route = one.shipment.itinerary.route_in(&corridor.network)?;
            Some((&one.id, route, position(&one.shipment)))
        })
        .collect();
    if routes.is_empty() {
        return String::new();
    }
    let pins = routes.iter().filter_map(|(id, _, position)| Some((id.0.clone(), position.as_ref()?.0)));
    let drawing = Drawing {
        title: title.to_owned(),
        shipments: pins.collect(),
        ways: routes.iter().map(|(id, route, _)| (id.0.clone(), route)).collect(),
        width,
    };
    draw_routes(&corridor.network, &drawing)
}

struct Seen {
    at: String,
    sureness: &'static str,
    what: &'static str,
    place: String,
    equipment: String,
    recorded: String,
    tone: &'static str,
}

struct LegRow {
    what: &'static str,
    place: String,
    planned: String,
    hours: String,
    state: &'static str,
}

#[derive(Template)]
#[template(path = "tracking.html")]
struct ShipmentPage {
    frame: Frame,
    row: Row,
    equipment: Vec<String>,
    documents: Vec<String>,
    arrival: Option<[String; 6]>,
    planned: (String, String),
    seen: Vec<Seen>,
    delays: Vec<(String, &'static str, String, String)>,
    legs: Vec<LegRow>,
    position: String,
    maps: [String; 2],
}

impl ShipmentPage {
    fn of(frame: Frame, oracles: &Oracles, known: &Known, now: Moment) -> Self {
        let (id, shipment) = (&known.id, &known.shipment);
        let itinerary = &shipment.itinerary;
        let place = |id: &str| {
            let stop = itinerary.stop(id).map(|stop| itinerary.stops[stop].name.clone());
            stop.unwrap_or_else(|| format!("{id}, off the planned way"))
        };
        let seen = shipment.observed.iter().map(|known| {
            let observation = &known.observation;
            let sureness = dcsa::classifier_code(observation.classifier);
            Seen {
                at: time(observation.at),
                sureness,
                what: word(known),
                place: place(&observation.place),
                equipment: observation.equipment.clone().unwrap_or_default(),
                recorded: time(known.at),
                tone: if sureness == "ACT" { "good" } else { "plain" },
            }
        });
        let legs = itinerary.route.legs.iter().zip(0_u32..).map(|(leg, number)| {
            let (from, to) = (&itinerary.stops[leg.from].name, &itinerary.stops[leg.to].name);
            LegRow {
                what: leg.kind.word(),
                place: if matches!(leg.kind, LegKind::Travel(_)) {
                    format!("{from} \u{203a} {to}")
                } else {
                    from.clone()
                },
                planned: days(leg.begins),
                hours: hours(leg.minutes),
                state: match number.cmp(&shipment.progress.leg) {
                    _ if shipment.standing == Standing::Delivered => "done",
                    std::cmp::Ordering::Less => "done",
                    std::cmp::Ordering::Equal if shipment.standing == Standing::UnderWay => "now",
                    _ => "",
                },
            }
        });
        let draw = |width| drawn(oracles, std::iter::once(known), &format!("{}, {}", id.0, day(now)), width);
        let arrival = eta(shipment, now, None, SAMPLES, 1);
        Self {
            frame,
            row: Row::of(known, now),
            equipment: shipment.equipment.clone(),
            documents: shipment.documents.iter().map(|one| format!("{} {}", one.kind, one.number)).collect(),
            arrival: arrival
                .map(|Eta { p10, p50, p90, assumed: [a, b, c], .. }| [p10, p50, p90, a, b, c].map(day)),
            planned: (day(itinerary.start()), day(itinerary.planned_end())),
            seen: seen.collect(),
            delays: shipment
                .delays
                .iter()
                .map(|delay| (time(delay.at), delay.reason.word(), place(&delay.place), delay.words.clone()))
                .collect(),
            legs: legs.collect(),
            position: position(shipment).map_or_else(String::new, |(_, at)| time(at)),
            maps: [draw(1280), draw(390)],
        }
    }
}
