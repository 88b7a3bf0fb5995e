//! Cover: what a national settlement agent says has come in for a participant, or gone out.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use meridian_node::Command;
use meridian_pay::{self as pay, Role};
use meridian_terms::{Bic, Money, Refusal};
use serde_json::{Value, json};

use super::{body, number};
use crate::identity::Signed;
use crate::wire::Cover;
use crate::{Problem, Service};

/// Only a settlement agent speaks of real money; the same notice counts once.
pub(crate) async fn notify(State(service): State<Service>, signed: Signed) -> Result<Json<Value>, Problem> {
    let asked: Cover = body(&signed.body)?;
    let agent = signed.who.clone();
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
    let reference = number(&asked.notice)?;
    let command = match asked.direction.as_str() {
        "in" => pay::Command::Fund { participant, amount, reference },
        "out" => pay::Command::Withdraw { participant, amount, reference },
        other => {
            return Err(Refusal::new("http.direction_malformed", other.to_owned())
                .next("send in or out")
                .into());
        }
    };
    match super::once(&service, &signed, Command::Pay(command)).await {
        Ok(done) => Ok(Json(json!({"booked": asked.amount, "is_repeat": done.is_none()}))),
        // The same notice counts once, and is told so.
        Err(problem) if problem.is("ledger.exists") => {
            Ok(Json(json!({"booked": asked.amount, "is_repeat": true})))
        }
        Err(problem) => Err(problem),
    }
}
