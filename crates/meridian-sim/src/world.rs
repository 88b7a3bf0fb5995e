//! One world: leaders, a standby, the store, clients and the lines between them, step by step.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};

use meridian_journal::{Epoch, Faults, Group, Journal, JournalError, Position};
use meridian_node::{
    Clock, Command, Decider, Done, Event, FollowError, Follower, Log, NodeSettings, StartError, Waiting,
    read_records, verify,
};
use meridian_pay::{self as pay, Clearance, Notice, Priority, Stage, Verdict};
use meridian_settlement as settlement;
use meridian_terms::{Bic, Micros, Moment, Refusal};

use crate::chance::Chance;
use crate::clients::{Clients, Letter, Matter, settles};
use crate::opening::{AGENTS, START, known, opening};
use crate::store::{Line, LineFaults, Store, lock};
use crate::{Protections, Seen, laws};

/// How much of what happened a failure tells.
const DIARY: usize = 60;

/// A node that leads, or believes so.
struct Leader {
    term: Epoch,
    decider: Decider,
    log: Log,
    /// Decided, and waiting for the log.
    waiting: Waiting,
}

/// What a leader tells once it is durable.
#[derive(Clone)]
enum Told {
    Answer(Matter, Box<Result<Done, Refusal>>),
    Mail(Bic, Vec<(u64, Notice)>),
}

pub(crate) struct World {
    protections: Protections,
    chance: Chance,
    shown: Arc<AtomicI64>,
    store: Arc<Mutex<Store>>,
    clients: Clients,
    /// In the order of their terms.
    leaders: Vec<Leader>,
    standby: Option<(Follower, Line)>,
    /// On their way to the hub, and back.
    letters: Vec<Letter>,
    told: Vec<Told>,
    tells: Sender<Told>,
    hears: Receiver<Told>,
    acknowledged: Vec<(u64, Moment, Event)>,
    step: usize,
    diary: VecDeque<String>,
    power_cuts: usize,
    faults: Faults,
}

fn words(refusal: &Refusal) -> String {
    refusal.to_string()
}

impl World {
    pub(crate) fn new(seed: u64, protections: Protections) -> Result<Self, String> {
        let mut chance = Chance::new(seed);
        let start = Moment::parse(START).map_err(|refusal| words(&refusal))?;
        let mut one_of = |some: [u32; 3]| some[chance.below(3)];
        let faults = Faults {
            torn: one_of([0, 20, 60]),
            failed: one_of([0, 0, 20]),
            short: one_of([0, 0, 20]),
            full: one_of([0, 0, 40]),
            lies: !protections.fsync,
        };
        let store = Store::new(seed, Faults::default(), protections.fence)?;
        let (tells, hears) = channel();
        Ok(Self {
            protections,
            chance,
            shown: Arc::new(AtomicI64::new(start.micros())),
            store: Arc::new(Mutex::new(store)),
            clients: Clients::new(seed, protections.dedupe),
            leaders: Vec::new(),
            standby: None,
            letters: Vec::new(),
            told: Vec::new(),
            tells,
            hears,
            acknowledged: Vec::new(),
            step: 0,
            diary: VecDeque::new(),
            power_cuts: 0,
            faults,
        })
    }

    pub(crate) const fn step(&self) -> usize {
        self.step
    }

    pub(crate) fn diary(&self) -> Vec<String> {
        self.diary.iter().cloned().collect()
    }

    fn note(&mut self, what: impl Into<String>) {
        if self.diary.len() == DIARY {
            self.diary.pop_front();
        }
        self.diary.push_back(format!("{} {} {}", self.step, self.now(), what.into()));
    }

    fn now(&self) -> Moment {
        Moment::from_micros(self.shown.load(Ordering::SeqCst))
    }

    fn shift(&self, span: Micros) {
        self.shown.fetch_add(span.0, Ordering::SeqCst);
    }

    fn settings() -> NodeSettings {
        NodeSettings { witness_every: 3, snapshot_every: 0, ..NodeSettings::default() }
    }

    /// From the opening to the end of all deadlines.
    pub(crate) fn live(&mut self) -> Result<Seen, String> {
        self.open()?;
        let steps = 20 + self.chance.below(31);
        for step in 1..=steps {
            self.step = step;
            self.live_step()?;
        }
        self.end()
    }

    /// The day before goes well; then the faults begin.
    fn open(&mut self) -> Result<(), String> {
        self.lead(false)?;
        let Some(leader) = self.leaders.last_mut() else { return Err("nobody leads".into()) };
        for (actor, command) in opening(self.protections.caps).map_err(|refusal| words(&refusal))? {
            leader.decider.ask(actor, &command).map_err(|refusal| format!("the opening: {refusal}"))?;
        }
        leader.waiting.batches.extend(leader.decider.batch()?);
        self.write(0)?;
        let Some(leader) = self.leaders.last() else { return Err("the opening is not durable".into()) };
        self.clients.learn_table(leader.decider.hub().cards.table(), self.now());
        let mut one_of = |some: [u32; 3]| some[self.chance.below(3)];
        let line = LineFaults {
            lost: one_of([0, 0, 40]),
            unanswered: one_of([0, 0, 40]),
            late: one_of([0, 40, 80]),
        };
        self.leaders.clear();
        {
            let mut store = lock(&self.store);
            (store.line, store.faults) = (line, self.faults);
            store.cycle()?;
        }
        self.lead(false)
    }

    fn live_step(&mut self) -> Result<(), String> {
        let pause = self.chance.between(0, 3_000_000);
        self.shift(Micros(pause));
        let now = self.now();
        for letter in self.clients.act(self.step, now) {
            self.post(letter);
        }
        for _ in 0..self.chance.below(8) {
            self.hear();
        }
        for _ in 0..1 + self.chance.below(3) {
            self.happening()?;
        }
        if self.newest().is_none() && self.chance.happens(600) {
            if lock(&self.store).is_down() {
                self.power_cut()?;
            }
            let by_standby = self.chance.happens(500);
            self.lead(by_standby)?;
        }
        Ok(())
    }

    /// One thing happens.
    fn happening(&mut self) -> Result<(), String> {
        let newest = self.newest();
        let stale = self.leaders.len() - usize::from(newest.is_some());
        match (self.chance.below(100), newest) {
            (0..=49, Some(which)) => {
                self.turn(which)?;
                if self.chance.happens(750) {
                    self.write(which)?;
                }
            }
            (50..=61, _) if stale > 0 => {
                let which = self.chance.below(stale);
                self.turn(which)?;
                if self.chance.happens(750) {
                    self.write(which)?;
                }
            }
            (62..=66, Some(which)) => self.write(which)?,
            (67..=70, Some(which)) => {
                self.note("the leader crashes");
                self.leaders.remove(which);
            }
            (71..=77, _) if !lock(&self.store).is_down() => {
                let by_standby = self.chance.happens(700);
                self.lead(by_standby)?;
            }
            (78..=81, _) => self.power_cut()?,
            (82..=86, _) => self.clock_jumps(),
            (87..=89, _) => {
                let arrived = lock(&self.store).late_arrives();
                if let Some(arrived) = arrived {
                    self.note(format!("a late append arrives: {arrived:?}"));
                }
            }
            (90..=91, Some(which)) => self.change_list(which),
            (92..=93, Some(which)) => self.settlement_desk(which),
            (94..=99, _) => self.follow()?,
            _ => {}
        }
        Ok(())
    }

    /// Which leader has the newest term, if it is still there.
    fn newest(&self) -> Option<usize> {
        let fence = lock(&self.store).fence();
        self.leaders.iter().position(|leader| leader.term == fence)
    }

    /// A letter on its way to the hub: lost, doubled, or there some time.
    fn post(&mut self, letter: Letter) {
        match self.chance.below(12) {
            0 => {}
            1 => self.letters.extend([letter.clone(), letter]),
            _ => self.letters.push(letter),
        }
    }

    /// One answer reaches a client.
    fn hear(&mut self) {
        if self.told.is_empty() {
            return;
        }
        let told = self.told.swap_remove(self.chance.below(self.told.len()));
        let now = self.now();
        let sent = match told {
            Told::Answer(matter, decided) => self.clients.hear(self.step, now, matter, &decided),
            Told::Mail(whose, mail) => self.clients.fetch(self.step, &whose, &mail),
        };
        for letter in sent {
            self.post(letter);
        }
    }

    /// A node begins to lead: the standby, or one that starts anew. Whoever led before may not know.
    fn lead(&mut self, by_standby: bool) -> Result<(), String> {
        let mut line = Line::to(&self.store);
        let (clock, settings) = (Clock::Script(Arc::clone(&self.shown)), Self::settings());
        let standby = if by_standby { self.standby.take() } else { None };
        let who = if standby.is_some() { "the standby" } else { "a node" };
        let started = match standby {
            Some((follower, _)) => follower.take_term(&mut line, clock, &settings),
            None => Decider::start(&mut line, clock, &settings),
        };
        match started {
            Ok((decider, lease, position)) => {
                self.note(format!("{who} leads term {} from batch {}", lease.epoch.0, position.0));
                let events = decider.hub().events;
                if let Some((number, ..)) = self.acknowledged.iter().find(|(number, ..)| *number > events) {
                    return Err(format!("event {number} was acknowledged, the new leader has {events}"));
                }
                let log = Log::new(Box::new(line), lease, position);
                self.leaders.push(Leader { term: lease.epoch, decider, log, waiting: Waiting::default() });
                Ok(())
            }
            Err(error) if lock(&self.store).is_down() && matches!(error, StartError::Journal(_)) => {
                self.note(format!("{who} cannot lead: {error}"));
                Ok(())
            }
            Err(error) => Err(format!("{who} that should lead does not: {error}")),
        }
    }

    /// A leader's turn: time first, then letters and fetches, all of it one batch.
    fn turn(&mut self, which: usize) -> Result<(), String> {
        let most = 1 + self.chance.below(6);
        self.take_turn(which, most)
    }

    fn take_turn(&mut self, which: usize, most: usize) -> Result<(), String> {
        let now = self.now();
        if self.protections.deadline {
            self.leaders[which].decider.tick();
        }
        for _ in 0..most.min(self.letters.len()) {
            let Letter { matter, actor, command } =
                self.letters.swap_remove(self.chance.below(self.letters.len()));
            let leader = &mut self.leaders[which];
            let term = leader.term.0;
            let decided = leader.decider.ask(actor.clone(), &command);
            let told = match &decided {
                Ok(done) => format!("event {}", done.event_number),
                Err(refusal) => refusal.code.to_string(),
            };
            let (tells, answer) = (self.tells.clone(), Told::Answer(matter, Box::new(decided)));
            leader.waiting.releases.push(Box::new(move || drop(tells.send(answer))));
            self.note(format!("term {term}: {actor}, {}: {told}", name(&command)));
        }
        for whose in Clients::mailboxes().filter(|_| most > 0) {
            if self.chance.happens(300) {
                let leader = &mut self.leaders[which];
                let mailbox = leader.decider.hub().pay.mailbox(&whose);
                let waiting = mailbox.into_iter().flat_map(|mailbox| &mailbox.waiting);
                let mail = waiting.map(|(number, letter)| (*number, letter.notice.clone())).collect();
                let (tells, mail) = (self.tells.clone(), Told::Mail(whose, mail));
                leader.waiting.releases.push(Box::new(move || drop(tells.send(mail))));
            }
        }
        let leader = &mut self.leaders[which];
        let batch = leader.decider.batch()?;
        leader.waiting.join(Waiting { batches: batch.into_iter().collect(), releases: Vec::new() });
        laws::hold(leader.decider.hub(), now).map_err(|why| format!("term {}: {why}", leader.term.0))
    }

    /// A leader's log writes what waits; who waited hears. An error ends the leader.
    fn write(&mut self, which: usize) -> Result<(), String> {
        let leader = &mut self.leaders[which];
        let waiting = std::mem::take(&mut leader.waiting);
        let (term, batches) = (leader.term, waiting.batches.len());
        match leader.log.write(waiting) {
            Ok(()) => {
                let end = leader.log.end().0;
                if batches > 0 {
                    self.note(format!("term {}: {batches} batches durable, the end is {end}", term.0));
                }
                self.release(term)
            }
            Err(error) => {
                self.note(format!("term {}: the leader stops: {error}", term.0));
                self.leaders.remove(which);
                let is_newest = lock(&self.store).fence() == term;
                if is_newest && matches!(error, JournalError::Conflict { .. } | JournalError::Fenced(_)) {
                    return Err(format!("somebody else wrote in term {}: {error}", term.0));
                }
                Ok(())
            }
        }
    }

    fn release(&mut self, term: Epoch) -> Result<(), String> {
        let fence = lock(&self.store).fence();
        while let Ok(told) = self.hears.try_recv() {
            if let Told::Answer(_, decided) = &told
                && let Ok(done) = decided.as_ref()
            {
                if term < fence {
                    let (number, now) = (done.event_number, fence.0);
                    return Err(format!(
                        "event {number} is acknowledged in term {}, and term {now} does not know it",
                        term.0
                    ));
                }
                self.acknowledged.push((done.event_number, done.at, done.event.clone()));
            }
            match self.chance.below(12) {
                0 => {}
                1 => self.told.extend([told.clone(), told]),
                _ => self.told.push(told),
            }
        }
        Ok(())
    }

    fn power_cut(&mut self) -> Result<(), String> {
        self.note("the store loses its power");
        self.power_cuts += 1;
        if self.chance.happens(300) {
            self.standby = None;
        }
        lock(&self.store).cycle()
    }

    fn clock_jumps(&mut self) {
        let span = match self.chance.below(8) {
            0..=2 => Micros::seconds(self.chance.between(5, 60)),
            3 | 4 => Micros::seconds(-self.chance.between(1, 120)),
            5 | 6 => Micros::minutes(self.chance.between(5, 120)),
            _ => Micros::days(self.chance.between(1, 16)),
        };
        self.note(format!("the clock jumps by {} s", span.0 / 1_000_000));
        self.shift(span);
    }

    /// The operator closes a window or has the oldest settled again; or a planner sends a plan for what waits, which may
    /// come when it no longer holds.
    fn settlement_desk(&mut self, which: usize) {
        let (_, currency) = AGENTS[self.chance.below(AGENTS.len())];
        let hub = self.leaders[which].decider.hub();
        let (oldest, snapshot) =
            (hub.settlement.oldest_unsettled(currency), hub.settlement.snapshot(&hub.ledger, currency));
        let command = match (self.chance.below(3), oldest, snapshot) {
            (0, ..) => settlement::Command::Close(currency),
            (1, Some(window), _) => settlement::Command::Settle(window),
            (_, _, Ok(snapshot)) if !snapshot.ids.is_empty() => {
                let found = settlement::best(&snapshot.queue, 2_000, 1);
                settlement::Command::Commit(snapshot.proposal(currency, found.plan.settled()))
            }
            _ => return,
        };
        self.post(settles("operator", command));
    }

    /// Another list comes into force, and what is in flight is screened again.
    fn change_list(&mut self, which: usize) {
        let list = [u8::try_from(self.chance.below(250)).unwrap_or(0); 32];
        self.note("another list comes into force");
        self.clients.list = list;
        let letter = |command| Letter {
            matter: Matter::Other,
            actor: "operator".into(),
            command: Command::Pay(command),
        };
        let reserved = self.leaders[which].decider.hub().pay.payments();
        let reserved: Vec<_> = reserved.filter(|p| p.stage.is_undecided()).map(pay::Payment::uetr).collect();
        self.letters.push(letter(pay::Command::PutListInForce(list)));
        for uetr in reserved {
            let verdict = if self.chance.happens(100) { Verdict::Hit { case: 2 } } else { Verdict::Clear };
            let rescreen = pay::Command::Rescreen(uetr, Clearance { list, verdict });
            self.post(letter(rescreen));
        }
    }

    /// The standby follows, keeps a snapshot now and then, and has the leader's hub at the leader's position.
    fn follow(&mut self) -> Result<(), String> {
        let (mut follower, mut line) = match self.standby.take() {
            Some(standby) => standby,
            None => {
                let mut line = Line::to(&self.store);
                match Follower::start(&mut line) {
                    Ok(follower) => (follower, line),
                    Err(_) if lock(&self.store).is_down() => return Ok(()),
                    Err(error) => return Err(format!("the standby does not start: {error}")),
                }
            }
        };
        match follower.catch_up(&mut line) {
            Ok(_) => {}
            Err(FollowError::Journal(_)) if lock(&self.store).is_down() => return Ok(()),
            Err(error) => return Err(format!("the standby: {error}")),
        }
        let newest = self.newest().map(|which| &self.leaders[which]);
        if let Some(leader) = newest.filter(|leader| leader.waiting.batches.is_empty())
            && leader.log.end() == follower.position()
            && leader.decider.hub().hash() != follower.hub().hash()
        {
            return Err(format!("leader and standby differ at batch {}", follower.position().0));
        }
        if self.chance.happens(300) && follower.position() > Position(0) {
            let state = meridian_node::snapshot(follower.hub())?;
            if let Err(error) = line.save_snapshot(follower.position(), &state) {
                self.note(format!("no snapshot: {error}"));
            }
        }
        self.standby = Some((follower, line));
        Ok(())
    }

    /// Faults end. Everybody learns what became of what they asked, every deadline comes, and the whole past is checked.
    fn end(&mut self) -> Result<Seen, String> {
        self.note("the faults end");
        while lock(&self.store).late_arrives().is_some() {}
        while !self.leaders.is_empty() {
            self.take_turn(0, 3)?;
            self.write(0)?;
            if !self.leaders.is_empty() {
                self.leaders.remove(0);
            }
        }
        {
            let mut store = lock(&self.store);
            store.line = LineFaults::default();
            store.faults = Faults { lies: !self.protections.fsync, ..Faults::default() };
            store.cycle()?;
        }
        self.letters.clear();
        self.told.clear();
        self.lead(true)?;
        self.settle()?;
        self.wait_for_deadlines()?;
        self.look_back()
    }

    /// Clients ask until they know.
    fn settle(&mut self) -> Result<(), String> {
        let list = pay::Command::PutListInForce(self.clients.list);
        let Some(leader) = self.leaders.last_mut() else { return Err("nobody leads at the end".into()) };
        leader.decider.ask("operator".into(), &Command::Pay(list)).map_err(|refusal| words(&refusal))?;
        for _ in 0..40 {
            self.step += 1;
            let again = self.clients.overdue(self.step, 0);
            self.letters.extend(again);
            self.take_turn(0, usize::MAX)?;
            self.write(0)?;
            if self.leaders.is_empty() {
                return Err("the leader stops though nothing is at fault any more".into());
            }
            while !self.told.is_empty() {
                self.hear();
            }
            if self.clients.waiting() == 0 {
                return Ok(());
            }
            self.shift(Micros::seconds(7));
        }
        Err(format!("{} clients never learn what became of what they asked", self.clients.waiting()))
    }

    fn wait_for_deadlines(&mut self) -> Result<(), String> {
        for _ in 0..500 {
            let Some(leader) = self.leaders.last() else { return Err("nobody leads at the end".into()) };
            let hub = leader.decider.hub();
            let open = hub.pay.in_flight().count();
            let pending = hub.ledger.all_pending().count();
            let unsettled =
                AGENTS.iter().any(|(_, currency)| hub.settlement.oldest_unsettled(*currency).is_some());
            if open == 0 && pending == 0 && !unsettled {
                return Ok(());
            }
            let Some(next) = hub.next_deadline() else {
                return Err(format!("{pending} reservations, {open} payments not final, and no timer"));
            };
            self.shown.fetch_max(next.micros(), Ordering::SeqCst);
            self.take_turn(0, 0)?;
            self.answer_at_last();
            self.settle_at_last();
            self.take_turn(0, 0)?;
            self.write(0)?;
        }
        Err("payments never become final".into())
    }

    /// What no deadline ends, its creditor agent accepts at last, screened under the list in force.
    fn answer_at_last(&mut self) {
        let list = self.clients.list;
        let Some(leader) = self.leaders.last_mut() else { return };
        let open = leader.decider.hub().pay.payments().filter(|payment| match payment.stage {
            Stage::AcceptedPending { .. } | Stage::Settled { .. } => true,
            Stage::Sent { .. } => payment.instruction.priority == Priority::Norm,
            _ => false,
        });
        let open: Vec<_> = open.map(|p| (p.uetr(), p.instruction.creditor_agent.clone())).collect();
        for (uetr, by) in open {
            let clearance = Clearance { list, verdict: Verdict::Clear };
            let actor = by.to_string();
            let answer = pay::Answer { uetr, by, status: pay::AnswerStatus::Accepted };
            for command in [pay::Command::Rescreen(uetr, clearance), pay::Command::Answer(answer)] {
                // What is posted already is not screened again; whether it ended is seen below.
                drop(leader.decider.ask(actor.clone(), &Command::Pay(command)));
            }
        }
    }

    /// The agents settle at last whatever they are asked, and the operator asks again what they had refused.
    fn settle_at_last(&mut self) {
        let Some(leader) = self.leaders.last_mut() else { return };
        for (agent, currency) in AGENTS {
            if let Some(window) = leader.decider.hub().settlement.oldest_unsettled(currency) {
                // Refused while the agent rests or its answers are awaited; then time goes on.
                let settle = Command::Settle(settlement::Command::Settle(window));
                drop(leader.decider.ask("operator".into(), &settle));
                let asked = leader.decider.hub().settlement.window(window);
                let sent = asked.into_iter().flat_map(|window| &window.instructions);
                let sent = sent.filter(|one| matches!(one.progress, settlement::Progress::Sent { .. }));
                let ids: Vec<u128> = sent.map(|one| one.id).collect();
                for instruction in ids {
                    let by = known(agent);
                    let answer = settlement::AgentAnswer::Settled;
                    let answer = settlement::Command::AgentAnswer { by, instruction, answer };
                    drop(leader.decider.ask(agent.into(), &Command::Settle(answer)));
                }
            }
        }
    }

    fn look_back(&mut self) -> Result<Seen, String> {
        let Some(leader) = self.leaders.last() else { return Err("nobody leads at the end".into()) };
        let hub = leader.decider.hub();
        let mut line = Line::to(&self.store);
        let replayed = verify(&mut line, |_| {}).map_err(|error| format!("replay: {error}"))?;
        if replayed.state_hash != hub.hash() || replayed.events != hub.events {
            return Err("the journal, replayed from its first batch, makes another hub".into());
        }
        let mut follower = Follower::start(&mut line).map_err(|error| error.to_string())?;
        follower.catch_up(&mut line).map_err(|error| format!("the standby: {error}"))?;
        if follower.hub().hash() != replayed.state_hash {
            return Err("the newest snapshot and what came after it make another hub".into());
        }
        let stored = line.read_from(Position(0), usize::MAX).map_err(|error| error.to_string())?;
        if let Some(pair) = stored.windows(2).find(|pair| pair[0].epoch > pair[1].epoch) {
            return Err(format!("batch {} is of an earlier term than the one before", pair[1].position.0));
        }
        let mut past = Vec::new();
        for batch in &stored {
            past.extend(read_records(batch)?);
        }
        laws::acknowledged(&past, &self.acknowledged)?;
        laws::fates(&past, &self.clients)?;
        laws::books(&past, hub)?;
        laws::windows(&past, hub)?;
        Ok(Seen {
            steps: self.step,
            events: hub.events,
            batches: replayed.batches,
            power_cuts: self.power_cuts,
            terms: leader.term.0,
            acknowledged: self.acknowledged.len(),
            queued: laws::count(&past, |event| matches!(event, pay::Event::Queued(_))),
            released: laws::count(&past, |event| matches!(event, pay::Event::Settled { .. })),
            instructions: laws::settled(&past),
            state_hash: replayed.state_hash,
        })
    }
}

/// A command in a word for the diary.
fn name(command: &Command) -> String {
    let told = match command {
        Command::Pay(pay::Command::Submit(instruction, _)) => {
            return format!("Submit {} {}", instruction.end_to_end_id, instruction.uetr);
        }
        Command::Pay(command) => format!("{command:?}"),
        Command::Card(command) => format!("card {command:?}"),
        other => format!("{other:?}"),
    };
    told.chars().take(70).collect()
}
