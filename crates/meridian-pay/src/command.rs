//! What payments can be asked.

use borsh::{BorshDeserialize, BorshSerialize};
use meridian_terms::{Bic, Country, Currency, Day, Moment, Money, Party, Uetr, Window};

use crate::{
    Bearer, CapKey, Charge, Fault, Fee, Fixed, InFlight, LinkKey, Participant, Priority, Proxy, ProxyKey,
    PurposeRule, QuoteId, RateCard, RateKey, ResolutionAnswer, ResolutionRequest, Settings,
};

/// A question to [`crate::decide`].
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub enum Command {
    /// Set the corridor's own spans and bounds.
    Configure(Settings),
    /// Admit a participant, with cover accounts in these currencies.
    Admit {
        /// Who.
        participant: Participant,
        /// In which currencies it holds cover.
        currencies: Vec<Currency>,
    },
    /// Suspend a participant, or lift the suspension.
    Suspend(Bic, bool),
    /// One person proposes to open a link.
    ProposeLink {
        /// Between which countries.
        key: LinkKey,
        /// On which instrument, as cited.
        instrument: String,
        /// When that is in force.
        in_force: Window<Day>,
        /// Who proposes.
        by: String,
    },
    /// Another person approves it.
    ApproveLink {
        /// Which.
        key: LinkKey,
        /// Who approves.
        by: String,
    },
    /// Shut a link: nothing new passes; what is in flight finishes or unwinds, as it says.
    ShutLink {
        /// Which.
        key: LinkKey,
        /// Who shuts it.
        by: String,
        /// What becomes of what is in flight.
        in_flight: InFlight,
    },
    /// Put a pack of eligible purposes in force, in place of the one before.
    PutPurposes(Vec<PurposeRule>),
    /// Set what creditor agents of a country keep of what arrives in a currency, or that they keep nothing.
    SetFee(Country, Currency, Option<Fee>),
    /// A provider keeps its money in a currency with this settlement access agent.
    NameIntermediary {
        /// The provider.
        provider: Bic,
        /// In which currency.
        currency: Currency,
        /// With whom.
        agent: Bic,
    },
    /// A settlement access agent allots part of its cover to a provider, or takes it back (`reference` names its
    /// notice; the same notice counts once).
    Allot {
        /// Who allots.
        agent: Bic,
        /// To whom.
        provider: Bic,
        /// How much.
        amount: Money,
        /// Whether it is taken back.
        comes_back: bool,
        /// The agent's notice.
        reference: u128,
    },
    /// A provider agrees, or no longer, to take returns back at the original rate.
    AgreeReversal(Bic, bool),
    /// An agent enters a proxy for an account it keeps, or changes its entry.
    RegisterProxy(ProxyKey, Proxy),
    /// It takes the entry out again.
    WithdrawProxy(ProxyKey, Bic),
    /// An agent asks about an account (acmt.023).
    Resolve(ResolutionRequest),
    /// The account's agent answers (acmt.024).
    AnswerResolution(ResolutionAnswer),
    /// Put a watch list in force, by digest: only verdicts under it pass from now on.
    PutListInForce([u8; 32]),
    /// Bound (or unbound) what a key may use.
    SetCap {
        /// What.
        key: CapKey,
        /// Bound in minor units.
        most: Option<i128>,
        /// Alarm threshold in per cent.
        alarm_percent: u8,
    },
    /// The settlement agent confirms that real money has come in for a participant (`reference` names its
    /// notice; the same notice counts once).
    Fund {
        /// Who may use it.
        participant: Bic,
        /// How much.
        amount: Money,
        /// The agent's notice.
        reference: u128,
    },
    /// A participant takes cover back out.
    Withdraw {
        /// Who.
        participant: Bic,
        /// How much.
        amount: Money,
        /// Its request.
        reference: u128,
    },
    /// A provider publishes a rate.
    PublishRate(RateKey, RateCard),
    /// A provider withdraws a rate; quotes given stay binding.
    WithdrawRate(RateKey),
    /// An agent asks for quotes.
    AskQuotes(QuoteRequest),
    /// An agent sends a payment (pacs.008).
    Submit(Box<Instruction>, Clearance),
    /// A payment in flight was screened again, after another list came into force.
    Rescreen(Uetr, Clearance),
    /// The creditor agent answers (pacs.002).
    Answer(Answer),
    /// The debtor agent asks for a committed payment back (camt.056).
    Recall {
        /// Which.
        uetr: Uetr,
        /// Who asks.
        by: Bic,
        /// Why: DUPL, FRAD, TECH, CUST...
        reason: String,
    },
    /// The creditor agent will not give it back (camt.029), or will, with a return to follow.
    AnswerRecall(RecallAnswer),
    /// The creditor agent returns it (pacs.004).
    Return(Return),
    /// Somebody asks how a payment stands (pacs.028).
    AskStatus {
        /// Which.
        uetr: Uetr,
        /// Who asks.
        by: Bic,
    },
    /// Two operators conclude a NORM payment whose creditor agent stays silent beyond every chase.
    Conclude {
        /// Which.
        uetr: Uetr,
        /// Who, two different people.
        by: [String; 2],
        /// Whether the creditor agent has credited it.
        is_accepted: bool,
        /// What shows it: the correspondence, by reference.
        evidence: String,
    },
    /// A participant asks for a report of its account (camt.060): a day that is over, or the day so far.
    AskReport {
        /// Who asks.
        by: Bic,
        /// Which of its accounts.
        currency: Currency,
        /// The day of a statement; none asks for the day so far.
        day: Option<Day>,
    },
    /// A participant has everything in its mailbox up to and including this number.
    Acknowledge {
        /// Who.
        by: Bic,
        /// Up to which number.
        upto: u64,
    },
    /// Time has passed: act on deadlines that have come. One event handles one deadline.
    Tick,
}

/// What an agent wants quoted.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct QuoteRequest {
    /// Names the request: the quotes' ids derive from it.
    pub id: u128,
    /// Who asks.
    pub agent: Bic,
    /// From which currency.
    pub from: Currency,
    /// To which.
    pub to: Currency,
    /// Which side is fixed.
    pub fixed: Fixed,
    /// How much, in the fixed side's currency: what is sent, or what is credited.
    pub amount: Money,
    /// To which creditor agent; its country's fee is counted in, and its country's currency is not foreign.
    pub creditor_agent: Option<Bic>,
    /// Who bears the charges.
    pub bearer: Bearer,
    /// What the debtor agent charges its own customer; counts where the creditor bears all charges.
    pub own_charge: Option<Money>,
}

/// What screening said, computed outside the deciding thread.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Clearance {
    /// Under which list.
    pub list: [u8; 32],
    /// What it said about everybody and everything in the payment.
    pub verdict: Verdict,
}

/// Clear, hit or unavailable; only clear passes.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub enum Verdict {
    /// Nobody and nothing in it is on a list.
    Clear,
    /// Something is: the case is held under this number. What it was is for compliance, not for the payer.
    Hit {
        /// The case.
        case: u64,
    },
    /// No answer: no list, too old a list, an error, a time-out.
    Unavailable,
}

/// A payment as instructed, read from a pacs.008.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Instruction {
    /// Unique end-to-end transaction reference.
    pub uetr: Uetr,
    /// The message it came in.
    pub message_id: String,
    /// The debtor's own reference.
    pub end_to_end_id: String,
    /// How fast.
    pub priority: Priority,
    /// When the debtor agent accepted it from its customer.
    pub accepted_at: Moment,
    /// What leaves the debtor agent.
    pub source: Money,
    /// What reaches the creditor agent.
    pub target: Money,
    /// The quote it uses; none within one currency.
    pub quote: Option<QuoteId>,
    /// Who pays.
    pub debtor: Party,
    /// From which account, as the debtor agent names it.
    pub debtor_account: String,
    /// The paying bank.
    pub debtor_agent: Bic,
    /// The receiving bank.
    pub creditor_agent: Bic,
    /// Who is paid.
    pub creditor: Party,
    /// To which account, as the creditor agent names it.
    pub creditor_account: String,
    /// Who bears the charges.
    pub bearer: Bearer,
    /// What agents on the way have charged.
    pub charges: Vec<Charge>,
    /// Settlement access agents of the provider, source side first, where the sender names them.
    pub intermediaries: Vec<Bic>,
    /// ISO 20022 external purpose code, where given.
    pub purpose: Option<String>,
    /// The deal, invoice or declaration it pays.
    pub document: Option<String>,
    /// What the debtor writes to the creditor.
    pub remittance: String,
}

impl Instruction {
    /// A digest of everything in it but the message it came in: a re-sent payment has the same one.
    #[must_use]
    pub fn content(&self) -> [u8; 32] {
        let mut same = self.clone();
        same.message_id.clear();
        let bytes = borsh::to_vec(&same).unwrap_or_default();
        blake3::hash(&bytes).into()
    }
}

/// The creditor agent's answer.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Answer {
    /// To which payment.
    pub uetr: Uetr,
    /// Who answers.
    pub by: Bic,
    /// What.
    pub status: AnswerStatus,
}

/// A pacs.002 status as far as money is concerned.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub enum AnswerStatus {
    /// ACCC or ACSC: accepted and credited, or settled.
    Accepted,
    /// ACWP: accepted, not yet credited.
    AcceptedPending,
    /// BLCK: accepted and frozen.
    Blocked,
    /// RJCT with its reason code.
    Rejected(String),
}

/// The creditor agent's answer to a recall.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct RecallAnswer {
    /// Which payment.
    pub uetr: Uetr,
    /// Who answers.
    pub by: Bic,
    /// Why not: LEGL, CUST, ARDT...
    pub reason: String,
}

/// A return.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Return {
    /// Which payment.
    pub uetr: Uetr,
    /// Who returns.
    pub by: Bic,
    /// Whose fault it is; that side bears the exchange risk.
    pub fault: Fault,
    /// The quote for the way back at today's rate; none at the original rate.
    pub quote: Option<QuoteId>,
    /// ISO return reason.
    pub reason: String,
}
