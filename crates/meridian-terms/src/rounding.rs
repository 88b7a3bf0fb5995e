//! Rounding is always a named argument.

use borsh::{BorshDeserialize, BorshSerialize};

/// How an exact value becomes a whole number of units. No operation of this crate rounds without being given
/// one of these; names follow IEEE 754-2019 clause 4.3 and the customs codes that prescribe them.
///
/// ```
/// use meridian_terms::Rounding;
/// assert_eq!(Rounding::HalfEven.divide(25, 10), Some(2));
/// assert_eq!(Rounding::HalfUp.divide(25, 10), Some(3));
/// assert_eq!(Rounding::TowardZero.divide(-29, 10), Some(-2));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, BorshSerialize, BorshDeserialize)]
pub enum Rounding {
    /// To the nearest; a tie to the even neighbour (bankers' rounding).
    HalfEven,
    /// To the nearest; a tie away from zero (commercial rounding, most customs codes).
    HalfUp,
    /// To the nearest; a tie toward zero.
    HalfDown,
    /// Toward zero: the fraction is cut off.
    TowardZero,
    /// Away from zero: any fraction counts as one.
    AwayFromZero,
    /// Toward minus infinity.
    Floor,
    /// Toward plus infinity.
    Ceiling,
}

impl Rounding {
    /// `numerator / denominator` as a whole number, or `None` on a zero denominator or overflow.
    #[must_use]
    pub fn divide(self, numerator: i128, denominator: i128) -> Option<i128> {
        if denominator == 0 {
            return None;
        }
        let quotient = numerator.checked_div(denominator)?;
        let remainder = numerator.checked_rem(denominator)?;
        if remainder == 0 {
            return Some(quotient);
        }
        let negative = (numerator < 0) != (denominator < 0);
        // |remainder| < |denominator|, so comparing twice the remainder is done by subtraction to stay in range.
        let rest = remainder.unsigned_abs();
        let half = rest.cmp(&(denominator.unsigned_abs().checked_sub(rest)?));
        let away = match self {
            Self::TowardZero => false,
            Self::AwayFromZero => true,
            Self::Floor => negative,
            Self::Ceiling => !negative,
            Self::HalfUp => half.is_ge(),
            Self::HalfDown => half.is_gt(),
            Self::HalfEven => half.is_gt() || (half.is_eq() && quotient % 2 != 0),
        };
        match (away, negative) {
            (false, _) => Some(quotient),
            (true, true) => quotient.checked_sub(1),
            (true, false) => quotient.checked_add(1),
        }
    }
}
