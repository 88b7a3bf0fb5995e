//! The payment HSM as two switches use it: keys exchanged as blocks, PINs translated, MACs made and verified.

use meridian_keys::mac::MacPadding;
use meridian_keys::pin_verification::{Ibm3624, visa_pvv};
use meridian_keys::{
    Algorithm, EncryptedPin, Key, KeyName, MacAlgorithm, Pan, PaymentHsm, Pin, PinCheck, PinFormat,
    PinSource, SoftwareHsm, Usage,
};

use crate::counting;

pub(crate) fn name(name: &str) -> KeyName {
    KeyName::new(name)
}

/// Two HSMs that share one block protection key, as after a key ceremony.
fn two(algorithm: Algorithm) -> (SoftwareHsm, SoftwareHsm) {
    let length = if algorithm == Algorithm::Aes { 32 } else { 16 };
    let make = |start: u8| {
        let mut hsm = SoftwareHsm::new(counting());
        let key = Key::new((0..length).map(|at| at * 7 + 1).collect());
        hsm.load(&name("kbpk"), Usage::BlockProtection, algorithm, key).unwrap();
        let base = Key::parse_hex("0123456789ABCDEFFEDCBA9876543210").unwrap();
        hsm.load(&name("bdk"), Usage::BaseDerivation, Algorithm::Tdes, base).unwrap();
        let base = Key::parse_hex("FEDCBA9876543210F1F1F1F1F1F1F1F1").unwrap();
        hsm.load(&name("bdk-aes"), Usage::BaseDerivation, Algorithm::Aes, base).unwrap();
        hsm.load(&name("pvk"), Usage::PinVerificationValue, Algorithm::Tdes, Key::new(vec![start; 16]))
            .unwrap();
        hsm.load(&name("ibm"), Usage::PinOffset, Algorithm::Tdes, Key::new(vec![start + 1; 16])).unwrap();
        hsm
    };
    (make(0x31), make(0x31))
}

/// Everything a national switch asks, of any back end: the software one here, a token in `softhsm`.
pub(crate) fn a_pin_travels(
    acquirer: &mut SoftwareHsm,
    issuer: &mut dyn PaymentHsm,
    zone_algorithm: Algorithm,
) {
    let (pin, pan) = (Pin::parse("4321").unwrap(), Pan::parse("4000001234567899").unwrap());
    // The acquirer makes the zone key and hands its block over; both compare check values.
    let block =
        acquirer.make_zone_key(&name("zpk"), Usage::PinEncryption, zone_algorithm, &name("kbpk")).unwrap();
    let record = issuer.import_key(&name("zpk"), &block, &name("kbpk")).unwrap();
    let ours = acquirer.keys().into_iter().find(|key| key.name == name("zpk")).unwrap();
    assert_eq!((record.check_value, record.usage), (ours.check_value, Usage::PinEncryption));
    // A terminal's PIN, under DUKPT, becomes the zone's.
    let ksn = [0xFF, 0xFF, 0x98, 0x76, 0x54, 0x32, 0x10, 0xE0, 0, 8];
    let source = PinSource::DukptTdes { base: &name("bdk"), ksn: &ksn };
    let at_terminal = acquirer.encrypt_pin(source, PinFormat::Iso0, &pin, &pan).unwrap();
    let format = if zone_algorithm == Algorithm::Aes { PinFormat::Iso4 } else { PinFormat::Iso3 };
    let came = EncryptedPin { source, format: PinFormat::Iso0, block: &at_terminal };
    let in_zone = acquirer.translate_pin(&came, &pan, &name("zpk"), format).unwrap();
    // The issuer verifies it both ways.
    let zpk = name("zpk");
    let came = EncryptedPin { source: PinSource::Zone(&zpk), format, block: &in_zone };
    let pvk = Key::new(vec![0x31; 16]).cipher(Algorithm::Tdes).unwrap();
    let value = visa_pvv(&pvk, 1, &pin, &pan).unwrap();
    let wrong = if value == "0000" { "1111" } else { "0000" };
    let key = name("pvk");
    assert!(issuer.verify_pin(&came, &pan, PinCheck::Pvv { key: &key, index: 1, value: &value }).unwrap());
    assert!(!issuer.verify_pin(&came, &pan, PinCheck::Pvv { key: &key, index: 1, value: wrong }).unwrap());
    let parameters = Ibm3624::new("0123456789012345", 0, 16, "F").unwrap();
    let ibm = Key::new(vec![0x32; 16]).cipher(Algorithm::Tdes).unwrap();
    let offset = parameters.offset(&ibm, pin.expose(), &pan).unwrap();
    let key = name("ibm");
    let check = PinCheck::Offset { key: &key, parameters: &parameters, offset: &offset };
    assert!(issuer.verify_pin(&came, &pan, check).unwrap());
    // A key of another use is refused, an unknown one too.
    let check = PinCheck::Pvv { key: &key, index: 1, value: &value };
    assert_eq!(issuer.verify_pin(&came, &pan, check).unwrap_err().code, "keys.usage");
    assert_eq!(
        issuer.translate_pin(&came, &pan, &name("none"), format).unwrap_err().code,
        "keys.unknown_key"
    );
    assert_eq!(issuer.translate_pin(&came, &pan, &name("pvk"), format).unwrap_err().code, "keys.usage");
}

/// MAC keys travel and both sides' MACs agree.
pub(crate) fn a_message_is_authenticated(acquirer: &mut SoftwareHsm, issuer: &mut dyn PaymentHsm) {
    let retail = MacAlgorithm::Retail(MacPadding::Zeros);
    for (usage, algorithm, mac) in
        [(Usage::RetailMac, Algorithm::Tdes, retail), (Usage::Cmac, Algorithm::Aes, MacAlgorithm::Cmac)]
    {
        let block = acquirer.make_zone_key(&name("zak"), usage, algorithm, &name("kbpk")).unwrap();
        issuer.import_key(&name("zak"), &block, &name("kbpk")).unwrap();
        let message = b"0200 a message of any length";
        let code = acquirer.make_mac(&name("zak"), mac, message).unwrap();
        assert_eq!(issuer.make_mac(&name("zak"), mac, message).unwrap(), code);
        issuer.verify_mac(&name("zak"), mac, message, &code[..4]).unwrap();
        assert_eq!(
            issuer.verify_mac(&name("zak"), mac, b"0200 another", &code).unwrap_err().code,
            "keys.mac"
        );
        let other = if usage == Usage::Cmac { retail } else { MacAlgorithm::Cmac };
        assert_eq!(issuer.make_mac(&name("zak"), other, message).unwrap_err().code, "keys.usage");
    }
}

#[test]
fn a_pin_travels_from_the_terminal_to_the_issuer() {
    for (protection, zone) in [
        (Algorithm::Tdes, Algorithm::Tdes),
        (Algorithm::Aes, Algorithm::Tdes),
        (Algorithm::Aes, Algorithm::Aes),
    ] {
        let (mut acquirer, mut issuer) = two(protection);
        a_pin_travels(&mut acquirer, &mut issuer, zone);
        a_message_is_authenticated(&mut acquirer, &mut issuer);
    }
}

#[test]
fn terminals_under_aes_dukpt_are_served() {
    let (mut acquirer, _) = two(Algorithm::Aes);
    let (pin, pan) = (Pin::parse("4321").unwrap(), Pan::parse("4000001234567899").unwrap());
    let base = name("bdk-aes");
    let ksn = [0x12, 0x34, 0x56, 0x78, 0x90, 0x12, 0x34, 0x56, 0, 0, 0, 1];
    let source = PinSource::DukptAes { base: &base, ksn: &ksn };
    let block = acquirer.encrypt_pin(source, PinFormat::Iso4, &pin, &pan).unwrap();
    acquirer.make_zone_key(&name("zpk"), Usage::PinEncryption, Algorithm::Tdes, &name("kbpk")).unwrap();
    let came = EncryptedPin { source, format: PinFormat::Iso4, block: &block };
    let zone = acquirer.translate_pin(&came, &pan, &name("zpk"), PinFormat::Iso0).unwrap();
    assert_eq!(zone.len(), 8);
    // The terminal's own key leaves only as a block.
    let initial = acquirer.derive_terminal_key(source, &name("kbpk")).unwrap();
    assert_eq!(&initial[..1], "D");
    assert_eq!(&initial[5..9], "B1AX");
}

#[test]
fn keys_leave_as_their_header_allows() {
    let (mut hsm, mut other) = two(Algorithm::Aes);
    assert_eq!(hsm.export_key(&name("pvk"), &name("kbpk")).unwrap_err().code, "keys.not_exportable");
    assert_eq!(hsm.export_key(&name("none"), &name("kbpk")).unwrap_err().code, "keys.unknown_key");
    let block = hsm.make_zone_key(&name("zpk"), Usage::PinEncryption, Algorithm::Aes, &name("kbpk")).unwrap();
    let again = hsm.export_key(&name("zpk"), &name("kbpk")).unwrap();
    assert_ne!(block, again, "the fill is random");
    let first = other.import_key(&name("one"), &block, &name("kbpk")).unwrap();
    let second = other.import_key(&name("two"), &again, &name("kbpk")).unwrap();
    assert_eq!(first.check_value, second.check_value);
    assert_eq!(other.import_key(&name("x"), &block, &name("pvk")).unwrap_err().code, "keys.usage");
    let shown = format!("{hsm:?} {:?}", hsm.keys());
    assert!(hsm.about().contains("demonstration only") && !shown.contains("0123456789ABCDEF"));
}
