//! When a shipment will arrive, as its last actual event makes it.

use meridian_terms::{Micros, Moment};

use super::{Shipment, Standing};
use crate::forecast::{Times, forecast_rest};
use crate::network::Departures;
use crate::search::{Leg, LegKind, Route};

/// An arrival, renewed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Eta {
    /// One in ten arrives earlier, by what is known to vary.
    pub p10: Moment,
    /// Half do.
    pub p50: Moment,
    /// Nine in ten do.
    pub p90: Moment,
    /// The same three if the estimated spreads hold.
    pub assumed: [Moment; 3],
    /// Journeys in a thousand that arrive by the deadline, by what is known; where one was named.
    pub on_time_per_mille: Option<u16>,
    /// How much later than planned the shipment is so far.
    pub lateness: Micros,
}

/// The arrival of a shipment as known at a moment: the leg it is in cannot have ended before now, and what follows is drawn
/// from the distributions of its plan. The same seed gives the same answer. `None` once it is delivered, or while it is off
/// its way.
#[must_use]
pub fn eta(
    shipment: &Shipment,
    now: Moment,
    deadline: Option<Moment>,
    samples: u32,
    seed: u64,
) -> Option<Eta> {
    if shipment.standing == Standing::Delivered || shipment.is_off_way() {
        return None;
    }
    let itinerary = &shipment.itinerary;
    let minute = |moment: Moment| {
        let minutes = moment.since(itinerary.start()).0.div_euclid(Micros::minutes(1).0);
        u32::try_from(minutes.max(0)).unwrap_or(u32::MAX / 2)
    };
    let (progress, today) = (shipment.progress, minute(now));
    let begun = minute(progress.begun);
    let place = progress.leg as usize;
    let mut legs = itinerary.route.legs.clone();
    if let Some(leg) = legs.get_mut(place) {
        if progress.has_left {
            leg.minutes -= leg.wait;
            (leg.wait, leg.departures) = (0, Departures::AtOnce);
        }
        // It is in that leg still: not over before now.
        let gate = Leg {
            kind: LegKind::Season,
            begins: 0,
            minutes: today,
            wait: today,
            departures: Departures::AtOnce,
            deviation: 0,
            ..leg.clone()
        };
        legs.insert(place + 1, gate);
    }
    let route = Route { legs, ..itinerary.route.clone() };
    let found = forecast_rest(&route, place, begun, samples, seed, deadline.map(minute));
    let at = |minutes: u32| itinerary.start().plus(Micros::minutes(i64::from(minutes)));
    let three = |times: Times| [at(times.p10), at(times.p50), at(times.p90)];
    let [p10, p50, p90] = three(found.known);
    Some(Eta {
        p10,
        p50,
        p90,
        assumed: three(found.assumed),
        on_time_per_mille: found.known.on_time_per_mille,
        lateness: shipment.lateness(),
    })
}
