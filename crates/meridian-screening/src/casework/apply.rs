//! What has happened becomes state. Cannot fail: everything was decided before.

use meridian_terms::Moment;

use super::event::{Event, Link};
use super::record::{Decision, Record};
use super::state::{Case, CaseId, Entry, GoodGuy, Outcome, Proposal, Standing, State};

/// Applies an event and gives its link in the audit chain.
///
/// # Panics
/// When the event could not have been decided on this state: a broken invariant of our own.
pub fn apply(state: &mut State, event: &Event) -> Link {
    match event {
        Event::ListsInForce { digest, .. } => state.lists = Some(*digest),
        Event::Cleared { record, good_guys, at } => {
            let standing = state.by_subject.get(&record.subject).copied();
            if let Some((id, case)) = standing.and_then(|id| Some((id, state.cases.get_mut(&id)?))) {
                let words = match good_guys.len() {
                    0 => "screened again: no hit under these lists".to_owned(),
                    entries => format!("screened again: explained by {entries} good-guy entries"),
                };
                write(case, *at, "", words);
                case.record = record.as_ref().clone();
                if case.is_open() {
                    case.standing = Standing::Cleared;
                    done(state, id);
                }
            }
            state.cleared.insert(record.subject.clone(), record.lists_digest);
        }
        Event::Held { case, record, due, at } => {
            state.cleared.remove(&record.subject);
            state.last_case = state.last_case.max(case.0);
            state.by_subject.insert(record.subject.clone(), *case);
            let words = format!("held: {} under the lists {}", told(record), short(&record.lists_digest));
            let held = state.cases.entry(*case).or_insert_with(|| Case {
                record: record.as_ref().clone(),
                since: *at,
                due: *due,
                owner: None,
                standing: Standing::Held,
                file: Vec::new(),
            });
            held.record = record.as_ref().clone();
            held.standing = Standing::Held;
            write(held, *at, "", words);
        }
        Event::Proposed { case, outcome, why, by, at } => {
            let proposal = Proposal { outcome: *outcome, why: why.clone(), by: by.clone() };
            let case = known(state, *case);
            write(case, *at, by, format!("proposes to {}: {why}", outcome.word()));
            case.standing = Standing::Proposed(proposal);
        }
        Event::Approved { case, by, at } => {
            let id = *case;
            let case = known(state, id);
            let Standing::Proposed(proposal) = case.standing.clone() else {
                panic!("approved without a proposal")
            };
            write(case, *at, by, format!("approves to {}", proposal.outcome.word()));
            case.standing = Standing::Done(proposal, by.clone());
            done(state, id);
        }
        Event::Taken { case, by, at } => {
            let case = known(state, *case);
            case.owner = Some(by.clone());
            write(case, *at, by, "takes the case".into());
        }
        Event::Noted { case, text, by, at } => write(known(state, *case), *at, by, text.clone()),
        Event::Refused { case, why, by, at } => {
            let id = *case;
            let case = known(state, id);
            write(case, *at, by, format!("refuses: {why}"));
            let proposal = Proposal { outcome: Outcome::Reject, why: why.clone(), by: by.clone() };
            case.standing = Standing::Done(proposal, by.clone());
            done(state, id);
        }
        Event::Declined { case, by, at } => {
            let case = known(state, *case);
            write(case, *at, by, "declines; it stays held".into());
            case.standing = Standing::Held;
        }
        Event::GoodGuyProposed { key, until, why, by, .. } => {
            let entry = GoodGuy { until: *until, why: why.clone(), by: by.clone(), approved_by: None };
            state.good_guys.insert(key.clone(), entry);
        }
        Event::GoodGuyApproved { key, by, .. } => {
            let entry = state.good_guys.get_mut(key).unwrap_or_else(|| panic!("no good guy {}", key.id));
            entry.approved_by = Some(by.clone());
        }
        Event::GoodGuyRevoked { key, .. } => {
            state.good_guys.remove(key);
        }
    }
    state.chain.link(event.clone())
}

/// How many cases that are done are remembered here; the journal keeps them all.
const REMEMBERED: usize = 10_000;

/// A case is done: those done longest ago are let go.
fn done(state: &mut State, id: CaseId) {
    state.done.push_back(id);
    if state.done.len() > REMEMBERED
        && let Some(oldest) = state.done.pop_front()
        && let Some(case) = state.cases.remove(&oldest)
        && state.by_subject.get(&case.record.subject) == Some(&oldest)
    {
        state.by_subject.remove(&case.record.subject);
    }
}

fn write(case: &mut Case, at: Moment, by: &str, words: String) {
    case.file.push(Entry { at, by: by.to_owned(), words });
}

/// What a record says, in a few words.
fn told(record: &Record) -> String {
    let hits: usize = record.fields.iter().map(|field| field.hits.len()).sum();
    match record.decision() {
        Decision::Unavailable => "no answer could be had".into(),
        _ if hits == 1 => "one hit".into(),
        _ => format!("{hits} hits"),
    }
}

fn short(digest: &[u8; 32]) -> String {
    digest[..4].iter().map(|byte| format!("{byte:02x}")).collect()
}

fn known(state: &mut State, id: CaseId) -> &mut Case {
    state.cases.get_mut(&id).unwrap_or_else(|| panic!("no case {}", id.0))
}
