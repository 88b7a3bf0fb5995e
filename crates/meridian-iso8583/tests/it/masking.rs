//! What is shown unasked.

use meridian_iso8583::{Dialect, Draft, Message, Showing};

use crate::unhex;

const PAN: &str = "4111111111111111";
const PIN_BLOCK: &str = "1A2B3C4D5E6F7081";

fn rows(dialect: &str, draft: &Draft, showing: Showing) -> Vec<(String, String)> {
    let dialect = Dialect::built_in(dialect).unwrap();
    let wire = draft.encode(dialect).unwrap();
    let message = Message::decode(dialect, &wire).unwrap();
    assert!(!format!("{message:?} {:?}", message.value(2)).contains(PAN));
    message.describe(showing).into_iter().map(|row| (row.path, row.value)).collect()
}

fn purchase() -> Draft {
    Draft::new("0200")
        .set(2, PAN)
        .set(4, "150000")
        .set(35, "4111111111111111=27121010000012345678")
        .set(36, "014111111111111111=978")
        .set(45, "B4111111111111111^IVANOV/IVAN^27121010000012345678")
        .set(48, "order of 4111111111111111, box 4111111111111112")
        .set(52, PIN_BLOCK)
        .set(102, "40817810099910004312")
}

#[test]
fn card_data_is_masked_unless_asked_for() {
    let masked = rows("iso87ascii", &purchase(), Showing::Masked);
    let value = |path: &str| masked.iter().find(|(found, _)| found == path).unwrap().1.as_str();
    assert_eq!(value("2"), "411111******1111");
    assert_eq!(value("35"), format!("411111******1111{}", "*".repeat(21)));
    assert_eq!(value("45"), format!("*411111******1111{}", "*".repeat(33)));
    assert_eq!(value("48"), "order of 411111******1111, box 4111111111111112");
    assert_eq!(value("52"), "****************");
    assert_eq!(value("102"), "****************4312");
    assert_eq!(value("4"), "000000150000");
    let all = format!("{masked:?}");
    assert!(!all.contains(PAN) && !all.contains(PIN_BLOCK) && !all.contains("IVANOV"));
    let clear = format!("{:?}", rows("iso87ascii", &purchase(), Showing::Clear));
    assert!(clear.contains(PAN) && clear.contains(PIN_BLOCK));
}

#[test]
fn sensitive_tags_are_masked_at_any_depth_and_others_are_shown() {
    // 9F26 is a cryptogram; 57 and 5A hold the card number; 70 is a template with another 5A; DF01 nobody knows.
    let chip = unhex(
        "9F2608A1B2C3D4E5F607085A0841111111111111115710411111111111111\
1D27121010000012F700A5A084111111111111111DF0101AA"
            .replace('\\', "")
            .as_str(),
    );
    for (name, mti) in [("iso2003ascii", "2200"), ("iso93ascii", "1200"), ("iso87binary", "0200")] {
        let draft = Draft::new(mti).set(55, chip.clone());
        let masked = rows(name, &draft, Showing::Masked);
        let whole = &masked.iter().find(|(path, _)| path == "55").unwrap().1;
        assert!(whole.contains("A1B2C3D4E5F60708") && whole.ends_with("DF0101AA"), "{name}: {whole}");
        assert_eq!(whole.len(), chip.len() * 2);
        let all = format!("{masked:?}");
        assert!(!all.contains("41111111"), "{name}: {all}");
    }
    // As hexadecimal characters within an ASCII field.
    let text: String = chip.iter().map(|byte| format!("{byte:02X}")).collect();
    let masked = rows("iso87ascii", &Draft::new("0200").set(55, text.as_str()), Showing::Masked);
    assert!(!format!("{masked:?}").contains("41111111"));
    // Chip data that is no BER-TLV is not shown at all.
    let broken =
        rows("iso93ascii", &Draft::new("1200").set(55, vec![0xCA, 0xFE, 0x41, 0x11]), Showing::Masked);
    assert_eq!(broken[0].1, "********");
}
