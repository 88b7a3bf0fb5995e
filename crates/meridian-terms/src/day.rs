//! Calendar days: value dates, validity of law.

use std::fmt;

use borsh::{BorshDeserialize, BorshSerialize};

use crate::{Micros, Moment, Refusal};

/// A day of the proleptic Gregorian calendar, without a time zone: a value date, a day a law applies.
///
/// ```
/// use meridian_terms::{Day, Weekday};
/// let day = Day::parse("2026-03-20")?;
/// assert_eq!((day.year(), day.month(), day.of_month(), day.weekday()), (2026, 3, 20, Weekday::Friday));
/// assert_eq!(day.plus(12).to_string(), "2026-04-01");
/// # Ok::<(), meridian_terms::Refusal>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, BorshSerialize, BorshDeserialize)]
pub struct Day(i32);

/// A day of the week.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, BorshSerialize, BorshDeserialize)]
pub enum Weekday {
    /// Monday.
    Monday,
    /// Tuesday.
    Tuesday,
    /// Wednesday.
    Wednesday,
    /// Thursday.
    Thursday,
    /// Friday.
    Friday,
    /// Saturday.
    Saturday,
    /// Sunday.
    Sunday,
}

impl Day {
    /// A day by its number: days since 1970-01-01.
    #[must_use]
    pub const fn from_number(days: i32) -> Self {
        Self(days)
    }

    /// Days since 1970-01-01.
    #[must_use]
    pub const fn number(self) -> i32 {
        self.0
    }

    /// A day by year, month and day of the month.
    ///
    /// # Errors
    /// `day.malformed` when there is no such day.
    pub fn new(year: i16, month: u8, of_month: u8) -> Result<Self, Refusal> {
        let malformed = || {
            Refusal::new("day.malformed", format!("{year:04}-{month:02}-{of_month:02} is not a day"))
                .rule("ISO 8601 calendar date")
        };
        let month = i8::try_from(month).map_err(|_| malformed())?;
        let of_month = i8::try_from(of_month).map_err(|_| malformed())?;
        let date = jiff::civil::Date::new(year, month, of_month).map_err(|_| malformed())?;
        Ok(Self::from_civil(date))
    }

    /// Parses `2026-03-20`.
    ///
    /// # Errors
    /// `day.malformed`.
    pub fn parse(text: &str) -> Result<Self, Refusal> {
        let malformed = || {
            Refusal::new("day.malformed", format!("{text:?} is not a day"))
                .rule("ISO 8601 calendar date")
                .next("write it like 2026-03-20")
        };
        if text.len() != 10 {
            return Err(malformed());
        }
        text.parse::<jiff::civil::Date>().map(Self::from_civil).map_err(|_| malformed())
    }

    fn from_civil(date: jiff::civil::Date) -> Self {
        let epoch = jiff::civil::Date::constant(1970, 1, 1);
        let days = date.duration_since(epoch).as_hours() / 24;
        Self(i32::try_from(days).unwrap_or(0))
    }

    fn civil(self) -> jiff::civil::Date {
        let epoch = jiff::civil::Date::constant(1970, 1, 1);
        let span = jiff::SignedDuration::from_hours(i64::from(self.0) * 24);
        epoch.saturating_add(span)
    }

    /// The year.
    #[must_use]
    pub fn year(self) -> i16 {
        self.civil().year()
    }

    /// The month, 1 to 12.
    #[must_use]
    pub fn month(self) -> u8 {
        self.civil().month().unsigned_abs()
    }

    /// The day of the month, 1 to 31.
    #[must_use]
    pub fn of_month(self) -> u8 {
        self.civil().day().unsigned_abs()
    }

    /// The day of the week.
    #[must_use]
    pub fn weekday(self) -> Weekday {
        // 1970-01-01 was a Thursday.
        match (self.0 + 3).rem_euclid(7) {
            0 => Weekday::Monday,
            1 => Weekday::Tuesday,
            2 => Weekday::Wednesday,
            3 => Weekday::Thursday,
            4 => Weekday::Friday,
            5 => Weekday::Saturday,
            _ => Weekday::Sunday,
        }
    }

    /// This many days later (earlier when negative); saturates.
    #[must_use]
    pub const fn plus(self, days: i32) -> Self {
        Self(self.0.saturating_add(days))
    }

    /// Its first moment in UTC.
    #[must_use]
    pub fn start(self) -> Moment {
        Moment::EPOCH.plus(Micros::days(i64::from(self.0)))
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.civil())
    }
}

impl fmt::Debug for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
