//! A card number.

use std::fmt;

use meridian_terms::Refusal;
use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::refusal::refuse;

/// A primary account number of 1 to 19 digits (ISO/IEC 7812-1); shows its first six and last four digits.
#[derive(Clone, PartialEq, Eq, Zeroize, ZeroizeOnDrop)]
pub struct Pan(String);

impl Pan {
    /// A card number of digits. Whether its check digit is right is a question to the range's table, not asked here.
    ///
    /// # Errors
    /// `keys.pan`.
    pub fn parse(digits: &str) -> Result<Self, Refusal> {
        if (1..=19).contains(&digits.len()) && digits.bytes().all(|digit| digit.is_ascii_digit()) {
            return Ok(Self(digits.to_owned()));
        }
        Err(refuse("keys.pan", format!("{} characters are not 1 to 19 digits", digits.len())))
    }

    /// The clear digits.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// The twelve digits before the check digit, as PIN blocks take them.
    pub(crate) fn rightmost_twelve(&self) -> Result<&str, Refusal> {
        let end = self.0.len() - 1;
        let start = end.checked_sub(12);
        start.map(|start| &self.0[start..end]).ok_or_else(|| refuse("keys.pan", "fewer than 13 digits"))
    }

    /// The eleven digits before the check digit, as PIN verification takes them.
    pub(crate) fn rightmost_eleven(&self) -> Result<&str, Refusal> {
        let end = self.0.len() - 1;
        let start = end.checked_sub(11);
        start.map(|start| &self.0[start..end]).ok_or_else(|| refuse("keys.pan", "fewer than 12 digits"))
    }
}

impl fmt::Debug for Pan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let length = self.0.len();
        let shown = |at: usize| length >= 13 && (at < 6 || at + 4 >= length);
        let masked: String = self.0.char_indices().map(|(at, c)| if shown(at) { c } else { '*' }).collect();
        write!(f, "Pan({masked})")
    }
}
