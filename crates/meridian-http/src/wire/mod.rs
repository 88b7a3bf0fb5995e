//! What JSON bodies look like: the only serde types of the product.

use meridian_terms::{Currency, Money, Refusal};
pub mod deals;

use serde::{Deserialize, Serialize};

/// An amount: `{"amount": "132812.50", "currency": "RUB"}`.
#[derive(Debug, Clone, Serialize, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
pub struct Amount {
    /// Decimal, major units.
    pub amount: String,
    /// ISO 4217.
    pub currency: String,
}

impl From<Money> for Amount {
    fn from(money: Money) -> Self {
        Self { amount: money.amount().to_string(), currency: money.currency().to_string() }
    }
}

impl TryFrom<&Amount> for Money {
    type Error = Refusal;

    fn try_from(amount: &Amount) -> Result<Self, Refusal> {
        Self::parse(&amount.amount, Currency::parse(&amount.currency)?)
    }
}

/// `POST /v1/quotes`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AskQuotes {
    /// 32 hexadecimal digits that name the request; the same id gives the same quotes.
    pub id: String,
    /// Source currency.
    pub from: String,
    /// Target currency.
    pub to: String,
    /// `source` or `target`: which side's amount is fixed.
    pub fixed: String,
    /// How much, in major units of the fixed side's currency.
    pub amount: String,
}

/// A quote.
#[derive(Debug, Clone, Serialize, Deserialize, PartialEq, Eq)]
pub struct Quote {
    /// To be named in the payment.
    pub id: String,
    /// Who is bound.
    pub provider: String,
    /// What the provider takes.
    pub source: Amount,
    /// What it gives.
    pub target: Amount,
    /// Exact rate.
    pub rate: String,
    /// The currency in between, when there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub via: Option<String>,
    /// RFC 3339.
    pub expires: String,
}

/// `PUT /v1/rates`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PublishRate {
    /// Source currency.
    pub from: String,
    /// Target currency.
    pub to: String,
    /// Decimal: major units of `to` for one of `from`.
    pub rate: String,
    /// RFC 3339.
    pub valid_from: String,
    /// RFC 3339.
    pub valid_until: String,
    /// Largest source amount, major units.
    pub most: String,
    /// Improvements by amount.
    #[serde(default)]
    pub tiers: Vec<Tier>,
}

/// An improvement from an amount on.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tier {
    /// From this source amount on, major units.
    pub from: String,
    /// Basis points added to the base rate.
    pub basis_points: i32,
}

/// `POST /v1/cover`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cover {
    /// Whose cover.
    pub participant: String,
    /// How much.
    pub amount: Amount,
    /// `in` or `out`.
    pub direction: String,
    /// The agent's notice, 32 hexadecimal digits; the same notice counts once.
    pub notice: String,
}

/// A line of the mailbox.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Letter {
    /// Its number; acknowledge up to it.
    pub number: u64,
    /// When it was decided, RFC 3339.
    pub at: String,
    /// ISO message identifier (`pacs.008.001.08`) or the hub's own kind (`deal.payout_due`).
    pub kind: String,
    /// The ISO 20022 message, where it is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub xml: Option<String>,
    /// The facts, where it is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub facts: Option<std::collections::BTreeMap<String, String>>,
}

/// `POST /v1/mailbox/acknowledge`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Acknowledge {
    /// Everything up to this number has arrived.
    pub upto: u64,
}

/// `POST /v1/deals/{id}/evidence`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Present {
    /// `loaded`, `border-crossed`, `declaration-accepted`, `customs-released`, `arrived`.
    pub kind: String,
    /// The document's name.
    pub document: String,
    /// BLAKE3 of it, 64 hexadecimal digits.
    pub digest: String,
}

/// `POST /v1/deals/{id}/documents`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FileDocument {
    /// Its name, as the contract lists it.
    pub name: String,
    /// BLAKE3 of it, 64 hexadecimal digits.
    pub digest: String,
}

/// How a payment stands.
#[derive(Debug, Clone, Serialize, Deserialize, PartialEq, Eq)]
pub struct PaymentView {
    /// Its reference.
    pub uetr: String,
    /// `sent`, `committed`, `rejected`...
    pub stage: String,
    /// ISO status.
    pub status: String,
    /// ISO reason.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// What left.
    pub source: Amount,
    /// What arrived.
    pub target: Amount,
    /// Debtor agent.
    pub debtor_agent: String,
    /// Creditor agent.
    pub creditor_agent: String,
    /// Who converted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub provider: Option<String>,
    /// What it pays.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub document: Option<String>,
    /// When it arrived.
    pub received_at: String,
}

/// An account.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Position {
    /// Whose.
    pub participant: String,
    /// What for.
    pub kind: String,
    /// Currency.
    pub currency: String,
    /// Posted balance, major units.
    pub balance: String,
    /// Reserved to go out.
    pub reserved: String,
    /// What it could pay out now.
    pub available: String,
}
