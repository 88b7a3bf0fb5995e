//! Agreement with libxml2 on every labelled document.

use std::io::{BufRead, BufReader};

use meridian_iso20022::{Draft, read};
use serde_json::Value;

fn cases() -> Option<impl Iterator<Item = Value>> {
    let path = meridian_testdata::find("iso20022/conformance/cases.jsonl.gz")?;
    let file = flate2::read::GzDecoder::new(std::fs::File::open(path).unwrap());
    Some(BufReader::new(file).lines().map(|line| serde_json::from_str(&line.unwrap()).unwrap()))
}

#[test]
fn every_labelled_document_gets_the_verdict_of_libxml2() {
    let Some(cases) = cases() else { return };
    let mut wrong = Vec::new();
    let mut seen = 0;
    for case in cases {
        seen += 1;
        let verdict = read(case["xml"].as_str().unwrap().as_bytes());
        let expected = case["valid"].as_bool().unwrap();
        if verdict.is_ok() != expected {
            let first = verdict.err().map(|violations| violations[0].to_string());
            wrong.push(format!(
                "{} {} {}: {first:?} libxml2 {}",
                case["msg"], case["op"], case["source"], case["libxml2_error"]
            ));
        }
    }
    assert!(seen > 0, "there are no cases");
    assert!(wrong.is_empty(), "{} of {seen}:\n{}", wrong.len(), wrong[..wrong.len().min(20)].join("\n"));
}

#[test]
fn every_labelled_sample_gets_its_label() {
    let Some(root) = meridian_testdata::find("iso20022/samples") else { return };
    let (mut seen, mut wrong) = (0, Vec::new());
    for message in std::fs::read_dir(root).unwrap().map(|entry| entry.unwrap().path()) {
        for (label, expected) in [("valid", true), ("invalid", false)] {
            let Ok(files) = std::fs::read_dir(message.join(label)) else { continue };
            for file in files.map(|entry| entry.unwrap().path()) {
                // A sample is one document, or an envelope whose every part must be valid.
                let parts = meridian_iso20022::parts(&std::fs::read(&file).unwrap()).unwrap_or_default();
                if parts.is_empty() {
                    continue;
                }
                seen += 1;
                let first = parts.iter().find_map(|part| read(part.xml.as_bytes()).err());
                if first.is_none() != expected {
                    let first = first.map(|violations| violations[0].to_string());
                    wrong.push(format!("{}: {first:?}", file.display()));
                }
            }
        }
    }
    assert!(seen > 400, "only {seen} samples were found");
    assert!(wrong.is_empty(), "{} of {seen}:\n{}", wrong.len(), wrong[..wrong.len().min(20)].join("\n"));
}

#[test]
fn what_is_read_and_written_again_says_the_same() {
    let Some(cases) = cases() else { return };
    let mut seen = 0;
    for case in cases.filter(|case| case["valid"] == true) {
        let xml = case["xml"].as_str().unwrap();
        let document = read(xml.as_bytes()).unwrap();
        let again = document.write();
        let reread = read(again.as_bytes()).unwrap();
        assert_eq!(flat(&document), flat(&reread));
        // A draft made of it puts the same values in the same order.
        let drafted = Draft::of(&document).write().unwrap_or_else(|v| panic!("{}: {}", case["source"], v[0]));
        assert_eq!(flat(&document), flat(&read(drafted.as_bytes()).unwrap()), "{}", case["source"]);
        seen += 1;
    }
    assert!(seen > 0, "there are no valid cases");
}

fn flat(document: &meridian_iso20022::Document<'_>) -> Vec<(String, String, Option<String>)> {
    fn walk(element: meridian_iso20022::Element<'_, '_>, out: &mut Vec<(String, String, Option<String>)>) {
        let children: Vec<_> = element.children().collect();
        let text = if element.is_any() {
            element.raw()
        } else if children.is_empty() {
            element.text()
        } else {
            ""
        };
        out.push((element.name().to_owned(), text.to_owned(), element.currency().map(str::to_owned)));
        children.into_iter().for_each(|child| walk(child, out));
    }
    let mut out = Vec::new();
    walk(document.root(), &mut out);
    out
}
