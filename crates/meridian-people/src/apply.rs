//! What has happened becomes state. Cannot fail: everything was decided before.

use crate::state::{Alone, REMEMBERED, Visited};
use crate::{Event, Outcome, ProposalId, State};

/// Applies an event.
pub fn apply(state: &mut State, event: &Event) {
    match event {
        Event::Founded(people, _) => {
            for person in people {
                state.people.insert(person.id.clone(), person.clone());
            }
        }
        Event::Admitted(person, _) => {
            state.people.insert(person.id.clone(), person.clone());
        }
        Event::Suspended(id, suspended, _) => {
            if let Some(person) = state.people.get_mut(id) {
                person.is_suspended = *suspended;
            }
        }
        Event::Rotated(id, credential, _) => {
            if let Some(person) = state.people.get_mut(id) {
                person.credential = *credential;
            }
        }
        Event::Proposed(proposal) => {
            state.proposals.insert(proposal.id, proposal.clone());
        }
        Event::Approved { proposal, by, at } => {
            close(state, *proposal, Outcome::Done { by: by.clone(), at: *at });
            state.acts += 1;
        }
        Event::Withdrawn(id, at) => close(state, *id, Outcome::Withdrawn(*at)),
        Event::Did { act, words, by, at } => {
            state.acts += 1;
            state.alone.push_back(Alone { act: *act, words: words.clone(), by: by.clone(), at: *at });
            if state.alone.len() > REMEMBERED {
                state.alone.pop_front();
            }
        }
        Event::Declined { proposal, by, at } => {
            close(state, *proposal, Outcome::Declined { by: by.clone(), at: *at });
        }
        Event::Came { by, visit, at } => {
            state.visits.push_back(Visited { by: by.clone(), visit: *visit, at: *at });
            if state.visits.len() > REMEMBERED {
                state.visits.pop_front();
            }
        }
        Event::Expired(ids, at) => ids.iter().for_each(|id| close(state, *id, Outcome::Expired(*at))),
    }
}

fn close(state: &mut State, id: ProposalId, outcome: Outcome) {
    if let Some(proposal) = state.proposals.get_mut(&id) {
        proposal.outcome = outcome;
    }
}
