//! Published tables become packs: every line, every rate, every figure; what is missing is said.

use std::collections::BTreeMap;

use meridian_tariff::assess::{Item, assess};
use meridian_tariff::diff;
use meridian_tariff::duty::{Dialect, Duty, Need, parse};
use meridian_tariff::import::{Imported, Layout, Settings, import};
use meridian_tariff::pack::Pack;
use meridian_terms::{Country, Currency, Day, Decimal, HsCode, Money};

fn sources(names: &[&str]) -> Option<Vec<(String, Vec<u8>)>> {
    names
        .iter()
        .map(|name| {
            let path = meridian_testdata::find(&format!("tariff/{name}"))?;
            Some(((*name).to_owned(), std::fs::read(path).unwrap()))
        })
        .collect()
}

fn imported(layout: Layout, names: &[&str], settings: &Settings) -> Option<Imported> {
    let sources = sources(names)?;
    let borrowed: Vec<(&str, &[u8])> =
        sources.iter().map(|(name, bytes)| (name.as_str(), bytes.as_slice())).collect();
    Some(import(layout, &borrowed, settings).unwrap())
}

fn eaeu() -> Option<(Imported, Pack)> {
    let settings = Settings { vat: Some(Decimal::parse("22").unwrap()), ..Settings::default() };
    let names = ["eaeu_common_customs_tariff.csv", "eaeu_tariff_notes_2025-09-21.csv"];
    let mut imported = imported(Layout::Eaeu, &names, &settings)?;
    let rates = "currency,rate,from,status\nEUR,92.10,,illustrative\nUSD,80.40,,illustrative\n";
    imported.files.insert("rates.csv".into(), rates.as_bytes().to_vec());
    let pack = Pack::load(&imported.files).unwrap();
    Some((imported, pack))
}

/// Every numeral of a Russian rate, the decimal comma as a point.
fn numerals(text: &str) -> Vec<Decimal> {
    let spaced: String = text
        .replace(['³', '²'], " ")
        .chars()
        .map(|c| if c.is_ascii_digit() || c == ',' { c } else { ' ' })
        .collect();
    let numbers = spaced.split(' ').map(|part| part.trim_matches(',')).filter(|part| !part.is_empty());
    numbers.map(|part| Decimal::parse(&part.replace(',', ".")).unwrap()).collect()
}

#[test]
fn the_whole_common_customs_tariff_imports() {
    let Some((imported, pack)) = eaeu() else { return };
    assert_eq!(imported.lines, 13_289);
    assert_eq!(pack.lines().len(), 13_289);
    let path = meridian_testdata::find("tariff/eaeu_common_customs_tariff.csv").unwrap();
    let mut checked = 0;
    for row in csv::Reader::from_path(path).unwrap().deserialize::<BTreeMap<String, String>>() {
        let row = row.unwrap();
        if row["rate"].is_empty() {
            continue;
        }
        let code = HsCode::parse(&row["code"]).unwrap();
        let duty = pack.line(&code).filter(|line| line.code == code).unwrap().duty.clone().unwrap();
        assert_eq!(duty.figures(), numerals(&row["rate"]), "{}", row["rate"]);
        assert_eq!(parse(&duty.to_string(), Dialect::Canonical).as_ref(), Ok(duty.as_ref()));
        checked += 1;
    }
    assert_eq!(checked, 13_289);
    // Notes 106 to 117 are newer than the table of notes; each reference to one is said.
    let missing =
        |warning: &&meridian_tariff::import::Warning| warning.what.contains("is not in the table of notes");
    assert!(imported.warnings.iter().all(|warning| missing(&warning)), "{:#?}", imported.warnings);
    let numbers: Vec<u32> = imported
        .warnings
        .iter()
        .map(|warning| {
            warning.what.split("note ").nth(1).unwrap().split(',').next().unwrap().parse().unwrap()
        })
        .collect();
    assert!(numbers.len() > 30 && numbers.iter().all(|number| (106..=117).contains(number)));
    println!("{} lines, {} references to notes that are not there", imported.lines, imported.warnings.len());
}

fn duty_of(
    pack: &Pack,
    code: &str,
    value: &str,
    facts: &[(&str, &str)],
    day: &str,
    territory: &str,
) -> Vec<String> {
    let price = Money::parse(value, pack.currency).unwrap();
    let item = Item {
        day: Some(Day::parse(day).unwrap()),
        territory: Some(Country::parse(territory).unwrap()),
        quantities: facts
            .iter()
            .map(|(unit, amount)| ((*unit).to_owned(), Decimal::parse(amount).unwrap()))
            .collect(),
        ..Item::new(HsCode::parse(code).unwrap(), Country::parse("CN").unwrap(), price)
    };
    let assessment = assess(pack, &item, &BTreeMap::new()).unwrap();
    let mut told: Vec<String> =
        assessment.choices.iter().map(|choice| choice.rows[1].amount.amount().to_string()).collect();
    told.extend(assessment.needs.iter().map(ToString::to_string));
    told
}

/// `15, or 12.5 but not less than 0.6 (0.79) EUR / cm3, whichever is lower`: worked by hand at 92.10 RUB to the euro.
#[test]
fn the_six_lower_of_car_lines_compute() {
    let Some((_, pack)) = eaeu() else { return };
    let rows = [
        // 15 % = 150,000; 12.5 % = 125,000; 0.6 x 1,600 x 92.10 = 88,416: the floor does not bind, 125,000 is lower.
        ("0.6", "1000000.00", "1600", "125000.00"),
        // 0.6 x 2,500 x 92.10 = 138,150 is above 12.5 % and below 15 %.
        ("0.6", "1000000.00", "2500", "138150.00"),
        // 0.6 x 3,000 x 92.10 = 165,780 is above 15 %: 15 % is lower.
        ("0.6", "1000000.00", "3000", "150000.00"),
        // 0.79 x 1,800 x 92.10 = 130,966.20.
        ("0.79", "1000000.00", "1800", "130966.20"),
        ("0.79", "1000000.00", "1000", "125000.00"),
        ("0.79", "1000000.00", "2300", "150000.00"),
    ];
    let lower: Vec<&meridian_tariff::pack::Line> =
        pack.lines().filter(|line| matches!(line.duty.as_deref(), Some(Duty::Lower(_)))).collect();
    assert_eq!(lower.len(), 6);
    for line in lower {
        let sentence = line.duty.as_ref().unwrap().to_string();
        for (floor, value, engine, duty) in rows {
            if sentence.contains(&format!("{floor} EUR / cm3")) {
                let told = duty_of(&pack, line.code.as_str(), value, &[("cm3", engine)], "2026-04-01", "RU");
                assert_eq!(told, [duty], "{}", line.code);
            }
        }
        let told = duty_of(&pack, line.code.as_str(), "1000.00", &[("pcs", "1")], "2026-04-01", "RU");
        assert_eq!(told, ["needs: cm3"]);
    }
}

/// Rates for one member, temporary rates by day, a start that must be looked up, a note that is not there.
#[test]
fn notes_change_a_rate_by_territory_and_day() {
    let Some((_, pack)) = eaeu() else { return };
    let members = pack.measures().iter().filter(|measure| measure.territory.is_some());
    let lines: std::collections::BTreeSet<&HsCode> = members.map(|measure| &measure.code).collect();
    assert_eq!(lines.len(), 185);
    let of_note = |note: &str| {
        pack.measures()
            .iter()
            .find(|measure| measure.title == format!("note {note}"))
            .unwrap()
            .code
            .as_str()
            .to_owned()
    };
    let duty = |code: &str, day: &str, territory: &str| {
        let facts =
            [("kg", "1000"), ("pcs", "10"), ("l", "10"), ("m2", "5"), ("pairs", "5"), ("cm3", "1000")];
        duty_of(&pack, code, "1000.00", &facts, day, territory)
    };
    // Note 9: 5 % for imports into Russia.
    let code = of_note("9");
    assert_eq!(duty(&code, "2026-04-01", "RU"), ["50.00"]);
    assert_ne!(duty(&code, "2026-04-01", "KZ"), ["50.00"]);
    // Note 97: 0 % from 2024-07-01 to 2026-06-30, both included.
    let code = of_note("97");
    let ordinary = duty(&code, "2026-07-01", "RU");
    assert_eq!(duty(&code, "2024-06-30", "RU")[0], ordinary[0]);
    assert_eq!(duty(&code, "2026-06-30", "RU"), ["0.00"]);
    // Note 88: from the entry into force of a decision of 2024 to 2027-04-30: the date is asked for, the ordinary rate shown.
    let code = pack
        .measures()
        .iter()
        .find(|measure| measure.from_act.is_some() && measure.until > Some(Day::parse("2026-12-01").unwrap()))
        .unwrap()
        .code
        .as_str()
        .to_owned();
    let told = duty(&code, "2026-04-01", "RU");
    assert!(told.len() == 2 && told[1].starts_with("needs: date of entry into force"), "{told:?}");
    let code = of_note("114");
    assert_eq!(duty(&code, "2026-04-01", "RU")[1], "needs: note 114 of the tariff");
}

#[test]
fn three_more_tables_import() {
    let Some(uk) = imported(Layout::Uk, &["uk_eu_global_tariff_2021.csv"], &Settings::default()) else {
        return;
    };
    let eu = imported(Layout::Eu, &["uk_eu_global_tariff_2021.csv"], &Settings::default()).unwrap();
    let us = imported(Layout::UsHts, &["us_hts_ch61_62_99.csv"], &Settings::default()).unwrap();
    for (name, imported) in [("uk", &uk), ("eu", &eu), ("us", &us)] {
        let pack = Pack::load(&imported.files).unwrap_or_else(|problems| panic!("{name}: {problems:#?}"));
        println!(
            "{name}: {} lines of {}, {} warnings",
            imported.lines,
            pack.lines().len(),
            imported.warnings.len()
        );
        imported.warnings.iter().take(20).for_each(|warning| println!("  {warning}"));
        assert!(imported.lines * 1000 >= pack.lines().len() * 995);
    }
    let us = Pack::load(&us.files).unwrap();
    let price = Money::parse("100.00", Currency::USD).unwrap();
    let item = Item {
        has_proof: true,
        day: Some(Day::parse("2026-04-01").unwrap()),
        ..Item::new(HsCode::parse("6101.20.00.10").unwrap(), Country::parse("AU").unwrap(), price)
    };
    let assessment = assess(&us, &item, &BTreeMap::new()).unwrap();
    // No VAT in the schedule: said, not taken as zero.
    assert!(assessment.needs.contains(&Need::Base("VAT rate of 61012000".into())), "{:?}", assessment.needs);
}

#[test]
fn a_difference_is_told_by_pack_and_by_day() {
    let Some((imported, pack)) = eaeu() else { return };
    assert_eq!(diff::between(&pack, &pack), []);
    let mut files = imported.files.clone();
    let lines = String::from_utf8(files["lines.csv"].clone()).unwrap();
    files.insert("lines.csv".into(), lines.replacen(",5 %,", ",6 %,", 1).into_bytes());
    let changed = diff::between(&pack, &Pack::load(&files).unwrap());
    assert_eq!(changed.len(), 1);
    assert_eq!(
        (changed[0].before.as_deref(), changed[0].after.as_deref()),
        (Some("5 %; VAT 22 %"), Some("6 %; VAT 22 %"))
    );
    let days = diff::days(&pack, Day::parse("2026-06-30").unwrap(), Day::parse("2026-07-01").unwrap());
    assert!(!days.is_empty() && days.len() < 20, "{days:?}");
    assert!(days.iter().any(|change| change.before.as_deref() == Some("0 %")), "{days:?}");
}
