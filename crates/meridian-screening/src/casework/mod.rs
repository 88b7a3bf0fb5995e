//! Casework: what is held, who released it, why, and under which lists.
//!
//! ```text
//!  screened --clear--------------------------------------------> may settle
//!     |                                                            ^
//!     +--hit, unavailable--> HELD --propose--> PROPOSED --approve--+--> RELEASED, or REJECTED
//!                              ^                   |                          |
//!                              +---- list swap, new verdict, withdrawn -------+
//! ```
//!
//! A verdict is computed outside of the deciding thread; [`decide`] checks the lists it was given under against the
//! ones in force, and so does [`State::may_settle`] when the money moves. Nobody releases what they proposed
//! themselves. Nothing here has a word for the payer but [`payer_reason`].

mod apply;
mod command;
mod decide;
mod event;
mod record;
mod refusal;
mod state;

pub use apply::apply;
pub use command::Command;
pub use decide::decide;
pub use event::{Chain, Event, Link, verify};
pub use record::{Asked, Decision, ListVersion, Record, RecordedHit, RecordedPair, Screened, replay};
pub use refusal::{CODES, Denial, payer_reason};
pub use state::{Case, CaseId, Entry, GoodGuy, GoodGuyKey, Outcome, Proposal, Standing, State};
