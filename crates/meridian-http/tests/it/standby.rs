//! A standby over HTTP: read as of a stated position, and the same node once it leads.

use std::time::Duration;

use meridian_journal::{FileJournal, Journal, LogSettings};
use meridian_node::{Clock, Node, NodeSettings};
use serde_json::json;

use crate::hub::*;

/// The answer's status, the position it is true as of, and its body.
async fn asked(hub: &Hub, path: &str) -> (u16, Option<u64>, serde_json::Value) {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let mut socket = tokio::net::TcpStream::connect(hub.address).await.unwrap();
    let request = format!("GET {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n");
    socket.write_all(request.as_bytes()).await.unwrap();
    let mut text = String::new();
    socket.read_to_string(&mut text).await.unwrap();
    let (head, body) = text.split_once("\r\n\r\n").unwrap();
    let position = head.lines().find_map(|line| line.strip_prefix("meridian-position: ")?.parse().ok());
    (head[9..12].parse().unwrap(), position, serde_json::from_str(body).unwrap_or_default())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_standby_is_read_as_of_a_stated_position_and_leads_when_it_may() {
    let directory = tempfile::tempdir().unwrap();
    let leader = start(journal(directory.path()), |_, _| ()).await;
    let reading = Box::new(FileJournal::open_reading(directory.path()).unwrap());
    let place = directory.path().to_owned();
    let may_lead = move || {
        let opened = FileJournal::open(&place, LogSettings { segment_bytes: 4 * 1024 * 1024 });
        opened.ok().map(|journal| Box::new(journal) as Box<dyn Journal>)
    };
    let (node, _) =
        Node::follow(reading, may_lead, Duration::from_millis(5), Clock::System, NodeSettings::default())
            .unwrap();
    let standby = serving(node, |_, _| ()).await;
    let (_, xml) = payment(1, "10.00");
    assert_eq!(leader.call(ONE, "POST", "/v1/messages", &xml).await.0, 200);
    let (uetr, _) = payment(1, "10.00");
    let end = leader.service.node.position();
    while standby.service.node.position() < end {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let (status, position, health) = asked(&standby, "/healthz").await;
    assert_eq!((status, position, &health["role"]), (200, Some(end.0), &json!("standby")));
    assert_eq!(asked(&leader, "/healthz").await.1, None, "a leader's answers are of now");
    // Reads are as the leader's; what would change the hub is sent elsewhere.
    let path = format!("/v1/payments/{uetr}");
    assert_eq!(standby.call(ONE, "GET", &path, "").await, leader.call(ONE, "GET", &path, "").await);
    let (_, xml) = payment(2, "10.00");
    let (status, told) = standby.call(ONE, "POST", "/v1/messages", &xml).await;
    assert_eq!((status, &told["title"]), (503, &json!("node.standby")));

    leader.service.node.stop();
    leader.task.abort();
    assert!(standby.service.node.leads().await);
    let (status, told) = standby.call(ONE, "POST", "/v1/messages", &xml).await;
    assert_eq!((status, &told["is_repeat"]), (200, &json!(false)), "{told}");
    let (_, position, health) = asked(&standby, "/healthz").await;
    assert_eq!((position, &health["role"]), (None, &json!("leader")));
}
