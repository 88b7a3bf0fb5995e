//! The sessions of `docs/guide/sessions` show what the program says: every `$ command` of their console blocks is run at the
//! root of the repository (`> ` carries it on) and compared with the lines below it. `cargo xtask golden --accept` records them anew.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::bank::MERIDIAN;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).unwrap().to_owned()
}

/// The page with every command's output as it is now.
fn replayed(page: &str) -> String {
    let mut fresh = String::new();
    let mut lines = page.lines().peekable();
    while let Some(line) = lines.next() {
        let _ = writeln!(fresh, "{line}");
        if line != "```console" {
            continue;
        }
        while let Some(line) = lines.next_if(|line| *line != "```") {
            let Some(command) = line.strip_prefix("$ ") else { continue };
            let mut command = command.to_owned();
            let _ = writeln!(fresh, "{line}");
            while let Some(more) = lines.next_if(|line| line.starts_with("> ")) {
                let _ = writeln!(fresh, "{more}");
                command = format!("{command}\n{}", &more[2..]);
            }
            fresh.push_str(&output(&command));
        }
    }
    fresh
}

/// What a person at a terminal sees, and the exit code where it is not 0.
fn output(command: &str) -> String {
    let bin = Path::new(MERIDIAN).parent().unwrap();
    let done = Command::new("bash")
        .args(["-c", &format!("exec 2>&1; set -o pipefail; {command}")])
        .current_dir(root())
        .env("PATH", format!("{}:{}", bin.display(), std::env::var("PATH").unwrap()))
        .output()
        .unwrap();
    let mut said = String::from_utf8(done.stdout).unwrap();
    if !said.is_empty() && !said.ends_with('\n') {
        said.push('\n');
    }
    match done.status.code() {
        Some(0) => {}
        code => {
            let _ = writeln!(said, "[exit {}]", code.unwrap());
        }
    }
    said
}

#[test]
fn every_recorded_session_still_says_so() {
    let directory = root().join("docs/guide/sessions");
    let accept = std::env::var("MERIDIAN_GOLDEN").is_ok_and(|word| word == "accept");
    let mut pages: Vec<_> = fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path()).collect();
    pages.sort();
    assert!(!pages.is_empty());
    for path in pages {
        let page = fs::read_to_string(&path).unwrap();
        let fresh = replayed(&page);
        if accept {
            fs::write(&path, fresh).unwrap();
        } else {
            let name = path.file_name().unwrap().display();
            assert_eq!(fresh, page, "{name}: if this is meant, `cargo xtask golden --accept`");
        }
    }
}
