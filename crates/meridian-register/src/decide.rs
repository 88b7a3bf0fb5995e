//! What would happen: one event, or the first refusal in order of precedence. Changes nothing.

use meridian_terms::{Moment, Refusal, Window};

use crate::refusal::{self as no, refuse};
use crate::{Command, Event, Instrument, Membership, State, Subject};

/// Decides a command at a moment.
///
/// # Errors
/// The first refusal in order of precedence.
pub fn decide(state: &State, command: &Command, at: Moment) -> Result<Event, Refusal> {
    match command {
        Command::Enter(instrument) => enter(state, instrument, at),
        Command::Amend { instrument, in_force, source } => {
            published(source)?;
            let known =
                state.instrument(instrument).ok_or_else(|| refuse(no::UNKNOWN, instrument.to_string()))?;
            if known.in_force == *in_force {
                return Err(refuse(no::NO_CHANGE, instrument.to_string()));
            }
            let (instrument, source) = (instrument.clone(), source.clone());
            Ok(Event::Amended { instrument, in_force: *in_force, source, at })
        }
        Command::Join(membership) => join(state, membership, at),
        Command::Leave { membership, until } => {
            if !state.memberships.contains(membership) {
                return Err(refuse(
                    no::NO_MEMBER,
                    format!("{} of {}", membership.country, membership.grouping),
                ));
            }
            Window::new(membership.validity.from(), Some(*until))
                .map_err(|_| refuse(no::ENDS_BEFORE, until.to_string()))?;
            Ok(Event::Left(membership.clone(), *until, at))
        }
        Command::Rest(reliance) => {
            let instrument = state
                .instrument(&reliance.instrument)
                .ok_or_else(|| refuse(no::UNKNOWN, reliance.instrument.to_string()))?;
            if state.reliances.contains(reliance) {
                return Err(refuse(no::RESTS_ALREADY, reliance.subject.to_string()));
            }
            if let Subject::Link(a, b) = &reliance.subject {
                // Who is bound is asked for the day it is opened; here only that each side could ever be.
                let could_be = |country| {
                    instrument.parties.contains(country)
                        || state.memberships().any(|one| {
                            instrument.groupings.contains(&one.grouping) && one.country == *country
                        })
                };
                if let Some(stranger) = [a, b].into_iter().find(|country| !could_be(country)) {
                    return Err(refuse(no::NOT_BOUND, format!("{stranger} by {}", instrument.id)));
                }
            }
            Ok(Event::Rested(reliance.clone(), at))
        }
    }
}

fn enter(state: &State, instrument: &Instrument, at: Moment) -> Result<Event, Refusal> {
    published(&instrument.source)?;
    if instrument.parties.is_empty() && instrument.groupings.is_empty() {
        return Err(refuse(no::NOBODY_BOUND, instrument.id.to_string()));
    }
    if state.instruments.contains_key(&instrument.id) {
        return Err(refuse(no::EXISTS, instrument.id.to_string()));
    }
    Ok(Event::Entered(instrument.clone(), at))
}

fn join(state: &State, membership: &Membership, at: Moment) -> Result<Event, Refusal> {
    published(&membership.source)?;
    let same = |one: &&Membership| one.grouping == membership.grouping && one.country == membership.country;
    if state.memberships.iter().filter(same).any(|one| one.validity.overlaps(&membership.validity)) {
        let detail = format!("{} of {}", membership.country, membership.grouping);
        return Err(refuse(no::MEMBER_ALREADY, detail));
    }
    Ok(Event::Joined(membership.clone(), at))
}

fn published(source: &str) -> Result<(), Refusal> {
    if source.trim().is_empty() { Err(refuse(no::NO_SOURCE, "")) } else { Ok(()) }
}
