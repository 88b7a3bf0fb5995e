//! The PKCS#11 back end against SoftHSM2 (Debian: `softhsm2`). Where the library is absent the test says so and passes;
//! with `MERIDIAN_REQUIRE_SOFTHSM=1` it fails.

use std::path::{Path, PathBuf};
use std::process::Command;

use cryptoki::context::{CInitializeArgs, CInitializeFlags, Pkcs11};
use cryptoki::session::UserType;
use cryptoki::types::AuthPin;
use meridian_keys::{
    Algorithm, EncryptedPin, Key, Pan, PaymentHsm, Pin, PinFormat, PinSource, Pkcs11Hsm, SoftwareHsm, Usage,
    cvv,
};

use crate::counting;
use crate::hsm::{a_message_is_authenticated, a_pin_travels, name};

const LIBRARIES: [&str; 3] = [
    "/usr/lib/softhsm/libsofthsm2.so",
    "/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so",
    "/usr/local/lib/softhsm/libsofthsm2.so",
];

fn library() -> Option<PathBuf> {
    let named = std::env::var_os("MERIDIAN_SOFTHSM").map(PathBuf::from);
    named.into_iter().chain(LIBRARIES.map(PathBuf::from)).find(|path| path.exists())
}

/// The library reads its configuration from the environment when it is loaded, so the work is done in a process of its
/// own: this test binary again.
#[test]
fn a_token_does_what_the_software_does() {
    if library().is_none() {
        assert!(
            std::env::var_os("MERIDIAN_REQUIRE_SOFTHSM").is_none(),
            "SoftHSM2 is required and not installed"
        );
        eprintln!("skipped: no SoftHSM2 library (Debian: softhsm2)");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("tokens")).unwrap();
    let configuration = folder.path().join("softhsm2.conf");
    let tokens = folder.path().join("tokens");
    std::fs::write(
        &configuration,
        format!("directories.tokendir = {}\nlog.level = ERROR\n", tokens.display()),
    )
    .unwrap();
    let status = Command::new(std::env::current_exe().unwrap())
        .args(["softhsm::within_the_environment", "--exact", "--ignored", "--nocapture"])
        .env("SOFTHSM2_CONF", &configuration)
        .status()
        .unwrap();
    assert!(status.success());
    // Nothing of a key lies in the clear on the disk: SoftHSM encrypts what is sensitive.
    let needle = [0x01, 0x23, 0x45, 0x67, 0x89, 0xAB, 0xCD, 0xEF];
    let mut folders = vec![tokens];
    while let Some(next) = folders.pop() {
        for entry in std::fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let bytes = std::fs::read(&path).unwrap();
                assert!(!bytes.windows(8).any(|window| window == needle), "{}", path.display());
            }
        }
    }
}

fn initialise(library: &Path) {
    let context = Pkcs11::new(library).unwrap();
    context.initialize(CInitializeArgs::new(CInitializeFlags::OS_LOCKING_OK)).unwrap();
    let slot = context.get_slots_with_token().unwrap()[0];
    let officer = AuthPin::new("officer-1234".to_owned().into());
    context.init_token(slot, &officer, "meridian").unwrap();
    let session = context.open_rw_session(slot).unwrap();
    session.login(UserType::So, Some(&officer)).unwrap();
    session.init_pin(&AuthPin::new("user-1234".to_owned().into())).unwrap();
    session.logout().unwrap();
    drop(session);
    context.finalize().unwrap();
}

#[test]
#[ignore = "run by a_token_does_what_the_software_does, in the environment it makes"]
fn within_the_environment() {
    let library = library().unwrap();
    initialise(&library);
    let mut token = Pkcs11Hsm::open(&library, "meridian", "user-1234", counting()).unwrap();
    let mut software = SoftwareHsm::new(counting());
    let base = Key::parse_hex("0123456789ABCDEFFEDCBA9876543210").unwrap();
    let keys = [
        ("kbpk", Usage::BlockProtection, Algorithm::Aes, Key::new((1..33).collect())),
        ("kbpk-tdes", Usage::BlockProtection, Algorithm::Tdes, Key::new((1..17).collect())),
        ("bdk", Usage::BaseDerivation, Algorithm::Tdes, base),
        ("pvk", Usage::PinVerificationValue, Algorithm::Tdes, Key::new(vec![0x31; 16])),
        ("ibm", Usage::PinOffset, Algorithm::Tdes, Key::new(vec![0x32; 16])),
        ("cvk", Usage::CardVerification, Algorithm::Tdes, Key::new((40..56).collect())),
    ];
    for (label, usage, algorithm, key) in &keys {
        let ours = software.load(&name(label), *usage, *algorithm, key.clone()).unwrap();
        assert_eq!(token.load(&name(label), *usage, *algorithm, key).unwrap(), ours);
    }
    assert_eq!(token.keys().len(), keys.len());
    // Keys exchanged as blocks, PINs verified, MACs agreed: the token as issuer of the software's acquirer.
    a_pin_travels(&mut software, &mut token, Algorithm::Tdes);
    a_pin_travels(&mut software, &mut token, Algorithm::Aes);
    a_message_is_authenticated(&mut software, &mut token);
    // The token as acquirer: a terminal's DUKPT block into a zone of its own making.
    let (pin, pan) = (Pin::parse("4321").unwrap(), Pan::parse("4000001234567899").unwrap());
    for protection in ["kbpk", "kbpk-tdes"] {
        let block = token
            .make_zone_key(&name("zpk"), Usage::PinEncryption, Algorithm::Tdes, &name(protection))
            .unwrap();
        software.import_key(&name("zpk"), &block, &name(protection)).unwrap();
        let bdk = name("bdk");
        let ksn = [0xFF, 0xFF, 0x98, 0x76, 0x54, 0x32, 0x10, 0xE0, 0, 9];
        let source = PinSource::DukptTdes { base: &bdk, ksn: &ksn };
        let at_terminal = software.encrypt_pin(source, PinFormat::Iso0, &pin, &pan).unwrap();
        let came = EncryptedPin { source, format: PinFormat::Iso0, block: &at_terminal };
        let theirs = token.translate_pin(&came, &pan, &name("zpk"), PinFormat::Iso0).unwrap();
        let ours = software.translate_pin(&came, &pan, &name("zpk"), PinFormat::Iso0).unwrap();
        assert_eq!(theirs, ours, "format 0 has no random fill");
        let terminal = token.derive_terminal_key(source, &name(protection)).unwrap();
        assert_eq!(&terminal[5..7], "B1");
    }
    let value = cvv::generate(&Key::new((40..56).collect()), &pan, "2712", "101").unwrap();
    assert!(token.verify_card(&name("cvk"), &pan, "2712", "101", &value).unwrap());
    // What lies in the token stays there; variants of the protection key are refused.
    assert_eq!(token.export_key(&name("zpk"), &name("kbpk")).unwrap_err().code, "keys.not_exportable");
    assert!(format!("{token:?}").contains("meridian") && token.about().contains("PKCS#11"));
}
