//! An exact decimal: mantissa and scale, as it was written.

use std::cmp::Ordering;
use std::fmt;

use borsh::{BorshDeserialize, BorshSerialize};

use crate::{Ratio, Refusal, Rounding};

/// `mantissa / 10^scale`, exact, with its written scale kept: `100.00` stays `100.00`.
///
/// Equality and order are by value (`1.50 == 1.5`); [`fmt::Display`] prints the written scale.
///
/// ```
/// use meridian_terms::Decimal;
/// let rate = Decimal::parse("12.50")?;
/// assert_eq!((rate.mantissa(), rate.scale()), (1250, 2));
/// assert_eq!(rate, Decimal::parse("12.5")?);
/// assert_eq!(rate.to_string(), "12.50");
/// # Ok::<(), meridian_terms::Refusal>(())
/// ```
#[derive(Debug, Clone, Copy, BorshSerialize, BorshDeserialize)]
pub struct Decimal {
    mantissa: i128,
    scale: u8,
}

/// The largest scale: 10^36 still fits an `i128`.
const MOST_SCALE: u8 = 36;

impl Decimal {
    /// Zero, scale 0.
    pub const ZERO: Self = Self { mantissa: 0, scale: 0 };
    /// One, scale 0.
    pub const ONE: Self = Self { mantissa: 1, scale: 0 };

    /// `mantissa / 10^scale`.
    ///
    /// # Errors
    /// `decimal.scale` when `scale` is above 36.
    pub fn new(mantissa: i128, scale: u8) -> Result<Self, Refusal> {
        if scale > MOST_SCALE {
            return Err(Refusal::new("decimal.scale", format!("{scale} decimals"))
                .rule("at most 36 decimals")
                .next("write fewer decimals"));
        }
        Ok(Self { mantissa, scale })
    }

    /// A whole number.
    #[must_use]
    pub const fn whole(value: i128) -> Self {
        Self { mantissa: value, scale: 0 }
    }

    /// Parses `-?digits[.digits]`. No exponent, no leading `+`, no grouping.
    ///
    /// # Errors
    /// `decimal.malformed` for any other text, `decimal.scale` and `decimal.range` for what does not fit.
    pub fn parse(text: &str) -> Result<Self, Refusal> {
        let malformed = || {
            Refusal::new("decimal.malformed", format!("{text:?} is not a decimal number"))
                .rule("digits, at most one point, an optional leading minus")
                .next("write it like 1234.50")
        };
        let (negative, digits) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        let all_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        if (whole.is_empty() && fraction.is_empty()) || !all_digits(whole) || !all_digits(fraction) {
            return Err(malformed());
        }
        let range = || Refusal::new("decimal.range", format!("{text} does not fit 128 bits"));
        let mut mantissa: i128 = 0;
        for digit in whole.bytes().chain(fraction.bytes()) {
            mantissa = mantissa
                .checked_mul(10)
                .and_then(|m| m.checked_add(i128::from(digit - b'0')))
                .ok_or_else(range)?;
        }
        let scale = u8::try_from(fraction.len()).map_err(|_| range())?;
        Self::new(if negative { -mantissa } else { mantissa }, scale)
    }

    /// The digits without the point.
    #[must_use]
    pub const fn mantissa(&self) -> i128 {
        self.mantissa
    }

    /// How many digits stand after the point.
    #[must_use]
    pub const fn scale(&self) -> u8 {
        self.scale
    }

    /// Whether the value is zero.
    #[must_use]
    pub const fn is_zero(&self) -> bool {
        self.mantissa == 0
    }

    /// Whether the value is below zero.
    #[must_use]
    pub const fn is_negative(&self) -> bool {
        self.mantissa < 0
    }

    /// The same value with no trailing zeros after the point.
    #[must_use]
    pub fn normalized(mut self) -> Self {
        while self.scale > 0 && self.mantissa % 10 == 0 {
            self.mantissa /= 10;
            self.scale -= 1;
        }
        self
    }

    /// The value as an exact ratio.
    #[must_use]
    pub fn to_ratio(&self) -> Ratio {
        let small = self.normalized();
        Ratio::new(small.mantissa, 10_i128.pow(u32::from(small.scale))).unwrap_or(Ratio::ZERO)
    }

    /// The value at another scale, rounded as named when digits are lost. `None` on overflow.
    #[must_use]
    pub fn rescaled(&self, scale: u8, rounding: Rounding) -> Option<Self> {
        if scale > MOST_SCALE {
            return None;
        }
        let mantissa = if scale >= self.scale {
            self.mantissa.checked_mul(10_i128.checked_pow(u32::from(scale - self.scale))?)?
        } else {
            rounding.divide(self.mantissa, 10_i128.checked_pow(u32::from(self.scale - scale))?)?
        };
        Some(Self { mantissa, scale })
    }

    /// Exact sum at the larger scale. `None` on overflow.
    #[must_use]
    pub fn checked_add(&self, other: &Self) -> Option<Self> {
        let scale = self.scale.max(other.scale);
        let left = self.rescaled(scale, Rounding::TowardZero)?;
        let right = other.rescaled(scale, Rounding::TowardZero)?;
        Some(Self { mantissa: left.mantissa.checked_add(right.mantissa)?, scale })
    }

    /// Exact difference at the larger scale. `None` on overflow.
    #[must_use]
    pub fn checked_sub(&self, other: &Self) -> Option<Self> {
        self.checked_add(&Self { mantissa: other.mantissa.checked_neg()?, scale: other.scale })
    }

    /// Exact product. `None` on overflow.
    #[must_use]
    pub fn checked_mul(&self, other: &Self) -> Option<Self> {
        let scale = self.scale.checked_add(other.scale).filter(|scale| *scale <= MOST_SCALE)?;
        Some(Self { mantissa: self.mantissa.checked_mul(other.mantissa)?, scale })
    }
}

impl PartialEq for Decimal {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Decimal {}

impl PartialOrd for Decimal {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Decimal {
    fn cmp(&self, other: &Self) -> Ordering {
        self.to_ratio().cmp(&other.to_ratio())
    }
}

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.mantissa < 0 { "-" } else { "" };
        let digits = self.mantissa.unsigned_abs().to_string();
        let scale = usize::from(self.scale);
        if scale == 0 {
            return write!(f, "{sign}{digits}");
        }
        let padded = format!("{digits:0>width$}", width = scale + 1);
        let (whole, fraction) = padded.split_at(padded.len() - scale);
        write!(f, "{sign}{whole}.{fraction}")
    }
}
