//! Message authentication codes: retail MAC, CBC-MAC, CMAC.

use meridian_terms::Refusal;

use crate::cipher::{BlockCipher, xor};
use crate::key::{Algorithm, Key};
use crate::refusal::refuse;

/// Padding of ISO/IEC 9797-1, 6.3.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MacPadding {
    /// Method 1: zeros, as few as needed; an empty message becomes a block of zeros.
    Zeros,
    /// Method 2: a bit of one, then zeros.
    OneThenZeros,
    /// Method 3: a block with the length in bits in front, then method 1.
    LengthFirst,
}

impl MacPadding {
    /// The method by its number in the standard.
    #[must_use]
    pub fn from_number(number: u8) -> Option<Self> {
        [Self::Zeros, Self::OneThenZeros, Self::LengthFirst].get(usize::from(number).checked_sub(1)?).copied()
    }

    /// The message padded to whole blocks.
    ///
    /// ```
    /// use meridian_keys::mac::MacPadding;
    /// assert_eq!(MacPadding::OneThenZeros.apply(&[0x12, 0x34], 8), [0x12, 0x34, 0x80, 0, 0, 0, 0, 0]);
    /// ```
    #[must_use]
    pub fn apply(self, message: &[u8], block_len: usize) -> Vec<u8> {
        let mut padded = Vec::with_capacity(message.len() + 2 * block_len);
        if self == Self::LengthFirst {
            let bits = (message.len() as u128 * 8).to_be_bytes();
            padded.resize(block_len.saturating_sub(bits.len()), 0);
            padded.extend_from_slice(&bits[bits.len().saturating_sub(block_len)..]);
        }
        padded.extend_from_slice(message);
        match self {
            Self::OneThenZeros => padded.push(0x80),
            Self::Zeros if message.is_empty() => padded.push(0),
            Self::LengthFirst if message.is_empty() => padded.push(0),
            _ => {}
        }
        padded.resize(padded.len().next_multiple_of(block_len), 0);
        padded
    }
}

/// CBC-MAC (ISO/IEC 9797-1, algorithm 1) of a padded message: its last block.
///
/// # Errors
/// What the cipher refuses.
pub fn cbc_mac(cipher: &dyn BlockCipher, message: &[u8], padding: MacPadding) -> Result<Vec<u8>, Refusal> {
    let length = cipher.block_len();
    let mut state = vec![0; length];
    for block in padding.apply(message, length).chunks(length) {
        xor(&mut state, block);
        cipher.encrypt(&mut state)?;
    }
    Ok(state)
}

/// Retail MAC (ANSI X9.19; ISO/IEC 9797-1, algorithm 3): single DES through the message, then decrypted with the second
/// half and encrypted with the first. Take the leftmost 4 or 8 bytes.
///
/// # Errors
/// `keys.length` for a key of other than 16 bytes.
pub fn retail_mac(key: &Key, message: &[u8], padding: MacPadding) -> Result<[u8; 8], Refusal> {
    if key.len() != 16 {
        return Err(refuse("keys.length", "a retail MAC takes a key of 16 bytes"));
    }
    let half = |range: std::ops::Range<usize>| Key::new(key.expose()[range].to_vec()).cipher(Algorithm::Tdes);
    retail_mac_of_halves(&half(0..8)?, &half(8..16)?, message, padding)
}

/// The same under the two halves of the key, which a token may hold.
pub(crate) fn retail_mac_of_halves(
    first: &dyn BlockCipher,
    second: &dyn BlockCipher,
    message: &[u8],
    padding: MacPadding,
) -> Result<[u8; 8], Refusal> {
    let mut state = cbc_mac(first, message, padding)?;
    second.decrypt(&mut state)?;
    first.encrypt(&mut state)?;
    state.try_into().map_err(|_| refuse("keys.input", "not one block"))
}

/// CMAC (NIST SP 800-38B) under TDES or AES.
///
/// ```
/// use meridian_keys::{Algorithm, Key, mac};
/// // RFC 4493, example 1: the empty message.
/// let key = Key::parse_hex("2b7e151628aed2a6abf7158809cf4f3c")?;
/// let code = mac::cmac(&key.cipher(Algorithm::Aes)?, b"")?;
/// assert_eq!(code[..4], [0xbb, 0x1d, 0x69, 0x29]);
/// # Ok::<(), meridian_terms::Refusal>(())
/// ```
///
/// # Errors
/// What the cipher refuses.
pub fn cmac(cipher: &dyn BlockCipher, message: &[u8]) -> Result<Vec<u8>, Refusal> {
    let length = cipher.block_len();
    let mut subkey = vec![0; length];
    cipher.encrypt(&mut subkey)?;
    double(&mut subkey);
    let whole = !message.is_empty() && message.len().is_multiple_of(length);
    if !whole {
        double(&mut subkey);
    }
    let mut padded = if whole { message.to_vec() } else { MacPadding::OneThenZeros.apply(message, length) };
    let last = padded.len() - length;
    xor(&mut padded[last..], &subkey);
    let mut state = vec![0; length];
    for block in padded.chunks(length) {
        xor(&mut state, block);
        cipher.encrypt(&mut state)?;
    }
    Ok(state)
}

/// Doubling in GF(2^64) or GF(2^128) (NIST SP 800-38B, 5.3).
fn double(block: &mut [u8]) {
    let carry = block[0] >> 7;
    let mut below = 0;
    for byte in block.iter_mut().rev() {
        let above = *byte >> 7;
        *byte = *byte << 1 | below;
        below = above;
    }
    let polynomial = if block.len() == 8 { 0x1B } else { 0x87 };
    if let Some(last) = block.last_mut() {
        *last ^= polynomial * carry;
    }
}

/// Whether a received code of at least four bytes is the leftmost bytes of the computed one; in constant time.
#[must_use]
pub fn matches(computed: &[u8], received: &[u8]) -> bool {
    let part = computed.get(..received.len()).filter(|_| received.len() >= 4);
    part.is_some_and(|part| subtle::ConstantTimeEq::ct_eq(part, received).into())
}
