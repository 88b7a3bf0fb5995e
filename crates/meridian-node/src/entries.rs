//! The money inside an event, whichever book it is of: for auditors, exports and pages.

use meridian_ledger as ledger;
use meridian_pay as pay;
use meridian_settlement as settlement;

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
        Event::Card(event) => event.money().collect(),
        Event::Settle(event, ..) => money_of_settlement(event).into_iter().collect(),
        Event::Once(_, event) => money_of(event),
        Event::Office(done) => done.effects.iter().flat_map(money_of).collect(),
        Event::All(events) => events.iter().flat_map(money_of).collect(),
        Event::Deal(_)
        | Event::Goods(_)
        | Event::Shipment(_)
        | Event::Register(_)
        | Event::People(_)
        | Event::Case(_)
        | Event::Refused(..)
        | Event::Again(_) => Vec::new(),
    }
}

fn money_of_payments(event: &pay::Event) -> Option<&ledger::Event> {
    match event {
        pay::Event::Funded { posted, .. }
        | pay::Event::Returned { posted, .. }
        | pay::Event::AcceptedPending { posted, .. } => Some(posted),
        pay::Event::Committed { posted, .. } => posted.as_ref(),
        pay::Event::Rejected { voided, .. } => voided.as_ref(),
        pay::Event::Reserved(reservation) => Some(&reservation.reserved),
        _ => None,
    }
}

fn money_of_settlement(event: &settlement::Event) -> Option<&ledger::Event> {
    match event {
        settlement::Event::Released { posted, .. } | settlement::Event::Corrected { posted, .. } => {
            Some(posted)
        }
        _ => None,
    }
}
