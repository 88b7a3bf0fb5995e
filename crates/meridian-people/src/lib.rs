//! People and rights: who may do what, alone or with another.
//!
//! ```text
//!                 another person with the right
//!  PROPOSED --------------------------------------> DONE     the act happens in the same record of the journal
//!     |  \--- withdrawn by who proposed it -------> WITHDRAWN
//!     |  \--- another with the right says no -----> DECLINED
//!     \------ nobody approved in time ------------> EXPIRED
//! ```
//!
//! An *act* is one kind of thing an operator does ([`Act`]); [`RIGHTS`] says which roles may do it and whether it takes
//! two people. What exactly is proposed (a cap of so much, a link on that instrument) is kept as the *matter*: bytes this
//! crate does not read. Whoever approves, approves those bytes; their digest stands in the proposal.
//!
//! **Invariant:** a two-person act never happens by one person, whatever roles that person holds. No password, no secret
//! and no token is known here: a person's credential is named by its fingerprint.

#![forbid(unsafe_code)]
#![deny(clippy::float_arithmetic)]

mod act;
mod apply;
mod command;
mod decide;
mod event;
mod person;
mod proposal;
mod refusal;
mod state;

pub use act::{Act, Persons, RIGHTS, Right};
pub use apply::apply;
pub use command::Command;
pub use decide::{decide, may};
pub use event::Event;
pub use person::{Person, PersonId, Role, Visit};
pub use proposal::{Outcome, Proposal, ProposalId};
pub use refusal::CODES;
pub use state::{Alone, State, Visited};
