//! The hub's people as the corridor's file names them, with the credentials beside it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use meridian_access::{Credential, CredentialFile};
use meridian_node::office::{Command as Office, Matter};
use meridian_node::{AskError, Command, Hub, Node};
use meridian_people::{self as people, Person, PersonId, Role};
use meridian_register::{self as register, Instrument, InstrumentId, Kind, Status};
use meridian_terms::{Country, Day, Refusal, Window};

use crate::corridor_file::{CorridorFile, LinkEntry, PersonEntry};

/// Where credentials lie unless the file says otherwise.
const CREDENTIALS: &str = "credentials.json";

/// The credentials' file of a corridor.
pub(crate) fn credentials(file: &CorridorFile, directory: &Path) -> CredentialFile {
    let name = file.credentials.as_deref().unwrap_or(CREDENTIALS);
    CredentialFile::at(directory.join(PathBuf::from(name)))
}

/// Those of the file who sign in: everybody with a role.
pub(crate) fn entries(file: &CorridorFile) -> impl Iterator<Item = &PersonEntry> {
    file.person.iter().filter(|entry| !entry.roles.is_empty())
}

/// Name and roles of an entry.
pub(crate) fn read(entry: &PersonEntry) -> Result<(PersonId, std::collections::BTreeSet<Role>), String> {
    let told = |why: String| format!("person {}: {why}", entry.name);
    let id = entry.id.clone().ok_or_else(|| told("no id to sign in with; add one".into()))?;
    let fits = !id.is_empty()
        && id.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
    if !fits {
        return Err(told(format!("id {id:?}: use small letters, digits and -")));
    }
    let role = |word: &String| {
        Role::parse(word).ok_or_else(|| {
            let words: Vec<&str> = Role::ALL.iter().map(|role| role.word()).collect();
            told(format!("role {word:?}: use {}", words.join(", ")))
        })
    };
    Ok((PersonId(id), entry.roles.iter().map(role).collect::<Result<_, _>>()?))
}

/// The people of the file with their newest credentials.
///
/// # Errors
/// Who has none, in words.
pub(crate) fn with_credentials(
    file: &CorridorFile,
    credentials: &BTreeMap<PersonId, Vec<Credential>>,
) -> Result<Vec<Person>, String> {
    let mut all: Vec<Person> = Vec::new();
    for entry in entries(file) {
        let (id, roles) = read(entry)?;
        if all.iter().any(|known| known.id == id) {
            return Err(format!("two people are called {id}; give one another id"));
        }
        let newest = credentials.get(&id).and_then(|own| own.last());
        let newest = newest.ok_or_else(|| {
            format!("{id} has no credential; make one with meridian person add {id} --config FILE")
        })?;
        let (name, credential) = (entry.name.clone(), newest.fingerprint());
        all.push(Person { id, name, roles, credential, is_suspended: false });
    }
    Ok(all)
}

/// Enters the instruments that the file's links cite, then founds the people: from here on, operators' commands go
/// through the office.
pub(crate) async fn found(
    node: &Node,
    file: &CorridorFile,
    people: Vec<Person>,
    (source, status): (&str, Status),
) -> Result<(), String> {
    let ask = |command: Command| async move { node.ask("configuration", command).await.map(drop) };
    for entry in &file.link {
        let instrument = instrument(entry, node.clock().now().day(), source, status);
        let instrument = instrument.map_err(|refusal| refusal.to_string())?;
        match ask(Command::Register(register::Command::Enter(instrument))).await {
            Ok(()) => {}
            // Several links may rest on one instrument.
            Err(AskError::Refused(refusal)) if refusal.code == "register.exists" => {}
            Err(error) => return Err(error.to_string()),
        }
    }
    ask(Command::Office(Office::Found(people))).await.map_err(|error| error.to_string())
}

/// The instrument a link cites.
pub(crate) fn instrument(
    entry: &LinkEntry,
    today: Day,
    source: &str,
    status: Status,
) -> Result<Instrument, Refusal> {
    let countries = entry.countries.iter().map(|code| Country::parse(code)).collect::<Result<_, _>>()?;
    let from = entry.from.as_deref().map_or_else(|| Ok(today.plus(-1)), Day::parse)?;
    let until = entry.until.as_deref().map(Day::parse).transpose()?;
    Ok(Instrument {
        id: InstrumentId(entry.instrument.clone()),
        title: entry.instrument.clone(),
        kind: Kind::Agreement,
        signed: None,
        in_force: Some(Window::new(from, until)?),
        parties: countries,
        groupings: [].into(),
        source: source.to_owned(),
        status,
    })
}

/// What the file asks for and the office's people have not done: people, credentials, instruments, links.
pub(crate) fn wanted(
    hub: &Hub,
    file: &CorridorFile,
    people: &[Person],
    today: Day,
) -> Result<Vec<Matter>, Refusal> {
    let mut wanted = Vec::new();
    for person in people {
        match hub.people.person(&person.id) {
            Some(known) if known.credential != person.credential => {
                wanted.push(Matter::Person(people::Command::Rotate(person.id.clone(), person.credential)));
            }
            Some(known) if (&known.name, &known.roles) == (&person.name, &person.roles) => {}
            Some(known) => {
                let is_suspended = known.is_suspended;
                wanted
                    .push(Matter::Person(people::Command::Admit(Person { is_suspended, ..person.clone() })));
            }
            None => wanted.push(Matter::Person(people::Command::Admit(person.clone()))),
        }
    }
    for entry in &file.link {
        let [a, b] = &entry.countries;
        let countries = [Country::parse(a)?, Country::parse(b)?];
        let id = InstrumentId(entry.instrument.clone());
        let key = meridian_pay::LinkKey::between(countries[0], countries[1]);
        if hub.register.instrument(&id).is_none() {
            let instrument = instrument(entry, today, "the corridor's file", Status::Published)?;
            wanted.push(Matter::Register(register::Command::Enter(instrument)));
        } else if !hub.pay.links().any(|(known, link)| *known == key && link.is_open(today)) {
            wanted.push(Matter::OpenLink { countries, instrument: id });
        }
    }
    Ok(wanted)
}
