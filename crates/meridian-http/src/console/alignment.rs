//! An alignment as a picture: the words asked above, the words listed below, and a line for each pair. The thicker the
//! line, the more alike; what stands for nothing is drawn with a broken edge.

use std::fmt::Write;

use meridian_screening::casework::RecordedPair;

/// A word in its place.
struct Placed {
    text: String,
    x: usize,
    width: usize,
    is_paired: bool,
}

const LETTER: usize = 9;
const HEIGHT: usize = 30;
const GAP: usize = 14;
const BETWEEN: usize = 76;

/// Draws the pairs of a hit; words stand in the order in which the two names have them.
pub(super) fn draw(pairs: &[RecordedPair], asked: &str, listed: &str) -> String {
    let above = place(pairs.iter().map(|pair| (pair.asked.as_str(), !pair.listed.is_empty())), asked);
    let below = place(pairs.iter().map(|pair| (pair.listed.as_str(), !pair.asked.is_empty())), listed);
    let end = |row: &[Placed]| row.iter().map(|word| word.x + word.width).max().unwrap_or(0);
    let (width, height) = (end(&above).max(end(&below)) + 2, 2 * HEIGHT + BETWEEN + 2);
    let mut out = format!(
        "<svg class=\"alignment\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" height=\"{height}\" role=\"img\" \
         aria-label=\"which word stands for which\">"
    );
    let middle = |word: &Placed| word.x + word.width / 2;
    let (top, bottom) = (1 + HEIGHT, 1 + HEIGHT + BETWEEN);
    let mut labels = String::new();
    for pair in pairs.iter().filter(|pair| !pair.asked.is_empty() && !pair.listed.is_empty()) {
        let find = |row: &[Placed], text: &str| row.iter().find(|word| word.text == text).map(middle);
        let (Some(from), Some(to)) = (find(&above, &pair.asked), find(&below, &pair.listed)) else {
            continue;
        };
        let thick = 1 + pair.likeness.saturating_sub(600) / 100;
        let (bend_top, bend_bottom) = (top + BETWEEN / 2, bottom - BETWEEN / 2);
        // A String takes everything.
        let _ = write!(
            out,
            "<path class=\"{}\" stroke-width=\"{thick}\" d=\"M{from} {top} C{from} {bend_top} {to} {bend_bottom} {to} {bottom}\"/>",
            tone(pair.likeness)
        );
        // On the curve near the asked word, where lines have not crossed yet.
        let (x, y) = ((from * 7 + to) / 8, top + BETWEEN / 4 + 6);
        let told = format!("{} {}.{:03}", escaped(&pair.rule), pair.likeness / 1000, pair.likeness % 1000);
        let half = told.chars().count() * 3 + 5;
        let left = x.saturating_sub(half);
        let _ = write!(
            labels,
            "<rect class=\"plate\" x=\"{left}\" y=\"{}\" width=\"{}\" height=\"16\" rx=\"3\"/><text class=\"rule\" x=\"{x}\" y=\"{y}\">{told}</text>",
            y - 12,
            half * 2
        );
    }
    for (row, y) in [(&above, 1), (&below, bottom)] {
        for word in row {
            let class = if word.is_paired { "word" } else { "word alone" };
            let _ = write!(
                out,
                "<g class=\"{class}\"><rect x=\"{}\" y=\"{y}\" width=\"{}\" height=\"{HEIGHT}\" rx=\"6\"/><text x=\"{}\" y=\"{}\">{}</text></g>",
                word.x + 1,
                word.width - 1,
                middle(word),
                y + 20,
                escaped(&word.text)
            );
        }
    }
    out + &labels + "</svg>"
}

/// Words side by side, in the order in which `name` has them; what is not found there stands last.
fn place<'a>(words: impl Iterator<Item = (&'a str, bool)>, name: &str) -> Vec<Placed> {
    let name = name.to_lowercase();
    let mut words: Vec<(usize, &str, bool)> = words
        .filter(|(word, _)| !word.is_empty())
        .map(|(word, is_paired)| (name.find(&word.to_lowercase()).unwrap_or(usize::MAX), word, is_paired))
        .collect();
    words.sort_by_key(|(at, ..)| *at);
    let mut x = 0;
    let mut placed = Vec::new();
    for (_, word, is_paired) in words {
        let width = (word.chars().count() * LETTER + 20).max(74);
        placed.push(Placed { text: word.to_owned(), x, width, is_paired });
        x += width + GAP;
    }
    placed
}

const fn tone(likeness: u32) -> &'static str {
    match likeness {
        950.. => "same",
        800.. => "near",
        _ => "far",
    }
}

/// Text within SVG.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
