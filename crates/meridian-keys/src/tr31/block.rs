//! Wrapping and unwrapping keys.

use meridian_terms::Refusal;
use zeroize::Zeroizing;

use crate::cipher::{BlockCipher, cbc_decrypt, cbc_encrypt};
use crate::key::{Algorithm, Entropy, Key, hex, unhex};
use crate::mac::{MacPadding, cbc_mac, cmac, matches};
use crate::refusal::refuse;
use crate::tr31::header::{Header, Version, bad};

/// The key that protects key blocks.
#[derive(Clone, Copy)]
pub enum Protection<'a> {
    /// In this process.
    Clear(&'a Key),
    /// In a token: enough for versions B and D, whose keys are derived by encrypting. Variants (A, C) need the key itself.
    Token(&'a dyn BlockCipher),
}

/// The two keys of a block: one encrypts, one makes the MAC.
struct Pair {
    encryption: Key,
    authentication: Key,
}

fn algorithm(version: Version) -> Algorithm {
    if version == Version::D { Algorithm::Aes } else { Algorithm::Tdes }
}

impl Protection<'_> {
    fn pair(self, version: Version) -> Result<Pair, Refusal> {
        let bytes = match self {
            Self::Clear(key) => key.len(),
            Self::Token(cipher) => cipher.key_len(),
        };
        let lengths: &[usize] = match version {
            Version::A | Version::C => &[8, 16, 24],
            Version::B => &[16, 24],
            Version::D => &[16, 24, 32],
        };
        if !lengths.contains(&bytes) {
            return Err(refuse(
                "keys.length",
                format!("a protection key of {bytes} bytes is none of version {version:?}"),
            ));
        }
        match (version, self) {
            (Version::A | Version::C, Self::Clear(key)) => {
                Ok(Pair { encryption: key.variant(b"E"), authentication: key.variant(b"M") })
            }
            (Version::A | Version::C, Self::Token(_)) => Err(bad(
                "versions A and C take variants of the protection key, which does not leave its token",
            )),
            (_, Self::Clear(key)) => derived(&key.cipher(algorithm(version))?, version),
            (_, Self::Token(cipher)) => {
                if cipher.block_len() != version.block_len() {
                    return Err(refuse("keys.length", "the protection key is of another algorithm"));
                }
                derived(cipher, version)
            }
        }
    }
}

/// Keys by CMAC in counter mode (NIST SP 800-108): counter, usage, 0, algorithm, bits.
fn derived(cipher: &dyn BlockCipher, version: Version) -> Result<Pair, Refusal> {
    let length = cipher.key_len();
    let code: u8 = match (version, length) {
        (Version::D, 16) => 2,
        (Version::D, 24) => 3,
        (Version::D, _) => 4,
        (_, 16) => 0,
        _ => 1,
    };
    let key = |usage: u8| -> Result<Key, Refusal> {
        let mut bytes = Zeroizing::new(Vec::with_capacity(48));
        let mut counter = 1;
        let [bits_high, bits_low] = u16::try_from(length * 8).unwrap_or(0).to_be_bytes();
        while bytes.len() < length {
            let data = [counter, 0, usage, 0, 0, code, bits_high, bits_low];
            bytes.extend_from_slice(&cmac(cipher, &data)?);
            counter += 1;
        }
        bytes.truncate(length);
        Ok(Key::new(bytes.to_vec()))
    };
    Ok(Pair { encryption: key(0)?, authentication: key(1)? })
}

/// Makes a key block. The key's length is hidden up to `masked` bytes, by default the longest of its algorithm.
///
/// # Errors
/// `keys.length` for a protection key that is none of the version; `keys.key_block` for one too long to say.
pub fn wrap(
    protection: Protection<'_>,
    header: &Header,
    key: &Key,
    masked: Option<usize>,
    entropy: &mut dyn Entropy,
) -> Result<String, Refusal> {
    let version = header.version();
    let pair = protection.pair(version)?;
    let longest = match header.algorithm() {
        'D' | 'T' => 24,
        'A' => 32,
        _ => key.len(),
    };
    let shown = masked.unwrap_or(longest).max(key.len());
    let bits = u16::try_from(key.len() * 8).map_err(|_| bad("the key is too long for a key block"))?;
    let whole = (2 + shown).next_multiple_of(version.block_len());
    let mut data = Zeroizing::new(vec![0; whole]);
    entropy.fill(&mut data);
    data[..2].copy_from_slice(&bits.to_be_bytes());
    data[2..2 + key.len()].copy_from_slice(key.expose());
    let text = header.text(2 * (whole + version.mac_len()))?;
    let encryption = pair.encryption.cipher(algorithm(version))?;
    let mac = match version {
        Version::A | Version::C => {
            cbc_encrypt(&encryption, &text.as_bytes()[..8], &mut data)?;
            authentication(version, &pair, text.as_bytes(), &data)?
        }
        Version::B | Version::D => {
            let mac = authentication(version, &pair, text.as_bytes(), &data)?;
            cbc_encrypt(&encryption, &mac, &mut data)?;
            mac
        }
    };
    Ok(format!("{text}{}{}", hex(&data), hex(&mac)))
}

/// Opens a key block: its header and the key.
///
/// # Errors
/// `keys.key_block` for what is no key block, `keys.key_block_mac` for one that was not made under this protection key or
/// was changed since.
pub fn unwrap(protection: Protection<'_>, block: &str) -> Result<(Header, Key), Refusal> {
    if !block.is_ascii() {
        return Err(bad("a key block is ASCII"));
    }
    let (header, start) = Header::parse(block)?;
    let version = header.version();
    if block[1..5].parse() != Ok(block.len()) {
        return Err(bad(format!("the header does not say {} characters", block.len())));
    }
    if !block.len().is_multiple_of(version.block_len()) {
        return Err(bad("the length is not whole cipher blocks"));
    }
    let mac_start = block.len().checked_sub(2 * version.mac_len()).filter(|at| *at > start);
    let mac_start = mac_start.ok_or_else(|| bad("there is no encrypted key"))?;
    let received = unhex(&block[mac_start..]).ok_or_else(|| bad("the MAC is not hexadecimal"))?;
    let data = unhex(&block[start..mac_start]).ok_or_else(|| bad("the encrypted key is not hexadecimal"))?;
    let mut data = Zeroizing::new(data);
    if data.is_empty() || !data.len().is_multiple_of(version.block_len()) {
        return Err(bad("the encrypted key is not whole cipher blocks"));
    }
    let pair = protection.pair(version)?;
    let encryption = pair.encryption.cipher(algorithm(version))?;
    let text = &block.as_bytes()[..start];
    let computed = match version {
        Version::A | Version::C => {
            let computed = authentication(version, &pair, text, &data)?;
            cbc_decrypt(&encryption, &text[..8], &mut data)?;
            computed
        }
        Version::B | Version::D => {
            cbc_decrypt(&encryption, &received, &mut data)?;
            authentication(version, &pair, text, &data)?
        }
    };
    if !matches(&computed, &received) {
        return Err(refuse("keys.key_block_mac", "the MAC is not the block's"));
    }
    let bits = usize::from(u16::from_be_bytes([data[0], data[1]]));
    if !bits.is_multiple_of(8) {
        return Err(bad("the key is not whole bytes"));
    }
    let key = data.get(2..2 + bits / 8).ok_or_else(|| bad("the key is longer than the block"))?;
    Ok((header, Key::new(key.to_vec())))
}

/// The MAC over the header and the key data: encrypted (A, C) or clear (B, D).
fn authentication(version: Version, pair: &Pair, header: &[u8], data: &[u8]) -> Result<Vec<u8>, Refusal> {
    let cipher = pair.authentication.cipher(algorithm(version))?;
    let message = Zeroizing::new([header, data].concat());
    let mut mac = match version {
        Version::A | Version::C => cbc_mac(&cipher, &message, MacPadding::Zeros)?,
        Version::B | Version::D => cmac(&cipher, &message)?,
    };
    mac.truncate(version.mac_len());
    Ok(mac)
}
