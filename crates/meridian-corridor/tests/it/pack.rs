//! The shipped North-South pack: it is sound, and the honest finding is visible.

use std::collections::BTreeMap;
use std::path::PathBuf;

use meridian_corridor::{LegKind, Load, Mode, Network, Overlay, Question, Wish, compare, plan};

use crate::world::{moment, sums};

pub fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../examples/north-south/corridor")
}

#[expect(clippy::disallowed_methods, reason = "a test opens the pack's files as the rim would")]
pub fn shipped() -> Network {
    let mut files = BTreeMap::new();
    for entry in std::fs::read_dir(folder()).unwrap().flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        if name.ends_with(".csv") {
            files.insert(name, std::fs::read(entry.path()).unwrap());
        }
    }
    Network::load(&files).unwrap_or_else(|problems| panic!("{problems:#?}"))
}

#[expect(clippy::disallowed_methods, reason = "a test opens the pack's files as the rim would")]
pub fn overlay(network: &Network, name: &str) -> Overlay {
    let bytes = std::fs::read(folder().join("overlays").join(name)).unwrap();
    Overlay::load(name, &bytes, network).unwrap_or_else(|problems| panic!("{problems:#?}"))
}

fn asked(from: &'static str, to: &'static str) -> Question<'static> {
    Question::new(from, to, moment("2026-03-20T00:00:00Z"), Load::teu(1))
}

#[test]
fn the_pack_is_as_large_as_it_says() {
    let network = shipped();
    assert!(network.nodes().len() >= 120, "{}", network.nodes().len());
    assert!(network.links().len() >= 285, "{}", network.links().len());
    assert!(network.links().iter().filter(|link| link.service.is_some()).count() >= 12);
}

#[test]
fn every_overlay_of_the_pack_loads() {
    let network = shipped();
    let mut seen = 0;
    for entry in std::fs::read_dir(folder().join("overlays")).unwrap().flatten() {
        let changed = network.with(&[overlay(&network, &entry.file_name().to_string_lossy())]);
        assert!(!changed.links().is_empty());
        seen += 1;
    }
    assert!(seen >= 8, "{seen}");
}

/// Today's figures: the sea way by Suez is the cheapest to Moscow, the way by Iran the fastest.
#[test]
fn suez_is_cheapest_and_the_corridor_is_fastest() {
    let network = shipped();
    let found = plan(&network, &asked("INNSA", "RUMOW"));
    assert!(!found.is_truncated);
    let passes = |wish: Wish, country: &str| {
        let route = wish.pick(&found).unwrap();
        route.nodes().into_iter().any(|node| network.nodes()[node].country == country)
    };
    assert!(passes(Wish::Cheapest, "EG") || passes(Wish::Cheapest, "RU") && !passes(Wish::Cheapest, "IR"));
    assert!(passes(Wish::Fastest, "IR"));
}

/// With the railway built, the fastest way that stays on rails through Iran and Azerbaijan has no truck; which gauge it is
/// built with says where the gauge changes.
#[test]
fn the_missing_railway_removes_the_truck_and_moves_the_gauge_change() {
    let network = shipped();
    let question = Question { avoid: &[Mode::Caspian, Mode::FerryRail], ..asked("IRTHR", "AZBAK") };
    let base =
        plan(&network, &Question { avoid: &[Mode::Caspian, Mode::FerryRail], ..asked("IRTHR", "AZBAK") });
    let fastest_with_rail = |found: &meridian_corridor::Plan| {
        let on_rails = |route: &&meridian_corridor::Route| {
            route.legs.iter().all(|leg| leg.kind != LegKind::Travel(Mode::Road))
        };
        found.routes.iter().find(on_rails).cloned()
    };
    assert_eq!(fastest_with_rail(&base), None, "there is a way on rails already");
    for (gauge, kind, place) in
        [("1435", LegKind::BorderAndGauge, "IRASR"), ("1520", LegKind::GaugeChange, "IRRAS")]
    {
        let changed = network.with(&[overlay(&network, &format!("rasht-astara-{gauge}.csv"))]);
        let with = plan(&changed, &question);
        let route = fastest_with_rail(&with).unwrap_or_else(|| panic!("no way on rails with {gauge}"));
        let change =
            route.legs.iter().find(|leg| leg.kind == kind).unwrap_or_else(|| panic!("{gauge}: {route:#?}"));
        assert_eq!(network.nodes()[change.from].id, place);
        assert_eq!((route.gauge_changes, route.transfers), (1, 0), "{gauge}");
        assert!(!compare(&base, &with).is_empty());
    }
}

/// A carrier that screening refused carries nothing, and the answer says whom and why.
#[test]
fn a_refused_carrier_is_named_with_the_reason() {
    let network = shipped();
    let mut question = asked("IRASR", "RUASF");
    question.avoid = &[Mode::Road, Mode::Rail];
    let before = plan(&network, &question);
    assert!(
        before
            .routes
            .iter()
            .any(|route| route.legs.iter().any(|leg| leg.operator.as_deref() == Some("IRISL")))
    );
    question.refused.insert("irisl".into(), "UN list, entry 7".into());
    let found = plan(&network, &question);
    assert!(
        found
            .routes
            .iter()
            .all(|route| route.legs.iter().all(|leg| leg.operator.as_deref() != Some("IRISL")))
    );
    let words: Vec<String> = found.excluded.iter().map(ToString::to_string).collect();
    assert!(
        words.iter().any(|line| line.contains("IRISL") && line.contains("UN list, entry 7")),
        "{words:?}"
    );
}

/// Every front of the shipped network is what trying nothing out leaves: no route of it beats another.
#[test]
fn no_route_of_an_answer_beats_another() {
    let network = shipped();
    let routes: Vec<[u32; 4]> = plan(&network, &asked("INNSA", "RUMOW")).routes.iter().map(sums).collect();
    for (place, one) in routes.iter().enumerate() {
        let beaten = routes
            .iter()
            .enumerate()
            .any(|(other, it)| other != place && it.iter().zip(one).all(|(a, b)| a <= b));
        assert!(!beaten, "{one:?}");
    }
}
