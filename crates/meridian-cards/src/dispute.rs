//! Disputes: chargeback, representment, arbitration. Each moves the disputed amount in the ledger, at the
//! transaction's own rates, and each has a deadline after which whoever holds the money keeps it.
//!
//! ```text
//!  issuer charges back        acquirer represents         issuer asks a ruling
//!  ------------------> issuer ------------------> acquirer ------------------> ARBITRATION
//!                      holds  |                   holds   |                    acquirer holds
//!            deadline: issuer v         deadline: acquirer v     ruling: winner, the loser pays the fee
//!                           CLOSED                     CLOSED                       CLOSED
//! ```

use borsh::{BorshDeserialize, BorshSerialize};
use meridian_terms::{Moment, Money};

use crate::{Bill, Role, SchemeId, TransactionId};

/// How far a dispute is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub enum DisputeStage {
    /// The issuer has the money.
    ChargedBack {
        /// Until when the acquirer may represent.
        deadline: Moment,
    },
    /// The acquirer has it again.
    Represented {
        /// Until when the issuer may ask for a ruling.
        deadline: Moment,
    },
    /// A ruling is awaited; the acquirer has the money.
    Arbitration {
        /// When it is closed for the acquirer unless ruled.
        deadline: Moment,
    },
    /// It is over.
    Closed {
        /// Who keeps the money.
        winner: Role,
    },
}

impl DisputeStage {
    /// When time itself ends it, and for whom.
    #[must_use]
    pub const fn deadline(&self) -> Option<(Moment, Role)> {
        match self {
            Self::ChargedBack { deadline } => Some((*deadline, Role::Issuer)),
            Self::Represented { deadline } | Self::Arbitration { deadline } => {
                Some((*deadline, Role::Acquirer))
            }
            Self::Closed { .. } => None,
        }
    }

    /// The word for people.
    #[must_use]
    pub const fn word(&self) -> &'static str {
        match self {
            Self::ChargedBack { .. } => "charged-back",
            Self::Represented { .. } => "represented",
            Self::Arbitration { .. } => "arbitration",
            Self::Closed { .. } => "closed",
        }
    }
}

/// A dispute about a posted transaction.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Dispute {
    /// About which.
    pub transaction: TransactionId,
    /// What is disputed, without fees.
    pub bill: Bill,
    /// The scheme's reason code.
    pub reason: String,
    /// How far it is.
    pub stage: DisputeStage,
}

/// A step of a dispute.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub enum DisputeStep {
    /// The issuer takes (part of) the amount back.
    ChargeBack {
        /// How much, in the transaction's currency.
        amount: Money,
        /// The scheme's reason code.
        reason: String,
    },
    /// The acquirer presents it again, with evidence held outside.
    Represent,
    /// The issuer asks for a ruling.
    Arbitrate,
    /// The arbiter rules; the loser pays the fee, in its own currency, to the hub.
    Rule {
        /// Who was right.
        winner: Role,
        /// In the loser's settlement currency.
        fee: Money,
    },
    /// Whoever's turn it is gives up.
    Accept,
}

/// Who asks for a step.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub enum Disputant {
    /// A scheme, for one of its banks.
    Scheme(SchemeId),
    /// The arbiter.
    Arbiter,
}
