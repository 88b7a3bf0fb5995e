//! A node on a file journal, the switch, and two national switches: ALPHA acquires and calls the hub, BETA issues and is
//! called.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

use meridian_cards::*;
use meridian_iso8583::{Dialect, Framing};
use meridian_journal::{FileJournal, LogSettings};
use meridian_node::{Clock, Node, NodeSettings};
use meridian_switch::national::{Fields, National, Sale};
use meridian_switch::{Endpoint, LinkSettings, NoKeys, ResponseMap, Security, Switch, SwitchSettings};
use meridian_terms::{Country, Currency, Micros, Moment, Ratio, Window};

/// How long a test waits for what must come.
pub const LONG: Duration = Duration::from_secs(10);

/// How long the hub waits for an issuer.
pub const ANSWER: Duration = Duration::from_millis(300);

pub fn alpha() -> SchemeId {
    SchemeId::parse("ALPHA").unwrap()
}

pub fn beta() -> SchemeId {
    SchemeId::parse("BETA").unwrap()
}

/// Test cards of BETA: the first has no check digit to get right, its range has none.
pub const CARD: &str = "9999010000001234";
pub const OTHER_CARD: &str = "9999010000005678";

/// The hub's side, which can be stopped and started again on the same journal.
pub struct Hub {
    pub node: Node,
    writer: JoinHandle<Result<(), String>>,
    pub switch: Switch<Node>,
    pub address: SocketAddr,
}

pub struct Rig {
    pub directory: tempfile::TempDir,
    pub hub: Option<Hub>,
    pub alpha: National,
    pub beta: National,
    pub log: Arc<Mutex<Vec<String>>>,
    pub security: Arc<dyn Security>,
    stan: u32,
}

pub fn now() -> Moment {
    Clock::System.now()
}

fn dialects() -> (&'static Dialect, &'static Dialect) {
    (Dialect::built_in("iso87ascii").unwrap(), Dialect::built_in("iso87binary").unwrap())
}

/// BETA writes its declines in words of its own.
fn responses() -> ResponseMap {
    ResponseMap::new([("51", "N1"), ("55", "N2")]).unwrap()
}

impl Rig {
    pub async fn new() -> Self {
        Self::with(Arc::new(NoKeys), Arc::new(NoKeys), Arc::new(NoKeys)).await
    }

    pub async fn with(hub: Arc<dyn Security>, a: Arc<dyn Security>, b: Arc<dyn Security>) -> Self {
        let (text, binary) = dialects();
        let alpha_side = National::new(LinkSettings::new(alpha(), text, Framing::Ascii4), "12345", a);
        let beta_side = National::new(LinkSettings::new(beta(), binary, Framing::Binary2), "67890", b);
        let mut rig = Self {
            directory: tempfile::tempdir().unwrap(),
            hub: None,
            alpha: alpha_side,
            beta: beta_side.listen().await.unwrap(),
            log: Arc::default(),
            security: hub,
            stan: 0,
        };
        rig.start(true).await;
        rig
    }

    /// Starts node and switch on the journal; the first time with the corridor's rules.
    pub async fn start(&mut self, is_first: bool) {
        let (node, writer) = open(self.directory.path());
        if is_first {
            for command in rules() {
                node.ask("operator", meridian_node::Command::Card(command)).await.unwrap();
            }
        }
        let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let log = self.log.clone();
        let settings = SwitchSettings {
            institution: "999001".into(),
            tokeniser: Tokeniser::new([5; 32]),
            security: self.security.clone(),
            log: Arc::new(move |line: &str| log.lock().unwrap().push(line.to_owned())),
        };
        let (text, binary) = dialects();
        let quick = |scheme, dialect, framing| LinkSettings {
            repeat_after: Duration::from_millis(150),
            call_again_after: Duration::from_millis(30),
            ..LinkSettings::new(scheme, dialect, framing)
        };
        let to_beta = LinkSettings {
            signs_on: true,
            responses: responses(),
            ..quick(beta(), binary, Framing::Binary2)
        };
        let links = vec![
            (quick(alpha(), text, Framing::Ascii4), Endpoint::Listen(listener)),
            (to_beta, Endpoint::Call(self.beta.address().unwrap().to_string())),
        ];
        let switch = Switch::start(node.clone(), settings, links).await.unwrap();
        self.hub = Some(Hub { node, writer, switch, address });
        self.connect().await;
        self.until(|state| state.is_up(&alpha()) && state.is_up(&beta())).await;
    }

    /// ALPHA calls and signs on.
    pub async fn connect(&self) {
        self.alpha.call(self.hub().address).await.unwrap();
        for _ in 0..100 {
            if self.alpha.network("001", now(), Duration::from_millis(200)).await.as_deref() == Ok("00") {
                return;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("no sign-on");
    }

    /// Ends switch and node as a crash would: nothing more is written.
    pub async fn stop(&mut self) {
        let hub = self.hub.take().unwrap();
        hub.switch.stop().await;
        hub.node.stop();
        let writer = hub.writer;
        tokio::task::spawn_blocking(move || writer.join().unwrap().unwrap()).await.unwrap();
    }

    pub fn hub(&self) -> &Hub {
        self.hub.as_ref().unwrap()
    }

    /// A purchase in roubles with a trace number of its own.
    pub fn sale(&mut self, mti: &'static str, minor: u64) -> Sale {
        self.stan += 1;
        Sale {
            mti,
            stan: self.stan,
            account: CARD.into(),
            processing_code: "000000",
            minor,
            currency: Currency::RUB,
            category: "5411",
            pin_block: None,
            at: now(),
        }
    }

    /// ALPHA asks and hears the answer.
    pub async fn ask(&self, sale: &Sale) -> String {
        let answer = self.alpha.ask(self.alpha.message(sale), LONG).await.unwrap();
        answer.expect("an answer").response().to_owned()
    }

    pub async fn reverse(&self, sale: &Sale) -> String {
        let answer = self.alpha.ask(self.alpha.reversal(sale, false, None), LONG).await.unwrap();
        answer.expect("an answer").response().to_owned()
    }

    pub async fn read<R: Send + 'static>(&self, look: impl FnOnce(&State) -> R + Send + 'static) -> R {
        self.hub().node.read(move |hub| look(&hub.cards)).await.unwrap()
    }

    /// Waits until the book is so.
    pub async fn until(&self, is_so: impl Fn(&State) -> bool + Send + Sync + Clone + 'static) {
        for _ in 0..1_000 {
            let look = is_so.clone();
            if self.read(move |state| look(state)).await {
                return;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("it does not come so; the log: {:#?}", self.log.lock().unwrap());
    }

    /// Everything has ended and been acknowledged; the laws hold; each switch's totals are the hub's, and the positions'
    /// principal is their net. No card number is in journal or log.
    pub async fn is_right(&self) {
        self.until(|state| {
            let idle = |scheme: &SchemeId| state.queue(scheme).is_none_or(|queue| queue.waiting.is_empty());
            let asked = state.transactions().any(|(_, known)| matches!(known.stage, Stage::Asked { .. }));
            idle(&alpha()) && idle(&beta()) && !asked
        })
        .await;
        self.hub().node.read(|hub| hub.check()).await.unwrap().unwrap();
        let acquirer = self.alpha.reconcile(Role::Acquirer, now(), LONG).await.unwrap();
        let issuer = self.beta.reconcile(Role::Issuer, now(), LONG).await.unwrap();
        self.read(|state| {
            for (key, compared) in state.reconciliations() {
                assert_eq!(compared.ours, compared.theirs, "{key:?}");
            }
            let principal = |name: &str| -> i128 {
                let of = state.activity().filter(|((whose, ..), _)| whose == name);
                of.map(|(_, activity)| activity.principal).sum()
            };
            let net = |scheme: &SchemeId, role| -> i128 {
                let of =
                    state.all_totals().filter(|((whose, as_role, _), _)| whose == scheme && *as_role == role);
                of.map(|(_, totals)| totals.net()).sum()
            };
            assert_eq!(net(&alpha(), Role::Acquirer), principal("ALPHA"));
            assert_eq!(net(&beta(), Role::Issuer), -principal("BETA"));
        })
        .await;
        assert_eq!((acquirer.get(66), issuer.get(66)), ("1", "1"), "{acquirer:?} {issuer:?}");
        self.holds_no_card_number();
    }

    pub fn holds_no_card_number(&self) {
        let log = self.log.lock().unwrap().join("\n");
        let mut files = Vec::new();
        collect(self.directory.path(), &mut files);
        assert!(files.iter().map(Vec::len).sum::<usize>() > 1_000);
        for number in [CARD, OTHER_CARD] {
            assert!(!log.contains(number));
            assert!(
                files.iter().all(|bytes| !bytes.windows(number.len()).any(|part| part == number.as_bytes()))
            );
        }
    }

    pub async fn stage(&self, sale: &Sale) -> &'static str {
        let stan = sale.stan;
        self.read(move |state| {
            let is_it =
                |known: &Transaction| known.request.as_ref().is_some_and(|request| request.key.stan == stan);
            state
                .transactions()
                .find(|(_, known)| is_it(known))
                .map_or("none", |(_, known)| known.stage.word())
        })
        .await
    }
}

fn collect(directory: &Path, files: &mut Vec<Vec<u8>>) {
    for entry in std::fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, files);
        } else {
            files.push(std::fs::read(path).unwrap());
        }
    }
}

fn open(directory: &Path) -> (Node, JoinHandle<Result<(), String>>) {
    let journal = FileJournal::open(directory, LogSettings { segment_bytes: 1 << 20 }).unwrap();
    Node::start(Box::new(journal), Clock::System, NodeSettings::default()).unwrap()
}

/// Two schemes, an exchange between them, BETA's cards and links both ways.
fn rules() -> Vec<Command> {
    let forever = |from: &str| Window::new(Moment::parse(from).unwrap(), None).unwrap();
    let day = |text: &str| meridian_terms::Day::parse(text).unwrap();
    let micros = i64::try_from(ANSWER.as_micros()).unwrap();
    let mut commands = vec![Command::Configure(Settings { answer: Micros(micros), ..Settings::default() })];
    for (id, country, currency) in [(alpha(), "RU", Currency::RUB), (beta(), "IR", Currency::IRR)] {
        let scheme = Scheme {
            name: format!("Invented scheme {id}"),
            id,
            country: Country::parse(country).unwrap(),
            currency,
            institutions: BTreeSet::new(),
            is_suspended: false,
        };
        commands.push(Command::Admit { scheme: Box::new(scheme), most: 1_000_000_000_000_000 });
    }
    let currencies = vec![(Currency::RUB, 1_000_000_000_000), (Currency::IRR, 1_000_000_000_000_000)];
    commands.push(Command::AdmitProvider { provider: "EXCHANGE".into(), currencies });
    let rate = Rate {
        provider: "EXCHANGE".into(),
        rate: Ratio::parse_decimal("5123.457").unwrap(),
        valid: forever("2026-01-01T00:00:00Z"),
    };
    commands.push(Command::PublishRate(RateKey { from: Currency::RUB, to: Currency::IRR }, rate));
    let range = Range {
        prefix: "99990100".into(),
        scheme: beta(),
        institution: "999901".into(),
        valid: Window::new(day("2020-01-01"), None).unwrap(),
        lengths: (16, 16),
        check: CheckDigit::None,
        billing: Currency::IRR,
        stand_in: Some(StandIn {
            most: 100_000_000,
            most_a_day: 1_000_000_000,
            count_a_day: 10,
            ecommerce: true,
        }),
    };
    commands.push(Command::PutTable(Box::new(Table::new([range]).unwrap())));
    let key = LinkKey { acquirer: alpha(), issuer: beta() };
    commands.push(Command::ProposeLink {
        key: key.clone(),
        instrument: "Illustrative agreement".into(),
        in_force: Window::new(day("2020-01-01"), None).unwrap(),
        services: BTreeSet::from([Service::Pos, Service::Atm, Service::Ecommerce]),
        by: "first".into(),
    });
    commands.push(Command::ApproveLink { key: key.clone(), by: "second".into() });
    let rule =
        FeeRule { interchange_points: 80, acquirer_points: 10, issuer_points: 10, ..FeeRule::default() };
    commands.push(Command::SetFees(FeeKey { link: key, service: Service::Pos, kind: Kind::Purchase }, rule));
    commands
}

/// Field 39 of an answer that came.
pub fn said(answer: Result<Option<Fields>, String>) -> String {
    answer.unwrap().map_or_else(|| "silence".into(), |fields| fields.response().to_owned())
}
