//! `cargo xtask bench`: runs every bench of `meridian bench` and writes docs/numbers.md: machine, commit, each figure with
//! its limit or rival in the same run, and the command that repeats it.

use std::fmt::Write as _;
use std::process::Command;

use serde_json::Value;

/// Runs the benches named, or all; `--profile NAME` builds with another profile than `bench`.
pub(crate) fn run(rest: &[String]) -> Result<(), String> {
    let mut profile = "bench".to_owned();
    let mut named = Vec::new();
    let mut rest = rest.iter();
    while let Some(word) = rest.next() {
        match word.as_str() {
            "--profile" => profile = rest.next().ok_or("--profile: name one")?.clone(),
            name => named.push(name.to_owned()),
        }
    }
    let names = if named.is_empty() {
        let told = bench(&profile, &[])?;
        told.lines().map(str::to_owned).collect()
    } else {
        named
    };
    let mut page = head(&profile)?;
    for name in &names {
        eprintln!("bench {name}");
        let _ = writeln!(page, "\n## {name}\n");
        match bench(&profile, &[name, "--json"]) {
            Ok(told) => {
                let document: Value =
                    serde_json::from_str(&told).map_err(|error| format!("{name}: {error}"))?;
                section(&mut page, &document);
                let _ = writeln!(page, "\nRepeat: `meridian bench {name}`");
            }
            Err(why) => {
                let _ = writeln!(page, "Not measured: {}", why.trim());
            }
        }
    }
    std::fs::write("docs/numbers.md", page).map_err(|error| format!("docs/numbers.md: {error}"))
}

/// The bench alone is built, not the whole of Meridian: `meridian bench` prints the same.
fn bench(profile: &str, arguments: &[&str]) -> Result<String, String> {
    let program = std::env::var("CARGO").unwrap_or_else(|_| "cargo".into());
    let cargo =
        ["run", "--quiet", "--profile", profile, "--package", "meridian-bench", "--example", "bench", "--"];
    let done =
        Command::new(program).args(cargo).args(arguments).stderr(std::process::Stdio::inherit()).output();
    let done = done.map_err(|error| error.to_string())?;
    let told = String::from_utf8_lossy(&done.stdout).into_owned();
    if done.status.success() { Ok(told) } else { Err(format!("bench {}: {told}", arguments.join(" "))) }
}

fn told(program: &str, arguments: &[&str]) -> String {
    let done = Command::new(program).args(arguments).output();
    done.map(|done| String::from_utf8_lossy(&done.stdout).trim().to_owned()).unwrap_or_default()
}

fn line_of(path: &str, key: &str) -> String {
    let text = std::fs::read_to_string(path).unwrap_or_default();
    let line = text.lines().find(|line| line.starts_with(key));
    line.and_then(|line| line.split_once(':')).map(|(_, value)| value.trim().to_owned()).unwrap_or_default()
}

fn head(profile: &str) -> Result<String, String> {
    let commit = told("git", &["rev-parse", "--short=12", "HEAD"]);
    let is_clean = told("git", &["status", "--porcelain", "--untracked-files=no"]).is_empty();
    let load = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let load: Vec<&str> = load.split_whitespace().take(3).collect();
    let mut page = String::from("# Numbers\n\nWritten by `cargo xtask bench`; do not edit. ");
    page.push_str(
        "A figure alone says as much of the machine as of the program:\nread the ratios, each against a limit or rival of the same run.\n\n",
    );
    let rows = [
        ("commit", format!("{commit}{}", if is_clean { "" } else { ", with changes" })),
        ("date", told("date", &["-u", "+%Y-%m-%dT%H:%MZ"])),
        ("processor", format!("{} x {}", told("nproc", &[]), line_of("/proc/cpuinfo", "model name"))),
        ("memory", line_of("/proc/meminfo", "MemTotal")),
        ("kernel", told("uname", &["-sr"])),
        ("compiler", told("rustc", &["--version"])),
        ("profile", profile.to_owned()),
        ("load when it began (1, 5, 15 min)", load.join(", ")),
        ("priority (nice)", told("nice", &[])),
    ];
    page.push_str("| | |\n|---|---|\n");
    for (what, value) in rows {
        writeln!(page, "| {what} | {value} |").map_err(|error| error.to_string())?;
    }
    Ok(page)
}

fn section(page: &mut String, document: &Value) {
    page.push_str("| figure | value | beside it, in the same run | ratio |\n|---|---:|---|---:|\n");
    let mut notes: Vec<&str> = Vec::new();
    for figure in document["figures"].as_array().into_iter().flatten() {
        let unit = figure["unit"].as_str().unwrap_or_default();
        let what = figure["what"].as_str().unwrap_or_default();
        let value = amount(figure["value"].as_f64(), unit);
        let beside = figure["beside"].as_array().map(Vec::as_slice).unwrap_or_default();
        if beside.is_empty() {
            let _ = writeln!(page, "| {what} | {value} | | |");
        }
        for (place, other) in beside.iter().enumerate() {
            let (what, value) = if place == 0 { (what, value.as_str()) } else { ("", "") };
            let note = other["note"].as_str().unwrap_or_default();
            let mark = if note.is_empty() {
                String::new()
            } else {
                let known = notes.iter().position(|known| *known == note);
                let number = known.unwrap_or_else(|| {
                    notes.push(note);
                    notes.len() - 1
                });
                format!(" ({})", number + 1)
            };
            let name = other["what"].as_str().unwrap_or_default();
            let rival = amount(other["value"].as_f64(), unit);
            let ratio = other["ratio"].as_f64().unwrap_or(f64::NAN);
            let _ = writeln!(page, "| {what} | {value} | {name}: {rival}{mark} | {ratio:.2} |");
        }
    }
    for (number, note) in notes.iter().enumerate() {
        let _ = writeln!(page, "\n({}) {note}.", number + 1);
    }
}

/// A value with its unit: whole where it is large, three decimals where it is small, thousands apart.
fn amount(value: Option<f64>, unit: &str) -> String {
    let value = value.unwrap_or(f64::NAN);
    if value.abs() < 1_000.0 {
        return format!("{value:.3} {unit}");
    }
    let digits = format!("{value:.0}");
    let mut grouped = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    format!("{grouped} {unit}")
}
