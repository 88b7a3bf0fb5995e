//! The official UK calculator's worked examples, to the penny, and its measure sets.
//!
//! A measure set is JSON; this test reads the handful of fields it needs, the command line reads them all.

use std::collections::{BTreeMap, BTreeSet};

use meridian_tariff::assess::{Item, assess};
use meridian_tariff::duty::{Dialect, Facts, Quantities, parse};
use meridian_tariff::import::Settings;
use meridian_tariff::import::taric::{Listed, MeasureSet, import};
use meridian_tariff::pack::Pack;
use meridian_tariff::policy::{Carry, Policy};
use meridian_terms::{Country, Currency, Day, Decimal, HsCode, Money, Ratio, Rounding};
use serde_json::Value;

fn examples() -> Option<BTreeMap<String, Value>> {
    let path = meridian_testdata::find("tariff/worked_examples_uk.json")?;
    let all: Vec<Value> = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    Some(all.into_iter().map(|example| (example["id"].as_str().unwrap().to_owned(), example)).collect())
}

fn measure_set(name: &str) -> MeasureSet {
    let path = meridian_testdata::find(&format!("tariff/uk_commodities/{name}")).unwrap();
    let set: Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let measures = set["import_measures"].as_array().unwrap().iter().map(|measure| Listed {
        id: text(&measure["id"]),
        series: text(&measure["measure_type"]["measure_type_series_id"]),
        type_id: text(&measure["measure_type"]["id"]),
        title: text(&measure["measure_type"]["description"]),
        area: text(&measure["geographical_area"]["id"]),
        from: measure["effective_start_date"].as_str().map(|day| Day::parse(&day[..10]).unwrap()),
        last: measure["effective_end_date"].as_str().map(|day| Day::parse(&day[..10]).unwrap()),
        duty: text(&measure["duty_expression"]["base"]),
        additional_code: measure["additional_code"]["code"].as_str().map(str::to_owned),
        quota: measure["order_number"]["number"].as_str().map(str::to_owned),
        regulation: text(&measure["legal_acts"][0]["regulation_code"]),
        ..Listed::default()
    });
    MeasureSet {
        place: name.to_owned(),
        code: text(&set["goods_nomenclature_item_id"]),
        description: text(&set["description"]),
        measures: measures.collect(),
    }
}

fn pounds(minor: i128) -> String {
    Money::new(minor, Currency::GBP).amount().to_string()
}

fn sterling(text: &str) -> Money {
    Money::parse(text, Currency::GBP).unwrap()
}

/// A sentence over declared facts, in pence, rounded as the United Kingdom shows it.
fn duty(
    sentence: &str,
    value: &str,
    quantities: &[(&str, &str)],
    bases: &[(&str, &str)],
    rounding: Rounding,
) -> String {
    let named = quantities.iter().map(|(unit, amount)| ((*unit).to_owned(), Decimal::parse(amount).unwrap()));
    let quantities = Quantities::of(&named.collect()).unwrap();
    let minor = |text: &str| Ratio::whole(sterling(text).minor());
    let bases = bases.iter().map(|(name, value)| ((*name).to_owned(), minor(value))).collect();
    let rates = BTreeMap::from([(Currency::GBP, Ratio::whole(100))]);
    let facts = Facts {
        value: minor(value),
        quantities: &quantities,
        rates: &rates,
        bases: &bases,
        day: None,
        ordinary: None,
        programme: None,
    };
    let exact = parse(sentence, Dialect::Taric).unwrap().amount(&facts).unwrap();
    pounds(exact.round(rounding).unwrap())
}

#[test]
fn the_small_examples_come_out_to_the_penny() {
    let Some(examples) = examples() else { return };
    let text = |id: &str, key: &str| {
        let value = examples[id]["input"][key].clone();
        value.as_str().map_or_else(|| value.to_string(), str::to_owned)
    };
    let expected = |id: &str| examples[id]["expect"]["duty"].as_str().unwrap().to_owned();
    let up = Rounding::HalfUp;
    assert_eq!(duty(&text("uk-adval", "expr"), "30.00", &[], &[], up), expected("uk-adval"));
    let id = "uk-specific-gbp";
    assert_eq!(duty(&text(id, "expr"), "0", &[("DTN", "1")], &[], up).len(), 5);
    assert_eq!(
        duty(&text(id, "expr"), "0", &[("kg", "10000")], &[], up),
        expected(id),
        "100 DTN are 10,000 kg"
    );
    let id = "uk-specific-kg-coerced";
    assert_eq!(duty(&text(id, "expr"), "0", &[("kg", &text(id, "net_kg"))], &[], up), expected(id));
    let id = "uk-retail-price";
    assert_eq!(
        duty(&text(id, "expr"), "0", &[], &[("retail price", &text(id, "retail_price"))], up),
        expected(id)
    );
    let id = "uk-alcohol-hl";
    let strength = [("% vol", text(id, "abv")), ("hl", text(id, "hl"))];
    let strength: Vec<(&str, &str)> =
        strength.iter().map(|(unit, amount)| (*unit, amount.as_str())).collect();
    assert_eq!(duty(&text(id, "expr"), "0", &strength, &[], up), expected(id));
    let id = "uk-spq-lpa";
    let spirits = [("LPA", text(id, "lpa")), ("SPR", text(id, "spr"))];
    let spirits: Vec<(&str, &str)> = spirits.iter().map(|(unit, amount)| (*unit, amount.as_str())).collect();
    assert_eq!(duty("1.00 GBP / SPQ", "0", &spirits, &[], up), expected(id));
    // Alcohol is cut off, not rounded.
    let policy = Policy { alcohol: Rounding::TowardZero, carry: Carry::Exact, ..Policy::default() };
    let exact = Ratio::parse_decimal("278.9").unwrap();
    assert_eq!(pounds(policy.line(&exact, true).unwrap()), expected("uk-alcohol-rounds-down"));
    // 30 + 1000 at 8 %.
    let vat = Ratio::whole(103_000).checked_mul(&Ratio::new(8, 100).unwrap()).unwrap();
    assert_eq!(pounds(policy.line(&vat, false).unwrap()), "82.40");
    for case in examples["uk-waterfall-rows"]["cases"].as_array().unwrap() {
        let lines: Vec<(Ratio, i128)> = ["duty", "excise", "vat"]
            .iter()
            .filter_map(|key| case[key].as_str())
            .map(|amount| {
                let exact = Ratio::parse_decimal(amount).unwrap().checked_mul(&Ratio::whole(100)).unwrap();
                (exact, policy.line(&exact, false).unwrap())
            })
            .collect();
        assert_eq!(pounds(policy.total(&lines).unwrap()), case["total"].as_str().unwrap());
    }
}

#[test]
fn ferro_manganese_has_its_four_options() {
    let Some(examples) = examples() else { return };
    let example = &examples["uk-end-to-end-7202118000"];
    let imported = import(&[measure_set("uk_7202118000.json")], &[], &Settings::default()).unwrap();
    let pack = Pack::load(&imported.files).unwrap();
    let item = Item {
        has_proof: true,
        freight: Some(sterling("250.89")),
        insurance: Some(sterling("10")),
        quantities: BTreeMap::from([("t biodiesel".to_owned(), Decimal::parse("2").unwrap())]),
        additional_codes: BTreeSet::from(["C490".to_owned()]),
        day: Some(Day::parse("2021-01-01").unwrap()),
        any_area: true,
        ..Item::new(HsCode::parse("7202118000").unwrap(), Country::parse("GB").unwrap(), sterling("1000"))
    };
    let assessment = assess(&pack, &item, &BTreeMap::new()).unwrap();
    assert_eq!(assessment.choices.len(), 4, "{:?}", assessment.needs);
    for option in example["expect"].as_array().unwrap() {
        let name = option["option"].as_str().unwrap();
        let choice = assessment
            .choices
            .iter()
            .find(|choice| match choice.kind.word() {
                "ordinary" => name.starts_with("third_country"),
                kind => name.contains(kind),
            })
            .unwrap_or_else(|| panic!("{name}"));
        assert_eq!(choice.rows[0].amount.amount().to_string(), "1260.89");
        let mut rows: Vec<String> =
            choice.rows[1..].iter().map(|row| row.amount.amount().to_string()).collect();
        let lines = option["lines"].as_array().unwrap().iter();
        let mut expected: Vec<String> = lines.map(|line| line[1].as_str().unwrap().to_owned()).collect();
        rows.sort();
        expected.sort();
        assert_eq!(rows, expected, "{name}");
        assert_eq!(choice.total.amount().to_string(), option["total"].as_str().unwrap(), "{name}");
        assert_eq!(choice.rows.iter().any(|row| row.name == "safeguard duty"), choice.kind.word() != "quota");
        let vat = choice.rows.iter().find(|row| row.name == "VAT").unwrap();
        let line = option["lines"].as_array().unwrap().last().unwrap()[0].as_str().unwrap();
        assert_eq!(vat.base.unwrap().amount().to_string(), line.rsplit(' ').next().unwrap());
    }
    assert_eq!(assessment.choices[0].total.amount().to_string(), "1278.90");
    assert!(assessment.why.contains("116.50"), "{}", assessment.why);
}

#[test]
fn every_measure_set_assesses_without_an_unknown_type() {
    let names = [
        "uk_0102291010.json",
        "uk_0103921100.json",
        "uk_0702000007.json",
        "uk_7202118000.json",
        "uk_7202999000.json",
        "xi_0103921100.json",
        "xi_0702000007.json",
        "xi_7202999000.json",
    ];
    if meridian_testdata::find("tariff/uk_commodities").is_none() {
        return;
    }
    for name in names {
        let set = measure_set(name);
        let code = set.code.clone();
        let imported = import(&[set], &[], &Settings::default()).unwrap();
        let pack = Pack::load(&imported.files).unwrap_or_else(|problems| panic!("{name}: {problems:#?}"));
        let quantities = [("pcs", "10"), ("t biodiesel", "2"), ("l", "1")];
        let item = Item {
            has_proof: true,
            net_kg: Some(Decimal::parse("1700").unwrap()),
            quantities: quantities
                .iter()
                .map(|(unit, amount)| ((*unit).to_owned(), Decimal::parse(amount).unwrap()))
                .collect(),
            day: Some(Day::parse("2021-02-01").unwrap()),
            any_area: true,
            ..Item::new(HsCode::parse(&code).unwrap(), Country::parse("CL").unwrap(), sterling("5000"))
        };
        let rates = BTreeMap::from([(Currency::EUR, Ratio::whole(88))]);
        let assessment = assess(&pack, &item, &rates).unwrap_or_else(|refusal| panic!("{name}: {refusal}"));
        println!(
            "{name}: {} options, {} controls, needs {:?}",
            assessment.choices.len(),
            assessment.controls.len(),
            assessment.needs
        );
        assert!(!assessment.choices.is_empty(), "{name}: {:?}", assessment.needs);
        assert!(assessment.needs.is_empty(), "{name}: {:?}", assessment.needs);
    }
}
