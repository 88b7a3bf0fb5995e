//! Payments: complete cycles over real sockets, hub, banks and providers on the same cores.
//!
//! A cycle is what a debtor agent does for one payment across two currencies: ask for quotes, ask whose the account is
//! (acmt.023, answered by the creditor agent with acmt.024), pay (pacs.008), have it accepted (pacs.002) and read the
//! confirmation. Every payment is screened, every acknowledged step is on the disk. Beside it stands what a published
//! switch does on one core.

use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use meridian_http::client::{Call, Client, Signer};
use meridian_http::signature::SigningKey;
use meridian_http::wire::{AskQuotes, Letter, Next, Quote};
use meridian_http::{Door, Limits, ListAge, Service, api, serve, tls};
use meridian_journal::{FileJournal, LogSettings};
use meridian_node::{Clock, Command, Desk, Node, NodeSettings};
use meridian_pay::{
    self as pay, Bearer, Instruction, LinkKey, Participant, Priority, QuoteId, RateCard, RateKey,
    ResolutionId, ResolutionRequest, Role, outbound,
};
use meridian_screening::{ListSet, Policy, import_csv};
use meridian_terms::{Bic, Country, Currency, Micros, Money, Party, Ratio, Refusal, Uetr, Window};
use tokio::sync::{mpsc, oneshot};

use crate::{Figure, Setting};

/// Mojaloop v17.1.0: 649.6 transfers/s on 48 vCPU of switch, Kafka and MySQL, discovery, quote and transfer within one
/// currency (ml-perf-whitepaper-ws, README, plaintext run).
const MOJALOOP_PER_CORE: f64 = 13.5;

/// Payments under way at once.
const LANES: usize = 96;
const BANKS: usize = 4;
/// Parties on each side; each payment takes one of them and carries a remittance line of its own.
const PARTIES: u64 = 20_000;
/// Names on the watch list.
const LISTED: u32 = 20_000;
const HUB: &str = "XHUBRUMM";

#[derive(Clone, Copy)]
struct Variant {
    what: &'static str,
    signs: bool,
    tls: bool,
}

const VARIANTS: [Variant; 4] = [
    Variant { what: "signatures, no TLS", signs: true, tls: false },
    Variant { what: "neither", signs: false, tls: false },
    Variant { what: "TLS with client certificates, no signatures", signs: false, tls: true },
    Variant { what: "signatures and TLS", signs: true, tls: true },
];

pub(crate) fn run(setting: &Setting) -> Result<Vec<Figure>, String> {
    let seconds = setting.seconds.unwrap_or(60);
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let mut measured = Vec::new();
    for (number, variant) in VARIANTS.into_iter().enumerate() {
        // The first is the figure; the others stand beside it and take a quarter of the time.
        let span = if number == 0 { seconds } else { (seconds / 4).max(3) };
        measured.push((variant, measure(setting, variant, Duration::from_secs(span))?));
    }
    let (_, first) = &measured[0];
    let mut rate = Figure::new(
        format!("complete cycles, {}, fsync, screened", VARIANTS[0].what),
        first.rate,
        "cycles/s",
    );
    for (variant, other) in &measured[1..] {
        rate = rate.beside(variant.what, other.rate);
    }
    #[expect(clippy::cast_precision_loss, reason = "far below 2^52")]
    let (cores, count) = (cores as f64, |value: u64| value as f64);
    Ok(vec![
        rate,
        Figure::new(
            "cycles/s for each core, load and participants included",
            first.rate / cores,
            "cycles/s/core",
        )
        .beside("Mojaloop v17.1.0, published, one currency, for each vCPU of the switch", MOJALOOP_PER_CORE),
        Figure::new("a cycle from quote to confirmation, p50", first.p50, "ms"),
        Figure::new("a cycle from quote to confirmation, p99", first.p99, "ms").beside("the goal", 250.0),
        Figure::new("CPU time for a cycle, hub, load and participants together", first.cpu, "ms"),
        Figure::new("HTTP requests for a cycle", first.requests, "requests"),
        Figure::new("letters for a cycle", first.letters, "letters"),
        Figure::new("distinct texts screened", count(first.distinct), "texts")
            .beside("answered from the cache", count(first.hits)),
        Figure::new("cycles that failed", count(first.failed), "cycles"),
    ])
}

struct Measured {
    rate: f64,
    p50: f64,
    p99: f64,
    cpu: f64,
    requests: f64,
    letters: f64,
    distinct: u64,
    hits: u64,
    failed: u64,
}

fn measure(setting: &Setting, variant: Variant, span: Duration) -> Result<Measured, String> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(std::thread::available_parallelism().map_or(2, std::num::NonZero::get))
        .enable_all()
        .build()
        .map_err(|error| error.to_string())?;
    let directory = tempfile::tempdir_in(&setting.scratch).map_err(|error| error.to_string())?;
    runtime.block_on(drive(directory.path(), variant, span))
}

async fn drive(directory: &std::path::Path, variant: Variant, span: Duration) -> Result<Measured, String> {
    let world = Arc::new(World::start(directory, variant).await?);
    let mut tasks = Vec::new();
    let banks = (0..BANKS).flat_map(|bank| [debtor(bank), creditor(bank)]);
    for bic in banks.chain(PROVIDERS.map(str::to_owned)) {
        let world = world.clone();
        tasks.push(tokio::spawn(async move {
            if let Err(why) = receive(world.clone(), bic).await {
                world.fail(why);
            }
        }));
    }
    let lanes: Vec<_> = (0..LANES).map(|lane| tokio::spawn(cycles(world.clone(), lane))).collect();
    // Connections are made and caches filled before anything counts.
    tokio::time::sleep(Duration::from_secs(2)).await;
    let (start, cpu) = (Instant::now(), cpu_millis());
    let before = world.counts();
    world.counts_now.store(true, Ordering::Relaxed);
    tokio::time::sleep(span).await;
    world.counts_now.store(false, Ordering::Relaxed);
    let took = start.elapsed().as_secs_f64();
    let (after, cpu) = (world.counts(), cpu_millis() - cpu);
    world.ends.store(true, Ordering::Relaxed);
    for lane in lanes {
        drop(tokio::time::timeout(Duration::from_secs(30), lane).await);
    }
    tasks.iter().for_each(tokio::task::JoinHandle::abort);
    let law = world.node.read(meridian_node::Hub::check).await.map_err(|error| error.to_string())?;
    law?;
    let mut times = std::mem::take(&mut *world.times.lock().map_err(|error| error.to_string())?);
    times.sort_unstable();
    let seen = world.desk.seen();
    world.node.stop();
    if let Some(why) = world.first_failure.lock().ok().and_then(|first| first.clone()) {
        eprintln!("{}: {why}", variant.what);
    }
    #[expect(clippy::cast_precision_loss, reason = "far below 2^52")]
    let at = |percent: usize| {
        times.get(times.len() * percent / 100).map_or(f64::NAN, |micros| *micros as f64 / 1_000.0)
    };
    #[expect(clippy::cast_precision_loss, reason = "far below 2^52")]
    let done = times.len().max(1) as f64;
    #[expect(clippy::cast_precision_loss, reason = "far below 2^52")]
    let count = |value: u64| value as f64;
    Ok(Measured {
        rate: done / took,
        p50: at(50),
        p99: at(99),
        cpu: cpu / done,
        requests: count(after.0 - before.0) / done,
        letters: count(after.1 - before.1) / done,
        distinct: seen.distinct,
        hits: seen.hits,
        failed: world.failed.load(Ordering::Relaxed),
    })
}

/// CPU time of this process so far, user and system, in milliseconds: unlike the clock it does not depend on who else uses
/// the machine. Nothing where the system does not tell.
fn cpu_millis() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let after_name = stat.rsplit(')').next().unwrap_or_default();
    let ticks = after_name
        .split_whitespace()
        .skip(11)
        .take(2)
        .filter_map(|field| field.parse::<f64>().ok())
        .sum::<f64>();
    // proc(5): in units of 1/100 s.
    ticks * 10.0
}

const PROVIDERS: [&str; 2] = ["XFXARUMM", "XFXBINBB"];

fn debtor(bank: usize) -> String {
    format!("XD{bank:02}INBB")
}

fn creditor(bank: usize) -> String {
    format!("XC{bank:02}RUMM")
}

fn key(bic: &str) -> Result<SigningKey, String> {
    SigningKey::from_seed(blake3::hash(bic.as_bytes()).as_bytes()).map_err(|refusal| refusal.to_string())
}

/// The hub, and what its participants share of the load generator.
struct World {
    node: Node,
    desk: Arc<Desk>,
    url: String,
    variant: Variant,
    client_tls: Option<Arc<rustls::ClientConfig>>,
    keys: BTreeMap<String, Arc<SigningKey>>,
    /// Lanes that wait for a letter, by the reference in it.
    waiting: Mutex<HashMap<String, oneshot::Sender<String>>>,
    counts_now: AtomicBool,
    ends: AtomicBool,
    requests: AtomicU64,
    letters: AtomicU64,
    failed: AtomicU64,
    first_failure: Mutex<Option<String>>,
    /// Microseconds of each cycle that ended while it counted.
    times: Mutex<Vec<u64>>,
}

impl World {
    async fn start(directory: &std::path::Path, variant: Variant) -> Result<Self, String> {
        let told = |error: meridian_node::AskError| error.to_string();
        let journal =
            FileJournal::open(directory, LogSettings::default()).map_err(|error| error.to_string())?;
        let (node, _) = Node::start(Box::new(journal), Clock::System, NodeSettings::default())
            .map_err(|error| error.to_string())?;
        let today = node.clock().now().day();
        let lists = Arc::new(ListSet::of(vec![
            import_csv("SYNTHETIC", today, listed().as_bytes()).map_err(|refusal| refusal.to_string())?,
        ]));
        let desk = Arc::new(Desk::new(lists.clone(), Policy::default()));
        let mut keys = BTreeMap::new();
        let banks = (0..BANKS).flat_map(|bank| {
            [
                (debtor(bank), "IN", Role::Bank, vec![Currency::INR]),
                (creditor(bank), "RU", Role::Bank, vec![Currency::RUB]),
            ]
        });
        let providers = PROVIDERS
            .map(|bic| (bic.to_owned(), &bic[4..6], Role::FxProvider, vec![Currency::INR, Currency::RUB]));
        for (bic, country, role, currencies) in banks.chain(providers) {
            let own = key(&bic)?;
            let participant = || -> Result<Participant, Refusal> {
                Ok(Participant {
                    bic: Bic::parse(&bic)?,
                    name: format!("Bench Institution {bic}"),
                    country: Country::parse(country)?,
                    role,
                    key: own.public(),
                    is_suspended: false,
                })
            };
            let participant = participant().map_err(|refusal| refusal.to_string())?;
            let whose = participant.bic.clone();
            let admit = pay::Command::Admit { participant, currencies: currencies.clone() };
            node.ask("operator", Command::Pay(admit)).await.map_err(told)?;
            for currency in currencies {
                let reference = u128::from_str_radix(
                    &blake3::hash(format!("{bic}{currency}").as_bytes()).to_hex()[..32],
                    16,
                );
                let fund = pay::Command::Fund {
                    participant: whose.clone(),
                    amount: Money::new(1_000_000_000_000_000, currency),
                    reference: reference.unwrap_or(1),
                };
                node.ask("operator", Command::Pay(fund)).await.map_err(told)?;
            }
            keys.insert(bic, Arc::new(own));
        }
        for command in opening(&node, lists.digest()).map_err(|refusal| refusal.to_string())? {
            node.ask("operator", Command::Pay(command)).await.map_err(told)?;
        }
        let listener =
            tokio::net::TcpListener::bind("127.0.0.1:0").await.map_err(|error| error.to_string())?;
        let port = listener.local_addr().map_err(|error| error.to_string())?.port();
        let (server_tls, client_tls) = if variant.tls {
            let pair = certificates(keys.keys())?;
            (Some(pair.0), Some(pair.1))
        } else {
            (None, None)
        };
        let scheme = if variant.tls { "https://localhost" } else { "http://127.0.0.1" };
        let url = format!("{scheme}:{port}");
        let (clock, screening) = (node.clock().clone(), desk.clone());
        let service = Service {
            statistics: meridian_http::statistics::Sources::default(),
            node: node.clone(),
            hub: HUB.into(),
            public_url: url.clone(),
            door: None,
            screen: Arc::new(move |instruction| screening.clear(instruction, clock.now().day())),
            lists: Arc::new(move || vec![ListAge { name: "SYNTHETIC".into(), published: today }]),
            map: Arc::new(|_| String::new()),
            corridor: "Bench".into(),
            is_example: true,
            limits: Arc::new(Limits::new(0)),
            metrics: Arc::default(),
            keys: Arc::default(),
            checks_signatures: variant.signs,
        };
        let door = Door { tls: server_tls, ..Door::default() };
        tokio::spawn(async move { serve(listener, api(service), door, std::future::pending()).await });
        Ok(Self {
            node,
            desk,
            url,
            variant,
            client_tls,
            keys,
            waiting: Mutex::default(),
            counts_now: AtomicBool::new(false),
            ends: AtomicBool::new(false),
            requests: AtomicU64::new(0),
            letters: AtomicU64::new(0),
            failed: AtomicU64::new(0),
            first_failure: Mutex::default(),
            times: Mutex::default(),
        })
    }

    fn counts(&self) -> (u64, u64) {
        (self.requests.load(Ordering::Relaxed), self.letters.load(Ordering::Relaxed))
    }

    fn gateway(self: &Arc<Self>, bic: &str) -> Result<Gateway, String> {
        let key = self.keys.get(bic).filter(|_| self.variant.signs).cloned();
        let client = Client::new(&self.url, Signer { bic: bic.to_owned(), key }, self.client_tls.clone())?;
        Ok(Gateway { world: self.clone(), bic: bic.to_owned(), client })
    }

    /// A letter with this reference will be handed to whoever waits on the other end.
    fn expect(&self, reference: String) -> oneshot::Receiver<String> {
        let (hand, wait) = oneshot::channel();
        if let Ok(mut waiting) = self.waiting.lock() {
            waiting.insert(reference, hand);
        }
        wait
    }

    fn hand(&self, reference: &str, letter: String) {
        let hand = self.waiting.lock().ok().and_then(|mut waiting| waiting.remove(reference));
        if let Some(hand) = hand {
            drop(hand.send(letter));
        }
    }
}

/// The link, the list and the rates.
fn opening(node: &Node, list: [u8; 32]) -> Result<Vec<pay::Command>, Refusal> {
    let now = node.clock().now();
    let key = LinkKey::between(Country::parse("IN")?, Country::parse("RU")?);
    let (instrument, in_force) = ("Bench agreement".to_owned(), Window::new(now.day(), None)?);
    let mut commands = vec![
        pay::Command::PutListInForce(list),
        pay::Command::ProposeLink { key, instrument, in_force, by: "Amina".into() },
        pay::Command::ApproveLink { key, by: "Boris".into() },
    ];
    for (provider, rate) in PROVIDERS.into_iter().zip(["1.0600", "1.0590"]) {
        let key = RateKey { provider: Bic::parse(provider)?, from: Currency::INR, to: Currency::RUB };
        let card = RateCard {
            base: Ratio::parse_decimal(rate)?,
            valid: Window::new(now, Some(now.plus(Micros::days(1))))?,
            tiers: Vec::new(),
            agents: BTreeMap::new(),
            most: 1_000_000_000_000,
        };
        commands.push(pay::Command::PublishRate(key, card));
    }
    Ok(commands)
}

/// A list of invented names, none of which the load uses.
fn listed() -> String {
    let mut text = String::from("id,kind,name,aliases\n");
    for number in 0..LISTED {
        let digest = blake3::hash(&number.to_be_bytes());
        let word = |at: usize| -> String {
            digest.as_bytes()[at..at + 7].iter().map(|byte| char::from(b'a' + byte % 26)).collect()
        };
        text.push_str(&format!("L-{number},person,{} {} {},\n", word(0), word(8), word(16)));
    }
    text
}

/// A party's name out of syllables, by its number.
fn name(side: &str, number: u64) -> String {
    const SYLLABLES: [&str; 16] =
        ["ka", "ro", "mi", "ta", "ve", "lu", "sha", "no", "ri", "pe", "do", "zi", "ba", "fe", "gu", "hy"];
    let word = |from: u32| -> String {
        (0..3)
            .filter_map(|place| SYLLABLES.get(usize::try_from(number >> (from + 4 * place) & 15).ok()?))
            .copied()
            .collect()
    };
    format!("{} {} {side}", word(0), word(4))
}

fn certificates<'a>(
    participants: impl Iterator<Item = &'a String>,
) -> Result<(Arc<rustls::ServerConfig>, Arc<rustls::ClientConfig>), String> {
    let make = || -> Result<[String; 5], Box<dyn std::error::Error>> {
        let mut params = rcgen::CertificateParams::new(Vec::new())?;
        params.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
        let authority = rcgen::CertifiedIssuer::self_signed(params, rcgen::KeyPair::generate()?)?;
        let server_key = rcgen::KeyPair::generate()?;
        let server = rcgen::CertificateParams::new(vec!["localhost".to_owned()])?
            .signed_by(&server_key, &authority)?;
        // One certificate that names every participant: the load generator is all of them.
        let mut params = rcgen::CertificateParams::new(Vec::new())?;
        for bic in participants {
            params.subject_alt_names.push(rcgen::SanType::URI(format!("urn:bic:{bic}").try_into()?));
        }
        let client_key = rcgen::KeyPair::generate()?;
        let client = params.signed_by(&client_key, &authority)?;
        Ok([
            authority.pem(),
            server.pem(),
            server_key.serialize_pem(),
            client.pem(),
            client_key.serialize_pem(),
        ])
    };
    let pem = make().map_err(|error| error.to_string())?;
    let [authority, server, server_key, client, client_key] = pem.each_ref().map(|text| text.as_bytes());
    Ok((tls::server(server, server_key, authority)?, tls::client(client, client_key, authority)?))
}

/// One connection of a participant.
struct Gateway {
    world: Arc<World>,
    bic: String,
    client: Client,
}

impl Gateway {
    async fn call(&mut self, path: &str, kind: &str, body: String) -> Result<axum::body::Bytes, String> {
        self.world.requests.fetch_add(1, Ordering::Relaxed);
        let call =
            Call { method: "POST", path, kind, headers: &[], idempotency_key: None, body: body.into() };
        match self.client.call(&call, Clock::System.now()).await? {
            (200, answer) => Ok(answer),
            (status, answer) => Err(format!("{path}: {status} {}", String::from_utf8_lossy(&answer))),
        }
    }

    async fn message(&mut self, xml: String) -> Result<(), String> {
        self.call("/v1/messages", "application/xml", xml).await.map(|_| ())
    }
}

/// A participant's mailbox: letters to lanes that wait, questions to the answering desks.
async fn receive(world: Arc<World>, bic: String) -> Result<(), String> {
    let mut gateway = world.gateway(&bic)?;
    let desks = answering(&world, &bic)?;
    let mut upto = 0;
    loop {
        let next =
            serde_json::to_string(&Next { upto, wait_seconds: 10 }).map_err(|error| error.to_string())?;
        let answer = gateway.call("/v1/mailbox/next", "application/json", next).await?;
        let letters: Vec<Letter> = serde_json::from_slice(&answer).map_err(|error| error.to_string())?;
        world.letters.fetch_add(letters.len() as u64, Ordering::Relaxed);
        for letter in letters {
            upto = letter.number;
            let Some(xml) = letter.xml else { continue };
            match &letter.kind[..8] {
                "acmt.023" | "pacs.008" => {
                    let desk = usize::try_from(letter.number).unwrap_or(0) % desks.len();
                    // A desk that has gone ends the bench by its own failure.
                    drop(desks[desk].send(xml));
                }
                "acmt.024" => hand(&world, "<OrgnlId>", xml),
                "pacs.002" => hand(&world, "<OrgnlUETR>", xml),
                _ => {}
            }
        }
    }
}

fn hand(world: &World, tag: &str, xml: String) {
    if let Some(reference) = between(&xml, tag) {
        let reference = reference.to_owned();
        world.hand(&reference, xml);
    }
}

fn between<'a>(xml: &'a str, tag: &str) -> Option<&'a str> {
    let start = xml.find(tag)? + tag.len();
    let end = xml[start..].find('<')?;
    Some(&xml[start..start + end])
}

/// How many answers a bank sends at once.
const DESKS: usize = 8;

/// A creditor agent's desks: each has a connection of its own and answers what it is handed, always yes.
fn answering(world: &Arc<World>, bic: &str) -> Result<Vec<mpsc::UnboundedSender<String>>, String> {
    let mut desks = Vec::new();
    for desk in 0..DESKS {
        let (questions, mut inbox) = mpsc::unbounded_channel::<String>();
        let (mut gateway, world, own) = (world.gateway(bic)?, world.clone(), Bic::parse(bic));
        let own = own.map_err(|refusal| refusal.to_string())?;
        tokio::spawn(async move {
            let mut number = 0_u64;
            while let Some(xml) = inbox.recv().await {
                number += 1;
                let message_id = format!("{}-{desk}-{number}", &own.as_str()[..4]);
                let answer = match between(&xml, "<UETR>") {
                    Some(uetr) => Uetr::parse(uetr).and_then(|uetr| {
                        outbound::write_answer(&message_id, Clock::System.now(), uetr, "ACCC", None)
                    }),
                    None => confirm(&own, &message_id, &xml),
                };
                let told = match answer {
                    Ok(answer) => gateway.message(answer).await,
                    Err(refusal) => Err(refusal.to_string()),
                };
                if let Err(why) = told {
                    world.fail(why);
                }
            }
        });
        desks.push(questions);
    }
    Ok(desks)
}

/// Whose the account is: the agent's books say the name that its number says.
fn confirm(own: &Bic, message_id: &str, xml: &str) -> Result<String, Refusal> {
    let id = between(xml, "<Vrfctn><Id>").unwrap_or_default();
    let id = ResolutionId(u128::from_str_radix(id, 16).unwrap_or(0));
    let account = between(xml, "<Othr><Id>").unwrap_or_default();
    let number = account.rsplit('-').next().and_then(|digits| digits.parse().ok()).unwrap_or(0);
    let holder = name("Stroy", number);
    outbound::write_resolution_answer(message_id, Clock::System.now(), (own, HUB), id, Some(&holder), None)
}

/// One lane: cycle after cycle until the bench ends.
async fn cycles(world: Arc<World>, lane: usize) -> Result<(), String> {
    let (debtor, creditor) = (debtor(lane % BANKS), creditor(lane / BANKS % BANKS));
    let mut gateway = world.gateway(&debtor)?;
    let mut number = 0_u64;
    while !world.ends.load(Ordering::Relaxed) {
        number += 1;
        let start = Instant::now();
        match cycle(&world, &mut gateway, &creditor, (lane as u64) << 32 | number).await {
            Ok(()) if world.counts_now.load(Ordering::Relaxed) => {
                let micros = u64::try_from(start.elapsed().as_micros()).unwrap_or(u64::MAX);
                if let Ok(mut times) = world.times.lock() {
                    times.push(micros);
                }
            }
            Ok(()) => {}
            Err(why) => world.fail(why),
        }
    }
    Ok(())
}

impl World {
    fn fail(&self, why: String) {
        self.failed.fetch_add(1, Ordering::Relaxed);
        if let Ok(mut first) = self.first_failure.lock() {
            first.get_or_insert(why);
        }
    }
}

async fn cycle(world: &World, gateway: &mut Gateway, creditor: &str, number: u64) -> Result<(), String> {
    let told = |refusal: Refusal| refusal.to_string();
    let now = Clock::System.now();
    let digest = blake3::hash(&number.to_be_bytes());
    let random = u128::from_be_bytes(digest.as_bytes()[..16].try_into().unwrap_or([0; 16]));
    let party = |salt: u128| u64::try_from((random >> salt) % u128::from(PARTIES)).unwrap_or(0);
    let (payer, payee) = (party(0), party(40));
    let (own, creditor_agent) =
        (Bic::parse(&gateway.bic).map_err(told)?, Bic::parse(creditor).map_err(told)?);

    let minor = 10_000 + i128::try_from(random % 1_000_000).unwrap_or(0);
    let ask = AskQuotes {
        id: format!("{random:032x}"),
        from: "INR".into(),
        to: "RUB".into(),
        fixed: "target".into(),
        amount: Money::new(minor, Currency::RUB).amount().to_string(),
        creditor_agent: Some(creditor.to_owned()),
        charge_bearer: None,
        own_charge: None,
    };
    let body = serde_json::to_string(&ask).map_err(|error| error.to_string())?;
    let quotes = gateway.call("/v1/quotes", "application/json", body).await?;
    let quotes: Vec<Quote> = serde_json::from_slice(&quotes).map_err(|error| error.to_string())?;
    let quote = quotes.first().ok_or("no quotes")?;

    let (account, holder) = (format!("RU-{payee}"), name("Stroy", payee));
    let reference = format!("{number:016x}");
    let request = ResolutionRequest {
        by: own.clone(),
        message_id: format!("Q{reference}"),
        reference: reference.clone(),
        agent: Some(creditor_agent.clone()),
        account: Some(account.clone()),
        proxy: None,
        name: Some(holder.clone()),
    };
    let verified = world.expect(reference.clone());
    gateway.message(outbound::write_resolution(&request, now, HUB).map_err(told)?).await?;
    let verified = wait(verified, "acmt.024").await?;
    if !verified.contains("<Vrfctn>true</Vrfctn>") {
        return Err(format!("not verified: {verified}"));
    }

    let land = |code: &str| Country::parse(code).map_err(told);
    let payment = Instruction {
        uetr: Uetr::from_bits(random),
        message_id: format!("M{reference}"),
        end_to_end_id: format!("E{reference}"),
        priority: Priority::High,
        accepted_at: Clock::System.now(),
        source: Money::try_from(&quote.source).map_err(told)?,
        target: Money::try_from(&quote.target).map_err(told)?,
        quote: Some(QuoteId(u128::from_str_radix(&quote.id, 16).map_err(|error| error.to_string())?)),
        debtor: Party { name: name("Trading", payer), country: land("IN")?, lei: None, address: None },
        debtor_account: format!("IN-{payer}"),
        debtor_agent: own,
        creditor_agent,
        creditor: Party { name: holder, country: land("RU")?, lei: None, address: None },
        creditor_account: account,
        bearer: Bearer::Shared,
        charges: Vec::new(),
        intermediaries: Vec::new(),
        purpose: Some("GDDS".into()),
        document: Some(format!("invoice/{reference}")),
        remittance: format!("Invoice {reference} for machine parts"),
    };
    let confirmed = world.expect(payment.uetr.to_string());
    gateway.message(outbound::write_payment(&payment, payment.accepted_at).map_err(told)?).await?;
    let confirmed = wait(confirmed, "pacs.002").await?;
    if confirmed.contains("<TxSts>ACCC</TxSts>") { Ok(()) } else { Err(format!("not credited: {confirmed}")) }
}

async fn wait(letter: oneshot::Receiver<String>, what: &str) -> Result<String, String> {
    let waited = tokio::time::timeout(Duration::from_secs(25), letter).await;
    waited.map_err(|_| format!("no {what} came"))?.map_err(|_| format!("no {what} comes any more"))
}
