//! Statements: an account's postings over a range of time, from the history.

use borsh::{BorshDeserialize, BorshSerialize};
use meridian_terms::{Moment, Money, Window};

use crate::{AccountId, Event, Phase, TransferId};

/// One posting of a statement.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Line {
    /// When.
    pub at: Moment,
    /// Which transfer.
    pub transfer: TransferId,
    /// The account on the other side.
    pub other: AccountId,
    /// Signed: positive came in, negative went out.
    pub amount: Money,
    /// What it belongs to.
    pub reference: u128,
    /// The posted balance after it.
    pub balance: Money,
}

/// An account's posted balance before, its postings in, and its posted balance after a range of time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    /// Posted balance when the range starts.
    pub opening: Money,
    /// Postings in the range, in order.
    pub lines: Vec<Line>,
    /// Posted balance when it ends.
    pub closing: Money,
}

impl Statement {
    /// The statement of `account` over `range`, from the history of ledger events in order. As of any moment:
    /// end the range just after it.
    pub fn of<'a>(
        account: AccountId,
        currency: meridian_terms::Currency,
        range: &Window<Moment>,
        history: impl IntoIterator<Item = &'a Event>,
    ) -> Self {
        let mut balance = 0_i128;
        let mut opening = 0_i128;
        let mut lines = Vec::new();
        for event in history {
            let Event::Transferred { at, entries } = event else { continue };
            if range.until().is_some_and(|end| *at >= end) {
                break;
            }
            for entry in entries {
                let transfer = &entry.transfer;
                let signed = match transfer.phase {
                    Phase::Pend { .. } | Phase::VoidPending(_) => continue,
                    _ if transfer.debit == account => -entry.amount.minor(),
                    _ if transfer.credit == account => entry.amount.minor(),
                    _ => continue,
                };
                balance += signed;
                if *at < range.from() {
                    opening = balance;
                    continue;
                }
                lines.push(Line {
                    at: *at,
                    transfer: transfer.id,
                    other: if transfer.debit == account { transfer.credit } else { transfer.debit },
                    amount: Money::new(signed, currency),
                    reference: transfer.reference,
                    balance: Money::new(balance, currency),
                });
            }
        }
        Self { opening: Money::new(opening, currency), lines, closing: Money::new(balance, currency) }
    }
}
