//! Lines: sign-on and off, echo, silence, nonsense, encryption.

use std::sync::Arc;
use std::time::Duration;

use meridian_cards::Tokeniser;
use meridian_iso8583::{Dialect, Framing};
use meridian_switch::national::National;
use meridian_switch::{Endpoint, LinkSettings, NoKeys, Switch, SwitchSettings, Tls};
use tokio::io::AsyncWriteExt;

use crate::rig::{LONG, Rig, alpha, beta, now};

#[tokio::test(flavor = "multi_thread")]
async fn a_scheme_signs_on_and_off_and_is_probed() {
    let mut rig = Rig::new().await;
    assert_eq!(rig.alpha.network("301", now(), LONG).await.unwrap(), "00");
    assert_eq!(rig.beta.network("002", now(), LONG).await.unwrap(), "00");
    rig.until(|state| !state.is_up(&beta())).await;
    let sale = rig.sale("0200", 100_000);
    // Beyond what the hub may approve in the issuer's place.
    assert_eq!(rig.ask(&sale).await, "61");
    assert_eq!(rig.beta.network("001", now(), LONG).await.unwrap(), "00");
    rig.until(|state| state.is_up(&beta())).await;
    assert_eq!(rig.alpha.network("999", now(), LONG).await.unwrap(), "12");
    assert_eq!(rig.hub().switch.sign_off(&beta()).await.unwrap(), "00");
    rig.until(|state| !state.is_up(&beta())).await;
    // A key change without keys is refused, not ignored.
    assert_ne!(rig.alpha.network("161", now(), LONG).await.unwrap(), "00");
}

#[tokio::test(flavor = "multi_thread")]
async fn nonsense_on_a_line_harms_nobody() {
    let mut rig = Rig::new().await;
    let mut line = tokio::net::TcpStream::connect(rig.hub().address).await.unwrap();
    line.write_all(b"0012garbage here0000").await.unwrap();
    line.write_all(b"00xx").await.unwrap();
    // The newest line was the link's; it is gone, and ALPHA calls again.
    tokio::time::sleep(Duration::from_millis(50)).await;
    rig.connect().await;
    rig.until(|state| state.is_up(&alpha())).await;
    let sale = rig.sale("0200", 1_000);
    assert_eq!(rig.ask(&sale).await, "00");
    let log = rig.log.lock().unwrap().join("\n");
    assert!(log.contains("a message was not read") && log.contains("the line broke"), "{log}");
    rig.is_right().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_line_may_be_encrypted() {
    let rig = Rig::new().await;
    let made = rcgen::generate_simple_self_signed(vec!["hub.example".into()]).unwrap();
    let key = rustls::pki_types::PrivateKeyDer::try_from(made.signing_key.serialize_der()).unwrap();
    let certificate = made.cert.der().clone();
    let server = rustls::ServerConfig::builder()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.clone()], key)
        .unwrap();
    let mut roots = rustls::RootCertStore::empty();
    roots.add(certificate).unwrap();
    let client = rustls::ClientConfig::builder().with_root_certificates(roots).with_no_client_auth();
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    let dialect = Dialect::built_in("iso87binary").unwrap();
    let link = LinkSettings::new(alpha(), dialect, Framing::Binary2);
    let settings = SwitchSettings {
        institution: "999001".into(),
        tokeniser: Tokeniser::new([5; 32]),
        security: Arc::new(NoKeys),
        log: Arc::new(|_| {}),
    };
    let taken = LinkSettings { tls: Some(Tls::Listen(Arc::new(server))), ..link.clone() };
    let node = rig.hub().node.clone();
    let switch = Switch::start(node, settings, vec![(taken, Endpoint::Listen(listener))]).await.unwrap();
    let name = rustls::pki_types::ServerName::try_from("hub.example").unwrap();
    let called = LinkSettings { tls: Some(Tls::Call(Arc::new(client), name)), ..link.clone() };
    let national = National::new(called, "12345", Arc::new(NoKeys));
    national.call(address).await.unwrap();
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert_eq!(national.network("301", now(), LONG).await.unwrap(), "00");
    // In the clear nobody is understood.
    let plain = National::new(link, "12345", Arc::new(NoKeys));
    plain.call(address).await.unwrap();
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert!(plain.network("301", now(), Duration::from_millis(200)).await.is_err());
    switch.stop().await;
}
