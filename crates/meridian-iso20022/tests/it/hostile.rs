//! Hostile input is refused, quickly, and never panics.

use meridian_iso20022::{Limits, read, read_within};
use meridian_testdata::{bent, runs};

const GOOD: &str = concat!(
    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>",
    "<Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:pacs.028.001.03\"><FIToFIPmtStsReq><GrpHdr><MsgId>A &amp; B</MsgId>",
    "<CreDtTm>2026-03-20T09:00:00Z</CreDtTm></GrpHdr></FIToFIPmtStsReq></Document>"
);

#[test]
fn tricks_are_refused_by_rule() {
    let rows = [
        ("a document type", GOOD.replace("<Document ", "<!DOCTYPE x><Document "), "well-formed"),
        ("an unknown entity", GOOD.replace("&amp;", "&xxe;"), "well-formed"),
        ("another encoding", GOOD.replace("UTF-8", "UTF-16"), "well-formed"),
        ("a control character", GOOD.replace("A &amp;", "A \u{1} &amp;"), "well-formed"),
        (
            "two roots",
            format!("{GOOD}<Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:pacs.028.001.03\"/>"),
            "well-formed",
        ),
        ("text behind the root", format!("{GOOD}x"), "well-formed"),
        (
            "an undeclared prefix",
            GOOD.replace("<GrpHdr>", "<p:GrpHdr>").replace("</GrpHdr>", "</p:GrpHdr>"),
            "well-formed",
        ),
        ("a doubled attribute", GOOD.replace("<GrpHdr>", "<GrpHdr a=\"1\" a=\"2\">"), "well-formed"),
        (
            "a crossed end",
            GOOD.replace("</GrpHdr></FIToFIPmtStsReq>", "</FIToFIPmtStsReq></GrpHdr>"),
            "well-formed",
        ),
        ("an open end", GOOD.replace("</Document>", ""), "well-formed"),
        ("another namespace", GOOD.replace("pacs.028.001.03", "pacs.999.001.03"), "namespace"),
        ("nothing", String::new(), "well-formed"),
    ];
    assert!(read(GOOD.as_bytes()).is_ok());
    for (what, xml, rule) in rows {
        let violations = read(xml.as_bytes()).expect_err(what);
        assert_eq!(violations[0].rule, rule, "{what}: {}", violations[0]);
    }
    let deep = "<a>".repeat(100_000);
    assert_eq!(read(deep.as_bytes()).unwrap_err()[0].rule, "namespace");
    let nested = GOOD.replace("<MsgId>", &format!("<MsgId>{}", "<a>".repeat(1000)));
    assert_eq!(read(nested.as_bytes()).unwrap_err().last().unwrap().rule, "limit");
    let small = Limits { bytes: 10, ..Limits::default() };
    assert_eq!(read_within(GOOD.as_bytes(), small).unwrap_err()[0].rule, "limit");
    assert!(read(b"\xff\xfe<").is_err());
}

/// Real documents, bent. `MERIDIAN_FUZZ` sets how many.
#[test]
fn no_document_panics_and_what_is_accepted_is_written_and_read_again() {
    let mut samples: Vec<Vec<u8>> = vec![GOOD.as_bytes().to_vec()];
    if let Some(path) = meridian_testdata::find("iso20022/conformance/cases.jsonl.gz") {
        use std::io::{BufRead, BufReader};
        let file = flate2::read::GzDecoder::new(std::fs::File::open(path).unwrap());
        for line in BufReader::new(file).lines().step_by(40).take(255) {
            let case: serde_json::Value = serde_json::from_str(&line.unwrap()).unwrap();
            samples.push(case["xml"].as_str().unwrap().as_bytes().to_vec());
        }
    }
    bolero::check!().with_iterations(runs(20_000)).with_max_len(21).for_each(move |recipe: &[u8]| {
        if let Ok(document) = read(&bent(&samples, recipe).1) {
            assert!(read(document.write().as_bytes()).is_ok());
        }
    });
}
