//! Mailboxes: in order, at least once, until acknowledged.

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, Method, Uri};
use meridian_node::Command;
use meridian_pay as pay;
use serde::Deserialize;
use serde_json::{Value, json};

use super::body;
use crate::identity::signer;
use crate::wire::{Acknowledge, Letter};
use crate::{Problem, Service};

/// The most letters in one answer.
const MOST: usize = 500;

#[derive(Deserialize)]
pub(crate) struct After {
    #[serde(default)]
    after: u64,
}

pub(crate) async fn fetch(
    State(service): State<Service>,
    Query(After { after }): Query<After>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    bytes: Bytes,
) -> Result<Json<Vec<Letter>>, Problem> {
    let who = signer(&service, &method, &uri, &headers, &bytes).await?;
    let owner = who.clone();
    let waiting: Vec<(u64, pay::Outgoing)> = service
        .node
        .read(move |hub| {
            let waiting = hub.pay.mailbox(&owner).map(|mailbox| &mailbox.waiting);
            let later = waiting.into_iter().flat_map(|waiting| waiting.range(after.saturating_add(1)..));
            later.take(MOST).map(|(number, outgoing)| (*number, outgoing.clone())).collect()
        })
        .await?;
    let mut letters = Vec::with_capacity(waiting.len());
    for (number, outgoing) in waiting {
        let at = outgoing.at.to_string();
        let letter = match pay::outbound::write(&outgoing, number, &service.hub, &who)? {
            pay::outbound::Written::Message { kind, xml } => {
                Letter { number, at, kind, xml: Some(xml), facts: None }
            }
            pay::outbound::Written::Word { kind, facts } => {
                Letter { number, at, kind, xml: None, facts: Some(facts) }
            }
        };
        letters.push(letter);
    }
    Ok(Json(letters))
}

pub(crate) async fn acknowledge(
    State(service): State<Service>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    bytes: Bytes,
) -> Result<Json<Value>, Problem> {
    let who = signer(&service, &method, &uri, &headers, &bytes).await?;
    let Acknowledge { upto } = body(&bytes)?;
    let command = Command::Pay(pay::Command::Acknowledge { by: who.clone(), upto });
    service.node.ask(who.as_str(), command).await?;
    Ok(Json(json!({"acknowledged": upto})))
}
