//! The rim of cards: national switches over TCP, ISO 8583 messages to commands of the book and events back to messages.
//!
//! ```text
//!  acquirer's switch          Switch                     hub                     issuer's switch
//!   0200 ------------> request: token, route ---> Ask (money held) ---> PIN, amounts ---> 0200
//!   0210 <------------ outcome <----------------- Answer (posted) <--------------------- 0210
//!   0420 ------------> reversal ----------------> Reverse; queue ------ forward -------> 0420, 0421...
//! ```
//!
//! A line is a TCP connection, called or taken, plain or TLS; a link outlives its lines. The switch itself knows only
//! who waits for what; everything that must survive is in the book, so after a restart answers still find their
//! transaction, queues are sent on, and what nobody answered is reversed.
//!
//! **Invariant:** the only code that knows messages and cards. Card numbers stay in memory and are gone when no advice
//! can need them; PIN blocks and keys pass only through [`Security`]; the log holds none of them.

#![forbid(unsafe_code)]

mod frames;
mod hub;
mod inbound;
mod keyed;
mod link;
mod messages;
pub mod national;
mod outbound;
mod responses;
mod security;
mod switch;
mod tls;

pub use hub::{Hub, HubError, Screening};
pub use keyed::{Keyed, LinkKeys};
pub use link::{Endpoint, LinkSettings};
pub use responses::ResponseMap;
pub use security::{NoKeys, Security, SecurityError};
pub use switch::{Switch, SwitchSettings};
pub use tls::Tls;
