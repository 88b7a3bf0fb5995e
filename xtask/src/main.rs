//! `cargo xtask <chore>`: one file per chore.

use std::process::{Command, ExitCode};

mod bench;
mod docs;
mod golden;
mod schema;

const CHORES: &str = "\
cargo xtask check     format, clippy with warnings denied, tests
cargo xtask demo      the example day (meridian up)
cargo xtask sim --seeds N   the simulated worlds (meridian sim)
cargo xtask bench [NAME..]   every bench into docs/numbers.md
cargo xtask docs [--check]   docs/reference, read from the source
cargo xtask golden [--accept]   recorded sessions and reference: do they still hold; with --accept they are recorded anew
cargo xtask power-cut [--rounds N]   a ledger on a file system of its own, killed; only what reached the disk is kept
cargo xtask schema DIR [MESSAGE..]   compile ISO 20022 schemas into the table
";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (chore, rest) = match arguments.split_first() {
        Some((chore, rest)) => (chore.as_str(), rest),
        None => ("help", &arguments[..]),
    };
    let done = match chore {
        "check" => check(),
        "demo" => cargo(&["run", "--release", "--package", "meridian", "--", "up"], rest),
        "sim" => cargo(&["run", "--release", "--package", "meridian", "--", "sim"], rest),
        "bench" => bench::run(rest).map_err(|why| eprintln!("bench: {why}")).is_ok(),
        "docs" => docs::run(rest).map_err(|why| eprintln!("docs: {why}")).is_ok(),
        "golden" => golden::run(rest).map_err(|why| eprintln!("golden: {why}")).is_ok(),
        "power-cut" => power_cut(rest),
        "schema" => schema::run(rest).map_err(|why| eprintln!("schema: {why}")).is_ok(),
        _ => {
            eprint!("{CHORES}");
            return ExitCode::from(u8::from(chore != "help") * 2);
        }
    };
    if done { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn check() -> bool {
    cargo(&["fmt", "--all", "--check"], &[])
        && cargo(&["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"], &[])
        && cargo(&["test", "--workspace"], &[])
}

/// The example drives the real binary: both are built first.
fn power_cut(rest: &[String]) -> bool {
    cargo(&["build", "--package", "meridian"], &[])
        && cargo(&["run", "--quiet", "--package", "meridian-batch", "--example", "power_cut", "--"], rest)
}

fn cargo(arguments: &[&str], rest: &[String]) -> bool {
    let program = std::env::var("CARGO").unwrap_or_else(|_| "cargo".into());
    Command::new(program).args(arguments).args(rest).status().is_ok_and(|status| status.success())
}
