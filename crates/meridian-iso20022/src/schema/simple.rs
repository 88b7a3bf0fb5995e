//! Simple types: lexical forms and facets, as XML Schema part 2 has them.

use super::pattern::Pattern;

/// The built-in type a simple type restricts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Base {
    String,
    Decimal,
    Boolean,
    DateTime,
    Date,
    Time,
    Year,
    YearMonth,
    Base64,
}

/// A simple type.
#[derive(Debug)]
pub(crate) struct Simple {
    pub(crate) base: Base,
    length: Option<usize>,
    min_length: Option<usize>,
    max_length: Option<usize>,
    total_digits: Option<usize>,
    fraction_digits: Option<usize>,
    min_inclusive: Option<u64>,
    pattern: Option<Pattern>,
    values: Vec<Box<str>>,
}

impl Simple {
    pub(crate) fn parse(row: &str, patterns: &[Pattern]) -> Self {
        let mut words = row.split(' ');
        let base = match words.next().unwrap_or_default() {
            "string" => Base::String,
            "decimal" => Base::Decimal,
            "boolean" => Base::Boolean,
            "dateTime" => Base::DateTime,
            "date" => Base::Date,
            "time" => Base::Time,
            "gYear" => Base::Year,
            "gYearMonth" => Base::YearMonth,
            "base64Binary" => Base::Base64,
            other => unreachable!("the table has no base {other}"),
        };
        let mut simple = Self {
            base,
            length: None,
            min_length: None,
            max_length: None,
            total_digits: None,
            fraction_digits: None,
            min_inclusive: None,
            pattern: None,
            values: Vec::new(),
        };
        for word in words {
            let (facet, value) = word.split_once('=').unwrap_or((word, ""));
            let number = value.parse().ok();
            match facet {
                "length" => simple.length = number,
                "minLength" => simple.min_length = number,
                "maxLength" => simple.max_length = number,
                "totalDigits" => simple.total_digits = number,
                "fractionDigits" => simple.fraction_digits = number,
                "minInclusive" => simple.min_inclusive = value.parse().ok(),
                "pattern" => simple.pattern = number.and_then(|index| patterns.get(index)).cloned(),
                "enum" => simple.values = value.split(',').map(Into::into).collect(),
                other => unreachable!("the table has no facet {other}"),
            }
        }
        simple
    }

    /// The rule this text breaks, if it breaks one. All but strings are read with white space collapsed.
    pub(crate) fn check(&self, raw: &str) -> Result<(), (&'static str, String)> {
        let text = if self.base == Base::String { raw } else { raw.trim_matches([' ', '\t', '\n', '\r']) };
        self.lexical(text)?;
        self.lengths(text)?;
        if self.base == Base::Decimal {
            self.digits(text)?;
        }
        if !self.values.is_empty() && self.values.binary_search_by(|value| (**value).cmp(text)).is_err() {
            let known = if self.values.len() > 12 {
                String::new()
            } else {
                format!(", one of {}", self.values.join(" "))
            };
            return Err(("enumeration", format!("{text:?} is no value of the code set{known}")));
        }
        if self.pattern.as_ref().is_some_and(|pattern| !pattern.matches(text)) {
            return Err(("pattern", format!("{text:?} does not have the form of its type")));
        }
        Ok(())
    }

    fn lexical(&self, text: &str) -> Result<(), (&'static str, String)> {
        let (is_right, name) = match self.base {
            Base::String => return Ok(()),
            Base::Decimal => (is_decimal(text), "decimal"),
            Base::Boolean => (matches!(text, "true" | "false" | "1" | "0"), "boolean"),
            Base::DateTime => (is_date_time(text), "dateTime"),
            Base::Date => (with_zone(text, is_date), "date"),
            Base::Time => (with_zone(text, is_time), "time"),
            Base::Year => (with_zone(text, |year| year_of(year).is_some()), "gYear"),
            Base::YearMonth => (with_zone(text, is_year_month), "gYearMonth"),
            Base::Base64 => (base64_octets(text).is_some(), "base64Binary"),
        };
        if is_right { Ok(()) } else { Err(("type", format!("{text:?} is not a {name}"))) }
    }

    /// Characters of a string, octets of binary.
    fn lengths(&self, text: &str) -> Result<(), (&'static str, String)> {
        if self.length.is_none() && self.min_length.is_none() && self.max_length.is_none() {
            return Ok(());
        }
        let long = match self.base {
            Base::Base64 => base64_octets(text).unwrap_or(0),
            _ => text.chars().count(),
        };
        let told = |rule, bound| Err((rule, format!("{long} long, {rule} is {bound}")));
        match (self.length, self.min_length, self.max_length) {
            (Some(length), ..) if long != length => told("length", length),
            (_, Some(least), _) if long < least => told("minLength", least),
            (_, _, Some(most)) if long > most => told("maxLength", most),
            _ => Ok(()),
        }
    }

    /// Digits of the value: leading zeros and zeros at the end of the fraction do not count.
    fn digits(&self, text: &str) -> Result<(), (&'static str, String)> {
        let unsigned = text.trim_start_matches(['+', '-']);
        let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, ""));
        let (whole, fraction) = (whole.trim_start_matches('0'), fraction.trim_end_matches('0'));
        if self.total_digits.is_some_and(|most| whole.len() + fraction.len() > most) {
            return Err(("totalDigits", format!("{text} has more digits")));
        }
        if self.fraction_digits.is_some_and(|most| fraction.len() > most) {
            return Err(("fractionDigits", format!("{text} has more decimals")));
        }
        let is_zero = whole.is_empty() && fraction.is_empty();
        let is_below = match self.min_inclusive {
            None => false,
            Some(0) => text.starts_with('-') && !is_zero,
            Some(least) => text.starts_with('-') || whole.parse::<u128>().unwrap_or(0) < u128::from(least),
        };
        if is_below { Err(("minInclusive", format!("{text} is too small"))) } else { Ok(()) }
    }
}

fn is_decimal(text: &str) -> bool {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, ""));
    let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    !(whole.is_empty() && fraction.is_empty()) && digits(whole) && digits(fraction)
}

/// Splits off a time zone: `Z` or `+hh:mm` up to 14:00.
fn with_zone(text: &str, is_right: impl Fn(&str) -> bool) -> bool {
    if let Some(local) = text.strip_suffix('Z') {
        return is_right(local);
    }
    if text.len() > 6 && text.is_char_boundary(text.len() - 6) {
        let (local, zone) = text.split_at(text.len() - 6);
        if zone.starts_with(['+', '-']) && zone.as_bytes()[3] == b':' {
            let minutes = two(&zone[1..3]).zip(two(&zone[4..6]));
            let is_zone = minutes.is_some_and(|(h, m)| m < 60 && (h < 14 || (h == 14 && m == 0)));
            // A gYearMonth such as 2026-03 has no colon there, so this is a zone or nothing.
            return is_zone && is_right(local);
        }
    }
    is_right(text)
}

fn two(text: &str) -> Option<u32> {
    let is_two_digits = text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_digit());
    if is_two_digits { text.parse().ok() } else { None }
}

/// At least four digits, no needless leading zero, never year 0.
fn year_of(text: &str) -> Option<u64> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let is_written_right = digits.len() >= 4
        && digits.len() <= 12
        && digits.bytes().all(|byte| byte.is_ascii_digit())
        && (digits.len() == 4 || !digits.starts_with('0'));
    digits.parse().ok().filter(|year| is_written_right && *year > 0)
}

fn is_year_month(text: &str) -> bool {
    let Some((year, month)) = text.rsplit_once('-') else { return false };
    year_of(year).is_some() && two(month).is_some_and(|month| (1..=12).contains(&month))
}

fn is_date(text: &str) -> bool {
    let Some((year_month, day)) = text.rsplit_once('-') else { return false };
    let Some((year, month)) = year_month.rsplit_once('-') else { return false };
    let (Some(year), Some(month), Some(day)) = (year_of(year), two(month), two(day)) else { return false };
    let is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let longest = match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 if is_leap => 29,
        2 => 28,
        _ => 0,
    };
    (1..=longest).contains(&day)
}

fn is_time(text: &str) -> bool {
    if text.len() < 8 || !text.is_ascii() {
        return false;
    }
    let (clock, fraction) = text.split_at(8);
    let bytes = clock.as_bytes();
    if bytes[2] != b':' || bytes[5] != b':' {
        return false;
    }
    let (Some(hour), Some(minute), Some(second)) = (two(&clock[..2]), two(&clock[3..5]), two(&clock[6..8]))
    else {
        return false;
    };
    let fraction_digits = fraction.strip_prefix('.');
    let is_fraction = fraction.is_empty()
        || fraction_digits
            .is_some_and(|digits| !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit()));
    let is_midnight =
        hour == 24 && minute == 0 && second == 0 && fraction.bytes().all(|b| matches!(b, b'.' | b'0'));
    is_fraction && ((hour < 24 && minute < 60 && second < 60) || is_midnight)
}

fn is_date_time(text: &str) -> bool {
    with_zone(text, |local| local.split_once('T').is_some_and(|(date, time)| is_date(date) && is_time(time)))
}

/// How many octets the text encodes; `None` when it is not base64. White space may stand anywhere.
fn base64_octets(text: &str) -> Option<usize> {
    let mut symbols = 0_usize;
    let mut padding = 0_usize;
    let mut last = 0_u8;
    for byte in text.bytes() {
        let value = match byte {
            b' ' | b'\t' | b'\n' | b'\r' => continue,
            b'=' => {
                padding += 1;
                continue;
            }
            _ if padding > 0 => return None,
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            _ => return None,
        };
        (symbols, last) = (symbols + 1, value);
    }
    match (symbols % 4, padding) {
        (0, 0) => Some(symbols / 4 * 3),
        (2, 2) if last & 0x0f == 0 => Some(symbols / 4 * 3 + 1),
        (3, 1) if last & 0x03 == 0 => Some(symbols / 4 * 3 + 2),
        _ => None,
    }
}
