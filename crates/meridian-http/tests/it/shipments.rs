//! A deal's shipment over a real socket: planned, told by DCSA events, heard by the deal, shown and exported.

use std::sync::Arc;

use meridian_deal::{
    self as deal, Contract, DealId, Evidence, EvidenceKind, Goods, Incoterm, Kind, Obligation, Remedies,
    Reviewed, RouteChoice, Ruling, Screened, Side, Standing, Treasury,
};
use meridian_node::Command;
use meridian_pay::{self as pay, Participant, Role, Verdict};
use meridian_terms::*;
use serde_json::{Value, json};

use crate::hub::{Hub, ONE, TWO, journal, key, now, start};
use crate::pages::{get, oracles, says};

const CARRIER: &str = "XCARIRTH";
const CUSTOMS: &str = "XCUSRUMM";

fn bic(text: &str) -> Bic {
    Bic::parse(text).unwrap()
}

fn party(name: &str, country: &str) -> Party {
    Party { name: name.into(), country: Country::parse(country).unwrap(), lei: None, address: None }
}

fn contract() -> Contract {
    let price = Money::parse("390000.00", Currency::RUB).unwrap();
    Contract {
        id: DealId("NUTS-1".into()),
        signed_at: now(),
        seller: party("Orchard", "IR"),
        buyer: party("Trader", "RU"),
        seller_bank: bic(TWO),
        seller_account: "S".into(),
        buyer_bank: bic(ONE),
        buyer_account: "B".into(),
        carrier: bic(CARRIER),
        customs: bic(CUSTOMS),
        treasury: Treasury { party: party("Treasury", "RU"), account: "T".into(), agent: bic(ONE) },
        incoterm: Incoterm::parse("FCA").unwrap(),
        named_place: "Tehran".into(),
        goods: vec![Goods {
            hs: HsCode::parse("0802510000").unwrap(),
            description: "Pistachios in shell".into(),
            net_kg: Decimal::whole(18_000),
            value: price,
            origin: Country::parse("IR").unwrap(),
        }],
        price,
        documents: Vec::new(),
        conveyances: Vec::new(),
        insurance: None,
        remedies: Remedies::default(),
    }
}

/// A hub with one signed deal from Tehran to Astrakhan.
async fn hub() -> (tempfile::TempDir, Hub) {
    let directory = tempfile::tempdir().unwrap();
    let hub = start(journal(directory.path()), |service, _| service.oracles = Arc::new(oracles())).await;
    let node = hub.service.node.clone();
    let ask = async |command: Command| {
        node.ask("operator", command).await.unwrap();
    };
    for (name, country, role) in [(CARRIER, "IR", Role::Carrier), (CUSTOMS, "RU", Role::Customs)] {
        let participant = Participant {
            bic: bic(name),
            name: name.into(),
            country: Country::parse(country).unwrap(),
            role,
            key: key(name).public(),
            is_suspended: false,
        };
        ask(Command::Pay(pay::Command::Admit { participant, currencies: Vec::new() })).await;
    }
    let contract = contract();
    let names = [ONE, TWO, CARRIER, CUSTOMS, "Orchard", "Trader"];
    let screened = names.map(|name| Screened {
        name: name.into(),
        list: [7; 32],
        verdict: Verdict::Clear,
        why: Vec::new(),
    });
    ask(Command::Deal(deal::Command::Sign(Box::new(contract.clone()), screened.to_vec()))).await;
    let route = RouteChoice {
        nodes: ["IRTHR", "RUASF"].map(str::to_owned).to_vec(),
        metres: 1_000_000,
        minutes_p50: 10_000,
        minutes_p90: 14_000,
        freight: Money::parse("1200.00", Currency::USD).unwrap(),
        co2e_grams: 900_000,
        estimated_percent: 80,
    };
    ask(Command::Deal(deal::Command::ChooseRoute(contract.id.clone(), route))).await;
    for side in [Side::Export, Side::Import] {
        let reviewed = Reviewed {
            side,
            country: if side == Side::Export { contract.seller.country } else { contract.buyer.country },
            pack: "test".into(),
            ruling: Ruling::Satisfied,
            reasons: Vec::new(),
        };
        ask(Command::Deal(deal::Command::Control(contract.id.clone(), reviewed))).await;
    }
    let owed = Obligation {
        name: "price".into(),
        kind: Kind::Goods,
        payer: contract.buyer.clone(),
        payer_agent: contract.buyer_bank.clone(),
        payee: contract.seller.clone(),
        payee_account: contract.seller_account.clone(),
        payee_agent: contract.seller_bank.clone(),
        amount: contract.price,
        trigger: EvidenceKind::Arrived,
        expires: now().plus(Micros::days(90)),
        backed_by: None,
        standing: Standing::Planned,
    };
    ask(Command::Deal(deal::Command::Undertake(contract.id.clone(), vec![owed]))).await;
    let signed =
        Evidence { kind: EvidenceKind::Signed, by: bic(ONE), document: "contract".into(), digest: [1; 32] };
    ask(Command::Deal(deal::Command::Present(contract.id, signed))).await;
    (directory, hub)
}

fn event(code: &str, place: &str, at: Moment) -> String {
    let kind =
        if matches!(code, "ARRI" | "DEPA") { "transportEventTypeCode" } else { "equipmentEventTypeCode" };
    let mut event = json!({"metadata": {}, "payload": {
        "eventClassifierCode": "ACT", "eventDateTime": at.to_string(),
        "transportCall": {"location": {"UNLocationCode": place}, "facilityTypeCode": "INTE"},
    }});
    event["payload"][kind] = json!(code);
    event.to_string()
}

async fn post(hub: &Hub, who: &str, path: &str, body: &Value) -> (u16, Value) {
    hub.call(who, "POST", path, &body.to_string()).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shipments_events_are_heard_by_its_deal_and_move_its_arrival() {
    let (_directory, hub) = hub().await;
    let plan = json!({"depart": now().to_string(), "load": "1xTEU", "equipment": ["MSKU1234565"],
                      "documents": [{"kind": "SMGS", "number": "77"}]});
    // Only the deal's carrier speaks for its goods.
    let (status, told) = post(&hub, TWO, "/v1/shipments/NUTS-1", &plan).await;
    assert_eq!((status, told["title"].as_str()), (422, Some("shipment.not_their_word")), "{told}");
    let (status, told) = post(&hub, CARRIER, "/v1/shipments/OTHER-9", &plan).await;
    assert_eq!(status, 422, "{told}");
    let (status, told) = post(&hub, CARRIER, "/v1/shipments/NUTS-1", &plan).await;
    assert_eq!(status, 200, "{told}");
    let (_, planned) = hub.call(ONE, "GET", "/v1/shipments/NUTS-1", "").await;
    assert_eq!(planned["standing"], "planned");
    let places: Vec<&str> = planned["places"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
    assert_eq!((places[0], places[places.len() - 1]), ("IRTHR", "RUASF"));
    // What a stranger asks for is not there.
    assert_eq!(hub.call(crate::hub::AGENT, "GET", "/v1/shipments/NUTS-1", "").await.0, 404);

    let report = async |code: &str, place: &str| {
        hub.call(CARRIER, "POST", "/v1/shipments/NUTS-1/events", &event(code, place, now())).await
    };
    // An arrival before the loading is a fact of the shipment, and no evidence the deal takes.
    let (status, told) = report("ARRI", "RUASF").await;
    assert_eq!((status, told["heard"]["refused"].as_str()), (200, Some("deal.too_early")), "{told}");
    let (_, told) = report("LOAD", "IRTHR").await;
    assert_eq!(told["heard"]["evidence"], "loaded", "{told}");
    // Said again it is nothing new for the deal.
    let (_, told) = report("LOAD", "IRTHR").await;
    assert_eq!((told["is_repeat"].as_bool(), &told["heard"]), (Some(false), &Value::Null), "{told}");
    let (_, told) = report("ARRI", "RUASF").await;
    assert_eq!(told["heard"]["evidence"], "border-crossed", "the first thing seen of it in Russia: {told}");
    let (_, told) = report("DISC", "RUASF").await;
    assert_eq!(
        told["heard"],
        json!({"evidence": "arrived", "obligations_due": 1}),
        "the price falls due: {told}"
    );
    let (status, told) = report("GTOT", "RUASF").await;
    assert_eq!((status, told["title"].as_str()), (422, Some("shipment.delivered")), "{told}");
    let (_, story) = hub.call(ONE, "GET", "/v1/deals/NUTS-1", "").await;
    let kinds: Vec<&str> =
        story["evidence"].as_array().unwrap().iter().filter_map(|one| one["kind"].as_str()).collect();
    assert_eq!(kinds, ["signed", "loaded", "border-crossed", "arrived"]);
    let (_, document) = hub.call(ONE, "GET", "/v1/shipments/NUTS-1/epcis", "").await;
    let steps: Vec<&str> = document["epcisBody"]["eventList"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|one| one["bizStep"].as_str())
        .collect();
    assert_eq!(steps, ["arriving", "loading", "loading", "arriving", "unloading"]);

    // The same journal gives the same hub.
    let before = hub.service.node.read(|hub| hub.hash()).await.unwrap();
    hub.service.node.stop();
    hub.task.abort();
    tokio::time::sleep(std::time::Duration::from_millis(200)).await;
    let again = start(journal(_directory.path()), |service, _| service.oracles = Arc::new(oracles())).await;
    assert_eq!(again.service.node.read(|hub| hub.hash()).await.unwrap(), before);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_late_shipment_says_why_and_arrives_later_and_a_page_shows_where_it_is() {
    let (_directory, hub) = hub().await;
    let left = now().plus(Micros::days(-4));
    let plan = json!({"depart": left.to_string(), "load": "1xTEU"});
    let (status, told) = post(&hub, CARRIER, "/v1/shipments/NUTS-1", &plan).await;
    assert_eq!(status, 200, "{told}");
    let arrival = async || {
        let (_, shown) = hub.call(CARRIER, "GET", "/v1/shipments/NUTS-1", "").await;
        (Moment::parse(shown["eta"]["p50"].as_str().unwrap()).unwrap(), shown)
    };
    let (_, shown) = arrival().await;
    let planned = Moment::parse(shown["planned"]["arrives"].as_str().unwrap()).unwrap();
    // It left four days late, and nothing says it will catch up.
    let (status, _) =
        hub.call(CARRIER, "POST", "/v1/shipments/NUTS-1/events", &event("DEPA", "IRTHR", now())).await;
    assert_eq!(status, 200);
    let (late, shown) = arrival().await;
    assert!(late > planned, "{late} is not after {planned}");
    assert!(shown["late_minutes"].as_i64().unwrap() > 2 * 1440, "{shown}");
    let place = shown["places"][1].as_str().unwrap().to_owned();
    let why = json!({"reason": "border_queue", "place": place, "at": now().to_string(), "words": "181 trucks waiting"});
    assert_eq!(post(&hub, CARRIER, "/v1/shipments/NUTS-1/delay", &why).await.0, 200);
    let (status, told) = post(
        &hub,
        CARRIER,
        "/v1/shipments/NUTS-1/delay",
        &json!({"reason": "boredom", "place": place, "at": now().to_string()}),
    )
    .await;
    assert_eq!((status, told["title"].as_str()), (422, Some("shipment.delay_reason")));
    let somewhere = json!({"north": "37.28", "east": "49.58", "at": now().to_string()});
    assert_eq!(post(&hub, CARRIER, "/v1/shipments/NUTS-1/position", &somewhere).await.0, 200);
    let nowhere = json!({"north": "137.28", "east": "49.58", "at": now().to_string()});
    assert_eq!(post(&hub, CARRIER, "/v1/shipments/NUTS-1/position", &nowhere).await.0, 422);

    let (status, page) = get(&hub, "/shipments/NUTS-1").await;
    assert_eq!(status, 200);
    says(
        &page,
        &[
            "under way",
            "h behind plan",
            "border_queue",
            "181 trucks waiting",
            "departed ACT",
            "if the estimated spreads hold",
        ],
    );
    assert!(page.contains("class=\"ship\""), "a pin on the map");
    let (_, page) = get(&hub, "/shipments").await;
    says(&page, &["NUTS-1 under way", "Astrakhan"]);
    let (_, page) = get(&hub, "/deals/NUTS-1").await;
    says(&page, &["NUTS-1 under way"]);
    let (status, dcsa) = get(&hub, "/shipments/NUTS-1/dcsa.json").await;
    let dcsa: Value = serde_json::from_str(&dcsa).unwrap();
    assert_eq!((status, dcsa[0]["payload"]["transportEventTypeCode"].as_str()), (200, Some("DEPA")));
    assert_eq!(get(&hub, "/shipments/NUTS-9").await.0, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_declaration_says_what_it_lacks_and_is_printed_when_it_is_whole() {
    let (_directory, hub) = hub().await;
    let (status, page) = get(&hub, "/deals/NUTS-1/declare").await;
    assert_eq!(status, 200);
    says(
        &page,
        &[
            "Not yet a declaration",
            "office: is empty",
            "exporter.address: is empty",
            "goods[0].packages: is empty",
        ],
    );
    assert_eq!(get(&hub, "/deals/NUTS-1/declare/declaration.xml").await.0, 422);
    let whole = "?office=10311010&exporter_address=Tehran&consignee_address=Astrakhan&declarant_address=Astrakhan\
                 &transport=MV+Example&packages_1=720+bags&gross_1=18200&day=2026-03-20";
    let (_, page) = get(&hub, &format!("/deals/NUTS-1/declare{whole}")).await;
    says(&page, &["Complete.", "customs value"]);
    // 390 000 roubles and 1 200 USD of freight at 80.40 are 486 480; 5 % of it is 24 324; 10 % of both 51 080.40; the fee 4 269.
    says(&page, &["RUB 486480.00", "RUB 79673.40"]);
    let (status, xml) = get(&hub, &format!("/deals/NUTS-1/declare/declaration.xml{whole}")).await;
    assert!(status == 200 && xml.contains("<customs_value>486480.00</customs_value>"), "{xml}");
    let (_, text) = get(&hub, &format!("/deals/NUTS-1/declare/declaration.json{whole}")).await;
    let json: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(
        (json["charges"].as_str(), json["lines"][0]["code"].as_str()),
        (Some("79673.40"), Some("0802510000")),
        "{json}"
    );
    let (_, print) = get(&hub, &format!("/deals/NUTS-1/declare/declaration.html{whole}")).await;
    says(&print, &["Pistachios in shell", "720 bags", "486480.00"]);
}
