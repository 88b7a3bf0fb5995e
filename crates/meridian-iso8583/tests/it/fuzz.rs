//! Parser and writer under bent messages: none panics, and what decodes encodes to the same bytes.
//! `MERIDIAN_FUZZ` sets how many.

use std::sync::atomic::{AtomicUsize, Ordering};

use meridian_iso8583::{Dialect, Draft, Message, Showing, Tlvs, Writer};
use meridian_testdata::{bent, runs};

use crate::unhex;

/// A dialect with every kind of prefix and subfield.
const OWN: &str = r#"
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
"#;

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
    let own = Dialect::parse(OWN).unwrap();
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
fn no_message_panics_and_what_decodes_encodes_to_the_same_bytes() {
    let (dialects, wires): (Vec<Dialect>, Vec<Vec<u8>>) = corpus().into_iter().unzip();
    for (dialect, wire) in dialects.iter().zip(&wires) {
        assert!(hold(dialect, wire), "{} does not read its own message", dialect.name());
    }
    let (tried, decoded) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let (all, read) = (&tried, &decoded);
    bolero::check!().with_iterations(runs(60_000)).with_max_len(21).for_each(move |recipe: &[u8]| {
        let (which, bytes) = bent(&wires, recipe);
        all.fetch_add(1, Ordering::Relaxed);
        read.fetch_add(usize::from(hold(&dialects[which], &bytes)), Ordering::Relaxed);
    });
    // Inputs that all fail at the first byte would prove nothing.
    let (tried, decoded) = (tried.into_inner(), decoded.into_inner());
    assert!(decoded * 50 > tried, "only {decoded} of {tried} inputs decoded");
}

#[test]
fn no_chip_data_panics() {
    let samples = [
        unhex("9F2608A1B2C3D4E5F607085A0841111111111111119F3602000195050000000000"),
        unhex("6F1A840E315041592E5359532E4444463031A5088801025F2D02656E"),
        unhex("5F81820303"),
    ];
    bolero::check!().with_iterations(runs(20_000)).with_max_len(21).for_each(move |recipe: &[u8]| {
        let (_, bytes) = bent(&samples, recipe);
        let objects = Tlvs::new(&bytes).flatten().fold(0, |length, object| length + object.value.len());
        assert!(objects <= bytes.len());
    });
}

#[test]
fn no_dialect_file_panics() {
    let samples = [OWN];
    bolero::check!().with_iterations(runs(2_000)).with_max_len(21).for_each(move |recipe: &[u8]| {
        let (_, bytes) = bent(&samples, recipe);
        let _ = Dialect::parse(&String::from_utf8_lossy(&bytes));
    });
}
