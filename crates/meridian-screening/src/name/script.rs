//! Scripts: which one a word is written in, and how it sounds in Latin letters.
//!
//! Arabic script (with the Persian, Urdu, Pashto, Kurdish and Uyghur letters) and Devanagari have tables of their own,
//! since general transliteration reads Arabic without its weak letters and Devanagari without its inherent vowel.
//! Everything else is read by the tables of `any_ascii`.

use std::borrow::Cow;

/// The script of a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Script {
    /// Latin.
    Latin,
    /// Arabic and its daughters: short vowels are not written.
    Arabic,
    /// Hebrew: short vowels are not written.
    Hebrew,
    /// Devanagari.
    Devanagari,
    /// Han, Kana and Hangul, by their usual reading: short syllables, of which many are alike.
    Han,
    /// Any other script that writes its vowels: Cyrillic, Armenian, Georgian, Greek, Bengali.
    Other,
}

impl Script {
    /// The script of a letter.
    #[must_use]
    pub fn of(letter: char) -> Self {
        match u32::from(letter) {
            0..=0x024F | 0x1E00..=0x1EFF => Self::Latin,
            0x0590..=0x05FF => Self::Hebrew,
            0x0600..=0x06FF | 0x0750..=0x077F | 0x08A0..=0x08FF => Self::Arabic,
            0x0900..=0x097F => Self::Devanagari,
            0x1100..=0x11FF | 0x2E80..=0x31FF | 0x3400..=0x9FFF | 0xAC00..=0xD7FF | 0xF900..=0xFAFF => {
                Self::Han
            }
            0x20000..=0x3FFFF => Self::Han,
            _ => Self::Other,
        }
    }

    /// Whether its words are written without short vowels.
    #[must_use]
    pub const fn is_unvowelled(self) -> bool {
        matches!(self, Self::Arabic | Self::Hebrew)
    }
}

/// How a word of one script reads in Latin letters, digraphs and all; `None` when a letter cannot be read. Arabic
/// script is read by [`arabic_sound`] instead.
pub(super) fn read(word: &str, script: Script) -> Option<String> {
    match script {
        Script::Latin => Some(word.chars().map(latin).collect()),
        Script::Arabic => {
            is_known(word, |letter| arabic(letter).is_empty()).then(|| latin_of_sound(&arabic_sound(word)))
        }
        Script::Devanagari => {
            is_known(word, |letter| devanagari_letter(letter).is_empty()).then(|| devanagari(word))
        }
        Script::Hebrew | Script::Han | Script::Other => {
            let mut latin = String::new();
            for letter in word.chars() {
                let read = any_ascii::any_ascii_char(letter);
                if read.is_empty() && letter.is_alphabetic() && !is_silent(letter) {
                    return None;
                }
                latin.push_str(read);
            }
            Some(latin.to_ascii_lowercase())
        }
    }
}

/// Whether every letter of a word of one script is in its table. Marks and the silent hamza may be missing.
fn is_known(word: &str, is_missing: impl Fn(char) -> bool) -> bool {
    word.chars().all(|letter| {
        !letter.is_alphabetic()
            || letter == 'ء'
            || is_silent(letter)
            || !is_missing(letter)
            || is_vowel_sign(letter)
    })
}

/// The vowel signs of Devanagari count as letters to Unicode.
fn is_vowel_sign(letter: char) -> bool {
    ('\u{0900}'..='\u{0903}').contains(&letter) || ('\u{093A}'..='\u{094F}').contains(&letter)
}

/// Signs that rightly have no letter: hard and soft signs, marks.
fn is_silent(letter: char) -> bool {
    matches!(letter, 'ь' | 'ъ' | 'Ь' | 'Ъ' | 'ʼ' | 'ʹ' | 'ʺ')
        || unicode_normalization::char::is_combining_mark(letter)
}

/// Latin letters with marks, by the sound they most often stand for in names along the corridor.
fn latin(letter: char) -> Cow<'static, str> {
    Cow::Borrowed(match letter {
        'a'..='z' | '0'..='9' => return Cow::Owned(letter.to_string()),
        'š' | 'ş' | 'ș' | 'ŝ' => "sh",
        'č' | 'ç' | 'ć' | 'ĉ' => "ch",
        'ž' | 'ż' => "zh",
        'ğ' => "gh",
        'đ' => "dj",
        'ț' | 'ţ' => "ts",
        'ß' => "ss",
        'ə' => "a",
        'ä' => "e",
        _ => any_ascii::any_ascii_char(letter),
    })
}

/// A word of the Arabic script in the sound alphabet; doubled sounds are one.
pub(super) fn arabic_sound(word: &str) -> Vec<u8> {
    let mut heard: Vec<u8> = Vec::new();
    for sound in word.chars().flat_map(|letter| arabic(letter).bytes()) {
        if heard.last() != Some(&sound) {
            heard.push(sound);
        }
    }
    heard
}

/// Sounds spelled out in Latin letters.
fn latin_of_sound(sound: &[u8]) -> String {
    let mut latin = String::new();
    for letter in sound {
        match letter {
            b'T' => latin.push_str("th"),
            b'J' => latin.push('j'),
            b'C' => latin.push_str("ch"),
            b'K' => latin.push_str("kh"),
            b'D' => latin.push_str("dh"),
            b'Z' => latin.push_str("zh"),
            b'S' => latin.push_str("sh"),
            b'G' => latin.push_str("gh"),
            b'E' => latin.push('z'),
            b'c' => latin.push_str("ts"),
            other => latin.push(char::from(*other)),
        }
    }
    latin
}

/// A letter of the Arabic script in the sound alphabet: `w` and `y` may be consonant or long vowel.
fn arabic(letter: char) -> &'static str {
    match letter {
        'ا' | 'أ' | 'إ' | 'آ' | 'ٱ' | 'ع' | 'ە' | 'ة' | 'ۃ' | '\u{064E}' => "a",
        'ب' => "b",
        'پ' => "p",
        'ت' | 'ط' | 'ټ' | 'ٹ' => "t",
        'ث' => "T",
        'ج' => "J",
        'چ' => "C",
        'ح' | 'ه' | 'ہ' | 'ھ' | 'ۀ' | 'ۂ' | 'ۿ' => "h",
        'خ' => "K",
        'د' | 'ډ' | 'ڈ' => "d",
        'ذ' => "D",
        'ر' | 'ړ' | 'ڑ' | 'ڕ' => "r",
        'ز' | 'ځ' => "z",
        'ژ' | 'ږ' => "Z",
        'س' | 'ص' => "s",
        'څ' => "c",
        'ش' | 'ښ' => "S",
        'ض' | 'ظ' => "E",
        'غ' => "G",
        'ف' => "f",
        'ڤ' | 'ۋ' => "v",
        'ق' => "q",
        'ك' | 'ک' | 'ګ' => "k",
        'گ' | 'ڭ' | 'ݣ' => "g",
        'ل' | 'ڵ' => "l",
        'م' => "m",
        'ن' | 'ں' | 'ڼ' => "n",
        'و' | 'ؤ' | 'ۆ' | 'ۇ' | 'ۈ' => "w",
        'ي' | 'ی' | 'ى' | 'ې' | 'ے' | 'ۍ' | 'ێ' | 'ئ' => "y",
        '\u{064F}' => "u",
        '\u{0650}' => "i",
        '\u{064B}'..='\u{064D}' => "n",
        '0'..='9' | 'a'..='z' => any_ascii::any_ascii_char(letter),
        '٠'..='٩' | '۰'..='۹' => any_ascii::any_ascii_char(letter),
        'ڙ' | 'ڗ' => "z",
        'ڃ' | 'ڄ' => "J",
        'ڇ' => "C",
        'ٿ' | 'ٽ' | 'ٺ' => "t",
        'ڀ' | 'ٻ' => "b",
        'ڊ' | 'ڌ' | 'ڍ' => "d",
        'ڪ' | 'ڬ' => "k",
        'ڳ' | 'ڱ' => "g",
        'ڻ' => "n",
        'ڦ' => "p",
        'ۅ' => "w",
        'ﷲ' => "alah",
        _ => "",
    }
}

/// Devanagari with its inherent vowel, dropped at the end of a word as Hindi, Marathi and Nepali drop it.
fn devanagari(word: &str) -> String {
    let mut latin = String::new();
    let mut inherent = false;
    for letter in word.chars() {
        let code = u32::from(letter);
        let sign = match letter {
            '\u{093E}' => "a",
            '\u{093F}' | '\u{0940}' => "i",
            '\u{0941}' | '\u{0942}' => "u",
            '\u{0943}' => "ri",
            '\u{0945}' | '\u{0946}' | '\u{0947}' => "e",
            '\u{0948}' => "ai",
            '\u{0949}' | '\u{094A}' | '\u{094B}' => "o",
            '\u{094C}' => "au",
            _ => "",
        };
        if !sign.is_empty() {
            latin.push_str(sign);
            inherent = false;
            continue;
        }
        match letter {
            '\u{094D}' => inherent = false,
            '\u{093C}' => {
                // The dot below makes another consonant of the one before.
                for (from, to) in [("kh", "kh"), ("j", "z"), ("ph", "f"), ("k", "q"), ("g", "gh")] {
                    if latin.ends_with(from) {
                        latin.truncate(latin.len() - from.len());
                        latin.push_str(to);
                        break;
                    }
                }
            }
            '\u{0901}' | '\u{0902}' => {
                if inherent {
                    latin.push('a');
                    inherent = false;
                }
                latin.push('n');
            }
            _ => {
                if inherent {
                    latin.push('a');
                }
                inherent = (0x0915..=0x0939).contains(&code) || (0x0958..=0x095F).contains(&code);
                latin.push_str(devanagari_letter(letter));
            }
        }
    }
    latin
}

fn devanagari_letter(letter: char) -> &'static str {
    match letter {
        'अ' | 'आ' => "a",
        'इ' | 'ई' => "i",
        'उ' | 'ऊ' => "u",
        'ऋ' => "ri",
        'ए' | 'ऍ' | 'ऎ' => "e",
        'ऐ' => "ai",
        'ओ' | 'ऑ' | 'ऒ' => "o",
        'औ' => "au",
        'क' => "k",
        'ख' | '\u{0959}' => "kh",
        'ग' => "g",
        'घ' | '\u{095A}' => "gh",
        'ङ' | 'ञ' | 'ण' | 'न' => "n",
        'च' | 'छ' => "ch",
        'ज' | 'झ' => "j",
        'ट' | 'ठ' | 'त' | 'थ' => "t",
        'ड' | 'ढ' | 'द' | 'ध' => "d",
        '\u{095C}' | '\u{095D}' | 'र' => "r",
        'प' => "p",
        'फ' | '\u{095E}' => "ph",
        'ब' | 'भ' => "b",
        'म' => "m",
        'य' | '\u{095F}' => "y",
        'ल' | 'ळ' => "l",
        'व' => "v",
        'श' | 'ष' => "sh",
        'स' => "s",
        'ह' => "h",
        '\u{0958}' => "q",
        '\u{095B}' => "z",
        '०'..='९' => any_ascii::any_ascii_char(letter),
        _ => "",
    }
}
