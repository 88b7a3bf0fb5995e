//! What the switch asks of the payment HSM, link by link. Keys stay behind this line.

use meridian_cards::SchemeId;

/// Why a key, PIN block or MAC was not taken. Says nothing of their content.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SecurityError {
    /// There is no such key for the link.
    #[error("the link has no key for this")]
    NoKey,
    /// The MAC is not the message's.
    #[error("the message authentication code is wrong")]
    WrongMac,
    /// The PIN block or key block cannot be read under the key.
    #[error("the block cannot be read")]
    Unreadable,
}

/// Keys in use on links. Blocks and codes go in and out; no key does.
pub trait Security: Send + Sync + 'static {
    /// Whether messages of this link carry a MAC.
    fn has_mac(&self, link: &SchemeId) -> bool;

    /// The MAC of a message sent on this link.
    ///
    /// # Errors
    /// [`SecurityError::NoKey`].
    fn make_mac(&self, link: &SchemeId, message: &[u8]) -> Result<[u8; 8], SecurityError>;

    /// Whether a message of this link has this MAC.
    ///
    /// # Errors
    /// [`SecurityError::WrongMac`], [`SecurityError::NoKey`].
    fn verify_mac(&self, link: &SchemeId, message: &[u8], mac: &[u8]) -> Result<(), SecurityError>;

    /// A PIN block of one link as the other takes it. `account` is the card number.
    ///
    /// # Errors
    /// [`SecurityError`].
    fn translate_pin(
        &self,
        from: &SchemeId,
        to: &SchemeId,
        block: &[u8],
        account: &str,
    ) -> Result<Vec<u8>, SecurityError>;

    /// Takes a new key of the link, wrapped in a TR-31 block under the link's key-block key.
    ///
    /// # Errors
    /// [`SecurityError`].
    fn take_key(&self, link: &SchemeId, block: &str) -> Result<(), SecurityError>;

    /// Makes a new PIN key for the link and puts it in use: its TR-31 block, for the other side.
    ///
    /// # Errors
    /// [`SecurityError`].
    fn give_key(&self, link: &SchemeId) -> Result<String, SecurityError>;
}

/// No keys: links without MACs, and no PIN passes.
#[derive(Debug, Clone, Copy)]
pub struct NoKeys;

impl Security for NoKeys {
    fn has_mac(&self, _: &SchemeId) -> bool {
        false
    }

    fn make_mac(&self, _: &SchemeId, _: &[u8]) -> Result<[u8; 8], SecurityError> {
        Err(SecurityError::NoKey)
    }

    fn verify_mac(&self, _: &SchemeId, _: &[u8], _: &[u8]) -> Result<(), SecurityError> {
        Err(SecurityError::NoKey)
    }

    fn translate_pin(&self, _: &SchemeId, _: &SchemeId, _: &[u8], _: &str) -> Result<Vec<u8>, SecurityError> {
        Err(SecurityError::NoKey)
    }

    fn take_key(&self, _: &SchemeId, _: &str) -> Result<(), SecurityError> {
        Err(SecurityError::NoKey)
    }

    fn give_key(&self, _: &SchemeId) -> Result<String, SecurityError> {
        Err(SecurityError::NoKey)
    }
}
