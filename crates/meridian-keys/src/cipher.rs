//! Block ciphers: TDES and AES, in this process or in a token.

use aes::cipher::{Array, BlockCipherDecrypt, BlockCipherEncrypt, KeyInit};
use meridian_terms::Refusal;

use crate::key::Algorithm;
use crate::refusal::refuse;

/// A block cipher with its key. A token implements it without giving the key away.
pub trait BlockCipher {
    /// Bytes of a block: 8 (TDES) or 16 (AES).
    fn block_len(&self) -> usize;

    /// Bytes of the key.
    fn key_len(&self) -> usize;

    /// Encrypts one block in place.
    ///
    /// # Errors
    /// What the token refuses.
    fn encrypt(&self, block: &mut [u8]) -> Result<(), Refusal>;

    /// Decrypts one block in place.
    ///
    /// # Errors
    /// What the token refuses.
    fn decrypt(&self, block: &mut [u8]) -> Result<(), Refusal>;
}

/// TDES (keying options 1, 2, 3) and AES in software.
pub(crate) enum SoftCipher {
    Des(des::Des),
    Tdes2(des::TdesEde2),
    Tdes3(des::TdesEde3),
    Aes128(aes::Aes128),
    Aes192(aes::Aes192),
    Aes256(aes::Aes256),
}

impl SoftCipher {
    pub(crate) fn new(algorithm: Algorithm, key: &[u8]) -> Result<Self, Refusal> {
        let made = match (algorithm, key.len()) {
            (Algorithm::Tdes, 8) => des::Des::new_from_slice(key).ok().map(Self::Des),
            (Algorithm::Tdes, 16) => des::TdesEde2::new_from_slice(key).ok().map(Self::Tdes2),
            (Algorithm::Tdes, 24) => des::TdesEde3::new_from_slice(key).ok().map(Self::Tdes3),
            (Algorithm::Aes, 16) => aes::Aes128::new_from_slice(key).ok().map(Self::Aes128),
            (Algorithm::Aes, 24) => aes::Aes192::new_from_slice(key).ok().map(Self::Aes192),
            (Algorithm::Aes, 32) => aes::Aes256::new_from_slice(key).ok().map(Self::Aes256),
            _ => None,
        };
        made.ok_or_else(|| refuse("keys.length", format!("a {algorithm:?} key of {} bytes", key.len())))
    }

    fn whole<const N: usize>(block: &mut [u8]) -> Result<&mut [u8; N], Refusal> {
        block.try_into().map_err(|_| refuse("keys.input", "not one block"))
    }
}

impl BlockCipher for SoftCipher {
    fn block_len(&self) -> usize {
        match self {
            Self::Des(_) | Self::Tdes2(_) | Self::Tdes3(_) => 8,
            _ => 16,
        }
    }

    fn key_len(&self) -> usize {
        match self {
            Self::Des(_) => 8,
            Self::Tdes2(_) | Self::Aes128(_) => 16,
            Self::Tdes3(_) | Self::Aes192(_) => 24,
            Self::Aes256(_) => 32,
        }
    }

    fn encrypt(&self, block: &mut [u8]) -> Result<(), Refusal> {
        match self {
            Self::Des(cipher) => cipher.encrypt_block(Array::cast_from_core_mut(Self::whole(block)?)),
            Self::Tdes2(cipher) => cipher.encrypt_block(Array::cast_from_core_mut(Self::whole(block)?)),
            Self::Tdes3(cipher) => cipher.encrypt_block(Array::cast_from_core_mut(Self::whole(block)?)),
            Self::Aes128(cipher) => cipher.encrypt_block(Array::cast_from_core_mut(Self::whole(block)?)),
            Self::Aes192(cipher) => cipher.encrypt_block(Array::cast_from_core_mut(Self::whole(block)?)),
            Self::Aes256(cipher) => cipher.encrypt_block(Array::cast_from_core_mut(Self::whole(block)?)),
        }
        Ok(())
    }

    fn decrypt(&self, block: &mut [u8]) -> Result<(), Refusal> {
        match self {
            Self::Des(cipher) => cipher.decrypt_block(Array::cast_from_core_mut(Self::whole(block)?)),
            Self::Tdes2(cipher) => cipher.decrypt_block(Array::cast_from_core_mut(Self::whole(block)?)),
            Self::Tdes3(cipher) => cipher.decrypt_block(Array::cast_from_core_mut(Self::whole(block)?)),
            Self::Aes128(cipher) => cipher.decrypt_block(Array::cast_from_core_mut(Self::whole(block)?)),
            Self::Aes192(cipher) => cipher.decrypt_block(Array::cast_from_core_mut(Self::whole(block)?)),
            Self::Aes256(cipher) => cipher.decrypt_block(Array::cast_from_core_mut(Self::whole(block)?)),
        }
        Ok(())
    }
}

fn whole_blocks(cipher: &dyn BlockCipher, iv: &[u8], data: &[u8]) -> Result<usize, Refusal> {
    let length = cipher.block_len();
    if iv.len() != length || !data.len().is_multiple_of(length) {
        return Err(refuse("keys.input", format!("{} bytes are not whole blocks of {length}", data.len())));
    }
    Ok(length)
}

/// Encrypts whole blocks in place, each chained to the one before (NIST SP 800-38A, 6.2).
///
/// # Errors
/// `keys.input` where the data is not whole blocks.
pub fn cbc_encrypt(cipher: &dyn BlockCipher, iv: &[u8], data: &mut [u8]) -> Result<(), Refusal> {
    let length = whole_blocks(cipher, iv, data)?;
    let mut previous = iv.to_vec();
    for block in data.chunks_mut(length) {
        xor(block, &previous);
        cipher.encrypt(block)?;
        previous.copy_from_slice(block);
    }
    Ok(())
}

/// Decrypts what [`cbc_encrypt`] made.
///
/// # Errors
/// `keys.input` where the data is not whole blocks.
pub fn cbc_decrypt(cipher: &dyn BlockCipher, iv: &[u8], data: &mut [u8]) -> Result<(), Refusal> {
    let length = whole_blocks(cipher, iv, data)?;
    let mut previous = iv.to_vec();
    for block in data.chunks_mut(length) {
        let enciphered = block.to_vec();
        cipher.decrypt(block)?;
        xor(block, &previous);
        previous = enciphered;
    }
    Ok(())
}

pub(crate) fn xor(block: &mut [u8], with: &[u8]) {
    block.iter_mut().zip(with).for_each(|(byte, with)| *byte ^= with);
}
