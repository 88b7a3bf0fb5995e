//! Bodies of what participants say of a deal.

use serde::{Deserialize, Serialize};

/// `POST /v1/deals/{id}/declaration`: the declaration is lodged.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lodge {
    /// The declarant's reference.
    pub reference: String,
    /// BLAKE3 of the declaration, 64 hexadecimal digits.
    pub digest: String,
    /// Whether the declarant is an authorised trader.
    #[serde(default)]
    pub authorised_trader: bool,
}

/// `POST /v1/deals/{id}/customs`: what the authority says.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(tag = "word", rename_all = "kebab-case", deny_unknown_fields)]
pub enum CustomsSays {
    /// This is owed.
    Assess {
        /// Each kind once.
        charges: Vec<ChargeBody>,
    },
    /// The goods stay.
    Hold {
        /// Why.
        reason: String,
    },
    /// What held them is resolved.
    Lift {
        /// How.
        reason: String,
    },
    /// They were inspected.
    Inspect {
        /// What was found.
        finding: String,
    },
    /// They may not come in.
    Refuse {
        /// Why.
        reason: String,
    },
}

/// A sum assessed.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChargeBody {
    /// `duty`, `excise`, `vat`, `fee`.
    pub kind: String,
    /// `RUB 12500.00`.
    pub amount: String,
}

/// `POST /v1/deals/{id}/undertakings`: a bank gives its word.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IssueUndertaking {
    /// The issuer's reference.
    pub id: String,
    /// `documentary-credit`, `standby`, `guarantee`, `promise`.
    pub form: String,
    /// To whom: the beneficiary's bank, or the customs authority.
    pub beneficiary: String,
    /// `RUB 12500.00`.
    pub limit: String,
    /// RFC 3339.
    pub expires: String,
    /// Documents a credit asks for.
    #[serde(default)]
    pub documents: Vec<String>,
}

/// `POST /v1/deals/{id}/undertakings/{undertaking}`: what happens to it.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(tag = "act", rename_all = "kebab-case", deny_unknown_fields)]
pub enum UndertakingAct {
    /// The beneficiary's bank presents the documents filed.
    Present,
    /// The issuer has examined them.
    Examine {
        /// What is wrong; empty when they comply.
        found: Vec<String>,
    },
    /// The issuer waives the discrepancies.
    Waive,
    /// The issuer gives the documents back.
    GiveBack,
    /// The beneficiary demands payment of an obligation that is due and unpaid.
    Demand {
        /// Which, by name.
        obligation: String,
    },
}

/// `POST /v1/deals/{id}/mishaps`: something went wrong.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(tag = "mishap", rename_all = "kebab-case", deny_unknown_fields)]
pub enum MishapBody {
    /// The carrier: less arrived than was sold.
    Short {
        /// Which line, from 0.
        line: u16,
        /// What arrived, in kilograms net.
        delivered_kg: String,
    },
    /// The carrier: the goods are lost.
    Lost,
    /// A side's bank: the goods are disputed.
    Disputed {
        /// Why.
        reason: String,
    },
}

/// `POST /v1/deals/{id}/settlement`: how a dispute or a deal ends.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(tag = "act", rename_all = "kebab-case", deny_unknown_fields)]
pub enum SettlementAct {
    /// One side offers a price cut, `RUB 0.00` for none.
    Offer {
        /// How much.
        cut: String,
    },
    /// The other side agrees.
    Agree,
    /// A side calls the deal off before loading.
    Cancel {
        /// Why.
        reason: String,
    },
}
