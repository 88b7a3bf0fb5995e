//! DUKPT with AES (ANSI X9.24-3-2017).
//!
//! ```text
//! key serial number, 12 bytes:  8 bytes of initial key id  |  4 bytes of transaction counter
//! derivation data, 16 bytes:    01 | block | usage 2 | algorithm 2 | bits 2 | id 8  or  last half of id 4, counter 4
//! ```

use meridian_terms::Refusal;
use zeroize::Zeroizing;

use crate::cipher::BlockCipher;
use crate::key::{Algorithm, Key};
use crate::refusal::refuse;

/// Bytes of a key serial number.
pub const KSN_LEN: usize = 12;

/// What a derived key is used for (6.3.2, table 2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// Encrypting keys.
    KeyEncryption,
    /// Encrypting PIN blocks.
    PinEncryption,
    /// Making MACs.
    MacGeneration,
    /// Verifying MACs.
    MacVerification,
    /// Making and verifying MACs.
    MacBoth,
    /// Encrypting data.
    DataEncryption,
    /// Decrypting data.
    DataDecryption,
    /// Encrypting and decrypting data.
    DataBoth,
}

impl Purpose {
    fn code(self) -> u16 {
        match self {
            Self::KeyEncryption => 0x0002,
            Self::PinEncryption => 0x1000,
            Self::MacGeneration => 0x2000,
            Self::MacVerification => 0x2001,
            Self::MacBoth => 0x2002,
            Self::DataEncryption => 0x3000,
            Self::DataDecryption => 0x3001,
            Self::DataBoth => 0x3002,
        }
    }
}

/// The type of a derived key (6.3.2, table 3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyType {
    /// TDES of two keys.
    Tdes2,
    /// TDES of three keys.
    Tdes3,
    /// AES of 128 bits.
    Aes128,
    /// AES of 192 bits.
    Aes192,
    /// AES of 256 bits.
    Aes256,
}

impl KeyType {
    fn code(self) -> u16 {
        match self {
            Self::Tdes2 => 0,
            Self::Tdes3 => 1,
            Self::Aes128 => 2,
            Self::Aes192 => 3,
            Self::Aes256 => 4,
        }
    }

    fn bytes(self) -> u16 {
        match self {
            Self::Tdes2 | Self::Aes128 => 16,
            Self::Tdes3 | Self::Aes192 => 24,
            Self::Aes256 => 32,
        }
    }

    /// The AES type of a key of so many bytes.
    ///
    /// # Errors
    /// `keys.length`.
    pub fn of_aes(bytes: usize) -> Result<Self, Refusal> {
        match bytes {
            16 => Ok(Self::Aes128),
            24 => Ok(Self::Aes192),
            32 => Ok(Self::Aes256),
            _ => Err(refuse("keys.length", format!("no AES key has {bytes} bytes"))),
        }
    }
}

/// Derivation data of the first block.
fn derivation_data(purpose: u16, key_type: KeyType, tail: [u8; 8]) -> [u8; 16] {
    let mut data = [0; 16];
    (data[0], data[1]) = (1, 1);
    data[2..4].copy_from_slice(&purpose.to_be_bytes());
    data[4..6].copy_from_slice(&key_type.code().to_be_bytes());
    data[6..8].copy_from_slice(&(key_type.bytes() * 8).to_be_bytes());
    data[8..].copy_from_slice(&tail);
    data
}

/// Encrypts the derivation data as often as the key has blocks (6.3.1).
fn derive(cipher: &dyn BlockCipher, key_type: KeyType, data: [u8; 16]) -> Result<Key, Refusal> {
    let length = usize::from(key_type.bytes());
    let mut key = Zeroizing::new(Vec::with_capacity(32));
    for number in 1..=length.div_ceil(16) {
        let mut block = Zeroizing::new(data);
        block[1] = number.to_le_bytes()[0];
        cipher.encrypt(&mut block[..])?;
        key.extend_from_slice(&block[..]);
    }
    key.truncate(length);
    Ok(Key::new(key.to_vec()))
}

/// The key a terminal is loaded with, as long as the base key.
///
/// # Errors
/// `keys.length` for a base key that is no AES key.
pub fn initial_key(base: &Key, id: [u8; 8]) -> Result<Key, Refusal> {
    initial_key_with(&base.cipher(Algorithm::Aes)?, id)
}

/// The same under a base key that a token may hold.
pub(crate) fn initial_key_with(base: &dyn BlockCipher, id: [u8; 8]) -> Result<Key, Refusal> {
    let key_type = KeyType::of_aes(base.key_len())?;
    derive(base, key_type, derivation_data(0x8001, key_type, id))
}

/// The key of one transaction for one purpose, from the terminal's initial key.
///
/// # Errors
/// `keys.ksn` for a counter of zero or with more than 16 bits of one, which terminals skip; `keys.length` for a key type
/// stronger than the initial key.
pub fn working_key(
    initial: &Key,
    ksn: &[u8; KSN_LEN],
    purpose: Purpose,
    key_type: KeyType,
) -> Result<Key, Refusal> {
    let chain = KeyType::of_aes(initial.len())?;
    if usize::from(key_type.bytes()) > initial.len() && key_type != KeyType::Tdes3 {
        return Err(refuse("keys.length", "a key is not derived from a weaker one"));
    }
    let counter = u32::from_be_bytes([ksn[8], ksn[9], ksn[10], ksn[11]]);
    if counter == 0 || counter.count_ones() > 16 {
        return Err(refuse("keys.ksn", "the counter is none that a terminal uses"));
    }
    let tail = |counter: u32| {
        let mut tail = [0; 8];
        tail[..4].copy_from_slice(&ksn[4..8]);
        tail[4..].copy_from_slice(&counter.to_be_bytes());
        tail
    };
    let (mut passed, mut key) = (0_u32, initial.clone());
    for bit in (0..32).rev().map(|shift| 1_u32 << shift).filter(|bit| counter & bit != 0) {
        passed |= bit;
        key = derive(&key.cipher(Algorithm::Aes)?, chain, derivation_data(0x8000, chain, tail(passed)))?;
    }
    derive(&key.cipher(Algorithm::Aes)?, key_type, derivation_data(purpose.code(), key_type, tail(counter)))
}
