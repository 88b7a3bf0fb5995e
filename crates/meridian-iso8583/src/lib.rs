//! ISO 8583 messages: a dialect is data.
//!
//! ```text
//!  bytes --decode--> Message (an index of offsets into the bytes) --text, number, part, tlv--> values
//!  Draft or Writer --encode--> bytes          Dialect = TOML: field = content x encoding x prefix x padding
//! ```
//!
//! A field is four independent choices: what it may hold ([`Content`], length), how characters become bytes
//! ([`Encoding`]), how a variable length is announced ([`Prefix`]), and where filler goes ([`Padding`]). A card scheme
//! is a file that makes these choices for each field number; no scheme has code of its own.
//!
//! ```
//! use meridian_iso8583::{Dialect, Draft, Message};
//! let dialect = Dialect::built_in("iso87ascii").unwrap();
//! // A sign-on: field 70 lies behind the secondary bitmap.
//! let wire = Draft::new("0800").set(7, "0320090000").set(11, "000001").set(70, "001").encode(dialect)?;
//! let message = Message::decode(dialect, &wire)?;
//! assert_eq!(message.mti().as_str(), "0800");
//! assert_eq!(message.text(70).as_deref(), Some("001"));
//! let cut = Message::decode(dialect, &wire[..wire.len() - 1]).unwrap_err();
//! assert_eq!((cut.field.as_str(), cut.offset), ("70", Some(54)));
//! # Ok::<(), meridian_iso8583::Fault>(())
//! ```
//!
//! The standard: ISO 8583:1987, ISO 8583:1993 and ISO 8583-1:2003; BER-TLV as ISO/IEC 8825-1 and EMV book 3, annex B.
//!
//! **Invariant:** knows no business; what decodes encodes to the same bytes; no value of a secret field is in an error,
//! a `Debug` or an unasked-for description.

#![forbid(unsafe_code)]
#![deny(clippy::float_arithmetic)]

mod bitmap;
mod built_in;
mod composite;
mod content;
mod date;
mod describe;
mod dialect;
mod draft;
mod encoding;
mod fault;
mod field;
mod framing;
mod message;
mod mti;
mod padding;
mod prefix;
mod tlv;
mod writer;

pub use bitmap::{Bitmap, BitmapForm};
pub use composite::{Composite, Part};
pub use content::Content;
pub use date::DatePattern;
pub use describe::{Row, Showing, mask_account_numbers};
pub use dialect::{Dialect, MessageRule};
pub use draft::{Draft, Entry};
pub use encoding::Encoding;
pub use fault::Fault;
pub use field::{Field, Length, Secret};
pub use framing::Framing;
pub use message::{Message, Value};
pub use mti::{Function, Mti};
pub use padding::{Padding, Side};
pub use prefix::{Counts, Prefix, PrefixKind};
pub use tlv::{Tlv, TlvBuilder, Tlvs, tag_name};
pub use writer::Writer;
