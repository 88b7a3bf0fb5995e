//! Key blocks: ANSI X9.143 (TR-31), versions A, B, C and D.
//!
//! ```text
//! D 0112 P0 A E 00 E 00 00 | optional blocks | encrypted: length in bits, key, random padding | MAC
//! | |    |  | | |  | |  reserved
//! | |    |  | | |  | optional blocks        the header is under the MAC: a PIN key cannot be made a data key
//! | |    |  | | |  exportability
//! | |    |  | | key version
//! | |    |  | mode of use
//! | |    |  algorithm
//! | |    usage
//! | length of the whole in characters
//! version: A and C keys are variants of the protection key (deprecated), B and D are derived from it by CMAC
//! ```

mod block;
mod header;

pub use block::{Protection, unwrap, wrap};
pub use header::{Header, OptionalBlock, Version};
