//! MACs and their padding against the collected cases, CMAC against another implementation.

use cmac::{Cmac, KeyInit, Mac};
use meridian_keys::mac::{self, MacPadding};
use meridian_keys::{Algorithm, Key};

use crate::{cases, hex, text, unhex};

#[test]
fn macs_are_those_of_the_collected_cases() {
    let mut seen = 0;
    for case in cases("mac.json") {
        let test = text(&case, "test");
        let expected = case["result"].as_str();
        let found = if let Some(method) = test.strip_prefix("test_pad_iso_") {
            let padding = MacPadding::from_number(method.parse().unwrap()).unwrap();
            let block_len = case["block_len"].as_u64().unwrap_or(8) as usize;
            hex(&padding.apply(&unhex(text(&case, "data")), block_len))
        } else {
            // The keys and the message of these cases are constants of their source.
            let padding = MacPadding::from_number(case["padding"].as_u64().unwrap() as u8).unwrap();
            let code = if test.contains("retail") {
                let key = Key::new([[b'A'; 8], [b'B'; 8]].concat());
                mac::retail_mac(&key, b"hello world", padding).unwrap().to_vec()
            } else {
                let key = Key::parse_hex("AAAAAAAAAAAAAAAABBBBBBBBBBBBBBBB").unwrap();
                mac::cbc_mac(&key.cipher(Algorithm::Tdes).unwrap(), b"hello world", padding).unwrap()
            };
            hex(&code[..case["length"].as_u64().unwrap_or(8) as usize])
        };
        assert_eq!(Some(found.to_lowercase()), expected.map(str::to_lowercase), "{case}");
        seen += 1;
    }
    assert!(MacPadding::from_number(4).is_none() && MacPadding::from_number(0).is_none());
    eprintln!("{seen} values");
}

#[test]
fn cmac_is_that_of_the_cmac_crate() {
    let message: Vec<u8> = (0..100).collect();
    let key = Key::parse_hex("603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4").unwrap();
    let tdes = Key::parse_hex("8aa83bf8cbda10620bc1bf19fbb6cd58bc313d4a371ca8b5").unwrap();
    for end in 0..message.len() {
        let message = &message[..end];
        let ours = mac::cmac(&key.cipher(Algorithm::Aes).unwrap(), message).unwrap();
        let mut theirs = Cmac::<aes::Aes256>::new_from_slice(key.expose()).unwrap();
        theirs.update(message);
        assert_eq!(ours[..], theirs.finalize().into_bytes()[..], "AES, {end} bytes");
        let ours = mac::cmac(&tdes.cipher(Algorithm::Tdes).unwrap(), message).unwrap();
        let mut theirs = Cmac::<des::TdesEde3>::new_from_slice(tdes.expose()).unwrap();
        theirs.update(message);
        assert_eq!(ours[..], theirs.finalize().into_bytes()[..], "TDES, {end} bytes");
    }
    // NIST SP 800-38B, example D.4.
    let code = mac::cmac(&tdes.cipher(Algorithm::Tdes).unwrap(), b"").unwrap();
    assert_eq!(hex(&code), "B7A688E122FFAF95");
}

#[test]
fn a_received_mac_has_at_least_four_bytes_and_is_the_leftmost() {
    assert!(mac::matches(&[1, 2, 3, 4, 5, 6, 7, 8], &[1, 2, 3, 4]));
    assert!(!mac::matches(&[1, 2, 3, 4, 5, 6, 7, 8], &[1, 2, 3]));
    assert!(!mac::matches(&[1, 2, 3, 4, 5, 6, 7, 8], &[1, 2, 3, 5]));
    assert!(!mac::matches(&[1, 2, 3, 4], &[1, 2, 3, 4, 5]));
}
