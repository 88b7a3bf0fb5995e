//! Which issuer a card belongs to: the longest prefix of an issuer-level, dated table that participants supply.
//!
//! Brand patterns say nothing here: national ranges lie inside international ones (a third of the public Iranian issuer
//! ranges begin with 62), so a guess by brand sends cards to the wrong country. What is unknown, ambiguous or out of
//! date is declined with its reason.

use std::collections::BTreeMap;
use std::fmt;

use borsh::{BorshDeserialize, BorshSerialize};
use meridian_terms::{Currency, Day, Refusal, Window};

use crate::refusal::{self as no, refuse};
use crate::{SchemeId, StandIn};

/// How the last digit of a number is checked. It differs by range, also within a country.
#[derive(Debug, Clone, Copy, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub enum CheckDigit {
    /// Modulus 10, ISO/IEC 7812-1 annex B.
    Luhn,
    /// The issuer uses none.
    None,
}

/// One issuer's range of numbers.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Range {
    /// The first 6 to 11 digits.
    pub prefix: String,
    /// The scheme whose switch reaches the issuer.
    pub scheme: SchemeId,
    /// The issuing institution (field 100 of a request to it).
    pub institution: String,
    /// The days on which the range is in use.
    pub valid: Window<Day>,
    /// Shortest and longest number, in digits.
    pub lengths: (u8, u8),
    /// How its last digit is checked.
    pub check: CheckDigit,
    /// The currency its cardholders are billed in (field 51).
    pub billing: Currency,
    /// What the hub may approve in the issuer's place while it cannot be reached; nothing without it.
    pub stand_in: Option<StandIn>,
}

/// Names a range of a table: its prefix and first day.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, BorshSerialize, BorshDeserialize)]
pub struct RangeKey {
    /// Its digits.
    pub prefix: String,
    /// Its first day.
    pub from: Day,
}

/// Why a number has no issuer. Says at most its first six digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, BorshSerialize, BorshDeserialize)]
pub enum Unroutable {
    /// No range has such a prefix.
    Unknown,
    /// Two issuers claim the longest prefix on this day.
    Ambiguous,
    /// Ranges have such a prefix, none on this day.
    Expired,
    /// The issuer has no numbers of this length.
    Length,
    /// The last digit is wrong.
    CheckDigit,
}

impl fmt::Display for Unroutable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Unknown => "no range has its prefix",
            Self::Ambiguous => "two issuers claim its prefix",
            Self::Expired => "the ranges with its prefix are not in use on this day",
            Self::Length => "its issuer has no numbers of this length",
            Self::CheckDigit => "its check digit is wrong",
        })
    }
}

/// The table in force: every participant's ranges.
#[derive(Debug, Clone, Default, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Table {
    ranges: BTreeMap<String, Vec<Range>>,
}

impl Table {
    /// A table of these ranges. Ranges of different issuers that overlap are kept: each participant may be right, and
    /// [`Table::conflicts`] names them; until they agree, numbers in both are declined.
    ///
    /// # Errors
    /// `cards.range` for a prefix that is not 6 to 11 digits, lengths outside 12 to 19, or the same prefix twice from
    /// the same day.
    pub fn new(ranges: impl IntoIterator<Item = Range>) -> Result<Self, Refusal> {
        let mut table = Self::default();
        for range in ranges {
            let digits = range.prefix.bytes().all(|byte| byte.is_ascii_digit());
            let (short, long) = range.lengths;
            if !digits || !(6..=11).contains(&range.prefix.len()) {
                return Err(refuse(no::RANGE, format!("prefix {:?}", range.prefix)));
            }
            if short > long || short < 12 || long > 19 {
                return Err(refuse(no::RANGE, format!("{}: lengths {short} to {long}", range.prefix)));
            }
            let rows = table.ranges.entry(range.prefix.clone()).or_default();
            let again = |row: &&Range| row.valid.from() == range.valid.from() && row.scheme == range.scheme;
            if rows.iter().any(|row| again(&row)) {
                return Err(refuse(no::RANGE, format!("{} twice from {}", range.prefix, range.valid.from())));
            }
            rows.push(range);
        }
        Ok(table)
    }

    /// The issuer of a number on a day.
    ///
    /// # Errors
    /// [`Unroutable`].
    pub fn route(&self, number: &str, day: Day) -> Result<&Range, Unroutable> {
        let mut outcome = Unroutable::Unknown;
        for length in (6..=11.min(number.len())).rev() {
            let Some(rows) = number.get(..length).and_then(|prefix| self.ranges.get(prefix)) else {
                continue;
            };
            let mut valid = rows.iter().filter(|range| range.valid.contains(day));
            let Some(range) = valid.next() else {
                outcome = Unroutable::Expired;
                continue;
            };
            if valid.any(|other| (&other.scheme, &other.institution) != (&range.scheme, &range.institution)) {
                return Err(Unroutable::Ambiguous);
            }
            if !(usize::from(range.lengths.0)..=usize::from(range.lengths.1)).contains(&number.len()) {
                return Err(Unroutable::Length);
            }
            if range.check == CheckDigit::Luhn && !luhn(number) {
                return Err(Unroutable::CheckDigit);
            }
            return Ok(range);
        }
        Err(outcome)
    }

    /// The range with this key; the first where two schemes have it.
    #[must_use]
    pub fn range(&self, key: &RangeKey, scheme: &SchemeId) -> Option<&Range> {
        let rows = self.ranges.get(&key.prefix)?;
        rows.iter().find(|range| range.valid.from() == key.from && range.scheme == *scheme)
    }

    /// Every range, by prefix.
    pub fn ranges(&self) -> impl Iterator<Item = &Range> {
        self.ranges.values().flatten()
    }

    /// Prefixes that two issuers claim on the same day, with their schemes.
    #[must_use]
    pub fn conflicts(&self) -> Vec<(&str, &SchemeId, &SchemeId)> {
        let mut found = Vec::new();
        for (prefix, rows) in &self.ranges {
            for (position, one) in rows.iter().enumerate() {
                let others = rows[position + 1..].iter().filter(|other| other.valid.overlaps(&one.valid));
                found.extend(
                    others
                        .filter(|other| {
                            (&other.scheme, &other.institution) != (&one.scheme, &one.institution)
                        })
                        .map(|other| (prefix.as_str(), &one.scheme, &other.scheme)),
                );
            }
        }
        found
    }
}

impl Range {
    /// Its key.
    #[must_use]
    pub fn key(&self) -> RangeKey {
        RangeKey { prefix: self.prefix.clone(), from: self.valid.from() }
    }
}

/// ISO/IEC 7812-1 annex B: from the right every second digit counts double, less nine above nine.
fn luhn(number: &str) -> bool {
    let sum: u32 = number
        .bytes()
        .rev()
        .enumerate()
        .map(|(position, digit)| {
            let digit = u32::from(digit.wrapping_sub(b'0'));
            match (position % 2 == 1, digit * 2) {
                (false, _) => digit,
                (true, double @ 0..=9) => double,
                (true, double) => double - 9,
            }
        })
        .sum();
    number.bytes().all(|byte| byte.is_ascii_digit()) && sum.is_multiple_of(10)
}
