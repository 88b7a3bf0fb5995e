//! DCSA events: the event domain 3.2.0 (Track and Trace 3) as JSON, both ways.

use meridian_terms::{Moment, Refusal};
use serde_json::{Value, json};

use super::{Classifier, Facility, Happening, Observation, Shipment, ShipmentId};

const CLASSIFIERS: [(&str, Classifier); 3] =
    [("PLN", Classifier::Planned), ("EST", Classifier::Estimated), ("ACT", Classifier::Actual)];

const HAPPENINGS: [(&str, Happening); 12] = [
    ("ARRI", Happening::Arrived),
    ("DEPA", Happening::Departed),
    ("LOAD", Happening::Loaded),
    ("DISC", Happening::Discharged),
    ("GTIN", Happening::GateIn),
    ("GTOT", Happening::GateOut),
    ("STUF", Happening::Stuffed),
    ("STRP", Happening::Stripped),
    ("CUSS", Happening::CustomsScan),
    ("CUSI", Happening::CustomsInspection),
    ("CUSR", Happening::CustomsReleased),
    ("CROS", Happening::Crossed),
];

const FACILITIES: [(&str, Facility); 6] = [
    ("BOCR", Facility::Border),
    ("CLOC", Facility::Customer),
    ("INTE", Facility::InlandTerminal),
    ("POTE", Facility::PortTerminal),
    ("RAMP", Facility::Ramp),
    ("WAYP", Facility::Waypoint),
];

fn code<T: PartialEq + Copy>(table: &[(&'static str, T)], wanted: T) -> &'static str {
    table.iter().find(|(_, known)| *known == wanted).map_or("", |(code, _)| code)
}

/// The code of an equipment or transport event; a gauge change, for which DCSA has none, is `DISC`.
#[must_use]
pub fn event_code(happening: Happening) -> &'static str {
    match happening {
        Happening::GaugeChanged => "DISC",
        other => code(&HAPPENINGS, other),
    }
}

/// `PLN`, `EST` or `ACT`.
#[must_use]
pub fn classifier_code(classifier: Classifier) -> &'static str {
    code(&CLASSIFIERS, classifier)
}

fn named<T: Copy>(table: &[(&'static str, T)], wanted: &str) -> Option<T> {
    table.iter().find(|(code, _)| *code == wanted).map(|(_, known)| *known)
}

/// A shipment's events, in order of recording. A gauge change is a `DISC` and a `LOAD` at a ramp, with the extension
/// `gaugeChange` in the metadata.
#[must_use]
pub fn events(id: &ShipmentId, shipment: &Shipment) -> Vec<Value> {
    let mut events = Vec::new();
    for (number, recorded) in shipment.observed.iter().enumerate() {
        let observation = &recorded.observation;
        let halves = match observation.happening {
            Happening::GaugeChanged => vec![Happening::Discharged, Happening::Loaded],
            other => vec![other],
        };
        for (half, happening) in halves.into_iter().enumerate() {
            let is_transport = matches!(happening, Happening::Arrived | Happening::Departed);
            let mut metadata = json!({
                "eventID": format!("{}-{number}-{half}", id.0),
                "eventCreatedDateTime": recorded.at.to_string(),
                "eventType": if is_transport { "TRANSPORT" } else { "EQUIPMENT" },
            });
            if observation.happening == Happening::GaugeChanged {
                metadata["gaugeChange"] = json!(true);
            }
            let location = if observation.place.starts_with("NS:") {
                let stop =
                    shipment.itinerary.stop(&observation.place).map(|stop| &shipment.itinerary.stops[stop]);
                json!({
                    "locationType": "GEOL", "locationName": observation.place,
                    "latitude": stop.map(|stop| hundredths(stop.north)), "longitude": stop.map(|stop| hundredths(stop.east)),
                })
            } else {
                json!({"locationType": "UNLO", "UNLocationCode": observation.place})
            };
            let mut payload = json!({
                "eventClassifierCode": code(&CLASSIFIERS, observation.classifier),
                "eventDateTime": observation.at.to_string(),
                "transportCall": {"location": location, "facilityTypeCode": code(&FACILITIES, observation.facility)},
                "relatedDocumentReferences": shipment.documents.iter()
                    .map(|document| json!({"type": document.kind, "value": document.number})).collect::<Vec<_>>(),
            });
            let kind = if is_transport { "transportEventTypeCode" } else { "equipmentEventTypeCode" };
            payload[kind] = json!(code(&HAPPENINGS, happening));
            if let Some(equipment) = &observation.equipment {
                payload["equipmentReference"] = json!(equipment);
            }
            events.push(json!({"metadata": metadata, "payload": payload}));
        }
    }
    events
}

/// Hundredths of a degree as decimal text.
pub(super) fn hundredths(value: i32) -> String {
    let size = value.unsigned_abs();
    format!("{}{}.{:02}", if value < 0 { "-" } else { "" }, size / 100, size % 100)
}

/// Reads one event.
///
/// # Errors
/// `shipment.event_malformed`, with what is missing or unknown.
pub fn observation(event: &Value) -> Result<Observation, Refusal> {
    let wrong = |what: &str| {
        Refusal::new("shipment.event_malformed", what.to_owned())
            .rule("DCSA event domain 3.2.0, EquipmentEvent and TransportEvent")
            .next("send metadata and payload as that schema has them")
    };
    let payload = event.get("payload").ok_or_else(|| wrong("no payload"))?;
    let text = |key: &str| payload.get(key).and_then(Value::as_str);
    let kind = text("equipmentEventTypeCode").or_else(|| text("transportEventTypeCode"));
    let kind = kind.ok_or_else(|| wrong("neither equipmentEventTypeCode nor transportEventTypeCode"))?;
    let is_gauge =
        event.get("metadata").and_then(|metadata| metadata.get("gaugeChange")) == Some(&Value::Bool(true));
    let happening = named(&HAPPENINGS, kind).ok_or_else(|| wrong(&format!("no event type {kind}")))?;
    let classifier = text("eventClassifierCode").and_then(|code| named(&CLASSIFIERS, code));
    let call = payload.get("transportCall").ok_or_else(|| wrong("no transportCall"))?;
    let location = call.get("location").ok_or_else(|| wrong("no location"))?;
    let place =
        ["UNLocationCode", "locationName"].iter().find_map(|key| location.get(key).and_then(Value::as_str));
    let facility =
        call.get("facilityTypeCode").and_then(Value::as_str).and_then(|code| named(&FACILITIES, code));
    Ok(Observation {
        classifier: classifier.ok_or_else(|| wrong("eventClassifierCode is none of PLN, EST, ACT"))?,
        happening: if is_gauge && happening == Happening::Loaded {
            Happening::GaugeChanged
        } else {
            happening
        },
        at: Moment::parse(text("eventDateTime").ok_or_else(|| wrong("no eventDateTime"))?)?,
        place: place
            .ok_or_else(|| wrong("the location has neither UNLocationCode nor locationName"))?
            .to_owned(),
        facility: facility
            .ok_or_else(|| wrong("facilityTypeCode is none of BOCR, CLOC, INTE, POTE, RAMP, WAYP"))?,
        equipment: text("equipmentReference").map(str::to_owned),
    })
}
