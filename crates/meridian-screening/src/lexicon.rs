//! A lexicon of name equivalences: words of any script that are one name (Sergey = Серҳий = سرگئی, Bill = William).
//!
//! The file has a line for each name: `form, form, form => id`. Such a file is published under CC0 from Wikidata; it is
//! imported, never built in, so that whoever runs the hub decides and its digest is part of every decision.

use meridian_terms::Refusal;

use crate::name::form_fingerprint;

/// Which words are one name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Lexicon {
    /// Fingerprint of a form and the number of its line, sorted.
    forms: Vec<(u64, u32)>,
    digest: [u8; 32],
}

impl Lexicon {
    /// Reads a lexicon.
    ///
    /// # Errors
    /// `screening.lexicon_malformed` with the line, or when it is empty.
    pub fn import(bytes: &[u8]) -> Result<Self, Refusal> {
        let malformed = |what: String| {
            Refusal::new("screening.lexicon_malformed", what)
                .rule("a line is: form, form, form => id")
                .next("correct the line")
        };
        let text = std::str::from_utf8(bytes).map_err(|error| malformed(error.to_string()))?;
        let mut forms = Vec::new();
        for (number, line) in
            text.lines().enumerate().filter(|(_, line)| !line.is_empty() && !line.starts_with('#'))
        {
            let (words, _) = line
                .split_once("=>")
                .ok_or_else(|| malformed(format!("line {}: no => in it", number + 1)))?;
            let id = u32::try_from(number).unwrap_or(u32::MAX);
            for word in words.split(',') {
                forms.push((form_fingerprint(word), id));
            }
        }
        if forms.is_empty() {
            return Err(malformed("there is no line in it".into()));
        }
        forms.sort_unstable();
        forms.dedup();
        Ok(Self { forms, digest: blake3::hash(bytes).into() })
    }

    /// The names a word, by its fingerprint as written, is a form of.
    pub(crate) fn names_of(&self, written: u64) -> impl Iterator<Item = u32> + '_ {
        let start = self.forms.partition_point(|(form, _)| *form < written);
        self.forms[start..].iter().take_while(move |(form, _)| *form == written).map(|(_, name)| *name)
    }

    /// Whether two words, by their fingerprints, are forms of one name.
    pub(crate) fn agree(&self, a: u64, b: u64) -> bool {
        self.names_of(a).any(|name| self.names_of(b).any(|other| other == name))
    }

    /// BLAKE3 of the file.
    #[must_use]
    pub const fn digest(&self) -> [u8; 32] {
        self.digest
    }
}
