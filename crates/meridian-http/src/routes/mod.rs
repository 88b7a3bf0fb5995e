//! One file for each thing participants ask.

pub(crate) mod border;
pub(crate) mod cover;
pub(crate) mod deals;
pub(crate) mod mailbox;
pub(crate) mod messages;
pub(crate) mod quotes;
pub(crate) mod views;

use axum::body::Bytes;
use meridian_terms::Refusal;
use serde::de::DeserializeOwned;

/// A JSON body, or a refusal that names line and column.
fn body<T: DeserializeOwned>(bytes: &Bytes) -> Result<T, Refusal> {
    serde_json::from_slice(bytes).map_err(|error| {
        let place = format!("line {}, column {}", error.line(), error.column());
        Refusal::new("http.body_malformed", format!("{place}: {error}")).next("compare with /openapi.json")
    })
}

/// 32 bytes as 64 hexadecimal digits.
fn digest(text: &str) -> Result<[u8; 32], Refusal> {
    let malformed =
        || Refusal::new("http.digest_malformed", format!("{text:?}")).next("send 64 hexadecimal digits");
    let hash = blake3::Hash::from_hex(text).map_err(|_| malformed())?;
    Ok(hash.into())
}
