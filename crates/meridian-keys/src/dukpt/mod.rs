//! Derived unique key per transaction: the terminal's key of the moment from the base key and its serial number.

pub mod aes;
pub mod tdes;
