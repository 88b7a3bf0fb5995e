//! Cover: what a national settlement agent says has come in for a participant, or gone out.

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use meridian_node::Command;
use meridian_pay::{self as pay, Role};
use meridian_terms::{Bic, Money, Refusal};
use serde_json::{Value, json};

use super::body;
use crate::identity::signer;
use crate::wire::Cover;
use crate::{Problem, Service};

/// Only a settlement agent speaks of real money; the same notice counts once.
pub(crate) async fn notify(
    State(service): State<Service>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    bytes: Bytes,
) -> Result<Json<Value>, Problem> {
    let agent = signer(&service, &method, &uri, &headers, &bytes).await?;
    let asked: Cover = body(&bytes)?;
    let who = agent.clone();
    let role =
        service.node.read(move |hub| hub.pay.participant(&who).map(|participant| participant.role)).await?;
    if role != Some(Role::SettlementAgent) {
        let refusal = Refusal::new("http.not_the_settlement_agent", agent.to_string())
            .rule("only a settlement agent says what real money has moved")
            .next("let the national settlement agent send the notice");
        return Err(Problem::with_status(&refusal, StatusCode::FORBIDDEN));
    }
    let participant = Bic::parse(&asked.participant)?;
    let amount = Money::try_from(&asked.amount)?;
    let reference = u128::from_str_radix(&asked.notice, 16).map_err(|_| {
        Refusal::new("http.id_malformed", asked.notice.clone()).next("send 32 hexadecimal digits")
    })?;
    let command = match asked.direction.as_str() {
        "in" => pay::Command::Fund { participant, amount, reference },
        "out" => pay::Command::Withdraw { participant, amount, reference },
        other => {
            return Err(Refusal::new("http.direction_malformed", other.to_owned())
                .next("send in or out")
                .into());
        }
    };
    let done = service.node.ask(agent.as_str(), Command::Pay(command)).await?;
    Ok(Json(json!({"booked": asked.amount, "event": done.event_number})))
}
