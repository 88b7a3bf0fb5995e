//! One card transaction from request to its end.

use borsh::{BorshDeserialize, BorshSerialize};
use meridian_terms::{Day, Moment, Money};

use crate::{Bill, Card, RangeKey, Response, SchemeId};

/// Names a transaction for ever: the first 16 bytes of BLAKE3 over its [`Key`]. Also the ledger's reference.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, BorshSerialize, BorshDeserialize)]
pub struct TransactionId(pub u128);

/// What makes a request the same request: fields 7, 11, 32, 37 and 41 of ISO 8583, which answers, repeats and reversals
/// carry unchanged.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, BorshSerialize, BorshDeserialize)]
pub struct Key {
    /// Field 7, transmission date and time, `MMDDhhmmss`.
    pub sent: String,
    /// Field 11, system trace audit number, below 1,000,000.
    pub stan: u32,
    /// Field 32, acquiring institution.
    pub institution: String,
    /// Field 37, retrieval reference number; empty where the dialect has none.
    pub rrn: String,
    /// Field 41, terminal; trailing spaces do not count.
    pub terminal: String,
}

impl Key {
    /// The transaction's name.
    #[must_use]
    pub fn id(&self) -> TransactionId {
        let mut hasher = blake3::Hasher::new();
        let stan = self.stan.to_be_bytes();
        let institution = self.institution.trim_start_matches('0');
        for part in [self.sent.as_str(), institution, self.rrn.trim_end(), self.terminal.trim_end()] {
            hasher.update(&[u8::try_from(part.len()).unwrap_or(u8::MAX)]);
            hasher.update(part.as_bytes());
        }
        hasher.update(&stan);
        TransactionId(first_128_bits(&hasher))
    }
}

pub(crate) fn first_128_bits(hasher: &blake3::Hasher) -> u128 {
    let mut first = [0; 16];
    first.copy_from_slice(&hasher.finalize().as_bytes()[..16]);
    u128::from_be_bytes(first)
}

/// Whether the request itself moves money or something later does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, BorshSerialize, BorshDeserialize)]
pub enum Flow {
    /// One message (0200): approved is posted.
    Single,
    /// Two (0100, then 0220 or a clearing file): approved is held until completed.
    Dual,
}

/// What the cardholder wants, from the first two digits of field 3.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, BorshSerialize, BorshDeserialize)]
pub enum Kind {
    /// 00: goods and services.
    Purchase,
    /// 01: cash.
    Cash,
    /// 20: goods came back, the cardholder is credited.
    Refund,
    /// 30, 31: balances; no money moves.
    Inquiry,
}

impl Kind {
    /// The kind of a processing code; `None` for those the hub does not carry.
    #[must_use]
    pub fn of(processing_code: &str) -> Option<Self> {
        match processing_code.get(..2)? {
            "00" => Some(Self::Purchase),
            "01" => Some(Self::Cash),
            "20" => Some(Self::Refund),
            "30" | "31" => Some(Self::Inquiry),
            _ => None,
        }
    }

    /// Whether money goes from acquirer to issuer.
    #[must_use]
    pub const fn is_credit(self) -> bool {
        matches!(self, Self::Refund)
    }
}

/// A request as the book keeps it: what both sides need to recognise it again. No card number, track, PIN block or chip
/// data: those pass by the book.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Request {
    /// What makes it the same request.
    pub key: Key,
    /// One message or two.
    pub flow: Flow,
    /// What is wanted.
    pub kind: Kind,
    /// Where.
    pub service: crate::Service,
    /// Whose card.
    pub card: Card,
    /// Fields 4 and 49: transaction amount and currency.
    pub amount: Money,
    /// Whether a PIN came with it.
    pub has_pin: bool,
    /// Field 3, all six digits.
    pub processing_code: String,
    /// Field 12, local time, `hhmmss`.
    pub local_time: String,
    /// Field 13, local date, `MMDD`.
    pub local_date: String,
    /// Field 18, merchant category.
    pub category: String,
    /// Field 22, how the card was read.
    pub entry_mode: String,
    /// Field 25, condition at the terminal.
    pub condition: String,
    /// Field 42, merchant or machine owner; trailing spaces do not count.
    pub acceptor: String,
    /// Field 43, its name and place.
    pub acceptor_name: String,
}

/// Who decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, BorshSerialize, BorshDeserialize)]
pub enum DecidedBy {
    /// The issuer.
    Issuer,
    /// The hub, by the issuer's stand-in rules.
    StandIn,
    /// The acquirer, who tells it in an advice.
    Acquirer,
    /// The hub, which refused or gave up.
    Hub,
}

/// The answer a transaction got; its repeats get the same.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Outcome {
    /// Field 39.
    pub response: Response,
    /// Field 38, the approval code; empty unless approved.
    pub approval: String,
    /// Who decided.
    pub by: DecidedBy,
}

/// Where a transaction stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub enum Stage {
    /// Held; the issuer was asked and has until the deadline.
    Asked {
        /// When it is given up and reversed.
        deadline: Moment,
    },
    /// Approved and held; completed, cleared or reversed until the deadline.
    Held {
        /// When the hold is let go.
        deadline: Moment,
    },
    /// The money has moved.
    Posted,
    /// Declined; nothing is held.
    Declined,
    /// The issuer did not answer in time: declined, and reversed towards the issuer.
    TimedOut,
    /// Reversed in full.
    Reversed,
    /// Held, never completed, let go at its deadline.
    Lapsed,
}

impl Stage {
    /// The word for people.
    #[must_use]
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Asked { .. } => "asked",
            Self::Held { .. } => "held",
            Self::Posted => "posted",
            Self::Declined => "declined",
            Self::TimedOut => "timed-out",
            Self::Reversed => "reversed",
            Self::Lapsed => "lapsed",
        }
    }

    /// Whether money is reserved.
    #[must_use]
    pub const fn is_reserved(&self) -> bool {
        matches!(self, Self::Asked { .. } | Self::Held { .. })
    }

    /// When time itself ends it.
    #[must_use]
    pub const fn deadline(&self) -> Option<Moment> {
        match self {
            Self::Asked { deadline } | Self::Held { deadline } => Some(*deadline),
            _ => None,
        }
    }
}

/// Between whom a transaction moves money, and which exchange it goes through.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Parties {
    /// Whose terminal.
    pub acquirer: SchemeId,
    /// Whose card.
    pub issuer: SchemeId,
    /// Who converts; nobody within one currency.
    pub provider: Option<String>,
}

/// A transaction as it was opened: who, what, how much in each currency.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Opening {
    /// When.
    pub at: Moment,
    /// The business day it counts for, field 15 towards both sides.
    pub day: Day,
    /// Between whom.
    pub parties: Parties,
    /// The issuer's range.
    pub range: RangeKey,
    /// Field 100: the issuing institution.
    pub institution: String,
    /// What it moves, in every currency, with fees.
    pub bill: Bill,
}

/// A transaction and where it stands.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Transaction {
    /// Its acquirer.
    pub acquirer: SchemeId,
    /// What was asked; `None` for a reversal that came before its request.
    pub request: Option<Request>,
    /// How it was opened; `None` when it was refused before.
    pub opening: Option<Opening>,
    /// Where it stands.
    pub stage: Stage,
    /// What was answered.
    pub outcome: Option<Outcome>,
    /// What is held or posted now, after completions and partial reversals.
    pub bill: Option<Bill>,
    /// How often its hold was made anew, or part of it given back: numbers the ledger's transfers.
    pub round: u8,
    /// The day its money moved.
    pub posted_on: Option<Day>,
    /// When it was opened, completed or reversed last.
    pub at: Moment,
    /// The clearing record it was found in, as file and line.
    pub cleared_in: Option<(String, u32)>,
    /// Whether its cardholder's bank disputes it.
    pub is_disputed: bool,
}
