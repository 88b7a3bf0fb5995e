//! Undertakings: a bank's word behind an obligation, instead of money locked up while goods travel.
//!
//! ```text
//!  documentary credit (UCP 600)
//!   OPEN --documents--> EXAMINED BY ISSUER --comply, or silence past the time--> HONOURED
//!     ^                      |  discrepancies
//!     |                      v
//!     +----refused------ DISCREPANT --waived--> HONOURED            any state --expiry--> EXPIRED
//! ```
//!
//! | form | what makes the issuer pay |
//! |---|---|
//! | documentary credit | a complying presentation of the documents it names (UCP 600, articles 14 to 16) |
//! | standby, guarantee | the obligation is due and unpaid past its grace, and the beneficiary demands (ISP98, URDG 758) |
//! | promise | the evidence itself |

use std::fmt;

use borsh::{BorshDeserialize, BorshSerialize};
use meridian_terms::{Bic, Micros, Moment, Money};

/// Names an undertaking within its deal: the issuer's reference.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, BorshSerialize, BorshDeserialize)]
pub struct UndertakingId(pub String);

impl fmt::Display for UndertakingId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What kind of word it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, BorshSerialize, BorshDeserialize)]
pub enum Form {
    /// Documentary credit (UCP 600).
    DocumentaryCredit,
    /// Standby letter of credit (ISP98).
    Standby,
    /// Demand guarantee (URDG 758); also what secures duty at customs.
    Guarantee,
    /// A plain promise.
    Promise,
}

impl Form {
    const WORDS: [(&'static str, Self); 4] = [
        ("documentary-credit", Self::DocumentaryCredit),
        ("standby", Self::Standby),
        ("guarantee", Self::Guarantee),
        ("promise", Self::Promise),
    ];

    /// The form of this word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::WORDS.iter().find(|(known, _)| *known == word).map(|(_, form)| *form)
    }

    /// Its word.
    #[must_use]
    pub fn word(self) -> &'static str {
        Self::WORDS.iter().find(|(_, form)| *form == self).map_or("?", |(word, _)| word)
    }
}

/// What is wrong with a presentation.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub enum Discrepancy {
    /// A document it names was not presented.
    Missing(String),
    /// Presented more than 21 calendar days after shipment (UCP 600, article 14 c).
    LatePresentation,
    /// More than its limit would be drawn (article 30 allows no tolerance unless it says so).
    OverLimit,
    /// What the issuing bank found in the documents themselves.
    Found(String),
}

impl fmt::Display for Discrepancy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing(name) => write!(f, "{name} is missing"),
            Self::LatePresentation => f.write_str("presented more than 21 days after shipment"),
            Self::OverLimit => f.write_str("more than the limit"),
            Self::Found(what) => f.write_str(what),
        }
    }
}

/// Where an undertaking stands.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub enum Backing {
    /// Issued; nothing was presented, or what was presented was given back.
    Open,
    /// The issuer examines until this moment; silence is consent.
    Examined {
        /// Until when.
        until: Moment,
    },
    /// The documents do not comply; the applicant may waive.
    Discrepant(Vec<Discrepancy>),
    /// It will be paid as its obligations fall due.
    Honoured {
        /// Since when.
        at: Moment,
        /// Whether discrepancies were waived.
        waived: bool,
    },
    /// Its expiry came first.
    Expired(Moment),
}

impl Backing {
    /// The word for people.
    #[must_use]
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Examined { .. } => "under examination",
            Self::Discrepant(_) => "discrepant",
            Self::Honoured { .. } => "honoured",
            Self::Expired(_) => "expired",
        }
    }
}

/// How long the issuer may examine: five banking days (UCP 600, article 14 b), taken as seven calendar days.
pub(crate) const EXAMINATION: Micros = Micros::days(7);
/// How long after shipment documents may be presented (article 14 c).
pub(crate) const PRESENTATION: Micros = Micros::days(21);
/// How long an obligation may be due and unpaid before a standby or guarantee is called.
pub(crate) const GRACE: Micros = Micros::days(3);

/// An undertaking.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Undertaking {
    /// Its name.
    pub id: UndertakingId,
    /// What kind of word it is.
    pub form: Form,
    /// Who gives it.
    pub issuer: Bic,
    /// To whom: the beneficiary's bank, or the customs authority.
    pub beneficiary: Bic,
    /// At most so much.
    pub limit: Money,
    /// Until when something can be presented or demanded.
    pub expires: Moment,
    /// Documents a credit asks for, by name.
    pub documents: Vec<String>,
    /// Where it stands.
    pub backing: Backing,
}

impl Undertaking {
    /// Whether obligations it backs wait for its documents.
    #[must_use]
    pub fn waits_for_documents(&self) -> bool {
        self.form == Form::DocumentaryCredit && !matches!(self.backing, Backing::Honoured { .. })
    }

    /// When time itself has something to say about it.
    #[must_use]
    pub const fn deadline(&self) -> Option<Moment> {
        match self.backing {
            Backing::Examined { until } => Some(until),
            Backing::Open | Backing::Discrepant(_) => Some(self.expires),
            Backing::Honoured { .. } | Backing::Expired(_) => None,
        }
    }
}
