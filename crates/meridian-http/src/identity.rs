//! Who asks: a participant, known by the signature on its request and, behind TLS, by its certificate too.
//!
//! Asked in the order of what it costs: the head says who signed; its certificate must say the same; it must have some of
//! its share left; only then the body is read, the signature verified, and the request counted.

use std::time::Duration;

use axum::body::{Bytes, to_bytes};
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use meridian_node::Key;
use meridian_terms::{Bic, Refusal};

use crate::limits::HELD_BACK;
use crate::signature::{Covered, Headers, claimed_signer, verify};
use crate::{Peer, Place, Problem, Service};

/// The most bytes of a body.
pub(crate) const MOST_BYTES: usize = 1024 * 1024;

/// How long a body may take to arrive.
const BODY_TIME: Duration = Duration::from_secs(10);

/// The longest idempotency key.
const LONGEST_KEY: usize = 128;

/// A request whose sender is known.
pub(crate) struct Signed {
    /// Who signed it.
    pub(crate) who: Bic,
    /// Its idempotency key, where it has one.
    pub(crate) key: Option<Key>,
    /// Its body, whole.
    pub(crate) body: Bytes,
    /// Its place among the sender's requests under way.
    _place: Place,
}

impl FromRequest<Service> for Signed {
    type Rejection = Problem;

    async fn from_request(request: Request, service: &Service) -> Result<Self, Problem> {
        let (parts, body) = request.into_parts();
        let claim = Claim::read(&parts.headers)?;
        if let Some(peer) = parts.extensions.get::<Peer>().filter(|peer| !peer.is(&claim.who)) {
            let what = format!("{} signed, {peer} is connected", claim.who);
            let refusal = Refusal::new("http.certificate_other", what)
                .rule("the client certificate names the participant that signs")
                .next("connect with the participant's own certificate");
            return Err(Problem::with_status(&refusal, StatusCode::FORBIDDEN));
        }
        if let Err(problem) = service.limits.look(&claim.who) {
            tokio::time::sleep(HELD_BACK).await;
            return Err(problem);
        }
        let body = match tokio::time::timeout(BODY_TIME, to_bytes(body, MOST_BYTES)).await {
            Ok(Ok(body)) => body,
            Ok(Err(_)) => {
                let refusal = Refusal::new("http.body_too_long", "the body does not end within 1 MiB")
                    .rule("bodies are bounded")
                    .next("send one message a request");
                return Err(Problem::with_status(&refusal, StatusCode::PAYLOAD_TOO_LARGE));
            }
            Err(_) => {
                let refusal = Refusal::new("http.body_too_slow", "the body did not arrive within 10 seconds")
                    .rule("slow requests are ended")
                    .next("send it again");
                return Err(Problem::with_status(&refusal, StatusCode::REQUEST_TIMEOUT));
            }
        };
        claim.verify(service, &parts.method, &parts.uri, &body).await?;
        let who = claim.who;
        let place = service.limits.admit(&who)?;
        let key = key(&who, &parts.method, &parts.uri, &parts.headers, &body)?;
        Ok(Self { who, key, body, _place: place })
    }
}

fn key(
    who: &Bic,
    method: &Method,
    uri: &Uri,
    headers: &HeaderMap,
    body: &[u8],
) -> Result<Option<Key>, Refusal> {
    let Some(value) = headers.get("idempotency-key") else { return Ok(None) };
    let text = value.to_str().ok().filter(|text| !text.is_empty() && text.len() <= LONGEST_KEY);
    let text = text.ok_or_else(|| {
        Refusal::new("http.key_malformed", "the Idempotency-Key is empty or longer than 128 characters")
            .next("send a UUID of your own")
    })?;
    let mut hasher = blake3::Hasher::new();
    hasher.update(method.as_str().as_bytes());
    hasher.update(uri.path_and_query().map_or("", |path| path.as_str()).as_bytes());
    hasher.update(body);
    Ok(Some(Key { by: who.to_string(), key: text.to_owned(), request: hasher.finalize().into() }))
}

/// Who says it signed, and the headers that prove it.
struct Claim {
    who: Bic,
    signed: Headers,
    idempotency_key: Option<String>,
}

impl Claim {
    /// # Errors
    /// `http.signature_missing`, `http.signature_malformed`, and a BIC that is none.
    fn read(headers: &HeaderMap) -> Result<Self, Problem> {
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
        let who = Bic::parse(&claimed_signer(&signed.signature_input)?)?;
        Ok(Self { who, signed, idempotency_key: header("idempotency-key") })
    }

    /// # Errors
    /// `http.unknown_signer`, and what [`verify`] refuses.
    async fn verify(
        &self,
        service: &Service,
        method: &Method,
        uri: &Uri,
        body: &[u8],
    ) -> Result<(), Problem> {
        let key = service.key_of(&self.who).await?.ok_or_else(|| {
            Refusal::new("http.unknown_signer", format!("{} is no participant", self.who))
                .rule("only admitted participants take part")
                .next("ask the operator to admit the participant with its public key")
        })?;
        if !service.checks_signatures {
            return Ok(());
        }
        let path = uri.path_and_query().map_or_else(|| uri.path(), |path| path.as_str());
        let target_uri = format!("{}{path}", service.public_url);
        let covered = Covered {
            method: method.as_str(),
            target_uri: &target_uri,
            body,
            idempotency_key: self.idempotency_key.as_deref(),
        };
        Ok(verify(&key, &self.signed, &covered, service.node.clock().now())?)
    }
}

/// Somebody who signs nothing and is told what anybody is; behind TLS it comes out of the share of its certificate.
pub(crate) struct Anybody {
    _place: Option<Place>,
}

impl FromRequestParts<Service> for Anybody {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, service: &Service) -> Result<Self, Problem> {
        let who = parts.extensions.get::<Peer>().and_then(|peer| peer.names().next().cloned());
        match who.map(|who| service.limits.admit(&who)).transpose() {
            Ok(place) => Ok(Self { _place: place }),
            Err(problem) => {
                tokio::time::sleep(HELD_BACK).await;
                Err(problem)
            }
        }
    }
}
