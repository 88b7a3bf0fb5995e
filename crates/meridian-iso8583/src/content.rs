//! What a field may hold: the standard's attribute letters (ISO 8583:1987, 4.3).

/// The attribute of a data element.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Content {
    /// `a`: letters.
    Letters,
    /// `n`: digits.
    Digits,
    /// `an`: letters and digits.
    AlphaNumeric,
    /// `anp`: letters, digits and spaces.
    AlphaNumericPad,
    /// `ns`: digits and special characters.
    DigitsSpecial,
    /// `ans`: printable characters.
    Printable,
    /// `ansb`: any bytes; private fields often carry binary within text.
    Any,
    /// `x+n`: C (credit) or D (debit) and digits. A leading 0 for "no sign" is seen from deployed systems and kept.
    SignedDigits,
    /// `z`: the track 2 and 3 code set, 0x30 to 0x3F of ISO/IEC 7813, and A to F as packed tracks show them.
    Track,
    /// `b`: bytes; the length counts bytes.
    Bytes,
}

const DIGIT: u8 = 1;
const LETTER: u8 = 2;
const SPACE: u8 = 4;
const SPECIAL: u8 = 8;
const TRACK: u8 = 16;
const OTHER: u8 = 32;

/// What each byte is, as ASCII.
const CLASS: [u8; 256] = {
    let mut table = [OTHER; 256];
    let mut c = 0x20_u8;
    while c < 0x7F {
        table[c as usize] = if c == b' ' {
            SPACE
        } else if c.is_ascii_digit() {
            DIGIT | TRACK
        } else if c.is_ascii_alphabetic() {
            if c >= b'A' && c <= b'F' { LETTER | TRACK } else { LETTER }
        } else if c >= 0x3A && c <= 0x3F {
            SPECIAL | TRACK
        } else {
            SPECIAL
        };
        c += 1;
    }
    table
};

impl Content {
    /// The attribute by its letters in the standard.
    #[must_use]
    pub fn parse(letters: &str) -> Option<Self> {
        Some(match letters {
            "a" => Self::Letters,
            "n" => Self::Digits,
            "an" => Self::AlphaNumeric,
            "anp" => Self::AlphaNumericPad,
            "ns" => Self::DigitsSpecial,
            "ans" => Self::Printable,
            "ansb" => Self::Any,
            "x+n" => Self::SignedDigits,
            "z" => Self::Track,
            "b" => Self::Bytes,
            _ => return None,
        })
    }

    const fn classes(self) -> u8 {
        match self {
            Self::Letters => LETTER,
            Self::Digits | Self::SignedDigits => DIGIT,
            Self::AlphaNumeric => LETTER | DIGIT,
            Self::AlphaNumericPad => LETTER | DIGIT | SPACE,
            Self::DigitsSpecial => DIGIT | SPACE | SPECIAL,
            Self::Printable => LETTER | DIGIT | SPACE | SPECIAL,
            Self::Any | Self::Bytes => 0xFF,
            Self::Track => TRACK,
        }
    }

    /// Where in ASCII characters the first stands that this attribute bars.
    #[inline]
    pub(crate) fn first_barred(self, characters: &[u8]) -> Option<usize> {
        self.first_barred_of(characters, |byte| byte)
    }

    /// As [`Content::first_barred`], of bytes whose characters `of` tells.
    #[inline]
    pub(crate) fn first_barred_of(self, bytes: &[u8], of: impl Fn(u8) -> u8) -> Option<usize> {
        // Folding first lets the compiler take many bytes at once; the place is looked for only when it matters.
        let (bytes, skip) = match (self, bytes) {
            (Self::Any | Self::Bytes, _) => return None,
            (Self::SignedDigits, [sign, digits @ ..]) if matches!(of(*sign), b'C' | b'D' | b'0') => {
                (digits, 1)
            }
            (Self::SignedDigits, _) => return Some(0),
            _ => (bytes, 0),
        };
        let admits = |byte: &u8| CLASS[usize::from(of(*byte))] & self.classes() != 0;
        let all = match self {
            Self::Digits | Self::SignedDigits => {
                bytes.iter().fold(true, |all, byte| all & (of(*byte).wrapping_sub(b'0') < 10))
            }
            // From the space to the tilde.
            Self::Printable => {
                bytes.iter().fold(true, |all, byte| all & (of(*byte).wrapping_sub(b' ') < 0x5F))
            }
            _ => bytes.iter().fold(true, |all, byte| all & admits(byte)),
        };
        if all { None } else { bytes.iter().position(|byte| !admits(byte)).map(|at| at + skip) }
    }

    /// Whether a shorter value of a fixed field is filled on the left with zeros (else: on the right with spaces).
    pub(crate) fn fills_with_zeros(self) -> bool {
        matches!(self, Self::Digits)
    }
}

/// Whether a byte is a printable ASCII character.
pub(crate) fn is_printable(byte: u8) -> bool {
    CLASS[usize::from(byte)] & OTHER == 0
}
