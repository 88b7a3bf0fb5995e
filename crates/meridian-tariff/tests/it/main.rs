//! Integration tests of the tariff pillar.
#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "tests open files and say what they expect"
)]

use proptest::test_runner::{Config, RngSeed};

mod bulk_lines;
mod classify_lines;
mod controls_table;
mod declaration_export;
mod duty_laws;
mod duty_sentences;
mod fuzz;
mod north_south;
mod origin_bills;
mod origin_corpus;
mod origin_laws;
mod origin_prose;
mod origin_provisions;
mod proof_table;
mod quota_laws;
mod quota_table;
mod tariff_import;
mod worked_examples;

/// Laws run the same cases every time: a failure is found again by running again.
fn seeded(cases: u32) -> Config {
    Config { cases, failure_persistence: None, rng_seed: RngSeed::Fixed(20_261_124), ..Config::default() }
}
