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
    settled(&first["settlement"]);
    let (code, verified, _) = run(&["verify", "day"], one.path(), "");
    assert_eq!(code, 0);
    let verified: Value = serde_json::from_str(&verified).unwrap();
    assert_eq!(verified["state_hash"], first["state_hash"]);
}

/// Windows of several currencies closed and settled at their agents, netting saved liquidity, and a queue that stood still
/// was released by a plan.
fn settled(settlement: &Value) {
    let windows = settlement["windows"].as_array().unwrap();
    let closed: Vec<&Value> = windows.iter().filter(|window| window["stage"] != "OPEN").collect();
    let currencies: std::collections::BTreeSet<&str> =
        closed.iter().filter_map(|window| window["currency"].as_str()).collect();
    assert!(closed.len() >= 10 && currencies.len() >= 5, "{} windows of {currencies:?}", closed.len());
    for window in closed {
        assert_eq!(window["stage"], "SETTLED", "{window}");
        assert_eq!(window["instructions"], window["accepted"], "{window}");
    }
    let spread = settlement["saved_percent"]
        .as_array()
        .unwrap()
        .iter()
        .find(|row| row["over"] == "all that net")
        .unwrap();
    let percent = |key: &str| spread[key].as_str().unwrap().parse::<f64>().unwrap();
    assert!(percent("min") <= percent("p50") && percent("p50") < percent("p90"), "{spread}");
    assert!(percent("max") > 50.0, "{spread}");
    let queue = &settlement["queue"];
    let value = |key: &str| {
        let digits: String = queue[key].as_str().unwrap().chars().filter(char::is_ascii_digit).collect();
        digits.parse::<u64>().unwrap()
    };
    assert_eq!(queue["tier"], "optimised", "{queue}");
    assert!(value("fifo") < value("greedy") && value("greedy") < value("released"), "{queue}");
    assert!(value("released") <= value("bound"), "{queue}");
}

#[test]
fn the_day_tells_one_story_in_seven_steps_with_its_evidence() {
    let directory = tempfile::tempdir().unwrap();
    let report = day(directory.path());
    let story = report["story"].as_array().unwrap();
    let names: Vec<&str> = story.iter().map(|step| step["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["link", "goods", "way", "certificate", "crash", "window", "what-if"]);
    for step in story {
        assert!(!step["evidence"].as_array().unwrap().is_empty(), "{step}");
    }
    let fact = |step: usize, key: &str| {
        let evidence = story[step]["evidence"].as_array().unwrap();
        evidence.iter().find(|one| !one[key].is_null()).unwrap_or_else(|| panic!("{key} in {}", story[step]))
    };
    assert_eq!(fact(0, "refusal")["refusal"], "pay.link_shut");
    let carrier = fact(1, "carrier");
    assert_eq!(carrier["refusal"], "deal.not_clear");
    let hit = &carrier["hits"][0];
    assert_eq!(
        (hit["list"].as_str(), hit["id"].as_str()),
        (Some("screening/test-watch-list.csv"), Some("TEST-1"))
    );
    let licence = fact(1, "licence");
    assert_eq!((licence["drawn"].as_str(), licence["left"].as_str()), (Some("6000 kg"), Some("14000 kg")));
    // The freight of the other way is in what is owed to customs.
    let ways = fact(2, "ways")["ways"].as_object().unwrap();
    let owed: std::collections::BTreeSet<String> =
        ways.values().map(|way| way["owed_to_customs"].to_string()).collect();
    assert!(ways.len() > 1 && owed.len() == ways.len(), "{ways:?}");
    assert_eq!(fact(3, "refusal")["refusal"], "deal.document_missing");
    let crash = fact(4, "signal");
    assert_eq!(crash["signal"], 9);
    assert_eq!((&crash["stood"], &crash["is_repeat"]), (&Value::from("sent"), &Value::from(true)));
    let once = [&crash["reservations"], &crash["commitments"], &crash["legs_posted"]];
    assert_eq!(once, [&Value::from(1), &Value::from(1), &Value::from(2)]);
    assert!(
        story[5]["evidence"].as_array().unwrap().iter().any(|one| one["stage"] == "SETTLED"),
        "{}",
        story[5]
    );
    let days = fact(6, "days")["days"].as_array().unwrap();
    let changed = days.iter().filter(|day| day["owed"] != day["owed_then"]).count();
    assert_eq!((days.len(), changed), (3, 1));
}
