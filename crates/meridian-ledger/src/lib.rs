//! The double-entry ledger: transfers are pending, posted or voided, and the sum of every currency is zero.
//!
//! ```text
//!                    +---- post (all or part) ----> POSTED
//!  chain --> PENDING +---- void ------------------> VOIDED
//!    |               +---- deadline --------------> EXPIRED
//!    +---------------------------------------------> POSTED
//! ```
//!
//! A [`Command`] is a chain of transfers that all succeed or all fail. [`decide`] looks and answers with an
//! [`Event`] or the first refusal in documented order; [`apply`] changes the state and cannot fail. Books above
//! (payments, cards, settlement) put this ledger's event inside their own, so that atomicity is one journal
//! record and not a lock.
//!
//! ```
//! use meridian_ledger::{Account, AccountId, Command, Kind, State, Transfer, TransferId, apply, decide};
//! use meridian_terms::{Currency, Moment, Money};
//! let mut state = State::default();
//! let now = Moment::parse("2026-03-20T09:00:00Z")?;
//! let nostro = Account::open("RBI", Currency::INR, Kind::SettlementAgent);
//! let cover = Account::open("MUMBINBB", Currency::INR, Kind::Cover);
//! let opened = decide(&state, &Command::Open(vec![nostro.clone(), cover.clone()]), now)?;
//! apply(&mut state, &opened);
//! let funding = Transfer::post(TransferId(1), nostro.id, cover.id, Money::parse("1000.00", Currency::INR)?);
//! let funded = decide(&state, &Command::Transfer(vec![funding]), now)?;
//! apply(&mut state, &funded);
//! assert_eq!(state.account(cover.id).unwrap().available().to_string(), "INR 1000.00");
//! assert!(state.imbalance().is_empty());
//! # Ok::<(), meridian_terms::Refusal>(())
//! ```
//!
//! **Invariant:** no clock, no floating point, no message, no participant rules beyond an account's own limits.

#![forbid(unsafe_code)]
#![deny(clippy::float_arithmetic)]

mod account;
mod ahead;
mod apply;
mod command;
mod compact;
mod decide;
mod effect;
mod event;
mod index;
mod judge;
mod pages;
mod refusal;
mod seen;
mod state;
mod statement;
mod transact;
mod transfer;

pub use account::{Account, AccountId, Balances, Kind, Limits, Standing};
pub use apply::apply;
pub use command::{Change, Command};
pub use compact::{ENTRY_BYTES, entry_accounts, read_entry, replay_entry, write_entry};
pub use decide::{decide, decide_batch, decide_chain};
pub use event::{Entry, Event};
pub use pages::Pages;
pub use refusal::{CODES, Denial};
pub use seen::{Fate, NoPast, Past, Recent, Seen};
pub use state::{Frozen, Pending, State};
pub use statement::{Line, Statement};
pub use transact::{Moved, transact, transact_chain};
pub use transfer::{Balancing, Phase, Transfer, TransferId};
