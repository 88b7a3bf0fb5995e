//! What would happen: one event, or the first refusal in order of precedence. Changes nothing.

use meridian_terms::{Moment, Refusal};

use crate::refusal::{self as no, refuse};
use crate::state::PROPOSAL_LIFE;
use crate::{Act, Command, Event, Outcome, Person, PersonId, Persons, Proposal, ProposalId, Role, State};

/// Decides a command at a moment.
///
/// # Errors
/// The first refusal in order of precedence.
pub fn decide(state: &State, command: &Command, at: Moment) -> Result<Event, Refusal> {
    match command {
        Command::Found(people) => found(state, people, at),
        Command::Admit(person) => Ok(Event::Admitted(person.clone(), at)),
        Command::Suspend(id, suspended) => suspend(state, id, *suspended, at),
        Command::Rotate(id, credential) => {
            known(state, id)?;
            Ok(Event::Rotated(id.clone(), *credential, at))
        }
        Command::Propose { act, words, matter, by } => {
            let right = act.right();
            holds(state, by, right.does, *act)?;
            if right.persons == Persons::One {
                return Err(refuse(no::TAKES_ONE, act.word()));
            }
            let id = ProposalId(state.proposals.last_key_value().map_or(1, |(last, _)| last.0 + 1));
            Ok(Event::Proposed(Proposal {
                id,
                act: *act,
                words: words.clone(),
                matter: matter.clone(),
                by: by.clone(),
                at,
                expires: at.plus(PROPOSAL_LIFE),
                outcome: Outcome::Open,
            }))
        }
        Command::Approve { proposal, digest, by } => approve(state, *proposal, digest, by, at),
        Command::Withdraw { proposal, by } => {
            active(state, by)?;
            let known = open(state, *proposal, at)?;
            if known.by != *by {
                return Err(refuse(no::NOT_YOURS, known.by.to_string()));
            }
            Ok(Event::Withdrawn(*proposal, at))
        }
        Command::Decline { proposal, by } => {
            let known = open(state, *proposal, at)?;
            holds(state, by, known.act.right().approves, known.act)?;
            if known.by == *by {
                return Err(refuse(no::SAME_PERSON, by.to_string()));
            }
            Ok(Event::Declined { proposal: *proposal, by: by.clone(), at })
        }
        Command::Came { by, visit } => {
            known(state, by)?;
            Ok(Event::Came { by: by.clone(), visit: *visit, at })
        }
        Command::Do { act, words, by } => {
            may(state, by, *act)?;
            Ok(Event::Did { act: *act, words: words.clone(), by: by.clone(), at })
        }
        Command::Tick => {
            let due = state.open_proposals().filter(|proposal| proposal.expires <= at);
            Ok(Event::Expired(due.map(|proposal| proposal.id).collect(), at))
        }
    }
}

/// Whether a person may do a one-person act: what a page or an export asks before it shows anything.
///
/// # Errors
/// `people.unknown`, `people.suspended`, `people.no_right`, `people.takes_two`.
pub fn may(state: &State, by: &PersonId, act: Act) -> Result<(), Refusal> {
    let right = act.right();
    holds(state, by, right.does, act)?;
    match right.persons {
        Persons::One => Ok(()),
        Persons::Two => Err(refuse(no::TAKES_TWO, act.word())),
    }
}

fn found(state: &State, people: &[Person], at: Moment) -> Result<Event, Refusal> {
    if !state.people.is_empty() {
        return Err(refuse(no::FOUNDED, ""));
    }
    let mut names: Vec<&PersonId> = people.iter().map(|person| &person.id).collect();
    names.sort();
    names.dedup();
    if names.len() != people.len() || !can_admit(people.iter()) {
        return Err(refuse(no::TOO_FEW, format!("{} people", people.len())));
    }
    Ok(Event::Founded(people.to_vec(), at))
}

/// Whether these people can admit or restore another: one proposes, another approves.
fn can_admit<'a>(people: impl Iterator<Item = &'a Person> + Clone) -> bool {
    let right = Act::RestorePerson.right();
    let active = people.filter(|person| !person.is_suspended);
    active.clone().filter(|one| one.roles.iter().any(|role| right.does.contains(role))).any(|one| {
        active
            .clone()
            .any(|two| two.id != one.id && two.roles.iter().any(|role| right.approves.contains(role)))
    })
}

fn suspend(state: &State, id: &PersonId, suspended: bool, at: Moment) -> Result<Event, Refusal> {
    known(state, id)?;
    let left = state.people().filter(|person| person.id != *id);
    if suspended && !can_admit(left) {
        return Err(refuse(no::LAST_ONE, id.to_string()));
    }
    Ok(Event::Suspended(id.clone(), suspended, at))
}

fn approve(
    state: &State,
    id: ProposalId,
    digest: &[u8; 32],
    by: &PersonId,
    at: Moment,
) -> Result<Event, Refusal> {
    active(state, by)?;
    let proposal = open(state, id, at)?;
    holds(state, by, proposal.act.right().approves, proposal.act)?;
    if proposal.digest() != *digest {
        return Err(refuse(no::OTHER_MATTER, id.to_string()));
    }
    if proposal.by == *by {
        return Err(refuse(no::SAME_PERSON, by.to_string()));
    }
    // Whoever proposed it must still be somebody: a proposal does not outlive its author's suspension.
    active(state, &proposal.by)?;
    Ok(Event::Approved { proposal: id, by: by.clone(), at })
}

fn open(state: &State, id: ProposalId, at: Moment) -> Result<&Proposal, Refusal> {
    let proposal = state.proposal(id).ok_or_else(|| refuse(no::NO_PROPOSAL, id.to_string()))?;
    if proposal.outcome != Outcome::Open {
        return Err(refuse(no::NOT_OPEN, format!("{id} is {}", proposal.outcome.word())));
    }
    if proposal.expires <= at {
        return Err(refuse(no::NOT_OPEN, format!("{id} expired at {}", proposal.expires)));
    }
    Ok(proposal)
}

fn known<'a>(state: &'a State, id: &PersonId) -> Result<&'a Person, Refusal> {
    state.person(id).ok_or_else(|| refuse(no::UNKNOWN, id.to_string()))
}

fn active<'a>(state: &'a State, id: &PersonId) -> Result<&'a Person, Refusal> {
    let person = known(state, id)?;
    if person.is_suspended { Err(refuse(no::SUSPENDED, id.to_string())) } else { Ok(person) }
}

fn holds(state: &State, id: &PersonId, roles: &[Role], act: Act) -> Result<(), Refusal> {
    let person = active(state, id)?;
    if person.roles.iter().any(|role| roles.contains(role)) {
        return Ok(());
    }
    let held: Vec<&str> = person.roles.iter().map(|role| role.word()).collect();
    Err(refuse(no::NO_RIGHT, format!("{id} ({}) on {}", held.join(", "), act.word())))
}
