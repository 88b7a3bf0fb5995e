//! What deals know.

use std::collections::{BTreeMap, BTreeSet};

use borsh::{BorshDeserialize, BorshSerialize};
use meridian_terms::{Moment, Money, Uetr};

use crate::{
    Contract, Customs, DealId, Dispute, Evidence, EvidenceKind, Kind, Mishap, Obligation, Reviewed,
    RouteChoice, Ruling, Screened, Side, Standing, Undertaking, UndertakingId, WaterfallRow,
};

/// Where a deal stands.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub enum Stage {
    /// Signed; route, landed cost and obligations may still come.
    Signed,
    /// Obligations are agreed; evidence is awaited.
    Underway,
    /// Every obligation is paid.
    Settled,
    /// Called off.
    Cancelled {
        /// Why.
        reason: String,
    },
}

impl Stage {
    /// The word for people.
    #[must_use]
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Signed => "signed",
            Self::Underway => "underway",
            Self::Settled => "settled",
            Self::Cancelled { .. } => "cancelled",
        }
    }
}

/// A deal.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Deal {
    /// What was agreed.
    pub contract: Contract,
    /// Who was screened.
    pub screened: Vec<Screened>,
    /// The way.
    pub route: Option<RouteChoice>,
    /// The landed cost, and under which pack.
    pub landed: Option<(Vec<WaterfallRow>, String)>,
    /// What the controls of each side said last.
    pub reviews: BTreeMap<Side, Reviewed>,
    /// What is owed.
    pub obligations: Vec<Obligation>,
    /// What was forecast when the obligations were agreed, by kind and currency.
    pub forecast: BTreeMap<Kind, Money>,
    /// Banks' words behind them.
    pub undertakings: BTreeMap<UndertakingId, Undertaking>,
    /// Where the declaration stands.
    pub customs: Customs,
    /// What went wrong, in order.
    pub mishaps: Vec<(Moment, Mishap)>,
    /// A dispute that is open.
    pub dispute: Option<Dispute>,
    /// Documents filed, by name, with their digest.
    pub documents: BTreeMap<String, [u8; 32]>,
    /// What has happened, in order.
    pub evidence: Vec<(Moment, Evidence)>,
    /// Where it stands.
    pub stage: Stage,
}

impl Deal {
    /// What a payment for one of its obligations cites: `deal/<id>/<name>`.
    #[must_use]
    pub fn citation(&self, obligation: &Obligation) -> String {
        format!("deal/{}/{}", self.contract.id, obligation.name)
    }

    /// Whether something has been shown to have happened.
    #[must_use]
    pub fn has(&self, kind: EvidenceKind) -> bool {
        self.evidence.iter().any(|(_, evidence)| evidence.kind == kind)
    }

    /// What the controls of a side said; nothing is not clear.
    #[must_use]
    pub fn ruling(&self, side: Side) -> Option<Ruling> {
        self.reviews.get(&side).map(|reviewed| reviewed.ruling)
    }

    /// What was paid, by kind, in the currency it was owed in: what the forecast is compared with.
    #[must_use]
    pub fn paid(&self) -> BTreeMap<Kind, Money> {
        let mut paid: BTreeMap<Kind, Money> = BTreeMap::new();
        for owed in self.obligations.iter().filter(|owed| matches!(owed.standing, Standing::Paid { .. })) {
            let sum = paid.entry(owed.kind).or_insert_with(|| Money::zero(owed.amount.currency()));
            *sum = sum.checked_add(owed.amount).unwrap_or(*sum);
        }
        paid
    }

    /// When time itself has something to say about it: the earliest expiry of a planned obligation, or deadline of an
    /// undertaking, while it is open.
    #[must_use]
    pub(crate) fn deadline(&self) -> Option<Moment> {
        if !matches!(self.stage, Stage::Signed | Stage::Underway) {
            return None;
        }
        let planned = self.obligations.iter().filter(|owed| owed.standing == Standing::Planned);
        let backed = self.undertakings.values().filter_map(Undertaking::deadline);
        planned.map(|owed| owed.expires).chain(backed).min()
    }

    /// Whether every obligation is paid (or has lapsed) and there is one.
    #[must_use]
    pub fn is_settled(&self) -> bool {
        let done = |o: &Obligation| matches!(o.standing, Standing::Paid { .. } | Standing::Lapsed { .. });
        !self.obligations.is_empty() && self.obligations.iter().all(done)
    }
}

/// Every deal, by id, and which payment in flight cites which obligation.
#[derive(Debug, Clone, Default, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct State {
    pub(crate) deals: BTreeMap<DealId, Deal>,
    pub(crate) in_flight: BTreeMap<Uetr, (DealId, u32)>,
    /// The earliest deadline of each deal that has one.
    pub(crate) deadlines: BTreeSet<(Moment, DealId)>,
}

impl State {
    /// A deal.
    #[must_use]
    pub fn deal(&self, id: &DealId) -> Option<&Deal> {
        self.deals.get(id)
    }

    /// Every deal, by id.
    pub fn deals(&self) -> impl Iterator<Item = &Deal> {
        self.deals.values()
    }

    /// The obligation a payment's document cites: `deal/<id>/<name>`.
    #[must_use]
    pub fn cited(&self, document: &str) -> Option<(&Deal, usize)> {
        let (id, name) = document.strip_prefix("deal/")?.rsplit_once('/')?;
        let deal = self.deals.get(&DealId(id.to_owned()))?;
        let position = deal.obligations.iter().position(|obligation| obligation.name == name)?;
        Some((deal, position))
    }

    /// The earliest expiry of a planned obligation, or deadline of an undertaking.
    #[must_use]
    pub fn next_deadline(&self) -> Option<Moment> {
        self.deadlines.first().map(|(at, _)| *at)
    }

    /// Deals with a deadline that has come, the earliest first.
    pub(crate) fn due(&self, at: Moment) -> impl Iterator<Item = &Deal> {
        let come = self.deadlines.iter().take_while(move |(deadline, _)| *deadline <= at);
        come.filter_map(|(_, id)| self.deals.get(id))
    }
}
