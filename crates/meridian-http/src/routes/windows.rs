//! Settlement windows: how they stand, their statements, and what becomes of one's payments short of cover.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use meridian_node::{Command, Event};
use meridian_pay as pay;
use meridian_settlement::{self as settlement, Class, Model, Policy, Trade, WindowId};
use meridian_terms::{Bic, Currency, Micros, Moment, Money, Refusal};
use serde_json::{Value, json};

use super::{body, number, once};
use crate::identity::Signed;
use crate::wire::{CoverPolicy, StateTrade, WindowStatement, WindowView};
use crate::{Problem, Service};

/// An agent sees the windows of its currencies with every net, a participant those it is part of with its own.
pub(crate) async fn all(
    State(service): State<Service>,
    signed: Signed,
) -> Result<Json<Vec<WindowView>>, Problem> {
    let who = signed.who;
    let views = service.node.read(move |hub| {
        let seen = hub.settlement.windows().filter_map(|(id, window)| {
            let is_agent = hub.settlement.circuit(id.currency).is_some_and(|circuit| circuit.agent == who);
            let nets: Vec<_> = window.nets.iter().filter(|(bic, _)| is_agent || **bic == who).collect();
            (is_agent || !nets.is_empty()).then(|| view(*id, window, &nets))
        });
        seen.collect()
    });
    Ok(Json(views.await?))
}

fn view(id: WindowId, window: &settlement::Window, nets: &[(&Bic, &i128)]) -> WindowView {
    let amount = |minor: i128| Money::new(minor, id.currency).amount().to_string();
    WindowView {
        currency: id.currency.to_string(),
        number: id.number,
        stage: window.stage.word().to_owned(),
        model: match window.model {
            Model::Gross => "gross",
            Model::BilateralNet => "bilateral",
            Model::MultilateralNet => "multilateral",
        }
        .to_owned(),
        opened_at: window.opened_at.to_string(),
        closed_at: window.closed_at.map(|at| at.to_string()),
        commitments: window.commitments,
        nets: nets.iter().map(|(bic, net)| (bic.to_string(), amount(**net))).collect(),
    }
}

/// The statements of a settled window (camt.053), as they were put into the asker's mailbox.
pub(crate) async fn statements(
    State(service): State<Service>,
    Path((currency, number)): Path<(String, u64)>,
    signed: Signed,
) -> Result<Json<Vec<WindowStatement>>, Problem> {
    let (who, id) = (signed.who, WindowId { currency: Currency::parse(&currency)?, number });
    let asker = who.clone();
    let known = service.node.read(move |hub| {
        let of = hub.pay.statements(id).iter().filter(|(to, _)| *to == asker);
        of.map(|(_, report)| report.clone()).collect::<Vec<_>>()
    });
    let reports = known.await?;
    if reports.is_empty() {
        let refusal = Refusal::new("http.no_statement", format!("{currency} {number}"))
            .rule(
                "a window has statements once it is settled, for whoever paid or was paid, and for its agent",
            )
            .next("ask for a settled window of your own");
        return Err(Problem::with_status(&refusal, StatusCode::NOT_FOUND));
    }
    let mut told = Vec::new();
    for (place, report) in (1_u64..).zip(reports) {
        let outgoing = pay::Outgoing { at: report.until, notice: pay::Notice::Report(Box::new(report)) };
        if let pay::outbound::Written::Message { kind, xml } =
            pay::outbound::write(&outgoing, id.number * 1_000 + place, &service.hub, &who)?
        {
            told.push(WindowStatement { kind, xml });
        }
    }
    Ok(Json(told))
}

/// What the signer wants done with its payments that are short of cover.
pub(crate) async fn policy(State(service): State<Service>, signed: Signed) -> Result<Json<Value>, Problem> {
    let asked: CoverPolicy = body(&signed.body)?;
    let class = match asked.class.as_str() {
        "urgent" => Class::Urgent,
        "normal" => Class::Normal,
        other => {
            return Err(Refusal::new("http.class_malformed", format!("{other:?}"))
                .next("send urgent (HIGH) or normal (NORM)")
                .into());
        }
    };
    let policy = match asked.wait_minutes {
        0 => Policy::Refuse,
        minutes => Policy::Wait(Micros::minutes(minutes.into())),
    };
    let command = settlement::Command::SetPolicy { participant: signed.who.clone(), class, policy };
    let done = once(&service, &signed, Command::Settle(command)).await?;
    Ok(Json(json!({"class": asked.class, "wait_minutes": asked.wait_minutes, "is_repeat": done.is_none()})))
}

/// The signer's side of an FX trade with another participant: payment versus payment, once the other states the mirror of it
/// and both have cover; until then nothing moves.
pub(crate) async fn trade(State(service): State<Service>, signed: Signed) -> Result<Json<Value>, Problem> {
    let asked: StateTrade = body(&signed.body)?;
    let trade = Trade {
        id: number(&asked.id)?,
        by: signed.who.clone(),
        with: Bic::parse(&asked.with)?,
        gives: Money::try_from(&asked.gives)?,
        takes: Money::try_from(&asked.takes)?,
        until: Moment::parse(&asked.until)?,
    };
    let done = once(&service, &signed, Command::Settle(settlement::Command::StateTrade(trade))).await?;
    let standing = match done.map(|done| done.event) {
        Some(Event::Settle(settlement::Event::Released { .. }, ..)) => "settled",
        Some(Event::Settle(settlement::Event::Queued(_), ..)) => "waiting for cover",
        Some(_) => "waiting for its mirror",
        None => "as it was told before",
    };
    Ok(Json(json!({"id": asked.id, "standing": standing})))
}
