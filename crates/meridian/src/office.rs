//! The example's office: its people, its register, and links opened by two of them.

use meridian_node::office::{Command as Office, Matter};
use meridian_node::{AskError, Command, Event, Node};
use meridian_people::{Person, PersonId, Proposal, Role};
use meridian_register::{self as register, Change, InstrumentId, Status, compare};
use meridian_terms::{Country, Window};

use crate::corridor_file::CorridorFile;
use crate::people;

/// The example's people: who proposes, who approves, who looks on.
const PEOPLE: [(&str, &str, Role); 3] = [
    ("amina", "Amina (example)", Role::Operator),
    ("boris", "Boris (example)", Role::Treasurer),
    ("carla", "Carla (example)", Role::Compliance),
];

/// Asks the node as one of its people.
async fn ask(node: &Node, actor: &str, command: Command) -> Result<Event, AskError> {
    node.ask(actor, command).await.map(|done| done.event)
}

/// Enters the instruments that the file's links cite, then founds the example's people.
pub(crate) async fn found(node: &Node, file: &CorridorFile) -> Result<(), String> {
    let people = PEOPLE.map(|(id, name, role)| Person {
        id: PersonId(id.into()),
        name: name.into(),
        roles: [role].into(),
        credential: blake3::hash(format!("no credential of {id}: an example has no door").as_bytes()).into(),
        is_suspended: false,
    });
    people::found(node, file, people.to_vec(), ("invented for the example", Status::Illustrative)).await
}

/// Opens the file's links: one person proposes, another approves. Says what one person alone was told.
pub(crate) async fn open_links(node: &Node, file: &CorridorFile) -> Result<String, String> {
    let (first, second) = (PEOPLE[0].0, PEOPLE[1].0);
    let mut alone = String::new();
    for entry in &file.link {
        let [a, b] = &entry.countries;
        let countries = [country(a)?, country(b)?];
        let matter =
            Box::new(Matter::OpenLink { countries, instrument: InstrumentId(entry.instrument.clone()) });
        let by = || PersonId(first.into());
        if alone.is_empty() {
            let tried =
                ask(node, first, Command::Office(Office::Do { matter: matter.clone(), by: by() })).await;
            match tried {
                Err(AskError::Refused(refusal)) => alone = format!("{}: {}", refusal.code, refusal.what),
                Err(error) => return Err(error.to_string()),
                Ok(_) => return Err("one person opened a link alone".into()),
            }
        }
        let propose = Command::Office(Office::Propose { matter, by: by() });
        ask(node, first, propose).await.map_err(|error| error.to_string())?;
        let open =
            node.read(|hub| hub.people.open_proposals().last().map(|one| (one.id, Proposal::digest(one))));
        let (proposal, digest) =
            open.await.map_err(|error| error.to_string())?.ok_or("the proposal is not there")?;
        let approve = Office::Approve { proposal, digest, by: PersonId(second.into()) };
        ask(node, second, Command::Office(approve)).await.map_err(|error| error.to_string())?;
    }
    Ok(alone)
}

fn country(code: &str) -> Result<Country, String> {
    Country::parse(code).map_err(|refusal| refusal.to_string())
}

/// What would change on the day an instrument came into force, had it come a day later. Asked of a copy: the journal
/// knows nothing of it.
pub(crate) async fn a_day_later(node: &Node, instrument: &str) -> Result<Vec<Change>, String> {
    let id = InstrumentId(instrument.to_owned());
    let asked = node.read(move |hub| {
        let before = &hub.register;
        let in_force = before.instrument(&id).and_then(|one| one.in_force)?;
        let later = Window::new(in_force.from().plus(1), in_force.until()).ok()?;
        let mut after = before.clone();
        let source = "what if".to_owned();
        let at = hub.last_at;
        register::apply(
            &mut after,
            &register::Event::Amended { instrument: id.clone(), in_force: Some(later), source, at },
        );
        Some(compare((before, in_force.from()), (&after, in_force.from())))
    });
    asked
        .await
        .map_err(|error| error.to_string())?
        .ok_or_else(|| format!("{instrument} is not in the register"))
}
