//! A person's credential: a password's argon2id hash (RFC 9106) and a TOTP secret (RFC 6238).

use argon2::Argon2;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use meridian_terms::{Moment, Refusal};
use ring::rand::{SecureRandom, SystemRandom};
use serde::{Deserialize, Serialize};
use totp_rs::{Builder, Secret, Totp};
use zeroize::Zeroizing;

/// The shortest password taken.
const SHORTEST: usize = 12;

/// What a person signs in with. `Debug` shows neither hash nor secret.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Credential {
    /// PHC string of the password.
    password: String,
    /// TOTP secret, base32.
    secret: String,
}

impl std::fmt::Debug for Credential {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Credential(..)")
    }
}

/// A credential just made, with the one chance to write down its secret.
#[derive(Debug)]
pub struct Fresh {
    /// What is kept.
    pub credential: Credential,
    /// For the person's authenticator: `otpauth://totp/...`. Shown once.
    pub enrolment: Zeroizing<String>,
}

/// Makes a credential for a name from a password of at least twelve characters, with a random secret.
///
/// # Errors
/// `access.password_short`; `access.failed` when the machine has no randomness.
pub fn fresh(name: &str, password: &str) -> Result<Fresh, Refusal> {
    let credential = Credential { password: hash(password)?, secret: secret()? };
    Ok(Fresh { enrolment: credential.enrolment(name), credential })
}

fn failed(what: impl ToString) -> Refusal {
    Refusal::new("access.failed", what.to_string()).next("try again")
}

fn hash(password: &str) -> Result<String, Refusal> {
    if password.chars().count() < SHORTEST {
        return Err(Refusal::new("access.password_short", format!("fewer than {SHORTEST} characters"))
            .rule("NIST SP 800-63B, 3.1.1.2: length is what makes a password")
            .next("choose a longer one; a sentence is fine"));
    }
    Ok(Argon2::default().hash_password(password.as_bytes()).map_err(failed)?.to_string())
}

fn secret() -> Result<String, Refusal> {
    let mut secret = Zeroizing::new([0_u8; 20]);
    SystemRandom::new().fill(secret.as_mut()).map_err(|_| failed("no randomness"))?;
    Ok(Secret::from(secret.to_vec()).to_base32())
}

impl Credential {
    /// BLAKE3 of it: what the people's book knows it by.
    #[must_use]
    pub fn fingerprint(&self) -> [u8; 32] {
        blake3::hash(format!("meridian credential\n{}\n{}", self.password, self.secret).as_bytes()).into()
    }

    /// The same secret under another password.
    ///
    /// # Errors
    /// `access.password_short`.
    pub fn with_password(&self, password: &str) -> Result<Self, Refusal> {
        Ok(Self { password: hash(password)?, secret: self.secret.clone() })
    }

    /// The same password with another secret, and the one chance to write that down.
    ///
    /// # Errors
    /// `access.failed` when the machine has no randomness.
    pub fn with_fresh_secret(&self, name: &str) -> Result<Fresh, Refusal> {
        let credential = Self { password: self.password.clone(), secret: secret()? };
        Ok(Fresh { enrolment: credential.enrolment(name), credential })
    }

    fn enrolment(&self, name: &str) -> Zeroizing<String> {
        let secret = &self.secret;
        Zeroizing::new(format!(
            "otpauth://totp/Meridian:{name}?secret={secret}&issuer=Meridian&algorithm=SHA256&digits=6&period=30"
        ))
    }

    pub(crate) fn is_password(&self, password: &str) -> bool {
        Argon2::default().verify_password(password.as_bytes(), self.password.as_str()).is_ok()
    }

    /// The time step whose code this is: within one step of now, so that a slow clock still opens.
    pub(crate) fn step_of(&self, code: &str, now: Moment) -> Option<u64> {
        let seconds = u64::try_from(now.micros() / 1_000_000).ok()?;
        self.totp()?.check(code, seconds)
    }

    /// The code of a moment: what the person's authenticator shows.
    #[must_use]
    pub fn code(&self, now: Moment) -> Option<String> {
        let seconds = u64::try_from(now.micros() / 1_000_000).ok()?;
        Some(self.totp()?.generate(seconds).to_string())
    }

    fn totp(&self) -> Option<Totp> {
        let secret = Secret::try_from_base32(&self.secret).ok()?;
        Builder::new()
            .with_algorithm(totp_rs::Algorithm::SHA256)
            .with_digits(6)
            .with_skew(1)
            .with_step_duration(30)
            .with_secret(secret)
            .build()
            .ok()
    }
}
