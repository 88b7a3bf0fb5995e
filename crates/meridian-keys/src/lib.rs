//! Payment keys: PIN blocks, MACs, DUKPT, TR-31 and the payment HSM.
//!
//! ```text
//!  terminal --DUKPT--> PIN block --[HSM: translate]--> zone PIN key --> issuer's HSM: verify (PVV, IBM offset)
//!  zone keys travel as TR-31 key blocks; messages carry retail MAC (X9.19) or CMAC
//! ```
//!
//! [`PaymentHsm`] is what a switch asks for; keys have names there and never leave it but as key blocks. Behind it stand
//! [`SoftwareHsm`], which holds keys in the memory of the process and is for demonstration only, and with the feature
//! `pkcs11` a back end for hardware. The algorithms themselves are plain functions over [`BlockCipher`].
//!
//! ```
//! use meridian_keys::{Key, Pan, Pin, PinFormat, pin_block};
//! let (pin, pan) = (Pin::parse("1234")?, Pan::parse("5555555551234567")?);
//! let block = pin_block::encode(PinFormat::Iso0, &pin, Some(&pan), &mut |fill: &mut [u8]| fill.fill(0))?;
//! assert_eq!(block[..], [0x04, 0x12, 0x61, 0xAA, 0xAA, 0xED, 0xCB, 0xA9]);
//! assert_eq!(format!("{pin:?} {pan:?}"), "Pin(4 digits) Pan(555555******4567)");
//! assert_eq!(Key::parse_hex("0123456789ABCDEFFEDCBA9876543210")?.check_value()?, "08D7B4");
//! # Ok::<(), meridian_terms::Refusal>(())
//! ```
//!
//! **Invariant:** no key, PIN or card number is printed, not in `Debug`, not in a refusal; memory that held one is wiped;
//! no clock and no randomness: fill bytes come from the caller.

#![forbid(unsafe_code)]
#![deny(clippy::float_arithmetic)]

mod cipher;
pub mod cvv;
pub mod dukpt;
mod hsm;
mod key;
pub mod mac;
mod pan;
mod pin;
pub mod pin_block;
pub mod pin_verification;
#[cfg(feature = "pkcs11")]
mod pkcs11;
mod refusal;
mod software;
pub mod tr31;

pub use cipher::{BlockCipher, cbc_decrypt, cbc_encrypt};
pub use hsm::{EncryptedPin, KeyName, KeyRecord, MacAlgorithm, PaymentHsm, PinCheck, PinSource};
pub use key::{Algorithm, Entropy, Key, Usage};
pub use pan::Pan;
pub use pin::Pin;
pub use pin_block::PinFormat;
#[cfg(feature = "pkcs11")]
pub use pkcs11::Pkcs11Hsm;
pub use refusal::CODES;
pub use software::SoftwareHsm;
