//! kill -9 at random moments under load: nothing acknowledged is missing, nothing is doubled, every currency sums to zero.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use meridian_terms::{Currency, Money, Uetr};
use serde_json::json;

use crate::bank::{Bank, Corridor, run};

const ROUNDS: u64 = 50;

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
            compare(&corridor, &told).await;
            let load = (0..8).map(|lane| {
                tokio::spawn(pay_and_accept(corridor.url.clone(), round * 8 + lane, told.clone()))
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
    runtime.block_on(compare(&corridor, &told));
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

/// Every payment that was acknowledged is there, as it was told; the payee has exactly what was committed.
async fn compare(corridor: &Corridor, told: &Told) {
    let (one, two) = (Bank::new("XONERUMM", &corridor.url), Bank::new("XTWORUMM", &corridor.url));
    let known: Vec<(Uetr, (i128, bool))> =
        told.lock().unwrap().iter().map(|(uetr, told)| (*uetr, *told)).collect();
    let mut maybe = 0;
    let mut sure = 0;
    for (uetr, (minor, is_committed)) in &known {
        // The newest suffice after the first comparison: older ones were compared before and are final.
        let (status, body) = one.call("GET", &format!("/v1/payments/{uetr}"), Vec::new()).await.unwrap();
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
    // Payments whose acknowledgement was lost may have been committed too: each lane has one at most.
    let (_, positions) = two.call("GET", "/v1/positions", Vec::new()).await.unwrap();
    let balance = Money::parse(positions[0]["balance"].as_str().unwrap(), Currency::RUB).unwrap().minor();
    assert!(balance >= sure, "{balance} is less than the {sure} committed ({maybe} in flight)");
    assert!(
        balance <= sure + maybe,
        "{balance} is more than {sure} committed and {maybe} in flight: something is doubled"
    );
}
