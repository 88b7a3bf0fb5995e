//! Harmonized System codes and the national lines below them.

use std::fmt;

use borsh::{BorshDeserialize, BorshSerialize};

use crate::Refusal;

/// A goods code of 2 to 12 digits: chapter (2), heading (4), subheading (6), national line (8, 10 or 12).
///
/// ```
/// use meridian_terms::HsCode;
/// let line = HsCode::parse("0802 51 000 0")?;
/// assert_eq!((line.as_str(), line.chapter(), line.heading()), ("0802510000", "08", Some("0802")));
/// assert!(line.is_below(&HsCode::parse("0802")?));
/// # Ok::<(), meridian_terms::Refusal>(())
/// ```
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, BorshSerialize, BorshDeserialize)]
pub struct HsCode(String);

impl HsCode {
    /// Parses digits; spaces and points of the printed form are allowed.
    ///
    /// # Errors
    /// `hs.malformed`.
    pub fn parse(text: &str) -> Result<Self, Refusal> {
        let digits: String = text.chars().filter(|c| !matches!(c, ' ' | '.')).collect();
        let right_length = matches!(digits.len(), 2 | 4..=12);
        if right_length && digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return Ok(Self(digits));
        }
        Err(Refusal::new("hs.malformed", format!("{text:?} is not a goods code"))
            .rule("Harmonized System: 2, 4 or 6 digits, national lines up to 12")
            .next("use digits such as 0802510000"))
    }

    /// The digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The chapter: two digits.
    #[must_use]
    pub fn chapter(&self) -> &str {
        &self.0[..2]
    }

    /// The heading: four digits, if the code goes that far.
    #[must_use]
    pub fn heading(&self) -> Option<&str> {
        self.0.get(..4)
    }

    /// The subheading: six digits, if the code goes that far.
    #[must_use]
    pub fn subheading(&self) -> Option<&str> {
        self.0.get(..6)
    }

    /// Whether this code is `other` or lies below it.
    #[must_use]
    pub fn is_below(&self, other: &Self) -> bool {
        self.0.starts_with(&other.0)
    }
}

impl fmt::Display for HsCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for HsCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
