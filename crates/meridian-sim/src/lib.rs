//! The whole node in one thread from one seed, with faults, and the laws that must hold.
//!
//! ```text
//!  banks, agents,   --letters-->  leader: Decider, Log   --line-->  fence, LogJournal, SimMedia
//!  card switches    <--answers--  (and stale leaders)               torn, short, failed, full
//!    resend, late,  lost, late,   standby: Follower      <--line--  lost, late, unanswered
//!    twice, never   doubled       takes over             power cuts, rot, misdirected writes
//! ```
//!
//! What is real: the hub with all its books, the writer's rule ([`meridian_node::Decider`]), the rule of durability
//! ([`meridian_node::Log`]), the follower, the log's every byte. What is simulated: threads, sockets, time, the medium,
//! the store's fence and the people.
//!
//! ```
//! use meridian_sim::{Protections, run};
//! let once = run(42, Protections::default()).unwrap();
//! assert_eq!(run(42, Protections::default()).unwrap(), once);
//! ```
//!
//! **Invariant:** the same seed is the same world to the last byte; no clock, no thread, no hash-map order.

#![forbid(unsafe_code)]

mod chance;
mod clients;
mod damage;
mod laws;
mod opening;
mod store;
mod world;

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};

use world::World;

/// What a world relies on. Each can be taken from a simulated world, to see that its laws notice; none of them can be
/// switched off in a node.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Protections {
    /// What the medium says is written survives power loss.
    pub fsync: bool,
    /// The store refuses appends of earlier terms.
    pub fence: bool,
    /// A client that asks again gives its payment the reference it had.
    pub dedupe: bool,
    /// Time gets its turn.
    pub deadline: bool,
    /// The operator has set the caps in the hub that the world is held to.
    pub caps: bool,
}

impl Default for Protections {
    fn default() -> Self {
        Self { fsync: true, fence: true, dedupe: true, deadline: true, caps: true }
    }
}

/// What a world came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    /// Steps of the world before it was brought to its end.
    pub steps: usize,
    /// Events in the hub.
    pub events: u64,
    /// Batches in the journal.
    pub batches: u64,
    /// How often the power went.
    pub power_cuts: usize,
    /// How often a node began to lead.
    pub terms: u64,
    /// How many answers were acknowledged.
    pub acknowledged: usize,
    /// How many payments waited for cover.
    pub queued: usize,
    /// How many of them were released.
    pub released: usize,
    /// How many instructions settlement agents settled.
    pub instructions: usize,
    /// Hash of the hub at the end.
    pub state_hash: [u8; 32],
}

/// A broken law.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// The world that broke it.
    pub seed: u64,
    /// At which step.
    pub step: usize,
    /// What broke.
    pub broke: String,
    /// What happened last, oldest first.
    pub last: Vec<String>,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for line in &self.last {
            writeln!(f, "  {line}")?;
        }
        let Self { seed, step, broke, .. } = self;
        writeln!(f, "seed {seed} broke at step {step}: {broke}")?;
        write!(f, "again: meridian sim --from {seed} --seeds 1")
    }
}

impl std::error::Error for Failure {}

/// Lets the world of a seed live and come to its end.
///
/// # Errors
/// [`Failure`]: the first law that did not hold, or a panic of the node.
pub fn run(seed: u64, protections: Protections) -> Result<Seen, Box<Failure>> {
    let failed = |step, broke, last| Box::new(Failure { seed, step, broke, last });
    let mut world = World::new(seed, protections).map_err(|broke| failed(0, broke, Vec::new()))?;
    let lived = catch_unwind(AssertUnwindSafe(|| world.live()));
    let broke = match lived {
        Ok(Ok(seen)) => return Ok(seen),
        Ok(Err(broke)) => broke,
        Err(panic) => {
            let words = panic.downcast_ref::<String>().cloned();
            let words = words.or_else(|| panic.downcast_ref::<&str>().map(|word| (*word).to_owned()));
            format!("panic: {}", words.unwrap_or_default())
        }
    };
    Err(failed(world.step(), broke, world.diary()))
}
