//! A hub with two participants, and commands for it.

use meridian_node::{Clock, Command, Node, NodeSettings};
use meridian_pay::{self as pay, Participant, Role};
use meridian_terms::{Bic, Country, Currency, Moment, Money};

pub(crate) fn clock() -> Clock {
    Clock::script(Moment::parse("2026-03-20T09:00:00Z").unwrap())
}

pub(crate) fn settings() -> NodeSettings {
    NodeSettings { witness_every: 3, snapshot_every: 20, ..NodeSettings::default() }
}

pub(crate) fn bank() -> Bic {
    Bic::parse("MUMBINBB").unwrap()
}

pub(crate) fn admit() -> Command {
    Command::Pay(pay::Command::Admit {
        participant: Participant {
            bic: bank(),
            name: "Bank".into(),
            country: Country::parse("IN").unwrap(),
            role: Role::Bank,
            key: [7; 32],
            is_suspended: false,
        },
        currencies: vec![Currency::INR],
    })
}

pub(crate) fn fund(reference: u128) -> Command {
    let amount = Money::new(100, Currency::INR);
    Command::Pay(pay::Command::Fund { participant: bank(), amount, reference })
}

/// What the bank holds.
pub(crate) fn balance(node: &Node) -> i128 {
    node.read_blocking(|hub| {
        let own = hub.ledger.accounts().iter().filter(|account| account.participant == bank().as_str());
        own.map(|account| account.balance().minor()).sum()
    })
    .unwrap()
}
