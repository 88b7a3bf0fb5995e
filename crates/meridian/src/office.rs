//! The example's office: its people, its register, and links opened by two of them.

use meridian_node::office::{Command as Office, Matter};
use meridian_node::{AskError, Command, Event, Key, Node};
use meridian_pay as pay;
use meridian_people::{Person, PersonId, Persons, Proposal, Role};
use meridian_register::{
    self as register, Change, Instrument, InstrumentId, Kind, Reliance, Status, Subject, compare,
};
use meridian_terms::{Bic, Country, Day, Money, Refusal, Uetr, Window};

use crate::corridor_file::CorridorFile;
use crate::people;
use crate::up::WhatIfEntry;

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

/// Enters the instruments that the file's links cite, and the agreement the what-if is about, then founds the example's
/// people: from here on, operators' commands go through the office.
pub(crate) async fn found(
    node: &Node,
    file: &CorridorFile,
    what_if: Option<&WhatIfEntry>,
) -> Result<(), String> {
    if let Some(entry) = what_if {
        let (instrument, rest) = agreement(entry).map_err(|refusal| refusal.to_string())?;
        for command in [register::Command::Enter(instrument), register::Command::Rest(rest)] {
            let entered = ask(node, "configuration", Command::Register(command)).await;
            entered.map_err(|error| error.to_string())?;
        }
    }
    let people = PEOPLE.map(|(id, name, role)| Person {
        id: PersonId(id.into()),
        name: name.into(),
        roles: [role].into(),
        credential: blake3::hash(format!("no credential of {id}: an example has no door").as_bytes()).into(),
        is_suspended: false,
    });
    people::found(node, file, people.to_vec(), ("invented for the example", Status::Illustrative)).await
}

/// The agreement the what-if is about, and the preference that rests on it.
fn agreement(entry: &WhatIfEntry) -> Result<(Instrument, Reliance), Refusal> {
    let id = InstrumentId(entry.title.clone());
    let parties = entry.parties.iter().map(|code| Country::parse(code)).collect::<Result<_, _>>()?;
    let instrument = Instrument {
        id: id.clone(),
        title: entry.title.clone(),
        kind: Kind::Agreement,
        signed: None,
        in_force: Some(Window::new(Day::parse(&entry.from)?, None)?),
        parties,
        groupings: [].into(),
        source: entry.source.clone(),
        status: Status::Illustrative,
    };
    let subject = Subject::Preference(Country::parse(&entry.country)?, entry.title.clone());
    Ok((instrument, Reliance { subject, instrument: id, clause: String::new() }))
}

/// Has the example's people do an act: one who may proposes, another who may approves; or one does it, where one suffices.
pub(crate) async fn act(node: &Node, matter: Matter) -> Result<(), String> {
    let act = matter.act().ok_or("nobody's act")?;
    let right = act.right();
    let holder = |roles: &[Role], but: &str| {
        let found = PEOPLE.iter().find(|(id, _, role)| roles.contains(role) && *id != but);
        found.map(|(id, ..)| *id).ok_or_else(|| format!("no example person may {}", act.word()))
    };
    let first = holder(right.does, "")?;
    let (matter, by) = (Box::new(matter), PersonId(first.into()));
    if right.persons == Persons::One {
        let done = ask(node, first, Command::Office(Office::Do { matter, by })).await;
        return done.map(drop).map_err(|error| error.to_string());
    }
    let second = holder(right.approves, first)?;
    let proposed = ask(node, first, Command::Office(Office::Propose { matter, by })).await;
    proposed.map_err(|error| error.to_string())?;
    let open = node.read(|hub| hub.people.open_proposals().last().map(|one| (one.id, Proposal::digest(one))));
    let (proposal, digest) =
        open.await.map_err(|error| error.to_string())?.ok_or("the proposal is not there")?;
    let approve = Office::Approve { proposal, digest, by: PersonId(second.into()) };
    ask(node, second, Command::Office(approve)).await.map(drop).map_err(|error| error.to_string())
}

/// A link that two people opened.
pub(crate) struct Opened {
    /// Between which countries.
    pub(crate) countries: [Country; 2],
    /// On which instrument.
    pub(crate) instrument: String,
    /// The events of its proposal and of its approval.
    pub(crate) events: [u64; 2],
}

/// The file's links, opened; and what one person alone was told, by which event.
pub(crate) struct Opening {
    pub(crate) alone: Option<(Refusal, u64)>,
    pub(crate) links: Vec<Opened>,
}

/// Opens the file's links: one person proposes, another approves. Before that, one person alone tries.
pub(crate) async fn open_links(node: &Node, file: &CorridorFile) -> Result<Opening, String> {
    let (first, second) = (PEOPLE[0].0, PEOPLE[1].0);
    let mut opening = Opening { alone: None, links: Vec::new() };
    for entry in &file.link {
        let [a, b] = &entry.countries;
        let countries = [country(a)?, country(b)?];
        let matter =
            Box::new(Matter::OpenLink { countries, instrument: InstrumentId(entry.instrument.clone()) });
        let by = || PersonId(first.into());
        if opening.alone.is_none() {
            let act = Command::Office(Office::Do { matter: matter.clone(), by: by() });
            opening.alone = Some(refused(node, first, "a link by one person", act).await?);
        }
        let propose = Command::Office(Office::Propose { matter, by: by() });
        let proposed = node.ask(first, propose).await.map_err(|error| error.to_string())?.event_number;
        let open =
            node.read(|hub| hub.people.open_proposals().last().map(|one| (one.id, Proposal::digest(one))));
        let (proposal, digest) =
            open.await.map_err(|error| error.to_string())?.ok_or("the proposal is not there")?;
        let approve = Office::Approve { proposal, digest, by: PersonId(second.into()) };
        let approved = node.ask(second, Command::Office(approve)).await;
        let approved = approved.map_err(|error| error.to_string())?.event_number;
        let instrument = entry.instrument.clone();
        opening.links.push(Opened { countries, instrument, events: [proposed, approved] });
    }
    Ok(opening)
}

/// Asks what must be refused, under a key, so that the journal keeps the refusal; says by which event it was.
pub(crate) async fn refused(
    node: &Node,
    by: &str,
    what: &str,
    command: Command,
) -> Result<(Refusal, u64), String> {
    let request = blake3::hash(what.as_bytes()).into();
    let key = Key { by: by.to_owned(), key: what.to_owned(), request };
    let done =
        node.ask(by, Command::Once(key, Box::new(command))).await.map_err(|error| error.to_string())?;
    match done.event {
        Event::Refused(_, refusal) => Ok((refusal, done.event_number)),
        _ => Err(format!("{what} was not refused")),
    }
}

fn country(code: &str) -> Result<Country, String> {
    Country::parse(code).map_err(|refusal| refusal.to_string())
}

/// What another date would make different.
pub(crate) struct ADayLater {
    /// The day the instrument came into force.
    pub(crate) first_day: Day,
    /// Instruments that would stand differently on that day, and what rests on them.
    pub(crate) changes: Vec<Change>,
    /// Payments of that day that would have been refused, by the rule that their link stands.
    pub(crate) payments: Vec<(Uetr, Money, Refusal)>,
    /// The hub's events and hash, asked before and after: the journal knows nothing of it.
    pub(crate) hub: [(u64, [u8; 32]); 2],
}

/// What would change on the day an instrument came into force, had it come a day later. Asked of a copy of the register.
pub(crate) async fn a_day_later(node: &Node, instrument: &str) -> Result<ADayLater, String> {
    let id = InstrumentId(instrument.to_owned());
    let asked = node.read(move |hub| {
        let was = (hub.events, hub.hash());
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
        let first_day = in_force.from();
        let changes = compare((before, first_day), (&after, first_day));
        let country = |bic: &Bic| hub.pay.participant(bic).map(|one| one.country);
        let would_be_refused = |payment: &pay::Payment| {
            let asked = &payment.instruction;
            let countries = [country(&asked.debtor_agent)?, country(&asked.creditor_agent)?];
            let key = pay::LinkKey::between(countries[0], countries[1]);
            let rests = hub.pay.links().any(|(known, link)| *known == key && link.instrument == id.0);
            let is_of = payment.received_at.day() == first_day && countries[0] != countries[1] && rests;
            let moved = matches!(payment.stage, pay::Stage::Committed { .. });
            let refusal = after.basis(&id, countries, first_day).err().filter(|_| is_of && moved)?;
            Some((asked.uetr, asked.source, refusal))
        };
        let payments = hub.pay.payments().filter_map(would_be_refused).collect();
        Some(ADayLater { first_day, changes, payments, hub: [was, (hub.events, hub.hash())] })
    });
    asked
        .await
        .map_err(|error| error.to_string())?
        .ok_or_else(|| format!("{instrument} is not in the register"))
}
