//! Published times and costs beside what the shipped pack answers. A miss is listed with its reason; no rate is fitted.

use meridian_corridor::{Load, Mode, Network, Question, Route, plan};

use crate::pack::shipped;
use crate::world::moment;

/// What a published figure is of.
#[derive(Clone, Copy, PartialEq)]
enum Of {
    /// A ship or block train from end to end: within 15 %.
    Service,
    /// Several modes with waits and borders: within 25 %.
    Mixed,
}

struct Published {
    words: &'static str,
    of: Of,
    from: &'static str,
    to: &'static str,
    /// What the route must be: passes this node or link.
    by: &'static str,
    avoid: &'static [Mode],
    days: Option<u32>,
    dollars: Option<u32>,
    source: &'static str,
    /// Why our figure misses, where it does.
    misses: &'static [(&'static str, &'static str)],
}

const COMCEC: &str = "COMCEC/Fimotions 2017, table 58: Nhava Sheva to Moscow, per TEU";
const GAZETTE: &str = "Railway Gazette 41975, January 2016: announced tariff, Mumbai to Poti";

const PUBLISHED: [Published; 11] = [
    Published {
        words: "Econship Nhava Sheva to Novorossiysk, transit",
        of: Of::Service,
        from: "INNSA",
        to: "RUNVS",
        by: "S11",
        avoid: &[],
        days: Some(17),
        dollars: None,
        source: "forward-exp.com: 16 to 18 days",
        misses: &[],
    },
    Published {
        words: "FESCO Mundra to Novorossiysk, transit",
        of: Of::Service,
        from: "INMUN",
        to: "RUNVS",
        by: "S13",
        avoid: &[],
        days: Some(17),
        dollars: None,
        source: "sberbank.co.in",
        misses: &[],
    },
    Published {
        words: "FESCO Mundra to Saint Petersburg, transit",
        of: Of::Service,
        from: "INMUN",
        to: "RULED",
        by: "S14",
        avoid: &[],
        days: Some(23),
        dollars: None,
        source: "sberbank.co.in",
        misses: &[],
    },
    Published {
        words: "sections by Suez, Nhava Sheva to Novorossiysk, under way",
        of: Of::Service,
        from: "INNSA",
        to: "RUNVS",
        by: "L019",
        avoid: &[],
        days: Some(17),
        dollars: None,
        source: "sberbank.co.in, forward-exp.com: 16 to 18 days",
        misses: &[("days", "sections are estimated at 26 km/h, without calls on the way")],
    },
    Published {
        words: "block train Chekhov to Sarakhs, under way",
        of: Of::Service,
        from: "RUCKV",
        to: "TMSRK",
        by: "S07",
        avoid: &[],
        days: Some(7),
        dollars: None,
        source: "newscentralasia.net 2022-10-29",
        misses: &[],
    },
    Published {
        words: "ferry Alat to Turkmenbashi, under way (hours 12)",
        of: Of::Service,
        from: "AZALA",
        to: "TMKRW",
        by: "S03",
        avoid: &[],
        days: None,
        dollars: None,
        source: "eurasia.travel",
        misses: &[],
    },
    Published {
        words: "INSTC by road through Iran and Azerbaijan",
        of: Of::Mixed,
        from: "INNSA",
        to: "RUMOW",
        by: "IRASR",
        avoid: &[Mode::Caspian, Mode::FerryRail, Mode::Rail],
        days: Some(32),
        dollars: Some(3882),
        source: COMCEC,
        misses: &[
            (
                "days",
                "what the study's days are made of is not known here; nearly all of ours are estimated means",
            ),
            ("dollars", "the pack's road rates by country are estimates"),
        ],
    },
    Published {
        words: "INSTC over the Caspian",
        of: Of::Mixed,
        from: "INNSA",
        to: "RUMOW",
        by: "caspian",
        avoid: &[],
        days: Some(44),
        dollars: Some(5765),
        source: COMCEC,
        misses: &[
            ("days", "departures of the pack's Caspian sections are estimates, and the study is of 2017"),
            ("dollars", "freight of the pack's Caspian sections is an estimate, and the study is of 2017"),
        ],
    },
    Published {
        words: "traditional way by sea and rail",
        of: Of::Mixed,
        from: "INNSA",
        to: "RUMOW",
        by: "RULED",
        avoid: &[],
        days: Some(32),
        dollars: Some(3133),
        source: COMCEC,
        misses: &[],
    },
    Published {
        words: "Mumbai to Poti by Astara",
        of: Of::Mixed,
        from: "INBOM",
        to: "GEPTI",
        by: "IRASR",
        avoid: &[Mode::Caspian, Mode::FerryRail],
        days: Some(13),
        dollars: Some(2190),
        source: GAZETTE,
        misses: &[("dollars", "an announced tariff of 2016; ours has estimated ports, borders and sections")],
    },
    Published {
        words: "Almaty to Poti over the Caspian",
        of: Of::Mixed,
        from: "KZALA",
        to: "GEPTI",
        by: "AZALA",
        avoid: &[Mode::Road],
        days: Some(20),
        dollars: None,
        source: "Middle Corridor, facts table: 20 days, down from over 30",
        misses: &[("days", "departures and dwells of the pack on this way are all estimates")],
    },
];

/// The fastest route that passes a node or uses a link.
fn found(network: &Network, row: &Published) -> Route {
    let question = Question {
        avoid: row.avoid,
        ..Question::new(row.from, row.to, moment("2026-04-20T00:00:00Z"), Load::teu(1))
    };
    // What is published names its way; others may beat it, so those that do not pass there are taken away.
    let passes = |route: &&Route| {
        let by_mode = route.legs.iter().any(|leg| leg.kind.word() == row.by);
        let by_node = network.node(row.by).is_some_and(|node| route.nodes().contains(&node));
        by_mode || by_node || route.legs.iter().any(|leg| leg.id == row.by)
    };
    let all = plan(network, &question);
    if let Some(route) = all.routes.iter().find(passes) {
        return route.clone();
    }
    let joined = joined(network, row);
    joined.unwrap_or_else(|| panic!("{}: no way by {}", row.words, row.by))
}

/// A way by a node that no best way takes: to it, and on from it.
fn joined(network: &Network, row: &Published) -> Option<Route> {
    let half = |from: &'static str, to: &'static str| {
        let question = Question {
            avoid: row.avoid,
            ..Question::new(from, to, moment("2026-04-20T00:00:00Z"), Load::teu(1))
        };
        plan(network, &question).routes.into_iter().next()
    };
    if let Some(link) = network.links().iter().find(|link| link.id == row.by) {
        // A single link: only it is left between the two.
        let nodes = network.nodes();
        let only: Vec<_> = network
            .links()
            .iter()
            .filter(|other| other.id != link.id && (other.from, other.to) == (link.from, link.to))
            .map(|other| meridian_corridor::Overlay::removing(&other.id))
            .collect();
        let changed = network.with(&only);
        let question = Question::new(
            &nodes[link.from].id,
            &nodes[link.to].id,
            moment("2026-04-20T00:00:00Z"),
            Load::teu(1),
        );
        return plan(&changed, &question)
            .routes
            .into_iter()
            .find(|route| route.legs.iter().any(|leg| leg.id == row.by));
    }
    let (first, second) = (half(row.from, row.by)?, half(row.by, row.to)?);
    let cost = first.cost.checked_add(second.cost).ok()?;
    let minutes = first.minutes + second.minutes;
    Some(Route { legs: [first.legs.clone(), second.legs].concat(), minutes, cost, ..first })
}

#[test]
fn published_figures_are_met_or_the_miss_is_explained() {
    let network = shipped();
    let (mut report, mut wrong) = (String::new(), Vec::new());
    for row in &PUBLISHED {
        let route = found(&network, row);
        // A service's published time is from departure to arrival; a mixed way's has its waits.
        let waits: u32 = route.legs.iter().map(|leg| leg.wait).sum();
        let minutes = if row.of == Of::Service { route.minutes - waits } else { route.minutes };
        let tolerance = if row.of == Of::Service { 15 } else { 25 };
        let mut check = |what: &str, ours: i64, theirs: i64| {
            let off = (ours - theirs) * 100 / theirs.max(1);
            let reason = row.misses.iter().find(|(missed, _)| *missed == what).map(|(_, reason)| *reason);
            report.push_str(&format!(
                "{}: {what} {ours}, published {theirs} ({off:+} %; {}) {}\n",
                row.words,
                row.source,
                reason.unwrap_or("")
            ));
            match (off.abs() > tolerance, reason) {
                (true, None) => wrong.push(format!("{}: {what} is an unexplained miss", row.words)),
                (false, Some(_)) => wrong.push(format!("{}: {what} is explained but met", row.words)),
                _ => {}
            }
        };
        if let Some(days) = row.days {
            // In tenths of a day, so that rounding hides nothing.
            check("days", i64::from(minutes) * 10 / 1440, i64::from(days) * 10);
        }
        if let Some(dollars) = row.dollars {
            check("dollars", i64::try_from(route.cost.minor() / 100).unwrap(), i64::from(dollars));
        }
        if row.words.contains("hours 12") {
            assert_eq!(minutes, 12 * 60, "{}", row.words);
        }
    }
    println!("{report}");
    assert!(wrong.is_empty(), "{report}\n{wrong:#?}");
}
