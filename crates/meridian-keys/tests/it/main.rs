//! One binary: published vectors, error cases as errors, laws, the HSM, what is printed.
#![allow(clippy::unwrap_used, clippy::cast_possible_truncation, reason = "tests say what they expect")]
#![allow(clippy::disallowed_methods, reason = "tests read their data")]

mod dukpt;
mod fuzz;
mod hsm;
mod laws;
mod macs;
mod pins;
#[cfg(feature = "pkcs11")]
mod softhsm;
mod tr31;

use serde_json::Value;

/// The cases of a vector file; none (after a word) where there is no test data.
fn cases(file: &str) -> Vec<Value> {
    let Some(path) = meridian_testdata::find(&format!("iso8583/{file}")) else { return Vec::new() };
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

fn text<'a>(case: &'a Value, key: &str) -> &'a str {
    case[key].as_str().unwrap_or_else(|| panic!("no {key} in {case}"))
}

fn unhex(text: &str) -> Vec<u8> {
    assert!(text.len().is_multiple_of(2), "{text}");
    (0..text.len() / 2).map(|at| u8::from_str_radix(&text[2 * at..2 * at + 2], 16).unwrap()).collect()
}

/// Keys given as `b'A' * 8 + b'B' * 8`, as the collected cases do.
fn repeated(text: &str) -> Vec<u8> {
    let part = |part: &str| {
        let (letter, count) = part.split_once('*').unwrap();
        let letter = letter.trim().trim_start_matches("b'").trim_end_matches('\'').as_bytes()[0];
        vec![letter; count.trim().parse().unwrap()]
    };
    text.split('+').flat_map(part).collect()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02X}")).collect()
}

/// Fill bytes that are no secret.
fn counting() -> impl FnMut(&mut [u8]) {
    let mut next = 0_u8;
    move |bytes: &mut [u8]| {
        for byte in bytes {
            next = next.wrapping_mul(5).wrapping_add(113);
            *byte = next;
        }
    }
}
