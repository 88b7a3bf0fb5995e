//! A payment HSM behind the links: which of its keys each link uses.

use std::collections::BTreeMap;
use std::sync::Mutex;

use meridian_cards::SchemeId;
use meridian_keys::{
    Algorithm, EncryptedPin, KeyName, MacAlgorithm, Pan, PaymentHsm, PinFormat, PinSource, Usage,
};
use meridian_terms::Refusal;

use crate::link::held;
use crate::security::{Security, SecurityError};

/// The keys of a link, by their names in the HSM.
#[derive(Debug, Clone, Default)]
pub struct LinkKeys {
    /// The zone PIN key, its algorithm, and the format of PIN blocks on the link.
    pub pin: Option<(KeyName, Algorithm, PinFormat)>,
    /// The MAC key and its algorithm; without one messages carry no MAC.
    pub mac: Option<(KeyName, MacAlgorithm)>,
    /// The key block protection key under which new keys travel.
    pub protection: Option<KeyName>,
}

/// [`Security`] by a payment HSM. New keys take the place of old ones under the same name, at once: exchange them while
/// the link is quiet.
pub struct Keyed {
    hsm: Mutex<Box<dyn PaymentHsm + Send>>,
    links: BTreeMap<SchemeId, LinkKeys>,
}

impl Keyed {
    /// An HSM and each link's keys in it.
    #[must_use]
    pub fn new(hsm: Box<dyn PaymentHsm + Send>, links: BTreeMap<SchemeId, LinkKeys>) -> Self {
        Self { hsm: Mutex::new(hsm), links }
    }

    fn keys(&self, link: &SchemeId) -> Result<&LinkKeys, SecurityError> {
        self.links.get(link).ok_or(SecurityError::NoKey)
    }
}

fn told(refusal: &Refusal) -> SecurityError {
    match refusal.code.as_ref() {
        "keys.unknown_key" => SecurityError::NoKey,
        "keys.mac" => SecurityError::WrongMac,
        _ => SecurityError::Unreadable,
    }
}

impl Security for Keyed {
    fn has_mac(&self, link: &SchemeId) -> bool {
        self.links.get(link).is_some_and(|keys| keys.mac.is_some())
    }

    fn make_mac(&self, link: &SchemeId, message: &[u8]) -> Result<[u8; 8], SecurityError> {
        let (key, algorithm) = self.keys(link)?.mac.as_ref().ok_or(SecurityError::NoKey)?;
        let code = held(&self.hsm).make_mac(key, *algorithm, message).map_err(|refusal| told(&refusal))?;
        // A longer code is cut to the field: ISO 9797-1, 6.6, the leftmost bits.
        code.first_chunk().copied().ok_or(SecurityError::Unreadable)
    }

    fn verify_mac(&self, link: &SchemeId, message: &[u8], mac: &[u8]) -> Result<(), SecurityError> {
        let (key, algorithm) = self.keys(link)?.mac.as_ref().ok_or(SecurityError::NoKey)?;
        held(&self.hsm).verify_mac(key, *algorithm, message, mac).map_err(|refusal| told(&refusal))
    }

    fn translate_pin(
        &self,
        from: &SchemeId,
        to: &SchemeId,
        block: &[u8],
        account: &str,
    ) -> Result<Vec<u8>, SecurityError> {
        let (source, _, format) = self.keys(from)?.pin.as_ref().ok_or(SecurityError::NoKey)?;
        let (target, _, target_format) = self.keys(to)?.pin.as_ref().ok_or(SecurityError::NoKey)?;
        let pan = Pan::parse(account).map_err(|refusal| told(&refusal))?;
        let pin = EncryptedPin { source: PinSource::Zone(source), format: *format, block };
        held(&self.hsm).translate_pin(&pin, &pan, target, *target_format).map_err(|refusal| told(&refusal))
    }

    fn take_key(&self, link: &SchemeId, block: &str) -> Result<(), SecurityError> {
        let keys = self.keys(link)?;
        let protection = keys.protection.as_ref().ok_or(SecurityError::NoKey)?;
        // A key block says in its header (TR-31, bytes 5 and 6) what its key is for.
        let usage = block.get(5..7).and_then(Usage::parse).ok_or(SecurityError::Unreadable)?;
        let name = match usage {
            Usage::PinEncryption => keys.pin.as_ref().map(|(name, ..)| name),
            Usage::RetailMac | Usage::Cmac => keys.mac.as_ref().map(|(name, _)| name),
            _ => None,
        };
        let name = name.ok_or(SecurityError::NoKey)?;
        let taken = held(&self.hsm).import_key(name, block, protection);
        taken.map(|_| ()).map_err(|refusal| told(&refusal))
    }

    fn give_key(&self, link: &SchemeId) -> Result<String, SecurityError> {
        let keys = self.keys(link)?;
        let protection = keys.protection.as_ref().ok_or(SecurityError::NoKey)?;
        let (name, algorithm, _) = keys.pin.as_ref().ok_or(SecurityError::NoKey)?;
        let made = held(&self.hsm).make_zone_key(name, Usage::PinEncryption, *algorithm, protection);
        made.map_err(|refusal| told(&refusal))
    }
}

impl std::fmt::Debug for Keyed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Keyed").field("links", &self.links.keys()).finish_non_exhaustive()
    }
}
