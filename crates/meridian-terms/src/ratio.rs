//! An exact ratio: exchange rates, duty rates, shares.

use std::cmp::Ordering;
use std::fmt;

use borsh::{BorshDeserialize, BorshSerialize};

use crate::{Decimal, Refusal, Rounding};

/// `numerator / denominator` in lowest terms, denominator above zero.
///
/// ```
/// use meridian_terms::{Ratio, Rounding};
/// let third = Ratio::new(1, 3)?;
/// assert_eq!(third.checked_mul(&Ratio::whole(6)), Some(Ratio::whole(2)));
/// assert_eq!(third.times(100, Rounding::HalfEven), Some(33));
/// assert_eq!(third.inverse()?, Ratio::whole(3));
/// # Ok::<(), meridian_terms::Refusal>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, BorshSerialize, BorshDeserialize)]
pub struct Ratio {
    numerator: i128,
    denominator: i128,
}

impl Ratio {
    /// Zero.
    pub const ZERO: Self = Self { numerator: 0, denominator: 1 };
    /// One.
    pub const ONE: Self = Self { numerator: 1, denominator: 1 };

    /// `numerator / denominator`, reduced.
    ///
    /// # Errors
    /// `ratio.zero_denominator`; `ratio.range` when the sign cannot be moved to the numerator.
    pub fn new(numerator: i128, denominator: i128) -> Result<Self, Refusal> {
        if denominator == 0 {
            return Err(Refusal::new("ratio.zero_denominator", format!("{numerator}/0")));
        }
        Self::reduced(numerator, denominator).ok_or_else(|| {
            Refusal::new("ratio.range", format!("{numerator}/{denominator} does not fit 128 bits"))
        })
    }

    fn reduced(numerator: i128, denominator: i128) -> Option<Self> {
        let divisor = greatest_common_divisor(numerator.unsigned_abs(), denominator.unsigned_abs());
        let divisor = i128::try_from(divisor).ok()?;
        let (numerator, denominator) = (numerator.checked_div(divisor)?, denominator.checked_div(divisor)?);
        if denominator > 0 {
            Some(Self { numerator, denominator })
        } else {
            Some(Self { numerator: numerator.checked_neg()?, denominator: denominator.checked_neg()? })
        }
    }

    /// A whole number as a ratio.
    #[must_use]
    pub const fn whole(value: i128) -> Self {
        Self { numerator: value, denominator: 1 }
    }

    /// Parses a decimal such as `0.9050` exactly.
    ///
    /// # Errors
    /// As [`Decimal::parse`].
    pub fn parse_decimal(text: &str) -> Result<Self, Refusal> {
        Ok(Decimal::parse(text)?.to_ratio())
    }

    /// Numerator, lowest terms; carries the sign.
    #[must_use]
    pub const fn numerator(&self) -> i128 {
        self.numerator
    }

    /// Denominator, lowest terms; above zero.
    #[must_use]
    pub const fn denominator(&self) -> i128 {
        self.denominator
    }

    /// Whether the value is zero.
    #[must_use]
    pub const fn is_zero(&self) -> bool {
        self.numerator == 0
    }

    /// `1 / self`.
    ///
    /// # Errors
    /// `ratio.zero_denominator` when `self` is zero.
    pub fn inverse(&self) -> Result<Self, Refusal> {
        Self::new(self.denominator, self.numerator)
    }

    /// Exact sum, or `None` when it does not fit.
    #[must_use]
    pub fn checked_add(&self, other: &Self) -> Option<Self> {
        // Cross-reducing by the common part of the denominators keeps intermediate products small.
        let common =
            greatest_common_divisor(self.denominator.unsigned_abs(), other.denominator.unsigned_abs());
        let common = i128::try_from(common).ok()?;
        let (left, right) = (self.denominator / common, other.denominator / common);
        let numerator = self.numerator.checked_mul(right)?.checked_add(other.numerator.checked_mul(left)?)?;
        Self::reduced(numerator, self.denominator.checked_mul(right)?)
    }

    /// Exact difference, or `None` when it does not fit.
    #[must_use]
    pub fn checked_sub(&self, other: &Self) -> Option<Self> {
        self.checked_add(&Self { numerator: other.numerator.checked_neg()?, denominator: other.denominator })
    }

    /// Exact product, or `None` when it does not fit.
    #[must_use]
    pub fn checked_mul(&self, other: &Self) -> Option<Self> {
        let first = Self::reduced(self.numerator, other.denominator)?;
        let second = Self::reduced(other.numerator, self.denominator)?;
        Some(Self {
            numerator: first.numerator.checked_mul(second.numerator)?,
            denominator: first.denominator.checked_mul(second.denominator)?,
        })
    }

    /// Exact quotient, or `None` when it does not fit or `other` is zero.
    #[must_use]
    pub fn checked_div(&self, other: &Self) -> Option<Self> {
        self.checked_mul(&other.inverse().ok()?)
    }

    /// `self * amount` as a whole number, rounded as named; `None` when it does not fit.
    #[must_use]
    pub fn times(&self, amount: i128, rounding: Rounding) -> Option<i128> {
        let part = Self::reduced(amount, self.denominator)?;
        rounding.divide(self.numerator.checked_mul(part.numerator)?, part.denominator)
    }

    /// The value as a whole number, rounded as named.
    #[must_use]
    pub fn round(&self, rounding: Rounding) -> Option<i128> {
        rounding.divide(self.numerator, self.denominator)
    }

    /// The value at `scale` decimals, rounded as named; `None` when it does not fit.
    #[must_use]
    pub fn to_decimal(&self, scale: u8, rounding: Rounding) -> Option<Decimal> {
        let shift = 10_i128.checked_pow(u32::from(scale))?;
        Decimal::new(self.times(shift, rounding)?, scale).ok()
    }
}

fn greatest_common_divisor(mut a: u128, mut b: u128) -> u128 {
    while b != 0 {
        // A remainder of 64 bits costs a fraction of one of 128, and nearly every figure fits.
        if let (Ok(mut a), Ok(mut b)) = (u64::try_from(a), u64::try_from(b)) {
            while b != 0 {
                (a, b) = (b, a % b);
            }
            return u128::from(a.max(1));
        }
        (a, b) = (b, a % b);
    }
    a.max(1)
}

impl PartialOrd for Ratio {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Ratio {
    /// Exact by continued fractions: no product that could overflow.
    fn cmp(&self, other: &Self) -> Ordering {
        let (mut a, mut b, mut c, mut d) =
            (self.numerator, self.denominator, other.numerator, other.denominator);
        let mut flipped = false;
        loop {
            let (left, right) = (a.div_euclid(b), c.div_euclid(d));
            let order = if left == right {
                let (left_rest, right_rest) = (a.rem_euclid(b), c.rem_euclid(d));
                match (left_rest, right_rest) {
                    (0, 0) => Ordering::Equal,
                    (0, _) => Ordering::Less,
                    (_, 0) => Ordering::Greater,
                    _ => {
                        (a, b, c, d) = (b, left_rest, d, right_rest);
                        flipped = !flipped;
                        continue;
                    }
                }
            } else {
                left.cmp(&right)
            };
            return if flipped { order.reverse() } else { order };
        }
    }
}

impl fmt::Display for Ratio {
    /// A terminating decimal where there is one, otherwise `numerator/denominator`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut rest = self.denominator;
        let (mut twos, mut fives) = (0_u8, 0_u8);
        while rest % 2 == 0 {
            rest /= 2;
            twos += 1;
        }
        while rest % 5 == 0 {
            rest /= 5;
            fives += 1;
        }
        let exact = if rest == 1 { self.to_decimal(twos.max(fives), Rounding::TowardZero) } else { None };
        match exact {
            Some(decimal) => write!(f, "{decimal}"),
            None => write!(f, "{}/{}", self.numerator, self.denominator),
        }
    }
}
