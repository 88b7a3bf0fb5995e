//! What would happen: an event, or the first refusal in order of precedence. Changes nothing.

use meridian_terms::{Micros, Moment, Refusal};

use super::{
    Classifier, Command, Delay, Denial, Event, Happening, Itinerary, Observation, Progress, Shipment,
    ShipmentId, Standing, State,
};

/// Clocks of terminals and hubs differ by so much.
const CLOCKS_DIFFER: Micros = Micros::minutes(5);

/// Decides a command at a moment.
///
/// # Errors
/// The first [`Denial`] in order of precedence, as a [`Refusal`] with the actual values.
pub fn decide(state: &State, command: &Command, at: Moment) -> Result<Event, Refusal> {
    match command {
        Command::Plan { id, itinerary, equipment, documents } => {
            if state.shipment(id).is_some() {
                return Err(Denial::Exists.refusal(&id.0));
            }
            if itinerary.route.legs.is_empty() {
                return Err(Denial::NoWay.refusal(&id.0));
            }
            let (id, itinerary) = (id.clone(), itinerary.clone());
            Ok(Event::Planned {
                id,
                itinerary,
                equipment: equipment.clone(),
                documents: documents.clone(),
                at,
            })
        }
        Command::Record(id, observation) => record(moving(state, id)?, id, observation, at),
        Command::Locate(id, position) => {
            moving(state, id)?;
            not_from_the_future(id, position.at, at)?;
            Ok(Event::Located(id.clone(), *position))
        }
        Command::Explain { id, reason, place, at: known, words } => {
            let shipment = moving(state, id)?;
            not_from_the_future(id, *known, at)?;
            if shipment.itinerary.stop(place).is_none() {
                return Err(Denial::NotOnWay.refusal(&format!("{place} is no place of {}", id.0)));
            }
            let delay = Delay { reason: *reason, place: place.clone(), at: *known, words: words.clone() };
            Ok(Event::Delayed(id.clone(), delay))
        }
        Command::Replan(id, itinerary) => {
            let shipment = moving(state, id)?;
            let Some(first) = itinerary.route.legs.first() else { return Err(Denial::NoWay.refusal(&id.0)) };
            // A shipment off its way is planned anew from where it was last seen.
            let start = &itinerary.stops[first.from].id;
            let seen = shipment.observed.iter().any(|known| known.observation.place == *start);
            if !seen && shipment.itinerary.stop(start).is_none() {
                return Err(Denial::NotOnWay.refusal(&format!("{start} is no place of {}", id.0)));
            }
            Ok(Event::Replanned { id: id.clone(), itinerary: itinerary.clone(), at })
        }
    }
}

fn moving<'a>(state: &'a State, id: &ShipmentId) -> Result<&'a Shipment, Refusal> {
    let shipment = state.shipment(id).ok_or_else(|| Denial::Unknown.refusal(&id.0))?;
    if shipment.standing == Standing::Delivered {
        return Err(Denial::Delivered.refusal(&id.0));
    }
    Ok(shipment)
}

fn not_from_the_future(id: &ShipmentId, happened: Moment, now: Moment) -> Result<(), Refusal> {
    if happened > now.plus(CLOCKS_DIFFER) {
        return Err(Denial::FromTheFuture.refusal(&format!("{}: {happened} is after {now}", id.0)));
    }
    Ok(())
}

fn record(
    shipment: &Shipment,
    id: &ShipmentId,
    observation: &Observation,
    at: Moment,
) -> Result<Event, Refusal> {
    if shipment.observed.iter().any(|known| known.observation == *observation) {
        return Err(Denial::AlreadyRecorded
            .refusal(&format!("{}: {:?} at {}", id.0, observation.happening, observation.place)));
    }
    if let Some(unknown) = observation.equipment.as_ref().filter(|named| !shipment.equipment.contains(named))
    {
        return Err(Denial::EquipmentUnknown.refusal(&format!("{unknown} is no box of {}", id.0)));
    }
    let is_actual = observation.classifier == Classifier::Actual;
    if is_actual {
        not_from_the_future(id, observation.at, at)?;
    }
    let progress = reached(&shipment.itinerary, shipment.progress, observation).filter(|_| is_actual);
    let place = shipment.itinerary.stop(&observation.place);
    let is_last = place.is_some() && place == shipment.itinerary.end();
    // Handed over at the last place: unpacked, through the gate, or discharged where nothing follows.
    let ends =
        matches!(observation.happening, Happening::Stripped | Happening::GateOut | Happening::Discharged);
    Ok(Event::Observed {
        id: id.clone(),
        observation: observation.clone(),
        progress,
        is_delivery: is_actual && is_last && ends,
        at,
    })
}

/// How far a shipment is by an observation; nothing where that is not on the way, or not farther than is known.
fn reached(itinerary: &Itinerary, known: Progress, observation: &Observation) -> Option<Progress> {
    let place = itinerary.stop(&observation.place)?;
    let now = known.leg as usize;
    let after = |leg: usize| leg + 1;
    let (leg, has_left) = match observation.happening {
        Happening::Departed => (itinerary.travel_from(place, now)?, true),
        Happening::Loaded | Happening::GaugeChanged => (itinerary.travel_from(place, now)?, false),
        Happening::Crossed | Happening::CustomsReleased => (after(itinerary.border_at(place, now)?), false),
        Happening::Arrived | Happening::Discharged => (after(itinerary.travel_to(place, now)?), false),
        Happening::GateIn
        | Happening::GateOut
        | Happening::Stuffed
        | Happening::Stripped
        | Happening::CustomsScan
        | Happening::CustomsInspection => return None,
    };
    let leg = u32::try_from(leg).ok()?;
    let is_farther = (leg, has_left) > (known.leg, known.has_left);
    is_farther.then_some(Progress { leg, begun: observation.at, has_left })
}
