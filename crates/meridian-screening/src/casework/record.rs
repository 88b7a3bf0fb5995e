//! The record of a screening: all that is needed to say again why it was decided so.

use borsh::{BorshDeserialize, BorshSerialize};
use meridian_terms::{Day, Refusal};

use crate::list::{ALGORITHM, ListSet};
use crate::name::Name;
use crate::policy::Policy;
use crate::screen::{Question, Verdict, screen};

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
    /// The alignment, a line for each pair: `asked = listed (rule 0.975, weight 9)`.
    pub why: Vec<String>,
}

/// One screened field of a message.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Screened {
    /// Which field: `Dbtr`, `CdtrAgt`, `RmtInf`, `vessel`.
    pub field: String,
    /// What was asked, as it stood in the message.
    pub question: Question,
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
    pub fn of(
        subject: &str,
        fields: &[(&str, Question)],
        lists: &ListSet,
        policy: &Policy,
        today: Day,
    ) -> Self {
        let fields = fields
            .iter()
            .map(|(field, question)| {
                let verdict = screen(lists, question.clone(), policy, today);
                Screened::of(field, question, &verdict, lists)
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
        let mut record = Self::of(subject, &[], lists, &policy, today);
        record.fields.push(Screened::of(field, question, &Verdict::Unavailable(why.to_owned()), lists));
        record
    }

    /// The decision over all fields: the worst of them; unavailable when nothing was screened.
    #[must_use]
    pub fn decision(&self) -> Decision {
        self.fields.iter().map(|field| field.decision).max().unwrap_or(Decision::Unavailable)
    }
}

impl Screened {
    fn of(field: &str, question: &Question, verdict: &Verdict, lists: &ListSet) -> Self {
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
                        .map(|pair| {
                            let rule = pair.rule.word();
                            let (asked, listed) = (&pair.asked, &pair.listed);
                            format!("{asked} = {listed} ({rule} {}, weight {})", pair.likeness, pair.weight)
                        })
                        .collect(),
                });
                (Decision::Hit, String::new(), recorded.collect())
            }
        };
        let words: Vec<String> = Name::of(&question.name).words.into_iter().map(|word| word.text).collect();
        Self {
            field: field.to_owned(),
            question: question.clone(),
            normalised: words.join(" "),
            decision,
            unavailable,
            hits,
        }
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
        let verdict = screen(lists, field.question.clone(), &policy, record.today);
        if Screened::of(&field.field, &field.question, &verdict, lists) != *field {
            return Err(Refusal::new("screening.replay_differs", format!("field {}", field.field))
                .rule("the same lists and the same name give the same decision")
                .next("the record or the program was changed: find out which"));
        }
    }
    Ok(())
}
