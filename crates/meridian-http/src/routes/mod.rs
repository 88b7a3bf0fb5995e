//! One file for each thing participants ask.

pub(crate) mod accounts;
pub(crate) mod border;
pub(crate) mod cover;
pub(crate) mod deals;
pub(crate) mod licences;
pub(crate) mod mailbox;
pub(crate) mod messages;
pub(crate) mod payments;
pub(crate) mod quotes;
pub(crate) mod shipments;
pub(crate) mod views;
pub(crate) mod windows;

use axum::body::Bytes;
use meridian_node::{Asked, Command, Done};
use meridian_terms::Refusal;
use serde::de::DeserializeOwned;

use crate::identity::Signed;
use crate::{Problem, Service};

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

/// 16 bytes as 32 hexadecimal digits.
fn number(text: &str) -> Result<u128, Refusal> {
    u128::from_str_radix(text, 16).map_err(|_| {
        Refusal::new("http.id_malformed", text.to_owned()).next("send up to 32 hexadecimal digits")
    })
}

/// Asks the node in the signer's name, once where it sent an idempotency key; nothing when it had been done before.
async fn once(service: &Service, signed: &Signed, command: Command) -> Result<Option<Done>, Problem> {
    match service.node.ask_once(signed.who.as_str(), signed.key.clone(), command).await? {
        Asked::First(done) => Ok(Some(done)),
        Asked::Again(_) => Ok(None),
    }
}
