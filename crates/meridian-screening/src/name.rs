//! Names: transliterated, folded, cut into tokens.

/// Words that say what a company is, not which.
const LEGAL_FORMS: [&str; 44] = [
    "ltd",
    "limited",
    "llc",
    "llp",
    "inc",
    "incorporated",
    "corp",
    "corporation",
    "co",
    "company",
    "plc",
    "gmbh",
    "ag",
    "sa",
    "sarl",
    "srl",
    "spa",
    "bv",
    "nv",
    "oy",
    "ab",
    "as",
    "pjsc",
    "jsc",
    "ojsc",
    "cjsc",
    "ooo",
    "oao",
    "zao",
    "pao",
    "ao",
    "too",
    "tov",
    "pvt",
    "private",
    "fze",
    "fzco",
    "fzc",
    "sp",
    "zoo",
    "kft",
    "pte",
    "bhd",
    "sherkat",
];

/// Words without weight.
const STOP_WORDS: [&str; 12] = ["the", "of", "and", "for", "de", "la", "al", "el", "bin", "ibn", "mr", "mrs"];

/// A name ready to be compared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Name {
    /// Its tokens, in order, legal forms and words without weight left out unless nothing else remains.
    pub tokens: Vec<String>,
}

impl Name {
    /// Prepares a name in any script.
    #[must_use]
    pub fn of(text: &str) -> Self {
        let all = tokens(text);
        let weighty: Vec<String> = all
            .iter()
            .filter(|token| !LEGAL_FORMS.contains(&token.as_str()) && !STOP_WORDS.contains(&token.as_str()))
            .cloned()
            .collect();
        Self { tokens: if weighty.is_empty() { all } else { weighty } }
    }
}

/// Latin lower-case tokens of letters and digits. Marks and apostrophes vanish; everything else parts tokens.
#[must_use]
pub fn tokens(text: &str) -> Vec<String> {
    let latin = any_ascii::any_ascii(text).to_ascii_lowercase();
    let mut found = Vec::new();
    let mut token = String::new();
    for character in latin.chars() {
        if character.is_ascii_alphanumeric() {
            token.push(character);
        } else if !matches!(character, '\'' | '`' | '"') && !token.is_empty() {
            found.push(std::mem::take(&mut token));
        }
    }
    if !token.is_empty() {
        found.push(token);
    }
    found
}

/// How alike two tokens are, in thousandths: one less for each edit in relation to the longer one, nothing below 600.
pub(crate) fn likeness(a: &str, b: &str) -> u32 {
    if a == b {
        return 1000;
    }
    let longest = a.len().max(b.len());
    let edits = edits(a.as_bytes(), b.as_bytes());
    let alike = 1000 - u32::try_from(edits * 1000 / longest.max(1)).unwrap_or(1000).min(1000);
    if alike < 600 { 0 } else { alike }
}

/// Edit distance with transpositions of neighbours (optimal string alignment).
fn edits(a: &[u8], b: &[u8]) -> usize {
    let mut before: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=b.len()).collect();
    for (i, from) in a.iter().enumerate() {
        let mut row = vec![i + 1; b.len() + 1];
        for (j, to) in b.iter().enumerate() {
            let replaced = last[j] + usize::from(from != to);
            row[j + 1] = replaced.min(last[j + 1] + 1).min(row[j] + 1);
            if i > 0 && j > 0 && *from == b[j - 1] && a[i - 1] == *to {
                row[j + 1] = row[j + 1].min(before[j - 1] + 1);
            }
        }
        before = std::mem::replace(&mut last, row);
    }
    last[b.len()]
}

/// The token, and each form of it with one letter left out: tokens one edit apart share one of these.
pub(crate) fn deletions(token: &str) -> impl Iterator<Item = String> + '_ {
    let whole = std::iter::once(token.to_owned());
    let shorter = (0..token.len()).filter(|_| token.len() > 3).map(|at| {
        let mut rest = token.to_owned();
        rest.remove(at);
        rest
    });
    whole.chain(shorter)
}
