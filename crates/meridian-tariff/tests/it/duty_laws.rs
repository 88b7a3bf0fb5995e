//! Laws of duties and of the choice between them.

use std::collections::BTreeMap;

use meridian_tariff::assess::{Item, assess};
use meridian_tariff::duty::{
    Base, Component, Denomination, Dialect, Duty, Facts, Quantities, Reference, Season, Unit, parse,
};
use meridian_tariff::measure::Kind;
use meridian_tariff::pack::Pack;
use meridian_terms::{Country, Currency, Day, Decimal, HsCode, Money, Ratio};
use proptest::prelude::*;

fn decimal() -> impl Strategy<Value = Decimal> {
    (0_i128..1_000_000, 0_u8..4).prop_map(|(mantissa, scale)| Decimal::new(mantissa, scale).unwrap())
}

fn term() -> impl Strategy<Value = Duty> {
    let units = prop::sample::select(vec![
        "kg",
        "t",
        "l",
        "hl",
        "pcs",
        "doz",
        "pairs",
        "cm3",
        "kg gross",
        "hl at % vol",
        "kg of lead content",
    ]);
    let currencies = prop::sample::select(vec!["EUR", "USD", "GBP"]);
    prop_oneof![
        3 => decimal().prop_map(Duty::percent),
        1 => decimal().prop_map(|rate| Duty::Percent { rate, of: Base::Named("retail price".into()) }),
        3 => (decimal(), currencies.clone(), 1_i128..1000, units).prop_map(|(amount, currency, per, unit)| Duty::PerUnit {
            amount, currency: Denomination::Money(Currency::parse(currency).unwrap()), per: Decimal::whole(per), unit: Unit::parse(unit).unwrap() }),
        1 => (decimal(), currencies).prop_map(|(amount, currency)| Duty::Fixed { amount, currency: Denomination::Money(Currency::parse(currency).unwrap()) }),
        1 => Just(Duty::Nil),
    ]
}

/// Duties without subtraction; all of it computable.
fn plain() -> impl Strategy<Value = Duty> {
    term().prop_recursive(3, 12, 3, |inner| {
        let two = prop::collection::vec(inner.clone(), 2..4);
        prop_oneof![
            two.clone().prop_map(Duty::Sum),
            two.clone().prop_map(Duty::Lower),
            two.prop_map(Duty::Higher),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| Duty::Floor(Box::new(a), Box::new(b))),
            (inner.clone(), inner).prop_map(|(a, b)| Duty::Cap(Box::new(a), Box::new(b))),
        ]
    })
}

fn season() -> impl Strategy<Value = Season> {
    (1_u8..13, 1_u8..29, 1_u8..13, 1_u8..29).prop_map(|(a, b, c, d)| Season { from: (a, b), to: (c, d) })
}

/// Every shape there is.
fn any_duty() -> impl Strategy<Value = Duty> {
    let odd = prop_oneof![
        Just(Duty::EntryPrice),
        Just(Duty::Agricultural(Component::SugarReduced)),
        Just(Duty::Reference(Reference::Ordinary)),
        Just(Duty::Reference(Reference::EachArticle)),
        Just(Duty::Reference(Reference::Note(63))),
        Just(Duty::Reference(Reference::Subheadings(vec!["8716.39.00".into(), "8716.90.30".into()]))),
        Just(Duty::Unit { per: Decimal::whole(100), unit: Unit::kilogram() }),
    ];
    let part = prop_oneof![4 => plain(), 1 => odd];
    let summed = (part.clone(), part.clone()).prop_map(|(a, b)| Duty::Difference(Box::new(a), Box::new(b)));
    let duty = prop_oneof![4 => part.clone(), 1 => summed];
    prop_oneof![
        6 => duty.clone(),
        1 => prop::collection::vec((prop::collection::vec(season(), 1..3), duty.clone()), 1..3).prop_map(Duty::Seasonal),
        1 => prop::collection::vec((prop::collection::vec("[A-Z]{1,2}[+*]?", 1..3), duty), 1..3).prop_map(Duty::ByProgramme),
    ]
}

fn amount(duty: &Duty, value: i128, many: i128) -> Ratio {
    let units = ["kg", "l", "pcs", "pairs", "cm3", "kg gross", "l pure alcohol", "kg of lead content"];
    let named = units
        .iter()
        .enumerate()
        .map(|(at, unit)| ((*unit).to_owned(), Decimal::whole(many * (at as i128 + 1))));
    let quantities = Quantities::of(&named.collect()).unwrap();
    let rates = [("EUR", 9_210), ("USD", 8_040), ("GBP", 10_990)];
    let rates = rates
        .iter()
        .map(|(code, rate)| (Currency::parse(code).unwrap(), Ratio::new(*rate, 7).unwrap()))
        .collect();
    let bases = BTreeMap::from([("retail price".to_owned(), Ratio::whole(value * 2))]);
    let facts = Facts {
        value: Ratio::whole(value),
        quantities: &quantities,
        rates: &rates,
        bases: &bases,
        day: None,
        ordinary: None,
        programme: None,
    };
    duty.amount(&facts).unwrap()
}

fn has_fixed(duty: &Duty) -> bool {
    match duty {
        Duty::Fixed { .. } => true,
        Duty::Sum(parts) | Duty::Lower(parts) | Duty::Higher(parts) => parts.iter().any(has_fixed),
        Duty::Floor(a, b) | Duty::Cap(a, b) | Duty::Difference(a, b) => has_fixed(a) || has_fixed(b),
        _ => false,
    }
}

proptest! {
    #![proptest_config(crate::seeded(1_500))]

    #[test]
    fn a_duty_reads_back_as_it_is_printed(duty in any_duty()) {
        let sentence = duty.to_string();
        prop_assert_eq!(parse(&sentence, Dialect::Canonical), Ok(duty), "{}", sentence);
    }

    #[test]
    fn no_text_panics_a_parser(text in "([0-9]{1,3}([.,][0-9]{1,3})?|%|EUR|/|kg|MIN|MAX|\\+|-|\\(|\\)|,|01 JAN|евро за 1 кг|, но не менее|либо|Free|¢|\\$|each| |;|or|plus|free|from|of){0,14}", noise in "\\PC{0,30}") {
        for (_, dialect) in Dialect::ALL {
            for sentence in [&text, &noise] {
                if let Ok(duty) = parse(sentence, dialect) {
                    let canonical = duty.to_string();
                    prop_assert_eq!(parse(&canonical, Dialect::Canonical), Ok(duty), "{} {}", sentence, canonical);
                }
            }
        }
    }

    #[test]
    fn without_subtraction_a_duty_is_never_negative_and_never_falls_with_the_value(duty in plain(), value in 0_i128..1_000_000_000, more in 0_i128..1_000_000, many in 0_i128..10_000) {
        let (less, greater) = (amount(&duty, value, many), amount(&duty, value + more, many));
        prop_assert!(less >= Ratio::ZERO && less <= greater);
    }

    #[test]
    fn bounds_bind(first in plain(), second in plain(), value in 0_i128..1_000_000_000, many in 0_i128..10_000) {
        let (one, other) = (amount(&first, value, many), amount(&second, value, many));
        let (a, b) = (Box::new(first), Box::new(second));
        prop_assert_eq!(amount(&Duty::Floor(a.clone(), b.clone()), value, many), one.max(other));
        prop_assert_eq!(amount(&Duty::Cap(a, b), value, many), one.min(other));
    }

    /// Ten times the goods pay ten times the duty, and a line split in proportion pays the same in all.
    #[test]
    fn duty_is_in_proportion_to_the_goods(duty in plain().prop_filter("a fixed amount is for any goods", |duty| !has_fixed(duty)), value in 0_i128..1_000_000_000, many in 0_i128..10_000, times in 1_i128..50) {
        let (one, all) = (amount(&duty, value, many), amount(&duty, value * times, many * times));
        prop_assert_eq!(one.checked_mul(&Ratio::whole(times)), Some(all));
        let part = amount(&duty, value * (times - 1), many * (times - 1));
        prop_assert_eq!(part.checked_add(&one), Some(all));
    }

    #[test]
    fn a_preference_is_never_taken_when_dearer_or_without_a_proof(ordinary in 0_i64..40, preferential in 0_i64..40, has_proof in any::<bool>()) {
        let pack = pack(&format!("0802510000,x,{ordinary} %,10,,official,s\n"), &format!("08,IR,{preferential} %,agreement,illustrative\n"), "");
        let assessment = assess(&pack, &item(has_proof), &BTreeMap::new()).unwrap();
        let best = &assessment.choices[0];
        prop_assert!(best.kind == Kind::Ordinary || (has_proof && preferential < ordinary));
        prop_assert_eq!(best.rows[1].amount.minor(), i128::from(if has_proof { ordinary.min(preferential) } else { ordinary }) * 1000);
        prop_assert_eq!(assessment.missed.len(), usize::from(!has_proof));
    }

    /// What was known on a day stays what was known on that day, whatever is recorded afterwards.
    #[test]
    fn the_past_is_not_rewritten(rates in prop::collection::vec((0_i64..30, 0_i32..300, prop::option::of(0_i32..300)), 1..6), later in 0_i64..30, asked in 0_i32..300) {
        let start = Day::parse("2026-01-01").unwrap();
        let row = |number: usize, rate: i64, known: i32, forgotten: Option<i32>| {
            let until = forgotten.filter(|until| *until > known).map_or(String::new(), |until| start.plus(until).to_string());
            format!("m{number},ordinary,t,0802510000,2020-01-01,{rate} %,{},{until},official\n", start.plus(known))
        };
        let mut table: String = rates.iter().enumerate().map(|(number, (rate, known, forgotten))| row(number, *rate, *known, *forgotten)).collect();
        let known = Some(start.plus(asked));
        let ask = |table: &str| {
            let pack = pack("0802510000,x,9 %,10,,official,s\n", "", table);
            let item = Item { known, day: Some(start.plus(400)), ..item(false) };
            assess(&pack, &item, &BTreeMap::new()).unwrap().choices
        };
        let before = ask(&table);
        table.push_str(&row(99, later, asked + 1, None));
        prop_assert_eq!(before, ask(&table));
    }
}

fn pack(lines: &str, preferences: &str, measures: &str) -> Pack {
    let files = [
        (
            "pack.toml",
            "name = \"p\"\nterritory = \"RU\"\ncurrency = \"RUB\"\nfee = \"0\"\ntaxes_status = \"t\"\n"
                .to_owned(),
        ),
        ("lines.csv", format!("code,description,duty,vat_percent,unit,status,source\n{lines}")),
        ("preferences.csv", format!("code,origin,duty,agreement,status\n{preferences}")),
        (
            "measures.csv",
            format!("measure,kind,title,code,from,duty,recorded_from,recorded_until,status\n{measures}"),
        ),
    ];
    let files = files.into_iter().map(|(name, text)| (name.to_owned(), text.into_bytes())).collect();
    Pack::load(&files).unwrap_or_else(|problems| panic!("{problems:#?}"))
}

fn item(has_proof: bool) -> Item {
    let price = Money::parse("1000.00", Currency::RUB).unwrap();
    Item {
        has_proof,
        ..Item::new(HsCode::parse("0802510000").unwrap(), Country::parse("IR").unwrap(), price)
    }
}

/// A base rate of 20 % in two equal steps: half from 2026, nothing from 2027; a safeguard of the agreement snaps back.
#[test]
fn a_staged_preference_steps_down_by_year() {
    let files = [
        (
            "pack.toml",
            "name = \"p\"\nterritory = \"RU\"\ncurrency = \"RUB\"\nfee = \"0\"\ntaxes_status = \"t\"\n",
        ),
        (
            "lines.csv",
            "code,description,duty,vat_percent,status,source\n0802510000,x,20 % but not less than 0.4 EUR / kg,10,official,s\n",
        ),
        (
            "preferences.csv",
            "code,origin,duty,category,agreement,status\n0802510000,IR;KZ,,B2,fta,illustrative\n",
        ),
        (
            "staging.csv",
            "agreement,category,from,remaining_percent\nfta,B2,2025-05-15,75\nfta,B2,2026-01-01,50\nfta,B2,2027-01-01,0\n",
        ),
        ("rates.csv", "currency,rate\nEUR,100\n"),
        (
            "measures.csv",
            "measure,kind,title,code,from,until,duty,scheme,status\ns1,safeguard,snap-back,0802,2026-06-01,2026-09-01,5 %,fta,illustrative\n",
        ),
    ];
    let files = files.iter().map(|(name, text)| ((*name).to_owned(), text.as_bytes().to_vec())).collect();
    let pack = Pack::load(&files).unwrap_or_else(|problems| panic!("{problems:#?}"));
    // day, preferential duty and safeguard on 1,000.00 RUB of 1 kg: the floor is 40.00 at the base rate.
    let rows = [
        ("2025-05-14", None),
        ("2025-05-15", Some(("150.00", "0.00"))),
        ("2026-01-01", Some(("100.00", "0.00"))),
        ("2026-06-01", Some(("100.00", "50.00"))),
        ("2026-09-01", Some(("100.00", "0.00"))),
        ("2027-01-01", Some(("0.00", "0.00"))),
    ];
    for (day, expected) in rows {
        let item = Item { day: Some(Day::parse(day).unwrap()), net_kg: Some(Decimal::ONE), ..item(true) };
        let assessment = assess(&pack, &item, &BTreeMap::new()).unwrap();
        let preference = assessment.choices.iter().find(|choice| choice.kind == Kind::Preference);
        let told = preference.map(|choice| {
            let of = |name: &str| {
                choice
                    .rows
                    .iter()
                    .find(|row| row.name == name)
                    .map_or("0.00".to_owned(), |row| row.amount.amount().to_string())
            };
            (of("duty"), of("safeguard duty"))
        });
        assert_eq!(
            told.as_ref().map(|(duty, safeguard)| (duty.as_str(), safeguard.as_str())),
            expected,
            "{day}"
        );
        let ordinary = assessment.choices.iter().find(|choice| choice.kind == Kind::Ordinary).unwrap();
        assert!(
            ordinary.rows.iter().all(|row| row.name != "safeguard duty"),
            "the safeguard is the agreement's own"
        );
    }
}

/// term, what is declared beside the price of 1,000.00, the customs value.
#[test]
fn the_customs_value_follows_the_delivery_term() {
    use meridian_tariff::assess::Incoterm;
    let pack = pack("0802510000,x,10 %,10,,official,s\n", "", "");
    let rows = [
        ("EXW", Some("90.00"), Some("10.00"), None, Some("1100.00")),
        ("FOB", Some("90.00"), None, None, Some("1090.00")),
        ("FOB", None, None, None, None),
        ("CFR", Some("90.00"), Some("10.00"), None, Some("1010.00")),
        ("CIF", Some("90.00"), Some("10.00"), None, Some("1000.00")),
        ("DAP", None, None, Some("70.00"), Some("930.00")),
        ("DDP", None, None, None, None),
    ];
    for (term, freight, insurance, inland, expected) in rows {
        let money = |amount: Option<&str>| amount.map(|amount| Money::parse(amount, Currency::RUB).unwrap());
        let item = Item {
            incoterm: Some(Incoterm::parse(term).unwrap()),
            freight: money(freight),
            insurance: money(insurance),
            inland: money(inland),
            ..item(false)
        };
        let value = assess(&pack, &item, &BTreeMap::new())
            .map(|found| found.choices[0].rows[0].amount.amount().to_string());
        match expected {
            Some(expected) => assert_eq!(value.unwrap(), expected, "{term}"),
            None => assert_eq!(value.unwrap_err().code, "tariff.incoterm", "{term}"),
        }
    }
}
