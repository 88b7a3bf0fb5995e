//! Messages pushed to a participant's own endpoint: in order, at least once, the next only when the one before was
//! taken.

use std::time::Duration;

use axum::body::Bytes;
use meridian_node::Command;
use meridian_pay::{self as pay, outbound::Written};
use meridian_terms::Bic;

use crate::Service;
use crate::client::{Call, Client};
use crate::routes::mailbox::{await_change, waiting};

/// The pauses between attempts grow from the first to the last of these.
const FIRST_PAUSE: Duration = Duration::from_millis(200);
const LAST_PAUSE: Duration = Duration::from_secs(30);

/// Pushes until the node stops. Each letter is a signed POST of the ISO message itself, or of the facts as JSON, with
/// its number and kind in headers; any 2xx takes it, anything else is tried again.
pub async fn push(service: Service, to: Bic, path: String, mut client: Client) {
    let mut changes = service.node.changes();
    let mut pause = FIRST_PAUSE;
    let mut read = 0;
    loop {
        let Ok(letters) = waiting(&service, &to, read).await else { return };
        if letters.is_empty() {
            if !await_change(&mut changes, Duration::from_secs(3600)).await {
                return;
            }
            continue;
        }
        for (number, outgoing) in letters {
            let Ok(written) = pay::outbound::write(&outgoing, number, &service.hub, &to) else { return };
            loop {
                if deliver(&mut client, &service, &path, number, &written).await {
                    pause = FIRST_PAUSE;
                    break;
                }
                tokio::time::sleep(pause).await;
                pause = (pause * 2).min(LAST_PAUSE);
            }
            read = number;
        }
        let command = Command::Pay(pay::Command::Acknowledge { by: to.clone(), upto: read });
        if let Err(meridian_node::AskError::Stopped) = service.node.ask(to.as_str(), command).await {
            return;
        }
    }
}

async fn deliver(client: &mut Client, service: &Service, path: &str, number: u64, written: &Written) -> bool {
    let (kind, content, body) = match written {
        Written::Message { kind, xml } => (kind, "application/xml", Bytes::from(xml.clone())),
        Written::Word { kind, facts } => {
            (kind, "application/json", Bytes::from(serde_json::to_vec(facts).unwrap_or_default()))
        }
    };
    let (text, key) = (number.to_string(), format!("{}-{number}", service.hub));
    let headers = [("meridian-letter-number", text.as_str()), ("meridian-letter-kind", kind.as_str())];
    let call =
        Call { method: "POST", path, kind: content, headers: &headers, idempotency_key: Some(&key), body };
    let answered =
        tokio::time::timeout(Duration::from_secs(10), client.call(&call, service.node.clock().now()));
    matches!(answered.await, Ok(Ok((200..=299, _))))
}
