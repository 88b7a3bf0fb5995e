//! The money inside an event, whichever book it is of: for auditors, exports and pages.

use meridian_cards as cards;
use meridian_ledger as ledger;
use meridian_pay as pay;

use crate::Event;

/// The ledger entries inside an event, whichever book it is of.
pub fn entries_of(event: &Event) -> impl Iterator<Item = &ledger::Entry> {
    let money: Vec<&ledger::Event> = money_of(event);
    money.into_iter().flat_map(|money| match money {
        ledger::Event::Transferred { entries, .. } => entries.as_slice(),
        _ => &[],
    })
}

fn money_of(event: &Event) -> Vec<&ledger::Event> {
    match event {
        Event::Pay(event) => money_of_payments(event).into_iter().collect(),
        Event::Card(event) => money_of_cards(event),
        Event::Once(_, event) => money_of(event),
        Event::Office(done) => done.effects.iter().flat_map(money_of).collect(),
        Event::Deal(_)
        | Event::Goods(_)
        | Event::Register(_)
        | Event::People(_)
        | Event::Refused(..)
        | Event::Again(_) => Vec::new(),
    }
}

fn money_of_payments(event: &pay::Event) -> Option<&ledger::Event> {
    match event {
        pay::Event::Funded { posted, .. } | pay::Event::Returned { posted, .. } => Some(posted),
        pay::Event::Committed { posted, .. } => posted.as_ref(),
        pay::Event::Rejected { voided, .. } => Some(voided),
        pay::Event::Reserved(reservation) => Some(&reservation.reserved),
        _ => None,
    }
}

fn money_of_cards(event: &cards::Event) -> Vec<&ledger::Event> {
    let one = match event {
        cards::Event::Reversed { money, .. } => return money.iter().collect(),
        cards::Event::Asked { held: money, .. }
        | cards::Event::Taken { money, .. }
        | cards::Event::Approved { posted: money, .. }
        | cards::Event::Unapproved { voided: money, .. }
        | cards::Event::TimedOut { voided: money, .. }
        | cards::Event::Completed { posted: money, .. }
        | cards::Event::Lapsed { voided: money, .. }
        | cards::Event::Presented { posted: money, .. }
        | cards::Event::Settled { posted: money, .. }
        | cards::Event::Disputed { posted: money, .. } => money,
        _ => &None,
    };
    one.iter().collect()
}
