//! The cards' day: what it says, and what it must not say anywhere.

use std::path::Path;

use serde_json::Value;

use crate::bank::run;

const FILE: &str = include_str!("../../../../examples/north-south/cards.toml");

/// The values of a key in the example's file.
fn values(key: &str) -> Vec<&'static str> {
    let lines = FILE.lines().filter_map(|line| line.strip_prefix(key)?.strip_prefix(" = \""));
    lines.filter_map(|rest| rest.strip_suffix('"')).collect()
}

/// As the example derives them.
fn key(name: &str) -> Vec<u8> {
    let digest = blake3::hash(format!("meridian example card key {name}").as_bytes());
    let odd = |byte: &u8| byte & 0xFE | u8::from((byte & 0xFE).count_ones().is_multiple_of(2));
    digest.as_bytes()[..16].iter().map(odd).collect()
}

fn collect(directory: &Path, into: &mut Vec<(String, Vec<u8>)>) {
    for entry in std::fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, into);
        } else {
            into.push((path.display().to_string(), std::fs::read(&path).unwrap()));
        }
    }
}

fn has(bytes: &[u8], needle: &[u8]) -> bool {
    bytes.windows(needle.len()).any(|part| part == needle)
}

#[test]
fn no_card_number_pin_or_key_is_in_journal_log_or_console() {
    let directory = tempfile::tempdir().unwrap();
    let mut places = Vec::new();
    for (name, arguments) in [
        ("text", &["up", "--once", "--port", "0", "--data", "text"][..]),
        ("json", &["up", "--once", "--json", "--port", "0", "--data", "json"]),
    ] {
        let (code, out, log) = run(arguments, directory.path(), "");
        assert_eq!(code, 0, "{log}");
        places.push((format!("console of {name}"), out.into_bytes()));
        places.push((format!("log of {name}"), log.into_bytes()));
    }
    collect(directory.path(), &mut places);
    assert!(places.iter().filter(|(_, bytes)| bytes.len() > 10_000).count() >= 3);

    let (numbers, pins) = (values("number"), values("pin"));
    assert!(numbers.len() >= 3 && !pins.is_empty());
    let mut secrets: Vec<(String, Vec<u8>)> = Vec::new();
    for text in numbers.iter().chain(&pins) {
        secrets.push(((*text).to_owned(), text.as_bytes().to_vec()));
        // EBCDIC writes digits as F0 to F9; dialects pack two in a byte.
        secrets.push((format!("{text} in EBCDIC"), text.bytes().map(|digit| digit + 0xC0).collect()));
        let packed =
            text.as_bytes().chunks(2).map(|pair| (pair[0] & 15) << 4 | (pair.get(1).unwrap_or(&b'0') & 15));
        if text.len() >= 16 {
            secrets.push((format!("{text} packed"), packed.collect()));
        }
    }
    for scheme in values("id") {
        for kind in ["ZPK", "MAK"] {
            let name = format!("{kind}-{scheme}");
            let key = key(&name);
            let hex: String = key.iter().map(|byte| format!("{byte:02X}")).collect();
            secrets.push((format!("{name} in lower case"), hex.to_lowercase().into_bytes()));
            secrets.push((format!("{name} in upper case"), hex.into_bytes()));
            secrets.push((name, key));
        }
    }
    assert!(secrets.len() >= 16);
    for (what, secret) in &secrets {
        for (place, bytes) in &places {
            assert!(!has(bytes, secret), "{what} is in {place}");
        }
    }
    // The same search finds what may be told: last four digits and references.
    let four = &numbers[0].as_bytes()[12..];
    assert!(places.iter().filter(|(_, bytes)| has(bytes, four)).count() >= 3);
}

#[test]
fn the_cards_day_reconciles_and_settles() {
    let directory = tempfile::tempdir().unwrap();
    let arguments = ["up", "--once", "--json", "--port", "0", "--data", "day"];
    let (code, answer, complaint) = run(&arguments, directory.path(), "");
    assert_eq!(code, 0, "{complaint}");
    let day: Value = serde_json::from_str(&answer).unwrap();
    let cards = &day["cards"];
    assert!(cards["schemes"].as_array().unwrap().iter().all(|scheme| scheme["status"] == "illustrative"));
    let totals = cards["totals"].as_array().unwrap();
    assert!(totals.len() >= 2 && totals.iter().all(|row| row["in_balance"] == true), "{totals:?}");
    assert_eq!((&cards["open_positions"], &cards["exceptions"]), (&Value::from(0), &Value::from(0)));
    for stage in ["posted", "declined", "timed-out"] {
        assert!(cards["stages"][stage].as_u64().unwrap_or(0) >= 1, "{stage}: {}", cards["stages"]);
    }
    let transactions = cards["transactions"].as_array().unwrap();
    let cash = transactions.iter().find(|row| row["service"] == "atm" && row["response"] == "00");
    assert_eq!(cash.unwrap()["stage"], "posted");
    for response in ["15", "51", "55", "91"] {
        assert!(transactions.iter().any(|row| row["response"] == response), "{response}");
    }
}
