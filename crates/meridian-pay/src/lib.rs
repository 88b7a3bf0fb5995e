//! Payments across two currencies: both legs or none.
//!
//! ```text
//!               refuse                    RJCT, deadline (HIGH)           camt.056      pacs.004
//!  pacs.008 --+-------> REFUSED    +--------------------> REJECTED          +----> RECALLED ----+
//!             |            ^       |  chase (NORM)                          |        | camt.029 |
//!             |  new quote |       | +----+                                 |        v          v
//!             +--reserve both legs-> SENT <-+--ACCC------------> COMMITTED --+--------+------> RETURNED
//!                                  |                               ^   pacs.004               ^
//!                                  +--ACWP--> ACCEPTED_PENDING ----+--------------------------+
//!                                  |          (both legs posted)   | BLCK
//!                                  +--BLCK-------------------------+--> BLOCKED
//!                                             (posted; frozen at the creditor agent)
//! ```
//!
//! A payment's two legs (debtor agent to provider in the source currency, provider to creditor agent in the
//! target currency) are one chain of the ledger and one record of the journal: no batch, interleaving or crash
//! can keep one without the other. Every state that is not final has a deadline.
//!
//! **Invariant:** pay knows no goods, no sockets and no clock. It never sends: it puts messages in mailboxes.

#![forbid(unsafe_code)]
#![deny(clippy::float_arithmetic)]

mod account;
mod admission;
pub mod agents;
mod answers;
mod apply;
mod caps;
mod command;
mod decide;
mod event;
mod fee;
pub mod inbound;
mod legs;
mod link;
mod mailbox;
pub mod outbound;
mod participant;
mod payment;
mod purpose;
pub mod queue;
mod quote;
mod rate;
mod refusal;
mod resolution;
mod returns;
mod settings;
mod state;
mod timers;

pub use account::{Booking, Report, holder};
pub use apply::apply;
pub use caps::{Cap, CapKey};
pub use command::{
    Answer, AnswerStatus, Clearance, Command, Instruction, QuoteRequest, RecallAnswer, Return, Verdict,
};
pub use decide::decide;
pub use event::{Conclusion, Event, Queueing, Reservation};
pub use fee::{Bearer, Charge, Fee};
pub use legs::{Leg, Legs};
pub use link::{InFlight, Link, LinkKey};
pub use mailbox::{Mailbox, Notice, Outgoing};
pub use participant::{Participant, Role};
pub use payment::{Fault, Payment, Priority, Stage};
pub use purpose::{Direction, PurposeRule};
pub use quote::{Fixed, Quote, QuoteId};
pub use rate::{Improvement, RateCard, RateKey};
pub use refusal::CODES;
pub use resolution::{
    Outcome, Proxy, ProxyKey, Resolution, ResolutionAnswer, ResolutionId, ResolutionRequest,
};
pub use settings::Settings;
pub use state::State;
