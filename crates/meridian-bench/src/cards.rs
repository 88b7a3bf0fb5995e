//! Cards: whole authorisations through the switch, both national switches on the same machine, every event synced to disk
//! before anybody is answered.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

use meridian_cards::{
    CheckDigit, Command, Flow, Key, Kind, LinkKey, Range, Rate, RateKey, Request, Response, Role, Scheme,
    SchemeId, Service, Table, Tokeniser,
};
use meridian_iso8583::{Dialect, Framing};
use meridian_journal::{FileJournal, LogSettings};
use meridian_node::{Clock, Node, NodeSettings};
use meridian_switch::national::{National, Sale};
use meridian_switch::{Endpoint, LinkSettings, NoKeys, Switch, SwitchSettings};
use meridian_terms::{Country, Currency, Day, Moment, Money, Ratio, Refusal, Window};

use crate::{Figure, Setting, median};

const ROUNDS: u32 = 3;
const SALES: u32 = 20_000;
const AT_ONCE: u32 = 512;
const CARD: &str = "9999010000001234";
const WAIT: Duration = Duration::from_secs(30);

pub(crate) fn run(setting: &Setting) -> Result<Vec<Figure>, String> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| error.to_string())?;
    let (mut whole, mut alone) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        whole.push(runtime.block_on(through_the_switch(setting))?);
        alone.push(runtime.block_on(through_the_node(setting))?);
    }
    Ok(vec![
        Figure::new(
            "0200 to 0210 across two national switches over TCP, two currencies, synced before each answer; 512 at once",
            median(whole),
            "authorisations/s",
        )
        .beside("the node alone: the same two commands each, without sockets and messages", median(alone))
        .beside("the floor that was promised", 5_000.0),
    ])
}

fn node(setting: &Setting) -> Result<(tempfile::TempDir, Node, Stop), String> {
    let directory = tempfile::tempdir_in(&setting.scratch).map_err(|error| error.to_string())?;
    let journal = FileJournal::open(directory.path(), LogSettings { segment_bytes: 64 << 20 })
        .map_err(|error| error.to_string())?;
    let settings = NodeSettings { snapshot_every: 0, ..NodeSettings::default() };
    let (node, writer) =
        Node::start(Box::new(journal), Clock::System, settings).map_err(|error| error.to_string())?;
    Ok((directory, node.clone(), Stop { node, writer: Some(writer) }))
}

/// Ends the node with the round.
struct Stop {
    node: Node,
    writer: Option<std::thread::JoinHandle<Result<(), String>>>,
}

impl Drop for Stop {
    fn drop(&mut self) {
        self.node.stop();
        if let Some(writer) = self.writer.take() {
            drop(writer.join());
        }
    }
}

async fn through_the_switch(setting: &Setting) -> Result<f64, String> {
    let (_directory, node, _stop) = node(setting)?;
    set_up(&node).await?;
    let (a, b) = schemes().map_err(|refusal| refusal.to_string())?;
    let dialect = Dialect::built_in("iso87binary").ok_or("no dialect iso87binary")?;
    let link = |scheme: &SchemeId| LinkSettings::new(scheme.clone(), dialect, Framing::Binary2);
    let issuer =
        National::new(link(&b), "67890", Arc::new(NoKeys)).listen().await.map_err(|e| e.to_string())?;
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.map_err(|e| e.to_string())?;
    let hub = listener.local_addr().map_err(|error| error.to_string())?;
    let settings = SwitchSettings {
        institution: "999001".into(),
        tokeniser: Tokeniser::new([5; 32]),
        security: Arc::new(NoKeys),
        log: Arc::new(|_| {}),
    };
    let address = issuer.address().ok_or("no address")?.to_string();
    let links = vec![
        (link(&a), Endpoint::Listen(listener)),
        (LinkSettings { signs_on: true, ..link(&b) }, Endpoint::Call(address)),
    ];
    let switch = Switch::start(node.clone(), settings, links).await.map_err(|error| error.to_string())?;
    let acquirer = Arc::new(National::new(link(&a), "12345", Arc::new(NoKeys)));
    acquirer.call(hub).await.map_err(|error| error.to_string())?;
    tokio::time::sleep(Duration::from_millis(200)).await;
    acquirer.network("001", Clock::System.now(), WAIT).await?;

    let start = Instant::now();
    let mut tasks = tokio::task::JoinSet::new();
    for worker in 0..AT_ONCE {
        let acquirer = acquirer.clone();
        tasks.spawn(async move {
            let mut approved = 0_u32;
            for stan in (worker..SALES).step_by(AT_ONCE as usize) {
                let sale = Sale {
                    mti: "0200",
                    stan,
                    account: CARD.into(),
                    processing_code: "000000",
                    minor: 10_000 + u64::from(stan),
                    currency: Currency::RUB,
                    category: "5411",
                    pin_block: None,
                    at: Clock::System.now(),
                };
                let answer = acquirer.ask(acquirer.message(&sale), WAIT).await;
                approved += u32::from(matches!(answer, Ok(Some(fields)) if fields.response() == "00"));
            }
            approved
        });
    }
    let mut approved = 0;
    while let Some(done) = tasks.join_next().await {
        approved += done.map_err(|error| error.to_string())?;
    }
    let seconds = start.elapsed().as_secs_f64();
    let day = Clock::System.now();
    let answer = acquirer.reconcile(Role::Acquirer, day, WAIT).await?;
    switch.stop().await;
    if approved != SALES || answer.get(66) != "1" {
        return Err(format!("{approved} of {SALES} were approved, totals {}", answer.get(66)));
    }
    Ok(f64::from(SALES) / seconds)
}

async fn through_the_node(setting: &Setting) -> Result<f64, String> {
    let (_directory, node, _stop) = node(setting)?;
    set_up(&node).await?;
    let (a, b) = schemes().map_err(|refusal| refusal.to_string())?;
    ask(&node, Command::SetSession { scheme: b.clone(), is_up: true }).await?;
    let card = Tokeniser::new([5; 32]).card(CARD).ok_or("no card")?;
    let (route, table) = node
        .read(|hub| {
            let (table, version) = hub.cards.table();
            let day = Clock::System.now().day();
            (table.route(CARD, day).map(|range| (range.scheme.clone(), range.key())), version)
        })
        .await
        .map_err(|error| error.to_string())?;
    let start = Instant::now();
    let mut tasks = tokio::task::JoinSet::new();
    for worker in 0..AT_ONCE {
        let (node, a, b, route) = (node.clone(), a.clone(), b.clone(), route.clone());
        tasks.spawn(async move {
            for stan in (worker..SALES).step_by(AT_ONCE as usize) {
                let request = Request {
                    key: Key {
                        sent: "1124093000".into(),
                        stan,
                        institution: "12345".into(),
                        rrn: format!("112409{stan:06}"),
                        terminal: "TERM0001".into(),
                    },
                    flow: Flow::Single,
                    kind: Kind::Purchase,
                    service: Service::Pos,
                    card,
                    amount: Money::new(10_000 + i128::from(stan), Currency::RUB),
                    has_pin: false,
                    processing_code: "000000".into(),
                    local_time: "123000".into(),
                    local_date: "1124".into(),
                    category: "5411".into(),
                    entry_mode: "051".into(),
                    condition: "00".into(),
                    acceptor: "INVENTED SHOP 1".into(),
                    acceptor_name: "Invented shop".into(),
                };
                let id = request.key.id();
                let (request, route) = (Box::new(request), route.clone());
                ask(&node, Command::Ask { from: a.clone(), request, route, table }).await?;
                let (response, approval) = (Response::APPROVED, "000001".to_owned());
                ask(&node, Command::Answer { from: b.clone(), id, response, approval }).await?;
            }
            Ok::<(), String>(())
        });
    }
    while let Some(done) = tasks.join_next().await {
        done.map_err(|error| error.to_string())??;
    }
    Ok(f64::from(SALES) / start.elapsed().as_secs_f64())
}

fn schemes() -> Result<(SchemeId, SchemeId), Refusal> {
    Ok((SchemeId::parse("ALPHA")?, SchemeId::parse("BETA")?))
}

async fn ask(node: &Node, command: Command) -> Result<(), String> {
    let asked = node.ask("bench", meridian_node::Command::Card(command)).await;
    asked.map(|_| ()).map_err(|error| error.to_string())
}

async fn set_up(node: &Node) -> Result<(), String> {
    for command in commands().map_err(|refusal| refusal.to_string())? {
        ask(node, command).await?;
    }
    Ok(())
}

fn commands() -> Result<Vec<Command>, Refusal> {
    let (a, b) = schemes()?;
    let most = 1_000_000_000_000_000;
    let mut commands = Vec::new();
    for (id, country, currency) in [(&a, "RU", Currency::RUB), (&b, "IR", Currency::IRR)] {
        let scheme = Scheme {
            id: id.clone(),
            name: format!("Invented scheme {id}"),
            country: Country::parse(country)?,
            currency,
            institutions: BTreeSet::new(),
            is_suspended: false,
        };
        commands.push(Command::Admit { scheme: Box::new(scheme), most });
    }
    let currencies = vec![(Currency::RUB, most), (Currency::IRR, most)];
    commands.push(Command::AdmitProvider { provider: "EXCHANGE".into(), currencies });
    let valid = Window::new(Moment::parse("2020-01-01T00:00:00Z")?, None)?;
    let rate = Rate { provider: "EXCHANGE".into(), rate: Ratio::parse_decimal("5123.457")?, valid };
    commands.push(Command::PublishRate(RateKey { from: Currency::RUB, to: Currency::IRR }, rate));
    let always = Window::new(Day::parse("2020-01-01")?, None)?;
    let range = Range {
        prefix: "99990100".into(),
        scheme: b.clone(),
        institution: "999901".into(),
        valid: always,
        lengths: (16, 16),
        check: CheckDigit::None,
        billing: Currency::IRR,
        stand_in: None,
    };
    commands.push(Command::PutTable(Box::new(Table::new([range])?)));
    let key = LinkKey { acquirer: a, issuer: b };
    commands.push(Command::ProposeLink {
        key: key.clone(),
        instrument: "Illustrative agreement".into(),
        in_force: always,
        services: BTreeSet::from([Service::Pos]),
        by: "first".into(),
    });
    commands.push(Command::ApproveLink { key: key.clone(), by: "second".into() });
    let rule = meridian_cards::FeeRule {
        interchange_points: 80,
        acquirer_points: 10,
        issuer_points: 10,
        ..meridian_cards::FeeRule::default()
    };
    let fees = meridian_cards::FeeKey { link: key, service: Service::Pos, kind: Kind::Purchase };
    commands.push(Command::SetFees(fees, rule));
    Ok(commands)
}
