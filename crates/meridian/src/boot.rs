//! From a corridor's files to a hub at work: participants admitted, links opened, lists in force, routes served.

use std::sync::Arc;

use meridian_corridor::{Network, draw};
use meridian_http::signature::SigningKey;
use meridian_http::{Limits, ListAge, Oracles, Service};
use meridian_node::{AskError, Command, Desk, Node};
use meridian_pay::{self as pay, Instruction, LinkKey, Participant, Role};
use meridian_screening::{ListSet, Policy};
use meridian_terms::{Bic, Country, Currency, Day, Money, Refusal, Window};

use crate::corridor_file::{CorridorFile, ParticipantEntry};
use crate::rules;

/// The people an example's links are opened by.
pub(crate) const EXAMPLE_PEOPLE: [&str; 2] = ["operator Amina (example)", "treasurer Boris (example)"];

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

/// Admits what the file names and the hub does not have yet; puts the lists in force; opens links and sets caps. In
/// an example, cover is funded and links are opened by example people. Says what it did.
pub(crate) async fn set_up(node: &Node, file: &CorridorFile, lists: &ListSet) -> Result<(), String> {
    let known = node.read(|hub| hub.pay.settings().clone()).await.map_err(|error| error.to_string())?;
    let settings = rules::settings(file, &known).map_err(|refusal| refusal.to_string())?;
    if settings != known {
        ask(node, pay::Command::Configure(settings)).await?;
    }
    for entry in &file.participant {
        let participant =
            participant(entry, file.is_example).map_err(|refusal| format!("{}: {refusal}", entry.bic))?;
        let bic = participant.bic.clone();
        let is_known =
            node.read(move |hub| hub.pay.participant(&bic).is_some()).await.map_err(|e| e.to_string())?;
        if is_known {
            continue;
        }
        let covers = entry.cover.iter().map(|cover| money(cover)).collect::<Result<Vec<_>, _>>();
        let covers = covers.map_err(|refusal| format!("{}: {refusal}", entry.bic))?;
        let currencies = covers.iter().map(Money::currency).collect();
        ask(node, pay::Command::Admit { participant: participant.clone(), currencies }).await?;
        if file.is_example {
            for amount in covers.into_iter().filter(|amount| !amount.is_zero()) {
                let name = format!("example funding {} {}", entry.bic, amount.currency());
                let reference = u128::from_be_bytes(
                    blake3::hash(name.as_bytes()).as_bytes()[..16].try_into().unwrap_or([1; 16]),
                );
                ask(node, pay::Command::Fund { participant: participant.bic.clone(), amount, reference })
                    .await?;
            }
        }
    }
    ask(node, pay::Command::PutListInForce(lists.digest())).await?;
    for entry in &file.cap {
        let most = money(&entry.most).map_err(|refusal| refusal.to_string())?;
        let key = rules::cap(entry, most.currency()).map_err(|why| format!("cap {}: {why}", entry.most))?;
        ask(node, pay::Command::SetCap { key, most: Some(most.minor()), alarm_percent: entry.alarm_percent })
            .await?;
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
        let people = entry.opened_by.as_ref();
        let people = people.ok_or_else(|| format!("link {key}: name two people in opened_by"))?;
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

/// Screens again what is in flight and was cleared under other lists.
pub(crate) async fn rescreen(node: &Node, desk: &Desk) -> Result<usize, String> {
    let stale = node.read(|hub| {
        let in_force = hub.pay.list_in_force();
        let stale =
            hub.pay.in_flight().filter(|known| known.stage.is_reserved() && known.cleared_under != in_force);
        stale.map(|known| known.instruction.clone()).collect::<Vec<_>>()
    });
    let stale = stale.await.map_err(|error| error.to_string())?;
    let today = node.clock().now().day();
    for instruction in &stale {
        let clearance = desk.clear(instruction, today);
        match node.ask("screening", Command::Pay(pay::Command::Rescreen(instruction.uetr, clearance))).await {
            Ok(_) | Err(AskError::Refused(_)) => {}
            Err(AskError::Stopped) => return Err("the node has stopped".into()),
        }
    }
    Ok(stale.len())
}

/// The desk that screens under these lists.
pub(crate) fn desk(file: &CorridorFile, lists: Arc<ListSet>) -> Arc<Desk> {
    let policy = Policy::default().oldest(file.oldest_list_days.unwrap_or(3650));
    Arc::new(Desk::new(lists, policy))
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
    let (clock, lists) = (node.clock().clone(), desk.clone());
    let ages = move || {
        let lists = lists.lists();
        let age =
            |list: &meridian_screening::List| ListAge { name: list.name.clone(), published: list.published };
        lists.lists().iter().map(age).collect()
    };
    Service {
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
