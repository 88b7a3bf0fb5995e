//! The laws: what must hold after every step, and over the whole of the past at the end.
//!
//! Caps, cover and books are reckoned here anew from payments and records, beside what the hub reckons itself.

use std::collections::{BTreeMap, BTreeSet};

use meridian_ledger::Kind;
use meridian_node::{Event, Hub, Record};
use meridian_pay::{self as pay, Legs, Stage};
use meridian_settlement as settlement;
use meridian_terms::{Currency, Moment, Uetr};

use crate::clients::Clients;
use crate::opening::{self, BANKS, CAP, PROVIDER};

/// What holds of a hub once the deadlines until `now` were acted on.
pub(crate) fn hold(hub: &Hub, now: Moment) -> Result<(), String> {
    hub.check()?;
    caps(hub)?;
    cover(hub)?;
    whole(hub)?;
    deadlines(hub, now)?;
    waiting(hub, now)?;
    once(hub)
}

/// What waits for cover has a deadline that lies ahead.
fn waiting(hub: &Hub, now: Moment) -> Result<(), String> {
    match hub.settlement.waiting().find(|entry| entry.until <= now) {
        Some(entry) => Err(format!("{:032x} waits though its time was over at {}", entry.id, entry.until)),
        None => Ok(()),
    }
}

/// No bank has more under way and done than the operator's cap for it.
fn caps(hub: &Hub) -> Result<(), String> {
    // What was returned has given back its share.
    let counts =
        |stage: &Stage| !matches!(stage, Stage::Refused(_) | Stage::Rejected { .. } | Stage::Returned { .. });
    for (bic, currency) in BANKS {
        let own = hub.pay.payments().filter(|payment| counts(&payment.stage)).map(|p| &p.instruction);
        let own = own.filter(|asked| asked.debtor_agent.as_str() == bic);
        let used: i128 = own.map(|asked| asked.source.minor()).sum();
        if used > CAP {
            return Err(format!("{bic} has {used} {currency} under way and done, its cap is {CAP}"));
        }
    }
    Ok(())
}

/// Nobody gives, or has reserved to give, more cover than there is.
fn cover(hub: &Hub) -> Result<(), String> {
    for account in hub.ledger.accounts() {
        let b = account.balances;
        if account.kind == Kind::Cover && b.debits_posted + b.debits_pending > b.credits_posted {
            return Err(format!("the cover of {} in {} is exceeded", account.participant, account.currency));
        }
    }
    Ok(())
}

/// Both legs are reserved, or neither is.
fn whole(hub: &Hub) -> Result<(), String> {
    for payment in hub.pay.payments() {
        let Some(legs) = &payment.legs else { continue };
        let reserved = legs.reservations(payment.uetr(), 0);
        let pending = reserved.iter().filter(|leg| hub.ledger.pending(leg.id).is_some()).count();
        let expected = if payment.stage.is_reserved() { reserved.len() } else { 0 };
        if pending != expected {
            let (uetr, stage) = (payment.uetr(), payment.stage.word());
            return Err(format!(
                "{uetr} is {stage} and {pending} of its {} legs are reserved",
                reserved.len()
            ));
        }
    }
    Ok(())
}

/// What is reserved has a deadline that lies ahead, and a timer that will see it.
fn deadlines(hub: &Hub, now: Moment) -> Result<(), String> {
    let payments = hub.pay.payments().filter(|payment| payment.stage.is_reserved());
    let payments = payments.map(|payment| (payment.uetr().to_string(), payment.stage.deadline()));
    let cards = hub.cards.transactions().filter(|(_, transaction)| transaction.stage.is_reserved());
    let cards = cards.map(|(id, transaction)| (format!("card {:032x}", id.0), transaction.stage.deadline()));
    let timer = hub.next_deadline();
    for (what, deadline) in payments.chain(cards) {
        let Some(deadline) = deadline else { return Err(format!("{what} is reserved without a deadline")) };
        if deadline <= now {
            return Err(format!("{what} is reserved though its deadline {deadline} has passed at {now}"));
        }
        if timer.is_none_or(|timer| timer > deadline) {
            return Err(format!("no timer will see the deadline of {what}"));
        }
    }
    Ok(())
}

/// What a client wants once is under way or done once, under whatever reference.
fn once(hub: &Hub) -> Result<(), String> {
    let mut wanted: BTreeMap<&str, Uetr> = BTreeMap::new();
    for payment in hub.pay.payments() {
        if matches!(payment.stage, Stage::Refused(_) | Stage::Rejected { .. }) {
            continue;
        }
        let (uetr, reference) = (payment.uetr(), payment.instruction.end_to_end_id.as_str());
        if let Some(other) = wanted.insert(reference, uetr) {
            return Err(format!("{reference} is paid twice, as {other} and as {uetr}"));
        }
    }
    Ok(())
}

/// Everything that was acknowledged is in the past, at its place, as it was told.
pub(crate) fn acknowledged(past: &[Record], told: &[(u64, Moment, Event)]) -> Result<(), String> {
    for (number, at, event) in told {
        let place = usize::try_from(*number).unwrap_or(0).checked_sub(1);
        let record = place.and_then(|place| past.get(place));
        if record.is_none_or(|record| record.at != *at || record.event != *event) {
            return Err(format!(
                "event {number} of {at} was acknowledged and is not in the journal: {event:?}"
            ));
        }
    }
    Ok(())
}

/// What a record says of payments, whichever book it is of.
fn of_payments(record: &Record) -> &[pay::Event] {
    match &record.event {
        Event::Pay(event) => std::slice::from_ref(event),
        Event::Settle(_, payments) => payments,
        _ => &[],
    }
}

/// What became of each payment, once; and clients were told so.
pub(crate) fn fates(past: &[Record], clients: &Clients) -> Result<(), String> {
    let mut fates: BTreeMap<Uetr, Vec<&str>> = BTreeMap::new();
    let mut refused_later = BTreeSet::new();
    for event in past.iter().flat_map(of_payments) {
        let (uetr, fate) = match event {
            pay::Event::Queued(queueing) => (queueing.instruction.uetr, "queued"),
            pay::Event::Settled { uetr, .. } => (*uetr, "settled"),
            pay::Event::Refused { instruction, .. } => (instruction.uetr, "refused"),
            pay::Event::Reserved(reservation) => (reservation.instruction.uetr, "reserved"),
            pay::Event::AcceptedPending { uetr, .. } => (*uetr, "accepted"),
            pay::Event::Committed { uetr, .. } => (*uetr, "committed"),
            pay::Event::Rejected { uetr, .. } => (*uetr, "rejected"),
            pay::Event::Returned { uetr, .. } => (*uetr, "returned"),
            pay::Event::Forgotten { payments, .. } => {
                for (_, uetr) in payments {
                    fates.entry(*uetr).or_default().push("forgotten");
                }
                continue;
            }
            _ => continue,
        };
        fates.entry(uetr).or_default().push(fate);
    }
    for (uetr, fate) in &mut fates {
        // What the creditor agent accepts before it credits is posted then, once.
        if let Some(place) = fate.iter().position(|word| *word == "accepted") {
            fate[place] = "committed";
            if fate.get(place + 1) == Some(&"committed") {
                fate.remove(place);
            }
        }
        // Beyond the hub's memory a payment sent again is too old, and refused for that; no money moves.
        if let Some(end) = fate.iter().position(|word| *word == "forgotten")
            && fate[end..].iter().all(|word| matches!(*word, "forgotten" | "refused"))
        {
            let was_refused = fate[end..].contains(&"refused");
            fate.truncate(end);
            if was_refused {
                refused_later.insert(*uetr);
            }
        }
        let is_final = matches!(
            fate.as_slice(),
            ["refused"]
                | ["reserved", "rejected"]
                | ["reserved", "committed"]
                | ["reserved", "committed", "returned"]
                | ["queued", "rejected"]
                | ["queued", "settled", "committed"]
                | ["queued", "settled", "returned"]
                | ["queued", "settled", "committed", "returned"]
        );
        if !is_final {
            return Err(format!("{uetr} went through {fate:?}"));
        }
    }
    if let Some(uetr) = clients.known.iter().find(|uetr| !fates.contains_key(uetr)) {
        return Err(format!("{uetr} was said to be known, and is not"));
    }
    for (uetr, status) in &clients.told_final {
        let fate = fates.get(uetr).map(Vec::as_slice).unwrap_or_default();
        let is_so = match status.as_str() {
            "RJCT" => {
                matches!(fate, ["refused"] | ["reserved" | "queued", "rejected"])
                    || refused_later.contains(uetr)
            }
            _ => matches!(fate, ["reserved", "committed", ..] | ["queued", "settled", ..]),
        };
        if !is_so {
            return Err(format!("{uetr} was told {status} and went through {fate:?}"));
        }
    }
    Ok(())
}

/// Everybody's cover is what its notices and its payments' legs add up to, each counted once.
pub(crate) fn books(past: &[Record], hub: &Hub) -> Result<(), String> {
    let mut expected: BTreeMap<(String, Currency), i128> = BTreeMap::new();
    let mut notices: BTreeMap<&str, u32> = BTreeMap::new();
    let mut legs: BTreeMap<Uetr, &Legs> = BTreeMap::new();
    for (record, event) in
        past.iter().flat_map(|record| of_payments(record).iter().map(move |event| (record, event)))
    {
        match event {
            pay::Event::Funded { participant, .. } => {
                *notices.entry(record.actor.as_str()).or_default() += 1;
                let reference = record.actor.split(' ').nth(1).and_then(|digits| digits.parse().ok());
                let moved = opening::moved(reference.unwrap_or(0));
                let currency = currency_of(participant.as_str(), reference.unwrap_or(0));
                *expected.entry((participant.to_string(), currency)).or_default() += moved;
            }
            pay::Event::Reserved(reservation) => {
                legs.insert(reservation.instruction.uetr, &reservation.legs);
            }
            pay::Event::Queued(queueing) => {
                legs.insert(queueing.instruction.uetr, &queueing.legs);
            }
            pay::Event::AcceptedPending { uetr, .. }
            | pay::Event::Settled { uetr, .. }
            | pay::Event::Committed { uetr, posted: Some(_), .. } => {
                book(&mut expected, legs.get(uetr), 1);
            }
            // Returns in these worlds are at the original rate: the same legs, the other way.
            pay::Event::Returned { uetr, .. } => book(&mut expected, legs.get(uetr), -1),
            _ => {}
        }
    }
    if let Some((notice, count)) = notices.iter().find(|(_, count)| **count > 1) {
        return Err(format!("{notice:?} counts {count} times"));
    }
    for account in hub.ledger.accounts() {
        let is_ours =
            account.participant == PROVIDER || BANKS.iter().any(|(bic, _)| *bic == account.participant);
        if account.kind != Kind::Cover || !is_ours {
            continue;
        }
        let sum = expected.get(&(account.participant.clone(), account.currency)).copied().unwrap_or(0);
        if sum != account.balances.posted() {
            let (who, currency, has) = (&account.participant, account.currency, account.balances.posted());
            return Err(format!("{who} has {has} {currency}, its notices and payments make {sum}"));
        }
    }
    Ok(())
}

fn book(expected: &mut BTreeMap<(String, Currency), i128>, legs: Option<&&Legs>, sign: i128) {
    for leg in legs.iter().flat_map(|legs| &legs.legs) {
        let (currency, minor) = (leg.amount.currency(), sign * leg.amount.minor());
        *expected.entry((leg.from.to_string(), currency)).or_default() -= minor;
        *expected.entry((leg.to.to_string(), currency)).or_default() += minor;
    }
}

/// Windows move real money once: every instruction settled at most once, nobody's account at a settlement agent ever below
/// zero, and at the end each is what the hub says it is; the nets of every window sum to zero.
pub(crate) fn windows(past: &[Record], hub: &Hub) -> Result<(), String> {
    let mut accounts: BTreeMap<(String, Currency), i128> = BTreeMap::new();
    let mut settled = BTreeSet::new();
    for record in past {
        match &record.event {
            Event::Pay(pay::Event::Funded { participant, .. }) => {
                let reference = record.actor.split(' ').nth(1).and_then(|digits| digits.parse().ok());
                let currency = currency_of(participant.as_str(), reference.unwrap_or(0));
                let stands = accounts.entry((participant.to_string(), currency)).or_default();
                *stands += opening::moved(reference.unwrap_or(0));
                if *stands < 0 {
                    return Err(format!("{participant} took {stands} {currency} more out than it had"));
                }
            }
            Event::Settle(settlement::Event::InstructionSettled { window, instruction, .. }, ..) => {
                if !settled.insert(*instruction) {
                    return Err(format!("instruction {instruction:032x} of {window:?} settled twice"));
                }
                let Some((_, one)) = hub.settlement.instruction(*instruction) else {
                    return Err(format!("nobody knows instruction {instruction:032x} of {window:?}"));
                };
                for (side, minor) in [(&one.from, -one.amount.minor()), (&one.to, one.amount.minor())] {
                    let name = match side {
                        settlement::Side::Hub => "HUB".to_owned(),
                        settlement::Side::Participant(bic) => bic.to_string(),
                    };
                    let stands = accounts.entry((name.clone(), window.currency)).or_default();
                    *stands += minor;
                    if *stands < 0 {
                        return Err(format!("{name} stands at {stands} {} at its agent", window.currency));
                    }
                }
            }
            _ => {}
        }
    }
    for ((name, currency), stands) in accounts.iter().filter(|((name, _), _)| name != "HUB") {
        let expected = hub.settlement.expected_at_agent(&hub.ledger, &opening::known(name), *currency);
        if expected != *stands {
            return Err(format!("{name} has {stands} {currency} at its agent, the hub says {expected}"));
        }
    }
    for (id, window) in hub.settlement.windows() {
        let sum: i128 = window.nets.values().sum();
        if sum != 0 {
            return Err(format!("the nets of {id:?} sum to {sum}"));
        }
    }
    Ok(())
}

/// How many events of payments are such.
pub(crate) fn count(past: &[Record], is: impl Fn(&pay::Event) -> bool) -> usize {
    past.iter().flat_map(of_payments).filter(|event| is(event)).count()
}

/// How many instructions were settled.
pub(crate) fn settled(past: &[Record]) -> usize {
    let is = |record: &&Record| {
        matches!(record.event, Event::Settle(settlement::Event::InstructionSettled { .. }, ..))
    };
    past.iter().filter(is).count()
}

/// In which currency a notice moves somebody's cover: a bank's own; the provider's two were funded one after the other.
fn currency_of(participant: &str, reference: u128) -> Currency {
    let own = BANKS.iter().find(|(bic, _)| *bic == participant).map(|(_, currency)| *currency);
    own.unwrap_or(if reference == 4 { Currency::RUB } else { Currency::INR })
}
