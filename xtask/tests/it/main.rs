//! Facts about the repository that rot when nobody checks them.
#![allow(clippy::unwrap_used, reason = "tests say what they expect")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

#[test]
fn the_architecture_names_every_crate_and_every_arrow() {
    let metadata = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--no-deps", "--offline"])
        .current_dir(root())
        .output()
        .unwrap();
    let metadata: serde_json::Value = serde_json::from_slice(&metadata.stdout).unwrap();
    let packages = metadata["packages"].as_array().unwrap();
    let ours: BTreeSet<&str> = packages.iter().map(|package| package["name"].as_str().unwrap()).collect();
    let mut real: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for package in packages {
        let arrows = package["dependencies"].as_array().unwrap().iter();
        let arrows =
            arrows.filter(|dependency| dependency["kind"].is_null()).map(|d| d["name"].as_str().unwrap());
        real.insert(package["name"].as_str().unwrap(), arrows.filter(|name| ours.contains(name)).collect());
    }
    let text = std::fs::read_to_string(root().join("ARCHITECTURE.md")).unwrap();
    let table = text.split("| crate | stands on |").nth(1).unwrap();
    let told: BTreeMap<&str, BTreeSet<&str>> = table
        .lines()
        .skip(2)
        .take_while(|line| line.starts_with('|'))
        .map(|line| {
            let mut cells = line.trim_matches('|').split('|');
            (cells.next().unwrap().trim(), cells.next().unwrap().split_whitespace().collect())
        })
        .collect();
    assert_eq!(told, real);
}

#[test]
fn every_pure_crate_carries_the_same_clippy_file() {
    let pure = [
        "terms",
        "iso20022",
        "iso8583",
        "screening",
        "ledger",
        "pay",
        "cards",
        "tariff",
        "corridor",
        "deal",
        "people",
        "register",
    ];
    let read = |name: &str| {
        std::fs::read_to_string(root().join(format!("crates/meridian-{name}/clippy.toml"))).unwrap()
    };
    let first = read(pure[0]);
    assert!(first.contains("SystemTime::now") && first.contains("HashMap"));
    for name in pure {
        assert_eq!(read(name), first, "meridian-{name}");
    }
}

#[test]
fn no_path_of_a_machine_and_no_unfinished_word_is_in_the_sources() {
    let listed = Command::new("git").args(["ls-files", "*.rs"]).current_dir(root()).output().unwrap();
    for file in String::from_utf8(listed.stdout).unwrap().lines() {
        let text = std::fs::read_to_string(root().join(file)).unwrap_or_default();
        let words = [
            concat!("to", "do!("),
            concat!("unimple", "mented!("),
            concat!("FIX", "ME"),
            concat!("\"/ho", "me/"),
        ];
        for word in words {
            assert!(!text.contains(word), "{file} holds {word}");
        }
    }
}

#[test]
fn the_reference_is_what_the_source_says() {
    let told = Command::new(env!("CARGO_BIN_EXE_xtask")).args(["docs", "--check"]).output().unwrap();
    assert!(told.status.success(), "{}", String::from_utf8_lossy(&told.stderr));
}
