//! What a transaction moves: amounts in up to three currencies, fees, and the legs that carry them in the ledger.
//!
//! ```text
//!   issuer ---- B ----> provider            interchange and scheme fees
//!                       provider ---- A ----> acquirer        go the same way, each a transfer of its own
//! ```
//!
//! Every scheme settles in one currency of its own, so a leg never leaves its currency; the provider of the rate takes
//! one and pays the other. Within one currency there is no provider and one leg.

use borsh::{BorshDeserialize, BorshSerialize};
use meridian_ledger::{AccountId, Kind as AccountKind, Transfer, TransferId};
use meridian_terms::{Currency, Money, Ratio, Refusal, Rounding};

use crate::transaction::first_128_bits;
use crate::{Kind, Parties, Rate, TransactionId};

/// Whose fee account the hub earns on.
pub const HUB: &str = "HUB";

/// A scheme's or provider's position account: what the others owe it in this currency, settled in the window.
#[must_use]
pub fn position_account(name: &str, currency: Currency) -> AccountId {
    AccountId::of(name, currency, AccountKind::CardScheme)
}

/// The hub's fee account.
#[must_use]
pub fn fee_account(currency: Currency) -> AccountId {
    AccountId::of(HUB, currency, AccountKind::Fees)
}

/// The same amount in the currencies of ISO 8583.
#[derive(Debug, Clone, Copy, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Amounts {
    /// Fields 4 and 49: at the terminal.
    pub transaction: Money,
    /// What the acquirer gets.
    pub acquirer: Money,
    /// Fields 5 and 50 towards the issuer: what it pays.
    pub issuer: Money,
    /// Fields 6 and 51: what the cardholder is billed.
    pub billing: Money,
    /// Field 9: settlement units for one transaction unit.
    pub settlement_rate: Ratio,
    /// Field 10: billing units for one transaction unit.
    pub billing_rate: Ratio,
}

/// What schemes and hub charge each other for a kind of transaction, in hundredths of a per cent and a fixed part in
/// minor units of the acquirer's currency.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct FeeRule {
    /// Interchange, of the amount.
    pub interchange_points: u32,
    /// Interchange, for each transaction.
    pub interchange_fixed: i128,
    /// Whether the acquirer gets it (cash machines) rather than the issuer (shops).
    pub interchange_to_acquirer: bool,
    /// What the acquirer owes the hub, of the amount.
    pub acquirer_points: u32,
    /// What the issuer owes the hub, of the amount.
    pub issuer_points: u32,
}

/// The fees of one transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Fees {
    /// Interchange at the acquirer's side.
    pub interchange: Money,
    /// The same at the issuer's side.
    pub interchange_issuer: Money,
    /// Who gets it.
    pub to_acquirer: bool,
    /// The acquirer's to the hub.
    pub acquirer: Money,
    /// The issuer's to the hub.
    pub issuer: Money,
}

/// What a transaction moves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Bill {
    /// The amount itself.
    pub amounts: Amounts,
    /// What it costs.
    pub fees: Fees,
}

/// One movement. A leg of nothing keeps its number and is not carried out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Leg {
    /// Who gives.
    pub from: AccountId,
    /// Who gets.
    pub to: AccountId,
    /// How much.
    pub amount: Money,
}

/// A bill has always so many legs, some of nothing, so that legs of two bills of one transaction correspond.
const LEGS: usize = 6;

/// The rates and currencies a bill is made with.
pub(crate) struct Conversion<'a> {
    /// From the transaction's currency to the acquirer's; `None` when they are one.
    pub(crate) acquirer: Option<&'a Rate>,
    /// To the issuer's.
    pub(crate) issuer: Option<&'a Rate>,
    /// To the cardholder's.
    pub(crate) billing: Option<&'a Rate>,
    /// The three currencies.
    pub(crate) currencies: [Currency; 3],
}

impl Bill {
    /// The bill of an amount: converted half-even, fees half-up.
    ///
    /// # Errors
    /// `money.range`.
    pub(crate) fn of(
        transaction: Money,
        conversion: &Conversion<'_>,
        rule: &FeeRule,
    ) -> Result<Self, Refusal> {
        let [a, b, c] = conversion.currencies;
        let convert = |rate: Option<&Rate>, to| match rate {
            None => Ok(transaction),
            Some(rate) => transaction.convert(&rate.rate, to, Rounding::HalfEven),
        };
        let rate = |rate: Option<&Rate>| rate.map_or(Ratio::ONE, |rate| rate.rate);
        let amounts = Amounts {
            transaction,
            acquirer: convert(conversion.acquirer, a)?,
            issuer: convert(conversion.issuer, b)?,
            billing: convert(conversion.billing, c)?,
            settlement_rate: rate(conversion.issuer),
            billing_rate: rate(conversion.billing),
        };
        let points =
            |of: Money, points: u32| of.times(&Ratio::new(i128::from(points), 10_000)?, Rounding::HalfUp);
        let fixed = if transaction.is_zero() { 0 } else { rule.interchange_fixed };
        let interchange = points(amounts.acquirer, rule.interchange_points)?;
        // A fee above the amount itself would turn the transaction round.
        let interchange =
            Money::new((interchange.minor() + fixed).min(amounts.acquirer.minor()), interchange.currency());
        let fees = Fees {
            interchange,
            interchange_issuer: share(amounts.issuer, interchange, amounts.acquirer),
            to_acquirer: rule.interchange_to_acquirer,
            acquirer: points(amounts.acquirer, rule.acquirer_points)?,
            issuer: points(amounts.issuer, rule.issuer_points)?,
        };
        Ok(Self { amounts, fees })
    }

    /// The bill of another amount of the same transaction: everything in proportion, half-even, at the same rates.
    #[must_use]
    pub fn scaled(&self, transaction: Money) -> Self {
        let whole = self.amounts.transaction;
        let part = |of: Money| share(of, transaction, whole);
        let (amounts, fees) = (&self.amounts, &self.fees);
        Self {
            amounts: Amounts {
                transaction,
                acquirer: part(amounts.acquirer),
                issuer: part(amounts.issuer),
                billing: part(amounts.billing),
                ..*amounts
            },
            fees: Fees {
                interchange: part(fees.interchange),
                interchange_issuer: part(fees.interchange_issuer),
                acquirer: part(fees.acquirer),
                issuer: part(fees.issuer),
                ..*fees
            },
        }
    }

    /// The movements, always in this order: the amount (issuer's side, acquirer's side), interchange (the same two),
    /// the acquirer's and the issuer's fee.
    #[must_use]
    pub fn legs(&self, parties: &Parties, kind: Kind) -> [Leg; LEGS] {
        let Amounts { acquirer: a, issuer: b, .. } = self.amounts;
        let acquirer = position_account(parties.acquirer.as_str(), a.currency());
        let issuer = position_account(parties.issuer.as_str(), b.currency());
        let (provider_a, provider_b) = match &parties.provider {
            Some(provider) => {
                (position_account(provider, a.currency()), position_account(provider, b.currency()))
            }
            // Within one currency the issuer's side is nothing and the acquirer's side runs from issuer to acquirer.
            None => (issuer, acquirer),
        };
        let through = |amount: Money| match parties.provider {
            Some(_) => amount,
            None => Money::zero(amount.currency()),
        };
        let way = |to_acquirer: bool, at_issuer: Money, at_acquirer: Money| {
            let legs = [
                Leg { from: issuer, to: provider_b, amount: through(at_issuer) },
                Leg { from: provider_a, to: acquirer, amount: at_acquirer },
            ];
            legs.map(
                |leg| if to_acquirer { leg } else { Leg { from: leg.to, to: leg.from, amount: leg.amount } },
            )
        };
        let fees = &self.fees;
        let [amount_b, amount_a] = way(!kind.is_credit(), b, a);
        let [interchange_b, interchange_a] = way(fees.to_acquirer, fees.interchange_issuer, fees.interchange);
        [
            amount_b,
            amount_a,
            interchange_b,
            interchange_a,
            Leg { from: acquirer, to: fee_account(a.currency()), amount: fees.acquirer },
            Leg { from: issuer, to: fee_account(b.currency()), amount: fees.issuer },
        ]
    }

    /// Whether nothing moves.
    #[must_use]
    pub const fn is_nothing(&self) -> bool {
        self.amounts.transaction.is_zero()
    }
}

/// `of` in the proportion of `part` to `whole`, half-even; nothing of nothing.
fn share(of: Money, part: Money, whole: Money) -> Money {
    let minor = of
        .minor()
        .checked_mul(part.minor())
        .and_then(|product| Rounding::HalfEven.divide(product, whole.minor()));
    Money::new(minor.unwrap_or(0), of.currency())
}

/// A transaction's transfers, numbered so that anyone who reads the journal finds them.
#[derive(Clone, Copy)]
pub(crate) struct Numbering {
    pub(crate) id: TransactionId,
    pub(crate) round: u8,
}

impl Numbering {
    fn transfer(self, step: u8, leg: usize) -> TransferId {
        let mut hasher = blake3::Hasher::new();
        hasher.update(&self.id.0.to_be_bytes());
        hasher.update(&[step, self.round, u8::try_from(leg).unwrap_or(u8::MAX)]);
        TransferId(first_128_bits(&hasher))
    }

    /// Reserves every leg. The deadline is the transaction's own; the book lets go of it itself.
    pub(crate) fn hold(self, legs: &[Leg]) -> Vec<Transfer> {
        self.each(legs, |leg, number| {
            Transfer::pend(self.transfer(b'h', number), leg.from, leg.to, leg.amount, None)
        })
    }

    /// Posts what was reserved for `held` as `due`, which is at most as much; what is not due is let go.
    pub(crate) fn post_hold(self, held: &[Leg], due: &[Leg]) -> Vec<Transfer> {
        self.each(held, |leg, number| {
            let reserved = Transfer::pend(self.transfer(b'h', number), leg.from, leg.to, leg.amount, None)
                .about(self.id.0);
            match due[number].amount {
                nothing if nothing.is_zero() => {
                    Transfer::void_pending(self.transfer(b'v', number), &reserved)
                }
                amount => Transfer::post_pending(self.transfer(b'c', number), &reserved, amount),
            }
        })
    }

    /// Lets go of what was reserved.
    pub(crate) fn void(self, held: &[Leg]) -> Vec<Transfer> {
        self.each(held, |leg, number| {
            let reserved = Transfer::pend(self.transfer(b'h', number), leg.from, leg.to, leg.amount, None)
                .about(self.id.0);
            Transfer::void_pending(self.transfer(b'v', number), &reserved)
        })
    }

    /// Moves every leg at once.
    pub(crate) fn post(self, legs: &[Leg]) -> Vec<Transfer> {
        self.step(b'p', legs)
    }

    /// Moves every leg at once, as a step of a dispute.
    pub(crate) fn step(self, step: u8, legs: &[Leg]) -> Vec<Transfer> {
        self.each(legs, |leg, number| {
            Transfer::post(self.transfer(step, number), leg.from, leg.to, leg.amount)
        })
    }

    /// Gives back the difference between what was posted and what is now due.
    pub(crate) fn give_back(self, posted: &[Leg], due: &[Leg]) -> Vec<Transfer> {
        let back: Vec<Leg> = posted
            .iter()
            .zip(due)
            .map(|(posted, due)| {
                let minor = posted.amount.minor() - due.amount.minor();
                let amount = Money::new(minor.max(0), posted.amount.currency());
                Leg { from: posted.to, to: posted.from, amount }
            })
            .collect();
        self.step(b'x', &back)
    }

    fn each(self, legs: &[Leg], make: impl Fn(&Leg, usize) -> Transfer) -> Vec<Transfer> {
        let carried = legs.iter().enumerate().filter(|(_, leg)| leg.amount.minor() > 0);
        carried.map(|(number, leg)| make(leg, number).about(self.id.0)).collect()
    }
}
