//! Dialect files: every built-in one reads, a user's own extends them, and mistakes are told by place.

use meridian_iso8583::{Dialect, Draft, Message};

use crate::unhex;

#[test]
fn every_file_of_the_folder_is_a_built_in_dialect() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/dialects");
    let mut files = 0;
    for file in std::fs::read_dir(folder).unwrap() {
        let path = file.unwrap().path();
        let read = Dialect::parse(&std::fs::read_to_string(&path).unwrap());
        let read = read.unwrap_or_else(|fault| panic!("{}: {fault}", path.display()));
        assert_eq!(read.name(), path.file_stem().unwrap().to_str().unwrap());
        assert_eq!(Dialect::built_in(read.name()), Some(&read));
        assert!(read.fields().all(|(_, field)| !field.name.is_empty()));
        files += 1;
    }
    assert_eq!(Dialect::all_built_in().count(), files);
}

const OWN: &str = r#"
name = "corridor"
about = "binary 1987 with a TPDU, a tagged field 48, a bitmapped field 62, and lengths in bytes"
extends = "iso87binary"
lead = 5

[fields]
2 = { counts = "bytes", format = "n..20", pad = "rightF" }
48 = { tagged = { tag = 2, prefix = "ascii3", known = { "20" = { name = "Verification value", secret = "all" } } } }
62 = { format = "ansb...255", prefix = "binary1", bitmapped = { bitmap = "binary", bytes = 2, fields = { 1 = { format = "n4", name = "Instalments" }, 12 = { format = "an..9", name = "Plan" } } } }

[messages.0200]
mandatory = [4]
without = [39]
"#;

#[test]
fn a_users_own_dialect_says_only_what_differs() {
    let dialect = Dialect::parse(OWN).unwrap();
    let mut draft =
        Draft::new("0200").with_lead(vec![0x60, 0, 1, 0, 2]).set(2, "40000012345678").set(4, "100");
    draft.set_path("48.20", "123").unwrap();
    draft.set_path("48.ZZ", "unknown").unwrap();
    draft.set_path("62.12", "GOLD").unwrap();
    draft.set_path("62.1", "0003").unwrap();
    let wire = draft.encode(&dialect).unwrap();
    assert_eq!(
        wire,
        [
            unhex("6000010002" /* lead */),
            unhex("0200" /* type */),
            unhex("5000000000010004"),
            unhex("07" /* seven bytes of digits */),
            unhex("40000012345678"),
            unhex("000000000100"),
            unhex("0020"),
            b"20003123ZZ007unknown".to_vec(),
            unhex("09" /* binary length */),
            unhex("8010" /* 1 and 12 */),
            unhex("0003"),
            unhex("04"),
            b"GOLD".to_vec(),
        ]
        .concat()
    );
    let message = Message::decode(&dialect, &wire).unwrap();
    assert_eq!(message.part("48.ZZ").as_deref(), Some("unknown"));
    assert_eq!(message.part("62.12").as_deref(), Some("GOLD"));
    assert_eq!(message.lead(), [0x60, 0, 1, 0, 2]);
    let shown = format!("{:?}", message.describe(meridian_iso8583::Showing::Masked));
    assert!(shown.contains("20003***ZZ007unknown"), "{shown}");
    // The order of tags and an unknown tag survive.
    assert_eq!(Draft::of(&message).encode(&dialect).unwrap(), wire);
    let missing = draft.clone().without(4).encode(&dialect).unwrap_err();
    assert_eq!((missing.code, missing.field.as_str()), ("iso8583.field_missing", "4"));
    let barred = draft.set(39, "00").encode(&dialect).unwrap_err();
    assert_eq!((barred.code, barred.field.as_str()), ("iso8583.field_unexpected", "39"));
}

#[test]
fn a_mistake_in_a_dialect_file_is_told_by_its_place() {
    let head = "name = \"x\"\nabout = \"x\"\nextends = \"iso87ascii\"\n";
    let table = [
        ("[fields]\n4 = { format = \"q12\" }", "4"),
        ("[fields]\n4 = { format = \"ans12\", encoding = \"bcd\" }", "4"),
        ("[fields]\n7 = { format = \"n8\" }", "7"),
        ("[fields]\n130 = { format = \"n8\" }", "130"),
        ("[fields]\nfour = { format = \"n8\" }", "four"),
        ("[fields]\n48 = { format = \"n...255\", prefix = \"roman\" }", "48"),
        ("[fields]\n48 = { formatt = \"n3\" }", "file"),
        ("[encode]\nnn = \"bcd\"", "encode.nn"),
        ("[messages.02]\nwithout = [1]", "02"),
    ];
    for (text, place) in table {
        let fault = Dialect::parse(&format!("{head}{text}")).unwrap_err();
        assert_eq!((fault.code, fault.field.as_str()), ("iso8583.dialect", place), "{text}: {fault}");
    }
    assert!(Dialect::parse("name = \"x\"\nabout = \"x\"\nextends = \"nothing\"").is_err());
}
