//! A network's tables, overlays and GTFS feeds, bent: none panics, problems have a place, what loads can be asked.

use std::collections::BTreeMap;

use meridian_corridor::{Network, Overlay, import_gtfs};
use meridian_testdata::{bent, runs};

use crate::feeds::{STOP_TIMES, feed, terms};
use crate::world::{ask, question, tables};

const LINKS: &str = "\
L1,A,B,rail,1520,yes,100,published,4,published,50,published,,daily,7,published,,08:00,2,,,,,test
L2,B,D,rail,1435,no,120,published,5,published,,,R1,weekly,1,published,mon,12:00,6,,11-15,04-15,max 20 t,test
L3,D,E,river,,no,300,published,30,published,60,published,,,3,estimated,,,,closed,12-01,03-31,,test
";

/// One table bent, the others as they are.
fn one_bent(files: &BTreeMap<String, Vec<u8>>, recipe: &[u8]) -> BTreeMap<String, Vec<u8>> {
    let (names, texts): (Vec<String>, Vec<Vec<u8>>) =
        files.iter().map(|(name, text)| (name.clone(), text.clone())).unzip();
    let (which, bytes) = bent(&texts, recipe);
    let mut files = files.clone();
    files.insert(names[which].clone(), bytes);
    files
}

#[test]
fn no_table_panics_and_what_loads_can_be_asked() {
    let rates = "id,per,usd_per_km,status,source\nR1,teu,0.45,published,test\n";
    let shapes = "link,points\nL1,40.00 50.00;40.02 50.01\n";
    let files = tables(LINKS, &[("rates.csv", rates), ("shapes.csv", shapes)]);
    bolero::check!().with_iterations(runs(4_000)).with_max_len(21).for_each(move |recipe: &[u8]| {
        match Network::load(&one_bent(&files, recipe)) {
            Ok(network) => {
                let _ = ask(&network, &question("A", "E", "2026-03-20T00:00:00Z"));
            }
            Err(problems) => {
                assert!(problems.iter().all(|problem| problem.place.contains(".csv:")), "{problems:?}");
            }
        }
    });
}

#[test]
fn no_overlay_panics() {
    let network = Network::load(&tables("", &[])).unwrap();
    let samples = [
        "# a winter\nchange,id,from,to,closed_from,closed_until,time_percent,cost_percent\nshut,x,IR,AZ,,,,\n\
         close,G,,,11-01,03-31,,\nscale,mode:river,,,,,150,120\n",
        "# a gauge\nchange,id,gauge_from,gauge_to\ngauges,G,1520,1435\nremove,T,,\n",
    ];
    bolero::check!().with_iterations(runs(4_000)).with_max_len(21).for_each(move |recipe: &[u8]| {
        let _ = Overlay::load("bent.csv", &bent(&samples, recipe).1, &network);
    });
}

#[test]
fn no_feed_panics_and_what_is_read_is_a_networks_tables() {
    let files = feed(STOP_TIMES);
    bolero::check!().with_iterations(runs(4_000)).with_max_len(21).for_each(move |recipe: &[u8]| {
        if let Ok(found) = import_gtfs(&one_bent(&files, recipe), &terms()) {
            let mut tables = tables("", &[]);
            tables.insert("nodes.csv".into(), found.nodes.into_bytes());
            tables.insert("services.csv".into(), found.services.into_bytes());
            if let Err(problems) = Network::load(&tables) {
                panic!("{problems:?}");
            }
        }
    });
}
