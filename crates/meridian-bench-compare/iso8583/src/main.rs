//! `compare-iso8583 [FIELDS.json]`: messages a second of the other Rust codecs, a JSON line for each figure, on the
//! fields of the iso8583 bench. FIELDS.json is the specification that comes with iso8583-codec-rs
//! (`specifications/fields.json` in its crate); without it, that codec is left out.

use std::hint::black_box;
use std::time::{Duration, Instant};

const FIELDS: [(u8, &str); 18] = [
    (2, "164000001234567899"),
    (3, "000000"),
    (4, "000000150000"),
    (7, "1124093000"),
    (11, "000042"),
    (12, "123000"),
    (13, "1124"),
    (14, "2712"),
    (18, "5411"),
    (22, "051"),
    (25, "00"),
    (32, "1112345678901"),
    (35, "344000001234567899=27121010000012345"),
    (37, "432912000042"),
    (41, "TERM0001"),
    (42, "MERCHANT0000001"),
    (43, "PORT TRADING HOUSE    ASTRAKHAN       RU"),
    (49, "643"),
];

fn main() {
    let bitmap = FIELDS.iter().fold(0_u64, |bitmap, (number, _)| bitmap | 1 << (64 - number));
    let body: String = FIELDS.iter().map(|(_, value)| *value).collect();
    let hex_bitmap = format!("0200{bitmap:016X}{body}").into_bytes();
    assert_eq!(hex_bitmap.len(), 222);

    // This one reads a binary bitmap: eight bytes fewer, the same fields.
    let binary_bitmap = [b"0200".as_slice(), &bitmap.to_be_bytes(), body.as_bytes()].concat();
    match iso8583_core::ISO8583Message::from_bytes(&binary_bitmap) {
        Err(error) => eprintln!("iso8583-core does not read the message: {error}"),
        Ok(message) => {
            tell("iso8583-core 0.1.0", "decode", || {
                drop(black_box(iso8583_core::ISO8583Message::from_bytes(black_box(&binary_bitmap))))
            });
            tell("iso8583-core 0.1.0", "encode", || drop(black_box(message.to_bytes())));
            tell("iso8583-core 0.1.0", "decode and encode", || {
                drop(black_box(
                    iso8583_core::ISO8583Message::from_bytes(black_box(&binary_bitmap))
                        .map(|message| message.to_bytes()),
                ));
            });
        }
    }

    let Some(fields) = std::env::args().nth(1) else { return };
    let text = std::fs::read_to_string(fields).expect("the specification is there");
    let specification = iso8583_codec_rs::load_spec(&text).expect("the specification reads");
    match iso8583_codec_rs::iso8583::parse_bytes(&hex_bitmap, &specification) {
        Err(error) => eprintln!("iso8583-codec-rs does not read the message: {error}"),
        Ok(message) => {
            let read = || iso8583_codec_rs::iso8583::parse_bytes(black_box(&hex_bitmap), &specification);
            let write = |message: &serde_json::Value| {
                iso8583_codec_rs::iso8583::publish_bytes(message, &specification)
            };
            tell("iso8583-codec-rs 0.1.0", "decode", || drop(black_box(read())));
            tell("iso8583-codec-rs 0.1.0", "encode", || drop(black_box(write(&message))));
            tell("iso8583-codec-rs 0.1.0", "decode and encode", || {
                drop(black_box(read().and_then(|message| write(&message))))
            });
        }
    }
}

/// The best of five rounds, as the bench does.
fn tell(rival: &str, what: &str, mut job: impl FnMut()) {
    let mut best = 0.0_f64;
    job();
    for _ in 0..5 {
        let (begin, mut runs) = (Instant::now(), 0_u32);
        while begin.elapsed() < Duration::from_millis(200) {
            job();
            runs += 1;
        }
        best = best.max(f64::from(runs) / begin.elapsed().as_secs_f64());
    }
    println!(
        "{{\"bench\":\"iso8583\",\"figure\":\"iso87ascii 0200: {what}\",\"rival\":\"{rival}\",\"value\":{best:.0}}}"
    );
}
