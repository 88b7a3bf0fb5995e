//! The legs of a payment: which accounts give and take what.

use borsh::{BorshDeserialize, BorshSerialize};
use meridian_ledger::{AccountId, Kind, Transfer, TransferId};
use meridian_terms::{Bic, Money, Uetr};

use crate::account::holder;

/// One movement of a payment.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Leg {
    /// Whose cover gives.
    pub from: Bic,
    /// Whose cover takes.
    pub to: Bic,
    /// How much.
    pub amount: Money,
    /// The settlement access agent at which the provider's side of it is kept.
    pub at: Option<Bic>,
}

/// A payment's legs: one within a currency, two across currencies, through the provider who alone holds both.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Legs {
    /// Who sends.
    pub debtor_agent: Bic,
    /// Who receives.
    pub creditor_agent: Bic,
    /// Who converts.
    pub provider: Option<Bic>,
    /// In order: source first.
    pub legs: Vec<Leg>,
}

impl Legs {
    /// The legs of a payment within one currency.
    #[must_use]
    pub fn within(debtor_agent: Bic, creditor_agent: Bic, amount: Money) -> Self {
        let leg = Leg { from: debtor_agent.clone(), to: creditor_agent.clone(), amount, at: None };
        Self { debtor_agent, creditor_agent, provider: None, legs: vec![leg] }
    }

    /// The legs of a payment across two currencies; the provider's access agents, where it has them.
    #[must_use]
    pub fn across(
        debtor_agent: Bic,
        creditor_agent: Bic,
        provider: Bic,
        (source, source_at): (Money, Option<Bic>),
        (target, target_at): (Money, Option<Bic>),
    ) -> Self {
        let legs = vec![
            Leg { from: debtor_agent.clone(), to: provider.clone(), amount: source, at: source_at },
            Leg { from: provider.clone(), to: creditor_agent.clone(), amount: target, at: target_at },
        ];
        Self { debtor_agent, creditor_agent, provider: Some(provider), legs }
    }

    /// The provider's settlement access agents, source side first.
    pub fn intermediaries(&self) -> impl Iterator<Item = &Bic> {
        self.legs.iter().filter_map(|leg| leg.at.as_ref())
    }

    /// What the debtor agent gives.
    #[must_use]
    pub fn source(&self) -> Money {
        self.legs[0].amount
    }

    /// What the creditor agent takes.
    #[must_use]
    pub fn target(&self) -> Money {
        self.legs[self.legs.len() - 1].amount
    }

    /// The reservations, one chain. Their deadline is the payment's own, which moves with its stage; the payment
    /// book voids them itself.
    #[must_use]
    pub fn reservations(&self, uetr: Uetr, attempt: u8) -> Vec<Transfer> {
        let pend = |(number, leg): (usize, &Leg)| {
            let (from, to) = self.covers(leg);
            Transfer::pend(transfer_id(uetr, attempt, number, b'r'), from, to, leg.amount, None)
                .about(uetr.bits())
        };
        self.legs.iter().enumerate().map(pend).collect()
    }

    /// Posts both legs of what was reserved, one chain.
    #[must_use]
    pub fn postings(&self, uetr: Uetr, attempt: u8) -> Vec<Transfer> {
        let post = |(number, reserved): (usize, Transfer)| {
            Transfer::post_pending(transfer_id(uetr, attempt, number, b'c'), &reserved, reserved.amount)
        };
        self.reservations(uetr, attempt).into_iter().enumerate().map(post).collect()
    }

    /// Voids both legs of what was reserved, one chain.
    #[must_use]
    pub fn voids(&self, uetr: Uetr, attempt: u8) -> Vec<Transfer> {
        let void = |(number, reserved): (usize, Transfer)| {
            Transfer::void_pending(transfer_id(uetr, attempt, number, b'v'), &reserved)
        };
        self.reservations(uetr, attempt).into_iter().enumerate().map(void).collect()
    }

    /// The legs of the way back of a committed payment: the creditor agent gives `target`, the debtor agent gets
    /// `source`.
    #[must_use]
    pub fn way_back(&self, source: Money, target: Money) -> Self {
        let legs = match &self.provider {
            None => {
                let (from, to) = (self.creditor_agent.clone(), self.debtor_agent.clone());
                vec![Leg { from, to, amount: target, at: None }]
            }
            Some(provider) => {
                let at = |number: usize| self.legs.get(number).and_then(|leg| leg.at.clone());
                let (creditor_agent, debtor_agent) = (self.creditor_agent.clone(), self.debtor_agent.clone());
                vec![
                    Leg { from: creditor_agent, to: provider.clone(), amount: target, at: at(1) },
                    Leg { from: provider.clone(), to: debtor_agent, amount: source, at: at(0) },
                ]
            }
        };
        Self {
            debtor_agent: self.creditor_agent.clone(),
            creditor_agent: self.debtor_agent.clone(),
            provider: self.provider.clone(),
            legs,
        }
    }

    /// The postings of the way back, one chain.
    #[must_use]
    pub fn returned(&self, uetr: Uetr, source: Money, target: Money) -> Vec<Transfer> {
        let post = |(number, leg): (usize, &Leg)| {
            let (from, to) = self.covers(leg);
            Transfer::post(transfer_id(uetr, 0, number, b'x'), from, to, leg.amount).about(uetr.bits())
        };
        self.way_back(source, target).legs.iter().enumerate().map(post).collect()
    }

    /// The accounts of a leg: the provider's own, or the one it has with its access agent.
    fn covers(&self, leg: &Leg) -> (AccountId, AccountId) {
        let account = |whose: &Bic| {
            let at = leg.at.as_ref().filter(|_| self.provider.as_ref() == Some(whose));
            AccountId::of(&holder(whose, at), leg.amount.currency(), Kind::Cover)
        };
        (account(&leg.from), account(&leg.to))
    }
}

/// Derived, so that a payment's transfers can be found from its UETR by anyone who reads the journal.
fn transfer_id(uetr: Uetr, attempt: u8, leg: usize, step: u8) -> TransferId {
    let mut hasher = blake3::Hasher::new();
    hasher.update(&uetr.bits().to_be_bytes());
    hasher.update(&[attempt, u8::try_from(leg).unwrap_or(u8::MAX), step]);
    let mut first = [0; 16];
    first.copy_from_slice(&hasher.finalize().as_bytes()[..16]);
    TransferId(u128::from_be_bytes(first))
}
