//! What cards know.

use std::collections::{BTreeMap, BTreeSet};

use borsh::{BorshDeserialize, BorshSerialize};
use meridian_ledger as ledger;
use meridian_terms::{Currency, Day, Micros, Moment};

use crate::stand_in::Used;
use crate::{
    Activity, Card, Dispute, FeeRule, Kind, Link, LinkKey, Queue, Rate, RateKey, Role, Scheme, SchemeId,
    Service, Table, Totals, Transaction, TransactionId,
};

/// The spans of time an operator sets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Settings {
    /// How long an issuer has to answer. Default 12 s: acquirers wait 15 to 30.
    pub answer: Micros,
    /// How long an approved amount stays held without completion. Default 7 days.
    pub hold: Micros,
    /// How long each side of a dispute has. Default 45 days.
    pub dispute: Micros,
    /// How long ended transactions are remembered. Default 180 days: reversals, clearing and disputes refer to them.
    pub memory: Micros,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            answer: Micros::seconds(12),
            hold: Micros::days(7),
            dispute: Micros::days(45),
            memory: Micros::days(180),
        }
    }
}

/// For which transactions a fee rule stands.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, BorshSerialize, BorshDeserialize)]
pub struct FeeKey {
    /// Which cards where.
    pub link: LinkKey,
    /// Where.
    pub service: Service,
    /// What.
    pub kind: Kind,
}

/// What may not take part: sanctioned, stolen, suspended.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, BorshSerialize, BorshDeserialize)]
pub enum Stop {
    /// A card.
    Card(Card),
    /// A merchant or machine owner (field 42) of an acquiring institution (field 32).
    Acceptor(String, String),
    /// An acquiring institution (field 32) or issuing institution (field 100).
    Institution(String),
}

/// Something a person must look at.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Exception {
    /// When.
    pub at: Moment,
    /// With whom.
    pub scheme: SchemeId,
    /// About which transaction.
    pub transaction: TransactionId,
    /// What.
    pub what: String,
}

/// A comparison of totals.
#[derive(Debug, Clone, Copy, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Reconciliation {
    /// When.
    pub at: Moment,
    /// What the hub counted.
    pub ours: Totals,
    /// What the scheme counted.
    pub theirs: Totals,
}

/// What time ends: a transaction or a dispute.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, BorshSerialize, BorshDeserialize)]
pub(crate) enum Due {
    Transaction(TransactionId),
    Dispute(TransactionId),
}

/// Schemes, links, ranges, rates, transactions, queues, totals and disputes. The money itself is in the ledger.
#[derive(Debug, Clone, Default, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct State {
    pub(crate) settings: Settings,
    pub(crate) schemes: BTreeMap<SchemeId, Scheme>,
    pub(crate) providers: BTreeSet<String>,
    pub(crate) links: BTreeMap<LinkKey, Link>,
    pub(crate) table: Table,
    pub(crate) table_version: u64,
    pub(crate) rates: BTreeMap<RateKey, Vec<Rate>>,
    pub(crate) fees: BTreeMap<FeeKey, FeeRule>,
    pub(crate) stops: BTreeSet<Stop>,
    pub(crate) sessions: BTreeSet<SchemeId>,
    pub(crate) transactions: BTreeMap<TransactionId, Transaction>,
    pub(crate) deadlines: BTreeSet<(Moment, Due)>,
    pub(crate) ends: BTreeSet<(Moment, TransactionId)>,
    pub(crate) queues: BTreeMap<SchemeId, Queue>,
    pub(crate) stood_in: BTreeMap<(Day, Card), Used>,
    pub(crate) totals: BTreeMap<(SchemeId, Role, Day), Totals>,
    pub(crate) activity: BTreeMap<(String, Currency, Day), Activity>,
    pub(crate) reconciliations: BTreeMap<(SchemeId, Role, Day), Reconciliation>,
    pub(crate) windows: BTreeSet<u64>,
    pub(crate) disputes: BTreeMap<TransactionId, Dispute>,
    pub(crate) exceptions: Vec<Exception>,
}

impl State {
    /// The spans of time.
    #[must_use]
    pub const fn settings(&self) -> &Settings {
        &self.settings
    }

    /// A scheme.
    #[must_use]
    pub fn scheme(&self, id: &SchemeId) -> Option<&Scheme> {
        self.schemes.get(id)
    }

    /// Every scheme, by name.
    pub fn schemes(&self) -> impl Iterator<Item = &Scheme> {
        self.schemes.values()
    }

    /// Every link, open or not.
    pub fn links(&self) -> impl Iterator<Item = (&LinkKey, &Link)> {
        self.links.iter()
    }

    /// The routing table in force and its version, which a request's route must be of.
    #[must_use]
    pub const fn table(&self) -> (&Table, u64) {
        (&self.table, self.table_version)
    }

    /// Whether requests may be sent to this scheme.
    #[must_use]
    pub fn is_up(&self, scheme: &SchemeId) -> bool {
        self.sessions.contains(scheme)
    }

    /// A transaction still remembered.
    #[must_use]
    pub fn transaction(&self, id: TransactionId) -> Option<&Transaction> {
        self.transactions.get(&id)
    }

    /// Every transaction still remembered, by name.
    pub fn transactions(&self) -> impl Iterator<Item = (TransactionId, &Transaction)> {
        self.transactions.iter().map(|(id, transaction)| (*id, transaction))
    }

    /// What a scheme must still be told.
    #[must_use]
    pub fn queue(&self, scheme: &SchemeId) -> Option<&Queue> {
        self.queues.get(scheme)
    }

    /// What the hub counted with a scheme in a role on a day.
    #[must_use]
    pub fn totals(&self, scheme: &SchemeId, role: Role, day: Day) -> Totals {
        self.totals.get(&(scheme.clone(), role, day)).copied().unwrap_or_default()
    }

    /// Every day's totals.
    pub fn all_totals(&self) -> impl Iterator<Item = (&(SchemeId, Role, Day), &Totals)> {
        self.totals.iter()
    }

    /// What moved the positions, by whose, currency and day.
    pub fn activity(&self) -> impl Iterator<Item = (&(String, Currency, Day), &Activity)> {
        self.activity.iter()
    }

    /// Every comparison of totals, the last of each day.
    pub fn reconciliations(&self) -> impl Iterator<Item = (&(SchemeId, Role, Day), &Reconciliation)> {
        self.reconciliations.iter()
    }

    /// A transaction's dispute.
    #[must_use]
    pub fn dispute(&self, id: TransactionId) -> Option<&Dispute> {
        self.disputes.get(&id)
    }

    /// What people must look at, oldest first.
    #[must_use]
    pub fn exceptions(&self) -> &[Exception] {
        &self.exceptions
    }

    /// Everybody's position, credits minus debits in minor units: what the window will move.
    pub fn positions<'a>(
        &'a self,
        money: &'a ledger::State,
    ) -> impl Iterator<Item = (&'a str, Currency, i128)> {
        money
            .accounts()
            .iter()
            .filter(|account| account.kind == ledger::Kind::CardScheme)
            .map(|account| (account.participant.as_str(), account.currency, account.balances.posted()))
    }

    /// The earliest moment at which [`crate::Command::Tick`] has something to do.
    #[must_use]
    pub fn next_deadline(&self) -> Option<Moment> {
        let due = self.deadlines.first().map(|(deadline, _)| *deadline);
        // A second is waited beyond the oldest end, so that many go at once.
        let forgetting =
            self.ends.first().map(|(since, _)| since.plus(self.settings.memory).plus(Micros::seconds(1)));
        due.into_iter().chain(forgetting).min()
    }

    /// How many reservations of the ledger stand for cards: all of them without a deadline of their own.
    #[must_use]
    pub fn reserved_legs(&self) -> usize {
        let due = self.deadlines.iter().filter_map(|(_, due)| match due {
            Due::Transaction(id) => self.transactions.get(id),
            Due::Dispute(_) => None,
        });
        due.map(|transaction| transaction.legs().iter().filter(|leg| leg.amount.minor() > 0).count()).sum()
    }

    /// The laws of this book; the first that does not hold, in words.
    ///
    /// # Errors
    /// Which law, with the values.
    pub fn check(&self, money: &ledger::State) -> Result<(), String> {
        let reserved = self.transactions.iter().filter(|(_, transaction)| transaction.stage.is_reserved());
        for (id, transaction) in reserved {
            let deadline = transaction.stage.deadline().unwrap_or(Moment::from_micros(0));
            if !self.deadlines.contains(&(deadline, Due::Transaction(*id))) {
                return Err(format!("card transaction {:032x} holds money without a deadline", id.0));
            }
        }
        let mut sums: BTreeMap<(&str, Currency), i128> = BTreeMap::new();
        for ((name, currency, _), activity) in &self.activity {
            *sums.entry((name, *currency)).or_default() += activity.net();
        }
        for (name, currency, balance) in self.positions(money) {
            let told = sums.get(&(name, currency)).copied().unwrap_or(0);
            if told != balance {
                return Err(format!("{name} {currency}: position {balance}, its activities make {told}"));
            }
        }
        Ok(())
    }
}

impl Transaction {
    /// The movements it holds or has made; nothing for what was refused.
    #[must_use]
    pub fn legs(&self) -> Vec<crate::Leg> {
        match (&self.opening, &self.bill, &self.request) {
            (Some(opening), Some(bill), Some(request)) => bill.legs(&opening.parties, request.kind).to_vec(),
            _ => Vec::new(),
        }
    }
}
