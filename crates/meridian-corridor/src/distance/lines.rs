//! Lines: a maritime, rail or road network imported from GeoJSON.

use std::collections::BTreeMap;

use serde_json::Value;

use super::geodesy::{Place, great_circle};
use crate::table::Problem;

/// A piece of line between two points of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Edge {
    /// One end, by position.
    pub from: usize,
    /// The other.
    pub to: usize,
    /// Metres, never below the great circle.
    pub metres: u64,
    /// The strait or canal it passes, by position in [`Lines::passages`].
    pub passage: Option<usize>,
}

/// An imported network of lines.
#[derive(Debug, Clone, Default)]
pub struct Lines {
    /// Its points.
    pub points: Vec<Place>,
    /// Its pieces.
    pub edges: Vec<Edge>,
    /// Names of straits and canals.
    pub passages: Vec<String>,
}

/// The Volga-Don canal, between the Caspian and the Black Sea: 101 km, 13 locks of 141 x 16.8 x 3.6 m, closed in winter.
/// Maritime networks draw it like open sea; whoever passes this box goes through its locks.
const VOLGA_DON: (&str, [f64; 4]) = ("volga_don", [43.4, 48.3, 44.8, 48.9]);

impl Lines {
    /// Imports the `LineString`s and `MultiLineString`s of a GeoJSON `FeatureCollection` (RFC 7946). A property `passage`
    /// names a strait or canal. Lines meet where their coordinates agree to a millionth of a degree; the two sides of the
    /// date line are one.
    ///
    /// # Errors
    /// The feature that is wrong, by its place in the collection.
    pub fn import(name: &str, bytes: &[u8]) -> Result<Self, Problem> {
        let problem = |place: String, what: &str| Problem { place, what: what.to_owned() };
        let document: Value = serde_json::from_slice(bytes).map_err(|error| Problem {
            place: format!("{name}:{}:{}", error.line(), error.column()),
            what: error.to_string(),
        })?;
        let features = document.get("features").and_then(Value::as_array);
        let features = features
            .ok_or_else(|| problem(format!("{name}:1:1"), "no features; give a GeoJSON FeatureCollection"))?;
        let mut lines = Self::default();
        let mut index = BTreeMap::new();
        for (number, feature) in features.iter().enumerate() {
            let wrong = |what: &str| problem(format!("{name}: feature {}", number + 1), what);
            let Some(geometry) = feature.get("geometry").filter(|geometry| !geometry.is_null()) else {
                continue;
            };
            let coordinates = geometry.get("coordinates").unwrap_or(&Value::Null);
            let parts: Vec<&Value> = match geometry.get("type").and_then(Value::as_str) {
                Some("LineString") => vec![coordinates],
                Some("MultiLineString") => coordinates.as_array().into_iter().flatten().collect(),
                _ => continue,
            };
            let passage = feature
                .get("properties")
                .and_then(|properties| properties.get("passage"))
                .and_then(Value::as_str);
            for part in parts {
                let places: Option<Vec<Place>> = part.as_array().into_iter().flatten().map(place).collect();
                let places =
                    places.ok_or_else(|| wrong("a coordinate is no pair of longitude and latitude"))?;
                let (name, [west, south, east, north]) = VOLGA_DON;
                let is_canal = places.iter().any(|place| {
                    (west..=east).contains(&place.east) && (south..=north).contains(&place.north)
                });
                let passage = passage.or(is_canal.then_some(name)).map(|name| lines.passage(name));
                lines.add(&mut index, &places, passage);
            }
        }
        if lines.edges.is_empty() {
            return Err(problem(format!("{name}:1:1"), "no lines; give LineStrings or MultiLineStrings"));
        }
        Ok(lines)
    }

    fn passage(&mut self, name: &str) -> usize {
        let known = self.passages.iter().position(|known| known == name);
        known.unwrap_or_else(|| {
            self.passages.push(name.to_owned());
            self.passages.len() - 1
        })
    }

    fn add(&mut self, index: &mut BTreeMap<(i64, i64), usize>, places: &[Place], passage: Option<usize>) {
        let mut before: Option<usize> = None;
        for place in places {
            let key = (millionths(place.north), millionths(place.east));
            let here = *index.entry(key).or_insert_with(|| {
                self.points.push(*place);
                self.points.len() - 1
            });
            if let Some(before) = before.filter(|before| *before != here) {
                let metres = great_circle(self.points[before], *place) + 1;
                self.edges.push(Edge { from: before, to: here, metres, passage });
            }
            before = Some(here);
        }
    }
}

fn place(value: &Value) -> Option<Place> {
    let (east, north) = (value.get(0)?.as_f64()?, value.get(1)?.as_f64()?);
    (north.abs() <= 90.0 && east.abs() <= 360.0).then(|| Place::new(north, east))
}

#[expect(clippy::cast_possible_truncation, reason = "degrees are at most 360")]
fn millionths(degrees: f64) -> i64 {
    (degrees * 1e6).round() as i64
}
