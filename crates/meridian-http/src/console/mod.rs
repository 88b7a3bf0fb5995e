//! The console: what people look at. Pages read the hub and nothing else.

mod alignment;
mod asked;
pub(crate) mod assess;
pub(crate) mod cases;
pub(crate) mod corridor;
pub(crate) mod declaration;
pub(crate) mod door;
pub(crate) mod dossier;
pub(crate) mod office;
pub(crate) mod origin;
mod pages;
pub(crate) mod shipments;
pub(crate) mod statistics;
pub(crate) mod tariff;
mod waterfall;
mod ways;
pub(crate) mod windows;

use askama::Template;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use meridian_deal::DealId;
use meridian_people::Act;
use meridian_terms::Uetr;

use crate::Service;
use pages::{DealPage, Frame, PaymentPage, PaymentsPage, PositionsPage, TodayPage};

pub(crate) async fn today(State(service): State<Service>, headers: HeaderMap) -> Response {
    if let Err(response) = office::may_look(&service, &headers, Act::Look).await {
        return response;
    }
    let (frame, map) = (Frame::of(&service), service.map.clone());
    match service.node.read(move |hub| TodayPage::of(frame, hub, &*map)).await {
        Ok(page) => html(&page),
        Err(error) => crate::Problem::from(error).into_response(),
    }
}

pub(crate) async fn deal(
    State(service): State<Service>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Response {
    if let Err(response) = office::may_look(&service, &headers, Act::Look).await {
        return response;
    }
    let (frame, map) = (Frame::of(&service), service.map.clone());
    let page = service
        .node
        .read(move |hub| hub.deal.deal(&DealId(id)).map(|deal| DealPage::of(frame, deal, hub, &*map)));
    match page.await {
        Ok(Some(page)) => html(&page),
        Ok(None) => missing("There is no such deal."),
        Err(error) => crate::Problem::from(error).into_response(),
    }
}

pub(crate) async fn payments(State(service): State<Service>, headers: HeaderMap) -> Response {
    if let Err(response) = office::may_look(&service, &headers, Act::Look).await {
        return response;
    }
    let frame = Frame::of(&service);
    match service.node.read(move |hub| PaymentsPage::of(frame, hub)).await {
        Ok(page) => html(&page),
        Err(error) => crate::Problem::from(error).into_response(),
    }
}

pub(crate) async fn payment(
    State(service): State<Service>,
    Path(uetr): Path<String>,
    headers: HeaderMap,
) -> Response {
    if let Err(response) = office::may_look(&service, &headers, Act::Look).await {
        return response;
    }
    let frame = Frame::of(&service);
    let lists = (service.lists)();
    let Ok(uetr) = Uetr::parse(&uetr) else { return missing("That is not a UETR.") };
    match service
        .node
        .read(move |hub| hub.pay.payment(uetr).map(|payment| PaymentPage::of(frame, hub, payment, &lists)))
        .await
    {
        Ok(Some(page)) => html(&page),
        Ok(None) => missing("There is no such payment."),
        Err(error) => crate::Problem::from(error).into_response(),
    }
}

pub(crate) async fn positions(State(service): State<Service>, headers: HeaderMap) -> Response {
    if let Err(response) = office::may_look(&service, &headers, Act::Look).await {
        return response;
    }
    let frame = Frame::of(&service);
    match service.node.read(move |hub| PositionsPage::of(frame, hub)).await {
        Ok(page) => html(&page),
        Err(error) => crate::Problem::from(error).into_response(),
    }
}

pub(crate) async fn style() -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "text/css; charset=utf-8")], include_str!("../../templates/console.css"))
}

pub(crate) async fn script() -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "text/javascript; charset=utf-8")], include_str!("../../templates/console.js"))
}

pub(crate) async fn cases_script() -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "text/javascript; charset=utf-8")], include_str!("../../templates/cases.js"))
}

fn html(page: &impl Template) -> Response {
    match page.render() {
        Ok(text) => Html(text).into_response(),
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()).into_response(),
    }
}

fn missing(words: &'static str) -> Response {
    (StatusCode::NOT_FOUND, Html(format!("<p>{words} <a href=\"/\">Back to today</a></p>"))).into_response()
}
