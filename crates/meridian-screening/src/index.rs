//! The index: from the words of an asked name to the listed names that share or resemble them.
//!
//! Words are few where names are many, so a word is compared once with each listed word that could be like it, and
//! the listed names follow from the words:
//!
//! ```text
//! asked word --keys--> listed words --likeness--> kept --postings--> names --bound--> aligned
//! ```
//!
//! Keys of a word: itself, itself with a letter left out, its consonant skeletons, a skeleton with a class left out,
//! its names in the lexicon. Nothing is cut off: every name whose bound reaches the line is aligned, however many.

use crate::align::{Edge, JOINED_LEAST, MOST_WORDS, Part, Span, align, can_join, spans};
use crate::lexicon::Lexicon;
use crate::model::{Kind, List, Strength};
use crate::name::{Class, Likeness, Name, Rule, Word, likeness};
use std::collections::BTreeMap;

/// A listed name as indexed.
#[derive(Debug, Clone)]
pub(crate) struct Listed {
    pub(crate) list: u32,
    pub(crate) entry: u32,
    pub(crate) name: u32,
    pub(crate) strength: Strength,
    /// Its words in `Index::parts` and `Index::singles`; its neighbours joined in `Index::joins`.
    start: u32,
    count: u32,
}

/// All listed names by their words.
#[derive(Debug, Clone, Default)]
pub(crate) struct Index {
    pub(crate) listed: Vec<Listed>,
    words: Vec<Word>,
    /// How many of the words are single; the rest are neighbours joined.
    single_count: u32,
    parts: Vec<Part>,
    /// The number of the word at each place of each name.
    singles: Vec<u32>,
    /// The number of the joined word at each place of each name, `u32::MAX` at the last.
    joins: Vec<u32>,
    /// Key and word, sorted.
    keys: Vec<(u32, u32)>,
    /// Where the keys with each first sixteen bits begin: most of a search is one step.
    key_starts: Vec<u32>,
    /// Names of each word.
    postings: Vec<u32>,
    /// Where each word's names begin.
    posting_starts: Vec<u32>,
    /// Lexicon name and word, sorted.
    synonyms: Vec<(u32, u32)>,
}

/// Room to add up in, kept from question to question and always left empty.
#[derive(Debug, Default)]
struct Scratch {
    reach: Vec<u32>,
    seen: Vec<u8>,
    touched: Vec<u32>,
}

thread_local! {
    static SCRATCH: std::cell::RefCell<Scratch> = std::cell::RefCell::default();
}

/// A listed name that scores.
#[derive(Debug, Clone)]
pub(crate) struct Found {
    pub(crate) listed: u32,
    pub(crate) alignment: crate::align::Alignment,
}

/// The upper half of a hash: two that fall together only cost a comparison.
fn key(kind: u64, bytes: &[u8]) -> u32 {
    let hash = bytes.iter().fold(kind.wrapping_mul(0x9e37_79b9_7f4a_7c15), |hash: u64, byte| {
        (hash.rotate_left(5) ^ u64::from(*byte)).wrapping_mul(0x517c_c1b7_2722_0a95)
    });
    u32::try_from(hash >> 32).unwrap_or(0)
}

/// Every key under which a word is found. A joined word is found whole or by its skeleton alone.
fn keys_of(word: &Word, skeletons: &[Vec<u8>], is_joined: bool, mut add: impl FnMut(u32)) {
    let text = word.text.as_bytes();
    add(key(1, text));
    for skeleton in skeletons {
        match skeleton.len() {
            // Too little to go by: the first sound as well.
            0 | 1 => add(key(
                2,
                &[skeleton.first().copied().unwrap_or(0), 0, word.sound.first().copied().unwrap_or(0)],
            )),
            _ => add(key(if is_joined { 3 } else { 2 }, skeleton)),
        }
    }
    if is_joined {
        return;
    }
    let mut rest = [0; 24];
    for text in [text, word.plain.as_bytes()] {
        if (4..=rest.len()).contains(&text.len()) {
            for gap in 0..text.len() {
                if gap == 0 || text[gap] != text[gap - 1] {
                    let shorter = without(text, gap, &mut rest);
                    add(key(1, shorter));
                }
            }
        }
    }
    if let Some(skeleton) = skeletons.first().filter(|skeleton| (4..=rest.len()).contains(&skeleton.len())) {
        for gap in 0..skeleton.len() {
            add(key(2, without(skeleton, gap, &mut rest)));
        }
    }
}

fn without<'a>(bytes: &[u8], gap: usize, rest: &'a mut [u8; 24]) -> &'a [u8] {
    rest[..gap].copy_from_slice(&bytes[..gap]);
    rest[gap..bytes.len() - 1].copy_from_slice(&bytes[gap + 1..]);
    &rest[..bytes.len() - 1]
}

impl Index {
    /// Indexes every reading of every name of every list.
    pub(crate) fn of(lists: &[List], lexicon: Option<&Lexicon>) -> Self {
        let mut index = Self::default();
        let mut numbers: BTreeMap<(String, u64), u32> = BTreeMap::new();
        let mut joined: BTreeMap<(u32, u32), u32> = BTreeMap::new();
        let mut names: Vec<(Listed, Vec<u32>)> = Vec::new();
        let narrow = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
        for (list_number, list) in lists.iter().enumerate() {
            for (entry_number, entry) in list.entries.iter().enumerate() {
                for (name_number, name) in entry.names.iter().enumerate() {
                    for reading in Name::readings(&name.text) {
                        let words: Vec<u32> = reading
                            .words
                            .into_iter()
                            .take(MOST_WORDS)
                            .map(|word| {
                                index.parts.push(Part::from(&word));
                                *numbers.entry((word.text.clone(), word.written)).or_insert_with(|| {
                                    index.words.push(word);
                                    narrow(index.words.len() - 1)
                                })
                            })
                            .collect();
                        let listed = Listed {
                            list: narrow(list_number),
                            entry: narrow(entry_number),
                            name: narrow(name_number),
                            strength: name.strength,
                            start: narrow(index.singles.len()),
                            count: narrow(words.len()),
                        };
                        index.singles.extend(&words);
                        names.push((listed, words));
                    }
                }
            }
        }
        index.single_count = narrow(index.words.len());
        for (listed, words) in names {
            for pair in words.windows(2) {
                let (a, b) = (pair[0], pair[1]);
                if !can_join(&index.words[a as usize], &index.words[b as usize]) {
                    index.joins.push(u32::MAX);
                    continue;
                }
                let number = *joined.entry((a, b)).or_insert_with(|| {
                    let word = index.words[a as usize].joined(&index.words[b as usize]);
                    index.words.push(word);
                    narrow(index.words.len() - 1)
                });
                index.joins.push(number);
            }
            if !words.is_empty() {
                index.joins.push(u32::MAX);
            }
            index.listed.push(listed);
        }
        index.invert();
        let mut keys = Vec::with_capacity(index.words.len() * 8);
        for (number, word) in index.words.iter().enumerate() {
            let number_narrow = narrow(number);
            let is_joined = number_narrow >= index.single_count;
            keys_of(word, &word.skeletons(), is_joined, |key| keys.push((key, number_narrow)));
            if let Some(lexicon) = lexicon {
                index.synonyms.extend(lexicon.names_of(word.written).map(|name| (name, number_narrow)));
            }
        }
        keys.sort_unstable();
        keys.dedup();
        index.key_starts = (0..=1_u32 << 16)
            .map(|first| narrow(keys.partition_point(|(key, _)| key >> 16 < first)))
            .collect();
        index.keys = keys;
        index.synonyms.sort_unstable();
        index
    }

    /// From word to names: counted first, then laid out one after another.
    fn invert(&mut self) {
        let mut counts = vec![0_u32; self.words.len() + 1];
        let each = |index: &Self, visit: &mut dyn FnMut(u32, u32)| {
            for (number, listed) in index.listed.iter().enumerate() {
                let range = listed.start as usize..(listed.start + listed.count) as usize;
                let places = index.singles[range.clone()].iter().chain(&index.joins[range]);
                for word in places.filter(|word| **word != u32::MAX) {
                    visit(*word, u32::try_from(number).unwrap_or(u32::MAX));
                }
            }
        };
        each(self, &mut |word, _| counts[word as usize + 1] += 1);
        for at in 1..counts.len() {
            counts[at] += counts[at - 1];
        }
        let mut postings = vec![0; counts.last().copied().unwrap_or(0) as usize];
        let mut next = counts.clone();
        each(self, &mut |word, name| {
            let slot = &mut next[word as usize];
            postings[*slot as usize] = name;
            *slot += 1;
        });
        self.posting_starts = counts;
        self.postings = postings;
    }

    fn names_of(&self, word: u32) -> &[u32] {
        let from = self.posting_starts[word as usize] as usize;
        &self.postings[from..self.posting_starts[word as usize + 1] as usize]
    }

    fn words_under(&self, key: u32) -> impl Iterator<Item = u32> + '_ {
        let bucket = usize::try_from(key >> 16).unwrap_or(0);
        let from = self.key_starts.get(bucket).map_or(0, |start| *start as usize);
        let until = self.key_starts.get(bucket + 1).map_or(0, |end| *end as usize);
        let bucket = self.keys.get(from..until).unwrap_or(&[]);
        let start = bucket.partition_point(|(known, _)| *known < key);
        bucket[start..].iter().take_while(move |(known, _)| *known == key).map(|(_, word)| *word)
    }

    /// The listed words like an asked one, by number.
    fn alike(&self, word: &Word, is_joined: bool, lexicon: Option<&Lexicon>) -> Vec<(u32, Likeness)> {
        let mut numbers = Vec::new();
        let skeletons = word.skeletons();
        keys_of(word, &skeletons, is_joined, |key| numbers.extend(self.words_under(key)));
        // Two as one on either side, by the whole skeleton alone.
        for skeleton in skeletons.iter().filter(|skeleton| skeleton.len() >= 2) {
            numbers.extend(self.words_under(key(if is_joined { 2 } else { 3 }, skeleton)));
        }
        let mut synonyms: Vec<u32> = Vec::new();
        if let Some(lexicon) = lexicon {
            for name in lexicon.names_of(word.written) {
                let start = self.synonyms.partition_point(|(known, _)| *known < name);
                let same = self.synonyms[start..].iter().take_while(|(known, _)| *known == name);
                synonyms.extend(same.map(|(_, word)| *word));
            }
            synonyms.sort_unstable();
            numbers.extend(&synonyms);
        }
        numbers.sort_unstable();
        numbers.dedup();
        if is_joined {
            numbers.retain(|number| *number < self.single_count);
        }
        let mut found = Vec::with_capacity(numbers.len() / 2);
        for number in numbers {
            let other = &self.words[number as usize];
            let together = is_joined || number >= self.single_count;
            let are_vowelled = !word.script.is_unvowelled() && !other.script.is_unvowelled();
            if together && are_vowelled && word.text.len().abs_diff(other.text.len()) > 2 {
                continue;
            }
            let mut best = likeness(word, other);
            if synonyms.binary_search(&number).is_ok() && best.is_none_or(|best| best.score < LEXICON) {
                best = Some(Likeness { score: LEXICON, rule: Rule::Lexicon });
            }
            if let Some(best) = best.filter(|best| !together || best.score >= JOINED_LEAST) {
                found.push((number, best));
            }
        }
        found
    }

    /// Every listed name that scores at least `least`.
    pub(crate) fn search(
        &self,
        name: &Name,
        least: u32,
        lexicon: Option<&Lexicon>,
        kind: Kind,
    ) -> Vec<Found> {
        let asked: Vec<Part> = name.words.iter().take(MOST_WORDS).map(Part::from).collect();
        let units = spans(name);
        let alike: Vec<(Span, Vec<(u32, Likeness)>)> =
            units.iter().map(|(span, word)| (*span, self.alike(word, span.length == 2, lexicon))).collect();
        let total: u32 = asked.iter().map(|part| part.weight).sum();
        let mut found = Vec::new();
        SCRATCH.with_borrow_mut(|scratch| {
            self.gather(&asked, &alike, scratch);
            let light: u32 =
                asked.iter().filter(|part| part.weight == 1).map(|part| part.weight * 1000).sum();
            let initials: u32 =
                asked.iter().filter(|part| part.class == Class::Initial).map(|part| part.weight * 850).sum();
            let mut edges = Vec::new();
            for listed in std::mem::take(&mut scratch.touched) {
                let reach = std::mem::take(&mut scratch.reach[listed as usize]);
                scratch.seen[listed as usize] = 0;
                let earned = (reach + light + initials).min(total * 1000);
                if bound(earned, total) < least {
                    continue;
                }
                self.edges(listed, &alike, name, &mut edges);
                let row = &self.listed[listed as usize];
                let parts = &self.parts[row.start as usize..(row.start + row.count) as usize];
                let alignment = align(&asked, parts, &mut edges, kind);
                if alignment.score >= least {
                    found.push(Found { listed, alignment });
                }
            }
        });
        found
    }

    /// Listed names that stand within a running text: of two words that identify, or one of seven letters, all of
    /// them within `window` neighbouring words.
    pub(crate) fn search_text(&self, text: &Name, least: u32, window: usize) -> Vec<(u32, u32)> {
        let mut places: BTreeMap<u32, Vec<(usize, u32, u32)>> = BTreeMap::new();
        for (at, word) in text.words.iter().enumerate().filter(|(_, word)| word.weight > 3) {
            for (number, likeness) in self.alike(word, false, None) {
                if likeness.score >= least.min(900) {
                    for listed in self.names_of(number) {
                        places.entry(*listed).or_default().push((at, number, likeness.score));
                    }
                }
            }
        }
        let mut found = Vec::new();
        for (listed, seen) in places {
            let row = &self.listed[listed as usize];
            let range = row.start as usize..(row.start + row.count) as usize;
            let needed: Vec<(u32, u32)> = self.singles[range.clone()]
                .iter()
                .zip(&self.parts[range])
                .filter(|(_, part)| part.weight > 1)
                .map(|(word, part)| (*word, part.weight))
                .collect();
            let is_telling = match needed.as_slice() {
                [] => false,
                [(only, _)] => {
                    let word = &self.words[*only as usize];
                    word.text.len() >= 7 && word.class == Class::Plain && row.strength != Strength::Weak
                }
                many => many.iter().any(|(word, _)| self.words[*word as usize].class == Class::Plain),
            };
            if !is_telling {
                continue;
            }
            let best = seen
                .iter()
                .map(|(start, ..)| {
                    let inside = |(at, ..): &&(usize, u32, u32)| {
                        *at >= *start && *at < start + window.max(needed.len())
                    };
                    let (mut earned, mut whole) = (0, 0);
                    for (word, weight) in &needed {
                        whole += weight;
                        let like = seen.iter().filter(inside).filter(|(_, number, _)| number == word);
                        earned += weight * like.map(|(_, _, score)| *score).max().unwrap_or(0);
                    }
                    earned / whole.max(1)
                })
                .max()
                .unwrap_or(0);
            if best >= least {
                found.push((listed, best));
            }
        }
        found
    }

    /// Adds up, for every listed name, what the asked words can earn at most.
    fn gather(&self, asked: &[Part], alike: &[(Span, Vec<(u32, Likeness)>)], scratch: &mut Scratch) {
        scratch.reach.resize(self.listed.len().max(scratch.reach.len()), 0);
        scratch.seen.resize(self.listed.len().max(scratch.seen.len()), 0);
        for (number, (span, words)) in alike.iter().enumerate() {
            let stamp = u8::try_from(number % 255 + 1).unwrap_or(u8::MAX);
            let range = usize::from(span.at)..usize::from(span.at + span.length);
            let weight: u32 = asked[range].iter().map(|part| part.weight).sum();
            if weight == 1 && span.length == 1 {
                // A particle leads to everybody; it counts as found.
                continue;
            }
            let mut best_first: Vec<(u32, u32)> =
                words.iter().map(|(word, likeness)| (likeness.score, *word)).collect();
            best_first.sort_unstable_by(|a, b| b.cmp(a));
            for (score, word) in best_first {
                let gain = weight * score;
                for listed in self.names_of(word) {
                    let at = *listed as usize;
                    if scratch.seen[at] != stamp {
                        scratch.seen[at] = stamp;
                        if scratch.reach[at] == 0 {
                            scratch.touched.push(*listed);
                        }
                        scratch.reach[at] += gain;
                    }
                }
            }
        }
    }

    fn edges(&self, listed: u32, alike: &[(Span, Vec<(u32, Likeness)>)], name: &Name, edges: &mut Vec<Edge>) {
        edges.clear();
        let row = &self.listed[listed as usize];
        for place in 0..row.count {
            let slot = (row.start + place) as usize;
            let at = u8::try_from(place).unwrap_or(u8::MAX);
            for (word, length) in [(self.singles[slot], 1), (self.joins[slot], 2)] {
                if word == u32::MAX {
                    continue;
                }
                for (span, words) in alike {
                    if let Ok(found) = words.binary_search_by_key(&word, |(number, _)| *number) {
                        edges.push(Edge {
                            asked: *span,
                            listed: Span { at, length },
                            likeness: words[found].1,
                        });
                    }
                }
            }
        }
        // Words that no key brought together may still be alike; so near a name they are worth the look. Initials have
        // no key at all: they would lead to every name with that letter.
        let has = |edges: &[Edge], of: fn(&Edge) -> Span, at: u8| {
            edges.iter().any(|edge| of(edge).at == at && edge.likeness.score >= 850)
        };
        for place in 0..row.count {
            let at = u8::try_from(place).unwrap_or(u8::MAX);
            let other = &self.words[self.singles[(row.start + place) as usize] as usize];
            if has(edges, |edge| edge.listed, at) {
                continue;
            }
            for (number, word) in name.words.iter().take(MOST_WORDS).enumerate() {
                let number = u8::try_from(number).unwrap_or(u8::MAX);
                let is_known = edges.iter().any(|edge| {
                    edge.asked == Span { at: number, length: 1 } && edge.listed == Span { at, length: 1 }
                });
                if is_known || has(edges, |edge| edge.asked, number) {
                    continue;
                }
                if let Some(found) = likeness(word, other) {
                    let (asked, listed) = (Span { at: number, length: 1 }, Span { at, length: 1 });
                    edges.push(Edge { asked, listed, likeness: found });
                }
            }
        }
    }

    /// Whether a listed name has but one word that identifies.
    pub(crate) fn is_one_word(&self, listed: u32) -> bool {
        let row = &self.listed[listed as usize];
        let parts = &self.parts[row.start as usize..(row.start + row.count) as usize];
        parts.iter().filter(|part| part.weight > 1).count() <= 1
    }

    /// The words of a listed name.
    pub(crate) fn words_of(&self, listed: u32) -> Vec<&Word> {
        let row = &self.listed[listed as usize];
        let range = row.start as usize..(row.start + row.count) as usize;
        self.singles[range].iter().map(|word| &self.words[*word as usize]).collect()
    }

    /// A listed name by its number.
    pub(crate) fn row(&self, listed: u32) -> &Listed {
        &self.listed[listed as usize]
    }
}

/// What the lexicon's word is worth.
pub(crate) const LEXICON: u32 = 965;

/// The most a name can score that earned so much of the asked weight: the rest left over at the least it can cost.
fn bound(earned: u32, total: u32) -> u32 {
    let left = (total * 1000).saturating_sub(earned);
    // What is left over on one side costs at least four tenths; what a likeness falls short costs it all.
    let whole = earned + left * 4 / 10;
    let share = (u64::from(earned) * 1000).checked_div(u64::from(whole)).unwrap_or(0);
    u32::try_from(share).unwrap_or(1000)
}
