//! The carrier's side of a deal: it plans the shipment on the deal's route and reports its events, which the deal hears.

use meridian_corridor::shipment::ShipmentId;
use meridian_deal::{Contract, DealId, EvidenceKind};
use serde_json::json;

use super::day::{Day, Order};
use super::deals::DealEntry;
use super::journey::capital;
use super::participant::expect;

impl Day<'_> {
    /// The carrier plans the shipment on the way that was chosen, as it stood when the contract was signed.
    pub(super) async fn plan_shipment(
        &mut self,
        entry: &DealEntry,
        contract: &Contract,
    ) -> Result<(), String> {
        let id = contract.id.clone();
        let nodes = self.node.read(move |hub| {
            let route = hub.deal.deal(&id).and_then(|deal| deal.route.as_ref());
            route.map(|route| route.nodes.clone()).unwrap_or_default()
        });
        let body = json!({
            "depart": contract.signed_at.to_string(), "load": format!("{}xTEU", entry.teu),
            "via": nodes.await.map_err(|error| error.to_string())?,
            "documents": [{"kind": "BL", "number": format!("NOTE-{}", entry.id)}],
        });
        let of = format!("shipments/{}", entry.id);
        let planned =
            self.participants.told(&entry.carrier, |reply| Order::Speak { of, body, reply }).await?;
        expect(planned, "plan a shipment").map(|_| ())
    }

    /// Reports what has happened to the goods where the plan has it happen; the deal hears it, and banks pay what falls due.
    pub(super) async fn report(&mut self, entry: &DealEntry, kind: EvidenceKind) -> Result<(), String> {
        let before = self.paid(entry).await?;
        let (id, country) = (ShipmentId(entry.id.clone()), entry.buyer.country.clone());
        let place = self.node.read(move |hub| {
            let itinerary = &hub.shipments.shipment(&id)?.itinerary;
            let stop = match kind {
                EvidenceKind::Loaded => itinerary.stops.first(),
                EvidenceKind::BorderCrossed => itinerary.stops.iter().find(|stop| stop.country == country),
                _ => itinerary.end().map(|place| &itinerary.stops[place]),
            };
            stop.map(|stop| stop.id.clone())
        });
        let place = place.await.map_err(|error| error.to_string())?;
        let place = place.ok_or_else(|| format!("{}: its shipment has no such place", entry.id))?;
        let location = match place.starts_with("NS:") {
            true => json!({"locationType": "GEOL", "locationName": place}),
            false => json!({"locationType": "UNLO", "UNLocationCode": place}),
        };
        let (kind_key, code) = match kind {
            EvidenceKind::Loaded => ("equipmentEventTypeCode", "LOAD"),
            EvidenceKind::BorderCrossed => ("transportEventTypeCode", "ARRI"),
            _ => ("equipmentEventTypeCode", "DISC"),
        };
        let mut payload = json!({
            "eventClassifierCode": "ACT", "eventDateTime": self.clock.now().to_string(),
            "transportCall": {"location": location, "facilityTypeCode": "INTE"},
        });
        payload[kind_key] = json!(code);
        let body =
            json!({"metadata": {"eventCreatedDateTime": self.clock.now().to_string()}, "payload": payload});
        let of = format!("shipments/{}/events", entry.id);
        let told = self.participants.told(&entry.carrier, |reply| Order::Speak { of, body, reply }).await?;
        let told = expect(told, kind.word())?;
        let deal = DealId(entry.id.clone());
        let is_heard = self.node.read(move |hub| hub.deal.deal(&deal).is_some_and(|deal| deal.has(kind)));
        if !is_heard.await.map_err(|error| error.to_string())? {
            return Err(format!("{}: {} was reported and not heard: {told}", entry.id, kind.word()));
        }
        if kind != EvidenceKind::Loaded {
            self.participants.settle().await?;
            let paid = self.newly_paid(entry, &before).await?;
            let words = capital(&kind.word().replace('-', " "));
            self.tell(&entry.id, format!("{words}, by the carrier's event {code} at {place}.{paid}"));
        }
        Ok(())
    }
}
