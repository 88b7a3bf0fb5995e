//! Sounds: a small alphabet in which the ways of writing one name meet.
//!
//! | sound | stands for | sound | stands for |
//! |---|---|---|---|
//! | `a e i o u` | vowels | `S` | sh, sch, ش, ш |
//! | `C` | ch, tch, tsch, cz, چ | `J` | j, dj, dzh, ج |
//! | `Z` | zh, ж, ژ | `K` | kh, خ, х |
//! | `G` | gh, غ | `T` | th, ث |
//! | `D` | dh, ذ | `E` | ض, ظ |
//! | `c` | ts, tz, ц, c before e and i | rest | as in Latin |

/// A word, already read in Latin letters, in the sound alphabet. Doubled letters are one.
pub(super) fn sound(latin: &str) -> Vec<u8> {
    const TABLE: [(&str, &[u8]); 31] = [
        ("schtsch", b"SC"),
        ("shch", b"SC"),
        ("tsch", b"C"),
        ("dsch", b"J"),
        ("sch", b"S"),
        ("tch", b"C"),
        ("tsh", b"C"),
        ("dzh", b"J"),
        ("szcz", b"SC"),
        ("dj", b"J"),
        ("dz", b"z"),
        ("zh", b"Z"),
        ("kh", b"K"),
        ("gh", b"G"),
        ("sh", b"S"),
        ("ch", b"C"),
        ("th", b"T"),
        ("dh", b"D"),
        ("ph", b"f"),
        ("ts", b"c"),
        ("tz", b"c"),
        ("cz", b"C"),
        ("sz", b"S"),
        ("que", b"ke"),
        ("qui", b"ki"),
        ("ck", b"k"),
        ("cqu", b"k"),
        ("ou", b"u"),
        ("oo", b"u"),
        ("ee", b"i"),
        ("hl", b"l"),
    ];
    let bytes = latin.as_bytes();
    let mut heard: Vec<u8> = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let rest = &latin[at..];
        let found = TABLE.iter().find(|(letters, _)| rest.starts_with(letters));
        let (length, sounds): (usize, &[u8]) = match found {
            // Only at the start is "hl" one sound (Hluchiv); within a word the h stays.
            Some((letters, sounds)) if *letters != "hl" || at == 0 => (letters.len(), sounds),
            _ => match bytes[at] {
                b'c' if matches!(bytes.get(at + 1), Some(b'e' | b'i' | b'y')) => (1, b"c"),
                b'c' => (1, b"k"),
                b'y' if !matches!(bytes.get(at + 1), Some(b'a' | b'e' | b'i' | b'o' | b'u')) => (1, b"i"),
                b'j' => (1, b"J"),
                // Pinyin's x.
                b'x' if at == 0 && matches!(bytes.get(1), Some(b'i' | b'u')) => (1, b"S"),
                b'x' => (1, b"ks"),
                _ => (1, &bytes[at..=at]),
            },
        };
        for sound in sounds {
            if heard.last() != Some(sound) {
                heard.push(*sound);
            }
        }
        at += length;
    }
    heard
}

pub(super) const fn is_vowel(sound: u8) -> bool {
    matches!(sound, b'a' | b'e' | b'i' | b'o' | b'u')
}

/// The consonant classes a sound may belong to, the usual one first; none for vowels and weak consonants.
const fn classes(sound: u8) -> &'static [u8] {
    match sound {
        b'b' | b'p' => b"B",
        b'f' => b"F",
        b'v' => b"F_",
        b't' | b'd' => b"T",
        b'T' => b"TS",
        b'D' | b'E' => b"TS",
        b's' => b"S",
        b'z' => b"S",
        b'c' => b"SK",
        b'S' => b"J",
        b'Z' => b"J",
        b'C' => b"JK",
        b'J' => b"J_",
        b'k' | b'q' => b"K",
        b'g' => b"KJ",
        b'G' => b"K",
        b'K' => b"K_",
        b'l' => b"L",
        b'r' => b"R",
        b'm' => b"M",
        b'n' => b"N",
        _ => b"",
    }
}

/// The consonant skeletons of a word, at most four: the index's key for words that sound alike.
pub(super) fn skeletons(sounds: &[u8]) -> Vec<Vec<u8>> {
    let mut all: Vec<Vec<u8>> = vec![Vec::new()];
    for sound in sounds {
        let classes = classes(*sound);
        let Some((usual, others)) = classes.split_first() else { continue };
        let before = all.len();
        if before * classes.len() <= 4 {
            for other in others {
                for at in 0..before {
                    let mut branch = all[at].clone();
                    push_class(&mut branch, *other);
                    all.push(branch);
                }
            }
        }
        for skeleton in &mut all[..before] {
            push_class(skeleton, *usual);
        }
    }
    all.sort_unstable();
    all.dedup();
    all
}

fn push_class(skeleton: &mut Vec<u8>, class: u8) {
    if class != b'_' && skeleton.last() != Some(&class) {
        skeleton.push(class);
    }
}

/// What it costs to hear one sound for another, in twentieths of a letter; the same both ways.
pub(super) const fn swap(a: u8, b: u8) -> u8 {
    if a == b {
        return 0;
    }
    let (a, b) = if a < b { (a, b) } else { (b, a) };
    match (a, b) {
        (b'k', b'q') => 1,
        (b'E', b'd' | b'z') | (b'D', b'E') => 1,
        (b'D', b'z') => 2,
        (b'D', b'd') => 3,
        (b'T', b't') => 2,
        (b'T', b's') => 3,
        (b'E', b's') => 8,
        (b'v', b'w') => 1,
        (b'u', b'w') | (b'i', b'y') => 1,
        (b'o', b'w') | (b'e', b'y') => 2,
        (b'u', b'v') => 7,
        (b'f', b'v') => 5,
        (b'b', b'p') => 6,
        (b'b', b'v') | (b'f', b'p') => 7,
        (b'g', b'q') => 4,
        (b'g', b'k') => 6,
        (b'G', b'g') => 3,
        (b'G', b'q') => 5,
        (b'G', b'k') => 8,
        (b'G', b'h') => 8,
        (b'g', b'h') => 5,
        (b'K', b'k' | b'h') => 4,
        (b'C', b'K') => 4,
        (b'K', b'q') => 6,
        (b'K', b'g') => 8,
        (b'G', b'K') => 8,
        (b'C', b'S') => 4,
        (b'C', b'c') => 5,
        (b'C', b'J') => 5,
        (b'C', b'k') => 5,
        (b'C', b's') => 9,
        (b'C', b't') => 10,
        (b'S', b's') => 5,
        (b'J', b'S') => 7,
        (b'S', b'Z') => 5,
        (b'S', b'c') => 9,
        (b'S', b'z') => 10,
        (b'J', b'Z') => 2,
        (b'J', b'g') => 4,
        (b'J', b'y' | b'i') => 3,
        (b'J', b'z') => 7,
        (b'J', b'h') => 8,
        (b'J', b'K') => 9,
        (b'Z', b'z') => 4,
        (b'Z', b's') => 9,
        (b'Z', b'g') => 6,
        (b'c', b's' | b'z') => 4,
        (b'c', b'k') => 6,
        (b'c', b't') => 8,
        (b's', b'z') => 4,
        (b'd', b't') => 6,
        (b'm', b'n') => 12,
        (b'l', b'r') => 14,
        _ => 20,
    }
}
