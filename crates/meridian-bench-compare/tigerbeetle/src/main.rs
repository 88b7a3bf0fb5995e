//! `compare-tigerbeetle BINARY SCRATCH`: TigerBeetle, one replica, on the work of `meridian bench ledger`; one JSON line
//! a figure. Its own defaults; batches of 8,189, the most it takes; transfers made before the clock starts.
//!
//! Read beside every ratio: TigerBeetle does, and the ledger of `meridian-batch` does not, consensus-ready replication,
//! repair of corrupt blocks from peers, durable secondary indexes over a dozen fields, and working sets far beyond
//! memory. Even with one replica it pays for most of that.

use std::error::Error;
use std::future::Future;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};
use std::time::{Duration, Instant};

use tigerbeetle as tb;

const ACCOUNTS: u128 = 10_000;
const BATCH: u32 = 8_189;
const BATCHES: u32 = 100;
const ROUNDS: usize = 5;

type Told<T> = Result<T, Box<dyn Error>>;

/// A replica; it ends with this.
struct Replica(Child);

impl Drop for Replica {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

fn main() -> Told<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [binary, scratch] = &arguments[..] else { return Err("compare-tigerbeetle BINARY SCRATCH".into()) };
    let works: [(&str, fn() -> Vec<Vec<tb::Transfer>>); 3] = [
        ("one batch in flight, ids in order", || singles(timely)),
        ("one batch in flight, random ids", || singles(scattered)),
        ("reserve then post, two hot debit accounts, one batch in flight", two_phase),
    ];
    for (what, work) in works {
        let work = work();
        let mut rates = Vec::new();
        for round in 0..ROUNDS {
            let file = Path::new(scratch).join(format!("compare-{round}.tigerbeetle"));
            rates.push(measure(binary, &file, &work)?);
            std::fs::remove_file(&file)?;
        }
        rates.sort_by(f64::total_cmp);
        println!("{{\"what\":\"{what}\",\"value\":{:.0},\"unit\":\"transfers/s\"}}", rates[ROUNDS / 2]);
    }
    Ok(())
}

fn measure(binary: &str, file: &Path, work: &[Vec<tb::Transfer>]) -> Told<f64> {
    let port = std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?.port().to_string();
    let format = ["format", "--cluster=0", "--replica=0", "--replica-count=1"];
    let done = Command::new(binary).args(format).arg(file).stderr(Stdio::null()).status()?;
    if !done.success() {
        return Err(format!("{binary} format: {done}").into());
    }
    let mut start = Command::new(binary);
    start.arg("start").arg(format!("--addresses=127.0.0.1:{port}")).arg(file).stderr(Stdio::null());
    let _replica = Replica(start.spawn()?);
    std::thread::sleep(Duration::from_secs(2));
    let client = tb::Client::new(0, &port)?;
    let accounts: Vec<tb::Account> =
        (1..=ACCOUNTS).map(|id| tb::Account { id, ledger: 1, code: 1, ..Default::default() }).collect();
    for some in accounts.chunks(BATCH as usize) {
        block_on(client.create_accounts(some))?;
    }
    let begun = Instant::now();
    for batch in work {
        let results = block_on(client.create_transfers(batch))?;
        if results.iter().any(|result| result.status != tb::CreateTransferStatus::Created) {
            return Err("a transfer was refused".into());
        }
    }
    Ok(f64::from(BATCH * BATCHES) / begun.elapsed().as_secs_f64())
}

fn singles(id: fn(u32) -> u128) -> Vec<Vec<tb::Transfer>> {
    let one = |number: u32| {
        let debit = u128::from(number.wrapping_mul(2_654_435_761)) % ACCOUNTS + 1;
        let credit = debit % ACCOUNTS + 1;
        let amount = u128::from(number % 1_000) + 1;
        tb::Transfer {
            id: id(number),
            debit_account_id: debit,
            credit_account_id: credit,
            amount,
            ledger: 1,
            code: 1,
            ..Default::default()
        }
    };
    (0..BATCHES).map(|batch| (batch * BATCH..(batch + 1) * BATCH).map(one).collect()).collect()
}

fn two_phase() -> Vec<Vec<tb::Transfer>> {
    (0..BATCHES / 2)
        .flat_map(|batch| {
            let numbers = batch * BATCH..(batch + 1) * BATCH;
            let reserve = |number: u32| tb::Transfer {
                id: timely(2 * number),
                debit_account_id: u128::from(number % 2) + 1,
                credit_account_id: 3 + u128::from(number.wrapping_mul(2_654_435_761)) % (ACCOUNTS - 2),
                amount: u128::from(number % 100) + 1,
                ledger: 1,
                code: 1,
                flags: tb::TransferFlags::Pending,
                ..Default::default()
            };
            let post = |number: u32| tb::Transfer {
                id: timely(2 * number + 1),
                amount: u128::MAX,
                pending_id: timely(2 * number),
                flags: tb::TransferFlags::PostPendingTransfer,
                ..Default::default()
            };
            [numbers.clone().map(reserve).collect(), numbers.map(post).collect()]
        })
        .collect()
}

fn timely(number: u32) -> u128 {
    (u128::from(1_760_000_000_000_u64 + u64::from(number / 500)) << 80) | (u128::from(number) + 1)
}

fn scattered(number: u32) -> u128 {
    let mut mixed = u64::from(number).wrapping_add(0x9e37_79b9).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed ^= mixed >> 31;
    (u128::from(mixed) << 64) | (u128::from(number) + 1)
}

fn block_on<F: Future>(future: F) -> F::Output {
    struct Unpark(std::thread::Thread);
    impl Wake for Unpark {
        fn wake(self: Arc<Self>) {
            self.0.unpark();
        }
    }
    let mut future = Box::pin(future);
    let waker = Waker::from(Arc::new(Unpark(std::thread::current())));
    loop {
        match future.as_mut().poll(&mut Context::from_waker(&waker)) {
            Poll::Ready(output) => return output,
            Poll::Pending => std::thread::park(),
        }
    }
}
