//! What payments know.

use std::collections::{BTreeMap, BTreeSet};

use borsh::{BorshDeserialize, BorshSerialize};
use meridian_terms::{Bic, Micros, Moment, Uetr};

use crate::{
    Cap, CapKey, Link, LinkKey, Mailbox, Notice, Outgoing, Participant, Payment, Quote, QuoteId, RateCard,
    RateKey, Settings,
};

/// Participants, links, rates, quotes, payments, caps and mailboxes. The money itself is in the ledger.
#[derive(Debug, Clone, Default, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct State {
    pub(crate) settings: Settings,
    pub(crate) participants: BTreeMap<Bic, Participant>,
    pub(crate) links: BTreeMap<LinkKey, Link>,
    pub(crate) list: Option<[u8; 32]>,
    pub(crate) caps: BTreeMap<CapKey, Cap>,
    pub(crate) rates: BTreeMap<RateKey, RateCard>,
    pub(crate) quotes: BTreeMap<QuoteId, Quote>,
    pub(crate) payments: BTreeMap<Uetr, Payment>,
    pub(crate) message_ids: BTreeMap<(Bic, String), Uetr>,
    pub(crate) deadlines: BTreeSet<(Moment, Uetr)>,
    pub(crate) finals: BTreeSet<(Moment, Uetr)>,
    pub(crate) quote_ends: BTreeSet<(Moment, QuoteId)>,
    pub(crate) mailboxes: BTreeMap<Bic, Mailbox>,
}

impl State {
    /// The corridor's spans and bounds.
    #[must_use]
    pub const fn settings(&self) -> &Settings {
        &self.settings
    }

    /// A participant.
    #[must_use]
    pub fn participant(&self, bic: &Bic) -> Option<&Participant> {
        self.participants.get(bic)
    }

    /// Every participant, by BIC.
    pub fn participants(&self) -> impl Iterator<Item = &Participant> {
        self.participants.values()
    }

    /// Every link, open or not.
    pub fn links(&self) -> impl Iterator<Item = (&LinkKey, &Link)> {
        self.links.iter()
    }

    /// The digest of the watch list in force.
    #[must_use]
    pub const fn list_in_force(&self) -> Option<[u8; 32]> {
        self.list
    }

    /// Every cap with its use.
    pub fn caps(&self) -> impl Iterator<Item = (&CapKey, &Cap)> {
        self.caps.iter()
    }

    /// Every published rate.
    pub fn rates(&self) -> impl Iterator<Item = (&RateKey, &RateCard)> {
        self.rates.iter()
    }

    /// A quote.
    #[must_use]
    pub fn quote(&self, id: QuoteId) -> Option<&Quote> {
        self.quotes.get(&id)
    }

    /// A payment still remembered.
    #[must_use]
    pub fn payment(&self, uetr: Uetr) -> Option<&Payment> {
        self.payments.get(&uetr)
    }

    /// Every payment still remembered, by UETR.
    pub fn payments(&self) -> impl Iterator<Item = &Payment> {
        self.payments.values()
    }

    /// A participant's mailbox.
    #[must_use]
    pub fn mailbox(&self, bic: &Bic) -> Option<&Mailbox> {
        self.mailboxes.get(bic)
    }

    /// The earliest moment at which [`crate::Command::Tick`] has something to do.
    #[must_use]
    pub fn next_deadline(&self) -> Option<Moment> {
        let due = self.deadlines.first().map(|(deadline, _)| *deadline);
        due.into_iter().chain(self.next_forgetting()).min()
    }

    /// When the oldest final payment or quote may be let go. A second is waited beyond it, so that many go at once.
    fn next_forgetting(&self) -> Option<Moment> {
        let payment = self.finals.first().map(|(since, _)| since.plus(self.settings.memory));
        let quote = self.quote_ends.first().map(|(end, _)| *end);
        Some(payment.into_iter().chain(quote).min()?.plus(Micros::seconds(1)))
    }

    /// Puts a message in a participant's mailbox: for books above, which have words of their own.
    pub fn tell(&mut self, to: &Bic, at: Moment, notice: Notice) {
        self.mailboxes.entry(to.clone()).or_default().put(Outgoing { at, notice });
    }
}
