//! MACs, PINs and key changes over the wire, each side with an HSM of its own.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use meridian_cards::SchemeId;
use meridian_keys::mac::MacPadding;
use meridian_keys::{
    Algorithm, Key, KeyName, MacAlgorithm, Pan, Pin, PinFormat, PinSource, SoftwareHsm, Usage,
};
use meridian_switch::national::{Sale, Verdict};
use meridian_switch::{Keyed, LinkKeys, NoKeys, Security};

use crate::rig::{CARD, LONG, Rig, alpha, beta, now};

const PIN: &str = "73918264";

/// A key of a link: the same bytes on both sides, from its name and a turn that tells wrong ones apart.
fn key(name: &str, turn: u8) -> Key {
    let bytes = name.bytes().cycle().take(16).enumerate();
    Key::new(
        bytes
            .map(|(at, byte)| byte.wrapping_mul(7).wrapping_add(u8::try_from(at).unwrap() * 13 + turn) & 0xFE)
            .collect(),
    )
}

fn hsm(links: &[SchemeId], turn: u8) -> SoftwareHsm {
    let mut next = 0_u8;
    let mut hsm = SoftwareHsm::new(move |bytes: &mut [u8]| {
        for byte in bytes {
            next = next.wrapping_mul(13).wrapping_add(71);
            *byte = next;
        }
    });
    for link in links {
        for (word, usage) in
            [("ZPK", Usage::PinEncryption), ("MAK", Usage::RetailMac), ("KBPK", Usage::BlockProtection)]
        {
            let name = format!("{word}-{link}");
            hsm.load(&KeyName::new(&name), usage, Algorithm::Tdes, key(&name, turn)).unwrap();
        }
    }
    hsm
}

fn keyed(links: &[SchemeId], turn: u8) -> Arc<dyn Security> {
    let keys = links.iter().map(|link| {
        let name = |word: &str| KeyName::new(format!("{word}-{link}"));
        let keys = LinkKeys {
            pin: Some((name("ZPK"), Algorithm::Tdes, PinFormat::Iso0)),
            mac: Some((name("MAK"), MacAlgorithm::Retail(MacPadding::Zeros))),
            protection: Some(name("KBPK")),
        };
        (link.clone(), keys)
    });
    Arc::new(Keyed::new(Box::new(hsm(links, turn)), keys.collect::<BTreeMap<_, _>>()))
}

fn block(link: &SchemeId) -> Vec<u8> {
    let name = KeyName::new(format!("ZPK-{link}"));
    let (pin, pan) = (Pin::parse(PIN).unwrap(), Pan::parse(CARD).unwrap());
    hsm(std::slice::from_ref(link), 0)
        .encrypt_pin(PinSource::Zone(&name), PinFormat::Iso0, &pin, &pan)
        .unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pin_is_translated_between_zones_and_a_new_key_takes_effect() {
    let both = keyed(&[alpha(), beta()], 0);
    let mut rig = Rig::with(both, keyed(&[alpha()], 0), keyed(&[beta()], 0)).await;
    let seen = Arc::new(Mutex::new(Vec::new()));
    let blocks = seen.clone();
    rig.beta.decide(move |asked| {
        blocks.lock().unwrap().push(asked.get(52).to_uppercase());
        Verdict::APPROVED
    });
    let cash = |rig: &mut Rig| Sale {
        processing_code: "010000",
        category: "6011",
        pin_block: Some(block(&alpha())),
        ..rig.sale("0200", 500_000)
    };
    let sale = cash(&mut rig);
    assert_eq!(rig.ask(&sale).await, "00");
    let expected: String = block(&beta()).iter().map(|byte| format!("{byte:02X}")).collect();
    assert_eq!(seen.lock().unwrap().join(","), expected);
    assert_eq!(rig.hub().switch.exchange_key(&beta()).await.unwrap(), "00");
    let sale = cash(&mut rig);
    assert_eq!(rig.ask(&sale).await, "00");
    let second = seen.lock().unwrap()[1].clone();
    assert!(second.len() == 16 && second != expected);
    // A block that is none under the acquirer's key does not go on.
    let garbled = Sale { pin_block: Some(vec![0x11; 8]), ..cash(&mut rig) };
    assert_eq!(rig.ask(&garbled).await, "91");
    assert_eq!(seen.lock().unwrap().len(), 2);
    rig.is_right().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_has_no_right_mac_is_not_taken() {
    let both = keyed(&[alpha(), beta()], 0);
    let rig = Rig::with(both, keyed(&[alpha()], 0), keyed(&[beta()], 0)).await;
    assert_eq!(rig.alpha.network("301", now(), LONG).await.unwrap(), "00");
    for security in [keyed(&[alpha()], 4), Arc::new(NoKeys) as Arc<dyn Security>] {
        let link = meridian_switch::LinkSettings::new(
            alpha(),
            meridian_iso8583::Dialect::built_in("iso87ascii").unwrap(),
            meridian_iso8583::Framing::Ascii4,
        );
        let other = meridian_switch::national::National::new(link, "12345", security);
        other.call(rig.hub().address).await.unwrap();
        tokio::time::sleep(Duration::from_millis(50)).await;
        assert!(other.network("301", now(), Duration::from_millis(200)).await.is_err());
    }
    assert!(rig.log.lock().unwrap().iter().any(|line| line.contains("authentication code is wrong")));
}
