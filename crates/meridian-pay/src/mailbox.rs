//! Mailboxes: what the hub has to say to each participant, numbered, in order, kept until acknowledged.

use std::collections::BTreeMap;

use borsh::{BorshDeserialize, BorshSerialize};
use meridian_settlement as settlement;
use meridian_terms::{Bic, Moment, Money, Uetr};

use crate::{Instruction, Outcome, Quote, Report, ResolutionId, ResolutionRequest};

/// A participant's mailbox.
#[derive(Debug, Clone, Default, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Mailbox {
    /// The number the last message got.
    pub last: u64,
    /// Not yet acknowledged, by number.
    pub waiting: BTreeMap<u64, Outgoing>,
}

impl Mailbox {
    pub(crate) fn put(&mut self, outgoing: Outgoing) {
        self.last += 1;
        self.waiting.insert(self.last, outgoing);
    }

    pub(crate) fn acknowledge(&mut self, upto: u64) {
        while self.waiting.first_key_value().is_some_and(|(number, _)| *number <= upto) {
            self.waiting.pop_first();
        }
    }
}

/// A message to a participant: when it was decided and what it says.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Outgoing {
    /// When it was decided.
    pub at: Moment,
    /// What it says.
    pub notice: Notice,
}

/// What a message says, in the trade's words; `outbound` writes the ISO 20022 message.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub enum Notice {
    /// pacs.008 to the creditor agent: will you take this?
    Pay(Box<Instruction>),
    /// pacs.002: how the payment stands.
    Status {
        /// Which payment.
        uetr: Uetr,
        /// The message it came in.
        message_id: String,
        /// The debtor's reference.
        end_to_end_id: String,
        /// ISO status: ACCC, RJCT, PDNG...
        status: String,
        /// ISO reason.
        reason: Option<String>,
        /// Our own words: code and next step.
        detail: Option<String>,
    },
    /// camt.054: your account was debited or credited.
    Booked {
        /// Whose account.
        holder: String,
        /// Which payment; none for cover that came in or went out.
        uetr: Option<Uetr>,
        /// Positive came in, negative went out.
        amount: Money,
        /// The debtor's reference, or the settlement agent's notice.
        reference: String,
    },
    /// acmt.023: is this account there, and whose is it?
    Verify {
        /// The question; its answer names it.
        id: ResolutionId,
        /// Who asks.
        request: Box<ResolutionRequest>,
        /// Which account.
        account: String,
    },
    /// acmt.024: the answer.
    Verified {
        /// What was asked.
        request: Box<ResolutionRequest>,
        /// Where the account is kept, when it is known.
        agent: Option<Bic>,
        /// Which account; empty when it is not known.
        account: String,
        /// The answer.
        outcome: Outcome,
    },
    /// camt.052 or camt.053: a page of an account's report.
    Report(Box<Report>),
    /// pacs.009 to a settlement agent: settle this.
    Instruct {
        /// Of which window.
        window: settlement::WindowId,
        /// What.
        instruction: Box<settlement::Instruction>,
    },
    /// pacs.028 to a settlement agent: you have not answered.
    ChaseInstruction {
        /// Of which window.
        window: settlement::WindowId,
        /// What.
        instruction: Box<settlement::Instruction>,
    },
    /// pacs.028: you have not answered.
    Chase {
        /// Which payment.
        uetr: Uetr,
        /// The message it went out in.
        message_id: String,
        /// The debtor's reference.
        end_to_end_id: String,
    },
    /// camt.056: the debtor agent asks for it back.
    Recall {
        /// Which payment.
        uetr: Uetr,
        /// Why.
        reason: String,
    },
    /// camt.029: the recall was not accepted.
    RecallRefused {
        /// Which payment.
        uetr: Uetr,
        /// Why.
        reason: String,
    },
    /// pacs.004: it comes back.
    Returned {
        /// Which payment.
        uetr: Uetr,
        /// What comes back, in the debtor agent's currency.
        amount: Money,
        /// Why.
        reason: String,
    },
    /// The quotes asked for.
    Quotes(Vec<Quote>),
    /// A line from another book of the hub (a payout that has fallen due, a release): kind and JSON-free text
    /// fields, in order of key.
    Word {
        /// What kind: `deal.payout_due`, `customs.released`...
        kind: String,
        /// Its facts.
        facts: BTreeMap<String, String>,
    },
}
