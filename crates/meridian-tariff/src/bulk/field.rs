//! Cells of a CSV line as bytes, and figures written as bytes.

use meridian_terms::Refusal;

/// More columns than any declaration has; cells beyond are not looked at.
const MOST: usize = 40;

/// The cells of one line (RFC 4180), borrowed from the block; a quoted cell with a doubled quote inside is kept apart.
pub(super) struct Fields<'b> {
    cells: [&'b [u8]; MOST],
    count: usize,
    unquoted: Vec<(usize, Vec<u8>)>,
}

impl Default for Fields<'_> {
    fn default() -> Self {
        Self { cells: [b""; MOST], count: 0, unquoted: Vec::new() }
    }
}

impl<'b> Fields<'b> {
    /// Takes the first line of a block apart; what follows it is returned.
    pub(super) fn split(&mut self, block: &'b [u8]) -> &'b [u8] {
        self.count = 0;
        self.unquoted.clear();
        let (mut start, mut at) = (0, 0);
        while at < block.len() {
            match block[at] {
                b'"' if at == start => {
                    let end = self.quoted(block, at);
                    at = end;
                    start = end;
                    match block.get(at) {
                        Some(b',') => {
                            at += 1;
                            start = at;
                            continue;
                        }
                        Some(b'\n') => return &block[at + 1..],
                        Some(b'\r') if block.get(at + 1) == Some(&b'\n') => return &block[at + 2..],
                        _ => continue,
                    }
                }
                b',' => {
                    self.push(&block[start..at]);
                    start = at + 1;
                }
                b'\n' => {
                    let end = if at > start && block[at - 1] == b'\r' { at - 1 } else { at };
                    self.push(&block[start..end]);
                    return &block[at + 1..];
                }
                _ => {}
            }
            at += 1;
        }
        if start < block.len() || self.count > 0 {
            self.push(&block[start..]);
        }
        &[]
    }

    fn push(&mut self, cell: &'b [u8]) {
        if let Some(place) = self.cells.get_mut(self.count) {
            *place = cell;
        }
        self.count = (self.count + 1).min(MOST);
    }

    /// A cell in quotes; where it ends.
    fn quoted(&mut self, block: &'b [u8], open: usize) -> usize {
        let mut at = open + 1;
        let mut doubled = false;
        loop {
            match (block.get(at), block.get(at + 1)) {
                (Some(b'"'), Some(b'"')) => {
                    doubled = true;
                    at += 2;
                }
                (Some(b'"') | None, _) => break,
                _ => at += 1,
            }
        }
        let inside = &block[open + 1..at.min(block.len())];
        if doubled {
            let text = String::from_utf8_lossy(inside).replace("\"\"", "\"");
            self.unquoted.push((self.count, text.into_bytes()));
        }
        self.push(inside);
        (at + 1).min(block.len())
    }

    /// Whether the line holds nothing.
    pub(super) fn is_blank(&self) -> bool {
        self.count == 0 || (self.count == 1 && self.cells[0].is_empty())
    }

    /// A cell; empty when the line is shorter.
    pub(super) fn get(&self, at: usize) -> &[u8] {
        if at >= self.count {
            return b"";
        }
        let apart = self.unquoted.iter().find(|(known, _)| *known == at);
        apart.map_or(self.cells[at], |(_, cell)| cell.as_slice())
    }

    /// A cell as text, without spaces around it.
    pub(super) fn text(&self, at: usize) -> Result<&str, Refusal> {
        std::str::from_utf8(self.get(at)).map(str::trim).map_err(|_| {
            Refusal::new("bulk.utf8", format!("cell {} is not UTF-8", at + 1)).next("save the file as UTF-8")
        })
    }
}

/// Digits and at most one point: the digits as a number and how many stand after the point.
pub(super) fn decimal(cell: &[u8]) -> Option<(i64, u32)> {
    let (mut number, mut after, mut has_point, mut digits) = (0_i64, 0_u32, false, 0_u32);
    for byte in cell {
        match byte {
            b'0'..=b'9' => {
                number = number * 10 + i64::from(byte - b'0');
                digits += 1;
                after += u32::from(has_point);
            }
            b'.' if !has_point => has_point = true,
            _ => return None,
        }
        // Eighteen digits fit 64 bits whatever they are.
        if digits > 18 {
            return None;
        }
    }
    (digits > 0).then_some((number, after))
}

/// `2026-03-20` as days since 1970-01-01.
pub(super) fn day(cell: &[u8]) -> Option<i32> {
    let [y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2] = cell else { return None };
    let number = |digits: &[u8]| -> Option<i32> {
        digits.iter().try_fold(0_i32, |number, digit| {
            digit.is_ascii_digit().then(|| number * 10 + i32::from(digit - b'0'))
        })
    };
    let (year, month, of_month) =
        (number(&[*y1, *y2, *y3, *y4])?, number(&[*m1, *m2])?, number(&[*d1, *d2])?);
    let is_leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    let most = match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 if is_leap => 29,
        2 => 28,
        _ => return None,
    };
    if !(1..=most).contains(&of_month) {
        return None;
    }
    // Howard Hinnant's days_from_civil, for years from 0 on.
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let of_era = year - era * 400;
    let of_year = (153 * (month + if month > 2 { -3 } else { 9 }) + 2) / 5 + of_month - 1;
    let day_of_era = of_era * 365 + of_era / 4 - of_era / 100 + of_year;
    Some(era * 146_097 + day_of_era - 719_468)
}

/// Writes minor units as a decimal of major ones.
pub(super) fn put_minor(minor: i128, exponent: u32, out: &mut Vec<u8>) {
    // Two decimals and 64 bits are nearly every figure there is; dividing by a constant is a multiplication.
    match (u64::try_from(minor), exponent) {
        (Ok(minor), 2) => {
            put_whole(minor / 100, out);
            let rest = (minor % 100) as usize * 2;
            out.push(b'.');
            out.extend_from_slice(&PAIRS[rest..rest + 2]);
        }
        (Ok(minor), 0) => put_whole(minor, out),
        _ => {
            let sign = if minor < 0 { "-" } else { "" };
            let digits = minor.unsigned_abs().to_string();
            let decimals = exponent as usize;
            let padded = format!("{digits:0>width$}", width = decimals + 1);
            let (whole, rest) = padded.split_at(padded.len() - decimals);
            let point = if decimals == 0 { "" } else { "." };
            out.extend_from_slice(format!("{sign}{whole}{point}{rest}").as_bytes());
        }
    }
}

/// `00` to `99`.
const PAIRS: [u8; 200] = {
    let mut pairs = [b'0'; 200];
    let mut at: u8 = 0;
    while at < 100 {
        pairs[at as usize * 2] = b'0' + at / 10;
        pairs[at as usize * 2 + 1] = b'0' + at % 10;
        at += 1;
    }
    pairs
};

#[expect(clippy::cast_possible_truncation, reason = "two digits")]
fn put_whole(mut number: u64, out: &mut Vec<u8>) {
    let mut digits = [0_u8; 20];
    let mut at = digits.len();
    while number >= 100 {
        let pair = (number % 100) as usize * 2;
        number /= 100;
        at -= 2;
        digits[at..at + 2].copy_from_slice(&PAIRS[pair..pair + 2]);
    }
    let pair = number as usize * 2;
    if number >= 10 {
        at -= 1;
        digits[at] = PAIRS[pair + 1];
    }
    at -= 1;
    digits[at] = if number >= 10 { PAIRS[pair] } else { PAIRS[pair + 1] };
    out.extend_from_slice(&digits[at..]);
}

/// Writes a cell, in quotes where it must be.
pub(super) fn put_cell(cell: &[u8], out: &mut Vec<u8>) {
    if !cell.iter().any(|byte| matches!(byte, b',' | b'"' | b'\n' | b'\r')) {
        return out.extend_from_slice(cell);
    }
    out.push(b'"');
    for byte in cell {
        if *byte == b'"' {
            out.push(b'"');
        }
        out.push(*byte);
    }
    out.push(b'"');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_written_as_money_writes_them() {
        for (minor, exponent, expected) in [
            (0, 2, "0.00"),
            (7, 2, "0.07"),
            (99, 2, "0.99"),
            (100, 2, "1.00"),
            (123_456_789, 2, "1234567.89"),
            (-5, 2, "-0.05"),
            (1_000, 0, "1000"),
            (12, 0, "12"),
            (1_234, 3, "1.234"),
            (i128::from(u64::MAX) + 1, 2, "184467440737095516.16"),
        ] {
            let mut out = Vec::new();
            put_minor(minor, exponent, &mut out);
            assert_eq!(String::from_utf8(out).unwrap(), expected);
        }
    }

    #[test]
    fn days_are_counted_as_the_calendar_does() {
        for number in (-200_000..200_000).step_by(17) {
            let written = meridian_terms::Day::from_number(number).to_string();
            if written.len() == 10 {
                assert_eq!(day(written.as_bytes()), Some(number), "{written}");
            }
        }
        assert_eq!(day(b"2026-02-29"), None);
        assert_eq!(day(b"2026-13-01"), None);
    }
}
