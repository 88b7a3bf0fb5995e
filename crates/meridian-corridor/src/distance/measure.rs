//! How far it is along lines: contraction hierarchies over an imported network.

use std::collections::BTreeMap;

use fast_paths::{FastGraph, InputGraph};
use meridian_terms::Refusal;

use super::geodesy::{Place, great_circle};
use super::lines::Lines;

/// Lines made ready for distances.
pub struct Measure {
    lines: Lines,
    graph: FastGraph,
    /// Which part of the network hangs together with which.
    parts: Vec<usize>,
    /// Points as unit vectors: the nearest is the one with the greatest product.
    units: Vec<[f64; 3]>,
    passages: BTreeMap<(usize, usize), usize>,
    closed: Vec<String>,
}

/// A distance, with everything that was done to the ends.
#[derive(Debug, Clone, PartialEq)]
pub struct Distance {
    /// Metres from end to end, with the gaps at both.
    pub metres: u64,
    /// Of them, along the lines.
    pub along: u64,
    /// Metres from the place asked to the point of the network it was snapped to, at either end.
    pub gaps: [u64; 2],
    /// Metres of the great circle: nothing is shorter.
    pub great_circle: u64,
    /// Straits and canals passed, in order.
    pub passages: Vec<String>,
    /// The way, with both ends.
    pub way: Vec<Place>,
}

/// A place farther from the lines than this is not on them.
const FARTHEST_GAP: u64 = 300_000;

impl Measure {
    /// The passages a ship does not take unless it is told to: the Northwest Passage, and the locks of the Volga-Don.
    pub const USUALLY_CLOSED: [&'static str; 2] = ["northwest", "volga_don"];

    /// Makes lines ready, with some passages closed.
    #[must_use]
    pub fn new(lines: Lines, closed: &[&str]) -> Self {
        let mut input = InputGraph::new();
        let mut passages = BTreeMap::new();
        let mut parts: Vec<usize> = (0..lines.points.len()).collect();
        for edge in &lines.edges {
            if let Some(passage) = edge.passage {
                if closed.contains(&lines.passages[passage].as_str()) {
                    continue;
                }
                passages.insert((edge.from.min(edge.to), edge.from.max(edge.to)), passage);
            }
            let metres = usize::try_from(edge.metres).unwrap_or(usize::MAX);
            input.add_edge_bidir(edge.from, edge.to, metres);
            let (a, b) = (root(&mut parts, edge.from), root(&mut parts, edge.to));
            parts[a.max(b)] = a.min(b);
        }
        for point in 0..parts.len() {
            parts[point] = root(&mut parts, point);
        }
        input.freeze();
        let units = lines.points.iter().map(|place| unit(*place)).collect();
        let closed = closed.iter().map(|name| (*name).to_owned()).collect();
        Self { graph: fast_paths::prepare(&input), lines, parts, units, passages, closed }
    }

    /// The lines it measures along.
    #[must_use]
    pub const fn lines(&self) -> &Lines {
        &self.lines
    }

    /// How far it is between two places along the lines.
    ///
    /// # Errors
    /// `corridor.far_from_lines` when an end is not near them, `corridor.no_way` when no open line joins the two.
    pub fn distance(&self, from: Place, to: Place) -> Result<Distance, Refusal> {
        let (start, end) = (self.nearest(from)?, self.nearest(to)?);
        if self.parts[start.0] != self.parts[end.0] {
            let closed = self.closed.join(", ");
            let what = format!(
                "no line joins {:.2},{:.2} and {:.2},{:.2} while {closed} are closed",
                from.north, from.east, to.north, to.east
            );
            let canal = "the Caspian is joined to other seas only by the Volga-Don canal: 13 locks of 141 x 16.8 m, draught 3.6 m, \
                         closed from December to April";
            return Err(Refusal::new("corridor.no_way", what)
                .rule(canal)
                .next("allow a passage if the vessel fits it"));
        }
        let path = fast_paths::calc_path(&self.graph, start.0, end.0);
        let (along, points) = path
            .map_or_else(|| (0, vec![start.0]), |path| (path.get_weight() as u64, path.get_nodes().clone()));
        let mut passages: Vec<String> = Vec::new();
        for pair in points.windows(2) {
            let key = (pair[0].min(pair[1]), pair[0].max(pair[1]));
            let name = self.passages.get(&key).map(|passage| &self.lines.passages[*passage]);
            if let Some(name) = name.filter(|name| passages.last() != Some(name)) {
                passages.push(name.clone());
            }
        }
        let gaps = [start.1, end.1];
        let great = great_circle(from, to);
        let between = points.into_iter().map(|point| self.lines.points[point]);
        Ok(Distance {
            // Metres are whole; the sum of rounded pieces may fall a hair below the crow's.
            metres: (along + gaps[0] + gaps[1]).max(great),
            along,
            gaps,
            great_circle: great,
            passages,
            way: std::iter::once(from).chain(between).chain([to]).collect(),
        })
    }

    /// The nearest point of the lines and the metres to it.
    fn nearest(&self, place: Place) -> Result<(usize, u64), Refusal> {
        let here = unit(place);
        let product =
            |other: &[f64; 3]| here[0].mul_add(other[0], here[1].mul_add(other[1], here[2] * other[2]));
        let nearest = self.units.iter().enumerate().max_by(|a, b| product(a.1).total_cmp(&product(b.1)));
        let point = nearest.map_or(0, |(point, _)| point);
        let gap = great_circle(place, self.lines.points[point]);
        if gap > FARTHEST_GAP {
            let what =
                format!("{:.2},{:.2} is {} km from the nearest line", place.north, place.east, gap / 1000);
            return Err(Refusal::new("corridor.far_from_lines", what)
                .rule("a place more than 300 km from the lines is not on them")
                .next("give a place on the lines, north before east"));
        }
        Ok((point, gap))
    }
}

fn unit(place: Place) -> [f64; 3] {
    let (north, east) = (place.north.to_radians(), place.east.to_radians());
    [north.cos() * east.cos(), north.cos() * east.sin(), north.sin()]
}

fn root(parts: &mut [usize], mut point: usize) -> usize {
    while parts[point] != point {
        parts[point] = parts[parts[point]];
        point = parts[point];
    }
    point
}
