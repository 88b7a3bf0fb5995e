//! One binary: the field's own messages, refusals with field and byte, laws, dialect files, a fuzz harness.
#![allow(clippy::unwrap_used, clippy::cast_possible_truncation, reason = "tests say what they expect")]

mod dialects;
mod fuzz;
mod masking;
mod messages;
mod refusals;

fn unhex(text: &str) -> Vec<u8> {
    (0..text.len() / 2).map(|at| u8::from_str_radix(&text[2 * at..2 * at + 2], 16).unwrap()).collect()
}
