//! A window from a payment short of cover to the agent's statement, over the API alone.

use meridian_http::wire::{Letter, WindowStatement, WindowView};
use meridian_node::Command;
use meridian_pay::outbound;
use meridian_settlement::{self as settlement, Calendar, Circuit, Model};
use meridian_terms::{Bic, Currency, Micros, Uetr};

use crate::hub::{AGENT, Hub, ONE, TWO, journal, now, payment, start};

async fn with_windows(directory: &std::path::Path) -> Hub {
    let hub = start(journal(directory), |_, _| {}).await;
    // The agent works all day, every day, so that the test may run at any time.
    let calendar =
        Calendar::parse("offset,1970-01-01,+00:00\nweekend,1970-01-01,\nhours,00:00,24:00\ncut_off,24:00");
    let circuit = Circuit {
        currency: Currency::RUB,
        agent: Bic::parse(AGENT).unwrap(),
        model: Model::MultilateralNet,
        calendar: calendar.unwrap(),
        patience: Micros::minutes(10),
    };
    hub.service
        .node
        .ask("operator", Command::Settle(settlement::Command::OpenCircuit(circuit)))
        .await
        .unwrap();
    hub
}

async fn letters(hub: &Hub, bic: &str) -> Vec<Letter> {
    let (status, body) = hub.call(bic, "GET", "/v1/mailbox?after=0", "").await;
    assert_eq!(status, 200, "{body}");
    serde_json::from_value(body).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_payment_waits_settles_and_its_window_is_settled_and_stated() {
    let directory = tempfile::tempdir().unwrap();
    let hub = with_windows(directory.path()).await;
    let (uetr, xml) = payment(1, "1500.00");
    let (_, refused) = hub.call(ONE, "POST", "/v1/messages", &xml).await;
    assert_eq!(refused["payment"]["reason"], "AM04", "{refused}");
    let (status, told) =
        hub.call(ONE, "PUT", "/v1/policies", r#"{"class":"urgent","wait_minutes":60}"#).await;
    assert_eq!(status, 200, "{told}");
    let (waiting, xml) = payment(2, "1500.00");
    let (_, told) = hub.call(ONE, "POST", "/v1/messages", &xml).await;
    assert_eq!(told["payment"]["stage"], "waiting", "{told}");
    assert_eq!(told["payment"]["status"], "PDNG");
    assert_ne!(uetr, waiting);

    // The agent's notice brings cover; the queue lets the payment go at once.
    let cover = format!(
        r#"{{"participant":"{ONE}","amount":{{"currency":"RUB","amount":"500.00"}},"notice":"aa","direction":"in"}}"#
    );
    let (status, told) = hub.call(AGENT, "POST", "/v1/cover", &cover).await;
    assert_eq!(status, 200, "{told}");
    let (_, stands) = hub.call(ONE, "GET", &format!("/v1/payments/{waiting}"), "").await;
    assert_eq!((&stands["stage"], &stands["status"]), (&"settled".into(), &"ACSC".into()), "{stands}");

    let close = Command::Settle(settlement::Command::Close(Currency::RUB));
    hub.service.node.ask("operator", close).await.unwrap();
    // Debits first; the credit is sent once they are in.
    for _ in 0..2 {
        for letter in letters(&hub, AGENT).await {
            let Some(xml) = letter.xml.filter(|_| letter.kind.starts_with("pacs.009")) else { continue };
            let document = meridian_iso20022::read(xml.as_bytes()).unwrap();
            let uetr = document.root().value("FICdtTrf/CdtTrfTxInf/PmtId/UETR").unwrap();
            let answer =
                outbound::write_agent_answer("A", now(), Uetr::parse(uetr).unwrap(), "ACSC", None).unwrap();
            hub.call(AGENT, "POST", "/v1/messages", &answer).await;
        }
    }
    let (_, views) = hub.call(AGENT, "GET", "/v1/windows", "").await;
    let views: Vec<WindowView> = serde_json::from_value(views).unwrap();
    assert_eq!((views[0].stage.as_str(), views[0].nets.len()), ("SETTLED", 2), "{views:?}");
    let (_, own) = hub.call(TWO, "GET", "/v1/windows", "").await;
    let own: Vec<WindowView> = serde_json::from_value(own).unwrap();
    let nets: Vec<(&str, &str)> = own[0].nets.iter().map(|(bic, net)| (bic.as_str(), net.as_str())).collect();
    assert_eq!((own.len(), nets), (1, vec![(TWO, "1500.00")]), "its own net and nobody else's");

    for (bic, count) in [(ONE, 1), (TWO, 1), (AGENT, 3)] {
        let (status, told) = hub.call(bic, "GET", "/v1/windows/RUB/1/statements", "").await;
        assert_eq!(status, 200, "{told}");
        let statements: Vec<WindowStatement> = serde_json::from_value(told).unwrap();
        assert_eq!(statements.len(), count, "{bic}");
        for statement in statements {
            let document = meridian_iso20022::read(statement.xml.as_bytes()).unwrap();
            assert_eq!(document.message(), "camt.053.001.08");
        }
    }
    let (status, _) = hub.call(TWO, "GET", "/v1/windows/RUB/2/statements", "").await;
    assert_eq!(status, 404);

    let page = console(&hub).await;
    for words in
        ["SETTLED", "1500.00", "XONERUMM pays 1500.00", "XTWORUMM receives 1500.00", "Nothing waits."]
    {
        assert!(page.contains(words), "{words} is not on the page:\n{page}");
    }
}

async fn console(hub: &Hub) -> String {
    use meridian_http::client::Call;
    let call = Call {
        method: "GET",
        path: "/windows",
        kind: "text/html",
        headers: &[],
        idempotency_key: None,
        body: Vec::new().into(),
    };
    let (status, body) = hub.client(ONE).call(&call, now()).await.unwrap();
    assert_eq!(status, 200);
    String::from_utf8(body.to_vec()).unwrap()
}
