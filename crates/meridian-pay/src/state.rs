//! What payments know.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use borsh::{BorshDeserialize, BorshSerialize};
use meridian_settlement::WindowId;
use meridian_terms::{Bic, Country, Currency, Micros, Moment, Uetr};

use crate::{
    Booking, Cap, CapKey, Fee, Link, LinkKey, Mailbox, Notice, Outgoing, Participant, Payment, Proxy,
    ProxyKey, PurposeRule, Quote, QuoteId, QuoteRequest, RateCard, RateKey, Report, Resolution, ResolutionId,
    Settings, Stage,
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
    pub(crate) purposes: Vec<PurposeRule>,
    pub(crate) fees: BTreeMap<(Country, Currency), Fee>,
    pub(crate) intermediaries: BTreeMap<(Bic, Currency), Bic>,
    pub(crate) reversals: BTreeSet<Bic>,
    pub(crate) proxies: BTreeMap<ProxyKey, Proxy>,
    pub(crate) resolutions: BTreeMap<ResolutionId, Resolution>,
    pub(crate) resolution_ends: BTreeSet<(Moment, ResolutionId)>,
    pub(crate) quote_requests: BTreeMap<(Bic, u128), (QuoteRequest, Vec<QuoteId>)>,
    pub(crate) quotes: BTreeMap<QuoteId, Quote>,
    pub(crate) payments: BTreeMap<Uetr, Payment>,
    pub(crate) message_ids: BTreeMap<(Bic, String), Uetr>,
    pub(crate) deadlines: BTreeSet<(Moment, Uetr)>,
    /// In the queue for cover.
    pub(crate) waiting: BTreeSet<Uetr>,
    pub(crate) finals: BTreeSet<(Moment, Uetr)>,
    pub(crate) quote_ends: BTreeSet<(Moment, QuoteId)>,
    pub(crate) mailboxes: BTreeMap<Bic, Mailbox>,
    pub(crate) bookings: BTreeMap<(String, Currency), VecDeque<Booking>>,
    pub(crate) commits: u64,
    /// The statements of settled windows, as they were told, and to whom.
    pub(crate) statements: BTreeMap<WindowId, Vec<(Bic, Report)>>,
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

    /// The eligible purposes in force.
    #[must_use]
    pub fn purposes(&self) -> &[PurposeRule] {
        &self.purposes
    }

    /// What creditor agents of a country keep of what arrives in a currency.
    #[must_use]
    pub fn fee(&self, country: Country, currency: Currency) -> Fee {
        self.fees.get(&(country, currency)).copied().unwrap_or(Fee::NONE)
    }

    /// The settlement access agent with which a provider keeps its money in a currency, if it is no member itself.
    #[must_use]
    pub fn intermediary(&self, provider: &Bic, currency: Currency) -> Option<&Bic> {
        self.intermediaries.get(&(provider.clone(), currency))
    }

    /// What is known about an account that was asked about.
    #[must_use]
    pub fn resolution(&self, id: ResolutionId) -> Option<&Resolution> {
        self.resolutions.get(&id)
    }

    /// The quotes a request was answered with, best first.
    #[must_use]
    pub fn quotes_for(&self, agent: &Bic, request: u128) -> Vec<&Quote> {
        let known = self.quote_requests.get(&(agent.clone(), request));
        known.into_iter().flat_map(|(_, ids)| ids).filter_map(|id| self.quotes.get(id)).collect()
    }

    /// The movements on an account that are still remembered, oldest first.
    pub fn bookings(&self, holder: &str, currency: Currency) -> impl Iterator<Item = &Booking> {
        self.bookings.get(&(holder.to_owned(), currency)).into_iter().flatten()
    }

    /// The statements of a settled window that are still remembered, and whose they are.
    #[must_use]
    pub fn statements(&self, window: WindowId) -> &[(Bic, Report)] {
        self.statements.get(&window).map_or(&[], Vec::as_slice)
    }

    /// NORM payments whose creditor agent has stayed silent through every chase, and payments accepted but not
    /// credited in time: an operator looks at them.
    pub fn overdue(&self) -> impl Iterator<Item = &Payment> {
        self.in_flight().filter(|payment| match payment.stage {
            Stage::Sent { chases, .. } => chases >= self.settings.norm_chases && chases > 0,
            Stage::Settled { at, deadline } | Stage::AcceptedPending { at, deadline } => {
                deadline.since(at).0 > self.settings.accepted_pending.0
            }
            _ => false,
        })
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

    /// Every mailbox, by participant.
    pub fn mailboxes(&self) -> impl Iterator<Item = (&Bic, &Mailbox)> {
        self.mailboxes.iter()
    }

    /// Payments that are not final: by deadline, then those that wait for cover.
    pub fn in_flight(&self) -> impl Iterator<Item = &Payment> {
        let waiting = self.waiting.iter().filter_map(|uetr| self.payments.get(uetr));
        let due = self.deadlines.iter().filter_map(|(_, uetr)| self.payments.get(uetr));
        due.filter(|payment| !matches!(payment.stage, Stage::Waiting { .. })).chain(waiting)
    }

    /// The earliest moment at which [`crate::Command::Tick`] has something to do.
    #[must_use]
    pub fn next_deadline(&self) -> Option<Moment> {
        let due = self.deadlines.first().map(|(deadline, _)| *deadline);
        let open = self.resolution_ends.first().and_then(|(end, id)| {
            self.resolutions.get(id).is_some_and(|known| known.outcome.is_none()).then_some(*end)
        });
        due.into_iter().chain(open).chain(self.next_forgetting()).min()
    }

    /// When the oldest final payment or quote may be let go. A second is waited beyond it, so that many go at once.
    fn next_forgetting(&self) -> Option<Moment> {
        let payment = self.finals.first().map(|(since, _)| since.plus(self.settings.memory));
        let quote = self.quote_ends.first().map(|(end, _)| *end);
        let resolution = self.resolution_ends.first().map(|(end, _)| *end);
        Some(payment.into_iter().chain(quote).chain(resolution).min()?.plus(Micros::seconds(1)))
    }

    /// Puts a message in a participant's mailbox: for books above, which have words of their own.
    pub fn tell(&mut self, to: &Bic, at: Moment, notice: Notice) {
        self.mailboxes.entry(to.clone()).or_default().put(Outgoing { at, notice });
    }
}
