//! The door: who comes in, who waits, who is in.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use meridian_people::{self as people, PersonId};
use meridian_terms::{Micros, Moment, Refusal, Retry};

use crate::{Credential, Session, Token};

/// After so many failures a name waits.
const TRIES: u8 = 5;
/// How long it waits.
const WAIT: Micros = Micros::minutes(15);

/// Keeps sessions and failures in memory: a restart asks everybody in again.
#[derive(Debug, Default)]
pub struct Door {
    inside: Mutex<Inside>,
}

#[derive(Debug, Default)]
struct Inside {
    credentials: BTreeMap<PersonId, Credential>,
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

fn no_entry() -> Refusal {
    // One answer for every reason: whoever guesses learns nothing.
    Refusal::new("access.no_entry", "name, password and code do not belong together")
        .rule("one answer for every reason")
        .next("try again with the code shown now")
}

impl Door {
    /// A door for these credentials.
    #[must_use]
    pub fn new(credentials: BTreeMap<PersonId, Credential>) -> Self {
        Self { inside: Mutex::new(Inside { credentials, ..Inside::default() }) }
    }

    /// Other credentials, after an approved act.
    pub fn replace(&self, credentials: BTreeMap<PersonId, Credential>) {
        self.inside().credentials = credentials;
    }

    fn inside(&self) -> MutexGuard<'_, Inside> {
        // A panic of somebody else's request leaves the maps whole: every change is one insert or remove.
        self.inside.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lets a person in: known to the people's book, not suspended, with the credential the book knows, the password and
    /// an unused code.
    ///
    /// # Errors
    /// `access.wait` after five failures; `access.no_entry` for every other reason alike.
    pub fn enter(
        &self,
        book: &people::State,
        name: &str,
        password: &str,
        code: &str,
        now: Moment,
    ) -> Result<Entry, Refusal> {
        let person = PersonId(name.to_owned());
        let credential = {
            let mut inside = self.inside();
            if let Some((failures, since)) = inside.failures.get(&person).copied() {
                let left = WAIT.0 - now.since(since).0;
                if failures >= TRIES && left > 0 {
                    let minutes = left / 60_000_000 + 1;
                    return Err(Refusal::new(
                        "access.wait",
                        format!("{TRIES} failures; {minutes} minutes to wait"),
                    )
                    .rule("guessing takes time")
                    .next("wait, or ask an operator for another credential")
                    .retry(Retry::AfterAMoment));
                }
                if left <= 0 {
                    inside.failures.remove(&person);
                }
            }
            inside.credentials.get(&person).cloned()
        };
        // The slow part is done outside the lock; an unknown name costs as much time as a known one.
        let stranger = || crate::fresh("nobody", "a password nobody has").map(|fresh| fresh.credential);
        let (credential, is_known) = match credential {
            Some(credential) => (credential, true),
            None => (stranger()?, false),
        };
        let is_password = credential.is_password(password);
        let step = credential.step_of(code, now);
        let fingerprint = credential.fingerprint();
        let in_book =
            book.person(&person).is_some_and(|one| !one.is_suspended && one.credential == fingerprint);
        let mut inside = self.inside();
        let is_unused = |step: u64| inside.steps.get(&person).is_none_or(|used| step > *used);
        match step.filter(|step| is_unused(*step)) {
            Some(step) if is_known && is_password && in_book => {
                inside.steps.insert(person.clone(), step);
                inside.failures.remove(&person);
                inside.sessions.retain(|_, session| !session.is_over(now));
                let session = Session {
                    person,
                    form: Token::random()?,
                    credential: fingerprint,
                    since: now,
                    seen: now,
                };
                let token = Token::random()?;
                inside.sessions.insert(token.clone(), session.clone());
                Ok(Entry { token, session })
            }
            _ => {
                let failures = inside.failures.entry(person).or_insert((0, now));
                *failures = (failures.0.saturating_add(1), now);
                Err(no_entry())
            }
        }
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
