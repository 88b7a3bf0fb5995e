//! One bank floods the hub; another pays as ever. What the flood does to the other's slowest payments.
//!
//! A bank makes complete payments (quote, resolution, pacs.008, confirmation) at a steady pace. Beside it another bank
//! asks for quotes on many connections, as fast as it is answered, far above the hub's limit for each participant. Rounds
//! with and without the flood alternate; the p99 of the one is the rival of the other.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use meridian_http::Limits;
use meridian_http::client::Call;
use meridian_node::Clock;
use tokio::time::MissedTickBehavior;

use crate::pay::cycle::{cycle, participants};
use crate::pay::world::{BANKS, Gateway, Variant, World, creditor, debtor};
use crate::{Figure, Setting, median};

/// Requests a second each participant may make.
const LIMIT: u32 = 300;
/// Connections the flooder asks on.
const FLOODING: usize = 400;
/// Payments of the other bank under way at once, and when each begins the next: 40 payments a second, which are 120
/// requests of the debtor agent besides its mailbox.
const LANES: usize = 8;
const PACE: Duration = Duration::from_millis(200);
const ROUNDS: usize = 3;

const VARIANT: Variant = Variant { what: "signatures, no TLS", signs: true, tls: false };

/// What the flooder has been told.
#[derive(Default)]
struct Flood {
    goes_on: AtomicBool,
    served: AtomicU64,
    refused: AtomicU64,
}

pub(crate) fn run(setting: &Setting) -> Result<Vec<Figure>, String> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(std::thread::available_parallelism().map_or(2, std::num::NonZero::get))
        .enable_all()
        .build()
        .map_err(|error| error.to_string())?;
    let directory = tempfile::tempdir_in(&setting.scratch).map_err(|error| error.to_string())?;
    let span = Duration::from_secs(setting.seconds.unwrap_or(60)) / u32::try_from(2 * ROUNDS).unwrap_or(6);
    runtime.block_on(drive(directory.path(), span.max(Duration::from_secs(2))))
}

async fn drive(directory: &std::path::Path, span: Duration) -> Result<Vec<Figure>, String> {
    let world = Arc::new(World::start(directory, VARIANT, Limits::new(LIMIT)).await?);
    let answering = participants(&world);
    let lanes: Vec<_> = (0..LANES).map(|lane| tokio::spawn(pay(world.clone(), lane))).collect();
    let flood = Arc::new(Flood::default());
    let mut flooding = Vec::new();
    for _ in 0..FLOODING {
        let gateway = world.gateway(&debtor(BANKS - 1))?;
        flooding.push(tokio::spawn(ask_and_ask(flood.clone(), gateway)));
    }
    tokio::time::sleep(Duration::from_secs(2)).await;
    let (mut quiet, mut flooded, mut payments) = (Vec::new(), Vec::new(), 0);
    for _ in 0..ROUNDS {
        quiet.push(round(&world, span).await?.0);
        flood.goes_on.store(true, Ordering::Relaxed);
        // The share that was saved up is gone before it counts.
        tokio::time::sleep(Duration::from_secs(1)).await;
        let (p99, done) = round(&world, span).await?;
        flooded.push(p99);
        payments += done;
        flood.goes_on.store(false, Ordering::Relaxed);
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
    world.ends.store(true, Ordering::Relaxed);
    for lane in lanes {
        drop(tokio::time::timeout(Duration::from_secs(30), lane).await);
    }
    flooding.iter().chain(&answering).for_each(tokio::task::JoinHandle::abort);
    world.node.stop();
    if let Some(why) = world.first_failure.lock().ok().and_then(|first| first.clone()) {
        eprintln!("{why}");
    }
    let flooded_for = (span + Duration::from_secs(1)).as_secs_f64() * ROUNDS as f64;
    #[expect(clippy::cast_precision_loss, reason = "far below 2^52")]
    let count = |counter: &AtomicU64| counter.load(Ordering::Relaxed) as f64;
    #[expect(clippy::cast_precision_loss, reason = "far below 2^52")]
    let paid = payments as f64 / (span.as_secs_f64() * ROUNDS as f64);
    Ok(vec![
        Figure::new("another bank's payment while one floods, p99, median of three rounds", median(flooded), "ms")
            .noted(
                "without the flood; the goal is a ratio below 2",
                median(quiet),
                "load generator, flooder and hub share the same cores: what the flooder's own code costs is in the ratio.",
            ),
        Figure::new("payments of the other bank meanwhile", paid, "/s"),
        Figure::new(
            "requests of the flooder",
            (count(&flood.served) + count(&flood.refused)) / flooded_for,
            "/s",
        )
        .beside("its limit", f64::from(LIMIT)),
        Figure::new("of these refused with 429", count(&flood.refused) / flooded_for, "/s"),
        Figure::new("payments of the other bank that failed", count(&world.failed), "payments"),
    ])
}

/// One round: the p99 of the payments that ended in it, and how many they were.
async fn round(world: &World, span: Duration) -> Result<(f64, usize), String> {
    world.counts_now.store(true, Ordering::Relaxed);
    tokio::time::sleep(span).await;
    world.counts_now.store(false, Ordering::Relaxed);
    let mut times = std::mem::take(&mut *world.times.lock().map_err(|error| error.to_string())?);
    times.sort_unstable();
    let p99 = times.get(times.len() * 99 / 100).ok_or("no payment ended in the round")?;
    #[expect(clippy::cast_precision_loss, reason = "far below 2^52")]
    Ok((*p99 as f64 / 1_000.0, times.len()))
}

/// A lane of the bank that pays. A payment's time counts from when it was due, so a late start is part of it.
async fn pay(world: Arc<World>, lane: usize) -> Result<(), String> {
    let mut gateway = world.gateway(&debtor(0))?;
    let mut number = 0_u64;
    tokio::time::sleep(PACE / u32::try_from(LANES).unwrap_or(1) * u32::try_from(lane).unwrap_or(0)).await;
    let mut pace = tokio::time::interval(PACE);
    pace.set_missed_tick_behavior(MissedTickBehavior::Burst);
    while !world.ends.load(Ordering::Relaxed) {
        let due = pace.tick().await.into_std();
        number += 1;
        match cycle(&world, &mut gateway, &creditor(0), (lane as u64) << 32 | number).await {
            Ok(()) if world.counts_now.load(Ordering::Relaxed) => {
                let micros = Instant::now().duration_since(due).as_micros();
                if let Ok(mut times) = world.times.lock() {
                    times.push(u64::try_from(micros).unwrap_or(u64::MAX));
                }
            }
            Ok(()) => {}
            Err(why) => world.fail(why),
        }
    }
    Ok(())
}

/// One connection of the flooder: the next request as soon as the last was answered.
async fn ask_and_ask(flood: Arc<Flood>, mut gateway: Gateway) {
    loop {
        if !flood.goes_on.load(Ordering::Relaxed) {
            tokio::time::sleep(Duration::from_millis(20)).await;
            continue;
        }
        let body = "{\"id\":\"flood\"}".into();
        let (path, kind) = ("/v1/quotes", "application/json");
        let call = Call { method: "POST", path, kind, headers: &[], idempotency_key: None, body };
        match gateway.client.call(&call, Clock::System.now()).await {
            Ok((429, _)) => flood.refused.fetch_add(1, Ordering::Relaxed),
            Ok(_) => flood.served.fetch_add(1, Ordering::Relaxed),
            Err(_) => 0,
        };
    }
}
