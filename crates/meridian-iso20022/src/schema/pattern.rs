//! Patterns: the few dozen regular expressions of the schemas, as position automata.
//!
//! A pattern's every place where a character can stand is a bit; one step over a byte is a union of follow sets and a
//! mask. Time is linear in the text, whatever the text.

/// A compiled pattern.
#[derive(Debug, Clone)]
pub(crate) struct Pattern {
    first: u128,
    last: u128,
    is_empty_allowed: bool,
    follow: Vec<u128>,
    accepts: Vec<u128>,
}

/// A part of a pattern while it is compiled: where it can begin and end, and whether it can be nothing.
#[derive(Clone, Copy)]
struct Part {
    first: u128,
    last: u128,
    can_be_empty: bool,
}

const NOTHING: Part = Part { first: 0, last: 0, can_be_empty: true };

impl Pattern {
    /// Compiles the subset the schemas use: literals, escapes, `.`, classes with ranges, groups, alternatives, and the
    /// counts `{n}`, `{n,m}`, `?`, `*`, `+`.
    pub(crate) fn compile(text: &str) -> Self {
        let mut compiler =
            Compiler { text: text.as_bytes(), at: 0, follow: Vec::new(), accepts: vec![0; 256] };
        let whole = compiler.alternatives();
        assert!(compiler.at == compiler.text.len(), "pattern {text} is not understood");
        Self {
            first: whole.first,
            last: whole.last,
            is_empty_allowed: whole.can_be_empty,
            follow: compiler.follow,
            accepts: compiler.accepts,
        }
    }

    /// Whether the whole text matches.
    pub(crate) fn matches(&self, text: &str) -> bool {
        let mut reach = self.first;
        let mut here = 0_u128;
        for byte in text.bytes() {
            here = reach & self.accepts[usize::from(byte)];
            if here == 0 {
                return false;
            }
            reach = 0;
            let mut rest = here;
            while rest != 0 {
                reach |= self.follow[rest.trailing_zeros() as usize];
                rest &= rest - 1;
            }
        }
        if text.is_empty() { self.is_empty_allowed } else { here & self.last != 0 }
    }
}

struct Compiler<'a> {
    text: &'a [u8],
    at: usize,
    follow: Vec<u128>,
    accepts: Vec<u128>,
}

impl Compiler<'_> {
    fn peek(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    fn alternatives(&mut self) -> Part {
        let mut whole = self.sequence();
        while self.peek() == Some(b'|') {
            self.at += 1;
            let other = self.sequence();
            whole = Part {
                first: whole.first | other.first,
                last: whole.last | other.last,
                can_be_empty: whole.can_be_empty || other.can_be_empty,
            };
        }
        whole
    }

    fn sequence(&mut self) -> Part {
        let mut whole = NOTHING;
        while !matches!(self.peek(), None | Some(b'|' | b')')) {
            let start = self.at;
            let part = self.atom();
            let (min, max) = self.count();
            let end = self.at;
            // Counts are written out: each repetition has places of its own.
            let mut repeated = if min == 0 { optional(part) } else { part };
            if max.is_none() {
                self.link(part, part);
            }
            for number in 1..max.unwrap_or(min.max(1)) {
                self.at = start;
                let next = self.atom();
                self.at = end;
                let next = if number < min { next } else { optional(next) };
                repeated = self.join(repeated, next);
            }
            whole = self.join(whole, repeated);
        }
        whole
    }

    fn join(&mut self, left: Part, right: Part) -> Part {
        self.link(left, right);
        Part {
            first: if left.can_be_empty { left.first | right.first } else { left.first },
            last: if right.can_be_empty { left.last | right.last } else { right.last },
            can_be_empty: left.can_be_empty && right.can_be_empty,
        }
    }

    fn link(&mut self, left: Part, right: Part) {
        let mut rest = left.last;
        while rest != 0 {
            self.follow[rest.trailing_zeros() as usize] |= right.first;
            rest &= rest - 1;
        }
    }

    fn atom(&mut self) -> Part {
        match self.peek() {
            Some(b'(') => {
                self.at += 1;
                let group = self.alternatives();
                assert!(self.peek() == Some(b')'), "a group is not closed");
                self.at += 1;
                group
            }
            Some(b'[') => {
                self.at += 1;
                let bytes = self.class();
                self.place(&bytes)
            }
            Some(b'.') => {
                self.at += 1;
                let all: Vec<u8> = (0..=u8::MAX).filter(|byte| !matches!(byte, b'\n' | b'\r')).collect();
                self.place(&all)
            }
            _ => {
                let byte = self.literal();
                self.place(&[byte])
            }
        }
    }

    fn literal(&mut self) -> u8 {
        if self.peek() == Some(b'\\') {
            self.at += 1;
        }
        let byte = self.peek().unwrap_or_else(|| panic!("a pattern ends in an escape"));
        self.at += 1;
        byte
    }

    fn class(&mut self) -> Vec<u8> {
        let mut bytes = Vec::new();
        assert!(self.peek() != Some(b'^'), "no schema negates a class");
        while self.peek() != Some(b']') {
            let low = self.literal();
            let is_range = self.peek() == Some(b'-') && self.text.get(self.at + 1) != Some(&b']');
            if is_range {
                self.at += 1;
                let high = self.literal();
                bytes.extend(low..=high);
            } else {
                bytes.push(low);
            }
        }
        self.at += 1;
        bytes
    }

    fn place(&mut self, bytes: &[u8]) -> Part {
        assert!(self.follow.len() < 128, "a pattern has more than 128 places");
        let bit = 1_u128 << self.follow.len();
        self.follow.push(0);
        for byte in bytes {
            self.accepts[usize::from(*byte)] |= bit;
        }
        Part { first: bit, last: bit, can_be_empty: false }
    }

    /// The count behind an atom; no upper bound is `None`.
    fn count(&mut self) -> (usize, Option<usize>) {
        let (bounds, length) = match self.peek() {
            Some(b'?') => ((0, Some(1)), 1),
            Some(b'*') => ((0, None), 1),
            Some(b'+') => ((1, None), 1),
            Some(b'{') => {
                let inside = self.text[self.at + 1..].split(|byte| *byte == b'}').next().unwrap_or_default();
                let inside = std::str::from_utf8(inside).unwrap_or_default();
                let (min, max) = inside.split_once(',').unwrap_or((inside, inside));
                ((min.parse().unwrap_or(0), max.parse().ok()), inside.len() + 2)
            }
            _ => ((1, Some(1)), 0),
        };
        self.at += length;
        bounds
    }
}

const fn optional(part: Part) -> Part {
    Part { can_be_empty: true, ..part }
}

#[cfg(test)]
mod tests {
    use super::Pattern;

    #[test]
    fn patterns_match_whole_texts_only() {
        let rows = [
            ("[A-Z]{3,3}", "INR", true),
            ("[A-Z]{3,3}", "INRX", false),
            ("[A-Z]{3,3}", "IN", false),
            ("[A-Z]{6,6}[A-Z2-9][A-NP-Z0-9]([A-Z0-9]{3,3}){0,1}", "MERIINBBXXX", true),
            ("[A-Z]{6,6}[A-Z2-9][A-NP-Z0-9]([A-Z0-9]{3,3}){0,1}", "MERIINBBX", false),
            ("\\+[0-9]{1,3}-[0-9()+\\-]{1,30}", "+91-22(1)-5", true),
            ("\\+[0-9]{1,3}-[0-9()+\\-]{1,30}", "91-22", false),
            ("[BEOVW]{1,1}[0-9]{2,2}|DUM", "DUM", true),
            ("[BEOVW]{1,1}[0-9]{2,2}|DUM", "B1", false),
            ("([0-9A-F][0-9A-F]){32}", &"0F".repeat(32), true),
            ("([0-9A-F][0-9A-F]){32}", &"0F".repeat(31), false),
            (".*Z", "2026Z", true),
            (".*Z", "Z\n", false),
            ("[0-9a-fA-F]+", "", false),
            ("[\\+]{0,1}[0-9]{1,15}", "+5", true),
            ("[A-Z0-9]{18}[0-9]{2}[A-Z0-9]{0,32}", "529900T8BM49AURSDO55", true),
        ];
        for (pattern, text, expected) in rows {
            assert_eq!(Pattern::compile(pattern).matches(text), expected, "{pattern} on {text}");
        }
    }
}
