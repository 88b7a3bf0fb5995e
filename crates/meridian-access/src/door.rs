//! The door: who comes in, who waits, who is in.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

use meridian_people::{self as people, Person, PersonId};
use meridian_terms::{Micros, Moment, Refusal, Retry};

use crate::{Credential, CredentialFile, Session, Token};

/// After so many failures a name waits.
const TRIES: u8 = 5;
/// How long it waits.
const WAIT: Micros = Micros::minutes(15);
/// How many names' failures are remembered; whoever invents names cannot fill the memory.
const NAMES: usize = 10_000;

/// Keeps sessions and failures in memory: a restart asks everybody in again.
#[derive(Debug)]
pub struct Door {
    credentials: Credentials,
    inside: Mutex<Inside>,
    /// Hashing takes memory and time on purpose: one at a time, so that guessing in parallel gains nothing.
    hashing: Mutex<()>,
    stranger: OnceLock<Credential>,
}

/// Where credentials come from.
#[derive(Debug)]
enum Credentials {
    Given(BTreeMap<PersonId, Vec<Credential>>),
    /// Read anew at each entry, so that a new credential counts as soon as it is approved.
    File(CredentialFile),
}

#[derive(Debug, Default)]
struct Inside {
    sessions: BTreeMap<Token, Session>,
    failures: BTreeMap<PersonId, (u8, Moment)>,
    /// The last time step whose code a person used: a code opens once (RFC 6238, 5.2).
    steps: BTreeMap<PersonId, u64>,
}

/// What an entry gives.
#[derive(Debug)]
pub struct Entry {
    /// For the cookie.
    pub token: Token,
    /// Who is in.
    pub session: Session,
}

/// Why nobody came in.
#[derive(Debug)]
pub struct Turned {
    /// What is said: one answer for every reason, but for the wait.
    pub refusal: Refusal,
    /// Whether this failure was the one that makes the name wait.
    pub locks_out: bool,
}

fn no_entry() -> Refusal {
    // One answer for every reason: whoever guesses learns nothing.
    Refusal::new("access.no_entry", "name, password and code do not belong together")
        .rule("one answer for every reason")
        .next("try again with the code shown now")
}

impl Door {
    /// A door for these credentials.
    #[must_use]
    pub fn new(credentials: BTreeMap<PersonId, Vec<Credential>>) -> Self {
        Self::of(Credentials::Given(credentials))
    }

    /// A door for the credentials of a file, as it is at each entry.
    #[must_use]
    pub fn at(file: CredentialFile) -> Self {
        Self::of(Credentials::File(file))
    }

    fn of(credentials: Credentials) -> Self {
        Self { credentials, inside: Mutex::default(), hashing: Mutex::default(), stranger: OnceLock::new() }
    }

    fn inside(&self) -> MutexGuard<'_, Inside> {
        // A panic of somebody else's request leaves the maps whole: every change is one insert or remove.
        self.inside.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The credential of this name that the people's book knows.
    fn credential(&self, known: Option<&Person>) -> Result<Option<Credential>, Refusal> {
        let Some(person) = known.filter(|person| !person.is_suspended) else { return Ok(None) };
        let in_use = |all: &BTreeMap<PersonId, Vec<Credential>>| {
            let own = all.get(&person.id)?;
            own.iter().find(|one| one.fingerprint() == person.credential).cloned()
        };
        match &self.credentials {
            Credentials::Given(all) => Ok(in_use(all)),
            Credentials::File(file) => {
                let all = file.read().map_err(|why| {
                    Refusal::new("access.failed", why)
                        .next("ask whoever runs the hub")
                        .retry(Retry::AfterAMoment)
                })?;
                Ok(in_use(&all))
            }
        }
    }

    /// Lets a person in: known to the people's book, not suspended, with the credential the book knows, the password and
    /// an unused code.
    ///
    /// # Errors
    /// `access.wait` after five failures; `access.no_entry` for every other reason alike.
    pub fn enter(
        &self,
        known: Option<&Person>,
        name: &str,
        password: &str,
        code: &str,
        now: Moment,
    ) -> Result<Entry, Turned> {
        let turned = |refusal| Turned { refusal, locks_out: false };
        let person = PersonId(name.to_owned());
        self.may_try(&person, now).map_err(turned)?;
        let credential = self.credential(known).map_err(turned)?;
        // An unknown name costs as much time as a known one.
        let (credential, is_known) = match credential {
            Some(credential) => (credential, true),
            None => (self.stranger().map_err(turned)?, false),
        };
        let is_password = {
            let _one = self.hashing.lock().unwrap_or_else(PoisonError::into_inner);
            credential.is_password(password)
        };
        let step = credential.step_of(code, now);
        let mut inside = self.inside();
        let is_unused = |step: u64| inside.steps.get(&person).is_none_or(|used| step > *used);
        match step.filter(|step| is_unused(*step)) {
            Some(step) if is_known && is_password => {
                inside.steps.insert(person.clone(), step);
                inside.failures.remove(&person);
                inside.sessions.retain(|_, session| !session.is_over(now));
                let random = || Token::random().map_err(turned);
                let credential = credential.fingerprint();
                let session = Session { person, form: random()?, credential, since: now, seen: now };
                let token = random()?;
                inside.sessions.insert(token.clone(), session.clone());
                Ok(Entry { token, session })
            }
            _ => {
                if inside.failures.len() >= NAMES {
                    inside.failures.retain(|_, (_, since)| now.since(*since).0 < WAIT.0);
                }
                let failures = inside.failures.entry(person).or_insert((0, now));
                *failures = (failures.0.saturating_add(1), now);
                Err(Turned { refusal: no_entry(), locks_out: is_known && failures.0 == TRIES })
            }
        }
    }

    /// What an unknown name is compared with: made once, so that the comparison is all that it costs.
    fn stranger(&self) -> Result<Credential, Refusal> {
        if let Some(known) = self.stranger.get() {
            return Ok(known.clone());
        }
        let made = crate::fresh("nobody", "a password nobody has")?.credential;
        Ok(self.stranger.get_or_init(|| made).clone())
    }

    /// Whether a name may be tried now.
    fn may_try(&self, person: &PersonId, now: Moment) -> Result<(), Refusal> {
        let mut inside = self.inside();
        let Some((failures, since)) = inside.failures.get(person).copied() else { return Ok(()) };
        let left = WAIT.0 - now.since(since).0;
        if left <= 0 {
            inside.failures.remove(person);
        } else if failures >= TRIES {
            let minutes = left / 60_000_000 + 1;
            return Err(Refusal::new("access.wait", format!("{TRIES} failures; {minutes} minutes to wait"))
                .rule("guessing takes time")
                .next("wait, or ask an operator for another credential")
                .retry(Retry::AfterAMoment));
        }
        Ok(())
    }

    /// The session of a cookie's token, if it is not over and the person may still be in.
    pub fn session(&self, book: &people::State, token: &Token, now: Moment) -> Option<Session> {
        let mut inside = self.inside();
        let session = inside.sessions.get_mut(token)?;
        let may_stay = book
            .person(&session.person)
            .is_some_and(|one| !one.is_suspended && one.credential == session.credential);
        if session.is_over(now) || !may_stay {
            inside.sessions.remove(token);
            return None;
        }
        session.seen = now;
        Some(session.clone())
    }

    /// Ends a session.
    pub fn leave(&self, token: &Token) {
        self.inside().sessions.remove(token);
    }
}
