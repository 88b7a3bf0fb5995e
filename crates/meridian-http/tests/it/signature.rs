//! RFC 9421 and RFC 9530 by their own vectors, and the profile's refusals.

use meridian_http::signature::*;
use meridian_terms::{Micros, Moment};

/// RFC 9421, B.1.4: test-key-ed25519, the 32 bytes inside its PKCS#8.
const SEED: &str = "9f8362f87a484a954e6e740c5b4c0e84229139a20aa8ab56ff66586f6a7d29c5";
const PUBLIC: &str = "26b40b8f93fff3d897112f7ebc582b232dbd72517d082fe83cfb30ddce43d1bb";

fn bytes<const N: usize>(hex: &str) -> [u8; N] {
    let byte = |at: usize| u8::from_str_radix(&hex[2 * at..2 * at + 2], 16).unwrap();
    std::array::from_fn(byte)
}

/// RFC 9421, B.2.6: Ed25519 is deterministic, so the very signature of the RFC must come out.
#[test]
fn the_rfcs_ed25519_vector() {
    let components = [
        ("date", "Tue, 20 Apr 2021 02:07:55 GMT"),
        ("@method", "POST"),
        ("@path", "/foo"),
        ("@authority", "example.com"),
        ("content-type", "application/json"),
        ("content-length", "18"),
    ];
    let parameters = "(\"date\" \"@method\" \"@path\" \"@authority\" \"content-type\" \"content-length\")\
                      ;created=1618884473;keyid=\"test-key-ed25519\"";
    let base = signature_base(&components, parameters);
    let key = SigningKey::from_seed(&bytes(SEED)).unwrap();
    assert_eq!(key.public(), bytes::<32>(PUBLIC));
    use base64::Engine;
    let told = "wqcAqbmYJ2ji2glfAMaRy4gruYYnx2nEFN2HN6jrnDnQCK1u02Gb04v9EDgwUPiu4A0w6vuQv5lIp5WPpBKRCw==";
    let told = base64::engine::general_purpose::STANDARD.decode(told).unwrap();
    assert_eq!(key.sign(base.as_bytes()).as_slice(), told);
    assert!(is_signed(&key.public(), base.as_bytes(), &told));
    assert!(!is_signed(&key.public(), base.replace("/foo", "/bar").as_bytes(), &told));
}

/// RFC 9421, section 1.3 and B.2.1 use this body; its SHA-256 is RFC 9530's too.
#[test]
fn the_rfcs_content_digest() {
    assert_eq!(
        content_digest(b"{\"hello\": \"world\"}"),
        "sha-256=:X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE=:"
    );
}

#[test]
fn every_change_to_a_signed_request_is_refused() {
    let key = SigningKey::from_seed(&bytes(SEED)).unwrap();
    let now = Moment::parse("2026-03-20T09:00:00Z").unwrap();
    let good = Covered {
        method: "POST",
        target_uri: "https://hub/v1/x?a=1",
        body: b"{}",
        idempotency_key: Some("k"),
    };
    let signed = sign(&key, "XONERUMM", &good, now);
    let public = key.public();
    let code = |headers: &Headers, covered: &Covered<'_>, now| match verify(&public, headers, covered, now) {
        Ok(()) => "ok".to_owned(),
        Err(refusal) => refusal.code.to_string(),
    };
    assert_eq!(code(&signed, &good, now), "ok");
    assert_eq!(claimed_signer(&signed.signature_input).unwrap(), "XONERUMM");
    let with = |change: &dyn Fn(&mut Headers)| {
        let mut headers = signed.clone();
        change(&mut headers);
        headers
    };
    let short = |headers: &mut Headers| {
        headers.signature_input = headers.signature_input.replace(" \"content-digest\"", "");
    };
    let rows: [(&str, Headers, Covered<'_>, i64); 11] = [
        ("http.signature_wrong", signed.clone(), Covered { method: "PUT", ..good }, 0),
        ("http.signature_wrong", signed.clone(), Covered { target_uri: "https://hub/v1/x?a=2", ..good }, 0),
        ("http.signature_wrong", signed.clone(), Covered { idempotency_key: Some("l"), ..good }, 0),
        ("http.signature_malformed", signed.clone(), Covered { idempotency_key: None, ..good }, 0),
        ("http.digest_mismatch", signed.clone(), Covered { body: b"{ }", ..good }, 0),
        ("http.signature_old", signed.clone(), good, 61),
        ("http.signature_old", signed.clone(), good, -61),
        ("ok", signed.clone(), good, 59),
        ("http.signature_malformed", with(&short), good, 0),
        (
            "http.signature_wrong",
            with(&|h| h.signature_input = h.signature_input.replace("XONE", "XTWO")),
            good,
            0,
        ),
        (
            "http.signature_malformed",
            with(&|h| h.signature_input = h.signature_input.replace("ed25519", "hmac")),
            good,
            0,
        ),
    ];
    for (wanted, headers, covered, later) in rows {
        assert_eq!(
            code(&headers, &covered, now.plus(Micros::seconds(later))),
            wanted,
            "{headers:?} {covered:?}"
        );
    }
}
