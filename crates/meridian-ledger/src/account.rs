//! Accounts: one per participant, currency and kind.

use borsh::{BorshDeserialize, BorshSerialize};
use meridian_terms::{Currency, Money};

/// Names an account for ever: 128 bits, derived from participant, currency and kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, BorshSerialize, BorshDeserialize)]
pub struct AccountId(pub u128);

impl AccountId {
    /// The id of this participant's account: the first 16 bytes of BLAKE3 over `participant|currency|kind`, so
    /// that nobody has to look it up.
    #[must_use]
    pub fn of(participant: &str, currency: Currency, kind: Kind) -> Self {
        let digest = blake3::hash(format!("{participant}|{currency}|{}", kind.word()).as_bytes());
        let mut first = [0; 16];
        first.copy_from_slice(&digest.as_bytes()[..16]);
        Self(u128::from_be_bytes(first))
    }
}

/// What an account is for. Balances read as credits minus debits: what the hub owes its owner.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, BorshSerialize, BorshDeserialize)]
pub enum Kind {
    /// A participant's prefunded cover: may not go below zero (or its credit line).
    Cover,
    /// The mirror of the real money at the national settlement agent; the other side of all funding.
    SettlementAgent,
    /// What the hub has earned in fees.
    Fees,
    /// Money taken in returns and corrections until somebody decides where it belongs.
    Suspense,
    /// Duties and taxes owed to a customs authority.
    Customs,
    /// What a carrier, insurer or terminal has earned.
    Services,
    /// A card scheme's position towards the others.
    CardScheme,
    /// Chargebacks and representments under dispute.
    Dispute,
}

impl Kind {
    const WORDS: [(Self, &'static str); 8] = [
        (Self::Cover, "cover"),
        (Self::SettlementAgent, "settlement-agent"),
        (Self::Fees, "fees"),
        (Self::Suspense, "suspense"),
        (Self::Customs, "customs"),
        (Self::Services, "services"),
        (Self::CardScheme, "card-scheme"),
        (Self::Dispute, "dispute"),
    ];

    /// The word for people and for [`AccountId::of`].
    #[must_use]
    pub fn word(self) -> &'static str {
        Self::WORDS.iter().find(|(kind, _)| *kind == self).map_or("?", |(_, word)| word)
    }

    /// The kind with this word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::WORDS.iter().find(|(_, name)| *name == word).map(|(kind, _)| *kind)
    }

    /// Whether an account of this kind is held to what it has: its debits may not exceed its credits.
    const fn is_covered(self) -> bool {
        matches!(self, Self::Cover)
    }
}

/// Whether an account takes part.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, BorshSerialize, BorshDeserialize)]
pub enum Standing {
    /// Takes transfers.
    Open,
    /// Takes no new transfer and posts no pending one; what is pending may be voided. For sanctions and courts.
    Frozen,
    /// Takes no new transfer; what is pending may still be posted or voided.
    Closed,
}

/// What an account may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Limits {
    /// Debits may not exceed credits by more than this many minor units; `None` is no limit.
    /// Pending debits count, pending credits do not.
    pub credit_line: Option<i128>,
    /// Credits may not exceed debits by more than this many minor units; `None` is no limit.
    /// Pending credits count, pending debits do not.
    pub credit_cap: Option<i128>,
}

/// The four sums of an account, in minor units, each at or above zero and never falling except that pending
/// sums fall when a pending transfer is posted, voided or expires.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Balances {
    /// Reserved to go out.
    pub debits_pending: i128,
    /// Gone out.
    pub debits_posted: i128,
    /// Reserved to come in.
    pub credits_pending: i128,
    /// Come in.
    pub credits_posted: i128,
}

impl Balances {
    /// Credits minus debits, posted only.
    #[must_use]
    pub const fn posted(&self) -> i128 {
        self.credits_posted - self.debits_posted
    }
}

/// An account.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Account {
    /// Its id, [`AccountId::of`] the next three.
    pub id: AccountId,
    /// Whose it is: a BIC, a scheme's or an authority's code.
    pub participant: String,
    /// The one currency of all its transfers.
    pub currency: Currency,
    /// What it is for.
    pub kind: Kind,
    /// Whether it takes part.
    pub standing: Standing,
    /// What it may do.
    pub limits: Limits,
    /// Its four sums.
    pub balances: Balances,
}

impl Account {
    /// A new account; a [`Kind::Cover`] starts with a credit line of zero, other kinds without limits.
    #[must_use]
    pub fn open(participant: &str, currency: Currency, kind: Kind) -> Self {
        Self {
            id: AccountId::of(participant, currency, kind),
            participant: participant.to_owned(),
            currency,
            kind,
            standing: Standing::Open,
            limits: Limits { credit_line: kind.is_covered().then_some(0), credit_cap: None },
            balances: Balances::default(),
        }
    }

    /// Posted balance: credits minus debits.
    #[must_use]
    pub const fn balance(&self) -> Money {
        Money::new(self.balances.posted(), self.currency)
    }

    /// What it could pay out now: posted balance and credit line, less what is reserved to go out. Without a
    /// limit this is only the posted balance less reservations.
    #[must_use]
    pub fn available(&self) -> Money {
        let line = self.limits.credit_line.unwrap_or(0);
        Money::new(self.balances.posted() + line - self.balances.debits_pending, self.currency)
    }
}
