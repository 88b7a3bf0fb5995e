//! Finding a goods code by words: candidates with their path, never a verdict.
//!
//! Full text over the descriptions of a nomenclature, ranked by Okapi BM25 (k1 1.2, b 0.75) in whole numbers, so
//! that the same words give the same list everywhere. A word counts most in the line's own description and less
//! the higher it stands in the path. Classification is a legal act of the declarant; this only shortens the
//! list.

use std::collections::{BTreeMap, BTreeSet};

use crate::pack::{Line, Pack};

/// One description of a nomenclature, in its printed order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The code, or empty for an unnumbered grouping.
    pub code: String,
    /// How deep it stands: chapter 0, heading 1, one more for every dash.
    pub depth: u8,
    /// The description.
    pub text: String,
    /// Whether goods may be declared under it.
    pub is_declarable: bool,
}

/// A line that may be meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// Its code.
    pub code: String,
    /// Every description from the chapter down to the line itself, with its code where it has one.
    pub path: Vec<(String, String)>,
    /// How well it fits: comparable inside one answer only.
    pub score: u64,
    /// The words of the question found in it.
    pub matched: Vec<String>,
}

/// An index over one nomenclature, immutable once built.
#[derive(Debug, Clone, Default)]
pub struct Index {
    entries: Vec<Entry>,
    /// The entry above each entry.
    above: Vec<Option<usize>>,
    /// Word to (declarable line, weighted count in it).
    postings: BTreeMap<String, Vec<(usize, u32)>>,
    /// Weighted length of each declarable line.
    lengths: BTreeMap<usize, u32>,
    synonyms: BTreeMap<String, BTreeSet<String>>,
}

/// How much a word counts in the line's own description, and in each description above it.
const OWN: u32 = 4;
const ABOVE: u32 = 1;

impl Index {
    /// Builds the index. `synonyms` are pairs of words either of which finds the other's lines.
    ///
    /// ```
    /// use meridian_tariff::classify::{Entry, Index};
    /// let entry = |code: &str, depth, text: &str, is_declarable| Entry {
    ///     code: code.into(), depth, text: text.into(), is_declarable,
    /// };
    /// let index = Index::build(vec![
    ///     entry("0802", 1, "Other nuts, fresh or dried, whether or not shelled or peeled", false),
    ///     entry("", 2, "Pistachios", false),
    ///     entry("080251", 3, "In shell", true),
    ///     entry("080252", 3, "Shelled", true),
    /// ], &[]);
    /// let found = index.search("shelled pistachio", 5);
    /// assert_eq!(found[0].code, "080252");
    /// assert_eq!(found[0].path[1].1, "Pistachios");
    /// ```
    #[must_use]
    pub fn build(entries: Vec<Entry>, synonyms: &[(&str, &str)]) -> Self {
        let mut index = Self::default();
        for (one, other) in synonyms {
            let (one, other) = (stem(&one.to_lowercase()), stem(&other.to_lowercase()));
            index.synonyms.entry(one.clone()).or_default().insert(other.clone());
            index.synonyms.entry(other).or_default().insert(one);
        }
        let mut open: Vec<usize> = Vec::new();
        for (position, entry) in entries.iter().enumerate() {
            while open.last().is_some_and(|last| entries[*last].depth >= entry.depth) {
                open.pop();
            }
            index.above.push(open.last().copied());
            open.push(position);
            if entry.is_declarable {
                index.enter(position, &open, &entries);
            }
        }
        index.entries = entries;
        index
    }

    /// The index of a pack's lines. A description that tells its own path (`Other nuts > Pistachios > In shell`), as an
    /// imported tariff's does, is taken apart; elsewhere a line stands below the lines whose codes begin its own.
    #[must_use]
    pub fn of_pack(pack: &Pack) -> Self {
        let lines: Vec<&Line> = pack.lines().collect();
        let mut entries: Vec<Entry> = Vec::new();
        let (mut groups, mut codes): (Vec<&str>, Vec<&str>) = (Vec::new(), Vec::new());
        let grouping = |text: &str, depth: usize| Entry {
            code: String::new(),
            depth: u8::try_from(depth).unwrap_or(u8::MAX),
            text: text.to_owned(),
            is_declarable: false,
        };
        for (at, line) in lines.iter().enumerate() {
            let mut path: Vec<&str> = line.description.split(" > ").collect();
            let own = path.pop().unwrap_or_default();
            codes.retain(|above| line.code.as_str().starts_with(above));
            let shared = groups.iter().zip(&path).take_while(|(known, group)| known == group).count();
            groups.truncate(shared);
            for group in &path[shared..] {
                entries.push(grouping(group, groups.len()));
                groups.push(group);
            }
            let is_declarable = lines.get(at + 1).is_none_or(|next| !next.code.is_below(&line.code));
            let entry = grouping(own, groups.len().max(codes.len()));
            entries.push(Entry { code: line.code.as_str().to_owned(), is_declarable, ..entry });
            codes.push(line.code.as_str());
        }
        Self::build(entries, &[])
    }

    fn enter(&mut self, position: usize, path: &[usize], entries: &[Entry]) {
        let mut counts: BTreeMap<String, u32> = BTreeMap::new();
        for step in path {
            let weight = if *step == position { OWN } else { ABOVE };
            for word in words(&entries[*step].text) {
                *counts.entry(word).or_default() += weight;
            }
        }
        self.lengths.insert(position, counts.values().sum());
        for (word, count) in counts {
            self.postings.entry(word).or_default().push((position, count));
        }
    }

    /// The best candidates for a question, best first; a question of digits finds codes that begin so.
    #[must_use]
    pub fn search(&self, question: &str, most: usize) -> Vec<Candidate> {
        let digits: String = question.chars().filter(|c| !matches!(c, ' ' | '.')).collect();
        if digits.len() >= 2 && digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return self.by_code(&digits, most);
        }
        let mut scores: BTreeMap<usize, (u64, BTreeSet<String>)> = BTreeMap::new();
        let asked: BTreeSet<String> = words(question).collect();
        for word in &asked {
            let others = self.synonyms.get(word).into_iter().flatten();
            // A synonym counts a little less than the word itself.
            for (form, weight) in std::iter::once((word, 4)).chain(others.map(|other| (other, 3))) {
                self.add(form, word, weight, &mut scores);
            }
        }
        let mut ranked: Vec<(usize, u64, BTreeSet<String>)> =
            scores.into_iter().map(|(line, (score, matched))| (line, score, matched)).collect();
        // More of the question's words first, then the score, then the nomenclature's own order.
        ranked.sort_by(|a, b| b.2.len().cmp(&a.2.len()).then(b.1.cmp(&a.1)).then(a.0.cmp(&b.0)));
        ranked.truncate(most);
        ranked
            .into_iter()
            .map(|(line, score, matched)| self.candidate(line, score, matched.into_iter().collect()))
            .collect()
    }

    fn add(
        &self,
        form: &str,
        word: &str,
        weight: u64,
        scores: &mut BTreeMap<usize, (u64, BTreeSet<String>)>,
    ) {
        let Some(lines) = self.postings.get(form) else { return };
        let rarity = rarity(self.lengths.len(), lines.len());
        let total: u64 = self.lengths.values().map(|length| u64::from(*length)).sum();
        let mean = (total / self.lengths.len().max(1) as u64).max(1);
        for (line, count) in lines {
            let count = u64::from(*count);
            let length = u64::from(self.lengths.get(line).copied().unwrap_or(1));
            // BM25 with k1 = 6/5 and b = 3/4, all over 20 * mean: count * 11/5 over count + 3/10 + 9/10 * length / mean.
            let above = count * 44 * mean * rarity * weight;
            let below = 20 * count * mean + 6 * mean + 18 * length;
            let entry = scores.entry(*line).or_default();
            entry.0 += above / below.max(1);
            entry.1.insert(word.to_owned());
        }
    }

    fn by_code(&self, digits: &str, most: usize) -> Vec<Candidate> {
        self.entries
            .iter()
            .enumerate()
            .filter(|(_, entry)| entry.is_declarable && entry.code.starts_with(digits))
            .take(most)
            .map(|(line, _)| self.candidate(line, 0, vec![digits.to_owned()]))
            .collect()
    }

    fn candidate(&self, line: usize, score: u64, matched: Vec<String>) -> Candidate {
        let mut path = Vec::new();
        let mut step = Some(line);
        while let Some(position) = step {
            let entry = &self.entries[position];
            path.push((entry.code.clone(), entry.text.clone()));
            step = self.above[position];
        }
        path.reverse();
        Candidate { code: self.entries[line].code.clone(), path, score, matched }
    }
}

/// BM25's inverse document frequency, `log2(1 + (lines - with + 0.5) / (with + 0.5))`, in 1/256 steps.
fn rarity(lines: usize, with: usize) -> u64 {
    let (lines, with) = (lines as u64, with as u64);
    let mut value = (2 * lines + 2) * 65_536 / (2 * with + 1);
    // The whole part by halving down to [1, 2), then eight binary digits by squaring.
    let mut whole = 0;
    while value >= 2 * 65_536 {
        value /= 2;
        whole += 1;
    }
    let mut digits = 0;
    for _ in 0..8 {
        value = value * value / 65_536;
        digits *= 2;
        if value >= 2 * 65_536 {
            value /= 2;
            digits += 1;
        }
    }
    whole * 256 + digits
}

fn words(text: &str) -> impl Iterator<Item = String> + '_ {
    const EMPTY: [&str; 28] = [
        "the",
        "of",
        "and",
        "or",
        "for",
        "in",
        "with",
        "other",
        "than",
        "not",
        "whether",
        "a",
        "an",
        "to",
        "и",
        "или",
        "в",
        "на",
        "с",
        "не",
        "для",
        "из",
        "по",
        "прочие",
        "прочая",
        "прочий",
        "прочее",
        "от",
    ];
    text.split(|c: char| !c.is_alphanumeric())
        .map(str::to_lowercase)
        .filter(|word| word.chars().count() > 1 && !EMPTY.contains(&word.as_str()))
        .map(|word| stem(&word))
}

/// Takes the commonest endings off, English and Russian, never below four letters.
fn stem(word: &str) -> String {
    const ENDINGS: [&str; 37] = [
        "иями", "ями", "ами", "ого", "его", "ому", "ему", "ыми", "ими", "ния", "ние", "ый", "ий", "ая", "яя",
        "ое", "ее", "ые", "ие", "ых", "их", "ов", "ев", "ей", "ам", "ям", "ах", "ях", "ой", "ies", "es", "s",
        "ы", "и", "а", "я", "у",
    ];
    let ending = ENDINGS
        .iter()
        .find(|ending| word.ends_with(**ending) && word.chars().count() >= 4 + ending.chars().count());
    match ending {
        Some(&"ies") => format!("{}y", &word[..word.len() - 3]),
        // "machines" and "machine" meet at "machin", "boxes" and "box" at "box".
        Some(&"es") => word[..word.len() - 2].to_owned(),
        Some(ending) => word[..word.len() - ending.len()].to_owned(),
        None if word.is_ascii() && word.len() >= 5 && word.ends_with('e') => {
            word[..word.len() - 1].to_owned()
        }
        None => word.to_owned(),
    }
}
