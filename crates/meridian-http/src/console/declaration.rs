//! A deal's simplified declaration: what the contract knows, completed by the declarant, as a page to print, JSON or XML.

use std::collections::BTreeMap;

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use meridian_deal::{Deal, DealId};
use meridian_people::Act;
use meridian_tariff::assess::{Item, assess};
use meridian_tariff::declaration::{
    Charge, Declaration, DocumentReference, Goods, Procedure, Shipment, Trader,
};
use meridian_terms::{
    Currency, Day, Decimal, Moment, Money, Party, Quantity, Ratio, Refusal, Rounding, Unit,
};

use super::asked::{Asked, encoded};
use super::pages::Frame;
use super::{html, missing, office};
use crate::{Oracles, Problem, Service, Tariff};

pub(crate) async fn page(
    State(service): State<Service>,
    Path(id): Path<String>,
    Query(asked): Query<Vec<(String, String)>>,
    headers: HeaderMap,
) -> Response {
    let asked = Asked(asked);
    let (deal, now) = match deal_of(&service, &headers, &id).await {
        Ok(known) => known,
        Err(response) => return response,
    };
    let made = declaration(&service.oracles, &deal, &asked, now.day());
    let query = asked.with("day", &asked.stated("day").map_or_else(|| now.day().to_string(), str::to_owned));
    let lines = deal.contract.goods.iter().zip(1..);
    html(&DeclarationPage {
        frame: Frame::of(&service),
        deal: id.clone(),
        faults: match &made {
            Ok(_) => Vec::new(),
            Err(refusal) => refusal.what.split("; ").map(str::to_owned).collect(),
        },
        figures: made.ok().map(|made| [made.customs_value().to_string(), made.charges().to_string()]),
        fields: fields(&deal, &asked),
        lines: lines
            .map(|(goods, number)| LineFields {
                number,
                what: format!("{} {}, {} kg net", goods.hs, goods.description, goods.net_kg),
                packages: asked.text(&format!("packages_{number}")),
                gross: asked.text(&format!("gross_{number}")),
            })
            .collect(),
        links: ["html", "json", "xml"]
            .map(|form| (form, format!("/deals/{}/declare/declaration.{form}{query}", encoded(&id)))),
    })
}

/// `declaration.html`, `declaration.json`, `declaration.xml`.
pub(crate) async fn export(
    State(service): State<Service>,
    Path((id, form)): Path<(String, String)>,
    Query(asked): Query<Vec<(String, String)>>,
    headers: HeaderMap,
) -> Response {
    let (deal, now) = match deal_of(&service, &headers, &id).await {
        Ok(known) => known,
        Err(response) => return response,
    };
    let made = match declaration(&service.oracles, &deal, &Asked(asked), now.day()) {
        Ok(made) => made,
        Err(refusal) => return (StatusCode::UNPROCESSABLE_ENTITY, refusal.to_string()).into_response(),
    };
    match form.as_str() {
        "declaration.html" => Html(made.to_html()).into_response(),
        "declaration.json" => ([(header::CONTENT_TYPE, "application/json")], made.to_json()).into_response(),
        "declaration.xml" => ([(header::CONTENT_TYPE, "application/xml")], made.to_xml()).into_response(),
        _ => missing("There is no such form of a declaration."),
    }
}

async fn deal_of(service: &Service, headers: &HeaderMap, id: &str) -> Result<(Deal, Moment), Response> {
    office::may_look(service, headers, Act::Look).await?;
    let name = DealId(id.to_owned());
    let deal = service.node.read(move |hub| hub.deal.deal(&name).cloned()).await;
    let deal = deal.map_err(|error| Problem::from(error).into_response())?;
    Ok((deal.ok_or_else(|| missing("There is no such deal."))?, service.node.clock().now()))
}

#[derive(Template)]
#[template(path = "declare.html")]
struct DeclarationPage {
    frame: Frame,
    deal: String,
    faults: Vec<String>,
    figures: Option<[String; 2]>,
    fields: Vec<Field>,
    lines: Vec<LineFields>,
    links: [(&'static str, String); 3],
}

/// What the contract does not say, or says and may be said better.
struct Field {
    name: &'static str,
    label: &'static str,
    value: String,
}

struct LineFields {
    number: usize,
    what: String,
    packages: String,
    gross: String,
}

fn fields(deal: &Deal, asked: &Asked) -> Vec<Field> {
    let contract = &deal.contract;
    let field = |name, label, known: String| Field {
        name,
        label,
        value: asked.stated(name).map_or(known, str::to_owned),
    };
    let lodged = format!("{}-1", contract.id);
    vec![
        field("reference", "Reference", lodged),
        field("office", "Customs office", String::new()),
        field("exporter_address", "Exporter's address", address(&contract.seller)),
        field("consignee_address", "Consignee's address", address(&contract.buyer)),
        field("declarant", "Declarant", contract.buyer.name.clone()),
        field("declarant_address", "Declarant's address", address(&contract.buyer)),
        field("declarant_number", "Declarant's tax number", String::new()),
        field("transport", "Means of transport at the border", contract.conveyances.join(", ")),
    ]
}

fn address(party: &Party) -> String {
    let Some(known) = &party.address else { return String::new() };
    let street = known.street.iter().chain(&known.lines).cloned();
    let town = format!("{} {}", known.post_code.as_deref().unwrap_or_default(), known.town);
    let parts: Vec<String> = street.chain([town.trim().to_owned(), known.country.to_string()]).collect();
    parts.join(", ")
}

/// The declaration of a deal on a day. Nothing is filled in that nobody said.
fn declaration(oracles: &Oracles, deal: &Deal, asked: &Asked, today: Day) -> Result<Declaration, Refusal> {
    let contract = &deal.contract;
    let said: BTreeMap<&str, String> =
        fields(deal, asked).into_iter().map(|field| (field.name, field.value)).collect();
    let text = |name: &str| said.get(name).cloned().unwrap_or_default();
    let into = contract.buyer.country;
    let tariff = oracles.tariffs.get(into.as_str()).ok_or_else(|| {
        Refusal::new("declaration.no_tariff", format!("this hub has no tariff of {into}"))
            .next("add the pack to the hub's files")
    })?;
    let wrong = |why: String| Refusal::new("declaration.invalid", why);
    let day = asked.read("day", Day::parse).map_err(wrong)?.unwrap_or(today);
    let own = tariff.pack.currency;
    let freight = deal.route.as_ref().map(|route| route.freight);
    let documents: Vec<DocumentReference> = deal
        .documents
        .iter()
        .map(|(kind, digest)| DocumentReference {
            kind: kind.clone(),
            number: format!("blake3:{}", &blake3::Hash::from(*digest).to_hex()[..16]),
            day: filed(deal, kind, day),
        })
        .collect();
    let trader = |party: &Party, name: String, address: String, number: Option<String>| Trader {
        name,
        number,
        address,
        country: party.country,
    };
    let mut goods = Vec::new();
    for (line, number) in contract.goods.iter().zip(1..) {
        let gross = asked.decimal(&format!("gross_{number}")).map_err(wrong)?;
        let kilograms = |amount: Decimal| Quantity::new(amount, Unit::Kilogram);
        let item = Item {
            freight,
            net_kg: Some(line.net_kg),
            day: Some(day),
            has_proof: deal.documents.keys().any(|kind| kind.contains("origin")),
            ..Item::new(line.hs.clone(), line.origin, line.value)
        };
        let (preference, charges) = assessed(tariff, &item)?;
        goods.push(Goods {
            code: line.hs.clone(),
            description: line.description.clone(),
            origin: line.origin,
            packages: asked.text(&format!("packages_{number}")),
            // Without a gross mass there is none: the declaration says so.
            gross: kilograms(gross.unwrap_or(Decimal::ZERO)),
            net: kilograms(line.net_kg),
            supplementary: None,
            price: line.value,
            preference,
            documents: documents.clone(),
            charges,
        });
    }
    let number = Some(text("declarant_number")).filter(|number| !number.is_empty());
    Declaration::assemble(Shipment {
        reference: text("reference"),
        procedure: Procedure::Import,
        day,
        office: text("office"),
        exporter: trader(&contract.seller, contract.seller.name.clone(), text("exporter_address"), None),
        consignee: trader(&contract.buyer, contract.buyer.name.clone(), text("consignee_address"), None),
        declarant: trader(&contract.buyer, text("declarant"), text("declarant_address"), number),
        from: contract.seller.country,
        to: into,
        delivery_terms: format!("{} {}", contract.incoterm.word(), contract.named_place),
        transport: text("transport"),
        added_to_value: match freight {
            Some(freight) => {
                freight.convert(&rate(tariff, freight.currency(), day)?, own, Rounding::HalfUp)?
            }
            None => Money::zero(own),
        },
        rate: rate(tariff, contract.price.currency(), day)?,
        goods,
    })
}

/// When a document came, as far as the deal knows; a digest alone says nothing of the day.
fn filed(deal: &Deal, kind: &str, day: Day) -> Day {
    let evidence = deal.evidence.iter().find(|(_, evidence)| evidence.document.starts_with(kind));
    evidence.map_or(day, |(at, _)| at.day().min(day))
}

/// The preference the best way rests on, and what is charged.
fn assessed(tariff: &Tariff, item: &Item) -> Result<(Option<String>, Vec<Charge>), Refusal> {
    let found = assess(&tariff.pack, item, &BTreeMap::new())?;
    let needs: Vec<String> = found.needs.iter().map(ToString::to_string).collect();
    let best =
        found.choices.into_iter().next().ok_or_else(|| {
            Refusal::new("declaration.needs", needs.join(", ")).next("declare what is missing")
        })?;
    let is_preference = matches!(best.kind.word(), "preference" | "preferential quota");
    let rows = best.rows.into_iter().filter(|row| row.name != "customs value");
    let charges = rows.map(|row| Charge {
        kind: row.name.to_owned(),
        base: row.base.map_or_else(String::new, |base| base.to_string()),
        rate: row.sentence,
        amount: row.amount,
    });
    Ok((is_preference.then_some(best.basis), charges.collect()))
}

/// Units of the customs currency for one unit of another.
fn rate(tariff: &Tariff, currency: Currency, day: Day) -> Result<Ratio, Refusal> {
    let own = tariff.pack.currency;
    let unknown = || {
        Refusal::new("declaration.no_rate", format!("{} has no rate of {currency}", tariff.pack.name))
            .next("add it to rates.csv")
    };
    let minor = tariff.pack.rate(currency, Some(day)).ok_or_else(unknown)?.rate;
    minor.checked_div(&Ratio::whole(10_i128.pow(u32::from(own.exponent())))).ok_or_else(unknown)
}
