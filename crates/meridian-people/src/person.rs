//! People and their roles.

use std::collections::BTreeSet;
use std::fmt;

use borsh::{BorshDeserialize, BorshSerialize};

/// Names a person for ever: the name they sign in with.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, BorshSerialize, BorshDeserialize)]
pub struct PersonId(pub String);

impl fmt::Display for PersonId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What a person is for. A person may hold several; two-person acts still take two people.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, BorshSerialize, BorshDeserialize)]
pub enum Role {
    /// Runs the hub: participants, links, people.
    Operator,
    /// Answers for money: caps, cover, windows, corrections.
    Treasurer,
    /// Answers for screening: lists, cases, licences.
    Compliance,
    /// Answers for declarations, quotas, certificates.
    Customs,
    /// Looks at figures.
    Analyst,
    /// Looks at everything, changes nothing.
    Auditor,
}

impl Role {
    /// Every role.
    pub const ALL: [Self; 6] =
        [Self::Operator, Self::Treasurer, Self::Compliance, Self::Customs, Self::Analyst, Self::Auditor];

    /// The role of this word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.word() == word)
    }

    /// Its word.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Operator => "operator",
            Self::Treasurer => "treasurer",
            Self::Compliance => "compliance",
            Self::Customs => "customs",
            Self::Analyst => "analyst",
            Self::Auditor => "auditor",
        }
    }
}

/// How a visit to the door ended. Wrong attempts of strangers are not kept: whoever guesses cannot fill the journal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, BorshSerialize, BorshDeserialize)]
pub enum Visit {
    /// Signed in.
    SignedIn,
    /// Signed out.
    SignedOut,
    /// Failed so often that the name waits.
    LockedOut,
}

impl Visit {
    /// In words.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::SignedIn => "signed in",
            Self::SignedOut => "signed out",
            Self::LockedOut => "failed too often; the name waits",
        }
    }
}

/// A person.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Person {
    /// Their name here.
    pub id: PersonId,
    /// Their name for other people.
    pub name: String,
    /// What they are for.
    pub roles: BTreeSet<Role>,
    /// Fingerprint of the credential they sign in with; the credential itself lies elsewhere.
    pub credential: [u8; 32],
    /// Whether they may do nothing for now, or have left.
    pub is_suspended: bool,
}
