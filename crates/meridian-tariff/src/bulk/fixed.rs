//! Decimals as integers.

use meridian_terms::{Ratio, Rounding};

/// `number / 10^scale`.
#[derive(Debug, Clone, Copy)]
pub(super) struct Fixed {
    pub(super) number: i128,
    pub(super) scale: u32,
}

const TENS: [i64; 19] = {
    let mut tens = [1_i64; 19];
    let mut at = 1;
    while at < tens.len() {
        tens[at] = tens[at - 1] * 10;
        at += 1;
    }
    tens
};

pub(super) fn ten(power: u32) -> Option<i128> {
    TENS.get(power as usize).map(|ten| i128::from(*ten)).or_else(|| 10_i128.checked_pow(power))
}

impl Fixed {
    pub(super) fn times(self, other: Self) -> Option<Self> {
        Some(Self { number: self.number.checked_mul(other.number)?, scale: self.scale + other.scale })
    }

    /// Both at the same number of decimals.
    fn aligned(self, other: Self) -> Option<(i128, i128, u32)> {
        let scale = self.scale.max(other.scale);
        let left = self.number.checked_mul(ten(scale - self.scale)?)?;
        let right = other.number.checked_mul(ten(scale - other.scale)?)?;
        Some((left, right, scale))
    }

    pub(super) fn plus(self, other: Self) -> Option<Self> {
        let (left, right, scale) = self.aligned(other)?;
        Some(Self { number: left.checked_add(right)?, scale })
    }

    pub(super) fn minus(self, other: Self) -> Option<Self> {
        let (left, right, scale) = self.aligned(other)?;
        Some(Self { number: left.checked_sub(right)?, scale })
    }

    pub(super) fn least(self, other: Self) -> Option<Self> {
        let (left, right, _) = self.aligned(other)?;
        Some(if right < left { other } else { self })
    }

    pub(super) fn most(self, other: Self) -> Option<Self> {
        let (left, right, _) = self.aligned(other)?;
        Some(if right > left { other } else { self })
    }

    /// The nearest whole number, halves away from zero.
    pub(super) fn half_up(self) -> Option<i128> {
        if self.scale == 0 {
            return Some(self.number);
        }
        match u64::try_from(self.number).ok().and_then(|number| divided(number, self.scale)) {
            Some(whole) => Some(i128::from(whole)),
            None => Rounding::HalfUp.divide(self.number, ten(self.scale)?),
        }
    }

    /// A ratio whose denominator has no primes but two and five.
    pub(super) fn of(ratio: &Ratio) -> Option<Self> {
        let (mut rest, mut scale) = (ratio.denominator(), 0_u32);
        let mut number = ratio.numerator();
        while rest > 1 {
            if rest % 10 == 0 {
                rest /= 10;
            } else if rest % 5 == 0 {
                rest /= 5;
                number = number.checked_mul(2)?;
            } else if rest % 2 == 0 {
                rest /= 2;
                number = number.checked_mul(5)?;
            } else {
                return None;
            }
            scale += 1;
        }
        Some(Self { number, scale })
    }
}

/// `number / 10^scale`, halves up. Up to eight decimals the divisor is a constant, which the compiler turns into a
/// multiplication; a division by a variable costs several times that.
fn divided(number: u64, scale: u32) -> Option<u64> {
    macro_rules! by {
        ($ten:literal) => {{
            let (whole, rest) = (number / $ten, number % $ten);
            whole + u64::from(rest >= $ten / 2)
        }};
    }
    Some(match scale {
        1 => by!(10),
        2 => by!(100),
        3 => by!(1_000),
        4 => by!(10_000),
        5 => by!(100_000),
        6 => by!(1_000_000),
        7 => by!(10_000_000),
        8 => by!(100_000_000),
        9 => by!(1_000_000_000),
        10 => by!(10_000_000_000),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_ways_of_dividing_agree() {
        for scale in 0..13 {
            for number in (0..3_000).chain([49_999, 50_000, 149_999_999, 150_000_000, 123_456_789_012_345]) {
                let fixed = Fixed { number, scale };
                assert_eq!(
                    fixed.half_up(),
                    Rounding::HalfUp.divide(number, 10_i128.pow(scale)),
                    "{number} {scale}"
                );
            }
        }
    }
}
