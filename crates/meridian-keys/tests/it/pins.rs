//! PIN blocks, PVV, IBM 3624, CVV against the collected cases.

use meridian_keys::pin_verification::{Ibm3624, visa_pvv};
use meridian_keys::{Algorithm, Key, Pan, Pin, PinFormat, cvv, pin_block};
use meridian_terms::Refusal;
use serde_json::Value;

use crate::{cases, counting, hex, repeated, text, unhex};

/// The verification key of the collected PVV and IBM 3624 cases that do not carry one.
const PVK: &str = "0123456789ABCDEFFEDCBA9876543210";

fn format_of(test: &str) -> PinFormat {
    let digit = test.split("iso_").nth(1).unwrap().as_bytes()[0] - b'0';
    PinFormat::from_digit(digit).unwrap()
}

fn key_of(case: &Value) -> Key {
    let key = text(case, "key");
    Key::new(if key.contains('*') { repeated(key) } else { unhex(key) })
}

/// What a case asks for, or the refusal on the way.
fn answer(case: &Value) -> Result<String, Refusal> {
    let test = text(case, "test");
    let format = format_of(test);
    let pan = |case: &Value| case["pan"].as_str().map(Pan::parse).transpose();
    if test.contains("pan_field_iso_4") {
        return Ok(hex(&pin_block::pan_block(&Pan::parse(text(case, "pan"))?)));
    }
    if test.contains("encipher") {
        let (pin, pan) = (Pin::parse(text(case, "pin"))?, pan(case)?);
        let cipher = key_of(case).cipher(Algorithm::Aes)?;
        let block = pin_block::encipher(&cipher, format, &pin, pan.as_ref(), &mut |bytes: &mut [u8]| {
            bytes.fill(0xFF)
        })?;
        return Ok(hex(&block));
    }
    if test.contains("decipher") {
        let pan = pan(case)?;
        let cipher = key_of(case).cipher(Algorithm::Aes)?;
        let pin = pin_block::decipher(&cipher, format, &unhex(text(case, "pin_block")), pan.as_ref())?;
        return Ok(pin.expose().to_owned());
    }
    if test.contains("encode") && !test.contains("decode") {
        let (pin, pan) = (Pin::parse(text(case, "pin"))?, pan(case)?);
        return Ok(hex(&pin_block::encode(format, &pin, pan.as_ref(), &mut counting())?));
    }
    let block = case["pin_block"].as_str().or(case["pin_field"].as_str()).unwrap();
    let pan = pan(case)?;
    Ok(pin_block::decode(format, &unhex(block), pan.as_ref())?.expose().to_owned())
}

#[test]
fn pin_blocks_are_those_of_the_collected_cases() {
    let mut seen = (0, 0);
    for case in cases("pinblock.json") {
        let test = text(&case, "test").to_owned();
        let found = answer(&case);
        if case["error"].is_string() {
            let refusal = found.expect_err(&format!("{test}: {case}"));
            assert!(refusal.code.starts_with("keys."), "{refusal}");
            seen.1 += 1;
            continue;
        }
        let found = found.unwrap_or_else(|refusal| panic!("{test}: {refusal}"));
        if test.contains("decode") || test.contains("decipher") {
            assert_eq!(found, text(&case, "pin"), "{test}");
        } else {
            // A prefix is all that random fill leaves to compare.
            let expected =
                ["pin_block", "pin_field", "pan_field"].iter().find_map(|key| case[key].as_str()).unwrap();
            assert!(found.starts_with(expected), "{test}: {found} is not {expected}");
        }
        seen.0 += 1;
    }
    eprintln!("{} values, {} errors", seen.0, seen.1);
}

#[test]
fn verification_values_and_offsets_are_those_of_the_collected_cases() {
    let mut seen = (0, 0);
    for case in cases("pin.json") {
        let test = text(&case, "test");
        let found = (|| {
            let key = Key::new(unhex(case["pvk"].as_str().unwrap_or(PVK)));
            let cipher = key.cipher(Algorithm::Tdes)?;
            let pan = Pan::parse(text(&case, "pan"))?;
            if test.contains("pvv") {
                let index = text(&case, "pvki");
                let index = if index.len() == 1 { index.parse().unwrap_or(99) } else { 99 };
                return visa_pvv(&cipher, index, &Pin::parse(text(&case, "pin"))?, &pan);
            }
            let number = |key: &str| usize::try_from(case[key].as_u64().unwrap()).unwrap();
            let parameters = Ibm3624::new(
                text(&case, "conversion_table"),
                number("pan_verify_offset"),
                number("pan_verify_length"),
                text(&case, "pan_pad"),
            )?;
            if test.contains("offset") {
                parameters.offset(&cipher, text(&case, "pin"), &pan)
            } else {
                parameters.pin(&cipher, text(&case, "offset"), &pan).map(|pin| pin.to_string())
            }
        })();
        if case["error"].is_string() {
            found.expect_err(&format!("{test}: {case}"));
            seen.1 += 1;
        } else {
            let expected =
                ["result_pin", "result_offset", "result_pvv"].iter().find_map(|key| case[key].as_str());
            assert_eq!(found.as_deref().ok(), expected, "{case}");
            seen.0 += 1;
        }
    }
    eprintln!("{} values, {} errors", seen.0, seen.1);
}

#[test]
fn card_verification_values_are_those_of_the_collected_cases() {
    for case in cases("cvv.json") {
        let found = Pan::parse(text(&case, "pan")).and_then(|pan| {
            cvv::generate(
                &Key::new(unhex(text(&case, "cvk"))),
                &pan,
                text(&case, "expiry"),
                text(&case, "sc"),
            )
        });
        match case["error"].is_string() {
            true => assert!(found.is_err(), "{case}"),
            false => assert_eq!(found.unwrap(), case["cvv"].as_str().or(case["result"].as_str()).unwrap()),
        }
    }
    let key = Key::parse_hex("99999999999999998888888888888888").unwrap();
    assert_eq!(cvv::generate(&key, &Pan::parse("2222222222222222").unwrap(), "3333", "111").unwrap(), "361");
}

#[test]
fn a_block_bound_to_a_card_is_not_loosened_and_not_read_for_another() {
    let key = Key::parse_hex(PVK).unwrap();
    let cipher = key.cipher(Algorithm::Tdes).unwrap();
    let (pin, pan) = (Pin::parse("4321").unwrap(), Pan::parse("4000001234567899").unwrap());
    let block = pin_block::encipher(&cipher, PinFormat::Iso3, &pin, Some(&pan), &mut counting()).unwrap();
    let to = |format| {
        pin_block::translate(
            (&cipher, PinFormat::Iso3),
            (&cipher, format),
            &block,
            Some(&pan),
            &mut counting(),
        )
    };
    assert!(to(PinFormat::Iso0).is_ok());
    assert_eq!(to(PinFormat::Iso1).unwrap_err().code, "keys.pin_block");
    assert_eq!(to(PinFormat::Iso4).unwrap_err().code, "keys.pin_block");
    let other = Pan::parse("4000009876543210").unwrap();
    assert!(pin_block::decipher(&cipher, PinFormat::Iso3, &block, Some(&other)).is_err());
    assert!(pin_block::decipher(&cipher, PinFormat::Iso3, &block, None).is_err());
}

#[test]
fn nothing_secret_is_printed() {
    let key = Key::parse_hex(PVK).unwrap();
    let shown =
        format!("{key:?} {:?} {:?}", Pin::parse("123456").unwrap(), Pan::parse("4000001234567899").unwrap());
    assert_eq!(shown, "Key(16 bytes) Pin(6 digits) Pan(400000******7899)");
    let refusals = [
        Pin::parse("12345678901234").unwrap_err(),
        Pan::parse("40000012345678991234").unwrap_err(),
        Key::parse_hex("0123456789ABCDEX").unwrap_err(),
        pin_block::decode(PinFormat::Iso2, &unhex("2C12345678901FFF"), None).unwrap_err(),
    ];
    for refusal in refusals {
        let told = format!("{refusal} {refusal:?}");
        for secret in ["12345678901", "400000123456", "0123456789ABCDE"] {
            assert!(!told.contains(secret), "{told}");
        }
    }
}
