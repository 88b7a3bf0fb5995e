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
    let mut digits = [0_u8; 44];
    let mut at = digits.len();
    let mut rest = minor.unsigned_abs();
    let mut written = 0;
    while rest > 0 || written <= exponent {
        if written == exponent && exponent > 0 {
            at -= 1;
            digits[at] = b'.';
        }
        at -= 1;
        // A figure of 64 bits divides much faster than one of 128.
        if let Ok(small) = u64::try_from(rest) {
            digits[at] = b'0' + (small % 10) as u8;
            rest = u128::from(small / 10);
        } else {
            digits[at] = b'0' + (rest % 10) as u8;
            rest /= 10;
        }
        written += 1;
    }
    if minor < 0 {
        at -= 1;
        digits[at] = b'-';
    }
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
