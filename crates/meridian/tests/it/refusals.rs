//! Wrong calls and hostile peers are told what is wrong and what to do.

use serde_json::json;

use crate::bank::{Bank, Corridor, run};

#[test]
fn a_second_hub_on_the_same_data_is_refused() {
    let corridor = Corridor::new();
    let _hub = corridor.serve();
    let (code, _, complaint) = run(&["serve", "--config", "corridor.toml"], corridor.directory.path(), "");
    assert_eq!(code, 2);
    assert!(complaint.contains("another process holds the journal"), "{complaint}");
}

#[test]
fn a_malformed_corridor_names_file_line_column_and_loads_nothing() {
    let corridor = Corridor::new();
    let file = corridor.directory.path().join("corridor.toml");
    let good = std::fs::read_to_string(&file).unwrap();
    let rows = [
        (good.replace("role = \"fx-provider\"", "roll = \"fx-provider\""), "corridor.toml:"),
        (good.replace("listen = \"127.0.0.1", "listen = \"192.0.2.1"), "not loopback"),
        (good.replace("lists = [\"list.csv\"]", "lists = []"), "fails closed"),
        (good.replace("lists = [\"list.csv\"]", "lists = [\"nowhere.csv\"]"), "nowhere.csv"),
        (good.replace("hub = ", "is_example = true\nhub = "), "meridian up"),
        (
            good.replace("instrument = \"Agreement 1\"", "instrument = \"Agreement 2\""),
            "is not over this instrument",
        ),
        (good.replace("\"Amina\", \"Boris\"", "\"Amina\", \"Carol\""), "no [[person]] is named Carol"),
        (good.replace("signatures = ", "# signatures = "), "meridian key sign-link"),
        (format!("{good}[[cap]]\nmost = \"RUB 5.00\"\n"), "name one of participant"),
        (good.replace("hub = ", "console = \"192.0.2.1:80\"\nhub = "), "stays on loopback"),
    ];
    for (text, words) in rows {
        std::fs::write(&file, text).unwrap();
        let (code, _, complaint) =
            run(&["serve", "--config", "corridor.toml"], corridor.directory.path(), "");
        assert_eq!(code, 2, "{complaint}");
        assert!(complaint.contains(words), "{complaint}");
        assert!(!corridor.data().exists(), "something was half loaded");
    }
    std::fs::write(&file, good).unwrap();
    std::fs::write(
        corridor.directory.path().join("list.csv"),
        "# TEST\nid,kind,name,aliases\nT,person,X Y,\n",
    )
    .unwrap();
    let (code, _, complaint) = run(&["serve", "--config", "corridor.toml"], corridor.directory.path(), "");
    assert_eq!(code, 2);
    assert!(complaint.contains("marked TEST"), "{complaint}");
}

#[test]
fn nobody_comes_in_without_a_signature_of_their_own() {
    let corridor = Corridor::new();
    let _hub = corridor.serve();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let stranger = Bank::new("XNOBRUMM", &corridor.url);
        let (status, body) = stranger.call("GET", "/v1/positions", Vec::new()).await.unwrap();
        assert_eq!((status, body["title"].as_str()), (401, Some("http.unknown_signer")));
        let bank = Bank::new("XONERUMM", &corridor.url);
        let amount = json!({"amount": "5.00", "currency": "RUB"});
        let notice = json!({"participant": "XONERUMM", "amount": amount, "direction": "in", "notice": "2f"});
        let (status, body) = bank.json("POST", "/v1/cover", notice).await.unwrap();
        assert_eq!((status, body["title"].as_str()), (403, Some("http.not_the_settlement_agent")));
        let (status, body) = bank.call("POST", "/v1/messages", b"<not a message".to_vec()).await.unwrap();
        assert_eq!((status, body["title"].as_str()), (400, Some("iso20022.malformed")), "{body}");
    });
}

#[test]
fn a_damaged_journal_is_refused_with_its_place() {
    let corridor = Corridor::new();
    let hub = corridor.serve();
    hub.kill();
    let segment = corridor.data().join("segment-00000000000000000000");
    let mut bytes = std::fs::read(&segment).unwrap();
    bytes[4096 + 100] ^= 1;
    std::fs::write(&segment, bytes).unwrap();
    let (code, answer, _) = run(&["verify", "data"], corridor.directory.path(), "");
    assert_eq!(code, 1);
    assert!(answer.contains("segment-00000000000000000000 is damaged at byte 4096"), "{answer}");
}
