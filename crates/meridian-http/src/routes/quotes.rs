//! Quotes and rates.

use axum::Json;
use axum::extract::State;
use meridian_node::Command;
use meridian_pay::{self as pay, Bearer, Fixed, Improvement, QuoteRequest, RateCard, RateKey};
use meridian_terms::{Bic, Currency, Moment, Money, Ratio, Refusal, Window};
use serde_json::{Value, json};

use super::{body, number};
use crate::identity::Signed;
use crate::wire::{AskQuotes, PublishRate, Quote, Reversals, WithdrawRate};
use crate::{Problem, Service};

pub(crate) async fn ask(State(service): State<Service>, signed: Signed) -> Result<Json<Vec<Quote>>, Problem> {
    let agent = signed.who.clone();
    let asked: AskQuotes = body(&signed.body)?;
    let fixed = match asked.fixed.as_str() {
        "source" => Fixed::Source,
        "target" => Fixed::Target,
        other => {
            let refusal = Refusal::new("http.fixed_malformed", format!("{other:?}"));
            return Err(refusal.next("send source or target").into());
        }
    };
    let (from, to) = (Currency::parse(&asked.from)?, Currency::parse(&asked.to)?);
    let request = QuoteRequest {
        id: number(&asked.id)?,
        agent: agent.clone(),
        from,
        to,
        fixed,
        amount: Money::parse(&asked.amount, if fixed == Fixed::Source { from } else { to })?,
        creditor_agent: asked.creditor_agent.as_deref().map(Bic::parse).transpose()?,
        bearer: bearer(asked.charge_bearer.as_deref())?,
        own_charge: asked.own_charge.as_deref().map(|charge| Money::parse(charge, from)).transpose()?,
    };
    let id = request.id;
    let look = move |hub: &meridian_node::Hub| -> Vec<Quote> {
        hub.pay.quotes_for(&agent, id).into_iter().map(shown).collect()
    };
    let command = Command::Pay(pay::Command::AskQuotes(request));
    let asked =
        service.node.ask_once_and_read(signed.who.as_str(), signed.key.clone(), command, look).await?;
    Ok(Json(asked.1))
}

/// SHAR unless something else is said.
pub(crate) fn bearer(code: Option<&str>) -> Result<Bearer, Refusal> {
    code.map_or(Some(Bearer::Shared), Bearer::parse).ok_or_else(|| {
        Refusal::new("http.bearer_malformed", code.unwrap_or_default().to_owned())
            .next("send SHAR, DEBT or CRED")
    })
}

fn shown(quote: &pay::Quote) -> Quote {
    Quote {
        id: quote.id.to_string(),
        provider: quote.provider.to_string(),
        source: quote.source.into(),
        target: quote.target.into(),
        fee: quote.fee.into(),
        credited: quote.credited.into(),
        rate: quote.rate.to_string(),
        via: quote.via.map(|via| via.to_string()),
        expires: quote.expires.to_string(),
    }
}

pub(crate) async fn publish(State(service): State<Service>, signed: Signed) -> Result<Json<Value>, Problem> {
    let asked: PublishRate = body(&signed.body)?;
    let (from, to) = (Currency::parse(&asked.from)?, Currency::parse(&asked.to)?);
    let valid = Window::new(Moment::parse(&asked.valid_from)?, Some(Moment::parse(&asked.valid_until)?))?;
    let mut tiers = Vec::new();
    for tier in &asked.tiers {
        tiers.push(Improvement {
            from_minor: Money::parse(&tier.from, from)?.minor(),
            basis_points: tier.basis_points,
        });
    }
    tiers.sort_by_key(|tier| tier.from_minor);
    let agents = asked.agents.iter().map(|(agent, points)| Ok((Bic::parse(agent)?, *points)));
    let card = RateCard {
        base: Ratio::parse_decimal(&asked.rate)?,
        valid,
        tiers,
        agents: agents.collect::<Result<_, Refusal>>()?,
        most: Money::parse(&asked.most, from)?.minor(),
    };
    let key = RateKey { provider: signed.who.clone(), from, to };
    super::once(&service, &signed, Command::Pay(pay::Command::PublishRate(key, card))).await?;
    Ok(Json(json!({"published": format!("{from}/{to}")})))
}

pub(crate) async fn withdraw(State(service): State<Service>, signed: Signed) -> Result<Json<Value>, Problem> {
    let asked: WithdrawRate = body(&signed.body)?;
    let (from, to) = (Currency::parse(&asked.from)?, Currency::parse(&asked.to)?);
    let key = RateKey { provider: signed.who.clone(), from, to };
    super::once(&service, &signed, Command::Pay(pay::Command::WithdrawRate(key))).await?;
    Ok(Json(json!({"withdrawn": format!("{from}/{to}")})))
}

pub(crate) async fn agree(State(service): State<Service>, signed: Signed) -> Result<Json<Value>, Problem> {
    let Reversals { agrees } = body(&signed.body)?;
    let command = pay::Command::AgreeReversal(signed.who.clone(), agrees);
    super::once(&service, &signed, Command::Pay(command)).await?;
    Ok(Json(json!({"agrees": agrees})))
}
