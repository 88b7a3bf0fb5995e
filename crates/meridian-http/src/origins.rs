//! How many connections one origin may hold: an address until it has shown a certificate, a certificate after that.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

use crate::Peer;

/// Where connections come from.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Origin {
    /// A machine.
    Address(IpAddr),
    /// Whoever holds this certificate.
    Certificate(Peer),
}

/// Connections open now, by origin.
#[derive(Clone)]
pub(crate) struct Origins {
    most: usize,
    open: Arc<Mutex<BTreeMap<Origin, usize>>>,
}

/// One connection of an origin, until it is dropped.
pub(crate) struct Guest {
    origin: Origin,
    open: Arc<Mutex<BTreeMap<Origin, usize>>>,
}

impl Origins {
    /// At most so many of each.
    pub(crate) fn new(most: usize) -> Self {
        Self { most, open: Arc::default() }
    }

    /// One more of this origin; nothing when it holds as many as it may.
    pub(crate) fn let_in(&self, origin: Origin) -> Option<Guest> {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let held = open.get(&origin).copied().unwrap_or(0);
        if held >= self.most {
            return None;
        }
        open.insert(origin.clone(), held + 1);
        Some(Guest { origin, open: Arc::clone(&self.open) })
    }
}

impl Drop for Guest {
    fn drop(&mut self) {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        match open.get_mut(&self.origin) {
            Some(held) if *held > 1 => *held -= 1,
            _ => drop(open.remove(&self.origin)),
        }
    }
}
