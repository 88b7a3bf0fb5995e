//! Goods under control: licences, and the deals' rulings that rest on them.
//!
//! The controls are asked outside; what they said comes with the licences it rests on. The ruling and what it draws from
//! each licence are one record, so no ruling stands on a licence that was not drawn, and nothing is drawn without one. A
//! deal that is called off gives back what was drawn for it, in the record that calls it off.

use borsh::{BorshDeserialize, BorshSerialize};
use meridian_deal::{self as deal, DealId, Reviewed, Ruling};
use meridian_pay::Role;
use meridian_tariff::controls::{self as licences, LicenceCommand, LicenceEvent, LicenceId};
use meridian_terms::{Bic, Moment, Quantity, Refusal};

use crate::Hub;

/// A question about goods under control.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub enum Command {
    /// The authority that keeps a country's licences enters one, or ends it.
    Licence {
        /// What of it; drawing is what a ruling does.
        command: LicenceCommand,
        /// The authority: a participant with the role of customs.
        by: Bic,
    },
    /// The controls of one side have ruled, resting on these licences.
    Control {
        /// Of which deal.
        deal: DealId,
        /// What they said.
        reviewed: Reviewed,
        /// What of which licence, for which line of the goods.
        draws: Vec<Draw>,
    },
}

/// A line of goods that moves under a licence.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Draw {
    /// Which licence.
    pub licence: LicenceId,
    /// Which line of the contract, from 0.
    pub line: u16,
    /// How much of it.
    pub quantity: Quantity,
}

/// What happened to licences, and to the deal they were drawn for: one record.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Done {
    /// In order.
    pub licences: Vec<LicenceEvent>,
    /// The deal's own event.
    pub deal: Option<deal::Event>,
}

/// What a draw is entered under: the deal and its line, so that one line draws once.
fn declaration(deal: &DealId, line: u16) -> String {
    format!("{deal}/{line}")
}

impl Hub {
    pub(crate) fn decide_goods(&self, command: &Command, at: Moment) -> Result<Done, Refusal> {
        match command {
            Command::Licence { command, by } => {
                let is_authority = self
                    .pay
                    .participant(by)
                    .is_some_and(|one| one.role == Role::Customs && !one.is_suspended);
                if !is_authority {
                    return Err(Refusal::new("goods.not_authority", format!("{by} keeps no licences"))
                        .rule("the authority of the country enters and ends its licences")
                        .next("let the customs authority send it"));
                }
                if matches!(command, LicenceCommand::Draw { .. } | LicenceCommand::Restore { .. }) {
                    return Err(Refusal::new("goods.drawn_by_ruling", "a licence is drawn by a ruling")
                        .rule("a draw and the ruling that rests on it are one record")
                        .next("ask the controls of the deal's goods"));
                }
                let event = licences::decide(&self.licences, command, at)?;
                Ok(Done { licences: vec![event], deal: None })
            }
            Command::Control { deal, reviewed, draws } => {
                if !draws.is_empty() && reviewed.ruling != Ruling::Satisfied {
                    return Err(Refusal::new("goods.ruling_open", reviewed.ruling.word())
                        .rule("a licence is drawn for goods that may move")
                        .next("draw when the ruling is satisfied"));
                }
                let mut book = self.licences.clone();
                let drawn = draws.iter().map(|draw| {
                    let command = LicenceCommand::Draw {
                        id: draw.licence.clone(),
                        declaration: declaration(deal, draw.line),
                        quantity: draw.quantity,
                    };
                    let event = licences::decide(&book, &command, at)?;
                    licences::apply(&mut book, &event);
                    Ok(event)
                });
                let licences = drawn.collect::<Result<_, Refusal>>()?;
                let ruled = deal::Command::Control(deal.clone(), reviewed.clone());
                let ruled = deal::decide(&self.deal, &self.pay, &ruled, at)?;
                Ok(Done { licences, deal: Some(ruled) })
            }
        }
    }

    /// What a deal's event gives back to licences: everything, when it is called off.
    pub(crate) fn given_back(&self, event: &deal::Event) -> Vec<LicenceEvent> {
        let deal::Event::Cancelled { deal, .. } = event else { return Vec::new() };
        let begins = format!("{deal}/");
        let drawn = self.licences.drawn(&begins);
        drawn
            .map(|(id, declaration, _)| LicenceEvent::Restored {
                id: id.clone(),
                declaration: declaration.to_owned(),
            })
            .collect()
    }
}
