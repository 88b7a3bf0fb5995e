//! Messages pushed to a participant's endpoint: in order, again when they were not taken, signed by the hub.

use std::sync::{Arc, Mutex};

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use meridian_http::client::{Client, Signer};
use meridian_http::signature::{Covered, Headers, verify};
use meridian_terms::Bic;

use crate::hub::*;

#[derive(Clone)]
struct Gateway {
    url: String,
    got: Arc<Mutex<Vec<(u64, String)>>>,
}

/// A bank's gateway that fails every other time, after having taken the message in or not.
async fn take(State(gateway): State<Gateway>, headers: HeaderMap, body: axum::body::Bytes) -> StatusCode {
    let header = |name: &str| headers.get(name).unwrap().to_str().unwrap().to_owned();
    let signed = Headers {
        content_digest: header("content-digest"),
        signature_input: header("signature-input"),
        signature: header("signature"),
    };
    let (target, once) = (format!("{}/in", gateway.url), header("idempotency-key"));
    let covered = Covered { method: "POST", target_uri: &target, body: &body, idempotency_key: Some(&once) };
    verify(&key("XHUBRUMM").public(), &signed, &covered, now()).unwrap();
    let mut got = gateway.got.lock().unwrap();
    got.push((header("meridian-letter-number").parse().unwrap(), header("meridian-letter-kind")));
    if got.len() % 2 == 1 { StatusCode::SERVICE_UNAVAILABLE } else { StatusCode::NO_CONTENT }
}

#[tokio::test(flavor = "multi_thread")]
async fn letters_are_pushed_in_order_at_least_once() {
    let directory = tempfile::tempdir().unwrap();
    let hub = start(journal(directory.path()), |_, _| ()).await;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let gateway = Gateway { url: url.clone(), got: Arc::default() };
    let router = axum::Router::new().route("/in", post(take)).with_state(gateway.clone());
    tokio::spawn(async move { axum::serve(listener, router).await });
    let signer = Signer { bic: "XHUBRUMM".into(), key: Some(key("XHUBRUMM")) };
    let client = Client::new(&url, signer, None).unwrap();
    let to = Bic::parse(TWO).unwrap();
    tokio::spawn(meridian_http::push(hub.service.clone(), to.clone(), "/in".into(), client));
    for number in 1..=4 {
        let (_, xml) = payment(number, "10.00");
        hub.call(ONE, "POST", "/v1/messages", &xml).await;
    }
    let is_empty = move |hub: &meridian_node::Hub| hub.pay.mailbox(&to).unwrap().waiting.is_empty();
    for _ in 0..600 {
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        if hub.service.node.read(is_empty.clone()).await.unwrap() {
            break;
        }
    }
    let got = gateway.got.lock().unwrap().clone();
    let mut numbers: Vec<u64> = got.iter().map(|(number, _)| *number).collect();
    assert!(numbers.is_sorted(), "{got:?}");
    assert_eq!(numbers.len(), 8, "each came twice: {got:?}");
    numbers.dedup();
    assert_eq!(numbers, [1, 2, 3, 4]);
    assert!(got.iter().all(|(_, kind)| kind == "pacs.008.001.08"));
}
