//! Requests that happen once: by key and by UETR, refusals included, across a restart; limits; slow clients.

use std::sync::Arc;

use meridian_http::{Limits, Metrics};
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::hub::*;

#[tokio::test(flavor = "multi_thread")]
async fn the_same_key_gets_the_same_answer_after_a_restart_too() {
    let directory = tempfile::tempdir().unwrap();
    let hub = start(journal(directory.path()), |_, _| ()).await;
    let cover = |notice: &str| {
        json!({"participant": ONE, "amount": {"amount": "5.00", "currency": "RUB"}, "direction": "out", "notice": notice})
            .to_string()
    };
    let (status, told) = hub.call_once(AGENT, "POST", "/v1/cover", &cover("aa"), Some("k-1")).await;
    assert_eq!((status, &told["is_repeat"]), (200, &json!(false)));
    let (uetr, xml) = payment(7, "10.00");
    let (status, told) = hub.call_once(ONE, "POST", "/v1/messages", &xml, Some("k-2")).await;
    assert_eq!((status, told["payment"]["stage"].as_str()), (200, Some("sent")), "{told}");
    // Refused on a key: what is refused stays refused under it, though money has come in since.
    let answer = json!({"status": "ACCC"}).to_string();
    let path = format!("/v1/payments/{uetr}/answer");
    let (status, first) = hub.call_once(ONE, "POST", &path, &answer, Some("k-3")).await;
    assert_eq!((status, first["title"].as_str()), (422, Some("pay.not_yours")));

    hub.service.node.stop();
    hub.task.abort();
    tokio::time::sleep(std::time::Duration::from_millis(200)).await;
    let hub = start(journal(directory.path()), |_, _| ()).await;
    let before =
        hub.service.node.read(|hub| hub.ledger.accounts().iter().cloned().collect::<Vec<_>>()).await.unwrap();
    let (status, told) = hub.call_once(AGENT, "POST", "/v1/cover", &cover("aa"), Some("k-1")).await;
    assert_eq!((status, &told["is_repeat"]), (200, &json!(true)));
    // Without the key the notice itself counts once.
    let (status, told) = hub.call(AGENT, "POST", "/v1/cover", &cover("aa")).await;
    assert_eq!((status, &told["is_repeat"]), (200, &json!(true)));
    let (status, told) = hub.call_once(ONE, "POST", "/v1/messages", &xml, Some("k-2")).await;
    assert_eq!(
        (status, &told["is_repeat"], told["payment"]["stage"].as_str()),
        (200, &json!(true), Some("sent"))
    );
    let (status, again) = hub.call_once(ONE, "POST", &path, &answer, Some("k-3")).await;
    assert_eq!((status, again), (422, first));
    // Another request under a known key.
    let (status, told) = hub.call_once(AGENT, "POST", "/v1/cover", &cover("bb"), Some("k-1")).await;
    assert_eq!((status, told["title"].as_str()), (422, Some("node.key_reused")));
    let after =
        hub.service.node.read(|hub| hub.ledger.accounts().iter().cloned().collect::<Vec<_>>()).await.unwrap();
    assert_eq!(before, after);
    // By UETR alone: its status, no second reservation.
    let (_, told) = hub.call(ONE, "POST", "/v1/messages", &xml).await;
    assert_eq!((&told["is_repeat"], told["payment"]["stage"].as_str()), (&json!(true), Some("sent")));
}

#[tokio::test(flavor = "multi_thread")]
async fn letters_come_in_order_until_acknowledged_and_a_wait_ends_with_the_first() {
    let directory = tempfile::tempdir().unwrap();
    let hub = Arc::new(start(journal(directory.path()), |_, _| ()).await);
    let (_, letters) = hub.call(TWO, "POST", "/v1/mailbox/next", r#"{"upto": 0}"#).await;
    assert_eq!(letters, json!([]));
    let waiting = {
        let hub = hub.clone();
        tokio::spawn(async move {
            hub.call(TWO, "POST", "/v1/mailbox/next", r#"{"upto": 0, "wait_seconds": 20}"#).await
        })
    };
    let (uetr, xml) = payment(1, "10.00");
    hub.call(ONE, "POST", "/v1/messages", &xml).await;
    let (_, letters) = waiting.await.unwrap();
    assert_eq!(letters[0]["kind"], "pacs.008.001.08");
    let (_, xml) = payment(2, "10.00");
    hub.call(ONE, "POST", "/v1/messages", &xml).await;
    let (_, again) = hub.call(TWO, "GET", "/v1/mailbox?after=0", "").await;
    assert_eq!(again[0], letters[0], "not acknowledged, so there still");
    assert_eq!(again.as_array().unwrap().len(), 2);
    let (_, next) = hub.call(TWO, "POST", "/v1/mailbox/next", r#"{"upto": 1}"#).await;
    assert_eq!(next[0]["number"], 2);
    let (_, rest) = hub.call(TWO, "GET", "/v1/mailbox?after=0", "").await;
    assert_eq!(rest.as_array().unwrap().len(), 1);
    // The JSON side of the same payment.
    let answer = json!({"status": "ACCC"}).to_string();
    let (status, told) = hub.call(TWO, "POST", &format!("/v1/payments/{uetr}/answer"), &answer).await;
    assert_eq!((status, told["payment"]["status"].as_str()), (200, Some("ACCC")), "{told}");
    let (_, own) = hub.call(ONE, "GET", &format!("/v1/payments/{uetr}"), "").await;
    assert_eq!(own["stage"], "committed");
    let (status, _) = hub.call(AGENT, "GET", &format!("/v1/payments/{uetr}"), "").await;
    assert_eq!(status, 404, "nobody else's business");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_participant_that_asks_too_much_waits_and_others_do_not() {
    let directory = tempfile::tempdir().unwrap();
    let hub = start(journal(directory.path()), |service, _| service.limits = Arc::new(Limits::new(2))).await;
    let mut refused = 0;
    for _ in 0..12 {
        let (status, _) = hub.call(ONE, "GET", "/v1/positions", "").await;
        assert!(matches!(status, 200 | 429));
        refused += i32::from(status == 429);
    }
    assert!(refused > 0, "twelve at once are more than two a second with a burst of four");
    assert_eq!(hub.call(TWO, "GET", "/v1/positions", "").await.0, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn slow_and_endless_requests_are_ended() {
    let directory = tempfile::tempdir().unwrap();
    let patience = std::time::Duration::from_millis(300);
    let hub = start(journal(directory.path()), |_, door| door.patience = patience).await;
    let mut slow = tokio::net::TcpStream::connect(hub.address).await.unwrap();
    slow.write_all(b"POST /v1/messages HTTP/1.1\r\nhost: x\r\n").await.unwrap();
    let mut rest = Vec::new();
    let read = tokio::time::timeout(std::time::Duration::from_secs(20), slow.read_to_end(&mut rest));
    read.await.expect("the hub ends a request whose head does not come").ok();
    let mut huge = tokio::net::TcpStream::connect(hub.address).await.unwrap();
    let head = crate::flood::head(&hub, ONE, "/v1/messages", b"", 9_000_000);
    huge.write_all(head.as_bytes()).await.unwrap();
    let chunk = vec![b'x'; 64 * 1024];
    for _ in 0..40 {
        if huge.write_all(&chunk).await.is_err() {
            break;
        }
    }
    let mut answer = vec![0; 12];
    if huge.read_exact(&mut answer).await.is_ok() {
        assert_eq!(&answer, b"HTTP/1.1 413");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn operators_see_ages_durability_and_times() {
    let directory = tempfile::tempdir().unwrap();
    let hub =
        start(journal(directory.path()), |service, _| service.metrics = Arc::new(Metrics::default())).await;
    hub.call(ONE, "GET", "/v1/positions", "").await;
    let (status, health) = hub.call(ONE, "GET", "/healthz", "").await;
    assert_eq!((status, &health["journal"]), (200, &json!({"copies": 1, "is_flushed": true})));
    assert!(health["lists"][0]["age_days"].as_i64().unwrap() > 0);
    let mut socket = tokio::net::TcpStream::connect(hub.address).await.unwrap();
    socket.write_all(b"GET /metrics HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").await.unwrap();
    let mut text = String::new();
    socket.read_to_string(&mut text).await.unwrap();
    for line in [
        "meridian_request_seconds_count{route=\"GET /v1/positions\",status=\"200\"} 1",
        "meridian_journal_is_flushed 1",
        "meridian_list_age_days{list=\"TEST\"}",
        "meridian_payments_overdue 0",
    ] {
        assert!(text.contains(line), "{line} is not in {text}");
    }
}
