//! Dated exchange rates, and how ISO 8583 writes them.

use borsh::{BorshDeserialize, BorshSerialize};
use meridian_terms::{Currency, Moment, Ratio, Rounding, Window};

/// From which currency to which.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, BorshSerialize, BorshDeserialize)]
pub struct RateKey {
    /// The transaction's currency.
    pub from: Currency,
    /// The other side's.
    pub to: Currency,
}

/// A rate in force over a range of time.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Rate {
    /// Who gives it, takes the one currency and pays the other.
    pub provider: String,
    /// Major units of the target for one of the source.
    pub rate: Ratio,
    /// When it is in force.
    pub valid: Window<Moment>,
}

/// A rate as fields 9 and 10 hold it (ISO 8583:1987, table 6): eight digits, the first says how many of the other seven
/// stand after the point. Rounded half-even to seven digits; amounts never go through it, they are in fields 5 and 6.
///
/// ```
/// use meridian_cards::conversion_rate;
/// use meridian_terms::Ratio;
/// assert_eq!(conversion_rate(&Ratio::parse_decimal("1.0893")?), Some("61089300".into()));
/// assert_eq!(conversion_rate(&Ratio::parse_decimal("512.25")?), Some("45122500".into()));
/// # Ok::<(), meridian_terms::Refusal>(())
/// ```
#[must_use]
pub fn conversion_rate(rate: &Ratio) -> Option<String> {
    (0..=9_u32).rev().find_map(|decimals| {
        let digits = rate.times(10_i128.pow(decimals), Rounding::HalfEven)?;
        (digits > 0 && digits < 10_000_000).then(|| format!("{decimals}{digits:07}"))
    })
}
