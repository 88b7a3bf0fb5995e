//! Payments: complete cycles over real sockets, hub, banks and providers on the same cores.
//!
//! A cycle is what a debtor agent does for one payment across two currencies: ask for quotes, ask whose the account is
//! (acmt.023, answered by the creditor agent with acmt.024), pay (pacs.008), have it accepted (pacs.002) and read the
//! confirmation. Every payment is screened, every acknowledged step is on the disk. Beside it stands what a published
//! switch does on one core.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use meridian_http::Limits;

use crate::{Figure, Setting};

pub(crate) mod cycle;
pub(crate) mod world;

use cycle::cycles;
use world::{Variant, World};

/// Mojaloop v17.1.0: 649.6 transfers/s on 48 vCPU of switch, Kafka and MySQL, discovery, quote and transfer within one
/// currency (ml-perf-whitepaper-ws, README, plaintext run).
const MOJALOOP_PER_CORE: f64 = 13.5;

/// Payments under way at once.
const LANES: usize = 96;

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
    let world = Arc::new(World::start(directory, variant, Limits::new(0)).await?);
    let tasks = cycle::participants(&world);
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
