//! Transfers: movements from one account to another of the same currency.

use borsh::{BorshDeserialize, BorshSerialize};
use meridian_terms::{Moment, Money};

use crate::AccountId;
use crate::index::{fold, mix};

/// Names a transfer for ever: 128 bits chosen by whoever asks for it, never zero. The same id with the same
/// content is the same transfer; with other content it is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, BorshSerialize, BorshDeserialize)]
pub struct TransferId(pub u128);

/// A movement of money from `debit` to `credit`.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Transfer {
    /// Its id.
    pub id: TransferId,
    /// The account that gives.
    pub debit: AccountId,
    /// The account that receives.
    pub credit: AccountId,
    /// How much, above zero. For a balancing transfer, how much at most.
    pub amount: Money,
    /// What becomes of it.
    pub phase: Phase,
    /// What it belongs to: a UETR's bits, a window's number, a card transaction's key. Not interpreted here.
    pub reference: u128,
}

/// What becomes of a transfer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub enum Phase {
    /// Posted at once.
    Post,
    /// Posted at once, for as much of the amount as the named side's limit allows.
    PostUpTo(Balancing),
    /// Reserved, to be posted or voided later; expires at the deadline where one is given.
    Pend {
        /// When it expires.
        deadline: Option<Moment>,
    },
    /// Posts the pending transfer, all or part of its amount; the rest is released.
    PostPending(TransferId),
    /// Voids the pending transfer.
    VoidPending(TransferId),
}

/// Whose limit a balancing transfer goes up to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub enum Balancing {
    /// What the debit account can pay out.
    Debit,
    /// What the credit account can take in.
    Credit,
}

impl Transfer {
    /// A transfer posted at once.
    #[must_use]
    pub const fn post(id: TransferId, debit: AccountId, credit: AccountId, amount: Money) -> Self {
        Self { id, debit, credit, amount, phase: Phase::Post, reference: 0 }
    }

    /// A reservation.
    #[must_use]
    pub const fn pend(
        id: TransferId,
        debit: AccountId,
        credit: AccountId,
        amount: Money,
        deadline: Option<Moment>,
    ) -> Self {
        Self { id, debit, credit, amount, phase: Phase::Pend { deadline }, reference: 0 }
    }

    /// Posts a reservation; accounts and amount as reserved, or a smaller amount.
    #[must_use]
    pub const fn post_pending(id: TransferId, of: &Self, amount: Money) -> Self {
        Self {
            id,
            debit: of.debit,
            credit: of.credit,
            amount,
            phase: Phase::PostPending(of.id),
            reference: of.reference,
        }
    }

    /// Voids a reservation.
    #[must_use]
    pub const fn void_pending(id: TransferId, of: &Self) -> Self {
        Self {
            id,
            debit: of.debit,
            credit: of.credit,
            amount: of.amount,
            phase: Phase::VoidPending(of.id),
            reference: of.reference,
        }
    }

    /// The same transfer with what it belongs to.
    #[must_use]
    pub const fn about(mut self, reference: u128) -> Self {
        self.reference = reference;
        self
    }

    /// 64 bits over everything but the id: two transfers of one id are the same transfer if these agree. It guards
    /// against mistakes; whoever forges a collision only forges which of two refusals he gets.
    pub(crate) fn fingerprint(&self) -> u64 {
        let (tag, of) = match self.phase {
            Phase::Post => (0, 0),
            Phase::PostUpTo(Balancing::Debit) => (1, 0),
            Phase::PostUpTo(Balancing::Credit) => (2, 0),
            // A deadline is given by the clock of the first asking, so a retry may carry another.
            Phase::Pend { .. } => (3, 0),
            Phase::PostPending(of) => (4, of.0),
            Phase::VoidPending(of) => (5, of.0),
        };
        let amount = fold(self.amount.minor().cast_unsigned());
        let tagged = u64::from(self.amount.currency().number()) << 8 | tag;
        let parts = [fold(self.debit.0), fold(self.credit.0), amount, fold(self.reference), fold(of), tagged];
        parts.into_iter().fold(0, |all, part| mix(all.rotate_left(5) ^ part))
    }
}
