//! The question: is this name on a list?

use std::collections::BTreeMap;

use borsh::{BorshDeserialize, BorshSerialize};
use meridian_terms::{Country, Day};

use crate::align::{self, Alignment, ONE_WORD_MOST, compare, explain};
use crate::identifier::Identifier;
use crate::index::{Found, LEXICON};
use crate::lexicon::Lexicon;
use crate::list::ListSet;
use crate::model::{Birth, Entry, Gender, Kind, Strength};
use crate::name::{Class, Likeness, Name, Rule, Word, likeness};
use crate::policy::Policy;

/// Who or what is asked about.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Question {
    /// The name as it stands in the message.
    pub name: String,
    /// What it is, where that is known.
    pub kind: Kind,
    /// Birth or founding, where known.
    pub birth: Option<Birth>,
    /// Nationality, residence, flag, where known.
    pub countries: Vec<Country>,
    /// Gender, where known.
    pub gender: Option<Gender>,
    /// Numbers that come with it.
    pub identifiers: Vec<Identifier>,
}

impl Question {
    /// BLAKE3 over the name as it is compared and all that is known of its bearer: the party's fingerprint. Case,
    /// punctuation and legal spelling do not change it; anything else does.
    #[must_use]
    pub fn fingerprint(&self) -> [u8; 32] {
        let mut hasher = blake3::Hasher::new();
        for word in &Name::of(&self.name).words {
            hasher.update(word.text.as_bytes()).update(b" ");
        }
        let known = (self.kind, self.birth, &self.countries, self.gender, &self.identifiers);
        hasher.update(&borsh::to_vec(&known).unwrap_or_default());
        hasher.finalize().into()
    }
}

impl From<&str> for Question {
    fn from(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            kind: Kind::Unknown,
            birth: None,
            countries: Vec::new(),
            gender: None,
            identifiers: Vec::new(),
        }
    }
}

impl From<&String> for Question {
    fn from(name: &String) -> Self {
        Self::from(name.as_str())
    }
}

/// The answer. Only [`Verdict::Clear`] passes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// On no list.
    Clear,
    /// On a list, or too like somebody on it; best first, and all of them.
    Hit(Vec<Hit>),
    /// No answer, and why: treated as no.
    Unavailable(String),
}

/// Somebody on a list the name is like.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hit {
    /// Which list.
    pub list: String,
    /// The list's own id.
    pub id: String,
    /// The listed name it is like, or the number that is the same.
    pub matched: String,
    /// How like, in thousandths.
    pub score: u32,
    /// Whether a number is the same: such a hit is blocked, not reviewed.
    pub is_exact: bool,
    /// Why: which word stands for which.
    pub why: Vec<Pairing>,
    /// What else spoke for or against it, in thousandths.
    pub qualifiers: Vec<Qualifier>,
}

/// A word of the name and the listed word it stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pairing {
    /// Of the name asked; empty when a listed word stands alone.
    pub asked: String,
    /// Of the listed name; empty when nothing stands for it.
    pub listed: String,
    /// By which rule they are alike.
    pub rule: Rule,
    /// How alike, in thousandths.
    pub likeness: u32,
    /// What the pairing weighs.
    pub weight: u32,
}

/// Something beside the name that speaks for or against a hit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Qualifier {
    /// What it is: `birth`, `country`, `gender`, `kind`.
    pub what: &'static str,
    /// What it adds, in thousandths. It ranks; it never takes a name that is alike below the decision line.
    pub adds: i32,
}

/// A name longer than this is no name: it is held, not searched.
pub const LONGEST_NAME: usize = 1_000;

/// Screens a name, or a name with what is known of its bearer.
#[must_use]
pub fn screen<Q: Into<Question>>(lists: &ListSet, question: Q, policy: &Policy, today: Day) -> Verdict {
    screen_down_to(lists, question, policy, today, policy.hit_from)
}

/// Screens a name and tells also of likenesses below the decision line, down to `least`. A verdict whose best hit is
/// below the policy's line is Clear by [`Policy::hit_from`]: the caller sees it in the score.
#[must_use]
pub fn screen_down_to<Q: Into<Question>>(
    lists: &ListSet,
    question: Q,
    policy: &Policy,
    today: Day,
    least: u32,
) -> Verdict {
    let question = question.into();
    if let Err(why) = policy.readiness(lists, today) {
        return Verdict::Unavailable(why);
    }
    if question.name.len() > LONGEST_NAME {
        return Verdict::Unavailable(format!(
            "a name of {} bytes is not screened whole",
            question.name.len()
        ));
    }
    let mut hits = exact(lists, &question.identifiers, policy);
    let readings = Name::readings(&question.name);
    if readings.is_empty() && hits.is_empty() {
        return Verdict::Unavailable("the name has no letters that can be read".into());
    }
    if readings.iter().any(|name| !name.is_readable || name.words.len() > align::MOST_WORDS) {
        return Verdict::Unavailable("the name has letters or a length that cannot be read whole".into());
    }
    let least = least.min(policy.hit_from);
    for name in &readings {
        let mut best: BTreeMap<(u32, u32), (u32, Found, Vec<Qualifier>)> = BTreeMap::new();
        for found in
            lists.index.search(name, least.saturating_sub(MOST_ADDED), lists.lexicon.as_ref(), question.kind)
        {
            let Some((score, qualifiers)) = weigh(lists, &question, &found, policy) else { continue };
            let row = lists.index.row(found.listed);
            let place = (row.list, row.entry);
            if score >= least && best.get(&place).is_none_or(|(known, ..)| *known < score) {
                best.insert(place, (score, found, qualifiers));
            }
        }
        let words: Vec<&Word> = name.words.iter().collect();
        for (score, found, qualifiers) in best.into_values() {
            hits.push(told(lists, &words, &found, score, qualifiers));
        }
    }
    hits.sort_by(|a, b| {
        let place = |hit: &Hit| (hit.list.clone(), hit.id.clone(), hit.matched.clone());
        (b.is_exact, b.score).cmp(&(a.is_exact, a.score)).then_with(|| place(a).cmp(&place(b)))
    });
    let mut seen = std::collections::BTreeSet::new();
    hits.retain(|hit| seen.insert((hit.list.clone(), hit.id.clone())));
    if hits.is_empty() { Verdict::Clear } else { Verdict::Hit(hits) }
}

/// Screens numbers alone: a BIC, an LEI, a ship's number. Compared exactly, so every hit is one.
#[must_use]
pub fn screen_numbers(lists: &ListSet, numbers: &[Identifier], policy: &Policy, today: Day) -> Verdict {
    if let Err(why) = policy.readiness(lists, today) {
        return Verdict::Unavailable(why);
    }
    let hits = exact(lists, numbers, policy);
    if hits.is_empty() { Verdict::Clear } else { Verdict::Hit(hits) }
}

/// Entries with one of these numbers.
fn exact(lists: &ListSet, numbers: &[Identifier], policy: &Policy) -> Vec<Hit> {
    let mut hits = Vec::new();
    for identifier in numbers {
        for key in identifier.keys() {
            for (_, list, entry) in lists.by_identifier.get(&key).into_iter().flatten() {
                let list = &lists.lists[*list as usize];
                let entry = &list.entries[*entry as usize];
                let same = entry.identifiers.iter().find(|listed| identifier.is(listed));
                if let Some(same) = same.filter(|_| policy.applies(&list.name)) {
                    hits.push(Hit {
                        list: list.name.clone(),
                        id: entry.id.clone(),
                        matched: same.value.clone(),
                        score: 1000,
                        is_exact: true,
                        why: vec![Pairing {
                            asked: identifier.value.clone(),
                            listed: same.value.clone(),
                            rule: Rule::Same,
                            likeness: 1000,
                            weight: 1000,
                        }],
                        qualifiers: Vec::new(),
                    });
                }
            }
        }
    }
    hits
}

/// The score with everything beside the name weighed in; `None` when the list does not apply.
fn weigh(
    lists: &ListSet,
    question: &Question,
    found: &Found,
    policy: &Policy,
) -> Option<(u32, Vec<Qualifier>)> {
    let row = lists.index.row(found.listed);
    let list = &lists.lists[row.list as usize];
    if !policy.applies(&list.name) {
        return None;
    }
    let qualifiers = qualifiers(question, &list.entries[row.entry as usize]);
    let is_corroborated = qualifiers.iter().any(|qualifier| qualifier.adds > 0);
    let mut score = found.alignment.score;
    let is_thin = row.strength == Strength::Weak || lists.index.is_one_word(found.listed);
    if is_thin && score < WHOLE_FIELD && !is_corroborated {
        score = score.min(ONE_WORD_MOST);
    }
    let with = i64::from(score) + qualifiers.iter().map(|qualifier| i64::from(qualifier.adds)).sum::<i64>();
    let floor = if score >= policy.hit_from { policy.hit_from } else { 0 };
    Some((u32::try_from(with.clamp(i64::from(floor), 1000)).unwrap_or(0), qualifiers))
}

fn told(lists: &ListSet, words: &[&Word], found: &Found, score: u32, qualifiers: Vec<Qualifier>) -> Hit {
    let row = lists.index.row(found.listed);
    let list = &lists.lists[row.list as usize];
    let entry = &list.entries[row.entry as usize];
    Hit {
        list: list.name.clone(),
        id: entry.id.clone(),
        matched: entry.names[row.name as usize].text.clone(),
        score,
        is_exact: false,
        why: explain(words, &lists.index.words_of(found.listed), &found.alignment),
        qualifiers,
    }
}

/// The most that corroboration adds: birth and country.
const MOST_ADDED: u32 = 60;

/// A weak alias or a name of one word counts only as the whole field, as written or nearly.
const WHOLE_FIELD: u32 = 940;

fn qualifiers(question: &Question, entry: &Entry) -> Vec<Qualifier> {
    let mut all = Vec::new();
    let mut tell = |what, adds| all.push(Qualifier { what, adds });
    if let Some(asked) = question.birth.filter(|_| !entry.births.is_empty()) {
        let overlaps = |listed: &Birth| asked.first <= listed.last && listed.first <= asked.last;
        // Lists give births in years and wrong by a year or two; only what is clearly another speaks against.
        let is_near = |listed: &Birth| {
            asked.first.number() - listed.last.number() <= 730
                && listed.first.number() - asked.last.number() <= 730
        };
        if entry.births.iter().any(overlaps) {
            tell("birth", 40);
        } else if !entry.births.iter().any(is_near) {
            tell("birth", -80);
        }
    }
    if !question.countries.is_empty() && !entry.countries.is_empty() {
        let is_shared = question.countries.iter().any(|country| entry.countries.contains(country));
        tell("country", if is_shared { 20 } else { -20 });
    }
    if let (Some(asked), Some(listed)) = (question.gender, entry.gender)
        && asked != listed
    {
        tell("gender", -40);
    }
    if question.kind.contradicts(entry.kind) {
        tell("kind", -60);
    }
    all
}

/// How alike two names are, in thousandths, and why.
#[must_use]
pub fn score(asked: &str, listed: &str, lexicon: Option<&Lexicon>) -> (u32, Vec<Pairing>) {
    score_as(Kind::Unknown, asked, listed, lexicon)
}

/// The same of two names of which it is known what they name: in an organisation's, each word distinguishes, and one word
/// can be all of it.
#[must_use]
pub fn score_as(kind: Kind, asked: &str, listed: &str, lexicon: Option<&Lexicon>) -> (u32, Vec<Pairing>) {
    let alike = |a: &Word, b: &Word| -> Option<Likeness> {
        let found = likeness(a, b);
        let is_weak = found.is_none_or(|found| found.score < LEXICON);
        let is_name = a.class != Class::Initial && b.class != Class::Initial;
        match lexicon {
            Some(lexicon) if is_weak && is_name && lexicon.agree(a.written, b.written) => {
                Some(Likeness { score: LEXICON, rule: Rule::Lexicon })
            }
            _ => found,
        }
    };
    let (ours, theirs) = (Name::readings(asked), Name::readings(listed));
    let mut best: Option<(Alignment, &Name, &Name)> = None;
    for name in &ours {
        for other in &theirs {
            let alignment = compare(name, other, alike, kind);
            if best.as_ref().is_none_or(|(known, ..)| alignment.score > known.score) {
                best = Some((alignment, name, other));
            }
        }
    }
    best.map_or((0, Vec::new()), |(alignment, name, other)| {
        let (ours, theirs): (Vec<&Word>, Vec<&Word>) =
            (name.words.iter().collect(), other.words.iter().collect());
        (alignment.score, explain(&ours, &theirs, &alignment))
    })
}
