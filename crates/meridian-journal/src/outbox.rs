//! Between deciding and writing: what is decided while the log writes becomes one group.
//!
//! ```text
//!  deciding thread --hand--> [one waiting group, growing] --take--> log thread: one write, one sync, then the answers
//! ```

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

/// What waits for the log, with those who wait for it.
pub trait Group: Send {
    /// Whether another may join: a group stops growing where one write would become too long.
    fn takes(&self, other: &Self) -> bool;

    /// The other's content behind this one's.
    fn join(&mut self, other: Self);

    /// It will never be durable: whoever waits is told.
    fn abandon(self);
}

struct Inside<G> {
    waiting: Option<G>,
    is_closed: bool,
    failed: Option<String>,
}

/// One group waits here at most; while it waits it grows.
pub struct Outbox<G> {
    inside: Mutex<Inside<G>>,
    changed: Condvar,
}

impl<G> Default for Outbox<G> {
    fn default() -> Self {
        let inside = Inside { waiting: None, is_closed: false, failed: None };
        Self { inside: Mutex::new(inside), changed: Condvar::new() }
    }
}

impl<G: Group> Outbox<G> {
    fn lock(&self) -> MutexGuard<'_, Inside<G>> {
        self.inside.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Hands a group to the log; waits while the one before it is full and not taken.
    ///
    /// # Errors
    /// Why the log has stopped.
    pub fn hand(&self, group: G) -> Result<(), String> {
        let mut inside = self.lock();
        loop {
            if let Some(why) = &inside.failed {
                let why = why.clone();
                drop(inside);
                group.abandon();
                return Err(why);
            }
            match &mut inside.waiting {
                None => {
                    inside.waiting = Some(group);
                    self.changed.notify_all();
                    return Ok(());
                }
                Some(waiting) if waiting.takes(&group) => {
                    waiting.join(group);
                    return Ok(());
                }
                Some(_) => inside = self.changed.wait(inside).unwrap_or_else(PoisonError::into_inner),
            }
        }
    }

    /// The next group; waits for one. `None` once the outbox is closed or has failed, and empty.
    pub fn take(&self) -> Option<G> {
        let mut inside = self.lock();
        loop {
            if let Some(group) = inside.waiting.take() {
                self.changed.notify_all();
                return Some(group);
            }
            if inside.is_closed || inside.failed.is_some() {
                return None;
            }
            inside = self.changed.wait(inside).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// After what waits, nothing more comes.
    pub fn close(&self) {
        self.lock().is_closed = true;
        self.changed.notify_all();
    }

    /// Nothing that waits will be durable, and nothing more is taken. The first reason stands.
    pub fn fail(&self, why: &str) {
        let mut inside = self.lock();
        inside.failed.get_or_insert_with(|| why.to_owned());
        let lost = inside.waiting.take();
        self.changed.notify_all();
        drop(inside);
        if let Some(group) = lost {
            group.abandon();
        }
    }

    /// Why the log has stopped, if it has.
    pub fn failure(&self) -> Option<String> {
        self.lock().failed.clone()
    }
}
