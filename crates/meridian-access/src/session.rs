//! Sessions: random tokens that end by themselves.

use std::fmt;

use meridian_people::PersonId;
use meridian_terms::{Micros, Moment, Refusal};
use ring::rand::{SecureRandom, SystemRandom};

/// How long a session lives without a request.
pub const IDLE: Micros = Micros::minutes(30);
/// How long it lives at all.
pub(crate) const LONGEST: Micros = Micros::hours(10);

/// 256 random bits, as 64 hexadecimal digits. `Debug` shows nothing of it.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Token(String);

impl Token {
    pub(crate) fn random() -> Result<Self, Refusal> {
        let mut bytes = [0_u8; 32];
        SystemRandom::new()
            .fill(&mut bytes)
            .map_err(|_| Refusal::new("access.failed", "no randomness").next("try again"))?;
        Ok(Self(blake3::Hash::from(bytes).to_hex().to_string()))
    }

    /// A token as a cookie or form brought it.
    #[must_use]
    pub fn brought(text: &str) -> Self {
        Self(text.to_owned())
    }

    /// For the cookie or form.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(..)")
    }
}

/// A person who is in.
#[derive(Debug, Clone)]
pub struct Session {
    /// Who.
    pub person: PersonId,
    /// What every form of theirs carries: a page of somebody else cannot know it.
    pub form: Token,
    /// Fingerprint of the credential they came in with: a rotated one ends the session.
    pub credential: [u8; 32],
    pub(crate) since: Moment,
    pub(crate) seen: Moment,
}

impl Session {
    pub(crate) fn is_over(&self, now: Moment) -> bool {
        now.since(self.seen) > IDLE || now.since(self.since) > LONGEST
    }
}
