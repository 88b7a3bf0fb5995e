//! Events into state. Cannot fail: what was decided has happened.

use super::{Event, Progress, Recorded, Shipment, Standing, State};

/// Applies an event.
pub fn apply(state: &mut State, event: &Event) {
    match event {
        Event::Planned { id, itinerary, equipment, documents, .. } => {
            let shipment = Shipment {
                progress: Progress { leg: 0, begun: itinerary.start(), has_left: false },
                itinerary: itinerary.clone(),
                equipment: equipment.clone(),
                documents: documents.clone(),
                observed: Vec::new(),
                position: None,
                delays: Vec::new(),
                standing: Standing::Planned,
            };
            state.shipments.insert(id.clone(), shipment);
        }
        Event::Observed { id, observation, progress, is_delivery, at } => {
            let Some(shipment) = state.shipments.get_mut(id) else { return };
            let is_on_way = shipment.itinerary.stop(&observation.place).is_some();
            shipment.observed.push(Recorded { observation: observation.clone(), at: *at, is_on_way });
            if observation.classifier == super::Classifier::Actual {
                shipment.standing = if *is_delivery { Standing::Delivered } else { Standing::UnderWay };
            }
            if let Some(progress) = progress {
                shipment.progress = *progress;
            }
        }
        Event::Located(id, position) => {
            if let Some(shipment) = state.shipments.get_mut(id)
                && shipment.position.is_none_or(|known| known.at <= position.at)
            {
                shipment.position = Some(*position);
            }
        }
        Event::Delayed(id, delay) => {
            if let Some(shipment) = state.shipments.get_mut(id) {
                shipment.delays.push(delay.clone());
            }
        }
        Event::Replanned { id, itinerary, .. } => {
            if let Some(shipment) = state.shipments.get_mut(id) {
                shipment.progress = Progress { leg: 0, begun: itinerary.start(), has_left: false };
                shipment.itinerary = itinerary.clone();
            }
        }
    }
}
