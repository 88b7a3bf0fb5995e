//! The hub's API and console.
//!
//! Participants speak ISO 20022 over signed HTTP: a message in, a mailbox out. People look at the console. Nothing is
//! decided here: a request becomes a command, the node's answer becomes a response.
//!
//! | path | who | what |
//! |---|---|---|
//! | `POST /v1/messages` | participants | an ISO 20022 message: pacs.008, .002, .004, .028, camt.056, .029, .060, acmt.023, .024 |
//! | `POST /v1/payments` and below | banks | the same in JSON |
//! | `POST /v1/quotes` | banks | competing, binding FX quotes |
//! | `PUT /v1/rates` | FX providers | publish a rate |
//! | `POST /v1/resolutions`, `PUT /v1/proxies`, `POST /v1/reports` | banks | accounts |
//! | `POST /v1/cover` | settlement agents | real money has come in for a participant, or gone out |
//! | `POST /v1/mailbox/next` | participants | what the hub has to say, in order, from a number on; waits for it |
//! | `POST /v1/deals/{id}/evidence` | carriers, customs, banks | what happened to the goods |
//! | `POST /v1/shipments/{id}` and below | carriers, customs | a deal's goods under way: events as DCSA has them |
//! | `GET /v1/...` | participants | how things stand |
//! | `PUT /v1/policies` | banks | whether payments short of cover wait |
//! | `GET /openapi.json`, `/healthz` | anybody who is connected | the API's description; is it well |
//! | `GET /`, `/office`, `/cases`, `/metrics` | the hub's people, signed in | the console; Prometheus |
//!
//! **Invariant:** the only serde types of the product are in `wire`.

#![forbid(unsafe_code)]

mod bureau;
pub mod client;
mod console;
mod identity;
mod limits;
mod metrics;
mod oracles;
mod origins;
mod problem;
mod push;
mod routes;
mod server;
mod service;
pub mod signature;
pub mod statistics;
pub mod tls;
pub mod wire;

pub use bureau::Bureau;
pub use limits::{Limits, Place};
pub use metrics::Metrics;
pub use oracles::{Corridor, Oracles, Tariff};
pub use problem::Problem;
pub use push::push;
pub use server::{Door, serve};
pub use service::{ListAge, Service, api, operators, router};
pub use tls::Peer;
