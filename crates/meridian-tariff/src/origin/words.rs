//! The text of a rule as lower-case words, its markup taken off.

/// One word or mark, and where it stood. Marks: `, ; : . ( ) % + < > = ≤ ≥`, `•` a list item, `¶` a new paragraph.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Word {
    pub(crate) text: String,
    /// 1-based, in characters of the text as given.
    pub(crate) column: usize,
    /// Whether it was written with a capital: a new sentence may begin here.
    pub(crate) capital: bool,
}

impl Word {
    pub(crate) fn is_mark(&self) -> bool {
        self.text.chars().all(|c| !c.is_alphanumeric())
    }
}

/// Cuts a rule into words. Links keep their label, tags and emphasis go, every kind of hyphen is one hyphen,
/// and a word broken after its hyphen (`ex- works`) is mended.
pub(crate) fn words(text: &str) -> Vec<Word> {
    let characters: Vec<char> = text.chars().collect();
    let mut found: Vec<Word> = Vec::new();
    let mut at = 0;
    let mut line_start = true;
    while at < characters.len() {
        let column = at + 1;
        let character = plain(characters[at]);
        let capital = character.is_uppercase();
        let mut push = |text: &str| found.push(Word { text: text.to_owned(), column, capital });
        match character {
            '<' if characters.get(at + 1).is_some_and(|c| c.is_alphabetic() || *c == '/') => {
                at = past(&characters, at, '>');
            }
            '&' => at = entity(&characters, at),
            ']' if characters.get(at + 1) == Some(&'(') => at = past(&characters, at, ')'),
            '\n' => {
                if characters.get(at + 1) == Some(&'\n') {
                    push("¶");
                }
                while characters.get(at).is_some_and(|c| c.is_whitespace()) {
                    at += 1;
                }
                line_start = true;
                continue;
            }
            '-' if line_start => {
                push("•");
                at += 1;
            }
            // Signs that carry meaning are kept, so that a rule is never read without them.
            ',' | ';' | ':' | '.' | '(' | ')' | '%' | '+' | '<' | '>' | '=' | '≤' | '≥' => {
                push(&character.to_string());
                at += 1;
            }
            c if c.is_alphanumeric() => {
                let start = at;
                at = word_end(&characters, at);
                let word: String =
                    characters[start..at].iter().map(|c| plain(*c)).collect::<String>().to_lowercase();
                push(&word);
            }
            _ => at += 1,
        }
        line_start = line_start && matches!(character, ' ' | '*');
    }
    mend(found)
}

/// One form for each kind of hyphen, quotation mark and space.
fn plain(character: char) -> char {
    match character {
        '\u{2010}'..='\u{2015}' | '\u{2212}' => '-',
        '\u{2018}' | '\u{2019}' | '\u{2032}' => '\'',
        '\u{a0}' | '\u{202f}' | '\t' => ' ',
        other => other,
    }
}

fn past(characters: &[char], at: usize, close: char) -> usize {
    characters[at..].iter().position(|c| *c == close).map_or(at + 1, |offset| at + offset + 1)
}

fn entity(characters: &[char], at: usize) -> usize {
    match characters[at..].iter().take(8).position(|c| *c == ';') {
        Some(offset) => at + offset + 1,
        None => at + 1,
    }
}

/// A word: letters and digits; hyphens, apostrophes, slashes and decimal points inside it.
fn word_end(characters: &[char], start: usize) -> usize {
    let mut at = start;
    while let Some(&raw) = characters.get(at) {
        let character = plain(raw);
        let next = characters.get(at + 1).map(|c| plain(*c));
        let joins = match character {
            '.' => {
                at > start && characters[at - 1].is_ascii_digit() && next.is_some_and(|c| c.is_ascii_digit())
            }
            '/' | '\'' => next.is_some_and(char::is_alphanumeric),
            '-' => true,
            _ => false,
        };
        if !character.is_alphanumeric() && !joins {
            break;
        }
        at += 1;
    }
    at
}

fn mend(found: Vec<Word>) -> Vec<Word> {
    let mut mended: Vec<Word> = Vec::new();
    for word in found {
        match mended.last_mut() {
            Some(last) if last.text.len() > 1 && last.text.ends_with('-') && !word.is_mark() => {
                last.text.push_str(&word.text);
            }
            // "and / or" is one word.
            Some(last) if last.text == "and" && word.text == "or" => last.text = "and/or".to_owned(),
            _ => mended.push(word),
        }
    }
    for word in &mut mended {
        if word.text.len() > 1 {
            word.text = word.text.trim_end_matches('-').to_owned();
        }
    }
    mended
}
