//! Signature headers, bent: none panics, and none but the very ones verify.

use meridian_http::signature::{Covered, Headers, SigningKey, claimed_signer, sign, verify};
use meridian_terms::Moment;
use meridian_testdata::{bent, runs};

#[test]
fn no_signature_header_panics_and_only_what_was_signed_verifies() {
    let key = SigningKey::from_seed(&[7; 32]).unwrap();
    let at = Moment::from_micros(1_774_000_000_000_000);
    let covered = Covered {
        method: "POST",
        target_uri: "https://hub.example/v1/messages",
        body: b"<Document/>",
        idempotency_key: Some("k-1"),
    };
    let good = sign(&key, "XONERUMM", &covered, at);
    assert!(verify(&key.public(), &good, &covered, at).is_ok());
    let samples = [good.content_digest.clone(), good.signature_input.clone(), good.signature.clone()];
    bolero::check!().with_iterations(runs(10_000)).with_max_len(21).for_each(move |recipe: &[u8]| {
        let (which, bytes) = bent(&samples, recipe);
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let _ = claimed_signer(&text);
        let mut headers = good.clone();
        let Headers { content_digest, signature_input, signature } = &mut headers;
        let changed = [content_digest, signature_input, signature].into_iter().nth(which).unwrap();
        let is_same = *changed == text;
        *changed = text;
        assert_eq!(verify(&key.public(), &headers, &covered, at).is_ok(), is_same, "{headers:?}");
    });
}
