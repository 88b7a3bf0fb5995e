//! The rule texts of 31 real agreements: how many compile, and that the others say where they are not understood.

use std::collections::BTreeMap;

use meridian_tariff::origin::{Rule, compile};

#[test]
fn most_rules_of_real_agreements_compile_and_print_back() {
    let Some(path) = meridian_testdata::find("tariff/rules_of_origin.jsonl") else { return };
    let text = std::fs::read_to_string(path).unwrap();
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    for line in text.lines() {
        let set: serde_json::Value = serde_json::from_str(line).unwrap();
        for rule in set["rules"].as_array().unwrap() {
            *seen.entry(rule["text"].as_str().unwrap_or_default().to_owned()).or_default() += 1;
        }
    }
    let (mut items, mut compiled_items, mut compiled_texts) = (0, 0, 0);
    for (text, count) in &seen {
        items += count;
        match compile(text) {
            Ok(compiled) => {
                compiled_items += count;
                compiled_texts += 1;
                let sentence = compiled.rule.to_string();
                assert_eq!(Rule::parse(&sentence).unwrap(), compiled.rule, "{sentence}");
            }
            Err(why) => assert!(why.what.starts_with("column "), "a refusal says where: {why}"),
        }
    }
    println!("{compiled_items} of {items} items, {compiled_texts} of {} texts", seen.len());
    assert!(compiled_items * 100 >= items * 95, "{compiled_items} of {items} rule items");
    assert!(compiled_texts * 100 >= seen.len() * 88, "{compiled_texts} of {} texts", seen.len());
}
