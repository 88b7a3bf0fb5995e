//! Windows, nets and queues: settlement with the least liquidity.
//!
//! ```text
//!  payment short of cover --policy--> refused (AM04)
//!        |                  +-------> waits (PDNG) --until--> refused (AM04)
//!        | covered                       | as funds arrive, gridlock, greedy, a plan: one event
//!        v                               v
//!      FINAL: falls into the currency's open window, in order of commit
//!        |
//!      window closes, nets stand, instructions go to the settlement agent: debits first, then credits
//! ```
//!
//! The pure questions stand alone: what nets remain ([`multilateral`], [`bilateral`], [`offset`]), and what of a queue
//! settles with the cover there is ([`fifo`], [`greedy`], [`best`]). The book holds windows, the queue and trades, and
//! stands on the ledger: where money moves, the ledger's event is inside its own.
//!
//! Cover is prefunded, so nobody can fail to fund and nothing final is ever unwound. Credit lines against collateral
//! would be limits of the ledger's cover accounts, and [`State::spendable`] the place that reads them.
//!
//! **Invariant:** the nets of every currency sum to zero; no clock, no floating point, no message.

#![forbid(unsafe_code)]
#![deny(clippy::float_arithmetic)]

mod apply;
mod calendar;
mod command;
mod decide;
mod event;
mod gridlock;
mod netting;
mod optimise;
mod pvp;
mod queue;
mod refusal;
mod state;
mod waiting;
mod window;

pub use apply::apply;
pub use calendar::{Calendar, common_value_date};
pub use command::{AgentAnswer, Command, Correction};
pub use decide::{clearing_account, decide};
pub use event::{Break, Event};
pub use gridlock::{fifo, greedy, heads};
pub use netting::{Funding, Nets, Obligation, Offset, bilateral, funding, multilateral, offset};
pub use optimise::{Optimum, Search, best, usual_steps};
pub use pvp::Trade;
pub use queue::{Class, Plan, Queue, Waiting};
pub use refusal::CODES;
pub use state::State;
pub use waiting::{Basis, Entry, Movement, Policy, Proposal, Snapshot, Tier};
pub use window::{Circuit, Instruction, Model, Progress, Side, Stage, Window, WindowId};
