//! How a variable length is announced.

use crate::encoding::{ebcdic_digit, to_ebcdic_digit};
use crate::fault::Flaw;

/// How the digits of a length are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PrefixKind {
    /// ASCII digits: `019`.
    Ascii,
    /// EBCDIC digits.
    Ebcdic,
    /// Packed digits, right-aligned: `00 19`.
    Bcd,
    /// Packed digits, left-aligned: three digits `019` are `01 90`.
    BcdLeft,
    /// An unsigned integer, most significant byte first.
    Binary,
    /// ASCII hexadecimal digits.
    Hex,
    /// BER length octets (ISO/IEC 8825-1, 8.1.3).
    Ber,
}

/// What the announced length counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Counts {
    /// Characters, digits, or bytes of a `b` field.
    Units,
    /// Bytes on the wire.
    Bytes,
}

/// A length prefix.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Prefix {
    /// How it is written.
    pub kind: PrefixKind,
    /// Digits, or bytes of a binary prefix; 0 for BER.
    pub digits: u8,
    /// What it counts.
    pub counts: Counts,
}

impl Prefix {
    /// Reads `ascii2`, `bcd3`, `bcd-left3`, `binary1`, `hex2`, `ebcdic3`, `ber`; the number may be left out where the
    /// field's format says it.
    pub(crate) fn parse(text: &str, digits: u8, max: usize, counts: Counts) -> Option<Self> {
        let word = text.trim_end_matches(|c: char| c.is_ascii_digit());
        let kind = match word {
            "ascii" => PrefixKind::Ascii,
            "ebcdic" => PrefixKind::Ebcdic,
            "bcd" => PrefixKind::Bcd,
            "bcd-left" => PrefixKind::BcdLeft,
            "binary" => PrefixKind::Binary,
            "hex" => PrefixKind::Hex,
            "ber" => PrefixKind::Ber,
            _ => return None,
        };
        let said = &text[word.len()..];
        let digits = match (kind, said.is_empty()) {
            (PrefixKind::Ber, _) => 0,
            (_, false) => said.parse().ok()?,
            (PrefixKind::Binary, true) => match max {
                0..=255 => 1,
                256..=65_535 => 2,
                _ => 4,
            },
            (_, true) => digits,
        };
        (kind == PrefixKind::Ber || (1..=8).contains(&digits)).then_some(Self { kind, digits, counts })
    }

    /// The length and how many bytes said it.
    #[inline]
    pub(crate) fn read(self, bytes: &[u8]) -> Result<(usize, usize), Flaw> {
        let digits = usize::from(self.digits);
        if self.kind == PrefixKind::Ber {
            let (length, width) = read_ber(bytes)?;
            // A longer form than needed would not come out again as it went in.
            let fewest = if length < 0x80 {
                1
            } else {
                1 + (usize::BITS - length.leading_zeros()).div_ceil(8) as usize
            };
            if width != fewest {
                return Err(Flaw::new("iso8583.length", 0, "the length is not in its shortest form"));
            }
            return Ok((length, width));
        }
        let width = match self.kind {
            PrefixKind::Bcd | PrefixKind::BcdLeft => digits.div_ceil(2),
            _ => digits,
        };
        let Some(wire) = bytes.get(..width) else {
            return Err(Flaw::new("iso8583.truncated", bytes.len(), "the message ends inside the length"));
        };
        let mut length = 0_usize;
        match self.kind {
            PrefixKind::Ascii => {
                for (at, byte) in wire.iter().enumerate() {
                    if !byte.is_ascii_digit() {
                        return Err(Flaw::new("iso8583.length", at, "the length is not ASCII digits"));
                    }
                    length = length * 10 + usize::from(byte & 15);
                }
            }
            PrefixKind::Ebcdic => {
                for (at, byte) in wire.iter().enumerate() {
                    let Some(digit) = ebcdic_digit(*byte) else {
                        return Err(Flaw::new("iso8583.length", at, "the length is not EBCDIC digits"));
                    };
                    length = length * 10 + usize::from(digit);
                }
            }
            PrefixKind::Bcd | PrefixKind::BcdLeft => {
                for (at, byte) in wire.iter().enumerate() {
                    let (high, low) = (byte >> 4, byte & 15);
                    if high > 9 || low > 9 {
                        return Err(Flaw::new("iso8583.length", at, "the length is not packed digits"));
                    }
                    length = length * 100 + usize::from(high * 10 + low);
                }
                if digits % 2 == 1 {
                    if self.kind == PrefixKind::BcdLeft {
                        if !length.is_multiple_of(10) {
                            return Err(Flaw::new(
                                "iso8583.length",
                                width - 1,
                                "the length's filler is not 0",
                            ));
                        }
                        length /= 10;
                    } else if wire[0] >> 4 != 0 {
                        return Err(Flaw::new("iso8583.length", 0, "the length's filler is not 0"));
                    }
                }
            }
            PrefixKind::Binary => {
                for byte in wire {
                    length = length.checked_mul(256).map_or(usize::MAX, |length| length + usize::from(*byte));
                }
            }
            PrefixKind::Hex => {
                for (at, byte) in wire.iter().enumerate() {
                    // Upper case only: another case would not come out again as it went in.
                    let digit = match byte {
                        b'0'..=b'9' => byte - b'0',
                        b'A'..=b'F' => byte - b'A' + 10,
                        _ => {
                            return Err(Flaw::new(
                                "iso8583.length",
                                at,
                                "the length is not hexadecimal digits",
                            ));
                        }
                    };
                    length = length * 16 + usize::from(digit);
                }
            }
            PrefixKind::Ber => {}
        }
        Ok((length, width))
    }

    /// Writes a length.
    pub(crate) fn write(self, length: usize, out: &mut Vec<u8>) -> Result<(), Flaw> {
        let digits = usize::from(self.digits);
        let base = match self.kind {
            PrefixKind::Ber => {
                write_ber(length, out);
                return Ok(());
            }
            PrefixKind::Binary => 256_u64,
            PrefixKind::Hex => 16,
            _ => 10,
        };
        let mut rest = length as u64;
        // Least significant last; at most eight digits.
        let mut figures = [0_u8; 8];
        for figure in figures[..digits].iter_mut().rev() {
            *figure = (rest % base).to_le_bytes()[0];
            rest /= base;
        }
        if rest != 0 {
            return Err(Flaw::new("iso8583.length", 0, "the length does not fit its prefix"));
        }
        let figures = &figures[..digits];
        match self.kind {
            PrefixKind::Ascii => out.extend(figures.iter().map(|figure| b'0' + figure)),
            PrefixKind::Ebcdic => out.extend(figures.iter().map(|figure| to_ebcdic_digit(*figure))),
            PrefixKind::Binary => out.extend_from_slice(figures),
            PrefixKind::Hex => {
                out.extend(figures.iter().map(|figure| b"0123456789ABCDEF"[usize::from(*figure)]))
            }
            PrefixKind::Bcd | PrefixKind::BcdLeft => {
                let lead = usize::from(digits % 2 == 1 && self.kind == PrefixKind::Bcd);
                let nibble =
                    |at: usize| at.checked_sub(lead).and_then(|at| figures.get(at)).copied().unwrap_or(0);
                out.extend((0..digits.div_ceil(2)).map(|at| nibble(2 * at) << 4 | nibble(2 * at + 1)));
            }
            PrefixKind::Ber => {}
        }
        Ok(())
    }
}

/// BER length octets: the length and their count. The indefinite form and more than four octets are refused.
pub(crate) fn read_ber(bytes: &[u8]) -> Result<(usize, usize), Flaw> {
    let Some(first) = bytes.first() else {
        return Err(Flaw::new("iso8583.truncated", 0, "the message ends before a length"));
    };
    if first & 0x80 == 0 {
        return Ok((usize::from(*first), 1));
    }
    let more = usize::from(first & 0x7F);
    if more == 0 || more > 4 {
        return Err(Flaw::new("iso8583.tlv", 0, "the length has no or more than four octets"));
    }
    let Some(octets) = bytes.get(1..=more) else {
        return Err(Flaw::new("iso8583.truncated", bytes.len(), "the message ends inside a length"));
    };
    Ok((octets.iter().fold(0, |length, octet| length << 8 | usize::from(*octet)), 1 + more))
}

/// Writes a length in the fewest octets.
pub(crate) fn write_ber(length: usize, out: &mut Vec<u8>) {
    let octets = length.to_be_bytes();
    if length < 0x80 {
        out.push(octets[octets.len() - 1]);
        return;
    }
    let skip = octets.iter().take_while(|octet| **octet == 0).count();
    let kept = &octets[skip..];
    out.push(0x80 | kept.len().to_le_bytes()[0]);
    out.extend_from_slice(kept);
}
