//! Participants: who may send and receive.

use borsh::{BorshDeserialize, BorshSerialize};
use meridian_terms::{Bic, Country};

/// What a participant does in the corridor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, BorshSerialize, BorshDeserialize)]
pub enum Role {
    /// A bank that pays and receives for its customers (debtor agent, creditor agent).
    Bank,
    /// A foreign-exchange provider: quotes rates, holds both currencies.
    FxProvider,
    /// A national settlement agent: keeps the real money that covers mirror.
    SettlementAgent,
    /// A customs authority.
    Customs,
    /// A carrier, forwarder or terminal.
    Carrier,
}

impl Role {
    /// The role with this word: `bank`, `fx-provider`, `settlement-agent`, `customs`, `carrier`.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        match word {
            "bank" => Some(Self::Bank),
            "fx-provider" => Some(Self::FxProvider),
            "settlement-agent" => Some(Self::SettlementAgent),
            "customs" => Some(Self::Customs),
            "carrier" => Some(Self::Carrier),
            _ => None,
        }
    }
}

/// A participant of the corridor.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Participant {
    /// Its code, also the name of its accounts.
    pub bic: Bic,
    /// Its name for people.
    pub name: String,
    /// Where it is licensed; decides which links its payments need.
    pub country: Country,
    /// What it does.
    pub role: Role,
    /// Its Ed25519 public key: every request it makes is signed with the other half.
    pub key: [u8; 32],
    /// A suspended participant starts nothing new; what is in flight finishes.
    pub is_suspended: bool,
}
