//! Clearing files in and out.

use meridian_cards::clearing::{Presentment, outgoing, read, write};
use meridian_cards::*;
use meridian_terms::{Currency, Money};

use crate::world::{World, a, b, number};

fn record(request: &Request, minor: i128) -> Presentment {
    Presentment {
        key: request.key.clone(),
        last_four: request.card.last_four,
        kind: request.kind,
        amount: Money::new(minor, Currency::RUB),
        approval: "A1B2C3".into(),
    }
}

fn take(world: &mut World, file: &str, text: &str) -> Vec<String> {
    let mut said = Vec::new();
    for (line, record) in read(text) {
        let outcome = record.and_then(|record| {
            let file = file.into();
            world.ask(Command::Present { from: a(), file, line, presentment: Box::new(record) })
        });
        said.push(match outcome {
            Ok(Event::Presented { bill: Some(_), .. }) => "posted".to_owned(),
            Ok(Event::Presented { .. }) => "matched".to_owned(),
            Ok(Event::PresentmentKept { refusal, .. }) | Err(refusal) => refusal.code.to_string(),
            Ok(other) => panic!("{other:?}"),
        });
    }
    said
}

#[test]
fn each_record_is_matched_once_and_what_does_not_match_is_kept() {
    let mut world = World::new();
    let requests: Vec<Request> = (1..=5)
        .map(|stan| Request {
            flow: if stan == 5 { Flow::Single } else { Flow::Dual },
            ..world.request(stan, 150_000)
        })
        .collect();
    for request in &requests {
        world.does(world.asking(request, &number(1)));
        world.does(world.answering(request, "00"));
    }
    world.does(Command::Reverse { from: a(), original: requests[3].key.clone(), remaining: None });
    let unknown = world.request(99, 150_000);
    let file = write(&[
        record(&requests[0], 150_000),
        record(&requests[1], 140_000),
        record(&requests[2], 150_001),
        record(&requests[3], 150_000),
        record(&requests[4], 150_000),
        record(&unknown, 150_000),
        record(&requests[0], 150_000),
        Presentment { approval: "WRONG1".into(), ..record(&requests[2], 150_000) },
    ]);
    let expected = [
        "posted",
        "posted",
        "cards.over_amount",
        "cards.not_held",
        "matched",
        "cards.unknown_transaction",
        "cards.presented_before",
        "cards.approval_differs",
    ];
    assert_eq!(take(&mut world, "A-2026-11-24", &file), expected);
    assert_eq!(world.state.exceptions().len(), 5);
    let positions = world.position("ALPHA", Currency::RUB);
    // The same file again moves nothing.
    let again = take(&mut world, "A-2026-11-24", &file);
    assert_eq!(again[..2], ["cards.presented_before", "cards.presented_before"]);
    assert_eq!(world.position("ALPHA", Currency::RUB), positions);

    let out = outgoing(&world.state, &b(), world.at.day());
    let lines: Vec<Presentment> = read(&out).map(|(_, record)| record.unwrap()).collect();
    assert_eq!(lines.len(), 3);
    assert!(lines.iter().any(|line| line.amount == Money::new(140_000, Currency::RUB)));
    assert!(out.contains(",7172839.80,IRR"), "{out}");
}

#[test]
fn a_bad_line_is_named_and_spoils_no_other() {
    let good = write(&[record(&World::new().request(1, 1), 100)]);
    let line = good.lines().nth(1).unwrap();
    let header = good.lines().next().unwrap();
    // text | what is said about which line
    let rows = [
        (format!("{header}\n{line},\n{line}\n"), "line 2: 13 columns, not 12"),
        (
            format!("{header}\r\n{}\r\n", line.replace("000001,", "1,")),
            "line 2: stan: \"1\" is not six digits",
        ),
        (
            format!("{header}\n{}\n", line.replace("purchase", "gift")),
            "line 2: kind: \"gift\" is not purchase, cash or refund",
        ),
        (format!("{line}\n"), "line 1 does not name the columns of a clearing file"),
    ];
    for (text, expected) in rows {
        let first = read(&text).find_map(|(_, record)| record.err()).unwrap();
        assert_eq!(first.what, expected);
    }
    assert_eq!(read(&format!("{header}\n{line},\n{line}\n")).filter(|(_, record)| record.is_ok()).count(), 1);
}
