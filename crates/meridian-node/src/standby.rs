//! A standby: it follows the journal, answers reads as of where it stands, and leads when it may.
//!
//! ```text
//!  Node::follow --every so often: catch up--> reads answered, commands refused (node.standby)
//!       |  may_lead gives a journal: take the term, read to its end
//!       +--> the same node, with the same handles, leads
//! ```

use std::ops::ControlFlow;
use std::sync::atomic::Ordering;
use std::sync::mpsc::RecvTimeoutError;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use meridian_journal::Journal;
use meridian_terms::{Refusal, Retry};

use crate::writer::{Ends, Request, write};
use crate::{Clock, Follower, Node, NodeSettings, Standing, StartError};

impl Node {
    /// A node that follows until `may_lead` gives a journal to lead on. Until then a read is answered as of
    /// [`Node::position`], at most `every` behind what was there to be read, and what would change the hub is refused. The
    /// handle is joined to wait for its end.
    ///
    /// # Errors
    /// [`StartError`].
    pub fn follow(
        mut reading: Box<dyn Journal>,
        mut may_lead: impl FnMut() -> Option<Box<dyn Journal>> + Send + 'static,
        every: Duration,
        clock: Clock,
        settings: NodeSettings,
    ) -> Result<(Self, JoinHandle<Result<(), String>>), StartError> {
        let mut follower = Follower::start(reading.as_mut())?;
        let standing = Standing { leads: false, durability: reading.durability() };
        let (node, ends) = Self::new(clock.clone(), &settings, standing);
        let thread = std::thread::Builder::new().name("standby".into());
        let thread = thread.spawn(move || {
            loop {
                let position = follower.catch_up(reading.as_mut()).map_err(|error| error.to_string())?;
                if ends.position.swap(position.0, Ordering::AcqRel) != position.0 {
                    ends.changed.send_replace(follower.hub().events);
                }
                if let Some(mut journal) = may_lead() {
                    let term = follower.take_term(journal.as_mut(), clock.clone(), &settings);
                    let (decider, lease, position) = term.map_err(|error| error.to_string())?;
                    let writer = write(ends, (journal, lease), (decider, position), clock, &settings);
                    let writer = writer.map_err(|error| error.to_string())?;
                    return writer.join().unwrap_or_else(|_| Err("the writer has panicked".into()));
                }
                if answer(&ends, &follower, Instant::now() + every).is_break() {
                    return Ok(());
                }
            }
        });
        Ok((node, thread.map_err(|error| StartError::Journal(error.to_string()))?))
    }
}

/// Answers what is asked until it is time to look for what came; breaks off when nothing more is to come.
fn answer(ends: &Ends, follower: &Follower, until: Instant) -> ControlFlow<()> {
    loop {
        let request = match ends.queue.recv_timeout(until.saturating_duration_since(Instant::now())) {
            Ok(request) => request,
            Err(RecvTimeoutError::Timeout) => return ControlFlow::Continue(()),
            Err(RecvTimeoutError::Disconnected) => return ControlFlow::Break(()),
        };
        ends.waiting.fetch_sub(1, Ordering::Relaxed);
        match request {
            Request::Read(read) => read(follower.hub())(),
            // Whoever asked may have gone.
            Request::Ask { answer, .. } => drop(answer.send(Err(refusal()))),
            Request::Stop => return ControlFlow::Break(()),
        }
    }
}

fn refusal() -> Refusal {
    Refusal::new("node.standby", "this node follows another and decides nothing")
        .rule("one node leads")
        .next("ask the node that leads; this one may be read")
        .iso("ED06")
        .retry(Retry::AfterAMoment)
}
