//! GTFS feeds: a small one worked out by hand, and real ones.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Read as _;

use meridian_corridor::{GtfsTerms, Mode, Network, import_gtfs};

use crate::world::{ask, question, tables};

pub fn terms() -> GtfsTerms {
    GtfsTerms {
        mode: Mode::Rail,
        gauge: Some(1520),
        country: "KZ".into(),
        ahead_of_utc: 5 * 60,
        terminals: BTreeSet::new(),
        cents_per_teu_km: 15,
    }
}

pub fn feed(stop_times: &str) -> BTreeMap<String, Vec<u8>> {
    let files = [
        (
            "stops.txt",
            "stop_id,stop_name,stop_lat,stop_lon\nX,\"Ex, town\",43.00,76.00\nY,Why,44.00,76.00\nZ,Zed,45.00,76.00\n",
        ),
        ("trips.txt", "route_id,service_id,trip_id\nR,WK,T1\nR,WK,T2\n"),
        (
            "calendar.txt",
            "service_id,monday,tuesday,wednesday,thursday,friday,saturday,sunday,start_date,end_date\nWK,1,0,0,0,0,0,0,20260101,20261231\n",
        ),
        ("calendar_dates.txt", "service_id,date,exception_type\nWK,20260330,2\nWK,20260401,1\n"),
        ("stop_times.txt", stop_times),
    ];
    files.into_iter().map(|(name, text)| (name.to_owned(), text.as_bytes().to_vec())).collect()
}

pub const STOP_TIMES: &str = "trip_id,arrival_time,departure_time,stop_id,stop_sequence
T1,02:00:00,02:00:00,X,1
T1,,,Y,2
T1,08:00:00,08:00:00,Z,3
T2,25:00:00,25:00:00,X,1
T2,31:00:00,31:00:00,Z,2
";

/// The feed's tables, loaded as a network.
fn loaded(nodes: &str, services: &str) -> Network {
    let mut tables = tables("", &[]);
    tables.insert("nodes.csv".into(), nodes.as_bytes().to_vec());
    tables.insert("services.csv".into(), services.as_bytes().to_vec());
    Network::load(&tables).unwrap_or_else(|problems| panic!("{problems:#?}\n{services}"))
}

#[test]
fn a_feed_becomes_services_that_leave_when_it_says() {
    let found = import_gtfs(&feed(STOP_TIMES), &terms()).unwrap();
    assert_eq!(found.notes, ["1 blank times were filled in evenly"]);
    let network = loaded(&found.nodes, &found.services);
    // Monday at two local time is Sunday at nine in the evening UTC; the trip after midnight leaves on Monday at eight.
    let cases = [
        ("NS:X", "NS:Z", "2026-03-22T00:00:00Z", 21 * 60, 360),
        ("NS:X", "NS:Z", "2026-03-22T21:01:00Z", 22 * 60 + 59, 360),
        ("NS:X", "NS:Y", "2026-03-22T00:00:00Z", 21 * 60, 180),
        // Monday 30 March is taken away, Wednesday 1 April is given instead.
        ("NS:X", "NS:Y", "2026-03-28T00:00:00Z", (3 * 24 + 21) * 60, 180),
    ];
    for (from, to, ready, wait, moving) in cases {
        let found = ask(&network, &question(from, to, ready));
        let leg = &found.routes[0].legs[0];
        assert_eq!((leg.wait, leg.minutes - leg.wait), (wait, moving), "{from} {to} {ready}");
    }
}

#[test]
fn a_broken_feed_is_refused_by_file_row_and_column() {
    let cases = [
        (STOP_TIMES.replace("02:00:00,02:00:00", "two,two"), "stop_times.txt:2:2: \"two\""),
        (STOP_TIMES.replace(",Y,", ",Q,"), "stop_times.txt:3:4: no stop Q"),
    ];
    for (text, words) in cases {
        let problems = import_gtfs(&feed(&text), &terms()).unwrap_err();
        assert!(
            problems.iter().any(|problem| problem.to_string().starts_with(words)),
            "{words}: {problems:?}"
        );
    }
}

#[expect(clippy::disallowed_methods, reason = "a test opens the feed as the rim would")]
fn zipped(name: &str) -> Option<BTreeMap<String, Vec<u8>>> {
    let file = std::fs::File::open(meridian_testdata::find(name)?).unwrap();
    let mut archive = zip::ZipArchive::new(file).unwrap();
    let mut files = BTreeMap::new();
    for number in 0..archive.len() {
        let mut entry = archive.by_index(number).unwrap();
        let mut bytes = Vec::new();
        entry.read_to_end(&mut bytes).unwrap();
        files.insert(entry.name().unwrap().into_owned(), bytes);
    }
    Some(files)
}

/// The Cairns feed leaves times between timed stops blank, as the standard allows; a strict reader refuses it.
#[test]
fn real_feeds_are_read() {
    for (name, terminals, blank) in
        [("corridor/gtfs/cairns_gtfs.zip", 40, true), ("corridor/gtfs/nyc_subway_gtfs.zip", 12, false)]
    {
        let Some(files) = zipped(name) else { return };
        let stops = String::from_utf8(files["stop_times.txt"].clone()).unwrap();
        let column = stops
            .lines()
            .next()
            .unwrap()
            .trim_start_matches('\u{feff}')
            .split(',')
            .position(|column| column == "stop_id")
            .unwrap();
        let named: BTreeSet<String> = stops
            .lines()
            .skip(1)
            .filter_map(|line| Some(line.split(',').nth(column)?.to_owned()))
            .take(4000)
            .collect();
        let terminals: BTreeSet<String> = named.into_iter().take(terminals).collect();
        let found = import_gtfs(&files, &GtfsTerms { terminals, ahead_of_utc: 0, ..terms() }).unwrap();
        assert!(found.services.lines().count() > 20, "{name}: {}", found.services.lines().count());
        assert_eq!(found.notes.iter().any(|note| note.contains("blank")), blank, "{name}: {:?}", found.notes);
        assert!(!loaded(&found.nodes, &found.services).links().is_empty());
    }
}
