//! Keys in a PKCS#11 token.
//!
//! Tokens know block ciphers but no PIN translation, no DUKPT, no key blocks and no retail MAC. These are composed here of
//! single-block encryptions and decryptions in the token. **What this means:** keys at rest lie in the token, marked
//! sensitive and not extractable; but a PIN being translated, a terminal's key of the moment, and a key being imported or
//! made pass through the memory of this process and are wiped. Where that is not allowed, implement
//! [`crate::PaymentHsm`] over a payment HSM's own functions.
//!
//! A name stands for up to four objects, told apart by their `CKA_ID`: the key; of a MAC or verification key its two
//! halves; of a base derivation key its variant. Versions A and C of key blocks are refused: their keys are variants of the
//! protection key, which does not leave the token.

use std::fmt;
use std::path::Path;

use cryptoki::context::{CInitializeArgs, CInitializeFlags, Pkcs11};
use cryptoki::error::Error;
use cryptoki::mechanism::Mechanism;
use cryptoki::object::{Attribute, AttributeType, KeyType, ObjectClass, ObjectHandle};
use cryptoki::session::{Session, UserType};
use cryptoki::types::AuthPin;
use meridian_terms::Refusal;

use crate::cipher::BlockCipher;
use crate::dukpt::tdes::HALF_MASK;
use crate::hsm::{KeyName, KeyRecord, Vault};
use crate::key::{Algorithm, Entropy, Key, Usage};
use crate::refusal::refuse;

/// A payment HSM composed over a PKCS#11 token.
pub struct Pkcs11Hsm {
    session: Session,
    token: String,
    entropy: Box<dyn Entropy + Send>,
}

/// Which of the objects of a name.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    Whole,
    FirstHalf,
    SecondHalf,
    DukptVariant,
}

impl Part {
    fn code(self) -> &'static str {
        match self {
            Self::Whole => "whole",
            Self::FirstHalf => "half1",
            Self::SecondHalf => "half2",
            Self::DukptVariant => "dukpt",
        }
    }
}

fn token_error(what: &str) -> impl Fn(Error) -> Refusal + '_ {
    move |error| refuse("keys.token", format!("{what}: {error}"))
}

impl Pkcs11Hsm {
    /// Opens the token of this label in a PKCS#11 library, logged in as its user. Random bytes come from the caller.
    ///
    /// # Errors
    /// `keys.token`.
    pub fn open(
        library: &Path,
        token: &str,
        user_pin: &str,
        entropy: impl Entropy + Send + 'static,
    ) -> Result<Self, Refusal> {
        let context = Pkcs11::new(library).map_err(token_error("the library does not load"))?;
        context
            .initialize(CInitializeArgs::new(CInitializeFlags::OS_LOCKING_OK))
            .map_err(token_error("the library does not start"))?;
        let slots = context.get_slots_with_initialized_token().map_err(token_error("no slots"))?;
        let slot = slots
            .into_iter()
            .find(|slot| context.get_token_info(*slot).is_ok_and(|info| info.label().trim_end() == token));
        let slot = slot.ok_or_else(|| refuse("keys.token", format!("there is no token {token}")))?;
        let session = context.open_rw_session(slot).map_err(token_error("no session"))?;
        session
            .login(UserType::User, Some(&AuthPin::new(user_pin.to_owned().into())))
            .map_err(token_error("the login fails"))?;
        Ok(Self { session, token: token.to_owned(), entropy: Box::new(entropy) })
    }

    /// The objects of a name and part: their ids and handles.
    fn objects(&self, name: Option<&KeyName>) -> Result<Vec<(KeyName, String, ObjectHandle)>, Refusal> {
        let mut template = vec![Attribute::Class(ObjectClass::SECRET_KEY), Attribute::Token(true)];
        template.extend(name.map(|name| Attribute::Label(name.as_str().as_bytes().to_vec())));
        let mut found = Vec::new();
        for handle in self.session.find_objects(&template).map_err(token_error("no search"))? {
            let attributes = self
                .session
                .get_attributes(handle, &[AttributeType::Label, AttributeType::Id])
                .map_err(token_error("an object cannot be read"))?;
            let (mut label, mut id) = (String::new(), String::new());
            for attribute in attributes {
                match attribute {
                    Attribute::Label(bytes) => label = String::from_utf8_lossy(&bytes).into_owned(),
                    Attribute::Id(bytes) => id = String::from_utf8_lossy(&bytes).into_owned(),
                    _ => {}
                }
            }
            found.push((KeyName::new(label), id, handle));
        }
        Ok(found)
    }

    fn part<'v>(&'v self, name: &KeyName, part: Part) -> Result<Box<dyn BlockCipher + 'v>, Refusal> {
        let objects = self.objects(Some(name))?;
        let found = objects.into_iter().find(|(_, id, _)| id.split(':').next() == Some(part.code()));
        let (_, id, handle) = found.ok_or_else(|| {
            refuse("keys.unknown_key", format!("there is no key {name}, or not for this use"))
        })?;
        let (record, key_len) = described(name, &id)?;
        let algorithm = record.algorithm;
        Ok(Box::new(TokenCipher { session: &self.session, handle, algorithm, key_len }))
    }

    fn create(&self, record: &KeyRecord, part: Part, algorithm: Algorithm, key: &Key) -> Result<(), Refusal> {
        // A shorter TDES key stands as three: two keys as K1 K2 K1, one as K1 K1 K1, which is single DES. Tokens need
        // know no other kind then.
        let bytes = key.expose();
        let (key_type, value) = match (algorithm, bytes.len()) {
            (Algorithm::Aes, _) => (KeyType::AES, bytes.to_vec()),
            (Algorithm::Tdes, 8) => (KeyType::DES3, bytes.repeat(3)),
            (Algorithm::Tdes, 16) => (KeyType::DES3, [bytes, &bytes[..8]].concat()),
            (Algorithm::Tdes, _) => (KeyType::DES3, bytes.to_vec()),
        };
        let template = [
            Attribute::Class(ObjectClass::SECRET_KEY),
            Attribute::KeyType(key_type),
            Attribute::Token(true),
            Attribute::Private(true),
            Attribute::Sensitive(true),
            Attribute::Extractable(false),
            Attribute::Encrypt(true),
            Attribute::Decrypt(true),
            Attribute::Label(record.name.as_str().as_bytes().to_vec()),
            Attribute::Id(description(record, part, bytes.len()).into_bytes()),
            Attribute::Value(value),
        ];
        let created = self.session.create_object(&template);
        for attribute in template {
            if let Attribute::Value(value) = attribute {
                drop(zeroize::Zeroizing::new(value));
            }
        }
        created.map(drop).map_err(token_error("the key is not taken"))
    }
}

/// What the object's id says: part, usage, algorithm, bytes, check value.
fn description(record: &KeyRecord, part: Part, key_len: usize) -> String {
    let algorithm = if record.algorithm == Algorithm::Aes { "A" } else { "T" };
    format!("{}:{}:{algorithm}:{key_len}:{}", part.code(), record.usage.code(), record.check_value)
}

fn described(name: &KeyName, id: &str) -> Result<(KeyRecord, usize), Refusal> {
    let parts: Vec<&str> = id.split(':').collect();
    let read = || match parts[..] {
        [_, usage, algorithm, key_len, check_value] => {
            let algorithm = if algorithm == "A" { Algorithm::Aes } else { Algorithm::Tdes };
            let check_value = check_value.to_owned();
            let usage = Usage::parse(usage)?;
            // What lies in the token does not leave it.
            let record =
                KeyRecord { name: name.clone(), usage, algorithm, check_value, is_exportable: false };
            Some((record, key_len.parse().ok()?))
        }
        _ => None,
    };
    read().ok_or_else(|| refuse("keys.token", format!("the object {name} was not made here")))
}

/// A key in the token, one block at a time.
struct TokenCipher<'s> {
    session: &'s Session,
    handle: ObjectHandle,
    algorithm: Algorithm,
    key_len: usize,
}

impl TokenCipher<'_> {
    fn mechanism(&self) -> Mechanism<'static> {
        if self.algorithm == Algorithm::Aes { Mechanism::AesEcb } else { Mechanism::Des3Ecb }
    }

    fn put(block: &mut [u8], answer: Vec<u8>) -> Result<(), Refusal> {
        let answer = zeroize::Zeroizing::new(answer);
        if answer.len() != block.len() {
            return Err(refuse("keys.token", "the token answers with another number of bytes"));
        }
        block.copy_from_slice(&answer);
        Ok(())
    }
}

impl BlockCipher for TokenCipher<'_> {
    fn block_len(&self) -> usize {
        if self.algorithm == Algorithm::Aes { 16 } else { 8 }
    }

    fn key_len(&self) -> usize {
        self.key_len
    }

    fn encrypt(&self, block: &mut [u8]) -> Result<(), Refusal> {
        let answer = self.session.encrypt(&self.mechanism(), self.handle, block);
        Self::put(block, answer.map_err(token_error("the token does not encrypt"))?)
    }

    fn decrypt(&self, block: &mut [u8]) -> Result<(), Refusal> {
        let answer = self.session.decrypt(&self.mechanism(), self.handle, block);
        Self::put(block, answer.map_err(token_error("the token does not decrypt"))?)
    }
}

impl Pkcs11Hsm {
    /// Puts a clear key into the token: what a key ceremony does with components.
    ///
    /// # Errors
    /// `keys.length`, `keys.token`.
    pub fn load(
        &mut self,
        name: &KeyName,
        usage: Usage,
        algorithm: Algorithm,
        key: &Key,
    ) -> Result<KeyRecord, Refusal> {
        let check_value = match algorithm {
            Algorithm::Tdes => key.check_value()?,
            Algorithm::Aes => key.check_value_aes()?,
        };
        let record = KeyRecord { name: name.clone(), usage, algorithm, check_value, is_exportable: false };
        self.keep(record.clone(), key)?;
        Ok(record)
    }
}

impl Vault for Pkcs11Hsm {
    fn about(&self) -> String {
        let token = &self.token;
        format!(
            "PKCS#11 token {token}: keys lie in the token; a PIN being translated passes through this process"
        )
    }

    fn records(&self) -> Vec<KeyRecord> {
        let objects = self.objects(None).unwrap_or_default();
        let whole = objects.into_iter().filter(|(_, id, _)| id.starts_with(Part::Whole.code()));
        let mut records: Vec<KeyRecord> =
            whole.filter_map(|(name, id, _)| described(&name, &id).ok().map(|(record, _)| record)).collect();
        records.sort_by(|a, b| a.name.cmp(&b.name));
        records
    }

    fn record(&self, name: &KeyName) -> Result<KeyRecord, Refusal> {
        let objects = self.objects(Some(name))?;
        let whole = objects.iter().find(|(_, id, _)| id.starts_with(Part::Whole.code()));
        let (_, id, _) =
            whole.ok_or_else(|| refuse("keys.unknown_key", format!("there is no key {name}")))?;
        described(name, id).map(|(record, _)| record)
    }

    fn entropy(&mut self) -> &mut dyn Entropy {
        &mut *self.entropy
    }

    fn keep(&mut self, record: KeyRecord, key: &Key) -> Result<(), Refusal> {
        let replaced = self.objects(Some(&record.name))?;
        self.create(&record, Part::Whole, record.algorithm, key)?;
        if record.algorithm == Algorithm::Tdes && key.len() == 16 {
            if matches!(record.usage, Usage::RetailMac | Usage::CardVerification) {
                let half = |range: std::ops::Range<usize>| Key::new(key.expose()[range].to_vec());
                self.create(&record, Part::FirstHalf, Algorithm::Tdes, &half(0..8))?;
                self.create(&record, Part::SecondHalf, Algorithm::Tdes, &half(8..16))?;
            }
            if record.usage == Usage::BaseDerivation {
                self.create(&record, Part::DukptVariant, Algorithm::Tdes, &key.variant(&HALF_MASK))?;
            }
        }
        // The old key goes only once the new one is there.
        for (_, _, handle) in replaced {
            self.session.destroy_object(handle).map_err(token_error("the replaced key stays"))?;
        }
        Ok(())
    }

    fn cipher<'v>(&'v self, name: &KeyName) -> Result<Box<dyn BlockCipher + 'v>, Refusal> {
        self.part(name, Part::Whole)
    }

    fn halves<'v>(&'v self, name: &KeyName) -> Result<[Box<dyn BlockCipher + 'v>; 2], Refusal> {
        Ok([self.part(name, Part::FirstHalf)?, self.part(name, Part::SecondHalf)?])
    }

    fn dukpt_variant<'v>(&'v self, name: &KeyName) -> Result<Box<dyn BlockCipher + 'v>, Refusal> {
        self.part(name, Part::DukptVariant)
    }

    fn clear(&self, name: &KeyName) -> Result<Option<Key>, Refusal> {
        self.record(name).map(|_| None)
    }
}

/// Only the token's label.
impl fmt::Debug for Pkcs11Hsm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Pkcs11Hsm {}", self.token)
    }
}
