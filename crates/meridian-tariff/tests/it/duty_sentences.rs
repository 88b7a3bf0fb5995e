//! Duty sentences of five real tariffs: they parse, print back, and what does not is listed with its reason.

use meridian_tariff::duty::{Dialect, Duty, condition, parse};

fn printed_back(duty: &Duty) {
    let canonical = duty.to_string();
    assert_eq!(parse(&canonical, Dialect::Canonical).as_ref(), Ok(duty), "{canonical}");
}

#[test]
fn sentences_of_five_tariffs_parse_and_print_back() {
    let Some(path) = meridian_testdata::find("tariff/duty_expressions.csv") else { return };
    let (mut all, mut read) = (0, 0);
    for row in csv::Reader::from_path(path).unwrap().records() {
        let row = row.unwrap();
        let sentence = &row[5];
        let dialect = match &row[0] {
            "eu-cet" => Dialect::Eu,
            "uk-gt" => Dialect::Uk,
            "taric-verbose" => Dialect::Taric,
            "us-hts" => Dialect::Us,
            "eaeu-ru" => Dialect::EaeuRu,
            other => panic!("{other}"),
        };
        all += 1;
        match parse(sentence, dialect) {
            Ok(duty) => {
                read += 1;
                printed_back(&duty);
            }
            Err(why) => println!("not read: {} {sentence:?}: {why}", &row[0]),
        }
    }
    println!("{read} of {all} sentences");
    assert!(read * 100 >= all * 98, "{read} of {all}");
}

/// The tariff editor's own cases, each invalid one with the editor's class of error.
#[test]
fn an_editors_cases_come_out_as_labelled() {
    let Some(path) = meridian_testdata::find("tariff/duty_sentences_tamato.json") else { return };
    let cases: serde_json::Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    for case in cases["valid"].as_array().unwrap() {
        let duty =
            parse(case[0].as_str().unwrap(), Dialect::Taric).unwrap_or_else(|why| panic!("{case}: {why}"));
        printed_back(&duty);
    }
    for case in cases["invalid"].as_array().unwrap() {
        let (sentence, label) = (case[0].as_str().unwrap(), case[1].as_str().unwrap());
        let code = match label {
            "semantic: qualifier not allowed with unit" => "duty.qualifier_not_allowed".to_owned(),
            "semantic: a duty expression may be used once" => "duty.expression_used_once".to_owned(),
            "semantic: unit not allowed with NIHIL" => "duty.unit_not_allowed".to_owned(),
            class => {
                let mut code = "duty".to_owned();
                for letter in class.chars() {
                    code.push_str(if letter.is_uppercase() { "_" } else { "" });
                    code.extend(letter.to_lowercase());
                }
                code.replacen('_', ".", 1)
            }
        };
        let why = parse(sentence, Dialect::Taric).expect_err(sentence);
        assert_eq!(why.code, code, "{sentence}: {why}");
    }
    for case in cases["seasonal"].as_array().unwrap() {
        let duty = parse(case[0].as_str().unwrap(), Dialect::Uk).unwrap();
        let seasons = if let Duty::Seasonal(variants) = &duty { variants.clone() } else { Vec::new() };
        let told: Vec<serde_json::Value> = seasons
            .iter()
            .map(|(season, rate)| {
                serde_json::json!([
                    rate.to_string().replace(' ', ""),
                    season[0].from.1,
                    season[0].from.0,
                    season[0].to.1,
                    season[0].to.0
                ])
            })
            .collect();
        assert_eq!(serde_json::Value::from(told), case[1]);
        printed_back(&duty);
    }
    for case in cases["conditions"].as_array().unwrap() {
        let rows = condition::parse(case[0].as_str().unwrap()).unwrap();
        let expected = case[1].as_array().unwrap();
        assert_eq!(rows.len(), expected.len());
        for (row, expected) in rows.iter().zip(expected) {
            let text = |at: usize| expected[at].as_str().unwrap_or_default();
            assert_eq!((row.code.as_str(), row.document.as_deref().unwrap_or_default()), (text(0), text(1)));
            assert_eq!(row.action, text(2));
            assert_eq!(row.duty, Some(parse(text(3), Dialect::Taric).unwrap()));
        }
    }
}

/// dialect, sentence, canonical form or the code and column of the error.
#[test]
fn sentences_by_hand() {
    const ROWS: [(&str, &str, &str); 44] = [
        (
            "taric",
            "9.27 GBP / l alc. 100% - 1.00 GBP / SPQ",
            "9.27 GBP / l pure alcohol minus 1.00 GBP / SPQ",
        ),
        (
            "taric",
            "16.50 % / Retail Price + 244.78 GBP / 1000 p/st MIN 320.90 GBP / 1000 p/st",
            "16.50 % of retail price plus 244.78 GBP / 1000 pcs but not less than 320.90 GBP / 1000 pcs",
        ),
        (
            "taric",
            "10.20 % + AC (reduced) MAX 20.00 % + SD",
            "10.20 % plus EAR but not more than 20.00 % plus ADSZ",
        ),
        ("taric", "8.00 % MAX 2.80 EUR / m²", "8.00 % but not more than 2.80 EUR / m2"),
        ("taric", "NIHIL", "nil"),
        ("taric", "p/st", "unit pcs"),
        ("taric", "172.200 GBP DTN Z", "172.200 GBP / 100 kg at % sucrose"),
        ("taric", "10 % MAX 5 % MIN 3 %", "duty.expression_used_once 14"),
        ("taric", "10", "duty.invalid_duty_expression 3"),
        ("taric", "10 % + ", "duty.duty_amount_required 8"),
        ("taric", "", "duty.duty_amount_required 1"),
        ("eu", "0.60 EUR / % vol / hl + 3.20 EUR / hl", "0.60 EUR / hl at % vol plus 3.20 EUR / hl"),
        ("eu", "1,024.00 EUR / tonne", "1024.00 EUR / t"),
        (
            "eu",
            "10.4% MIN 1.6€/100kg/net (01 JAN-30 JUNE, 01-31 DEC), 13.60%",
            "10.4 % but not less than 1.6 EUR / 100 kg from 1 Jan to 30 Jun and 1 Dec to 31 Dec; 13.60 % otherwise",
        ),
        ("eu", "6.4 + 24.6 EUR/100 kg", "6.4 % plus 24.6 EUR / 100 kg"),
        ("eu", "9.00% + EA MAX 18.70% + ADSZ", "9.00 % plus EA but not more than 18.70 % plus ADSZ"),
        (
            "eu",
            "18.40% MIN 22.00 EUR/100 kg MAX 24.00 EUR/100 kg",
            "18.40 % but not less than 22.00 EUR / 100 kg but not more than 24.00 EUR / 100 kg",
        ),
        ("eu", "Entry Price", "entry price"),
        ("eu", "5% (30 FEB-31 MAR)", "duty.invalid_season 5"),
        ("eu", "5%, 6%", "duty.variant_without_condition 7"),
        ("uk", "2.0% (25 NOV - 25 JAN)", "2.0 % from 25 Nov to 25 Jan"),
        ("uk", "35.00 GBP/100kg mas", "35.00 GBP / 100 kg dry matter"),
        ("uk", "10.00%\u{a0}+ 77.00 £/100kg", "10.00 % plus 77.00 GBP / 100 kg"),
        (
            "eaeu-ru",
            "15, либо 12,5, но не менее 0,6 евро за 1 см³ объема двигателя, в зависимости от того, какая из исчисленных сумм таможенной пошлины ниже",
            "15 % or 12.5 % but not less than 0.6 EUR / cm3, whichever is lower",
        ),
        ("eaeu-ru", "10 плюс 0,08 евро за 1 кг", "10 % plus 0.08 EUR / kg"),
        ("eaeu-ru", "250 долларов США за 1000 кг", "250 USD / 1000 kg"),
        ("eaeu-ru", "2 евро за 1 л 100%-го спирта", "2 EUR / l pure alcohol"),
        ("eaeu-ru", "0 (ноль) % от таможенной стоимости", "0 %"),
        ("eaeu-ru", "63С", "note 63"),
        ("eaeu-ru", "5 кг", "duty.unknown_word 3"),
        ("eaeu-ru", "10, но не менее", "duty.no_number 16"),
        ("eaeu-ru", "10 либо 12", "duty.choice_without_measure 11"),
        ("us", "Free", "0 %"),
        ("us", "14.27¢/ liter", "0.1427 USD / l"),
        ("us", "$1.556/kg (P+)", "1.556 USD / kg for P+"),
        ("us", "Free (A*,AU,E*) 22.5% (CA, MX)", "0 % for A* AU E*; 22.5 % for CA MX"),
        (
            "us",
            "The duty provided in the applicable subheading + a duty of 25% upon the value of the non-U.S. content",
            "ordinary duty plus 25 % of non-u.s content",
        ),
        (
            "us",
            "The duty provided in subheadings 8716.39.00, 8716.90.30 or 8716.90.50 + 100%",
            "duty of 8716.39.00/8716.90.30/8716.90.50 plus 100 %",
        ),
        ("us", "1.1¢/kg on lead content + 3.5%", "0.011 USD / kg of lead content plus 3.5 %"),
        ("us", "40¢ each + 6% on the case", "0.40 USD / pcs plus 6 % of case"),
        ("us", "5.99¢/pf. liter", "0.0599 USD / proof l"),
        ("us", "68¢/doz. prs.", "0.68 USD / doz pairs"),
        ("us", "1.5% of something", "duty.unknown_word 6"),
        ("us", "See 9822.05.10 (CL)", "duty of 9822.05.10 for CL"),
    ];
    for (dialect, sentence, expected) in ROWS {
        let told = match parse(sentence, Dialect::named(dialect).unwrap()) {
            Ok(duty) => {
                printed_back(&duty);
                duty.to_string()
            }
            Err(why) => format!("{} {}", why.code, why.column),
        };
        assert_eq!(told, expected, "{dialect}: {sentence}");
    }
}
