//! Sound input, bent: what fuzz tests feed to parsers.
//!
//! Random bytes fail at a parser's first byte and prove little. So a fuzzer's bytes are a recipe: which sample to begin
//! with, then a few changes to it, five bytes each. A fuzzer that watches coverage finds its way through a recipe as it
//! does through plain bytes, and a recipe that failed is a short one.

/// How many recipes a fuzz test tries: `usual`, or what `MERIDIAN_FUZZ` says.
#[must_use]
pub fn runs(usual: usize) -> usize {
    std::env::var("MERIDIAN_FUZZ").ok().and_then(|runs| runs.parse().ok()).unwrap_or(usual)
}

/// Bytes at which parsers turn.
const EDGES: [u8; 16] =
    [0, 0xFF, 0x7F, 0x80, b'0', b'9', b'F', b'=', b'"', b'\'', b'<', b'&', b'(', b',', b'\n', b';'];

/// Words at which parsers turn.
const WORDS: [&str; 16] = [
    "<",
    "/>",
    "]]>",
    "<![CDATA[",
    "<!--",
    "&#0;",
    "&#x10FFFF;",
    "xmlns=\"\"",
    "\u{feff}",
    "\u{661}\u{2212}\u{e9}",
    "-1",
    "99999999999999999999",
    "1e999",
    "0.0000000001",
    "((((((((((((((((((((((((((((((((",
    ",,,,",
];

/// The sample that the recipe's first byte names, changed as every further five bytes say: what, where (two bytes), and
/// two bytes of how. Never more than twice the samples' length and a little.
#[must_use]
pub fn bent(samples: &[impl AsRef<[u8]>], recipe: &[u8]) -> (usize, Vec<u8>) {
    let Some((first, changes)) = recipe.split_first() else { return (0, Vec::new()) };
    let which = usize::from(*first) % samples.len().max(1);
    let Some(sample) = samples.get(which) else { return (0, Vec::new()) };
    let mut bytes = sample.as_ref().to_vec();
    let most = 64 + 2 * bytes.len();
    for change in changes.chunks_exact(5) {
        let [what, high, low, how, by] = [change[0], change[1], change[2], change[3], change[4]];
        let place = usize::from(u16::from_be_bytes([high, low]));
        // Short samples are hit everywhere, and long ones too.
        let at = if bytes.is_empty() { 0 } else { place * bytes.len().div_ceil(65_536) % bytes.len() };
        let end = (at + usize::from(by)).min(bytes.len());
        match what % 10 {
            0 => bytes.iter_mut().skip(at).take(1).for_each(|byte| *byte ^= 1 << (how % 8)),
            1 => bytes.iter_mut().skip(at).take(1).for_each(|byte| *byte = how),
            2 => bytes.iter_mut().skip(at).take(1).for_each(|byte| *byte = EDGES[usize::from(how % 16)]),
            3 => bytes.truncate(at),
            4 => bytes.insert(at, how),
            5 => drop(bytes.drain(at..end)),
            6 => {
                let piece = bytes[at..end].repeat(usize::from(how % 4) + 1);
                drop(bytes.splice(at..at, piece));
            }
            7 => drop(bytes.splice(at..at, WORDS[usize::from(how % 16)].bytes())),
            8 => {
                let other = samples[usize::from(how) % samples.len()].as_ref();
                let from = if other.is_empty() { 0 } else { at * usize::from(by) % other.len() };
                bytes.truncate(at);
                bytes.extend_from_slice(&other[from..]);
            }
            // The head of a message decides most.
            _ => bytes.iter_mut().skip(at % 32).take(1).for_each(|byte| *byte = how),
        }
        bytes.truncate(most);
    }
    (which, bytes)
}
