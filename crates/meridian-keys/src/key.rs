//! A key: bytes that are wiped and never printed.

use std::fmt;

use meridian_terms::Refusal;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use crate::cipher::{BlockCipher, SoftCipher};
use crate::refusal::refuse;

/// Where fill bytes come from: the caller. Clocks and randomness belong to the rim.
pub trait Entropy {
    /// Fills the bytes with random ones.
    fn fill(&mut self, bytes: &mut [u8]);
}

impl<F: FnMut(&mut [u8])> Entropy for F {
    fn fill(&mut self, bytes: &mut [u8]) {
        self(bytes);
    }
}

/// Random bytes drawn beforehand, so that the vault they come from can be borrowed for its keys meanwhile. Enough for a
/// key block or a PIN block.
pub(crate) struct Drawn {
    bytes: Zeroizing<[u8; 64]>,
    next: usize,
}

impl Drawn {
    pub(crate) fn from(entropy: &mut dyn Entropy) -> Self {
        let mut bytes = Zeroizing::new([0; 64]);
        entropy.fill(&mut bytes[..]);
        Self { bytes, next: 0 }
    }
}

impl Entropy for Drawn {
    fn fill(&mut self, bytes: &mut [u8]) {
        for byte in bytes {
            *byte = self.bytes[self.next % self.bytes.len()];
            self.next += 1;
        }
    }
}

/// The algorithm a key is for (ANSI X9.143, table 3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Algorithm {
    /// `D` or `T`: DES of one, two or three keys.
    Tdes,
    /// `A`: AES.
    Aes,
}

/// What a key is for, as two characters of a key block (ANSI X9.143, table 2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Usage {
    /// `P0`: encrypts PIN blocks in a zone.
    PinEncryption,
    /// `M3`: retail MAC.
    RetailMac,
    /// `M6`: CMAC.
    Cmac,
    /// `B0`: derives terminal keys (DUKPT).
    BaseDerivation,
    /// `K1`: protects key blocks.
    BlockProtection,
    /// `C0`: card verification values.
    CardVerification,
    /// `V1`: IBM 3624 PIN offset.
    PinOffset,
    /// `V2`: Visa PIN verification value.
    PinVerificationValue,
}

impl Usage {
    /// Its two characters.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::PinEncryption => "P0",
            Self::RetailMac => "M3",
            Self::Cmac => "M6",
            Self::BaseDerivation => "B0",
            Self::BlockProtection => "K1",
            Self::CardVerification => "C0",
            Self::PinOffset => "V1",
            Self::PinVerificationValue => "V2",
        }
    }

    /// The mode of use that goes with it (ANSI X9.143, table 4).
    #[must_use]
    pub fn mode(self) -> &'static str {
        match self {
            Self::PinEncryption | Self::BlockProtection => "B",
            Self::RetailMac | Self::Cmac | Self::CardVerification => "C",
            Self::BaseDerivation => "X",
            Self::PinOffset | Self::PinVerificationValue => "V",
        }
    }

    /// The usage of two characters; `None` for one this crate does nothing with.
    #[must_use]
    pub fn parse(code: &str) -> Option<Self> {
        Some(match code {
            "P0" => Self::PinEncryption,
            "M3" => Self::RetailMac,
            "M6" => Self::Cmac,
            "B0" => Self::BaseDerivation,
            "K0" | "K1" => Self::BlockProtection,
            "C0" => Self::CardVerification,
            "V1" => Self::PinOffset,
            "V2" => Self::PinVerificationValue,
            _ => return None,
        })
    }
}

/// A clear key. It is wiped when dropped, compared in constant time, and shows only its length.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct Key(Vec<u8>);

impl Key {
    /// A key of these bytes; the length is checked where it is used.
    #[must_use]
    pub fn new(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }

    /// A key of hexadecimal characters.
    ///
    /// # Errors
    /// `keys.hex`.
    pub fn parse_hex(text: &str) -> Result<Self, Refusal> {
        unhex(text).map(Self).ok_or_else(|| refuse("keys.hex", "the key is not pairs of hexadecimal digits"))
    }

    /// A random key of so many bytes, DES parity set where it is TDES.
    #[must_use]
    pub fn random(algorithm: Algorithm, length: usize, entropy: &mut dyn Entropy) -> Self {
        let mut bytes = vec![0; length];
        entropy.fill(&mut bytes);
        if algorithm == Algorithm::Tdes {
            bytes
                .iter_mut()
                .for_each(|byte| *byte = *byte & 0xFE | u8::from((*byte & 0xFE).count_ones() % 2 == 0));
        }
        Self(bytes)
    }

    /// The clear bytes. Whoever asks holds the key.
    #[must_use]
    pub fn expose(&self) -> &[u8] {
        &self.0
    }

    /// Its bytes.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether it has no bytes: key blocks can carry nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Each byte changed by the mask, repeated: a key variant.
    pub(crate) fn variant(&self, mask: &[u8]) -> Self {
        Self(self.0.iter().zip(mask.iter().cycle()).map(|(byte, mask)| byte ^ mask).collect())
    }

    /// The cipher of the key.
    ///
    /// # Errors
    /// `keys.length`.
    pub fn cipher(&self, algorithm: Algorithm) -> Result<impl BlockCipher + use<>, Refusal> {
        SoftCipher::new(algorithm, &self.0)
    }

    /// The check value of a TDES key: the first three bytes of a block of zeros encrypted (ANSI X9.24-1, annex A).
    ///
    /// # Errors
    /// `keys.length`.
    pub fn check_value(&self) -> Result<String, Refusal> {
        let mut block = [0; 8];
        self.cipher(Algorithm::Tdes)?.encrypt(&mut block)?;
        Ok(hex(&block[..3]))
    }

    /// The check value of an AES key: the first five bytes of the CMAC of a block of zeros (ANSI X9.24-1-2017, annex A).
    ///
    /// # Errors
    /// `keys.length`.
    pub fn check_value_aes(&self) -> Result<String, Refusal> {
        let cipher = self.cipher(Algorithm::Aes)?;
        Ok(hex(&crate::mac::cmac(&cipher, &[0; 16])?[..5]))
    }
}

impl PartialEq for Key {
    fn eq(&self, other: &Self) -> bool {
        subtle::ConstantTimeEq::ct_eq(&self.0[..], &other.0[..]).into()
    }
}

impl Eq for Key {}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Key({} bytes)", self.0.len())
    }
}

pub(crate) fn unhex(text: &str) -> Option<Vec<u8>> {
    let digits: Option<Vec<u8>> =
        text.chars().map(|c| c.to_digit(16).and_then(|digit| u8::try_from(digit).ok())).collect();
    let digits = digits.filter(|digits| digits.len() % 2 == 0)?;
    Some(digits.chunks(2).map(|pair| pair[0] << 4 | pair[1]).collect())
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    let digits = b"0123456789ABCDEF";
    bytes
        .iter()
        .flat_map(|byte| [digits[usize::from(byte >> 4)], digits[usize::from(byte & 15)]])
        .map(char::from)
        .collect()
}
