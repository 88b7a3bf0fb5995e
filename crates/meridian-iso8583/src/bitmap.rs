//! Which fields are present.

use crate::fault::Flaw;

/// How a bitmap stands on the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BitmapForm {
    /// Eight bytes.
    Binary,
    /// Sixteen ASCII hexadecimal characters, upper case.
    Hex,
    /// Sixteen EBCDIC hexadecimal characters, upper case.
    EbcdicHex,
}

impl BitmapForm {
    /// The form by its name in a dialect file.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Some(match name {
            "binary" => Self::Binary,
            "hex" => Self::Hex,
            "ebcdic-hex" => Self::EbcdicHex,
            _ => return None,
        })
    }

    /// Bytes on the wire of a bitmap of so many bytes.
    pub(crate) fn wire_len(self, bytes: usize) -> usize {
        if self == Self::Binary { bytes } else { bytes * 2 }
    }

    /// Reads a bitmap of up to eight bytes, its first bit the highest of the word.
    #[inline]
    pub(crate) fn read(self, wire: &[u8], bytes: usize) -> Result<u64, Flaw> {
        let Some(wire) = wire.get(..self.wire_len(bytes)) else {
            return Err(Flaw::new("iso8583.truncated", wire.len(), "the message ends inside a bitmap"));
        };
        let mut word = 0_u64;
        match self {
            Self::Binary => {
                for byte in wire {
                    word = word << 8 | u64::from(*byte);
                }
            }
            Self::Hex | Self::EbcdicHex => {
                for (at, byte) in wire.iter().enumerate() {
                    let nibble = match (self, byte) {
                        (Self::Hex, b'0'..=b'9') => byte - b'0',
                        (Self::Hex, b'A'..=b'F') => byte - b'A' + 10,
                        (Self::EbcdicHex, 0xF0..=0xF9) => byte & 15,
                        (Self::EbcdicHex, 0xC1..=0xC6) => (byte & 15) + 9,
                        _ => {
                            return Err(Flaw::new(
                                "iso8583.bitmap",
                                at,
                                "not an upper-case hexadecimal digit",
                            ));
                        }
                    };
                    word = word << 4 | u64::from(nibble);
                }
            }
        }
        Ok(word << (64 - 8 * bytes))
    }

    /// Writes over the place of a bitmap of up to eight bytes.
    pub(crate) fn write(self, word: u64, place: &mut [u8]) {
        let bytes = word.to_be_bytes();
        match self {
            Self::Binary => place.iter_mut().zip(bytes).for_each(|(place, byte)| *place = byte),
            Self::Hex | Self::EbcdicHex => {
                for (at, place) in place.iter_mut().enumerate() {
                    let byte = bytes[at / 2];
                    let nibble = if at % 2 == 0 { byte >> 4 } else { byte & 15 };
                    *place = match (self, nibble) {
                        (Self::EbcdicHex, 0..=9) => 0xF0 | nibble,
                        (Self::EbcdicHex, _) => 0xC0 | (nibble - 9),
                        _ => b"0123456789ABCDEF"[usize::from(nibble)],
                    };
                }
            }
        }
    }
}

/// The fields present: primary 1 to 64, secondary 65 to 128, tertiary 129 to 192. A bit that only announces a further
/// bitmap (1, and 65 of a dialect with a tertiary one) is no field and is not kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Bitmap {
    words: [u64; 3],
}

impl Bitmap {
    pub(crate) fn new(words: [u64; 3]) -> Self {
        Self { words }
    }

    pub(crate) fn word(&self, index: usize) -> u64 {
        self.words[index]
    }

    #[inline]
    pub(crate) fn set(&mut self, field: u16) {
        let at = usize::from(field) - 1;
        self.words[at / 64] |= 1 << (63 - at % 64);
    }

    /// Whether the field is present.
    #[inline]
    #[must_use]
    pub fn has(&self, field: u16) -> bool {
        if field == 0 || field > 192 {
            return false;
        }
        let at = usize::from(field) - 1;
        self.words[at / 64] >> (63 - at % 64) & 1 == 1
    }

    /// How many present fields have a lower number: the place of the field in the index.
    #[inline]
    pub(crate) fn rank(&self, field: u16) -> usize {
        let at = usize::from(field) - 1;
        let whole: u32 = self.words[..at / 64].iter().map(|word| word.count_ones()).sum();
        let part = if at % 64 == 0 { 0 } else { (self.words[at / 64] >> (64 - at % 64)).count_ones() };
        (whole + part) as usize
    }

    /// The fields present, ascending.
    pub fn fields(&self) -> impl Iterator<Item = u16> + use<> {
        Fields { words: self.words, index: 0 }
    }
}

/// What is left of a bitmap's fields.
struct Fields {
    words: [u64; 3],
    index: u16,
}

impl Iterator for Fields {
    type Item = u16;

    #[inline]
    fn next(&mut self) -> Option<u16> {
        loop {
            let word = self.words.get_mut(usize::from(self.index))?;
            match u16::try_from(word.leading_zeros()) {
                Ok(at @ 0..64) => {
                    *word &= !(1 << (63 - at));
                    return Some(self.index * 64 + at + 1);
                }
                _ => self.index += 1,
            }
        }
    }
}
