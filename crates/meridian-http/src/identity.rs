//! Who asks: a participant, known by the signature on its request.

use axum::body::Bytes;
use axum::http::{HeaderMap, Method, Uri};
use meridian_terms::{Bic, Refusal};

use crate::signature::{Covered, Headers, claimed_signer, verify};
use crate::{Problem, Service};

/// The participant whose key signed this request.
///
/// # Errors
/// `http.signature_missing`, `http.unknown_signer`, and what [`verify`] refuses.
pub(crate) async fn signer(
    service: &Service,
    method: &Method,
    uri: &Uri,
    headers: &HeaderMap,
    body: &Bytes,
) -> Result<Bic, Problem> {
    let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
    let missing = |name: &str| {
        Refusal::new("http.signature_missing", format!("no {name} header"))
            .rule("every request of a participant is signed (RFC 9421)")
            .next("see the guide: connect a bank in ten minutes")
    };
    let signed = Headers {
        content_digest: header("content-digest").ok_or_else(|| missing("Content-Digest"))?,
        signature_input: header("signature-input").ok_or_else(|| missing("Signature-Input"))?,
        signature: header("signature").ok_or_else(|| missing("Signature"))?,
    };
    let bic = Bic::parse(&claimed_signer(&signed.signature_input)?)?;
    let wanted = bic.clone();
    let key =
        service.node.read(move |hub| hub.pay.participant(&wanted).map(|participant| participant.key)).await?;
    let key = key.ok_or_else(|| {
        Refusal::new("http.unknown_signer", format!("{bic} is no participant"))
            .rule("only admitted participants take part")
            .next("ask the operator to admit the participant with its public key")
    })?;
    let path = uri.path_and_query().map_or_else(|| uri.path(), |path| path.as_str());
    let target_uri = format!("{}{path}", service.public_url);
    let idempotency_key = header("idempotency-key");
    let covered = Covered {
        method: method.as_str(),
        target_uri: &target_uri,
        body,
        idempotency_key: idempotency_key.as_deref(),
    };
    verify(&key, &signed, &covered, service.node.clock().now())?;
    Ok(bic)
}
