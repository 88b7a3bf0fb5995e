//! Casework under `meridian serve`: a payment that is not clear is a case, two people release it, and what the payer hears.

use std::time::{Duration, Instant};

use meridian_pay::Priority;
use meridian_screening::{Delta, ListSet, import_un};
use meridian_terms::{Currency, Money, Uetr};
use serde_json::{Value, json};

use crate::bank::{Bank, Corridor, run};
use crate::people::{Browser, found};

/// Words that would tell a payer what it is about.
const TELLING: [&str; 8] =
    ["screen", "sanction", "watch list", "hit", "regulatory", "compliance", "RR04", "Somebody Listed"];

fn roubles(minor: i128) -> Money {
    Money::new(minor, Currency::RUB)
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap()
}

async fn fund(corridor: &Corridor) {
    let agent = Bank::new("XAGTRUMM", &corridor.url);
    let amount = json!({"amount": "1000000.00", "currency": "RUB"});
    let notice = json!({"participant": "XONERUMM", "amount": amount, "direction": "in", "notice": "1f"});
    let (status, body) = agent.json("POST", "/v1/cover", notice).await.unwrap();
    assert_eq!(status, 200, "{body}");
}

/// Everything in a bank's mailbox, as text.
async fn letters(bank: &Bank) -> String {
    let (status, body) = bank.call("GET", "/v1/mailbox?after=0", Vec::new()).await.unwrap();
    assert_eq!(status, 200);
    body.to_string()
}

/// Proposes on a case's page and has another approve it there.
fn two(first: &Browser, second: &Browser, case: u64, fields: &[(&str, &str)]) {
    let page = format!("/cases/{case}");
    let mut all = vec![("case", page.rsplit('/').next().unwrap())];
    all.extend(fields);
    assert_eq!(first.act(&page, "/cases/act", &all).location(), page);
    let shown = second.get(&page);
    let (proposal, digest) = (shown.field("proposal"), shown.field("digest"));
    let approve = [
        ("proposal", proposal.as_str()),
        ("digest", digest.as_str()),
        ("decision", "approve"),
        ("page", page.as_str()),
    ];
    let alone = first.act(&page, "/office/decide", &approve);
    assert!(alone.location().contains("people%2Esame%5Fperson"), "{}", alone.location());
    assert_eq!(second.act(&page, "/office/decide", &approve).location(), page);
}

fn verified(corridor: &Corridor) -> Value {
    let (code, answer, complaint) = run(&["verify", "data"], corridor.directory.path(), "");
    assert_eq!(code, 0, "{answer}{complaint}");
    serde_json::from_str(&answer).unwrap()
}

/// Waits until a page says something.
fn until(browser: &Browser, path: &str, says: &str) -> String {
    let patience = Instant::now() + Duration::from_secs(30);
    loop {
        let page = browser.get(path).body;
        if page.contains(says) {
            return page;
        }
        assert!(Instant::now() < patience, "{path} does not say {says}: {page}");
        std::thread::sleep(Duration::from_millis(100));
    }
}

#[test]
fn a_refused_payment_passes_when_two_have_released_it_and_the_payer_hears_no_reason() {
    let corridor = Corridor::unlinked("list.csv", 30);
    found(&corridor);
    let hub = corridor.serve();
    let runtime = runtime();
    let (one, other) = (Bank::new("XONERUMM", &corridor.url), Bank::new("XTWORUMM", &corridor.url));
    let uetr = Uetr::from_bits(7);
    let pay = |uetr: u128, payee: &'static str, attempt| {
        let pay = one.pay_to(Uetr::from_bits(uetr), "XTWORUMM", roubles(500), Priority::High, payee, attempt);
        runtime.block_on(pay).unwrap().1
    };
    runtime.block_on(fund(&corridor));
    let refused = pay(7, "Somebody LISTED", 0);
    assert_eq!(refused["payment"]["stage"], "refused", "{refused}");
    assert_eq!(refused["payment"]["reason"], "MS03", "{refused}");
    assert!(refused["refusal"].as_str().unwrap().contains("reference 1"), "{refused}");
    let told = runtime.block_on(letters(&one)) + &refused.to_string();
    for word in TELLING {
        assert!(!told.to_lowercase().contains(&word.to_lowercase()), "{word} is in {told}");
    }

    let (carla, dmitri) =
        (Browser::signed_in(&corridor, "carla", 0), Browser::signed_in(&corridor, "dmitri", 0));
    let page = carla.get("/cases").body;
    for shown in
        ["Case 1", "Somebody Listed", "L-1", "Somebody LISTED", "<svg class=\"alignment\"", "list.csv"]
    {
        assert!(page.contains(shown), "{shown} is not on the page");
    }
    let act = |who: &Browser, fields: &[(&str, &str)]| who.act("/cases/1", "/cases/act", fields);
    assert_eq!(act(&carla, &[("case", "1"), ("act", "take")]).location(), "/cases/1");
    act(&carla, &[("case", "1"), ("act", "note"), ("text", "asked the agent for a date of birth")]);
    let silent = act(&carla, &[("case", "1"), ("act", "release"), ("text", "")]);
    assert!(silent.location().contains("screening%2Eno%5Freason"), "{}", silent.location());
    // Nobody but compliance works a case.
    let amina = Browser::signed_in(&corridor, "amina", 0);
    assert_eq!(amina.get("/cases").status, 403);
    // Before two have said so it stays refused.
    assert_eq!(pay(7, "Somebody LISTED", 1)["payment"]["stage"], "refused");
    two(&carla, &dmitri, 1, &[("act", "release"), ("text", "born 1961, the listed one 1984")]);
    let file = carla.get("/cases/1").body;
    for line in [
        "takes the case",
        "asked the agent for a date of birth",
        "proposes to release",
        "approves to release",
    ] {
        assert!(file.contains(line), "{line} is not in the file");
    }
    // Released is that payment, to that payee: other names under the same reference are another payment.
    let sent = pay(7, "Somebody LISTED", 2);
    assert_eq!(sent["payment"]["stage"], "sent", "{sent}");
    let (_, done) = runtime.block_on(other.accept(uetr)).unwrap();
    assert_eq!(done["payment"]["stage"], "committed", "{done}");
    // Another payment to the same payee is another case, which one person refuses; it stays refused.
    assert_eq!(pay(8, "Somebody LISTED", 0)["payment"]["stage"], "refused");
    let refuse = [("case", "2"), ("act", "refuse"), ("text", "the listed one")];
    assert_eq!(carla.act("/cases/2", "/cases/act", &refuse).location(), "/cases/2");
    assert_eq!(pay(8, "Somebody LISTED", 1)["payment"]["stage"], "refused");

    // A good-guy entry explains one party against one entry for a while: the next payment needs nobody.
    assert_eq!(pay(9, "Somebodi Listed", 0)["payment"]["stage"], "refused");
    let good = [
        ("act", "good-guy"),
        ("field", "1"),
        ("hit", "0"),
        ("text", "a shop in Kazan, register 1027"),
        ("until", "2027-01-31"),
    ];
    two(&dmitri, &carla, 3, &good);
    until(&carla, "/cases/3", "no hit any more");
    assert_eq!(pay(9, "Somebodi Listed", 1)["payment"]["stage"], "sent");
    assert_eq!(pay(10, "Somebodi Listed", 0)["payment"]["stage"], "sent");
    // Another spelling is another party.
    assert_eq!(pay(11, "Somebody Listedd", 0)["payment"]["stage"], "refused");

    hub.kill();
    let audit = verified(&corridor);
    assert!(audit["screening_audit"]["links"].as_u64().unwrap() > 10, "{audit}");
    // A restart knows the cases as they were.
    let _hub = corridor.serve();
    let carla = Browser::signed_in(&corridor, "carla", 30);
    assert!(carla.get("/cases/1").body.contains("released"));
    assert_eq!(pay(8, "Somebody LISTED", 2)["payment"]["stage"], "refused");
}

#[test]
fn the_uns_additions_are_found_in_flight_when_two_put_its_next_list_in_force() {
    let Some(folder) = meridian_testdata::find("screening/lists/un") else { return };
    let versions = ["un_consolidated_2025-11.xml", "un_consolidated_2026-02-27.xml"]
        .map(|name| std::fs::read(folder.join(name)).unwrap());
    let [old, new] = [&versions[0], &versions[1]].map(|bytes| ListSet::of(vec![import_un(bytes).unwrap()]));
    let added = Delta::between(&old, &new).added;
    assert_eq!(added.len(), 4);
    let added: Vec<String> =
        added.iter().map(|(list, id)| new.entry(list, id).unwrap().primary().to_owned()).collect();

    let corridor = Corridor::unlinked("un.xml", 5_000);
    std::fs::write(corridor.directory.path().join("un.xml"), &versions[0]).unwrap();
    found(&corridor);
    let hub = corridor.serve();
    let runtime = runtime();
    let (one, other) = (Bank::new("XONERUMM", &corridor.url), Bank::new("XTWORUMM", &corridor.url));
    let uetr = |number: usize| Uetr::from_bits(100 + number as u128);
    runtime.block_on(async {
        fund(&corridor).await;
        let unlisted = ["Rajesh Kumar Verma".to_owned(), "Giorgi Maisuradze".to_owned()];
        for (number, payee) in added.iter().chain(&unlisted).enumerate() {
            let pay = one.pay_to(uetr(number), "XTWORUMM", roubles(100), Priority::Norm, payee, 0);
            let (_, body) = pay.await.unwrap();
            assert_eq!(body["payment"]["stage"], "sent", "{payee}: {body}");
        }
    });

    // A list cut short is not taken; the next one is offered, and comes into force when two say so.
    let (carla, dmitri) =
        (Browser::signed_in(&corridor, "carla", 0), Browser::signed_in(&corridor, "dmitri", 0));
    let short = String::from_utf8(versions[1].clone()).unwrap();
    let at = short.match_indices("</INDIVIDUAL>").nth(200).unwrap().0 + "</INDIVIDUAL>".len();
    let short = format!("{}</INDIVIDUALS><ENTITIES></ENTITIES></CONSOLIDATED_LIST>", &short[..at]);
    std::fs::write(corridor.directory.path().join("un.xml"), short).unwrap();
    std::thread::sleep(Duration::from_secs(3));
    assert!(!carla.get("/office").body.contains("put the watch lists"), "a list cut short is offered");
    std::fs::write(corridor.directory.path().join("un.xml"), &versions[1]).unwrap();
    let offered = until(&carla, "/office", "put the watch lists");
    let wanted = offered.split("value=\"wanted\"").nth(1).unwrap();
    let digest = wanted.split("name=\"digest\" value=\"").nth(1).unwrap().split('"').next().unwrap();
    let propose = [("act", "wanted"), ("digest", digest)];
    assert_eq!(carla.act("/office", "/office/act", &propose).location(), "/office");
    let open = dmitri.get("/office");
    let (proposal, matter) = (open.field("proposal"), open.field("digest"));
    let approve = [("proposal", proposal.as_str()), ("digest", matter.as_str()), ("decision", "approve")];
    assert_eq!(dmitri.act("/office", "/office/decide", &approve).location(), "/office");

    // The four are found, the others are not, and nobody's answer passes for the four.
    let queue = until(&carla, "/cases", "Waiting <span class=\"count\">4</span>");
    for name in &added {
        let name = name.replace('\'', "&#39;");
        assert!(queue.contains(&name), "{name} is not in the queue");
    }
    let answer = |number| runtime.block_on(other.accept(uetr(number))).unwrap();
    let (status, held) = answer(0);
    assert_ne!(status, 200, "{held}");
    assert!(held.to_string().contains("after-a-moment"), "{held}");
    let (_, passed) = answer(4);
    assert_eq!(passed["payment"]["stage"], "committed", "{passed}");
    // Released, the payment goes on where it stood; refused, its money is free again and the payer hears MS03.
    let case_of = |number: usize| {
        let page = (1..=4).find(|case| {
            carla.get(&format!("/cases/{case}")).body.contains(&format!("/payments/{}", uetr(number)))
        });
        page.unwrap()
    };
    two(&carla, &dmitri, case_of(0), &[("act", "release"), ("text", "a boy of twelve")]);
    let (_, passed) = answer(0);
    assert_eq!(passed["payment"]["stage"], "committed", "{passed}");
    let case = case_of(1).to_string();
    let refuse = [("case", case.as_str()), ("act", "refuse"), ("text", "the listed one")];
    carla.act(&format!("/cases/{case}"), "/cases/act", &refuse);
    let (_, stands) =
        runtime.block_on(one.call("GET", &format!("/v1/payments/{}", uetr(1)), Vec::new())).unwrap();
    assert_eq!((stands["stage"].as_str(), stands["reason"].as_str()), (Some("rejected"), Some("MS03")));
    hub.kill();
    verified(&corridor);
}
