//! A PIN.

use std::fmt;

use meridian_terms::Refusal;
use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::refusal::refuse;

/// A PIN of 4 to 12 digits (ISO 9564-1, 8.1). It is wiped when dropped, compared in constant time, and shows its length.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct Pin(String);

impl Pin {
    /// A PIN of digits.
    ///
    /// # Errors
    /// `keys.pin`.
    pub fn parse(digits: &str) -> Result<Self, Refusal> {
        if !(4..=12).contains(&digits.len()) {
            return Err(refuse("keys.pin", "the PIN has not 4 to 12 digits"));
        }
        if !digits.bytes().all(|digit| digit.is_ascii_digit()) {
            return Err(refuse("keys.pin", "the PIN is not all digits"));
        }
        Ok(Self(digits.to_owned()))
    }

    /// The clear digits.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl PartialEq for Pin {
    fn eq(&self, other: &Self) -> bool {
        subtle::ConstantTimeEq::ct_eq(self.0.as_bytes(), other.0.as_bytes()).into()
    }
}

impl Eq for Pin {}

impl fmt::Debug for Pin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Pin({} digits)", self.0.len())
    }
}
