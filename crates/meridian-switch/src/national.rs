//! A national switch with terminals and cards of its own: what the hub's other side looks like. It knows only the wire, and
//! counts for itself, so that its totals can be held against the hub's. For tests, benches and the example day.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use meridian_cards::{Role, Totals};
use meridian_iso8583::{Draft, Function, Message};
use meridian_terms::{Currency, Moment};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Notify, oneshot};
use tokio::task::JoinHandle;

use crate::frames::{Frames, write};
use crate::inbound;
use crate::link::{Link, LinkSettings, held};
use crate::outbound;
use crate::security::Security;
use crate::tls::over;

/// A message as the national switch keeps it: fields as text, binary ones as hexadecimal.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Fields(BTreeMap<u16, String>);

impl Fields {
    /// A field; empty where it is absent.
    #[must_use]
    pub fn get(&self, field: u16) -> &str {
        self.0.get(&field).map_or("", |value| value.trim_end())
    }

    /// Field 39.
    #[must_use]
    pub fn response(&self) -> &str {
        self.get(39)
    }

    fn of(message: &Message<'_>) -> Self {
        let text = |field| Some((field, message.text(field)?.into_owned()));
        Self(message.fields().filter_map(text).collect())
    }

    fn number(&self, field: u16) -> i128 {
        self.get(field).parse().unwrap_or(0)
    }
}

/// How an answer goes out, or a request comes in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Delivery {
    /// As it should.
    Once,
    /// Twice.
    Twice,
    /// Decided, but the answer is lost.
    Lost,
    /// Decided, but the answer comes only after this long.
    Late(Duration),
    /// The request itself is lost: nothing is decided.
    Unseen,
}

/// What an issuer decides about a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Verdict {
    /// Field 39.
    pub response: &'static str,
    /// How the answer goes out.
    pub delivery: Delivery,
}

impl Verdict {
    /// Approved, answered once.
    pub const APPROVED: Self = Self { response: "00", delivery: Delivery::Once };

    /// An answer that goes out once.
    #[must_use]
    pub const fn once(response: &'static str) -> Self {
        Self { response, delivery: Delivery::Once }
    }
}

type Rule = Box<dyn Fn(&Fields) -> Verdict + Send + Sync>;

/// A sale, withdrawal or refund at a terminal.
#[derive(Clone)]
pub struct Sale {
    /// Message type.
    pub mti: &'static str,
    /// Field 11.
    pub stan: u32,
    /// Field 2.
    pub account: String,
    /// Field 3.
    pub processing_code: &'static str,
    /// Field 4, minor units.
    pub minor: u64,
    /// Field 49.
    pub currency: Currency,
    /// Field 18; 6011 is a cash machine.
    pub category: &'static str,
    /// Field 52.
    pub pin_block: Option<Vec<u8>>,
    /// When, by the terminal's clock.
    pub at: Moment,
}

/// What a switch knows of a transaction of its own terminals or cards.
#[derive(Clone, Default)]
struct Known {
    is_authorisation: bool,
    is_refund: bool,
    /// Whether it is in the totals.
    is_counted: bool,
    /// Whether money moved, not only a hold.
    is_posted: bool,
    response: String,
    /// Settlement amount that still stands.
    stands: i128,
}

#[derive(Default)]
struct Book {
    own: HashMap<String, Known>,
    cards: HashMap<String, Known>,
    advices: HashMap<String, String>,
    totals: BTreeMap<(Role, String), Totals>,
}

struct Inner {
    link: Link,
    institution: String,
    security: Arc<dyn Security>,
    rule: Mutex<Rule>,
    book: Mutex<Book>,
    awaited: Mutex<HashMap<u64, oneshot::Sender<Fields>>>,
    deaf: Mutex<HashSet<u64>>,
    approvals: AtomicU64,
    requests: AtomicU64,
    is_away: AtomicBool,
    cut: Notify,
}

/// A national switch on a line with the hub.
pub struct National {
    inner: Arc<Inner>,
    line: Mutex<Option<JoinHandle<()>>>,
    endpoint: Mutex<Option<JoinHandle<()>>>,
    address: Option<SocketAddr>,
}

impl National {
    /// A switch that is not connected yet. `institution` is its field 32.
    #[must_use]
    pub fn new(link: LinkSettings, institution: &str, security: Arc<dyn Security>) -> Self {
        let inner = Inner {
            link: Link::new(link),
            institution: institution.to_owned(),
            security,
            rule: Mutex::new(Box::new(|_| Verdict::APPROVED)),
            book: Mutex::default(),
            awaited: Mutex::default(),
            deaf: Mutex::default(),
            approvals: AtomicU64::new(0),
            requests: AtomicU64::new(0),
            is_away: AtomicBool::new(false),
            cut: Notify::new(),
        };
        Self { inner: Arc::new(inner), line: Mutex::new(None), endpoint: Mutex::new(None), address: None }
    }

    /// Takes the hub's calls on a port of this machine.
    ///
    /// # Errors
    /// The operating system's.
    pub async fn listen(mut self) -> std::io::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        self.address = Some(listener.local_addr()?);
        let inner = self.inner.clone();
        let task = tokio::spawn(async move {
            let mut lines = tokio::task::JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                lines.abort_all();
                if !inner.is_away.load(Ordering::SeqCst) {
                    lines.spawn(serve(inner.clone(), stream));
                }
            }
        });
        *held(&self.endpoint) = Some(task);
        Ok(self)
    }

    /// Where it takes calls.
    #[must_use]
    pub const fn address(&self) -> Option<SocketAddr> {
        self.address
    }

    /// Calls the hub.
    ///
    /// # Errors
    /// The operating system's.
    pub async fn call(&self, address: SocketAddr) -> std::io::Result<()> {
        self.drop_line();
        let stream = TcpStream::connect(address).await?;
        *held(&self.line) = Some(tokio::spawn(serve(self.inner.clone(), stream)));
        Ok(())
    }

    /// Cuts the line it called on.
    pub fn drop_line(&self) {
        if let Some(line) = held(&self.line).take() {
            line.abort();
        }
    }

    /// Cuts every line it was called on, and while `stays` takes no new ones.
    pub fn hang_up(&self, stays: bool) {
        self.inner.is_away.store(stays, Ordering::SeqCst);
        if stays {
            self.inner.cut.notify_waiters();
        }
    }

    /// What it decides about its cards from now on.
    pub fn decide(&self, rule: impl Fn(&Fields) -> Verdict + Send + Sync + 'static) {
        *held(&self.inner.rule) = Box::new(rule);
    }

    /// How many requests for its cards it has decided.
    #[must_use]
    pub fn decided(&self) -> u64 {
        self.inner.requests.load(Ordering::SeqCst)
    }

    /// What it counted in a role on a day (`MMDD`).
    #[must_use]
    pub fn totals(&self, role: Role, day: &str) -> Totals {
        held(&self.inner.book).totals.get(&(role, day.to_owned())).copied().unwrap_or_default()
    }

    /// Signs on (0800, 001), off (002), probes (301): field 39 of the answer.
    ///
    /// # Errors
    /// When no answer comes.
    pub async fn network(&self, code: &str, at: Moment, wait: Duration) -> Result<String, String> {
        let (trace, awaited) = self.inner.link.await_answer();
        let draft = outbound::network(code, trace, at);
        self.send(draft)?;
        match tokio::time::timeout(wait, awaited).await {
            Ok(Ok(response)) => Ok(response),
            _ => Err("no answer".to_owned()),
        }
    }

    /// A terminal's message.
    #[must_use]
    pub fn message(&self, sale: &Sale) -> Draft {
        let sent = outbound::transmission(sale.at);
        let draft = Draft::new(sale.mti)
            .set(2, sale.account.as_str())
            .set(3, sale.processing_code)
            .set(4, format!("{:012}", sale.minor))
            .set(7, sent.as_str())
            .set(11, format!("{:06}", sale.stan))
            .set(12, &sent[4..])
            .set(13, &sent[..4])
            .set(18, sale.category)
            .set(22, "051")
            .set(25, "00")
            .set(32, self.inner.institution.as_str())
            .set(37, format!("{}{:06}", &sent[..6], sale.stan))
            .set(41, "TERM0001")
            .set(42, "INVENTED SHOP 1")
            .set(43, format!("{:<40}", "Invented shop"))
            .set(49, format!("{:03}", sale.currency.number()));
        match &sale.pin_block {
            Some(block) => draft.set(52, block.clone()),
            None => draft,
        }
    }

    /// The reversal of a sale (0420, or 0421 for a repeat), with field 95 where `remaining` minor units still stand.
    #[must_use]
    pub fn reversal(&self, sale: &Sale, is_repeat: bool, remaining: Option<u64>) -> Draft {
        let draft =
            self.about(sale, if is_repeat { "0421" } else { "0420" }, sale.stan + 500_000, sale.minor);
        match remaining {
            Some(remaining) => draft.set(95, format!("{remaining:012}{:030}", 0)),
            None => draft,
        }
    }

    /// The completion of an authorisation for this much (0220).
    #[must_use]
    pub fn completion(&self, sale: &Sale, minor: u64) -> Draft {
        self.about(sale, "0220", sale.stan + 250_000, minor)
    }

    fn about(&self, sale: &Sale, mti: &str, stan: u32, minor: u64) -> Draft {
        let sent = outbound::transmission(sale.at);
        let elements =
            format!("{}{:06}{sent}{:0>11}{:0>11}", sale.mti, sale.stan, self.inner.institution, "");
        let draft = Sale { mti: "0420", stan, minor, pin_block: None, ..sale.clone() };
        self.message(&draft)
            .with_mti(mti)
            .set(37, format!("{}{:06}", &sent[..6], sale.stan))
            .set(90, elements)
    }

    /// Sends a message of one of its terminals and waits for the answer; nothing when none comes in time. What it is
    /// answered, it counts.
    ///
    /// # Errors
    /// When it cannot be sent.
    pub async fn ask(&self, draft: Draft, wait: Duration) -> Result<Option<Fields>, String> {
        let sent = self.read(&draft)?;
        let trace = sent.get(11).parse().unwrap_or(0);
        let (answer, awaited) = oneshot::channel();
        held(&self.inner.awaited).insert(trace, answer);
        // An answer that was to be lost never came; this one is to be heard.
        held(&self.inner.deaf).remove(&trace);
        self.note_asked(&sent);
        self.send(draft)?;
        match tokio::time::timeout(wait, awaited).await {
            Ok(Ok(answer)) => {
                self.count(&sent, &answer);
                Ok(Some(answer))
            }
            _ => {
                held(&self.inner.awaited).remove(&trace);
                Ok(None)
            }
        }
    }

    /// As [`National::ask`], but the answer is lost on the way.
    ///
    /// # Errors
    /// When it cannot be sent.
    pub fn ask_deaf(&self, draft: Draft) -> Result<(), String> {
        let sent = self.read(&draft)?;
        held(&self.inner.deaf).insert(sent.get(11).parse().unwrap_or(0));
        self.note_asked(&sent);
        self.send(draft)
    }

    /// Compares a day's totals in a role (0500, 0502): the answer.
    ///
    /// # Errors
    /// When no answer comes.
    pub async fn reconcile(&self, role: Role, at: Moment, wait: Duration) -> Result<Fields, String> {
        let day = outbound::month_day(at.day());
        let (mti, stan) = if role == Role::Acquirer { ("0500", "990001") } else { ("0502", "990002") };
        let draft = Draft::new(mti)
            .set(7, outbound::transmission(at))
            .set(11, stan)
            .set(15, day.as_str())
            .set(32, self.inner.institution.as_str());
        let draft = outbound::totals(draft, &self.totals(role, &day), role);
        self.ask(draft, wait).await?.ok_or_else(|| "no answer".to_owned())
    }

    fn send(&self, draft: Draft) -> Result<(), String> {
        self.inner.link.send(draft, self.inner.security.as_ref()).map_err(|error| error.to_string())
    }

    fn read(&self, draft: &Draft) -> Result<Fields, String> {
        let dialect = self.inner.link.settings.dialect;
        let bytes = draft.encode(dialect).map_err(|fault| fault.to_string())?;
        let message = Message::decode(dialect, &bytes).map_err(|fault| fault.to_string())?;
        let mut fields = Fields::of(&message);
        fields.0.insert(0, message.mti().as_str().to_owned());
        Ok(fields)
    }

    fn note_asked(&self, sent: &Fields) {
        let mti = sent.get(0);
        if matches!(mti, "0100" | "0200") {
            let known = Known {
                is_authorisation: mti == "0100",
                is_refund: sent.get(3).starts_with("20"),
                stands: sent.number(4),
                ..Known::default()
            };
            held(&self.inner.book).own.entry(key(sent)).or_insert(known);
        }
    }

    fn count(&self, sent: &Fields, answer: &Fields) {
        let is_approved = answer.response() == "00";
        let day = answer.get(15).to_owned();
        let mut book = held(&self.inner.book);
        let book = &mut *book;
        match sent.get(0) {
            "0100" | "0101" | "0200" | "0201" if is_approved => {
                let Some(known) = book.own.get_mut(&key(sent)) else { return };
                count_original(&mut book.totals, Role::Acquirer, known, &day);
            }
            "0220" | "0221" if is_approved => {
                let amount = sent.number(4);
                if let Some(known) = book.own.get_mut(&original(sent)) {
                    (known.is_posted, known.stands) = (true, amount);
                }
                add(&mut book.totals, Role::Acquirer, &day, false, false, amount);
            }
            "0400" | "0401" | "0420" | "0421" if is_approved => {
                let Some(known) = book.own.get_mut(&original(sent)) else { return };
                count_original(&mut book.totals, Role::Acquirer, known, &day);
                let remaining = sent.get(95).get(..12).and_then(|digits| digits.parse().ok()).unwrap_or(0);
                count_reversal(&mut book.totals, Role::Acquirer, known, remaining, &day);
            }
            _ => {}
        }
    }
}

impl Drop for National {
    fn drop(&mut self) {
        self.drop_line();
        if let Some(endpoint) = held(&self.endpoint).take() {
            endpoint.abort();
        }
    }
}

fn key(fields: &Fields) -> String {
    [7, 11, 32, 37, 41].map(|field| fields.get(field)).join("|")
}

/// The key of what a message is about.
fn original(fields: &Fields) -> String {
    let elements = fields.get(90);
    let part = |from, until| elements.get(from..until).unwrap_or("");
    [part(10, 20), part(4, 10), fields.get(32), fields.get(37), fields.get(41)].join("|")
}

type AllTotals = BTreeMap<(Role, String), Totals>;

fn add(totals: &mut AllTotals, role: Role, day: &str, is_refund: bool, is_reversal: bool, amount: i128) {
    let totals = totals.entry((role, day.to_owned())).or_default();
    match (is_refund, is_reversal) {
        (true, false) => totals.credits.add(amount),
        (true, true) => totals.credit_reversals.add(amount),
        (false, false) => totals.debits.add(amount),
        (false, true) => totals.debit_reversals.add(amount),
    }
}

fn count_original(totals: &mut AllTotals, role: Role, known: &mut Known, day: &str) {
    if known.is_counted {
        return;
    }
    known.is_counted = true;
    if known.is_authorisation {
        totals.entry((role, day.to_owned())).or_default().authorisations += 1;
    } else {
        known.is_posted = true;
        add(totals, role, day, known.is_refund, false, known.stands);
    }
}

fn count_reversal(totals: &mut AllTotals, role: Role, known: &mut Known, remaining: i128, day: &str) {
    let back = known.stands - remaining;
    if back > 0 && known.is_posted {
        add(totals, role, day, known.is_refund, true, back);
    }
    known.stands = remaining;
}

/// A line with the hub, until it ends.
async fn serve(inner: Arc<Inner>, stream: TcpStream) {
    let Ok(stream) = over(inner.link.settings.tls.as_ref(), stream).await else { return };
    let (reading, writing) = tokio::io::split(stream);
    let (number, frames) = inner.link.attach();
    let mut frames_in = Frames::new(reading, inner.link.settings.framing);
    let read = async {
        while let Ok(Some(bytes)) = frames_in.next().await {
            inner.take(&bytes);
        }
    };
    tokio::select! {
        () = read => {}
        () = write(writing, frames) => {}
        () = inner.cut.notified() => {}
    }
    inner.link.detach(number);
}

impl Inner {
    fn take(self: &Arc<Self>, bytes: &[u8]) {
        let dialect = self.link.settings.dialect;
        let Ok(message) = Message::decode(dialect, bytes) else { return };
        if self.link.verify(&message, self.security.as_ref()).is_err() {
            return;
        }
        let fields = Fields::of(&message);
        let mti = message.mti();
        match (mti.class(), mti.function()) {
            ('8', Function::Request) => {
                let response = match fields.get(70) {
                    "161" if self.security.take_key(&self.link.settings.scheme, fields.get(48)).is_err() => {
                        "96"
                    }
                    _ => "00",
                };
                self.reply(&message, &[(39, response.to_owned())]);
            }
            ('8', Function::Response) => {
                self.link.answered(message.number(11).unwrap_or(0), fields.response().to_owned());
            }
            (_, Function::Response | Function::AdviceResponse) => {
                let trace = message.number(11).unwrap_or(0);
                if held(&self.deaf).remove(&trace) {
                    return;
                }
                // An answer that nobody waits for any more is late or a second one: not counted.
                if let Some(awaited) = held(&self.awaited).remove(&trace) {
                    drop(awaited.send(fields));
                }
            }
            ('1' | '2', Function::Request) => self.decide(&message, &fields),
            ('1' | '2', Function::Advice) => {
                let response = self.advised(&fields, mti.class() == '1');
                self.reply(&message, &[(39, response)]);
            }
            ('4', _) => {
                let response = self.reversed(&fields);
                self.reply(&message, &[(39, response)]);
            }
            _ => {}
        }
    }

    fn decide(self: &Arc<Self>, message: &Message<'_>, fields: &Fields) {
        let verdict = (held(&self.rule))(fields);
        if verdict.delivery == Delivery::Unseen {
            return;
        }
        self.requests.fetch_add(1, Ordering::SeqCst);
        let mut known = Known {
            is_authorisation: message.mti().class() == '1',
            is_refund: fields.get(3).starts_with("20"),
            response: verdict.response.to_owned(),
            stands: fields.number(5),
            ..Known::default()
        };
        {
            let mut book = held(&self.book);
            let book = &mut *book;
            if verdict.response == "00" && !book.cards.contains_key(&key(fields)) {
                count_original(&mut book.totals, Role::Issuer, &mut known, fields.get(15));
            }
            book.cards.entry(key(fields)).or_insert(known);
        }
        let mut answer = vec![(39, verdict.response.to_owned())];
        if verdict.response == "00" {
            let number = self.approvals.fetch_add(1, Ordering::SeqCst) + 1;
            answer.push((38, format!("{:06}", number % 1_000_000)));
        }
        match verdict.delivery {
            Delivery::Once => self.reply(message, &answer),
            Delivery::Twice => {
                self.reply(message, &answer);
                self.reply(message, &answer);
            }
            Delivery::Late(after) => {
                let Some(draft) = Self::answer(message, &answer) else { return };
                let inner = self.clone();
                tokio::spawn(async move {
                    tokio::time::sleep(after).await;
                    // The line may be gone by then; that is what late means.
                    drop(inner.link.send(draft, inner.security.as_ref()));
                });
            }
            Delivery::Lost | Delivery::Unseen => {}
        }
    }

    /// An advice is taken once, whatever it says.
    fn advised(&self, fields: &Fields, is_authorisation: bool) -> String {
        let mut book = held(&self.book);
        let book = &mut *book;
        let about = format!("{}|{}", fields.get(11), fields.get(90));
        if let Some(response) = book.advices.get(&about) {
            return response.clone();
        }
        let amount = fields.number(5);
        match book.cards.get_mut(&original(fields)) {
            Some(known) if known.is_authorisation && !is_authorisation => {
                (known.is_posted, known.stands) = (true, amount);
                add(&mut book.totals, Role::Issuer, fields.get(15), false, false, amount);
            }
            Some(_) => {}
            None => {
                let mut known = Known {
                    is_authorisation,
                    is_refund: fields.get(3).starts_with("20"),
                    response: "00".to_owned(),
                    stands: amount,
                    ..Known::default()
                };
                count_original(&mut book.totals, Role::Issuer, &mut known, fields.get(15));
                book.cards.insert(original(fields), known);
            }
        }
        book.advices.insert(about, "00".to_owned());
        "00".to_owned()
    }

    /// A reversal backs out what was approved; what was never seen is answered 25, what was declined 21.
    fn reversed(&self, fields: &Fields) -> String {
        let mut book = held(&self.book);
        let book = &mut *book;
        let about = format!("{}|{}", fields.get(11), fields.get(90));
        if let Some(response) = book.advices.get(&about) {
            return response.clone();
        }
        let response = match book.cards.get_mut(&original(fields)) {
            None => "25",
            Some(known) if known.response != "00" => "21",
            Some(known) => {
                let remaining =
                    fields.get(95).get(12..24).and_then(|digits| digits.parse().ok()).unwrap_or(0);
                count_reversal(&mut book.totals, Role::Issuer, known, remaining, fields.get(15));
                "00"
            }
        };
        book.advices.insert(about, response.to_owned());
        response.to_owned()
    }

    fn answer(message: &Message<'_>, with: &[(u16, String)]) -> Option<Draft> {
        let answer = inbound::answer(message)?;
        Some(with.iter().fold(answer, |answer, (field, value)| answer.set(*field, value.as_str())))
    }

    fn reply(&self, message: &Message<'_>, with: &[(u16, String)]) {
        if let Some(draft) = Self::answer(message, with) {
            // A line that is gone loses the answer, as lines do.
            drop(self.link.send(draft, self.security.as_ref()));
        }
    }
}

impl std::fmt::Debug for National {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("National").field("scheme", &self.inner.link.settings.scheme).finish_non_exhaustive()
    }
}

impl std::fmt::Debug for Fields {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let shown: Vec<(&u16, &String)> =
            self.0.iter().filter(|(field, _)| !matches!(field, 2 | 35 | 45 | 48 | 52 | 55)).collect();
        f.debug_map().entries(shown).finish()
    }
}
