//! What JSON bodies look like: the only serde types of the product.

use meridian_terms::{Currency, Money, Refusal};
pub mod deals;
pub mod licences;
pub mod shipments;

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
    /// How much, in major units of the fixed side's currency: what is sent, or what is credited.
    pub amount: String,
    /// To which creditor agent, so that its fee is counted in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub creditor_agent: Option<String>,
    /// `SHAR`, `DEBT` or `CRED`; SHAR unless given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub charge_bearer: Option<String>,
    /// What the debtor agent charges its customer, major units of the source currency.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub own_charge: Option<String>,
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
    /// What of that the creditor agent keeps.
    pub fee: Amount,
    /// What the creditor is credited.
    pub credited: Amount,
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
    /// Improvements by debtor agent, in basis points.
    #[serde(default)]
    pub agents: std::collections::BTreeMap<String, i32>,
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

/// `POST /v1/mailbox/next`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Next {
    /// Everything up to this number has arrived; 0 for nothing yet.
    pub upto: u64,
    /// How long to wait for the first letter, 30 s at most.
    #[serde(default)]
    pub wait_seconds: u64,
}

/// Who pays or is paid.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PartyEntry {
    /// Its name as its papers carry it.
    pub name: String,
    /// ISO 3166.
    pub country: String,
    /// Its account, as its agent names it.
    pub account: String,
    /// Its agent's BIC.
    pub agent: String,
}

/// `POST /v1/payments`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pay {
    /// UUID version 4, lower case.
    pub uetr: String,
    /// Names this request among yours.
    pub message_id: String,
    /// The debtor's reference.
    pub end_to_end_id: String,
    /// `HIGH` or `NORM`.
    pub priority: String,
    /// When it was accepted from the debtor, RFC 3339.
    pub accepted_at: String,
    /// What leaves.
    pub source: Amount,
    /// What arrives.
    pub target: Amount,
    /// The quote's id, across currencies.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quote: Option<String>,
    /// Who pays.
    pub debtor: PartyEntry,
    /// Who is paid.
    pub creditor: PartyEntry,
    /// `SHAR`, `DEBT` or `CRED`; SHAR unless given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub charge_bearer: Option<String>,
    /// ISO 20022 purpose code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub purpose: Option<String>,
    /// The deal, invoice or declaration it pays.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub document: Option<String>,
    /// What the debtor writes to the creditor.
    #[serde(default)]
    pub remittance: String,
}

/// `POST /v1/payments/{uetr}/answer`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AnswerPayment {
    /// `ACCC`, `ACSC`, `ACWP`, `BLCK` or `RJCT`.
    pub status: String,
    /// ISO reason of a RJCT.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// `POST /v1/payments/{uetr}/recall`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Recall {
    /// `DUPL`, `FRAD`, `TECH`, `CUST`, `AM09`.
    pub reason: String,
    /// Whether this refuses the other side's recall instead of asking.
    #[serde(default)]
    pub refuses: bool,
}

/// `POST /v1/payments/{uetr}/return`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GiveBack {
    /// ISO return reason.
    pub reason: String,
    /// `source` or `destination`: whose fault it is; that side bears the exchange risk.
    pub fault: String,
    /// The quote for the way back; none at the original rate.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quote: Option<String>,
}

/// `POST /v1/resolutions`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Resolve {
    /// Names this request among yours.
    pub message_id: String,
    /// Where the account is kept; not needed with a proxy.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agent: Option<String>,
    /// Which account.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// Or the proxy for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proxy: Option<ProxyName>,
    /// Whose you believe it to be.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

/// A proxy by kind and value.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProxyName {
    /// ISO 20022 proxy type: `MBNO`, `EMAL`...
    pub kind: String,
    /// Its value.
    pub value: String,
}

/// `POST /v1/resolutions/{id}`: the account's agent answers.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AnswerResolution {
    /// Whether the account is there and may be credited.
    pub is_verified: bool,
    /// If not, why: `AC01`, `AC04`...
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Whose it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

/// How a question about an account stands.
#[derive(Debug, Clone, Serialize, Deserialize, PartialEq, Eq)]
pub struct ResolutionView {
    /// Its id.
    pub id: String,
    /// Whether it was answered.
    pub is_answered: bool,
    /// Whether a payment may be sent there.
    pub is_verified: bool,
    /// If not, why.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// The account's name as you may see it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Where the account is kept.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub agent: Option<String>,
    /// The account.
    pub account: String,
}

/// `PUT` and `DELETE /v1/proxies`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProxyEntry {
    /// ISO 20022 proxy type: `MBNO`, `EMAL`...
    pub kind: String,
    /// Its value.
    pub value: String,
    /// Your account behind it; not needed to take it out.
    #[serde(default)]
    pub account: String,
}

/// `POST /v1/reports`: a camt.052 or camt.053 comes into the mailbox.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AskReport {
    /// Which of your accounts.
    pub currency: String,
    /// The day of a statement; without it, the day so far.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub day: Option<String>,
}

/// `POST /v1/allotments`: a settlement access agent allots cover to a provider.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Allotment {
    /// To which provider.
    pub provider: String,
    /// How much.
    pub amount: Amount,
    /// Whether it is taken back.
    #[serde(default)]
    pub comes_back: bool,
    /// Your notice, 32 hexadecimal digits; the same notice counts once.
    pub notice: String,
}

/// `DELETE /v1/rates`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WithdrawRate {
    /// Source currency.
    pub from: String,
    /// Target currency.
    pub to: String,
}

/// `PUT /v1/reversals`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reversals {
    /// Whether returns may come back at the original rate.
    pub agrees: bool,
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
    /// What of it the creditor agent keeps.
    pub fee: Amount,
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
    /// Digest of the watch lists under which it is clear.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub screened_under: Option<String>,
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

/// A settlement window.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct WindowView {
    /// Its currency.
    pub currency: String,
    /// Its number in that currency, from 1.
    pub number: u64,
    /// OPEN, CLOSED, PENDING_SETTLEMENT, SETTLED, ABORTED or FAILED.
    pub stage: String,
    /// multilateral, bilateral or gross.
    pub model: String,
    /// When it opened.
    pub opened_at: String,
    /// When it closed.
    pub closed_at: Option<String>,
    /// How many commitments fell into it.
    pub commitments: u64,
    /// Net positions you may see, major units: to receive, or with a minus to pay.
    pub nets: std::collections::BTreeMap<String, String>,
}

/// A statement of a settled window.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct WindowStatement {
    /// Its message identifier.
    pub kind: String,
    /// The message.
    pub xml: String,
}

/// What becomes of your payments that are short of cover.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct CoverPolicy {
    /// urgent (HIGH) or normal (NORM).
    pub class: String,
    /// How long they wait; 0 has them refused at once.
    pub wait_minutes: u32,
}

/// Your side of an FX trade: payment versus payment.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct StateTrade {
    /// The reference both parties use, up to 32 hexadecimal digits.
    pub id: String,
    /// With whom.
    pub with: String,
    /// What you give.
    pub gives: Amount,
    /// What you take for it, in another currency.
    pub takes: Amount,
    /// Until when it waits for its mirror and for cover.
    pub until: String,
}
