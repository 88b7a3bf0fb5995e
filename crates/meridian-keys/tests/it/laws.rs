//! Laws over random PINs, cards and keys.

use meridian_keys::tr31::{Header, Protection, unwrap, wrap};
use meridian_keys::{Algorithm, Key, Pan, Pin, PinFormat, pin_block};
use proptest::prelude::*;

use crate::counting;

proptest! {
    #[test]
    fn what_is_enciphered_deciphers(
        pin in "[0-9]{4,12}",
        pan in "[0-9]{13,19}",
        key in prop::collection::vec(any::<u8>(), 16),
        digit in 0_u8..5,
    ) {
        let format = PinFormat::from_digit(digit).unwrap();
        let algorithm = if digit == 4 { Algorithm::Aes } else { Algorithm::Tdes };
        let cipher = Key::new(key).cipher(algorithm).unwrap();
        let (pin, pan) = (Pin::parse(&pin).unwrap(), Pan::parse(&pan).unwrap());
        let block = pin_block::encipher(&cipher, format, &pin, Some(&pan), &mut counting()).unwrap();
        prop_assert_eq!(block.len(), if digit == 4 { 16 } else { 8 });
        prop_assert_eq!(pin_block::decipher(&cipher, format, &block, Some(&pan)).unwrap(), pin);
    }

    #[test]
    fn no_bytes_panic(block in prop::collection::vec(any::<u8>(), 0..20), text in "[ -~]{0,60}", digit in 0_u8..5) {
        let format = PinFormat::from_digit(digit).unwrap();
        let pan = Pan::parse("4000001234567899").unwrap();
        let _ = pin_block::decode(format, &block, Some(&pan));
        let _ = Header::parse(&text);
        let _ = unwrap(Protection::Clear(&Key::new(vec![1; 16])), &text);
    }

    /// Headers around a real shape: lengths, counts and optional blocks of all kinds.
    #[test]
    fn no_key_block_panics(
        version in "[ABCD]", length in "[0-9]{4}", count in "0[0-3]", blocks in "(KS|PB|[A-Z0-9]{2})?[0-9A-F]{0,40}",
    ) {
        let block = format!("{version}{length}P0TE00N{count}00{blocks}");
        let _ = unwrap(Protection::Clear(&Key::new(vec![1; 16])), &block);
        let sized = format!("{version}{:04}P0TE00N{count}00{blocks}", block.len());
        let _ = unwrap(Protection::Clear(&Key::new(vec![1; 16])), &sized);
    }

    #[test]
    fn wrapped_keys_open(
        key in prop::collection::vec(any::<u8>(), 0..64),
        protection in prop::collection::vec(any::<u8>(), 16),
        version in "[ABCD]",
        masked in prop::option::of(0_usize..64),
    ) {
        let header = Header::new(&version, "D0", "A", "B", "00", "S").unwrap();
        let (key, protection) = (Key::new(key), Key::new(protection));
        let block = wrap(Protection::Clear(&protection), &header, &key, masked, &mut counting()).unwrap();
        prop_assert_eq!(unwrap(Protection::Clear(&protection), &block).unwrap(), (header, key));
    }
}
