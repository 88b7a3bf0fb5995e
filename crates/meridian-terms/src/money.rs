//! Money: minor units of one currency.

use std::fmt;

use borsh::{BorshDeserialize, BorshSerialize};

use crate::{Currency, Decimal, Ratio, Refusal, Rounding};

/// A whole number of minor units of one currency: `INR 125000.00` is 12,500,000 paise.
///
/// It has no `+`: adding is [`Money::checked_add`], which refuses mixed currencies. Converting names the rate and
/// the rounding. [`Money::split`] keeps the sum. Display form: `RUB 132812.50`.
///
/// ```
/// use meridian_terms::{Currency, Money};
/// let a = Money::parse("100.00", Currency::INR)?;
/// let b = Money::parse("0.50", Currency::INR)?;
/// assert_eq!(a.checked_add(b)?.to_string(), "INR 100.50");
/// assert!(a.checked_add(Money::new(1, Currency::RUB)).is_err());
/// # Ok::<(), meridian_terms::Refusal>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, BorshSerialize, BorshDeserialize)]
pub struct Money {
    minor: i128,
    currency: Currency,
}

impl Money {
    /// `minor` minor units of `currency`.
    #[must_use]
    pub const fn new(minor: i128, currency: Currency) -> Self {
        Self { minor, currency }
    }

    /// Nothing, of `currency`.
    #[must_use]
    pub const fn zero(currency: Currency) -> Self {
        Self { minor: 0, currency }
    }

    /// Parses a decimal amount of major units: `"125000.00"`.
    ///
    /// # Errors
    /// `decimal.malformed`; `money.decimals` (ISO CH20) for more decimals than the currency has, unless they are
    /// zeros; `money.range`.
    pub fn parse(text: &str, currency: Currency) -> Result<Self, Refusal> {
        Self::from_decimal(&Decimal::parse(text)?, currency)
    }

    /// A decimal amount of major units, exactly.
    ///
    /// # Errors
    /// `money.decimals` (ISO CH20), `money.range`.
    pub fn from_decimal(amount: &Decimal, currency: Currency) -> Result<Self, Refusal> {
        let small = amount.normalized();
        if small.scale() > currency.exponent() {
            return Err(Refusal::new(
                "money.decimals",
                format!("{amount} has more decimals than {currency}"),
            )
            .rule("ISO 4217 minor units")
            .next(format!("write at most {} decimals", currency.exponent()))
            .iso("CH20"));
        }
        small
            .rescaled(currency.exponent(), Rounding::TowardZero)
            .map(|exact| Self::new(exact.mantissa(), currency))
            .ok_or_else(|| Self::out_of_range(currency))
    }

    fn out_of_range(currency: Currency) -> Refusal {
        Refusal::new("money.range", format!("the amount of {currency} does not fit 128 bits"))
    }

    /// Minor units.
    #[must_use]
    pub const fn minor(&self) -> i128 {
        self.minor
    }

    /// The currency.
    #[must_use]
    pub const fn currency(&self) -> Currency {
        self.currency
    }

    /// Whether it is nothing.
    #[must_use]
    pub const fn is_zero(&self) -> bool {
        self.minor == 0
    }

    /// Whether it is less than nothing.
    #[must_use]
    pub const fn is_negative(&self) -> bool {
        self.minor < 0
    }

    /// Major units as a decimal with the currency's scale: `132812.50`.
    #[must_use]
    pub fn amount(&self) -> Decimal {
        Decimal::new(self.minor, self.currency.exponent()).unwrap_or(Decimal::ZERO)
    }

    fn same_currency(self, other: Self) -> Result<(), Refusal> {
        if self.currency == other.currency {
            return Ok(());
        }
        Err(Refusal::new("money.currency_mismatch", format!("{self} and {other}"))
            .rule("amounts of different currencies are never added or compared")
            .next("convert one of them at a named rate"))
    }

    /// The sum.
    ///
    /// # Errors
    /// `money.currency_mismatch`, `money.range`.
    pub fn checked_add(self, other: Self) -> Result<Self, Refusal> {
        self.same_currency(other)?;
        let minor = self.minor.checked_add(other.minor).ok_or_else(|| Self::out_of_range(self.currency))?;
        Ok(Self { minor, ..self })
    }

    /// The difference.
    ///
    /// # Errors
    /// `money.currency_mismatch`, `money.range`.
    pub fn checked_sub(self, other: Self) -> Result<Self, Refusal> {
        self.same_currency(other)?;
        let minor = self.minor.checked_sub(other.minor).ok_or_else(|| Self::out_of_range(self.currency))?;
        Ok(Self { minor, ..self })
    }

    /// `rate` of this amount, same currency, rounded as named: a percentage, a share, a fee.
    ///
    /// # Errors
    /// `money.range`.
    pub fn times(self, rate: &Ratio, rounding: Rounding) -> Result<Self, Refusal> {
        let minor = rate.times(self.minor, rounding).ok_or_else(|| Self::out_of_range(self.currency))?;
        Ok(Self { minor, ..self })
    }

    /// This amount in another currency at `rate` (major units of `to` for one major unit of this currency).
    ///
    /// # Errors
    /// `money.range`.
    pub fn convert(self, rate: &Ratio, to: Currency, rounding: Rounding) -> Result<Self, Refusal> {
        let range = || Self::out_of_range(to);
        let (from_exponent, to_exponent) = (self.currency.exponent(), to.exponent());
        let shift = Ratio::new(10_i128.pow(u32::from(to_exponent)), 10_i128.pow(u32::from(from_exponent)))?;
        let minor_rate = rate.checked_mul(&shift).ok_or_else(range)?;
        let minor = minor_rate.times(self.minor, rounding).ok_or_else(range)?;
        Ok(Self { minor, currency: to })
    }

    /// Parts in the given proportions whose sum is exactly this amount: each gets its share cut toward zero, and
    /// the units left over go one each to the first parts (largest-remainder is not used: order decides, so that
    /// it can be checked by hand).
    ///
    /// # Errors
    /// `money.split` when there is no positive weight or one is negative; `money.range`.
    pub fn split(self, weights: &[i128]) -> Result<Vec<Self>, Refusal> {
        let bad = || {
            Refusal::new("money.split", format!("{self} cannot be split by {weights:?}"))
                .rule("weights are zero or above and not all zero")
        };
        if weights.iter().any(|weight| *weight < 0) {
            return Err(bad());
        }
        let total =
            weights.iter().try_fold(0_i128, |sum, weight| sum.checked_add(*weight)).ok_or_else(bad)?;
        let mut left = self.minor;
        let mut parts = Vec::with_capacity(weights.len());
        for weight in weights {
            let share = Ratio::new(*weight, total).map_err(|_| bad())?;
            let part = share
                .times(self.minor, Rounding::TowardZero)
                .ok_or_else(|| Self::out_of_range(self.currency))?;
            left -= part;
            parts.push(Self { minor: part, ..self });
        }
        let unit = left.signum();
        for (part, _) in parts.iter_mut().zip(weights).filter(|(_, weight)| **weight > 0) {
            if left == 0 {
                break;
            }
            part.minor += unit;
            left -= unit;
        }
        Ok(parts)
    }
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.currency, self.amount())
    }
}

impl fmt::Debug for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
