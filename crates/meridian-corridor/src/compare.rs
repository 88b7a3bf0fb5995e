//! A what-if against its base, leg by leg, for one load and for a year's flow.

use meridian_terms::Money;

use crate::search::{Leg, LegKind, Plan, Route};

/// What a shipper may want most.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Wish {
    /// The least time.
    Fastest,
    /// The least cost.
    Cheapest,
    /// The least emissions.
    Cleanest,
    /// The least lateness risk.
    Surest,
}

impl Wish {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Fastest, Self::Cheapest, Self::Cleanest, Self::Surest];

    /// The word for files and people.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Fastest => "fastest",
            Self::Cheapest => "cheapest",
            Self::Cleanest => "cleanest",
            Self::Surest => "surest",
        }
    }

    /// The route of a plan that meets it best.
    #[must_use]
    pub fn pick(self, plan: &Plan) -> Option<&Route> {
        plan.routes.iter().min_by_key(|route| {
            let (minutes, cents, grams, _) = route.order();
            let first = match self {
                Self::Fastest => i128::from(minutes),
                Self::Cheapest => cents,
                Self::Cleanest => i128::from(grams),
                Self::Surest => i128::from(route.variance),
            };
            (first, minutes, cents)
        })
    }
}

/// The routes somebody would wish for, each once, with all that it is: `cheapest, cleanest`.
#[must_use]
pub fn wished(plan: &Plan) -> Vec<(String, &Route)> {
    let mut ways: Vec<(String, &Route)> = Vec::new();
    for wish in Wish::ALL {
        let Some(route) = wish.pick(plan) else { continue };
        match ways.iter_mut().find(|(_, known)| *known == route) {
            Some((words, _)) => *words = format!("{words}, {}", wish.word()),
            None => ways.push((wish.word().to_owned(), route)),
        }
    }
    ways
}

/// What becomes of a wish.
#[derive(Debug, Clone)]
pub struct Comparison<'a> {
    /// Which.
    pub wish: Wish,
    /// The route without the what-if.
    pub base: &'a Route,
    /// The route with it.
    pub with: &'a Route,
    /// Legs of the base that are gone.
    pub gone: Vec<&'a Leg>,
    /// Legs that have come.
    pub come: Vec<&'a Leg>,
    /// Legs that are on both with other figures.
    pub changed: Vec<(&'a Leg, &'a Leg)>,
    /// What the what-if adds; below zero where it saves.
    pub difference: Difference,
}

/// A difference of two routes, for the load asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Difference {
    /// Planned minutes.
    pub minutes: i64,
    /// Cost.
    pub cost: Money,
    /// Grams of CO2 equivalent.
    pub grams: i64,
    /// Gauge changes.
    pub gauge_changes: i64,
    /// Changes of conveyance.
    pub transfers: i64,
}

impl Difference {
    /// The same for a year's flow of so many TEU, when `teu` were asked. Every box takes the way of the one that was
    /// asked; what no single box changes (capacity, a rate won by volume) is not in it. Hours are those of all boxes.
    #[must_use]
    pub fn of_a_year(self, teu: u32, teu_a_year: u32) -> Yearly {
        let times = |value: i128| value * i128::from(teu_a_year) / i128::from(teu.max(1));
        Yearly {
            teu: teu_a_year,
            box_hours: i128::from(self.minutes) * i128::from(teu_a_year) / 60,
            cost: Money::new(times(self.cost.minor()), self.cost.currency()),
            tonnes_co2e: times(i128::from(self.grams)) / 1_000_000,
        }
    }
}

/// What a what-if makes of a year's flow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Yearly {
    /// Of how many TEU.
    pub teu: u32,
    /// Hours under way, summed over all TEU.
    pub box_hours: i128,
    /// Cost.
    pub cost: Money,
    /// Tonnes of CO2 equivalent, whole ones towards zero.
    pub tonnes_co2e: i128,
}

/// Compares two plans of the same question, wish by wish; a wish that either cannot meet is left out.
#[must_use]
pub fn compare<'a>(base: &'a Plan, with: &'a Plan) -> Vec<Comparison<'a>> {
    let pairs = Wish::ALL.into_iter().filter_map(|wish| Some((wish, wish.pick(base)?, wish.pick(with)?)));
    pairs.map(|(wish, base, with)| of_routes(wish, base, with)).collect()
}

fn of_routes<'a>(wish: Wish, base: &'a Route, with: &'a Route) -> Comparison<'a> {
    let is_same = |a: &Leg, b: &Leg| (a.kind, &a.id, a.from, a.to) == (b.kind, &b.id, b.from, b.to);
    let figures = |leg: &Leg| (leg.minutes, leg.cents, leg.grams);
    let missing = |legs: &'a [Leg], others: &'a [Leg]| -> Vec<&'a Leg> {
        legs.iter().filter(|leg| !others.iter().any(|other| is_same(leg, other))).collect()
    };
    let both =
        base.legs.iter().filter_map(|leg| Some((leg, with.legs.iter().find(|other| is_same(leg, other))?)));
    let whole = |with: u64, base: u64| i64::try_from(i128::from(with) - i128::from(base)).unwrap_or(0);
    let cost = Money::new(with.cost.minor() - base.cost.minor(), base.cost.currency());
    Comparison {
        wish,
        base,
        with,
        gone: missing(&base.legs, &with.legs),
        come: missing(&with.legs, &base.legs),
        changed: both.filter(|(a, b)| figures(a) != figures(b)).collect(),
        difference: Difference {
            minutes: i64::from(with.minutes) - i64::from(base.minutes),
            cost,
            grams: whole(with.grams, base.grams),
            gauge_changes: i64::from(with.gauge_changes) - i64::from(base.gauge_changes),
            transfers: i64::from(with.transfers) - i64::from(base.transfers),
        },
    }
}

/// Whether a leg is a handling: what an overlay makes go or come besides the lines themselves.
#[must_use]
pub const fn is_handling(leg: &Leg) -> bool {
    matches!(
        leg.kind,
        LegKind::Transfer | LegKind::GaugeChange | LegKind::Border | LegKind::BorderAndGauge | LegKind::Ice
    )
}
