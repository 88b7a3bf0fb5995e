//! A queue of payments waiting for cover, and what may be settled of it at once.

use meridian_terms::Refusal;

use crate::refusal::{self as no, refuse};

/// Whose turn comes first. Within a class the oldest payment is first.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, borsh::BorshSerialize, borsh::BorshDeserialize,
)]
pub enum Class {
    /// Before every normal one.
    Urgent,
    /// The usual.
    Normal,
}

/// A payment that waits. Banks are places in [`Queue::liquidity`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Waiting {
    /// Who pays.
    pub from: usize,
    /// Who is paid; another bank than `from`.
    pub to: usize,
    /// How much, minor units, above zero.
    pub amount: i128,
    /// Whose turn comes first.
    pub class: Class,
}

/// Payments of one currency that wait, oldest first, and what each bank has. All amounts are minor units.
///
/// ```
/// use meridian_settlement::{Class, Queue, Waiting, greedy};
/// let pay = |from, to, amount| Waiting { from, to, amount, class: Class::Normal };
/// // Nobody can pay first, yet all three can pay at once: 100 each in a circle, and only 10 of cover.
/// let queue = Queue::new(vec![10, 0, 0], vec![pay(0, 1, 100), pay(1, 2, 95), pay(2, 0, 90)])?;
/// let plan = greedy(&queue);
/// assert_eq!((plan.settled(), plan.value(), plan.balances()), (&[0, 1, 2][..], 285, &[0, 5, 5][..]));
/// # Ok::<(), meridian_terms::Refusal>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Queue {
    liquidity: Vec<i128>,
    payments: Vec<Waiting>,
}

/// The largest sum of a queue's payments: leaves the search room to weigh them in 64 bits.
const LARGEST_SUM: i128 = 1 << 52;

impl Queue {
    /// A queue.
    ///
    /// # Errors
    /// `settlement.queue_malformed` for a bank with less than nothing, a payment of nothing, to its own bank or of
    /// an unknown one; `settlement.queue_too_large` when the payments sum to 2^52 minor units or more.
    pub fn new(liquidity: Vec<i128>, payments: Vec<Waiting>) -> Result<Self, Refusal> {
        if let Some(bank) = liquidity.iter().position(|has| *has < 0) {
            return Err(refuse(no::QUEUE_MALFORMED, format!("bank {bank} has {}", liquidity[bank])));
        }
        let mut sum = 0_i128;
        for (place, payment) in payments.iter().enumerate() {
            let banks = liquidity.len();
            if payment.amount <= 0
                || payment.from == payment.to
                || payment.from >= banks
                || payment.to >= banks
            {
                let Waiting { from, to, amount, .. } = payment;
                let what = format!("payment {place} of {amount} from bank {from} to bank {to} of {banks}");
                return Err(refuse(no::QUEUE_MALFORMED, what));
            }
            sum = sum.saturating_add(payment.amount);
        }
        if sum >= LARGEST_SUM {
            return Err(refuse(no::QUEUE_TOO_LARGE, format!("{sum} minor units")));
        }
        Ok(Self { liquidity, payments })
    }

    /// What each bank has, zero or above.
    #[must_use]
    pub fn liquidity(&self) -> &[i128] {
        &self.liquidity
    }

    /// The payments, oldest first.
    #[must_use]
    pub fn payments(&self) -> &[Waiting] {
        &self.payments
    }

    /// The sum of all payments.
    #[must_use]
    pub fn value(&self) -> i128 {
        self.payments.iter().map(|payment| payment.amount).sum()
    }
}

/// Payments that settle together, at once: every bank ends at zero or above. There is no other way to make one than
/// to have it checked against its queue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    settled: Vec<usize>,
    value: i128,
    balances: Vec<i128>,
}

impl Plan {
    /// The plan that settles these places of the queue.
    ///
    /// # Errors
    /// `settlement.plan_unsound` when a place is named twice or is none, or a bank would end below zero.
    pub fn of(queue: &Queue, mut settled: Vec<usize>) -> Result<Self, Refusal> {
        settled.sort_unstable();
        let mut balances = queue.liquidity.clone();
        let (mut value, mut last) = (0, None);
        for place in &settled {
            let Some(payment) = queue.payments.get(*place).filter(|_| last != Some(*place)) else {
                return Err(refuse(no::PLAN_UNSOUND, format!("payment {place} is unknown or named twice")));
            };
            last = Some(*place);
            value += payment.amount;
            balances[payment.from] -= payment.amount;
            balances[payment.to] += payment.amount;
        }
        match balances.iter().position(|balance| *balance < 0) {
            Some(bank) => {
                Err(refuse(no::PLAN_UNSOUND, format!("bank {bank} would end at {}", balances[bank])))
            }
            None => Ok(Self { settled, value, balances }),
        }
    }

    /// Places in the queue, rising.
    #[must_use]
    pub fn settled(&self) -> &[usize] {
        &self.settled
    }

    /// The sum of what settles.
    #[must_use]
    pub const fn value(&self) -> i128 {
        self.value
    }

    /// What each bank has afterwards, zero or above.
    #[must_use]
    pub fn balances(&self) -> &[i128] {
        &self.balances
    }
}
