//! A seeded mutation harness over parser and writer: no input panics, and what decodes encodes to the same bytes.
//! `MERIDIAN_FUZZ_RUNS` sets how many inputs (default 60,000); a failure prints the seed of its input.

use meridian_iso8583::{Dialect, Draft, Message, Showing, Writer};

use crate::unhex;

/// A small generator of numbers, so that a seed is an input (SplitMix64).
struct Seed(u64);

impl Seed {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, most: usize) -> usize {
        (self.next() % most.max(1) as u64) as usize
    }
}

/// Messages to begin with: one of each built-in dialect, and a user's own with every kind of subfield.
fn corpus() -> Vec<(Dialect, Vec<u8>)> {
    let mut corpus = Vec::new();
    for dialect in Dialect::all_built_in() {
        let version = dialect.versions().chars().next().unwrap();
        let mut draft = Draft::new(&format!("{version}200"))
            .set(2, "4000001234567899")
            .set(3, "000000")
            .set(7, "1124093000")
            .set(11, "42")
            .set(32, "12345678901")
            .set(35, "4000001234567899=2712101")
            .set(37, "RRN000000001")
            .set(41, "TERM0001")
            .set(48, "private data")
            .set(52, "0011223344556677")
            .set(64, "8899AABBCCDDEEFF")
            .set(100, "643");
        if version != '1' || !dialect.name().contains("binary") {
            draft =
                draft.set(55, unhex("9F2608A1B2C3D4E5F607085A0841111111111111119F3602000195050000000000"));
        }
        if version == '2' {
            draft = draft.set(4, "6432000000150000").set(150, "third bitmap");
        } else {
            draft = draft.set(4, "150000").set(90, "1234567890");
        }
        if dialect.name() == "postilion" {
            draft.set_path("127.2", "KEY").unwrap();
            draft.set_path("127.22", "<xml/>").unwrap();
        }
        corpus.push((
            dialect.clone(),
            draft.encode(dialect).unwrap_or_else(|fault| panic!("{}: {fault}", dialect.name())),
        ));
    }
    let own = Dialect::parse(
        r#"
name = "own"
about = "every kind of prefix and subfield"
extends = "iso87ascii"
bitmap = "ebcdic-hex"
[fields]
44 = { format = "ansb..99", encoding = "ebcdic1047", prefix = "ebcdic2" }
45 = { format = "n...200", encoding = "bcd", prefix = "bcd-left3", pad = "leftF" }
46 = { format = "b...200", encoding = "hex", prefix = "hex2", counts = "bytes" }
47 = { format = "b...500", encoding = "binary", prefix = "ber", tlv = true }
48 = { tagged = { tag = 2, prefix = "ber" } }
62 = { bitmapped = { bitmap = "hex", bytes = 3, fields = { 1 = { format = "n3" }, 3 = { format = "ans..9" } } } }
63 = { positional = [{ format = "n3" }, { format = "x+n5" }, { format = "ansb..20" }] }
"#,
    )
    .unwrap();
    let mut draft = Draft::new("0200")
        .set(44, vec![0x00, 0x41, 0xFF, 0x5B])
        .set(45, "12345")
        .set(46, vec![1, 2, 3])
        .set(47, unhex("9F0206000000001000"))
        .set(128, "0011223344556677");
    for (path, value) in [
        ("48.AA", "x"),
        ("48.BB", ""),
        ("62.1", "007"),
        ("62.3", "abc"),
        ("63.1", "001"),
        ("63.2", "C00001"),
        ("63.3", "rest"),
    ] {
        draft.set_path(path, value).unwrap();
    }
    let wire = draft.encode(&own).unwrap();
    corpus.push((own, wire));
    corpus
}

/// A few of the changes that break parsers: flipped bits, interesting bytes, cuts, repeats, joins.
fn mutate(seed: &mut Seed, base: &[u8], other: &[u8]) -> Vec<u8> {
    let mut bytes = base.to_vec();
    for _ in 0..=seed.below(4) {
        let at = seed.below(bytes.len());
        match seed.below(9) {
            0 if !bytes.is_empty() => bytes[at] ^= 1 << seed.below(8),
            1 if !bytes.is_empty() => {
                bytes[at] = [0, 0xFF, b'0', b'9', b'F', 0x80, 0x99, b'='][seed.below(8)]
            }
            2 => bytes.truncate(at),
            3 => bytes.insert(at, seed.next() as u8),
            4 if !bytes.is_empty() => {
                bytes.remove(at);
            }
            5 if !bytes.is_empty() => {
                let end = (at + seed.below(8)).min(bytes.len());
                let piece = bytes[at..end].to_vec();
                bytes.splice(at..at, piece);
            }
            6 => {
                let from = seed.below(other.len());
                bytes.truncate(at);
                bytes.extend_from_slice(&other[from..]);
            }
            7 if !bytes.is_empty() => bytes[at] = seed.next() as u8,
            _ => {
                // Bitmaps decide most: change one of their bytes.
                let at = 2 + seed.below(34.min(bytes.len().saturating_sub(2)));
                if at < bytes.len() {
                    bytes[at] = seed.next() as u8;
                }
            }
        }
    }
    bytes
}

/// What must hold of any bytes under any dialect; whether they decode.
fn hold(dialect: &Dialect, bytes: &[u8]) -> bool {
    let message = match Message::decode(dialect, bytes) {
        Err(fault) => {
            assert!(fault.offset.is_some_and(|offset| offset <= bytes.len()), "{fault}");
            return false;
        }
        Ok(message) => message,
    };
    let _ = message.describe(Showing::Masked);
    let _ = message.describe(Showing::Clear);
    let mut copied = message.lead().to_vec();
    let mut writer = Writer::new(dialect, message.mti(), &mut copied).unwrap();
    writer.bitmaps(message.bitmaps());
    for number in message.fields() {
        let _ = (message.number(number), message.data(number), message.tlv(number).map(Iterator::count));
        writer.copy(&message, number).unwrap();
    }
    writer.finish().unwrap();
    assert_eq!(copied, bytes, "copied");
    // Lower-case hexadecimal of b fields is the one thing that values do not keep.
    let written = Draft::of(&message).encode(dialect).unwrap();
    assert!(written.eq_ignore_ascii_case(bytes), "written from values");
    true
}

#[test]
fn no_input_panics_and_what_decodes_encodes_to_the_same_bytes() {
    let runs: u64 =
        std::env::var("MERIDIAN_FUZZ_RUNS").ok().and_then(|runs| runs.parse().ok()).unwrap_or(60_000);
    let corpus = corpus();
    for (dialect, wire) in &corpus {
        assert!(hold(dialect, wire), "{} does not read its own message", dialect.name());
    }
    let mut decoded = 0_u64;
    for run in 0..runs {
        let mut seed = Seed(run);
        let (dialect, base) = &corpus[seed.below(corpus.len())];
        let (_, other) = &corpus[seed.below(corpus.len())];
        let input = mutate(&mut seed, base, other);
        let outcome = std::panic::catch_unwind(|| hold(dialect, &input));
        match outcome {
            Ok(reads) => decoded += u64::from(reads),
            Err(_) => panic!("seed {run}, dialect {}, input {input:02X?}", dialect.name()),
        }
    }
    eprintln!("{runs} inputs, {decoded} of them decoded");
    // A harness whose inputs all fail at the first byte would prove nothing.
    assert!(decoded * 50 > runs, "only {decoded} of {runs} inputs decoded");
}
