//! ISO 20022 messages in.

use axum::Json;
use axum::extract::State;
use meridian_node::{AskError, Asked, Command};
use meridian_pay::{self as pay, Instruction, inbound};
use meridian_screening::casework::Record;
use meridian_terms::{Refusal, Uetr};
use serde_json::{Value, json};

use super::views::shown;
use crate::identity::Signed;
use crate::{Problem, Service};

/// Takes a message: read, screened where it moves money, decided, durable; the response tells how it stands. The
/// ISO answer is in the mailbox.
pub(crate) async fn receive(State(service): State<Service>, signed: Signed) -> Result<Json<Value>, Problem> {
    match inbound::understand(&signed.body, &signed.who)? {
        inbound::Message::Payment(instruction) => submit(&service, &signed, instruction).await,
        inbound::Message::Command(command) => act(&service, &signed, *command).await,
        inbound::Message::Settlement(command) => {
            let done = super::once(&service, &signed, Command::Settle(*command)).await?;
            Ok(Json(json!({"accepted": true, "is_repeat": done.is_none()})))
        }
    }
}

/// A payment: its debtor agent signs it, everybody in it is screened here, and the hub decides.
pub(crate) async fn submit(
    service: &Service,
    signed: &Signed,
    instruction: Box<Instruction>,
) -> Result<Json<Value>, Problem> {
    if instruction.debtor_agent != signed.who {
        return Err(Refusal::new(
            "http.other_sender",
            format!("{} sends for {}", signed.who, instruction.debtor_agent),
        )
        .rule("the debtor agent signs its own payments")
        .next("sign with the debtor agent's key")
        .into());
    }
    let uetr = instruction.uetr;
    let screened = (service.screen)(&instruction);
    let submit = Command::Pay(pay::Command::Submit(instruction, screened.clearance));
    tell(service, signed, uetr, with_record(screened.record, submit)).await
}

/// What is not clear goes with the record of its screening: the hub makes a case of it, in the same record.
fn with_record(record: Option<Box<Record>>, command: Command) -> Command {
    match record {
        Some(record) => Command::Screened(record, Some(Box::new(command))),
        None => command,
    }
}

/// Anything else about a payment or an account. An answer that meets a newer list than its payment was cleared under has
/// the payment screened again first.
pub(crate) async fn act(
    service: &Service,
    signed: &Signed,
    command: pay::Command,
) -> Result<Json<Value>, Problem> {
    let uetr = inbound::Message::Command(Box::new(command.clone())).uetr();
    let Some(uetr) = uetr else {
        let done = super::once(service, signed, Command::Pay(command)).await?;
        return Ok(Json(json!({"accepted": true, "is_repeat": done.is_none()})));
    };
    let command = Command::Pay(command);
    match tell(service, signed, uetr, command.clone()).await {
        Err(problem) if problem.is("pay.screening_stale") => {
            rescreen(service, uetr).await?;
            tell(service, signed, uetr, command).await
        }
        told => told,
    }
}

async fn rescreen(service: &Service, uetr: Uetr) -> Result<(), Problem> {
    let instruction =
        service.node.read(move |hub| hub.pay.payment(uetr).map(|known| known.instruction.clone()));
    if let Some(instruction) = instruction.await? {
        let screened = (service.screen)(&instruction);
        let again = Command::Pay(pay::Command::Rescreen(uetr, screened.clearance));
        match service.node.ask("screening", with_record(screened.record, again)).await {
            // Held: for two people, and not for the agent's ears. It is told that the verdict is old, and asks again.
            Ok(_) | Err(AskError::Refused(_)) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}

async fn tell(
    service: &Service,
    signed: &Signed,
    uetr: Uetr,
    command: Command,
) -> Result<Json<Value>, Problem> {
    let look = move |hub: &meridian_node::Hub| hub.pay.payment(uetr).map(shown);
    let actor = signed.who.as_str();
    let (asked, payment) = service.node.ask_once_and_read(actor, signed.key.clone(), command, look).await?;
    let (is_repeat, refusal) = match &asked {
        Asked::Again(_) => (true, None),
        Asked::First(done) => match done.event.pay() {
            Some(pay::Event::Resent { .. }) => (true, None),
            Some(pay::Event::Refused { refusal, .. }) => (false, Some(refusal.to_string())),
            _ => (false, None),
        },
    };
    Ok(Json(json!({"payment": payment, "is_repeat": is_repeat, "refusal": refusal})))
}
