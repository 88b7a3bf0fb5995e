//! Length headers: where a message ends in a stream.

use crate::fault::Fault;

/// The length header before each message of a stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Framing {
    /// Four ASCII digits.
    Ascii4,
    /// Four packed digits in two bytes.
    Bcd2,
    /// Two bytes, most significant first.
    Binary2,
    /// Four bytes, most significant first.
    Binary4,
    /// Two bytes that count themselves too.
    Binary2Inclusive,
    /// Two bytes of length and two reserved zero bytes (Visa).
    Vml4,
}

/// No message is longer: the index keeps offsets in 16 bits.
pub(crate) const LONGEST: usize = 65_535;

impl Framing {
    /// The framing by its name: `ascii4`, `bcd2`, `binary2`, `binary4`, `binary2-inclusive`, `vml4`.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Some(match name {
            "ascii4" => Self::Ascii4,
            "bcd2" => Self::Bcd2,
            "binary2" => Self::Binary2,
            "binary4" => Self::Binary4,
            "binary2-inclusive" => Self::Binary2Inclusive,
            "vml4" => Self::Vml4,
            _ => return None,
        })
    }

    /// Bytes of the header.
    #[must_use]
    pub fn len(self) -> usize {
        match self {
            Self::Bcd2 | Self::Binary2 | Self::Binary2Inclusive => 2,
            Self::Ascii4 | Self::Binary4 | Self::Vml4 => 4,
        }
    }

    /// Always false: every framing has a header.
    #[must_use]
    pub fn is_empty(self) -> bool {
        false
    }

    /// The length of the message behind a header of [`Framing::len`] bytes; `None` where more bytes are needed. A length
    /// of zero is a keep-alive.
    ///
    /// # Errors
    /// `iso8583.length` for a header that is no length, `iso8583.over_long` above 65,535 bytes.
    ///
    /// ```
    /// use meridian_iso8583::Framing;
    /// assert_eq!(Framing::Ascii4.read(b"0042...")?, Some(42));
    /// assert_eq!(Framing::Binary2.read(&[0])?, None);
    /// assert!(Framing::Bcd2.read(&[0x1A, 0]).is_err());
    /// # Ok::<(), meridian_iso8583::Fault>(())
    /// ```
    pub fn read(self, stream: &[u8]) -> Result<Option<usize>, Fault> {
        let Some(header) = stream.get(..self.len()) else { return Ok(None) };
        let bad = |at: usize, what: &str| Err(Fault::at("iso8583.length", "header", at, what));
        let mut length = 0_usize;
        match self {
            Self::Ascii4 => {
                for (at, byte) in header.iter().enumerate() {
                    if !byte.is_ascii_digit() {
                        return bad(at, "not an ASCII digit");
                    }
                    length = length * 10 + usize::from(byte & 15);
                }
            }
            Self::Bcd2 => {
                for (at, byte) in header.iter().enumerate() {
                    if byte >> 4 > 9 || byte & 15 > 9 {
                        return bad(at, "not packed digits");
                    }
                    length = length * 100 + usize::from((byte >> 4) * 10 + (byte & 15));
                }
            }
            Self::Binary2 | Self::Binary4 | Self::Binary2Inclusive => {
                length = header.iter().fold(0, |length, byte| length << 8 | usize::from(*byte));
            }
            Self::Vml4 => {
                if header[2..] != [0, 0] {
                    return bad(2, "the reserved bytes are not zero");
                }
                length = usize::from(header[0]) << 8 | usize::from(header[1]);
            }
        }
        if self == Self::Binary2Inclusive {
            length = match length.checked_sub(2) {
                Some(length) => length,
                None => return bad(0, "the length does not count itself"),
            };
        }
        if length > LONGEST {
            return Err(Fault::at("iso8583.over_long", "header", 0, "above 65535 bytes"));
        }
        Ok(Some(length))
    }

    /// Writes the header of a message of so many bytes.
    ///
    /// # Errors
    /// `iso8583.over_long` for a length the header cannot say.
    pub fn write(self, length: usize, out: &mut Vec<u8>) -> Result<(), Fault> {
        let most = match self {
            Self::Ascii4 | Self::Bcd2 => 9_999,
            Self::Binary2Inclusive => LONGEST - 2,
            _ => LONGEST,
        };
        if length > most {
            return Err(Fault::of("iso8583.over_long", "header", "the header cannot say this length"));
        }
        let counted = if self == Self::Binary2Inclusive { length + 2 } else { length };
        let [.., c, d] = counted.to_be_bytes();
        match self {
            Self::Ascii4 => out.extend_from_slice(format!("{counted:04}").as_bytes()),
            Self::Bcd2 => {
                let pair = |value: usize| (value / 10 % 10 * 16 + value % 10).to_le_bytes()[0];
                out.extend_from_slice(&[pair(counted / 100), pair(counted % 100)]);
            }
            Self::Binary2 | Self::Binary2Inclusive => out.extend_from_slice(&[c, d]),
            Self::Binary4 => out.extend_from_slice(&[0, 0, c, d]),
            Self::Vml4 => out.extend_from_slice(&[c, d, 0, 0]),
        }
        Ok(())
    }
}
