//! The quality bars over labelled names, at the one line [`HIT_FROM`]. `MERIDIAN_SCREENING_ALL=1` asks every negative
//! instead of one in ten.

use std::path::Path;

use meridian_screening::backtest::{Figures, Labelled, figures, recall_at};
use meridian_screening::{
    HIT_FROM, Kind, Lexicon, ListSet, Policy, Verdict, import_tsv, score_as, screen_down_to,
};

use crate::today;

fn rows(path: &Path) -> Vec<csv::StringRecord> {
    csv::Reader::from_path(path).unwrap().records().map(Result::unwrap).collect()
}

fn lexicon(data: &Path) -> Lexicon {
    let bytes = std::fs::read(data.join("names/person_name_equivalents_wikidata_cc0.txt")).unwrap();
    Lexicon::import(&bytes).unwrap()
}

/// The figures of a file of labelled pairs: query, target, is_match in columns 2 to 4.
fn pairs(data: &Path, name: &str, lexicon: Option<&Lexicon>) -> Figures {
    let rows = rows(&data.join(format!("pairs/{name}.csv")));
    let label = |row: &csv::StringRecord| {
        let points = score_as(Kind::parse(&row[1]), &row[2], &row[3], lexicon).0;
        if &row[4] == "true" && &row[5] == "STRONG" {
            assert!(points >= HIT_FROM, "a strong pair is missed: {} / {} {points}", &row[2], &row[3]);
        }
        Labelled { score: points, is_match: &row[4] == "true" }
    };
    let told = figures(&rows.iter().map(label).collect::<Vec<_>>(), HIT_FROM);
    eprintln!("{name}, lexicon {}: {told:?}", lexicon.is_some());
    told
}

#[test]
fn labelled_pairs() {
    let Some(data) = meridian_testdata::find("screening") else { return };
    let names = pairs(&data, "name_pairs", None);
    assert!(names.f1 >= 800 && names.auc >= 860);
    assert!(pairs(&data, "cross_script_un", None).f1 >= 930);
    assert!(pairs(&data, "cross_script_wikidata", None).f1 >= 920);
    assert!(pairs(&data, "cross_script_wikidata", Some(&lexicon(&data))).f1 >= 990);
}

#[test]
fn end_to_end() {
    let Some(data) = meridian_testdata::find("screening") else { return };
    let bytes = std::fs::read(data.join("lists/universe.tsv")).unwrap();
    let lists = ListSet::of(vec![import_tsv("universe", today(), &bytes).unwrap()]);
    let policy = Policy::default();
    let ask = |name: &str| match screen_down_to(&lists, name, &policy, today(), 700) {
        Verdict::Clear => 0,
        Verdict::Hit(hits) => hits[0].score,
        Verdict::Unavailable(why) => panic!("{name}: {why}"),
    };
    let first = |file: &str| rows(&data.join(file)).iter().map(|row| row[0].to_owned()).collect::<Vec<_>>();
    let every = if std::env::var_os("MERIDIAN_SCREENING_ALL").is_some() { 1 } else { 10 };
    let mut positives = first("e2e/positives_un_treated.csv");
    positives.extend(first("e2e/positives_un_untreated.csv"));
    let positives: Vec<u32> = positives.iter().map(|name| ask(name)).collect();
    let negatives = first("negatives/negatives_global.csv");
    let negatives: Vec<u32> = negatives.iter().step_by(every).map(|name| ask(name)).collect();
    let (few, many) = (recall_at(&positives, &negatives, 100), recall_at(&positives, &negatives, 1_000));
    eprintln!("end to end over {} negatives: 0.1 % {few:?}, 1 % {many:?}", negatives.len());
    assert!(few.0 >= 980 && many.0 >= 996, "{few:?} {many:?}");

    let true_rows = rows(&data.join("pairs/cross_script_un.csv"));
    let originals: Vec<u32> =
        true_rows.iter().filter(|row| &row[4] == "true").map(|row| ask(&row[2])).collect();
    let wikidata = rows(&data.join("pairs/cross_script_wikidata.csv"));
    let others: std::collections::BTreeSet<&str> = wikidata.iter().map(|row| &row[2]).collect();
    let others: Vec<u32> = others.into_iter().map(ask).collect();
    let original = recall_at(&originals, &others, 1_000);
    eprintln!("original scripts over {} negatives: 1 % {original:?}", others.len());
    assert!(original.0 >= 750, "{original:?}");
}
