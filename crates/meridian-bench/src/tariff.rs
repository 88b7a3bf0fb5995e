//! The tariff: loading the whole EAEU pack, one assessment, and bulk lines beside only taking them apart.
//!
//! The rival over the same lines, Polars, is run by `crates/meridian-bench-compare/tariff`.

use std::collections::BTreeMap;
use std::hint::black_box;
use std::time::{Duration, Instant};

use meridian_tariff::assess::{Item, assess};
use meridian_tariff::bulk::{Columns, Pricer};
use meridian_tariff::import::{Layout, Settings, import};
use meridian_tariff::pack::Pack;
use meridian_terms::{Country, Day, Decimal, Money};

use crate::{Figure, Setting, best_of};

const COLUMNS: &str =
    "line,code,origin,territory,value,currency,net_kg,gross_kg,qty1,unit1,qty2,unit2,date\n";
const LINES: u32 = 200_000;

pub(crate) fn run(setting: &Setting) -> Result<Vec<Figure>, String> {
    let data = setting.data.as_ref().ok_or("tariff: set MERIDIAN_TEST_DATA")?.join("tariff");
    let read = |name: &str| {
        let path = data.join(name);
        std::fs::read(&path).map_err(|error| format!("{}: {error}", path.display()))
    };
    let (lines, notes) = (read("eaeu_common_customs_tariff.csv")?, read("eaeu_tariff_notes_2025-09-21.csv")?);
    let decimal = |text: &str| Decimal::parse(text).map_err(|refusal| refusal.to_string());
    let settings =
        Settings { vat: Some(decimal("22")?), fee: Some(decimal("4269.00")?), ..Settings::default() };
    let sources: [(&str, &[u8]); 2] = [("lines", &lines), ("notes", &notes)];
    let mut imported = import(Layout::Eaeu, &sources, &settings).map_err(|refusal| refusal.to_string())?;
    imported.files.insert("rates.csv".into(), b"currency,rate\nEUR,92.1045\nUSD,80.4025\n".to_vec());
    let bytes: usize = imported.files.values().map(Vec::len).sum();
    let loading = best_of(5, Duration::from_millis(300), || {
        black_box(Pack::load(black_box(&imported.files)).is_ok());
    });
    let parsing = best_of(5, Duration::from_millis(300), || {
        for file in imported.files.values() {
            let mut reader = csv::Reader::from_reader(file.as_slice());
            black_box(reader.byte_records().filter_map(Result::ok).map(|record| record.len()).sum::<usize>());
        }
    });
    let pack = Pack::load(&imported.files)
        .map_err(|problems| problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))?;
    let (median, p99) = single(&pack)?;
    let (priced, split, block) = bulk(&pack)?;
    #[expect(clippy::cast_precision_loss, reason = "far below 2^52")]
    let megabytes = bytes as f64 / 1e6;
    Ok(vec![
        Figure::new(
            format!("load the EAEU pack, 13,289 lines, {megabytes:.1} MB of tables"),
            loading * 1e3,
            "ms",
        )
        .beside("csv records of the same bytes, nothing kept", parsing * 1e3),
        Figure::new(
            "one assessment in process, p99 over every line of the tariff, each the best of five",
            p99 * 1e6,
            "us",
        )
        .beside("its median", median * 1e6)
        .beside("the target", 50.0),
        Figure::new(
            format!("bulk lines, one thread, CSV to CSV, {:.0} bytes a line", block),
            priced,
            "lines/s",
        )
        .beside("only finding the commas of the same lines", split),
    ])
}

/// Seconds for one assessment: the median and the 99th of a hundred, over every line of the tariff. Each line is asked five
/// times and its best kept: what other programs take from the processor is not the assessment's.
fn single(pack: &Pack) -> Result<(f64, f64), String> {
    let words = |refusal: meridian_terms::Refusal| refusal.to_string();
    let quantities: BTreeMap<String, Decimal> = ["pcs", "pairs", "l", "m2", "m3", "cm3", "l pure alcohol"]
        .map(|unit| (unit.to_owned(), Decimal::whole(40)))
        .into();
    let (origin, day) = (Country::parse("IR").map_err(words)?, Day::parse("2026-03-20").map_err(words)?);
    let mut seconds = Vec::new();
    for line in pack.lines() {
        let price = Money::new(123_456_789, pack.currency);
        let item = Item {
            net_kg: Some(Decimal::whole(1_250)),
            quantities: quantities.clone(),
            day: Some(day),
            ..Item::new(line.code.clone(), origin, price)
        };
        let given = BTreeMap::new();
        let mut best = f64::INFINITY;
        for _ in 0..5 {
            let start = Instant::now();
            let answer = assess(black_box(pack), black_box(&item), &given);
            best = best.min(start.elapsed().as_secs_f64());
            black_box(answer.map_err(words)?);
        }
        seconds.push(best);
    }
    seconds.sort_by(f64::total_cmp);
    let at = |hundredth: usize| seconds.get(seconds.len() * hundredth / 100).copied().unwrap_or(f64::NAN);
    Ok((at(50), at(99)))
}

/// Lines a second of pricing, and of only finding commas and line ends, over the same block.
fn bulk(pack: &Pack) -> Result<(f64, f64, f64), String> {
    let codes: Vec<&str> = pack.lines().map(|line| line.code.as_str()).collect();
    let mut block = String::new();
    for number in 0..LINES {
        // A fixed walk over the lines, values and quantities.
        let draw = |seed: u32, below: u32| number.wrapping_mul(2_654_435_761).wrapping_add(seed) % below;
        let code = codes[draw(7, 13_289) as usize % codes.len()];
        let (value, kg) = (draw(11, 500_000_000), draw(13, 20_000_000));
        block.push_str(&format!(
            "{number},{code},IR,RU,{}.{:02},RUB,{}.{:03},,{},pcs,{},cm3,2026-03-20\n",
            value / 100,
            value % 100,
            kg / 1000,
            kg % 1000,
            draw(17, 5_000),
            draw(19, 5_000),
        ));
    }
    let columns = Columns::read(COLUMNS).map_err(|refusal| refusal.to_string())?;
    let pricer = Pricer::new(pack, columns);
    let mut out = Vec::new();
    let pricing = best_of(3, Duration::from_millis(300), || {
        out.clear();
        black_box(pricer.price(black_box(block.as_bytes()), &mut out));
    });
    let splitting = best_of(3, Duration::from_millis(300), || {
        black_box(block.bytes().filter(|byte| matches!(byte, b',' | b'\n')).count());
    });
    let lines = f64::from(LINES);
    #[expect(clippy::cast_precision_loss, reason = "far below 2^52")]
    let each = block.len() as f64 / lines;
    Ok((lines / pricing, lines / splitting, each))
}
