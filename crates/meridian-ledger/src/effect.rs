//! What a transfer does to sums and fates: told once, for deciding ahead and for applying.

use crate::{Balances, Fate, Phase, TransferId};

#[derive(Clone, Copy)]
pub(crate) enum Side {
    Debit,
    Credit,
}

/// The one place that says what a transfer does to a side's sums; `reserved` is what the named reservation holds.
pub(crate) fn shift(balances: &mut Balances, side: Side, phase: Phase, amount: i128, reserved: Option<i128>) {
    let (pending, posted) = match side {
        Side::Debit => (&mut balances.debits_pending, &mut balances.debits_posted),
        Side::Credit => (&mut balances.credits_pending, &mut balances.credits_posted),
    };
    match phase {
        Phase::Post | Phase::PostUpTo(_) => *posted += amount,
        Phase::Pend { .. } => *pending += amount,
        Phase::PostPending(_) => {
            *pending -= reserved.unwrap_or(0);
            *posted += amount;
        }
        Phase::VoidPending(_) => *pending -= reserved.unwrap_or(0),
    }
}

/// A transfer's own fate, and what it does to the fate of another.
pub(crate) const fn fates(phase: Phase) -> (Fate, Option<(TransferId, Fate)>) {
    match phase {
        Phase::Post | Phase::PostUpTo(_) => (Fate::Done, None),
        Phase::Pend { .. } => (Fate::Pending, None),
        Phase::PostPending(of) => (Fate::Done, Some((of, Fate::Posted))),
        Phase::VoidPending(of) => (Fate::Done, Some((of, Fate::Voided))),
    }
}
