//! Refusals on the wire: `application/problem+json` (RFC 9457).

use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use meridian_node::AskError;
use meridian_terms::{Refusal, Retry};
use serde::Serialize;

/// A refusal as the wire carries it.
#[derive(Debug, Serialize)]
pub struct Problem {
    #[serde(skip)]
    status: u16,
    /// A link to the code's page in the reference.
    r#type: String,
    /// The code.
    title: String,
    /// What happened.
    detail: String,
    /// Which rule said so.
    rule: String,
    /// What to do next.
    next: String,
    /// ISO 20022 external reason code.
    #[serde(skip_serializing_if = "Option::is_none")]
    iso: Option<String>,
    /// `never`, `same-request` or `after-a-moment`.
    retry: &'static str,
}

impl Problem {
    /// Whether it is the problem of this code.
    #[must_use]
    pub fn is(&self, code: &str) -> bool {
        self.title == code
    }

    /// As the wire carries it.
    pub(crate) fn to_json(&self) -> Vec<u8> {
        // Text and nothing else: it serialises.
        serde_json::to_vec(self).unwrap_or_default()
    }

    /// A refusal with a status of its own.
    #[must_use]
    pub fn with_status(refusal: &Refusal, status: StatusCode) -> Self {
        Self {
            status: status.as_u16(),
            r#type: format!("/reference/refusals#{}", refusal.code),
            title: refusal.code.to_string(),
            detail: refusal.what.clone(),
            rule: refusal.rule.to_string(),
            next: refusal.next.to_string(),
            iso: refusal.iso.as_ref().map(ToString::to_string),
            retry: match refusal.retry {
                Retry::Never => "never",
                Retry::SameRequest => "same-request",
                Retry::AfterAMoment => "after-a-moment",
            },
        }
    }
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        let status = match refusal.code.as_ref() {
            "node.busy" | "node.standby" => StatusCode::SERVICE_UNAVAILABLE,
            "pay.unknown_payment" | "pay.resolution_unknown" | "pay.proxy_unknown" | "deal.unknown" => {
                StatusCode::NOT_FOUND
            }
            "pay.known" | "pay.other_content" | "deal.exists" | "deal.evidence_twice" => StatusCode::CONFLICT,
            code if code.starts_with("http.signature") || code == "http.unknown_signer" => {
                StatusCode::UNAUTHORIZED
            }
            code if code.starts_with("http.") || code.ends_with(".malformed") => StatusCode::BAD_REQUEST,
            _ => StatusCode::UNPROCESSABLE_ENTITY,
        };
        Self::with_status(&refusal, status)
    }
}

impl From<AskError> for Problem {
    fn from(error: AskError) -> Self {
        match error {
            AskError::Refused(refusal) => refusal.into(),
            AskError::Stopped => Self::with_status(
                &Refusal::new("node.stopped", "the node has stopped")
                    .next("try again when it is back")
                    .iso("ED06"),
                StatusCode::SERVICE_UNAVAILABLE,
            ),
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let body = self.to_json();
        let mut response =
            (status, [(header::CONTENT_TYPE, "application/problem+json")], body).into_response();
        if self.retry == "after-a-moment" {
            response.headers_mut().insert(header::RETRY_AFTER, header::HeaderValue::from_static("1"));
        }
        // Whoever cannot prove who it is begins anew, behind TLS with another handshake.
        if status == StatusCode::UNAUTHORIZED {
            response.headers_mut().insert(header::CONNECTION, header::HeaderValue::from_static("close"));
        }
        response
    }
}
