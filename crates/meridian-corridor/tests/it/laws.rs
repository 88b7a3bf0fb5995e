//! Laws over small random networks with every feature on.

use meridian_corridor::{Load, Network, Overlay, Planner, Question, forecast, forecast_by};
use proptest::prelude::*;

use crate::world::{ask, front, moment, network, sums};

#[derive(Debug, Clone)]
struct World {
    links: Vec<String>,
    depart: String,
    from: usize,
    to: usize,
    without: bool,
    heavy: bool,
}

const NODES: [&str; 5] = ["A", "B", "C", "D", "E"];

const PROCEDURES: &str = "\
PT,B,B,sea->rail,transfer,,,9,9,published,70,published,published,,,test
PS,C,C,rail,station,,,5,2,published,0,published,published,,,test
PB,B,C,rail,border+gauge,1435,1520,14,9,published,90,published,published,,,test
PI,ICE,D,caspian,ice,,,30,20,published,100,published,published,12-10,03-15,test
PC,RU,AZ,road,border,,,12,6,published,30,published,published,,,test
";

const DWELLS: &str = "procedure,train,months,mean_hours,sd_hours,sd_status,status,source
T,,3-4,3,1,published,published,test
BR,,12-2,20,12,published,published,test
PB,block,,6,2,published,published,test
ND,,3,1,0,published,published,test
";

const DOCUMENTS: &str = "id,modes,countries,hours,usd,status,source
TIR,road,IR;AZ;RU,1,12,published,test
SMGS,rail;ferry_rail,AZ;RU;KZ,1,8,published,test
";

const STORAGE: &str = "node,after_days,usd_per_teu_day,status,source
B,0,5,published,test
B,2,9,published,test
C,1,7,published,test
";

const RATES: &str = "id,per,up_to_tonnes,usd_per_km,usd,status,source
r,TEU,24,0.5,,published,test
r,TEU,,0.8,10,published,test
";

fn link() -> impl Strategy<Value = String> {
    let modes = prop::sample::select(vec![
        ("sea", ""),
        ("caspian", ""),
        ("ferry_rail", ""),
        ("river", ""),
        ("rail", "1435"),
        ("rail", "1520"),
        ("road", ""),
    ]);
    let patterns = prop::sample::select(vec![
        ",,published,,,",
        ",,published,,,",
        "headway,14,published,,,",
        "when_full,7,published,,,",
        "scheduled,,published,mon;thu,18:30,6",
        "scheduled,,published,sat,06:00,0",
    ]);
    let seasons = prop::sample::select(vec![",,", ",,", ",,", ",03-01,03-06", ",12-07,03-03", "yes,,"]);
    let ends = (0..NODES.len(), 1..NODES.len());
    let limits = prop::sample::select(vec!["", "", "", "max_tonnes=24"]);
    (ends, modes, 30..90_u32, 4..40_u32, 10..200_u32, patterns, seasons, any::<bool>(), any::<bool>(), limits).prop_map(
        |((from, step), (mode, gauge), km, hours, usd, pattern, season, by_rate, electrified, limits)| {
            let to = (from + step) % NODES.len();
            let rate = if by_rate { "r" } else { "" };
            let electrified = if electrified && mode == "rail" { "yes" } else { "" };
            format!(
                "{},{},{mode},{gauge},{electrified},{km},published,{hours},published,{usd},published,{rate},{pattern},{season},{limits},test",
                NODES[from], NODES[to]
            )
        },
    )
}

/// A link that takes the same on every day, by land, between neighbours or over one of them: many ways that differ little.
fn steady_link() -> impl Strategy<Value = String> {
    let modes = prop::sample::select(vec![("rail", "1435"), ("rail", "1520"), ("road", "")]);
    (0..5_usize, 1..3_usize, modes, 55..70_u32, 3..9_u32, 40..60_u32).prop_map(
        |(from, step, (mode, gauge), km, hours, usd)| {
            let nodes = ["A", "B", "C", "D", "E", "F"];
            let to = (from + step).min(5);
            format!(
                "{},{},{mode},{gauge},,{km},published,{hours},published,{usd},published,,,,published,,,,,,,,test",
                nodes[from], nodes[to]
            )
        },
    )
}

fn world() -> impl Strategy<Value = World> {
    let links = prop::collection::vec(link(), 4..8);
    let departs = prop::sample::select(vec![
        "2026-02-26T05:00:00Z",
        "2026-03-02T23:10:00Z",
        "2026-12-05T12:00:00Z",
        "2026-06-10T00:00:00Z",
    ]);
    (links, departs, 0..NODES.len(), 1..NODES.len(), any::<bool>(), any::<bool>()).prop_map(
        |(links, depart, from, step, without, heavy)| World {
            links,
            depart: depart.to_owned(),
            from,
            to: (from + step) % NODES.len(),
            without,
            heavy,
        },
    )
}

impl World {
    fn network(&self, links: &[String]) -> Network {
        let rows: String =
            links.iter().enumerate().map(|(number, link)| format!("L{number},{link}\n")).collect();
        network(
            &rows,
            &[
                ("procedures.csv", PROCEDURES),
                ("dwells.csv", DWELLS),
                ("documents.csv", DOCUMENTS),
                ("storage.csv", STORAGE),
                ("rates.csv", RATES),
            ],
        )
    }

    fn question(&self) -> Question<'_> {
        let mut load = Load::teu(1);
        if self.without {
            load.without_documents.insert("TIR".into());
            load.train = meridian_corridor::Train::Block;
        }
        if self.heavy {
            load.gross_kg = 26_000;
        }
        Question {
            within_days: 8,
            ..Question::new(NODES[self.from], NODES[self.to], moment(&self.depart), load)
        }
    }
}

fn is_as_good(one: &[u32; 4], other: &[u32; 4]) -> bool {
    one.iter().zip(other).all(|(one, other)| one <= other)
}

fn covers(front: &[[u32; 4]], other: &[[u32; 4]]) -> bool {
    other.iter().all(|wanted| front.iter().any(|found| is_as_good(found, wanted)))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: std::option_env!("MERIDIAN_LAW_CASES").and_then(|text| text.parse().ok()).unwrap_or(96), ..ProptestConfig::default() })]

    #[test]
    fn the_search_finds_what_trying_everything_finds(world in world()) {
        let network = world.network(&world.links);
        let question = world.question();
        let planner = Planner::new(&network, &question);
        let found = planner.plan(&question);
        prop_assert!(!found.is_truncated);
        // In eight days no way takes more than a handful of links: every one takes four hours at least, most a day.
        let all = planner.exhaust(&question, 4, 8);
        let short: Vec<_> = found.routes.iter().filter(|route| travels(route) <= 4).map(sums).collect();
        prop_assert!(covers(&front(&found), &all), "trying everything found {all:?}, the search {:?}", front(&found));
        prop_assert!(covers(&all, &short), "the search found {short:?}, trying everything {all:?}");
    }

    #[test]
    fn legs_add_up_to_the_route_exactly(world in world()) {
        let network = world.network(&world.links);
        for route in ask(&network, &world.question()).routes {
            let mut clock = 0;
            for leg in &route.legs {
                prop_assert_eq!(leg.begins, clock);
                prop_assert!(leg.wait <= leg.minutes);
                clock += leg.minutes;
            }
            prop_assert_eq!(clock, route.minutes);
            prop_assert_eq!(route.legs.iter().map(|leg| i128::from(leg.cents)).sum::<i128>(), route.cost.minor());
            prop_assert_eq!(route.legs.iter().map(|leg| leg.grams).sum::<u64>(), route.grams);
        }
    }

    #[test]
    fn an_empty_overlay_changes_nothing(world in world()) {
        let network = world.network(&world.links);
        let empty = Overlay::load("empty.csv", b"# nothing\nchange,id\n", &network).unwrap();
        let question = world.question();
        let (base, with) = (ask(&network, &question), ask(&network.with(&[empty]), &question));
        prop_assert_eq!(base.routes, with.routes);
        prop_assert_eq!(base.excluded, with.excluded);
    }

    #[test]
    fn an_added_link_never_worsens_the_front_and_a_removed_one_never_improves_it(world in world(), more in link()) {
        let network = world.network(&world.links);
        let links: Vec<String> = world.links.iter().cloned().chain([more]).collect();
        let grown = world.network(&links);
        let question = world.question();
        let (base, with) = (front(&ask(&network, &question)), front(&ask(&grown, &question)));
        prop_assert!(covers(&with, &base), "with {with:?} base {base:?}");
        let added = Overlay::adding(grown.links().last().unwrap().clone());
        prop_assert_eq!(&front(&ask(&network.with(&[added]), &question)), &with);
        let removed = Overlay::removing(&format!("L{}", world.links.len()));
        prop_assert_eq!(front(&ask(&grown.with(&[removed]), &question)), base);
    }

    #[test]
    fn a_tolerant_front_covers_the_exact_one(world in world(), percent in 1_u32..40) {
        let network = world.network(&world.links);
        let question = Question { within_days: 20, ..world.question() };
        let exact = front(&ask(&network, &question));
        let tolerant = front(&ask(&network, &Question { epsilon_ppm: percent * 10_000, ..question }));
        let within = |found: &[u32; 4], wanted: &[u32; 4]| {
            found.iter().zip(wanted).all(|(found, wanted)| u64::from(*found) * 100 <= u64::from(*wanted) * u64::from(100 + percent))
        };
        for wanted in &exact {
            prop_assert!(tolerant.iter().any(|found| within(found, wanted)), "{wanted:?} is not covered by {tolerant:?}");
        }
    }

    #[test]
    fn a_tolerant_front_covers_the_exact_one_where_nothing_varies_and_days_are_short(
        links in prop::collection::vec(steady_link(), 8..18), days in 1_u16..7, percent in 1_u32..60
    ) {
        let rows: String =
            links.iter().enumerate().map(|(number, link)| format!("L{number},{link}\n")).collect();
        let network = network(&rows, &[]);
        let question = Question {
            within_days: days,
            ..Question::new("A", "F", moment("2026-06-10T07:30:00Z"), Load::teu(1))
        };
        let exact = front(&ask(&network, &question));
        let tolerant = ask(&network, &Question { epsilon_ppm: percent * 10_000, ..question });
        prop_assert_eq!(exact.is_empty(), tolerant.routes.is_empty());
        for route in &tolerant.routes {
            prop_assert!(route.minutes <= u32::from(days) * 1440, "a way that arrives too late");
        }
        let tolerant = front(&tolerant);
        for wanted in &exact {
            let is_within = |found: &[u32; 4]| {
                found.iter().zip(wanted).all(|(found, wanted)| u64::from(*found) * 100 <= u64::from(*wanted) * u64::from(100 + percent))
            };
            prop_assert!(tolerant.iter().any(is_within), "{wanted:?} is not covered by {tolerant:?}");
        }
    }

    #[test]
    fn a_budget_that_is_spent_says_so(world in world(), budget in 1_usize..40) {
        let network = world.network(&world.links);
        let exact = ask(&network, &world.question());
        let short = ask(&network, &Question { budget, ..world.question() });
        prop_assert!(short.is_truncated || front(&short) == front(&exact));
    }

    #[test]
    fn the_same_seed_gives_the_same_answer(world in world(), seed in any::<u64>()) {
        let network = world.network(&world.links);
        for route in ask(&network, &world.question()).routes {
            let times = forecast(&route, 200, seed);
            prop_assert_eq!(times, forecast(&route, 200, seed));
            for times in [times.known, times.assumed] {
                prop_assert!(times.p10 <= times.p50 && times.p50 <= times.p90);
            }
            let (early, late) = (forecast_by(&route, 200, seed, Some(0)), forecast_by(&route, 200, seed, Some(u32::MAX)));
            prop_assert_eq!((early.known.on_time_per_mille, late.known.on_time_per_mille), (Some(0), Some(1000)));
        }
    }
}

fn travels(route: &meridian_corridor::Route) -> usize {
    route.legs.iter().filter(|leg| matches!(leg.kind, meridian_corridor::LegKind::Travel(_))).count()
}
