//! How long a route takes: what varies, carried through by seeded simulation.

#![expect(clippy::float_arithmetic, reason = "sampling of times; money never comes here")]
#![expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "minutes of a journey are small and above zero"
)]

use crate::plan::Route;

/// Times of a route in minutes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Forecast {
    /// One journey in ten is faster.
    pub p10: u32,
    /// Half are.
    pub p50: u32,
    /// Nine in ten are.
    pub p90: u32,
}

/// Carries dwell times (log-normal, by mean and deviation) and waits (even, within the headway) through a route. The
/// same seed gives the same answer. Estimated means are taken as they are: what we do not know is told by
/// [`Route::estimated_percent`], not by a wider interval.
#[must_use]
pub fn forecast(route: &Route, samples: u32, seed: u64) -> Forecast {
    let mut random = Random(seed);
    let mut times: Vec<u32> = (0..samples.max(1))
        .map(|_| {
            let minutes: f64 = route
                .legs
                .iter()
                .map(|leg| {
                    let moving = f64::from(leg.minutes) - f64::from(leg.headway) / 2.0;
                    let wait = f64::from(leg.headway) * random.even();
                    if leg.deviation == 0 {
                        moving + wait
                    } else {
                        random.dwell(moving, f64::from(leg.deviation)) + wait
                    }
                })
                .sum();
            minutes.round() as u32
        })
        .collect();
    times.sort_unstable();
    let at = |tenths: usize| times[(times.len() - 1) * tenths / 10];
    Forecast { p10: at(1), p50: at(5), p90: at(9) }
}

/// SplitMix64.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn even(&mut self) -> f64 {
        f64::from((self.next() >> 32) as u32) / f64::from(u32::MAX)
    }

    /// A log-normal time with this mean and deviation; the normal by Box and Muller.
    fn dwell(&mut self, mean: f64, deviation: f64) -> f64 {
        let variance = (deviation / mean).mul_add(deviation / mean, 1.0).ln();
        let normal =
            (-2.0 * self.even().max(1e-12).ln()).sqrt() * (std::f64::consts::TAU * self.even()).cos();
        variance.sqrt().mul_add(normal, mean.ln() - variance / 2.0).exp()
    }
}
