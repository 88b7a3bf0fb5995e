//! TLS with certificates on both sides: no stranger connects, and nobody signs for another.

use meridian_http::client::{Call, Client, Signer};
use meridian_http::tls;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, SanType};

use crate::hub::*;

pub type Issuer = CertifiedIssuer<'static, KeyPair>;

pub fn authority(name: &str) -> Issuer {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.distinguished_name.push(DnType::CommonName, name);
    CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap()
}

/// Certificate and private key, PEM.
pub fn issue(by: &Issuer, name: &str, alternative: SanType) -> (String, String) {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.distinguished_name.push(DnType::CommonName, name);
    params.subject_alt_names.push(alternative);
    let key = KeyPair::generate().unwrap();
    (params.signed_by(&key, by).unwrap().pem(), key.serialize_pem())
}

pub fn bic(of: &str) -> SanType {
    SanType::URI(format!("urn:bic:{of}").try_into().unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn only_a_participants_own_certificate_lets_it_sign() {
    let (own, foreign) = (authority("Corridor"), authority("Elsewhere"));
    let server = issue(&own, "hub", SanType::DnsName("localhost".try_into().unwrap()));
    let directory = tempfile::tempdir().unwrap();
    let config = tls::server(server.0.as_bytes(), server.1.as_bytes(), own.pem().as_bytes()).unwrap();
    let hub = start(journal(directory.path()), |_, door| door.tls = Some(config)).await;
    let by_name = SanType::DnsName("one.example".try_into().unwrap());
    // certificate | who signs | status, or none when the connection is not even made
    let rows = [
        (issue(&own, "x", bic(ONE)), ONE, Some(200)),
        (issue(&own, ONE, by_name.clone()), ONE, Some(200)),
        (issue(&own, "x", bic(TWO)), ONE, Some(403)),
        (issue(&own, ONE, bic(TWO)), ONE, Some(403)),
        (issue(&own, "x", by_name), ONE, Some(403)),
        (issue(&foreign, "x", bic(ONE)), ONE, None),
    ];
    for (number, ((certificate, private_key), who, wanted)) in rows.into_iter().enumerate() {
        let config =
            tls::client(certificate.as_bytes(), private_key.as_bytes(), own.pem().as_bytes()).unwrap();
        let signer = Signer { bic: who.into(), key: Some(key(who)) };
        let mut client = Client::new(&hub.service.public_url, signer, Some(config)).unwrap();
        let call = Call {
            method: "GET",
            path: "/v1/positions",
            kind: "application/json",
            headers: &[],
            idempotency_key: None,
            body: Default::default(),
        };
        let status = client.call(&call, now()).await.ok().map(|(status, _)| status);
        assert_eq!(status, wanted, "row {number}");
    }
    // Plain text is no handshake.
    let plain = Client::new(
        &format!("http://{}", hub.address),
        Signer { bic: ONE.into(), key: Some(key(ONE)) },
        None,
    );
    let call = Call {
        method: "GET",
        path: "/v1/positions",
        kind: "application/json",
        headers: &[],
        idempotency_key: None,
        body: Default::default(),
    };
    assert!(plain.unwrap().call(&call, now()).await.is_err());
}
