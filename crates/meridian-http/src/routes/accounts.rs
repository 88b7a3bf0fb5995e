//! Accounts: whose they are, proxies for them, reports of them, cover allotted on them.

use axum::Json;
use axum::extract::{Path, State};
use meridian_node::{Command, Event};
use meridian_pay::{
    self as pay, Proxy, ProxyKey, Resolution, ResolutionAnswer, ResolutionId, ResolutionRequest,
};
use meridian_terms::{Bic, Currency, Day, Money, Refusal};
use serde_json::{Value, json};

use super::{body, number, once};
use crate::identity::Signed;
use crate::wire::{Allotment, AnswerResolution, AskReport, ProxyEntry, ProxyName, ResolutionView, Resolve};
use crate::{Problem, Service};

/// Asks about an account; the answer comes into the mailbox and stands under the id that is told.
pub(crate) async fn resolve(State(service): State<Service>, signed: Signed) -> Result<Json<Value>, Problem> {
    let asked: Resolve = body(&signed.body)?;
    let proxy = asked.proxy.map(|ProxyName { kind, value }| ProxyKey { kind, value });
    let request = ResolutionRequest {
        by: signed.who.clone(),
        reference: asked.message_id.chars().take(35).collect(),
        message_id: asked.message_id,
        agent: asked.agent.as_deref().map(Bic::parse).transpose()?,
        account: asked.account,
        proxy,
        name: asked.name,
    };
    pay::outbound::write_resolution(&request, service.node.clock().now(), &service.hub)?;
    let id = ResolutionId::of(&request.by, &request.message_id);
    once(&service, &signed, Command::Pay(pay::Command::Resolve(request))).await?;
    Ok(Json(json!({"id": id.to_string()})))
}

pub(crate) async fn resolution(
    State(service): State<Service>,
    Path(id): Path<String>,
    signed: Signed,
) -> Result<Json<ResolutionView>, Problem> {
    let (wanted, who) = (ResolutionId(number(&id)?), signed.who);
    let found = service
        .node
        .read(move |hub| hub.pay.resolution(wanted).filter(|known| known.request.by == who).cloned());
    let unknown =
        || Refusal::new("pay.resolution_unknown", id.clone()).next("ask for a resolution of your own");
    let known: Resolution = found.await?.ok_or_else(unknown)?;
    let outcome = known.outcome;
    let is_verified = outcome.as_ref().is_some_and(|outcome| outcome.is_verified);
    Ok(Json(ResolutionView {
        id: wanted.to_string(),
        is_answered: outcome.is_some(),
        is_verified,
        reason: outcome.as_ref().and_then(|outcome| outcome.reason.clone()),
        name: outcome.and_then(|outcome| outcome.name),
        agent: known.agent.map(|agent| agent.to_string()),
        // What stands behind a proxy is told when it may be paid to.
        account: if is_verified { known.account } else { String::new() },
    }))
}

pub(crate) async fn answer(
    State(service): State<Service>,
    Path(id): Path<String>,
    signed: Signed,
) -> Result<Json<Value>, Problem> {
    let asked: AnswerResolution = body(&signed.body)?;
    let answer = ResolutionAnswer {
        id: ResolutionId(number(&id)?),
        by: signed.who.clone(),
        is_verified: asked.is_verified,
        reason: asked.reason.map(|reason| reason.chars().take(4).collect()),
        name: asked.name.map(|name| name.chars().take(140).collect()),
    };
    let done = once(&service, &signed, Command::Pay(pay::Command::AnswerResolution(answer))).await?;
    Ok(Json(json!({"accepted": true, "is_repeat": done.is_none()})))
}

pub(crate) async fn register(State(service): State<Service>, signed: Signed) -> Result<Json<Value>, Problem> {
    let ProxyEntry { kind, value, account } = body(&signed.body)?;
    if account.is_empty() || account.chars().count() > 34 {
        let refusal = Refusal::new("http.account_malformed", "an account has 1 to 34 characters");
        return Err(refusal.next("name the account behind the proxy").into());
    }
    let (key, proxy) = (ProxyKey { kind, value }, Proxy { agent: signed.who.clone(), account });
    once(&service, &signed, Command::Pay(pay::Command::RegisterProxy(key.clone(), proxy))).await?;
    Ok(Json(json!({"registered": key.value})))
}

pub(crate) async fn withdraw(State(service): State<Service>, signed: Signed) -> Result<Json<Value>, Problem> {
    let ProxyEntry { kind, value, .. } = body(&signed.body)?;
    let key = ProxyKey { kind, value };
    once(&service, &signed, Command::Pay(pay::Command::WithdrawProxy(key.clone(), signed.who.clone())))
        .await?;
    Ok(Json(json!({"withdrawn": key.value})))
}

pub(crate) async fn report(State(service): State<Service>, signed: Signed) -> Result<Json<Value>, Problem> {
    let asked: AskReport = body(&signed.body)?;
    let command = pay::Command::AskReport {
        by: signed.who.clone(),
        currency: Currency::parse(&asked.currency)?,
        day: asked.day.as_deref().map(Day::parse).transpose()?,
    };
    let done = once(&service, &signed, Command::Pay(command)).await?;
    let holder = match done.map(|done| done.event) {
        Some(Event::Pay(pay::Event::ReportTold { holder, .. })) => holder,
        _ => String::new(),
    };
    Ok(Json(json!({"report_of": holder, "comes": "into the mailbox"})))
}

pub(crate) async fn allot(State(service): State<Service>, signed: Signed) -> Result<Json<Value>, Problem> {
    let asked: Allotment = body(&signed.body)?;
    let command = pay::Command::Allot {
        agent: signed.who.clone(),
        provider: Bic::parse(&asked.provider)?,
        amount: Money::try_from(&asked.amount)?,
        reference: number(&asked.notice)?,
        comes_back: asked.comes_back,
    };
    match once(&service, &signed, Command::Pay(command)).await {
        Ok(done) => Ok(Json(json!({"allotted": asked.amount, "is_repeat": done.is_none()}))),
        Err(problem) if problem.is("ledger.exists") => {
            Ok(Json(json!({"allotted": asked.amount, "is_repeat": true})))
        }
        Err(problem) => Err(problem),
    }
}
