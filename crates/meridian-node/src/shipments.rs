//! Shipments joined to deals: what a carrier reports of the goods is heard by the deal they belong to.
//!
//! ```text
//!  DCSA event -> shipment book -> milestone -> the deal's evidence, in the carrier's name: one record
//! ```
//! A deal's shipments are named after it: `TEA-1`, or `TEA-1.2` for the second of several. What was seen is true whether or
//! not the deal may take it as evidence now, so a deal's refusal does not undo the report: it is kept beside it.

use borsh::{BorshDeserialize, BorshSerialize};
use meridian_corridor::shipment::{
    self as book, Classifier, Happening, MilestoneKind, Observation, ShipmentId, milestones,
};
use meridian_deal::{self as deal, Deal, DealId, Evidence, EvidenceKind};
use meridian_terms::{Bic, Moment, Refusal};

use crate::Hub;

/// A question to the book of shipments, in a participant's name.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Command {
    /// What.
    pub command: book::Command,
    /// Who asks: the deal's carrier, or its customs authority for what customs does.
    pub by: Bic,
}

/// What happened to a shipment, and what its deal heard of it: one record.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Done {
    /// The shipment's own event.
    pub shipment: book::Event,
    /// What became of it as evidence.
    pub heard: Heard,
}

/// What a deal makes of a shipment's event.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub enum Heard {
    /// It is no milestone, or one the deal knows.
    Nothing,
    /// It is evidence.
    Evidence(deal::Event),
    /// It would be evidence, but the deal does not take it now.
    Refused(EvidenceKind, Refusal),
}

impl Hub {
    /// The deal a shipment belongs to, by its name.
    #[must_use]
    pub fn deal_of(&self, shipment: &ShipmentId) -> Option<&Deal> {
        let whole = self.deal.deal(&DealId(shipment.0.clone()));
        whole.or_else(|| self.deal.deal(&DealId(shipment.0.rsplit_once('.')?.0.to_owned())))
    }

    /// The shipments of a deal, by name.
    pub fn shipments_of<'a>(
        &'a self,
        deal: &'a DealId,
    ) -> impl Iterator<Item = (&'a ShipmentId, &'a book::Shipment)> {
        let is_of = |id: &ShipmentId| self.deal_of(id).is_some_and(|of| of.contract.id == *deal);
        self.shipments.beginning(&deal.0).filter(move |(id, _)| is_of(id))
    }

    pub(crate) fn decide_shipment(&self, asked: &Command, at: Moment) -> Result<Done, Refusal> {
        let id = named(&asked.command);
        let deal = self.deal_of(id).ok_or_else(|| {
            Refusal::new("shipment.no_deal", format!("{} is named after no deal", id.0))
                .rule("a shipment carries a deal's goods")
                .next("name it after the deal, or the deal with a number: TEA-1.2")
        })?;
        let contract = &deal.contract;
        let speaks = if is_of_customs(&asked.command) { &contract.customs } else { &contract.carrier };
        if asked.by != *speaks {
            return Err(Refusal::new("shipment.not_their_word", format!("{} on {}", asked.by, id.0))
                .rule("the deal's carrier reports its goods, its customs authority what customs does")
                .next(format!("let {speaks} send it")));
        }
        let shipment = book::decide(&self.shipments, &asked.command, at)?;
        let heard = self.heard(deal, &shipment, &asked.by, at);
        Ok(Done { shipment, heard })
    }

    fn heard(&self, deal: &Deal, event: &book::Event, by: &Bic, at: Moment) -> Heard {
        let book::Event::Observed { id, observation, .. } = event else { return Heard::Nothing };
        let Some(kind) = self.evidence(deal, event).filter(|kind| !deal.has(*kind)) else {
            return Heard::Nothing;
        };
        let evidence = Evidence {
            kind,
            by: by.clone(),
            document: format!("event {} of {} at {}", happening(observation), id.0, observation.place),
            digest: digest(observation),
        };
        let command = deal::Command::Present(deal.contract.id.clone(), evidence);
        match deal::decide(&self.deal, &self.pay, &command, at) {
            Ok(event) => Heard::Evidence(event),
            Err(refusal) => Heard::Refused(kind, refusal),
        }
    }

    /// The evidence a shipment's event is: one word each. Goods that come to the importing country by sea cross its border
    /// where they land, so the first thing seen of them there says it.
    fn evidence(&self, deal: &Deal, event: &book::Event) -> Option<EvidenceKind> {
        let book::Event::Observed { id, observation, .. } = event else { return None };
        if observation.classifier != Classifier::Actual {
            return None;
        }
        let itinerary = &self.shipments.shipment(id)?.itinerary;
        let kinds: Vec<MilestoneKind> =
            milestones(itinerary, event).into_iter().map(|milestone| milestone.kind).collect();
        if kinds.contains(&MilestoneKind::Loaded) {
            return Some(EvidenceKind::Loaded);
        }
        if kinds.contains(&MilestoneKind::CustomsReleased) {
            return Some(EvidenceKind::CustomsReleased);
        }
        let importing = deal.contract.buyer.country.as_str();
        let place = itinerary.stop(&observation.place)?;
        let is_there = itinerary.stops[place].country == importing;
        // A border's crossing is reported from its near side too: then the next place lies behind it.
        let enters = observation.happening == Happening::Crossed
            && itinerary.stops.get(place + 1).is_some_and(|next| next.country == importing);
        if (is_there || enters) && !deal.has(EvidenceKind::BorderCrossed) {
            return Some(EvidenceKind::BorderCrossed);
        }
        let is_at_end =
            kinds.iter().any(|kind| matches!(kind, MilestoneKind::Arrived | MilestoneKind::Delivered));
        is_at_end.then_some(EvidenceKind::Arrived)
    }
}

const fn named(command: &book::Command) -> &ShipmentId {
    match command {
        book::Command::Plan { id, .. } | book::Command::Explain { id, .. } => id,
        book::Command::Record(id, _) | book::Command::Locate(id, _) | book::Command::Replan(id, _) => id,
    }
}

fn is_of_customs(command: &book::Command) -> bool {
    let book::Command::Record(_, observation) = command else { return false };
    matches!(
        observation.happening,
        Happening::CustomsScan | Happening::CustomsInspection | Happening::CustomsReleased
    )
}

fn happening(observation: &Observation) -> &'static str {
    book::dcsa::event_code(observation.happening)
}

/// BLAKE3 of the observation's canonical bytes.
fn digest(observation: &Observation) -> [u8; 32] {
    let mut hasher = blake3::Hasher::new();
    borsh::to_writer(&mut hasher, observation).unwrap_or_else(|error| panic!("hashing cannot fail: {error}"));
    hasher.finalize().into()
}
