//! kill -9 at random moments under load: nothing acknowledged is missing, nothing is doubled, every currency sums to zero.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use meridian_terms::{Currency, Money, Uetr};
use serde_json::json;

use crate::bank::{Bank, Corridor, run};

const ROUNDS: u64 = 50;
const LANES: u64 = 8;

/// What the clients were told, by payment: the amount, and whether its commitment was acknowledged.
type Told = Arc<Mutex<BTreeMap<Uetr, (i128, bool)>>>;

#[test]
fn what_was_acknowledged_survives_kill_9_and_happens_once() {
    let corridor = Corridor::new();
    let told: Told = Arc::default();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let mut random = 0x0dd5_eed5_u64;
    let mut next = move |below: u64| {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        random % below
    };
    for round in 0..ROUNDS {
        let hub = corridor.serve();
        runtime.block_on(async {
            if round == 0 {
                let agent = Bank::new("XAGTRUMM", &corridor.url);
                let amount = json!({"amount": "1000000000.00", "currency": "RUB"});
                let notice =
                    json!({"participant": "XONERUMM", "amount": amount, "direction": "in", "notice": "1f"});
                let (status, body) = agent.json("POST", "/v1/cover", notice).await.unwrap();
                assert_eq!(status, 200, "{body}");
            }
            // Each round looks at what the round before was told; the last look is at everything.
            compare(&corridor.url, since(&told, round.saturating_sub(1) * LANES)).await;
            let load = (0..LANES).map(|lane| {
                tokio::spawn(pay_and_accept(corridor.url.clone(), round * LANES + lane, told.clone()))
            });
            let load: Vec<_> = load.collect();
            tokio::time::sleep(Duration::from_millis(20 + next(160))).await;
            hub.kill();
            for lane in load {
                lane.await.unwrap();
            }
        });
    }
    let hub = corridor.serve();
    runtime.block_on(async {
        let (sure, maybe) = compare(&corridor.url, since(&told, 0)).await;
        balances_agree(&corridor.url, sure, maybe).await;
    });
    hub.kill();
    let told = told.lock().unwrap();
    let committed = told.values().filter(|(_, is_committed)| *is_committed).count();
    assert!(
        told.len() > 200 && committed > 100,
        "the load was too small: {} sent, {committed} committed",
        told.len()
    );
    let (code, answer, complaint) = run(&["verify", "data"], corridor.directory.path(), "");
    assert_eq!(code, 0, "{answer}{complaint}");
}

/// What was told from a lane on.
fn since(told: &Told, lane: u64) -> Vec<(Uetr, (i128, bool))> {
    let from = Uetr::from_bits(u128::from(lane) << 64);
    told.lock().unwrap().range(from..).map(|(uetr, told)| (*uetr, *told)).collect()
}

/// Pays and accepts until the hub is gone; what was acknowledged is written down.
async fn pay_and_accept(url: String, lane: u64, told: Told) {
    let (one, two) = (Bank::new("XONERUMM", &url), Bank::new("XTWORUMM", &url));
    for number in 0..10_000_u64 {
        let uetr = Uetr::from_bits(u128::from(lane) << 64 | u128::from(number));
        let minor = i128::from(number % 997 + 1);
        match one.pay(uetr, "XTWORUMM", Money::new(minor, Currency::RUB)).await {
            Some((200, body)) => {
                assert_eq!(body["payment"]["stage"], "sent", "{body}");
                told.lock().unwrap().insert(uetr, (minor, false));
            }
            Some((status, body)) => panic!("{status} {body}"),
            None => return,
        }
        match two.accept(uetr).await {
            Some((200, body)) => {
                assert_eq!(body["payment"]["stage"], "committed", "{body}");
                told.lock().unwrap().insert(uetr, (minor, true));
            }
            Some((status, body)) => panic!("{status} {body}"),
            None => return,
        }
    }
}

/// Every payment that was acknowledged is there, as it was told: what was committed, and what may have been.
async fn compare(url: &str, known: Vec<(Uetr, (i128, bool))>) -> (i128, i128) {
    let bank = Bank::new("XONERUMM", url);
    let (mut sure, mut maybe) = (0, 0);
    for (uetr, (minor, is_committed)) in known {
        // Each participant has its share of requests a second: who asks for everything at once waits in between.
        let (status, body) = loop {
            match bank.call("GET", &format!("/v1/payments/{uetr}"), Vec::new()).await.unwrap() {
                (429, _) => tokio::time::sleep(std::time::Duration::from_millis(200)).await,
                told => break told,
            }
        };
        assert_eq!(status, 200, "{uetr} was acknowledged and is gone: {body}");
        match body["stage"].as_str().unwrap() {
            "committed" => sure += minor,
            stage => {
                assert!(!is_committed, "{uetr} was acknowledged as committed and is {stage}");
                assert!(matches!(stage, "sent" | "rejected"), "{stage}");
                maybe += minor;
            }
        }
    }
    (sure, maybe)
}

/// The payee has exactly what was committed, within the one payment per lane whose acknowledgement a kill took away.
async fn balances_agree(url: &str, sure: i128, maybe: i128) {
    let payee = Bank::new("XTWORUMM", url);
    let (_, positions) = payee.call("GET", "/v1/positions", Vec::new()).await.unwrap();
    let balance = Money::parse(positions[0]["balance"].as_str().unwrap(), Currency::RUB).unwrap().minor();
    assert!(balance >= sure, "{balance} is less than the {sure} committed ({maybe} in flight)");
    assert!(
        balance <= sure + maybe,
        "{balance} is more than {sure} committed and {maybe} in flight: something is doubled"
    );
}
