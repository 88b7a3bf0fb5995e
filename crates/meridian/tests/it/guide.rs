//! The guides work as written: their shell blocks, one after the other, in an empty directory.

use std::process::Command;

use crate::bank::MERIDIAN;

#[test]
fn connect_a_bank_in_ten_minutes() {
    let guide = include_str!("../../../../docs/guide/connect-a-bank.md");
    let mut script = String::from("set -euo pipefail\n");
    for block in guide.split("```sh\n").skip(1) {
        script.push_str(block.split("```").next().unwrap());
    }
    // A port of its own, so that guides and hubs do not meet.
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let script = script.replace("8480", &port.to_string());
    let directory = tempfile::tempdir().unwrap();
    let bin = std::path::Path::new(MERIDIAN).parent().unwrap();
    let path = format!("{}:{}", bin.display(), std::env::var("PATH").unwrap());
    let done = Command::new("bash")
        .args(["-c", &script])
        .current_dir(directory.path())
        .env("PATH", path)
        .output()
        .unwrap();
    let (out, complaint) = (String::from_utf8_lossy(&done.stdout), String::from_utf8_lossy(&done.stderr));
    assert!(done.status.success(), "{out}\n{complaint}");
    // What the guide says one sees.
    for told in [
        "\"stage\":\"committed\"",
        "\"status\":\"ACCC\"",
        "camt.053.001.08",
        "\"ok\":true",
        "\"is_repeat\":true",
    ] {
        assert!(out.contains(told), "{told} is not in {out}\n{complaint}");
    }
}
