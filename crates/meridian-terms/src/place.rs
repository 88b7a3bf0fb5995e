//! UN/LOCODE places.

use std::fmt;

use borsh::{BorshDeserialize, BorshSerialize};

use crate::{Country, Refusal};

/// A UN/LOCODE: country and three letters or digits 2-9 (UN/CEFACT Recommendation 16).
///
/// ```
/// use meridian_terms::Place;
/// assert_eq!(Place::parse("IRBND")?.country().as_str(), "IR");
/// # Ok::<(), meridian_terms::Refusal>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, BorshSerialize, BorshDeserialize)]
pub struct Place([u8; 5]);

impl Place {
    /// Parses the five characters; a space after the country (`IR BND`) is allowed.
    ///
    /// # Errors
    /// `place.malformed`.
    pub fn parse(text: &str) -> Result<Self, Refusal> {
        let malformed = || {
            Refusal::new("place.malformed", format!("{text:?} is not a UN/LOCODE"))
                .rule("UN/CEFACT Recommendation 16")
                .next("use country and three characters such as IRBND")
        };
        let compact: String = text.chars().filter(|c| *c != ' ').collect();
        let bytes: [u8; 5] = compact.as_bytes().try_into().map_err(|_| malformed())?;
        Country::parse(&compact[..2]).map_err(|_| malformed())?;
        if bytes[2..].iter().all(|byte| byte.is_ascii_uppercase() || matches!(byte, b'2'..=b'9')) {
            Ok(Self(bytes))
        } else {
            Err(malformed())
        }
    }

    /// The five characters.
    #[must_use]
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or("?????")
    }

    /// The country.
    #[must_use]
    pub fn country(&self) -> Country {
        Country::parse(&self.as_str()[..2]).unwrap_or_else(|_| unreachable!("checked when parsed"))
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
