//! One binary: who comes in and who does not.
#![allow(clippy::unwrap_used, reason = "tests say what they expect")]

use std::collections::BTreeMap;

use meridian_access::{Credential, CredentialFile, Door, IDLE, Token, fresh};
use meridian_people::{Command, Event, Person, PersonId, Role, State, apply, decide};
use meridian_terms::{Micros, Moment};

const PASSWORD: &str = "correct horse battery staple";

fn noon() -> Moment {
    Moment::parse("2026-03-20T12:00:00Z").unwrap()
}

fn people() -> (State, BTreeMap<PersonId, Vec<Credential>>) {
    let mut credentials = BTreeMap::new();
    let mut all = Vec::new();
    for (name, role) in [("amina", Role::Operator), ("boris", Role::Compliance)] {
        let credential = fresh(name, PASSWORD).unwrap().credential;
        all.push(Person {
            id: PersonId(name.into()),
            name: name.into(),
            roles: [role].into(),
            credential: credential.fingerprint(),
            is_suspended: false,
        });
        credentials.insert(PersonId(name.into()), vec![credential]);
    }
    let mut state = State::default();
    let event = decide(&state, &Command::Found(all), noon()).unwrap();
    apply(&mut state, &event);
    (state, credentials)
}

fn one<'a>(book: &'a State, name: &str) -> Option<&'a Person> {
    book.person(&PersonId(name.into()))
}

#[test]
fn the_right_password_and_a_code_used_once_open_the_door() {
    let (book, credentials) = people();
    let code = credentials[&PersonId("amina".into())][0].code(noon()).unwrap();
    let door = Door::new(credentials);
    let entry = door.enter(one(&book, "amina"), "amina", PASSWORD, &code, noon()).unwrap();
    assert_eq!(door.session(&book, &entry.token, noon()).unwrap().person.0, "amina");
    let again = door.enter(one(&book, "amina"), "amina", PASSWORD, &code, noon()).unwrap_err().refusal;
    assert_eq!(again.code, "access.no_entry");
    door.leave(&entry.token);
    assert!(door.session(&book, &entry.token, noon()).is_none());
    assert!(door.session(&book, &Token::brought("0"), noon()).is_none());
}

#[test]
fn every_wrong_way_gets_the_same_answer_and_five_make_one_wait() {
    let (book, credentials) = people();
    let code = credentials[&PersonId("amina".into())][0].code(noon()).unwrap();
    let other = fresh("boris", PASSWORD).unwrap().credential;
    let mut swapped = credentials.clone();
    swapped.insert(PersonId("boris".into()), vec![other.clone()]);
    let door = Door::new(swapped);
    let rows = [
        ("stranger", PASSWORD, code.clone()),
        ("amina", "wrong horse", code.clone()),
        ("amina", PASSWORD, "000000".into()),
        ("amina", PASSWORD, String::new()),
        // A credential the book does not know: put in the file without an approved act.
        ("boris", PASSWORD, other.code(noon()).unwrap()),
    ];
    for (name, password, code) in &rows {
        let refusal = door.enter(one(&book, name), name, password, code, noon()).unwrap_err().refusal;
        assert_eq!(refusal.code, "access.no_entry", "{name}");
    }
    for locks_out in [false, true] {
        let turned = door.enter(one(&book, "amina"), "amina", "wrong", "000000", noon()).unwrap_err();
        assert_eq!(turned.locks_out, locks_out, "the fifth failure makes the name wait");
    }
    let waits = door.enter(one(&book, "amina"), "amina", PASSWORD, &code, noon()).unwrap_err().refusal;
    assert_eq!(waits.code, "access.wait");
    let later = noon().plus(Micros::minutes(16));
    let code = credentials[&PersonId("amina".into())][0].code(later).unwrap();
    assert!(door.enter(one(&book, "amina"), "amina", PASSWORD, &code, later).is_ok());
}

#[test]
fn a_session_ends_with_idleness_suspension_or_another_credential() {
    let (book, credentials) = people();
    let door = Door::new(credentials.clone());
    let code = credentials[&PersonId("amina".into())][0].code(noon()).unwrap();
    let token = door.enter(one(&book, "amina"), "amina", PASSWORD, &code, noon()).unwrap().token;
    let mut rotated = book.clone();
    apply(&mut rotated, &Event::Rotated(PersonId("amina".into()), [1; 32], noon()));
    let mut suspended = book.clone();
    apply(&mut suspended, &Event::Suspended(PersonId("amina".into()), true, noon()));
    assert!(door.session(&book, &token, noon().plus(Micros::minutes(29))).is_some());
    assert!(door.session(&rotated, &token, noon().plus(Micros::minutes(30))).is_none());
    let at = noon().plus(Micros::minutes(31));
    let code = credentials[&PersonId("amina".into())][0].code(at).unwrap();
    let token = door.enter(one(&book, "amina"), "amina", PASSWORD, &code, at).unwrap().token;
    assert!(door.session(&suspended, &token, at).is_none());
    let at = noon().plus(Micros::minutes(40));
    let code = credentials[&PersonId("amina".into())][0].code(at).unwrap();
    let token = door.enter(one(&book, "amina"), "amina", PASSWORD, &code, at).unwrap().token;
    assert!(door.session(&book, &token, at.plus(IDLE).plus(Micros(1))).is_none());
}

#[test]
fn credentials_are_kept_for_their_owner_alone_and_show_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let file = CredentialFile::at(folder.path().join("credentials.json"));
    assert!(file.read().unwrap().is_empty());
    let made = fresh("amina", PASSWORD).unwrap();
    file.put(&PersonId("amina".into()), made.credential.clone()).unwrap();
    assert_eq!(file.read().unwrap()[&PersonId("amina".into())], std::slice::from_ref(&made.credential));
    let text = std::fs::read_to_string(file.path()).unwrap();
    assert!(!text.contains(PASSWORD) && text.contains("$argon2id$"));
    assert_eq!(format!("{:?}", made.credential), "Credential(..)");
    assert_eq!(fresh("amina", "short").unwrap_err().code, "access.password_short");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        std::fs::set_permissions(file.path(), std::fs::Permissions::from_mode(0o644)).unwrap();
        assert!(file.read().unwrap_err().contains("chmod 600"));
    }
}

#[test]
fn a_new_credential_opens_nothing_until_the_book_knows_it_and_the_old_one_nothing_after() {
    let (mut book, credentials) = people();
    let folder = tempfile::tempdir().unwrap();
    let file = CredentialFile::at(folder.path().join("credentials.json"));
    let amina = PersonId("amina".into());
    let old = credentials[&amina][0].clone();
    file.put(&amina, old.clone()).unwrap();
    let new = old.with_password("another sentence altogether").unwrap();
    assert_eq!(new.code(noon()), old.code(noon()), "the secret stays");
    file.put(&amina, new.clone()).unwrap();
    let door = Door::at(file.clone());
    let enter = |book: &State, password: &str, at: Moment| {
        let code = old.code(at).unwrap();
        door.enter(one(book, "amina"), "amina", password, &code, at).is_ok()
    };
    let minute = |count| noon().plus(Micros::minutes(count));
    assert!(!enter(&book, "another sentence altogether", minute(1)));
    assert!(enter(&book, PASSWORD, minute(2)));
    apply(&mut book, &Event::Rotated(amina.clone(), new.fingerprint(), minute(3)));
    assert!(!enter(&book, PASSWORD, minute(4)));
    assert!(enter(&book, "another sentence altogether", minute(5)));
    // A third puts the first out of the file, never the one in use.
    let third = new.with_fresh_secret("amina").unwrap();
    assert!(third.enrolment.starts_with("otpauth://totp/Meridian:amina?secret="));
    file.keep(&amina, third.credential.clone(), |one| *one == new).unwrap();
    assert_eq!(file.read().unwrap()[&amina], [new, third.credential]);
}
