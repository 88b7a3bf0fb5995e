//! ISO 20022 messages in.

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, Method, Uri};
use meridian_node::{AskError, Command, Event};
use meridian_pay::{self as pay, inbound};
use meridian_terms::{Refusal, Uetr};
use serde_json::{Value, json};

use super::views::shown;
use crate::identity::signer;
use crate::{Problem, Service};

/// Takes a message: read, screened where it moves money, decided, durable; the response tells how it stands. The
/// ISO answer is in the mailbox.
pub(crate) async fn receive(
    State(service): State<Service>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    bytes: Bytes,
) -> Result<Json<Value>, Problem> {
    let who = signer(&service, &method, &uri, &headers, &bytes).await?;
    let message = inbound::understand(&bytes, &who)?;
    let uetr = message.uetr();
    let command = match message {
        inbound::Message::Payment(instruction) => {
            if instruction.debtor_agent != who {
                return Err(Refusal::new(
                    "http.other_sender",
                    format!("{who} sends for {}", instruction.debtor_agent),
                )
                .rule("the debtor agent signs its own payments")
                .next("sign with the debtor agent's key")
                .into());
            }
            let clearance = (service.screen)(&instruction);
            pay::Command::Submit(instruction, clearance)
        }
        inbound::Message::Command(command) => *command,
    };
    match service.node.ask(who.as_str(), Command::Pay(command)).await {
        Ok(done) => Ok(Json(standing(&service, uetr, Some(&done.event)).await?)),
        // A re-sent payment is answered with how the first one stands.
        Err(AskError::Refused(refusal)) if refusal.code == "pay.known" => {
            Ok(Json(standing(&service, uetr, None).await?))
        }
        Err(error) => Err(error.into()),
    }
}

async fn standing(service: &Service, uetr: Uetr, event: Option<&Event>) -> Result<Value, Problem> {
    let payment = service.node.read(move |hub| hub.pay.payment(uetr).map(shown)).await?;
    let refusal = match event {
        Some(Event::Pay(pay::Event::Refused { refusal, .. })) => Some(refusal.to_string()),
        _ => None,
    };
    Ok(json!({"payment": payment, "is_repeat": event.is_none(), "refusal": refusal}))
}
