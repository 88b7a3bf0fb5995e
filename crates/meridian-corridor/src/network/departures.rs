//! Departures: at once, by headway, when full, or by timetable.

use borsh::{BorshDeserialize, BorshSerialize};
use meridian_terms::{Day, Weekday};

use crate::table::{Problem, Row};

/// Minutes of a day.
const DAY: i64 = 1440;

/// When something leaves.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub enum Departures {
    /// One leaves when the goods are there.
    AtOnce,
    /// Regularly, every so many minutes: a wait is even between nothing and the headway.
    Headway(u32),
    /// When it is full or when it comes, every so many minutes in the mean: a wait has no memory.
    WhenFull(u32),
    /// By timetable.
    Timetable(Timetable),
}

impl Departures {
    /// The mean wait in minutes that does not depend on the hour of arrival; a timetable's wait does.
    #[must_use]
    pub const fn mean_wait(&self) -> u32 {
        match self {
            Self::AtOnce | Self::Timetable(_) => 0,
            Self::Headway(minutes) => *minutes / 2,
            Self::WhenFull(minutes) => *minutes,
        }
    }

    /// Variance of that wait, in square minutes.
    #[must_use]
    pub fn variance(&self) -> u64 {
        match self {
            Self::AtOnce | Self::Timetable(_) => 0,
            Self::Headway(minutes) => u64::from(*minutes).pow(2) / 12,
            Self::WhenFull(minutes) => u64::from(*minutes).pow(2),
        }
    }

    /// Reads `pattern`, `departures_per_week`, and for a timetable `days` or `dates`, `at`, `every_weeks`, `cut_off_hours`,
    /// `valid_from`, `valid_until`.
    pub(crate) fn read(row: &Row<'_>) -> Result<Self, Problem> {
        let weekly =
            row.optional("departures_per_week").map(|_| row.amount("departures_per_week")).transpose()?;
        let headway = || match weekly {
            Some(thousandths) if thousandths > 0 => {
                Ok(u32::try_from(7 * 1_440_000 / thousandths).unwrap_or(u32::MAX))
            }
            _ => Err(row.problem("departures_per_week", "a headway needs departures a week, above zero")),
        };
        match row.text("pattern") {
            "" if weekly.is_none() => Ok(Self::AtOnce),
            "" | "headway" => Ok(Self::Headway(headway()?)),
            "when_full" => Ok(Self::WhenFull(headway()?)),
            "scheduled" => Ok(Self::Timetable(Timetable::read(row)?)),
            other => Err(row.problem("pattern", format!("{other:?}; use scheduled, headway or when_full"))),
        }
    }
}

/// Departures by weekday or by date, in UTC.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Timetable {
    /// Bits by weekday, Monday first; none where dates are named.
    pub weekdays: u8,
    /// Every so many weeks, counted from the week of `from`.
    pub every_weeks: u8,
    /// Dates, in order.
    pub dates: Vec<Day>,
    /// Minutes of the day, in order.
    pub at: Vec<u16>,
    /// Days on which it does not run after all.
    pub without: Vec<Day>,
    /// Minutes before departure by which the goods must be there.
    pub cut_off: u32,
    /// First day of validity.
    pub from: Day,
    /// Last day of validity.
    pub until: Day,
}

impl Timetable {
    const WEEKDAYS: [(&'static str, Weekday); 7] = [
        ("mon", Weekday::Monday),
        ("tue", Weekday::Tuesday),
        ("wed", Weekday::Wednesday),
        ("thu", Weekday::Thursday),
        ("fri", Weekday::Friday),
        ("sat", Weekday::Saturday),
        ("sun", Weekday::Sunday),
    ];

    fn read(row: &Row<'_>) -> Result<Self, Problem> {
        let mut weekdays = 0;
        for word in row.words("days") {
            let place = Self::WEEKDAYS.iter().position(|(known, _)| *known == word);
            weekdays |= 1 << place.ok_or_else(|| row.problem("days", format!("{word:?}; write mon;thu")))?;
        }
        let mut dates = Vec::new();
        for word in row.words("dates") {
            dates.push(Day::parse(&word).map_err(|refusal| row.problem("dates", refusal.to_string()))?);
        }
        dates.sort_unstable();
        if weekdays == 0 && dates.is_empty() {
            return Err(row.problem("days", "a timetable needs days or dates"));
        }
        let clock = |word: &String| {
            let read = word.split_once(':').and_then(|(hour, minute)| {
                let (hour, minute): (u16, u16) = (hour.parse().ok()?, minute.parse().ok()?);
                (hour < 24 && minute < 60).then_some(hour * 60 + minute)
            });
            read.ok_or_else(|| row.problem("at", format!("{word:?}; write 18:30 or 06:00;18:30")))
        };
        let mut at = row.words("at").iter().map(clock).collect::<Result<Vec<u16>, _>>()?;
        at.sort_unstable();
        if at.is_empty() {
            at.push(0);
        }
        let mut without = Vec::new();
        for word in row.words("without") {
            without.push(Day::parse(&word).map_err(|refusal| row.problem("without", refusal.to_string()))?);
        }
        let every_weeks = row.optional("every_weeks").map_or(Ok(1), |text| {
            text.parse()
                .ok()
                .filter(|weeks| *weeks > 0)
                .ok_or_else(|| row.problem("every_weeks", "write 1, 2, 4"))
        })?;
        Ok(Self {
            weekdays,
            every_weeks,
            dates,
            at,
            without,
            cut_off: row.optional_minutes("cut_off_hours")?.unwrap_or(0),
            from: row.day("valid_from")?.unwrap_or(Day::from_number(0)),
            until: row.day("valid_until")?.unwrap_or(Day::from_number(i32::MAX / 2)),
        })
    }

    /// The first departure that goods ready at this minute (since 1970, UTC) still catch, as such a minute; `None` when
    /// the timetable has ended.
    #[must_use]
    pub fn next(&self, ready: i64) -> Option<i64> {
        let earliest = ready + i64::from(self.cut_off);
        let first = Day::from_number(i32::try_from(earliest.div_euclid(DAY)).ok()?).max(self.from);
        let on = |day: Day| {
            let midnight = i64::from(day.number()) * DAY;
            let leaves =
                self.at.iter().map(|minute| midnight + i64::from(*minute)).find(|leaves| *leaves >= earliest);
            leaves.filter(|_| !self.without.contains(&day))
        };
        if self.weekdays == 0 {
            let place = self.dates.partition_point(|date| *date < first);
            return self.dates[place..]
                .iter()
                .take_while(|date| **date <= self.until)
                .find_map(|date| on(*date));
        }
        // Day number 4 was a Monday.
        let week = |day: Day| (day.number() - 4).div_euclid(7);
        let runs = |day: &Day| {
            self.weekdays >> (day.number() - 4).rem_euclid(7) & 1 == 1
                && (week(*day) - week(self.from)).rem_euclid(i32::from(self.every_weeks)) == 0
        };
        // Whoever takes away more than a year of departures has ended the timetable.
        let days = (0..400).map(|ahead| first.plus(ahead)).take_while(|day| *day <= self.until);
        days.filter(runs).find_map(on)
    }
}
