//! What has happened becomes state. Cannot fail: everything was decided before.

use meridian_terms::Window;

use crate::{Event, Membership, State};

/// Applies an event.
pub fn apply(state: &mut State, event: &Event) {
    match event {
        Event::Entered(instrument, _) => {
            state.instruments.insert(instrument.id.clone(), instrument.clone());
        }
        Event::Amended { instrument, in_force, source, .. } => {
            if let Some(known) = state.instruments.get_mut(instrument) {
                known.in_force = *in_force;
                known.source.clone_from(source);
            }
        }
        Event::Joined(membership, _) => {
            state.memberships.insert(membership.clone());
        }
        Event::Left(membership, until, _) => {
            if let Ok(validity) = Window::new(membership.validity.from(), Some(*until)) {
                state.memberships.remove(membership);
                state.memberships.insert(Membership { validity, ..membership.clone() });
            }
        }
        Event::Rested(reliance, _) => {
            state.reliances.insert(reliance.clone());
        }
    }
}
