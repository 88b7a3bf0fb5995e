//! Keys in the memory of this process: for the demonstration on one machine, and for tests.

use std::collections::BTreeMap;
use std::fmt;

use meridian_terms::Refusal;

use crate::cipher::BlockCipher;
use crate::dukpt::tdes::HALF_MASK;
use crate::hsm::{KeyName, KeyRecord, PinSource, Vault};
use crate::key::{Algorithm, Drawn, Entropy, Key, Usage};
use crate::pan::Pan;
use crate::pin::Pin;
use crate::pin_block::{self, PinFormat};
use crate::refusal::refuse;

/// A payment HSM that is none: keys lie in the memory of this process, wiped when dropped. For demonstration only.
///
/// ```
/// use meridian_keys::{Algorithm, Key, KeyName, PaymentHsm, SoftwareHsm, Usage};
/// let mut hsm = SoftwareHsm::new(|bytes: &mut [u8]| bytes.fill(7));
/// let protection = KeyName::new("KBPK-A-B");
/// hsm.load(&protection, Usage::BlockProtection, Algorithm::Aes, Key::new(vec![1; 32]))?;
/// let zone = KeyName::new("ZPK-A-B");
/// let block = hsm.make_zone_key(&zone, Usage::PinEncryption, Algorithm::Tdes, &protection)?;
/// assert!(block.starts_with("D0112P0TB00E0000") && hsm.about().contains("demonstration"));
/// # Ok::<(), meridian_terms::Refusal>(())
/// ```
pub struct SoftwareHsm {
    entropy: Box<dyn Entropy + Send>,
    keys: BTreeMap<KeyName, (KeyRecord, Key)>,
}

impl SoftwareHsm {
    /// An HSM without keys; random bytes come from the caller.
    pub fn new(entropy: impl Entropy + Send + 'static) -> Self {
        Self { entropy: Box::new(entropy), keys: BTreeMap::new() }
    }

    /// Loads a clear key: what a key ceremony does with components.
    ///
    /// # Errors
    /// `keys.length`.
    pub fn load(
        &mut self,
        name: &KeyName,
        usage: Usage,
        algorithm: Algorithm,
        key: Key,
    ) -> Result<KeyRecord, Refusal> {
        let check_value = match algorithm {
            Algorithm::Tdes => key.check_value()?,
            Algorithm::Aes => key.check_value_aes()?,
        };
        let record = KeyRecord { name: name.clone(), usage, algorithm, check_value, is_exportable: false };
        self.keys.insert(name.clone(), (record.clone(), key));
        Ok(record)
    }

    /// Encrypts a PIN as a terminal does: for simulated terminals, not for switches.
    ///
    /// # Errors
    /// As [`pin_block::encipher`].
    pub fn encrypt_pin(
        &mut self,
        source: PinSource<'_>,
        format: PinFormat,
        pin: &Pin,
        pan: &Pan,
    ) -> Result<Vec<u8>, Refusal> {
        let mut entropy = Drawn::from(&mut *self.entropy);
        let cipher = crate::hsm::source_cipher(self, source)?;
        pin_block::encipher(&*cipher, format, pin, Some(pan), &mut entropy)
    }

    fn held(&self, name: &KeyName) -> Result<&(KeyRecord, Key), Refusal> {
        self.keys.get(name).ok_or_else(|| refuse("keys.unknown_key", format!("there is no key {name}")))
    }
}

/// Only the names.
impl fmt::Debug for SoftwareHsm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SoftwareHsm {:?}", self.keys.keys().collect::<Vec<_>>())
    }
}

impl Vault for SoftwareHsm {
    fn about(&self) -> String {
        "software, for demonstration only: keys lie in this process's memory".into()
    }

    fn records(&self) -> Vec<KeyRecord> {
        self.keys.values().map(|(record, _)| record.clone()).collect()
    }

    fn record(&self, name: &KeyName) -> Result<KeyRecord, Refusal> {
        self.held(name).map(|(record, _)| record.clone())
    }

    fn entropy(&mut self) -> &mut dyn Entropy {
        &mut *self.entropy
    }

    fn keep(&mut self, record: KeyRecord, key: &Key) -> Result<(), Refusal> {
        self.keys.insert(record.name.clone(), (record, key.clone()));
        Ok(())
    }

    fn cipher<'v>(&'v self, name: &KeyName) -> Result<Box<dyn BlockCipher + 'v>, Refusal> {
        let (record, key) = self.held(name)?;
        Ok(Box::new(key.cipher(record.algorithm)?))
    }

    fn halves<'v>(&'v self, name: &KeyName) -> Result<[Box<dyn BlockCipher + 'v>; 2], Refusal> {
        let (_, key) = self.held(name)?;
        if key.len() != 16 {
            return Err(refuse("keys.length", format!("{name} is not a double-length key")));
        }
        let half =
            |range: std::ops::Range<usize>| Key::new(key.expose()[range].to_vec()).cipher(Algorithm::Tdes);
        Ok([Box::new(half(0..8)?), Box::new(half(8..16)?)])
    }

    fn dukpt_variant<'v>(&'v self, name: &KeyName) -> Result<Box<dyn BlockCipher + 'v>, Refusal> {
        let (_, key) = self.held(name)?;
        Ok(Box::new(key.variant(&HALF_MASK).cipher(Algorithm::Tdes)?))
    }

    fn clear(&self, name: &KeyName) -> Result<Option<Key>, Refusal> {
        self.held(name).map(|(_, key)| Some(key.clone()))
    }
}
