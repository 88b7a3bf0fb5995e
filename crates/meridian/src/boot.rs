//! From a corridor's files to a hub at work: participants admitted, links opened, lists in force, routes served.

use std::collections::BTreeMap;
use std::sync::Arc;

use meridian_cards as cards;
use meridian_corridor::{Network, draw};
use meridian_http::Limits;
use meridian_http::signature::SigningKey;
use meridian_http::statistics::Sources;
use meridian_http::{Bureau, ListAge, Oracles, Service};
use meridian_node::office::Matter;
use meridian_node::{AskError, Command, Desk, Hub, Node};
use meridian_pay::{self as pay, Instruction, LinkKey, Participant, Role};
use meridian_screening::casework::Record;
use meridian_screening::{ListSet, Policy};
use meridian_terms::{Bic, Country, Currency, Day, Money, Ratio, Refusal, Window};

use crate::corridor_file::{CorridorFile, Files, ParticipantEntry};
use crate::{rules, settlement_file};

/// The signing key of an example's participant: derived from its BIC, so that every run has the same.
pub(crate) fn example_key(bic: &str) -> Result<SigningKey, Refusal> {
    SigningKey::from_seed(blake3::hash(format!("meridian example key of {bic}").as_bytes()).as_bytes())
}

/// `RUB 900000000.00`.
pub(crate) fn money(text: &str) -> Result<Money, Refusal> {
    let (currency, amount) = text.split_once(' ').ok_or_else(|| {
        Refusal::new("corridor.amount", format!("{text:?}")).next("write it like \"RUB 900000000.00\"")
    })?;
    Money::parse(amount, Currency::parse(currency)?)
}

/// Asks the node as the operator.
pub(crate) async fn ask(node: &Node, command: pay::Command) -> Result<(), String> {
    match node.ask("operator", Command::Pay(command)).await {
        Ok(_) => Ok(()),
        Err(AskError::Refused(refusal)) => Err(refusal.to_string()),
        Err(AskError::Stopped) => Err("the node has stopped".into()),
    }
}

/// What the file asks for and the hub does not have, as commands to payments in the order in which they can be given.
pub(crate) fn wanted(hub: &Hub, file: &CorridorFile, lists: [u8; 32]) -> Result<Vec<pay::Command>, String> {
    let mut wanted = Vec::new();
    let settings = rules::settings(file, hub.pay.settings()).map_err(|refusal| refusal.to_string())?;
    if settings != *hub.pay.settings() {
        wanted.push(pay::Command::Configure(settings));
    }
    // Whoever is admitted is screened first, so the lists come before.
    if hub.pay.list_in_force() != Some(lists) {
        wanted.push(pay::Command::PutListInForce(lists));
    }
    for entry in &file.participant {
        let told = |refusal: Refusal| format!("{}: {refusal}", entry.bic);
        let participant = participant(entry, file.is_example).map_err(told)?;
        if hub.pay.participant(&participant.bic).is_none() {
            let covers: Vec<Money> =
                entry.cover.iter().map(|cover| money(cover)).collect::<Result<_, _>>().map_err(told)?;
            let currencies = covers.iter().map(Money::currency).collect();
            wanted.push(pay::Command::Admit { participant, currencies });
        }
    }
    for entry in &file.cap {
        let most = money(&entry.most).map_err(|refusal| refusal.to_string())?;
        let key = rules::cap(entry, most.currency()).map_err(|why| format!("cap {}: {why}", entry.most))?;
        let is_set = hub.pay.caps().any(|(known, cap)| {
            *known == key && cap.most == Some(most.minor()) && cap.alarm_percent == entry.alarm_percent
        });
        if !is_set {
            let (most, alarm_percent) = (Some(most.minor()), entry.alarm_percent);
            wanted.push(pay::Command::SetCap { key, most, alarm_percent });
        }
    }
    Ok(wanted)
}

/// Gives a hub without people what the file asks for: participants screened and admitted, lists in force, caps set. In
/// an example, cover is funded. Whoever is not clear is not admitted; tells who that is.
pub(crate) async fn set_up(node: &Node, file: &CorridorFile, desk: &Desk) -> Result<Vec<String>, String> {
    let (asked, digest) = (file.clone(), desk.lists().digest());
    let wanted =
        node.read(move |hub| wanted(hub, &asked, digest)).await.map_err(|error| error.to_string())??;
    let today = node.clock().now().day();
    let mut held = Vec::new();
    for command in wanted {
        let pay::Command::Admit { participant, .. } = &command else {
            ask(node, command).await?;
            continue;
        };
        let participant = participant.clone();
        if let Some(case) = vetted(node, desk.participant(&participant, today)).await? {
            held.push(format!("{} ({}) is not admitted: case {case}", participant.bic, participant.name));
            continue;
        }
        ask(node, command).await?;
        let entry = file.participant.iter().find(|entry| entry.bic == participant.bic.as_str());
        for cover in entry.filter(|_| file.is_example).into_iter().flat_map(|entry| &entry.cover) {
            let amount = money(cover).map_err(|refusal| refusal.to_string())?;
            if amount.is_zero() {
                continue;
            }
            let name = format!("example funding {} {}", participant.bic, amount.currency());
            let reference = u128::from_be_bytes(
                blake3::hash(name.as_bytes()).as_bytes()[..16].try_into().unwrap_or([1; 16]),
            );
            ask(node, pay::Command::Fund { participant: participant.bic.clone(), amount, reference }).await?;
        }
    }
    Ok(held)
}

/// Enters the record of somebody's screening; the case that keeps them out, if there is one.
pub(crate) async fn vetted(node: &Node, record: Record) -> Result<Option<u64>, String> {
    let subject = record.subject.clone();
    match node.ask("screening", Command::Screened(Box::new(record), None)).await {
        Ok(_) => {}
        Err(AskError::Refused(refusal)) => return Err(refusal.to_string()),
        Err(AskError::Stopped) => return Err("the node has stopped".into()),
    }
    let blocks = node.read(move |hub| hub.cases.blocks(&subject).map(|case| case.0));
    blocks.await.map_err(|error| error.to_string())
}

/// Opens the circuits of the file and sets policies and sub-caps, where the hub does not have them so yet.
pub(crate) async fn open_windows(
    node: &Node,
    name: &str,
    file: &CorridorFile,
    files: &Files,
) -> Result<(), String> {
    for command in settlement_file::commands(name, file, files)? {
        let (known, wanted) = (command.clone(), command);
        let is_so = node.read(move |hub| settlement_file::is_so(&hub.settlement, &known));
        if is_so.await.map_err(|error| error.to_string())? {
            continue;
        }
        match node.ask("operator", Command::Settle(wanted)).await {
            Ok(_) => {}
            Err(AskError::Refused(refusal)) => return Err(format!("{name}: {refusal}")),
            Err(AskError::Stopped) => return Err("the node has stopped".into()),
        }
    }
    Ok(())
}

/// Proposes and approves the links of the file.
pub(crate) async fn open_links(node: &Node, file: &CorridorFile) -> Result<(), String> {
    let today = node.clock().now().day();
    for entry in &file.link {
        let read = || -> Result<(LinkKey, Window<Day>), Refusal> {
            let [a, b] = &entry.countries;
            let from = entry.from.as_deref().map_or_else(|| Ok(today.plus(-1)), Day::parse)?;
            let until = entry.until.as_deref().map(Day::parse).transpose()?;
            Ok((LinkKey::between(Country::parse(a)?, Country::parse(b)?), Window::new(from, until)?))
        };
        let (key, in_force) = read().map_err(|refusal| refusal.to_string())?;
        // A link that nobody signed waits for the office.
        let Some(people) = &entry.opened_by else { continue };
        rules::signed(file, entry, people)?;
        let is_open =
            node.read(move |hub| hub.pay.links().any(|(known, link)| *known == key && link.is_open(today)));
        if is_open.await.map_err(|error| error.to_string())? {
            continue;
        }
        let [first, second] = people.clone();
        let instrument = entry.instrument.clone();
        ask(node, pay::Command::ProposeLink { key, instrument, in_force, by: first }).await?;
        ask(node, pay::Command::ApproveLink { key, by: second }).await?;
    }
    Ok(())
}

fn participant(entry: &ParticipantEntry, is_example: bool) -> Result<Participant, Refusal> {
    let key = match &entry.key {
        Some(text) => blake3::Hash::from_hex(text).map(Into::into).map_err(|_| {
            Refusal::new("corridor.key", "the key is not 64 hexadecimal digits")
                .next("give the Ed25519 public key")
        })?,
        None if is_example => example_key(&entry.bic)?.public(),
        None => {
            return Err(
                Refusal::new("corridor.key", "no key").next("give the participant's Ed25519 public key")
            );
        }
    };
    let role = Role::parse(&entry.role).ok_or_else(|| {
        Refusal::new("corridor.role", entry.role.clone())
            .next("use bank, fx-provider, settlement-agent, customs or carrier")
    })?;
    Ok(Participant {
        bic: Bic::parse(&entry.bic)?,
        name: entry.name.clone(),
        country: Country::parse(&entry.country)?,
        role,
        key,
        is_suspended: false,
    })
}

/// The desk that screens under these lists.
pub(crate) fn desk(file: &CorridorFile, lists: Arc<ListSet>) -> Arc<Desk> {
    let policy = Policy::default().oldest(file.oldest_list_days.unwrap_or(3650));
    Arc::new(Desk::new(lists, policy))
}

/// What a unit of each currency is worth in the file's unit of comparison; a figure that cannot be read is left out.
fn worth(file: &CorridorFile) -> BTreeMap<Currency, Ratio> {
    let read = |(code, rate): (&String, &String)| {
        Some((Currency::parse(code).ok()?, Ratio::parse_decimal(rate).ok()?))
    };
    file.mid.iter().filter_map(read).collect()
}

/// The service every route shares.
pub(crate) fn service(
    node: &Node,
    file: &CorridorFile,
    desk: Arc<Desk>,
    network: Arc<Network>,
    oracles: Oracles,
    public_url: String,
) -> Service {
    let (clock, lists, listed, vetting) = (node.clock().clone(), desk.clone(), desk.clone(), desk.clone());
    let vetting_clock = clock.clone();
    let ages = move || {
        let lists = lists.lists();
        let age =
            |list: &meridian_screening::List| ListAge { name: list.name.clone(), published: list.published };
        lists.lists().iter().map(age).collect()
    };
    let vet = move |matter: &Matter| {
        let today = vetting_clock.now().day();
        match matter {
            Matter::Pay(pay::Command::Admit { participant, .. }) => {
                Some(vetting.participant(participant, today))
            }
            Matter::Card(cards::Command::Admit { scheme, .. }) => Some(vetting.scheme(scheme, today)),
            _ => None,
        }
    };
    let entry = move |list: &str, id: &str| {
        listed.lists().entry(list, id).map(meridian_screening::Entry::facts).unwrap_or_default()
    };
    Service {
        statistics: Sources { journal: None, worth: Arc::new(worth(file)) },
        node: node.clone(),
        hub: file.hub.clone(),
        public_url,
        screen: Arc::new(move |instruction: &Instruction| desk.clear(instruction, clock.now().day())),
        lists: Arc::new(ages),
        map: Arc::new(move |ways| draw(&network, ways)),
        oracles: Arc::new(oracles),
        corridor: file.name.clone(),
        is_example: file.is_example,
        door: None,
        bureau: Arc::new(Bureau::new(vet, entry)),
        limits: Arc::new(limits(file)),
        metrics: Arc::default(),
        keys: Arc::default(),
        checks_signatures: true,
    }
}

/// Requests a second a participant may make on a real hub where the file does not say.
const REQUESTS_PER_SECOND: u32 = 500;

/// How much each participant may ask.
fn limits(file: &CorridorFile) -> Limits {
    let usual = if file.is_example { 0 } else { REQUESTS_PER_SECOND };
    let limits = Limits::new(file.requests_per_second.unwrap_or(usual));
    file.participant.iter().fold(limits, |limits, entry| {
        match (Bic::parse(&entry.bic), entry.requests_per_second) {
            (Ok(bic), Some(rate)) => limits.with(bic, rate),
            // A BIC that is none has been refused when its participant was admitted.
            _ => limits,
        }
    })
}
