//! HTTP message signatures (RFC 9421) with content digests (RFC 9530), for exactly one profile.
//!
//! A request is signed with Ed25519 over `@method`, `@target-uri`, `content-digest` and, where it is sent,
//! `idempotency-key`; its parameters are `created`, `keyid` (the participant's BIC) and `alg`. Both directions are
//! here: participants sign with the same code the hub verifies with.

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use meridian_terms::{Micros, Moment, Refusal};
use ring::signature::{ED25519, Ed25519KeyPair, KeyPair, UnparsedPublicKey};

/// How far a signature's `created` may lie from the hub's clock, in seconds, either way.
pub const CREATED_TOLERANCE: i64 = 60;

/// A participant's key pair.
pub struct SigningKey(Ed25519KeyPair);

impl SigningKey {
    /// The key pair of a 32-byte seed.
    ///
    /// # Errors
    /// `http.key` when the seed is not a key.
    pub fn from_seed(seed: &[u8; 32]) -> Result<Self, Refusal> {
        Ed25519KeyPair::from_seed_unchecked(seed).map(Self).map_err(|_| {
            Refusal::new("http.key", "the seed is not an Ed25519 key").next("use 32 random bytes")
        })
    }

    /// An Ed25519 signature over these bytes.
    #[must_use]
    pub fn sign(&self, bytes: &[u8]) -> [u8; 64] {
        let mut signature = [0; 64];
        signature.copy_from_slice(self.0.sign(bytes).as_ref());
        signature
    }

    /// The public half, as a participant is admitted with.
    #[must_use]
    pub fn public(&self) -> [u8; 32] {
        let mut key = [0; 32];
        key.copy_from_slice(self.0.public_key().as_ref());
        key
    }
}

/// What is signed of a request.
#[derive(Debug, Clone, Copy)]
pub struct Covered<'a> {
    /// `POST`.
    pub method: &'a str,
    /// The whole target URI as the client sees it.
    pub target_uri: &'a str,
    /// The body.
    pub body: &'a [u8],
    /// The `Idempotency-Key` header, where sent.
    pub idempotency_key: Option<&'a str>,
}

/// The three headers a signed request carries.
#[derive(Debug, Clone)]
pub struct Headers {
    /// `Content-Digest`.
    pub content_digest: String,
    /// `Signature-Input`.
    pub signature_input: String,
    /// `Signature`.
    pub signature: String,
}

/// Whether an Ed25519 signature over these bytes was made with the other half of this key.
#[must_use]
pub fn is_signed(public: &[u8; 32], bytes: &[u8], signature: &[u8]) -> bool {
    UnparsedPublicKey::new(&ED25519, public).verify(bytes, signature).is_ok()
}

/// The `Content-Digest` of a body: SHA-256, RFC 9530.
#[must_use]
pub fn content_digest(body: &[u8]) -> String {
    let digest = ring::digest::digest(&ring::digest::SHA256, body);
    format!("sha-256=:{}:", BASE64.encode(digest.as_ref()))
}

/// Signs a request as `keyid` at a moment.
#[must_use]
pub fn sign(key: &SigningKey, keyid: &str, covered: &Covered<'_>, at: Moment) -> Headers {
    let created = at.micros().div_euclid(1_000_000);
    let components = components(covered.idempotency_key.is_some());
    let parameters = format!("({components});created={created};keyid=\"{keyid}\";alg=\"ed25519\"");
    let digest = content_digest(covered.body);
    let signature = key.0.sign(base(covered, &digest, &parameters).as_bytes());
    Headers {
        content_digest: digest,
        signature_input: format!("sig={parameters}"),
        signature: format!("sig=:{}:", BASE64.encode(signature.as_ref())),
    }
}

/// Headers that name a sender and prove nothing.
pub(crate) fn unsigned(keyid: &str) -> Headers {
    Headers {
        content_digest: "none".into(),
        signature_input: format!("sig=();keyid=\"{keyid}\""),
        signature: "none".into(),
    }
}

/// Who signed, as far as the headers say; nothing is verified yet.
///
/// # Errors
/// `http.signature_malformed`.
pub fn claimed_signer(signature_input: &str) -> Result<String, Refusal> {
    parameter(signature_input, "keyid")
        .map(|value| value.trim_matches('"').to_owned())
        .ok_or_else(|| malformed("Signature-Input names no keyid"))
}

/// Verifies a request against the signer's public key.
///
/// # Errors
/// `http.digest_mismatch`, `http.signature_malformed`, `http.signature_old`, `http.signature_wrong`.
pub fn verify(
    public: &[u8; 32],
    headers: &Headers,
    covered: &Covered<'_>,
    now: Moment,
) -> Result<(), Refusal> {
    if headers.content_digest != content_digest(covered.body) {
        return Err(Refusal::new("http.digest_mismatch", "Content-Digest is not the body's SHA-256")
            .rule("RFC 9530")
            .next("send sha-256=:base64: of the exact body"));
    }
    let parameters = headers
        .signature_input
        .strip_prefix("sig=")
        .ok_or_else(|| malformed("Signature-Input has no member `sig`"))?;
    let expected = format!("({})", components(covered.idempotency_key.is_some()));
    if !parameters.starts_with(&expected) {
        return Err(malformed(&format!("the covered components are not {expected}")));
    }
    if parameter(parameters, "alg") != Some("\"ed25519\"") {
        return Err(malformed("alg is not \"ed25519\""));
    }
    let created: i64 = parameter(parameters, "created")
        .and_then(|text| text.parse().ok())
        .ok_or_else(|| malformed("created is missing"))?;
    let age = now.since(Moment::EPOCH.plus(Micros::seconds(created))).0 / 1_000_000;
    if age.abs() > CREATED_TOLERANCE {
        return Err(Refusal::new("http.signature_old", format!("created {age} s from the hub's clock"))
            .rule("signatures are good for 60 seconds")
            .next("set the clock right and sign again"));
    }
    let signature = headers
        .signature
        .strip_prefix("sig=:")
        .and_then(|rest| rest.strip_suffix(':'))
        .and_then(|text| BASE64.decode(text).ok())
        .ok_or_else(|| malformed("Signature has no member `sig=:base64:`"))?;
    let base = base(covered, &headers.content_digest, parameters);
    if is_signed(public, base.as_bytes(), &signature) {
        return Ok(());
    }
    Err(Refusal::new("http.signature_wrong", "the signature does not verify")
        .rule("RFC 9421, Ed25519")
        .next("sign @method, @target-uri, content-digest and idempotency-key with the admitted key"))
}

fn malformed(what: &str) -> Refusal {
    Refusal::new("http.signature_malformed", what)
        .rule("RFC 9421")
        .next("see the guide: connect a bank in ten minutes")
}

const fn components(has_key: bool) -> &'static str {
    if has_key {
        "\"@method\" \"@target-uri\" \"content-digest\" \"idempotency-key\""
    } else {
        "\"@method\" \"@target-uri\" \"content-digest\""
    }
}

fn base(covered: &Covered<'_>, digest: &str, parameters: &str) -> String {
    let mut components =
        vec![("@method", covered.method), ("@target-uri", covered.target_uri), ("content-digest", digest)];
    components.extend(covered.idempotency_key.map(|key| ("idempotency-key", key)));
    signature_base(&components, parameters)
}

/// The signature base of RFC 9421, section 2.5: components with their values in order, then the parameters.
#[must_use]
pub fn signature_base(components: &[(&str, &str)], parameters: &str) -> String {
    let mut base = String::new();
    for (name, value) in components {
        base.push_str(&format!("\"{name}\": {value}\n"));
    }
    base.push_str(&format!("\"@signature-params\": {parameters}"));
    base
}

fn parameter<'a>(parameters: &'a str, name: &str) -> Option<&'a str> {
    parameters.split(';').skip(1).find_map(|part| part.strip_prefix(name)?.strip_prefix('='))
}
