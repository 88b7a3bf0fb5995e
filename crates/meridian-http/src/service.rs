//! What every route shares, and the one router.

use std::sync::Arc;

use axum::Router;
use axum::routing::{get, post, put};
use meridian_node::Node;
use meridian_pay::{Clearance, Instruction};

use crate::{console, routes};

/// Screens a payment, outside the deciding thread.
pub type Screen = dyn Fn(&Instruction) -> Clearance + Send + Sync;

/// Draws the corridor's map with the ways of these deals, as SVG.
pub type Map = dyn Fn(&[Vec<String>]) -> String + Send + Sync;

/// What every route shares.
#[derive(Clone)]
pub struct Service {
    /// The node.
    pub node: Node,
    /// The hub's own BIC, for message headers.
    pub hub: String,
    /// What clients write before the path: `http://127.0.0.1:8080`. Signatures cover it.
    pub public_url: String,
    /// Screens payments.
    pub screen: Arc<Screen>,
    /// Draws the map.
    pub map: Arc<Map>,
    /// What the corridor calls itself.
    pub corridor: String,
    /// Whether figures shown are an example's, invented and marked so.
    pub is_example: bool,
}

/// The hub's routes.
pub fn router(service: Service) -> Router {
    Router::new()
        .route("/v1/messages", post(routes::messages::receive))
        .route("/v1/quotes", post(routes::quotes::ask))
        .route("/v1/rates", put(routes::quotes::publish))
        .route("/v1/cover", post(routes::cover::notify))
        .route("/v1/mailbox", get(routes::mailbox::fetch))
        .route("/v1/mailbox/acknowledge", post(routes::mailbox::acknowledge))
        .route("/v1/deals/{id}/evidence", post(routes::deals::present))
        .route("/v1/deals/{id}/documents", post(routes::deals::file))
        .route("/v1/deals/{id}/declaration", post(routes::border::lodge))
        .route("/v1/deals/{id}/customs", post(routes::border::customs))
        .route("/v1/deals/{id}/undertakings", post(routes::border::issue))
        .route("/v1/deals/{id}/undertakings/{undertaking}", post(routes::border::undertaking))
        .route("/v1/deals/{id}/mishaps", post(routes::border::mishap))
        .route("/v1/deals/{id}/settlement", post(routes::border::settlement))
        .route("/v1/deals", get(routes::deals::all))
        .route("/v1/deals/{id}", get(routes::deals::one))
        .route("/v1/payments/{uetr}", get(routes::views::payment))
        .route("/v1/positions", get(routes::views::positions))
        .route("/v1/statistics", get(routes::views::statistics))
        .route("/healthz", get(routes::views::health))
        .route("/", get(console::today))
        .route("/deals/{id}", get(console::deal))
        .route("/payments", get(console::payments))
        .route("/payments/{uetr}", get(console::payment))
        .route("/positions", get(console::positions))
        .route("/console.css", get(console::style))
        .layer(axum::extract::DefaultBodyLimit::max(1024 * 1024))
        .with_state(service)
}
