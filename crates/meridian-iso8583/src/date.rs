//! Calendar patterns of date and time fields.

/// A pattern such as `MMDDhhmmss`: what pairs of digits a field holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DatePattern(Vec<Pair>);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Pair {
    Century,
    Year,
    Month,
    Day,
    Hour,
    Minute,
    Second,
}

/// Days of the months, the first for a day without a month; February has 29, since most patterns name no year.
const DAYS: [u8; 13] = [31, 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

impl DatePattern {
    /// Reads a pattern of `CC`, `YY`, `MM`, `DD`, `hh`, `mm`, `ss`.
    #[must_use]
    pub fn parse(pattern: &str) -> Option<Self> {
        let pairs = pattern.as_bytes().chunks(2).map(|pair| {
            Some(match pair {
                b"CC" => Pair::Century,
                b"YY" => Pair::Year,
                b"MM" => Pair::Month,
                b"DD" => Pair::Day,
                b"hh" => Pair::Hour,
                b"mm" => Pair::Minute,
                b"ss" => Pair::Second,
                _ => return None,
            })
        });
        pairs.collect::<Option<Vec<_>>>().map(Self)
    }

    /// How many digits it takes.
    #[must_use]
    pub fn digits(&self) -> usize {
        self.0.len() * 2
    }

    /// What is wrong with the numbers of two digits each, if anything.
    pub(crate) fn flaw(&self, values: impl Iterator<Item = u8>) -> Option<&'static str> {
        let mut month = 0;
        for (pair, value) in self.0.iter().zip(values) {
            match pair {
                Pair::Month if !(1..=12).contains(&value) => return Some("the month is not 01 to 12"),
                Pair::Month => month = usize::from(value),
                Pair::Day if value == 0 || value > DAYS[month] => return Some("the month has no such day"),
                Pair::Hour if value > 23 => return Some("the hour is not 00 to 23"),
                Pair::Minute if value > 59 => return Some("the minute is not 00 to 59"),
                Pair::Second if value > 59 => return Some("the second is not 00 to 59"),
                _ => {}
            }
        }
        None
    }
}
