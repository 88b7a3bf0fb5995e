//! The screening desk: verdicts on the shell's threads, remembered by party and by list.
//!
//! A verdict depends on the text and on the list alone, so the same party is screened once under a list and day. The
//! cache holds fingerprints, never names. A new list empties it, and so does a new day, on which a list may be too old.
//! What is not clear is not remembered but recorded: the whole record goes to the hub, which makes a case of it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use meridian_cards::Scheme;
use meridian_pay::{Clearance, Instruction, Participant, Verdict};
use meridian_screening::casework::{Asked, Record};
use meridian_screening::{Identifier, IdentifierKind, Kind, ListSet, Policy, Question};
use meridian_terms::{Country, Day, Party};

use crate::cases::{deal_subject, merchant_subject, participant_subject, payment_subject, scheme_subject};

/// The most verdicts kept; then the cache starts anew.
const MOST: usize = 2_000_000;

/// Screens payments, participants and card schemes under the lists in force.
pub struct Desk {
    lists: RwLock<Arc<ListSet>>,
    policy: Policy,
    cache: Mutex<Cache>,
}

#[derive(Default)]
struct Cache {
    list: [u8; 32],
    day: Option<Day>,
    verdicts: HashMap<[u8; 16], bool>,
    seen: Seen,
}

/// What the cache has seen since it was made.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Seen {
    /// Distinct texts screened: parties and remittance lines.
    pub distinct: u64,
    /// Questions answered without screening.
    pub hits: u64,
}

/// A payment's clearance; where it is not clear by a name, the record for the hub.
#[derive(Debug, Clone)]
pub struct Screened {
    /// What payments are told.
    pub clearance: Clearance,
    /// All that was asked and found; none where all is clear, or where the lists as a whole could not be asked.
    pub record: Option<Box<Record>>,
}

impl From<Clearance> for Screened {
    fn from(clearance: Clearance) -> Self {
        Self { clearance, record: None }
    }
}

impl Desk {
    /// A desk under these lists.
    #[must_use]
    pub fn new(lists: Arc<ListSet>, policy: Policy) -> Self {
        Self { lists: RwLock::new(lists), policy, cache: Mutex::default() }
    }

    /// The lists it screens under.
    #[must_use]
    pub fn lists(&self) -> Arc<ListSet> {
        self.lists.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Other lists from now on. The hub is told their digest; what was screened under the old ones no longer passes.
    pub fn put(&self, lists: Arc<ListSet>) {
        *self.lists.write().unwrap_or_else(PoisonError::into_inner) = lists;
    }

    /// What the cache has seen.
    #[must_use]
    pub fn seen(&self) -> Seen {
        self.cache.lock().unwrap_or_else(PoisonError::into_inner).seen
    }

    /// Everybody and everything in a payment.
    #[must_use]
    pub fn clear(&self, instruction: &Instruction, today: Day) -> Screened {
        let lists = self.lists();
        let list = lists.digest();
        if self.policy.readiness(&lists, today).is_err() {
            return Clearance { list, verdict: Verdict::Unavailable }.into();
        }
        if self.all_clear(&lists, instruction, today) {
            return Clearance { list, verdict: Verdict::Clear }.into();
        }
        let subject = payment_subject(instruction.uetr);
        let record = Record::of(&subject, &fields(instruction), &lists, &self.policy, today);
        // The number of the case is the hub's to give.
        let clearance = Clearance { list, verdict: Verdict::Hit { case: 0 } };
        Screened { clearance, record: Some(Box::new(record)) }
    }

    /// A participant, by name and BIC.
    #[must_use]
    pub fn participant(&self, participant: &Participant, today: Day) -> Record {
        let mut question = organisation(&participant.name, participant.country);
        question.identifiers.extend(Identifier::new(IdentifierKind::Bic, participant.bic.as_str()));
        let subject = participant_subject(&participant.bic);
        Record::of(&subject, &[("participant", question)], &self.lists(), &self.policy, today)
    }

    /// A card scheme, by name.
    #[must_use]
    pub fn scheme(&self, scheme: &Scheme, today: Day) -> Record {
        let question = organisation(&scheme.name, scheme.country);
        Record::of(&scheme_subject(&scheme.id), &[("scheme", question)], &self.lists(), &self.policy, today)
    }

    /// A card merchant, by what it calls itself and its place (field 43); a record where that is not clear.
    #[must_use]
    pub fn merchant(&self, request: &meridian_cards::Request, today: Day) -> Option<Record> {
        let lists = self.lists();
        let asked = Asked::Text(request.acceptor_name.clone());
        if self.is_clear(&lists, &asked, today) {
            return None;
        }
        Some(Record::of(&merchant_subject(request), &[("merchant", asked)], &lists, &self.policy, today))
    }

    /// The names of a deal: its parties, banks, carrier and conveyances.
    #[must_use]
    pub fn deal<'a>(&self, deal: &str, names: impl Iterator<Item = &'a str>, today: Day) -> Record {
        let fields: Vec<(&str, Question)> =
            names.map(|name| ("named in the deal", Question::from(name))).collect();
        Record::of(&deal_subject(deal), &fields, &self.lists(), &self.policy, today)
    }

    /// What a record asked, asked again under the lists it screens under now.
    #[must_use]
    pub fn again(&self, record: &Record, today: Day) -> Record {
        let fields: Vec<(&str, Asked)> =
            record.fields.iter().map(|field| (field.field.as_str(), field.asked.clone())).collect();
        Record::of(&record.subject, &fields, &self.lists(), &self.policy, today)
    }

    fn all_clear(&self, lists: &ListSet, instruction: &Instruction, today: Day) -> bool {
        fields(instruction).iter().all(|(_, asked)| self.is_clear(lists, asked, today))
    }

    fn is_clear(&self, lists: &ListSet, asked: &Asked, today: Day) -> bool {
        let mut hasher = blake3::Hasher::new();
        if borsh::to_writer(&mut hasher, asked).is_err() {
            return false;
        }
        let mut fingerprint = [0; 16];
        fingerprint.copy_from_slice(&hasher.finalize().as_bytes()[..16]);
        {
            let mut cache = self.cache.lock().unwrap_or_else(PoisonError::into_inner);
            if cache.list != lists.digest() || cache.day != Some(today) || cache.verdicts.len() >= MOST {
                (cache.list, cache.day) = (lists.digest(), Some(today));
                cache.verdicts.clear();
            }
            if let Some(known) = cache.verdicts.get(&fingerprint).copied() {
                cache.seen.hits += 1;
                return known;
            }
        }
        // Screened outside the lock: two threads may do the same work, none waits for another's.
        let is_clear = asked.screen(lists, &self.policy, today) == meridian_screening::Verdict::Clear;
        let mut cache = self.cache.lock().unwrap_or_else(PoisonError::into_inner);
        if cache.list == lists.digest() && cache.day == Some(today) {
            cache.seen.distinct += 1;
            cache.verdicts.insert(fingerprint, is_clear);
        }
        is_clear
    }
}

fn organisation(name: &str, country: Country) -> Question {
    Question { kind: Kind::Organisation, countries: vec![country], ..Question::from(name) }
}

/// What of a payment is asked: both parties, what is written between them, and every institution on the way by its BIC.
fn fields(instruction: &Instruction) -> Vec<(&'static str, Asked)> {
    let party = |party: &Party| {
        let lei = party.lei.as_ref().and_then(|lei| Identifier::new(IdentifierKind::Lei, lei.as_str()));
        let identifiers = lei.into_iter().collect();
        let countries = vec![party.country];
        Asked::Name(Question { identifiers, countries, ..Question::from(party.name.as_str()) })
    };
    let mut asked = vec![("Dbtr", party(&instruction.debtor)), ("Cdtr", party(&instruction.creditor))];
    if !instruction.remittance.is_empty() {
        asked.push(("RmtInf", Asked::Text(instruction.remittance.clone())));
    }
    let agents = [&instruction.debtor_agent, &instruction.creditor_agent].into_iter();
    let numbers = agents.chain(&instruction.intermediaries);
    let numbers = numbers.filter_map(|bic| Identifier::new(IdentifierKind::Bic, bic.as_str()));
    asked.push(("Agts", Asked::Numbers(numbers.collect())));
    asked
}
