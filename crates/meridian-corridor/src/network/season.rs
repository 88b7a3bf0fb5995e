//! Seasons: parts of the year that come back.

use meridian_terms::Day;

use crate::table::{Problem, Row};

/// A month and a day of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct MonthDay {
    /// 1 to 12.
    pub month: u8,
    /// 1 to 31.
    pub day: u8,
}

impl MonthDay {
    /// The first of a month.
    #[must_use]
    pub const fn first_of(month: u8) -> Self {
        Self { month, day: 1 }
    }

    /// That of a calendar day.
    #[must_use]
    pub fn of(day: Day) -> Self {
        Self { month: day.month(), day: day.of_month() }
    }

    /// Reads `12-07`.
    fn parse(text: &str) -> Option<Self> {
        let (month, day) = text.split_once('-')?;
        let (month, day) = (month.parse().ok()?, day.parse().ok()?);
        ((1..=12).contains(&month) && (1..=31).contains(&day)).then_some(Self { month, day })
    }
}

/// A part of the year, from a day until before another; it may pass the new year.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Season {
    /// Its first day.
    pub from: MonthDay,
    /// The first day after it.
    pub until: MonthDay,
}

impl Season {
    /// Reads two columns `month-day`; empty is no season.
    pub(crate) fn read(row: &Row<'_>, from: &str, until: &str) -> Result<Option<Self>, Problem> {
        let read = |column: &str| -> Result<Option<MonthDay>, Problem> {
            let parse = |text: &str| {
                MonthDay::parse(text)
                    .ok_or_else(|| row.problem(column, format!("{text:?}; write month-day, 12-07")))
            };
            row.optional(column).map(parse).transpose()
        };
        match (read(from)?, read(until)?) {
            (Some(from), Some(until)) => Ok(Some(Self { from, until })),
            (None, None) => Ok(None),
            (Some(_), None) => Err(row.problem(until, "a season needs both its ends")),
            (None, Some(_)) => Err(row.problem(from, "a season needs both its ends")),
        }
    }

    /// Whether a day falls into it.
    ///
    /// ```
    /// use meridian_corridor::{MonthDay, Season};
    /// let ice = Season { from: MonthDay { month: 12, day: 10 }, until: MonthDay { month: 3, day: 15 } };
    /// assert!(ice.holds(MonthDay { month: 1, day: 5 }) && !ice.holds(MonthDay { month: 3, day: 15 }));
    /// ```
    #[must_use]
    pub fn holds(self, day: MonthDay) -> bool {
        if self.from < self.until {
            self.from <= day && day < self.until
        } else {
            self.from <= day || day < self.until
        }
    }
}

/// A set of months.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Months(u16);

impl Months {
    /// Reads `12-2` or `3` or `1;4-5`; empty is every month.
    pub(crate) fn read(row: &Row<'_>, column: &str) -> Result<Self, Problem> {
        let wrong = || row.problem(column, format!("{:?}; write 12-2 or 3;5-7", row.text(column)));
        let mut months = 0;
        for part in row.words(column) {
            let (from, until) = part.split_once('-').unwrap_or((&part, &part));
            let (mut month, until): (u8, u8) =
                (from.parse().map_err(|_| wrong())?, until.parse().map_err(|_| wrong())?);
            if !(1..=12).contains(&month) || !(1..=12).contains(&until) {
                return Err(wrong());
            }
            months |= 1 << month;
            while month != until {
                month = month % 12 + 1;
                months |= 1 << month;
            }
        }
        Ok(Self(if months == 0 { 0x1ffe } else { months }))
    }

    /// Whether a month is in it.
    #[must_use]
    pub const fn holds(self, month: u8) -> bool {
        self.0 >> month & 1 == 1
    }

    /// Whether it is every month.
    #[must_use]
    pub const fn is_all(self) -> bool {
        self.0 == 0x1ffe
    }
}
