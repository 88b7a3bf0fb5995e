//! What is read and written again is canonically the same (Canonical XML 1.0), as libxml2's xmllint sees it.

use std::io::Write;
use std::process::{Command, Stdio};

use meridian_iso20022::{Draft, parts, read};

/// The canonical form of many documents at once: each in a file of its own, one xmllint for all would mix them up.
fn canonical(xml: &str) -> Option<Vec<u8>> {
    let mut child = Command::new("xmllint")
        .args(["--nonet", "--c14n", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .ok()?;
    child.stdin.take().unwrap().write_all(xml.as_bytes()).unwrap();
    let done = child.wait_with_output().unwrap();
    assert!(done.status.success(), "xmllint refuses what was written:\n{xml}");
    Some(done.stdout)
}

#[test]
fn every_valid_sample_written_again_is_canonically_identical() {
    let Some(root) = meridian_testdata::find("iso20022/samples") else { return };
    if canonical("<a/>").is_none() {
        println!("skipped: no xmllint (Debian: libxml2-utils)");
        return;
    }
    let mut seen = 0;
    for message in std::fs::read_dir(root).unwrap() {
        let Ok(files) = std::fs::read_dir(message.unwrap().path().join("valid")) else { continue };
        for file in files.map(|file| file.unwrap().path()) {
            let Ok(found) = parts(&std::fs::read(&file).unwrap()) else { continue };
            for part in found {
                let Ok(document) = read(part.xml.as_bytes()) else { continue };
                let (before, after) = (canonical(&part.xml), canonical(&document.write()));
                assert_eq!(before, after, "{}", file.display());
                seen += 1;
            }
        }
    }
    assert!(seen > 400, "only {seen} documents were compared");
}

/// Everything this crate writes from business terms, libxml2 validates against the published schema.
#[test]
fn what_is_drafted_validates_against_the_published_schema() {
    let (Some(schemas), Some(root)) =
        (meridian_testdata::find("iso20022/xsd"), meridian_testdata::find("iso20022/samples"))
    else {
        return;
    };
    if canonical("<a/>").is_none() {
        println!("skipped: no xmllint (Debian: libxml2-utils)");
        return;
    }
    let scratch = tempfile::tempdir().unwrap();
    let mut by_message = std::collections::BTreeMap::<String, Vec<std::path::PathBuf>>::new();
    for message in std::fs::read_dir(root).unwrap() {
        let Ok(files) = std::fs::read_dir(message.unwrap().path().join("valid")) else { continue };
        for file in files.map(|file| file.unwrap().path()) {
            let Ok(found) = parts(&std::fs::read(&file).unwrap()) else { continue };
            for part in found {
                let Ok(document) = read(part.xml.as_bytes()) else { continue };
                let written = Draft::of(&document).write().unwrap();
                let drafts = by_message.entry(document.message().to_owned()).or_default();
                let path = scratch.path().join(format!("{}-{}.xml", document.message(), drafts.len()));
                std::fs::write(&path, written).unwrap();
                drafts.push(path);
            }
        }
    }
    let mut seen = 0;
    for (message, drafts) in by_message {
        let schema = schemas.join(format!("{message}.xsd"));
        if !schema.exists() {
            continue;
        }
        let done = Command::new("xmllint")
            .args(["--nonet", "--noout", "--schema"])
            .arg(&schema)
            .args(&drafts)
            .output()
            .unwrap();
        assert!(done.status.success(), "{message}: {}", String::from_utf8_lossy(&done.stderr));
        seen += drafts.len();
    }
    assert!(seen > 400, "only {seen} drafts were validated");
}

/// Content of `xs:any` that uses a prefix, or a default namespace, declared further out keeps its meaning in a draft.
#[test]
fn what_inherits_its_namespace_takes_it_along() {
    let plain = concat!(
        "<Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:pacs.028.001.03\" xmlns:x=\"urn:x\" xmlns:unused=\"urn:u\">",
        "<FIToFIPmtStsReq><GrpHdr><MsgId>A</MsgId><CreDtTm>2026-03-20T09:00:00Z</CreDtTm></GrpHdr>",
        "<SplmtryData><Envlp><x:Own a=\"1\"><x:In>1</x:In></x:Own></Envlp></SplmtryData></FIToFIPmtStsReq></Document>"
    );
    let prefixed = concat!(
        "<p:Document xmlns:p=\"urn:iso:std:iso:20022:tech:xsd:pacs.028.001.03\" xmlns=\"urn:y\">",
        "<p:FIToFIPmtStsReq><p:GrpHdr><p:MsgId>A</p:MsgId><p:CreDtTm>2026-03-20T09:00:00Z</p:CreDtTm></p:GrpHdr>",
        "<p:SplmtryData><p:Envlp><Own/></p:Envlp></p:SplmtryData></p:FIToFIPmtStsReq></p:Document>"
    );
    for (xml, expected) in
        [(plain, "<x:Own xmlns:x=\"urn:x\" a=\"1\">"), (prefixed, "<Own xmlns=\"urn:y\"/>")]
    {
        let document = read(xml.as_bytes()).unwrap();
        let drafted = Draft::of(&document).write().unwrap_or_else(|violations| panic!("{}", violations[0]));
        assert!(drafted.contains(expected), "{drafted}");
        assert!(!drafted.contains("unused"), "{drafted}");
    }
}
