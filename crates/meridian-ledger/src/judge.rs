//! May a transfer happen: the refusals in order of precedence.

use meridian_terms::Moment;

use crate::{
    Account, Balances, Balancing, Denial, Fate, Pending, Phase, Seen, Standing, State, Transfer, TransferId,
};

/// What a transfer is judged on: the state itself, or the state as it would be after the first part of a chain.
pub(crate) trait View {
    /// Accounts, their limits and standing.
    fn state(&self) -> &State;
    /// The sums of the account in this row.
    fn balances(&self, slot: usize) -> Balances;
    /// What is known of an id.
    fn seen(&self, id: TransferId) -> Option<Seen>;
    /// The open reservation with this id.
    fn pending(&self, id: TransferId) -> Option<&Pending>;
}

/// A transfer that may happen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Ruling {
    /// The debit account's row.
    pub(crate) debit: usize,
    /// The credit account's row.
    pub(crate) credit: usize,
    /// What moves, in minor units: less than asked for a balancing transfer.
    pub(crate) amount: i128,
}

/// The refusals in order of precedence; after the last of them the transfer will happen.
pub(crate) fn judge(view: &impl View, transfer: &Transfer, at: Moment) -> Result<Ruling, Denial> {
    if transfer.id.0 == 0 {
        return Err(Denial::IdZero);
    }
    if let Some(seen) = view.seen(transfer.id) {
        let same = seen.fingerprint == transfer.fingerprint();
        return Err(if same { Denial::Exists } else { Denial::ExistsWithOtherContent });
    }
    if transfer.amount.minor() <= 0 {
        return Err(Denial::AmountNotPositive);
    }
    if transfer.debit == transfer.credit {
        return Err(Denial::SameAccount);
    }
    let state = view.state();
    let debit = state.account_slot(transfer.debit).ok_or(Denial::DebitAccountUnknown)?;
    let credit = state.account_slot(transfer.credit).ok_or(Denial::CreditAccountUnknown)?;
    let (debit_account, credit_account) = (&state.accounts[debit], &state.accounts[credit]);
    let currency = transfer.amount.currency();
    if debit_account.currency != currency {
        return Err(Denial::DebitCurrency);
    }
    if credit_account.currency != currency {
        return Err(Denial::CreditCurrency);
    }
    let asked = transfer.amount.minor();
    let amount = match transfer.phase {
        Phase::PostPending(of) => {
            let pending = open_pending(view, of, transfer, at)?;
            if asked > pending.transfer.amount.minor() {
                return Err(Denial::PendingAmount);
            }
            standing(debit_account, credit_account, &[Standing::Frozen])?;
            post_pending_fits(&view.balances(debit), &view.balances(credit), asked)?;
            asked
        }
        Phase::VoidPending(of) => {
            let pending = open_pending(view, of, transfer, at)?;
            if transfer.amount != pending.transfer.amount {
                return Err(Denial::PendingAmount);
            }
            asked
        }
        Phase::Post | Phase::PostUpTo(_) | Phase::Pend { .. } => {
            if matches!(transfer.phase, Phase::Pend { deadline: Some(deadline) } if deadline <= at) {
                return Err(Denial::DeadlinePassed);
            }
            standing(debit_account, credit_account, &[Standing::Frozen, Standing::Closed])?;
            let sides = Sides {
                payer: (debit_account, view.balances(debit)),
                payee: (credit_account, view.balances(credit)),
            };
            within_limits(&sides, transfer)?
        }
    };
    Ok(Ruling { debit, credit, amount })
}

fn open_pending<'a>(
    view: &'a impl View,
    of: TransferId,
    transfer: &Transfer,
    at: Moment,
) -> Result<&'a Pending, Denial> {
    let Some(pending) = view.pending(of) else {
        return Err(match view.seen(of).map(|seen| seen.fate()) {
            None | Some(Fate::Pending) => Denial::PendingUnknown,
            Some(Fate::Done) => Denial::NotPending,
            Some(Fate::Posted) => Denial::PendingPosted,
            Some(Fate::Voided) => Denial::PendingVoided,
            Some(Fate::Expired) => Denial::PendingExpired,
        });
    };
    // A deadline that has come counts at once, whether or not the timer has noticed it yet.
    if pending.deadline.is_some_and(|deadline| deadline <= at) {
        return Err(Denial::PendingExpired);
    }
    if (pending.transfer.debit, pending.transfer.credit) != (transfer.debit, transfer.credit) {
        return Err(Denial::PendingOtherAccounts);
    }
    Ok(pending)
}

fn standing(debit: &Account, credit: &Account, refused: &[Standing]) -> Result<(), Denial> {
    if debit.standing == Standing::Open && credit.standing == Standing::Open {
        return Ok(());
    }
    let denials = [
        (debit, Standing::Frozen, Denial::DebitFrozen),
        (credit, Standing::Frozen, Denial::CreditFrozen),
        (debit, Standing::Closed, Denial::DebitClosed),
        (credit, Standing::Closed, Denial::CreditClosed),
    ];
    let first = denials
        .iter()
        .find(|(account, standing, _)| account.standing == *standing && refused.contains(standing));
    first.map_or(Ok(()), |(_, _, denial)| Err(*denial))
}

/// Funds and cap were checked when it was reserved; only the sums must fit.
fn post_pending_fits(debit: &Balances, credit: &Balances, amount: i128) -> Result<(), Denial> {
    let fits = |sum: i128| sum.checked_add(amount).is_some();
    if fits(debit.debits_posted) && fits(credit.credits_posted) { Ok(()) } else { Err(Denial::Overflow) }
}

/// Both accounts with their sums.
struct Sides<'a> {
    payer: (&'a Account, Balances),
    payee: (&'a Account, Balances),
}

/// The amount that may move under both accounts' limits.
fn within_limits(sides: &Sides<'_>, transfer: &Transfer) -> Result<i128, Denial> {
    let ((debit, payer), (credit, payee)) = (&sides.payer, &sides.payee);
    let asked = transfer.amount.minor();
    let payable = match debit.limits.credit_line {
        Some(line) => payer
            .credits_posted
            .checked_add(line)
            .and_then(|sum| sum.checked_sub(payer.debits_posted))
            .and_then(|sum| sum.checked_sub(payer.debits_pending))
            .ok_or(Denial::Overflow)?,
        None => i128::MAX,
    };
    let room = match credit.limits.credit_cap {
        Some(cap) => cap
            .checked_add(payee.debits_posted)
            .and_then(|sum| sum.checked_sub(payee.credits_posted))
            .and_then(|sum| sum.checked_sub(payee.credits_pending))
            .ok_or(Denial::Overflow)?,
        None => i128::MAX,
    };
    let amount = match transfer.phase {
        Phase::PostUpTo(Balancing::Debit) => asked.min(payable),
        Phase::PostUpTo(Balancing::Credit) => asked.min(room),
        _ => asked,
    };
    // Both sums of both phases stay within 126 bits, so that adding them anywhere cannot overflow.
    let fits = |sums: [i128; 3]| {
        let sum = sums.iter().try_fold(0_i128, |sum, part| sum.checked_add(*part));
        sum.is_some_and(|sum| sum <= i128::MAX / 4)
    };
    if !fits([payer.debits_posted, payer.debits_pending, amount])
        || !fits([payee.credits_posted, payee.credits_pending, amount])
    {
        return Err(Denial::Overflow);
    }
    if amount > payable || (amount <= 0 && payable <= 0) {
        return Err(Denial::InsufficientFunds);
    }
    if amount > room || amount <= 0 {
        return Err(Denial::CreditCap);
    }
    Ok(amount)
}
