//! Moments: UTC, microseconds.

use std::fmt;

use borsh::{BorshDeserialize, BorshSerialize};

use crate::{Day, Refusal};

/// A moment in UTC, in microseconds since 1970-01-01T00:00:00Z. The core never reads a clock: the node's writer
/// gives each command its moment once.
///
/// ```
/// use meridian_terms::{Micros, Moment};
/// let noon = Moment::parse("2026-03-20T12:00:00Z")?;
/// assert_eq!(noon.plus(Micros::seconds(90)).to_string(), "2026-03-20T12:01:30Z");
/// assert_eq!(Moment::parse("2026-03-20T15:30:00+03:30")?, noon);
/// # Ok::<(), meridian_terms::Refusal>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, BorshSerialize, BorshDeserialize)]
pub struct Moment(i64);

impl Moment {
    /// 1970-01-01T00:00:00Z.
    pub const EPOCH: Self = Self(0);

    /// This many microseconds after 1970-01-01T00:00:00Z.
    #[must_use]
    pub const fn from_micros(micros: i64) -> Self {
        Self(micros)
    }

    /// Microseconds since 1970-01-01T00:00:00Z.
    #[must_use]
    pub const fn micros(self) -> i64 {
        self.0
    }

    /// Parses RFC 3339 with an offset; more than six decimals are cut.
    ///
    /// # Errors
    /// `moment.malformed`.
    pub fn parse(text: &str) -> Result<Self, Refusal> {
        text.parse::<jiff::Timestamp>().map(|stamp| Self(stamp.as_microsecond())).map_err(|_| {
            Refusal::new("moment.malformed", format!("{text:?} is not a moment"))
                .rule("RFC 3339")
                .next("write it like 2026-03-20T12:00:00Z")
        })
    }

    /// Later by `span`; saturates at the ends of time.
    #[must_use]
    pub const fn plus(self, span: Micros) -> Self {
        Self(self.0.saturating_add(span.0))
    }

    /// Earlier by `span`; saturates at the ends of time.
    #[must_use]
    pub const fn minus(self, span: Micros) -> Self {
        Self(self.0.saturating_sub(span.0))
    }

    /// How long after `earlier`; negative when before it.
    #[must_use]
    pub const fn since(self, earlier: Self) -> Micros {
        Micros(self.0.saturating_sub(earlier.0))
    }

    /// The UTC calendar day.
    #[must_use]
    pub fn day(self) -> Day {
        let days = self.0.div_euclid(Micros::DAY.0);
        Day::from_number(i32::try_from(days).unwrap_or(0))
    }
}

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match jiff::Timestamp::from_microsecond(self.0) {
            Ok(stamp) => write!(f, "{stamp}"),
            Err(_) => write!(f, "{} us", self.0),
        }
    }
}

impl fmt::Debug for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A span of time in microseconds.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, BorshSerialize, BorshDeserialize,
)]
pub struct Micros(pub i64);

impl Micros {
    /// 24 hours.
    pub const DAY: Self = Self(86_400_000_000);

    /// Whole seconds.
    #[must_use]
    pub const fn seconds(seconds: i64) -> Self {
        Self(seconds.saturating_mul(1_000_000))
    }

    /// Whole milliseconds.
    #[must_use]
    pub const fn millis(millis: i64) -> Self {
        Self(millis.saturating_mul(1_000))
    }

    /// Whole minutes.
    #[must_use]
    pub const fn minutes(minutes: i64) -> Self {
        Self::seconds(minutes.saturating_mul(60))
    }

    /// Whole hours.
    #[must_use]
    pub const fn hours(hours: i64) -> Self {
        Self::minutes(hours.saturating_mul(60))
    }

    /// Whole days of 24 hours.
    #[must_use]
    pub const fn days(days: i64) -> Self {
        Self(days.saturating_mul(Self::DAY.0))
    }
}
