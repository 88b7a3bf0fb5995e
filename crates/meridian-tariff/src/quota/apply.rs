//! Makes an event so. Cannot fail.

use super::Event;
use super::state::{Asked, Held, State};

/// Applies an event that [`super::decide`] gave.
pub fn apply(state: &mut State, event: &Event) {
    match event {
        Event::Observed(calendar) => state.calendar = calendar.clone(),
        Event::Opened(quota) => {
            let held = Held { quota: quota.clone(), balance: quota.volume, bar: None };
            state.quotas.insert(quota.id.clone(), held);
        }
        Event::Requested { id, quota, quantity, counts_on } => {
            let asked = Asked { quota: quota.clone(), quantity: *quantity, granted: None };
            state.requests.insert(id.clone(), asked);
            state.waiting.entry(*counts_on).or_default().insert(id.clone());
        }
        Event::Allocated { day, grants } => {
            for grant in grants {
                if let Some(waiting) = state.waiting.get_mut(day) {
                    waiting.remove(&grant.id);
                }
                if let Some(asked) = state.requests.get_mut(&grant.id) {
                    asked.granted = Some(grant.quantity);
                    let quota = asked.quota.clone();
                    take(state, &quota, grant.quantity);
                }
            }
            state.waiting.retain(|_, ids| !ids.is_empty());
        }
        Event::Returned { id, quantity } => {
            if let Some(asked) = state.requests.get_mut(id) {
                asked.granted = asked.granted.map(|granted| granted - quantity);
                let quota = asked.quota.clone();
                take(state, &quota, -quantity);
            }
        }
        Event::Halted(quota, bar) => {
            if let Some(held) = state.quotas.get_mut(quota) {
                held.bar = Some(*bar);
            }
        }
        Event::Resumed(quota) => {
            if let Some(held) = state.quotas.get_mut(quota) {
                held.bar = None;
            }
        }
    }
}

/// Takes a quantity from a quota and those it is linked with; a negative one gives back.
fn take(state: &mut State, quota: &super::QuotaId, quantity: i128) {
    for id in state.touched(quota) {
        if let Some(held) = state.quotas.get_mut(&id) {
            // A link opened after a grant never took part in it, so giving back stops at the volume.
            held.balance = (held.balance - quantity).min(held.quota.volume);
        }
    }
}
