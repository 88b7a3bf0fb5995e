//! Messages off the wire: fields as their senders say, and the same bytes again.

use meridian_iso8583::{Dialect, Draft, Message, Writer};

use crate::unhex;

/// Which dialect a message was written in. The file's own descriptions name encodings, not dialects.
fn dialect_of(name: &str) -> &'static str {
    match name {
        "jpos_ISO87APackager" => "iso87ascii",
        "jpos_ISO87B-Field64" => "iso87binary",
        "jpos_ISO93APackager" => "iso93ascii",
        // Its packer took the letters of field 56 for digits: `EFGH` stands as 56 78.
        "jpos_ISO93BPackager" => "iso93binary-packed-letters",
        "jpos_post" => "postilion",
        "message_with_hex_bcd" => "iso87hexbitmap-lbcd",
        "message_with_hex_rbcd" => "iso87hexbitmap-rbcd",
        "network_management_message_with_track" => "iso87hexbitmap-track-ebcdic",
        _ => "iso87hexbitmap",
    }
}

#[test]
fn messages_of_the_field_decode_to_their_fields_and_encode_to_their_bytes() {
    let Some(file) = meridian_testdata::find("iso8583/messages.json") else { return };
    let cases: serde_json::Value = serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap();
    let (mut with_fields, mut without, mut refused) = (0, 0, 0);
    for case in cases.as_array().unwrap() {
        let name = case["name"].as_str().unwrap();
        let wire = unhex(case["hex"].as_str().unwrap());
        let dialect = Dialect::built_in(dialect_of(name)).unwrap();
        if case["expect"] == "reject" {
            // One of them is a message by itself, but for a field its dialect bars from a reversal advice.
            let only_there = name == "iso_reversal_message_advice_unexpected_field";
            for dialect in Dialect::all_built_in()
                .filter(|dialect| !only_there || dialect.name().starts_with("iso87hexbitmap"))
            {
                let fault = Message::decode(dialect, &wire).expect_err(name);
                assert!(fault.offset.is_some(), "{name}: {fault}");
            }
            refused += 1;
            continue;
        }
        let message = Message::decode(dialect, &wire).unwrap_or_else(|fault| panic!("{name}: {fault}"));
        if let Some(fields) = case["expected_fields"].as_object() {
            for (path, expected) in fields {
                let expected = expected["v"].as_str().unwrap();
                let found =
                    if path == "0" { Some(message.mti().to_string().into()) } else { message.part(path) };
                assert_eq!(found.as_deref(), Some(expected), "{name}, field {path}");
            }
            let top: std::collections::BTreeSet<u16> = fields
                .keys()
                .map(|path| path.split('.').next().unwrap().parse().unwrap())
                .filter(|n| *n != 0)
                .collect();
            assert_eq!(message.fields().collect::<Vec<_>>(), top.into_iter().collect::<Vec<_>>(), "{name}");
            with_fields += 1;
        } else {
            without += 1;
        }
        assert_eq!(Draft::of(&message).encode(dialect).unwrap(), wire, "{name}");
        let mut copied = message.lead().to_vec();
        let mut writer = Writer::new(dialect, message.mti(), &mut copied).unwrap();
        writer.bitmaps(message.bitmaps());
        for number in message.fields() {
            writer.copy(&message, number).unwrap();
        }
        writer.finish().unwrap();
        assert_eq!(copied, wire, "{name} copied");
    }
    assert_eq!((with_fields, without, refused), (5, 11, 4));
}

/// The bug seen in the field: a parser that reads bits 65 to 128 out of the first eight bytes loses field 70.
#[test]
fn a_network_message_keeps_field_70_behind_its_secondary_bitmap() {
    for name in ["iso87ascii", "iso87binary", "iso87ebcdic", "iso87hexbitmap", "postilion"] {
        let dialect = Dialect::built_in(name).unwrap();
        let draft = Draft::new("0800").set(7, "1124090000").set(11, "000042").set(70, "301");
        let wire = draft.encode(dialect).unwrap();
        let message = Message::decode(dialect, &wire).unwrap();
        assert_eq!(message.fields().collect::<Vec<_>>(), [7, 11, 70], "{name}");
        assert_eq!(message.number(70), Some(301), "{name}");
        assert_eq!(message.bitmaps(), 2);
        assert_eq!(Draft::of(&message).encode(dialect).unwrap(), wire, "{name}");
    }
}

#[test]
fn a_tertiary_bitmap_carries_fields_129_to_192() {
    for name in ["iso2003ascii", "iso2003binary"] {
        let dialect = Dialect::built_in(name).unwrap();
        let draft = Draft::new("2200")
            .set(4, "6432000000150000")
            .set(12, "20261124093000")
            .set(55, unhex("9F2608A1B2C3D4E5F607089F270180DF8101020102"))
            .set(130, "PRIVATE")
            .set(192, "0011223344556677");
        let wire = draft.encode(dialect).unwrap();
        let message = Message::decode(dialect, &wire).unwrap();
        assert_eq!(message.bitmaps(), 3);
        assert_eq!(message.fields().collect::<Vec<_>>(), [4, 12, 55, 130, 192], "{name}");
        assert_eq!(message.text(130).as_deref(), Some("PRIVATE"));
        assert_eq!(message.part("55.9F26").as_deref(), Some("A1B2C3D4E5F60708"));
        // A tag nobody knows keeps its bytes.
        assert_eq!(message.part("55.DF8101").as_deref(), Some("0102"));
        assert_eq!(Draft::of(&message).encode(dialect).unwrap(), wire);
    }
}

#[test]
fn one_draft_reads_alike_under_every_dialect_of_its_version() {
    let draft = Draft::new("0200")
        .set(2, "4000001234567899")
        .set(3, "000000")
        .set(4, "150000")
        .set(7, "1124093000")
        .set(22, "051")
        .set(28, "D00000100")
        .set(32, "12345678901")
        .set(35, "4000001234567899=27121010000012345678")
        .set(41, "TERM0001")
        .set(43, "ASTRAKHAN PORT [1]^")
        .set(49, "643")
        .set(52, "0123456789ABCDEF")
        .set(90, "020000004211240930000000012345600000000000");
    for name in ["iso87ascii", "iso87binary", "iso87ebcdic", "postilion"] {
        let dialect = Dialect::built_in(name).unwrap();
        let wire = draft.encode(dialect).unwrap_or_else(|fault| panic!("{name}: {fault}"));
        let message = Message::decode(dialect, &wire).unwrap_or_else(|fault| panic!("{name}: {fault}"));
        assert_eq!(message.text(2).as_deref(), Some("4000001234567899"), "{name}");
        assert_eq!(message.number(4), Some(150_000), "{name}");
        assert_eq!(message.text(28).as_deref(), Some("D00000100"), "{name}");
        assert_eq!(message.text(35).as_deref(), Some("4000001234567899=27121010000012345678"), "{name}");
        assert_eq!(message.text(43).as_deref(), Some("ASTRAKHAN PORT [1]^                     "), "{name}");
        assert_eq!(message.data(52).unwrap()[..], unhex("0123456789ABCDEF"), "{name}");
        assert_eq!(message.part("90.2").as_deref(), Some("000042"), "{name}");
        // Another dialect's message is written field by field.
        let ascii = Dialect::built_in("iso87ascii").unwrap();
        let mut translated = Vec::new();
        let mut writer = Writer::new(ascii, message.mti(), &mut translated).unwrap();
        for number in message.fields() {
            writer.copy(&message, number).unwrap();
        }
        writer.finish().unwrap();
        assert_eq!(translated, draft.encode(ascii).unwrap(), "{name} to iso87ascii");
    }
}
