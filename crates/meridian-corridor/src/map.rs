//! Maps: the network and routes on it, as SVG.

use crate::network::{Mode, Network};

/// Outlines of land and lakes: a line a polyline of hundredths of a degree.
const COASTLINE: &str = include_str!("coastline.txt");

const WIDTH: i32 = 1000;

/// A plate carrée drawing of everything within the network's bounds.
struct Sheet {
    west: i32,
    north: i32,
    /// Hundredths of a degree shown across.
    across: i32,
}

impl Sheet {
    fn of(network: &Network, shown: &[usize]) -> (Self, i32) {
        let everything: Vec<usize> = (0..network.nodes.len()).collect();
        let shown = if shown.is_empty() { &everything } else { shown };
        let bound = |pick: fn(&crate::Node) -> i32, most: bool| {
            let values = shown.iter().map(|node| pick(&network.nodes[*node]));
            if most { values.max() } else { values.min() }.unwrap_or(0)
        };
        let margin = 300;
        let (west, east) = (bound(|n| n.east, false) - margin, bound(|n| n.east, true) + margin);
        let (south, north) = (bound(|n| n.north, false) - margin, bound(|n| n.north, true) + margin);
        let across = (east - west).max(1200);
        let sheet = Self { west, north, across };
        let height = (north - south).max(800) * WIDTH / across * 5 / 4;
        (sheet, height)
    }

    /// One degree of latitude is drawn a quarter longer than one of longitude: about right at 37 degrees north.
    fn at(&self, east: i32, north: i32) -> (i32, i32) {
        ((east - self.west) * WIDTH / self.across, (self.north - north) * WIDTH / self.across * 5 / 4)
    }
}

/// Draws the network, and the given ways (node ids) on it. Gauge is told by the railway's line: 1,435 mm solid,
/// 1,520 mm dashed, 1,676 mm dotted. Ways are numbered in the order given.
#[must_use]
pub fn draw(network: &Network, ways: &[Vec<String>]) -> String {
    let ways: Vec<Vec<usize>> =
        ways.iter().map(|way| way.iter().filter_map(|id| network.node(id)).collect()).collect();
    let shown: Vec<usize> = ways.iter().flatten().copied().collect();
    let (sheet, height) = Sheet::of(network, &shown);
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" role=\"img\" \
         aria-label=\"Map of the corridor\"><style>{STYLE}</style><rect class=\"land\" width=\"{WIDTH}\" height=\"{height}\"/>"
    );
    for line in COASTLINE.lines().filter(|line| !line.starts_with('#')) {
        let points: Vec<(i32, i32)> = line
            .split(' ')
            .filter_map(|pair| pair.split_once(','))
            .filter_map(|(east, north)| Some(sheet.at(east.parse().ok()?, north.parse().ok()?)))
            .collect();
        svg.push_str(&polyline("coast", &points));
    }
    for link in &network.links {
        let ends = [link.from, link.to].map(|node| {
            let node = &network.nodes[node];
            sheet.at(node.east, node.north)
        });
        let class = match (link.mode, link.gauge) {
            (Mode::Rail, Some(1520)) => "rail broad",
            (Mode::Rail, Some(1676)) => "rail indian",
            (Mode::Rail, _) => "rail",
            (Mode::Road, _) => "road",
            _ => "water",
        };
        svg.push_str(&polyline(class, &ends));
    }
    for (number, way) in ways.iter().enumerate() {
        let points: Vec<(i32, i32)> =
            way.iter().map(|node| sheet.at(network.nodes[*node].east, network.nodes[*node].north)).collect();
        svg.push_str(&polyline(&format!("way way{}", number % 6), &points));
    }
    svg.push_str(&places(network, &sheet, &ways));
    svg.push_str(&legend(height));
    svg.push_str("</svg>");
    svg
}

const STYLE: &str = ".land{fill:var(--card,#fff)}.coast{fill:none;stroke:#7fa7bd;stroke-width:1.2}\
.rail{fill:none;stroke:#4a5568;stroke-width:1;opacity:.55}.broad{stroke-dasharray:6 3}.indian{stroke-dasharray:1.5 2.5}\
.road{fill:none;stroke:#b08968;stroke-width:.8;opacity:.4}.water{fill:none;stroke:#6fb1d0;stroke-width:.8;opacity:.5}\
.way{fill:none;stroke-width:3.4;stroke-linejoin:round;stroke-linecap:round;opacity:.85}\
.way0{stroke:#0b7285}.way1{stroke:#d9480f}.way2{stroke:#5f3dc4}.way3{stroke:#2b8a3e}.way4{stroke:#c2255c}.way5{stroke:#1864ab}\
.end{fill:var(--card,#fff);stroke:var(--ink,#14213d);stroke-width:2}.name{font:600 13px system-ui,sans-serif;fill:var(--ink,#14213d);\
paint-order:stroke;stroke:var(--card,#fff);stroke-width:3px}.note{font:11px system-ui,sans-serif;fill:var(--soft,#5c677d)}";

fn polyline(class: &str, points: &[(i32, i32)]) -> String {
    let points: Vec<String> = points.iter().map(|(x, y)| format!("{x},{y}")).collect();
    format!("<polyline class=\"{class}\" points=\"{}\"/>", points.join(" "))
}

/// The ends of every way, named once each.
fn places(network: &Network, sheet: &Sheet, ways: &[Vec<usize>]) -> String {
    let mut ends: Vec<usize> =
        ways.iter().flat_map(|way| [way.first(), way.last()]).flatten().copied().collect();
    ends.sort_unstable();
    ends.dedup();
    let mut svg = String::new();
    for node in ends {
        let node = &network.nodes[node];
        let (x, y) = sheet.at(node.east, node.north);
        let name = node.name.split([' ', '/', '(']).next().unwrap_or(&node.name);
        let name = name.replace('&', "&amp;").replace('<', "&lt;");
        svg.push_str(&format!(
            "<circle class=\"end\" cx=\"{x}\" cy=\"{y}\" r=\"5\"/><text class=\"name\" x=\"{}\" y=\"{}\">{name}</text>",
            x + 9,
            y + 4
        ));
    }
    svg
}

fn legend(height: i32) -> String {
    let rows = [
        ("rail", "1,435 mm"),
        ("rail broad", "1,520 mm"),
        ("rail indian", "1,676 mm"),
        ("water", "sea"),
        ("road", "road"),
    ];
    let mut svg = String::new();
    for (number, (class, words)) in rows.iter().enumerate() {
        let x = 20 + i32::try_from(number).unwrap_or(0) * 110;
        let y = height - 16;
        svg.push_str(&polyline(class, &[(x, y), (x + 30, y)]));
        svg.push_str(&format!("<text class=\"note\" x=\"{}\" y=\"{}\">{words}</text>", x + 36, y + 4));
    }
    svg
}
