//! Sea distances over the maritime network of searoute, beside searoute's own figures and published ones.

use std::sync::OnceLock;

use meridian_corridor::{Lines, Measure, Place, great_circle};

/// searoute 1.6.0 (PyPI, Apache-2.0) answers of 2026-11-25 for these coordinates, in kilometres, without the gaps at the
/// ends. The last three are Caspian pairs: the first two of them it puts below the great circle.
const SEAROUTE: &str = "\
INMUN,22.74,69.71,IRBND,27.14,56.21,1539.9
INNSA,18.95,72.95,AEJEA,25.01,55.06,2165.4
INNSA,18.95,72.95,RUNVS,44.72,37.78,7974.9
INMUN,22.74,69.71,RULED,59.93,30.25,14093.2
INMAA,13.10,80.29,RUVVO,43.11,131.88,8585.7
CNSHA,31.23,121.49,NLRTM,51.95,4.14,19586.5
SGSIN,1.26,103.84,AEJEA,25.01,55.06,6485.8
USNYC,40.68,-74.04,GBFXT,51.96,1.35,6015.0
USLAX,33.74,-118.26,JPYOK,35.45,139.65,9111.6
BRSSZ,-23.98,-46.29,NLRTM,51.95,4.14,10157.0
ZADUR,-29.87,31.03,INBOM,18.95,72.85,7069.1
AUMEL,-37.83,144.92,SGSIN,1.26,103.84,7289.4
EGPSD,31.26,32.30,TRIST,40.97,28.69,1432.2
TRIST,40.97,28.69,GEPTI,42.15,41.66,1137.6
DEHAM,53.54,9.97,RULED,59.93,30.25,2226.0
ESALG,36.13,-5.44,USHOU,29.73,-95.27,8870.7
PAONX,9.35,-79.90,CLVAP,-33.03,-71.63,4968.5
KRPUS,35.10,129.04,USSEA,47.60,-122.34,8657.6
PKKHI,24.82,66.98,KEMBA,-4.07,39.67,4465.4
LKCMB,6.95,79.84,EGSUZ,29.95,32.57,6336.9
IRBKM,30.43,49.07,INNSA,18.95,72.95,2955.6
GRPIR,37.94,23.62,FRMRS,43.30,5.36,1864.4
AZBAK,40.37,49.85,TMKRW,40.02,52.97,249.5
IRBAZ,37.47,49.46,AZBAK,40.37,49.85,289.8
KZAAU,43.60,51.22,IRAMD,36.85,53.37,814.7";

#[expect(clippy::disallowed_methods, reason = "a test opens the network's file as the rim would")]
fn sea() -> Option<&'static Measure> {
    static SEA: OnceLock<Option<Measure>> = OnceLock::new();
    let made = || {
        let bytes = std::fs::read(meridian_testdata::find("corridor/sea/marnet_searoute.geojson")?).unwrap();
        let lines = Lines::import("marnet.geojson", &bytes).unwrap();
        assert!(lines.points.len() > 9_000 && lines.edges.len() > 15_000);
        Some(Measure::new(lines, &Measure::USUALLY_CLOSED))
    };
    SEA.get_or_init(made).as_ref()
}

fn near(one: u64, other: u64, per_cent: u64) -> bool {
    one.abs_diff(other) * 100 <= other * per_cent
}

#[test]
fn twenty_pairs_agree_with_searoute_and_none_is_below_the_great_circle() {
    let Some(sea) = sea() else { return };
    let mut agreed = 0;
    for row in SEAROUTE.lines() {
        let cells: Vec<&str> = row.split(',').collect();
        let place = |at: usize| Place::new(cells[at].parse().unwrap(), cells[at + 1].parse().unwrap());
        let (from, to) = (place(1), place(4));
        let searoute: u64 = cells[6].replace('.', "").parse::<u64>().unwrap() * 100;
        let found = sea.distance(from, to).unwrap();
        assert!(found.metres >= great_circle(from, to), "{row}: {found:?}");
        assert!(found.metres >= found.along + found.gaps[0] + found.gaps[1], "{row}");
        let is_caspian = ["AZBAK", "IRBAZ", "KZAAU"].contains(&cells[0]);
        // Its length leaves the gaps at the ends out; ours, along the same lines, must be the same.
        assert!(near(found.along, searoute, 1), "{row}: {} m along the lines", found.along);
        agreed += u32::from(!is_caspian && near(found.metres, searoute, 3));
    }
    assert!(agreed >= 20, "only {agreed} pairs agree within 3 % with their gaps");
}

#[test]
fn mundra_to_bandar_abbas_is_as_long_as_published() {
    let Some(sea) = sea() else { return };
    let found = sea.distance(Place::new(22.74, 69.71), Place::new(27.10, 56.06)).unwrap();
    assert!(near(found.metres, 1_585_000, 3), "{} m", found.metres);
}

#[test]
fn the_caspian_is_reached_by_sea_only_through_the_locks() {
    let Some(sea) = sea() else { return };
    let (mumbai, anzali) = (Place::new(18.95, 72.85), Place::new(37.47, 49.46));
    let refusal = sea.distance(mumbai, anzali).unwrap_err();
    assert_eq!(refusal.code, "corridor.no_way");
    assert!(refusal.rule.contains("13 locks"), "{refusal}");
}

#[test]
fn a_place_far_inland_is_refused() {
    let Some(sea) = sea() else { return };
    let refusal = sea.distance(Place::new(55.76, 37.62), Place::new(18.95, 72.95)).unwrap_err();
    assert_eq!(refusal.code, "corridor.far_from_lines");
}

#[test]
fn passages_are_told_and_closing_suez_goes_round_the_cape() {
    let Some(sea) = sea() else { return };
    let (mumbai, novorossiysk) = (Place::new(18.95, 72.85), Place::new(44.72, 37.78));
    let usual = sea.distance(mumbai, novorossiysk).unwrap();
    assert!(
        ["babalmandab", "suez", "bosporus"]
            .iter()
            .all(|name| usual.passages.iter().any(|known| known == name)),
        "{:?}",
        usual.passages
    );
    let lines = sea.lines().clone();
    let closed = Measure::new(lines, &["northwest", "volga_don", "suez"]);
    let round = closed.distance(mumbai, novorossiysk).unwrap();
    assert!(
        round.metres > usual.metres * 2 && round.passages.iter().any(|name| name == "gibraltar"),
        "{:?}",
        round.passages
    );
}

#[test]
fn lines_that_are_no_lines_are_refused_with_their_place() {
    let cases = [
        ("{", "x:1:1"),
        ("{\"features\":[]}", "x:1:1: no lines"),
        ("{\"a\":1}", "x:1:1: no features"),
        (
            r#"{"features":[{"geometry":{"type":"LineString","coordinates":[[1,2],["a",3]]}}]}"#,
            "x: feature 1: a coordinate",
        ),
    ];
    for (text, words) in cases {
        let problem = Lines::import("x", text.as_bytes()).unwrap_err();
        assert!(problem.to_string().starts_with(words), "{problem}");
    }
}
