//! Worlds by seed without the rest of the binary: `cargo run --release -p meridian-sim --example worlds -- FROM SEEDS`.

use std::process::ExitCode;
use std::time::Instant;

use meridian_sim::{Protections, run};

fn main() -> ExitCode {
    let mut given = std::env::args().skip(1).map(|word| word.parse::<u64>());
    let (Some(Ok(from)), Some(Ok(seeds))) = (given.next(), given.next()) else {
        eprintln!("worlds FROM SEEDS");
        return ExitCode::from(2);
    };
    let start = Instant::now();
    let (mut events, mut cuts, mut terms, mut acknowledged, mut failed) = (0, 0, 0, 0, 0_u64);
    for seed in from..from.saturating_add(seeds) {
        match run(seed, Protections::default()) {
            Ok(seen) => {
                events += seen.events;
                cuts += seen.power_cuts;
                terms += seen.terms;
                acknowledged += seen.acknowledged;
            }
            Err(failure) => {
                failed += 1;
                println!("{failure}");
            }
        }
    }
    println!(
        "{seeds} seeds from {from}: {failed} failed; {events} events, {acknowledged} acknowledged, {cuts} power cuts, \
         {terms} terms; {:.1} s",
        start.elapsed().as_secs_f64()
    );
    if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
