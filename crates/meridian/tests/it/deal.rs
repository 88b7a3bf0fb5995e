//! `meridian deal run`: one deal, offline.

use std::path::Path;

use serde_json::Value;

use crate::bank::run;

const EXAMPLE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/north-south");

fn deal(file: &str, id: &str) -> (i32, Value) {
    let call = ["deal", "run", file, "--id", id, "--corridor", EXAMPLE, "--json"];
    let (code, said, complaint) = run(&call, Path::new("."), "");
    (code, serde_json::from_str(&said).unwrap_or_else(|error| panic!("{error}: {said} {complaint}")))
}

#[test]
fn a_deal_runs_from_contract_to_payout_with_its_reasons() {
    let (code, told) = deal(&format!("{EXAMPLE}/deals.toml"), "PISTACHIO-1");
    assert_eq!((code, &told["deal"]["stage"]), (0, &"settled".into()), "{told}");
    let owed = told["deal"]["obligations"].as_array().unwrap();
    assert!(
        owed.len() >= 6 && owed.iter().all(|owed| owed["standing"] == "paid" && owed["uetr"].is_string())
    );
    assert!(told["deal"]["landed"].as_array().unwrap().iter().all(|row| row["reference"] != ""));
    assert!(told["steps"].as_array().unwrap().len() > 10);
    assert!(told.get("refusal").is_none());
}

#[test]
fn a_listed_seller_ends_it_with_the_list_and_the_entry() {
    let text = std::fs::read_to_string(format!("{EXAMPLE}/deals.toml")).unwrap();
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("deal.toml");
    std::fs::write(&file, text.replace("Kerman Orchard Cooperative (example)", "Blackwater Strait Shipping"))
        .unwrap();
    let (code, told) = deal(file.to_str().unwrap(), "PISTACHIO-1");
    assert_eq!((code, &told["deal"]["stage"]), (1, &"not signed".into()));
    let refusal = told["refusal"].as_str().unwrap();
    assert!(refusal.contains("deal.not_clear") && refusal.contains("TEST-1"), "{refusal}");
}

#[test]
fn one_deal_is_run_at_a_time() {
    let file = format!("{EXAMPLE}/deals.toml");
    let (code, _, complaint) = run(&["deal", "run", &file], Path::new("."), "");
    assert_eq!(code, 2);
    assert!(complaint.contains("--id") && complaint.contains("PISTACHIO-1"), "{complaint}");
    let (code, _, complaint) = run(&["deal", "run", "nowhere.toml"], Path::new("."), "");
    assert!(code == 2 && complaint.contains("there is no such file"), "{complaint}");
}
