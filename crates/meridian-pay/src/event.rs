//! What has happened to payments. Each holds the ledger's event it stands on: one record, both legs.

use borsh::{BorshDeserialize, BorshSerialize};
use meridian_ledger as ledger;
use meridian_terms::{Bic, Day, Moment, Refusal, Uetr, Window};

use crate::{CapKey, Instruction, Legs, LinkKey, Participant, Quote, RateCard, RateKey, Settings};

/// A fact: what [`crate::apply`] applies and the journal keeps.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub enum Event {
    /// The corridor's spans and bounds were set.
    Configured(Settings),
    /// A participant was admitted and its accounts opened.
    Admitted {
        /// Who.
        participant: Participant,
        /// Its accounts, and the settlement agent's mirror where it was the first in a currency.
        opened: ledger::Event,
    },
    /// A participant was suspended, or is no longer.
    Suspended(Bic, bool),
    /// A link was proposed.
    LinkProposed {
        /// Which.
        key: LinkKey,
        /// On what.
        instrument: String,
        /// In force when.
        in_force: Window<Day>,
        /// By whom.
        by: String,
    },
    /// A link was approved by a second person.
    LinkOpened {
        /// Which.
        key: LinkKey,
        /// By whom.
        by: String,
    },
    /// A link was shut.
    LinkShut {
        /// Which.
        key: LinkKey,
        /// By whom.
        by: String,
    },
    /// A watch list came into force; these payments in flight were cleared under an older one and must be
    /// screened again.
    ListInForce([u8; 32]),
    /// A cap was set.
    CapSet {
        /// What.
        key: CapKey,
        /// Bound.
        most: Option<i128>,
        /// Alarm threshold.
        alarm_percent: u8,
    },
    /// Cover came in or went out.
    Funded {
        /// Whose.
        participant: Bic,
        /// The posting.
        posted: ledger::Event,
    },
    /// A rate was published.
    RatePublished(RateKey, RateCard),
    /// A rate was withdrawn.
    RateWithdrawn(RateKey),
    /// Quotes were given.
    Quoted(Vec<Quote>),
    /// A payment was refused on arrival; a retry gets the same answer.
    Refused {
        /// What was asked.
        instruction: Box<Instruction>,
        /// When.
        at: Moment,
        /// Why.
        refusal: Refusal,
    },
    /// Both legs were reserved and the creditor agent asked.
    Reserved(Box<Reservation>),
    /// A payment in flight is clear under another list.
    Recleared {
        /// Which.
        uetr: Uetr,
        /// Under which list.
        list: [u8; 32],
    },
    /// The creditor agent accepts, not yet credited.
    AcceptedPending {
        /// Which.
        uetr: Uetr,
        /// When the hub rejects.
        deadline: Moment,
    },
    /// Both legs were posted.
    Committed {
        /// Which.
        uetr: Uetr,
        /// When.
        at: Moment,
        /// Whether the creditor agent froze the money.
        is_blocked: bool,
        /// Both postings.
        posted: ledger::Event,
    },
    /// Both legs were voided.
    Rejected {
        /// Which.
        uetr: Uetr,
        /// When.
        at: Moment,
        /// ISO reason.
        reason: String,
        /// Whether the hub's deadline, not the creditor agent, decided.
        is_expiry: bool,
        /// Both voids.
        voided: ledger::Event,
    },
    /// An unanswered NORM payment was chased.
    Chased {
        /// Which.
        uetr: Uetr,
        /// When.
        at: Moment,
        /// Until when this chase waits.
        deadline: Moment,
    },
    /// An answer came after the decision; it changes no money and is kept for the audit.
    LateAnswer {
        /// Which.
        uetr: Uetr,
        /// When.
        at: Moment,
        /// Who.
        by: Bic,
        /// What they said.
        status: String,
    },
    /// The debtor agent asked for it back.
    Recalled {
        /// Which.
        uetr: Uetr,
        /// When.
        at: Moment,
        /// Until when the creditor agent may answer.
        deadline: Moment,
        /// Why.
        reason: String,
    },
    /// The recall was refused, or nobody answered in time.
    RecallRefused {
        /// Which.
        uetr: Uetr,
        /// When.
        at: Moment,
        /// Why.
        reason: String,
    },
    /// It was returned.
    Returned {
        /// Which.
        uetr: Uetr,
        /// When.
        at: Moment,
        /// Why.
        reason: String,
        /// What reached the debtor agent.
        source: meridian_terms::Money,
        /// The postings of the way back.
        posted: ledger::Event,
    },
    /// A status was asked for and is told again.
    StatusTold {
        /// Which.
        uetr: Uetr,
        /// When.
        at: Moment,
        /// To whom.
        to: Bic,
    },
    /// A participant has its messages up to this number.
    Acknowledged {
        /// Who.
        by: Bic,
        /// Up to which.
        upto: u64,
    },
    /// Payments final for longer than the memory, and quotes long expired, were let go.
    Forgotten {
        /// Payments, with the moment they became final.
        payments: Vec<(Moment, Uetr)>,
        /// Quotes, with the end of their memory.
        quotes: Vec<(Moment, crate::QuoteId)>,
    },
    /// Nothing was due.
    Idle,
}

/// Both legs reserved, as one fact.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Reservation {
    /// What was asked.
    pub instruction: Instruction,
    /// When.
    pub at: Moment,
    /// Which accounts.
    pub legs: Legs,
    /// When the hub acts by itself.
    pub deadline: Moment,
    /// Under which list it was cleared.
    pub list: [u8; 32],
    /// Both reservations.
    pub reserved: ledger::Event,
}
