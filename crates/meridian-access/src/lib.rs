//! Operators at the door: a password and a one-time code in, a session out.
//!
//! ```text
//!  name, password, code ---> Door ---> session token (a cookie), form token (against forged requests)
//!                            |  credentials: argon2id hashes and TOTP secrets, in a file of their own (mode 0600)
//!                            |  a code is taken once; after five failures a name waits a quarter of an hour
//! ```
//!
//! What a person may do is not decided here but by `meridian-people`; this crate only says who somebody is. The journal
//! knows a credential by its fingerprint: a credential replaced without an approved act does not open the door.
//!
//! **Invariant:** no password and no secret is ever written but as a hash or into the credentials' own file.

#![forbid(unsafe_code)]

mod credential;
mod door;
mod file;
mod session;

pub use credential::{Credential, Fresh, fresh};
pub use door::{Door, Entry, Turned};
pub use file::CredentialFile;
pub use session::{IDLE, Session, Token};
