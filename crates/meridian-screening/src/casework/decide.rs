//! Looks at the state and answers with an event, or the first refusal in documented order.

use meridian_terms::{Micros, Moment, Refusal};

use super::command::Command;
use super::event::Event;
use super::record::{Decision, Record};
use super::refusal::Denial;
use super::state::{Case, CaseId, GoodGuyKey, Outcome, Standing, State};

/// How long a case may wait for its decision: an hour where a payer waits, a day for everybody else.
fn term(subject: &str) -> Micros {
    if subject.starts_with("payment ") { Micros::hours(1) } else { Micros::hours(24) }
}

/// The longest a good-guy entry may last.
const LONGEST_TERM: Micros = Micros::days(366);

/// Decides a command.
///
/// # Errors
/// See [`super::CODES`].
pub fn decide(state: &State, command: &Command, now: Moment) -> Result<Event, Refusal> {
    match command {
        Command::PutListsInForce { digest } => Ok(Event::ListsInForce { digest: *digest, at: now }),
        Command::Screened(record) => screened(state, record, now),
        Command::Propose { case, outcome, why, by } => {
            let standing = open(state, *case)?;
            if matches!(standing.standing, Standing::Proposed(_)) {
                return Err(Denial::AlreadyProposed.refusal(&format!("case {}", case.0)));
            }
            if *outcome == Outcome::Release {
                releasable(state, *case, standing)?;
            }
            reasoned(why)?;
            Ok(Event::Proposed { case: *case, outcome: *outcome, why: why.clone(), by: by.clone(), at: now })
        }
        Command::Approve { case, by } => {
            let standing = open(state, *case)?;
            let Standing::Proposed(proposal) = &standing.standing else {
                return Err(Denial::NotProposed.refusal(&format!("case {}", case.0)));
            };
            if proposal.outcome == Outcome::Release {
                releasable(state, *case, standing)?;
            }
            if is_same(&proposal.by, by) {
                return Err(Denial::SamePerson.refusal(by));
            }
            Ok(Event::Approved { case: *case, by: by.clone(), at: now })
        }
        Command::Take { case, by } => {
            let standing = open(state, *case)?;
            if standing.owner.as_deref() == Some(by) {
                return Err(Denial::AlreadyYours.refusal(&format!("case {}", case.0)));
            }
            Ok(Event::Taken { case: *case, by: by.clone(), at: now })
        }
        Command::Note { case, text, by } => {
            // A note may also be written on what is done: what came to light later belongs on the same file.
            state.cases.get(case).ok_or_else(|| Denial::CaseUnknown.refusal(&case.0.to_string()))?;
            reasoned(text)?;
            Ok(Event::Noted { case: *case, text: text.clone(), by: by.clone(), at: now })
        }
        Command::Refuse { case, why, by } => {
            open(state, *case)?;
            reasoned(why)?;
            Ok(Event::Refused { case: *case, why: why.clone(), by: by.clone(), at: now })
        }
        Command::Decline { case, by } => match open(state, *case)?.standing {
            Standing::Proposed(_) => Ok(Event::Declined { case: *case, by: by.clone(), at: now }),
            _ => Err(Denial::NotProposed.refusal(&format!("case {}", case.0))),
        },
        Command::ProposeGoodGuy { key, until, why, by } => {
            reasoned(why)?;
            if *until <= now || *until > now.plus(LONGEST_TERM) {
                return Err(Denial::Term.refusal(&until.to_string()));
            }
            if !is_on_record(state, key) {
                return Err(Denial::NoSuchHit.refusal(&format!("{} {}", key.list, key.id)));
            }
            let (key, why, by) = (key.clone(), why.clone(), by.clone());
            Ok(Event::GoodGuyProposed { key, until: *until, why, by, at: now })
        }
        Command::ApproveGoodGuy { key, by } => {
            let known = state.good_guys.get(key).ok_or_else(|| Denial::GoodGuyUnknown.refusal(&key.id))?;
            if is_same(&known.by, by) {
                return Err(Denial::SamePerson.refusal(by));
            }
            Ok(Event::GoodGuyApproved { key: key.clone(), by: by.clone(), at: now })
        }
        Command::RevokeGoodGuy { key, by } => match state.good_guys.contains_key(key) {
            true => Ok(Event::GoodGuyRevoked { key: key.clone(), by: by.clone(), at: now }),
            false => Err(Denial::GoodGuyUnknown.refusal(&key.id)),
        },
    }
}

/// A record enters only under the lists in force; what is not clear is held.
fn screened(state: &State, record: &Record, now: Moment) -> Result<Event, Refusal> {
    match state.lists {
        None => return Err(Denial::NoLists.refusal(&record.subject)),
        Some(digest) if digest != record.lists_digest => {
            return Err(Denial::ListsNotInForce.refusal(&record.subject));
        }
        Some(_) => {}
    }
    let standing = state.case_of(&record.subject);
    if let Some((id, case)) = standing
        && matches!(&case.standing, Standing::Done(proposal, _) if proposal.outcome == Outcome::Reject)
    {
        return Err(Denial::Rejected.refusal(&format!("case {}", id.0)));
    }
    let (is_clear, good_guys) = state.explained(record, now);
    if is_clear {
        return Ok(Event::Cleared { record: Box::new(record.clone()), good_guys, at: now });
    }
    // What was let go as no hit any more, or released under other lists, and is one now, is a matter of its own.
    let standing = standing.filter(|(_, case)| case.is_open());
    let case = standing.map_or(CaseId(state.last_case + 1), |(id, _)| id);
    let due = standing.map_or_else(|| now.plus(term(&record.subject)), |(_, case)| case.due);
    Ok(Event::Held { case, record: Box::new(record.clone()), due, at: now })
}

fn open(state: &State, id: CaseId) -> Result<&Case, Refusal> {
    let case = state.cases.get(&id).ok_or_else(|| Denial::CaseUnknown.refusal(&id.0.to_string()))?;
    if case.is_open() { Ok(case) } else { Err(Denial::CaseDone.refusal(&format!("case {}", id.0))) }
}

/// Nothing is released on an old record, nor where a number is the same, nor where nothing was answered.
fn releasable(state: &State, id: CaseId, case: &Case) -> Result<(), Refusal> {
    if Some(case.record.lists_digest) != state.lists {
        return Err(Denial::ListsNotInForce.refusal(&format!("case {}", id.0)));
    }
    if case.record.fields.iter().flat_map(|field| &field.hits).any(|hit| hit.is_exact) {
        return Err(Denial::Blocked.refusal(&format!("case {}", id.0)));
    }
    if case.record.decision() == Decision::Unavailable {
        return Err(Denial::NotScreened.refusal(&format!("case {}", id.0)));
    }
    Ok(())
}

fn reasoned(why: &str) -> Result<(), Refusal> {
    if why.trim().is_empty() { Err(Denial::NoReason.refusal("")) } else { Ok(()) }
}

/// Two spellings of one person are one person.
fn is_same(a: &str, b: &str) -> bool {
    a.trim().eq_ignore_ascii_case(b.trim())
}

fn is_on_record(state: &State, key: &GoodGuyKey) -> bool {
    state.cases.values().flat_map(|case| &case.record.fields).any(|field| {
        let is_hit = |hit: &super::RecordedHit| {
            hit.list == key.list && hit.id == key.id && hit.entry == key.entry && !hit.is_exact
        };
        field.hits.iter().any(is_hit) && field.asked.fingerprint() == key.party
    })
}
