//! The unique end-to-end transaction reference.

use std::fmt;

use borsh::{BorshDeserialize, BorshSerialize};

use crate::Refusal;

/// A UETR: an RFC 9562 version 4 UUID in lower case, as `PmtId/UETR` carries it.
///
/// ```
/// use meridian_terms::Uetr;
/// let text = "eb6305c9-1f7f-49de-aed0-16487c27b42d";
/// assert_eq!(Uetr::parse(text)?.to_string(), text);
/// assert!(Uetr::parse("EB6305C9-1F7F-49DE-AED0-16487C27B42D").is_err());
/// # Ok::<(), meridian_terms::Refusal>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, BorshSerialize, BorshDeserialize)]
pub struct Uetr(u128);

impl Uetr {
    /// Parses the 36 characters of the lower-case form; version 4, variant 8, 9, a or b.
    ///
    /// # Errors
    /// `uetr.malformed`.
    pub fn parse(text: &str) -> Result<Self, Refusal> {
        let malformed = || {
            Refusal::new("uetr.malformed", format!("{text:?} is not a UETR"))
                .rule("UUID version 4, lower case (RFC 9562; ISO 20022 UUIDv4Identifier)")
                .next("generate a version 4 UUID")
        };
        let bytes = text.as_bytes();
        if bytes.len() != 36 {
            return Err(malformed());
        }
        let mut value = 0_u128;
        for (index, byte) in bytes.iter().enumerate() {
            let digit = match (index, byte) {
                (8 | 13 | 18 | 23, b'-') => continue,
                (8 | 13 | 18 | 23, _) => return Err(malformed()),
                (_, b'0'..=b'9') => byte - b'0',
                (_, b'a'..=b'f') => byte - b'a' + 10,
                _ => return Err(malformed()),
            };
            value = value << 4 | u128::from(digit);
        }
        if bytes[14] != b'4' || !matches!(bytes[19], b'8' | b'9' | b'a' | b'b') {
            return Err(malformed());
        }
        Ok(Self(value))
    }

    /// A UETR out of 128 given bits: version and variant are set, the other 122 bits kept. The bits come from the
    /// caller (a random source at the rim, or a seed in an example day).
    #[must_use]
    pub const fn from_bits(bits: u128) -> Self {
        let version = bits & !(0xf << 76) | 0x4 << 76;
        Self(version & !(0x3 << 62) | 0x2 << 62)
    }

    /// The 128 bits.
    #[must_use]
    pub const fn bits(&self) -> u128 {
        self.0
    }
}

impl fmt::Display for Uetr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let v = self.0;
        let part = |shift: u32, digits: u32| v >> shift & ((1 << (4 * digits)) - 1);
        write!(
            f,
            "{:08x}-{:04x}-{:04x}-{:04x}-{:012x}",
            part(96, 8),
            part(80, 4),
            part(64, 4),
            part(48, 4),
            part(0, 12)
        )
    }
}

impl fmt::Debug for Uetr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
