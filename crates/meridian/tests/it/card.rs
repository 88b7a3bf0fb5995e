//! `meridian card` as scripts call it.

use std::path::Path;

use serde_json::{Value, json};

use crate::bank::run;

/// Runs `meridian card` with this on standard input; its exit code and what it said on standard output.
fn card(args: &[&str], input: &str) -> (i32, String) {
    let (code, said, _) = run(&[&["card"], args].concat(), Path::new("."), input);
    (code, said)
}

fn json_of(args: &[&str], input: &str) -> (i32, Value) {
    let (code, text) = card(args, input);
    (code, serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}")))
}

#[test]
fn what_decode_gives_in_clear_encode_takes_back() {
    let document = json!({
        "mti": "0200",
        "fields": {
            "2": "4111111111111111", "3": "000000", "4": "150000", "35": "4111111111111111=2712101", "48": {"hex": "00FF41"},
            "52": "0011223344556677", "70": "001", "127.2": "KEY", "127.25": "<icc/>",
        },
    });
    let (code, made) = json_of(&["encode", "--dialect", "postilion", "--json", "-"], &document.to_string());
    assert_eq!((code, &made["ok"]), (0, &json!(true)), "{made}");
    let wire = made["hex"].as_str().unwrap();
    let (code, masked) = json_of(&["decode", "--dialect", "postilion", "--json", wire], "");
    assert_eq!(code, 0);
    assert_eq!(masked["mti"], "0200");
    assert_eq!(masked["fields"]["2"], "411111******1111");
    assert_eq!(masked["fields"]["127.25"], "<icc/>");
    assert!(
        !masked.to_string().contains("4111111111111111") && !masked.to_string().contains("0011223344556677")
    );
    let (_, clear) = json_of(&["decode", "--dialect", "postilion", "--clear", "--json", wire], "");
    assert_eq!(clear["fields"]["4"], "000000150000");
    let (_, again) = json_of(&["encode", "--dialect", "postilion", "--json", "-"], &clear.to_string());
    assert_eq!(again["hex"], wire);
    // What was masked is no message any more.
    let (code, refused) = json_of(&["encode", "--dialect", "postilion", "--json", "-"], &masked.to_string());
    assert_eq!((code, &refused["error"]["field"]), (1, &json!("2")));
}

#[test]
fn refusals_name_field_and_byte_and_calls_are_told_apart_from_them() {
    let text = "0800822000000000000004000000000000001124090000000042";
    let hex: String = text.bytes().map(|byte| format!("{byte:02X}")).collect();
    let (code, refused) = json_of(&["decode", "--dialect", "iso87ascii", "--json", &hex], "");
    assert_eq!(code, 1);
    assert_eq!((&refused["error"]["field"], &refused["error"]["offset"]), (&json!("70"), &json!(52)));
    let lines = format!("{hex}333031\n{hex}\n");
    let (code, answers) = card(&["decode", "--dialect", "iso87ascii", "--jsonl", "-"], &lines);
    assert_eq!((code, answers.lines().count()), (1, 2));
    assert_eq!(card(&["decode", "--dialect", "iso87ascii", "30X"], "").0, 2);
    assert_eq!(card(&["decode", "--dialect", "nothing", "30"], "").0, 2);
    assert_eq!(card(&["encode", "--dialect", "iso87ascii", "-"], "{").0, 2);
    let framed = format!("0037{hex}333031");
    let (code, answer) =
        json_of(&["decode", "--dialect", "iso87ascii", "--framing", "binary2", "--json", &framed], "");
    assert_eq!((code, &answer["fields"]["70"]), (0, &json!("301")));
}

#[test]
fn the_promised_dialects_are_there() {
    let (code, known) = json_of(&["dialects", "--json"], "");
    let names: Vec<&str> = known["dialects"]
        .as_array()
        .unwrap()
        .iter()
        .map(|dialect| dialect["name"].as_str().unwrap())
        .collect();
    assert_eq!(code, 0);
    for name in [
        "iso87ascii",
        "iso87binary",
        "iso87ebcdic",
        "iso87hexbitmap",
        "iso93ascii",
        "iso93binary",
        "iso2003ascii",
        "postilion",
    ] {
        assert!(names.contains(&name), "{name}");
    }
}
