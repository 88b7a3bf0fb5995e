//! The payment HSM: what a switch asks for, keys named and never seen.

use std::fmt;

use meridian_terms::Refusal;

use crate::cipher::BlockCipher;
use crate::cvv;
use crate::dukpt::{aes, tdes};
use crate::key::{Algorithm, Drawn, Entropy, Key, Usage};
use crate::mac::{self, MacPadding};
use crate::pan::Pan;
use crate::pin::Pin;
use crate::pin_block::{self, PinFormat};
use crate::pin_verification::{Ibm3624, visa_pvv};
use crate::refusal::refuse;
use crate::tr31::{self, Header, Protection};

/// The name of a key in the HSM: `ZPK-SHETAB-2026-11`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct KeyName(String);

impl KeyName {
    /// A key's name.
    #[must_use]
    pub fn new(name: impl Into<String>) -> Self {
        Self(name.into())
    }

    /// As text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for KeyName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What may be known of a key in the HSM.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyRecord {
    /// Its name.
    pub name: KeyName,
    /// What it is for.
    pub usage: Usage,
    /// The algorithm it is for.
    pub algorithm: Algorithm,
    /// Its check value, to be compared with the partner's.
    pub check_value: String,
    /// Whether its header lets it leave under another key.
    pub is_exportable: bool,
}

/// Which MAC.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MacAlgorithm {
    /// Retail MAC (ANSI X9.19), eight bytes.
    Retail(MacPadding),
    /// CMAC, a block.
    Cmac,
}

/// Under what a PIN block is encrypted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PinSource<'a> {
    /// A zone PIN key.
    Zone(&'a KeyName),
    /// A terminal's TDES key of the moment.
    DukptTdes {
        /// The base derivation key.
        base: &'a KeyName,
        /// The key serial number beside the block.
        ksn: &'a [u8; tdes::KSN_LEN],
    },
    /// A terminal's AES key of the moment.
    DukptAes {
        /// The base derivation key.
        base: &'a KeyName,
        /// The key serial number beside the block.
        ksn: &'a [u8; aes::KSN_LEN],
    },
}

/// A PIN block as it came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EncryptedPin<'a> {
    /// Under what it is encrypted.
    pub source: PinSource<'a>,
    /// Its format.
    pub format: PinFormat,
    /// Its bytes.
    pub block: &'a [u8],
}

/// What a PIN is checked against.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PinCheck<'a> {
    /// A Visa PIN verification value.
    Pvv {
        /// The verification key.
        key: &'a KeyName,
        /// Its index, 0 to 9.
        index: u8,
        /// The value of the card.
        value: &'a str,
    },
    /// An IBM 3624 offset.
    Offset {
        /// The verification key.
        key: &'a KeyName,
        /// The issuer's parameters.
        parameters: &'a Ibm3624,
        /// The offset of the card.
        offset: &'a str,
    },
}

/// What a switch asks of its HSM. Keys come and go as key blocks; PINs only pass through.
///
/// Every method refuses with `keys.unknown_key` for a name it does not hold and `keys.usage` for a key made for something
/// else.
pub trait PaymentHsm {
    /// What stands behind it, for the operator's eyes.
    fn about(&self) -> String;

    /// The keys it holds.
    fn keys(&self) -> Vec<KeyRecord>;

    /// Takes a partner's key in, as a key block under a protection key held.
    ///
    /// # Errors
    /// As [`tr31::unwrap`]; `keys.usage` for a key this crate does nothing with.
    fn import_key(&mut self, name: &KeyName, block: &str, protection: &KeyName)
    -> Result<KeyRecord, Refusal>;

    /// Gives a key out, as a key block under a protection key held.
    ///
    /// # Errors
    /// `keys.not_exportable` for one whose header, or whose token, keeps it.
    fn export_key(&mut self, name: &KeyName, protection: &KeyName) -> Result<String, Refusal>;

    /// Makes a random zone key, keeps it, and gives it out as a key block for the partner: one side of a key exchange.
    ///
    /// # Errors
    /// As [`tr31::wrap`].
    fn make_zone_key(
        &mut self,
        name: &KeyName,
        usage: Usage,
        algorithm: Algorithm,
        protection: &KeyName,
    ) -> Result<String, Refusal>;

    /// The initial key of a terminal, as a key block to be loaded into it.
    ///
    /// # Errors
    /// `keys.length` where base key and serial number are of different algorithms.
    fn derive_terminal_key(&mut self, source: PinSource<'_>, protection: &KeyName)
    -> Result<String, Refusal>;

    /// Takes a PIN block to another zone's key and format.
    ///
    /// # Errors
    /// As [`pin_block::translate`].
    fn translate_pin(
        &mut self,
        pin: &EncryptedPin<'_>,
        pan: &Pan,
        to: &KeyName,
        format: PinFormat,
    ) -> Result<Vec<u8>, Refusal>;

    /// Whether the PIN is the card's.
    ///
    /// # Errors
    /// As [`pin_block::decipher`]; a wrong PIN is `false`, not a refusal.
    fn verify_pin(&mut self, pin: &EncryptedPin<'_>, pan: &Pan, check: PinCheck<'_>)
    -> Result<bool, Refusal>;

    /// The MAC of a message.
    ///
    /// # Errors
    /// `keys.usage` for a key of another MAC.
    fn make_mac(
        &mut self,
        key: &KeyName,
        algorithm: MacAlgorithm,
        message: &[u8],
    ) -> Result<Vec<u8>, Refusal>;

    /// Whether a MAC of at least four bytes is the message's.
    ///
    /// # Errors
    /// `keys.mac` where it is not.
    fn verify_mac(
        &mut self,
        key: &KeyName,
        algorithm: MacAlgorithm,
        message: &[u8],
        code: &[u8],
    ) -> Result<(), Refusal> {
        let computed = self.make_mac(key, algorithm, message)?;
        if mac::matches(&computed, code) {
            Ok(())
        } else {
            Err(refuse("keys.mac", "the MAC is not the message's"))
        }
    }

    /// Whether three digits are the card's verification value.
    ///
    /// # Errors
    /// As [`cvv::generate`]; a wrong value is `false`, not a refusal.
    fn verify_card(
        &mut self,
        key: &KeyName,
        pan: &Pan,
        expiry: &str,
        service_code: &str,
        value: &str,
    ) -> Result<bool, Refusal>;
}

/// What a back end without payment functions of its own must do; the payment functions are then composed here. The clear
/// PIN, and keys derived or made, pass through the memory of this process and are wiped.
pub(crate) trait Vault {
    fn about(&self) -> String;
    fn records(&self) -> Vec<KeyRecord>;
    fn record(&self, name: &KeyName) -> Result<KeyRecord, Refusal>;
    fn entropy(&mut self) -> &mut dyn Entropy;
    /// Keeps a key; a key of the same name is replaced.
    fn keep(&mut self, record: KeyRecord, key: &Key) -> Result<(), Refusal>;
    fn cipher<'v>(&'v self, name: &KeyName) -> Result<Box<dyn BlockCipher + 'v>, Refusal>;
    /// The two halves of a double-length TDES key, each single DES.
    fn halves<'v>(&'v self, name: &KeyName) -> Result<[Box<dyn BlockCipher + 'v>; 2], Refusal>;
    /// The variant of a base derivation key that makes right-hand initial keys.
    fn dukpt_variant<'v>(&'v self, name: &KeyName) -> Result<Box<dyn BlockCipher + 'v>, Refusal>;
    /// The key itself, where the back end gives it.
    fn clear(&self, name: &KeyName) -> Result<Option<Key>, Refusal>;
}

fn of_usage(vault: &dyn Vault, name: &KeyName, usage: Usage) -> Result<KeyRecord, Refusal> {
    let record = vault.record(name)?;
    if record.usage == usage {
        return Ok(record);
    }
    Err(refuse(
        "keys.usage",
        format!("{name} is a key of usage {}, not {}", record.usage.code(), usage.code()),
    ))
}

fn check_value(algorithm: Algorithm, key: &Key) -> Result<String, Refusal> {
    match algorithm {
        Algorithm::Tdes => key.check_value(),
        Algorithm::Aes => key.check_value_aes(),
    }
}

/// The clear key of the moment of a terminal, or its initial key.
fn terminal_key(
    vault: &dyn Vault,
    source: PinSource<'_>,
    initial_only: bool,
) -> Result<(Algorithm, Key), Refusal> {
    match source {
        PinSource::Zone(_) => Err(refuse("keys.usage", "a zone key derives no terminal key")),
        PinSource::DukptTdes { base, ksn } => {
            of_usage(vault, base, Usage::BaseDerivation)?;
            let initial = tdes::initial_key_with(&*vault.cipher(base)?, &*vault.dukpt_variant(base)?, ksn)?;
            let key = if initial_only {
                initial
            } else {
                tdes::transaction_key(&initial, ksn, tdes::Purpose::Pin)?
            };
            Ok((Algorithm::Tdes, key))
        }
        PinSource::DukptAes { base, ksn } => {
            of_usage(vault, base, Usage::BaseDerivation)?;
            let mut id = [0; 8];
            id.copy_from_slice(&ksn[..8]);
            let initial = aes::initial_key_with(&*vault.cipher(base)?, id)?;
            if initial_only {
                return Ok((Algorithm::Aes, initial));
            }
            let key_type = aes::KeyType::of_aes(initial.len())?;
            Ok((Algorithm::Aes, aes::working_key(&initial, ksn, aes::Purpose::PinEncryption, key_type)?))
        }
    }
}

/// The cipher a PIN block came under.
pub(crate) fn source_cipher<'v>(
    vault: &'v dyn Vault,
    source: PinSource<'_>,
) -> Result<Box<dyn BlockCipher + 'v>, Refusal> {
    if let PinSource::Zone(name) = source {
        of_usage(vault, name, Usage::PinEncryption)?;
        return vault.cipher(name);
    }
    let (algorithm, key) = terminal_key(vault, source, false)?;
    Ok(Box::new(key.cipher(algorithm)?))
}

fn decipher(vault: &dyn Vault, pin: &EncryptedPin<'_>, pan: &Pan) -> Result<Pin, Refusal> {
    pin_block::decipher(&*source_cipher(vault, pin.source)?, pin.format, pin.block, Some(pan))
}

/// A key block of a key under a protection key held, of the version that goes with the protection key's algorithm.
fn block_of(
    vault: &mut dyn Vault,
    key: &Key,
    usage: &str,
    mode: &str,
    algorithm: Algorithm,
    protection: &KeyName,
) -> Result<String, Refusal> {
    let under = of_usage(vault, protection, Usage::BlockProtection)?;
    let version = if under.algorithm == Algorithm::Aes { "D" } else { "B" };
    let letter = if algorithm == Algorithm::Aes { "A" } else { "T" };
    let header = Header::new(version, usage, letter, mode, "00", "E")?;
    let mut entropy = Drawn::from(vault.entropy());
    let cipher = vault.cipher(protection)?;
    tr31::wrap(Protection::Token(&*cipher), &header, key, None, &mut entropy)
}

impl<V: Vault> PaymentHsm for V {
    fn about(&self) -> String {
        Vault::about(self)
    }

    fn keys(&self) -> Vec<KeyRecord> {
        self.records()
    }

    fn import_key(
        &mut self,
        name: &KeyName,
        block: &str,
        protection: &KeyName,
    ) -> Result<KeyRecord, Refusal> {
        of_usage(self, protection, Usage::BlockProtection)?;
        let clear = self.clear(protection)?;
        let (header, key) = match &clear {
            Some(clear) => tr31::unwrap(Protection::Clear(clear), block)?,
            None => tr31::unwrap(Protection::Token(&*self.cipher(protection)?), block)?,
        };
        let usage = Usage::parse(header.usage());
        let usage = usage
            .ok_or_else(|| refuse("keys.usage", format!("usage {} is not one used here", header.usage())))?;
        let algorithm = match header.algorithm() {
            'D' | 'T' => Algorithm::Tdes,
            'A' => Algorithm::Aes,
            other => return Err(refuse("keys.usage", format!("algorithm {other} is not one used here"))),
        };
        let record = KeyRecord {
            name: name.clone(),
            usage,
            algorithm,
            check_value: check_value(algorithm, &key)?,
            is_exportable: header.exportability() != 'N',
        };
        self.keep(record.clone(), &key)?;
        Ok(record)
    }

    fn export_key(&mut self, name: &KeyName, protection: &KeyName) -> Result<String, Refusal> {
        let record = self.record(name)?;
        if !record.is_exportable {
            return Err(refuse("keys.not_exportable", format!("{name} does not leave")));
        }
        let clear = self.clear(name)?;
        let key = clear
            .ok_or_else(|| refuse("keys.not_exportable", format!("the token does not give {name} away")))?;
        block_of(self, &key, record.usage.code(), record.usage.mode(), record.algorithm, protection)
    }

    fn make_zone_key(
        &mut self,
        name: &KeyName,
        usage: Usage,
        algorithm: Algorithm,
        protection: &KeyName,
    ) -> Result<String, Refusal> {
        let length = if algorithm == Algorithm::Aes { 32 } else { 16 };
        let key = Key::random(algorithm, length, self.entropy());
        let block = block_of(self, &key, usage.code(), usage.mode(), algorithm, protection)?;
        let check_value = check_value(algorithm, &key)?;
        let record = KeyRecord { name: name.clone(), usage, algorithm, check_value, is_exportable: true };
        self.keep(record, &key)?;
        Ok(block)
    }

    fn derive_terminal_key(
        &mut self,
        source: PinSource<'_>,
        protection: &KeyName,
    ) -> Result<String, Refusal> {
        let (algorithm, key) = terminal_key(self, source, true)?;
        // B1: an initial DUKPT key, used to derive.
        block_of(self, &key, "B1", "X", algorithm, protection)
    }

    fn translate_pin(
        &mut self,
        pin: &EncryptedPin<'_>,
        pan: &Pan,
        to: &KeyName,
        format: PinFormat,
    ) -> Result<Vec<u8>, Refusal> {
        of_usage(self, to, Usage::PinEncryption)?;
        let mut entropy = Drawn::from(self.entropy());
        let (from, into) = (source_cipher(self, pin.source)?, self.cipher(to)?);
        pin_block::translate((&*from, pin.format), (&*into, format), pin.block, Some(pan), &mut entropy)
    }

    fn verify_pin(
        &mut self,
        pin: &EncryptedPin<'_>,
        pan: &Pan,
        check: PinCheck<'_>,
    ) -> Result<bool, Refusal> {
        let clear = decipher(self, pin, pan)?;
        let same = |a: &str, b: &str| {
            a.len() == b.len() && subtle::ConstantTimeEq::ct_eq(a.as_bytes(), b.as_bytes()).into()
        };
        match check {
            PinCheck::Pvv { key, index, value } => {
                of_usage(self, key, Usage::PinVerificationValue)?;
                Ok(same(&visa_pvv(&*self.cipher(key)?, index, &clear, pan)?, value))
            }
            PinCheck::Offset { key, parameters, offset } => {
                of_usage(self, key, Usage::PinOffset)?;
                Ok(same(&parameters.pin(&*self.cipher(key)?, offset, pan)?, clear.expose()))
            }
        }
    }

    fn make_mac(
        &mut self,
        key: &KeyName,
        algorithm: MacAlgorithm,
        message: &[u8],
    ) -> Result<Vec<u8>, Refusal> {
        match algorithm {
            MacAlgorithm::Retail(padding) => {
                of_usage(self, key, Usage::RetailMac)?;
                let [first, second] = self.halves(key)?;
                Ok(mac::retail_mac_of_halves(&*first, &*second, message, padding)?.to_vec())
            }
            MacAlgorithm::Cmac => {
                of_usage(self, key, Usage::Cmac)?;
                mac::cmac(&*self.cipher(key)?, message)
            }
        }
    }

    fn verify_card(
        &mut self,
        key: &KeyName,
        pan: &Pan,
        expiry: &str,
        service_code: &str,
        value: &str,
    ) -> Result<bool, Refusal> {
        of_usage(self, key, Usage::CardVerification)?;
        let [first, _] = self.halves(key)?;
        let computed = cvv::generate_with(&*first, &*self.cipher(key)?, pan, expiry, service_code)?;
        Ok(computed.len() == value.len()
            && subtle::ConstantTimeEq::ct_eq(computed.as_bytes(), value.as_bytes()).into())
    }
}
