//! A hub's journal stored by an earlier version opens today, makes the money it made then, and goes on.
//!
//! `MERIDIAN_ACCEPT=1` stores one of the present version under its name, the example day's; those of released versions
//! stay for ever.

use std::fs;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};

use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use serde_json::Value;

use crate::bank::run;

/// The version whose journal may still be stored anew: it is not released.
const PRESENT: &str = "0.1";

fn stored() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/past")
}

fn verified(directory: &Path) -> Value {
    let (code, told, complaint) = run(&["verify", "hub"], directory, "");
    assert_eq!(code, 0, "{told}{complaint}");
    serde_json::from_str(&told).unwrap()
}

/// Stores the journal of an example day, and what verifying says of it.
fn store(version: &Path) {
    let directory = tempfile::tempdir().unwrap();
    let arguments = ["up", "--once", "--json", "--port", "0", "--data", "hub"];
    assert_eq!(run(&arguments, directory.path(), "").0, 0);
    fs::create_dir_all(version).unwrap();
    for entry in fs::read_dir(directory.path().join("hub")).unwrap() {
        let (path, name) = (entry.as_ref().unwrap().path(), entry.unwrap().file_name());
        let name = name.to_string_lossy();
        if name.starts_with("segment-") {
            let file = fs::File::create(version.join(format!("{name}.gz"))).unwrap();
            let mut packed = GzEncoder::new(file, Compression::best());
            packed.write_all(&fs::read(path).unwrap()).unwrap();
            packed.finish().unwrap();
        }
    }
    let said = serde_json::to_string_pretty(&verified(directory.path())).unwrap();
    fs::write(version.join("said.json"), said + "\n").unwrap();
}

#[test]
fn every_stored_journal_opens_and_makes_the_same_money() {
    if std::env::var_os("MERIDIAN_ACCEPT").is_some() {
        store(&stored().join(PRESENT));
    }
    let mut opened = 0;
    for version in fs::read_dir(stored()).unwrap() {
        let version = version.unwrap().path();
        let said: Value = serde_json::from_slice(&fs::read(version.join("said.json")).unwrap()).unwrap();
        let directory = tempfile::tempdir().unwrap();
        let data = directory.path().join("hub");
        fs::create_dir(&data).unwrap();
        for entry in fs::read_dir(&version).unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_some_and(|kind| kind == "gz") {
                let mut segment = Vec::new();
                GzDecoder::new(fs::File::open(&path).unwrap()).read_to_end(&mut segment).unwrap();
                fs::write(data.join(path.file_stem().unwrap()), segment).unwrap();
            }
        }
        let told = verified(directory.path());
        for key in ["batches", "events", "money_hash"] {
            assert_eq!(told[key], said[key], "{}: {key}", version.display());
        }
        if told["layout"] == said["layout"] {
            assert_eq!(
                told["state_hash"], said["state_hash"],
                "the hub is laid out anew: raise LAYOUT in crates/meridian-node/src/layout.rs"
            );
        }
        opened += 1;
    }
    assert!(opened > 0, "no journal is stored");
}
