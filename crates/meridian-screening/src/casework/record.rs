//! The record of a screening: all that is needed to say again why it was decided so.

use borsh::{BorshDeserialize, BorshSerialize};
use meridian_terms::{Day, Refusal};

use crate::identifier::Identifier;
use crate::list::{ALGORITHM, ListSet};
use crate::name::Name;
use crate::policy::Policy;
use crate::screen::{Question, Verdict, screen, screen_numbers};
use crate::text::screen_text;

/// What is asked of a field.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub enum Asked {
    /// Somebody's name, with what is known of its bearer.
    Name(Question),
    /// Running text, in which names and numbers may stand.
    Text(String),
    /// Numbers alone: a BIC, an LEI.
    Numbers(Vec<Identifier>),
}

impl From<Question> for Asked {
    fn from(question: Question) -> Self {
        Self::Name(question)
    }
}

impl Asked {
    /// As it stood in the message.
    #[must_use]
    pub fn text(&self) -> String {
        match self {
            Self::Name(question) => question.name.clone(),
            Self::Text(text) => text.clone(),
            Self::Numbers(numbers) => {
                numbers.iter().map(|number| number.value.as_str()).collect::<Vec<_>>().join(", ")
            }
        }
    }

    /// The fingerprint a good-guy entry binds: of a name that of [`Question::fingerprint`], otherwise BLAKE3 of all of it.
    #[must_use]
    pub fn fingerprint(&self) -> [u8; 32] {
        match self {
            Self::Name(question) => question.fingerprint(),
            other => blake3::hash(&borsh::to_vec(other).unwrap_or_default()).into(),
        }
    }

    /// What the lists say to it.
    #[must_use]
    pub fn screen(&self, lists: &ListSet, policy: &Policy, today: Day) -> Verdict {
        match self {
            Self::Name(question) => screen(lists, question.clone(), policy, today),
            Self::Text(text) => screen_text(lists, text, policy, today),
            Self::Numbers(numbers) => screen_numbers(lists, numbers, policy, today),
        }
    }
}

/// What was decided. Only clear passes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, BorshSerialize, BorshDeserialize)]
pub enum Decision {
    /// On no list.
    Clear,
    /// Like somebody on a list.
    Hit,
    /// No answer could be had.
    Unavailable,
}

/// A list as it was when it was asked.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct ListVersion {
    /// Its name.
    pub name: String,
    /// When it was published.
    pub published: Day,
    /// How many entries it had.
    pub entries: u64,
    /// BLAKE3 of its files.
    pub digest: [u8; 32],
}

/// A hit as recorded.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct RecordedHit {
    /// Which list.
    pub list: String,
    /// The list's id.
    pub id: String,
    /// Fingerprint of the entry as it was.
    pub entry: [u8; 32],
    /// The listed name or number.
    pub matched: String,
    /// In thousandths.
    pub score: u32,
    /// Whether a number is the same.
    pub is_exact: bool,
    /// The alignment: which word stands for which.
    pub why: Vec<RecordedPair>,
    /// What else spoke for or against it, in thousandths: `birth`, `country`, `gender`, `kind`.
    pub also: Vec<(String, i32)>,
}

/// A pair of an alignment as recorded.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct RecordedPair {
    /// Of the name asked; empty when a listed word stands alone.
    pub asked: String,
    /// Of the listed name; empty when nothing stands for it.
    pub listed: String,
    /// By which rule they are alike.
    pub rule: String,
    /// How alike, in thousandths.
    pub likeness: u32,
    /// What the pair weighs.
    pub weight: u32,
}

/// One screened field of a message.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Screened {
    /// Which field: `Dbtr`, `CdtrAgt`, `RmtInf`, `vessel`.
    pub field: String,
    /// What was asked, as it stood in the message.
    pub asked: Asked,
    /// The name as it was compared.
    pub normalised: String,
    /// What came out.
    pub decision: Decision,
    /// Why it was unavailable; empty otherwise.
    pub unavailable: String,
    /// All hits, best first, none left out.
    pub hits: Vec<RecordedHit>,
}

/// The record of a message's screening.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Record {
    /// The message or deal: a UETR, a card reference, a contract.
    pub subject: String,
    /// The lists and the algorithm in one digest.
    pub lists_digest: [u8; 32],
    /// Each list.
    pub lists: Vec<ListVersion>,
    /// Which matcher.
    pub algorithm: String,
    /// The decision line, in thousandths.
    pub hit_from: u32,
    /// The day the lists' age was measured from.
    pub today: Day,
    /// Every field.
    pub fields: Vec<Screened>,
    /// Whether a list of invented names was among them.
    pub is_test: bool,
}

impl Record {
    /// Screens the fields of a message and records it.
    #[must_use]
    pub fn of<A: Clone + Into<Asked>>(
        subject: &str,
        fields: &[(&str, A)],
        lists: &ListSet,
        policy: &Policy,
        today: Day,
    ) -> Self {
        let fields = fields
            .iter()
            .map(|(field, asked)| {
                let asked: Asked = asked.clone().into();
                let verdict = asked.screen(lists, policy, today);
                Screened::of(field, asked, &verdict, lists)
            })
            .collect();
        Self {
            subject: subject.to_owned(),
            lists_digest: lists.digest(),
            lists: lists
                .lists()
                .iter()
                .map(|list| ListVersion {
                    name: list.name.clone(),
                    published: list.published,
                    entries: list.entries.len() as u64,
                    digest: list.digest,
                })
                .collect(),
            algorithm: ALGORITHM.to_owned(),
            hit_from: policy.hit_from,
            today,
            fields,
            is_test: lists.has_test_list(),
        }
    }

    /// A record of a screening that gave no answer in time, or failed: held like any other that is not clear.
    #[must_use]
    pub fn unavailable(
        subject: &str,
        field: &str,
        question: &Question,
        why: &str,
        lists: &ListSet,
        today: Day,
    ) -> Self {
        let policy = Policy::default();
        let mut record = Self::of::<Asked>(subject, &[], lists, &policy, today);
        record.fields.push(Screened::of(
            field,
            question.clone().into(),
            &Verdict::Unavailable(why.to_owned()),
            lists,
        ));
        record
    }

    /// The decision over all fields: the worst of them; unavailable when nothing was screened.
    #[must_use]
    pub fn decision(&self) -> Decision {
        self.fields.iter().map(|field| field.decision).max().unwrap_or(Decision::Unavailable)
    }
}

impl Screened {
    fn of(field: &str, asked: Asked, verdict: &Verdict, lists: &ListSet) -> Self {
        let (decision, unavailable, hits) = match verdict {
            Verdict::Clear => (Decision::Clear, String::new(), Vec::new()),
            Verdict::Unavailable(why) => (Decision::Unavailable, why.clone(), Vec::new()),
            Verdict::Hit(hits) => {
                let recorded = hits.iter().map(|hit| RecordedHit {
                    list: hit.list.clone(),
                    id: hit.id.clone(),
                    entry: lists.entry(&hit.list, &hit.id).map_or([0; 32], crate::Entry::fingerprint),
                    matched: hit.matched.clone(),
                    score: hit.score,
                    is_exact: hit.is_exact,
                    why: hit
                        .why
                        .iter()
                        .map(|pair| RecordedPair {
                            asked: pair.asked.clone(),
                            listed: pair.listed.clone(),
                            rule: pair.rule.word().to_owned(),
                            likeness: pair.likeness,
                            weight: pair.weight,
                        })
                        .collect(),
                    also: hit.qualifiers.iter().map(|one| (one.what.to_owned(), one.adds)).collect(),
                });
                (Decision::Hit, String::new(), recorded.collect())
            }
        };
        let words: Vec<String> = Name::of(&asked.text()).words.into_iter().map(|word| word.text).collect();
        Self { field: field.to_owned(), asked, normalised: words.join(" "), decision, unavailable, hits }
    }
}

/// Decides a record again under the same lists and compares everything that was decided.
///
/// # Errors
/// `screening.replay_lists` when these are not the lists of the record, `screening.replay_differs` with the field
/// when the decision is another.
pub fn replay(record: &Record, lists: &ListSet, policy: &Policy) -> Result<(), Refusal> {
    if lists.digest() != record.lists_digest {
        return Err(Refusal::new("screening.replay_lists", "the lists are not those of the record")
            .rule("a record is replayed under the lists it names")
            .next("load the lists with the record's digests"));
    }
    let policy = Policy { hit_from: record.hit_from, ..policy.clone() };
    for field in &record.fields {
        let verdict = field.asked.screen(lists, &policy, record.today);
        if Screened::of(&field.field, field.asked.clone(), &verdict, lists) != *field {
            return Err(Refusal::new("screening.replay_differs", format!("field {}", field.field))
                .rule("the same lists and the same name give the same decision")
                .next("the record or the program was changed: find out which"));
        }
    }
    Ok(())
}
