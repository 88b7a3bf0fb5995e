//! Licences for goods under control: entered and ended by the authority that keeps them.

use axum::Json;
use axum::extract::State;
use meridian_node::{Command, goods};
use meridian_tariff::controls::{Licence, LicenceCommand, LicenceId};
use meridian_terms::{Country, Day, Decimal, HsCode, Quantity, Refusal, Unit, Window};
use serde_json::{Value, json};

use super::body;
use crate::identity::Signed;
use crate::wire::licences::LicenceAct;
use crate::{Problem, Service};

pub(crate) async fn act(State(service): State<Service>, signed: Signed) -> Result<Json<Value>, Problem> {
    let command = command(body(&signed.body)?)?;
    let by = signed.who.clone();
    let done =
        super::once(&service, &signed, Command::Goods(goods::Command::Licence { command, by })).await?;
    Ok(Json(json!({"event": done.as_ref().map(|done| done.event_number), "is_repeat": done.is_none()})))
}

fn command(asked: LicenceAct) -> Result<LicenceCommand, Refusal> {
    Ok(match asked {
        LicenceAct::Issue {
            id,
            document,
            holder,
            codes,
            destinations,
            end_use,
            quantity,
            unit,
            from,
            until,
        } => LicenceCommand::Issue(Licence {
            id: LicenceId::new(&id)?,
            document,
            holder,
            codes: codes.iter().map(|code| HsCode::parse(code)).collect::<Result<_, _>>()?,
            destinations: destinations.iter().map(|code| Country::parse(code)).collect::<Result<_, _>>()?,
            end_use,
            quantity: Quantity::new(Decimal::parse(&quantity)?, Unit::parse(&unit)?),
            validity: Window::new(Day::parse(&from)?, until.as_deref().map(Day::parse).transpose()?)?,
        }),
        LicenceAct::Revoke { id } => LicenceCommand::Revoke(LicenceId::new(&id)?),
    })
}
