//! What every route shares, and the routers.

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock};

use axum::routing::{get, post, put};
use axum::{Router, middleware};
use meridian_node::{Node, Screened};
use meridian_pay::Instruction;
use meridian_terms::{Bic, Day};

use crate::statistics::Sources;
use crate::{Bureau, Limits, Metrics, Oracles, Problem, console, metrics, routes};

/// Screens a payment, outside the deciding thread.
pub type Screen = dyn Fn(&Instruction) -> Screened + Send + Sync;

/// Draws the corridor's map with the ways of these deals, as SVG.
pub type Map = dyn Fn(&[Vec<String>]) -> String + Send + Sync;

/// The watch lists in force with their days.
pub type Lists = dyn Fn() -> Vec<ListAge> + Send + Sync;

/// A watch list and when it was published.
#[derive(Debug, Clone)]
pub struct ListAge {
    /// Its name.
    pub name: String,
    /// When it was published.
    pub published: Day,
}

/// Participants' public keys; they are fixed at admission, so what is here stays right.
pub type Keys = RwLock<BTreeMap<Bic, [u8; 32]>>;

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
    /// The watch lists in force.
    pub lists: Arc<Lists>,
    /// Draws the map.
    pub map: Arc<Map>,
    /// What statistics are told besides the hub.
    pub statistics: Sources,
    /// The tariffs and the network the console answers from.
    pub oracles: Arc<Oracles>,
    /// What the corridor calls itself.
    pub corridor: String,
    /// Whether figures shown are an example's, invented and marked so.
    pub is_example: bool,
    /// The door operators come in by; without one the console only shows, and only on loopback.
    pub door: Option<Arc<meridian_access::Door>>,
    /// What lies ready for the office's people.
    pub bureau: Arc<Bureau>,
    /// How much each participant may ask.
    pub limits: Arc<Limits>,
    /// What operators watch.
    pub metrics: Arc<Metrics>,
    /// Keys already looked up.
    pub keys: Arc<Keys>,
    /// Whether signatures are verified: always, except where a bench measures what they cost.
    pub checks_signatures: bool,
}

impl Service {
    /// A participant's public key.
    pub(crate) async fn key_of(&self, bic: &Bic) -> Result<Option<[u8; 32]>, Problem> {
        if let Some(key) = self.keys.read().unwrap_or_else(PoisonError::into_inner).get(bic) {
            return Ok(Some(*key));
        }
        let wanted = bic.clone();
        let key = self.node.read(move |hub| hub.pay.participant(&wanted).map(|known| known.key)).await?;
        if let Some(key) = key {
            self.keys.write().unwrap_or_else(PoisonError::into_inner).insert(bic.clone(), key);
        }
        Ok(key)
    }
}

/// What participants reach: everything signed.
pub fn api(service: Service) -> Router {
    Router::new()
        .route("/v1/messages", post(routes::messages::receive))
        .route("/v1/payments", post(routes::payments::pay))
        .route("/v1/payments/{uetr}", get(routes::views::payment))
        .route("/v1/payments/{uetr}/answer", post(routes::payments::answer))
        .route("/v1/payments/{uetr}/recall", post(routes::payments::recall))
        .route("/v1/payments/{uetr}/return", post(routes::payments::give_back))
        .route("/v1/quotes", post(routes::quotes::ask))
        .route("/v1/rates", put(routes::quotes::publish).delete(routes::quotes::withdraw))
        .route("/v1/reversals", put(routes::quotes::agree))
        .route("/v1/resolutions", post(routes::accounts::resolve))
        .route("/v1/resolutions/{id}", get(routes::accounts::resolution).post(routes::accounts::answer))
        .route("/v1/proxies", put(routes::accounts::register).delete(routes::accounts::withdraw))
        .route("/v1/reports", post(routes::accounts::report))
        .route("/v1/allotments", post(routes::accounts::allot))
        .route("/v1/cover", post(routes::cover::notify))
        .route("/v1/mailbox", get(routes::mailbox::fetch))
        .route("/v1/mailbox/next", post(routes::mailbox::next))
        .route("/v1/mailbox/acknowledge", post(routes::mailbox::acknowledge))
        .route("/v1/deals/{id}/evidence", post(routes::deals::present))
        .route("/v1/deals/{id}/documents", post(routes::deals::file))
        .route("/v1/deals/{id}/declaration", post(routes::border::lodge))
        .route("/v1/deals/{id}/customs", post(routes::border::customs))
        .route("/v1/deals/{id}/undertakings", post(routes::border::issue))
        .route("/v1/deals/{id}/undertakings/{undertaking}", post(routes::border::undertaking))
        .route("/v1/deals/{id}/mishaps", post(routes::border::mishap))
        .route("/v1/deals/{id}/settlement", post(routes::border::settlement))
        .route("/v1/licences", post(routes::licences::act))
        .route("/v1/shipments/{id}", get(routes::shipments::one).post(routes::shipments::plan))
        .route("/v1/shipments/{id}/events", get(routes::shipments::events).post(routes::shipments::observe))
        .route("/v1/shipments/{id}/position", post(routes::shipments::locate))
        .route("/v1/shipments/{id}/delay", post(routes::shipments::delay))
        .route("/v1/shipments/{id}/epcis", get(routes::shipments::epcis))
        .route("/v1/deals", get(routes::deals::all))
        .route("/v1/deals/{id}", get(routes::deals::one))
        .route("/v1/positions", get(routes::views::positions))
        .route("/v1/windows", get(routes::windows::all))
        .route("/v1/windows/{currency}/{number}/statements", get(routes::windows::statements))
        .route("/v1/policies", put(routes::windows::policy))
        .route("/v1/trades", post(routes::windows::trade))
        .route("/v1/statistics", get(routes::views::statistics))
        .route("/healthz", get(routes::views::health))
        .route("/openapi.json", get(routes::views::openapi))
        .layer(middleware::from_fn_with_state(service.clone(), metrics::positioned))
        .layer(middleware::from_fn_with_state(service.clone(), metrics::timed))
        .layer(axum::extract::DefaultBodyLimit::max(crate::identity::MOST_BYTES))
        .with_state(service)
}

/// What operators reach: the console and the metrics. Without people it asks for no credential and stays on loopback.
pub fn operators(service: Service) -> Router {
    Router::new()
        .route("/", get(console::today))
        .route("/deals/{id}", get(console::deal))
        .route("/deals/{id}/screening", get(console::dossier::screening))
        .route("/deals/{id}/declaration", get(console::dossier::declaration))
        .route("/deals/{id}/shipment", get(console::dossier::shipment))
        .route("/payments/{uetr}/entries", get(console::dossier::entries))
        .route("/payments", get(console::payments))
        .route("/payments/{uetr}", get(console::payment))
        .route("/positions", get(console::positions))
        .route("/windows", get(console::windows::windows))
        .route("/login", get(console::door::login_page).post(console::door::login))
        .route("/logout", post(console::door::logout))
        .route("/cases", get(console::cases::queue))
        .route("/cases/act", post(console::cases::act))
        .route("/cases/{id}", get(console::cases::case))
        .route("/statistics", get(console::statistics::page))
        .route("/statistics.csv", get(console::statistics::as_csv))
        .route("/statistics.xlsx", get(console::statistics::as_xlsx))
        .route("/statistics.json", get(console::statistics::as_json))
        .route("/statistics/events", get(console::statistics::events))
        .route("/tariff", get(console::tariff::look_up))
        .route("/tariff/assess", get(console::assess::page))
        .route("/tariff/origin", get(console::origin::page))
        .route("/shipments", get(console::shipments::all))
        .route("/shipments/{id}", get(console::shipments::one))
        .route("/shipments/{id}/{form}", get(console::shipments::export))
        .route("/deals/{id}/declare", get(console::declaration::page))
        .route("/deals/{id}/declare/{form}", get(console::declaration::export))
        .route("/corridor", get(console::corridor::page))
        .route("/corridor/map.svg", get(console::corridor::map))
        .route("/corridor/routes.geojson", get(console::corridor::lines))
        .route("/cases.js", get(console::cases_script))
        .route("/office", get(console::office::page))
        .route("/office/act", post(console::office::act))
        .route("/office/decide", post(console::office::decide))
        .route("/console.css", get(console::style))
        .route("/console.js", get(console::script))
        .route("/metrics", get(metrics::show))
        .layer(middleware::map_response(console::door::guarded))
        .with_state(service)
}

/// Both at one address, on loopback.
pub fn router(service: Service) -> Router {
    api(service.clone()).merge(operators(service))
}
