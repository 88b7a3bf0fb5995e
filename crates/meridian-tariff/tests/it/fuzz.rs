//! Duty sentences and origin rules, bent: none panics, what is not understood says where, what is prints back.

use meridian_tariff::duty::{Dialect, condition, parse, parse_note};
use meridian_tariff::origin::{Rule, compile};
use meridian_testdata::{bent, runs};

/// Real sentences' shapes, one at least of each dialect.
const DUTIES: [&str; 14] = [
    "12.80 % + 176.80 EUR DTN MAX 22.40 % + 20.60 EUR DTN",
    "0.00 % + EA MAX 24.20 % + AD S/Z",
    "8.50 % MIN 2.50 EUR HLT",
    "10, но не менее 0,3 евро за 1 кг",
    "5 плюс 0,12 евро за 1 л",
    "1.8¢/kg + 6.4%",
    "The rate applicable to the article of which it is a part",
    "Free",
    "(1035.00 GBP / 100 kg)",
    "16.00% + 14.00 GBP / % vol/hl",
    "max(10%, 0.3 EUR/kg)",
    "5% + min(2%, 3 EUR/l)",
    "Cond:  A cert: D-008 (01):0.000 % ; A (02):13.100 %",
    "40C)",
];

const ORIGINS: [&str; 8] = [
    "CC except 0201-0210 allow (own chapter) <= 20% EXW",
    "VALUE(all except own heading) <= 40% EXW and WEIGHT(\"sugar\" of 1701) <= 30% weight",
    "RVC(build-down FOB) >= 45% or CTH",
    "2 OF (CTSH; DONE(spinning, weaving); FROM(5101-5105))",
    "WO(chapter 4) allow (0406) <= 10% FOB",
    "Manufacture in which all the materials of Chapter 4 used are wholly obtained",
    "Manufacture from materials of any heading, except that of the product. However, materials of the same heading as the \
     product may be used, provided that their total value does not exceed 5 % of the ex-works price of the product",
    "CTH; or RVC 40% (build-down)",
];

#[test]
fn no_duty_sentence_panics_and_what_is_read_prints_back() {
    bolero::check!().with_iterations(runs(20_000)).with_max_len(21).for_each(|recipe: &[u8]| {
        let (_, bytes) = bent(&DUTIES, recipe);
        let sentence = String::from_utf8_lossy(&bytes);
        for (name, dialect) in Dialect::ALL {
            match parse(&sentence, dialect) {
                Ok(duty) => {
                    let printed = duty.to_string();
                    assert_eq!(
                        parse(&printed, Dialect::Canonical).as_ref(),
                        Ok(&duty),
                        "{name}: {sentence:?} is printed as {printed:?}"
                    );
                }
                Err(error) => assert!(error.column <= sentence.chars().count() + 1, "{sentence:?}: {error}"),
            }
        }
        let _ = condition::parse(&sentence);
        let _ = parse_note(&sentence);
    });
}

#[test]
fn no_origin_rule_panics_and_what_is_read_prints_back() {
    bolero::check!().with_iterations(runs(10_000)).with_max_len(21).for_each(|recipe: &[u8]| {
        let (_, bytes) = bent(&ORIGINS, recipe);
        let sentence = String::from_utf8_lossy(&bytes);
        if let Ok(rule) = Rule::parse(&sentence) {
            let printed = rule.to_string();
            assert_eq!(Rule::parse(&printed).as_ref(), Ok(&rule), "{sentence:?} is printed as {printed:?}");
        }
        if let Ok(compiled) = compile(&sentence) {
            let printed = compiled.rule.to_string();
            assert_eq!(Rule::parse(&printed).as_ref(), Ok(&compiled.rule), "{sentence:?}");
        }
    });
}
