//! The example's network under real lists: a listed carrier or bank is refused with list, entry and reason; under the
//! example's own list the same one is not.

use std::path::Path;

use serde_json::Value;

use crate::bank::run;

const EXAMPLE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/north-south");

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).unwrap();
        }
    }
}

/// The example, with the carrier that the first deal names first under another name, and other lists in force.
fn corridor(directory: &Path, carrier: &str, lists: &[(&str, &Path)], refuses: bool) {
    copy(Path::new(EXAMPLE), directory);
    // The first deal alone: others' invented names may be like somebody's on a real list.
    let deals = std::fs::read_to_string(directory.join("deals.toml")).unwrap();
    let (head, rest) = deals.split_once("[[deal]]").unwrap();
    let first = rest.split("[[deal]]").next().unwrap();
    let first = if refuses { first.to_owned() } else { first.replace("first_carrier = \"XBLWIRTH\"", "") };
    let first =
        if refuses { first } else { first.replace("carrier = \"XCARIRTH\"", "carrier = \"XBLWIRTH\"") };
    std::fs::write(directory.join("deals.toml"), format!("{head}[[deal]]{first}")).unwrap();
    let file = std::fs::read_to_string(directory.join("corridor.toml")).unwrap();
    let mut file = file.replace("Blackwater Strait Shipping", carrier);
    if !lists.is_empty() {
        let names: Vec<String> = lists.iter().map(|(name, _)| format!("\"screening/{name}\"")).collect();
        let own = "lists = [\"screening/test-watch-list.csv\"]";
        assert!(file.contains(own));
        file = file.replace(own, &format!("lists = [{}]", names.join(", ")));
        for (name, path) in lists {
            std::fs::copy(path, directory.join("screening").join(name)).unwrap();
        }
    }
    std::fs::write(directory.join("corridor.toml"), file).unwrap();
}

fn day(directory: &Path) -> Value {
    let (code, answer, complaint) =
        run(&["up", "corridor", "--once", "--json", "--port", "0", "--data", "day"], directory, "");
    assert_eq!(code, 0, "{complaint}");
    serde_json::from_str(&answer).unwrap()
}

/// What is told of the carrier that was refused.
fn refused(report: &Value) -> &Value {
    let steps = report["story"].as_array().unwrap();
    let goods = steps.iter().find(|step| step["name"] == "goods").unwrap();
    goods["evidence"].as_array().unwrap().iter().find(|one| one["refusal"] == "deal.not_clear").unwrap()
}

#[test]
fn a_carrier_on_the_un_or_the_ofac_list_is_refused_with_list_entry_and_reason() {
    let (Some(un), Some(ofac)) = (
        meridian_testdata::find("screening/lists/un/un_consolidated_2026-02-27.xml"),
        meridian_testdata::find("screening/lists/ofac-2023-01/sdn.csv"),
    ) else {
        return;
    };
    let lists = [("un.xml", un.as_path()), ("sdn.csv", ofac.as_path())];
    for (carrier, list) in [
        ("South Shipping Line Iran (SSL)", "UN"),
        ("Islamic Republic of Iran Shipping Lines", "screening/sdn.csv"),
    ] {
        let directory = tempfile::tempdir().unwrap();
        corridor(&directory.path().join("corridor"), carrier, &lists, true);
        let report = day(directory.path());
        let told = refused(&report);
        assert_eq!(told["carrier"], carrier);
        let hits = told["hits"].as_array().unwrap();
        let hit = hits.iter().find(|hit| hit["list"].as_str().unwrap() == list);
        let hit = hit.unwrap_or_else(|| panic!("{carrier} is not on {list}: {told}"));
        assert!(!hit["id"].as_str().unwrap().is_empty() && hit["published"].is_string(), "{hit}");
        assert!(!hit["why"].as_array().unwrap().is_empty(), "{hit}");
        assert_eq!(told["list_version"].as_str().unwrap().len(), 64);
        // Who took its place carried the goods to their end.
        assert_eq!(report["deals"][0]["stage"], "settled");
    }
}

#[test]
fn a_bank_on_the_un_list_is_refused_with_list_entry_and_reason() {
    let Some(un) = meridian_testdata::find("screening/lists/un/un_consolidated_2026-02-27.xml") else {
        return;
    };
    for (lists, code) in [(vec![("un.xml", un.as_path())], 1), (Vec::new(), 0)] {
        let directory = tempfile::tempdir().unwrap();
        let place = directory.path().join("corridor");
        corridor(&place, "Blackwater Strait Shipping", &lists, true);
        let deals = std::fs::read_to_string(place.join("deals.toml")).unwrap();
        std::fs::write(place.join("deals.toml"), deals.replace("first_carrier = \"XBLWIRTH\"", "")).unwrap();
        let file = std::fs::read_to_string(place.join("corridor.toml")).unwrap();
        let file = file.replace("Example Gujarat Trade Bank", "Tanchon Commercial Bank");
        std::fs::write(place.join("corridor.toml"), file).unwrap();
        let asked = ["deal", "run", "corridor/deals.toml", "--corridor", "corridor", "--json"];
        let (ended, answer, complaint) = run(&asked, directory.path(), "");
        assert_eq!(ended, code, "{answer}{complaint}");
        let told: Value = serde_json::from_str(&answer).unwrap();
        if code == 1 {
            let refusal = told["refusal"].to_string();
            for part in
                ["deal.not_clear", "Tanchon Commercial Bank", "list UN", "entry ", "tanchon = tanchon"]
            {
                assert!(refusal.contains(part), "{part} is not in {refusal}");
            }
        }
    }
}

#[test]
fn under_the_examples_own_list_the_same_carrier_is_not_refused() {
    let directory = tempfile::tempdir().unwrap();
    corridor(&directory.path().join("corridor"), "Islamic Republic of Iran Shipping Lines", &[], false);
    let report = day(directory.path());
    assert_eq!(report["deals"][0]["stage"], "settled", "{}", report["deals"][0]);
    assert!(
        report["story"]
            .as_array()
            .unwrap()
            .iter()
            .flat_map(|step| step["evidence"].as_array().unwrap())
            .all(|one| one["refusal"] != "deal.not_clear")
    );
}
