//! Obligations: what is owed to whom, once which evidence is there.

use borsh::{BorshDeserialize, BorshSerialize};
use meridian_terms::{Bic, Moment, Money, Party, Uetr};

use crate::{EvidenceKind, UndertakingId};

/// What it is owed for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, BorshSerialize, BorshDeserialize)]
pub enum Kind {
    /// A part of the price.
    Goods,
    /// Customs duty, anti-dumping and such.
    Duty,
    /// Value added tax.
    Vat,
    /// Customs fees.
    Fee,
    /// Carriage.
    Freight,
    /// The premium of an insurance.
    Insurance,
    /// Excise.
    Excise,
    /// Something comes back: a price cut, an advance, damages.
    Refund,
    /// The insurer pays for a loss.
    Claim,
}

impl Kind {
    /// The word for people.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Goods => "goods",
            Self::Duty => "duty",
            Self::Vat => "vat",
            Self::Fee => "fee",
            Self::Freight => "freight",
            Self::Insurance => "insurance",
            Self::Excise => "excise",
            Self::Refund => "refund",
            Self::Claim => "claim",
        }
    }

    /// Whether customs waits for it before releasing the goods.
    #[must_use]
    pub const fn is_owed_to_customs(self) -> bool {
        matches!(self, Self::Duty | Self::Vat | Self::Excise | Self::Fee)
    }
}

/// What makes it fall due.
pub type Trigger = EvidenceKind;

/// Where an obligation stands.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub enum Standing {
    /// Its evidence is not there yet.
    Planned,
    /// Its evidence is there; a payment may cite it.
    Due {
        /// Since when.
        since: Moment,
    },
    /// A payment that cites it has both legs reserved.
    InFlight {
        /// Which.
        uetr: Uetr,
        /// Since when it was due.
        since: Moment,
    },
    /// Paid: final.
    Paid {
        /// By which payment.
        uetr: Uetr,
        /// When both legs were posted.
        at: Moment,
    },
    /// Its expiry came first, or the deal was cancelled: final.
    Lapsed {
        /// When.
        at: Moment,
    },
}

impl Standing {
    /// The word for people.
    #[must_use]
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Planned => "planned",
            Self::Due { .. } => "due",
            Self::InFlight { .. } => "in flight",
            Self::Paid { .. } => "paid",
            Self::Lapsed { .. } => "lapsed",
        }
    }
}

/// Something owed under a deal.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Obligation {
    /// Its name within the deal: `goods-1`, `duty`, `vat`, `freight`.
    pub name: String,
    /// What for.
    pub kind: Kind,
    /// Who owes.
    pub payer: Party,
    /// Whose bank pays.
    pub payer_agent: Bic,
    /// Who is owed.
    pub payee: Party,
    /// Into which account.
    pub payee_account: String,
    /// At which bank.
    pub payee_agent: Bic,
    /// How much reaches the payee.
    pub amount: Money,
    /// What makes it fall due.
    pub trigger: Trigger,
    /// The last moment before which its evidence counts.
    pub expires: Moment,
    /// The undertaking that backs it, if one does.
    pub backed_by: Option<UndertakingId>,
    /// Where it stands.
    pub standing: Standing,
}
