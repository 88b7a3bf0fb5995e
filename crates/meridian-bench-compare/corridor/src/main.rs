//! `compare-corridor PACK [PYTHON [MARNET]]`: milliseconds a query on the shipped network, a JSON line a figure. PYTHON is an
//! interpreter with networkx, igraph, rustworkx and searoute (`pip install` them into a virtual environment).
//!
//! The single-criterion rivals know one weight, no dwell, no season, no document: what they answer is a part of the
//! question. `rivals.py` has a label-setting search of three criteria on the same links, without states.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::time::Instant;

use meridian_corridor::{Lines, Load, Measure, Network, Place, Planner, Question};
use meridian_terms::Moment;

const PAIRS: usize = 300;

fn main() {
    let mut arguments = std::env::args().skip(1);
    let pack = arguments.next().expect("compare-corridor PACK [PYTHON [MARNET]]");
    let (python, marnet) = (arguments.next(), arguments.next());
    let mut tables = BTreeMap::new();
    for entry in std::fs::read_dir(&pack).expect("the pack is a directory").flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        if name.ends_with(".csv") {
            tables.insert(name, std::fs::read(entry.path()).expect("a table"));
        }
    }
    let network = Network::load(&tables).expect("the pack is sound");
    let nodes = network.nodes();
    let mut random = 7_u64;
    let mut below = || {
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(random >> 33).expect("small") % nodes.len()
    };
    let pairs: Vec<(usize, usize)> = (0..PAIRS).map(|_| (below(), below())).filter(|(from, to)| from != to).collect();
    let depart = Moment::parse("2026-03-20T00:00:00Z").expect("a moment");
    let question = |from: usize, to: usize| Question::new(&nodes[from].id, &nodes[to].id, depart, Load::teu(1));

    let planner = Planner::new(&network, &question(0, 1));
    figure("four criteria, exact, with dwell, seasons and documents", "meridian", timed(&pairs, |from, to| {
        planner.plan(&question(from, to)).routes.len()
    }));
    let mut graph = petgraph::graph::UnGraph::<(), u32>::default();
    let places: Vec<_> = nodes.iter().map(|_| graph.add_node(())).collect();
    let mut input = fast_paths::InputGraph::new();
    let mut edges = String::from("from,to,minutes,cents,grams\n");
    for link in network.links() {
        graph.add_edge(places[link.from], places[link.to], link.minutes);
        input.add_edge_bidir(link.from, link.to, link.minutes as usize);
        let _ = writeln!(edges, "{},{},{},{},{}", link.from, link.to, link.minutes, link.cents_per_teu.max(1), link.metres / 10);
    }
    input.freeze();
    let fast = fast_paths::prepare(&input);
    let mut calculator = fast_paths::create_calculator(&fast);
    figure("one criterion, links alone", "petgraph 0.8 dijkstra", timed(&pairs, |from, to| {
        petgraph::algo::dijkstra(&graph, places[from], Some(places[to]), |edge| *edge.weight()).len()
    }));
    figure("one criterion, links alone", "fast_paths 1.0 contraction hierarchy", timed(&pairs, |from, to| {
        calculator.calc_path(&fast, from, to).map_or(0, |path| path.get_weight())
    }));
    if let Some(marnet) = &marnet {
        let bytes = std::fs::read(marnet).expect("the maritime network");
        let sea = Measure::new(Lines::import(marnet, &bytes).expect("lines"), &Measure::USUALLY_CLOSED);
        let ports: Vec<(Place, Place)> = (0..pairs.len()).map(|_| (Place::new(18.95, 72.95), Place::new(44.72, 37.78))).collect();
        let begun = Instant::now();
        for (from, to) in &ports {
            std::hint::black_box(sea.distance(*from, *to).expect("a way"));
        }
        let each = begun.elapsed().as_secs_f64() * 1e3 / ports.len() as f64;
        println!("{{\"bench\":\"corridor\",\"figure\":\"sea distance\",\"rival\":\"meridian\",\"value\":{each:.4}}}");
    }
    let Some(python) = python else { return };
    let folder = std::env::temp_dir();
    let (links, ends) = (folder.join("compare-corridor-edges.csv"), folder.join("compare-corridor-pairs.csv"));
    std::fs::write(&links, edges).expect("a temporary file");
    let text: String = pairs.iter().map(|(from, to)| format!("{from},{to}\n")).collect();
    std::fs::write(&ends, text).expect("a temporary file");
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/rivals.py");
    let status = std::process::Command::new(python).arg(script).arg(&links).arg(&ends).status().expect("python runs");
    assert!(status.success(), "rivals.py failed");
}

/// Milliseconds of every query, sorted.
fn timed(pairs: &[(usize, usize)], mut query: impl FnMut(usize, usize) -> usize) -> Vec<f64> {
    let mut times: Vec<f64> = pairs
        .iter()
        .map(|(from, to)| {
            let begun = Instant::now();
            std::hint::black_box(query(*from, *to));
            begun.elapsed().as_secs_f64() * 1e3
        })
        .collect();
    times.sort_by(f64::total_cmp);
    times
}

fn figure(what: &str, rival: &str, times: Vec<f64>) {
    let at = |percent: usize| times[(times.len() - 1) * percent / 100];
    println!(
        "{{\"bench\":\"corridor\",\"figure\":\"{what}\",\"rival\":\"{rival}\",\"value\":{:.4},\"p99\":{:.4}}}",
        at(50),
        at(99)
    );
}
