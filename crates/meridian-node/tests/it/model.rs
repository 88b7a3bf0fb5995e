//! Takeover and retry, exhaustively: two leaders, three batches, appends whose answer may be lost, leaders that crash,
//! an old leader that does not know it is one.
//!
//! The journal of the model is a fence and a list; an append is a message that arrives late, once or never, as a statement
//! on a broken connection does. What is checked in every reachable state: nothing acknowledged is ever missing, nothing
//! is there twice, and no leader believes in an end the journal does not have. Without the fence the model finds a
//! history that breaks them.

use stateright::{Checker, Model, Property};

const LEADERS: usize = 2;
const BATCHES: u8 = 3;

/// An append on its way to the journal.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
struct Sent {
    leader: usize,
    epoch: u8,
    expected: usize,
    batch: u8,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Leader {
    /// Its term; `None` before it has acquired, and after it learnt that it is fenced or crashed.
    epoch: Option<u8>,
    /// The journal as it believes it to be: it decides on this.
    believed: Vec<u8>,
    /// The append it waits for; `true` once the connection broke and the answer will not come.
    waiting: Option<(Sent, bool)>,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct World {
    epoch: u8,
    journal: Vec<u8>,
    leaders: Vec<Leader>,
    /// Statements that have not arrived.
    flying: Vec<Sent>,
    /// What clients were told is durable.
    acknowledged: Vec<u8>,
    crashes: u8,
    breaks: u8,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Step {
    Acquire(usize),
    Send(usize, u8),
    Arrive(usize),
    Break(usize),
    Resolve(usize),
    Crash(usize),
}

struct Takeover {
    is_fenced: bool,
}

impl Takeover {
    /// The append as the journal does it: the fence and the expected end, or nothing.
    fn accepts(&self, world: &World, sent: &Sent) -> bool {
        (!self.is_fenced || sent.epoch == world.epoch)
            && (if self.is_fenced { sent.expected == world.journal.len() } else { true })
    }

    fn acknowledge(world: &mut World, leader: usize, batch: u8) {
        let believed = &mut world.leaders[leader];
        believed.believed.push(batch);
        believed.waiting = None;
        if !world.acknowledged.contains(&batch) {
            world.acknowledged.push(batch);
        }
    }
}

impl Model for Takeover {
    type State = World;
    type Action = Step;

    fn init_states(&self) -> Vec<World> {
        let leader = Leader { epoch: None, believed: Vec::new(), waiting: None };
        vec![World {
            epoch: 0,
            journal: Vec::new(),
            leaders: vec![leader; LEADERS],
            flying: Vec::new(),
            acknowledged: Vec::new(),
            crashes: 0,
            breaks: 0,
        }]
    }

    fn actions(&self, world: &World, actions: &mut Vec<Step>) {
        for (number, leader) in world.leaders.iter().enumerate() {
            match (&leader.epoch, &leader.waiting) {
                // Terms are bounded, or the model would never end.
                (None, _) if world.epoch < 3 => actions.push(Step::Acquire(number)),
                (Some(_), None) => {
                    // Clients send each batch until they are told; what a leader has, it does not send again.
                    let unsent = (0..BATCHES).filter(|batch| !leader.believed.contains(batch));
                    actions.extend(unsent.take(1).map(|batch| Step::Send(number, batch)));
                }
                (Some(_), Some((_, true))) => actions.push(Step::Resolve(number)),
                (Some(_), Some((_, false))) if world.breaks < 2 => actions.push(Step::Break(number)),
                _ => {}
            }
            if leader.epoch.is_some() && world.crashes < 2 {
                actions.push(Step::Crash(number));
            }
        }
        actions.extend((0..world.flying.len()).map(Step::Arrive));
    }

    fn next_state(&self, world: &World, step: Step) -> Option<World> {
        let mut next = world.clone();
        match step {
            Step::Acquire(number) => {
                // Durable first; the end is read after it.
                next.epoch += 1;
                let journal = next.journal.clone();
                next.leaders[number] = Leader { epoch: Some(next.epoch), believed: journal, waiting: None };
            }
            Step::Send(number, batch) => {
                let leader = &mut next.leaders[number];
                let sent =
                    Sent { leader: number, epoch: leader.epoch?, expected: leader.believed.len(), batch };
                leader.waiting = Some((sent.clone(), false));
                next.flying.push(sent);
                next.flying.sort();
            }
            Step::Arrive(place) => {
                let sent = next.flying.remove(place);
                let is_accepted = self.accepts(&next, &sent);
                if is_accepted {
                    next.journal.push(sent.batch);
                }
                // The answer reaches a leader that still waits for just this.
                if next.leaders[sent.leader].waiting == Some((sent.clone(), false)) {
                    if is_accepted {
                        Self::acknowledge(&mut next, sent.leader, sent.batch);
                    } else {
                        next.leaders[sent.leader].epoch = None;
                        next.leaders[sent.leader].waiting = None;
                    }
                }
            }
            Step::Break(number) => {
                next.breaks += 1;
                let waiting = next.leaders[number].waiting.as_mut()?;
                waiting.1 = true;
            }
            Step::Resolve(number) => {
                // The fence is touched in its own term; then what stands at the position decides.
                let (sent, _) = next.leaders[number].waiting.clone()?;
                if self.is_fenced && Some(next.epoch) != next.leaders[number].epoch {
                    next.leaders[number].epoch = None;
                    next.leaders[number].waiting = None;
                } else if next.journal.get(sent.expected) == Some(&sent.batch) {
                    Self::acknowledge(&mut next, number, sent.batch);
                } else {
                    // Absent: sent again, byte for byte; the first may still arrive, and then this one does not count.
                    next.leaders[number].waiting = Some((sent.clone(), true));
                    if next.flying.iter().filter(|flying| **flying == sent).count() < 2 {
                        next.flying.push(sent);
                        next.flying.sort();
                    }
                }
            }
            Step::Crash(number) => {
                next.crashes += 1;
                next.leaders[number] = Leader { epoch: None, believed: Vec::new(), waiting: None };
            }
        }
        Some(next)
    }

    /// With the fence everything reachable is looked at; without it, where a batch can go in for ever, the first excess
    /// is enough.
    fn within_boundary(&self, world: &World) -> bool {
        self.is_fenced || (world.journal.len() <= usize::from(BATCHES) + 1 && world.flying.len() <= 4)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        vec![
            Property::always("what was acknowledged is there", |_, world: &World| {
                world.acknowledged.iter().all(|batch| world.journal.contains(batch))
            }),
            Property::always("nothing is there twice", |_, world: &World| {
                (0..BATCHES).all(|batch| world.journal.iter().filter(|known| **known == batch).count() <= 1)
            }),
            Property::always(
                "a leader of the present term knows the journal's beginning",
                |_, world: &World| {
                    let present = world.leaders.iter().filter(|leader| leader.epoch == Some(world.epoch));
                    present.into_iter().all(|leader| world.journal.starts_with(&leader.believed))
                },
            ),
            Property::sometimes("everything is acknowledged", |_, world: &World| {
                world.acknowledged.len() == usize::from(BATCHES)
            }),
            Property::sometimes("a second leader finishes what the first began", |_, world: &World| {
                world.epoch > 1 && world.acknowledged.len() == usize::from(BATCHES)
            }),
        ]
    }
}

#[test]
fn takeover_and_retry_lose_nothing_and_double_nothing() {
    let checker = Takeover { is_fenced: true }.checker().threads(2).spawn_bfs().join();
    checker.assert_properties();
    eprintln!("{} states, all of them", checker.unique_state_count());
    assert!(checker.is_done());
}

#[test]
fn without_the_fence_the_model_finds_how_it_breaks() {
    let checker = Takeover { is_fenced: false }.checker().threads(2).spawn_bfs().join();
    let broken = ["what was acknowledged is there", "nothing is there twice"];
    assert!(broken.iter().any(|law| checker.discovery(law).is_some()), "this test could not fail");
}
