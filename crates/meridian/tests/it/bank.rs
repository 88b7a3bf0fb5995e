//! A participant and a hub for tests: real process, real sockets, signed requests.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use http_body_util::{BodyExt, Full};
use hyper::body::Bytes;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use meridian_http::signature::{Covered, SigningKey, sign};
use meridian_pay::{Instruction, Priority, outbound};
use meridian_terms::{Bic, Country, Moment, Money, Party, Uetr};
use serde_json::Value;

/// The path of the binary.
pub const MERIDIAN: &str = env!("CARGO_BIN_EXE_meridian");

fn key(bic: &str) -> SigningKey {
    SigningKey::from_seed(blake3::hash(bic.as_bytes()).as_bytes()).unwrap()
}

pub fn now() -> Moment {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    Moment::from_micros(i64::try_from(since.as_micros()).unwrap())
}

/// A corridor of two Russian banks, an Indian one, a provider and a settlement agent.
pub struct Corridor {
    pub directory: tempfile::TempDir,
    pub url: String,
}

const PARTICIPANTS: [(&str, &str, &str, &str); 5] = [
    ("XONERUMM", "RU", "bank", "\"RUB 0.00\""),
    ("XTWORUMM", "RU", "bank", "\"RUB 0.00\""),
    ("XINDINBB", "IN", "bank", "\"INR 0.00\""),
    ("XFXPRUMM", "RU", "fx-provider", "\"RUB 0.00\", \"INR 0.00\""),
    ("XAGTRUMM", "RU", "settlement-agent", ""),
];

impl Corridor {
    pub fn new() -> Self {
        let corridor = Self::unlinked("list.csv", 30);
        let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
        let signs = |person: &str| hex(&key(person).sign(b"meridian link\nIN-RU\nAgreement 1\n-\n-\n"));
        let mut file = format!(
            "[[link]]\ncountries = [\"IN\", \"RU\"]\ninstrument = \"Agreement 1\"\nopened_by = [\"Amina\", \"Boris\"]\n\
             signatures = [\"{}\", \"{}\"]\n",
            signs("Amina"),
            signs("Boris")
        );
        for person in ["Amina", "Boris"] {
            file.push_str(&format!(
                "[[person]]\nname = \"{person}\"\nkey = \"{}\"\n",
                hex(&key(person).public())
            ));
        }
        corridor.write(&file);
        corridor
    }

    /// The same without links and people, under a list of this name that may be so old.
    pub fn unlinked(list: &str, oldest_list_days: u32) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let mut file = format!(
            "name = \"Test\"\nhub = \"XHUBRUMM\"\nlists = [\"{list}\"]\ndata = \"data\"\nlisten = \"127.0.0.1:{port}\"\n\
             oldest_list_days = {oldest_list_days}\n"
        );
        for (bic, country, role, cover) in PARTICIPANTS {
            let public = blake3::Hash::from(key(bic).public()).to_hex();
            file.push_str(&format!(
                "[[participant]]\nbic = \"{bic}\"\nname = \"Institution {bic}\"\ncountry = \"{country}\"\nrole = \"{role}\"\n\
                 key = \"{public}\"\ncover = [{cover}]\n"
            ));
        }
        std::fs::write(directory.path().join("corridor.toml"), file).unwrap();
        std::fs::write(
            directory.path().join("list.csv"),
            "id,kind,name,aliases\nL-1,person,Somebody Listed,\n",
        )
        .unwrap();
        Self { directory, url: format!("http://127.0.0.1:{port}") }
    }

    /// Adds to the corridor's file.
    pub fn write(&self, more: &str) {
        let path = self.directory.path().join("corridor.toml");
        let file = std::fs::read_to_string(&path).unwrap() + more;
        std::fs::write(path, file).unwrap();
    }

    pub fn data(&self) -> PathBuf {
        self.directory.path().join("data")
    }

    /// Starts the hub and waits until it answers.
    pub fn serve(&self) -> Hub {
        let child = Command::new(MERIDIAN)
            .args(["serve", "--config"])
            .arg(self.directory.path().join("corridor.toml"))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let address = self.url.trim_start_matches("http://");
        let patience = Instant::now() + Duration::from_secs(30);
        while std::net::TcpStream::connect(address).is_err() {
            assert!(Instant::now() < patience, "the hub does not answer");
            std::thread::sleep(Duration::from_millis(5));
        }
        Hub(child)
    }
}

/// A running hub; it is killed when it is dropped.
pub struct Hub(Child);

impl Hub {
    /// kill -9.
    pub fn kill(mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}

impl Drop for Hub {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

/// Runs the binary to its end: exit code, what it printed, what it complained.
pub fn run(arguments: &[&str], directory: &Path, input: &str) -> (i32, String, String) {
    let mut child = Command::new(MERIDIAN)
        .args(arguments)
        .current_dir(directory)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    let done = child.wait_with_output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (done.status.code().unwrap_or(-1), text(done.stdout), text(done.stderr))
}

/// A participant that signs what it says.
#[derive(Clone)]
pub struct Bank {
    bic: String,
    url: String,
    client: Client<HttpConnector, Full<Bytes>>,
}

impl Bank {
    pub fn new(bic: &str, url: &str) -> Self {
        let client = Client::builder(TokioExecutor::new()).build_http();
        Self { bic: bic.to_owned(), url: url.to_owned(), client }
    }

    /// Status and JSON, or `None` when the connection broke before an answer.
    pub async fn call(&self, method: &str, path: &str, body: Vec<u8>) -> Option<(u16, Value)> {
        let target = format!("{}{path}", self.url);
        let covered = Covered { method, target_uri: &target, body: &body, idempotency_key: None };
        let signed = sign(&key(&self.bic), &self.bic, &covered, now());
        let request = hyper::Request::builder()
            .method(method)
            .uri(&target)
            .header("content-digest", signed.content_digest)
            .header("signature-input", signed.signature_input)
            .header("signature", signed.signature)
            .body(Full::new(Bytes::from(body)))
            .unwrap();
        let response = self.client.request(request).await.ok()?;
        let status = response.status().as_u16();
        let bytes = response.into_body().collect().await.ok()?.to_bytes();
        Some((status, serde_json::from_slice(&bytes).unwrap_or(Value::Null)))
    }

    pub async fn json(&self, method: &str, path: &str, body: Value) -> Option<(u16, Value)> {
        self.call(method, path, body.to_string().into_bytes()).await
    }

    /// A payment of roubles to another bank.
    pub async fn pay(&self, uetr: Uetr, to: &str, amount: Money) -> Option<(u16, Value)> {
        self.pay_to(uetr, to, amount, Priority::High, "Payee", 0).await
    }

    /// The same to somebody of this name; the attempt is part of the message's id.
    pub async fn pay_to(
        &self,
        uetr: Uetr,
        to: &str,
        amount: Money,
        priority: Priority,
        payee: &str,
        attempt: u8,
    ) -> Option<(u16, Value)> {
        let party = |name: &str| Party {
            name: name.to_owned(),
            country: Country::parse("RU").unwrap(),
            lei: None,
            address: None,
        };
        let instruction = Instruction {
            uetr,
            message_id: format!("M{attempt}{:032x}", uetr.bits()),
            end_to_end_id: "E2E".into(),
            priority,
            accepted_at: now(),
            source: amount,
            target: amount,
            quote: None,
            debtor: party("Payer"),
            debtor_account: "A-1".into(),
            debtor_agent: Bic::parse(&self.bic).unwrap(),
            creditor_agent: Bic::parse(to).unwrap(),
            creditor: party(payee),
            creditor_account: "B-1".into(),
            bearer: meridian_pay::Bearer::Shared,
            charges: Vec::new(),
            intermediaries: Vec::new(),
            purpose: None,
            document: None,
            remittance: String::new(),
        };
        let xml = outbound::write_payment(&instruction, now()).unwrap();
        self.call("POST", "/v1/messages", xml.into_bytes()).await
    }

    /// Accepts a payment.
    pub async fn accept(&self, uetr: Uetr) -> Option<(u16, Value)> {
        let xml =
            outbound::write_answer(&format!("A{:032x}", uetr.bits()), now(), uetr, "ACCC", None).unwrap();
        self.call("POST", "/v1/messages", xml.into_bytes()).await
    }
}
