//! National card schemes accept each other: one scheme's cards at another's terminals, each settling in its own currency.
//!
//! ```text
//!            declined: reason                late: void, 0420 queued
//!  request --+---------------> DECLINED  +-------------------------> TIMED OUT
//!            |                           |
//!            +--hold--> ASKED --approved-+--single--> POSTED --reversal--> REVERSED
//!            |            |              +--dual----> HELD ---completion or clearing--> POSTED
//!            |            +--declined--> DECLINED       |----reversal--> REVERSED
//!            +--stand-in or advice--> POSTED, HELD      +----deadline--> LAPSED
//!                (the issuer is told by an advice, queued until acknowledged)
//! ```
//!
//! Every transaction moves up to six legs (the amount, interchange, fees, in both currencies) and they are one chain
//! of the ledger and one record of the journal. Positions run through the day under net debit caps and go into cover in
//! the window. The card number never comes here: the rim makes a [`Card`] of it and asks the [`Table`] for its issuer.
//!
//! **Invariant:** no card number, no message format, no socket and no clock; whatever holds money has a deadline.

#![forbid(unsafe_code)]
#![deny(clippy::float_arithmetic)]

mod advice;
mod apply;
mod authorise;
mod bill;
mod card;
pub mod clearing;
mod command;
mod complete;
mod contest;
mod decide;
mod dispute;
mod event;
mod rate;
mod refusal;
mod response;
mod routing;
mod scheme;
mod stand_in;
mod state;
mod totals;
mod transaction;

pub use advice::{Advice, AdviceKind, Queue};
pub use apply::apply;
pub use bill::{Amounts, Bill, FeeRule, Fees, HUB, Leg, fee_account, position_account};
pub use card::{Card, Tokeniser};
pub use command::Command;
pub use decide::decide;
pub use dispute::{Disputant, Dispute, DisputeStage, DisputeStep};
pub use event::Event;
pub use rate::{Rate, RateKey, conversion_rate};
pub use refusal::{CODES, response_to};
pub use response::Response;
pub use routing::{CheckDigit, Range, RangeKey, Table, Unroutable};
pub use scheme::{Link, LinkKey, Scheme, SchemeId, Service};
pub use stand_in::{StandIn, Used};
pub use state::{Exception, FeeKey, Reconciliation, Settings, State, Stop};
pub use totals::{Activity, Role, Tally, Totals};
pub use transaction::{
    DecidedBy, Flow, Key, Kind, Opening, Outcome, Parties, Request, Stage, Transaction, TransactionId,
};
