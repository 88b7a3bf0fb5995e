//! How long a route takes: what varies, carried through by seeded simulation and missed connections.

#![expect(clippy::float_arithmetic, reason = "quantiles of times; money never comes here")]
#![expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "minutes of a journey are small and above zero"
)]

use crate::network::{Departures, Timetable};
use crate::search::{Leg, LegKind, Route};

/// Times of a route in minutes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Times {
    /// One journey in ten is faster.
    pub p10: u32,
    /// Half are.
    pub p50: u32,
    /// Nine in ten are.
    pub p90: u32,
    /// Journeys in a thousand that arrive by the deadline, where one was named.
    pub on_time_per_mille: Option<u16>,
    /// Journeys in a thousand that miss a departure they were planned for.
    pub missed_per_mille: u16,
}

/// What varies and what nobody knows, apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Forecast {
    /// Only what somebody has measured or published varies; estimates stay at their mean. No interval of it is built out
    /// of a guess.
    pub known: Times,
    /// The same with the estimated spreads and frequencies varying as well: what the pack's compiler believes.
    pub assumed: Times,
    /// Planned minutes whose mean is an estimate: how far off they are, nobody knows.
    pub estimated_minutes: u32,
}

/// Carries dwell times (log-normal, by mean and deviation) and waits (even within a headway, without memory where
/// something leaves when full, the next departure where there is a timetable) through a route. The same seed gives the
/// same answer, and the same stop draws the same times on every route, so two routes differ only where they differ.
#[must_use]
pub fn forecast(route: &Route, samples: u32, seed: u64) -> Forecast {
    forecast_by(route, samples, seed, None)
}

/// A [`forecast`] with the probability of arriving within so many minutes.
#[must_use]
pub fn forecast_by(route: &Route, samples: u32, seed: u64, deadline: Option<u32>) -> Forecast {
    let carried = |assumes| {
        let runs: Vec<Run> = route.legs.iter().map(|leg| Run::of(leg, route.start, seed, assumes)).collect();
        times(&runs, samples.max(1), 0, deadline)
    };
    let estimated = route.legs.iter().map(|leg| {
        let moving = if leg.reliance.time.is_guess() { leg.minutes - leg.wait } else { 0 };
        moving + if leg.reliance.departures.is_guess() { leg.wait } else { 0 }
    });
    Forecast { known: carried(false), assumed: carried(true), estimated_minutes: estimated.sum() }
}

/// Times of the legs from a place in the route on, begun at a minute of the journey: how an ETA is renewed.
#[must_use]
pub fn forecast_rest(
    route: &Route,
    from_leg: usize,
    begun: u32,
    samples: u32,
    seed: u64,
    deadline: Option<u32>,
) -> Forecast {
    let rest = route.legs.get(from_leg..).unwrap_or_default();
    let carried = |assumes| {
        let runs: Vec<Run> = rest.iter().map(|leg| Run::of(leg, route.start, seed, assumes)).collect();
        times(&runs, samples.max(1), begun, deadline)
    };
    let estimated = rest.iter().filter(|leg| leg.reliance.time.is_guess()).map(|leg| leg.minutes);
    Forecast { known: carried(false), assumed: carried(true), estimated_minutes: estimated.sum() }
}

fn times(runs: &[Run], samples: u32, begun: u32, deadline: Option<u32>) -> Times {
    let (mut ends, mut missed) = (Vec::with_capacity(samples as usize), 0_u32);
    for sample in 0..samples {
        let (mut minute, mut misses) = (begun, false);
        for run in runs {
            let (next, is_missed) = run.carry(minute, sample);
            minute = next;
            misses |= is_missed;
        }
        ends.push(minute);
        missed += u32::from(misses);
    }
    let per_mille = |count: u32| (u64::from(count) * 1000 / u64::from(samples)) as u16;
    let on_time =
        deadline.map(|deadline| per_mille(ends.iter().filter(|end| **end <= deadline).count() as u32));
    let mut at = |tenths: usize| {
        let place = (ends.len() - 1) * tenths / 10;
        *ends.select_nth_unstable(place).1
    };
    Times {
        p10: at(1),
        p50: at(5),
        p90: at(9),
        on_time_per_mille: on_time,
        missed_per_mille: per_mille(missed),
    }
}

/// Points of a quantile table.
const POINTS: usize = 512;

/// A leg made ready to be drawn many times.
struct Run {
    stream: u64,
    wait: Wait,
    /// Quantiles of the time without the wait.
    quantiles: Option<Box<[u32; POINTS + 1]>>,
    fixed: u32,
}

enum Wait {
    None,
    Even(u32),
    /// Quantiles of an exponential wait.
    Memoryless(Box<[u32; POINTS + 1]>),
    /// Departures by minute of the journey, the cut-off, and the one planned for.
    Timetable {
        departures: Vec<u32>,
        cut_off: u32,
        planned: u32,
    },
    Until(u32),
}

impl Run {
    fn of(leg: &Leg, start: i64, seed: u64, assumes: bool) -> Self {
        let knows_wait = assumes || !leg.reliance.departures.is_guess();
        let knows_spread = assumes || !leg.reliance.spread.is_guess();
        let moving = leg.minutes - leg.wait;
        let mut fixed = moving;
        let wait = match &leg.departures {
            _ if leg.kind == LegKind::Season => {
                fixed = 0;
                Wait::Until(leg.begins + leg.minutes)
            }
            Departures::Timetable(timetable) => of_timetable(timetable, leg, start),
            Departures::Headway(minutes) if knows_wait && leg.wait > 0 => Wait::Even(*minutes),
            Departures::WhenFull(minutes) if knows_wait && leg.wait > 0 => {
                Wait::Memoryless(quantiles(|p| -(1.0 - p).ln() * f64::from(*minutes)))
            }
            _ => {
                fixed += leg.wait;
                Wait::None
            }
        };
        let varies = knows_spread && leg.deviation > 0 && moving > 0;
        let table = varies.then(|| log_normal(f64::from(moving), f64::from(leg.deviation)));
        if varies {
            fixed -= moving;
        }
        Self { stream: stream(&leg.id, leg.kind, seed), wait, quantiles: table, fixed }
    }

    /// The minute at which the leg is over when it begins at one, and whether a planned departure was missed.
    fn carry(&self, minute: u32, sample: u32) -> (u32, bool) {
        // A counter, not a state: any draw can be repeated alone.
        let random = mixed(self.stream.wrapping_add(u64::from(sample).wrapping_mul(0x9e37_79b9_7f4a_7c15)));
        let (high, low) = ((random >> 32) as u32, random as u32);
        let moving = self.fixed + self.quantiles.as_ref().map_or(0, |table| quantile(table, high));
        match &self.wait {
            Wait::None => (minute + moving, false),
            Wait::Even(headway) => {
                (minute + moving + ((u64::from(*headway) * u64::from(low)) >> 32) as u32, false)
            }
            Wait::Memoryless(table) => (minute + moving + quantile(table, low), false),
            Wait::Until(until) => (minute.max(*until), minute > *until),
            Wait::Timetable { departures, cut_off, planned } => {
                let place = departures.partition_point(|departure| *departure < minute + cut_off);
                // After the last departure known goods wait for a next one like the last.
                let leaves = departures.get(place).copied().unwrap_or(minute + 7 * 1440);
                (leaves + moving, leaves > *planned)
            }
        }
    }
}

fn of_timetable(timetable: &Timetable, leg: &Leg, start: i64) -> Wait {
    let planned = leg.begins + leg.wait;
    let mut departures = Vec::new();
    let mut ready = start - i64::from(timetable.cut_off);
    // Half a year of departures: nobody waits longer for a ship he has missed.
    while let Some(leaves) = timetable.next(ready).filter(|leaves| *leaves < start + 180 * 1440) {
        departures.push(u32::try_from(leaves - start).unwrap_or(0));
        ready = leaves - i64::from(timetable.cut_off) + 1;
    }
    Wait::Timetable { departures, cut_off: timetable.cut_off, planned }
}

fn quantiles(at: impl Fn(f64) -> f64) -> Box<[u32; POINTS + 1]> {
    let mut table = Box::new([0; POINTS + 1]);
    for (place, value) in table.iter_mut().enumerate() {
        // The ends stand for the last two thousandths: no journey takes for ever.
        let share = (place as f64 / POINTS as f64).clamp(0.001, 0.999);
        *value = at(share).round() as u32;
    }
    table
}

fn quantile(table: &[u32; POINTS + 1], random: u32) -> u32 {
    let scaled = u64::from(random) * POINTS as u64;
    let (place, part) = ((scaled >> 32) as usize, scaled & 0xffff_ffff);
    let (low, high) = (table[place], table[place + 1]);
    low + ((u64::from(high - low) * part) >> 32) as u32
}

/// A log-normal time with this mean and deviation.
fn log_normal(mean: f64, deviation: f64) -> Box<[u32; POINTS + 1]> {
    let variance = (deviation / mean).mul_add(deviation / mean, 1.0).ln();
    let (centre, width) = (mean.ln() - variance / 2.0, variance.sqrt());
    quantiles(|share| width.mul_add(normal_quantile(share), centre).exp())
}

/// The quantile of the normal distribution, by Acklam's rational approximation (2003), good to 1.2e-9.
fn normal_quantile(share: f64) -> f64 {
    const A: [f64; 6] = [
        -3.969_683_028_665_376e1,
        2.209_460_984_245_205e2,
        -2.759_285_104_469_687e2,
        1.383_577_518_672_69e2,
        -3.066_479_806_614_716e1,
        2.506_628_277_459_239,
    ];
    const B: [f64; 5] = [
        -5.447_609_879_822_406e1,
        1.615_858_368_580_409e2,
        -1.556_989_798_598_866e2,
        6.680_131_188_771_972e1,
        -1.328_068_155_288_572e1,
    ];
    const C: [f64; 6] = [
        -7.784_894_002_430_293e-3,
        -3.223_964_580_411_365e-1,
        -2.400_758_277_161_838,
        -2.549_732_539_343_734,
        4.374_664_141_464_968,
        2.938_163_982_698_783,
    ];
    const D: [f64; 4] =
        [7.784_695_709_041_462e-3, 3.224_671_290_700_398e-1, 2.445_134_137_142_996, 3.754_408_661_907_416];
    let polynomial = |terms: &[f64], x: f64| terms.iter().fold(0.0, |sum: f64, term| sum.mul_add(x, *term));
    if share < 0.024_25 {
        let q = (-2.0 * share.ln()).sqrt();
        polynomial(&C, q) / polynomial(&D, q).mul_add(q, 1.0)
    } else if share > 1.0 - 0.024_25 {
        -normal_quantile(1.0 - share)
    } else {
        let q = share - 0.5;
        let r = q * q;
        polynomial(&A, r) * q / polynomial(&B, r).mul_add(r, 1.0)
    }
}

/// A stream of random numbers for a stop, by its name: FNV-1a over id and kind.
fn stream(id: &str, kind: LegKind, seed: u64) -> u64 {
    let name = id.bytes().chain(kind.word().bytes());
    let hash = name.fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    mixed(hash ^ mixed(seed))
}

/// The finaliser of SplitMix64.
const fn mixed(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}
