//! The keeper of a hub at work: reads its files again when they change, offers the office what they ask for, and when other
//! lists come into force screens again everything that is under way.
//!
//! ```text
//!  a list's file changes, or SIGHUP
//!     |  read whole, or told why not and the one in force stays
//!     +--> a hub with people: the office is offered it; one proposes, another approves
//!     |    a hub without:     it comes into force
//!     +--> in force: the desk changes over, then payments in flight, participants, card schemes and deals are screened
//!          again; what is not clear any more is a case
//! ```

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use meridian_http::{Bureau, Service};
use meridian_node::office::Matter;
use meridian_node::{AskError, Command, Desk, Node};
use meridian_pay as pay;
use meridian_screening::casework::Record;
use meridian_screening::{ListSet, Manifest};
use meridian_terms::{Day, Uetr};
use tokio::task::JoinSet;

use crate::corridor_file::{CorridorFile, Files};
use crate::{boot, people, rules};

/// How often the files are looked at, and the hub for what people have done elsewhere.
const LOOK: Duration = Duration::from_secs(2);

/// How many questions are put to the node at once while everything is screened again.
const AT_ONCE: usize = 64;

/// What a keeper keeps.
pub(crate) struct Keeper {
    /// Where the corridor's files lie, and which of them is its file.
    pub(crate) place: (PathBuf, String),
    /// As they were read last.
    pub(crate) file: CorridorFile,
    /// The same.
    pub(crate) files: Files,
    /// The lists as their files have them now.
    pub(crate) offered: Arc<ListSet>,
    /// The hub.
    pub(crate) node: Node,
    /// Who screens.
    pub(crate) desk: Arc<Desk>,
    /// What lies ready for the office.
    pub(crate) bureau: Arc<Bureau>,
}

impl Keeper {
    /// Keeps the hub until it stops.
    pub(crate) async fn keep(mut self) {
        let mut seen = self.state_of_files();
        let mut explained = self.explained().await;
        let mut hangup = Hangup::listen();
        let mut look = tokio::time::interval(LOOK);
        look.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            let is_told = tokio::select! {
                () = self.bureau.acted.notified() => false,
                () = hangup.received() => true,
                _ = look.tick() => false,
            };
            let now = self.state_of_files();
            if is_told || now != seen {
                seen = now;
                if let Err(why) = self.read_again() {
                    eprintln!("The files were not taken: {why}; what is in force stays.");
                }
            }
            match self.put_in_order(&mut explained).await {
                Ok(()) => {}
                Err(why) if why == AskError::Stopped.to_string() => return,
                Err(why) => eprintln!("{why}"),
            }
        }
    }

    /// When each file that matters was last written, and how long it is.
    fn state_of_files(&self) -> Vec<Option<(SystemTime, u64)>> {
        let (directory, name) = &self.place;
        let credentials = people::credentials(&self.file, directory);
        let names = self.file.lists.iter().chain([name]).map(|name| directory.join(name));
        let paths = names.chain([credentials.path().to_owned()]);
        paths
            .map(|path| std::fs::metadata(path).and_then(|data| Ok((data.modified()?, data.len()))).ok())
            .collect()
    }

    /// Reads the corridor's file and its lists. A list that is empty or has shrunk sharply is not taken.
    fn read_again(&mut self) -> Result<(), String> {
        let (directory, name) = &self.place;
        let files = Files::of(directory)?;
        let file: CorridorFile = files.toml(name)?;
        rules::check(name, &file, &files)?;
        let today = self.node.clock().now().day();
        let lists = files.lists(&file.lists, today)?;
        fit(name, &file, &lists, today)?;
        let in_force = self.desk.lists();
        let whole = Manifest::default().are_whole(Some(&in_force), lists.lists());
        whole.map_err(|refusal| refusal.to_string())?;
        if lists.digest() != self.offered.digest() {
            eprintln!("The lists were read again: {}", told(&in_force, &lists));
        }
        (self.file, self.files, self.offered) = (file, files, Arc::new(lists));
        Ok(())
    }

    /// Brings hub, desk and office in line with the files and with what people have decided.
    async fn put_in_order(&mut self, explained: &mut usize) -> Result<(), String> {
        let offered = self.offered.digest();
        let (has_people, in_force) = self.read(|hub| (hub.has_people(), hub.pay.list_in_force())).await?;
        if !has_people && in_force != Some(offered) {
            boot::ask(&self.node, pay::Command::PutListInForce(offered)).await?;
        }
        let in_force = self.read(|hub| hub.pay.list_in_force()).await?;
        if in_force == Some(offered) && self.desk.lists().digest() != offered {
            self.desk.put(self.offered.clone());
            let told = screen_again(&self.node, &self.desk).await?;
            eprintln!("Other lists are in force: {told}");
        }
        // A good-guy entry was approved: what it explains need not wait any longer.
        let now_explained = self.explained().await;
        if now_explained != *explained {
            *explained = now_explained;
            cases_again(&self.node, &self.desk).await?;
        }
        if has_people {
            let directory = self.place.0.clone();
            let wanted = offers(&self.node, &self.file, &self.files, &directory, &self.offered).await?;
            self.bureau.want(wanted);
        }
        Ok(())
    }

    async fn explained(&self) -> usize {
        let approved = |hub: &meridian_node::Hub| {
            hub.cases.good_guys().filter(|(_, entry)| entry.approved_by.is_some()).count()
        };
        self.read(approved).await.unwrap_or(0)
    }

    async fn read<R: Send + 'static>(
        &self,
        look: impl FnOnce(&meridian_node::Hub) -> R + Send + 'static,
    ) -> Result<R, String> {
        self.node.read(look).await.map_err(|error| error.to_string())
    }
}

/// Whether lists may serve real payments: there is one, none is a test list, none is too old.
pub(crate) fn fit(name: &str, file: &CorridorFile, lists: &ListSet, today: Day) -> Result<(), String> {
    if lists.lists().is_empty() {
        return Err(format!(
            "{name}: lists is empty; screening fails closed, so name at least one watch list"
        ));
    }
    if lists.has_test_list() {
        return Err(format!(
            "{name}: a watch list is marked TEST; real payments are screened against real lists"
        ));
    }
    let oldest = file
        .oldest_list_days
        .ok_or_else(|| format!("{name}:1:1: no oldest_list_days; meridian serve needs it"))?;
    for list in lists.lists() {
        if list.entries.is_empty() {
            return Err(format!("{name}: the list {} has no entry; fetch it again", list.name));
        }
        if today.number() - list.published.number() > oldest {
            return Err(format!(
                "{name}: the list {} is of {}, older than {oldest} days; fetch it again",
                list.name, list.published
            ));
        }
    }
    Ok(())
}

/// What the office can be offered: everything that the files ask for and the hub does not have.
pub(crate) async fn offers(
    node: &Node,
    file: &CorridorFile,
    files: &Files,
    directory: &Path,
    lists: &ListSet,
) -> Result<Vec<Matter>, String> {
    let (file, digest, today) = (file.clone(), lists.digest(), node.clock().now().day());
    let credentials = people::credentials(&file, directory).read()?;
    // Whoever has no credential yet cannot be admitted; everybody else can.
    let mut known = file.clone();
    known.person.retain(|entry| {
        people::read(entry).is_ok_and(|(id, roles)| !roles.is_empty() && credentials.contains_key(&id))
    });
    let persons = people::with_credentials(&known, &credentials)?;
    let rules_file = file.clone();
    let rules_wanted = {
        let purposes = files.some(&file.purposes);
        move |hub: &meridian_node::Hub| rules::wanted(hub, &rules_file, &purposes)
    };
    let wanted = node.read(move |hub| -> Result<(Vec<pay::Command>, Vec<Matter>), String> {
        let mut commands = boot::wanted(hub, &file, digest)?;
        commands.extend(rules_wanted(hub)?);
        let matters = people::wanted(hub, &file, &persons, today).map_err(|refusal| refusal.to_string())?;
        Ok((commands, matters))
    });
    let (commands, matters) = wanted.await.map_err(|error| error.to_string())??;
    // What is no operator's act (a provider's agent) is done at once.
    let (acts, others): (Vec<_>, Vec<_>) =
        commands.into_iter().map(Matter::Pay).partition(|matter| matter.act().is_some());
    for matter in others {
        if let Matter::Pay(command) = matter {
            boot::ask(node, command).await?;
        }
    }
    Ok(acts.into_iter().chain(matters).collect())
}

/// In a sentence, what is different between two versions of the lists.
fn told(before: &ListSet, after: &ListSet) -> String {
    let delta = meridian_screening::Delta::between(before, after);
    format!(
        "{} entries added, {} changed, {} removed",
        delta.added.len(),
        delta.changed.len(),
        delta.removed.len()
    )
}

/// How a new screening of everything under way went.
#[derive(Debug, Default)]
pub(crate) struct Again {
    payments: usize,
    others: usize,
    cases: u64,
}

impl std::fmt::Display for Again {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { payments, others, cases } = self;
        write!(
            f,
            "{payments} payments in flight and {others} participants, schemes and deals were screened again; {cases} new cases"
        )
    }
}

/// Screens everything under way again: payments that are not final, participants, card schemes, deals.
pub(crate) async fn screen_again(node: &Node, desk: &Arc<Desk>) -> Result<Again, String> {
    let today = node.clock().now().day();
    let before = newest_case(node).await?;
    let asked = node.read(|hub| {
        let payments: Vec<_> = hub
            .pay
            .in_flight()
            .map(|known| (known.instruction.clone(), known.stage.is_undecided()))
            .collect();
        let participants: Vec<_> = hub.pay.participants().cloned().collect();
        let schemes: Vec<_> = hub.cards.schemes().cloned().collect();
        let deals: Vec<(String, Vec<String>)> = hub
            .deal
            .deals()
            .filter(|deal| {
                !matches!(deal.stage, meridian_deal::Stage::Settled | meridian_deal::Stage::Cancelled { .. })
            })
            .map(|deal| {
                let names = deal.screened.iter().map(|one| one.name.clone());
                (deal.contract.id.0.clone(), names.chain(deal.contract.conveyances.iter().cloned()).collect())
            })
            .collect();
        (payments, participants, schemes, deals)
    });
    let (payments, participants, schemes, deals) = asked.await.map_err(|error| error.to_string())?;
    let mut commands = Vec::new();
    let counted = payments.len();
    for (instruction, is_reserved) in payments {
        let screened = desk.clear(&instruction, today);
        let again = Command::Pay(pay::Command::Rescreen(instruction.uetr, screened.clearance));
        commands.extend(match (screened.record, is_reserved) {
            (Some(record), true) => Some(Command::Screened(record, Some(Box::new(again)))),
            // Its money has moved: nothing can be held any more, but somebody must know.
            (Some(record), false) => Some(Command::Screened(record, None)),
            (None, true) => Some(again),
            (None, false) => None,
        });
    }
    let records = participants.iter().map(|known| desk.participant(known, today));
    let records = records.chain(schemes.iter().map(|known| desk.scheme(known, today))).chain(
        deals
            .iter()
            .filter(|(_, names)| !names.is_empty())
            .map(|(id, names)| desk.deal(id, names.iter().map(String::as_str), today)),
    );
    let records: Vec<Command> = records.map(|record| Command::Screened(Box::new(record), None)).collect();
    let others = records.len();
    commands.extend(records);
    put(node, commands).await?;
    Ok(Again { payments: counted, others, cases: newest_case(node).await? - before })
}

/// Screens what is held again: an entry may explain it now.
async fn cases_again(node: &Node, desk: &Arc<Desk>) -> Result<(), String> {
    let today = node.clock().now().day();
    let open = node.read(|hub| {
        let reserved = |record: &Record| {
            let uetr = Uetr::parse(record.subject.strip_prefix("payment ")?).ok()?;
            hub.pay.payment(uetr)?.stage.is_undecided().then_some(uetr)
        };
        let open =
            hub.cases.queue().into_iter().map(|(_, case)| (case.record.clone(), reserved(&case.record)));
        open.collect::<Vec<_>>()
    });
    let mut commands = Vec::new();
    for (record, in_flight) in open.await.map_err(|error| error.to_string())? {
        let record = Box::new(desk.again(&record, today));
        let clearance = pay::Clearance { list: record.lists_digest, verdict: pay::Verdict::Hit { case: 0 } };
        let asked = in_flight.map(|uetr| Box::new(Command::Pay(pay::Command::Rescreen(uetr, clearance))));
        commands.push(Command::Screened(record, asked));
    }
    put(node, commands).await
}

async fn newest_case(node: &Node) -> Result<u64, String> {
    let newest = node.read(|hub| hub.cases.cases().next_back().map_or(0, |(id, _)| id.0));
    newest.await.map_err(|error| error.to_string())
}

/// Asks many questions, some at once. A refusal is an answer: held, final in the meantime, screened under other lists again.
async fn put(node: &Node, commands: Vec<Command>) -> Result<(), String> {
    let mut asked = JoinSet::new();
    for command in commands {
        if asked.len() >= AT_ONCE {
            done(asked.join_next().await)?;
        }
        let node = node.clone();
        asked.spawn(async move {
            loop {
                match node.ask("screening", command.clone()).await {
                    Err(AskError::Refused(refusal)) if refusal.code == "node.busy" => {
                        tokio::time::sleep(Duration::from_millis(5)).await;
                    }
                    answer => return answer.map(drop),
                }
            }
        });
    }
    while let Some(answer) = asked.join_next().await {
        done(Some(answer))?;
    }
    Ok(())
}

fn done(answer: Option<Result<Result<(), AskError>, tokio::task::JoinError>>) -> Result<(), String> {
    match answer {
        None | Some(Ok(Ok(()) | Err(AskError::Refused(_)))) => Ok(()),
        Some(Ok(Err(AskError::Stopped))) => Err(AskError::Stopped.to_string()),
        Some(Err(error)) => Err(error.to_string()),
    }
}

/// SIGHUP, where there is one.
struct Hangup {
    #[cfg(unix)]
    signal: Option<tokio::signal::unix::Signal>,
}

impl Hangup {
    fn listen() -> Self {
        Self {
            #[cfg(unix)]
            signal: tokio::signal::unix::signal(tokio::signal::unix::SignalKind::hangup()).ok(),
        }
    }

    async fn received(&mut self) {
        #[cfg(unix)]
        if let Some(signal) = &mut self.signal
            && signal.recv().await.is_some()
        {
            return;
        }
        std::future::pending().await
    }
}

/// The keeper of a service.
pub(crate) fn start(
    place: (PathBuf, String),
    file: CorridorFile,
    files: Files,
    offered: Arc<ListSet>,
    service: &Service,
    desk: Arc<Desk>,
) {
    let keeper = Keeper {
        place,
        file,
        files,
        offered,
        node: service.node.clone(),
        desk,
        bureau: service.bureau.clone(),
    };
    tokio::spawn(keeper.keep());
}
