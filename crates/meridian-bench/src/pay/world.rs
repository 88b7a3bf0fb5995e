//! The hub, its participants and their connections, as the load generator sets them up.

use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use meridian_http::client::{Call, Client, Signer};
use meridian_http::signature::SigningKey;
use meridian_http::{Door, Limits, ListAge, Service, api, serve, tls};
use meridian_journal::{FileJournal, LogSettings};
use meridian_node::{Clock, Command, Desk, Node, NodeSettings};
use meridian_pay::{self as pay, LinkKey, Participant, RateCard, RateKey, Role};
use meridian_screening::{ListSet, Policy, import_csv};
use meridian_terms::{Bic, Country, Currency, Micros, Money, Ratio, Refusal, Window};
use tokio::sync::oneshot;

pub(crate) const BANKS: usize = 4;
/// Names on the watch list.
const LISTED: u32 = 20_000;
pub(crate) const HUB: &str = "XHUBRUMM";

/// What protects a connection.
#[derive(Clone, Copy)]
pub(crate) struct Variant {
    pub(crate) what: &'static str,
    pub(crate) signs: bool,
    pub(crate) tls: bool,
}

pub(crate) const PROVIDERS: [&str; 2] = ["XFXARUMM", "XFXBINBB"];

pub(crate) fn debtor(bank: usize) -> String {
    format!("XD{bank:02}INBB")
}

pub(crate) fn creditor(bank: usize) -> String {
    format!("XC{bank:02}RUMM")
}

fn key(bic: &str) -> Result<SigningKey, String> {
    SigningKey::from_seed(blake3::hash(bic.as_bytes()).as_bytes()).map_err(|refusal| refusal.to_string())
}

/// The hub, and what its participants share of the load generator.
pub(crate) struct World {
    pub(crate) node: Node,
    pub(crate) desk: Arc<Desk>,
    pub(crate) url: String,
    pub(crate) variant: Variant,
    pub(crate) client_tls: Option<Arc<rustls::ClientConfig>>,
    pub(crate) keys: BTreeMap<String, Arc<SigningKey>>,
    /// Lanes that wait for a letter, by the reference in it.
    pub(crate) waiting: Mutex<HashMap<String, oneshot::Sender<String>>>,
    pub(crate) counts_now: AtomicBool,
    pub(crate) ends: AtomicBool,
    pub(crate) requests: AtomicU64,
    pub(crate) letters: AtomicU64,
    pub(crate) failed: AtomicU64,
    pub(crate) first_failure: Mutex<Option<String>>,
    /// Microseconds of each cycle that ended while it counted.
    pub(crate) times: Mutex<Vec<u64>>,
}

impl World {
    pub(crate) async fn start(
        directory: &std::path::Path,
        variant: Variant,
        limits: Limits,
    ) -> Result<Self, String> {
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
            bureau: Arc::default(),
            screen: Arc::new(move |instruction| screening.clear(instruction, clock.now().day())),
            lists: Arc::new(move || vec![ListAge { name: "SYNTHETIC".into(), published: today }]),
            map: Arc::new(|_| String::new()),
            corridor: "Bench".into(),
            is_example: true,
            limits: Arc::new(limits),
            metrics: Arc::default(),
            keys: Arc::default(),
            oracles: Arc::default(),
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

    pub(crate) fn counts(&self) -> (u64, u64) {
        (self.requests.load(Ordering::Relaxed), self.letters.load(Ordering::Relaxed))
    }

    pub(crate) fn gateway(self: &Arc<Self>, bic: &str) -> Result<Gateway, String> {
        let key = self.keys.get(bic).filter(|_| self.variant.signs).cloned();
        let client = Client::new(&self.url, Signer { bic: bic.to_owned(), key }, self.client_tls.clone())?;
        Ok(Gateway { world: self.clone(), bic: bic.to_owned(), client })
    }

    /// A letter with this reference will be handed to whoever waits on the other end.
    pub(crate) fn expect(&self, reference: String) -> oneshot::Receiver<String> {
        let (hand, wait) = oneshot::channel();
        if let Ok(mut waiting) = self.waiting.lock() {
            waiting.insert(reference, hand);
        }
        wait
    }

    pub(crate) fn hand(&self, reference: &str, letter: String) {
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
pub(crate) struct Gateway {
    pub(crate) world: Arc<World>,
    pub(crate) bic: String,
    pub(crate) client: Client,
}

impl Gateway {
    pub(crate) async fn call(
        &mut self,
        path: &str,
        kind: &str,
        body: String,
    ) -> Result<axum::body::Bytes, String> {
        self.world.requests.fetch_add(1, Ordering::Relaxed);
        let call =
            Call { method: "POST", path, kind, headers: &[], idempotency_key: None, body: body.into() };
        match self.client.call(&call, Clock::System.now()).await? {
            (200, answer) => Ok(answer),
            (status, answer) => Err(format!("{path}: {status} {}", String::from_utf8_lossy(&answer))),
        }
    }

    pub(crate) async fn message(&mut self, xml: String) -> Result<(), String> {
        self.call("/v1/messages", "application/xml", xml).await.map(|_| ())
    }
}

impl World {
    pub(crate) fn fail(&self, why: String) {
        self.failed.fetch_add(1, Ordering::Relaxed);
        if let Ok(mut first) = self.first_failure.lock() {
            first.get_or_insert(why);
        }
    }
}
