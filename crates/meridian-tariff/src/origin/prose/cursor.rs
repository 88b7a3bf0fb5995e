//! Reads words by small patterns.

use crate::origin::words::Word;

/// A place in the words of a rule. Readers that do not recognise what stands there leave it where it was.
#[derive(Clone)]
pub(crate) struct Cursor<'a> {
    pub(crate) words: &'a [Word],
    pub(crate) at: usize,
    /// The furthest any reader got: where the text stopped making sense.
    pub(crate) furthest: usize,
}

impl<'a> Cursor<'a> {
    pub(crate) fn new(words: &'a [Word]) -> Self {
        Self { words, at: 0, furthest: 0 }
    }

    pub(crate) fn peek(&self) -> &'a str {
        self.words.get(self.at).map_or("", |word| word.text.as_str())
    }

    pub(crate) fn at_end(&self) -> bool {
        self.at >= self.words.len()
    }

    /// Takes a pattern: words separated by spaces, `a|b` either, a trailing `?` optional. `of a|the? good` is
    /// "of", then "a", "the" or nothing, then "good".
    pub(crate) fn eat(&mut self, pattern: &str) -> bool {
        let pieces: Vec<&str> = pattern.split(' ').collect();
        match self.matches(&pieces, self.at) {
            Some(end) => {
                self.at = end;
                self.furthest = self.furthest.max(end);
                true
            }
            None => false,
        }
    }

    /// Whether a pattern stands here; takes nothing.
    pub(crate) fn sees(&self, pattern: &str) -> bool {
        let pieces: Vec<&str> = pattern.split(' ').collect();
        self.matches(&pieces, self.at).is_some()
    }

    fn matches(&self, pieces: &[&str], at: usize) -> Option<usize> {
        let Some((piece, rest)) = pieces.split_first() else { return Some(at) };
        let (choices, optional) = piece.strip_suffix('?').map_or((*piece, false), |choices| (choices, true));
        let here = self.words.get(at).map_or("", |word| word.text.as_str());
        if choices.split('|').any(|choice| choice == here)
            && let Some(end) = self.matches(rest, at + 1)
        {
            return Some(end);
        }
        if optional { self.matches(rest, at) } else { None }
    }

    /// The first of several patterns that stands here.
    pub(crate) fn eat_any(&mut self, patterns: &[&str]) -> bool {
        patterns.iter().any(|pattern| self.eat(pattern))
    }

    pub(crate) fn sees_any(&self, patterns: &[&str]) -> bool {
        patterns.iter().any(|pattern| self.sees(pattern))
    }

    /// Takes words until one of the patterns stands there (or the end); gives the words taken.
    pub(crate) fn until(&mut self, stops: &[&str]) -> &'a [Word] {
        let start = self.at;
        while !self.at_end() && !self.sees_any(stops) {
            self.at += 1;
        }
        &self.words[start..self.at]
    }

    /// Tries a reader; when it gives nothing, goes back.
    pub(crate) fn attempt<T>(&mut self, reader: impl FnOnce(&mut Self) -> Option<T>) -> Option<T> {
        let start = self.at;
        let read = reader(self);
        if read.is_some() {
            self.furthest = self.furthest.max(self.at);
        } else {
            self.at = start;
        }
        read
    }

    /// Takes punctuation between conditions; says whether "or" was among it, or "and".
    pub(crate) fn separator(&mut self) -> Option<Joint> {
        let start = self.at;
        let mut joint = match start.checked_sub(1).map(|before| self.words[before].text.as_str()) {
            // A reader that took a list to its end may have taken the conjunction too.
            Some("or" | "and/or") => Joint::Or,
            _ => Joint::Mark,
        };
        loop {
            match self.peek() {
                "," | ";" | ":" | "•" | "¶" => self.at += 1,
                "and/or" | "or" => {
                    self.at += 1;
                    joint = Joint::Or;
                }
                "and" => {
                    self.at += 1;
                    joint = Joint::And;
                }
                _ => break,
            }
        }
        (self.at > start).then_some(joint)
    }
}

/// What stands between two conditions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Joint {
    /// Punctuation alone.
    Mark,
    And,
    Or,
}

/// The words joined again, as a name: `natural fibres, not carded or combed`.
pub(crate) fn spelled(words: &[Word]) -> String {
    let mut name = String::new();
    for word in words {
        if word.text == "•" || word.text == "¶" {
            continue;
        }
        let glued = matches!(word.text.as_str(), "," | ";" | ":" | "." | ")" | "%");
        if !name.is_empty() && !glued && !name.ends_with('(') {
            name.push(' ');
        }
        name.push_str(&word.text);
    }
    name
}
