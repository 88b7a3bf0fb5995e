//! Back-testing: what a decision line would have done to labelled names. A line is moved only with these figures.

/// A scored pair and whether it truly is one and the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Labelled {
    /// The matcher's score, in thousandths.
    pub score: u32,
    /// The label.
    pub is_match: bool,
}

/// What a line does, each in thousandths.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Figures {
    /// Share of hits that are right.
    pub precision: u32,
    /// Share of true pairs that are hits.
    pub recall: u32,
    /// Harmonic mean of both.
    pub f1: u32,
    /// Chance that a true pair scores above a false one, ties counted half: independent of the line.
    pub auc: u32,
}

fn thousandths(part: u64, whole: u64) -> u32 {
    let rounded = (part * 1000 + whole / 2).checked_div(whole).unwrap_or(0);
    u32::try_from(rounded).unwrap_or(1000)
}

/// The figures of a line over labelled pairs.
#[must_use]
pub fn figures(pairs: &[Labelled], line: u32) -> Figures {
    let count = |hit: bool, is_match: bool| {
        pairs.iter().filter(|pair| (pair.score >= line) == hit && pair.is_match == is_match).count() as u64
    };
    let (right, wrong, missed) = (count(true, true), count(true, false), count(false, true));
    let mut sorted = pairs.to_vec();
    sorted.sort_by_key(|pair| pair.score);
    let (mut below, mut doubled, mut at) = (0_u64, 0_u64, 0);
    while at < sorted.len() {
        let tie = sorted[at..].iter().take_while(|pair| pair.score == sorted[at].score).count();
        let group = &sorted[at..at + tie];
        let matches = group.iter().filter(|pair| pair.is_match).count() as u64;
        let others = tie as u64 - matches;
        doubled += matches * (2 * below + others);
        below += others;
        at += tie;
    }
    let matches = right + missed;
    Figures {
        precision: thousandths(right, right + wrong),
        recall: thousandths(right, matches),
        f1: thousandths(2 * right, 2 * right + wrong + missed),
        auc: thousandths(doubled, 2 * matches * below),
    }
}

/// The best recall, in thousandths, of any line at which at most `alerts` in a hundred thousand negatives alert; and
/// that line.
#[must_use]
pub fn recall_at(positives: &[u32], negatives: &[u32], alerts: u64) -> (u32, u32) {
    let most = usize::try_from(negatives.len() as u64 * alerts / 100_000).unwrap_or(usize::MAX);
    let mut sorted = negatives.to_vec();
    sorted.sort_unstable_by(|a, b| b.cmp(a));
    // One above the first negative that may no longer alert.
    let line = sorted.get(most).map_or(1, |score| score + 1);
    let found = positives.iter().filter(|score| **score >= line).count() as u64;
    (thousandths(found, positives.len() as u64), line)
}
