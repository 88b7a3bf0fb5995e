//! Alignment: which word of the asked name stands for which of the listed one, and what the whole is worth.
//!
//! The score is a share of weights in thousandths, and every part of it is in the explanation:
//!
//! ```text
//!                      sum over pairs of (weight x likeness)
//! score = -----------------------------------------------------------------
//!         paired weight + 2 x conflict + part of what is left over on a side
//! ```
//!
//! Words left over on both sides contradict each other (Bowne of Boston, Bowne of Chicago): that is the conflict, the
//! lesser of the two sums. Words left over on one side alone are an omitted patronymic or a longer title, and cost
//! less.

use crate::model::Kind;
use crate::name::{Class, Likeness, Name, Rule, Word};

/// What a conflict costs: it counts twice, once for either side.
const CONFLICT: u32 = 2;
/// What left-over words on one side cost, in tenths, in a person's name: asked, listed.
const EXTRA_PERSON: (u32, u32) = (4, 3);
/// The same in an organisation's, where each word distinguishes.
const EXTRA_CORPORATE: (u32, u32) = (7, 6);
/// The most one word may prove when either name has more: it needs corroboration.
pub(crate) const ONE_WORD_MOST: u32 = 720;

/// A word or two neighbouring ones written as one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Span {
    pub(crate) at: u8,
    pub(crate) length: u8,
}

/// A possible pairing.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Edge {
    pub(crate) asked: Span,
    pub(crate) listed: Span,
    pub(crate) likeness: Likeness,
}

/// Weight and class of a word: all that aligning needs.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Part {
    pub(crate) weight: u32,
    pub(crate) class: Class,
}

impl From<&Word> for Part {
    fn from(word: &Word) -> Self {
        Self { weight: word.weight, class: word.class }
    }
}

/// The pairs chosen and the score.
#[derive(Debug, Clone, Default)]
pub(crate) struct Alignment {
    pub(crate) score: u32,
    pub(crate) pairs: Vec<Edge>,
}

impl Span {
    const fn mask(self) -> u64 {
        ((1_u64 << self.length) - 1) << self.at
    }

    fn weight(self, parts: &[Part]) -> u32 {
        parts[usize::from(self.at)..usize::from(self.at + self.length)].iter().map(|part| part.weight).sum()
    }
}

/// Names longer than this are cut: a mask holds their words.
pub(crate) const MOST_WORDS: usize = 60;

/// Aligns: the most valuable pairing first, each word used once. Where it is known what the two name, that says whether
/// every word distinguishes, as in an organisation's name; otherwise the words say it.
pub(crate) fn align(asked: &[Part], listed: &[Part], edges: &mut Vec<Edge>, kind: Kind) -> Alignment {
    without_idle_joins(edges);
    let value = |edge: &Edge| {
        let weight = edge.asked.weight(asked) + edge.listed.weight(listed);
        // One point off for two words against one, so that apart beats together when both fit.
        weight * edge.likeness.score - u32::from(edge.asked.length + edge.listed.length)
    };
    edges.sort_unstable_by(|a, b| {
        let place = |edge: &Edge| (edge.asked.at, edge.listed.at, edge.asked.length, edge.listed.length);
        value(b).cmp(&value(a)).then_with(|| place(a).cmp(&place(b)))
    });
    let (mut used_asked, mut used_listed) = (0_u64, 0_u64);
    let (mut earned, mut paired, mut solid) = (0, 0, 0);
    let mut pairs = Vec::new();
    for edge in edges.iter() {
        if used_asked & edge.asked.mask() != 0 || used_listed & edge.listed.mask() != 0 {
            continue;
        }
        used_asked |= edge.asked.mask();
        used_listed |= edge.listed.mask();
        let weight = edge.asked.weight(asked);
        earned += weight * edge.likeness.score;
        paired += weight;
        let is_solid = |span: Span, parts: &[Part]| {
            parts[usize::from(span.at)..usize::from(span.at + span.length)]
                .iter()
                .filter(|part| {
                    matches!(part.class, Class::Plain | Class::Common | Class::Generic | Class::Number)
                })
                .count()
        };
        solid += is_solid(edge.asked, asked).max(is_solid(edge.listed, listed));
        pairs.push(*edge);
    }
    if pairs.is_empty() {
        return Alignment::default();
    }
    let left = |parts: &[Part], used: u64| -> u32 {
        parts.iter().enumerate().filter(|(at, _)| used & (1 << at) == 0).map(|(_, part)| part.cost()).sum()
    };
    let (left_asked, left_listed) = (left(asked, used_asked), left(listed, used_listed));
    let conflict = left_asked.min(left_listed);
    let is_corporate = kind == Kind::Organisation
        || asked.iter().chain(listed).any(|part| matches!(part.class, Class::LegalForm | Class::Generic));
    let (extra_asked, extra_listed) = if is_corporate { EXTRA_CORPORATE } else { EXTRA_PERSON };
    let extra = (left_asked - conflict) * extra_asked + (left_listed - conflict) * extra_listed;
    let whole = paired * 10 + conflict * CONFLICT * 10 + extra;
    let mut score = (earned * 10).checked_div(whole).unwrap_or(0);
    if solid <= 1 && left_asked + left_listed > 0 && !is_corporate {
        score = score.min(ONE_WORD_MOST);
    }
    Alignment { score, pairs }
}

/// Drops two words against one where one of the three fits another as well by itself.
fn without_idle_joins(edges: &mut Vec<Edge>) {
    let is_joined = |edge: &Edge| edge.asked.length + edge.listed.length > 2;
    if !edges.iter().any(is_joined) {
        return;
    }
    let singles: Vec<Edge> = edges.iter().filter(|edge| !is_joined(edge)).copied().collect();
    edges.retain(|edge| {
        let rivals = |single: &Edge| {
            single.likeness.score >= edge.likeness.score
                && (single.asked.mask() & edge.asked.mask() != 0
                    || single.listed.mask() & edge.listed.mask() != 0)
        };
        !is_joined(edge) || !singles.iter().any(rivals)
    });
}

impl Part {
    /// What it costs to be left over.
    const fn cost(self) -> u32 {
        match self.class {
            Class::Particle | Class::Title | Class::LegalForm => 0,
            _ => self.weight,
        }
    }
}

/// Compares two names word by word, without an index.
pub(crate) fn compare(
    asked: &Name,
    listed: &Name,
    alike: impl Fn(&Word, &Word) -> Option<Likeness>,
    kind: Kind,
) -> Alignment {
    let mut edges = Vec::new();
    let (ours, theirs) = (spans(asked), spans(listed));
    for (span, word) in &ours {
        for (other_span, other) in &theirs {
            if span.length == 2 && other_span.length == 2 {
                continue;
            }
            let together = span.length + other_span.length > 2;
            let found = alike(word, other).filter(|found| !together || found.score >= JOINED_LEAST);
            edges.extend(found.map(|likeness| Edge { asked: *span, listed: *other_span, likeness }));
        }
    }
    let parts = |name: &Name| name.words.iter().take(MOST_WORDS).map(Part::from).collect::<Vec<_>>();
    align(&parts(asked), &parts(listed), &mut edges, kind)
}

/// Two words against one must be closer than one against one.
pub(crate) const JOINED_LEAST: u32 = 900;

/// An initial joins only another initial.
pub(crate) fn can_join(a: &Word, b: &Word) -> bool {
    (a.class == Class::Initial) == (b.class == Class::Initial)
}

/// Every word, and every two neighbours as one.
pub(crate) fn spans(name: &Name) -> Vec<(Span, Word)> {
    let mut all = Vec::new();
    for (at, word) in name.words.iter().take(MOST_WORDS).enumerate() {
        let place = u8::try_from(at).unwrap_or(u8::MAX);
        all.push((Span { at: place, length: 1 }, word.clone()));
        let next = name.words.get(at + 1).filter(|next| at + 1 < MOST_WORDS && can_join(word, next));
        if let Some(next) = next {
            all.push((Span { at: place, length: 2 }, word.joined(next)));
        }
    }
    all
}

/// Why a pairing holds, for a person: one line each, what is left over last.
pub(crate) fn explain(asked: &[&Word], listed: &[&Word], alignment: &Alignment) -> Vec<crate::Pairing> {
    fn words<'a>(name: &'a [&'a Word], span: Span) -> &'a [&'a Word] {
        &name[usize::from(span.at)..usize::from(span.at + span.length)]
    }
    let text = |name: &[&Word], span: Span| {
        words(name, span).iter().map(|word| word.text.as_str()).collect::<Vec<_>>().join(" ")
    };
    let mut pairs = alignment.pairs.clone();
    pairs.sort_unstable_by_key(|edge| edge.asked.at);
    let mut why: Vec<crate::Pairing> = pairs
        .iter()
        .map(|edge| crate::Pairing {
            asked: text(asked, edge.asked),
            listed: text(listed, edge.listed),
            rule: edge.likeness.rule,
            likeness: edge.likeness.score,
            weight: words(asked, edge.asked).iter().map(|word| word.weight).sum(),
        })
        .collect();
    let used = |of: fn(&Edge) -> Span| pairs.iter().fold(0, |mask, edge| mask | of(edge).mask());
    let unmatched = |name: &[&Word], used: u64| -> Vec<(String, u32)> {
        let left = name.iter().take(MOST_WORDS).enumerate();
        left.filter(|(at, word)| used & (1 << at) == 0 && Part::from(**word).cost() > 0)
            .map(|(_, word)| (word.text.clone(), word.weight))
            .collect()
    };
    for (word, weight) in unmatched(asked, used(|edge| edge.asked)) {
        why.push(crate::Pairing {
            asked: word,
            listed: String::new(),
            rule: Rule::Unmatched,
            likeness: 0,
            weight,
        });
    }
    for (word, weight) in unmatched(listed, used(|edge| edge.listed)) {
        why.push(crate::Pairing {
            asked: String::new(),
            listed: word,
            rule: Rule::Unmatched,
            likeness: 0,
            weight,
        });
    }
    why
}
