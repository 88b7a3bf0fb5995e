//! How alike two words are, in thousandths, and by which rule.

use super::sound::{is_vowel, swap};
use super::{Class, Word};

/// Below this two words are no likeness at all.
pub(crate) const LEAST: u32 = 640;

/// Why two words count as alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rule {
    /// The same word.
    Same,
    /// A few letters differ.
    Spelling,
    /// They sound alike.
    Sound,
    /// Their consonants agree; one side writes no short vowels.
    Consonants,
    /// The lexicon says they are one name.
    Lexicon,
    /// An initial of the other.
    Initial,
    /// Nothing stands for it.
    Unmatched,
}

impl Rule {
    /// The word for it in an explanation.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Same => "same",
            Self::Spelling => "spelling",
            Self::Sound => "sound",
            Self::Consonants => "consonants",
            Self::Lexicon => "lexicon",
            Self::Initial => "initial",
            Self::Unmatched => "unmatched",
        }
    }
}

/// A likeness and its rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Likeness {
    pub(crate) score: u32,
    pub(crate) rule: Rule,
}

/// Compares two words; `None` when they are nothing alike.
pub(crate) fn likeness(a: &Word, b: &Word) -> Option<Likeness> {
    if is_alphabet(a) != is_alphabet(b) {
        // Dozens of characters share a reading; that the readings agree proves little.
        return compared(a, b)
            .map(|found| Likeness { score: found.score.min(READING_MOST), rule: Rule::Sound });
    }
    compared(a, b)
}

/// The most a character's reading is worth against a word that is spelled.
const READING_MOST: u32 = 900;

fn compared(a: &Word, b: &Word) -> Option<Likeness> {
    if a.text == b.text {
        return Some(Likeness { score: 1000, rule: Rule::Same });
    }
    let told = |score: u32, rule| (score >= LEAST).then_some(Likeness { score, rule });
    if a.class == Class::Initial || b.class == Class::Initial {
        let is_initial = a.text.as_bytes().first() == b.text.as_bytes().first();
        let is_short = a.class == Class::Initial && b.class == Class::Initial;
        return if is_initial && !is_short { told(850, Rule::Initial) } else { None };
    }
    if a.class == Class::Number || b.class == Class::Number {
        // Serial numbers differ or they do not; a digit is no typing error.
        return None;
    }
    if (a.class == Class::Particle) != (b.class == Class::Particle) {
        return None;
    }
    let found = match (a.script.is_unvowelled(), b.script.is_unvowelled()) {
        (true, false) => told(consonants(&a.sound, &b.sound), Rule::Consonants),
        (false, true) => told(consonants(&b.sound, &a.sound), Rule::Consonants),
        _ if a.script != b.script && is_alphabet(a) && is_alphabet(b) => {
            told(across(&a.sound, &b.sound), Rule::Sound)
        }
        _ => within(a, b),
    };
    // Names so common are told apart by little: Ahmed is not Mohamed.
    let are_common = a.class == Class::Common && b.class == Class::Common;
    found.filter(|found| !are_common || found.score >= COMMON_LEAST)
}

/// Below this two common names are two names.
const COMMON_LEAST: u32 = 820;

fn is_alphabet(word: &Word) -> bool {
    word.script != super::Script::Han
}

/// Both of one script, or both read from sounds of little variety.
fn within(a: &Word, b: &Word) -> Option<Likeness> {
    let (longer, shorter) = (a.text.len().max(b.text.len()), a.text.len().min(b.text.len()));
    let plain = |word: &Word| -> (usize, bool) { (word.plain.len(), !word.plain.is_empty()) };
    let mut best = None;
    let mut tell = |score: u32, rule| {
        if score >= LEAST && best.is_none_or(|best: Likeness| best.score < score) {
            best = Some(Likeness { score, rule });
        }
    };
    if longer - shorter <= 1 + longer / 3 {
        let heard = heard(&a.sound, &b.sound);
        tell(heard, Rule::Sound);
        if (SPELLING_LEAST..930).contains(&heard) {
            tell(spelling(a.text.as_bytes(), b.text.as_bytes()), Rule::Spelling);
        }
    }
    // A word that was made one with others may have been mistyped from its own spelling.
    if plain(a).1 != plain(b).1 {
        let own = |word: &Word| if word.plain.is_empty() { word.text.clone() } else { word.plain.clone() };
        tell(spelling(own(a).as_bytes(), own(b).as_bytes()), Rule::Spelling);
    }
    best
}

/// What the letters or sounds of two words cost, in twentieths of a letter: to take one for another, to leave one out
/// on either side. Indexed by the low six bits of the letter.
struct Costs {
    swap: [[u8; 64]; 64],
    drop_a: [u8; 64],
    drop_b: [u8; 64],
    /// What a letter doubled costs to leave out; as any other when 0.
    doubled: u8,
    /// What two neighbours exchanged cost; not allowed when 0.
    exchange: u8,
}

/// Every letter and sound.
const LETTERS: &[u8] = b"abcdefghijklmnopqrstuvwxyzSCJZKGTDE";

const fn costs(swap: [[u8; 64]; 64], drop_a: [u8; 64], drop_b: [u8; 64]) -> Costs {
    Costs { swap, drop_a, drop_b, doubled: 0, exchange: 0 }
}

/// A table of a rule over all pairs, evaluated when the program is built.
macro_rules! pairs {
    (|$a:ident, $b:ident| $cost:expr) => {{
        let mut table = [[20_u8; 64]; 64];
        let mut i = 0;
        while i < LETTERS.len() {
            let mut j = 0;
            while j < LETTERS.len() {
                let ($a, $b) = (LETTERS[i], LETTERS[j]);
                table[($a & 63) as usize][($b & 63) as usize] = if $a == $b { 0 } else { $cost };
                j += 1;
            }
            i += 1;
        }
        table
    }};
}

macro_rules! each {
    (|$a:ident| $cost:expr) => {{
        let mut table = [20_u8; 64];
        let mut i = 0;
        while i < LETTERS.len() {
            let $a = LETTERS[i];
            table[($a & 63) as usize] = $cost;
            i += 1;
        }
        table
    }};
}

/// As typed: a letter is a letter, but vowels, neighbours and doubled letters slip more easily.
static TYPED: Costs = Costs {
    doubled: 8,
    exchange: 16,
    ..costs(
        pairs!(|a, b| if is_vowel(a) && is_vowel(b) {
            15
        } else if swap(a, b) < 7 {
            14
        } else {
            20
        }),
        DROP_TYPED,
        DROP_TYPED,
    )
};
const DROP_TYPED: [u8; 64] = each!(|a| if a == b'h' {
    14
} else if is_vowel(a) {
    17
} else {
    20
});

/// As heard, both in one script: vowels count, but less than consonants.
static HEARD: Costs = costs(
    pairs!(|a, b| if is_vowel(a) && is_vowel(b) { vowel_swap(a, b) * 2 } else { swap(a, b) }),
    DROP_HEARD,
    DROP_HEARD,
);
const DROP_HEARD: [u8; 64] = each!(|a| match a {
    b'h' => 10,
    b'y' | b'w' => 9,
    _ if is_vowel(a) => 12,
    _ => 20,
});

/// As heard, from one script to another that writes its vowels: vowels change hands freely.
static ACROSS: Costs = costs(
    pairs!(|a, b| if is_vowel(a) && is_vowel(b) { vowel_swap(a, b) } else { swap(a, b) }),
    DROP_ACROSS,
    DROP_ACROSS,
);
const DROP_ACROSS: [u8; 64] = each!(|a| match a {
    b'h' => 6,
    b'y' | b'w' => 4,
    _ if is_vowel(a) => 5,
    _ => 20,
});

/// A word without short vowels (first) against one that writes them.
static UNVOWELLED: Costs = costs(
    pairs!(|a, b| match (a, b) {
        (b'w', b'o' | b'u' | b'w' | b'v') | (b'y', b'i' | b'e' | b'y') => 0,
        (b'w', _) if is_vowel(b) => 4,
        (b'y', b'J') => 3,
        (b'y', _) if is_vowel(b) => 3,
        (b'a', _) if is_vowel(b) => 1,
        (b'h', b'a' | b'e') => 4,
        (b'b', b'p') => 1,
        (b'f', b'v') => 1,
        (b'J', b'g') => 2,
        (b'G', b'g') => 1,
        (b'k', b'g') => 4,
        (b't', b'd') => 8,
        _ => swap(a, b),
    }),
    each!(|a| match a {
        b'a' => 2,
        b'y' | b'w' => 4,
        b'h' => 6,
        _ => 20,
    }),
    each!(|b| match b {
        b'h' | b'y' | b'w' => 5,
        _ if is_vowel(b) => 1,
        _ => 20,
    }),
);

/// Vowels: neighbours of the mouth are closer.
const fn vowel_swap(a: u8, b: u8) -> u8 {
    let (a, b) = if a < b { (a, b) } else { (b, a) };
    match (a, b) {
        (b'e', b'i') | (b'o', b'u') | (b'a', b'e') => 3,
        (b'a', b'o') => 4,
        _ => 5,
    }
}

fn spelling(a: &[u8], b: &[u8]) -> u32 {
    alike(a, b, &TYPED, 20 * a.len().max(b.len()), LEAST)
}

fn heard(a: &[u8], b: &[u8]) -> u32 {
    alike(a, b, &HEARD, 20 * a.len().max(b.len()), SPELLING_LEAST).saturating_sub(15)
}

/// Words that sound less alike than this are not compared letter by letter.
const SPELLING_LEAST: u32 = 520;

fn across(a: &[u8], b: &[u8]) -> u32 {
    let size = |word: &[u8]| word.iter().map(|sound| if is_vowel(*sound) { 10 } else { 20 }).sum::<usize>();
    let whole = alike(a, b, &ACROSS, size(a).max(size(b)), LEAST).min(990);
    let (stem_a, stem_b) = stems(a, b);
    if whole < LEAST || stem_a.len() == a.len() {
        return whole;
    }
    // A suffix that thousands of families share proves little: the stems count as much as the whole.
    (whole + alike(stem_a, stem_b, &ACROSS, size(stem_a).max(size(stem_b)), 0)) / 2
}

/// Two words without a suffix of surnames they share.
fn stems<'a>(a: &'a [u8], b: &'a [u8]) -> (&'a [u8], &'a [u8]) {
    const SUFFIXES: [&[u8]; 10] =
        [b"Svili", b"Svil", b"oviC", b"eviC", b"enko", b"yan", b"ian", b"ze", b"zade", b"ova"];
    for suffix in SUFFIXES {
        if let (Some(stem_a), Some(stem_b)) = (a.strip_suffix(suffix), b.strip_suffix(suffix))
            && stem_a.len() >= 2
            && stem_b.len() >= 2
        {
            return (stem_a, stem_b);
        }
    }
    (a, b)
}

/// Few consonants prove little.
fn consonants(a: &[u8], b: &[u8]) -> u32 {
    let is_strong = |sound: &&u8| !is_vowel(**sound) && !matches!(**sound, b'y' | b'w' | b'h');
    let strong = a.iter().filter(is_strong).count().max(b.iter().filter(is_strong).count());
    let size = a.len().max(b.iter().filter(|sound| !is_vowel(**sound)).count());
    let proves = match strong {
        0 | 1 => 880,
        2 => 945,
        _ => 975,
    };
    alike(a, b, &UNVOWELLED, 20 * strong + 8 * (size - strong.min(size)), LEAST).min(proves)
}

/// The longest word compared; what is beyond is cut.
const LONGEST: usize = 40;

/// The share of `whole` that is left after the weighted edit distance, in thousandths; 0 as soon as it is clear that
/// it will be less than `least`.
fn alike(a: &[u8], b: &[u8], costs: &Costs, whole: usize, least: u32) -> u32 {
    let (a, b) = (&a[..a.len().min(LONGEST)], &b[..b.len().min(LONGEST)]);
    let whole = u32::try_from(whole.max(1)).unwrap_or(u32::MAX);
    let most = whole.saturating_mul(1000 - least) / 1000 + 1;
    let drop_of = |word: &[u8], at: usize, drop: &[u8; 64]| -> u32 {
        let is_doubled = costs.doubled > 0 && at > 0 && word[at] == word[at - 1];
        u32::from(if is_doubled { costs.doubled } else { drop[usize::from(word[at] & 63)] })
    };
    let mut drops = [0_u32; LONGEST];
    let mut rows = [[0_u32; LONGEST + 1]; 3];
    for j in 0..b.len() {
        drops[j] = drop_of(b, j, &costs.drop_b);
        rows[0][j + 1] = rows[0][j] + drops[j];
    }
    let exchange = u32::from(costs.exchange);
    let (mut before, mut last, mut row) = (2, 0, 1);
    for i in 0..a.len() {
        let drop_a = drop_of(a, i, &costs.drop_a);
        let swaps = &costs.swap[usize::from(a[i] & 63)];
        let mut left = rows[last][0] + drop_a;
        let mut lowest = left;
        rows[row][0] = left;
        for j in 0..b.len() {
            // Unknown letters, digits among them, are alike only when they are the same.
            let swap = if a[i] == b[j] { 0 } else { u32::from(swaps[usize::from(b[j] & 63)]) };
            let mut cost = (rows[last][j] + swap).min(rows[last][j + 1] + drop_a).min(left + drops[j]);
            if exchange > 0 && i > 0 && j > 0 && a[i] == b[j - 1] && a[i - 1] == b[j] {
                cost = cost.min(rows[before][j - 1] + exchange);
            }
            rows[row][j + 1] = cost;
            left = cost;
            lowest = lowest.min(cost);
        }
        // An exchange reaches back two rows, for at least its price.
        if lowest > most + exchange {
            return 0;
        }
        (before, last, row) = (last, row, before);
    }
    1000_u32.saturating_sub(rows[last][b.len()] * 1000 / whole)
}
