//! What would happen: an event, or the first refusal in order of precedence. Changes nothing.

use meridian_terms::{Moment, Money, Refusal};

use crate::index::Index;
use crate::state::Seen;
use crate::{
    Account, AccountId, Balances, Balancing, Command, Denial, Entry, Event, Fate, Pending, Phase, Standing,
    State, Transfer, TransferId,
};

/// Decides a command at a moment.
///
/// # Errors
/// The first [`Denial`] in order of precedence, as a [`Refusal`] with the actual values.
pub fn decide(state: &State, command: &Command, at: Moment) -> Result<Event, Refusal> {
    match command {
        Command::Open(accounts) => open(state, accounts),
        Command::Change(id, change) => match state.account(*id) {
            Some(_) => Ok(Event::Changed(*id, *change)),
            None => Err(Denial::AccountUnknown.refusal(&format!("{:032x}", id.0))),
        },
        Command::Transfer(chain) => decide_chain(state, chain, at)
            .map(|entries| Event::Transferred { at, entries })
            .map_err(|(position, denial)| explain(state, chain, position, denial)),
        Command::Expire => Ok(Event::Expired {
            at,
            pending: state
                .deadlines
                .iter()
                .take_while(|(deadline, _)| *deadline <= at)
                .map(|(_, id)| *id)
                .collect(),
        }),
    }
}

fn open(state: &State, accounts: &[Account]) -> Result<Event, Refusal> {
    for (position, account) in accounts.iter().enumerate() {
        let twice = accounts[..position].iter().any(|earlier| earlier.id == account.id);
        if twice || state.account(account.id).is_some() {
            let whose = format!("{} {} {}", account.participant, account.currency, account.kind.word());
            return Err(Denial::AccountExists.refusal(&whose));
        }
    }
    Ok(Event::Opened(
        accounts.iter().map(|account| Account { balances: Balances::default(), ..account.clone() }).collect(),
    ))
}

/// Decides a chain of transfers: all of its entries, or the position of the one that fails and why. Later
/// transfers see what earlier ones would do.
///
/// # Errors
/// Position in the chain and the first [`Denial`] in order of precedence.
pub fn decide_chain(state: &State, chain: &[Transfer], at: Moment) -> Result<Vec<Entry>, (usize, Denial)> {
    if chain.is_empty() {
        return Err((0, Denial::EmptyChain));
    }
    let mut ahead = Ahead::new(state);
    let mut entries = Vec::with_capacity(chain.len());
    for (position, transfer) in chain.iter().enumerate() {
        let entry = ahead.judge(transfer, at).map_err(|denial| (position, denial))?;
        ahead.note(&entry);
        entries.push(entry);
    }
    Ok(entries)
}

/// Decides transfers one by one, each on the effect of those before it: what happens, and which ones do not and why, by
/// position. A chain is [`decide_chain`].
#[must_use]
pub fn decide_batch(state: &State, batch: &[Transfer], at: Moment) -> (Vec<Entry>, Vec<(usize, Denial)>) {
    state.touch(batch);
    let mut ahead = Ahead::new(state);
    let (mut entries, mut refused) = (Vec::with_capacity(batch.len()), Vec::new());
    for (position, transfer) in batch.iter().enumerate() {
        match ahead.judge(transfer, at) {
            Ok(entry) => {
                ahead.note(&entry);
                entries.push(entry);
            }
            Err(denial) => refused.push((position, denial)),
        }
    }
    (entries, refused)
}

/// The state as it would be after the first part of a chain or batch: what differs.
struct Ahead<'a> {
    state: &'a State,
    balances: Overlay<Balances>,
    seen: Overlay<Seen>,
    pending: Overlay<Pending>,
}

/// What differs, by key: looked through one by one while it is short, by index when it is long.
struct Overlay<T> {
    rows: Vec<(u128, T)>,
    index: Index,
}

impl<T> Overlay<T> {
    const SHORT: usize = 12;

    const fn new() -> Self {
        Self { rows: Vec::new(), index: Index::new() }
    }

    fn place(&self, key: u128) -> Option<usize> {
        if self.rows.len() <= Self::SHORT {
            self.rows.iter().position(|(known, _)| *known == key)
        } else {
            self.index.get(key, |place| self.rows[place as usize].0 == key).map(|place| place as usize)
        }
    }

    fn get(&self, key: u128) -> Option<&T> {
        self.place(key).map(|place| &self.rows[place].1)
    }

    fn put(&mut self, key: u128, value: T) -> &mut T {
        let place = match self.place(key) {
            Some(place) => {
                self.rows[place].1 = value;
                place
            }
            None => {
                self.rows.push((key, value));
                let count = self.rows.len();
                let rows = &self.rows;
                let unindexed = if count == Self::SHORT + 1 { 0..count } else { count - 1..count };
                for place in unindexed.filter(|_| count > Self::SHORT) {
                    self.index.insert(rows[place].0, row(place), |place| rows[place as usize].0);
                }
                count - 1
            }
        };
        &mut self.rows[place].1
    }
}

fn row(place: usize) -> u32 {
    u32::try_from(place).unwrap_or_else(|_| panic!("a batch of more than 4 billion transfers"))
}

impl<'a> Ahead<'a> {
    const fn new(state: &'a State) -> Self {
        Self { state, balances: Overlay::new(), seen: Overlay::new(), pending: Overlay::new() }
    }

    fn balances(&self, slot: usize) -> Balances {
        self.balances.get(slot as u128).copied().unwrap_or(self.state.accounts[slot].balances)
    }

    fn balances_mut(&mut self, slot: usize) -> &mut Balances {
        let now = self.balances(slot);
        self.balances.put(slot as u128, now)
    }

    fn seen(&self, id: TransferId) -> Option<Seen> {
        self.seen.get(id.0).or_else(|| self.state.seen(id)).copied()
    }

    fn pending(&self, id: TransferId) -> Option<&Pending> {
        self.pending.get(id.0).or_else(|| self.state.pending(id))
    }

    /// The refusals in order of precedence; after the last of them the transfer will happen.
    fn judge(&self, transfer: &Transfer, at: Moment) -> Result<Entry, Denial> {
        if transfer.id.0 == 0 {
            return Err(Denial::IdZero);
        }
        if let Some(seen) = self.seen(transfer.id) {
            let same = seen.fingerprint == transfer.fingerprint();
            return Err(if same { Denial::Exists } else { Denial::ExistsWithOtherContent });
        }
        if transfer.amount.minor() <= 0 {
            return Err(Denial::AmountNotPositive);
        }
        if transfer.debit == transfer.credit {
            return Err(Denial::SameAccount);
        }
        let debit = self.state.account_slot(transfer.debit).ok_or(Denial::DebitAccountUnknown)?;
        let credit = self.state.account_slot(transfer.credit).ok_or(Denial::CreditAccountUnknown)?;
        let (debit_account, credit_account) = (&self.state.accounts[debit], &self.state.accounts[credit]);
        let currency = transfer.amount.currency();
        if debit_account.currency != currency {
            return Err(Denial::DebitCurrency);
        }
        if credit_account.currency != currency {
            return Err(Denial::CreditCurrency);
        }
        match transfer.phase {
            Phase::PostPending(of) => {
                let pending = self.open_pending(of, transfer, at)?;
                if transfer.amount.minor() > pending.transfer.amount.minor() {
                    return Err(Denial::PendingAmount);
                }
                standing(debit_account, credit_account, &[Standing::Frozen])?;
                self.post_pending_fits(debit, credit, transfer)?;
                Ok(Entry { transfer: transfer.clone(), amount: transfer.amount })
            }
            Phase::VoidPending(of) => {
                let pending = self.open_pending(of, transfer, at)?;
                if transfer.amount != pending.transfer.amount {
                    return Err(Denial::PendingAmount);
                }
                Ok(Entry { transfer: transfer.clone(), amount: transfer.amount })
            }
            Phase::Post | Phase::PostUpTo(_) | Phase::Pend { .. } => {
                if matches!(transfer.phase, Phase::Pend { deadline: Some(deadline) } if deadline <= at) {
                    return Err(Denial::DeadlinePassed);
                }
                standing(debit_account, credit_account, &[Standing::Frozen, Standing::Closed])?;
                let amount = self.within_limits(debit, credit, transfer)?;
                Ok(Entry { transfer: transfer.clone(), amount: Money::new(amount, currency) })
            }
        }
    }

    fn open_pending(&self, of: TransferId, transfer: &Transfer, at: Moment) -> Result<&Pending, Denial> {
        match self.seen(of).map(|seen| seen.fate) {
            None => return Err(Denial::PendingUnknown),
            Some(Fate::Done) => return Err(Denial::NotPending),
            Some(Fate::Posted) => return Err(Denial::PendingPosted),
            Some(Fate::Voided) => return Err(Denial::PendingVoided),
            Some(Fate::Expired) => return Err(Denial::PendingExpired),
            Some(Fate::Pending) => {}
        }
        let pending = self.pending(of).ok_or(Denial::PendingUnknown)?;
        // A deadline that has come counts at once, whether or not the timer has noticed it yet.
        if pending.deadline.is_some_and(|deadline| deadline <= at) {
            return Err(Denial::PendingExpired);
        }
        if (pending.transfer.debit, pending.transfer.credit) != (transfer.debit, transfer.credit) {
            return Err(Denial::PendingOtherAccounts);
        }
        Ok(pending)
    }

    /// Funds and cap were checked when it was reserved; only the sums must fit.
    fn post_pending_fits(&self, debit: usize, credit: usize, transfer: &Transfer) -> Result<(), Denial> {
        let amount = transfer.amount.minor();
        let fits = |sum: i128| sum.checked_add(amount).is_some();
        if fits(self.balances(debit).debits_posted) && fits(self.balances(credit).credits_posted) {
            Ok(())
        } else {
            Err(Denial::Overflow)
        }
    }

    /// The amount that may move under both accounts' limits.
    fn within_limits(&self, debit: usize, credit: usize, transfer: &Transfer) -> Result<i128, Denial> {
        let (payer, payee) = (self.balances(debit), self.balances(credit));
        let asked = transfer.amount.minor();
        let payable = match self.state.accounts[debit].limits.credit_line {
            Some(line) => payer
                .credits_posted
                .checked_add(line)
                .and_then(|sum| sum.checked_sub(payer.debits_posted))
                .and_then(|sum| sum.checked_sub(payer.debits_pending))
                .ok_or(Denial::Overflow)?,
            None => i128::MAX,
        };
        let room = match self.state.accounts[credit].limits.credit_cap {
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

    fn note(&mut self, entry: &Entry) {
        let transfer = &entry.transfer;
        let (Some(debit), Some(credit)) =
            (self.state.account_slot(transfer.debit), self.state.account_slot(transfer.credit))
        else {
            return;
        };
        let reserved = match transfer.phase {
            Phase::PostPending(of) | Phase::VoidPending(of) => {
                self.pending(of).map(|pending| pending.transfer.amount.minor())
            }
            _ => None,
        };
        shift(self.balances_mut(debit), Side::Debit, transfer.phase, entry.amount.minor(), reserved);
        shift(self.balances_mut(credit), Side::Credit, transfer.phase, entry.amount.minor(), reserved);
        let (own, other) = fates(transfer.phase);
        self.seen
            .put(transfer.id.0, Seen { id: transfer.id, fingerprint: transfer.fingerprint(), fate: own });
        if let Phase::Pend { deadline } = transfer.phase {
            self.pending.put(transfer.id.0, Pending { transfer: transfer.clone(), deadline });
        }
        if let Some((of, fate)) = other {
            let fingerprint = self.seen(of).map_or(0, |seen| seen.fingerprint);
            self.seen.put(of.0, Seen { id: of, fingerprint, fate });
        }
    }
}

fn standing(debit: &Account, credit: &Account, refused: &[Standing]) -> Result<(), Denial> {
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

fn explain(state: &State, chain: &[Transfer], position: usize, denial: Denial) -> Refusal {
    let Some(transfer) = chain.get(position) else {
        return denial.refusal("");
    };
    let whose = |id: AccountId| match state.account(id) {
        Some(account) => format!("{} {}", account.participant, account.kind.word()),
        None => format!("account {:032x}", id.0),
    };
    let mut detail = format!(
        "transfer {} of {}: {} from {} to {}",
        position + 1,
        chain.len(),
        transfer.amount,
        whose(transfer.debit),
        whose(transfer.credit)
    );
    if let (Denial::InsufficientFunds, Some(account)) = (denial, state.account(transfer.debit)) {
        detail.push_str(&format!(", available {}", account.available()));
    }
    denial.refusal(&detail)
}
