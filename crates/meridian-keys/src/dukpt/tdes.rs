//! DUKPT with TDES (ANSI X9.24-1-2009, annex A).
//!
//! ```text
//! key serial number, 10 bytes:  59 bits of terminal  |  21 bits of transaction counter
//! base key --> initial key --(for each bit of the counter, from the left)--> transaction key --variant--> PIN, MAC, data
//! ```

use meridian_terms::Refusal;
use zeroize::Zeroizing;

use crate::cipher::{BlockCipher, xor};
use crate::key::{Algorithm, Key};
use crate::refusal::refuse;

/// Bytes of a key serial number.
pub const KSN_LEN: usize = 10;

const COUNTER: u64 = 0x1F_FFFF;

/// The mask of half of each key: what makes the right-hand initial key, and the left-hand future key.
pub(crate) const HALF_MASK: [u8; 16] =
    [0xC0, 0xC0, 0xC0, 0xC0, 0, 0, 0, 0, 0xC0, 0xC0, 0xC0, 0xC0, 0, 0, 0, 0];

/// What a transaction key is used for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// Encrypting PIN blocks.
    Pin,
    /// MACs of requests, or both ways.
    MacRequest,
    /// MACs of responses.
    MacResponse,
    /// Encrypting data of requests, or both ways.
    DataRequest,
    /// Encrypting data of responses.
    DataResponse,
}

impl Purpose {
    fn mask(self) -> [u8; 8] {
        let mut mask = [0; 8];
        mask[match self {
            Self::Pin => 7,
            Self::MacRequest => 6,
            Self::DataRequest => 5,
            Self::MacResponse => 4,
            Self::DataResponse => 3,
        }] = 0xFF;
        mask
    }
}

/// The key a terminal is loaded with.
///
/// # Errors
/// `keys.length` for a base key of other than 16 bytes.
pub fn initial_key(base: &Key, ksn: &[u8; KSN_LEN]) -> Result<Key, Refusal> {
    if base.len() != 16 {
        return Err(refuse("keys.length", "a base derivation key has 16 bytes"));
    }
    initial_key_with(&base.cipher(Algorithm::Tdes)?, &base.variant(&HALF_MASK).cipher(Algorithm::Tdes)?, ksn)
}

/// The same under the base key and its variant, which a token may hold.
pub(crate) fn initial_key_with(
    base: &dyn BlockCipher,
    variant: &dyn BlockCipher,
    ksn: &[u8; KSN_LEN],
) -> Result<Key, Refusal> {
    let mut key = Zeroizing::new([0_u8; 16]);
    for (half, cipher) in key.chunks_mut(8).zip([base, variant]) {
        half.copy_from_slice(&ksn[..8]);
        half[7] &= 0xE0;
        cipher.encrypt(half)?;
    }
    Ok(Key::new(key.to_vec()))
}

/// The key of one transaction for one purpose, from the terminal's initial key.
///
/// # Errors
/// `keys.ksn` for a counter of zero, which no transaction has, or of more than ten bits of one, which terminals skip.
pub fn transaction_key(initial: &Key, ksn: &[u8; KSN_LEN], purpose: Purpose) -> Result<Key, Refusal> {
    let mut right = [0; 8];
    right.copy_from_slice(&ksn[2..]);
    let serial = u64::from_be_bytes(right);
    let counter = serial & COUNTER;
    if counter == 0 || counter.count_ones() > 10 {
        return Err(refuse("keys.ksn", "the counter is none that a terminal uses"));
    }
    let (mut register, mut key) = (serial & !COUNTER, initial.clone());
    for bit in (0..21).rev().map(|shift| 1 << shift).filter(|bit| counter & bit != 0) {
        register |= bit;
        key = next(&key, register)?;
    }
    let key = key.variant(&purpose.mask());
    match purpose {
        Purpose::DataRequest | Purpose::DataResponse => {
            // Data keys are encrypted under themselves, so that they tell nothing of the others (annex A.4.1).
            let cipher = key.cipher(Algorithm::Tdes)?;
            let mut data = Zeroizing::new(key.expose().to_vec());
            data.chunks_mut(8).try_for_each(|half| cipher.encrypt(half))?;
            Ok(Key::new(data.to_vec()))
        }
        _ => Ok(key),
    }
}

/// The non-reversible step from a key to the next.
fn next(key: &Key, register: u64) -> Result<Key, Refusal> {
    let half = |key: &Key| -> Result<[u8; 8], Refusal> {
        let (left, right) = key.expose().split_at(8);
        let mut block = register.to_be_bytes();
        xor(&mut block, right);
        Key::new(left.to_vec()).cipher(Algorithm::Tdes)?.encrypt(&mut block)?;
        xor(&mut block, right);
        Ok(block)
    };
    if key.len() != 16 {
        return Err(refuse("keys.length", "an initial key has 16 bytes"));
    }
    Ok(Key::new([half(&key.variant(&HALF_MASK))?, half(key)?].concat()))
}
