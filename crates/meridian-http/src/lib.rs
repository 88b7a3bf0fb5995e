//! The hub's API and console.
//!
//! Participants speak ISO 20022 over signed HTTP: a message in, a mailbox out. People look at the console. Nothing is
//! decided here: a request becomes a command, the node's answer becomes a response.
//!
//! | path | who | what |
//! |---|---|---|
//! | `POST /v1/messages` | participants | an ISO 20022 message: pacs.008, pacs.002, pacs.004, pacs.028, camt.056, camt.029 |
//! | `POST /v1/quotes` | banks | competing, binding FX quotes |
//! | `PUT /v1/rates` | FX providers | publish a rate |
//! | `POST /v1/cover` | settlement agents | real money has come in for a participant, or gone out |
//! | `GET /v1/mailbox` | participants | what the hub has to say, in order, from a number on |
//! | `POST /v1/mailbox/acknowledge` | participants | up to which number it has arrived |
//! | `POST /v1/deals/{id}/evidence` | carriers, customs, banks | what happened to the goods |
//! | `GET /v1/payments/{uetr}` and other views | participants | how things stand |
//! | `GET /` | people | the console |
//!
//! **Invariant:** the only serde types of the product are in `wire`.

#![forbid(unsafe_code)]

mod console;
mod identity;
mod problem;
mod routes;
mod service;
pub mod signature;
pub mod wire;

pub use problem::Problem;
pub use service::{Service, router};
