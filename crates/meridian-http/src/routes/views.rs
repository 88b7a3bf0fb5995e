//! How things stand.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use meridian_pay::Payment;
use meridian_terms::{Money, Refusal, Uetr};
use serde_json::{Value, json};

use crate::identity::{Anybody, Signed};
use crate::metrics::age;
use crate::wire::{PaymentView, Position};
use crate::{Problem, Service};

pub(crate) async fn payment(
    State(service): State<Service>,
    Path(uetr): Path<String>,
    signed: Signed,
) -> Result<Json<PaymentView>, Problem> {
    let who = signed.who;
    let uetr = Uetr::parse(&uetr)?;
    let found = service
        .node
        .read(move |hub| {
            let payment = hub.pay.payment(uetr)?;
            let asked = &payment.instruction;
            let provider = payment.legs.as_ref().and_then(|legs| legs.provider.as_ref());
            let is_theirs =
                asked.debtor_agent == who || asked.creditor_agent == who || provider == Some(&who);
            is_theirs.then(|| shown(payment))
        })
        .await?;
    let unknown =
        || Refusal::new("pay.unknown_payment", uetr.to_string()).next("ask for a payment of your own");
    found.map(Json).ok_or_else(|| Problem::with_status(&unknown(), StatusCode::NOT_FOUND))
}

pub(crate) fn shown(payment: &Payment) -> PaymentView {
    let asked = &payment.instruction;
    let (status, reason) = payment.stage.status();
    PaymentView {
        uetr: asked.uetr.to_string(),
        stage: payment.stage.word().to_owned(),
        status: status.to_owned(),
        reason: reason.map(str::to_owned),
        source: asked.source.into(),
        target: asked.target.into(),
        debtor_agent: asked.debtor_agent.to_string(),
        creditor_agent: asked.creditor_agent.to_string(),
        provider: payment.legs.as_ref().and_then(|legs| legs.provider.as_ref()).map(ToString::to_string),
        fee: payment.fee.into(),
        document: asked.document.clone(),
        received_at: payment.received_at.to_string(),
        screened_under: payment.cleared_under.map(|list| blake3::Hash::from(list).to_hex().to_string()),
    }
}

/// A participant sees its own accounts.
pub(crate) async fn positions(
    State(service): State<Service>,
    signed: Signed,
) -> Result<Json<Vec<Position>>, Problem> {
    let who = signed.who;
    let own = service
        .node
        .read(move |hub| {
            let mine = hub.ledger.accounts().iter().filter(|account| account.participant == who.as_str());
            mine.map(|account| Position {
                participant: account.participant.clone(),
                kind: account.kind.word().to_owned(),
                currency: account.currency.to_string(),
                balance: account.balance().amount().to_string(),
                reserved: Money::new(account.balances.debits_pending, account.currency).amount().to_string(),
                available: account.available().amount().to_string(),
            })
            .collect()
        })
        .await?;
    Ok(Json(own))
}

pub(crate) async fn statistics(
    State(service): State<Service>,
    _signed: Signed,
) -> Result<Json<Value>, Problem> {
    let read =
        service.node.read(|hub| (hub.statistics.committed.clone(), hub.statistics.netted.clone())).await?;
    let (flows, netted) = read;
    let rows = flows.iter().map(|(flow, (count, source, target))| {
        json!({
            "from": flow.from.as_str(), "to": flow.to.as_str(), "payments": count,
            "source": Money::new(*source, flow.source).to_string(),
            "target": Money::new(*target, flow.target).to_string(),
        })
    });
    let netted = netted.iter().map(|(currency, (gross, net))| {
        json!({
            "currency": currency.code(), "gross": Money::new(*gross, *currency).to_string(),
            "funded": Money::new(*net, *currency).to_string(),
        })
    });
    Ok(Json(json!({"flows": rows.collect::<Vec<_>>(), "settled_windows": netted.collect::<Vec<_>>()})))
}

/// For load balancers and operators; says nothing that needs a credential.
pub(crate) async fn health(
    State(service): State<Service>,
    _anybody: Anybody,
) -> Result<Json<Value>, Problem> {
    let position = service.node.position();
    let (events, last_at, has_list) =
        service.node.read(|hub| (hub.events, hub.last_at, hub.pay.list_in_force().is_some())).await?;
    let now = service.node.clock().now();
    let lists = (service.lists)();
    let lists: Vec<Value> =
        lists.iter().map(|list| json!({"name": list.name, "age_days": age(now, list)})).collect();
    let standing = service.node.standing();
    Ok(Json(json!({
        "events": events, "last_event_at": last_at.to_string(),
        "watch_list_in_force": has_list, "lists": lists,
        "role": if standing.leads { "leader" } else { "standby" },
        "position": position.0,
        "journal": {"copies": standing.durability.copies, "is_flushed": standing.durability.is_flushed},
        "requests_waiting": service.node.waiting(),
    })))
}

/// The API's description, as it is kept beside the code.
pub(crate) async fn openapi(_anybody: Anybody) -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "application/vnd.oai.openapi+json")], include_str!("../../openapi.json"))
}
