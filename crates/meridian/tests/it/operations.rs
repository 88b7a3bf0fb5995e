//! Backup, restore, export and verification of a hub at work, and a standby that takes over.

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::bank::{Corridor, MERIDIAN, run};

fn told(arguments: &[&str], directory: &std::path::Path) -> Value {
    let (code, answer, complaint) = run(arguments, directory, "");
    assert_eq!(code, 0, "{arguments:?}: {answer}{complaint}");
    serde_json::from_str(&answer).unwrap()
}

#[test]
fn a_backup_of_a_hub_at_work_restores_to_what_verifies_and_a_standby_takes_over() {
    let corridor = Corridor::new();
    let here = corridor.directory.path();
    let hub = corridor.serve();
    let backed_up = told(&["backup", "data", "backup"], here);
    assert!(backed_up["batches"].as_u64().unwrap() > 5);
    // A directory in use is verified beside its writer; the copy says the same.
    let live = told(&["verify", "data"], here);
    let copied = told(&["verify", "backup"], here);
    assert_eq!(copied["batches"], backed_up["batches"]);
    assert!(live["events"].as_u64() >= copied["events"].as_u64());
    told(&["restore", "backup", "restored"], here);
    assert_eq!(told(&["verify", "restored"], here)["state_hash"], copied["state_hash"]);
    // Nothing is ever written over.
    assert_eq!(run(&["restore", "backup", "data"], here, "").0, 2);
    let exported = told(&["export", "data", "--out", "journal.csv", "--json"], here);
    let table = std::fs::read_to_string(here.join("journal.csv")).unwrap();
    assert!(table.starts_with("batch,epoch,batch_id,event,at,actor,book,row"));
    let rows = exported["events"].as_u64().unwrap() + exported["entries"].as_u64().unwrap();
    assert_eq!(csv_rows(&table), rows);

    // The standby waits while the hub lives, and serves when it is gone.
    let standby = Command::new(MERIDIAN)
        .args(["serve", "--standby", "--config"])
        .arg(here.join("corridor.toml"))
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut standby = Ended(standby);
    std::thread::sleep(Duration::from_millis(500));
    assert!(standby.0.try_wait().unwrap().is_none(), "the standby ended");
    hub.kill();
    let address = corridor.url.trim_start_matches("http://").to_owned();
    let until = Instant::now() + Duration::from_secs(60);
    while std::net::TcpStream::connect(&address).is_err() {
        assert!(Instant::now() < until, "the standby did not take over");
        std::thread::sleep(Duration::from_millis(50));
    }
    let after = told(&["verify", "data"], here);
    assert!(after["events"].as_u64() >= live["events"].as_u64());
}

/// A process that is killed when this goes.
struct Ended(std::process::Child);

impl Drop for Ended {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

/// Rows of a table below its head; text may hold line breaks within quotes.
fn csv_rows(table: &str) -> u64 {
    let mut is_quoted = false;
    let mut rows = 0;
    for letter in table.chars() {
        match letter {
            '"' => is_quoted = !is_quoted,
            '\n' if !is_quoted => rows += 1,
            _ => {}
        }
    }
    rows - 1
}
