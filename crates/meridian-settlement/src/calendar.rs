//! When a national settlement system works: hours, weekends, holidays, cut-offs, value dates.
//!
//! A calendar is data, one row a line, because weekends and clocks are changed by decree:
//!
//! ```text
//! offset,1970-01-01,+03:30       the local clock from that day on
//! weekend,1970-01-01,Thursday Friday
//! hours,08:00,16:30              local; payments settle from the first until just before the second
//! cut_off,15:30                  for value of the same day
//! holiday,2026-03-21,Nowruz
//! ```

use std::collections::BTreeMap;

use borsh::{BorshDeserialize, BorshSerialize};
use meridian_terms::{Day, Micros, Moment, Refusal, Weekday};

use crate::refusal::{self as no, refuse};

const WEEK: [(Weekday, &str); 7] = [
    (Weekday::Monday, "Monday"),
    (Weekday::Tuesday, "Tuesday"),
    (Weekday::Wednesday, "Wednesday"),
    (Weekday::Thursday, "Thursday"),
    (Weekday::Friday, "Friday"),
    (Weekday::Saturday, "Saturday"),
    (Weekday::Sunday, "Sunday"),
];

/// How far the next business day is looked for.
const SEARCHED_DAYS: i32 = 60;

/// The working time of one settlement system.
///
/// ```
/// use meridian_settlement::Calendar;
/// use meridian_terms::{Day, Moment};
/// let iran = Calendar::parse("offset,1970-01-01,+03:30\nweekend,1970-01-01,Thursday Friday\nhours,08:00,16:30\n\
///     cut_off,15:30\nholiday,2026-03-21,Nowruz\n")?;
/// // Wednesday after the cut-off: Thursday and Friday are the weekend, Saturday is Nowruz.
/// let late = Moment::parse("2026-03-18T15:31:00+03:30")?;
/// assert_eq!(iran.value_date(late)?, Day::parse("2026-03-22")?);
/// # Ok::<(), meridian_terms::Refusal>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Calendar {
    /// Minutes the local clock is ahead of UTC, from each day on.
    offsets: BTreeMap<Day, i32>,
    /// Days of rest, from each day on.
    weekends: BTreeMap<Day, Vec<Weekday>>,
    holidays: BTreeMap<Day, String>,
    /// Local minutes of the day.
    opens: i32,
    closes: i32,
    cut_off: i32,
}

impl Calendar {
    /// Reads a calendar.
    ///
    /// # Errors
    /// `settlement.calendar_malformed` with the line; an offset, a weekend and hours are needed, the cut-off is the
    /// closing time where none is given.
    pub fn parse(text: &str) -> Result<Self, Refusal> {
        let mut calendar = Self::rows(text)
            .map_err(|(number, line)| refuse(no::CALENDAR_MALFORMED, format!("line {number}: {line:?}")))?;
        if calendar.cut_off < 0 {
            calendar.cut_off = calendar.closes;
        }
        let is_whole = !calendar.offsets.is_empty() && !calendar.weekends.is_empty();
        let is_ordered =
            0 <= calendar.opens && calendar.opens < calendar.cut_off && calendar.cut_off <= calendar.closes;
        if !is_whole || !is_ordered {
            let what =
                "it needs an offset, a weekend, and hours that open before the cut-off and close after it";
            return Err(refuse(no::CALENDAR_MALFORMED, what));
        }
        Ok(calendar)
    }

    /// The first line that is no row of a calendar, from 1: where whoever wrote it has to look.
    #[must_use]
    pub fn wrong_line(text: &str) -> Option<usize> {
        Self::rows(text).err().map(|(number, _)| number)
    }

    fn rows(text: &str) -> Result<Self, (usize, &str)> {
        let mut calendar = Self {
            offsets: BTreeMap::new(),
            weekends: BTreeMap::new(),
            holidays: BTreeMap::new(),
            opens: -1,
            closes: -1,
            cut_off: -1,
        };
        for (number, whole) in (1..).zip(text.lines()) {
            let line = whole.split('#').next().unwrap_or("").trim();
            if !line.is_empty() {
                let fields: Vec<&str> = line.splitn(3, ',').map(str::trim).collect();
                calendar.read(&fields).ok_or((number, whole))?;
            }
        }
        Ok(calendar)
    }

    fn read(&mut self, fields: &[&str]) -> Option<()> {
        match fields {
            ["offset", from, offset] => {
                let (sign, clock) = match offset.split_at_checked(1)? {
                    ("+", clock) => (1, clock),
                    ("-", clock) => (-1, clock),
                    _ => return None,
                };
                self.offsets.insert(Day::parse(from).ok()?, sign * minutes(clock)?);
            }
            ["weekend", from, days] => {
                let named = |word: &str| WEEK.iter().find(|(_, name)| *name == word).map(|(day, _)| *day);
                let days: Option<Vec<Weekday>> = days.split_whitespace().map(named).collect();
                self.weekends.insert(Day::parse(from).ok()?, days.filter(|days| days.len() < 7)?);
            }
            ["hours", opens, closes] => (self.opens, self.closes) = (minutes(opens)?, minutes(closes)?),
            ["cut_off", at] => self.cut_off = minutes(at)?,
            ["holiday", day, name] => {
                self.holidays.insert(Day::parse(day).ok()?, (*name).to_owned());
            }
            _ => return None,
        }
        Some(())
    }

    /// The local day and its minute at a moment.
    fn local(&self, at: Moment) -> (Day, i32) {
        let clock = at.plus(Micros::minutes(i64::from(self.offset(at.day()))));
        let minute = clock.since(clock.day().start()).0 / Micros::minutes(1).0;
        (clock.day(), i32::try_from(minute).unwrap_or(0))
    }

    /// The clock in force on a day; before the first row, the first row's.
    fn offset(&self, on: Day) -> i32 {
        let row = self.offsets.range(..=on).next_back().or_else(|| self.offsets.first_key_value());
        row.map_or(0, |(_, minutes)| *minutes)
    }

    fn moment(&self, day: Day, minute: i32) -> Moment {
        day.start().plus(Micros::minutes(i64::from(minute - self.offset(day))))
    }

    /// The local day at a moment.
    #[must_use]
    pub fn day(&self, at: Moment) -> Day {
        self.local(at).0
    }

    /// Why nothing settles on this day: the holiday's name or `weekend`; nothing on a business day.
    #[must_use]
    pub fn rest(&self, day: Day) -> Option<&str> {
        if let Some(name) = self.holidays.get(&day) {
            return Some(name);
        }
        let row = self.weekends.range(..=day).next_back().or_else(|| self.weekends.first_key_value());
        row.is_some_and(|(_, days)| days.contains(&day.weekday())).then_some("weekend")
    }

    /// Whether payments settle at this moment.
    #[must_use]
    pub fn is_open(&self, at: Moment) -> bool {
        let (day, minute) = self.local(at);
        self.rest(day).is_none() && (self.opens..self.closes).contains(&minute)
    }

    /// The first business day on or after this one.
    ///
    /// # Errors
    /// `settlement.no_business_day` when there is none within sixty days.
    pub fn business_day(&self, from: Day) -> Result<Day, Refusal> {
        (0..SEARCHED_DAYS)
            .map(|days| from.plus(days))
            .find(|day| self.rest(*day).is_none())
            .ok_or_else(|| refuse(no::NO_BUSINESS_DAY, format!("from {from}")))
    }

    /// The day whose value a payment decided now has: today before the cut-off of a business day, else the next one.
    ///
    /// # Errors
    /// `settlement.no_business_day`.
    pub fn value_date(&self, at: Moment) -> Result<Day, Refusal> {
        let (day, minute) = self.local(at);
        self.business_day(if minute < self.cut_off { day } else { day.plus(1) })
    }

    /// The first moment at or after this one at which payments settle.
    ///
    /// # Errors
    /// `settlement.no_business_day`.
    pub fn next_opening(&self, at: Moment) -> Result<Moment, Refusal> {
        if self.is_open(at) {
            return Ok(at);
        }
        let (day, minute) = self.local(at);
        let day = self.business_day(if minute < self.opens { day } else { day.plus(1) })?;
        Ok(self.moment(day, self.opens))
    }

    /// The first cut-off after this moment.
    ///
    /// # Errors
    /// `settlement.no_business_day`.
    pub fn next_cut_off(&self, at: Moment) -> Result<Moment, Refusal> {
        self.value_date(at).map(|day| self.moment(day, self.cut_off))
    }
}

/// The first day on or after `from` that is a business day of every calendar, and `business_days` common ones later:
/// the value date of a trade across them.
///
/// # Errors
/// `settlement.no_business_day` when they have none in common within sixty days.
pub fn common_value_date(calendars: &[&Calendar], from: Day, business_days: u32) -> Result<Day, Refusal> {
    let is_common = |day: Day| calendars.iter().all(|calendar| calendar.rest(day).is_none());
    let mut common = (0..SEARCHED_DAYS).map(|days| from.plus(days)).filter(|day| is_common(*day));
    let wanted = usize::try_from(business_days).unwrap_or(usize::MAX);
    common.nth(wanted).ok_or_else(|| refuse(no::NO_BUSINESS_DAY, format!("common to all, from {from}")))
}

fn minutes(clock: &str) -> Option<i32> {
    let (hours, minutes) = clock.split_once(':')?;
    let (hours, minutes): (i32, i32) = (hours.parse().ok()?, minutes.parse().ok()?);
    ((0..=24).contains(&hours) && (0..60).contains(&minutes)).then_some(hours * 60 + minutes)
}
