//! The planner: the shipped network exactly, a generated Eurasia within a tolerance, loading, simulation, sea distances.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::hint::black_box;
use std::time::{Duration, Instant};

use meridian_corridor::{Load, Network, Plan, Planner, Question, Route, forecast, plan};
use meridian_terms::Moment;

use crate::{Figure, Setting, best_of};

/// The shipped pack, built in, so that the bench runs wherever the binary stands.
const PACK: [(&str, &[u8]); 9] = [
    ("nodes.csv", include_bytes!("../../../examples/north-south/corridor/nodes.csv")),
    ("links.csv", include_bytes!("../../../examples/north-south/corridor/links.csv")),
    ("services.csv", include_bytes!("../../../examples/north-south/corridor/services.csv")),
    ("procedures.csv", include_bytes!("../../../examples/north-south/corridor/procedures.csv")),
    ("dwells.csv", include_bytes!("../../../examples/north-south/corridor/dwells.csv")),
    ("documents.csv", include_bytes!("../../../examples/north-south/corridor/documents.csv")),
    ("rates.csv", include_bytes!("../../../examples/north-south/corridor/rates.csv")),
    ("storage.csv", include_bytes!("../../../examples/north-south/corridor/storage.csv")),
    ("emissions.csv", include_bytes!("../../../examples/north-south/corridor/emissions.csv")),
];

type Tables = BTreeMap<String, Vec<u8>>;

/// Times of many answers, in milliseconds, fastest first.
struct Answers {
    times: Vec<f64>,
    fronts: Vec<usize>,
    truncated: usize,
}

pub fn run(setting: &Setting) -> Result<Vec<Figure>, String> {
    let tables: Tables = PACK.iter().map(|(name, bytes)| ((*name).to_owned(), bytes.to_vec())).collect();
    let network = loaded(&tables)?;
    let mut figures = Vec::new();
    let load = best_of(5, Duration::from_millis(200), || drop(black_box(Network::load(&tables)))) * 1e3;
    figures.push(Figure::new("shipped network: load and check the tables", load, "ms").beside("limit", 20.0));
    let ready = question(&network, 0, 1)?;
    let made =
        best_of(5, Duration::from_millis(200), || drop(black_box(Planner::new(&network, &ready)))) * 1e3;
    figures.push(Figure::new("shipped network: make the state graph of a load", made, "ms"));

    let planner = Planner::new(&network, &ready);
    let exact = asked(&network, 1000, |question| planner.plan(question))?;
    figures.extend(exact.figures("shipped network: exact, four criteria", 2.0, 100.0));
    let whole = asked(&network, 300, |question| plan(&network, question))?;
    figures.extend(whole.figures(
        "shipped network: the same with the state graph made each time",
        2.0,
        100.0,
    ));

    let routes = twenty(&network, &planner)?;
    let simulated = best_of(5, Duration::from_millis(200), || {
        for route in &routes {
            black_box(forecast(route, 10_000, 1));
        }
    }) * 1e3;
    let what = format!("{} routes: 10,000 journeys each, what is known and what is assumed", routes.len());
    figures.push(Figure::new(what, simulated, "ms").beside("limit", 100.0));

    let generated = eurasia(100);
    let begun = Instant::now();
    let network = loaded(&generated)?;
    figures.push(Figure::new("Eurasia of 10,000 nodes: load", begun.elapsed().as_secs_f64() * 1e3, "ms"));
    let ready = question(&network, 0, 1)?;
    let begun = Instant::now();
    let planner = Planner::new(&network, &ready);
    figures.push(Figure::new(
        "Eurasia of 10,000 nodes: make the state graph",
        begun.elapsed().as_secs_f64() * 1e3,
        "ms",
    ));
    let what = format!(
        "Eurasia of 10,000 nodes, {} links, {} states: within 1 %",
        network.links().len(),
        planner.states()
    );
    let tolerant =
        asked(&network, 60, |question| planner.plan(&Question { epsilon_ppm: 10_000, ..question.clone() }))?;
    figures.extend(tolerant.figures(&what, 150.0, 2000.0));
    let _ = setting;
    Ok(figures)
}

fn loaded(tables: &Tables) -> Result<Network, String> {
    Network::load(tables)
        .map_err(|problems| problems.iter().take(5).map(ToString::to_string).collect::<Vec<_>>().join("\n"))
}

fn question(network: &Network, from: usize, to: usize) -> Result<Question<'_>, String> {
    let depart = Moment::parse("2026-03-20T00:00:00Z").map_err(|refusal| refusal.to_string())?;
    let nodes = network.nodes();
    Ok(Question::new(&nodes[from].id, &nodes[to].id, depart, Load::teu(1)))
}

/// Asks random pairs and times every answer.
fn asked(network: &Network, count: u32, answer: impl Fn(&Question<'_>) -> Plan) -> Result<Answers, String> {
    let mut random = Random(7);
    let mut answers = Answers { times: Vec::new(), fronts: Vec::new(), truncated: 0 };
    for _ in 0..count {
        let (from, to) = (random.below(network.nodes().len()), random.below(network.nodes().len()));
        if from == to {
            continue;
        }
        let question = question(network, from, to)?;
        let begun = Instant::now();
        let found = black_box(answer(&question));
        answers.times.push(begun.elapsed().as_secs_f64() * 1e3);
        answers.fronts.push(found.routes.len());
        answers.truncated += usize::from(found.is_truncated);
    }
    answers.times.sort_by(f64::total_cmp);
    answers.fronts.sort_unstable();
    Ok(answers)
}

impl Answers {
    fn figures(&self, what: &str, median: f64, late: f64) -> [Figure; 2] {
        let at = |percent: usize| self.times[(self.times.len() - 1) * percent / 100];
        let fronts = |percent: usize| self.fronts[(self.fronts.len() - 1) * percent / 100];
        let words = format!(
            "{} random pairs, front of {} in the middle, {} at most, {} truncated",
            self.times.len(),
            fronts(50),
            fronts(100),
            self.truncated
        );
        [
            Figure::new(format!("{what}, P50 ({words})"), at(50), "ms").beside("limit", median),
            Figure::new(format!("{what}, P99"), at(99), "ms").beside("limit", late),
        ]
    }
}

/// Twenty routes between ends that have many.
fn twenty(network: &Network, planner: &Planner<'_>) -> Result<Vec<Route>, String> {
    let place = |id: &str| network.node(id).ok_or_else(|| format!("the pack has no {id}"));
    let mut routes = Vec::new();
    for (from, to) in [("INNSA", "RUMOW"), ("INMUN", "KZAST"), ("INDEL", "RULED")] {
        routes.extend(planner.plan(&question(network, place(from)?, place(to)?)?).routes);
    }
    routes.truncate(20);
    Ok(routes)
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

    fn below(&mut self, count: usize) -> usize {
        usize::try_from(self.next() % count as u64).unwrap_or(0)
    }
}

/// A made-up continent of `side` times `side` terminals: railways of two gauges and roads between neighbours, speeds and
/// prices by line, borders of 25 countries, and shipping between the ports of its southern and eastern coasts.
fn eurasia(side: usize) -> Tables {
    let mut random = Random(11);
    let mut nodes = String::from("id,name,country,kind,latitude,longitude\n");
    let mut links = String::from(
        "id,from,to,mode,gauge_mm,electrified,km,km_status,hours,hours_status,usd_per_teu,cost_status,pattern,departures_per_week,departures_status,source\n",
    );
    let mut places = Vec::new();
    for row in 0..side {
        for column in 0..side {
            let shake = |random: &mut Random| random.below(30) as f64 / 100.0;
            let north = 10.0 + row as f64 * 50.0 / side as f64 + shake(&mut random);
            let east = 20.0 + column as f64 * 110.0 / side as f64 + shake(&mut random);
            let country = [
                b'A' + u8::try_from(row * 5 / side).unwrap_or(0),
                b'A' + u8::try_from(column * 5 / side).unwrap_or(0),
            ];
            let country = String::from_utf8_lossy(&country).into_owned();
            let _ = writeln!(
                nodes,
                "N{row}-{column},Terminal {row}-{column},{country},terminal,{north:.2},{east:.2}"
            );
            places.push((north, east));
        }
    }
    let mut number = 0;
    let mut link = |random: &mut Random, a: usize, b: usize, mode: &str| {
        let ((north_a, east_a), (north_b, east_b)) = (places[a], places[b]);
        let crow = ((north_a - north_b)
            .hypot((east_a - east_b) * ((north_a + north_b) / 2.0).to_radians().cos()))
            * 111.2;
        let pick =
            |random: &mut Random, low: usize, high: usize| (low + random.below(high - low)) as f64 / 100.0;
        let gauge = if a % side < side / 3 { "1435" } else { "1520" };
        // Railways and hauliers of one country run at one speed and price; lines differ in how they wind.
        let mut of_country = Random((a / side * 5 / side * 5 + a % side * 5 / side) as u64);
        let (km, gauge, speed, price, leaves) = match mode {
            "rail" => (
                crow * pick(random, 110, 150),
                gauge,
                pick(&mut of_country, 1500, 3500),
                pick(&mut of_country, 15, 40),
                ",,",
            ),
            "road" => (
                crow * pick(random, 110, 140),
                "",
                pick(&mut of_country, 2500, 4500),
                pick(&mut of_country, 50, 110),
                ",,",
            ),
            _ => (crow * pick(random, 105, 130), "", pick(random, 2400, 3200), 0.11, "headway,2,published"),
        };
        let cost = price * km + if mode == "sea" { 200.0 } else { 10.0 };
        let electrified = if mode == "rail" && random.below(2) == 0 { "yes" } else { "" };
        let _ = writeln!(
            links,
            "L{number},N{}-{},N{}-{},{mode},{gauge},{electrified},{:.0},computed,{:.1},estimated,{cost:.0},estimated,{leaves},generated",
            a / side,
            a % side,
            b / side,
            b % side,
            km + 13.0,
            km / speed + 0.5
        );
        number += 1;
    };
    for row in 0..side {
        for column in 0..side {
            let here = row * side + column;
            let right = (column + 1 < side).then_some(here + 1);
            let up = (row + 1 < side).then_some(here + side);
            for there in [right, up].into_iter().flatten() {
                let kind = random.below(10);
                if kind < 7 {
                    link(&mut random, here, there, "rail");
                }
                if kind > 4 {
                    link(&mut random, here, there, "road");
                }
            }
        }
    }
    let south = (0..side).step_by(5);
    let east = (0..side).step_by(5).map(|row| row * side + side - 1);
    let ports: Vec<usize> = south.chain(east).collect();
    for (place, port) in ports.iter().enumerate() {
        for ahead in [1, 2, 5, 11] {
            if let Some(other) = ports.get(place + ahead) {
                link(&mut random, *port, *other, "sea");
            }
        }
    }
    let of_pack = |name: &str| {
        PACK.iter().find(|(known, _)| *known == name).map(|(_, bytes)| *bytes).unwrap_or_default()
    };
    let usual: String = String::from_utf8_lossy(of_pack("procedures.csv"))
        .lines()
        .filter(|line| line.starts_with("id,") || (line.starts_with('D') && line.contains(",*,*,")))
        .flat_map(|line| [line, "\n"])
        .collect();
    Tables::from([
        ("nodes.csv".to_owned(), nodes.into_bytes()),
        ("links.csv".to_owned(), links.into_bytes()),
        ("procedures.csv".to_owned(), usual.into_bytes()),
        ("emissions.csv".to_owned(), of_pack("emissions.csv").to_vec()),
    ])
}
