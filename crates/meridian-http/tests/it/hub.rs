//! A hub with two banks in one country, over a real socket.

use std::sync::Arc;

use meridian_http::client::{Call, Client, Signer};
use meridian_http::signature::SigningKey;
use meridian_http::{Door, Limits, ListAge, Service, serve};
use meridian_journal::{FileJournal, Journal, LogSettings};
use meridian_node::{Clock, Command, Node, NodeSettings};
use meridian_pay::{
    self as pay, Bearer, Clearance, Instruction, Participant, Priority, Role, Verdict, outbound,
};
use meridian_terms::*;
use serde_json::Value;

pub const ONE: &str = "XONERUMM";
pub const TWO: &str = "XTWORUMM";
pub const AGENT: &str = "XAGTRUMM";

/// The digest of the list in force.
const LIST: [u8; 32] = [7; 32];

pub struct Hub {
    pub service: Service,
    pub address: std::net::SocketAddr,
    pub task: tokio::task::JoinHandle<()>,
}

pub fn key(bic: &str) -> Arc<SigningKey> {
    Arc::new(SigningKey::from_seed(blake3::hash(bic.as_bytes()).as_bytes()).unwrap())
}

pub fn journal(directory: &std::path::Path) -> Box<dyn Journal> {
    Box::new(FileJournal::open(directory, LogSettings { segment_bytes: 4 * 1024 * 1024 }).unwrap())
}

/// Starts a hub; the first time on a journal it admits everybody and funds the first bank.
pub async fn start(journal: Box<dyn Journal>, change: impl FnOnce(&mut Service, &mut Door)) -> Hub {
    let (node, _) = Node::start(journal, Clock::System, NodeSettings::default()).unwrap();
    let is_new = node.read(|hub| hub.events == 0).await.unwrap();
    if is_new {
        for (bic, role) in [(ONE, Role::Bank), (TWO, Role::Bank), (AGENT, Role::SettlementAgent)] {
            let participant = Participant {
                bic: Bic::parse(bic).unwrap(),
                name: bic.into(),
                country: Country::parse("RU").unwrap(),
                role,
                key: key(bic).public(),
                is_suspended: false,
            };
            let currencies = if role == Role::Bank { vec![Currency::RUB] } else { Vec::new() };
            ask(&node, pay::Command::Admit { participant, currencies }).await;
        }
        ask(&node, pay::Command::PutListInForce(LIST)).await;
        let amount = Money::parse("1000.00", Currency::RUB).unwrap();
        ask(&node, pay::Command::Fund { participant: Bic::parse(ONE).unwrap(), amount, reference: 1 }).await;
    }
    serving(node, change).await
}

/// Serves a node, whatever it does.
pub async fn serving(node: Node, change: impl FnOnce(&mut Service, &mut Door)) -> Hub {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let mut service = Service {
        statistics: meridian_http::statistics::Sources::default(),
        door: None,
        node,
        hub: "XHUBRUMM".into(),
        public_url: format!("http://{address}"),
        screen: Arc::new(move |_| Clearance { list: LIST, verdict: Verdict::Clear }.into()),
        bureau: Arc::default(),
        lists: Arc::new(|| {
            vec![ListAge { name: "TEST".into(), published: Day::parse("2026-03-01").unwrap() }]
        }),
        map: Arc::new(|_| String::new()),
        oracles: Arc::default(),
        corridor: "Test".into(),
        is_example: false,
        limits: Arc::new(Limits::new(0)),
        metrics: Arc::default(),
        keys: Arc::default(),
        checks_signatures: true,
    };
    let mut door = Door::default();
    change(&mut service, &mut door);
    if door.tls.is_some() {
        service.public_url = format!("https://localhost:{}", address.port());
    }
    let router = meridian_http::router(service.clone());
    let task =
        tokio::spawn(async move { serve(listener, router, door, std::future::pending()).await.unwrap() });
    Hub { service, address, task }
}

async fn ask(node: &Node, command: pay::Command) {
    node.ask("operator", Command::Pay(command)).await.unwrap();
}

pub fn now() -> Moment {
    Clock::System.now()
}

impl Hub {
    pub fn client(&self, bic: &str) -> Client {
        let signer = Signer { bic: bic.into(), key: Some(key(bic)) };
        Client::new(&self.service.public_url, signer, None).unwrap()
    }

    pub async fn call(&self, bic: &str, method: &str, path: &str, body: &str) -> (u16, Value) {
        self.call_once(bic, method, path, body, None).await
    }

    pub async fn call_once(
        &self,
        bic: &str,
        method: &str,
        path: &str,
        body: &str,
        key: Option<&str>,
    ) -> (u16, Value) {
        let kind = if body.starts_with('<') { "application/xml" } else { "application/json" };
        let body = body.to_owned().into();
        let call = Call { method, path, kind, headers: &[], idempotency_key: key, body };
        let (status, answer) = self.client(bic).call(&call, now()).await.unwrap();
        (status, serde_json::from_slice(&answer).unwrap_or(Value::Null))
    }
}

/// A pacs.008 of the first bank to the second.
pub fn payment(number: u128, amount: &str) -> (Uetr, String) {
    let amount = Money::parse(amount, Currency::RUB).unwrap();
    let party = |name: &str| Party {
        name: name.into(),
        country: Country::parse("RU").unwrap(),
        lei: None,
        address: None,
    };
    let instruction = Instruction {
        uetr: Uetr::from_bits(number),
        message_id: format!("M-{number}"),
        end_to_end_id: format!("E-{number}"),
        priority: Priority::High,
        accepted_at: now(),
        source: amount,
        target: amount,
        quote: None,
        debtor: party("Payer"),
        debtor_account: "A".into(),
        debtor_agent: Bic::parse(ONE).unwrap(),
        creditor_agent: Bic::parse(TWO).unwrap(),
        creditor: party("Payee"),
        creditor_account: "B".into(),
        bearer: Bearer::Shared,
        charges: Vec::new(),
        intermediaries: Vec::new(),
        purpose: None,
        document: None,
        remittance: String::new(),
    };
    (instruction.uetr, outbound::write_payment(&instruction, now()).unwrap())
}
