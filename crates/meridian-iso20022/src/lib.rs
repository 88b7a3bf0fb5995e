//! ISO 20022 messages: schema tables, one validating pass, exact writing.
//!
//! ```text
//!  bytes --read--> Document (a tree that borrows the bytes) --Element--> values by path
//!                  every violation named by path and rule
//!  Draft (values at paths, any order) --write--> bytes in schema order, checked
//! ```
//!
//! ```
//! use meridian_iso20022::{Draft, read};
//! let mut draft = Draft::new("pacs.028.001.03").unwrap();
//! draft.set("FIToFIPmtStsReq/GrpHdr/MsgId", "CHASE-1").set("FIToFIPmtStsReq/GrpHdr/CreDtTm", "2026-03-20T09:00:00Z");
//! draft.set("FIToFIPmtStsReq/TxInf/OrgnlUETR", "eb6305c9-1f7f-49de-aed0-16487c27b42d");
//! let xml = draft.write().unwrap();
//! let document = read(xml.as_bytes()).unwrap();
//! assert_eq!(document.message(), "pacs.028.001.03");
//! assert_eq!(document.root().value("FIToFIPmtStsReq/GrpHdr/MsgId"), Some("CHASE-1"));
//! let wrong = xml.replace("49de", "59de");
//! let violations = read(wrong.as_bytes()).unwrap_err();
//! assert_eq!(violations[0].path, "/Document/FIToFIPmtStsReq/TxInf/OrgnlUETR");
//! assert_eq!(violations[0].rule, "pattern");
//! ```
//!
//! What it does not do: general XML Schema (the tables are compiled from the fifteen constructs these schemas use),
//! documents in other encodings than UTF-8, document types, external entities.

#![forbid(unsafe_code)]

mod document;
mod draft;
mod envelope;
pub mod rules;
mod schema;
mod violation;
mod walk;

pub use document::{Document, Element};
pub use draft::Draft;
pub use envelope::{Part, parts};
pub use violation::{Violation, refusal};
pub use walk::{Limits, read, read_within};

/// Every message the tables know.
pub fn messages() -> impl Iterator<Item = &'static str> {
    schema::Tables::get().messages().map(|message| &*message.name)
}
