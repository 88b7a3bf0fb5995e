//! Which issuer a number belongs to.

use meridian_cards::*;
use meridian_terms::{Day, Window};

use crate::world::{a, b, range};

fn dated(prefix: &str, scheme: &SchemeId, from: &str, until: Option<&str>) -> Range {
    let until = until.map(|day| Day::parse(day).unwrap());
    Range { valid: Window::new(Day::parse(from).unwrap(), until).unwrap(), ..range(prefix, scheme) }
}

#[test]
fn the_longest_prefix_in_use_decides_and_nothing_is_guessed() {
    let table = Table::new([
        dated("621986", &b(), "2026-01-01", None),
        dated("62198612", &a(), "2026-01-01", Some("2026-07-01")),
        dated("62198612345", &a(), "2026-01-01", None),
        dated("502806", &a(), "2026-01-01", None),
        dated("502806", &b(), "2026-06-01", None),
        dated("603799", &b(), "2025-01-01", Some("2026-01-01")),
        Range { check: CheckDigit::None, lengths: (16, 16), ..dated("860012", &a(), "2026-01-01", None) },
    ])
    .unwrap();
    // number | day | scheme or reason
    let rows = [
        ("6219860000000001", "2026-08-01", "BETA"),
        ("6219861200000007", "2026-06-30", "ALPHA"),
        ("6219861200000007", "2026-07-01", "BETA"),
        ("6219861234500007", "2026-08-01", "its check digit is wrong"),
        ("6219861234500006", "2026-08-01", "ALPHA"),
        ("5028060000000001", "2026-05-31", "ALPHA"),
        ("5028060000000001", "2026-06-01", "two issuers claim its prefix"),
        ("6037990000000006", "2026-01-01", "the ranges with its prefix are not in use on this day"),
        ("6221060000000000", "2026-01-01", "no range has its prefix"),
        ("8600120000000000", "2026-01-01", "ALPHA"),
        ("86001200000000000", "2026-01-01", "its issuer has no numbers of this length"),
        ("62198", "2026-01-01", "no range has its prefix"),
        ("62198\u{663}0000000003", "2026-01-01", "no range has its prefix"),
    ];
    for (number, day, expected) in rows {
        let routed = table.route(number, Day::parse(day).unwrap());
        let said = routed.map_or_else(|why| why.to_string(), |range| range.scheme.to_string());
        assert_eq!(said, expected, "{number} on {day}");
    }
    assert_eq!(table.conflicts(), [("502806", &a(), &b())]);
}

#[test]
fn a_range_out_of_bounds_is_no_range() {
    for (prefix, lengths) in [
        ("62198", (16, 16)),
        ("621986123456", (16, 16)),
        ("62198x", (16, 16)),
        ("621986", (11, 16)),
        ("621986", (16, 20)),
        ("621986", (17, 16)),
    ] {
        let refused = Table::new([Range { lengths, ..range(prefix, &a()) }]).unwrap_err();
        assert_eq!(refused.code, "cards.range", "{prefix} {lengths:?}");
    }
    assert!(Table::new([range("621986", &a()), range("621986", &a())]).is_err());
}

/// Public lists of one country's issuer ranges: a third of them lie inside an international brand's range, and some are
/// claimed twice. Routing by issuer tells them apart; by brand it cannot.
#[test]
fn public_issuer_ranges_that_lie_inside_a_brand_route_to_their_own_scheme() {
    let Some(path) = meridian_testdata::find("cards/shetab_bins.json") else { return };
    let rows: serde_json::Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    let bins: Vec<&str> = rows.as_array().unwrap().iter().filter_map(|row| row["bin"].as_str()).collect();
    assert!(bins.len() >= 30);
    let inside = bins.iter().filter(|bin| bin.starts_with("62")).count();
    assert!(inside >= 10, "{inside}");
    let issuers = bins.iter().map(|bin| Range { check: CheckDigit::None, ..range(bin, &b()) });
    let table = Table::new(issuers).unwrap();
    for bin in bins {
        let number = format!("{bin}0000000000");
        assert_eq!(table.route(&number, Day::parse("2026-11-24").unwrap()).unwrap().scheme, b());
        assert!(table.route(&format!("{}9", &bin[..5]), Day::parse("2026-11-24").unwrap()).is_err());
    }
}
