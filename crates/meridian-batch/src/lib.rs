//! A ledger that takes transfers by the thousand: embedded, or over a binary protocol on loopback.
//!
//! ```text
//!  requests --> deciding thread --> one waiting group --> log thread --> answers --> client
//!  (bounded)    time given once     grows while the       one write      only now
//!               decide and apply    log writes            and sync
//!                                                            |
//!                                                            +--> keeper: runs of known ids, postings, snapshots
//! ```
//!
//! Accounts, open reservations and the ids of late are in memory; the log holds every entry in 80 bytes and is the
//! history. Ids that leave the window become sorted runs on disk: an id above all of them is new without a look, so ids
//! that follow time never touch the disk, and others pay a filter. A snapshot shares pages with the state and never
//! stops it. The protocol's bytes are told at [`Head`], [`write_transfer`] and [`Outcome`].
//!
//! ```
//! use meridian_batch::{Ledger, Outcome, Settings};
//! use meridian_ledger::{Account, Kind, Transfer, TransferId};
//! use meridian_terms::{Currency, Moment, Money};
//! let directory = tempfile::tempdir()?;
//! let ledger = Ledger::open(directory.path(), &Settings::new(|| Moment::EPOCH))?;
//! let agent = Account::open("RBI", Currency::INR, Kind::SettlementAgent);
//! let cover = Account::open("MUMBINBB", Currency::INR, Kind::Cover);
//! ledger.open_accounts(vec![agent.clone(), cover.clone()])??;
//! let funding = Transfer::post(TransferId(1), agent.id, cover.id, Money::parse("1000.00", Currency::INR)?);
//! let outcomes = ledger.transfer(&[funding.clone(), funding])?;
//! assert_eq!(outcomes[0], Outcome::DONE);
//! assert_eq!(outcomes[1].code(), Some("ledger.exists"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! It is the ledger of `meridian-ledger` and nothing else: no payments, no participants. It has no authentication and
//! no replication of its own; the journal beneath it may have.
//!
//! **Invariant:** nobody hears of anything that is not durable; what is kept beside the log can be made again from it.

#![forbid(unsafe_code)]

mod client;
mod core;
mod keeper;
mod ledger;
mod outbox;
mod postings;
mod runs;
mod section;
mod server;
mod wire;

pub use client::Client;
pub use ledger::{Ledger, LedgerError, Settings};
pub use server::Server;
pub use wire::{
    FRAME_BYTES, Head, LARGEST_BODY, LINKED, Operation, Outcome, Reply, TRANSFER_BYTES, parse_transfer,
    read_balances, write_transfer,
};
