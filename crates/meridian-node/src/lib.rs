//! The one writer: all books in one state, journal, timers, reads.
//!
//! ```text
//!  commands ---> queue ---> writer thread ---> journal ---> answers
//!                (bounded)   time given once    durable      only now
//!                            decide, apply      or the node stops
//! ```
//!
//! [`Node::ask`] puts a command in the bounded queue. The writer takes what is waiting, gives each its moment,
//! decides and applies it, appends all of it as one group to the journal, and only when that is durable releases
//! the answers. Reads run on the same thread between groups, so nobody ever sees what is not durable.
//!
//! **Invariant:** a journal that cannot write stops the node; nothing acknowledged is ever lost.

#![forbid(unsafe_code)]

mod cases;
mod clock;
mod decider;
mod desk;
mod entries;
mod follow;
pub mod goods;
mod hub;
mod layout;
mod log;
pub mod office;
mod once;
mod planner;
mod replay;
mod settling;
pub mod shipments;
mod standby;
mod tally;
mod writer;

pub use cases::{deal_subject, merchant_subject, participant_subject, payment_subject, scheme_subject};
pub use clock::Clock;
pub use decider::Decider;
pub use desk::{Desk, Screened, Seen};
pub use entries::entries_of;
pub use follow::{FollowError, Follower};
pub use hub::{Command, Event, Hub, Record};
pub use layout::{LAYOUT, snapshot};
pub use log::{Log, Release, Waiting};
pub use once::{Key, Outcome, Requests};
pub use planner::{Planner, plan};
pub use replay::{Verified, VerifyError, position_at, read_records, verify};
pub use tally::Tally;
pub use writer::{AskError, Asked, Done, Node, NodeSettings, Standing, StartError};
