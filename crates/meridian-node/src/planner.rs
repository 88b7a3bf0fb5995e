//! The queue's last tier: a plan made beside the writer, and committed by it as one event.
//!
//! The writer releases what funds and the order of lines allow. What stands in gridlock beyond that is worth a search;
//! the search looks at a snapshot on a thread of its own, and its plan is refused whole if what it rests on has gone.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use meridian_settlement::{self as settlement, Tier, best, usual_steps};
use meridian_terms::Currency;

use crate::{AskError, Command, Done, Node};

/// How often a plan that has gone stale is made again before the greedy release is taken instead.
const TRIES: usize = 3;

/// Who plans, in the journal.
const ACTOR: &str = "planner";

/// Plans a currency's queue once and commits what settles: the event, or nothing where nothing can be released. Waits for
/// the search and the journal; not for a thread that must not wait.
///
/// # Errors
/// [`AskError::Stopped`].
pub fn plan(node: &Node, currency: Currency) -> Result<Option<Done>, AskError> {
    for _ in 0..TRIES {
        let (snapshot, seed) = node.read_blocking(move |hub| {
            (hub.settlement.snapshot(&hub.ledger, currency), hub.settlement.revision(currency))
        })?;
        let snapshot = match snapshot {
            Ok(snapshot) if !snapshot.ids.is_empty() => snapshot,
            // Nothing waits by itself, or more than can be weighed together: what is left is the greedy release.
            _ => break,
        };
        let found = best(&snapshot.queue, usual_steps(&snapshot.queue), seed);
        if found.plan.settled().is_empty() {
            break;
        }
        let proposal = snapshot.proposal(currency, found.plan.settled());
        match node.ask_blocking(ACTOR, Command::Settle(settlement::Command::Commit(proposal))) {
            Ok(done) => return Ok(Some(done)),
            Err(AskError::Refused(refusal)) if refusal.code == "settlement.plan_stale" => {}
            Err(AskError::Refused(_)) => break,
            Err(stopped) => return Err(stopped),
        }
    }
    let greedy = settlement::Command::Release { currency, tier: Tier::Greedy };
    match node.ask_blocking(ACTOR, Command::Settle(greedy)) {
        Ok(done) => Ok(Some(done)),
        Err(AskError::Refused(_)) => Ok(None),
        Err(stopped) => Err(stopped),
    }
}

/// Plans every queue now and then, as long as it lives.
pub struct Planner {
    stops: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Planner {
    /// Starts planning: after every change to the hub, but not more often than `every`.
    ///
    /// # Errors
    /// When no thread can be started.
    pub fn start(node: Node, every: Duration) -> std::io::Result<Self> {
        let stops = Arc::new(AtomicBool::new(false));
        let asked = Arc::clone(&stops);
        let thread = std::thread::Builder::new().name("planner".into()).spawn(move || {
            let mut seen = None;
            while !asked.load(Ordering::Relaxed) {
                std::thread::park_timeout(every);
                let events = *node.changes().borrow();
                if asked.load(Ordering::Relaxed) || seen == Some(events) {
                    continue;
                }
                let Ok(waiting) = node.read_blocking(|hub| hub.settlement.waiting_currencies()) else {
                    return;
                };
                for currency in waiting {
                    if let Err(AskError::Stopped) = plan(&node, currency) {
                        return;
                    }
                }
                seen = Some(events);
            }
        })?;
        Ok(Self { stops, thread: Some(thread) })
    }
}

impl Drop for Planner {
    fn drop(&mut self) {
        self.stops.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            thread.thread().unpark();
            // A panic of the planner has said so itself.
            drop(thread.join());
        }
    }
}
