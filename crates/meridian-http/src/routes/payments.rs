//! Payments in JSON: the same questions as the ISO messages ask.

use axum::Json;
use axum::extract::{Path, State};
use meridian_pay::{
    self as pay, Answer, AnswerStatus, Fault, Instruction, Priority, QuoteId, RecallAnswer, Return,
};
use meridian_terms::{Bic, Country, Moment, Money, Party, Refusal, Uetr};
use serde_json::Value;

use super::messages::{act, submit};
use super::quotes::bearer;
use super::{body, number};
use crate::identity::Signed;
use crate::wire::{AnswerPayment, GiveBack, PartyEntry, Pay, Recall};
use crate::{Problem, Service};

pub(crate) async fn pay(State(service): State<Service>, signed: Signed) -> Result<Json<Value>, Problem> {
    let asked: Pay = body(&signed.body)?;
    let party = |entry: &PartyEntry| -> Result<Party, Refusal> {
        let country = Country::parse(&entry.country)?;
        Ok(Party { name: entry.name.clone(), country, lei: None, address: None })
    };
    let priority = match asked.priority.as_str() {
        "HIGH" => Priority::High,
        "NORM" => Priority::Norm,
        other => return Err(word("priority", other, "HIGH or NORM").into()),
    };
    let instruction = Instruction {
        uetr: Uetr::parse(&asked.uetr)?,
        message_id: asked.message_id.clone(),
        end_to_end_id: asked.end_to_end_id.clone(),
        priority,
        accepted_at: Moment::parse(&asked.accepted_at)?,
        source: Money::try_from(&asked.source)?,
        target: Money::try_from(&asked.target)?,
        quote: asked.quote.as_deref().map(number).transpose()?.map(QuoteId),
        debtor: party(&asked.debtor)?,
        debtor_account: asked.debtor.account.clone(),
        debtor_agent: Bic::parse(&asked.debtor.agent)?,
        creditor_agent: Bic::parse(&asked.creditor.agent)?,
        creditor: party(&asked.creditor)?,
        creditor_account: asked.creditor.account.clone(),
        bearer: bearer(asked.charge_bearer.as_deref())?,
        charges: Vec::new(),
        intermediaries: Vec::new(),
        purpose: asked.purpose.clone(),
        document: asked.document.clone(),
        remittance: asked.remittance.clone(),
    };
    // Whatever goes out as an ISO message fits one: said here, not when it is too late.
    pay::outbound::write_payment(&instruction, instruction.accepted_at)?;
    submit(&service, &signed, Box::new(instruction)).await
}

pub(crate) async fn answer(
    State(service): State<Service>,
    Path(uetr): Path<String>,
    signed: Signed,
) -> Result<Json<Value>, Problem> {
    let asked: AnswerPayment = body(&signed.body)?;
    let status = match asked.status.as_str() {
        "ACCC" | "ACSC" => AnswerStatus::Accepted,
        "ACWP" => AnswerStatus::AcceptedPending,
        "BLCK" => AnswerStatus::Blocked,
        "RJCT" => AnswerStatus::Rejected(reason(asked.reason.as_deref().unwrap_or("NARR"))?),
        other => return Err(word("status", other, "ACCC, ACSC, ACWP, BLCK or RJCT").into()),
    };
    let answer = Answer { uetr: Uetr::parse(&uetr)?, by: signed.who.clone(), status };
    act(&service, &signed, pay::Command::Answer(answer)).await
}

pub(crate) async fn recall(
    State(service): State<Service>,
    Path(uetr): Path<String>,
    signed: Signed,
) -> Result<Json<Value>, Problem> {
    let asked: Recall = body(&signed.body)?;
    let (uetr, by, reason) = (Uetr::parse(&uetr)?, signed.who.clone(), reason(&asked.reason)?);
    let command = match asked.refuses {
        true => pay::Command::AnswerRecall(RecallAnswer { uetr, by, reason }),
        false => pay::Command::Recall { uetr, by, reason },
    };
    act(&service, &signed, command).await
}

pub(crate) async fn give_back(
    State(service): State<Service>,
    Path(uetr): Path<String>,
    signed: Signed,
) -> Result<Json<Value>, Problem> {
    let asked: GiveBack = body(&signed.body)?;
    let fault = match asked.fault.as_str() {
        "source" => Fault::Source,
        "destination" => Fault::Destination,
        other => return Err(word("fault", other, "source or destination").into()),
    };
    let way_back = Return {
        uetr: Uetr::parse(&uetr)?,
        by: signed.who.clone(),
        fault,
        quote: asked.quote.as_deref().map(number).transpose()?.map(QuoteId),
        reason: reason(&asked.reason)?,
    };
    act(&service, &signed, pay::Command::Return(way_back)).await
}

/// One to four characters, as the external code lists have them.
fn reason(text: &str) -> Result<String, Refusal> {
    let fits = (1..=4).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric());
    fits.then(|| text.to_owned())
        .ok_or_else(|| word("reason", text, "an ISO 20022 external code of four characters"))
}

fn word(what: &str, got: &str, wanted: &'static str) -> Refusal {
    Refusal::new("http.word_malformed", format!("{what} {got:?}")).next(format!("send {wanted}"))
}
