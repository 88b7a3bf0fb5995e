//! EPCIS 2.0 (GS1, ISO/IEC 19987:2024): a shipment's actual events as an EPCIS document in JSON-LD.

use meridian_terms::Moment;
use serde_json::{Value, json};

use super::dcsa::hundredths;
use super::{Classifier, Happening, Shipment, ShipmentId};

/// The core business vocabulary's step and disposition (CBV 2.0, 7.1 and 7.2) of a happening.
const fn step(happening: Happening) -> (&'static str, &'static str) {
    match happening {
        Happening::Arrived => ("arriving", "in_progress"),
        Happening::Departed => ("departing", "in_transit"),
        Happening::Loaded => ("loading", "in_progress"),
        Happening::Discharged => ("unloading", "in_progress"),
        Happening::GateIn => ("entering_exiting", "in_progress"),
        Happening::GateOut => ("entering_exiting", "in_transit"),
        Happening::Stuffed => ("packing", "in_progress"),
        Happening::Stripped => ("unpacking", "in_progress"),
        Happening::CustomsScan | Happening::CustomsInspection => ("inspecting", "in_progress"),
        Happening::CustomsReleased => ("inspecting", "conformant"),
        Happening::Crossed => ("transporting", "in_transit"),
        Happening::GaugeChanged => ("transporting", "in_progress"),
    }
}

/// The document. Boxes are named by their BIC container code (EPC Tag Data Standard, `urn:epc:id:bic:`), places by `geo:`
/// (RFC 5870); transport documents are business transactions.
#[must_use]
pub fn document(id: &ShipmentId, shipment: &Shipment, created: Moment) -> Value {
    let actual = shipment.observed.iter().filter(|known| known.observation.classifier == Classifier::Actual);
    let events: Vec<Value> = actual
        .map(|recorded| {
            let observation = &recorded.observation;
            let (biz_step, disposition) = step(observation.happening);
            let stop = shipment.itinerary.stop(&observation.place).map(|stop| &shipment.itinerary.stops[stop]);
            let place = stop.map_or_else(
                || format!("urn:unece:locode:{}", observation.place),
                |stop| format!("geo:{},{}", hundredths(stop.north), hundredths(stop.east)),
            );
            let boxes: Vec<String> = match &observation.equipment {
                Some(one) => vec![format!("urn:epc:id:bic:{one}")],
                None => shipment.equipment.iter().map(|one| format!("urn:epc:id:bic:{one}")).collect(),
            };
            let transactions: Vec<Value> = shipment
                .documents
                .iter()
                .map(|document| json!({"type": "bol", "bizTransaction": format!("urn:meridian:{}:{}", document.kind.to_lowercase(), document.number)}))
                .collect();
            let mut event = json!({
                "type": "ObjectEvent", "action": "OBSERVE",
                "eventTime": observation.at.to_string(), "eventTimeZoneOffset": "+00:00", "recordTime": recorded.at.to_string(),
                "epcList": boxes, "bizStep": biz_step, "disposition": disposition,
                "readPoint": {"id": place}, "bizTransactionList": transactions,
                "meridian:shipment": id.0, "meridian:place": observation.place,
            });
            if observation.happening == Happening::GaugeChanged {
                event["meridian:gaugeChange"] = json!(true);
            }
            event
        })
        .collect();
    json!({
        "@context": ["https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld", {"meridian": "https://meridian.invalid/epcis/"}],
        "type": "EPCISDocument", "schemaVersion": "2.0", "creationDate": created.to_string(),
        "epcisBody": {"eventList": events},
    })
}
