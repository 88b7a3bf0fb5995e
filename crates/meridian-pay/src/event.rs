//! What has happened to payments. Each holds the ledger's event it stands on: one record, both legs.

use borsh::{BorshDeserialize, BorshSerialize};
use meridian_ledger as ledger;
use meridian_settlement as settlement;
use meridian_terms::{Bic, Country, Currency, Day, Moment, Money, Refusal, Uetr, Window};

use crate::{
    AnswerStatus, CapKey, Fee, InFlight, Instruction, Legs, LinkKey, Outcome, Participant, Proxy, ProxyKey,
    PurposeRule, Quote, QuoteRequest, RateCard, RateKey, Resolution, ResolutionId, Settings,
};

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
        /// When.
        at: Moment,
        /// What becomes of what was in flight.
        in_flight: InFlight,
    },
    /// A pack of eligible purposes came into force.
    PurposesPut(Vec<PurposeRule>),
    /// A country's fee was set.
    FeeSet(Country, Currency, Option<Fee>),
    /// A provider keeps its money in a currency with this agent; its account there was opened.
    IntermediaryNamed {
        /// The provider.
        provider: Bic,
        /// In which currency.
        currency: Currency,
        /// With whom.
        agent: Bic,
        /// The account, unless it was open before.
        opened: Option<ledger::Event>,
    },
    /// A provider agreed to take returns back at the original rate, or no longer does.
    ReversalAgreed(Bic, bool),
    /// A proxy was entered.
    ProxyRegistered(ProxyKey, Proxy),
    /// A proxy was taken out.
    ProxyWithdrawn(ProxyKey),
    /// A question about an account came in, and was passed on or answered at once.
    Resolving {
        /// Which.
        id: ResolutionId,
        /// When.
        at: Moment,
        /// The question.
        resolution: Box<Resolution>,
    },
    /// A question about an account was answered.
    Resolved {
        /// Which.
        id: ResolutionId,
        /// The answer.
        outcome: Outcome,
        /// Until when it is remembered.
        until: Moment,
    },
    /// The same question again: told again how it stands.
    ResolutionTold {
        /// Which.
        id: ResolutionId,
        /// When.
        at: Moment,
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
    /// Cover came in or went out, or was allotted.
    Funded {
        /// Whose.
        participant: Bic,
        /// When.
        at: Moment,
        /// The agent's notice.
        reference: u128,
        /// The posting.
        posted: ledger::Event,
    },
    /// A rate was published.
    RatePublished(RateKey, RateCard),
    /// A rate was withdrawn.
    RateWithdrawn(RateKey),
    /// Quotes were given; the same request again gives the same ones.
    Quoted {
        /// What was asked.
        request: QuoteRequest,
        /// Best for the debtor first.
        quotes: Vec<Quote>,
    },
    /// A payment was refused on arrival; a retry gets the same answer.
    Refused {
        /// What was asked.
        instruction: Box<Instruction>,
        /// When.
        at: Moment,
        /// Why.
        refusal: Refusal,
        /// How many attempts under this UETR were refused before.
        attempt: u8,
    },
    /// Both legs were reserved and the creditor agent asked.
    Reserved(Box<Reservation>),
    /// A payment short of cover waits in the queue.
    Queued(Box<Queueing>),
    /// What waited was released: both legs were posted, final, by the queue's own event in the same record.
    Settled {
        /// Which.
        uetr: Uetr,
        /// When.
        at: Moment,
        /// When its creditor agent is chased for word that it has credited.
        deadline: Moment,
    },
    /// A payment in flight is clear under another list.
    Recleared {
        /// Which.
        uetr: Uetr,
        /// Under which list.
        list: [u8; 32],
    },
    /// A payment came again; its status is told again, and while it is undecided its creditor agent is asked again.
    Resent {
        /// Which.
        uetr: Uetr,
        /// When.
        at: Moment,
    },
    /// The creditor agent accepts, not yet credited: both legs were posted.
    AcceptedPending {
        /// Which.
        uetr: Uetr,
        /// When.
        at: Moment,
        /// When it is chased.
        deadline: Moment,
        /// Both postings.
        posted: ledger::Event,
    },
    /// Both legs were posted, or had been and the creditor is now credited.
    Committed {
        /// Which.
        uetr: Uetr,
        /// When.
        at: Moment,
        /// Whether the creditor agent froze the money.
        is_blocked: bool,
        /// Both postings; none when they were made on acceptance.
        posted: Option<ledger::Event>,
        /// Who concluded it and on what evidence, when operators did.
        concluded: Option<Conclusion>,
    },
    /// Both legs were voided, or will not be posted.
    Rejected {
        /// Which.
        uetr: Uetr,
        /// When.
        at: Moment,
        /// ISO reason.
        reason: String,
        /// Whether the hub's deadline, not the creditor agent, decided.
        is_expiry: bool,
        /// Who concluded it and on what evidence, when operators did.
        concluded: Option<Conclusion>,
        /// Both voids; none where the payment waited, and nothing was reserved.
        voided: Option<ledger::Event>,
    },
    /// An unanswered NORM payment, or one accepted and not credited, was chased.
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
        status: AnswerStatus,
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
        source: Money,
        /// What left the creditor agent.
        target: Money,
        /// At which quote; none is the original rate.
        quote: Option<crate::QuoteId>,
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
    /// A report of an account was asked for.
    ReportTold {
        /// By whom.
        to: Bic,
        /// When.
        at: Moment,
        /// Whose account.
        holder: String,
        /// In which currency.
        currency: Currency,
        /// The day of a statement; none is the day so far.
        day: Option<Day>,
    },
    /// A participant has its messages up to this number.
    Acknowledged {
        /// Who.
        by: Bic,
        /// Up to which.
        upto: u64,
    },
    /// Payments final for longer than the memory, and quotes and resolutions long expired, were let go.
    Forgotten {
        /// Bookings from before this are let go too.
        before: Moment,
        /// Payments, with the moment they became final.
        payments: Vec<(Moment, Uetr)>,
        /// Quotes, with the end of their memory.
        quotes: Vec<(Moment, crate::QuoteId)>,
        /// Resolutions, with the end of their memory.
        resolutions: Vec<(Moment, ResolutionId)>,
    },
    /// Nothing was due.
    Idle,
}

impl Event {
    /// The payment that is under way by this event: reserved, or in the queue.
    #[must_use]
    pub fn started(&self) -> Option<&Instruction> {
        match self {
            Self::Reserved(reservation) => Some(&reservation.instruction),
            Self::Queued(queueing) => Some(&queueing.instruction),
            _ => None,
        }
    }
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
    /// How many attempts under this UETR were refused before.
    pub attempt: u8,
    /// What the creditor agent keeps of what arrives.
    pub fee: Money,
    /// Both reservations.
    pub reserved: ledger::Event,
}

/// A payment in the queue, as one fact.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Queueing {
    /// What was asked.
    pub instruction: Instruction,
    /// When.
    pub at: Moment,
    /// Which accounts.
    pub legs: Legs,
    /// Under which list it was cleared.
    pub list: [u8; 32],
    /// How many attempts under this UETR were refused before.
    pub attempt: u8,
    /// What the creditor agent keeps of what arrives.
    pub fee: Money,
    /// Its place in the queue, and until when it has it.
    pub queued: settlement::Event,
}

/// Two operators' conclusion of a payment whose creditor agent stayed silent.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Conclusion {
    /// Who.
    pub by: [String; 2],
    /// On what evidence.
    pub evidence: String,
}
