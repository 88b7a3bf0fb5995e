//! ISO 17442 legal entity identifiers.

use std::fmt;

use borsh::{BorshDeserialize, BorshSerialize};

use crate::Refusal;
use crate::iban::mod_97;

/// A legal entity identifier: 18 characters and two check digits (ISO 7064 mod 97-10).
///
/// ```
/// use meridian_terms::Lei;
/// assert!(Lei::parse("5493001KJTIIGC8Y1R12").is_ok());
/// assert!(Lei::parse("5493001KJTIIGC8Y1R13").is_err());
/// ```
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, BorshSerialize, BorshDeserialize)]
pub struct Lei(String);

impl Lei {
    /// Parses and checks the check digits.
    ///
    /// # Errors
    /// `lei.malformed`.
    pub fn parse(text: &str) -> Result<Self, Refusal> {
        if text.len() == 20 && mod_97(text.bytes()) == Some(1) {
            return Ok(Self(text.to_owned()));
        }
        Err(Refusal::new("lei.malformed", format!("{text:?} is not an LEI"))
            .rule("ISO 17442: 20 capital letters and digits, mod 97-10")
            .next("look the entity up at its issuer"))
    }

    /// As written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Lei {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Lei {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
