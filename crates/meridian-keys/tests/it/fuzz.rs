//! Key blocks and PIN blocks, bent: none panics, and what opens is what was sealed.

use meridian_keys::tr31::{Header, Protection, unwrap, wrap};
use meridian_keys::{Key, Pan, PinFormat, pin_block};
use meridian_testdata::{bent, runs};

use crate::{counting, unhex};

#[test]
fn no_key_block_panics_and_none_that_was_changed_opens() {
    let protection = Key::new(vec![b'E'; 16]);
    let key = Key::new(vec![b'F'; 16]);
    let samples: Vec<String> = ["A", "B", "C", "D"]
        .into_iter()
        .map(|version| {
            let header = Header::new(version, "P0", "T", "E", "00", "N").unwrap();
            wrap(Protection::Clear(&protection), &header, &key, None, &mut counting()).unwrap()
        })
        .chain(["D0032P0AE00N0300KS18FFFF0123456789ABCDEF0000PB08AAAA".to_owned()])
        .collect();
    bolero::check!().with_iterations(runs(10_000)).with_max_len(16).for_each(move |recipe: &[u8]| {
        let (_, bytes) = bent(&samples, recipe);
        let block = String::from_utf8_lossy(&bytes);
        let _ = Header::parse(&block);
        if let Ok((_, opened)) = unwrap(Protection::Clear(&protection), &block) {
            // The case of a hexadecimal digit of the encrypted part is no part of what is sealed.
            assert!(samples.iter().any(|sample| block.eq_ignore_ascii_case(sample)), "{block}");
            assert_eq!(opened, key);
        }
    });
}

#[test]
fn no_pin_block_panics_and_what_reads_has_a_pin() {
    let samples = [
        unhex("041234FFFFFFFFFF"),
        unhex("1412345678901234"),
        unhex("2412345678FFFFFF"),
        unhex("341234ABCDEFABCD"),
        unhex("441234AAAAAAAAAA0123456789ABCDEF"),
    ];
    let pans =
        ["4000001234567899", "400000123456", "4000001234567890123"].map(|pan| Pan::parse(pan).unwrap());
    bolero::check!().with_iterations(runs(10_000)).with_max_len(16).for_each(move |recipe: &[u8]| {
        let (_, block) = bent(&samples, recipe);
        for format in (0..5).filter_map(PinFormat::from_digit) {
            for pan in pans.iter().map(Some).chain([None]) {
                if let Ok(pin) = pin_block::decode(format, &block, pan) {
                    assert!((4..=12).contains(&pin.expose().len()));
                }
            }
        }
    });
}
