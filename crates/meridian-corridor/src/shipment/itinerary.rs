//! The planned way of a shipment, which stays what it was when the network changes.

use borsh::{BorshDeserialize, BorshSerialize};
use meridian_terms::{Micros, Moment};

use crate::network::Network;
use crate::search::{Leg, LegKind, Route};

/// A place on the way.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Stop {
    /// UN/LOCODE, or the network's own id beginning `NS:`.
    pub id: String,
    /// Its name.
    pub name: String,
    /// ISO 3166 country.
    pub country: String,
    /// Hundredths of a degree north.
    pub north: i32,
    /// Hundredths of a degree east.
    pub east: i32,
}

/// A route with the places it passes.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Itinerary {
    /// The route; its legs name places by their position in `stops`.
    pub route: Route,
    /// The places, in order of first passing.
    pub stops: Vec<Stop>,
}

impl Itinerary {
    /// The itinerary of a route found in a network.
    #[must_use]
    pub fn of(network: &Network, route: &Route) -> Self {
        let mut places: Vec<usize> = Vec::new();
        for node in route.nodes() {
            if !places.contains(&node) {
                places.push(node);
            }
        }
        let place = |node: usize| places.iter().position(|known| *known == node).unwrap_or(0);
        let legs =
            route.legs.iter().map(|leg| Leg { from: place(leg.from), to: place(leg.to), ..leg.clone() });
        let stop = |node: &usize| {
            let node = &network.nodes()[*node];
            let (id, name, country) = (node.id.clone(), node.name.clone(), node.country.clone());
            Stop { id, name, country, north: node.north, east: node.east }
        };
        Self {
            route: Route { legs: legs.collect(), ..route.clone() },
            stops: places.iter().map(stop).collect(),
        }
    }

    /// The route as it lies in a network, to be drawn; `None` where the network no longer has one of its places.
    #[must_use]
    pub fn route_in(&self, network: &Network) -> Option<Route> {
        let nodes: Vec<usize> =
            self.stops.iter().map(|stop| network.node(&stop.id)).collect::<Option<_>>()?;
        let legs = self.route.legs.iter();
        let legs = legs.map(|leg| Leg { from: nodes[leg.from], to: nodes[leg.to], ..leg.clone() });
        Some(Route { legs: legs.collect(), ..self.route.clone() })
    }

    /// The place with an id.
    #[must_use]
    pub fn stop(&self, id: &str) -> Option<usize> {
        self.stops.iter().position(|stop| stop.id == id)
    }

    /// When it begins.
    #[must_use]
    pub const fn start(&self) -> Moment {
        Moment::EPOCH.plus(Micros::minutes(self.route.start))
    }

    /// When it was planned to end.
    #[must_use]
    pub fn planned_end(&self) -> Moment {
        self.start().plus(Micros::minutes(i64::from(self.route.minutes)))
    }

    /// The last place.
    #[must_use]
    pub fn end(&self) -> Option<usize> {
        self.route.legs.last().map(|leg| leg.to)
    }

    /// The first leg from `after` on that runs from a place along a link.
    pub(super) fn travel_from(&self, place: usize, after: usize) -> Option<usize> {
        self.find(after, |leg| matches!(leg.kind, LegKind::Travel(_)) && leg.from == place)
    }

    /// The first leg from `after` on that runs to a place along a link.
    pub(super) fn travel_to(&self, place: usize, after: usize) -> Option<usize> {
        self.find(after, |leg| matches!(leg.kind, LegKind::Travel(_)) && leg.to == place)
    }

    /// The first leg from `after` on that is spent at a border near a place.
    pub(super) fn border_at(&self, place: usize, after: usize) -> Option<usize> {
        self.find(after, |leg| {
            matches!(leg.kind, LegKind::Border | LegKind::BorderAndGauge | LegKind::National)
                && leg.from == place
        })
    }

    fn find(&self, after: usize, is: impl Fn(&Leg) -> bool) -> Option<usize> {
        let legs = self.route.legs.iter().enumerate().skip(after);
        legs.into_iter().find(|(_, leg)| is(leg)).map(|(number, _)| number)
    }
}
