//! How characters become bytes.

use std::borrow::Cow;

use crate::content::Content;
use crate::fault::Flaw;
use crate::padding::{Padding, Side};

/// How the characters, digits or bytes of a field stand on the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    /// One ASCII byte for a character.
    Ascii,
    /// One byte of EBCDIC code page 037.
    Ebcdic,
    /// One byte of EBCDIC code page 1047: other places for `[`, `]` and `^`.
    Ebcdic1047,
    /// Two digits to a byte; `=` of a track is 0xD; the sign of `x+n` is an ASCII byte before the digits.
    Bcd,
    /// The low nibbles of letters A to O, two to a byte: what packers that take letters for digits put on the wire.
    PackedLetters,
    /// The bytes themselves.
    Binary,
    /// Two ASCII hexadecimal characters for a byte; their case is kept.
    Hex,
}

/// Code page 037 to ISO 8859-1, one to one: every byte comes out again as it went in.
#[rustfmt::skip]
static FROM_037: [u8; 256] = [
    0x00, 0x01, 0x02, 0x03, 0x9C, 0x09, 0x86, 0x7F, 0x97, 0x8D, 0x8E, 0x0B, 0x0C, 0x0D, 0x0E, 0x0F,
    0x10, 0x11, 0x12, 0x13, 0x9D, 0x85, 0x08, 0x87, 0x18, 0x19, 0x92, 0x8F, 0x1C, 0x1D, 0x1E, 0x1F,
    0x80, 0x81, 0x82, 0x83, 0x84, 0x0A, 0x17, 0x1B, 0x88, 0x89, 0x8A, 0x8B, 0x8C, 0x05, 0x06, 0x07,
    0x90, 0x91, 0x16, 0x93, 0x94, 0x95, 0x96, 0x04, 0x98, 0x99, 0x9A, 0x9B, 0x14, 0x15, 0x9E, 0x1A,
    0x20, 0xA0, 0xE2, 0xE4, 0xE0, 0xE1, 0xE3, 0xE5, 0xE7, 0xF1, 0xA2, 0x2E, 0x3C, 0x28, 0x2B, 0x7C,
    0x26, 0xE9, 0xEA, 0xEB, 0xE8, 0xED, 0xEE, 0xEF, 0xEC, 0xDF, 0x21, 0x24, 0x2A, 0x29, 0x3B, 0xAC,
    0x2D, 0x2F, 0xC2, 0xC4, 0xC0, 0xC1, 0xC3, 0xC5, 0xC7, 0xD1, 0xA6, 0x2C, 0x25, 0x5F, 0x3E, 0x3F,
    0xF8, 0xC9, 0xCA, 0xCB, 0xC8, 0xCD, 0xCE, 0xCF, 0xCC, 0x60, 0x3A, 0x23, 0x40, 0x27, 0x3D, 0x22,
    0xD8, 0x61, 0x62, 0x63, 0x64, 0x65, 0x66, 0x67, 0x68, 0x69, 0xAB, 0xBB, 0xF0, 0xFD, 0xFE, 0xB1,
    0xB0, 0x6A, 0x6B, 0x6C, 0x6D, 0x6E, 0x6F, 0x70, 0x71, 0x72, 0xAA, 0xBA, 0xE6, 0xB8, 0xC6, 0xA4,
    0xB5, 0x7E, 0x73, 0x74, 0x75, 0x76, 0x77, 0x78, 0x79, 0x7A, 0xA1, 0xBF, 0xD0, 0xDD, 0xDE, 0xAE,
    0x5E, 0xA3, 0xA5, 0xB7, 0xA9, 0xA7, 0xB6, 0xBC, 0xBD, 0xBE, 0x5B, 0x5D, 0xAF, 0xA8, 0xB4, 0xD7,
    0x7B, 0x41, 0x42, 0x43, 0x44, 0x45, 0x46, 0x47, 0x48, 0x49, 0xAD, 0xF4, 0xF6, 0xF2, 0xF3, 0xF5,
    0x7D, 0x4A, 0x4B, 0x4C, 0x4D, 0x4E, 0x4F, 0x50, 0x51, 0x52, 0xB9, 0xFB, 0xFC, 0xF9, 0xFA, 0xFF,
    0x5C, 0xF7, 0x53, 0x54, 0x55, 0x56, 0x57, 0x58, 0x59, 0x5A, 0xB2, 0xD4, 0xD6, 0xD2, 0xD3, 0xD5,
    0x30, 0x31, 0x32, 0x33, 0x34, 0x35, 0x36, 0x37, 0x38, 0x39, 0xB3, 0xDB, 0xDC, 0xD9, 0xDA, 0x9F,
];

/// Code page 1047: six characters change places.
static FROM_1047: [u8; 256] = {
    let mut table = FROM_037;
    let swaps = [(0xAD, 0xBA), (0xBD, 0xBB), (0x5F, 0xB0)];
    let mut at = 0;
    while at < swaps.len() {
        let (a, b) = swaps[at];
        (table[a], table[b]) = (table[b], table[a]);
        at += 1;
    }
    table
};

const fn inverse(table: &[u8; 256]) -> [u8; 256] {
    let (mut back, mut byte) = ([0_u8; 256], 0_u8);
    loop {
        back[table[byte as usize] as usize] = byte;
        if byte == 255 {
            return back;
        }
        byte += 1;
    }
}

static TO_037: [u8; 256] = inverse(&FROM_037);
static TO_1047: [u8; 256] = inverse(&FROM_1047);

/// The characters of a packed byte's two nibbles: digits, `=` for the separator of a track, letters.
static UNPACKED: [[u8; 2]; 256] = {
    const fn character(nibble: u8) -> u8 {
        match nibble {
            0xD => b'=',
            0..=9 => b'0' + nibble,
            letter => b'A' + letter - 10,
        }
    }
    let (mut table, mut byte) = ([[0_u8; 2]; 256], 0_u8);
    loop {
        table[byte as usize] = [character(byte >> 4), character(byte & 15)];
        if byte == 255 {
            break table;
        }
        byte += 1;
    }
};

/// The nibble of a character, [`NO_NIBBLE`] for one that has none.
static PACKED: [u8; 256] = {
    let (mut table, mut nibble) = ([NO_NIBBLE; 256], 0_u8);
    while nibble < 16 {
        let character = if nibble < 10 { b'0' + nibble } else { b'A' + nibble - 10 };
        table[character as usize] = nibble;
        nibble += 1;
    }
    table[b'=' as usize] = 0xD;
    table
};

const NO_NIBBLE: u8 = 0xFF;

pub(crate) fn ebcdic_digit(byte: u8) -> Option<u8> {
    (0xF0..=0xF9).contains(&byte).then_some(byte & 15)
}

pub(crate) fn to_ebcdic_digit(figure: u8) -> u8 {
    0xF0 | figure
}

impl Encoding {
    /// The encoding by its name in a dialect file.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Some(match name {
            "ascii" => Self::Ascii,
            "ebcdic" => Self::Ebcdic,
            "ebcdic1047" => Self::Ebcdic1047,
            "bcd" => Self::Bcd,
            "packed-letters" => Self::PackedLetters,
            "binary" => Self::Binary,
            "hex" => Self::Hex,
            _ => return None,
        })
    }

    /// Whether a field of this content can be written so.
    pub(crate) fn carries(self, content: Content) -> bool {
        match self {
            Self::Ascii => content != Content::Bytes,
            Self::Ebcdic | Self::Ebcdic1047 => content != Content::Bytes,
            Self::Bcd => matches!(content, Content::Digits | Content::SignedDigits | Content::Track),
            Self::PackedLetters => matches!(content, Content::Letters | Content::AlphaNumeric),
            Self::Binary | Self::Hex => content == Content::Bytes,
        }
    }

    /// Bytes on the wire of a value of `units` characters, digits or bytes.
    #[inline]
    pub(crate) fn wire_len(self, content: Content, units: usize) -> usize {
        match self {
            Self::Ascii | Self::Ebcdic | Self::Ebcdic1047 | Self::Binary => units,
            Self::Hex => units.saturating_mul(2),
            Self::Bcd if content == Content::SignedDigits => {
                if units == 0 {
                    0
                } else {
                    1 + (units - 1).div_ceil(2)
                }
            }
            Self::Bcd | Self::PackedLetters => units.div_ceil(2),
        }
    }

    /// The units of a value of so many bytes on the wire, where the prefix counts bytes.
    pub(crate) fn units_of(self, content: Content, bytes: usize) -> Option<usize> {
        match self {
            Self::Ascii | Self::Ebcdic | Self::Ebcdic1047 | Self::Binary => Some(bytes),
            Self::Hex => bytes.is_multiple_of(2).then_some(bytes / 2),
            Self::Bcd if content == Content::SignedDigits => {
                if bytes == 0 {
                    Some(0)
                } else {
                    Some(1 + 2 * (bytes - 1))
                }
            }
            Self::Bcd | Self::PackedLetters => Some(bytes * 2),
        }
    }

    /// Whether the wire bytes are a value of this content.
    #[inline]
    pub(crate) fn check(
        self,
        content: Content,
        padding: Padding,
        wire: &[u8],
        units: usize,
    ) -> Result<(), Flaw> {
        const BARRED: &str = "a character the field may not hold";
        match self {
            Self::Ascii => match content.first_barred(wire) {
                None => Ok(()),
                Some(at) => Err(Flaw::new("iso8583.content", at, BARRED)),
            },
            Self::Binary => Ok(()),
            Self::Ebcdic | Self::Ebcdic1047 => {
                let table = self.code_page();
                content
                    .first_barred_of(wire, |byte| table[usize::from(byte)])
                    .map_or(Ok(()), |at| Err(Flaw::new("iso8583.content", at, BARRED)))
            }
            Self::Hex => match wire.iter().position(|byte| !byte.is_ascii_hexdigit()) {
                None => Ok(()),
                Some(at) => Err(Flaw::new("iso8583.content", at, "not a hexadecimal digit")),
            },
            Self::Bcd => {
                let (packed, digits, skip) = unsigned(content, wire, units)?;
                check_filler(packed, digits, padding).map_err(|flaw| Flaw { at: flaw.at + skip, ..flaw })?;
                if content == Content::Track {
                    return Ok(());
                }
                let is_digit = |nibble: u8| nibble < 10;
                let (whole, half) = halves(packed, digits, padding);
                let all =
                    whole.iter().fold(true, |all, byte| all & is_digit(byte >> 4) & is_digit(byte & 15));
                if !all || half.is_some_and(|nibble| !is_digit(nibble)) {
                    let lead = usize::from(digits % 2 == 1 && padding.side == Side::Left);
                    let at = (0..digits).find(|at| !is_digit(nibble(packed, at + lead))).unwrap_or(0);
                    return Err(Flaw::new("iso8583.content", skip + (at + lead) / 2, "not a packed digit"));
                }
                Ok(())
            }
            Self::PackedLetters => {
                check_filler(wire, units, padding)?;
                let lead = usize::from(units % 2 == 1 && padding.side == Side::Left);
                match (0..units).find(|at| nibble(wire, at + lead) == 0) {
                    None => Ok(()),
                    Some(at) => Err(Flaw::new("iso8583.content", (at + lead) / 2, "not a packed letter")),
                }
            }
        }
    }

    /// The characters of a value that was checked, as ISO 8859-1; of binary the bytes, of hexadecimal the characters.
    pub(crate) fn characters(
        self,
        content: Content,
        padding: Padding,
        wire: &[u8],
        units: usize,
    ) -> Cow<'_, [u8]> {
        if matches!(self, Self::Ascii | Self::Binary | Self::Hex) {
            return Cow::Borrowed(wire);
        }
        let mut characters = Vec::with_capacity(units + 1);
        self.append_characters(content, padding, (wire, units), &mut characters);
        Cow::Owned(characters)
    }

    /// As [`Encoding::characters`], at the end of a buffer.
    #[inline]
    pub(crate) fn append_characters(
        self,
        content: Content,
        padding: Padding,
        (wire, units): (&[u8], usize),
        out: &mut Vec<u8>,
    ) {
        match self {
            Self::Ascii | Self::Binary | Self::Hex => out.extend_from_slice(wire),
            Self::Ebcdic | Self::Ebcdic1047 => {
                let table = self.code_page();
                out.extend(wire.iter().map(|byte| table[usize::from(*byte)]));
            }
            Self::Bcd => {
                let Ok((packed, digits, skip)) = unsigned(content, wire, units) else { return };
                out.extend_from_slice(&wire[..skip]);
                let (whole, half) = halves(packed, digits, padding);
                let half = half.map(|nibble| UNPACKED[usize::from(nibble)][1]);
                if padding.side == Side::Left {
                    out.extend(half);
                }
                let start = out.len();
                out.resize(start + 2 * whole.len(), 0);
                for (pair, byte) in out[start..].chunks_exact_mut(2).zip(whole) {
                    pair.copy_from_slice(&UNPACKED[usize::from(*byte)]);
                }
                if padding.side == Side::Right {
                    out.extend(half);
                }
            }
            Self::PackedLetters => {
                let lead = usize::from(units % 2 == 1 && padding.side == Side::Left);
                out.extend((0..units).map(|at| 0x40 | nibble(wire, at + lead)));
            }
        }
    }

    /// Code page 037 or 1047 to ISO 8859-1.
    const fn code_page(self) -> &'static [u8; 256] {
        if matches!(self, Self::Ebcdic1047) { &FROM_1047 } else { &FROM_037 }
    }

    /// Writes characters (bytes of binary, hexadecimal characters of hex) that fit the content.
    #[inline]
    pub(crate) fn write(
        self,
        content: Content,
        padding: Padding,
        value: &[u8],
        out: &mut Vec<u8>,
    ) -> Result<(), Flaw> {
        const BARRED: &str = "a character the field may not hold";
        match self {
            Self::Binary => out.extend_from_slice(value),
            Self::Hex => {
                if value.len() % 2 == 1 || !value.iter().all(u8::is_ascii_hexdigit) {
                    return Err(Flaw::new("iso8583.content", 0, "not pairs of hexadecimal digits"));
                }
                out.extend_from_slice(value);
            }
            Self::Ascii => {
                if let Some(at) = content.first_barred(value) {
                    return Err(Flaw::new("iso8583.content", at, BARRED));
                }
                out.extend_from_slice(value);
            }
            Self::Ebcdic | Self::Ebcdic1047 => {
                if let Some(at) = content.first_barred(value) {
                    return Err(Flaw::new("iso8583.content", at, BARRED));
                }
                let table = if self == Self::Ebcdic { &TO_037 } else { &TO_1047 };
                out.extend(value.iter().map(|character| table[usize::from(*character)]));
            }
            Self::Bcd => {
                if let Some(at) = content.first_barred(value) {
                    return Err(Flaw::new("iso8583.content", at, BARRED));
                }
                let digits = match (content, value) {
                    (Content::SignedDigits, [sign, digits @ ..]) => {
                        out.push(*sign);
                        digits
                    }
                    _ => value,
                };
                pack_nibbles(digits, padding, |character| PACKED[usize::from(character)], out)?;
            }
            Self::PackedLetters => {
                let pack = |character: u8| match character {
                    b'A'..=b'O' => character & 15,
                    _ => NO_NIBBLE,
                };
                pack_nibbles(value, padding, pack, out)?;
            }
        }
        Ok(())
    }
}

fn nibble(packed: &[u8], at: usize) -> u8 {
    let byte = packed.get(at / 2).copied().unwrap_or(0);
    if at.is_multiple_of(2) { byte >> 4 } else { byte & 15 }
}

/// The packed digits without the sign byte of `x+n`: bytes, digits, and how many bytes were passed.
fn unsigned(content: Content, wire: &[u8], units: usize) -> Result<(&[u8], usize, usize), Flaw> {
    match (content, wire) {
        (Content::SignedDigits, [b'C' | b'D' | b'0', packed @ ..]) => {
            Ok((packed, units.saturating_sub(1), 1))
        }
        (Content::SignedDigits, [_, ..]) => Err(Flaw::new("iso8583.content", 0, "the sign is not C, D or 0")),
        _ => Ok((wire, units, 0)),
    }
}

fn check_filler(packed: &[u8], digits: usize, padding: Padding) -> Result<(), Flaw> {
    if digits.is_multiple_of(2) {
        return Ok(());
    }
    let at = if padding.side == Side::Left { 0 } else { digits };
    if nibble(packed, at) == padding.nibble {
        Ok(())
    } else {
        Err(Flaw::new("iso8583.padding", at / 2, "the filler nibble is not the dialect's"))
    }
}

/// The bytes of which both nibbles are digits, and the one digit of the byte that the filler shares.
fn halves(packed: &[u8], digits: usize, padding: Padding) -> (&[u8], Option<u8>) {
    if digits.is_multiple_of(2) {
        return (packed, None);
    }
    match padding.side {
        Side::Left => packed.split_first().map_or((packed, None), |(first, rest)| (rest, Some(first & 15))),
        Side::Right => packed.split_last().map_or((packed, None), |(last, rest)| (rest, Some(last >> 4))),
    }
}

fn pack_nibbles(
    characters: &[u8],
    padding: Padding,
    pack: impl Fn(u8) -> u8,
    out: &mut Vec<u8>,
) -> Result<(), Flaw> {
    // A character without a nibble shows in the sum of all.
    let mut sum = 0;
    let mut join = |high: u8, low: u8| {
        sum |= high | low;
        high << 4 | low & 15
    };
    let (single, pairs) = match padding.side {
        Side::Left => characters.split_at(characters.len() % 2),
        Side::Right => (&[][..], characters),
    };
    out.extend(single.iter().map(|character| join(padding.nibble, pack(*character))));
    let (pairs, last) = pairs.as_chunks::<2>();
    out.extend(pairs.iter().map(|[high, low]| join(pack(*high), pack(*low))));
    out.extend(last.iter().map(|character| join(pack(*character), padding.nibble)));
    if sum <= 15 {
        return Ok(());
    }
    let at = characters.iter().position(|character| pack(*character) > 15).unwrap_or(0);
    Err(Flaw::new("iso8583.content", at, "a character that cannot be packed"))
}
