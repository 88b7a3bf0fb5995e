//! Deals: evidence in, the story out.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use meridian_deal::{self as deal, DealId, Evidence, EvidenceKind};
use meridian_node::{Command, Event};
use meridian_terms::Refusal;
use serde_json::{Value, json};

use super::{body, digest};
use crate::identity::Signed;
use crate::wire::{FileDocument, Present};
use crate::{Problem, Service};

pub(crate) async fn present(
    State(service): State<Service>,
    Path(id): Path<String>,
    signed: Signed,
) -> Result<Json<Value>, Problem> {
    let by = signed.who.clone();
    let asked: Present = body(&signed.body)?;
    let kind = EvidenceKind::parse(&asked.kind).ok_or_else(|| {
        let words: Vec<_> = EvidenceKind::ALL.iter().map(|kind| kind.word()).collect();
        Refusal::new("http.evidence_malformed", asked.kind.clone())
            .next(format!("send one of {}", words.join(", ")))
    })?;
    let evidence =
        Evidence { kind, by: by.clone(), document: asked.document, digest: digest(&asked.digest)? };
    let command = Command::Deal(deal::Command::Present(DealId(id), evidence));
    let done = super::once(&service, &signed, command).await?;
    let due = match done.as_ref().map(|done| &done.event) {
        Some(Event::Deal(deal::Event::Presented { due, .. })) => due.len(),
        _ => 0,
    };
    Ok(Json(json!({"accepted": kind.word(), "obligations_due": due, "is_repeat": done.is_none()})))
}

pub(crate) async fn file(
    State(service): State<Service>,
    Path(id): Path<String>,
    signed: Signed,
) -> Result<Json<Value>, Problem> {
    let by = signed.who.clone();
    let asked: FileDocument = body(&signed.body)?;
    let command = deal::Command::File {
        deal: DealId(id),
        name: asked.name.clone(),
        digest: digest(&asked.digest)?,
        by: by.to_string(),
    };
    let done = super::once(&service, &signed, Command::Deal(command)).await?;
    Ok(Json(json!({"filed": asked.name, "is_repeat": done.is_none()})))
}

/// A participant sees the deals it takes part in.
pub(crate) async fn all(State(service): State<Service>, signed: Signed) -> Result<Json<Value>, Problem> {
    let who = signed.who;
    let deals = service
        .node
        .read(move |hub| {
            let mine = |deal: &&deal::Deal| takes_part(deal, &who);
            hub.deal.deals().filter(mine).map(shown).collect::<Vec<_>>()
        })
        .await?;
    Ok(Json(Value::Array(deals)))
}

pub(crate) async fn one(
    State(service): State<Service>,
    Path(id): Path<String>,
    signed: Signed,
) -> Result<Json<Value>, Problem> {
    let who = signed.who;
    let name = id.clone();
    let found = service
        .node
        .read(move |hub| hub.deal.deal(&DealId(name)).filter(|deal| takes_part(deal, &who)).map(shown))
        .await?;
    let unknown = || Refusal::new("deal.unknown", id).next("ask for a deal you take part in");
    found.map(Json).ok_or_else(|| Problem::with_status(&unknown(), StatusCode::NOT_FOUND))
}

pub(super) fn takes_part(deal: &deal::Deal, who: &meridian_terms::Bic) -> bool {
    let contract = &deal.contract;
    [&contract.seller_bank, &contract.buyer_bank, &contract.carrier, &contract.customs].contains(&who)
        || deal.obligations.iter().any(|owed| owed.payer_agent == *who || owed.payee_agent == *who)
}

pub(crate) fn shown(deal: &deal::Deal) -> Value {
    let contract = &deal.contract;
    let obligations: Vec<Value> = deal
        .obligations
        .iter()
        .map(|owed| {
            json!({
                "name": owed.name, "kind": owed.kind.word(), "amount": owed.amount.to_string(),
                "payer": owed.payer.name, "payee": owed.payee.name, "falls_due_on": owed.trigger.word(),
                "standing": owed.standing.word(), "cite_as": deal.citation(owed),
            })
        })
        .collect();
    json!({
        "id": contract.id.0, "stage": deal.stage.word(),
        "seller": contract.seller.name, "buyer": contract.buyer.name,
        "price": contract.price.to_string(),
        "incoterm": format!("{} {}", contract.incoterm.word(), contract.named_place),
        "obligations": obligations,
        "evidence": deal.evidence.iter().map(|(at, evidence)| json!({
            "at": at.to_string(), "kind": evidence.kind.word(), "by": evidence.by.as_str(), "document": evidence.document,
        })).collect::<Vec<_>>(),
        "customs": deal.customs.word(),
        "controls": deal.reviews.values().map(|one| json!({
            "side": one.side.word(), "country": one.country.as_str(), "ruling": one.ruling.word(),
            "pack": one.pack, "reasons": one.reasons,
        })).collect::<Vec<_>>(),
        "undertakings": deal.undertakings.values().map(|one| json!({
            "id": one.id.0, "form": one.form.word(), "issuer": one.issuer.as_str(), "limit": one.limit.to_string(),
            "expires": one.expires.to_string(), "standing": one.backing.word(),
        })).collect::<Vec<_>>(),
        "mishaps": deal.mishaps.iter().map(|(at, one)| json!({"at": at.to_string(), "what": one.word()})).collect::<Vec<_>>(),
        "documents_missing": contract.documents.iter()
            .filter(|name| !deal.documents.contains_key(*name)).collect::<Vec<_>>(),
    })
}
