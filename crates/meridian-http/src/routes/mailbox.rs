//! Mailboxes: in order, at least once, until acknowledged.

use std::time::Duration;

use axum::Json;
use axum::extract::{Query, State};
use meridian_node::Command;
use meridian_pay as pay;
use meridian_terms::Bic;
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::sync::watch;

use super::body;
use crate::identity::Signed;
use crate::wire::{Acknowledge, Letter, Next};
use crate::{Problem, Service};

/// The most letters in one answer.
const MOST: usize = 500;

/// The longest an answer waits for the first letter.
const LONGEST_WAIT: u64 = 30;

/// Changes that come close together wake whoever waits once.
const GATHER: Duration = Duration::from_millis(3);

#[derive(Deserialize)]
pub(crate) struct After {
    #[serde(default)]
    after: u64,
}

pub(crate) async fn fetch(
    State(service): State<Service>,
    Query(After { after }): Query<After>,
    signed: Signed,
) -> Result<Json<Vec<Letter>>, Problem> {
    let letters = waiting(&service, &signed.who, after).await?;
    Ok(Json(written(&service, &signed.who, letters)?))
}

/// Acknowledges what has arrived and gives what follows, waiting for it if asked to.
pub(crate) async fn next(
    State(service): State<Service>,
    signed: Signed,
) -> Result<Json<Vec<Letter>>, Problem> {
    let Next { upto, wait_seconds } = body(&signed.body)?;
    if upto > 0 {
        let command = Command::Pay(pay::Command::Acknowledge { by: signed.who.clone(), upto });
        super::once(&service, &signed, command).await?;
    }
    let mut changes = service.node.changes();
    let until = tokio::time::Instant::now() + Duration::from_secs(wait_seconds.min(LONGEST_WAIT));
    loop {
        let letters = waiting(&service, &signed.who, upto).await?;
        let left = until.saturating_duration_since(tokio::time::Instant::now());
        if !letters.is_empty() || left.is_zero() || !await_change(&mut changes, left).await {
            return Ok(Json(written(&service, &signed.who, letters)?));
        }
    }
}

pub(crate) async fn acknowledge(
    State(service): State<Service>,
    signed: Signed,
) -> Result<Json<Value>, Problem> {
    let Acknowledge { upto } = body(&signed.body)?;
    let command = Command::Pay(pay::Command::Acknowledge { by: signed.who.clone(), upto });
    super::once(&service, &signed, command).await?;
    Ok(Json(json!({"acknowledged": upto})))
}

/// What waits in a mailbox behind a number.
pub(crate) async fn waiting(
    service: &Service,
    owner: &Bic,
    after: u64,
) -> Result<Vec<(u64, pay::Outgoing)>, Problem> {
    let owner = owner.clone();
    let read = service.node.read(move |hub| {
        let waiting = hub.pay.mailbox(&owner).map(|mailbox| &mailbox.waiting);
        let later = waiting.into_iter().flat_map(|waiting| waiting.range(after.saturating_add(1)..));
        later.take(MOST).map(|(number, outgoing)| (*number, outgoing.clone())).collect()
    });
    Ok(read.await?)
}

/// Waits until the hub has changed, or the time is over; no longer when the node has stopped.
pub(crate) async fn await_change(changes: &mut watch::Receiver<u64>, left: Duration) -> bool {
    match tokio::time::timeout(left, changes.changed()).await {
        Ok(Ok(())) => {
            tokio::time::sleep(GATHER).await;
            changes.borrow_and_update();
            true
        }
        Ok(Err(_)) => false,
        Err(_) => true,
    }
}

fn written(service: &Service, who: &Bic, letters: Vec<(u64, pay::Outgoing)>) -> Result<Vec<Letter>, Problem> {
    let one = |(number, outgoing): (u64, pay::Outgoing)| {
        let at = outgoing.at.to_string();
        let letter = match pay::outbound::write(&outgoing, number, &service.hub, who)? {
            pay::outbound::Written::Message { kind, xml } => {
                Letter { number, at, kind, xml: Some(xml), facts: None }
            }
            pay::outbound::Written::Word { kind, facts } => {
                Letter { number, at, kind, xml: None, facts: Some(facts) }
            }
        };
        Ok(letter)
    };
    letters.into_iter().map(one).collect()
}
