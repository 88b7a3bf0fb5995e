//! ISO 9362 business identifier codes.

use std::fmt;

use borsh::{BorshDeserialize, BorshSerialize};

use crate::{Country, Refusal};

/// A BIC of 8 or 11 characters: business party prefix, country, suffix, branch.
///
/// ```
/// use meridian_terms::Bic;
/// let bic = Bic::parse("MERIINBBXXX")?;
/// assert_eq!((bic.country().as_str(), bic.institution()), ("IN", "MERIINBB"));
/// # Ok::<(), meridian_terms::Refusal>(())
/// ```
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, BorshSerialize, BorshDeserialize)]
pub struct Bic(String);

impl Bic {
    /// Parses by ISO 9362:2014: 4 letters or digits, a country, 2 letters or digits, and 3 more or none.
    ///
    /// # Errors
    /// `bic.malformed`, ISO reason RC01.
    pub fn parse(text: &str) -> Result<Self, Refusal> {
        let malformed = || {
            Refusal::new("bic.malformed", format!("{text:?} is not a BIC"))
                .rule("ISO 9362: 4 characters, country, 2 characters, optional branch of 3")
                .next("use 8 or 11 capital letters and digits")
                .iso("RC01")
        };
        let right_alphabet = text.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit());
        if !matches!(text.len(), 8 | 11) || !right_alphabet {
            return Err(malformed());
        }
        Country::parse(&text[4..6]).map_err(|_| malformed())?;
        Ok(Self(text.to_owned()))
    }

    /// As written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The first 8 characters: the institution, without its branch.
    #[must_use]
    pub fn institution(&self) -> &str {
        &self.0[..8]
    }

    /// The country of the institution.
    #[must_use]
    pub fn country(&self) -> Country {
        Country::parse(&self.0[4..6]).unwrap_or_else(|_| unreachable!("checked when parsed"))
    }
}

impl fmt::Display for Bic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Bic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
