//! `meridian settle plan`, as scripts call it.

use serde_json::Value;

use crate::bank::run;

/// 100 each in a circle of three with 10 of cover, and one payment nobody can fund.
const QUEUE: &str = r#"{"liquidity": {"A": 10, "B": 0, "C": 0}, "payments": [
    {"id": "1", "from": "A", "to": "B", "amount": 100}, {"id": "2", "from": "B", "to": "C", "amount": 95},
    {"id": "3", "from": "C", "to": "A", "amount": 90, "priority": "urgent"},
    {"id": "4", "from": "B", "to": "A", "amount": 1000, "priority": "NORM"}]}"#;

#[test]
fn a_queue_is_planned_by_each_method() {
    let directory = tempfile::tempdir().unwrap();
    for method in ["fifo", "greedy", "best"] {
        let (code, told, _) =
            run(&["settle", "plan", "-", "--method", method, "--json"], directory.path(), QUEUE);
        assert_eq!(code, 0);
        let told: Value = serde_json::from_str(&told).unwrap();
        assert_eq!(told["settled"], serde_json::json!(["1", "2", "3"]), "{method}");
        assert_eq!((&told["value_settled"], &told["value_queued"]), (&285.into(), &1_000.into()));
        assert_eq!(told["net"], serde_json::json!({"A": -10, "B": 5, "C": 5}));
        assert!(told["bound"].as_i64().unwrap() >= 285 && told["millis"].is_u64());
    }
}

#[test]
fn a_wrong_queue_says_where_and_what() {
    let directory = tempfile::tempdir().unwrap();
    let rows = [
        (QUEUE.replace("\"amount\": 95", "\"amount\": 9.5"), "-:2:"),
        (QUEUE.replace("\"to\": \"C\"", "\"to\": \"D\""), "\"D\" has no liquidity"),
        (QUEUE.replace("\"amount\": 90", "\"amount\": 0"), "payment 3"),
        (QUEUE.replace("\"id\": \"2\"", "\"id\": \"1\""), "payment 1 is there twice"),
        (QUEUE.replace("urgent", "soon"), "write urgent or normal"),
        (QUEUE.replace("\"A\": 10", "\"A\": -10"), "zero or more"),
    ];
    for (text, words) in rows {
        let (code, told, complaint) = run(&["settle", "plan", "-", "--json"], directory.path(), &text);
        assert_eq!((code, told.as_str()), (2, ""));
        assert!(complaint.contains(words), "{complaint}");
    }
    let (code, _, complaint) = run(&["settle", "plan", "nowhere.json"], directory.path(), "");
    assert_eq!(code, 2);
    assert!(complaint.contains("nowhere.json"), "{complaint}");
}
