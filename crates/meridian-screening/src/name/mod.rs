//! Names: read in any script, cut into words, each with its sound and its weight.

mod likeness;
mod script;
mod sound;
mod words;

use unicode_normalization::UnicodeNormalization;

pub use likeness::Rule;
pub(crate) use likeness::{Likeness, likeness};
pub use script::Script;
pub use words::Class;

/// A name ready to be compared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Name {
    /// Its words, in order.
    pub words: Vec<Word>,
    /// Whether every letter could be read; a name that could not is never clear.
    pub is_readable: bool,
}

/// A word of a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Word {
    /// In Latin lower-case letters and digits.
    pub text: String,
    /// The same, before spellings that are one word were made one; empty when it is the same.
    pub(crate) plain: String,
    /// In the sound alphabet.
    pub(crate) sound: Vec<u8>,
    /// The script it was written in.
    pub script: Script,
    /// What it contributes.
    pub class: Class,
    /// What it weighs against the other words of the name.
    pub weight: u32,
    /// Fingerprint of the word as written: the key of the lexicon.
    pub(crate) written: u64,
    /// How many letters were written.
    letters: usize,
}

/// The base of the fingerprints: odd, so that no letter is lost.
const BASE: u64 = 0x9e37_79b9_7f4a_7c15;

/// Fingerprint of the letters of a word as written: the lexicon's key. That of two words written as one follows from
/// those of both.
pub(crate) fn fingerprint(letters: impl Iterator<Item = char>) -> u64 {
    letters.fold(0, |hash: u64, letter| {
        let mixed = (u64::from(u32::from(letter)) ^ 0x5555).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        hash.wrapping_mul(BASE).wrapping_add(mixed ^ (mixed >> 29))
    })
}

/// Fingerprint of a lexicon's form, cut and folded as names are.
pub(crate) fn form_fingerprint(form: &str) -> u64 {
    fingerprint(pieces(form).iter().flat_map(|piece| piece.chars()))
}

impl Name {
    /// Prepares a name in any script.
    #[must_use]
    pub fn of(text: &str) -> Self {
        let mut is_readable = true;
        let mut words: Vec<Word> = Vec::new();
        for piece in pieces(text) {
            match Word::of(&piece) {
                Some(word) if word.text.is_empty() => {}
                Some(word) => match words::parts(&word.text).filter(|_| word.script == Script::Latin) {
                    Some((first, second)) => {
                        let cut = first.len().min(piece.len());
                        let (a, b) = match piece.is_char_boundary(cut) && piece.is_ascii() {
                            true => piece.split_at(cut),
                            false => (first, second),
                        };
                        words.extend([
                            Word::read(a, first, Script::Latin),
                            Word::read(b, second, Script::Latin),
                        ]);
                    }
                    None => words.push(word),
                },
                None => is_readable = false,
            }
        }
        if let Some(first) = words.first_mut().filter(|word| word.plain == "ben") {
            // At the head of a name Ben is Benjamin, not a son.
            *first = Word { class: Class::Plain, text: first.plain.clone(), ..first.clone() };
            first.weight = weight(first);
        }
        fold_legal_forms(&mut words);
        if words.iter().all(|word| word.weight <= 1) {
            // Nothing but "Al" or "The Company Ltd": then that is the name.
            for word in &mut words {
                word.class = Class::Plain;
                word.weight = weight(word);
            }
        }
        Self { words, is_readable }
    }

    /// The readings of a name as listed or written: the whole; what stands on either side of a stroke; what stands
    /// outside and inside brackets, where the inside is another script or the initials of the outside.
    #[must_use]
    pub fn readings(text: &str) -> Vec<Self> {
        let mut all = vec![Self::of(text)];
        let letters = |part: &str| part.chars().filter(|letter| letter.is_alphabetic()).count();
        if text.contains('/') && text.split('/').all(|part| letters(part) >= 4) {
            all.extend(text.split('/').map(Self::of));
        }
        if let Some((before, rest)) = text.split_once('(')
            && let Some((inside, after)) = rest.split_once(')')
        {
            let outside = Self::of(&format!("{before} {after}"));
            let inside_name = Self::of(inside);
            let is_other_script = match (outside.words.first(), inside_name.words.first()) {
                (Some(a), Some(b)) => a.script != b.script,
                _ => false,
            };
            let initials: String = outside.words.iter().filter_map(|word| word.text.chars().next()).collect();
            let short = inside.trim().to_lowercase();
            let is_initials =
                short.len() >= 3 && letters(inside) == short.len() && is_subsequence(&short, &initials);
            if is_other_script || is_initials {
                all.extend([outside, inside_name]);
            }
        }
        all.retain(|name| !name.words.is_empty());
        all
    }
}

fn is_subsequence(short: &str, long: &str) -> bool {
    let mut rest = long.chars();
    short.chars().all(|letter| rest.any(|other| other == letter))
}

impl Word {
    fn of(piece: &str) -> Option<Self> {
        let script =
            piece.chars().map(Script::of).find(|script| *script != Script::Latin).unwrap_or(Script::Latin);
        let latin = script::read(piece, script)?;
        Some(Self::read(piece, &latin, script))
    }

    fn read(piece: &str, latin: &str, script: Script) -> Self {
        let plain: String = match script {
            Script::Latin => any_ascii::any_ascii(piece).to_ascii_lowercase(),
            _ => latin.to_ascii_lowercase(),
        };
        let plain: String = plain.chars().filter(char::is_ascii_alphanumeric).collect();
        let same = words::same_word(&plain);
        let sound = match script {
            Script::Arabic if same == plain => script::arabic_sound(piece),
            _ if same == plain => sound::sound(latin),
            _ => sound::sound(same),
        };
        let mut word = Self {
            class: words::class(same),
            sound,
            script,
            weight: 0,
            written: fingerprint(piece.chars()),
            letters: piece.chars().count(),
            text: same.to_owned(),
            plain: if same == plain { String::new() } else { plain.clone() },
        };
        word.weight = weight(&word);
        word
    }

    /// Two neighbouring words written as one.
    pub(crate) fn joined(&self, next: &Self) -> Self {
        let text = format!("{}{}", self.text, next.text);
        let mut sound = self.sound.clone();
        let doubled = usize::from(sound.last() == next.sound.first());
        sound.extend_from_slice(&next.sound[doubled.min(next.sound.len())..]);
        let shifted = (0..next.letters).fold(self.written, |hash, _| hash.wrapping_mul(BASE));
        let written = shifted.wrapping_add(next.written);
        Self {
            text,
            plain: String::new(),
            sound,
            script: self.script,
            class: Class::Plain,
            weight: self.weight + next.weight,
            written,
            letters: self.letters + next.letters,
        }
    }

    /// Its consonant skeletons.
    pub(crate) fn skeletons(&self) -> Vec<Vec<u8>> {
        sound::skeletons(&self.sound)
    }
}

/// Longer words identify better, up to ten letters; unvowelled ones are longer than they look.
fn weight(word: &Word) -> u32 {
    let letters = if word.script.is_unvowelled() { word.letters * 3 / 2 } else { word.text.len() };
    let whole = 3 + u32::try_from(letters.clamp(2, 9)).unwrap_or(9);
    match word.class {
        Class::Plain => whole,
        Class::Common => whole * 4 / 5,
        Class::Generic => whole / 2,
        Class::Initial => 3,
        Class::Number => 4,
        Class::Particle | Class::Title | Class::LegalForm => 1,
    }
}

/// Cuts a text into words as written: lower case, compatibility forms resolved. Dots within initials and apostrophes
/// vanish; the Arabic article stands apart.
fn pieces(text: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    let mut word = String::new();
    let folded: Vec<char> = text.nfkc().flat_map(char::to_lowercase).nfc().collect();
    for (at, letter) in folded.iter().copied().enumerate() {
        // The Arabic stretching mark counts as a letter to Unicode.
        if letter == '\u{640}' {
            continue;
        }
        if letter.is_alphanumeric() || unicode_normalization::char::is_combining_mark(letter) {
            word.push(letter);
            continue;
        }
        let next = folded.get(at + 1).copied().unwrap_or(' ');
        let is_dotted = letter == '.' && word.chars().count() <= 2 && next.is_alphabetic();
        let vanishes = matches!(
            letter,
            '\'' | '’'
                | '‘'
                | '`'
                | 'ʼ'
                | 'ʻ'
                | '´'
                | '\u{200c}'
                | '\u{200d}'
                | '\u{200e}'
                | '\u{200f}'
                | '\u{640}'
                | '\u{ad}'
        );
        if !word.is_empty() && !is_dotted && !vanishes {
            found.push(std::mem::take(&mut word));
        }
    }
    if !word.is_empty() {
        found.push(word);
    }
    let mut apart = Vec::with_capacity(found.len());
    for word in found {
        match word.chars().next().map(Script::of) {
            Some(Script::Arabic) => apart.extend(without_article(&word)),
            _ => apart.push(word),
        }
    }
    apart
}

/// An Arabic word without its article; "abd al-Rahman" and "Habib Allah" written together come apart.
fn without_article(word: &str) -> Vec<String> {
    const GOD: [&str; 3] = ["الله", "اللہ", "اللة"];
    if GOD.contains(&word) || word == "لله" {
        return vec!["الله".to_owned()];
    }
    let letters: Vec<char> = word.chars().collect();
    let inner =
        (3..letters.len()).find(|at| letters[*at..].starts_with(&['ا', 'ل']) && letters.len() - at >= 4);
    if let Some(at) = inner {
        let first = letters[..at].iter().collect::<String>();
        let rest = letters[at..].iter().collect::<String>();
        let mut parts = without_article(&first);
        match without_article(&rest).as_slice() {
            [one] if *one == rest && letters.len() - at >= 4 => {
                parts.push(letters[at + 2..].iter().collect())
            }
            apart => parts.extend(apart.iter().cloned()),
        }
        return parts;
    }
    match letters.as_slice() {
        ['ا' | 'ٱ' | 'ل', 'ل', rest @ ..] | ['و', 'ا', 'ل', rest @ ..] if rest.len() >= 3 => {
            vec![rest.iter().collect()]
        }
        _ => vec![word.to_owned()],
    }
}

/// "Open Joint Stock Company" becomes "jsc".
fn fold_legal_forms(words: &mut Vec<Word>) {
    let mut at = 0;
    while at + 1 < words.len() {
        let texts: Vec<&str> = words[at..].iter().take(6).map(|word| word.text.as_str()).collect();
        if let Some((count, short)) = words::long_form(&texts) {
            let form = Word::read(short, short, Script::Latin);
            words.splice(at..at + count, [form]);
        }
        at += 1;
    }
}
