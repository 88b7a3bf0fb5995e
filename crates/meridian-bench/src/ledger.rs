//! The ledger: applying alone, the synchronous log alone, PostgreSQL, and the real thing, in one run.
//!
//! The real thing is `meridian-batch` with its index of ids, its postings and its snapshots on, every answer after the
//! disk has it, and the client on the same processors. Figures are medians of five rounds, the kinds taken in turn.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::channel;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use meridian_batch::{Client, Ledger, Operation, Outcome, Reply, Server, Settings, write_transfer};
use meridian_journal::{Batch, FileJournal, Journal, LogSettings, Position};
use meridian_ledger::{
    Account, AccountId, Command, ENTRY_BYTES, Kind, NoPast, State, Transfer, TransferId, apply, decide,
    transact,
};
use meridian_terms::{Currency, Moment, Money};

use crate::postgres::Rival;
use crate::{Figure, Setting, median};

const ACCOUNTS: u32 = 10_000;
const BATCH: u32 = 8_190;
const BATCHES: u32 = 100;
const ROUNDS: u32 = 5;
const SMALL: u32 = 60_000;
const REPLAYED: u32 = 10_000_000;

const AGAINST_LIMIT: &str = "a limit: it keeps nothing else";
const AGAINST_POSTGRES: &str = "PostgreSQL also gives SQL over everything, replication, working sets beyond memory and \
decades of use; this ledger holds its accounts in memory and answers a few fixed questions";

pub(crate) fn run(setting: &Setting) -> Result<Vec<Figure>, String> {
    let idle = resident_when_idle(setting)?;
    let world = World::new();
    let rival = Rival::start(&setting.scratch);
    if let Err(why) = &rival {
        eprintln!("bench ledger: PostgreSQL is not measured: {why}");
    }
    let mut took = Took::default();
    for round in 0..ROUNDS {
        eprintln!("bench ledger: round {} of {ROUNDS}", round + 1);
        took.applied.push(world.apply_alone(&world.timely));
        took.logged.push(log_alone(setting)?);
        if let Ok(rival) = &rival {
            took.rows.push(rival.one_by_one(3)?);
            took.sets.push(rival.set_based(3)?);
        }
        let before = written()?;
        took.single.push(world.over_loopback(setting, &world.timely, 1)?);
        #[expect(clippy::cast_precision_loss, reason = "far below 2^52")]
        took.bytes.push((written()? - before) as f64 / f64::from(BATCH * BATCHES));
        took.ahead.push(world.over_loopback(setting, &world.timely, 4)?);
        took.two_phase.push(world.over_loopback(setting, &world.two_phase, 1)?);
        took.scattered.push(world.over_loopback(setting, &world.scattered, 1)?);
        took.small.push(world.small(setting)?);
        took.embedded.push(world.embedded(setting, &world.timely)?);
    }
    eprintln!("bench ledger: recovery");
    let recovery = world.recovery(setting)?;
    let mut figures = took.figures();
    figures.push(Figure::new("recovery of 10,000,000 transfers after the last snapshot", recovery, "s"));
    figures.push(Figure::new("resident memory, idle, 10,000 accounts", idle, "MB"));
    Ok(figures)
}

#[derive(Default)]
struct Took {
    applied: Vec<f64>,
    logged: Vec<f64>,
    rows: Vec<f64>,
    sets: Vec<f64>,
    single: Vec<f64>,
    ahead: Vec<f64>,
    two_phase: Vec<f64>,
    scattered: Vec<f64>,
    small: Vec<f64>,
    embedded: Vec<f64>,
    bytes: Vec<f64>,
}

impl Took {
    fn figures(self) -> Vec<Figure> {
        let (applied, logged) = (median(self.applied), median(self.logged));
        let limits = |figure: Figure| {
            figure.noted("apply alone", applied, AGAINST_LIMIT).noted(
                "the synchronous log alone, as many bytes",
                logged,
                AGAINST_LIMIT,
            )
        };
        let mut figures = vec![
            limits(Figure::new(
                "embedded: batches of 8,190, ids in order, 10,000 accounts",
                median(self.embedded),
                "transfers/s",
            )),
            limits(Figure::new(
                "loopback, one batch of 8,190 in flight, ids in order",
                median(self.single),
                "transfers/s",
            )),
            limits(Figure::new(
                "loopback, four batches of 8,190 in flight, ids in order",
                median(self.ahead),
                "transfers/s",
            )),
            limits(Figure::new(
                "loopback, one batch in flight, random ids",
                median(self.scattered),
                "transfers/s",
            )),
        ];
        let mut two_phase = limits(Figure::new(
            "loopback, reserve then post, two hot debit accounts, one batch in flight",
            median(self.two_phase),
            "events/s",
        ));
        let mut small = Figure::new(
            "loopback, requests of one transfer, 32 in flight",
            median(self.small),
            "transfers/s",
        );
        if !self.sets.is_empty() {
            let (sets, rows) = (median(self.sets), median(self.rows));
            two_phase = two_phase.noted("PostgreSQL, 500 a statement", sets, AGAINST_POSTGRES);
            two_phase = two_phase.noted("PostgreSQL, one by one, hot accounts", rows, AGAINST_POSTGRES);
            small = small.noted("PostgreSQL, one by one, hot accounts, 8 clients", rows, AGAINST_POSTGRES);
        }
        figures.extend([two_phase, small]);
        figures.push(Figure::new(
            "bytes written for a transfer: log, index, postings, snapshots",
            median(self.bytes),
            "bytes",
        ));
        figures
    }
}

/// Requests made before the clock starts.
struct World {
    accounts: Vec<Account>,
    ids: Vec<AccountId>,
    timely: Vec<Vec<u8>>,
    scattered: Vec<Vec<u8>>,
    two_phase: Vec<Vec<u8>>,
}

impl World {
    fn new() -> Self {
        let accounts: Vec<Account> = (0..ACCOUNTS)
            .map(|number| Account::open(&format!("BANK{number:06}"), Currency::RUB, Kind::SettlementAgent))
            .collect();
        let ids = accounts.iter().map(|account| account.id).collect();
        let mut world =
            Self { accounts, ids, timely: Vec::new(), scattered: Vec::new(), two_phase: Vec::new() };
        world.timely = (0..BATCHES).map(|batch| world.singles(batch, timely)).collect();
        world.scattered = (0..BATCHES).map(|batch| world.singles(batch, scattered)).collect();
        world.two_phase = (0..BATCHES / 2).flat_map(|batch| world.reserve_and_post(batch)).collect();
        world
    }

    fn single(&self, number: u32, id: u128) -> Transfer {
        let place = |number: u32| (number.wrapping_mul(2_654_435_761) % ACCOUNTS) as usize;
        let (debit, mut credit) = (place(number), place(number.wrapping_add(7_919)));
        if debit == credit {
            credit = (credit + 1) % ACCOUNTS as usize;
        }
        let amount = Money::new(i128::from(number % 1_000) + 1, Currency::RUB);
        Transfer::post(TransferId(id), self.ids[debit], self.ids[credit], amount)
    }

    fn singles(&self, batch: u32, id: fn(u32) -> u128) -> Vec<u8> {
        let numbers = batch * BATCH..(batch + 1) * BATCH;
        as_body(numbers.map(|number| self.single(number, id(number))))
    }

    fn reserve_and_post(&self, batch: u32) -> [Vec<u8>; 2] {
        let reserved: Vec<Transfer> = (batch * BATCH..(batch + 1) * BATCH)
            .map(|number| {
                let payee = self.ids[2 + (number.wrapping_mul(2_654_435_761) % (ACCOUNTS - 2)) as usize];
                let (id, amount) =
                    (timely(2 * number), Money::new(i128::from(number % 100) + 1, Currency::RUB));
                Transfer::pend(TransferId(id), self.ids[(number % 2) as usize], payee, amount, None)
            })
            .collect();
        let posted = reserved.iter().zip(batch * BATCH..).map(|(reserved, number)| {
            Transfer::post_pending(TransferId(timely(2 * number + 1)), reserved, reserved.amount)
        });
        let posted = as_body(posted);
        [as_body(reserved.into_iter()), posted]
    }

    fn apply_alone(&self, work: &[Vec<u8>]) -> f64 {
        let mut state = State::default();
        let opened = decide(&state, &Command::Open(self.accounts.clone()), Moment::EPOCH);
        apply(&mut state, &opened.unwrap_or_else(|refusal| panic!("{refusal}")));
        let batches: Vec<Vec<Transfer>> = work
            .iter()
            .map(|body| {
                body.chunks(128).map(|bytes| meridian_batch::parse_transfer(bytes)).flatten().collect()
            })
            .collect();
        let start = Instant::now();
        for batch in &batches {
            transact(&mut state, &NoPast, batch, Moment::EPOCH, |_, told| {
                std::hint::black_box(told);
            });
        }
        f64::from(BATCH * BATCHES) / start.elapsed().as_secs_f64()
    }

    fn ledger(&self, directory: &Path, snapshot_every: u64) -> Result<Ledger, String> {
        let mut settings = Settings::new(now);
        settings.snapshot_every = snapshot_every;
        let ledger = Ledger::open(directory, &settings).map_err(|error| error.to_string())?;
        let opened = ledger.open_accounts(self.accounts.clone()).map_err(|error| error.to_string())?;
        opened.map_err(|refusal| refusal.to_string())?;
        Ok(ledger)
    }

    fn over_loopback(&self, setting: &Setting, work: &[Vec<u8>], in_flight: usize) -> Result<f64, String> {
        let directory = scratch(setting)?;
        let server = serve(self.ledger(directory.path(), 400_000)?)?;
        let mut client = connect(server.address())?;
        let start = Instant::now();
        let mut waiting = 0;
        for body in work {
            if waiting == in_flight {
                all_done(&mut client)?;
                waiting -= 1;
            }
            client.send(Operation::Transfer, body).map_err(|error| error.to_string())?;
            waiting += 1;
        }
        for _ in 0..waiting {
            all_done(&mut client)?;
        }
        Ok(f64::from(BATCH * BATCHES) / start.elapsed().as_secs_f64())
    }

    fn small(&self, setting: &Setting) -> Result<f64, String> {
        let directory = scratch(setting)?;
        let server = serve(self.ledger(directory.path(), 400_000)?)?;
        let mut client = connect(server.address())?;
        let bodies: Vec<Vec<u8>> =
            (0..SMALL).map(|number| as_body(std::iter::once(self.single(number, timely(number))))).collect();
        let start = Instant::now();
        for (number, body) in bodies.iter().enumerate() {
            if number >= 32 {
                all_done(&mut client)?;
            }
            client.send(Operation::Transfer, body).map_err(|error| error.to_string())?;
        }
        for _ in 0..32 {
            all_done(&mut client)?;
        }
        Ok(f64::from(SMALL) / start.elapsed().as_secs_f64())
    }

    fn embedded(&self, setting: &Setting, work: &[Vec<u8>]) -> Result<f64, String> {
        let directory = scratch(setting)?;
        let ledger = self.ledger(directory.path(), 400_000)?;
        let bodies = work.to_vec();
        let (told, heard) = channel();
        let start = Instant::now();
        for (number, body) in bodies.into_iter().enumerate() {
            if number >= 8 {
                done(&heard.recv().map_err(|error| error.to_string())?)?;
            }
            let told = told.clone();
            let asked = ledger.submit(body, move |reply| drop(told.send(reply)));
            asked.map_err(|error| error.to_string())?;
        }
        for _ in 0..8 {
            done(&heard.recv().map_err(|error| error.to_string())?)?;
        }
        Ok(f64::from(BATCH * BATCHES) / start.elapsed().as_secs_f64())
    }

    fn recovery(&self, setting: &Setting) -> Result<f64, String> {
        let directory = scratch(setting)?;
        let ledger = self.ledger(directory.path(), 0)?;
        let (told, heard) = channel();
        for batch in 0..REPLAYED / BATCH + 1 {
            if batch >= 4 {
                done(&heard.recv().map_err(|error| error.to_string())?)?;
            }
            let told = told.clone();
            let asked = ledger.submit(self.singles(batch, timely), move |reply| drop(told.send(reply)));
            asked.map_err(|error| error.to_string())?;
        }
        ledger.close().map_err(|error| error.to_string())?;
        let start = Instant::now();
        let ledger =
            Ledger::open(directory.path(), &Settings::new(now)).map_err(|error| error.to_string())?;
        let entries = ledger.look(State::entries).map_err(|error| error.to_string())?;
        let took = start.elapsed().as_secs_f64();
        if entries < u64::from(REPLAYED) { Err(format!("only {entries} came back")) } else { Ok(took) }
    }
}

/// As a bank's own generator makes them: the moment above, a count below.
fn timely(number: u32) -> u128 {
    u128::from(1_760_000_000_000_u64 + u64::from(number / 500)) << 80 | u128::from(number) + 1
}

/// No order at all.
fn scattered(number: u32) -> u128 {
    let mut mixed = u64::from(number).wrapping_add(0x9e37_79b9).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed ^= mixed >> 31;
    u128::from(mixed) << 64 | u128::from(number) + 1
}

fn as_body(transfers: impl Iterator<Item = Transfer>) -> Vec<u8> {
    let mut body = Vec::with_capacity(BATCH as usize * 128);
    transfers.for_each(|transfer| write_transfer(&transfer, 0, &mut body));
    body
}

fn now() -> Moment {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO);
    Moment::from_micros(i64::try_from(since.as_micros()).unwrap_or(i64::MAX))
}

fn scratch(setting: &Setting) -> Result<tempfile::TempDir, String> {
    tempfile::tempdir_in(&setting.scratch).map_err(|error| error.to_string())
}

fn serve(ledger: Ledger) -> Result<Server, String> {
    let address = SocketAddr::from(([127, 0, 0, 1], 0));
    Server::start(Arc::new(ledger), address).map_err(|error| error.to_string())
}

fn connect(address: SocketAddr) -> Result<Client, String> {
    Client::connect(address).map_err(|error| error.to_string())
}

fn all_done(client: &mut Client) -> Result<(), String> {
    let (_, body) = client.receive().map_err(|error| error.to_string())?;
    // The first eight bytes are the moment; an outcome that is not zero is a refusal.
    match body.get(8..).is_some_and(|outcomes| outcomes.iter().all(|byte| *byte == 0)) {
        true => Ok(()),
        false => done(&Some(Reply::read(&body)?)),
    }
}

fn done(reply: &Option<Reply>) -> Result<(), String> {
    let reply = reply.as_ref().ok_or("the ledger has stopped")?;
    let refused = reply.outcomes.iter().find(|outcome| **outcome != Outcome::DONE);
    refused.map_or(Ok(()), |refused| Err(format!("a transfer was refused: {:?}", refused.code())))
}

fn log_alone(setting: &Setting) -> Result<f64, String> {
    let directory = scratch(setting)?;
    let mut journal =
        FileJournal::open(directory.path(), LogSettings::default()).map_err(|error| error.to_string())?;
    let lease = journal.acquire("bench").map_err(|error| error.to_string())?;
    let body: Vec<u8> =
        (0..BATCH as usize * ENTRY_BYTES).map(|at| u8::try_from(at % 251).unwrap_or(0)).collect();
    let batch = Batch { at: Moment::EPOCH, body };
    let mut position = Position(0);
    let start = Instant::now();
    for _ in 0..BATCHES {
        let appended = journal.append(&lease, position, std::slice::from_ref(&batch));
        position = appended.map_err(|error| error.to_string())?;
    }
    Ok(f64::from(BATCH * BATCHES) / start.elapsed().as_secs_f64())
}

/// Bytes this process has caused to be written, as the kernel counts them.
fn written() -> Result<u64, String> {
    let told = std::fs::read_to_string("/proc/self/io").map_err(|error| error.to_string())?;
    let bytes = told.lines().find_map(|line| line.strip_prefix("write_bytes: ")?.parse().ok());
    bytes.ok_or_else(|| "/proc/self/io tells no write_bytes".into())
}

fn resident_when_idle(setting: &Setting) -> Result<f64, String> {
    let world = World {
        accounts: (0..ACCOUNTS)
            .map(|number| Account::open(&format!("BANK{number:06}"), Currency::RUB, Kind::SettlementAgent))
            .collect(),
        ids: Vec::new(),
        timely: Vec::new(),
        scattered: Vec::new(),
        two_phase: Vec::new(),
    };
    let directory = scratch(setting)?;
    let _server = serve(world.ledger(directory.path(), 0)?)?;
    let told = std::fs::read_to_string("/proc/self/status").map_err(|error| error.to_string())?;
    let line = told.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kilobytes = line.and_then(|line| line.split_whitespace().next()?.parse::<f64>().ok());
    kilobytes.map(|kilobytes| kilobytes / 1024.0).ok_or_else(|| "no VmRSS".into())
}
