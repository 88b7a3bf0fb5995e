//! What has happened to cards. Each holds the ledger's event it stands on: one record, all legs.

use borsh::{BorshDeserialize, BorshSerialize};
use meridian_ledger as ledger;
use meridian_terms::{Day, Moment, Refusal};

use crate::{
    Bill, Dispute, FeeKey, FeeRule, Key, Link, LinkKey, Opening, Outcome, Rate, RateKey, Request, Response,
    Role, Scheme, SchemeId, Settings, Stop, Table, Totals, TransactionId,
};

/// A fact: what [`crate::apply`] applies and the journal keeps.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub enum Event {
    /// Spans of time were set.
    Configured(Settings),
    /// A scheme was admitted, or changed.
    Admitted(Box<Scheme>, Vec<ledger::Event>),
    /// A provider was admitted, or its caps changed.
    ProviderAdmitted(String, Vec<ledger::Event>),
    /// Cover came in for a scheme.
    Funded(SchemeId, ledger::Event),
    /// A link was proposed.
    LinkProposed(LinkKey, Link),
    /// A link was opened by a second person.
    LinkOpened(LinkKey, String),
    /// A link was shut.
    LinkShut(LinkKey, String),
    /// A routing table came into force.
    TableInForce(Box<Table>),
    /// A rate was published.
    RatePublished(RateKey, Rate),
    /// Fees were set.
    FeesSet(FeeKey, FeeRule),
    /// Something was stopped, or let go.
    StopSet(Stop, bool),
    /// A link's session came or went.
    SessionSet(SchemeId, bool),
    /// The money is held and the issuer is to be asked.
    Asked {
        /// What was asked.
        request: Box<Request>,
        /// How it was opened.
        opening: Box<Opening>,
        /// When it is given up.
        deadline: Moment,
        /// The holds; nothing where no money moves.
        held: Option<ledger::Event>,
    },
    /// Declined by the hub, for this reason.
    Declined {
        /// Whose link it came on.
        from: SchemeId,
        /// What was asked.
        request: Box<Request>,
        /// When.
        at: Moment,
        /// Field 39.
        response: Response,
        /// Why.
        refusal: Refusal,
    },
    /// Approved without asking the issuer: by its stand-in rules, or by the acquirer's advice. The issuer is told.
    Taken {
        /// What was asked.
        request: Box<Request>,
        /// How it was opened.
        opening: Box<Opening>,
        /// The answer.
        outcome: Outcome,
        /// Held until then; posted without.
        deadline: Option<Moment>,
        /// The holds or postings.
        money: Option<ledger::Event>,
    },
    /// The issuer approved: held on, or posted.
    Approved {
        /// Which.
        id: TransactionId,
        /// When.
        at: Moment,
        /// Field 39.
        response: Response,
        /// Field 38.
        approval: String,
        /// Held until then; posted without.
        deadline: Option<Moment>,
        /// The postings.
        posted: Option<ledger::Event>,
    },
    /// The issuer declined, or could not be asked: what was held is let go.
    Unapproved {
        /// Which.
        id: TransactionId,
        /// When.
        at: Moment,
        /// Field 39.
        response: Response,
        /// Whether the issuer approved but the money could not move, so that it must be reversed there.
        is_reversed: bool,
        /// Who decided.
        by: crate::DecidedBy,
        /// What was let go.
        voided: Option<ledger::Event>,
    },
    /// The issuer did not answer in time: let go, and a reversal queued for it.
    TimedOut {
        /// Which.
        id: TransactionId,
        /// When.
        at: Moment,
        /// What was let go.
        voided: Option<ledger::Event>,
    },
    /// The issuer answered after the end; nothing changes.
    AnsweredLate {
        /// Which.
        id: TransactionId,
        /// What it said.
        response: Response,
    },
    /// Reversed by the acquirer, all or part.
    Reversed {
        /// Which.
        id: TransactionId,
        /// When.
        at: Moment,
        /// What still stands.
        remaining: Option<Box<Bill>>,
        /// What was let go, held anew or given back.
        money: Vec<ledger::Event>,
    },
    /// A reversal came before its request: the request, should it come, is declined.
    ReversedUnseen {
        /// Whose link it came on.
        from: SchemeId,
        /// Of what.
        key: Key,
        /// When.
        at: Moment,
    },
    /// What was held is posted for this much, by the acquirer's advice.
    Completed {
        /// Which.
        id: TransactionId,
        /// When.
        at: Moment,
        /// For how much.
        bill: Box<Bill>,
        /// The postings.
        posted: Option<ledger::Event>,
    },
    /// A hold was not completed in time.
    Lapsed {
        /// Which.
        id: TransactionId,
        /// When.
        at: Moment,
        /// What was let go.
        voided: Option<ledger::Event>,
    },
    /// An advice was acknowledged.
    AdviceAcknowledged {
        /// By whom.
        by: SchemeId,
        /// Which.
        number: u64,
        /// Field 39.
        response: Response,
        /// When.
        at: Moment,
    },
    /// A clearing record was matched.
    Presented {
        /// To which transaction.
        id: TransactionId,
        /// File and line.
        record: (String, u32),
        /// When.
        at: Moment,
        /// The amount posted by it; nothing where an online message had posted already.
        bill: Option<Box<Bill>>,
        /// The postings.
        posted: Option<ledger::Event>,
    },
    /// A clearing record was not matched; somebody must look.
    PresentmentKept {
        /// Whose file.
        from: SchemeId,
        /// File and line.
        record: (String, u32),
        /// When.
        at: Moment,
        /// The transaction it names.
        id: TransactionId,
        /// Why.
        refusal: Refusal,
    },
    /// A day's totals were compared.
    Reconciled {
        /// Whose.
        scheme: SchemeId,
        /// In which role.
        role: Role,
        /// Which day.
        day: Day,
        /// When.
        at: Moment,
        /// What the hub counted.
        ours: Box<Totals>,
        /// What the scheme counted.
        theirs: Box<Totals>,
    },
    /// Positions were moved into cover.
    Settled {
        /// The window.
        window: u64,
        /// When.
        at: Moment,
        /// Whose position changed by how many minor units, by name and currency.
        moved: Vec<(String, meridian_terms::Currency, i128)>,
        /// The postings.
        posted: Option<ledger::Event>,
    },
    /// A dispute took a step.
    Disputed {
        /// As it is now.
        dispute: Box<Dispute>,
        /// When.
        at: Moment,
        /// What the step moved at the acquirer and at the issuer, in minor units of their currencies, with fees.
        moved: (i128, i128),
        /// The postings.
        posted: Option<ledger::Event>,
    },
    /// Transactions that ended long ago were forgotten.
    Forgotten(Vec<(Moment, TransactionId)>),
    /// Nothing was due.
    Idle,
}

impl Event {
    /// What the ledger did by it about transactions: holds, postings, voids.
    pub fn money(&self) -> impl Iterator<Item = &ledger::Event> {
        let (one, several): (Option<&ledger::Event>, &[ledger::Event]) = match self {
            Self::Reversed { money, .. } => (None, money),
            Self::Asked { held: money, .. }
            | Self::Taken { money, .. }
            | Self::Approved { posted: money, .. }
            | Self::Unapproved { voided: money, .. }
            | Self::TimedOut { voided: money, .. }
            | Self::Completed { posted: money, .. }
            | Self::Lapsed { voided: money, .. }
            | Self::Presented { posted: money, .. }
            | Self::Settled { posted: money, .. }
            | Self::Disputed { posted: money, .. } => (money.as_ref(), &[]),
            _ => (None, &[]),
        };
        one.into_iter().chain(several)
    }
}
