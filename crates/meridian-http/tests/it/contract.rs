//! `openapi.json` says what the code does: every route, every body's fields.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

fn described() -> Value {
    serde_json::from_str(include_str!("../../openapi.json")).unwrap()
}

#[test]
fn every_route_is_described_and_nothing_else() {
    // The router as it is written: `.route("/path", get(..).post(..))`, up to the operators' part.
    let source = include_str!("../../src/service.rs");
    let source = &source[source.find("pub fn api(").unwrap()..source.find("pub fn operators(").unwrap()];
    let mut routed: BTreeSet<(String, String)> = BTreeSet::new();
    for part in source.split(".route(\"").skip(1) {
        let (path, rest) = part.split_once('"').unwrap();
        let rest = rest.split(".layer(").next().unwrap();
        for method in ["get", "post", "put", "delete"] {
            if rest.contains(&format!(" {method}(")) || rest.contains(&format!(".{method}(")) {
                routed.insert((path.to_owned(), method.to_owned()));
            }
        }
    }
    let document = described();
    let mut told: BTreeSet<(String, String)> = BTreeSet::new();
    for (path, methods) in document["paths"].as_object().unwrap() {
        told.extend(methods.as_object().unwrap().keys().map(|method| (path.clone(), method.clone())));
    }
    assert!(routed.len() > 25, "{routed:?}");
    assert_eq!(routed, told);
}

#[test]
fn every_body_has_the_fields_that_are_described() {
    let mut written: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut current = String::new();
    for line in include_str!("../../src/wire/mod.rs").lines() {
        if let Some(name) = line.strip_prefix("pub struct ") {
            current = name.trim_end_matches(" {").to_owned();
            written.entry(current.clone()).or_default();
        } else if let Some(field) =
            line.trim_start().strip_prefix("pub ").and_then(|rest| rest.split_once(':'))
        {
            written.entry(current.clone()).or_default().insert(field.0.trim_start_matches("r#").to_owned());
        }
    }
    let document = described();
    let schemas = document["components"]["schemas"].as_object().unwrap();
    for (name, fields) in &written {
        let schema = schemas.get(name).unwrap_or_else(|| panic!("{name} is not described"));
        let told: BTreeSet<String> = schema["properties"].as_object().unwrap().keys().cloned().collect();
        assert_eq!(&told, fields, "{name}");
    }
    let extra: Vec<&String> = schemas.keys().filter(|name| !written.contains_key(*name)).collect();
    assert_eq!(extra, ["Problem", "Told"]);
}
