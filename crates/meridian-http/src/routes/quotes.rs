//! Quotes and rates.

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, Method, Uri};
use meridian_node::{Command, Event};
use meridian_pay::{self as pay, Fixed, Improvement, QuoteRequest, RateCard, RateKey};
use meridian_terms::{Currency, Moment, Money, Ratio, Refusal, Window};

use super::body;
use crate::identity::signer;
use crate::wire::{AskQuotes, PublishRate, Quote};
use crate::{Problem, Service};

pub(crate) async fn ask(
    State(service): State<Service>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    bytes: Bytes,
) -> Result<Json<Vec<Quote>>, Problem> {
    let agent = signer(&service, &method, &uri, &headers, &bytes).await?;
    let asked: AskQuotes = body(&bytes)?;
    let fixed = match asked.fixed.as_str() {
        "source" => Fixed::Source,
        "target" => Fixed::Target,
        other => {
            return Err(Refusal::new("http.fixed_malformed", format!("{other:?}"))
                .next("send source or target")
                .into());
        }
    };
    let (from, to) = (Currency::parse(&asked.from)?, Currency::parse(&asked.to)?);
    let currency = if fixed == Fixed::Source { from } else { to };
    let id = u128::from_str_radix(&asked.id, 16).map_err(|_| {
        Refusal::new("http.id_malformed", asked.id.clone()).next("send 32 hexadecimal digits")
    })?;
    let amount = Money::parse(&asked.amount, currency)?;
    let request = QuoteRequest { id, agent: agent.clone(), from, to, fixed, amount };
    let done = service.node.ask(agent.as_str(), Command::Pay(pay::Command::AskQuotes(request))).await?;
    let Event::Pay(pay::Event::Quoted(quotes)) = done.event else { return Ok(Json(Vec::new())) };
    let shown = |quote: pay::Quote| Quote {
        id: quote.id.to_string(),
        provider: quote.provider.to_string(),
        source: quote.source.into(),
        target: quote.target.into(),
        rate: quote.rate.to_string(),
        via: quote.via.map(|via| via.to_string()),
        expires: quote.expires.to_string(),
    };
    Ok(Json(quotes.into_iter().map(shown).collect()))
}

pub(crate) async fn publish(
    State(service): State<Service>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    bytes: Bytes,
) -> Result<Json<serde_json::Value>, Problem> {
    let provider = signer(&service, &method, &uri, &headers, &bytes).await?;
    let asked: PublishRate = body(&bytes)?;
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
    let card = RateCard {
        base: Ratio::parse_decimal(&asked.rate)?,
        valid,
        tiers,
        agents: std::collections::BTreeMap::new(),
        most: Money::parse(&asked.most, from)?.minor(),
    };
    let key = RateKey { provider: provider.clone(), from, to };
    service.node.ask(provider.as_str(), Command::Pay(pay::Command::PublishRate(key, card))).await?;
    Ok(Json(serde_json::json!({"published": format!("{from}/{to}")})))
}
