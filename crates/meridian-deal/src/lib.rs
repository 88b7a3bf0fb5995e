//! The deal: one shipment as one story, from contract to payout.
//!
//! ```text
//!  AGREED --assess, choose route, screen--> READY --evidence--> obligations fall due --normal payments--> SETTLED
//!                                             |                                                             ^
//!                                             +-- hold, cancel, expiry -----------------> CLOSED            |
//!                                                                              every obligation paid -------+
//! ```
//!
//! What a deal owes (goods by milestones, duty, VAT, fees, freight) is a list of [`Obligation`]s. Evidence that an
//! obligation names makes it fall due; then its payer's bank sends a *normal payment* that cites it. Nothing stays
//! reserved in the ledger while goods travel: a bank's [`Undertaking`] may stand behind an obligation instead. Customs is a
//! participant and assesses what is owed to it; what goes wrong ([`Mishap`]) ends as the contract says. The payment's own event is what marks the obligation paid: a deal
//! never says of itself that money has moved.
//!
//! **Invariant:** an obligation is paid at most once, only after its evidence, never after its expiry.

#![forbid(unsafe_code)]
#![deny(clippy::float_arithmetic)]

mod apply;
mod command;
mod contract;
mod control;
mod customs;
mod decide;
mod event;
mod evidence;
mod mishap;
mod obligation;
mod refusal;
mod state;
mod statistics;
mod undertaking;

pub use apply::{apply, observe};
pub use command::{Command, Screened};
pub use contract::{
    Bearer, Contract, DealId, Goods, Incoterm, Insurance, Remedies, RouteChoice, Treasury, WaterfallRow,
};
pub use control::{Reviewed, Ruling, Side};
pub use customs::{Charge, Customs, CustomsWord, Lodgement};
pub use decide::{allows, decide};
pub use event::Event;
pub use evidence::{Evidence, EvidenceKind};
pub use mishap::{Dispute, Mishap, Remedy};
pub use obligation::{Kind, Obligation, Standing, Trigger};
pub use refusal::CODES;
pub use state::{Deal, Stage, State};
pub use statistics::{Cell, Figure, Flow, Journeys, Month, Share, Statistics, Sums, national_currency};
pub use undertaking::{Backing, Discrepancy, Form, Undertaking, UndertakingId};
