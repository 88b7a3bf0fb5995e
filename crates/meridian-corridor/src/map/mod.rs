//! Maps: the network, routes, dwells and shipments as SVG that prints.

#![expect(clippy::float_arithmetic, reason = "paper has no exact places")]

use std::fmt::Write as _;

use crate::distance::{Place, geodesic};
use crate::network::{Link, Mode, Network};
use crate::search::{Leg, LegKind, Route};

mod sheet;

use sheet::Sheet;
pub(crate) use sheet::escaped;

/// Land and lakes: a ring a line, `land` or `lake`, hundredths of a degree east,north.
const LAND: &str = include_str!("land.txt");

/// What is drawn.
#[derive(Debug, Clone)]
pub struct Drawing<'a> {
    /// The words above the map.
    pub title: String,
    /// Routes, with what each is called in the legend.
    pub ways: Vec<(String, &'a Route)>,
    /// Shipments, with their names.
    pub shipments: Vec<(String, Place)>,
    /// Pixels across: 1,000 or so for a desk and for paper, 390 for a phone.
    pub width: u16,
}

/// Draws the network, and the given ways (node ids) on it: a small map for a page.
#[must_use]
pub fn draw(network: &Network, ways: &[Vec<String>]) -> String {
    let ways: Vec<Vec<usize>> =
        ways.iter().map(|way| way.iter().filter_map(|id| network.node(id)).collect()).collect();
    let mut map = Map::new(network, ways.iter().flatten().copied(), 1000.0, 0.0, 40.0);
    map.ground();
    map.links();
    for (number, way) in ways.iter().enumerate() {
        let pieces: Vec<Vec<Place>> = way.windows(2).map(|pair| map.between(pair[0], pair[1])).collect();
        map.way(number, &pieces.concat());
    }
    for way in &ways {
        for node in [way.first(), way.last()].into_iter().flatten() {
            map.end(*node);
        }
    }
    map.legend_of_lines(20.0);
    map.finished("Map of the corridor")
}

/// Draws a map to be printed: land and water, lines by gauge, routes, dwells as bubbles whose area is their hours,
/// shipments, a scale, and how much of it is estimated.
#[must_use]
pub fn draw_routes(network: &Network, drawing: &Drawing<'_>) -> String {
    let width = f64::from(drawing.width);
    let is_small = drawing.width < 600;
    let nodes = drawing.ways.iter().flat_map(|(_, route)| route.nodes());
    #[expect(clippy::cast_precision_loss, reason = "a map shows few ways")]
    let rows = drawing.ways.len() as f64;
    let row = if is_small { 34.0 } else { 20.0 };
    let below = rows.mul_add(row, if is_small { 116.0 } else { 74.0 });
    let mut map = Map::new(network, nodes, width, 44.0, below);
    map.sheet.take([0.0, 0.0, width, 44.0]);
    map.sheet.take([0.0, map.sheet.height - below, width, map.sheet.height]);
    map.ground();
    map.links();
    for (number, (_, route)) in drawing.ways.iter().enumerate() {
        let places: Vec<Place> =
            route.legs.iter().filter(|leg| leg.from != leg.to).flat_map(|leg| map.along(leg)).collect();
        map.way(number, &places);
    }
    // The shortest bubbles last, so that none hides another.
    let mut dwells = dwells(drawing);
    dwells.sort_by_key(|dwell| std::cmp::Reverse(dwell.1));
    for (node, minutes, kind) in &dwells {
        map.bubble(*node, *minutes, *kind);
    }
    for (_, route) in &drawing.ways {
        for node in [route.nodes().first(), route.nodes().last()].into_iter().flatten() {
            map.end(*node);
        }
    }
    for (node, minutes, kind) in &dwells {
        map.dwell_words(*node, *minutes, *kind, is_small);
    }
    if !is_small {
        let on_way: Vec<usize> = drawing.ways.iter().flat_map(|(_, route)| route.nodes()).collect();
        on_way.into_iter().for_each(|node| map.minor(node));
    }
    for (name, place) in &drawing.shipments {
        map.shipment(name, *place);
    }
    map.frame(drawing, below, row, is_small);
    map.finished(&drawing.title)
}

/// Where the ways of a drawing stop, for how long, and at what; each place once, with its longest stop.
fn dwells(drawing: &Drawing<'_>) -> Vec<(usize, u32, LegKind)> {
    let mut dwells: Vec<(usize, u32, LegKind)> = Vec::new();
    for (_, route) in &drawing.ways {
        let mut here: Vec<(usize, u32, LegKind)> = Vec::new();
        for leg in &route.legs {
            let minutes = if matches!(leg.kind, LegKind::Travel(_)) { leg.wait } else { leg.minutes };
            match here.iter_mut().find(|(node, ..)| *node == leg.from) {
                Some(known) => {
                    known.1 += minutes;
                    if matches!(known.2, LegKind::Travel(_)) {
                        known.2 = leg.kind;
                    }
                }
                None => here.push((leg.from, minutes, leg.kind)),
            }
        }
        for (node, minutes, kind) in here.into_iter().filter(|(_, minutes, _)| *minutes >= 180) {
            match dwells.iter_mut().find(|(known, ..)| *known == node) {
                Some(known) if known.1 < minutes => *known = (node, minutes, kind),
                Some(_) => {}
                None => dwells.push((node, minutes, kind)),
            }
        }
    }
    dwells
}

struct Map<'a> {
    network: &'a Network,
    sheet: Sheet,
    svg: String,
    named: Vec<usize>,
}

impl<'a> Map<'a> {
    fn new(
        network: &'a Network,
        shown: impl Iterator<Item = usize>,
        width: f64,
        above: f64,
        below: f64,
    ) -> Self {
        let mut places: Vec<Place> = shown.map(|node| network.nodes[node].place()).collect();
        if places.is_empty() {
            places = network.nodes.iter().map(crate::network::Node::place).collect();
        }
        // The bends of lanes may reach farther out than their ends.
        let near: Vec<Place> = network
            .links
            .iter()
            .filter(|link| {
                [link.from, link.to].iter().all(|node| places.contains(&network.nodes[*node].place()))
            })
            .flat_map(|link| &link.bends)
            .map(|(north, east)| Place::from_hundredths(*north, *east))
            .collect();
        places.extend(near);
        Self {
            network,
            sheet: Sheet::of(&places, width, above, below),
            svg: String::new(),
            named: Vec::new(),
        }
    }

    fn put(&mut self, element: std::fmt::Arguments<'_>) {
        let _ = self.svg.write_fmt(element);
    }

    /// Sea, land, lakes and the lines of the globe.
    fn ground(&mut self) {
        let (width, height) = (self.sheet.width, self.sheet.height);
        self.put(format_args!("<rect class=\"sea\" width=\"{width:.0}\" height=\"{height:.0}\"/>"));
        let mut paths = [String::new(), String::new()];
        for line in LAND.lines() {
            let Some((kind, ring)) = line.split_once(' ') else { continue };
            let place = |pair: &str| {
                let (east, north) = pair.split_once(',')?;
                Some(Place::from_hundredths(north.parse().ok()?, east.parse().ok()?))
            };
            let places: Vec<Place> = ring.split(' ').filter_map(place).collect();
            let layer = match kind {
                "land" => 0,
                "lake" => 1,
                _ => continue,
            };
            if places.iter().any(|place| self.sheet.shows(self.sheet.at(*place), 400.0)) {
                paths[layer].push_str(&self.sheet.path(&places, true));
            }
        }
        let mut globe = String::new();
        for degrees in (0..=170).step_by(10) {
            let east = f64::from(degrees);
            let meridian: Vec<Place> =
                (0..=36).map(|step| Place::new(f64::from(step).mul_add(2.0, -2.0), east)).collect();
            globe.push_str(&self.sheet.path(&meridian, false));
        }
        for degrees in (0..=70).step_by(10) {
            let north = f64::from(degrees);
            let parallel: Vec<Place> =
                (0..=80).map(|step| Place::new(north, f64::from(step).mul_add(2.0, -10.0))).collect();
            globe.push_str(&self.sheet.path(&parallel, false));
        }
        let [land, lakes] = paths;
        self.put(format_args!("<path class=\"land\" d=\"{land}\"/><path class=\"lake\" d=\"{lakes}\"/><path class=\"globe\" d=\"{globe}\"/>"));
    }

    /// Every link, quietly.
    fn links(&mut self) {
        let classes = ["water", "road", "rail", "rail broad", "rail indian"];
        let mut layers = vec![String::new(); classes.len()];
        for link in &self.network.links {
            let places = self.shape(link);
            if places.iter().any(|place| self.sheet.shows(self.sheet.at(*place), 20.0)) {
                let layer = class(link);
                layers[layer].push_str(&self.sheet.path(&places, false));
            }
        }
        for (class, data) in classes.iter().zip(layers) {
            self.put(format_args!("<path class=\"{class}\" d=\"{data}\"/>"));
        }
    }

    /// The places of a link, from its beginning to its end: by its bends, at sea along great circles.
    fn shape(&self, link: &Link) -> Vec<Place> {
        let ends = [link.from, link.to].map(|node| self.network.nodes[node].place());
        let bends = link.bends.iter().map(|(north, east)| Place::from_hundredths(*north, *east));
        let corners: Vec<Place> = std::iter::once(ends[0]).chain(bends).chain([ends[1]]).collect();
        if matches!(link.mode, Mode::Rail | Mode::Road | Mode::River) {
            return corners;
        }
        let mut places = vec![ends[0]];
        for pair in corners.windows(2) {
            places.extend(geodesic(pair[0], pair[1], 200_000).into_iter().skip(1));
        }
        places
    }

    /// The places of a leg, in its direction.
    fn along(&self, leg: &Leg) -> Vec<Place> {
        let link = self.network.links.iter().find(|link| link.id == leg.id);
        let Some(link) = link else { return self.between(leg.from, leg.to) };
        let mut places = self.shape(link);
        if link.from != leg.from {
            places.reverse();
        }
        places
    }

    /// The places between two neighbouring nodes: along the shortest link that joins them.
    fn between(&self, from: usize, to: usize) -> Vec<Place> {
        let joins = |link: &&Link| (link.from, link.to) == (from, to) || (link.from, link.to) == (to, from);
        let Some(link) = self.network.links.iter().filter(joins).min_by_key(|link| link.metres) else {
            return vec![self.network.nodes[from].place(), self.network.nodes[to].place()];
        };
        let mut places = self.shape(link);
        if link.from != from {
            places.reverse();
        }
        places
    }

    fn way(&mut self, number: usize, places: &[Place]) {
        let data = self.sheet.path(places, false);
        // Ways that run together lie a little beside each other, so that each is seen.
        #[expect(clippy::cast_precision_loss, reason = "a map shows few ways")]
        let beside = (number % 6) as f64 * 2.6;
        self.put(format_args!(
            "<g transform=\"translate({beside:.1} {:.1})\"><path class=\"casing\" d=\"{data}\"/><path class=\"way way{}\" d=\"{data}\"/></g>",
            -beside,
            number % 6
        ));
    }

    fn bubble(&mut self, node: usize, minutes: u32, kind: LegKind) {
        let (x, y) = self.sheet.at(self.network.nodes[node].place());
        self.put(format_args!(
            "<circle class=\"bubble {}\" cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"{:.1}\"/>",
            bubble_class(kind),
            radius(minutes)
        ));
    }

    fn dwell_words(&mut self, node: usize, minutes: u32, kind: LegKind, is_small: bool) {
        let name = self.short_name(node);
        let is_end = self.named.contains(&node);
        let words = match (is_end, is_small) {
            (true, _) => format!("{} h", minutes / 60),
            (false, true) => format!("{name} {} h", minutes / 60),
            (false, false) => format!("{name}: {} {} h", stop_word(kind), minutes / 60),
        };
        if !is_end {
            self.named.push(node);
        }
        self.words(node, &words, "dwell", 11.0, radius(minutes) + 3.0);
    }

    /// The end of a way, named.
    fn end(&mut self, node: usize) {
        if self.named.contains(&node) {
            return;
        }
        self.named.push(node);
        let (x, y) = self.sheet.at(self.network.nodes[node].place());
        self.put(format_args!("<circle class=\"end\" cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"5\"/>"));
        let name = self.short_name(node);
        self.words(node, &name, "name", 14.0, 9.0);
    }

    /// A place a way passes, named where there is room.
    fn minor(&mut self, node: usize) {
        if self.named.contains(&node) {
            return;
        }
        self.named.push(node);
        let (x, y) = self.sheet.at(self.network.nodes[node].place());
        self.put(format_args!("<circle class=\"dot\" cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"2\"/>"));
        let name = self.short_name(node);
        self.words(node, &name, "minor", 10.0, 5.0);
    }

    fn short_name(&self, node: usize) -> String {
        let name = &self.network.nodes[node].name;
        name.split([',', '/', '(']).next().unwrap_or(name).trim().to_owned()
    }

    fn words(&mut self, node: usize, words: &str, class: &str, size: f64, away: f64) {
        let point = self.sheet.at(self.network.nodes[node].place());
        if let Some((x, y, anchor)) = self.sheet.room(point, words.chars().count(), size, away) {
            let words = escaped(words);
            self.put(format_args!(
                "<text class=\"{class}\" x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"{anchor}\">{words}</text>"
            ));
        }
    }

    fn shipment(&mut self, name: &str, place: Place) {
        let (x, y) = self.sheet.at(place);
        self.put(format_args!("<path class=\"ship\" d=\"M{x:.1} {y:.1}l-6 -13a7 7 0 1 1 12 0z\"/>"));
        // A shipment is named even where that covers something.
        let room = self.sheet.room((x, y - 8.0), name.chars().count(), 12.0, 10.0);
        let (x, y, anchor) = room.unwrap_or((x + 10.0, y - 4.0, "start"));
        let name = escaped(name);
        self.put(format_args!(
            "<text class=\"ship-name\" x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"{anchor}\">{name}</text>"
        ));
    }

    /// Title, legend, scale and what it rests on.
    fn frame(&mut self, drawing: &Drawing<'_>, below: f64, row: f64, is_small: bool) {
        let (width, height) = (self.sheet.width, self.sheet.height);
        let top = height - below;
        self.put(format_args!(
            "<rect class=\"panel\" width=\"{width:.0}\" height=\"36\"/><text class=\"title{}\" x=\"14\" y=\"24\">{}</text>\
             <rect class=\"panel\" y=\"{top:.1}\" width=\"{width:.0}\" height=\"{below:.1}\"/>",
            if is_small { " short" } else { "" },
            escaped(&drawing.title)
        ));
        for (number, (name, route)) in drawing.ways.iter().enumerate() {
            #[expect(clippy::cast_precision_loss, reason = "a map shows few ways")]
            let y = (number as f64).mul_add(row, top + 20.0);
            let days = f64::from(route.minutes) / 1440.0;
            let first = format!("{name}: {days:.1} days, {}, {} kg CO2e", route.cost, route.grams / 1000);
            let second =
                format!("{} km, {} % of the time estimated", route.metres / 1000, route.estimated_percent);
            let (first, second) =
                if is_small { (first, Some(second)) } else { (format!("{first}, {second}"), None) };
            self.put(format_args!(
                "<path class=\"way way{}\" d=\"M14 {y:.1}h28\"/><text class=\"note\" x=\"50\" y=\"{:.1}\">{}</text>",
                number % 6,
                y + 4.0,
                escaped(&first)
            ));
            if let Some(second) = second {
                self.put(format_args!(
                    "<text class=\"note\" x=\"50\" y=\"{:.1}\">{}</text>",
                    y + 18.0,
                    escaped(&second)
                ));
            }
        }
        self.legend_of_lines(if is_small { 66.0 } else { 44.0 });
        // Bubbles of one and of four days, and a scale of 500 km at the middle of the map.
        let y = height - 16.0;
        let middle = self.network.nodes[drawing
            .ways
            .first()
            .and_then(|(_, route)| route.nodes().get(route.nodes().len() / 2).copied())
            .unwrap_or(0)]
        .place();
        let bar = self.sheet.pixels(middle, 500.0);
        let bar_x = if is_small { 14.0 } else { width - bar - 20.0 };
        let bar_y = if is_small { y - 22.0 } else { y };
        self.put(format_args!(
            "<circle class=\"bubble port\" cx=\"24\" cy=\"{:.1}\" r=\"{:.1}\"/><text class=\"note\" x=\"42\" y=\"{:.1}\">a day</text>\
             <circle class=\"bubble border\" cx=\"106\" cy=\"{:.1}\" r=\"{:.1}\"/><text class=\"note\" x=\"130\" y=\"{:.1}\">four days</text>\
             <path class=\"bar\" d=\"M{bar_x:.1} {:.1}v6h{bar:.1}v-6\"/><text class=\"note\" x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"{}\">500 km</text>",
            y - 4.0, radius(1440), y, y - 4.0, radius(4 * 1440), y,
            bar_y - 6.0,
            if is_small { bar_x + bar + 6.0 } else { bar_x - 6.0 },
            bar_y,
            if is_small { "start" } else { "end" },
        ));
        let words = "Land: Natural Earth 1:50m. Sea lanes are drawn by hand; lengths are the network's.";
        if !is_small {
            self.put(format_args!("<text class=\"note\" x=\"212\" y=\"{y:.1}\">{words}</text>"));
        }
    }

    fn legend_of_lines(&mut self, from_bottom: f64) {
        let rows = [
            ("rail", "1,435 mm"),
            ("rail broad", "1,520 mm"),
            ("rail indian", "1,676 mm"),
            ("water", "ship"),
            ("road", "road"),
        ];
        let y = self.sheet.height - from_bottom;
        // On a phone there is no room for the unit.
        let is_small = self.sheet.width < 600.0;
        let step = (self.sheet.width - 20.0).min(560.0) / 5.0;
        let line = (step * 0.28).min(30.0);
        let mut x = 14.0;
        for (class, words) in rows {
            let words = if is_small { words.trim_end_matches(" mm") } else { words };
            self.put(format_args!(
                "<path class=\"{class} key\" d=\"M{x:.1} {y:.1}h{line:.1}\"/><text class=\"note\" x=\"{:.1}\" y=\"{:.1}\">{words}</text>",
                x + line + 4.0,
                y + 4.0
            ));
            x += step;
        }
    }

    fn finished(self, label: &str) -> String {
        let (width, height) = (self.sheet.width, self.sheet.height);
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width:.0} {height:.0}\" role=\"img\" aria-label=\"{}\">\
             <style>{STYLE}</style>{}</svg>",
            escaped(label),
            self.svg
        )
    }
}

/// The layer of a link: water, road, or the railway's gauge, told by the line: 1,435 mm solid, 1,520 mm dashed, 1,676 mm
/// dotted.
const fn class(link: &Link) -> usize {
    match (link.mode, link.gauge) {
        (Mode::Rail, Some(1520)) => 3,
        (Mode::Rail, Some(1676)) => 4,
        (Mode::Rail, _) => 2,
        (Mode::Road, _) => 1,
        _ => 0,
    }
}

const fn bubble_class(kind: LegKind) -> &'static str {
    match kind {
        LegKind::Border | LegKind::BorderAndGauge | LegKind::National => "border",
        LegKind::GaugeChange => "gauge",
        LegKind::Ice | LegKind::Season => "ice",
        _ => "port",
    }
}

const fn stop_word(kind: LegKind) -> &'static str {
    match kind {
        LegKind::Border | LegKind::National => "border",
        LegKind::BorderAndGauge => "border, gauge",
        LegKind::GaugeChange => "gauge",
        LegKind::Ice => "ice",
        LegKind::Season => "season",
        LegKind::Travel(_) => "wait",
        LegKind::Station => "stop",
        _ => "transfer",
    }
}

/// Radius of a bubble whose area is its time: four days are sixteen pixels.
fn radius(minutes: u32) -> f64 {
    (f64::from(minutes) / f64::from(4 * 1440)).sqrt() * 16.0
}

const STYLE: &str = ".sea{fill:#dcebf2}.land{fill:#f7f4ec;stroke:#9fb6c1;stroke-width:.7;fill-rule:evenodd}.lake{fill:#dcebf2;stroke:#9fb6c1;stroke-width:.5}\
.globe{fill:none;stroke:#8aa7b5;stroke-width:.4;opacity:.45}\
.rail{fill:none;stroke:#4a5568;stroke-width:1;opacity:.5}.broad{stroke-dasharray:6 3}.indian{stroke-dasharray:1.5 2.5}\
.road{fill:none;stroke:#b08968;stroke-width:.8;opacity:.4}.water{fill:none;stroke:#4f93b5;stroke-width:.8;opacity:.45}.key{opacity:1;stroke-width:1.6}\
.casing{fill:none;stroke:#fff;stroke-width:6;stroke-linejoin:round;stroke-linecap:round;opacity:.8}\
.way{fill:none;stroke-width:3.2;stroke-linejoin:round;stroke-linecap:round}\
.way0{stroke:#0b7285}.way1{stroke:#d9480f}.way2{stroke:#5f3dc4}.way3{stroke:#2b8a3e}.way4{stroke:#c2255c}.way5{stroke:#1864ab}\
.bubble{stroke:#fff;stroke-width:1;fill-opacity:.55}.port{fill:#1c7ed6}.border{fill:#e03131}.gauge{fill:#f08c00}.ice{fill:#66d9e8}\
.end{fill:#fff;stroke:#14213d;stroke-width:2}.dot{fill:#14213d;opacity:.6}\
text{font-family:system-ui,-apple-system,'Segoe UI',sans-serif;fill:#14213d}\
.name,.dwell,.minor,.ship-name{paint-order:stroke;stroke:#fff;stroke-width:3px;stroke-linejoin:round}\
.name{font-size:14px;font-weight:650}.dwell{font-size:11px;fill:#7a1f1f}.minor{font-size:10px;fill:#495057}\
.title{font-size:16px;font-weight:650}.short{font-size:13px}.note{font-size:11.5px;fill:#343a40}.panel{fill:#fff;opacity:.94}\
.bar{fill:none;stroke:#14213d;stroke-width:1.2}.ship{fill:#c2255c;stroke:#fff;stroke-width:1.2}.ship-name{font-size:12px;font-weight:650;fill:#c2255c}";
