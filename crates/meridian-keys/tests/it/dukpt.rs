//! DUKPT against the vectors of ANSI X9.24-1 annex A and X9.24-3.

use meridian_keys::dukpt::{aes, tdes};
use meridian_keys::{Algorithm, Key, Pan, Pin, PinFormat, pin_block};

use crate::{cases, counting, hex, text, unhex};

fn ksn<const N: usize>(text: &str) -> [u8; N] {
    unhex(text).try_into().unwrap()
}

#[test]
fn tdes_keys_and_pin_blocks_are_those_of_annex_a() {
    let mut seen = 0;
    for case in cases("dukpt_tdes.json") {
        let base = Key::parse_hex(text(&case, "bdk")).unwrap();
        let ksn = ksn(text(&case, "ksn"));
        let initial = tdes::initial_key(&base, &ksn).unwrap();
        let key = tdes::transaction_key(&initial, &ksn, tdes::Purpose::Pin).unwrap();
        assert_eq!(hex(key.expose()), text(&case, "pin_key"), "{}", text(&case, "ksn"));
        let format = PinFormat::from_digit(case["pin_block_format"].as_u64().unwrap() as u8).unwrap();
        let (pin, pan) = (Pin::parse(text(&case, "pin")).unwrap(), Pan::parse(text(&case, "pan")).unwrap());
        let clear = pin_block::encode(format, &pin, Some(&pan), &mut counting()).unwrap();
        assert_eq!(hex(&clear), text(&case, "clear_pin_block"));
        let cipher = key.cipher(Algorithm::Tdes).unwrap();
        let block = pin_block::encipher(&cipher, format, &pin, Some(&pan), &mut counting()).unwrap();
        assert_eq!(hex(&block), text(&case, "encrypted_pin_block"));
        assert_eq!(pin_block::decipher(&cipher, format, &block, Some(&pan)).unwrap(), pin);
        seen += 1;
    }
    eprintln!("{seen} transactions");
}

#[test]
fn aes_keys_are_those_of_the_standard() {
    let mut seen = 0;
    for case in cases("dukpt_aes.json") {
        let base = || Key::parse_hex(text(&case, "bdk")).unwrap();
        let id = || ksn::<8>(text(&case, "ikid"));
        let found = match text(&case, "kind") {
            "initial_key" | "initial_key_256" => aes::initial_key(&base(), id()).unwrap(),
            "initial_key_tdes" => tdes::initial_key(&base(), &ksn(text(&case, "ksn"))).unwrap(),
            "working_key" => {
                let ksn: [u8; 12] = ksn(text(&case, "ksn"));
                let initial = aes::initial_key(&base(), ksn[..8].try_into().unwrap()).unwrap();
                let usage = text(&case, "usage").to_lowercase();
                let purpose = match () {
                    () if usage.contains("pin") => aes::Purpose::PinEncryption,
                    () if usage.contains("mac") && usage.contains("verif") => aes::Purpose::MacVerification,
                    () if usage.contains("mac") && usage.contains("both") => aes::Purpose::MacBoth,
                    () if usage.contains("mac") => aes::Purpose::MacGeneration,
                    () if usage.contains("decrypt") => aes::Purpose::DataDecryption,
                    () if usage.contains("data") => aes::Purpose::DataEncryption,
                    () => aes::Purpose::KeyEncryption,
                };
                aes::working_key(&initial, &ksn, purpose, aes::KeyType::Aes128).unwrap()
            }
            other => panic!("no such kind of case: {other}"),
        };
        assert_eq!(hex(found.expose()), text(&case, "expect"), "{case}");
        seen += 1;
    }
    eprintln!("{seen} keys");
}

#[test]
fn counters_no_terminal_uses_are_refused() {
    let initial = Key::parse_hex("6AC292FAA1315B4D858AB3A3D7D5933A").unwrap();
    for counter in ["FFFF9876543210E00000", "FFFF9876543210FFFFFF"] {
        let refusal = tdes::transaction_key(&initial, &ksn(counter), tdes::Purpose::Pin).unwrap_err();
        assert_eq!(refusal.code, "keys.ksn", "{counter}");
    }
    let initial = Key::parse_hex("1273671EA26AC29AFA4D1084127652A1").unwrap();
    for counter in ["123456789012345600000000", "1234567890123456FFFFFFFF"] {
        let refusal =
            aes::working_key(&initial, &ksn(counter), aes::Purpose::PinEncryption, aes::KeyType::Aes128)
                .unwrap_err();
        assert_eq!(refusal.code, "keys.ksn", "{counter}");
    }
    let refusal = aes::working_key(
        &initial,
        &ksn("123456789012345600000001"),
        aes::Purpose::DataBoth,
        aes::KeyType::Aes256,
    );
    assert_eq!(refusal.unwrap_err().code, "keys.length");
}
