//! Screening: quality over labelled names at the one decision line, and the time a name takes over 39,500 listed names,
//! explanation included. Times are of the thread's processor, so that another program's turn is not counted.

use std::path::Path;
use std::time::Instant;

use meridian_screening::backtest::{Labelled, figures, recall_at};
use meridian_screening::{
    HIT_FROM, Lexicon, ListSet, Policy, Verdict, import_tsv, score, screen, screen_down_to,
};
use meridian_terms::Day;

use crate::{Figure, Setting};

/// The limits of the requirement: percent and times.
const LIMIT: &str = "limit";

pub(crate) fn run(setting: &Setting) -> Result<Vec<Figure>, String> {
    let data = setting.data.as_ref().ok_or("needs MERIDIAN_TEST_DATA for its names")?.join("screening");
    let day = Day::parse("2026-03-01").map_err(|refusal| refusal.to_string())?;
    let read = |file: &str| std::fs::read(data.join(file)).map_err(|error| format!("{file}: {error}"));
    let lexicon = read("names/person_name_equivalents_wikidata_cc0.txt")?;
    let lexicon = Lexicon::import(&lexicon).map_err(|refusal| refusal.to_string())?;
    let mut all = Vec::new();
    for (file, lexicon, least) in [
        ("name_pairs", None, 80.0),
        ("cross_script_un", None, 93.0),
        ("cross_script_wikidata", None, 92.0),
        ("cross_script_wikidata", Some(&lexicon), 99.0),
    ] {
        all.extend(pairs(&data, file, lexicon, least)?);
    }
    let universe = read("lists/universe.tsv")?;
    let list = import_tsv("universe", day, &universe).map_err(|refusal| refusal.to_string())?;
    let start = thread_nanos();
    let lists = ListSet::of(vec![list]);
    let built = seconds(thread_nanos() - start);
    all.push(
        Figure::new(format!("index of {} names: build", lists.name_count()), built, "s").beside(LIMIT, 1.0),
    );
    all.extend(end_to_end(&data, &lists, day)?);
    all.extend(speed(&data, &lists, day)?);
    Ok(all)
}

/// F1 and AUC of a file of labelled pairs, in percent.
fn pairs(data: &Path, file: &str, lexicon: Option<&Lexicon>, least: f64) -> Result<Vec<Figure>, String> {
    let rows = rows(&data.join(format!("pairs/{file}.csv")))?;
    let start = Instant::now();
    let scored: Vec<Labelled> = rows
        .iter()
        .map(|row| Labelled { score: score(&row[2], &row[3], lexicon).0, is_match: &row[4] == "true" })
        .collect();
    let each = start.elapsed().as_secs_f64() * 1e6 / f64::from(u32::try_from(rows.len()).unwrap_or(1));
    let told = figures(&scored, HIT_FROM);
    let name = format!("{file}{}", if lexicon.is_some() { " with the lexicon" } else { "" });
    let percent = |thousandths: u32| f64::from(thousandths) / 10.0;
    Ok(vec![
        Figure::new(format!("{name}: F1"), percent(told.f1), "%").beside("required", least),
        Figure::new(format!("{name}: AUC"), percent(told.auc), "%"),
        Figure::new(format!("{name}: a pair, explained"), each, "us"),
    ])
}

fn end_to_end(data: &Path, lists: &ListSet, day: Day) -> Result<Vec<Figure>, String> {
    let policy = Policy::default();
    let ask = |name: &String| match screen_down_to(lists, name, &policy, day, 700) {
        Verdict::Clear => 0,
        Verdict::Hit(hits) => hits[0].score,
        Verdict::Unavailable(_) => 1000,
    };
    let mut positives = first(&data.join("e2e/positives_un_treated.csv"))?;
    positives.extend(first(&data.join("e2e/positives_un_untreated.csv"))?);
    let positives: Vec<u32> = positives.iter().map(ask).collect();
    let negatives: Vec<u32> = first(&data.join("negatives/negatives_global.csv"))?.iter().map(ask).collect();
    let original: Vec<String> = rows(&data.join("pairs/cross_script_un.csv"))?
        .iter()
        .filter(|row| &row[4] == "true")
        .map(|row| row[2].to_owned())
        .collect();
    let mut others: Vec<String> =
        rows(&data.join("pairs/cross_script_wikidata.csv"))?.iter().map(|row| row[2].to_owned()).collect();
    others.sort();
    others.dedup();
    let (original, others): (Vec<u32>, Vec<u32>) =
        (original.iter().map(ask).collect(), others.iter().map(ask).collect());
    let recall = |found: &[u32], negatives: &[u32], alerts, what: &str, least| {
        let (recall, line) = recall_at(found, negatives, alerts);
        Figure::new(format!("{what} (at {line})"), f64::from(recall) / 10.0, "%").beside("required", least)
    };
    Ok(vec![
        recall(&positives, &negatives, 100, "end to end: recall where 0.1 % of negatives alert", 98.0),
        recall(&positives, &negatives, 1_000, "end to end: recall where 1 % of negatives alert", 99.6),
        recall(&original, &others, 1_000, "original scripts: recall where 1 % of negatives alert", 75.0),
        Figure::new(
            format!("end to end: negatives that alert at the decision line {HIT_FROM}"),
            share(negatives.iter().filter(|score| **score >= HIT_FROM).count(), negatives.len()),
            "%",
        ),
    ])
}

fn speed(data: &Path, lists: &ListSet, day: Day) -> Result<Vec<Figure>, String> {
    let policy = Policy::default();
    let names: Vec<String> =
        first(&data.join("negatives/negatives_global.csv"))?.into_iter().step_by(5).collect();
    for name in names.iter().take(500) {
        std::hint::black_box(screen(lists, name, &policy, day));
    }
    let mut nanos: Vec<u64> = names
        .iter()
        .map(|name| {
            let start = thread_nanos();
            std::hint::black_box(screen(lists, name, &policy, day));
            thread_nanos() - start
        })
        .collect();
    let total: u64 = nanos.iter().sum();
    nanos.sort_unstable();
    let at = |thousandths: usize| seconds(nanos[(nanos.len() - 1) * thousandths / 1000]) * 1e3;
    let rate = f64::from(u32::try_from(nanos.len()).unwrap_or(1)) / seconds(total);
    Ok(vec![
        Figure::new("a name over the index, explained: median", at(500), "ms"),
        Figure::new("a name over the index, explained: p99", at(990), "ms").beside(LIMIT, 1.0),
        Figure::new("names a second on one core", rate, "/s").beside(LIMIT, 3_000.0),
    ])
}

fn rows(path: &Path) -> Result<Vec<csv::StringRecord>, String> {
    let told = |error: csv::Error| format!("{}: {error}", path.display());
    csv::Reader::from_path(path).map_err(told)?.records().map(|row| row.map_err(told)).collect()
}

fn first(path: &Path) -> Result<Vec<String>, String> {
    Ok(rows(path)?.iter().map(|row| row[0].to_owned()).collect())
}

fn share(part: usize, whole: usize) -> f64 {
    f64::from(u32::try_from(part).unwrap_or(0)) * 100.0 / f64::from(u32::try_from(whole.max(1)).unwrap_or(1))
}

fn seconds(nanos: u64) -> f64 {
    std::time::Duration::from_nanos(nanos).as_secs_f64()
}

/// Nanoseconds this thread has had of a processor.
fn thread_nanos() -> u64 {
    let spent = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    u64::try_from(spent.tv_sec * 1_000_000_000 + spent.tv_nsec).unwrap_or(0)
}
