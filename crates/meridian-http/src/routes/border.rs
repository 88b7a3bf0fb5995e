//! What participants say of a deal besides evidence: declarations, customs, undertakings, mishaps, settlements.

use axum::Json;
use axum::extract::{Path, State};
use meridian_deal::{
    self as deal, Charge, CustomsWord, DealId, Form, Kind, Lodgement, Mishap, Undertaking, UndertakingId,
};
use meridian_node::Command;
use meridian_terms::{Bic, Currency, Decimal, Moment, Money, Refusal};
use serde_json::{Value, json};

use super::{body, digest};
use crate::identity::Signed;
use crate::wire::deals::{CustomsSays, IssueUndertaking, Lodge, MishapBody, SettlementAct, UndertakingAct};
use crate::{Problem, Service};

async fn ask(service: &Service, signed: &Signed, command: deal::Command) -> Result<Json<Value>, Problem> {
    let done = super::once(service, signed, Command::Deal(command)).await?;
    let at = done.as_ref().map(|done| done.at.to_string());
    Ok(Json(
        json!({"event": done.as_ref().map(|done| done.event_number), "at": at, "is_repeat": done.is_none()}),
    ))
}

pub(crate) async fn lodge(
    State(service): State<Service>,
    Path(id): Path<String>,
    signed: Signed,
) -> Result<Json<Value>, Problem> {
    let (by, asked): (_, Lodge) = (signed.who.clone(), body(&signed.body)?);
    let lodgement = Lodgement {
        reference: asked.reference,
        digest: digest(&asked.digest)?,
        before_arrival: false,
        authorised_trader: asked.authorised_trader,
    };
    ask(&service, &signed, deal::Command::Lodge { deal: DealId(id), lodgement, by }).await
}

pub(crate) async fn customs(
    State(service): State<Service>,
    Path(id): Path<String>,
    signed: Signed,
) -> Result<Json<Value>, Problem> {
    let (by, asked): (_, CustomsSays) = (signed.who.clone(), body(&signed.body)?);
    let word = match asked {
        CustomsSays::Assess { charges } => {
            let charge = |one: &crate::wire::deals::ChargeBody| -> Result<Charge, Refusal> {
                let kinds = [Kind::Duty, Kind::Excise, Kind::Vat, Kind::Fee];
                let kind = kinds.into_iter().find(|kind| kind.word() == one.kind).ok_or_else(|| {
                    Refusal::new("http.charge_malformed", one.kind.clone())
                        .next("send duty, excise, vat or fee")
                })?;
                Ok(Charge { kind, amount: amount(&one.amount)? })
            };
            CustomsWord::Assess(charges.iter().map(charge).collect::<Result<_, _>>()?)
        }
        CustomsSays::Hold { reason } => CustomsWord::Hold(reason),
        CustomsSays::Lift { reason } => CustomsWord::Lift(reason),
        CustomsSays::Inspect { finding } => CustomsWord::Inspect(finding),
        CustomsSays::Refuse { reason } => CustomsWord::Refuse(reason),
    };
    ask(&service, &signed, deal::Command::Customs { deal: DealId(id), word, by }).await
}

pub(crate) async fn issue(
    State(service): State<Service>,
    Path(id): Path<String>,
    signed: Signed,
) -> Result<Json<Value>, Problem> {
    let (by, asked): (_, IssueUndertaking) = (signed.who.clone(), body(&signed.body)?);
    let form = Form::parse(&asked.form).ok_or_else(|| {
        Refusal::new("http.form_malformed", asked.form.clone())
            .next("send documentary-credit, standby, guarantee or promise")
    })?;
    let undertaking = Box::new(Undertaking {
        id: UndertakingId(asked.id),
        form,
        issuer: by.clone(),
        beneficiary: Bic::parse(&asked.beneficiary)?,
        limit: amount(&asked.limit)?,
        expires: Moment::parse(&asked.expires)?,
        documents: asked.documents,
        backing: deal::Backing::Open,
    });
    ask(&service, &signed, deal::Command::Issue { deal: DealId(id), undertaking, by }).await
}

pub(crate) async fn undertaking(
    State(service): State<Service>,
    Path((id, undertaking)): Path<(String, String)>,
    signed: Signed,
) -> Result<Json<Value>, Problem> {
    let (by, asked): (_, UndertakingAct) = (signed.who.clone(), body(&signed.body)?);
    let (deal, undertaking) = (DealId(id), UndertakingId(undertaking));
    let command = match asked {
        UndertakingAct::Present => deal::Command::PresentUnder { deal, undertaking, by },
        UndertakingAct::Examine { found } => deal::Command::Examine { deal, undertaking, found, by },
        UndertakingAct::Waive => deal::Command::Waive { deal, undertaking, by },
        UndertakingAct::GiveBack => deal::Command::GiveBack { deal, undertaking, by },
        UndertakingAct::Demand { obligation } => deal::Command::Demand { deal, undertaking, obligation, by },
    };
    ask(&service, &signed, command).await
}

pub(crate) async fn mishap(
    State(service): State<Service>,
    Path(id): Path<String>,
    signed: Signed,
) -> Result<Json<Value>, Problem> {
    let (by, asked): (_, MishapBody) = (signed.who.clone(), body(&signed.body)?);
    let mishap = match asked {
        MishapBody::Short { line, delivered_kg } => {
            Mishap::Short { line, delivered_kg: Decimal::parse(&delivered_kg)? }
        }
        MishapBody::Lost => Mishap::Lost,
        MishapBody::Disputed { reason } => Mishap::Disputed(reason),
    };
    ask(&service, &signed, deal::Command::Report { deal: DealId(id), mishap, by }).await
}

pub(crate) async fn settlement(
    State(service): State<Service>,
    Path(id): Path<String>,
    signed: Signed,
) -> Result<Json<Value>, Problem> {
    let (by, asked): (_, SettlementAct) = (signed.who.clone(), body(&signed.body)?);
    let deal = DealId(id);
    let command = match asked {
        SettlementAct::Offer { cut } => deal::Command::Offer { deal, cut: amount(&cut)?, by },
        SettlementAct::Agree => deal::Command::Agree { deal, by },
        SettlementAct::Cancel { reason } => deal::Command::Cancel { deal, reason, by },
    };
    ask(&service, &signed, command).await
}

/// `RUB 12500.00`.
fn amount(text: &str) -> Result<Money, Refusal> {
    let (currency, amount) = text.split_once(' ').ok_or_else(|| {
        Refusal::new("http.amount_malformed", format!("{text:?}")).next("write it like RUB 12500.00")
    })?;
    Money::parse(amount, Currency::parse(currency)?)
}
