//! The bureau: what lies ready for the office's people, and what the shell does when they have acted.

use std::sync::{PoisonError, RwLock};

use meridian_node::office::Matter;
use meridian_screening::casework::Record;
use tokio::sync::Notify;

/// Screens those whom a matter lets in: a participant, a card scheme.
pub type Vet = dyn Fn(&Matter) -> Option<Record> + Send + Sync;

/// An entry of a watch list for whoever decides a case: what is known of its bearer, a line each.
pub type Listed = dyn Fn(&str, &str) -> Vec<(&'static str, String)> + Send + Sync;

/// What lies ready for the office's people. Empty for a hub without people.
pub struct Bureau {
    wanted: RwLock<Vec<Matter>>,
    /// Says that people have acted: the shell looks whether other lists are in force now.
    pub acted: Notify,
    vet: Box<Vet>,
    listed: Box<Listed>,
}

impl Default for Bureau {
    fn default() -> Self {
        Self::new(|_| None, |_, _| Vec::new())
    }
}

impl Bureau {
    /// A bureau that screens and looks up so.
    pub fn new(
        vet: impl Fn(&Matter) -> Option<Record> + Send + Sync + 'static,
        listed: impl Fn(&str, &str) -> Vec<(&'static str, String)> + Send + Sync + 'static,
    ) -> Self {
        Self { wanted: RwLock::default(), acted: Notify::new(), vet: Box::new(vet), listed: Box::new(listed) }
    }

    /// What the configuration asks for and the hub does not have.
    #[must_use]
    pub fn wanted(&self) -> Vec<Matter> {
        self.wanted.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The configuration was read again.
    pub fn want(&self, matters: Vec<Matter>) {
        *self.wanted.write().unwrap_or_else(PoisonError::into_inner) = matters;
    }

    pub(crate) fn vet(&self, matter: &Matter) -> Option<Record> {
        (self.vet)(matter)
    }

    pub(crate) fn listed(&self, list: &str, id: &str) -> Vec<(&'static str, String)> {
        (self.listed)(list, id)
    }
}
