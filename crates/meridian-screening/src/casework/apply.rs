//! What has happened becomes state. Cannot fail: everything was decided before.

use super::event::{Event, Link, chained};
use super::state::{Case, GoodGuy, Proposal, Standing, State};

/// Applies an event and gives its link in the audit chain.
///
/// # Panics
/// When the event could not have been decided on this state: a broken invariant of our own.
pub fn apply(state: &mut State, event: &Event) -> Link {
    match event {
        Event::ListsInForce { digest, .. } => state.lists = Some(*digest),
        Event::Cleared { record, .. } => {
            if let Some(id) = state.by_subject.remove(&record.subject) {
                state.cases.remove(&id);
            }
            state.cleared.insert(record.subject.clone(), record.lists_digest);
        }
        Event::Held { case, record, at } => {
            state.cleared.remove(&record.subject);
            state.last_case = state.last_case.max(case.0);
            let since = state.cases.get(case).map_or(*at, |known| known.since);
            state.by_subject.insert(record.subject.clone(), *case);
            let held = Case { record: record.as_ref().clone(), since, standing: Standing::Held };
            state.cases.insert(*case, held);
        }
        Event::Proposed { case, outcome, why, by, .. } => {
            let proposal = Proposal { outcome: *outcome, why: why.clone(), by: by.clone() };
            known(state, *case).standing = Standing::Proposed(proposal);
        }
        Event::Approved { case, by, .. } => {
            let case = known(state, *case);
            let Standing::Proposed(proposal) = case.standing.clone() else {
                panic!("approved without a proposal")
            };
            case.standing = Standing::Done(proposal, by.clone());
        }
        Event::Declined { case, .. } => known(state, *case).standing = Standing::Held,
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
    state.count += 1;
    state.head = chained(&state.head, state.count, event);
    Link { number: state.count, event: event.clone(), hash: state.head }
}

fn known(state: &mut State, id: super::CaseId) -> &mut Case {
    state.cases.get_mut(&id).unwrap_or_else(|| panic!("no case {}", id.0))
}
