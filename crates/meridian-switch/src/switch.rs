//! The switch: lines up and down, each message to who answers it, and what time and queues ask for.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Arc, Mutex, RwLock};
use std::time::Duration;

use meridian_cards::{
    Advice, Command, Opening, Outcome, SchemeId, Table, Tokeniser, Transaction, TransactionId,
};
use meridian_iso8583::{Draft, Function, Message};
use meridian_terms::Moment;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::task::JoinHandle;

use crate::frames::{Frames, write};
use crate::hub::{Hub, HubError};
use crate::link::{Endpoint, Link, LinkSettings, NotSent, Shared, held};
use crate::outbound;
use crate::security::Security;
use crate::tls::over;

/// How many messages of one line are worked on at once; more wait in the line.
const AT_ONCE: usize = 4_096;

/// How many advices to one scheme may be under way at once.
const ADVICES: usize = 32;

/// How often queues and overdue answers are looked at when nothing else wakes.
const LOOK_EVERY: Duration = Duration::from_millis(25);

/// What an operator sets for the switch.
#[derive(Clone)]
pub struct SwitchSettings {
    /// The hub's own institution identifier, field 33.
    pub institution: String,
    /// Makes tokens of card numbers.
    pub tokeniser: Tokeniser,
    /// The payment HSM.
    pub security: Arc<dyn Security>,
    /// Where lines of the log go. They hold no card number, PIN or key.
    pub log: Arc<dyn Fn(&str) + Send + Sync>,
}

/// A request that the issuer has and the acquirer waits for.
pub(crate) struct Waiting {
    pub(crate) link: Shared,
    pub(crate) answer: Draft,
    pub(crate) opening: Opening,
    deadline: Moment,
}

pub(crate) struct Inner<H> {
    pub(crate) hub: H,
    pub(crate) settings: SwitchSettings,
    pub(crate) links: BTreeMap<SchemeId, Shared>,
    routing: RwLock<Arc<(Table, u64)>>,
    waiting: Mutex<HashMap<TransactionId, Waiting>>,
    /// Card numbers of transactions that an advice may still be about. In memory only: after a restart advices go with
    /// fields 37 and 90 alone.
    accounts: Mutex<HashMap<TransactionId, String>>,
    /// What came before needs its advices marked as repeats.
    started: Moment,
}

/// A running switch.
pub struct Switch<H> {
    inner: Arc<Inner<H>>,
    tasks: Vec<JoinHandle<()>>,
}

impl<H: Hub> Switch<H> {
    /// Starts a switch over a hub, with a task for each link.
    ///
    /// # Errors
    /// The hub's.
    pub async fn start(
        hub: H,
        settings: SwitchSettings,
        links: Vec<(LinkSettings, Endpoint)>,
    ) -> Result<Self, HubError> {
        let (table, version, up) = hub
            .read(|state| {
                let (table, version) = state.table();
                let up: Vec<SchemeId> =
                    state.schemes().map(|scheme| scheme.id.clone()).filter(|id| state.is_up(id)).collect();
                (table.clone(), version, up)
            })
            .await?;
        let started = hub.now();
        let mut shared = BTreeMap::new();
        let mut endpoints = Vec::new();
        for (link, endpoint) in links {
            let link = Arc::new(Link::new(link));
            shared.insert(link.settings.scheme.clone(), link.clone());
            endpoints.push((link, endpoint));
        }
        let inner = Arc::new(Inner {
            hub,
            settings,
            links: shared,
            routing: RwLock::new(Arc::new((table, version))),
            waiting: Mutex::default(),
            accounts: Mutex::default(),
            started,
        });
        // Whatever was signed on when the last switch stopped is not any more.
        for scheme in up.iter().filter(|scheme| inner.links.contains_key(scheme)) {
            inner.session(scheme, false).await;
        }
        let mut tasks = vec![tokio::spawn(overdue(inner.clone()))];
        for (link, endpoint) in endpoints {
            tasks.push(tokio::spawn(forward(inner.clone(), link.clone())));
            tasks.push(match endpoint {
                Endpoint::Call(address) => tokio::spawn(call(inner.clone(), link, address)),
                Endpoint::Listen(listener) => tokio::spawn(listen(inner.clone(), link, listener)),
            });
        }
        Ok(Self { inner, tasks })
    }

    /// Asks the scheme to take a new PIN key (0800, 161); its answer's field 39.
    ///
    /// # Errors
    /// Why it could not be asked.
    pub async fn exchange_key(&self, scheme: &SchemeId) -> Result<String, String> {
        let link = self.inner.links.get(scheme).ok_or("no such link")?;
        let block = self.inner.settings.security.give_key(scheme).map_err(|error| error.to_string())?;
        self.inner.ask_network(link, "161", Some(block)).await
    }

    /// Signs the hub off a scheme's switch (0800, 002); no request goes there until somebody signs on.
    ///
    /// # Errors
    /// Why it could not be asked.
    pub async fn sign_off(&self, scheme: &SchemeId) -> Result<String, String> {
        let link = self.inner.links.get(scheme).ok_or("no such link")?;
        self.inner.session(scheme, false).await;
        self.inner.ask_network(link, "002", None).await
    }

    /// Drops all lines and ends every task. The journal is told nothing: a switch that starts again begins with every
    /// link signed off.
    pub async fn stop(self) {
        for task in self.tasks {
            task.abort();
            drop(task.await);
        }
        for link in self.inner.links.values() {
            link.attach();
        }
    }
}

/// Calls the scheme's switch until it answers, and again when the line breaks.
async fn call<H: Hub>(inner: Arc<Inner<H>>, link: Shared, address: String) {
    loop {
        if let Ok(stream) = TcpStream::connect(&address).await {
            line(inner.clone(), link.clone(), stream).await;
        }
        tokio::time::sleep(link.settings.call_again_after).await;
    }
}

/// Takes the scheme's calls; the newest line is the link's.
async fn listen<H: Hub>(inner: Arc<Inner<H>>, link: Shared, listener: TcpListener) {
    let mut lines = tokio::task::JoinSet::new();
    loop {
        match listener.accept().await {
            Ok((stream, _)) => drop(lines.spawn(line(inner.clone(), link.clone(), stream))),
            Err(error) => {
                inner.log(&link.settings.scheme, &format!("a call was not taken: {error}"));
                tokio::time::sleep(LOOK_EVERY).await;
            }
        }
        while lines.try_join_next().is_some() {}
    }
}

/// One line from its start to its end.
async fn line<H: Hub>(inner: Arc<Inner<H>>, link: Shared, stream: TcpStream) {
    let scheme = link.settings.scheme.clone();
    let stream = match over(link.settings.tls.as_ref(), stream).await {
        Ok(stream) => stream,
        Err(error) => return inner.log(&scheme, &format!("the line was not encrypted: {error}")),
    };
    let (reading, writing) = tokio::io::split(stream);
    let (number, frames) = link.attach();
    let mut frames_in = Frames::new(reading, link.settings.framing);
    let work = async {
        if link.settings.signs_on {
            let (inner, link) = (inner.clone(), link.clone());
            tokio::spawn(async move { inner.sign_on(&link).await });
        }
        let slots = Arc::new(Semaphore::new(AT_ONCE));
        let mut is_probed = false;
        loop {
            match tokio::time::timeout(link.settings.echo_every, frames_in.next()).await {
                Ok(Ok(Some(message))) => {
                    is_probed = false;
                    let Ok(slot) = slots.clone().acquire_owned().await else { return };
                    let (inner, link) = (inner.clone(), link.clone());
                    tokio::spawn(async move {
                        inner.take(&link, &message).await;
                        drop(slot);
                    });
                }
                Ok(Ok(None)) => return,
                Ok(Err(error)) => return inner.log(&scheme, &format!("the line broke: {error}")),
                Err(_) if is_probed || !link.is_current(number) => {
                    return inner.log(&scheme, "the line is silent and is dropped");
                }
                Err(_) => {
                    is_probed = true;
                    let (inner, link) = (inner.clone(), link.clone());
                    tokio::spawn(async move { inner.ask_network(&link, "301", None).await });
                }
            }
        }
    };
    // Whichever ends first ends the line: nobody is left half connected.
    tokio::select! {
        () = work => {}
        () = write(writing, frames) => {}
    }
    if link.detach(number) {
        inner.session(&link.settings.scheme, false).await;
    }
}

/// Sends what waits in a scheme's queue, in order, until it is acknowledged: never two about one transaction at once.
async fn forward<H: Hub>(inner: Arc<Inner<H>>, link: Shared) {
    let scheme = link.settings.scheme.clone();
    loop {
        tokio::select! {
            () = link.wake.notified() => {}
            () = tokio::time::sleep(LOOK_EVERY) => {}
        }
        let of = scheme.clone();
        let look = move |state: &meridian_cards::State| -> Vec<(Advice, Transaction)> {
            if !state.is_up(&of) {
                return Vec::new();
            }
            let waiting = state.queue(&of).into_iter().flat_map(|queue| queue.waiting.values());
            let mut about = BTreeSet::new();
            let due = waiting.take(ADVICES).filter(|advice| about.insert(advice.transaction));
            due.filter_map(|advice| Some((advice.clone(), state.transaction(advice.transaction)?.clone())))
                .collect()
        };
        let waiting = match inner.hub.read(look).await {
            Ok(waiting) => waiting,
            Err(HubError::Stopped) => return,
            Err(HubError::Refused(_)) => continue,
        };
        for (advice, transaction) in waiting {
            let (is_due, was_sent) = link.is_due(advice.number);
            if !is_due {
                continue;
            }
            let account = held(&inner.accounts).get(&advice.transaction).cloned();
            let is_repeat = was_sent || advice.since < inner.started;
            let draft = outbound::advice(
                &advice,
                &transaction,
                account.as_deref(),
                is_repeat,
                &inner.settings.institution,
                inner.hub.now(),
            );
            let Some(draft) = draft else { continue };
            match link.send(draft, inner.settings.security.as_ref()) {
                Ok(()) => link.note_sent(advice.number),
                Err(NotSent::NoLine | NotSent::Full) => break,
                Err(error) => inner.log(&scheme, &format!("advice {}: {error}", advice.number)),
            }
        }
    }
}

/// Answers acquirers whose issuer did not: the book has let go of the money, the switch says so.
async fn overdue<H: Hub>(inner: Arc<Inner<H>>) {
    loop {
        tokio::time::sleep(LOOK_EVERY).await;
        let now = inner.hub.now();
        let late: Vec<TransactionId> = held(&inner.waiting)
            .iter()
            .filter(|(_, waiting)| waiting.deadline <= now)
            .map(|(id, _)| *id)
            .collect();
        if late.is_empty() {
            continue;
        }
        let look = move |state: &meridian_cards::State| -> Vec<(TransactionId, Option<Outcome>)> {
            let ended = late.into_iter().filter_map(|id| Some((id, state.transaction(id)?)));
            ended
                .filter(|(_, transaction)| transaction.stage.deadline().is_none())
                .map(|(id, transaction)| (id, transaction.outcome.clone()))
                .collect()
        };
        match inner.hub.read(look).await {
            Ok(ended) => {
                for (id, outcome) in ended {
                    inner.answer_waiting(id, outcome.as_ref(), None);
                }
            }
            Err(HubError::Stopped) => return,
            Err(HubError::Refused(_)) => {}
        }
    }
}

impl<H: Hub> Inner<H> {
    pub(crate) fn log(&self, scheme: &SchemeId, what: &str) {
        (self.settings.log)(&format!("{scheme}: {what}"));
    }

    pub(crate) fn security(&self) -> &dyn Security {
        self.settings.security.as_ref()
    }

    /// Sends, or says in the log why not.
    pub(crate) fn send(&self, link: &Link, draft: Draft) -> bool {
        match link.send(draft, self.security()) {
            Ok(()) => true,
            Err(error) => {
                self.log(&link.settings.scheme, &format!("not sent: {error}"));
                false
            }
        }
    }

    pub(crate) fn routing(&self) -> Arc<(Table, u64)> {
        self.routing.read().unwrap_or_else(std::sync::PoisonError::into_inner).clone()
    }

    /// Takes the table in force anew, after the book has said that ours is not.
    pub(crate) async fn refresh_routing(&self) {
        let look = |state: &meridian_cards::State| {
            let (table, version) = state.table();
            (table.clone(), version)
        };
        if let Ok(fresh) = self.hub.read(look).await {
            *self.routing.write().unwrap_or_else(std::sync::PoisonError::into_inner) = Arc::new(fresh);
        }
    }

    pub(crate) async fn session(&self, scheme: &SchemeId, is_up: bool) {
        let command = Command::SetSession { scheme: scheme.clone(), is_up };
        match self.hub.ask(scheme.as_str(), command).await {
            Ok(_) => self.log(scheme, if is_up { "signed on" } else { "signed off" }),
            Err(HubError::Refused(refusal)) if refusal.code == "cards.same_session" => {}
            Err(error) => self.log(scheme, &error.to_string()),
        }
        if let Some(link) = self.links.get(scheme) {
            link.wake.notify_one();
        }
    }

    async fn sign_on(&self, link: &Link) {
        let scheme = &link.settings.scheme;
        match self.ask_network(link, "001", None).await {
            Ok(response) if link.settings.responses.incoming(&response).is_approval() => {
                self.session(scheme, true).await;
            }
            Ok(response) => self.log(scheme, &format!("sign-on was answered {response}")),
            Err(error) => self.log(scheme, &format!("sign-on: {error}")),
        }
    }

    /// A network management request of ours; its answer's field 39.
    pub(crate) async fn ask_network(
        &self,
        link: &Link,
        code: &str,
        block: Option<String>,
    ) -> Result<String, String> {
        let (trace, awaited) = link.await_answer();
        let mut draft = outbound::network(code, trace, self.hub.now());
        if let Some(block) = block {
            draft = draft.set(48, block);
        }
        link.send(draft, self.security()).map_err(|error| error.to_string())?;
        match tokio::time::timeout(link.settings.echo_every, awaited).await {
            Ok(Ok(response)) => Ok(response),
            _ => Err("no answer".to_owned()),
        }
    }

    pub(crate) fn wait_for_issuer(
        &self,
        id: TransactionId,
        link: &Shared,
        answer: Draft,
        opening: Opening,
        deadline: Moment,
    ) {
        held(&self.waiting).insert(id, Waiting { link: link.clone(), answer, opening, deadline });
    }

    /// Answers whoever waits for a transaction; whether somebody did.
    pub(crate) fn answer_waiting(
        &self,
        id: TransactionId,
        outcome: Option<&Outcome>,
        from_issuer: Option<Draft>,
    ) -> bool {
        let Some(waiting) = held(&self.waiting).remove(&id) else { return false };
        // Without an outcome it was reversed while under way: nobody waits any more.
        if let Some(outcome) = outcome {
            let answer = from_issuer.unwrap_or(waiting.answer);
            let responses = &waiting.link.settings.responses;
            self.send(&waiting.link, outbound::outcome(answer, outcome, Some(&waiting.opening), responses));
        }
        true
    }

    /// What the acquirer's answer repeats of its request, while it waits.
    pub(crate) fn waiting_answer(&self, id: TransactionId) -> Option<Draft> {
        held(&self.waiting).get(&id).map(|waiting| waiting.answer.clone())
    }

    pub(crate) fn keep_account(&self, id: TransactionId, number: &str) {
        held(&self.accounts).insert(id, number.to_owned());
    }

    pub(crate) fn drop_account(&self, id: TransactionId) {
        held(&self.accounts).remove(&id);
    }

    /// Wakes the sender of advices to a scheme.
    pub(crate) fn wake(&self, scheme: &SchemeId) {
        if let Some(link) = self.links.get(scheme) {
            link.wake.notify_one();
        }
    }

    async fn take(self: &Arc<Self>, link: &Shared, bytes: &[u8]) {
        let scheme = &link.settings.scheme;
        let message = match Message::decode(link.settings.dialect, bytes) {
            Ok(message) => message,
            Err(fault) => return self.log(scheme, &format!("a message was not read: {fault}")),
        };
        if let Err(error) = link.verify(&message, self.security()) {
            return self.log(scheme, &format!("a message {} was not taken: {error}", message.mti()));
        }
        let mti = message.mti();
        match (mti.class(), mti.function()) {
            ('1' | '2', Function::Request) => self.request(link, &message).await,
            ('1' | '2', Function::Response) => self.issuer_answer(link, &message).await,
            ('1' | '2', Function::Advice) => self.acquirer_advice(link, &message).await,
            ('4', Function::Request | Function::Advice) => self.reversal(link, &message).await,
            ('1' | '2' | '4', Function::Response | Function::AdviceResponse) => {
                self.acknowledgement(link, &message).await;
            }
            ('5', Function::Request | Function::Advice) => self.reconciliation(link, &message).await,
            ('6', Function::Request | Function::Advice) => self.administrative(link, &message),
            ('8', Function::Request | Function::Advice) => self.network(link, &message).await,
            ('8', Function::Response) => {
                let response = message.text(39).map(std::borrow::Cow::into_owned).unwrap_or_default();
                link.answered(message.number(11).unwrap_or(0), response);
            }
            _ => self.log(scheme, &format!("a message {mti} is none the hub takes")),
        }
    }
}

impl<H> std::fmt::Debug for Switch<H> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Switch").field("links", &self.inner.links.len()).finish_non_exhaustive()
    }
}
