//! One participant asks far too much, or breaks the rules of the wire: it is refused before it costs anything, and others
//! are served as ever.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use meridian_http::client::{Call, Client, Signer};
use meridian_http::signature::{Covered, sign};
use meridian_http::{Limits, tls};
use meridian_terms::Bic;
use rcgen::SanType;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::hub::*;
use crate::tls::{authority, bic, issue};

/// The longest a test waits for something that must happen.
const PATIENT: Duration = Duration::from_secs(20);

/// The head of a request that `by` signs over `body`, announcing `length` bytes.
pub fn head(hub: &Hub, by: &str, path: &str, body: &[u8], length: usize) -> String {
    let target_uri = format!("{}{path}", hub.service.public_url);
    let covered = Covered { method: "POST", target_uri: &target_uri, body, idempotency_key: None };
    let signed = sign(&key(by), by, &covered, now());
    format!(
        "POST {path} HTTP/1.1\r\nhost: x\r\ncontent-digest: {}\r\nsignature-input: {}\r\nsignature: {}\r\n\
         content-length: {length}\r\n\r\n",
        signed.content_digest, signed.signature_input, signed.signature
    )
}

/// The status and the whole text of the first answer; 0 when the connection ended without one.
async fn answer(socket: &mut TcpStream) -> (u16, String) {
    let read = async {
        let (mut text, mut bytes) = (Vec::new(), [0; 4096]);
        while let Ok(count @ 1..) = socket.read(&mut bytes).await {
            text.extend_from_slice(&bytes[..count]);
            if text.ends_with(b"}") {
                break;
            }
        }
        String::from_utf8_lossy(&text).into_owned()
    };
    let text = tokio::time::timeout(PATIENT, read).await.expect("an answer, or the connection's end");
    let status = text.get(9..12).and_then(|status| status.parse().ok()).unwrap_or(0);
    (status, text)
}

async fn say(to: SocketAddr, text: &[u8]) -> (u16, String) {
    let mut socket = TcpStream::connect(to).await.unwrap();
    // The hub may have answered and closed before everything is said.
    drop(socket.write_all(text).await);
    answer(&mut socket).await
}

/// Uses up a participant's share: its rate is so low that none comes back while the test runs.
async fn use_up(hub: &Hub, who: &str) {
    for _ in 0..8 {
        if hub.call(who, "GET", "/v1/positions", "").await.0 == 429 {
            return;
        }
    }
    panic!("eight requests are more than the share");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flooder_is_refused_before_its_body_is_read() {
    let directory = tempfile::tempdir().unwrap();
    let hub = start(journal(directory.path()), |service, _| {
        let one = Bic::parse(ONE).unwrap();
        service.limits = Arc::new(Limits::new(0).with(one, 1));
    })
    .await;
    use_up(&hub, ONE).await;
    let (seen, _) = hub.service.limits.shed();
    // Of each of these a megabyte is announced and not a byte comes.
    let mut refused = 0;
    for _ in 0..20 {
        let (status, text) =
            say(hub.address, head(&hub, ONE, "/v1/messages", b"", 1_000_000).as_bytes()).await;
        if status == 429 {
            assert!(text.to_lowercase().contains("retry-after: 1\r\n"), "{text}");
            assert!(text.contains("\"title\":\"http.too_many\""), "{text}");
            refused += 1;
        }
        if refused == 5 {
            break;
        }
    }
    assert_eq!(refused, 5);
    assert!(hub.service.limits.shed().0 >= seen + 5, "what is shed is counted");
    // Another's share is its own, and unbounded here.
    for _ in 0..20 {
        assert_eq!(hub.call(TWO, "GET", "/v1/positions", "").await.0, 200);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_uses_up_anothers_share_by_writing_its_name() {
    let directory = tempfile::tempdir().unwrap();
    let hub = start(journal(directory.path()), |service, _| service.limits = Arc::new(Limits::new(1))).await;
    for _ in 0..30 {
        let mut forged = Client::new(
            &hub.service.public_url,
            Signer { bic: TWO.into(), key: Some(key("somebody else")) },
            None,
        )
        .unwrap();
        let call = Call {
            method: "GET",
            path: "/v1/positions",
            kind: "application/json",
            headers: &[],
            idempotency_key: None,
            body: Default::default(),
        };
        assert_eq!(forged.call(&call, now()).await.unwrap().0, 401);
    }
    assert_eq!(hub.call(TWO, "GET", "/v1/positions", "").await.0, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn waits_for_letters_take_places_and_give_them_back() {
    let directory = tempfile::tempdir().unwrap();
    let limits = Arc::new(Limits::new(0).at_once(3));
    let hub = Arc::new(start(journal(directory.path()), |service, _| service.limits = limits).await);
    // A place may be taken for a moment by the question below: then it waits again.
    let wait = || {
        let hub = hub.clone();
        tokio::spawn(async move {
            loop {
                let body = r#"{"upto": 0, "wait_seconds": 30}"#;
                let (status, _) = hub.call(TWO, "POST", "/v1/mailbox/next", body).await;
                if status != 429 {
                    break status;
                }
            }
        })
    };
    let waits = [wait(), wait(), wait()];
    let told = async {
        loop {
            let (status, told) = hub.call(TWO, "GET", "/v1/positions", "").await;
            if status == 429 {
                break told;
            }
        }
    };
    let told = tokio::time::timeout(PATIENT, told).await.expect("three waits are all that may be");
    assert_eq!(told["title"], "http.too_many_at_once");
    assert_eq!(told["retry"], "after-a-moment");
    // The first bank pays, which ends the waits.
    let (_, xml) = payment(1, "10.00");
    assert_eq!(hub.call(ONE, "POST", "/v1/messages", &xml).await.0, 200);
    for wait in waits {
        assert_eq!(wait.await.unwrap(), 200);
    }
    assert_eq!(hub.call(TWO, "GET", "/v1/positions", "").await.0, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn connections_of_one_certificate_do_not_take_anothers() {
    let own = authority("Corridor");
    let server = issue(&own, "hub", SanType::DnsName("localhost".try_into().unwrap()));
    let directory = tempfile::tempdir().unwrap();
    let config = tls::server(server.0.as_bytes(), server.1.as_bytes(), own.pem().as_bytes()).unwrap();
    let hub = start(journal(directory.path()), |_, door| {
        door.tls = Some(config);
        door.connections_each = 4;
    })
    .await;
    let [one, two] = [ONE, TWO].map(|who| (who, issue(&own, "x", bic(who))));
    let connect = |(who, (certificate, private_key)): &(&str, (String, String))| {
        let config =
            tls::client(certificate.as_bytes(), private_key.as_bytes(), own.pem().as_bytes()).unwrap();
        let signer = Signer { bic: (*who).into(), key: Some(key(who)) };
        Client::new(&hub.service.public_url, signer, Some(config)).unwrap()
    };
    let call = Call {
        method: "GET",
        path: "/v1/positions",
        kind: "application/json",
        headers: &[],
        idempotency_key: None,
        body: Default::default(),
    };
    let mut kept = Vec::new();
    for _ in 0..4 {
        let mut client = connect(&one);
        assert_eq!(client.call(&call, now()).await.unwrap().0, 200);
        kept.push(client);
    }
    // The fifth is told so, or finds the connection closed before it could ask.
    assert_ne!(connect(&one).call(&call, now()).await.map_or(503, |(status, _)| status), 200);
    assert_eq!(connect(&two).call(&call, now()).await.unwrap().0, 200);
    kept.pop();
    let again = async {
        while connect(&one).call(&call, now()).await.map_or(503, |(status, _)| status) != 200 {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(PATIENT, again).await.expect("a closed connection makes room");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_breaks_the_wires_rules_is_refused_and_the_hub_lives() {
    let directory = tempfile::tempdir().unwrap();
    let hub = start(journal(directory.path()), |_, _| ()).await;
    let bomb = {
        let mut levels = String::from("<!DOCTYPE d [<!ENTITY a0 \"aaaaaaaaaa\">");
        for level in 1..30 {
            let below = level - 1;
            levels.push_str(&format!("<!ENTITY a{level} \"&a{below};&a{below};\">"));
        }
        format!("<?xml version=\"1.0\"?>{levels}]><d>&a29;</d>")
    };
    let deep = format!("{}{}", "<a>".repeat(100_000), "</a>".repeat(100_000));
    let wide = format!("<a{}/>", " b=\"c\"".repeat(100_000));
    let nested = format!("{}{}", "[".repeat(400_000), "]".repeat(400_000));
    // what | path | body
    let bodies = [
        ("entities that double", "/v1/messages", &bomb),
        ("elements within each other", "/v1/messages", &deep),
        ("attributes without end", "/v1/messages", &wide),
        ("JSON within itself", "/v1/quotes", &nested),
    ];
    for (what, path, body) in bodies {
        let (status, told) = hub.call(ONE, "POST", path, body).await;
        assert!((400..500).contains(&status), "{what}: {status} {told}");
        assert!(told["title"].is_string() && told["next"].is_string(), "{what}: {told}");
    }
    let many = "x: y\r\n".repeat(500);
    let long = format!("x: {}\r\n", "y".repeat(2_000_000));
    let heads = [
        ("five hundred headers", format!("GET /v1/positions HTTP/1.1\r\nhost: x\r\n{many}\r\n"), 431),
        ("a header of two megabytes", format!("GET /v1/positions HTTP/1.1\r\nhost: x\r\n{long}\r\n"), 431),
        ("no HTTP", "\u{16}\u{3}\u{1} and so on\r\n\r\n".to_owned(), 400),
    ];
    for (what, text, wanted) in heads {
        let (status, text) = say(hub.address, text.as_bytes()).await;
        // A hub that closes while more is coming may be heard as no answer at all.
        assert!(status == wanted || status == 0, "{what}: {text}");
    }
    // Half a request, then nobody.
    for _ in 0..50 {
        let mut socket = TcpStream::connect(hub.address).await.unwrap();
        socket.write_all(head(&hub, ONE, "/v1/messages", b"", 500).as_bytes()).await.unwrap();
        drop(socket);
    }
    assert_eq!(hub.call(ONE, "GET", "/v1/positions", "").await.0, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_does_not_read_is_let_go() {
    let directory = tempfile::tempdir().unwrap();
    let patience = Duration::from_millis(300);
    let hub = start(journal(directory.path()), |_, door| door.patience = patience).await;
    let mut socket = TcpStream::connect(hub.address).await.unwrap();
    // More answers than the sockets hold, none of them read.
    let asked = b"GET /openapi.json HTTP/1.1\r\nhost: x\r\n\r\n".repeat(64);
    let ended = async {
        loop {
            if socket.write_all(&asked).await.is_err() {
                break;
            }
        }
    };
    tokio::time::timeout(PATIENT, ended).await.expect("the hub closes the connection");
    assert_eq!(hub.call(ONE, "GET", "/v1/positions", "").await.0, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn invented_methods_are_no_series_of_their_own() {
    let directory = tempfile::tempdir().unwrap();
    let hub = start(journal(directory.path()), |_, _| ()).await;
    for number in 0..20 {
        say(
            hub.address,
            format!("X{number} /healthz HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").as_bytes(),
        )
        .await;
    }
    let (_, text) = say(hub.address, b"GET /metrics HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").await;
    assert!(
        text.contains("meridian_request_seconds_count{route=\"other /healthz\",status=\"405\"} 20"),
        "{text}"
    );
    assert!(text.contains("meridian_requests_shed_total{why=\"rate\"} 0"), "{text}");
}
