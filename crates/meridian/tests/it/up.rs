//! The example day: the same every time, and verified.

use serde_json::Value;

use crate::bank::run;

fn day(directory: &std::path::Path) -> Value {
    let (code, answer, complaint) =
        run(&["up", "--once", "--json", "--port", "0", "--data", "day"], directory, "");
    assert_eq!(code, 0, "{complaint}");
    serde_json::from_str(&answer).unwrap()
}

#[test]
fn two_days_in_two_empty_directories_end_in_one_state_that_verifies() {
    let (one, two) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (first, second) = (day(one.path()), day(two.path()));
    assert_eq!(first, second);
    let deals = first["deals"].as_array().unwrap();
    assert!(deals.len() >= 3);
    assert!(
        deals
            .iter()
            .all(|deal| deal["stage"] == "settled" && deal["owed"] == deal["paid"].as_array().unwrap().len())
    );
    assert!(first["payments"]["currency_pairs"].as_array().unwrap().len() >= 3);
    let countries: std::collections::BTreeSet<&str> = deals
        .iter()
        .flat_map(|deal| [&deal["seller_country"], &deal["buyer_country"]])
        .filter_map(Value::as_str)
        .collect();
    assert!(countries.len() >= 4, "{countries:?}");
    let (code, verified, _) = run(&["verify", "day"], one.path(), "");
    assert_eq!(code, 0);
    let verified: Value = serde_json::from_str(&verified).unwrap();
    assert_eq!(verified["state_hash"], first["state_hash"]);
}
