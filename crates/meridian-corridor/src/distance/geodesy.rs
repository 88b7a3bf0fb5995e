//! Places on the earth and the shortest way between them.

/// A place, in degrees.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Place {
    /// Degrees north.
    pub north: f64,
    /// Degrees east, from -180 until 180.
    pub east: f64,
}

/// The mean radius of the earth in metres (IUGG).
const RADIUS: f64 = 6_371_008.8;

impl Place {
    /// A place in degrees; a longitude beyond the date line is brought back.
    #[must_use]
    pub fn new(north: f64, east: f64) -> Self {
        Self { north, east: (east + 180.0).rem_euclid(360.0) - 180.0 }
    }

    /// A place in hundredths of a degree.
    #[must_use]
    pub fn from_hundredths(north: i32, east: i32) -> Self {
        Self::new(f64::from(north) / 100.0, f64::from(east) / 100.0)
    }

    /// Reads `22.74,69.71`: north, then east.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (north, east) = text.split_once(',')?;
        let (north, east): (f64, f64) = (north.trim().parse().ok()?, east.trim().parse().ok()?);
        (north.abs() <= 90.0 && east.abs() <= 180.0).then(|| Self::new(north, east))
    }
}

/// Metres along the great circle, on a sphere.
///
/// ```
/// use meridian_corridor::{Place, great_circle};
/// // Baku to Turkmenbashi, as the crow flies.
/// let metres = great_circle(Place::new(40.37, 49.83), Place::new(40.02, 52.97));
/// assert!((260_000..275_000).contains(&metres));
/// ```
#[must_use]
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "at most half the earth around")]
pub fn great_circle(a: Place, b: Place) -> u64 {
    let (north_a, north_b) = (a.north.to_radians(), b.north.to_radians());
    let half_north = ((north_b - north_a) / 2.0).sin();
    let half_east = ((b.east - a.east).to_radians() / 2.0).sin();
    let chord = half_north.mul_add(half_north, north_a.cos() * north_b.cos() * half_east * half_east);
    (2.0 * RADIUS * chord.min(1.0).sqrt().asin()).round() as u64
}

/// Points of the great circle between two places, both ends included, about so many metres apart.
#[must_use]
pub fn geodesic(a: Place, b: Place, step_metres: u64) -> Vec<Place> {
    let parts = u32::try_from(great_circle(a, b) / step_metres.max(1) + 1).unwrap_or(1);
    let unit = |place: Place| {
        let (north, east) = (place.north.to_radians(), place.east.to_radians());
        [north.cos() * east.cos(), north.cos() * east.sin(), north.sin()]
    };
    let (from, to) = (unit(a), unit(b));
    let dot: f64 = from.iter().zip(to).map(|(x, y)| x * y).sum();
    let angle = dot.clamp(-1.0, 1.0).acos();
    (0..=parts)
        .map(|part| {
            let share = f64::from(part) / f64::from(parts);
            if angle < 1e-9 {
                return a;
            }
            let (left, right) = (((1.0 - share) * angle).sin(), (share * angle).sin());
            let [x, y, z] = [0, 1, 2].map(|axis| (left * from[axis] + right * to[axis]) / angle.sin());
            Place::new(z.clamp(-1.0, 1.0).asin().to_degrees(), y.atan2(x).to_degrees())
        })
        .collect()
}
