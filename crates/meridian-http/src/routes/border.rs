//! What participants say of a deal besides evidence: declarations, customs, undertakings, mishaps, settlements.

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, Method, Uri};
use meridian_deal::{
    self as deal, Charge, CustomsWord, DealId, Form, Kind, Lodgement, Mishap, Undertaking, UndertakingId,
};
use meridian_node::Command;
use meridian_terms::{Bic, Currency, Decimal, Moment, Money, Refusal};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::{body, digest};
use crate::identity::signer;
use crate::wire::deals::{CustomsSays, IssueUndertaking, Lodge, MishapBody, SettlementAct, UndertakingAct};
use crate::{Problem, Service};

/// The signed request as every handler here gets it: who sent it, and its body.
struct Signed<T> {
    by: Bic,
    asked: T,
}

async fn signed<T: DeserializeOwned>(
    service: &Service,
    method: &Method,
    uri: &Uri,
    headers: &HeaderMap,
    bytes: &Bytes,
) -> Result<Signed<T>, Problem> {
    let by = signer(service, method, uri, headers, bytes).await?;
    Ok(Signed { by, asked: body(bytes)? })
}

async fn ask(service: &Service, by: &Bic, command: deal::Command) -> Result<Json<Value>, Problem> {
    let done = service.node.ask(by.as_str(), Command::Deal(command)).await?;
    Ok(Json(json!({"event": done.event_number, "at": done.at.to_string()})))
}

pub(crate) async fn lodge(
    State(service): State<Service>,
    Path(id): Path<String>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    bytes: Bytes,
) -> Result<Json<Value>, Problem> {
    let Signed::<Lodge> { by, asked } = signed(&service, &method, &uri, &headers, &bytes).await?;
    let lodgement = Lodgement {
        reference: asked.reference,
        digest: digest(&asked.digest)?,
        before_arrival: false,
        authorised_trader: asked.authorised_trader,
    };
    ask(&service, &by.clone(), deal::Command::Lodge { deal: DealId(id), lodgement, by }).await
}

pub(crate) async fn customs(
    State(service): State<Service>,
    Path(id): Path<String>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    bytes: Bytes,
) -> Result<Json<Value>, Problem> {
    let Signed::<CustomsSays> { by, asked } = signed(&service, &method, &uri, &headers, &bytes).await?;
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
    ask(&service, &by.clone(), deal::Command::Customs { deal: DealId(id), word, by }).await
}

pub(crate) async fn issue(
    State(service): State<Service>,
    Path(id): Path<String>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    bytes: Bytes,
) -> Result<Json<Value>, Problem> {
    let Signed::<IssueUndertaking> { by, asked } = signed(&service, &method, &uri, &headers, &bytes).await?;
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
    ask(&service, &by.clone(), deal::Command::Issue { deal: DealId(id), undertaking, by }).await
}

pub(crate) async fn undertaking(
    State(service): State<Service>,
    Path((id, undertaking)): Path<(String, String)>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    bytes: Bytes,
) -> Result<Json<Value>, Problem> {
    let Signed::<UndertakingAct> { by, asked } = signed(&service, &method, &uri, &headers, &bytes).await?;
    let (deal, undertaking, who) = (DealId(id), UndertakingId(undertaking), by.clone());
    let command = match asked {
        UndertakingAct::Present => deal::Command::PresentUnder { deal, undertaking, by },
        UndertakingAct::Examine { found } => deal::Command::Examine { deal, undertaking, found, by },
        UndertakingAct::Waive => deal::Command::Waive { deal, undertaking, by },
        UndertakingAct::GiveBack => deal::Command::GiveBack { deal, undertaking, by },
        UndertakingAct::Demand { obligation } => deal::Command::Demand { deal, undertaking, obligation, by },
    };
    ask(&service, &who, command).await
}

pub(crate) async fn mishap(
    State(service): State<Service>,
    Path(id): Path<String>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    bytes: Bytes,
) -> Result<Json<Value>, Problem> {
    let Signed::<MishapBody> { by, asked } = signed(&service, &method, &uri, &headers, &bytes).await?;
    let mishap = match asked {
        MishapBody::Short { line, delivered_kg } => {
            Mishap::Short { line, delivered_kg: Decimal::parse(&delivered_kg)? }
        }
        MishapBody::Lost => Mishap::Lost,
        MishapBody::Disputed { reason } => Mishap::Disputed(reason),
    };
    ask(&service, &by.clone(), deal::Command::Report { deal: DealId(id), mishap, by }).await
}

pub(crate) async fn settlement(
    State(service): State<Service>,
    Path(id): Path<String>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    bytes: Bytes,
) -> Result<Json<Value>, Problem> {
    let Signed::<SettlementAct> { by, asked } = signed(&service, &method, &uri, &headers, &bytes).await?;
    let (deal, who) = (DealId(id), by.clone());
    let command = match asked {
        SettlementAct::Offer { cut } => deal::Command::Offer { deal, cut: amount(&cut)?, by },
        SettlementAct::Agree => deal::Command::Agree { deal, by },
        SettlementAct::Cancel { reason } => deal::Command::Cancel { deal, reason, by },
    };
    ask(&service, &who, command).await
}

/// `RUB 12500.00`.
fn amount(text: &str) -> Result<Money, Refusal> {
    let (currency, amount) = text.split_once(' ').ok_or_else(|| {
        Refusal::new("http.amount_malformed", format!("{text:?}")).next("write it like RUB 12500.00")
    })?;
    Money::parse(amount, Currency::parse(currency)?)
}
