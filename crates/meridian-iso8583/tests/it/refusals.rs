//! What is not a message is refused, with the field and the byte.

use meridian_iso8583::{Dialect, Draft, Framing, Message, Mti, Writer};

use crate::unhex;

fn fault_of(dialect: &str, wire: &[u8]) -> (String, Option<usize>, &'static str) {
    let fault = Message::decode(Dialect::built_in(dialect).unwrap(), wire).unwrap_err();
    (fault.field, fault.offset, fault.code)
}

/// dialect, bytes (text, or hexadecimal of a binary dialect), field, byte, code.
const TABLE: &str = "
iso87ascii  | 08008220000000000000040000000000000011240900000000427A1     | 70      | 53 | iso8583.content
iso87ascii  | 080082200000000000000400000000000000112409000000004270      | 70      | 54 | iso8583.truncated
iso87ascii  | 0800822000000000000004000000000000001124090000000042301X    | message | 55 | iso8583.trailing_bytes
iso87ascii  | 0800822000000000000004000000000000001324090000000042301     | 7       | 36 | iso8583.date
iso87ascii  | 0800822000000000000004000000000000000230090000000042301     | 7       | 36 | iso8583.date
iso87ascii  | 0800822000000000000004000000000000001124240000000042301     | 7       | 36 | iso8583.date
iso87ascii  | 0800822000000000000G04000000000000001124090000000042301     | bitmap  | 19 | iso8583.bitmap
iso87ascii  | 08008220000000                                              | bitmap  | 14 | iso8583.truncated
iso87ascii  | 08                                                          | mti     | 2  | iso8583.truncated
iso87ascii  | 1800822000000000000004000000000000001124090000000042301     | mti     | 0  | iso8583.mti
iso87ascii  | 08X0822000000000000004000000000000001124090000000042301     | mti     | 0  | iso8583.mti
iso87ascii  | 02004000000000000000204000001234567899012                   | 2       | 20 | iso8583.length
iso87ascii  | 020040000000000000001X4000001234567899                      | 2       | 21 | iso8583.length
iso87ascii  | 020040000000000000001640000012345678                        | 2       | 36 | iso8583.truncated
iso87ascii  | 02000000000000000200                                        | 55      | 20 | iso8583.truncated
iso87hexbitmap | 0800000000100000000 0F0000000                            | bitmap  | 19 | iso8583.bitmap
iso87hexbitmap | 042000040000000000000809                                | 14      | 20 | iso8583.field_unexpected
iso2003ascii | 2200800000000000000080000000000000000000000000000000A      | message | 52 | iso8583.trailing_bytes
";

#[test]
fn truncated_over_long_and_corrupt_messages_name_the_field_and_the_byte() {
    for row in TABLE.lines().filter(|row| !row.trim().is_empty()) {
        let columns: Vec<&str> = row.split('|').map(str::trim).collect();
        let [dialect, wire, field, offset, code] = columns[..] else { panic!("{row}") };
        let found = fault_of(dialect, wire.as_bytes());
        assert_eq!(found, (field.to_owned(), Some(offset.parse().unwrap()), code), "{row}");
    }
}

#[test]
fn packed_messages_name_the_byte_of_a_wrong_nibble() {
    let table = [
        // A field 3 that is no digits; a filler nibble that is not 0; a length prefix that is no digits.
        ("020020000000000000001200A0", "3", 12, "iso8583.content"),
        ("0200000020000000000018580000", "19", 10, "iso8583.padding"),
        ("0200400000000000000019400000123456789901230A", "2", 20, "iso8583.padding"),
        ("02004000000000000000A9400000", "2", 10, "iso8583.length"),
        ("02004000000000000000204000001234567890123456", "2", 10, "iso8583.length"),
    ];
    for (wire, field, offset, code) in table {
        assert_eq!(fault_of("iso87binary", &unhex(wire)), (field.to_owned(), Some(offset), code), "{wire}");
    }
}

#[test]
fn every_prefix_of_a_message_is_refused_and_so_is_every_longer_one() {
    let draft = Draft::new("0200")
        .set(2, "4000001234567899")
        .set(4, "150000")
        .set(12, "093000")
        .set(48, "private")
        .set(70, "001")
        .set(127, "more");
    for name in ["iso87ascii", "iso87binary", "iso87ebcdic", "iso87hexbitmap"] {
        let dialect = Dialect::built_in(name).unwrap();
        let wire = draft.encode(dialect).unwrap();
        for end in 0..wire.len() {
            let fault = Message::decode(dialect, &wire[..end]).unwrap_err();
            assert_eq!(
                (fault.code, fault.offset),
                ("iso8583.truncated", Some(end)),
                "{name}, {end} bytes: {fault}"
            );
        }
        let mut longer = wire.clone();
        longer.push(b'0');
        let fault = Message::decode(dialect, &longer).unwrap_err();
        assert_eq!((fault.code, fault.offset), ("iso8583.trailing_bytes", Some(wire.len())), "{name}");
    }
    let huge = vec![b'0'; 70_000];
    assert_eq!(fault_of("iso87ascii", &huge).2, "iso8583.over_long");
}

#[test]
fn subfields_are_named_by_their_path() {
    let dialect = Dialect::built_in("postilion").unwrap();
    let mut draft = Draft::new("0200");
    draft.set_path("127.2", "SWITCH_KEY").unwrap();
    draft.set_path("127.25", "ICC").unwrap();
    let wire = draft.encode(dialect).unwrap();
    let message = Message::decode(dialect, &wire).unwrap();
    assert_eq!(message.part("127.25").as_deref(), Some("ICC"));
    // The length of 127.25 is raised by one: the field ends inside it.
    let mut cut = wire.clone();
    let at = wire.len() - 4;
    cut[at] = b'4';
    let fault = Message::decode(dialect, &cut).unwrap_err();
    assert_eq!(
        (fault.field.as_str(), fault.offset, fault.code),
        ("127.25", Some(wire.len()), "iso8583.truncated")
    );
    let mut unknown = Draft::new("0200");
    unknown.set_path("127.60", "X").unwrap();
    assert_eq!(unknown.encode(dialect).unwrap_err().field, "127.60");
}

#[test]
fn what_a_field_may_not_hold_is_not_written() {
    let dialect = Dialect::built_in("iso87ascii").unwrap();
    let table = [
        (3, "00000A", "iso8583.content"),
        (3, "0000001", "iso8583.length"),
        (2, "40000012345678990123", "iso8583.length"),
        (7, "1332093000", "iso8583.date"),
        (28, "X00000100", "iso8583.content"),
        (39, "0", "iso8583.length"),
        (52, "00112233", "iso8583.length"),
        (52, "not hexadecimal!", "iso8583.content"),
        (129, "x", "iso8583.field_unknown"),
        (2, "411111******1111", "iso8583.content"),
    ];
    for (number, value, code) in table {
        let fault = Draft::new("0200").set(number, value).encode(dialect).unwrap_err();
        assert_eq!((fault.code, fault.field.as_str()), (code, number.to_string().as_str()), "{number}");
        assert!(!fault.to_string().contains(value), "the value is in the refusal: {fault}");
    }
    let mut wire = Vec::new();
    let mut writer = Writer::new(dialect, Mti::parse("0200").unwrap(), &mut wire).unwrap();
    writer.text(4, "1").unwrap();
    assert_eq!(writer.text(3, "000000").unwrap_err().code, "iso8583.order");
    assert!(Writer::new(dialect, Mti::parse("1200").unwrap(), &mut Vec::new()).is_err());
}

#[test]
fn length_headers_find_the_message_in_the_stream() {
    let names = ["ascii4", "bcd2", "binary2", "binary4", "binary2-inclusive", "vml4"];
    for name in names {
        let framing = Framing::parse(name).unwrap();
        for length in [0, 1, 99, 222, 1_000, 9_999] {
            let mut header = Vec::new();
            framing.write(length, &mut header).unwrap();
            assert_eq!(header.len(), framing.len(), "{name}");
            assert_eq!(framing.read(&header).unwrap(), Some(length), "{name}");
            assert_eq!(framing.read(&header[..1]).unwrap(), None, "{name}");
        }
        assert!(framing.write(70_000, &mut Vec::new()).is_err(), "{name}");
    }
    assert_eq!(Framing::Binary4.read(&[0, 1, 0, 0]).unwrap_err().code, "iso8583.over_long");
    assert_eq!(Framing::Ascii4.read(b"00A0").unwrap_err().offset, Some(2));
    assert_eq!(Framing::Binary2Inclusive.read(&[0, 1]).unwrap_err().code, "iso8583.length");
}
